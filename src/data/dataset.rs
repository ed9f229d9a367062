//! The data set of a spec: the chosen classes out of some source's samples.

use serde::{Deserialize, Serialize};

use super::samples::{ImageSize, Samples};
use crate::digest::sha256;
use crate::spec::{PerClass, PixelRange};

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
}

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
    #[error("there is no row of class {0}")]
    Empty(u8),
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

/// The first rows of each class, in the source's order, with labels turned
/// into positions in `classes`. If those are all rows, they share their pixels.
///
/// # Errors
/// If a class has no row, or fewer than asked for.
pub fn select(
    source: &Samples,
    classes: &[u8],
    per_class: &PerClass,
) -> Result<Samples, SelectError> {
    let wanted = |class: usize| match per_class {
        PerClass::All => usize::MAX,
        PerClass::Counts(counts) => counts[class],
    };
    let mut taken = vec![0; classes.len()];
    let mut rows = Vec::new();
    for (row, label) in source.labels.iter().enumerate() {
        let Some(class) = classes.iter().position(|class| class == label) else {
            continue;
        };
        if taken[class] < wanted(class) {
            taken[class] += 1;
            // At most 256 classes, since labels are bytes and no two are equal.
            rows.push((row, class as u8));
        }
    }
    for (index, &class) in classes.iter().enumerate() {
        let there = taken[index];
        match per_class {
            _ if there == 0 => return Err(SelectError::Empty(class)),
            PerClass::Counts(counts) if there < counts[index] => {
                let asked = counts[index];
                return Err(SelectError::TooFew {
                    class,
                    asked,
                    there,
                });
            }
            _ => {}
        }
    }
    if rows.len() == source.len() {
        return Ok(Samples {
            labels: rows.into_iter().map(|(_, class)| class).collect(),
            ..source.clone()
        });
    }
    let mut selected = Samples::with_room_for(rows.len(), source.features);
    for (row, class) in rows {
        selected.push(source.row(row), class);
    }
    Ok(selected)
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
        let selected = select(&source, &[3, 1], &PerClass::Counts(vec![2, 1])).unwrap();
        assert_eq!(*selected.pixels, [0, 1, 2]);
        assert_eq!(selected.labels, [0, 1, 0]);
        let all = select(&source, &[1, 3], &PerClass::All).unwrap();
        assert_eq!(*all.pixels, [0, 1, 2, 4, 5]);
        assert_eq!(all.labels, [1, 0, 1, 0, 1]);
        let whole = select(&source, &[7, 1, 3], &PerClass::All).unwrap();
        assert!(Arc::ptr_eq(&whole.pixels, &source.pixels));
        assert_eq!(whole.labels, [2, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn classes_that_are_missing_or_too_small_are_errors() {
        let source = source(&[0, 0, 1]);
        let few = select(&source, &[0, 1], &PerClass::Counts(vec![2, 2])).unwrap_err();
        assert_eq!(
            few.to_string(),
            "`data.per_class` asks for 2 rows of class 1, but there are only 1"
        );
        let none = select(&source, &[0, 2], &PerClass::All).unwrap_err();
        assert_eq!(none.to_string(), "there is no row of class 2");
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
            if let Ok(selected) = select(&source, &[2, 0], &PerClass::All) {
                for (pixel, label) in selected.pixels.iter().zip(&selected.labels) {
                    prop_assert_eq!(labels[usize::from(*pixel)], [2, 0][usize::from(*label)]);
                }
                let kept = labels.iter().filter(|l| [2, 0].contains(l)).count();
                prop_assert_eq!(selected.len(), kept);
            }
        }
    }
}
