//! From the paths and options of the command line to checked studies.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::How;
use super::error::{Failure, SpecFault};
use super::names;
use super::seeds::Seeds;
use crate::config::without_steps_back;
use crate::escape;
use crate::io;
use crate::pipeline::ledger::FILES as LEDGER;
use crate::pipeline::{SUMMARY, Study, with_compared};
use crate::store::seed_of;

/// Loads specs to be run, with the overrides and seeds of the command line.
pub fn load(specs: &[PathBuf], how: &How) -> Result<Vec<Study>, Failure> {
    let mut sets = how.set.clone();
    if !how.seed.is_empty() {
        sets.push(format!("seeds={:?}", Seeds::union(&how.seed)));
    }
    let studies = with_compared(load_all(specs, &sets)?);
    let mut taken: BTreeMap<String, &Path> = BTreeMap::new();
    for study in &studies {
        let own = study.own().iter().map(|experiment| &experiment.name);
        let names: BTreeSet<&String> = own.chain([&study.name]).collect();
        if names.iter().any(|name| is_reserved(name)) {
            return Err(Failure::ReservedName(study.path.display().to_string()));
        }
        let mut names: Vec<String> = names.into_iter().cloned().collect();
        if study.compare.is_some() {
            names.push(format!("{}.md", study.name));
        }
        for name in names {
            let folder = how.out.join(&name).display().to_string();
            if let Some(other) = taken.insert(name, &study.path) {
                return Err(Failure::SameResults(
                    other.display().to_string(),
                    study.path.display().to_string(),
                    folder,
                ));
            }
        }
    }
    Ok(studies)
}

/// True for names of replicates, summaries, their logs, hidden files and the ledger.
fn is_reserved(name: &str) -> bool {
    let is_taken = |part: &str| {
        let part = part.strip_suffix(".log").unwrap_or(part);
        part.starts_with('.') || part == SUMMARY || seed_of(part).is_some()
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_ledger = last == "claims" || LEDGER.contains(&last);
    is_ledger || name.split('/').any(is_taken)
}

/// Loads all specs, or reports the faults of all of them.
pub fn load_all(specs: &[PathBuf], sets: &[String]) -> Result<Vec<Study>, Failure> {
    let (mut studies, mut errors): (Vec<Study>, Vec<SpecFault>) = Default::default();
    for path in specs {
        if !names::is_there(path) {
            errors.push(SpecFault::missing(path));
            continue;
        }
        match Study::load(path, sets) {
            Ok(study) => studies.push(study),
            Err(error) => errors.push(error.into()),
        }
    }
    match errors.len() {
        0 => Ok(studies),
        _ => Err(Failure::Specs(errors)),
    }
}

/// Warns of letters in these specs that figures cannot draw, on standard error.
pub fn warn_of_letters(specs: &[PathBuf], studies: &[Study]) {
    for (path, study) in specs.iter().zip(studies) {
        let path = escape::path(path);
        for undrawable in study.undrawable() {
            let text = undrawable.to_string();
            // If standard error is closed, the warning cannot be shown.
            let _ = writeln!(
                std::io::stderr(),
                "warning: {path}: {}",
                escape::line(&text)
            );
        }
    }
}

/// The files that are meant, and all specs below the folders that are meant, each once;
/// see [`names::resolve`].
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

/// True if a spec was typed itself, and not only a folder above it.
pub fn is_named(typed: &[PathBuf], spec: &Path) -> bool {
    let mut typed = typed.iter().map(|typed| names::resolve(typed));
    typed.any(|typed| identity(&typed) == identity(spec))
}

/// The same path for the same file, however it is typed.
fn identity(spec: &Path) -> PathBuf {
    let absolute = std::path::absolute(spec);
    without_steps_back(&absolute.unwrap_or_else(|_| spec.to_owned()))
}

/// All spec files below a folder, by name.
pub fn below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut specs = Vec::new();
    collect(folder, &mut specs)?;
    specs.sort();
    if specs.is_empty() {
        return Err(Failure::NoSpecs(folder.display().to_string()));
    }
    Ok(specs)
}

/// Those of the specs that are none of these files and below none of these folders.
///
/// # Errors
/// If one of them leaves nothing out: it is a mistyped name.
pub fn without(mut specs: Vec<PathBuf>, out: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    for path in out {
        let left_out = identity(&names::resolve(path));
        let before = specs.len();
        specs.retain(|spec| !identity(spec).starts_with(&left_out));
        if specs.len() == before {
            return Err(Failure::NothingLeftOut(path.display().to_string()));
        }
    }
    Ok(specs)
}

/// Where in a folder of results those of all specs below this folder lie.
pub fn results_of(folder: &Path) -> PathBuf {
    let name = PathBuf::from(Study::name_of(&folder.join("any.toml")));
    name.parent().map_or_else(PathBuf::new, Path::to_owned)
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
        } else if !path.is_dir() && path.extension().is_some_and(|ending| ending == "toml") {
            // One that is no file, or cannot be looked at, is an error of its own.
            specs.push(path);
        }
    }
    Ok(())
}
