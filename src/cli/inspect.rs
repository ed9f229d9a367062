//! The commands that look at results and the store: plan, claims, compare, gc.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::args::{Claims, Compare, Format, Gc, Plan};
use super::commands::check_claims;
use super::devices;
use super::error::Failure;
use super::output::{self, say};
use super::progress::Progress;
use super::seeds::Seeds;
use super::{names, sentences, specs, text};
use crate::data::Loader;
use crate::escape;
use crate::io;
use crate::pipeline::{self, Context, Job, Study};
use crate::report::{Results, ResultsError, Tables, compare as compare_results, ledger};

/// `backquery plan`: 1 if anything would be made.
///
/// # Errors
/// If a spec has faults, or its data is broken.
pub fn plan(args: &Plan) -> Result<ExitCode, Failure> {
    let studies = specs::load(&specs::expand(&args.specs)?, &args.how)?;
    let mut context = devices::context(&studies, &args.how.out, &args.how.machine)?;
    context.may_write = false;
    pipeline::check_owners(&studies, &context)?;
    let progress = Progress::new(args.how.quiet);
    let look = |job: Job<'_>| progress.look("plan", &text::job(job));
    let planned = pipeline::plan(&studies, &context, &look);
    progress.clear();
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

/// `backquery claims`.
///
/// # Errors
/// If a spec has faults, or results cannot be read.
pub fn claims(args: &Claims) -> Result<(), Failure> {
    let mut studies = specs::load_all(&specs::expand(&args.specs)?, &[])?;
    if let Some(text) = &args.says {
        sentences::check(&studies, text)?;
        let has_some = |study: &Study| study.claims.iter().any(|c| sentences::has(&c.says, text));
        studies.retain(has_some);
    }
    let seeds = Seeds::union(&args.seed);
    let judged = pipeline::ledger::finished(&studies, &args.out, &seeds);
    let mut judged = judged.map_err(|error| Failure::Run("reading results".to_owned(), error))?;
    if let Some(text) = &args.says {
        // Only now, so that a verdict is the same as among all claims of its study.
        judged.retain(|judged| sentences::has(&judged.says, text));
    }
    let text = match args.format {
        Format::Table => ledger::text(&judged, args.explain, &output::verdict),
        Format::Csv => String::from_utf8_lossy(&ledger::csv(&judged)?).into_owned(),
        Format::Json => escape::json(&serde_json::to_string_pretty(&judged)?).into_owned(),
    };
    match (text.trim_end(), args.format) {
        ("", _) => {}
        (text, Format::Table) => output::say_coloured(text),
        (text, Format::Csv | Format::Json) => say(text),
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
        let folder = folder(typed, &args.out)?;
        let is_known = names::is_there(&folder) || names::is_there(&names::resolve(typed));
        match names::suggestion(typed).filter(|_| !is_known) {
            Some(meant) => Err(Failure::NoResults {
                typed: escape::path(typed),
                folder,
                meant,
            }),
            None => Ok(Results::load(&name, &folder, Tables::Numbers)?),
        }
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
    let is_spec = |path: &Path| path.extension().is_some_and(|ending| ending == "toml");
    let spec = names::resolve(typed);
    Ok(if io::is_dir(typed)? {
        typed.to_owned()
    } else if is_spec(&spec) && !spec.is_dir() {
        out.join(Study::name_of(&spec))
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
    let progress = Progress::new(false);
    let look = |job: Job<'_>| progress.look("gc", &text::job(job));
    let cleaned = pipeline::clean(&studies, &context, args.dry_run, &look);
    progress.clear();
    let cleaned = cleaned.map_err(|error| Failure::Run("cleaning".to_owned(), error))?;
    say(&text::cleaned(&cleaned, args.dry_run));
    Ok(())
}
