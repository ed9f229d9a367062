//! Published files against the manifest beside them, and unexpected files.

use std::collections::BTreeSet;
use std::path::Path;

use super::diff::Difference;
use super::difference;
use crate::io::{self, IoError};
use crate::pipeline::study::claims;
use crate::store::{FileFault, MANIFEST, Published, SUMMARY, seed_of};

/// Description of an unexpected file.
const UNEXPECTED: &str = "unexpected: no run puts it here";

/// Result of the check of the files of a published folder.
#[derive(Debug, Default)]
pub struct FolderCheck {
    /// Modified and unexpected files.
    pub differences: Vec<Difference>,
    /// Paths of unexpected files.
    pub unexpected: BTreeSet<String>,
    /// Listed files that are not published.
    pub left_out: Vec<String>,
}

/// Checks the files of a published folder; those that `may_be_left_out` need not exist.
///
/// # Errors
/// If the folder cannot be listed.
pub fn check(
    published: Published<'_>,
    may_be_left_out: impl Fn(&str) -> bool,
) -> Result<FolderCheck, IoError> {
    let mut files = FolderCheck::default();
    for (name, fault) in published.check() {
        match fault {
            FileFault::Missing if may_be_left_out(&name) => files.left_out.push(name),
            fault => files.differences.push(difference(&name, fault.to_string())),
        }
    }
    for name in published.unexpected()? {
        files
            .differences
            .push(difference(&name, UNEXPECTED.to_owned()));
        files.unexpected.insert(name);
    }
    Ok(files)
}

/// Lists unexpected files beside the folders of an experiment's replicates. Results of other
/// experiments may be below it.
///
/// # Errors
/// If a folder cannot be listed.
pub fn beside_replicates(folder: &Path) -> Result<Vec<Difference>, IoError> {
    let is_log_of = |name: &str| {
        let stem = name.strip_suffix(".log");
        stem.is_some_and(|stem| seed_of(stem).is_some() || stem == SUMMARY)
    };
    unexpected(folder, |name, is_folder| {
        let is_own = is_folder && (seed_of(name).is_some() || name == SUMMARY);
        let is_log = !is_folder && is_log_of(name);
        Ok(is_own || is_log || is_folder && leads_to_results(&folder.join(name))?)
    })
}

/// Lists unexpected files beside a ledger: neither results nor the page of a comparison.
///
/// # Errors
/// If a folder cannot be listed.
pub fn beside_ledger(folder: &Path) -> Result<Vec<Difference>, IoError> {
    unexpected(folder, |name, is_folder| {
        let page_of = name.strip_suffix(".md");
        Ok(match (is_folder, page_of) {
            (true, _) => leads_to_results(&folder.join(name))?,
            (false, _) if claims::FILES.contains(&name) => true,
            (false, Some(study)) => io::exists(&folder.join(study).join(SUMMARY))?,
            (false, None) => false,
        })
    })
}

fn unexpected(
    folder: &Path,
    is_expected: impl Fn(&str, bool) -> Result<bool, IoError>,
) -> Result<Vec<Difference>, IoError> {
    let mut found = Vec::new();
    for entry in io::entries(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = io::is_dir(&entry.path())?;
        if !name.starts_with('.') && !is_expected(&name, is_folder)? {
            found.push(difference(&name, UNEXPECTED.to_owned()));
        }
    }
    Ok(found)
}

/// True if a folder, or one below it, has results of an experiment.
fn leads_to_results(folder: &Path) -> Result<bool, IoError> {
    for entry in io::entries(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link to a folder does not count as one, so that no ring is followed.
        if name.starts_with('.') || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let is_result = seed_of(&name).is_some() || name == SUMMARY;
        let path = entry.path();
        if is_result && io::exists(&path.join(MANIFEST))? || leads_to_results(&path)? {
            return Ok(true);
        }
    }
    Ok(false)
}
