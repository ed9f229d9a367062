//! The commands that run and check specs, fetch data and draw the descent figures.

use std::mem::take;
use std::num::NonZero;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use super::args::{
    CheckArgs, CommonArgs, DataArgs, DataCommand, DescentArgs, FallbackArgs, Fetchable, JobArgs,
    ReproduceArgs, RunArgs, StrictArgs,
};
use super::devices;
use super::error::{self, Failure};
use super::output::{self, say};
use super::pictures;
use super::progress::Progress;
use super::text::{self, ColumnLegend};
use super::{names, specs};
use crate::claims::{ClaimResult, ledger};
use crate::data::{Loader, Received};
use crate::escape;
use crate::figures::descent::{self, DescentFigures};
use crate::io;
use crate::pipeline::{self, Context, Event, Job, Next, Outcome, Scheduler, Study, Watch, lock};

/// Runs `backquery run`, which stops at the first failure.
///
/// # Errors
/// If a spec has faults, before any is run, or a replicate fails.
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let studies = specs::load(&specs, &args.common)?;
    specs::warn_of_letters(&specs, &studies);
    let context = run_context(&studies, &args.common, args.jobs.no_wait, args.fallback)?;
    let progress = Progress::new(args.common.quiet);
    let failures = Mutex::new(Vec::new());
    let judged = run_all(&studies, &context, &args.jobs, &progress, |_, failure| {
        lock(&failures).push(failure);
        Next::Stop
    });
    // Jobs that failed while the first one was reported fail again in the next run.
    let failures = take(&mut *lock(&failures));
    if let Some(first) = failures.into_iter().next() {
        return Err(first);
    }
    progress.say_coloured(&ledger::text(&judged, false, &output::verdict));
    check_claims(&judged, &args.strict)
}

/// Checks, with `--strict`, that no claim is refuted.
///
/// # Errors
/// If some are.
pub(super) fn check_claims(judged: &[ClaimResult], strict: &StrictArgs) -> Result<(), Failure> {
    let is_refuted = |claim: &&ClaimResult| claim.verdict.is_against();
    let refuted = judged.iter().filter(is_refuted).count();
    if strict.strict && refuted > 0 {
        let all = judged.len();
        return Err(Failure::Refuted { refuted, all });
    }
    Ok(())
}

/// Runs `backquery reproduce`, which continues after failures, unless `--fail-fast` is
/// given, and publishes the ledger of all claims.
///
/// # Errors
/// If a spec has faults, or at the end if a replicate failed.
pub fn reproduce(args: &ReproduceArgs) -> Result<(), Failure> {
    let folder = names::resolve(&args.folder);
    let specs = specs::without(specs::below(&folder)?, &args.without)?;
    let studies = specs::load(&specs, &args.common)?;
    specs::warn_of_letters(&specs, &studies);
    let context = run_context(&studies, &args.common, args.jobs.no_wait, args.fallback)?;
    let progress = Progress::new(args.common.quiet);
    let failures = Mutex::new(Vec::new());
    let judged = run_all(&studies, &context, &args.jobs, &progress, |job, failure| {
        progress.hide(|| error::print(&failure));
        let next = match (args.fail_fast, failure.is_of_all_seeds()) {
            (true, _) => Next::Stop,
            (false, true) => Next::SkipExperiment,
            (false, false) => Next::GoOn,
        };
        lock(&failures).push((text::job_in_list(job), failure.exit()));
        next
    });
    let ledger = publish_ledger(&judged, &context, &specs::results_of(&folder), &progress);
    let mut failed = take(&mut *lock(&failures));
    let Some(&(_, exit)) = failed.first() else {
        ledger?;
        return check_claims(&judged, &args.strict);
    };
    if let Err(failure) = ledger {
        error::print(&failure);
    }
    // Several jobs end in any order.
    failed.sort();
    let names = failed.into_iter().map(|(name, _)| name).collect();
    Err(Failure::Some { names, exit })
}

/// Writes the ledger of all claims to this folder of the results, and prints the number of
/// verdicts by source.
fn publish_ledger(
    judged: &[ClaimResult],
    context: &Context,
    folder: &Path,
    progress: &Progress,
) -> Result<(), Failure> {
    let page = pipeline::claims::publish(judged, &context.out.join(folder));
    progress.clear();
    let page = page.map_err(|error| Failure::Run("the ledger of claims".to_owned(), error))?;
    if let Some(page) = page {
        let (counts, page) = (ledger::by_source(judged), escape::path(&page));
        progress.say(&format!(
            "\n{counts}\nledger: {page}; `backquery claims` prints every claim with its numbers"
        ));
    }
    Ok(())
}

/// Runs studies, prints a summary of each replicate, and returns the judged claims.
fn run_all(
    studies: &[Study],
    context: &Context,
    jobs: &JobArgs,
    progress: &Progress,
    on_failure: impl Fn(Job<'_>, Failure) -> Next + Sync,
) -> Vec<ClaimResult> {
    let columns = Mutex::new(ColumnLegend::default());
    let on_end = |job: Job<'_>, outcome: Outcome| {
        progress.end(job);
        match outcome {
            Ok(Some(summary)) => {
                progress.say(&text::summary(job.name, &summary, &mut lock(&columns)));
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
        on_event: &|job, event| progress.report(job, event),
        on_end: &on_end,
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let jobs = jobs.jobs.map_or(cores, NonZero::get);
    let judged = Scheduler::new(studies, context).run(jobs, &watch);
    progress.clear();
    progress.say(&lock(&columns).text());
    judged
}

/// Runs `backquery check`.
///
/// # Errors
/// If specs have faults, with every fault of every spec.
pub fn check(args: &CheckArgs) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let studies = specs::load_all(&specs, &args.set)?;
    specs::warn_of_letters(&specs, &studies);
    for (path, study) in specs.iter().zip(studies) {
        let (path, title) = (escape::path(path), escape::line(&study.title));
        say(&format!("{path}: ok ({title})"));
    }
    Ok(())
}

/// Runs `backquery data`.
///
/// # Errors
/// If a data set cannot be fetched.
pub fn data(args: &DataArgs) -> Result<(), Failure> {
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
            let on_bytes = |received: Received<'_>| progress.report(job, Event::Received(received));
            let folder = loader.fetch_mnist(&on_bytes)?;
            progress.clear();
            let folder = escape::path(&folder);
            say(&format!(
                "mnist: all four files are in `{folder}`, with the official digests"
            ));
        }
        DataCommand::List { data } => {
            say(&text::data_list(&Loader::new(data.data_dir.as_deref())));
        }
    }
    Ok(())
}

/// Runs `backquery descent`.
///
/// # Errors
/// If a figure cannot be drawn, or the folder cannot be written to.
pub fn descent(args: &DescentArgs) -> Result<(), Failure> {
    let DescentFigures {
        steps,
        parabola,
        paraboloid,
    } = descent::descent().map_err(Failure::Figure)?;
    let mut files = vec![("steps.txt".to_owned(), steps.into_bytes())];
    files.extend(parabola.files("fig-2"));
    files.extend(paraboloid.files("fig-3"));
    io::create_dir_all(&args.out).map_err(Failure::Output)?;
    for (name, bytes) in files {
        io::write_atomic(&args.out.join(&name), &bytes).map_err(Failure::Output)?;
    }
    say(&format!("done: {}", escape::path(&args.out)));
    Ok(())
}

/// Returns the context of a run, once the results folders belong to these specs.
///
/// # Errors
/// If a device cannot be used, or results of another spec are in the way.
fn run_context(
    studies: &[Study],
    common: &CommonArgs,
    no_wait: bool,
    fallback: FallbackArgs,
) -> Result<Context, Failure> {
    let mut context = devices::context(studies, &common.out, &common.machine)?;
    context.wait = !no_wait;
    context.may_fall_back = !fallback.no_fallback;
    pipeline::check_owners(studies, &context)?;
    Ok(context)
}
