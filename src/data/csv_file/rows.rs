//! The rows of a CSV file, one at a time.

use std::io::{self, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::error::{CsvError, Expected};
use crate::escape;

/// Bytes of one row: the pixels of the largest images, at 40 characters each.
const MAX_ROW: usize = 4 << 20;

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 16;

/// The rows of a file.
pub struct Rows<R> {
    reader: Reader<Bounded<R>>,
    /// The current row; its memory is used again for the next.
    pub row: ByteRecord,
}

/// A source that gives up amid a row that never ends: a file of zeros has no line break,
/// and a quote that is not closed takes in all that follows.
struct Bounded<R> {
    source: R,
    /// Bytes that may still be read for the current row.
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let message = format!(
                "the row is longer than {MAX_ROW} bytes: a quote may not be closed, or the file \
                 is no text"
            );
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        let read = self.source.read(place)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl<R: Read> Rows<R> {
    pub fn new(source: R) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // Else a row would end before its `\n` under Windows, and lines be counted wrongly.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(Bounded {
                source,
                left: MAX_ROW,
            });
        Self {
            reader,
            row: ByteRecord::new(),
        }
    }

    /// Goes to the next row that is not blank; false at the end.
    pub fn advance(&mut self) -> Result<bool, CsvError> {
        loop {
            self.reader.get_mut().left = MAX_ROW;
            let more = self.reader.read_byte_record(&mut self.row);
            let line = self.reader.position().line();
            let more = more.map_err(|e| CsvError::Read {
                line,
                source: e.into(),
            })?;
            let blank = self.row.len() == 1 && self.row[0].trim_ascii().is_empty();
            if !more || !blank {
                return Ok(more);
            }
        }
    }

    /// The line on which the current row begins. The reader notes where it began
    /// to look for the row, which is too early by the blank lines before it; and
    /// it stands behind the row's `\n`, unless the file ends without one.
    pub fn line(&self) -> u64 {
        let behind = self.reader.position().line();
        let before = self.row.position().map_or(behind, csv::Position::line);
        let lines = self.row.as_slice().split(|&b| b == b'\n').count();
        before.max(behind.saturating_sub(lines as u64))
    }

    /// Checks that the current row has as many columns as the first.
    pub fn check_columns(&self, expected: usize, first: u64) -> Result<(), CsvError> {
        let found = self.row.len();
        if found == expected {
            return Ok(());
        }
        Err(CsvError::Columns {
            line: self.line(),
            found,
            expected,
            first,
        })
    }

    /// A cell of the current row that is not what it must be.
    pub fn fault(&self, column: usize, expected: Expected) -> CsvError {
        let found = excerpt(self.row.get(column).unwrap_or_default());
        CsvError::Cell {
            line: self.line(),
            column: column + 1,
            fault: expected.but_found(&found),
        }
    }
}

/// The beginning of a cell, printable.
pub fn excerpt(cell: &[u8]) -> String {
    const SHOWN: usize = 20;
    match std::str::from_utf8(cell) {
        Ok(text) => {
            let beginning: String = text.chars().take(SHOWN).collect();
            escape::line(&beginning).into_owned()
        }
        Err(_) => cell[..cell.len().min(SHOWN)].escape_ascii().to_string(),
    }
}

/// The beginning of a name, printable.
pub fn shown(name: &str) -> String {
    excerpt(name.as_bytes())
}
