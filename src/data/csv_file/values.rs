//! The numbers in cells.

/// The number in a cell, with or without spaces around it, however it is written.
pub fn number(cell: &[u8]) -> Option<f64> {
    if let Some(whole) = digits(cell) {
        return Some(f64::from(whole));
    }
    let text = unquoted(cell.trim_ascii());
    // Words such as `inf` and `nan` are numbers of Rust, not levels.
    let starts_as_one = |byte: &u8| byte.is_ascii_digit() || b"+-.".contains(byte);
    let text = std::str::from_utf8(text)
        .ok()
        .filter(|_| text.first().is_some_and(starts_as_one));
    text?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The label in a cell: a whole number from 0 to 255.
pub fn label(cell: &[u8]) -> Option<u8> {
    let number = number(cell)?;
    let is_label = number.fract() == 0.0 && (0.0..=255.0).contains(&number);
    is_label.then_some(number as u8)
}

/// A whole number of few digits, which nearly all cells hold.
fn digits(cell: &[u8]) -> Option<u32> {
    if cell.is_empty() || cell.len() > 9 {
        return None;
    }
    cell.iter().try_fold(0, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some(number * 10 + u32::from(digit))
    })
}

/// A cell without the quotes that spaces before them kept.
fn unquoted(cell: &[u8]) -> &[u8] {
    let inner = cell
        .strip_prefix(b"\"")
        .and_then(|cell| cell.strip_suffix(b"\""));
    inner.map_or(cell, <[u8]>::trim_ascii)
}

/// Which numbers a column holds, as far as they could be labels.
#[derive(Debug, Clone)]
pub struct Values {
    there: [bool; 256],
    /// Whether all of them could be.
    all_labels: bool,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            there: [false; 256],
            all_labels: true,
        }
    }
}

impl Values {
    pub fn add(&mut self, cell: &[u8]) {
        match label(cell) {
            Some(label) => self.add_whole(label),
            None => self.all_labels = false,
        }
    }

    pub fn add_whole(&mut self, label: u8) {
        self.there[usize::from(label)] = true;
    }

    /// Whether the column could be one of labels with all these classes among them.
    pub fn has_all(&self, classes: &[u8]) -> bool {
        let mut classes = classes.iter();
        self.all_labels && classes.all(|&class| self.there[usize::from(class)])
    }

    /// How many different ones there are.
    pub fn count(&self) -> usize {
        self.there.iter().filter(|there| **there).count()
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
