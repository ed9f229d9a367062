//! Runs an experiment: every replicate, into its folder.

use std::path::PathBuf;
use std::time::Instant;

use super::error::RunError;
use super::event::Event;
use super::experiment::Experiment;
use super::manifest::Manifest;
use super::outputs::Staging;
use super::products::{Product, Replicate, Summary, Timing};
use super::replicate::replicate;
use crate::data::{DataError, Dataset, Loader, Received};
use crate::model::{Device, DeviceKind};
use crate::table::to_csv;
use crate::train::Setup;

/// What all experiments of one command share.
#[derive(Debug)]
pub struct Context {
    /// Where results go: `OUT/NAME/seed-N`.
    pub out: PathBuf,
    /// Finds and fetches data.
    pub loader: Loader,
    /// What to compute on.
    pub device_kind: DeviceKind,
    /// The device of that kind.
    pub device: Device,
}

/// A data set, its digest, and how long it took to get.
struct Loaded {
    dataset: Dataset,
    digest: String,
    timing: Timing,
}

/// Runs every replicate of an experiment. The results of each are in place
/// before the next begins.
///
/// # Errors
/// If the data set cannot be had, a stage fails, or results cannot be written;
/// the results folder of that replicate then is what it was before.
pub fn run(
    experiment: &Experiment,
    context: &Context,
    on_event: &dyn Fn(Event<'_>),
) -> Result<Vec<Summary>, RunError> {
    let mut loaded = None;
    let mut summaries = Vec::new();
    for &seed in &experiment.spec.seeds {
        let parent = context.out.join(&experiment.name);
        // Before the data set: a folder that cannot be written to is told at once.
        let mut staging = Staging::begin(&parent, &format!("seed-{seed}"))?;
        let loaded = match &mut loaded {
            Some(loaded) => &*loaded,
            none => none.insert(load(experiment, context, on_event)?),
        };
        let replicate = logged(
            experiment,
            context,
            seed,
            &loaded.dataset,
            &mut staging,
            on_event,
        )?;
        write(experiment, context, loaded, &replicate, &staging)?;
        on_event(Event::Finished(&staging.finish()?));
        summaries.push(replicate.summary);
    }
    Ok(summaries)
}

fn load(
    experiment: &Experiment,
    context: &Context,
    on_event: &dyn Fn(Event<'_>),
) -> Result<Loaded, DataError> {
    let start = Instant::now();
    let (data, folder) = (&experiment.spec.data, &experiment.folder);
    let on_bytes = |received: Received<'_>| on_event(Event::Received(received));
    let dataset = context.loader.load(data, folder, &on_bytes)?;
    let digest = dataset.digest();
    let seconds = start.elapsed().as_secs_f64();
    Ok(Loaded {
        dataset,
        digest,
        timing: Timing {
            stage: "data",
            seconds,
        },
    })
}

/// One replicate, every event of which also goes to its log.
fn logged(
    experiment: &Experiment,
    context: &Context,
    seed: u64,
    dataset: &Dataset,
    staging: &mut Staging,
    on_event: &dyn Fn(Event<'_>),
) -> Result<Replicate, RunError> {
    let setup = Setup {
        model: &experiment.spec.model,
        train: &experiment.spec.train,
        dataset,
        seed,
        device: &context.device,
    };
    let mut log_fault = None;
    let mut tell = |event: Event<'_>| {
        if let Err(fault) = staging.log(&event.to_string()) {
            log_fault.get_or_insert(fault);
        }
        on_event(event);
    };
    let name = &experiment.name;
    tell(Event::Started { name, seed });
    tell(Event::Data(dataset));
    let replicate = replicate(experiment, &setup, &mut tell)?;
    match log_fault {
        Some(fault) => Err(fault.into()),
        None => Ok(replicate),
    }
}

/// Writes all products, the times, and last the manifest.
fn write(
    experiment: &Experiment,
    context: &Context,
    loaded: &Loaded,
    replicate: &Replicate,
    staging: &Staging,
) -> Result<(), RunError> {
    for product in &replicate.products {
        staging.write(product)?;
    }
    let timings: Vec<&Timing> = [&loaded.timing]
        .into_iter()
        .chain(&replicate.timings)
        .collect();
    staging.write(&Product::new("timings.csv", to_csv(&timings)?))?;
    let manifest = Manifest::new(
        experiment,
        replicate.summary.seed,
        (&loaded.dataset, &loaded.digest),
        context.device_kind.name(),
        &replicate.products,
    );
    let mut json = serde_json::to_vec_pretty(&manifest)?;
    json.push(b'\n');
    staging.write(&Product::new("manifest.json", json))?;
    Ok(())
}
