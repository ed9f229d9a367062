//! The command that compares two experiments.

use std::path::{Path, PathBuf};

use super::args::{CompareArgs, ComparisonFormat};
use super::error::Failure;
use super::missing_seeds::{self, Compared};
use super::names;
use super::output::say;
use crate::escape;
use crate::io;
use crate::pipeline::Study;
use crate::report::{Results, ResultsError, Selection, Tables, compare_selected};

/// Runs `backquery compare`.
///
/// # Errors
/// If either experiment has no readable results, or a selected name has no numbers.
pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let folders = [folder(&args.a, &args.out)?, folder(&args.b, &args.out)?];
    let a = load(&args.a, &folders[0])?;
    let b = load(&args.b, &folders[1])?;
    let selection = Selection {
        metrics: trimmed(&args.metric),
        inversions: trimmed(&args.inversion),
    };
    let comparison = compare_selected(&a, &b, &selection)?.corrected();
    let side = |letter, typed, folder, results: &Results| Compared {
        letter,
        typed,
        folder,
        seeds: results.seeds().collect(),
    };
    let advice = missing_seeds::advice(&[
        side('A', &*args.a, &*folders[0], &a),
        side('B', &*args.b, &*folders[1], &b),
    ]);
    let text = match args.format {
        ComparisonFormat::Table => comparison.text(args.all) + &advice.text(),
        ComparisonFormat::Markdown => comparison.markdown(args.all) + &advice.markdown(),
        ComparisonFormat::Latex => comparison.latex(args.all) + &advice.latex(),
        ComparisonFormat::Csv => String::from_utf8_lossy(&comparison.csv()?).into_owned(),
        ComparisonFormat::Json => escape::json(&comparison.json()?).into_owned(),
    };
    say(text.trim_end());
    Ok(())
}

fn trimmed(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim().to_owned()).collect()
}

/// Reads the results in the folder that is meant by `typed`.
///
/// # Errors
/// If there are none, with the spec that was probably meant.
fn load(typed: &Path, folder: &Path) -> Result<Results, Failure> {
    let is_known = names::is_there(folder) || names::is_there(&names::resolve(typed));
    match names::suggestion(typed).filter(|_| !is_known) {
        Some(meant) => Err(Failure::NoResults {
            typed: escape::path(typed),
            folder: folder.to_owned(),
            meant,
        }),
        None => Ok(Results::load(
            &escape::path(typed),
            folder,
            Tables::Numbers,
        )?),
    }
}

/// Returns the folder of results that is meant by a spec, by a name, or by its own path.
///
/// # Errors
/// If the path cannot be accessed.
fn folder(typed: &Path, out: &Path) -> Result<PathBuf, ResultsError> {
    let spec = names::resolve(typed);
    Ok(if io::is_dir(typed)? {
        typed.to_owned()
    } else if names::is_spec(&spec) && !spec.is_dir() {
        out.join(Study::name_of(&spec))
    } else {
        out.join(typed)
    })
}
