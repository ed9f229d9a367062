//! What the commands do.

use std::num::NonZero;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::args::{
    Check, Data, DataCommand, Descent, Fallback, Fetchable, How, Jobs, Reproduce, Run, Strict,
};
use super::devices;
use super::error::{self, Failure};
use super::output::{self, say};
use super::pictures;
use super::progress::Progress;
use super::text::{self, Columns};
use super::{names, specs};
use crate::data::{Loader, Received};
use crate::escape;
use crate::figures::descent::{self, Descent as Descents};
use crate::io;
use crate::pipeline::{self, Batch, Context, Event, Job, Next, Outcome, Study, Watch};
use crate::report::{Judged, Ruling, ledger};

/// `backquery run`: stops at the first failure.
///
/// # Errors
/// With that failure; a fault in any spec is found before any is run.
pub fn run(args: &Run) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let studies = specs::load(&specs, &args.how)?;
    specs::warn_of_letters(&specs, &studies);
    let context = to_run(&studies, &args.how, args.jobs.no_wait, args.fallback)?;
    let progress = Progress::new(args.how.quiet);
    let failures = Failures::default();
    let judged = run_all(&studies, &context, &args.jobs, &progress, |_, failure| {
        failures.add(failure);
        Next::Stop
    });
    failures.into_first()?;
    progress.say_coloured(&ledger::text(&judged, false, &output::verdict));
    check_claims(&judged, &args.strict)
}

/// Holds that no claim is refuted, if that was asked for.
///
/// # Errors
/// With those that are.
pub(super) fn check_claims(judged: &[Judged], strict: &Strict) -> Result<(), Failure> {
    let is_refuted = |judged: &&Judged| judged.verdict == Ruling::Refuted;
    match judged.iter().filter(is_refuted).count() {
        refuted if strict.strict && refuted > 0 => Err(Failure::Refuted(refuted, judged.len())),
        _ => Ok(()),
    }
}

/// `backquery reproduce`: goes on after a failure, unless told otherwise, and ends
/// with the ledger of all claims.
///
/// # Errors
/// If a spec has faults, or at the end if a replicate failed.
pub fn reproduce(args: &Reproduce) -> Result<(), Failure> {
    let folder = names::resolve(&args.folder);
    let specs = specs::without(specs::below(&folder)?, &args.without)?;
    let studies = specs::load(&specs, &args.how)?;
    specs::warn_of_letters(&specs, &studies);
    let context = to_run(&studies, &args.how, args.jobs.no_wait, args.fallback)?;
    let progress = Progress::new(args.how.quiet);
    let failures = Failures::default();
    let judged = run_all(&studies, &context, &args.jobs, &progress, |job, failure| {
        progress.hide(|| error::print(&failure));
        let next = match (args.fail_fast, failure.is_of_all_seeds()) {
            (true, _) => Next::Stop,
            (false, true) => Next::SkipExperiment,
            (false, false) => Next::GoOn,
        };
        failures.add((text::job_without_comma(job), failure.code()));
        next
    });
    let place = specs::results_of(&folder);
    let ledger = tell_ledger(&judged, (&context, &place), &progress);
    let mut failed = failures.into_all();
    let Some(&(_, code)) = failed.first() else {
        ledger?;
        return check_claims(&judged, &args.strict);
    };
    if let Err(failure) = ledger {
        error::print(&failure);
    }
    // Several jobs end in any order.
    failed.sort();
    let names = failed.into_iter().map(|(name, _)| name).collect();
    Err(Failure::Some { names, code })
}

/// Leaves the ledger of all claims with the results, in this folder, and prints it.
fn tell_ledger(
    judged: &[Judged],
    (context, place): (&Context, &Path),
    progress: &Progress,
) -> Result<(), Failure> {
    let job = Job {
        name: "claims",
        seed: None,
    };
    let tell = |event: Event<'_>| progress.tell(job, event);
    let page = pipeline::ledger::publish(judged, (context, place), &tell);
    progress.clear();
    let page = page.map_err(|error| Failure::Run("the ledger of claims".to_owned(), error))?;
    if let Some(page) = page {
        let (text, page) = (
            ledger::text(judged, false, &output::verdict),
            escape::path(&page),
        );
        progress.say_coloured(&format!("\n{text}\nledger: {page}"));
    }
    Ok(())
}

/// Runs studies, tells of what was done, and gives what became of the claims.
fn run_all(
    studies: &[Study],
    context: &Context,
    jobs: &Jobs,
    progress: &Progress,
    on_failure: impl Fn(Job<'_>, Failure) -> Next + Sync,
) -> Vec<Judged> {
    let columns = Mutex::new(Columns::default());
    let on_end = |job: Job<'_>, outcome: Outcome| {
        progress.end(job);
        match outcome {
            Ok(Some(summary)) => {
                let mut columns = columns.lock().unwrap_or_else(PoisonError::into_inner);
                progress.say(&text::summary(job.name, &summary, &mut columns));
                Next::GoOn
            }
            Ok(None) => {
                // A study is done once all of its replicates are.
                let is_of_study = |study: &&Study| job.seed.is_none() && study.name == job.name;
                let study = studies.iter().find(is_of_study);
                let line = study.and_then(|study| pictures::line(study, &context.out));
                progress.say(&line.unwrap_or_default());
                Next::GoOn
            }
            Err(error) => on_failure(job, Failure::Run(format!("{},", text::job(job)), error)),
        }
    };
    let watch = Watch {
        on_event: &|job, event| progress.tell(job, event),
        on_end: &on_end,
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let jobs = jobs.jobs.map_or(cores, NonZero::get);
    let judged = Batch::of(studies, context).run(jobs, &watch);
    progress.clear();
    let columns = columns.into_inner().unwrap_or_else(PoisonError::into_inner);
    progress.say(&columns.explained());
    judged
}

/// What went wrong in a batch, in the order in which it did.
struct Failures<T>(Mutex<Vec<T>>);

impl<T> Default for Failures<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Failures<T> {
    fn add(&self, failure: T) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(failure);
    }

    fn into_all(self) -> Vec<T> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failures<Failure> {
    /// The others happened while the first one was being told; the same command
    /// will tell of them once that is mended.
    fn into_first(self) -> Result<(), Failure> {
        self.into_all().into_iter().next().map_or(Ok(()), Err)
    }
}

/// `backquery check`.
///
/// # Errors
/// With all faults of all specs.
pub fn check(args: &Check) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let studies = specs::load_all(&specs, &args.set)?;
    specs::warn_of_letters(&specs, &studies);
    for (path, study) in specs.iter().zip(studies) {
        let (path, title) = (escape::path(path), escape::line(&study.title));
        say(&format!("{path}: ok ({title})"));
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
            let job = Job {
                name: "mnist",
                seed: None,
            };
            let on_bytes = |received: Received<'_>| progress.tell(job, Event::Received(received));
            let folder = loader.fetch_mnist(&on_bytes)?;
            progress.clear();
            say(&format!(
                "mnist: all four files are in `{}` and official",
                escape::path(&folder)
            ));
        }
        DataCommand::List { data } => {
            say(&text::data_list(&Loader::new(data.data_dir.as_deref())));
        }
    }
    Ok(())
}

/// `backquery descent`.
///
/// # Errors
/// If a figure cannot be drawn, or the folder cannot be written to.
pub fn descent(args: &Descent) -> Result<(), Failure> {
    let Descents {
        steps,
        parabola,
        paraboloid,
    } = descent::descent().map_err(Failure::Figure)?;
    let files = [
        ("steps.txt", steps.into_bytes()),
        ("fig-2.png", parabola.png),
        ("fig-2.svg", parabola.svg),
        ("fig-3.png", paraboloid.png),
        ("fig-3.svg", paraboloid.svg),
    ];
    io::create_dir_all(&args.out).map_err(Failure::Output)?;
    for (name, bytes) in files {
        io::write_atomic(&args.out.join(name), &bytes).map_err(Failure::Output)?;
    }
    say(&format!("done: {}", escape::path(&args.out)));
    Ok(())
}

/// The context of a run.
fn to_run(
    studies: &[Study],
    how: &How,
    no_wait: bool,
    fallback: Fallback,
) -> Result<Context, Failure> {
    let mut context = devices::context(studies, &how.out, &how.machine)?;
    context.wait = !no_wait;
    context.may_fall_back = !fallback.no_fallback;
    pipeline::check_owners(studies, &context)?;
    Ok(context)
}
