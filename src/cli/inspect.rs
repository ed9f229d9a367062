//! The commands that look at results and the store: plan, verify, compare, gc.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::args::{Claims, Compare, Format, Gc, Plan, Verify};
use super::commands::{check_claims, say};
use super::devices;
use super::error::Failure;
use super::progress::Progress;
use super::{interrupt, specs, text};
use crate::data::Loader;
use crate::escape;
use crate::io;
use crate::pipeline::{self, Context, Event, Experiment, Job, Study, Verified};
use crate::report::{Results, ResultsError, Tables, compare as compare_results, ledger};

/// `backquery plan`: 1 if anything would be made.
///
/// # Errors
/// If a spec has faults, or its data is broken.
pub fn plan(args: &Plan) -> Result<ExitCode, Failure> {
    let studies = specs::load(&specs::expand(&args.specs)?, &args.how)?;
    let mut context = devices::context(&studies, &args.how.out, &args.how.machine)?;
    context.may_write = false;
    let planned = pipeline::plan(&studies, &context);
    let planned = planned.map_err(|error| Failure::Run("the plan".to_owned(), error))?;
    let to_run = text::to_run(&planned);
    if args.json {
        let json = json!({ "to_run": to_run, "stages": planned });
        say(&escape::json(&format!("{json:#}")));
    } else if !args.how.quiet {
        say(&text::plan(&planned));
    }
    Ok(ExitCode::from(u8::from(to_run > 0)))
}

/// `backquery verify`.
///
/// # Errors
/// If anything differs, a run fails, or there is nothing to verify.
pub fn verify(args: &Verify) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let studies = specs::load_all(&specs, &[])?;
    // A folder of its own, so that nothing is taken from any store.
    let folder = tempfile::tempdir().map_err(Failure::Temporary)?;
    interrupt::listen(Some(folder.path().to_owned()));
    let context = devices::context(&studies, folder.path(), &args.machine)?;
    let (mut all, mut differing) = (0, Vec::new());
    for (path, study) in specs.iter().zip(&studies) {
        let named = args.specs.contains(path);
        for experiment in study.own() {
            let verified = verify_one(experiment, &context, args)?;
            if verified.is_empty() {
                skip(experiment, named, &args.results)?;
            }
            all += verified.len();
            differing.extend(differing_of(&experiment.name, &verified));
        }
        let summary = pipeline::verify_summary(study, &args.results);
        let summary = summary.map_err(|error| Failure::Run(study.name.clone(), error))?;
        if let Some(verified) = summary {
            all += 1;
            let verified = [verified];
            say(&text::verified(&study.name, &verified));
            differing.extend(differing_of(&study.name, &verified));
        }
    }
    match (all, differing.is_empty()) {
        (0, _) => Err(Failure::Unpublished(args.results.clone())),
        (_, true) => Ok(()),
        (_, false) => Err(Failure::Differs {
            all,
            differing: differing.join(", "),
        }),
    }
}

/// What differs, as a list of names.
fn differing_of(name: &str, verified: &[Verified]) -> Vec<String> {
    let differs = verified.iter().filter(|one| !one.differences.is_empty());
    let job = |one: &Verified| {
        let seed = one.seed;
        text::job_without_comma(Job { name, seed })
    };
    differs.map(job).collect()
}

fn verify_one(
    experiment: &Experiment,
    context: &Context,
    args: &Verify,
) -> Result<Vec<Verified>, Failure> {
    let progress = Progress::new(args.quiet);
    let job = Job {
        name: &experiment.name,
        seed: None,
    };
    let tell = |event: Event<'_>| progress.tell(job, event);
    let verified = pipeline::verify(experiment, context, &args.results, &tell);
    progress.clear();
    let verified = verified.map_err(|error| Failure::Run(experiment.name.clone(), error))?;
    if !verified.is_empty() {
        say(&text::verified(&experiment.name, &verified));
    }
    Ok(verified)
}

/// An experiment without published results: a fault if it was asked for by
/// name, and worth a line if it is one of a folder.
fn skip(experiment: &Experiment, named: bool, results: &Path) -> Result<(), Failure> {
    let folder = results.join(&experiment.name);
    if named {
        return Err(Failure::Unpublished(folder));
    }
    say(&format!(
        "{}: skipped, `{}` has no results",
        escape::line(&experiment.name),
        escape::path(&folder)
    ));
    Ok(())
}

/// `backquery claims`.
///
/// # Errors
/// If a spec has faults, or results cannot be read.
pub fn claims(args: &Claims) -> Result<(), Failure> {
    let studies = specs::load_all(&specs::expand(&args.specs)?, &[])?;
    let judged = pipeline::ledger::finished(&studies, &args.out);
    let judged = judged.map_err(|error| Failure::Run("reading results".to_owned(), error))?;
    match args.format {
        Format::Table => say(&ledger::text(&judged, args.explain)),
        Format::Csv => say(String::from_utf8_lossy(&ledger::csv(&judged)?).trim_end()),
        Format::Json => say(&escape::json(&serde_json::to_string_pretty(&judged)?)),
    }
    check_claims(&judged, &args.strict)
}

/// `backquery compare`.
///
/// # Errors
/// If either experiment has no readable results.
pub fn compare(args: &Compare) -> Result<(), Failure> {
    let load = |typed: &PathBuf| {
        let name = typed.display().to_string();
        Results::load(&name, &folder(typed, &args.out)?, Tables::Numbers)
    };
    let comparison = compare_results(&load(&args.a)?, &load(&args.b)?);
    match args.format {
        Format::Table => say(&comparison.text()),
        Format::Csv => say(String::from_utf8_lossy(&comparison.csv()?).trim_end()),
        Format::Json => say(&escape::json(&comparison.json()?)),
    }
    Ok(())
}

/// The results of an experiment, named by its spec, its name, or just that folder.
///
/// # Errors
/// If it cannot be known whether that is a folder.
fn folder(typed: &Path, out: &Path) -> Result<PathBuf, ResultsError> {
    Ok(if io::is_dir(typed)? {
        typed.to_owned()
    } else if typed.extension().is_some_and(|ending| ending == "toml") {
        out.join(Study::name_of(typed))
    } else {
        out.join(typed)
    })
}

/// `backquery gc`.
///
/// # Errors
/// If a spec has faults, so that nobody knows what it refers to, or the store
/// cannot be changed.
pub fn gc(args: &Gc) -> Result<(), Failure> {
    let studies = specs::load_all(&specs::expand(&args.specs)?, &[])?;
    let loader = Loader::new(args.data.data_dir.as_deref());
    let context = Context::new(args.out.clone(), loader, None);
    let cleaned = pipeline::clean(&studies, &context, args.dry_run);
    let cleaned = cleaned.map_err(|error| Failure::Run("cleaning".to_owned(), error))?;
    say(&text::cleaned(&cleaned, args.dry_run));
    Ok(())
}
