//! Whether a rerun gives the published results again: what differs, by how
//! much and where. The machine that published them should give every byte
//! again, another one the same numbers within tolerances.

mod arrays;
mod bytes;
mod pixels;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod wording;

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::config::{FIGURES, Tolerance};
use crate::io::{self, IoError};
use crate::pipeline::publish::files::Products;

impl Tolerance {
    fn allowed(self, a: f64, b: f64) -> f64 {
        self.absolute + self.relative * a.abs().max(b.abs())
    }

    /// How many times as far apart as allowed, if further. No tolerance covers
    /// what is not finite: NaN is near nothing, an infinity only to itself.
    fn excess(self, a: f64, b: f64) -> Option<f64> {
        if a == b {
            return None;
        }
        if !a.is_finite() || !b.is_finite() {
            return Some(f64::INFINITY);
        }
        let (apart, allowed) = ((a - b).abs(), self.allowed(a, b));
        let near = apart <= allowed;
        // Of what must not differ at all, every difference is as bad.
        (!near).then(|| apart / allowed.max(0.0))
    }
}

/// How alike results must be.
#[derive(Clone, Copy)]
pub enum Strictness<'a> {
    /// Byte for byte; pictures pixel for pixel. The same bytes are equal also if
    /// they cannot be read as what their name says.
    Bytes,
    /// Numbers within the tolerance of this name: of a metric in tables with
    /// the columns `metric` and `value`, of a column in other tables, and of
    /// [`FIGURES`] for the mean absolute difference of a picture's levels
    /// (0 to 255, only `absolute` counts). Files of arrays and SVG drawings are
    /// skipped: weights have no tolerance, and a drawing is the same picture as
    /// its PNG. Files of other kinds must have the same bytes.
    Within(&'a dyn Fn(&str) -> Tolerance),
}

/// Something that did not come out as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path within the results, with `/` between folders.
    pub file: String,
    /// What differs, by how much and where, for a person to read.
    pub what: String,
}

/// What was found in two folders of results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The files compared, also those that differ or are missing. If there are
    /// none, nothing is verified.
    pub compared: Vec<String>,
    /// The files that both have and that no tolerance applies to.
    pub skipped: Vec<String>,
    /// All that differs, by file. One file can differ in several ways.
    pub differences: Vec<Difference>,
}

/// Compares a rerun with the published results, which may be a part of all
/// results: what only the rerun has is no difference. `manifest.json`,
/// `timings.csv`, logs and hidden files tell of the run itself and are ignored.
///
/// # Errors
/// If the folder of the published results cannot be listed. All else that
/// cannot be read is a difference.
pub fn compare(
    published: &Path,
    again: &Path,
    strictness: &Strictness<'_>,
) -> Result<Comparison, IoError> {
    let mut comparison = Comparison::default();
    comparison.folder("", published, again, strictness)?;
    Ok(comparison)
}

/// Compares published files with what they should be; those of other names are left
/// alone.
#[must_use]
pub fn compare_products(
    published: &Path,
    expected: &Products,
    strictness: &Strictness<'_>,
) -> Comparison {
    let mut comparison = Comparison::default();
    for (file, bytes) in expected {
        let published = content(&published.join(file), PUBLISHED);
        comparison.contents(file.clone(), (published, Ok(bytes.clone())), strictness);
    }
    comparison
}

impl Comparison {
    /// Compares all files of a folder. `prefix` is the way to it, with a `/` at the end.
    fn folder(
        &mut self,
        prefix: &str,
        published: &Path,
        again: &Path,
        strictness: &Strictness<'_>,
    ) -> Result<(), IoError> {
        for entry in io::entries(published)? {
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            if tells_of_the_run(&shown) {
                continue;
            }
            let file = format!("{prefix}{shown}");
            let (published, again) = (entry.path(), again.join(&name));
            // A link to a folder is none, so that no ring of links is followed.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let inner = format!("{file}/");
                if let Err(error) = self.folder(&inner, &published, &again, strictness) {
                    let what = format!("the published folder cannot be listed: {}", cause(&error));
                    self.differences.push(Difference { file, what });
                }
            } else {
                self.file(file, &published, &again, strictness);
            }
        }
        Ok(())
    }

    fn file(&mut self, file: String, published: &Path, again: &Path, strictness: &Strictness<'_>) {
        let sizes = [published, again].map(|path| path.metadata().map(|found| found.len()).ok());
        if let [Some(ours), Some(theirs)] = sizes
            && ours > MAX_GROWTH.saturating_mul(theirs.max(1 << 20))
        {
            // Not even read: a sparse file must not fill the memory.
            let what = format!("the sizes differ: {}", wording::both(ours, theirs));
            let compared = file.clone();
            self.differences.push(Difference { file, what });
            self.compared.push(compared);
            return;
        }
        let contents = (content(published, PUBLISHED), content(again, RERUN));
        self.contents(file, contents, strictness);
    }

    fn contents(
        &mut self,
        file: String,
        contents: (Content, Content),
        strictness: &Strictness<'_>,
    ) {
        let found = match contents {
            (Ok(published), Ok(again)) => {
                let (published, again) = (&published[..], &again[..]);
                compare_contents(Kind::of(&file), Pair { published, again }, strictness)
            }
            (published, again) => Some(
                [published.err(), again.err()]
                    .into_iter()
                    .flatten()
                    .collect(),
            ),
        };
        let Some(whats) = found else {
            self.skipped.push(file);
            return;
        };
        for what in whats {
            let file = file.clone();
            self.differences.push(Difference { file, what });
        }
        self.compared.push(file);
    }
}

/// True for what differs from run to run by its nature.
fn tells_of_the_run(name: &str) -> bool {
    let log = Path::new(name)
        .extension()
        .is_some_and(|kind| kind == "log");
    log || name.starts_with('.') || name == "manifest.json" || name == "timings.csv"
}

const PUBLISHED: &str = "the published file";
const RERUN: &str = "the rerun's file";

/// How many times as large as that of the rerun a published file may be to be read.
const MAX_GROWTH: u64 = 16;

/// The bytes of a file, or what is wrong with it.
type Content = Result<Vec<u8>, String>;

fn content(path: &Path, whose: &str) -> Content {
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!("{whose} is not there"));
        }
        Ok(found) if found.is_dir() => return Err(format!("{whose} is a folder")),
        // Of a pipe there may never be an end.
        Ok(found) if !found.is_file() => return Err(format!("{whose} is no plain file")),
        _ => {}
    }
    io::read(path).map_err(|error| format!("{whose} cannot be read: {}", cause(&error)))
}

/// Why, without the path, which is told beside it.
fn cause(error: &IoError) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// What a file holds, by its name.
#[derive(Clone, Copy)]
enum Kind {
    Table,
    Picture,
    Drawing,
    Arrays,
    Other,
}

impl Kind {
    fn of(file: &str) -> Self {
        match Path::new(file).extension().and_then(|kind| kind.to_str()) {
            Some("csv") => Self::Table,
            Some("png") => Self::Picture,
            Some("svg") => Self::Drawing,
            Some("safetensors") => Self::Arrays,
            _ => Self::Other,
        }
    }
}

/// What differs; nothing if no tolerance applies to this kind.
fn compare_contents(
    kind: Kind,
    pair: Pair<'_>,
    strictness: &Strictness<'_>,
) -> Option<Vec<String>> {
    match (kind, strictness) {
        (Kind::Table, Strictness::Bytes) => Some(table::exact(pair)),
        (Kind::Table, Strictness::Within(tolerance)) => Some(table::near(pair, tolerance)),
        (Kind::Picture, Strictness::Bytes) => Some(pixels::exact(pair)),
        (Kind::Picture, Strictness::Within(tolerance)) => {
            Some(pixels::near(pair, tolerance(FIGURES)))
        }
        (Kind::Arrays, Strictness::Bytes) => Some(arrays::exact(pair)),
        (Kind::Arrays | Kind::Drawing, Strictness::Within(_)) => None,
        (Kind::Drawing | Kind::Other, _) => Some(bytes::exact(pair)),
    }
}

/// The two versions of a file.
#[derive(Clone, Copy)]
struct Pair<'a> {
    published: &'a [u8],
    again: &'a [u8],
}

impl<'a> Pair<'a> {
    fn has_same_bytes(self) -> bool {
        self.published == self.again
    }

    /// Reads both, or tells what is wrong with either.
    fn read<T>(self, read: impl Fn(&'a [u8]) -> Result<T, String>) -> Result<[T; 2], Vec<String>> {
        match (read(self.published), read(self.again)) {
            (Ok(published), Ok(again)) => Ok([published, again]),
            (published, again) => {
                let published = published.err().map(|fault| format!("{PUBLISHED} {fault}"));
                let again = again.err().map(|fault| format!("{RERUN} {fault}"));
                Err([published, again].into_iter().flatten().collect())
            }
        }
    }
}
