//! CSV files of images: one row per image, with a label and one column per pixel, as MNIST
//! is distributed on Kaggle, on `OpenML` and elsewhere.
//!
//! Such a file has 77 MB of text for 33 MB of pixels, so it is streamed, and numbers are
//! parsed from bytes. Other people's scripts write these files, so every error names the
//! line and column that an editor shows.

mod cell;
mod columns;
mod error;
mod label_column;
mod numbered;
mod rows;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::error::DataError;
use super::label::Label;
use super::levels::{LevelScale, Levels};
use super::samples::{ImageSize, Samples, SourceData, SourceRows};
use crate::config::{CsvFiles, MAX_ACROSS};
use crate::digest::sha256_of;
use crate::io::{at, open};
use cell::{LabelSet, number};
use columns::Columns;
pub use error::CsvError;
use error::Expected;
use label_column::LabelColumn;
use rows::CsvRows;

/// Maximum number of pixels of a file, as of an IDX file.
const MAX_PIXELS: usize = 1 << 30;

/// Maximum number of bytes of a file: that many pixels written as `2.55e+02`.
const MAX_TEXT: u64 = 10 * MAX_PIXELS as u64;

/// Content of a CSV file.
#[derive(Debug)]
struct CsvImages {
    size: ImageSize,
    columns: Columns,
    scale: LevelScale,
    samples: Samples,
    labels: LabelColumn,
    levels: Levels,
    /// Labels in the last column, if it holds nothing else.
    last: LabelSet,
}

/// Loads the training and test files of a spec in the folder `base`. The columns of the
/// test file may be in another order.
///
/// # Errors
/// If a file cannot be read, has no rows, its columns are ambiguous, a row differs from the
/// first one, images have another size than expected, or the columns of both files differ.
pub fn load(files: &CsvFiles, classes: &[Label], base: &Path) -> Result<SourceData, DataError> {
    let path = base.join(&files.file);
    let train = read(&path, files, None)?;
    check_first_column(&train, classes).map_err(|error| DataError::csv(&path, error))?;
    let mut test = None;
    if let Some(file) = &files.test_file {
        let table = read(&base.join(file), files, Some(&train))?;
        test = Some(table.into());
    }
    Ok(SourceData {
        train: train.into(),
        test,
    })
}

impl From<CsvImages> for SourceRows {
    fn from(table: CsvImages) -> Self {
        Self {
            size: table.size,
            words: table.labels.words().to_vec(),
            samples: table.samples,
            levels: Some(table.levels),
            notes: table.columns.notes,
        }
    }
}

/// Lists the labels of the training file of a spec in the folder `base`.
///
/// # Errors
/// If the file cannot be read, its columns are ambiguous, a row has another number of columns
/// than the first one, or a label is none.
pub fn labels(files: &CsvFiles, base: &Path) -> Result<BTreeSet<Label>, DataError> {
    let path = base.join(&files.file);
    labels_of(open_bounded(&path)?).map_err(|error| DataError::csv(&path, error))
}

fn labels_of(source: impl Read) -> Result<BTreeSet<Label>, CsvError> {
    let mut rows = CsvRows::new(source);
    let columns = Columns::first(&mut rows, None)?;
    let mut labels = LabelColumn::default();
    let (mut first, mut last) = (LabelSet::default(), LabelSet::default());
    loop {
        rows.check_columns(columns.count, columns.line)?;
        first.add_label(columns.label_in(&rows, &mut labels)?);
        last.add(rows.row.get(columns.count - 1).unwrap_or_default());
        if !rows.advance()? {
            break;
        }
    }
    // Labels of few classes in the last column, and levels in the first one.
    let numbers = labels.words().is_empty() && !columns.has_header;
    if numbers && last.is_of_labels() && (2..first.count()).contains(&last.count()) {
        let columns = columns.count;
        return Err(CsvError::LabelFirstOrLast { columns });
    }
    let words: BTreeSet<Label> = labels.words().iter().copied().collect();
    Ok(if words.is_empty() {
        first.labels()
    } else {
        words
    })
}

/// Returns the SHA-256 of a file, after checking its first row.
///
/// # Errors
/// If the file cannot be read, or is no CSV file of images.
pub fn digest(path: &Path, files: &CsvFiles) -> Result<String, DataError> {
    let mut rows = CsvRows::new(open_bounded(path)?);
    Columns::first(&mut rows, None)
        .and_then(|columns| size(&columns, files))
        .map_err(|error| DataError::csv(path, error))?;
    Ok(sha256_of(open(path)?).map_err(at("read", path))?)
}

fn open_bounded(path: &Path) -> Result<File, DataError> {
    let file = open(path)?;
    let length = file.metadata().map_err(at("read", path))?.len();
    if length > MAX_TEXT {
        let limit = MAX_TEXT;
        return Err(DataError::csv(path, CsvError::Long { length, limit }));
    }
    Ok(file)
}

fn read(path: &Path, files: &CsvFiles, like: Option<&CsvImages>) -> Result<CsvImages, DataError> {
    parse(open_bounded(path)?, files, like).map_err(|error| DataError::csv(path, error))
}

/// Parses all rows; `like` is the training file.
fn parse(
    source: impl Read,
    files: &CsvFiles,
    like: Option<&CsvImages>,
) -> Result<CsvImages, CsvError> {
    let mut rows = CsvRows::new(source);
    let columns = Columns::first(&mut rows, like.map(|train| &train.columns))?;
    let size = size(&columns, files)?;
    let scale = LevelScale::of(files.levels);
    let mut table = CsvImages {
        size,
        columns,
        scale,
        samples: Samples::empty(size.pixels()),
        labels: like.map_or_else(LabelColumn::default, |train| train.labels.of_training()),
        levels: Levels::none(scale),
        last: LabelSet::default(),
    };
    loop {
        rows.check_columns(table.columns.count, table.columns.line)?;
        table.add(&rows)?;
        if !rows.advance()? {
            return Ok(table);
        }
    }
}

/// Size of the images: that of the spec, else a square.
fn size(columns: &Columns, files: &CsvFiles) -> Result<ImageSize, CsvError> {
    let found = columns.pixels.len();
    if let Some(asked) = files.size() {
        return if asked.pixels() == found {
            Ok(asked)
        } else {
            Err(CsvError::Size { found, asked })
        };
    }
    let side = found.isqrt();
    if side * side != found {
        Err(CsvError::NoSquare { found })
    } else if side > MAX_ACROSS {
        Err(CsvError::TooLarge { side })
    } else {
        Ok(ImageSize {
            width: side,
            height: side,
        })
    }
}

impl CsvImages {
    /// Adds the current row.
    fn add<R: Read>(&mut self, rows: &CsvRows<R>) -> Result<(), CsvError> {
        let columns = &self.columns;
        let cell = |column: usize| rows.row.get(column).unwrap_or_default();
        let label = columns.label_in(rows, &mut self.labels)?;
        if (self.samples.len() + 1) * columns.pixels.len() > MAX_PIXELS {
            return Err(CsvError::ManyRows {
                line: rows.line(),
                limit: MAX_PIXELS,
            });
        }
        self.samples.labels.push(label);
        let pixels = Arc::make_mut(&mut self.samples.pixels);
        for &column in &columns.pixels {
            let fault = |why| rows.fault(column, Expected::Level(self.scale, why));
            let level = number(cell(column)).ok_or_else(|| fault(None))?;
            let byte = self.scale.byte(level).map_err(|why| fault(Some(why)))?;
            self.levels.add(level, self.scale, byte);
            pixels.push(byte);
        }
        self.last.add(cell(columns.count - 1));
        Ok(())
    }
}

/// Checks that in a file without a header the labels are in the first column, not in the
/// last one.
fn check_first_column(table: &CsvImages, classes: &[Label]) -> Result<(), CsvError> {
    if table.columns.has_header || !table.labels.words().is_empty() {
        return Ok(());
    }
    let mut first = LabelSet::default();
    for &label in &table.samples.labels {
        first.add_label(label);
    }
    let last = &table.last;
    if last.has_all(classes) && (!first.has_all(classes) || last.count() <= first.count()) {
        return Err(CsvError::LabelFirstOrLast {
            columns: table.columns.count,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
