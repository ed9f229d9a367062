//! Which entries of the store somebody may still want.

use std::collections::BTreeSet;

use super::context::Context;
use super::error::RunError;
use super::experiment::Experiment;
use super::source::Source;
use super::stage::Stages;
use crate::model::DeviceKind;
use crate::report::seeds;
use crate::store::{Cleaned, Key, Manifest, place};

/// Removes what no experiment refers to, or only tells with `dry_run`. An
/// experiment refers to all stages of its seeds on every kind of device, on the
/// samples asked for and on those that may stand in; and to whatever its
/// results, of whichever seed, were made of.
///
/// # Errors
/// If data files or manifests are unreadable, so that nobody knows what is
/// referred to, or the store cannot be changed.
pub fn clean(
    experiments: &[Experiment],
    context: &Context,
    dry_run: bool,
) -> Result<Cleaned, RunError> {
    let mut keep = BTreeSet::new();
    for experiment in experiments {
        let mut sources = vec![Source::asked(experiment, context)?];
        if experiment.spec.data.stand_in.is_some() {
            sources.push(Source::stand_in(experiment, String::new()));
        }
        for source in &sources {
            for &seed in &experiment.spec.seeds {
                for device in DeviceKind::ALL {
                    let stages = Stages::of(experiment, seed, source, device);
                    keep.extend(stages.all().map(|stage| stage.key.clone()));
                }
            }
        }
        keep.extend(published(experiment, context)?);
    }
    Ok(context.store.clean(&keep, dry_run)?)
}

/// The keys in the manifests of an experiment's results.
fn published(experiment: &Experiment, context: &Context) -> Result<Vec<Key>, RunError> {
    let folder = context.out.join(&experiment.name);
    let mut keys = Vec::new();
    for seed in seeds(&folder).unwrap_or_default() {
        let manifest = Manifest::read(&place(&folder, seed))?;
        keys.extend(manifest.stages.into_iter().map(|stage| stage.key));
    }
    Ok(keys)
}
