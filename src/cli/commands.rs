//! What the commands do.

use std::io::Write;
use std::path::Path;

use super::args::{Check, Data, DataCommand, DataDir, DeviceArg, Fetchable, How, Reproduce, Run};
use super::error::{self, Failure};
use super::progress::Progress;
use super::specs;
use super::text;
use crate::data::Loader;
use crate::model::{DeviceKind, open};
use crate::pipeline::{Context, Event, Replicates};

/// `backquery run`: stops at the first failure.
///
/// # Errors
/// With that failure; a fault in any spec is found before any is run.
pub fn run(args: &Run) -> Result<(), Failure> {
    let experiments = specs::load(&args.specs, &args.how)?;
    let context = to_run(&args.how, args.no_wait)?;
    for experiment in &experiments {
        let mut replicates = Replicates::of(experiment, &context);
        for &seed in &experiment.spec.seeds {
            run_one(&mut replicates, (&experiment.name, seed), args.how.quiet)?;
        }
    }
    Ok(())
}

/// `backquery reproduce`: goes on after a failure, unless told otherwise.
///
/// # Errors
/// If a spec has faults, or at the end if a replicate failed.
pub fn reproduce(args: &Reproduce) -> Result<(), Failure> {
    let specs = specs::below(&args.folder)?;
    let experiments = specs::load(&specs, &args.how)?;
    let context = to_run(&args.how, args.no_wait)?;
    let mut failures = Failures::default();
    'all: for experiment in &experiments {
        let mut replicates = Replicates::of(experiment, &context);
        for &seed in &experiment.spec.seeds {
            let of = (experiment.name.as_str(), seed);
            let Err(failure) = run_one(&mut replicates, of, args.how.quiet) else {
                continue;
            };
            failures.add(of, &failure);
            if args.fail_fast {
                break 'all;
            }
            if failure.is_of_all_seeds() {
                break;
            }
        }
    }
    failures.finish()
}

/// What went wrong in a batch: told at once, and again at the end.
#[derive(Default)]
struct Failures {
    names: Vec<String>,
    /// The exit code of the first of them.
    code: u8,
}

impl Failures {
    fn add(&mut self, (name, seed): (&str, u64), failure: &Failure) {
        error::print(failure);
        if self.names.is_empty() {
            self.code = failure.code();
        }
        self.names.push(format!("{name} seed {seed}"));
    }

    fn finish(self) -> Result<(), Failure> {
        if self.names.is_empty() {
            return Ok(());
        }
        Err(Failure::Some {
            names: self.names,
            code: self.code,
        })
    }
}

/// `backquery check`.
///
/// # Errors
/// With all faults of all specs.
pub fn check(args: &Check) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let experiments = specs::load_all(&specs, &args.set)?;
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
            say(&text::data_list(&Loader::new(data.data_dir.as_deref())));
        }
    }
    Ok(())
}

fn run_one(
    replicates: &mut Replicates<'_>,
    (name, seed): (&str, u64),
    quiet: bool,
) -> Result<(), Failure> {
    let progress = Progress::new(quiet);
    let result = replicates.run(seed, &|event| progress.tell(event));
    progress.clear();
    let summary = result.map_err(|error| Failure::Run(format!("{name}, seed {seed},"), error))?;
    if !quiet {
        say(&text::summary(name, &summary));
    }
    Ok(())
}

/// A context with results in the folder `out`.
///
/// # Errors
/// If the device cannot be used.
pub(super) fn context(out: &Path, device: DeviceArg, data: &DataDir) -> Result<Context, Failure> {
    let kind = DeviceKind::from(device);
    let loader = Loader::new(data.data_dir.as_deref());
    Ok(Context::new(out.to_owned(), loader, (kind, open(kind)?)))
}

/// The context of a run.
fn to_run(how: &How, no_wait: bool) -> Result<Context, Failure> {
    let mut context = context(&how.out, how.machine.device, &how.machine.data)?;
    context.wait = !no_wait;
    Ok(context)
}

/// Prints to standard output. A reader that went away, as `head` does, is no fault.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
