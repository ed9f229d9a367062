//! Account of how files were read: rows kept and left out, and levels.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::label::Label;
use super::levels::{Levels, WHITE};
use crate::config::PixelRange;

/// Account of the files of a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Training rows.
    pub training: SplitReading,
    /// Test rows, if there is a file of them.
    pub test: Option<SplitReading>,
}

/// Account of the training or the test rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitReading {
    /// Rows in the file.
    pub rows: usize,
    /// Counts of those that were kept and left out.
    pub kept: KeptRows,
    /// Levels of all rows in the file.
    pub levels: Levels,
    /// Notes on columns that were left out or reordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Counts of the rows of a file that a data set keeps and leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRows {
    /// Rows of each class, in the order of the network's outputs.
    pub per_class: Vec<usize>,
    /// Rows left out because their label is none of the classes, by label.
    pub of_other_labels: BTreeMap<Label, usize>,
    /// Rows left out because `per_class` asks for fewer.
    pub beyond_per_class: usize,
}

impl KeptRows {
    /// Number of rows kept, of all classes.
    pub fn rows(&self) -> usize {
        self.per_class.iter().sum()
    }

    /// Labels that occur in the file, in ascending order.
    pub fn labels(&self, classes: &[Label]) -> Vec<Label> {
        let kept = classes.iter().zip(&self.per_class);
        let kept = kept.filter(|(_, rows)| **rows > 0).map(|(class, _)| *class);
        let mut labels: Vec<Label> = kept.chain(self.of_other_labels.keys().copied()).collect();
        labels.sort_unstable();
        labels
    }
}

impl Reading {
    /// Lists what was read, for logs.
    pub fn lines(&self, range: PixelRange) -> Vec<String> {
        let mut lines = self.training.lines("training", range);
        if let Some(test) = &self.test {
            lines.extend(test.lines("test", range));
        }
        lines
    }

    /// Warnings about rows that are probably not as intended, with remedies.
    pub fn warnings(&self, classes: &[Label], range: PixelRange) -> Vec<String> {
        let mut warnings = Vec::new();
        warnings.extend(dark_warning("training", self.training.levels, range));
        if let Some(test) = &self.test {
            warnings.extend(dark_warning("test", test.levels, range));
            warnings.extend(test.missing_classes(classes));
        }
        warnings
    }
}

impl SplitReading {
    fn lines(&self, name: &str, range: PixelRange) -> Vec<String> {
        let levels = describe_levels(self.levels, range);
        [self.describe_rows(), levels]
            .iter()
            .chain(&self.notes)
            .map(|line| format!("{name} rows: {line}"))
            .collect()
    }

    fn describe_rows(&self) -> String {
        let KeptRows {
            of_other_labels,
            beyond_per_class,
            ..
        } = &self.kept;
        let mut parts = vec![format!("{} read, {} kept", self.rows, self.kept.rows())];
        if !of_other_labels.is_empty() {
            let rows: usize = of_other_labels.values().sum();
            let labels = of_other_labels
                .iter()
                .map(|(label, rows)| format!("{label} ({rows})"));
            let labels = listed(labels);
            parts.push(format!(
                "{rows} left out, as their label is none of the classes: {labels}"
            ));
        }
        if *beyond_per_class > 0 {
            parts.push(format!(
                "{beyond_per_class} left out beyond `data.per_class`"
            ));
        }
        parts.join(", ")
    }

    /// Warning about classes without test rows.
    fn missing_classes(&self, classes: &[Label]) -> Option<String> {
        let missing: Vec<Label> = classes
            .iter()
            .zip(&self.kept.per_class)
            .filter(|(_, rows)| **rows == 0)
            .map(|(class, _)| *class)
            .collect();
        if missing.is_empty() {
            None
        } else if missing.len() == classes.len() {
            Some(format!(
                "none of the {} test rows belongs to a class, so there are no test metrics; \
                 check `data.classes` against the labels of the test file",
                self.rows
            ))
        } else {
            Some(format!(
                "class {}: no test rows; test metrics are those of the other classes",
                listed(missing)
            ))
        }
    }
}

/// Describes levels, and the values that networks see for them.
fn describe_levels(levels: Levels, range: PixelRange) -> String {
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

/// Warning about rows without a pixel near white.
fn dark_warning(name: &str, levels: Levels, range: PixelRange) -> Option<String> {
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
        describe_levels(levels, range)
    ))
}

/// Maximum number of items in a list.
const MAX_LISTED: usize = 20;

/// Joins items by commas; of long lists only the first items.
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

    const RANGE: PixelRange = PixelRange::SYMMETRIC;

    fn part(per_class: &[usize], white: f64, largest: f64) -> SplitReading {
        SplitReading {
            rows: 12,
            kept: KeptRows {
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
        training.kept.of_other_labels =
            BTreeMap::from([(Label::Number(5), 2), (Label::Number(9), 1)]);
        training.kept.beyond_per_class = 2;
        training.levels.rounding = 0.5 / 255.0;
        training.notes = vec!["column 1 (`id`) is left out".to_owned()];
        let test = Some(part(&[12, 0], 16.0, 8.0));
        let lines = Reading { training, test }.lines(RANGE);
        insta::assert_snapshot!(lines.join("\n"), @"
        training rows: 12 read, 7 kept, 3 left out, as their label is none of the classes: 5 (2), 9 (1), 2 left out beyond `data.per_class`
        training rows: levels 0 to 16, where 16 is white, become -1 to 1; they are rounded to 255 steps, by at most 0.20 % of the range
        training rows: column 1 (`id`) is left out
        test rows: 12 read, 12 kept
        test rows: levels 0 to 8, where 16 is white, become -1 to 0
        ");
    }

    #[test]
    fn probable_mistakes_are_warnings() {
        let warnings = |training, test| {
            let reading = Reading { training, test };
            reading
                .warnings(&[3, 7].map(Label::Number), RANGE)
                .join("\n")
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
        insta::assert_snapshot!(cases.join("\n"), @"
        no pixel of the training rows is above 1: levels 0 to 1, where 255 is white, become -1 to -0.99215686; if 1 is white, set `data.levels = 1`
        no pixel of the test rows is above 16: levels 0 to 16, where 255 is white, become -1 to -0.8745098; if 16 is white, set `data.levels = 16`
        every pixel of the training rows is black
        class 7: no test rows; test metrics are those of the other classes
        none of the 12 test rows belongs to a class, so there are no test metrics; check `data.classes` against the labels of the test file
        ");
    }
}
