//! Cleaning of the store: keeps the entries that a study refers to.

use std::collections::BTreeSet;

use super::context::Context;
use super::error::RunError;
use super::experiment::{Experiment, Study};
use super::graph::Graph;
use super::publish::folder::tidy_below;
use super::scheduler::Job;
use super::source::Source;
use super::study::graph::{ShownReplicate, figure_stage};
use crate::io;
use crate::model::DeviceKind;
use crate::report::published_seeds;
use crate::store::{Cleaned, Manifest, SUMMARY, StageKey, StudyManifest, place};

/// Removes entries that no study refers to, or only lists them with `dry_run`; `on_job` is
/// called for each replicate.
///
/// A study refers to all stages of its experiments and seeds on every kind of device, with
/// the data set it asks for and with the fallback; and to all stages in the manifests of
/// its results, whatever their seed.
///
/// # Errors
/// If data files or manifests are unreadable, so that references are unknown, or the store
/// cannot be changed.
pub fn clean(
    studies: &[Study],
    context: &Context,
    dry_run: bool,
    on_job: &dyn Fn(Job<'_>),
) -> Result<Cleaned, RunError> {
    let mut keep = BTreeSet::new();
    for study in studies {
        for with_fallback in [false, true] {
            for device in DeviceKind::ALL {
                keep.extend(keys(study, context, device, with_fallback, on_job)?);
            }
        }
        for experiment in &study.members {
            keep.extend(published(experiment, context)?);
        }
        let summary = context.out.join(&study.name).join(SUMMARY);
        if io::exists(&summary)? {
            let manifest = StudyManifest::read(&summary)?;
            keep.extend(manifest.stages.into_iter().map(|stage| stage.key));
        }
    }
    let cleaned = context.store.clean(&keep, dry_run)?;
    if !dry_run {
        tidy_below(&context.out);
    }
    Ok(cleaned)
}

/// Returns the keys of all stages of a study on a kind of device, with the data set that
/// specs ask for or with the fallback where they have one.
fn keys(
    study: &Study,
    context: &Context,
    device: DeviceKind,
    with_fallback: bool,
    on_job: &dyn Fn(Job<'_>),
) -> Result<Vec<StageKey>, RunError> {
    let mut all: Vec<(usize, u64, Graph)> = Vec::new();
    for (member, experiment) in study.members.iter().enumerate() {
        let source = if with_fallback && experiment.spec.data.stand_in.is_some() {
            Source::fallback(experiment, String::new())
        } else {
            Source::requested(experiment, context)?
        };
        for &seed in &experiment.spec.seeds {
            on_job(Job {
                name: &experiment.name,
                seed: Some(seed),
            });
            let graph = Graph::new(experiment, seed, &source, device);
            all.push((member, seed, graph));
        }
    }
    let shown: Vec<ShownReplicate<'_>> = all
        .iter()
        .map(|(member, seed, graph)| ShownReplicate::planned(*member, *seed, graph))
        .collect();
    let figures = study
        .figures
        .iter()
        .map(|figure| figure_stage(study, figure, &shown, &[]));
    let stages = all.iter().flat_map(|(_, _, graph)| graph.stages());
    Ok(stages
        .map(|stage| stage.key.clone())
        .chain(figures.map(|stage| stage.key))
        .collect())
}

/// Returns the keys in the manifests of an experiment's results.
fn published(experiment: &Experiment, context: &Context) -> Result<Vec<StageKey>, RunError> {
    let folder = context.out.join(&experiment.name);
    let mut keys = Vec::new();
    for seed in published_seeds(&folder)? {
        let manifest = Manifest::read(&place(&folder, seed))?;
        keys.extend(manifest.stages.into_iter().map(|stage| stage.key));
    }
    Ok(keys)
}
