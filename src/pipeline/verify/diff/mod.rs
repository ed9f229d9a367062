//! Diff: what differs between published results and their rerun, by file and place, with
//! both values.
//!
//! The machine that published results should give every byte again, another one the same
//! numbers within tolerances.

mod arrays;
mod cells;
mod picture;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::error::Error;
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
pub fn compare_files_with(
    published: &Path,
    expected: &Outputs,
    strictness: &Strictness<'_>,
) -> Comparison {
    let mut comparison = Comparison::default();
    for (file, rerun) in expected {
        comparison.file(file, &published.join(file), Ok(rerun), strictness);
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
            let file = format!("{prefix}{}", name.to_string_lossy());
            if describes_the_run(&name.to_string_lossy()) {
                continue;
            }
            let (published, rerun) = (entry.path(), rerun.join(&name));
            // A link to a folder does not count as one, so that no ring is followed.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let inner = format!("{file}/");
                if let Err(error) = self.folder(&inner, &published, &rerun, strictness) {
                    let what = format!("the published folder cannot be listed: {}", cause(&error));
                    self.differences.push(Difference { file, what });
                }
            } else {
                let rerun = content(&rerun, u64::MAX, RERUN);
                let rerun = rerun.as_deref().map_err(String::clone);
                self.file(&file, &published, rerun, strictness);
            }
        }
        Ok(())
    }

    /// Compares a published file with its rerun, or adds the reason that there is none.
    fn file(
        &mut self,
        file: &str,
        published: &Path,
        rerun: Result<&[u8], String>,
        strictness: &Strictness<'_>,
    ) {
        let most = MAX_GROWTH * rerun.as_ref().map_or(0, |rerun| rerun.len()).max(1 << 20) as u64;
        let found = content(published, most, PUBLISHED).and_then(|published| {
            let (published, rerun) = (&published[..], rerun?);
            Ok(compare_versions(
                file,
                Versions { published, rerun },
                strictness,
            ))
        });
        let file = file.to_owned();
        match found.unwrap_or_else(|what| Some(Err(what))) {
            None => return self.skipped.push(file),
            Some(Ok(())) => {}
            Some(Err(what)) => self.differences.push(Difference {
                file: file.clone(),
                what,
            }),
        }
        self.compared.push(file);
    }
}

/// True for files that differ from run to run by their nature.
fn describes_the_run(name: &str) -> bool {
    let is_log = Path::new(name)
        .extension()
        .is_some_and(|kind| kind == "log");
    is_log || name.starts_with('.') || name == MANIFEST || name == TIMINGS
}

/// Size of a published file that is read, in multiples of that of the rerun's: a sparse file
/// must not fill the memory.
const MAX_GROWTH: u64 = 16;

const PUBLISHED: &str = "the published file";
const RERUN: &str = "the rerun's file";

/// Reads a plain file of at most this size; fails with the fault of the file that `whose`
/// names.
fn content(path: &Path, most: u64, whose: &str) -> Result<Vec<u8>, String> {
    io::read_at_most(path, most).map_err(|error| {
        if error.is_not_found() {
            format!("{whose} is missing")
        } else {
            format!("{whose} cannot be read: {}", cause(&error))
        }
    })
}

/// Returns the cause of an error without the path, which is printed beside it.
fn cause(error: &IoError) -> String {
    let cause = error.source();
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Compares two versions of a file by its kind; none if no tolerance applies to it.
fn compare_versions(
    file: &str,
    versions: Versions<'_>,
    strictness: &Strictness<'_>,
) -> Option<Result<(), String>> {
    let tolerance = match strictness {
        Strictness::Bytes if versions.are_same_bytes() => return Some(Ok(())),
        Strictness::Bytes => None,
        Strictness::Within(tolerance) => Some(*tolerance),
    };
    let extension = Path::new(file).extension().and_then(|kind| kind.to_str());
    match (extension, tolerance) {
        (Some("safetensors" | "svg" | "pdf"), Some(_)) => None,
        (Some("csv"), _) => Some(table::compare(versions, tolerance)),
        (Some("png"), _) => Some(picture::compare(versions, tolerance.map(|of| of(FIGURES)))),
        (Some("safetensors"), None) => Some(arrays::compare(versions)),
        (Some(_) | None, _) => Some(text::compare(versions)),
    }
}

/// Two versions of a file.
#[derive(Clone, Copy)]
struct Versions<'a> {
    published: &'a [u8],
    rerun: &'a [u8],
}

impl<'a> Versions<'a> {
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

/// Maximum length of a quoted text, in characters.
const MAX_QUOTE: usize = 60;

/// Quotes a text on one line, cut if it is long.
fn quoted(text: &str) -> String {
    match text {
        "" => "nothing".to_owned(),
        text => format!("`{}`", escape::line(&escape::clip(text, MAX_QUOTE))),
    }
}
