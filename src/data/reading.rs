//! The account of how files were read: rows kept and left out, and levels.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::levels::{Levels, WHITE};
use crate::config::PixelRange;

/// How the files of a data set were read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Rows to train on.
    pub training: Part,
    /// Rows to test on, if there is a file of them.
    pub test: Option<Part>,
}

/// How one part was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Rows in the file.
    pub rows: usize,
    /// Which of them were kept.
    pub kept: Kept,
    /// Levels of all rows in the file.
    pub levels: Levels,
    /// Whatever else was done to the file: columns left out or put in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Rows of a file that a data set has, and those it has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Rows of each class, in the order of the network's outputs.
    pub per_class: Vec<usize>,
    /// Rows left out because their label is none of the classes, by label.
    pub of_other_labels: BTreeMap<u8, usize>,
    /// Rows left out because `per_class` asks for fewer.
    pub beyond_per_class: usize,
}

impl Kept {
    /// Rows kept of all classes.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.per_class.iter().sum()
    }
}

impl Reading {
    /// One line per part, for logs.
    #[must_use]
    pub fn lines(&self, range: PixelRange) -> Vec<String> {
        let parts = [
            ("training", Some(&self.training)),
            ("test", self.test.as_ref()),
        ];
        let mut lines = Vec::new();
        for (name, part) in parts {
            if let Some(part) = part {
                lines.push(format!("{name} rows: {}", part.rows_in_words()));
                lines.push(format!("{name} rows: {}", in_words(part.levels, range)));
                lines.extend(part.notes.iter().map(|note| format!("{name} rows: {note}")));
            }
        }
        lines
    }

    /// What may not be meant, with the remedy.
    #[must_use]
    pub fn warnings(&self, classes: &[u8], range: PixelRange) -> Vec<String> {
        let mut warnings: Vec<String> = Vec::new();
        warnings.extend(darkness("training", self.training.levels, range));
        if let Some(test) = &self.test {
            warnings.extend(darkness("test", test.levels, range));
            warnings.extend(test.missing_classes(classes));
        }
        warnings
    }
}

impl Part {
    fn rows_in_words(&self) -> String {
        let Kept {
            of_other_labels,
            beyond_per_class,
            ..
        } = &self.kept;
        let mut texts = vec![
            format!("{} read", self.rows),
            format!("{} kept", self.kept.rows()),
        ];
        if !of_other_labels.is_empty() {
            let rows: usize = of_other_labels.values().sum();
            let labels = of_other_labels
                .iter()
                .map(|(label, rows)| format!("{label} ({rows})"));
            let labels = listed(labels);
            texts.push(format!(
                "{rows} left out whose label is none of the classes: {labels}"
            ));
        }
        if *beyond_per_class > 0 {
            texts.push(format!(
                "{beyond_per_class} left out beyond `data.per_class`"
            ));
        }
        texts.join(", ")
    }

    /// The warning about classes that a test file has no row of.
    fn missing_classes(&self, classes: &[u8]) -> Option<String> {
        let counts = classes.iter().zip(&self.kept.per_class);
        let missing: Vec<u8> = counts
            .filter(|(_, rows)| **rows == 0)
            .map(|(class, _)| *class)
            .collect();
        match missing.len() {
            0 => None,
            all if all == classes.len() => Some(format!(
                "none of the {} test rows is of one of the classes: nothing is measured on test \
                 rows; check `data.classes` against the labels of the test file",
                self.rows
            )),
            _ => Some(format!(
                "no test row is of class {}: test measures are those of the other classes",
                listed(missing)
            )),
        }
    }
}

/// Levels, and the values that networks see in their place.
fn in_words(levels: Levels, range: PixelRange) -> String {
    let Levels {
        white,
        least,
        largest,
        ..
    } = levels;
    let value = |level: f64| range.value(level / white * WHITE) as f32;
    let rounded = levels.noticeable_rounding().map(|error| {
        let percent = error * 100.0;
        format!("; they are rounded to 255 steps, by at most {percent:.2} % of the range")
    });
    format!(
        "levels {} to {}, where {white} is white, become {} to {}{}",
        least as f32,
        largest as f32,
        value(least),
        value(largest),
        rounded.unwrap_or_default()
    )
}

/// The warning about rows of which no pixel comes near white.
fn darkness(name: &str, levels: Levels, range: PixelRange) -> Option<String> {
    if !levels.is_dark() {
        return None;
    }
    if levels.largest == 0.0 {
        return Some(format!("every pixel of the {name} rows is black"));
    }
    let likely = if levels.largest <= 1.0 {
        1.0
    } else {
        levels.largest
    };
    Some(format!(
        "no pixel of the {name} rows is above {}: {}; if {likely} is white, set \
         `data.levels = {likely}`",
        levels.largest,
        in_words(levels, range)
    ))
}

/// The most items that a line lists.
const MAX_LISTED: usize = 20;

/// Items in a row, of very many only the first.
pub fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut texts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let all = texts.len();
    if all > MAX_LISTED {
        texts.truncate(MAX_LISTED);
        texts.push(format!("and {} more", all - MAX_LISTED));
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: PixelRange = PixelRange {
        low: -1.0,
        high: 1.0,
    };

    fn part(per_class: &[usize], white: f64, largest: f64) -> Part {
        Part {
            rows: 12,
            kept: Kept {
                per_class: per_class.to_vec(),
                of_other_labels: BTreeMap::new(),
                beyond_per_class: 0,
            },
            levels: Levels {
                white,
                least: 0.0,
                largest,
                rounding: 0.0,
            },
            notes: Vec::new(),
        }
    }

    #[test]
    fn lines_account_for_every_row_and_level() {
        let mut training = part(&[3, 4], 16.0, 16.0);
        training.kept.of_other_labels = BTreeMap::from([(5, 2), (9, 1)]);
        training.kept.beyond_per_class = 2;
        training.levels.rounding = 0.5 / 255.0;
        training.notes = vec!["column 1 (`id`) is left out".to_owned()];
        let test = Some(part(&[12, 0], 16.0, 8.0));
        let lines = Reading { training, test }.lines(RANGE);
        insta::assert_snapshot!(lines.join("\n"), @r"
        training rows: 12 read, 7 kept, 3 left out whose label is none of the classes: 5 (2), 9 (1), 2 left out beyond `data.per_class`
        training rows: levels 0 to 16, where 16 is white, become -1 to 1; they are rounded to 255 steps, by at most 0.20 % of the range
        training rows: column 1 (`id`) is left out
        test rows: 12 read, 12 kept
        test rows: levels 0 to 8, where 16 is white, become -1 to 0
        ");
    }

    #[test]
    fn what_may_not_be_meant_is_a_warning() {
        let warnings = |training, test| {
            let reading = Reading { training, test };
            reading.warnings(&[3, 7], RANGE).join("\n")
        };
        let sound = || part(&[6, 6], 255.0, 255.0);
        assert_eq!(warnings(sound(), Some(sound())), "");
        let cases = [
            warnings(part(&[6, 6], 255.0, 1.0), None),
            warnings(sound(), Some(part(&[6, 6], 255.0, 16.0))),
            warnings(part(&[6, 6], 1.0, 0.0), None),
            warnings(sound(), Some(part(&[12, 0], 255.0, 200.0))),
            warnings(sound(), Some(part(&[0, 0], 255.0, 200.0))),
        ];
        insta::assert_snapshot!(cases.join("\n"), @r"
        no pixel of the training rows is above 1: levels 0 to 1, where 255 is white, become -1 to -0.99215686; if 1 is white, set `data.levels = 1`
        no pixel of the test rows is above 16: levels 0 to 16, where 255 is white, become -1 to -0.8745098; if 16 is white, set `data.levels = 16`
        every pixel of the training rows is black
        no test row is of class 7: test measures are those of the other classes
        none of the 12 test rows is of one of the classes: nothing is measured on test rows; check `data.classes` against the labels of the test file
        ");
    }
}
