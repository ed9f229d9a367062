//! The data set of a spec: the chosen classes out of some source's samples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reading::{Kept, Reading, listed};
use super::samples::{ImageSize, Samples};
use crate::config::{PerClass, PixelRange};
use crate::digest::sha256;

/// Samples with labels that count the network's outputs.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The source the samples really came from.
    pub name: &'static str,
    /// The source that was asked for and could not be had, and why, if these
    /// samples stand in for it.
    pub stand_in_for: Option<StandInFor>,
    /// The source's label of each class, in the order of the network's outputs.
    pub classes: Vec<u8>,
    /// Where levels 0 and 255 are mapped.
    pub range: PixelRange,
    /// How the pixels of a row make an image: row by row from the upper left corner.
    pub size: ImageSize,
    /// Rows to train on; `labels` are positions in `classes`.
    pub train: Samples,
    /// Rows never trained on, if the source has any.
    pub test: Option<Samples>,
    /// How its files were read, if it comes from files.
    pub reading: Option<Reading>,
}

/// What a stand-in stands in for.
#[derive(Debug, Clone)]
pub struct StandInFor {
    /// The source the spec asks for.
    pub source: &'static str,
    /// Why it could not be had.
    pub reason: String,
}

/// What is known about a data set without its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The source the samples really came from.
    pub source: String,
    /// The source that they stand in for, if they do.
    pub stand_in_for: Option<String>,
    /// The source's label of each class, in the order of the network's outputs.
    pub classes: Vec<u8>,
    /// Where levels 0 and 255 are mapped.
    pub range: PixelRange,
    /// Pixels across and down; not told if it is that of the digits, so that what was
    /// published before there were others can still be verified.
    #[serde(default, skip_serializing_if = "ImageSize::is_of_digits")]
    pub size: ImageSize,
    /// Rows to train on.
    pub training_rows: usize,
    /// Rows never trained on, if the source has any.
    pub test_rows: Option<usize>,
    /// Over all pixels and labels, as hexadecimal digits.
    pub sha256: String,
    /// The names of the files that were read, in their folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// How they were read; not known of what was read before that was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
}

/// The keys of a description that say how samples were read, not which they are.
pub const PROVENANCE: [&str; 2] = ["files", "reading"];

impl Description {
    /// What figures and logs call the data set, the stand-in never left out.
    #[must_use]
    pub fn describe(&self) -> String {
        let classes: Vec<String> = self.classes.iter().map(u8::to_string).collect();
        let (source, rows) = (&self.source, self.training_rows);
        let name = match &self.stand_in_for {
            Some(asked) => format!("{source} (STAND-IN for {asked}, which could not be had)"),
            None => source.clone(),
        };
        format!(
            "{name}, classes {}, {rows} training rows",
            classes.join(" ")
        )
    }

    /// Whether another one is of the same samples, wherever they were read from.
    #[must_use]
    pub fn is_of_same_samples(&self, other: &Self) -> bool {
        let samples = |description: &Self| Self {
            files: Vec::new(),
            reading: None,
            ..description.clone()
        };
        samples(self) == samples(other)
    }

    /// How the samples were read, a line each.
    #[must_use]
    pub fn provenance(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.files.is_empty() {
            lines.push(format!("files: `{}`", self.files.join("`, `")));
        }
        let reading = self.reading.as_ref();
        lines.extend(
            reading
                .into_iter()
                .flat_map(|reading| reading.lines(self.range)),
        );
        lines
    }

    /// The first class without a row to test on, where there are others.
    #[must_use]
    pub fn class_without_test_row(&self) -> Option<u8> {
        let test = self.reading.as_ref()?.test.as_ref()?;
        let mut rows = self.classes.iter().zip(&test.kept.per_class);
        rows.find(|(_, rows)| **rows == 0).map(|(class, _)| *class)
    }

    /// Whatever of the samples may not be meant.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warnings = |reading: &Reading| reading.warnings(&self.classes, self.range);
        self.reading.as_ref().map(warnings).unwrap_or_default()
    }
}

impl Dataset {
    /// All that is known about it but for the samples.
    #[must_use]
    pub fn description(&self) -> Description {
        let asked = self.stand_in_for.as_ref();
        Description {
            source: self.name.to_owned(),
            stand_in_for: asked.map(|asked| asked.source.to_owned()),
            classes: self.classes.clone(),
            range: self.range,
            size: self.size,
            training_rows: self.train.len(),
            test_rows: self.test.as_ref().map(Samples::len),
            sha256: self.digest(),
            files: Vec::new(),
            reading: self.reading.clone(),
        }
    }

    /// The mean training image of each class, on the scale of the range: classes
    /// x features.
    #[must_use]
    pub fn class_means(&self) -> Vec<Vec<f64>> {
        let features = self.train.features;
        let mut sums = vec![vec![0u64; features]; self.classes.len()];
        let mut counts = vec![0u64; self.classes.len()];
        for (row, &label) in self.train.labels.iter().enumerate() {
            let class = usize::from(label);
            counts[class] += 1;
            for (sum, &pixel) in sums[class].iter_mut().zip(self.train.row(row)) {
                *sum += u64::from(pixel);
            }
        }
        let mean = |(sums, count): (Vec<u64>, u64)| {
            let level = |sum: u64| self.range.value(sum as f64 / count as f64);
            sums.into_iter().map(level).collect()
        };
        sums.into_iter().zip(counts).map(mean).collect()
    }

    /// SHA-256 over all pixels and labels, as hexadecimal digits.
    fn digest(&self) -> String {
        let samples = [Some(&self.train), self.test.as_ref()];
        let pieces = samples.into_iter().flatten();
        sha256(pieces.flat_map(|samples| [&samples.pixels[..], &samples.labels[..]]))
    }
}

/// Classes that a source does not have enough of.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// None at all.
    #[error(
        "there is no row of class {class}; the labels there are {}",
        listed(there)
    )]
    Empty {
        /// Its label.
        class: u8,
        /// The labels of all rows.
        there: Vec<u8>,
    },
    /// Fewer than asked for.
    #[error("`data.per_class` asks for {asked} rows of class {class}, but there are only {there}")]
    TooFew {
        /// Its label.
        class: u8,
        /// Rows asked for.
        asked: usize,
        /// Rows there are.
        there: usize,
    },
}

/// The rows of a source that a data set has.
#[derive(Debug, PartialEq, Eq)]
pub struct Selected {
    /// With labels that are positions in `classes`.
    pub samples: Samples,
    /// How many they are, and how many are left out.
    pub kept: Kept,
}

/// The first rows of each class, in the source's order, with labels turned
/// into positions in `classes`. If those are all rows, they share their pixels.
pub fn select(source: &Samples, classes: &[u8], per_class: &PerClass) -> Selected {
    let wanted = |class: usize| match per_class {
        PerClass::All => usize::MAX,
        PerClass::Counts(counts) => counts[class],
    };
    let mut kept = Kept {
        per_class: vec![0; classes.len()],
        of_other_labels: BTreeMap::new(),
        beyond_per_class: 0,
    };
    let mut rows = Vec::new();
    for (row, label) in source.labels.iter().enumerate() {
        match classes.iter().position(|class| class == label) {
            None => *kept.of_other_labels.entry(*label).or_default() += 1,
            Some(class) if kept.per_class[class] < wanted(class) => {
                kept.per_class[class] += 1;
                // At most 256 classes, since labels are bytes and no two are equal.
                rows.push((row, class as u8));
            }
            Some(_) => kept.beyond_per_class += 1,
        }
    }
    if rows.len() == source.len() {
        let labels = rows.into_iter().map(|(_, class)| class).collect();
        let samples = Samples {
            labels,
            ..source.clone()
        };
        return Selected { samples, kept };
    }
    let mut samples = Samples::with_room_for(rows.len(), source.features);
    for (row, class) in rows {
        samples.push(source.row(row), class);
    }
    Selected { samples, kept }
}

/// Checks that every class has a row, and as many as are asked for.
///
/// # Errors
/// With the first class that has not.
pub fn check_classes(kept: &Kept, classes: &[u8], per_class: &PerClass) -> Result<(), SelectError> {
    for (index, (&class, &there)) in classes.iter().zip(&kept.per_class).enumerate() {
        if there == 0 {
            let of_classes = classes.iter().zip(&kept.per_class);
            let of_classes = of_classes.filter(|(_, rows)| **rows > 0);
            let mut there: Vec<u8> = of_classes.map(|(class, _)| *class).collect();
            there.extend(kept.of_other_labels.keys());
            there.sort_unstable();
            return Err(SelectError::Empty { class, there });
        }
        if let PerClass::Counts(counts) = per_class
            && there < counts[index]
        {
            let asked = counts[index];
            return Err(SelectError::TooFew {
                class,
                asked,
                there,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn source(labels: &[u8]) -> Samples {
        Samples {
            features: 1,
            pixels: Arc::new((0..labels.len()).map(|row| row as u8).collect()),
            labels: labels.to_vec(),
        }
    }

    #[test]
    fn the_first_rows_of_each_class_keep_the_order_of_the_file() {
        let source = source(&[3, 1, 3, 7, 1, 3]);
        let Selected { samples, kept } = select(&source, &[3, 1], &PerClass::Counts(vec![2, 1]));
        assert_eq!(*samples.pixels, [0, 1, 2]);
        assert_eq!(samples.labels, [0, 1, 0]);
        assert_eq!((kept.per_class, kept.beyond_per_class), (vec![2, 1], 2));
        assert_eq!(kept.of_other_labels, BTreeMap::from([(7, 1)]));
        let all = select(&source, &[1, 3], &PerClass::All).samples;
        assert_eq!(*all.pixels, [0, 1, 2, 4, 5]);
        assert_eq!(all.labels, [1, 0, 1, 0, 1]);
        let whole = select(&source, &[7, 1, 3], &PerClass::All).samples;
        assert!(Arc::ptr_eq(&whole.pixels, &source.pixels));
        assert_eq!(whole.labels, [2, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn classes_that_are_missing_or_too_small_are_errors() {
        let source = source(&[0, 0, 1]);
        let fault = |classes: &[u8], per_class: PerClass| {
            let kept = select(&source, classes, &per_class).kept;
            check_classes(&kept, classes, &per_class)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            fault(&[0, 1], PerClass::Counts(vec![2, 2])),
            "`data.per_class` asks for 2 rows of class 1, but there are only 1"
        );
        assert_eq!(
            fault(&[0, 2], PerClass::All),
            "there is no row of class 2; the labels there are 0, 1"
        );
    }

    /// As before there were other sizes, and with one.
    #[test]
    fn only_sizes_other_than_that_of_digits_are_told() {
        let wide = two_by_one().description();
        let digits = Description {
            size: ImageSize::DIGITS,
            ..wide.clone()
        };
        for (description, told) in [(wide, true), (digits, false)] {
            let text = serde_json::to_string(&description).unwrap();
            assert_eq!(
                text.contains(r#""size":{"width":2,"height":1}"#),
                told,
                "{text}"
            );
            assert_eq!(text.contains("size"), told, "{text}");
            let read: Description = serde_json::from_str(&text).unwrap();
            assert_eq!(read, description);
        }
    }

    fn two_by_one() -> Dataset {
        Dataset {
            name: "made up",
            stand_in_for: None,
            classes: vec![7, 3],
            range: PixelRange {
                low: -1.0,
                high: 1.0,
            },
            size: ImageSize {
                width: 2,
                height: 1,
            },
            train: Samples {
                features: 2,
                pixels: Arc::new(vec![0, 255, 255, 255, 255, 0]),
                labels: vec![0, 0, 1],
            },
            test: None,
            reading: None,
        }
    }

    #[test]
    fn class_means_by_hand() {
        assert_eq!(two_by_one().class_means(), [[0.0, 1.0], [1.0, -1.0]]);
    }

    proptest! {
        #[test]
        fn every_selected_row_is_a_row_of_its_class(labels in proptest::collection::vec(0u8..4, 1..60)) {
            let source = source(&labels);
            let Selected { samples, kept } = select(&source, &[2, 0], &PerClass::All);
            for (pixel, label) in samples.pixels.iter().zip(&samples.labels) {
                prop_assert_eq!(labels[usize::from(*pixel)], [2, 0][usize::from(*label)]);
            }
            let of_classes = labels.iter().filter(|l| [2, 0].contains(l)).count();
            prop_assert_eq!((samples.len(), kept.rows()), (of_classes, of_classes));
            let left_out: usize = kept.of_other_labels.values().sum();
            prop_assert_eq!(of_classes + left_out, labels.len());
        }
    }
}
