//! Numbers and labels in cells.

use std::collections::BTreeSet;
use std::str;

use crate::data::label::{Label, LabelError};

/// Parses the number in a cell, with or without spaces around it, in any notation.
pub fn number(cell: &[u8]) -> Option<f64> {
    if let Some(whole) = digits(cell) {
        return Some(f64::from(whole));
    }
    let cell = unquoted(cell.trim_ascii());
    let first = cell.first()?;
    // Words such as `inf` and `nan` are numbers in Rust, but not levels.
    if !first.is_ascii_digit() && !b"+-.".contains(first) {
        return None;
    }
    let number: f64 = std::str::from_utf8(cell).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// Parses the label in a cell, a whole number from 0 to 255.
pub fn label(cell: &[u8]) -> Option<u8> {
    let number = number(cell)?;
    let is_label = number.fract() == 0.0 && (0.0..=255.0).contains(&number);
    is_label.then_some(number as u8)
}

/// Reads the label in a cell: a number in any notation, or a word.
///
/// # Errors
/// If there is none.
pub fn any_label(cell: &[u8]) -> Result<Label, LabelError> {
    if let Some(number) = label(cell) {
        return Ok(Label::Number(number));
    }
    let text = str::from_utf8(unquoted(cell.trim_ascii()));
    Label::parse(text.map_err(|_| LabelError::NoLine)?)
}

/// Parses a whole number of few digits, as in nearly all cells.
fn digits(cell: &[u8]) -> Option<u32> {
    if cell.is_empty() || cell.len() > 9 {
        return None;
    }
    cell.iter().try_fold(0, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some(number * 10 + u32::from(digit))
    })
}

/// Removes the quotes that spaces before a cell made part of it.
fn unquoted(cell: &[u8]) -> &[u8] {
    let inner = cell
        .strip_prefix(b"\"")
        .and_then(|cell| cell.strip_suffix(b"\""));
    inner.map_or(cell, <[u8]>::trim_ascii)
}

/// Labels that occur in a column.
#[derive(Debug, Clone)]
pub struct LabelSet {
    occurs: [bool; 256],
    /// True if the column holds nothing else.
    only_labels: bool,
}

impl Default for LabelSet {
    fn default() -> Self {
        Self {
            occurs: [false; 256],
            only_labels: true,
        }
    }
}

impl LabelSet {
    /// Adds a cell.
    pub fn add(&mut self, cell: &[u8]) {
        match label(cell) {
            Some(label) => self.add_label(label),
            None => self.only_labels = false,
        }
    }

    /// Adds a label.
    pub fn add_label(&mut self, label: u8) {
        self.occurs[usize::from(label)] = true;
    }

    /// True if the column holds nothing but labels.
    pub fn is_of_labels(&self) -> bool {
        self.only_labels
    }

    /// Labels that occur.
    pub fn labels(&self) -> BTreeSet<Label> {
        let all = (0..=u8::MAX).filter(|&label| self.occurs[usize::from(label)]);
        all.map(Label::Number).collect()
    }

    /// True if the column holds only labels, and all these classes.
    pub fn has_all(&self, classes: &[Label]) -> bool {
        let mut classes = classes.iter();
        self.only_labels
            && classes.all(|class| {
                let number = class.number();
                number.is_some_and(|number| self.occurs[usize::from(number)])
            })
    }

    /// Number of different labels.
    pub fn count(&self) -> usize {
        self.occurs.iter().filter(|occurs| **occurs).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_however_they_are_written() {
        let cases = [
            ("0", 0.0),
            ("007", 7.0),
            (" 255\r", 255.0),
            ("255.0", 255.0),
            ("2.55e+02", 255.0),
            ("2.550000000000000000e+02", 255.0),
            ("1E2", 100.0),
            ("5.", 5.0),
            (".5", 0.5),
            ("+3", 3.0),
            ("-0.0", 0.0),
            ("1e-3", 0.001),
            (" \"12\" ", 12.0),
            ("4294967296", 4_294_967_296.0),
        ];
        for (cell, value) in cases {
            assert_eq!(number(cell.as_bytes()), Some(value), "{cell}");
        }
        for cell in [
            "", " ", "inf", "nan", "-inf", "1e999", "0x10", "1_0", "1,5", "é", "\"", "-",
        ] {
            assert_eq!(number(cell.as_bytes()), None, "{cell}");
        }
        assert_eq!(number(b"\xff\xfe"), None);
    }

    #[test]
    fn labels_are_whole() {
        let labels = [("3", Some(3)), ("9.0", Some(9)), ("255", Some(255))];
        let none = ["256", "-1", "0.5", "cat"].map(|cell| (cell, None));
        for (cell, value) in labels.into_iter().chain(none) {
            assert_eq!(label(cell.as_bytes()), value, "{cell}");
        }
    }
}
