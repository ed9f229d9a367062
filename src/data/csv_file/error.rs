//! What can be wrong with the content of a CSV file.

use std::fmt;
use std::io;

use super::rows::shown;
use crate::config::MAX_ACROSS;
use crate::data::levels::{LevelError, Scale};
use crate::data::samples::ImageSize;

/// What is wrong with the content of a CSV file. The path is the caller's to add.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// There is no row of numbers.
    #[error("{0}; expected rows of a label and pixels")]
    NoRows(&'static str),
    /// The first row is no text at all.
    #[error("line {line} is not UTF-8 text: is this a CSV file, unpacked?")]
    NotText {
        /// From 1.
        line: u64,
    },
    /// Columns are set apart by something else than commas.
    #[error("line {line} sets columns apart by {found}; expected commas; convert the file")]
    Separator {
        /// From 1.
        line: u64,
        /// In words.
        found: &'static str,
    },
    /// Lines end as those of old Macintoshes.
    #[error("lines end in single carriage returns; expected line feeds; convert the file")]
    LineEnds,
    /// The first row has no column besides the label.
    #[error(
        "line {line} has {columns}; expected a label and at least one pixel, set apart by commas"
    )]
    NoPixels {
        /// From 1.
        line: u64,
        /// The columns that there are.
        columns: &'static str,
    },
    /// A header has no column of labels.
    #[error(
        "line {line} is a header without a column of labels ({names}); call that column `label`, \
         `class`, `target`, `y` or `digit`"
    )]
    NoLabel {
        /// From 1.
        line: u64,
        /// The first of its names.
        names: String,
    },
    /// A header has several columns that could be labels.
    #[error("{first} and {second} could both be the labels; rename or remove one of them")]
    TwoLabels {
        /// With its number.
        first: String,
        /// With its number.
        second: String,
    },
    /// The names of pixel columns do not say which pixel is which.
    #[error("the order of the pixels is not certain: {0}")]
    Order(String),
    /// A file without a header could have its labels first or last.
    #[error(
        "there is no header, and column {columns}, the last one, holds the classes as well as or \
         better than column 1; put a header above the rows that names one of them `label`, and \
         the pixels `pixel0`, `pixel1` and so on"
    )]
    LabelFirstOrLast {
        /// Columns of the file.
        columns: usize,
    },
    /// Rows to test on have other columns than those to train on.
    #[error("the columns do not fit those of the training file: {0}")]
    Unlike(String),
    /// Width and height of the spec are not those of the rows.
    #[error(
        "there are {found} pixel columns, but `data.width` x `data.height` is {asked} = {}",
        asked.pixels()
    )]
    Size {
        /// Pixel columns.
        found: usize,
        /// The size that the spec says.
        asked: ImageSize,
    },
    /// The number of pixels is no square.
    #[error(
        "there are {found} pixel columns, which make no square; set `data.width` and \
         `data.height` to numbers whose product is {found}, or name columns that are no pixels \
         in a header (`label`, `id`)"
    )]
    NoSquare {
        /// Pixel columns.
        found: usize,
    },
    /// Images are larger than networks of dense layers can look at.
    #[error("images of {side} x {side} pixels; at most {MAX_ACROSS} x {MAX_ACROSS} can be taken")]
    TooLarge {
        /// Pixels across and down.
        side: usize,
    },
    /// A row has another number of columns than the first.
    #[error("line {line} has {found} columns; expected {expected} like line {first}")]
    Columns {
        /// From 1.
        line: u64,
        /// Columns of this line.
        found: usize,
        /// Columns of the first row.
        expected: usize,
        /// The line of the first row.
        first: u64,
    },
    /// A cell is not what it must be.
    #[error("line {line}, column {column}: {fault}")]
    Cell {
        /// From 1.
        line: u64,
        /// From 1.
        column: usize,
        /// What it must be, and what it is.
        fault: String,
    },
    /// The rows have more pixels than are read.
    #[error("line {line} goes beyond the {most} pixels that are read at most; split the file")]
    ManyRows {
        /// From 1.
        line: u64,
        /// The limit.
        most: usize,
    },
    /// The file is longer than any that is read.
    #[error("the file has {length} bytes; at most {most} are read")]
    Long {
        /// Bytes of the file.
        length: u64,
        /// The limit.
        most: u64,
    },
    /// The file cannot be read on.
    #[error("cannot read on from line {line}")]
    Read {
        /// From 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
}

/// What a cell must be.
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// A label, in a file with a header or without.
    Label {
        /// Whether there is a header.
        has_header: bool,
    },
    /// A pixel on this scale, and why it is none if it is a number.
    Level(Scale, Option<LevelError>),
}

impl Expected {
    /// What is wrong with a cell of which this is the beginning.
    pub fn but_found(self, found: &str) -> String {
        match self {
            Self::Label { has_header } => {
                let hint = if has_header {
                    ""
                } else {
                    "; without a header the first column is the label"
                };
                format!("expected a label, a whole number from 0 to 255, found `{found}`{hint}")
            }
            Self::Level(scale, why) => {
                let hint = why.map(|why| format!("; {why}")).unwrap_or_default();
                format!("expected {}, found `{found}`{hint}", scale.expected())
            }
        }
    }
}

/// A column with its number and, if it has one, its name.
pub struct Named<'a>(pub usize, pub &'a str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(index, name) = self;
        let number = index + 1;
        match *name {
            "" => write!(f, "column {number}, which has no name,"),
            name => write!(f, "column {number} (`{}`)", shown(name)),
        }
    }
}
