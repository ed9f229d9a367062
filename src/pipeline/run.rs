//! Runs an experiment: every replicate, into its folder.

use std::path::Path;

use super::context::Context;
use super::error::{RunError, chain};
use super::event::Event;
use super::experiment::Experiment;
use super::log::Log;
use super::products::{Replicate, Summary};
use super::publish::{Results, differing};
use super::replicate::{Run, Samples};
use super::source::Source;
use super::stage::Stages;
use crate::digest::sha256;
use crate::io;
use crate::store::{MANIFEST, Manifest};

/// The replicates of one experiment, which share its samples.
pub struct Replicates<'a> {
    experiment: &'a Experiment,
    context: &'a Context,
    samples: Samples,
    source: Option<Source>,
}

impl<'a> Replicates<'a> {
    /// None has run yet.
    #[must_use]
    pub fn of(experiment: &'a Experiment, context: &'a Context) -> Self {
        Self {
            experiment,
            context,
            samples: Samples::new(),
            source: None,
        }
    }

    /// Runs the replicate of this seed and puts its results in place.
    ///
    /// # Errors
    /// If the data set cannot be had, a stage fails, or results cannot be
    /// written; the results folder of the replicate then is what it was before,
    /// and its log tells why.
    pub fn run(&mut self, seed: u64, on_event: &dyn Fn(Event<'_>)) -> Result<Summary, RunError> {
        let name = &self.experiment.name;
        let log = Log::open(&self.context.out.join(name), seed)?;
        let tell = |event: Event<'_>| {
            if event.is_worth_a_line() {
                log.line(&event.to_string());
            }
            on_event(event);
        };
        tell(Event::Started { name, seed });
        let result = self.replicate(seed, &tell);
        if let Err(error) = &result {
            log.line(&format!("failed: {}", chain(error)));
        }
        let summary = result?;
        log.check()?;
        Ok(summary)
    }

    fn replicate(&mut self, seed: u64, tell: &dyn Fn(Event<'_>)) -> Result<Summary, RunError> {
        let (experiment, context) = (self.experiment, self.context);
        let mut usage = context.store.usage()?;
        // Results that cannot be written are better told now than after hours of training.
        drop(open(experiment, context, seed, tell)?);
        let mut source = match self.source.take() {
            Some(source) => source,
            None => Source::asked(experiment, context)?,
        };
        let replicate = loop {
            let stages = Stages::of(experiment, seed, &source, context.device_kind);
            usage.add(stages.all().map(|stage| &stage.key))?;
            let run = Run {
                experiment,
                context,
                source: &source,
                seed,
                samples: &self.samples,
                tell,
            };
            match run.replicate() {
                Err(RunError::StandsIn(reason)) => {
                    tell(Event::StandsIn(&reason));
                    source = Source::stand_in(experiment, reason);
                }
                result => break result?,
            }
        };
        self.source = Some(source);
        publish(experiment, context, &replicate, tell)?;
        Ok(replicate.summary(experiment))
    }
}

fn publish(
    experiment: &Experiment,
    context: &Context,
    replicate: &Replicate,
    tell: &dyn Fn(Event<'_>),
) -> Result<(), RunError> {
    let products = replicate.products(experiment, context.device_kind.name())?;
    let results = open(experiment, context, replicate.seed, tell)?;
    let differing = differing(results.place(), &products);
    if differing.is_empty() {
        tell(Event::UpToDate(results.place()));
        return Ok(());
    }
    warn(results.place(), &differing, replicate.made == 0, tell);
    results.replace(&products)?;
    tell(Event::Finished(results.place()));
    Ok(())
}

fn open(
    experiment: &Experiment,
    context: &Context,
    seed: u64,
    tell: &dyn Fn(Event<'_>),
) -> Result<Results, RunError> {
    let parent = context.out.join(&experiment.name);
    let on_wait = |path: &Path, holder: &str| tell(Event::Waiting { path, holder });
    Results::open(&parent, seed, &context.locking(&on_wait))
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
    let Ok(manifest) = Manifest::read(place) else {
        return damaged(MANIFEST, "not the manifest of a run");
    };
    for name in differing.iter().filter(|name| **name != MANIFEST) {
        let recorded = manifest.outputs.get(*name);
        match (io::read(&place.join(name)), recorded) {
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
