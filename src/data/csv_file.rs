//! CSV files of images: one row per image, with a label and one column per pixel, as
//! MNIST is passed around on Kaggle, on `OpenML` and elsewhere.
//!
//! Such a file is 77 MB of text for 33 MB of pixels, so it is streamed, and
//! numbers are read from the bytes directly. It is made by other people's
//! scripts, so every complaint names the line and column that an editor shows.

mod columns;
mod error;
mod numbered;
mod rows;
mod values;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::error::DataError;
use super::levels::{Levels, Scale};
use super::samples::{ImageSize, Samples};
use crate::config::{CsvFiles, MAX_ACROSS};
use crate::digest::sha256_of;
use crate::io::{at, open};
use columns::Columns;
pub use error::CsvError;
use error::Expected;
use rows::Rows;
use values::{Values, label, number};

/// Bytes of pixels that are read of a file, as of IDX files.
const MAX_PIXELS: usize = 1 << 30;

/// Bytes of text: what that many pixels take if they are written as `2.55e+02`.
const MAX_TEXT: u64 = 10 * MAX_PIXELS as u64;

/// The content of a CSV file.
#[derive(Debug)]
pub struct Table {
    /// Pixels across and down.
    pub size: ImageSize,
    /// Images and labels.
    pub samples: Samples,
    /// Levels as the file has them.
    pub levels: Levels,
    columns: Columns,
}

impl Table {
    /// Columns that were left out or put in order, for people.
    pub fn notes(&self) -> &[String] {
        &self.columns.notes
    }
}

/// What a file is to be understood by.
#[derive(Debug, Clone, Copy)]
pub struct Format<'a> {
    /// The level that is white, and the size of images where it is no square.
    pub files: &'a CsvFiles,
    /// Labels that have to occur, to tell labels from pixels in a file without a header.
    pub classes: &'a [u8],
}

/// Reads rows to train on.
///
/// # Errors
/// If the file cannot be read, has no row, which column is what is not certain, a row does
/// not fit the first, or images are not of the size that they should have.
pub fn load(path: &Path, format: Format<'_>) -> Result<Table, DataError> {
    let (table, last) =
        parse(open_bounded(path)?, format, None).map_err(|error| DataError::csv(path, error))?;
    check_first_column(&table, &last, format.classes)
        .map_err(|error| DataError::csv(path, error))?;
    Ok(table)
}

/// Reads rows to test on, with the columns of those to train on in whatever order.
///
/// # Errors
/// As [`load`], or if the columns are other ones.
pub fn load_like(path: &Path, format: Format<'_>, train: &Table) -> Result<Table, DataError> {
    let (table, _) = parse(open_bounded(path)?, format, Some(&train.columns))
        .map_err(|error| DataError::csv(path, error))?;
    Ok(table)
}

/// SHA-256 of a file whose first row is that of such a file.
///
/// # Errors
/// If the file cannot be read, or is none.
pub fn digest(path: &Path, format: Format<'_>) -> Result<String, DataError> {
    let mut rows = Rows::new(open_bounded(path)?);
    let first = Columns::first(&mut rows, None).and_then(|columns| size(&columns, format));
    first.map_err(|error| DataError::csv(path, error))?;
    Ok(sha256_of(open(path)?).map_err(at("read", path))?)
}

fn open_bounded(path: &Path) -> Result<File, DataError> {
    let file = open(path)?;
    let length = file.metadata().map_err(at("read", path))?.len();
    if length > MAX_TEXT {
        return Err(DataError::csv(
            path,
            CsvError::Long {
                length,
                most: MAX_TEXT,
            },
        ));
    }
    Ok(file)
}

/// Reads all rows from any source of bytes; also the values of the last column.
fn parse(
    source: impl Read,
    format: Format<'_>,
    like: Option<&Columns>,
) -> Result<(Table, Values), CsvError> {
    let mut rows = Rows::new(source);
    let columns = Columns::first(&mut rows, like)?;
    let size = size(&columns, format)?;
    let scale = Scale::of(format.files.levels);
    let mut reader = RowReader {
        columns: &columns,
        scale,
        samples: Samples::empty(size.pixels()),
        levels: Levels::none(scale),
        last: Values::default(),
    };
    loop {
        rows.check_columns(columns.count, columns.line)?;
        reader.read(&rows)?;
        if !rows.advance()? {
            break;
        }
    }
    let RowReader {
        samples,
        levels,
        last,
        ..
    } = reader;
    let table = Table {
        size,
        samples,
        levels,
        columns,
    };
    Ok((table, last))
}

/// The size of images: what the spec says, or a square.
fn size(columns: &Columns, format: Format<'_>) -> Result<ImageSize, CsvError> {
    let found = columns.pixels.len();
    if let Some(asked) = format.files.size() {
        return if asked.pixels() == found {
            Ok(asked)
        } else {
            Err(CsvError::Size { found, asked })
        };
    }
    let side = found.isqrt();
    match (side * side == found, side > MAX_ACROSS) {
        (false, _) => Err(CsvError::NoSquare { found }),
        (true, true) => Err(CsvError::TooLarge { side }),
        (true, false) => Ok(ImageSize {
            width: side,
            height: side,
        }),
    }
}

/// Reads rows one after the other.
struct RowReader<'a> {
    columns: &'a Columns,
    scale: Scale,
    samples: Samples,
    levels: Levels,
    /// What the last column holds.
    last: Values,
}

impl RowReader<'_> {
    fn read<R: Read>(&mut self, rows: &Rows<R>) -> Result<(), CsvError> {
        let Columns {
            label: place,
            pixels: places,
            ..
        } = self.columns;
        let cell = |column: usize| rows.row.get(column).unwrap_or_default();
        let expected = Expected::Label {
            has_header: self.columns.has_header,
        };
        let read = label(cell(*place)).ok_or_else(|| rows.fault(*place, expected))?;
        if (self.samples.len() + 1) * places.len() > MAX_PIXELS {
            return Err(CsvError::ManyRows {
                line: rows.line(),
                most: MAX_PIXELS,
            });
        }
        self.samples.labels.push(read);
        let pixels = Arc::make_mut(&mut self.samples.pixels);
        for &column in places {
            let fault = |why| rows.fault(column, Expected::Level(self.scale, why));
            let level = number(cell(column)).ok_or_else(|| fault(None))?;
            let byte = self.scale.byte(level).map_err(|why| fault(Some(why)))?;
            self.levels.add(level, self.scale, byte);
            pixels.push(byte);
        }
        self.last.add(cell(self.columns.count - 1));
        Ok(())
    }
}

/// Checks that in a file without a header the first column is the one of labels, and not
/// the last.
fn check_first_column(table: &Table, last: &Values, classes: &[u8]) -> Result<(), CsvError> {
    if table.columns.has_header {
        return Ok(());
    }
    let mut first = Values::default();
    for &label in &table.samples.labels {
        first.add_whole(label);
    }
    if last.has_all(classes) && (!first.has_all(classes) || last.count() <= first.count()) {
        return Err(CsvError::LabelFirstOrLast {
            columns: table.columns.count,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
