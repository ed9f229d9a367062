//! Diff: what differs between published results and their rerun, by file and place, with
//! both values.
//!
//! The machine that published results should give every byte again, another one the same
//! numbers within tolerances.

mod arrays;
mod picture;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::config::{FIGURES, Tolerance};
use crate::escape;
use crate::io::{self, IoError};
use crate::store::{MANIFEST, Outputs, TIMINGS};

/// Strictness of a comparison.
#[derive(Clone, Copy)]
pub enum Strictness<'a> {
    /// Same bytes, or in pictures the same pixels. Files with the same bytes are equal even
    /// if they cannot be read.
    Bytes,
    /// Numbers within the tolerance of this name: of a metric in tables with
    /// the columns `metric` and `value`, of a column in other tables, and of
    /// [`FIGURES`] for the mean absolute difference of a picture's levels
    /// (0 to 255, only `absolute` counts). Files of arrays and SVG drawings are
    /// skipped: weights have no tolerance, and a drawing is the same picture as
    /// its PNG. Files of other kinds must have the same bytes.
    Within(&'a dyn Fn(&str) -> Tolerance),
}

/// Difference between published results and their rerun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Path within the results, with `/` between folders.
    pub file: String,
    /// Place and both values, for a person to read.
    pub what: String,
}

/// Comparison of two folders of results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Files compared, including those that differ or are missing. Without any, nothing is
    /// verified.
    pub compared: Vec<String>,
    /// Files of both folders that no tolerance applies to.
    pub skipped: Vec<String>,
    /// At most one difference per file: the first.
    pub differences: Vec<Difference>,
}

/// Compares a rerun with published results. Files of the rerun alone are ignored, as a part
/// of the results may be published, and so are `manifest.json`, `timings.csv`, logs and
/// hidden files, which describe the run itself.
///
/// # Errors
/// If the folder of the published results cannot be listed. Everything else that cannot be
/// read is a difference.
pub fn compare(
    published: &Path,
    rerun: &Path,
    strictness: &Strictness<'_>,
) -> Result<Comparison, IoError> {
    let mut comparison = Comparison::default();
    comparison.folder("", published, rerun, strictness)?;
    Ok(comparison)
}

/// Compares published files with what they should be; files of other names are ignored.
#[must_use]
pub fn compare_files_with(
    published: &Path,
    expected: &Outputs,
    strictness: &Strictness<'_>,
) -> Comparison {
    let mut comparison = Comparison::default();
    for (file, rerun) in expected {
        let published = content(&published.join(file), PUBLISHED);
        let found = published.map(|published| {
            let kind = FileKind::of(file);
            compare_versions(kind, Versions::new(&published, rerun), strictness)
        });
        comparison.add(file.clone(), found.unwrap_or_else(|what| Some(Err(what))));
    }
    comparison
}

impl Comparison {
    /// Compares all files of a folder. `prefix` is its path, with a `/` at the end.
    fn folder(
        &mut self,
        prefix: &str,
        published: &Path,
        rerun: &Path,
        strictness: &Strictness<'_>,
    ) -> Result<(), IoError> {
        for entry in io::entries(published)? {
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            if describes_the_run(&shown) {
                continue;
            }
            let file = format!("{prefix}{shown}");
            let (published, rerun) = (entry.path(), rerun.join(&name));
            // A link to a folder does not count as one, so that no ring is followed.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let inner = format!("{file}/");
                if let Err(error) = self.folder(&inner, &published, &rerun, strictness) {
                    let what = format!("the published folder cannot be listed: {}", cause(&error));
                    self.differences.push(Difference { file, what });
                }
            } else {
                let found = compare_files(&file, &published, &rerun, strictness);
                self.add(file, found);
            }
        }
        Ok(())
    }

    /// Adds the result for a file; none if it is skipped.
    fn add(&mut self, file: String, found: Option<Result<(), String>>) {
        match found {
            None => self.skipped.push(file),
            Some(Ok(())) => self.compared.push(file),
            Some(Err(what)) => {
                self.compared.push(file.clone());
                self.differences.push(Difference { file, what });
            }
        }
    }
}

/// True for files that differ from run to run by their nature.
fn describes_the_run(name: &str) -> bool {
    let extension = Path::new(name).extension();
    let is_log = extension.is_some_and(|extension| extension == "log");
    is_log || name.starts_with('.') || name == MANIFEST || name == TIMINGS
}

/// Size of a published file that is read, in multiples of that of the rerun's.
const MAX_GROWTH: u64 = 16;

fn compare_files(
    file: &str,
    published: &Path,
    rerun: &Path,
    strictness: &Strictness<'_>,
) -> Option<Result<(), String>> {
    let sizes = [published, rerun].map(|path| path.metadata().map(|found| found.len()).ok());
    if let [Some(ours), Some(theirs)] = sizes
        && ours > MAX_GROWTH.saturating_mul(theirs.max(1 << 20))
    {
        // Not even read: a sparse file must not fill the memory.
        return Some(Err(format!("size in bytes: {}", both(ours, theirs))));
    }
    match (content(published, PUBLISHED), content(rerun, RERUN)) {
        (Ok(published), Ok(rerun)) => {
            let versions = Versions::new(&published, &rerun);
            compare_versions(FileKind::of(file), versions, strictness)
        }
        (Err(what), _) | (Ok(_), Err(what)) => Some(Err(what)),
    }
}

const PUBLISHED: &str = "the published file";
const RERUN: &str = "the rerun's file";

/// Reads a plain file; fails with the fault of the file that `whose` names.
fn content(path: &Path, whose: &str) -> Result<Vec<u8>, String> {
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!("{whose} is missing"));
        }
        Ok(found) if found.is_dir() => return Err(format!("{whose} is a folder")),
        // A pipe may never end.
        Ok(found) if !found.is_file() => return Err(format!("{whose} is not a plain file")),
        Ok(_) | Err(_) => {}
    }
    io::read(path).map_err(|error| format!("{whose} cannot be read: {}", cause(&error)))
}

/// Returns the cause of an error without the path, which is printed beside it.
fn cause(error: &IoError) -> String {
    let cause = error.source();
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Content of a file, by its name.
#[derive(Clone, Copy)]
enum FileKind {
    Table,
    Picture,
    Drawing,
    Arrays,
    Other,
}

impl FileKind {
    fn of(file: &str) -> Self {
        match Path::new(file).extension().and_then(|kind| kind.to_str()) {
            Some("csv") => Self::Table,
            Some("png") => Self::Picture,
            Some("svg") => Self::Drawing,
            Some("safetensors") => Self::Arrays,
            Some(_) | None => Self::Other,
        }
    }
}

/// Compares two versions of a file; none if no tolerance applies to its kind.
fn compare_versions(
    kind: FileKind,
    versions: Versions<'_>,
    strictness: &Strictness<'_>,
) -> Option<Result<(), String>> {
    let tolerance = match strictness {
        Strictness::Bytes if versions.are_same_bytes() => return Some(Ok(())),
        Strictness::Bytes => None,
        Strictness::Within(tolerance) => Some(*tolerance),
    };
    match (kind, tolerance) {
        (FileKind::Table, _) => Some(table::compare(versions, tolerance)),
        (FileKind::Picture, None) => Some(picture::compare(versions)),
        (FileKind::Picture, Some(of)) => Some(picture::compare_within(versions, of(FIGURES))),
        (FileKind::Arrays, None) => Some(arrays::compare(versions)),
        (FileKind::Arrays | FileKind::Drawing, Some(_)) => None,
        (FileKind::Drawing, None) | (FileKind::Other, _) => Some(text::compare(versions)),
    }
}

/// Two versions of a file.
#[derive(Clone, Copy)]
struct Versions<'a> {
    published: &'a [u8],
    rerun: &'a [u8],
}

impl<'a> Versions<'a> {
    fn new(published: &'a [u8], rerun: &'a [u8]) -> Self {
        Self { published, rerun }
    }

    fn are_same_bytes(self) -> bool {
        self.published == self.rerun
    }

    /// Reads both; fails with the fault of the first that cannot be read.
    fn read<T>(self, read: impl Fn(&'a [u8]) -> Result<T, String>) -> Result<[T; 2], String> {
        let published = read(self.published).map_err(|fault| format!("{PUBLISHED} {fault}"))?;
        let rerun = read(self.rerun).map_err(|fault| format!("{RERUN} {fault}"))?;
        Ok([published, rerun])
    }
}

/// Formats both versions of a value.
fn both(published: impl std::fmt::Display, rerun: impl std::fmt::Display) -> String {
    format!("published {published}, rerun {rerun}")
}

/// Formats a number with three digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    format!("{rounded:?}")
}

/// Maximum length of a quoted text, in letters.
const MAX_QUOTE: usize = 60;

/// Quotes a text on one line, cut if it is long.
fn quoted(text: &str) -> String {
    let mut start: String = text.chars().take(MAX_QUOTE).collect();
    if start.len() < text.len() {
        start.push_str("...");
    }
    match start.as_str() {
        "" => "nothing".to_owned(),
        start => format!("`{}`", escape::line(start)),
    }
}
