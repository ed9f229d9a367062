//! Checked studies from the paths and options of the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::CommonArgs;
use super::error::{Failure, SpecFault};
use super::names;
use super::seeds::Seeds;
use crate::config::without_steps_back;
use crate::escape;
use crate::io;
use crate::pipeline::claims::FILES as LEDGER;
use crate::pipeline::{Study, with_compared};
use crate::store::{SUMMARY, seed_of};

/// Loads specs to run, with the overrides and seeds of the command line.
///
/// # Errors
/// If specs have faults, or two would write the same results.
pub fn load(specs: &[PathBuf], common: &CommonArgs) -> Result<Vec<Study>, Failure> {
    let mut sets = common.set.clone();
    if common.bare {
        sets.push("figures.frame=false".to_owned());
    }
    if !common.seed.is_empty() {
        sets.push(format!("seeds={:?}", Seeds::union(&common.seed)));
    }
    let mut studies = load_all(specs, &sets)?;
    if !common.seed.is_empty() {
        for study in &mut studies {
            plan_seeds(study, &common.set);
        }
    }
    let studies = with_compared(studies);
    let mut taken = BTreeMap::new();
    for study in &studies {
        let own = study.own().iter().map(|experiment| &experiment.name);
        let names: BTreeSet<String> = own.chain([&study.name]).cloned().collect();
        if names.iter().any(|name| is_reserved(name)) {
            return Err(Failure::ReservedName(study.path.clone()));
        }
        let page = study
            .compare
            .is_some()
            .then(|| format!("{}.md", study.name));
        for name in names.into_iter().chain(page) {
            let folder = common.out.join(&name);
            if let Some(other) = taken.insert(name, &study.path) {
                return Err(Failure::SameResults {
                    one: other.clone(),
                    other: study.path.clone(),
                    folder,
                });
            }
        }
    }
    Ok(studies)
}

/// Notes the seeds that a spec itself names, without those of `--seed`.
fn plan_seeds(study: &mut Study, sets: &[String]) {
    // A spec with a fault without them has no seeds of its own.
    let Ok(planned) = Study::load(&study.path, sets) else {
        return;
    };
    for (member, planned) in study.members.iter_mut().zip(planned.members) {
        member.planned = planned.planned;
    }
}

/// True for names of replicates, summaries, their logs, hidden files and the ledger.
pub fn is_reserved(name: &str) -> bool {
    let is_taken = |part: &str| {
        let part = part.strip_suffix(".log").unwrap_or(part);
        part.starts_with('.') || part == SUMMARY || seed_of(part).is_some()
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_ledger = last == "claims" || LEDGER.contains(&last);
    is_ledger || name.split('/').any(is_taken)
}

/// Loads all specs.
///
/// # Errors
/// If specs have faults, with the faults of all of them.
pub fn load_all(specs: &[PathBuf], sets: &[String]) -> Result<Vec<Study>, Failure> {
    let (mut studies, mut faults) = (Vec::new(), Vec::new());
    for path in specs {
        match load_one(path, sets) {
            Ok(study) => studies.push(study),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(studies)
    } else {
        Err(Failure::Specs(faults))
    }
}

fn load_one(path: &Path, sets: &[String]) -> Result<Study, SpecFault> {
    if names::is_there(path) {
        Ok(Study::load(path, sets)?)
    } else {
        Err(SpecFault::missing(path))
    }
}

/// Warns on standard error of letters in these specs that figures cannot draw.
pub fn warn_of_letters(specs: &[PathBuf], studies: &[Study]) {
    for (path, study) in specs.iter().zip(studies) {
        let path = escape::path(path);
        for undrawable in study.undrawable() {
            let text = undrawable.to_string();
            let text = escape::line(&text);
            // If standard error is closed, the warning cannot be shown.
            let _ = writeln!(std::io::stderr(), "warning: {path}: {text}");
        }
    }
}

/// Returns the specs that are typed (see [`names::resolve`]), and all specs below typed
/// folders, each once.
///
/// # Errors
/// If a folder cannot be read, or has no specs.
pub fn expand(typed: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut specs = Vec::new();
    let mut seen = BTreeSet::new();
    for path in typed.iter().map(|typed| names::resolve(typed)) {
        let found = if path.is_dir() {
            below(&path)?
        } else {
            vec![path]
        };
        specs.extend(found.into_iter().filter(|spec| seen.insert(identity(spec))));
    }
    Ok(specs)
}

/// True if a spec itself was typed, rather than a folder above it.
pub fn is_named(typed: &[PathBuf], spec: &Path) -> bool {
    let mut typed = typed.iter().map(|typed| names::resolve(typed));
    typed.any(|typed| identity(&typed) == identity(spec))
}

/// Returns the absolute path of a spec, the same one however it is typed.
fn identity(spec: &Path) -> PathBuf {
    let absolute = std::path::absolute(spec);
    without_steps_back(&absolute.unwrap_or_else(|_| spec.to_owned()))
}

/// Returns all spec files below a folder, sorted by name.
///
/// # Errors
/// If a folder cannot be read, or there is no spec.
pub fn below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut specs = Vec::new();
    collect(folder, &mut specs)?;
    specs.sort();
    if specs.is_empty() {
        return Err(Failure::NoSpecs(folder.to_owned()));
    }
    Ok(specs)
}

/// Excludes specs from a list: files, and everything below folders.
///
/// # Errors
/// If one of the excluded paths matches no spec, as it was probably mistyped.
pub fn without(mut specs: Vec<PathBuf>, excluded: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    for path in excluded {
        let left_out = identity(&names::resolve(path));
        let before = specs.len();
        specs.retain(|spec| !identity(spec).starts_with(&left_out));
        if specs.len() == before {
            return Err(Failure::NothingLeftOut(path.clone()));
        }
    }
    Ok(specs)
}

/// Returns the folder, within the results, of all specs below this folder.
pub fn results_of(folder: &Path) -> PathBuf {
    let name = PathBuf::from(Study::name_of(&folder.join("any.toml")));
    name.parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// Collects specs recursively. Links to folders are not followed, as they may lead back;
/// hidden files are skipped.
fn collect(folder: &Path, specs: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in io::entries(folder)? {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, specs)?;
        } else if !path.is_dir() && names::is_spec(&path) {
            // Something else with this name, such as a pipe, is an error when it is read.
            specs.push(path);
        }
    }
    Ok(())
}
