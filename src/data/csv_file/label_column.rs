//! The column of labels: numbers or words, and the bytes that samples keep for them.

use std::collections::BTreeMap;

use crate::data::label::{Label, LabelError, MAX_LABELS};

/// Labels of the rows of a file, and of the files before it.
#[derive(Debug, Clone, Default)]
pub struct LabelColumn {
    /// First label, with its place.
    first: Option<(Label, LabelPlace)>,
    /// Words in the order in which they occur; their positions stand for them in samples.
    words: Vec<Label>,
    /// Each word with its position and place, by its lower case.
    known: BTreeMap<String, (u8, LabelPlace)>,
}

/// Place of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LabelPlace {
    line: u64,
    in_training_file: bool,
}

/// Fault of a label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelFault {
    /// Text that is no label.
    #[error(transparent)]
    None(LabelError),
    /// Word among numbers, or number among words.
    #[error(
        "expected a {expected} as in {place}, got the label {found}; write numbers in all rows, or \
         words"
    )]
    Mixed {
        /// Label, as a spec has it.
        found: String,
        /// Kind of the first label of the column.
        expected: &'static str,
        /// Its place.
        place: String,
    },
    /// Word that differs from another one in upper and lower case.
    #[error(
        "the label {found} differs from {known} in {place} only by upper and lower case; \
         write both alike, or other words"
    )]
    Case {
        /// Label, as a spec has it.
        found: String,
        /// Label before it.
        known: String,
        /// Its place.
        place: String,
    },
    /// More labels than the limit.
    #[error(
        "more than {MAX_LABELS} different labels; expected classes: is this the column of labels?"
    )]
    Many,
}

impl LabelPlace {
    fn text(self) -> String {
        let file = if self.in_training_file {
            " of the training file"
        } else {
            ""
        };
        format!("line {}{file}", self.line)
    }
}

impl LabelColumn {
    /// Adds the label of a row, and returns the byte that stands for it.
    ///
    /// # Errors
    /// If the cell has no label, or one that does not fit those before it.
    pub fn add(
        &mut self,
        cell: Result<Label, LabelError>,
        line: impl Fn() -> u64,
    ) -> Result<u8, LabelFault> {
        let found = cell.map_err(LabelFault::None)?;
        let place = || LabelPlace {
            line: line(),
            in_training_file: false,
        };
        let (first, place_of_first) = *self.first.get_or_insert_with(|| (found, place()));
        if first.is_word() != found.is_word() {
            return Err(LabelFault::Mixed {
                found: format!("{found:?}"),
                expected: if first.is_word() { "word" } else { "number" },
                place: place_of_first.text(),
            });
        }
        if let Some(number) = found.number() {
            return Ok(number);
        }
        let key = found.to_string().to_lowercase();
        if let Some(&(code, place)) = self.known.get(&key) {
            let known = self.words[usize::from(code)];
            return (known == found)
                .then_some(code)
                .ok_or_else(|| LabelFault::Case {
                    found: format!("{found:?}"),
                    known: format!("{known:?}"),
                    place: place.text(),
                });
        }
        let code = u8::try_from(self.words.len()).map_err(|_| LabelFault::Many)?;
        self.words.push(found);
        self.known.insert(key, (code, place()));
        Ok(code)
    }

    /// Returns the labels of the training file, for the test file to agree with.
    pub fn of_training(&self) -> Self {
        let mut column = self.clone();
        let first = column.first.iter_mut().map(|(_, place)| place);
        let known = column.known.values_mut().map(|(_, place)| place);
        for place in first.chain(known) {
            place.in_training_file = true;
        }
        column
    }

    /// Words, by the bytes that stand for them; none if labels are numbers.
    pub fn words(&self) -> &[Label] {
        &self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(column: &mut LabelColumn, text: &str, line: u64) -> Result<u8, String> {
        let added = column.add(Label::parse(text), || line);
        added.map_err(|fault| fault.to_string())
    }

    #[test]
    fn words_have_their_positions_and_numbers_themselves() {
        let mut words = LabelColumn::default();
        let codes = ["dog", "cat", " dog", "Ä"].map(|text| add(&mut words, text, 1));
        assert_eq!(codes, [Ok(0), Ok(1), Ok(0), Ok(2)]);
        assert_eq!(format!("{:?}", words.words()), r#"["dog", "cat", "Ä"]"#);
        let mut numbers = LabelColumn::default();
        assert_eq!(
            ["9", "0"].map(|text| add(&mut numbers, text, 1)),
            [Ok(9), Ok(0)]
        );
        assert!(numbers.words().is_empty());
    }

    #[test]
    fn labels_that_do_not_fit_are_named() {
        let mut words = LabelColumn::default();
        add(&mut words, "cat", 2).unwrap();
        let mut test = words.of_training();
        let mut numbers = LabelColumn::default();
        add(&mut numbers, "1", 7).unwrap();
        let mut faults = vec![
            add(&mut words, "", 3),
            add(&mut words, "1", 3),
            add(&mut words, "Cat", 4),
            add(&mut test, "CAT", 4),
            add(&mut numbers, "l", 8),
            add(&mut numbers, "nan", 8),
        ];
        for word in 0..255 {
            add(&mut words, &format!("w{word}"), 9).unwrap();
        }
        faults.push(add(&mut words, "w255", 9));
        let faults: Vec<String> = faults.into_iter().map(Result::unwrap_err).collect();
        insta::assert_snapshot!(faults.join("\n"), @r#"
        blank; give the row a label, or remove it
        expected a word as in line 2, got the label 1; write numbers in all rows, or words
        the label "Cat" differs from "cat" in line 2 only by upper and lower case; write both alike, or other words
        the label "CAT" differs from "cat" in line 2 of the training file only by upper and lower case; write both alike, or other words
        expected a number as in line 7, got the label "l"; write numbers in all rows, or words
        tables keep this word for missing values and other classes; write another one
        more than 256 different labels; expected classes: is this the column of labels?
        "#);
    }
}
