//! Labels of classes: numbers, or words in files of the user's own.

use std::fmt;
use std::str;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::escape;

/// Maximum number of labels in a file: samples keep them as bytes.
pub const MAX_LABELS: usize = 256;

/// Maximum length of a word, in bytes of UTF-8.
pub const MAX_WORD: usize = 60;

/// Label of a class, as files and specs have it. Numbers come before words, and words are
/// in the order of their letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Number.
    Number(u8),
    /// Word.
    Word(Word),
}

/// Label that is a line of text, and no number. A value of its own, so that rows of tables
/// stay plain data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word {
    /// UTF-8, filled up with zeros, which no word has.
    bytes: [u8; MAX_WORD],
}

/// Text that is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Blank text.
    #[error("blank; give the row a label, or remove it")]
    Blank,
    /// Number that is no label.
    #[error("another number")]
    Number,
    /// Word that tables use for something else.
    #[error("tables keep this word for missing values and other classes; write another one")]
    Reserved,
    /// Text with characters that cannot be seen.
    #[error("more than a line of text; remove line breaks and control characters")]
    NoLine,
    /// Text beyond the limit.
    #[error("too long; a word has at most {MAX_WORD} bytes")]
    Long,
}

/// Words that pandas reads as missing values or numbers, and those of other answers of
/// judges, in lower case.
const RESERVED: [&str; 10] = [
    "na", "n/a", "nan", "null", "none", "<na>", "#n/a", "inf", "infinity", "another",
];

impl Label {
    /// Reads a label, with or without spaces around it.
    ///
    /// # Errors
    /// If the text is blank, another number, too long, or cannot be shown in one line.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(LabelError::Blank);
        }
        if RESERVED.contains(&text.to_lowercase().as_str()) {
            return Err(LabelError::Reserved);
        }
        if let Ok(number) = text.parse::<f64>() {
            let is_label = number.fract() == 0.0 && (0.0..=255.0).contains(&number);
            let number = Self::Number(number as u8);
            return is_label.then_some(number).ok_or(LabelError::Number);
        }
        if !text.chars().all(escape::is_text) {
            return Err(LabelError::NoLine);
        }
        let mut bytes = [0; MAX_WORD];
        let room = bytes.get_mut(..text.len()).ok_or(LabelError::Long)?;
        room.copy_from_slice(text.as_bytes());
        Ok(Self::Word(Word { bytes }))
    }

    /// True if the label is a word.
    pub fn is_word(self) -> bool {
        matches!(self, Self::Word(_))
    }

    /// Number, if the label is one.
    pub fn number(self) -> Option<u8> {
        match self {
            Self::Number(number) => Some(number),
            Self::Word(_) => None,
        }
    }
}

impl Word {
    /// Text of the word.
    pub fn text(&self) -> &str {
        let length = self.bytes.iter().position(|&byte| byte == 0);
        let text = &self.bytes[..length.unwrap_or(MAX_WORD)];
        // Words are made of text.
        str::from_utf8(text).unwrap_or_default()
    }
}

impl From<u8> for Label {
    fn from(number: u8) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => f.pad(word.text()),
        }
    }
}

/// A label as a spec has it: words are in quotes.
impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => fmt::Debug::fmt(word.text(), f),
        }
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u8(*number),
            Self::Word(word) => serializer.serialize_str(word.text()),
        }
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelVisitor)
    }
}

/// Reads labels from JSON, and from cells of tables, whose types are guessed.
struct LabelVisitor;

impl Visitor<'_> for LabelVisitor {
    type Value = Label;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a label, a whole number from 0 to 255 or a word")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Label, E> {
        let invalid = |_| E::invalid_value(Unexpected::Unsigned(number), &self);
        u8::try_from(number).map(Label::Number).map_err(invalid)
    }

    fn visit_bool<E: Error>(self, word: bool) -> Result<Label, E> {
        self.visit_str(if word { "true" } else { "false" })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Label, E> {
        Label::parse(text).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{from_csv, to_csv};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn labels_are_small_numbers_or_words() {
        for (text, shown) in [
            ("7", "7"),
            (" 9.0 ", "9"),
            ("255", "255"),
            ("cat", "\"cat\""),
        ] {
            let label = Label::parse(text).unwrap();
            assert_eq!(format!("{label:?}"), shown, "{text}");
            assert_eq!(label.number().is_none(), shown.starts_with('"'));
        }
        let long = "é".repeat(31);
        let cases = [
            ("", LabelError::Blank),
            (" \t", LabelError::Blank),
            ("256", LabelError::Number),
            ("-1", LabelError::Number),
            ("0.5", LabelError::Number),
            ("1e999", LabelError::Number),
            ("NaN", LabelError::Reserved),
            ("None", LabelError::Reserved),
            ("a\nb", LabelError::NoLine),
            ("a\u{202e}b", LabelError::NoLine),
            (&long, LabelError::Long),
        ];
        for (text, error) in cases {
            assert_eq!(Label::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(Label::parse(&long[2..]).unwrap().to_string(), long[2..]);
    }

    #[test]
    fn numbers_come_first_and_words_by_their_letters() {
        let parse = |text: &&str| Label::parse(text).unwrap();
        let mut labels: Vec<Label> = ["dog", "10", "cat", "9", "cats"]
            .iter()
            .map(parse)
            .collect();
        labels.sort();
        assert_eq!(format!("{labels:?}"), r#"[9, 10, "cat", "cats", "dog"]"#);
    }

    /// A row of a table.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct LabelledRow {
        class: Option<Label>,
        rows: usize,
    }

    fn check_kept(label: Label) {
        let rows = [label].map(|label| LabelledRow {
            class: Some(label),
            rows: 1,
        });
        let table = to_csv(&rows).unwrap();
        assert_eq!(from_csv::<LabelledRow>(&table).unwrap(), rows, "{label:?}");
        let map = BTreeMap::from([(label, vec![label])]);
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(
            serde_json::from_str::<BTreeMap<Label, Vec<Label>>>(&json).unwrap(),
            map
        );
    }

    #[test]
    fn tables_and_manifests_keep_labels() {
        let none = [LabelledRow {
            class: None,
            rows: 2,
        }];
        assert_eq!(
            from_csv::<LabelledRow>(&to_csv(&none).unwrap()).unwrap(),
            none
        );
        for text in [
            "0", "255", "true", "false", "a, \"b\"", "<script>", "1_000", "0x1", "é", "+",
        ] {
            check_kept(Label::parse(text).unwrap());
        }
        assert!(serde_json::from_str::<Label>("256").is_err());
    }

    proptest! {
        #[test]
        fn every_label_is_kept(text in "\\PC{0,30}") {
            if let Ok(label) = Label::parse(&text) {
                check_kept(label);
            }
        }
    }
}
