//! Runs a replicate of an experiment, into its folder.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::context::Context;
use super::error::{RunError, chain};
use super::event::Event;
use super::experiment::Experiment;
use super::log::Log;
use super::panics::caught;
use super::publish::files::{Products, Replicate};
use super::publish::folder::{Results, differing};
use super::publish::manifest::spec;
use super::replicate::{Run, tell_data, tell_unsettled};
use super::shared::lock;
use super::source::Source;
use super::stage::Stages;
use super::study::published::brief;
use crate::digest::sha256;
use crate::io;
use crate::report::{SpecDifference, differences};
use crate::store::{MANIFEST, Manifest, place, recorded};

/// The replicates of one experiment, which share its samples.
pub struct Replicates<'a> {
    experiment: &'a Experiment,
    context: &'a Context,
    /// What the replicate before found out.
    source: Mutex<Option<Source>>,
    /// True once the fallback data set is reported.
    told: AtomicBool,
}

impl<'a> Replicates<'a> {
    /// None has run yet.
    #[must_use]
    pub fn of(experiment: &'a Experiment, context: &'a Context) -> Self {
        Self {
            experiment,
            context,
            source: Mutex::new(None),
            told: AtomicBool::new(false),
        }
    }

    /// Returns the replicate of this seed if its results are up to date, without computing
    /// or writing anything.
    #[must_use]
    pub fn up_to_date(&self, seed: u64, on_event: &dyn Fn(Event<'_>)) -> Option<Replicate> {
        let (experiment, context) = (self.experiment, self.context);
        let source = self.source_as_it_is(seed, on_event)?;
        let stages = Stages::of(experiment, seed, &source, context.device_of(experiment));
        let run = Run {
            only_looks: true,
            ..self.prepared(seed, &source, stages, &|_| {})
        };
        let replicate = run.replicate().ok()?;
        let products = replicate.products(experiment, context).ok()?;
        let place = place(&context.out.join(&experiment.name), seed);
        if !differing(&place, &products).is_empty() {
            return None;
        }
        Results::tidy(&place);
        let name = &experiment.name;
        on_event(Event::Started { name, seed });
        self.tell_stand_in(&source, on_event);
        tell_data(experiment, &replicate.data, on_event);
        for inverse in &replicate.inverses {
            tell_unsettled(&inverse.name, &inverse.solutions, on_event);
        }
        on_event(Event::UpToDate(&place));
        Some(replicate)
    }

    /// Returns the data set that a run would use. If files are missing, only an attempt to
    /// get them shows whether the fallback is used; none if they can be had.
    fn source_as_it_is(&self, seed: u64, on_event: &dyn Fn(Event<'_>)) -> Option<Source> {
        let (experiment, context) = (self.experiment, self.context);
        if let Some(known) = lock(&self.source).clone() {
            return Some(known);
        }
        let asked = Source::asked(experiment, context).ok()?;
        if !asked.absent {
            return Some(asked);
        }
        let stages = Stages::of(experiment, seed, &asked, context.device_of(experiment));
        let attempt = self.prepared(seed, &asked, stages, on_event).dataset();
        let Err(RunError::StandsIn(reason)) = attempt else {
            return None;
        };
        if !context.may_fall_back {
            return None;
        }
        let source = Source::stand_in(experiment, reason);
        *lock(&self.source) = Some(source.clone());
        Some(source)
    }

    /// Reports, once, why the fallback data set is used.
    fn tell_stand_in(&self, source: &Source, tell: &dyn Fn(Event<'_>)) {
        if let Some(reason) = &source.stand_in
            && !self.told.swap(true, Ordering::Relaxed)
        {
            tell(Event::StandsIn(reason));
        }
    }

    /// Runs the replicate of this seed and puts its results in place, with a log
    /// beside them.
    ///
    /// # Errors
    /// If the data set cannot be had, a stage fails, or results cannot be
    /// written; the results folder of the replicate then is what it was before,
    /// and its log tells why.
    pub fn run(&self, seed: u64, on_event: &dyn Fn(Event<'_>)) -> Result<Replicate, RunError> {
        let parent = self.context.out.join(&self.experiment.name);
        let place = place(&parent, seed);
        logged(&parent, &format!("seed-{seed}"), on_event, |tell| {
            // Results that cannot be written are better told now than after hours
            // of training.
            drop(open(self.context, &place, tell)?);
            self.tell_changes(&place, seed, tell)?;
            let replicate = self.replicate(seed, tell)?;
            let products = replicate.products(self.experiment, self.context)?;
            let results = open(self.context, &place, tell)?;
            publish(&results, &products, replicate.made == 0, tell)?;
            Ok(replicate)
        })
    }

    /// Warns if the published results were made with other settings.
    fn tell_changes(
        &self,
        place: &Path,
        seed: u64,
        tell: &dyn Fn(Event<'_>),
    ) -> Result<(), RunError> {
        let Ok(before) = Manifest::read(place) else {
            return Ok(());
        };
        let changes = changes(&before.spec, &spec(self.experiment, seed)?);
        if !changes.is_empty() {
            let changes = &changes;
            tell(Event::Replaces { place, changes });
        }
        Ok(())
    }

    fn replicate(&self, seed: u64, tell: &dyn Fn(Event<'_>)) -> Result<Replicate, RunError> {
        let (experiment, context) = (self.experiment, self.context);
        tell(Event::Started {
            name: &experiment.name,
            seed,
        });
        let mut usage = context.store.usage()?;
        let known = lock(&self.source).clone();
        let mut source = match known {
            Some(source) => source,
            None => Source::asked(experiment, context)?,
        };
        let replicate = loop {
            let stages = Stages::of(experiment, seed, &source, context.device_of(experiment));
            usage.add(stages.all().map(|stage| &stage.key))?;
            self.tell_stand_in(&source, tell);
            match self.prepared(seed, &source, stages, tell).replicate() {
                Err(RunError::StandsIn(reason)) if context.may_fall_back => {
                    source = Source::stand_in(experiment, reason);
                }
                result => break result?,
            }
        };
        *lock(&self.source) = Some(source);
        Ok(replicate)
    }

    fn prepared<'b>(
        &'b self,
        seed: u64,
        source: &'b Source,
        stages: Stages,
        tell: &'b dyn Fn(Event<'_>),
    ) -> Run<'b> {
        Run {
            experiment: self.experiment,
            context: self.context,
            source,
            seed,
            stages,
            dataset: OnceCell::new(),
            only_looks: false,
            tell,
        }
    }
}

/// List of the first changed keys, with both values; seeds and tolerances aside.
fn changes(before: &Map<String, Value>, now: &Map<String, Value>) -> String {
    let mut found = differences(before, now);
    found.retain(|change| !["seeds", "verify"].contains(&change.section()));
    let change = |one: &SpecDifference| {
        let (was, is) = (brief(one.a.as_ref()), brief(one.b.as_ref()));
        format!("`{}` {was} -> {is}", one.key)
    };
    let mut told: Vec<String> = found.iter().take(MAX_CHANGES).map(change).collect();
    if found.len() > MAX_CHANGES {
        told.push(format!("and {} more", found.len() - MAX_CHANGES));
    }
    told.join(", ")
}

/// Maximum number of keys in a warning.
const MAX_CHANGES: usize = 3;

/// The name of the folder, and of the log, of what all replicates say together.
pub const SUMMARY: &str = "summary";

/// Runs something with a log of what it tells, `parent/name.log`.
pub fn logged<T>(
    parent: &Path,
    name: &str,
    on_event: &dyn Fn(Event<'_>),
    run: impl FnOnce(&dyn Fn(Event<'_>)) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let log = Log::open(parent, name)?;
    let tell = |event: Event<'_>| {
        if event.is_worth_a_line() {
            log.line(&event.to_string());
        }
        on_event(event);
    };
    let result = caught(|| run(&tell));
    if let Err(error) = &result {
        log.line(&format!("failed: {}", chain(error)));
    }
    let done = result?;
    log.check()?;
    Ok(done)
}

/// Puts results into their folder, if it does not show them yet.
pub fn publish(
    results: &Results,
    products: &Products,
    nothing_made: bool,
    tell: &dyn Fn(Event<'_>),
) -> Result<(), RunError> {
    let differing = differing(results.place(), products);
    if differing.is_empty() {
        tell(Event::UpToDate(results.place()));
        return Ok(());
    }
    warn(results.place(), &differing, nothing_made, tell);
    results.replace(products)?;
    tell(Event::Finished(results.place()));
    Ok(())
}

/// Becomes the one who writes results in this place.
pub fn open(
    context: &Context,
    place: &Path,
    tell: &dyn Fn(Event<'_>),
) -> Result<Results, RunError> {
    let on_wait = |path: &Path, holder: &str| tell(Event::Waiting { path, holder });
    Results::open(place, &context.locking(&on_wait))
}

/// Tells of results that are not as the run left them that wrote them.
fn warn(place: &Path, differing: &[&str], nothing_made: bool, tell: &dyn Fn(Event<'_>)) {
    let damaged = |name: &str, fault| {
        let path = place.join(name);
        tell(Event::Damaged { path: &path, fault });
    };
    if !place.exists() {
        return;
    }
    let Ok(recorded) = recorded(place) else {
        return damaged(MANIFEST, "not the manifest of a run");
    };
    for name in differing.iter().filter(|name| **name != MANIFEST) {
        match (io::read(&place.join(name)), recorded.get(*name)) {
            (Err(_), Some(_)) => damaged(name, "missing or not readable"),
            (Ok(bytes), Some(digest)) if sha256([&bytes[..]]) != *digest => {
                damaged(name, "altered");
            }
            // Times are in no manifest; they change when a stage is made.
            (_, None) if nothing_made && !differing.contains(&MANIFEST) => {
                damaged(name, "altered");
            }
            _ => {}
        }
    }
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
