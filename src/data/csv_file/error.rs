//! Faults of the content of CSV files.

use std::fmt;
use std::io;

use super::label_column::LabelFault;
use super::rows::shown;
use crate::config::MAX_ACROSS;
use crate::data::levels::{LevelError, LevelScale};
use crate::data::samples::ImageSize;

/// Fault of the content of a CSV file. The caller adds the path. Lines and columns count
/// from 1.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// File without rows of numbers.
    #[error("{0}; expected rows of a label and pixels")]
    NoRows(&'static str),
    /// First row that is no text.
    #[error("line {line}: expected UTF-8 text; is the file still packed?")]
    NotText {
        /// Line of the row.
        line: u64,
    },
    /// Columns that are not separated by commas.
    #[error("line {line}: expected commas between columns, got {found}; convert the file")]
    Separator {
        /// Line of the row.
        line: u64,
        /// Names of the separators.
        found: &'static str,
    },
    /// Line ends of old Macintoshes.
    #[error("expected line feeds at line ends, got single carriage returns; convert the file")]
    LineEnds,
    /// First row without a column besides the label.
    #[error(
        "line {line}: expected a label and at least one pixel, separated by commas; got {columns}"
    )]
    NoPixels {
        /// Line of the row.
        line: u64,
        /// Description of its columns.
        columns: &'static str,
    },
    /// Header without a column of labels.
    #[error(
        "line {line}: header without a label column ({names}); name it `label`, `class`, \
         `target`, `y` or `digit`"
    )]
    NoLabel {
        /// Line of the header.
        line: u64,
        /// First names of the header.
        names: String,
    },
    /// Header with several columns that could be the labels.
    #[error("{first} and {second} could both be the labels; rename or remove one of them")]
    TwoLabels {
        /// Number and name of the first column.
        first: String,
        /// Number and name of the second column.
        second: String,
    },
    /// Names of pixel columns that do not determine the order.
    #[error("the order of the pixels is ambiguous: {0}")]
    Order(String),
    /// File without a header whose labels could be in the first or the last column.
    #[error(
        "no header, and the labels could be in column 1 or in column {columns}, the last one; add \
         a header that names one of them `label`, and the pixels `pixel0`, `pixel1` and so on"
    )]
    LabelFirstOrLast {
        /// Number of columns.
        columns: usize,
    },
    /// Test file with other columns than the training file.
    #[error("columns differ from those of the training file: {0}")]
    Unlike(String),
    /// Rows of another length than the size in the spec.
    #[error(
        "expected {} pixel columns for `data.width` x `data.height` = {asked}, got {found}",
        asked.pixels()
    )]
    Size {
        /// Number of pixel columns.
        found: usize,
        /// Size in the spec.
        asked: ImageSize,
    },
    /// Number of pixels that is no square.
    #[error(
        "expected a square number of pixel columns, got {found}; set `data.width` and \
         `data.height` to numbers whose product is {found}, or name other columns in a header \
         (`label`, `id`)"
    )]
    NoSquare {
        /// Number of pixel columns.
        found: usize,
    },
    /// Images that are too large for networks of dense layers.
    #[error(
        "images are too large; expected at most {MAX_ACROSS} x {MAX_ACROSS} pixels, got \
         {side} x {side}"
    )]
    TooLarge {
        /// Width and height.
        side: usize,
    },
    /// Row with another number of columns than the first one.
    #[error("line {line}: expected {expected} columns, as in line {first}; got {found}")]
    Columns {
        /// Line of the row.
        line: u64,
        /// Number of its columns.
        found: usize,
        /// Number of columns of the first row.
        expected: usize,
        /// Line of the first row.
        first: u64,
    },
    /// Cell with an unexpected content.
    #[error("line {line}, column {column}: {fault}")]
    Cell {
        /// Line of the row.
        line: u64,
        /// Column of the cell.
        column: usize,
        /// Expected and actual content.
        fault: String,
    },
    /// More pixels than the limit.
    #[error("line {line}: too many pixels; expected at most {limit}; split the file")]
    ManyRows {
        /// Line beyond the limit.
        line: u64,
        /// Maximum number of pixels.
        limit: usize,
    },
    /// File that is longer than the limit.
    #[error("too large; expected at most {limit} bytes, got {length}")]
    Long {
        /// Number of bytes.
        length: u64,
        /// Maximum number of bytes.
        limit: u64,
    },
    /// File that cannot be read to its end.
    #[error("cannot read on from line {line}")]
    Read {
        /// Line of the failure.
        line: u64,
        /// Cause.
        source: io::Error,
    },
}

/// Expected content of a cell.
#[derive(Debug, Clone)]
pub enum Expected {
    /// Label, in a file with a header or without.
    Label {
        /// True if there is a header.
        has_header: bool,
        /// Fault of the label.
        fault: LabelFault,
    },
    /// Level on this scale, with the fault of a number that is none.
    Level(LevelScale, Option<LevelError>),
}

impl Expected {
    /// Describes the fault of a cell that starts with `found`.
    pub fn but_found(self, found: &str) -> String {
        match self {
            Self::Label { has_header, fault } => {
                let hint = if has_header {
                    ""
                } else {
                    "; without a header the first column is the label"
                };
                match fault {
                    LabelFault::None(error) => format!(
                        "expected a label, a whole number from 0 to 255 or a word, got \
                         `{found}`: {error}{hint}"
                    ),
                    LabelFault::Mixed { .. } | LabelFault::Case { .. } | LabelFault::Many => {
                        format!("{fault}{hint}")
                    }
                }
            }
            Self::Level(scale, why) => {
                let hint = why.map(|why| format!("; {why}")).unwrap_or_default();
                format!("expected {}, got `{found}`{hint}", scale.expected())
            }
        }
    }
}

/// Column with its index and its name, which may be empty.
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
