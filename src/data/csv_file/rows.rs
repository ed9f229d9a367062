//! Rows of a CSV file, one at a time.

use std::io::{self, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::error::{CsvError, Expected};
use crate::escape;

/// Maximum number of bytes of a row: the pixels of the largest images, at 40 characters each.
const MAX_ROW: usize = 4 << 20;

/// Bytes per read.
const BUFFER: usize = 1 << 16;

/// Rows of a file.
pub struct CsvRows<R> {
    reader: Reader<BoundedRows<R>>,
    /// Current row; its memory is reused.
    pub row: ByteRecord,
}

/// Source that fails within a row that never ends, as in a file of zeros, or after a quote
/// that is not closed.
struct BoundedRows<R> {
    source: R,
    /// Bytes that may still be read for the current row.
    left: usize,
}

impl<R: Read> Read for BoundedRows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let message = format!(
                "the row is longer than {MAX_ROW} bytes: a quote may not be closed, or the file \
                 is no text"
            );
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        let read = self.source.read(buffer)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl<R: Read> CsvRows<R> {
    /// Reads the rows of a source.
    pub fn new(source: R) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // By default a row ends before its `\n` under Windows, and lines are miscounted.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(BoundedRows {
                source,
                left: MAX_ROW,
            });
        Self {
            reader,
            row: ByteRecord::new(),
        }
    }

    /// Advances to the next row that is not blank; false at the end.
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

    /// Line on which the current row starts. The position of the row includes the blank lines
    /// before it; that of the reader is after the row's `\n`, unless the file ends without one.
    pub fn line(&self) -> u64 {
        let after = self.reader.position().line();
        let before = self.row.position().map_or(after, csv::Position::line);
        let lines = self.row.as_slice().split(|&b| b == b'\n').count();
        before.max(after.saturating_sub(lines as u64))
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

    /// Fault of a cell of the current row.
    pub fn fault(&self, column: usize, expected: Expected) -> CsvError {
        let found = excerpt(self.row.get(column).unwrap_or_default());
        CsvError::Cell {
            line: self.line(),
            column: column + 1,
            fault: expected.but_found(&found),
        }
    }
}

/// Start of a cell, escaped.
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

/// Start of a name, escaped.
pub fn shown(name: &str) -> String {
    excerpt(name.as_bytes())
}
