//! Runs replicates of an experiment, each into its folder.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::context::Context;
use super::error::{RunError, chain};
use super::event::{Emit, Event};
use super::experiment::Experiment;
use super::log::Log;
use super::panics::caught;
use super::publish::folder::{ResultsFolder, differing};
use super::publish::manifest::spec;
use super::replicate::{Replicate, ReplicateWalk, report_convergence, report_data, report_drawn};
use super::samples::LazyDataset;
use super::shared::lock;
use super::source::Source;
use super::study::published::brief;
use crate::report::{SpecDifference, run_differences};
use crate::store::{Manifest, place};

/// Runner of the replicates of one experiment, which share its samples.
pub struct ExperimentRunner<'a> {
    experiment: &'a Experiment,
    context: &'a Context,
    /// Source that an earlier replicate used.
    source: Mutex<Option<Source>>,
    /// True once the fallback data set is reported.
    is_fallback_reported: AtomicBool,
}

impl<'a> ExperimentRunner<'a> {
    pub fn new(experiment: &'a Experiment, context: &'a Context) -> Self {
        Self {
            experiment,
            context,
            source: Mutex::new(None),
            is_fallback_reported: AtomicBool::new(false),
        }
    }

    /// Returns the replicate of this seed if its results are up to date, without computing
    /// or writing anything.
    pub fn up_to_date(&self, seed: u64, on_event: Emit<'_>) -> Option<Replicate> {
        let (experiment, context) = (self.experiment, self.context);
        let source = self.known_source(on_event)?;
        let walk = ReplicateWalk::new(experiment, context, &source, seed, &|_| {});
        let replicate = walk.replicate(walk.runner().store_only()).ok()?;
        let files = replicate.files(experiment, context).ok()?;
        let place = place(&context.out.join(&experiment.name), seed);
        if !differing(&place, &files).is_empty() {
            return None;
        }
        ResultsFolder::tidy(&place);
        let name = &experiment.name;
        on_event(Event::Started { name, seed });
        self.report_fallback(&source, on_event);
        report_data(experiment, &replicate.data, on_event);
        report_drawn(&replicate.trained, on_event);
        for inverse in &replicate.inverses {
            report_convergence(&inverse.name, &inverse.solutions, on_event);
        }
        on_event(Event::UpToDate(&place));
        Some(replicate)
    }

    /// Returns the source that a run would use. If files are missing, only an attempt to
    /// download them shows whether the fallback is used; none if the download succeeds.
    fn known_source(&self, on_event: Emit<'_>) -> Option<Source> {
        let (experiment, context) = (self.experiment, self.context);
        if let Some(known) = lock(&self.source).clone() {
            return Some(known);
        }
        let requested = Source::requested(experiment, context).ok()?;
        if !requested.absent {
            return Some(requested);
        }
        let attempt = LazyDataset::new(experiment, context, &requested, on_event).load();
        let Err(RunError::Fallback(reason)) = attempt else {
            return None;
        };
        if !context.may_fall_back {
            return None;
        }
        let source = Source::fallback(experiment, reason);
        *lock(&self.source) = Some(source.clone());
        Some(source)
    }

    /// Reports, once, why the fallback data set is used.
    fn report_fallback(&self, source: &Source, emit: Emit<'_>) {
        if let Some(reason) = &source.fallback
            && !self.is_fallback_reported.swap(true, Ordering::Relaxed)
        {
            emit(Event::Fallback(reason));
        }
    }

    /// Runs the replicate of this seed and puts its results in place, with a log beside
    /// them.
    ///
    /// # Errors
    /// If the data set is unavailable, a stage fails, or results cannot be written; the
    /// results folder of the replicate is then unchanged, and its log has the reason.
    pub fn run(&self, seed: u64, on_event: Emit<'_>) -> Result<Replicate, RunError> {
        let parent = self.context.out.join(&self.experiment.name);
        let place = place(&parent, seed);
        logged(&parent, &format!("seed-{seed}"), on_event, |emit| {
            // Results that cannot be written are reported now, not after hours of training.
            drop(ResultsFolder::open(&place, self.context, emit)?);
            self.report_changes(&place, seed, emit)?;
            let replicate = self.replicate(seed, emit)?;
            let files = replicate.files(self.experiment, self.context)?;
            let results = ResultsFolder::open(&place, self.context, emit)?;
            results.publish(&files, replicate.computed == 0, emit)?;
            Ok(replicate)
        })
    }

    /// Warns if the published results have other settings.
    fn report_changes(&self, place: &Path, seed: u64, emit: Emit<'_>) -> Result<(), RunError> {
        let Ok(before) = Manifest::read(place) else {
            return Ok(());
        };
        let changes = changes(&before.spec, &spec(self.experiment, seed)?);
        if !changes.is_empty() {
            let changes = &changes;
            emit(Event::Replaces { place, changes });
        }
        Ok(())
    }

    fn replicate(&self, seed: u64, emit: Emit<'_>) -> Result<Replicate, RunError> {
        let (experiment, context) = (self.experiment, self.context);
        let name = &experiment.name;
        emit(Event::Started { name, seed });
        let mut usage = context.store.usage()?;
        let known = lock(&self.source).clone();
        let mut source = match known {
            Some(source) => source,
            None => Source::requested(experiment, context)?,
        };
        let replicate = loop {
            let walk = ReplicateWalk::new(experiment, context, &source, seed, emit);
            usage.add(walk.graph.stages().map(|stage| &stage.key))?;
            self.report_fallback(&source, emit);
            match walk.replicate(walk.runner()) {
                Err(RunError::Fallback(reason)) if context.may_fall_back => {
                    source = Source::fallback(experiment, reason);
                }
                result => break result?,
            }
        };
        *lock(&self.source) = Some(source);
        Ok(replicate)
    }
}

/// Maximum number of keys in a warning about changed settings.
const MAX_CHANGES: usize = 3;

/// Lists the first changed keys, with both values.
fn changes(before: &Map<String, Value>, now: &Map<String, Value>) -> String {
    let found = run_differences(before, now);
    let change = |one: &SpecDifference| {
        let (was, is) = (brief(one.a.as_ref()), brief(one.b.as_ref()));
        format!("`{}` {was} -> {is}", one.key)
    };
    let mut listed: Vec<String> = found.iter().take(MAX_CHANGES).map(change).collect();
    if found.len() > MAX_CHANGES {
        listed.push(format!("and {} more", found.len() - MAX_CHANGES));
    }
    listed.join(", ")
}

/// Runs something with a log of its events, `parent/name.log`.
pub fn logged<T>(
    parent: &Path,
    name: &str,
    on_event: Emit<'_>,
    run: impl FnOnce(Emit<'_>) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let log = Log::open(parent, name)?;
    let emit = |event: Event<'_>| {
        if event.is_worth_a_line() {
            log.line(&event.to_string());
        }
        on_event(event);
    };
    let result = caught(|| run(&emit));
    if let Err(error) = &result {
        log.line(&format!("failed: {}", chain(error)));
    }
    let done = result?;
    log.check()?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_panics_fails_and_its_log_says_why() {
        let parent = tempfile::tempdir().unwrap();
        let error = logged::<()>(parent.path(), "seed-3", &|_| {}, |_| panic!("no such row"));
        let text = error.unwrap_err().to_string();
        assert!(text.starts_with("internal error: no such row"), "{text}");
        let log = std::fs::read_to_string(parent.path().join("seed-3.log")).unwrap();
        assert!(log.contains("failed: internal error: no such row"), "{log}");
    }
}
