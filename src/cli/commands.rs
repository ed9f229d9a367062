//! What the commands do.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::{Check, Data, DataCommand, Fetchable, How, Reproduce, Run};
use super::error::{self, Failure};
use super::progress::Progress;
use super::report;
use crate::data::Loader;
use crate::io;
use crate::model::{DeviceKind, open};
use crate::pipeline::{self, Context, Event, Experiment, Summary};
use crate::spec::LoadError;

/// `backquery run`: stops at the first failure.
///
/// # Errors
/// With that failure; a fault in any spec is found before any is run.
pub fn run(args: &Run) -> Result<(), Failure> {
    let experiments = load(&args.specs, &args.how)?;
    let context = context(&args.how)?;
    for experiment in &experiments {
        run_one(experiment, &context, args.how.quiet)?;
    }
    Ok(())
}

/// `backquery reproduce`: goes on after a failure.
///
/// # Errors
/// If a spec has faults, or at the end if a run failed.
pub fn reproduce(args: &Reproduce) -> Result<(), Failure> {
    let specs = specs_below(&args.folder)?;
    let experiments = load(&specs, &args.how)?;
    let context = context(&args.how)?;
    let mut failures = Vec::new();
    for experiment in &experiments {
        if let Err(failure) = run_one(experiment, &context, args.how.quiet) {
            error::print(&failure);
            failures.push((experiment.name.as_str(), failure.code()));
        }
    }
    match failures.first() {
        None => Ok(()),
        Some(&(_, code)) => {
            let names: Vec<&str> = failures.iter().map(|(name, _)| *name).collect();
            Err(Failure::Some {
                failed: failures.len(),
                all: experiments.len(),
                names: names.join(", "),
                code,
            })
        }
    }
}

/// `backquery check`.
///
/// # Errors
/// With all faults of all specs.
pub fn check(args: &Check) -> Result<(), Failure> {
    let mut specs = Vec::new();
    for path in &args.specs {
        if path.is_dir() {
            specs.extend(specs_below(path)?);
        } else {
            specs.push(path.clone());
        }
    }
    let experiments = load_all(&specs, &args.set)?;
    for (path, experiment) in specs.iter().zip(experiments) {
        let title = experiment.spec.title;
        say(&format!("{}: ok ({title})", path.display()));
    }
    Ok(())
}

/// `backquery data`.
///
/// # Errors
/// If a data set cannot be fetched.
pub fn data(args: &Data) -> Result<(), Failure> {
    match &args.command {
        DataCommand::Fetch {
            name: Fetchable::Mnist,
            data,
        } => {
            let loader = Loader::new(data.data_dir.as_deref());
            let progress = Progress::new(false);
            let folder =
                loader.fetch_mnist(&|received| progress.tell(Event::Received(received)))?;
            progress.clear();
            say(&format!(
                "mnist: all four files are in `{}` and official",
                folder.display()
            ));
        }
        DataCommand::List { data } => {
            say(&report::data_list(&Loader::new(data.data_dir.as_deref())));
        }
    }
    Ok(())
}

fn run_one(experiment: &Experiment, context: &Context, quiet: bool) -> Result<(), Failure> {
    let progress = Progress::new(quiet);
    let result = pipeline::run(experiment, context, &|event| progress.tell(event));
    progress.clear();
    let summaries: Vec<Summary> =
        result.map_err(|error| Failure::Run(experiment.name.clone(), error))?;
    if !quiet {
        say(&report::summary(&experiment.name, &summaries));
    }
    Ok(())
}

fn context(how: &How) -> Result<Context, Failure> {
    let device_kind = DeviceKind::from(how.device);
    Ok(Context {
        out: how.out.clone(),
        loader: Loader::new(how.data.data_dir.as_deref()),
        device_kind,
        device: open(device_kind)?,
    })
}

/// Loads specs to be run, with the overrides and seeds of the command line.
fn load(specs: &[PathBuf], how: &How) -> Result<Vec<Experiment>, Failure> {
    let mut sets = how.set.clone();
    if !how.seed.is_empty() {
        let seeds: BTreeSet<u64> = how.seed.iter().copied().collect();
        sets.push(format!("seeds={:?}", Vec::from_iter(seeds)));
    }
    let experiments = load_all(specs, &sets)?;
    for (index, experiment) in experiments.iter().enumerate() {
        let same = |other: &&Experiment| other.name == experiment.name;
        if let Some(other) = experiments[..index].iter().position(|e| same(&e)) {
            let show = |index: usize| specs[index].display().to_string();
            return Err(Failure::SameResults(
                show(other),
                show(index),
                how.out.join(&experiment.name).display().to_string(),
            ));
        }
    }
    Ok(experiments)
}

/// Loads all specs, or tells the faults of all of them.
fn load_all(specs: &[PathBuf], sets: &[String]) -> Result<Vec<Experiment>, Failure> {
    let loaded = specs.iter().map(|path| Experiment::load(path, sets));
    let (mut experiments, mut errors): (Vec<Experiment>, Vec<LoadError>) = Default::default();
    for result in loaded {
        match result {
            Ok(experiment) => experiments.push(experiment),
            Err(error) => errors.push(error),
        }
    }
    match errors.len() {
        0 => Ok(experiments),
        _ => Err(Failure::Specs(errors)),
    }
}

/// All spec files below a folder, by name.
fn specs_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut specs = Vec::new();
    collect(folder, &mut specs)?;
    specs.sort();
    if specs.is_empty() {
        return Err(Failure::NoSpecs(folder.display().to_string()));
    }
    Ok(specs)
}

/// Links to folders are not followed, since they may lead back, and what a dot
/// hides is left alone.
fn collect(folder: &Path, specs: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in io::entries(folder)? {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, specs)?;
        } else if path.is_file() && path.extension().is_some_and(|ending| ending == "toml") {
            specs.push(path);
        }
    }
    Ok(())
}

/// Prints to standard output. A reader that went away, as `head` does, is no fault.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
