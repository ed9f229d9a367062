//! The commands that look at results and the store: plan, claims, gc.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::{ClaimsArgs, GcArgs, OutputFormat, PlanArgs};
use super::commands::check_claims;
use super::devices;
use super::error::Failure;
use super::output::{self, say};
use super::progress::Progress;
use super::seeds::Seeds;
use super::{sentences, specs, text};
use crate::claims::{ClaimResult, ledger, table};
use crate::data::Loader;
use crate::escape;
use crate::io;
use crate::pipeline::{self, Context, Job, Study};

/// Runs `backquery plan`: exit code 1 if a stage would run.
///
/// # Errors
/// If a spec has faults, or its data is broken.
pub fn plan(args: &PlanArgs) -> Result<ExitCode, Failure> {
    let studies = specs::load(&specs::expand(&args.specs)?, &args.common)?;
    let mut context = devices::context(&studies, &args.common.out, &args.common.machine)?;
    context.may_write = false;
    pipeline::check_owners(&studies, &context)?;
    let progress = Progress::new(args.common.quiet);
    let look = |job: Job<'_>| progress.look("plan", &text::job(job));
    let planned = pipeline::plan(&studies, &context, &look);
    progress.clear();
    let planned = planned.map_err(|error| Failure::Run("the plan".to_owned(), error))?;
    let to_run = text::to_run(&planned);
    if args.json {
        let json = json!({ "to_run": to_run, "stages": planned });
        say(&escape::json(&format!("{json:#}")));
    } else if !args.common.quiet {
        say(&text::plan(&planned));
    }
    Ok(ExitCode::from(u8::from(to_run > 0)))
}

/// Runs `backquery claims`.
///
/// # Errors
/// If a spec has faults, or results cannot be read.
pub fn claims(args: &ClaimsArgs) -> Result<(), Failure> {
    let mut studies = specs::load_all(&specs::expand(&args.specs)?, &[])?;
    if let Some(text) = &args.says {
        sentences::check(&studies, text)?;
        let has_some = |study: &Study| study.claims.iter().any(|c| sentences::has(&c.says, text));
        studies.retain(has_some);
    }
    let seeds = Seeds::union(&args.seed);
    let judged = pipeline::claims::finished(&studies, &args.out, &seeds);
    let mut judged = judged.map_err(|error| Failure::Run("reading results".to_owned(), error))?;
    if let Some(text) = &args.says {
        // After the verdicts, which depend on all claims of a study.
        judged.retain(|judged| sentences::has(&judged.says, text));
    }
    let text = match args.format {
        OutputFormat::Table => ledger::text(&judged, args.explain, &output::verdict),
        OutputFormat::Csv => String::from_utf8_lossy(&table::csv(&judged)?).into_owned(),
        OutputFormat::Json => escape::json(&serde_json::to_string_pretty(&judged)?).into_owned(),
    };
    if let Some(folder) = &args.draw {
        draw_verdicts(&judged, folder)?;
    }
    match (text.trim_end(), args.format) {
        ("", _) => {}
        (text, OutputFormat::Table) => output::say_coloured(text),
        (text, OutputFormat::Csv | OutputFormat::Json) => say(text),
    }
    check_claims(&judged, &args.strict)
}

/// Draws the verdicts on each source into a folder.
fn draw_verdicts(judged: &[ClaimResult], folder: &Path) -> Result<(), Failure> {
    io::create_dir_all(folder).map_err(Failure::Output)?;
    for (name, drawing) in pipeline::drawn_verdicts(judged).map_err(Failure::Figure)? {
        for (file, bytes) in drawing.files(&name) {
            io::write_atomic(&folder.join(file), &bytes).map_err(Failure::Output)?;
        }
    }
    Ok(())
}

/// Runs `backquery gc`.
///
/// # Errors
/// If a spec has faults, as its references to the store are unknown, or the store cannot
/// be changed.
pub fn gc(args: &GcArgs) -> Result<(), Failure> {
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
