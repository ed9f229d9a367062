//! Runs a replicate of an experiment, into its folder.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Mutex;

use super::context::Context;
use super::error::{RunError, chain};
use super::event::Event;
use super::experiment::Experiment;
use super::log::Log;
use super::products::{Products, Replicate};
use super::publish::{Results, differing};
use super::replicate::Run;
use super::shared::lock;
use super::source::Source;
use super::stage::Stages;
use crate::digest::sha256;
use crate::io;
use crate::store::{MANIFEST, place, recorded};

/// The replicates of one experiment, which share its samples.
pub struct Replicates<'a> {
    experiment: &'a Experiment,
    context: &'a Context,
    /// What the replicate before found out.
    source: Mutex<Option<Source>>,
}

impl<'a> Replicates<'a> {
    /// None has run yet.
    #[must_use]
    pub fn of(experiment: &'a Experiment, context: &'a Context) -> Self {
        Self {
            experiment,
            context,
            source: Mutex::new(None),
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
            let replicate = self.replicate(seed, true, tell)?;
            let device = self.context.device_of(self.experiment);
            let products = replicate.products(self.experiment, device)?;
            publish(self.context, &place, &products, replicate.made == 0, tell)?;
            Ok(replicate.without_weights())
        })
    }

    /// Runs the replicate of this seed for the study of that name, which sets it
    /// beside others: its results are put nowhere, and the log of the study tells
    /// of it.
    ///
    /// # Errors
    /// As [`Replicates::run`].
    pub fn run_for(
        &self,
        study: &str,
        seed: u64,
        on_event: &dyn Fn(Event<'_>),
    ) -> Result<Replicate, RunError> {
        let parent = self.context.out.join(study);
        let log = Log::open(&parent, SUMMARY)?;
        let name = &self.experiment.name;
        let tell = |event: Event<'_>| {
            // Several write into it at a time.
            if event.is_worth_a_line() {
                log.line(&format!("{name}, seed {seed}: {event}"));
            }
            on_event(event);
        };
        let result = self.replicate(seed, false, &tell);
        if let Err(error) = &result {
            log.line(&format!("{name}, seed {seed}: failed: {}", chain(error)));
        }
        let replicate = result?;
        log.check()?;
        Ok(replicate.without_weights())
    }

    fn replicate(
        &self,
        seed: u64,
        draws: bool,
        tell: &dyn Fn(Event<'_>),
    ) -> Result<Replicate, RunError> {
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
            let all = Stages::of(experiment, seed, &source, context.device_of(experiment));
            let stages = if draws { all } else { all.without_figures() };
            usage.add(stages.all().map(|stage| &stage.key))?;
            let run = Run {
                experiment,
                context,
                source: &source,
                seed,
                stages,
                dataset: OnceCell::new(),
                tell,
            };
            match run.replicate() {
                Err(RunError::StandsIn(reason)) if context.may_fall_back => {
                    tell(Event::StandsIn(&reason));
                    source = Source::stand_in(experiment, reason);
                }
                result => break result?,
            }
        };
        *lock(&self.source) = Some(source);
        Ok(replicate)
    }
}

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
    let result = run(&tell);
    if let Err(error) = &result {
        log.line(&format!("failed: {}", chain(error)));
    }
    let done = result?;
    log.check()?;
    Ok(done)
}

/// Puts results into their folder, if it does not show them yet.
pub fn publish(
    context: &Context,
    place: &Path,
    products: &Products,
    nothing_made: bool,
    tell: &dyn Fn(Event<'_>),
) -> Result<(), RunError> {
    let results = open(context, place, tell)?;
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
