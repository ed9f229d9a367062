//! CSV files of images: a label and then one column a pixel, as MNIST is
//! passed around on Kaggle and elsewhere.
//!
//! Such a file is 77 MB of text for 33 MB of pixels, so it is streamed, and
//! numbers are read from the bytes directly. It is made by other people's
//! scripts, so each complaint tells the line and column an editor shows.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::error::DataError;
use super::samples::Samples;
use crate::io::open;

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
    /// The first row has no column besides the label.
    #[error(
        "line {line} has 1 column; expected a label and at least one pixel, set apart by commas"
    )]
    NoPixels {
        /// From 1.
        line: u64,
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
    /// A cell is not a byte.
    #[error("line {line}, column {column}: expected a whole number from 0 to 255, found `{found}`")]
    Cell {
        /// From 1.
        line: u64,
        /// From 1; column 1 is the label.
        column: usize,
        /// The beginning of the cell, with unprintable bytes escaped.
        found: String,
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

/// The samples of a CSV file: a label and then pixels in each row, all whole
/// numbers from 0 to 255. The first row tells how many pixels there are; it is
/// taken as a header if its first two cells are no numbers. Blank lines are skipped.
///
/// # Errors
/// If the file cannot be read, has no row, or a row is not of that kind.
pub fn load(path: &Path) -> Result<Samples, DataError> {
    let file = open(path)?;
    parse(file).map_err(|e| DataError::csv(path, e))
}

/// [`load`] from any source of bytes.
fn parse(source: impl Read) -> Result<Samples, CsvError> {
    let mut rows = Rows::new(source);
    if !rows.advance()? {
        return Err(CsvError::NoRows("the file is empty"));
    }
    let (first, columns) = (rows.line(), rows.row.len());
    if std::str::from_utf8(rows.row.as_slice()).is_err() {
        return Err(CsvError::NotText { line: first });
    }
    if columns < 2 {
        return Err(CsvError::NoPixels { line: first });
    }
    if is_header(&rows.row) && !rows.advance()? {
        return Err(CsvError::NoRows("there is only a header"));
    }
    let mut samples = Samples::empty(columns - 1);
    loop {
        rows.check_columns(columns, first)?;
        rows.append_to(&mut samples)?;
        if !rows.advance()? {
            return Ok(samples);
        }
    }
}

/// True if neither of the first two cells is a number of any kind. One alone is
/// a label or a pixel gone wrong.
fn is_header(row: &ByteRecord) -> bool {
    let is_name = |cell: &[u8]| String::from_utf8_lossy(cell).trim().parse::<f64>().is_err();
    row.iter().take(2).all(is_name)
}

/// The rows of a file, one at a time.
struct Rows<R> {
    reader: Reader<R>,
    /// The current row; its memory is used again for the next.
    row: ByteRecord,
}

impl<R: Read> Rows<R> {
    fn new(source: R) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // Else a row would end before its `\n` under Windows, and lines be counted wrongly.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(source);
        Self {
            reader,
            row: ByteRecord::new(),
        }
    }

    /// Goes to the next row that is not blank; false at the end.
    fn advance(&mut self) -> Result<bool, CsvError> {
        loop {
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
    fn line(&self) -> u64 {
        let behind = self.reader.position().line();
        let before = self.row.position().map_or(behind, csv::Position::line);
        let lines = self.row.as_slice().split(|&b| b == b'\n').count();
        before.max(behind.saturating_sub(lines as u64))
    }

    fn check_columns(&self, expected: usize, first: u64) -> Result<(), CsvError> {
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

    fn append_to(&self, samples: &mut Samples) -> Result<(), CsvError> {
        let mut cells = self.row.iter().enumerate().map(|(index, cell)| {
            byte(cell).ok_or_else(|| CsvError::Cell {
                line: self.line(),
                column: index + 1,
                found: excerpt(cell),
            })
        });
        samples.labels.extend(cells.next().transpose()?);
        let pixels = Arc::make_mut(&mut samples.pixels);
        for pixel in cells {
            pixels.push(pixel?);
        }
        Ok(())
    }
}

/// The number 0 to 255 in a cell, with or without spaces around it.
fn byte(cell: &[u8]) -> Option<u8> {
    let digits = cell.trim_ascii();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u8, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|&d| d < 10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// The beginning of a cell, printable.
fn excerpt(cell: &[u8]) -> String {
    const SHOWN: usize = 20;
    match std::str::from_utf8(cell) {
        Ok(text) if !text.contains(char::is_control) => text.chars().take(SHOWN).collect(),
        _ => cell[..cell.len().min(SHOWN)].escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::error::Error;

    fn fault(text: &[u8]) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn rows_come_with_or_without_header_and_however_lines_end() {
        let expected = Samples {
            features: 2,
            pixels: Arc::new(vec![0, 255, 7, 8]),
            labels: vec![5, 9],
        };
        let files: [&[u8]; 8] = [
            b"5,0,255\n9,7,8\n",
            b"5,0,255\n9,7,8",
            b"5,0,255\r\n9,7,8\r\n",
            b"label,pixel0,pixel1\n5,0,255\n9,7,8\n",
            b"\"label\",\"1x1\",\"1x2\"\r\n\"5\",\"0\",\"255\"\r\n\"9\",\"7\",\"8\"\r\n",
            b"\xef\xbb\xbf5,0,255\n9,7,8\n",
            b"\n5, 0, 255\n\n  \n9, 007, 8\n\n",
            b"\r\n5,0,255\r\n\r\n9,7,8\r\n\r\n",
        ];
        for file in files {
            assert_eq!(parse(file).unwrap(), expected, "{}", file.escape_ascii());
        }
    }

    #[test]
    fn every_fault_names_the_line_and_what_was_expected() {
        let cases = [
            fault(b""),
            fault(b"\r\n\n"),
            fault(b"label,pixel0\n\n"),
            fault(b"\x1f\x8b\x08\x00,\x00"),
            fault(b"5 0 255\n"),
            fault(b"label,a,b\n5,0,1\n9,7\n"),
            fault(b"label,a,b\n5,0\n"),
            fault(b"5,0,1\n9,7,8,6"),
            fault(b"5,0,1\r\n\r\n9,7\r\n"),
            fault(b"5,0,1\n9,\"7,8\n1,2,3\n4,5,6\n"),
            fault(b"5,0,1\n\n\n9,256,8\n"),
            fault(b"-1,0,1\n"),
            fault(b"cat,0,1\n"),
            fault(b"5,0,1\n9,7,0.5\n"),
            fault(b"5,0,1\nlabel,7,8\n"),
            fault(b"5,0,1\n9,,8\n"),
            fault(b"5,0,1\n9,\xff\xfe,8\n"),
            fault("5,0,1\n9,sieben und zwanzig M\u{e4}use,8\n".as_bytes()),
        ];
        insta::assert_snapshot!(cases.join("\n"), @r"
        the file is empty; expected rows of a label and pixels
        the file is empty; expected rows of a label and pixels
        there is only a header; expected rows of a label and pixels
        line 1 is not UTF-8 text: is this a CSV file, unpacked?
        line 1 has 1 column; expected a label and at least one pixel, set apart by commas
        line 3 has 2 columns; expected 3 like line 1
        line 2 has 2 columns; expected 3 like line 1
        line 2 has 4 columns; expected 3 like line 1
        line 3 has 2 columns; expected 3 like line 1
        line 2 has 2 columns; expected 3 like line 1
        line 4, column 2: expected a whole number from 0 to 255, found `256`
        line 1, column 1: expected a whole number from 0 to 255, found `-1`
        line 1, column 1: expected a whole number from 0 to 255, found `cat`
        line 2, column 3: expected a whole number from 0 to 255, found `0.5`
        line 2, column 1: expected a whole number from 0 to 255, found `label`
        line 2, column 2: expected a whole number from 0 to 255, found ``
        line 2, column 2: expected a whole number from 0 to 255, found `\xff\xfe`
        line 2, column 2: expected a whole number from 0 to 255, found `sieben und zwanzig M`
        ");
    }

    #[test]
    fn a_folder_and_a_missing_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = load(&folder.path().join("a.csv")).unwrap_err().to_string();
        assert!(
            missing.starts_with("cannot open `") && missing.ends_with("a.csv`"),
            "{missing}"
        );
        assert!(load(folder.path()).is_err());
    }

    #[test]
    fn a_fault_stands_below_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "5,x\n").unwrap();
        let error = load(&path).unwrap_err();
        assert!(error.to_string().starts_with("cannot use `"), "{error}");
        let cause = error.source().unwrap().to_string();
        assert!(cause.starts_with("line 1, column 2: expected"), "{cause}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(features in 1usize..6, bytes: Vec<u8>, header: bool, crlf: bool) {
            let rows: Vec<&[u8]> = bytes.chunks_exact(features + 1).collect();
            prop_assume!(!rows.is_empty());
            let mut samples = Samples::empty(features);
            let mut lines = vec![vec!["name".to_owned(); features + 1]; usize::from(header)];
            for row in rows {
                samples.push(&row[1..], row[0]);
                lines.push(row.iter().map(u8::to_string).collect());
            }
            let lines: Vec<String> = lines.iter().map(|cells| cells.join(",")).collect();
            let text = lines.join(if crlf { "\r\n" } else { "\n" });
            prop_assert_eq!(parse(text.as_bytes()).unwrap(), samples);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, line in "[0-9a,\"\r\n -]{0,40}") {
            let _ = (parse(&*bytes), parse(line.as_bytes()));
        }
    }
}
