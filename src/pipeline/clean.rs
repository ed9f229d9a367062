//! Which entries of the store somebody may still want.

use std::collections::BTreeSet;

use super::batch::Job;
use super::context::Context;
use super::error::RunError;
use super::experiment::{Experiment, Study};
use super::graph::Graph;
use super::publish::folder::tidy_below;
use super::run::SUMMARY;
use super::source::Source;
use super::study::graph::{ShownReplicate, figure_stage};
use crate::config::DeviceKind;
use crate::io;
use crate::report::published_seeds;
use crate::store::{Cleaned, Key, Manifest, StudyManifest, place};

/// Removes what no study refers to, or only lists it with `dry_run`; `on_job` is told of
/// each replicate whose references are looked up. A study refers
/// to all stages of its experiments and seeds on every kind of device, on the
/// samples asked for and on those that may stand in; and to whatever its
/// results, of whichever seed, were made of.
///
/// # Errors
/// If data files or manifests are unreadable, so that it is unknown what is referred to, or
/// the store cannot be changed.
pub fn clean(
    studies: &[Study],
    context: &Context,
    dry_run: bool,
    on_job: &dyn Fn(Job<'_>),
) -> Result<Cleaned, RunError> {
    let mut keep = BTreeSet::new();
    for study in studies {
        for stands_in in [false, true] {
            for device in DeviceKind::ALL {
                keep.extend(keys(study, context, device, stands_in, on_job)?);
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

/// The keys of all stages of a study on a kind of device, with the samples asked
/// for or with those that may stand in.
fn keys(
    study: &Study,
    context: &Context,
    device: DeviceKind,
    stands_in: bool,
    on_job: &dyn Fn(Job<'_>),
) -> Result<Vec<Key>, RunError> {
    let mut all: Vec<(usize, u64, Graph)> = Vec::new();
    for (member, experiment) in study.members.iter().enumerate() {
        let may_stand_in = experiment.spec.data.stand_in.is_some();
        let source = if stands_in && may_stand_in {
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

/// The keys in the manifests of an experiment's results.
fn published(experiment: &Experiment, context: &Context) -> Result<Vec<Key>, RunError> {
    let folder = context.out.join(&experiment.name);
    let mut keys = Vec::new();
    for seed in published_seeds(&folder)? {
        let manifest = Manifest::read(&place(&folder, seed))?;
        keys.extend(manifest.stages.into_iter().map(|stage| stage.key));
    }
    Ok(keys)
}
