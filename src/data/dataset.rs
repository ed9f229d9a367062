//! The data set of a spec: the chosen classes of a source's samples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::label::Label;
use super::reading::{KeptRows, Reading, listed};
use super::samples::{ImageSize, Samples, SourceRows};
use crate::config::{PerClass, PixelRange};
use crate::digest::sha256;

/// Samples whose labels are the indices of the network's outputs.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Name of the source of the samples.
    pub name: &'static str,
    /// Unavailable source that these samples replace, if they are a fallback.
    pub stand_in_for: Option<StandInFor>,
    /// Labels of the source, in the order of the network's outputs.
    pub classes: Vec<Label>,
    /// Values of levels 0 and 255.
    pub range: PixelRange,
    /// Image size; rows of pixels follow each other from the top, left to right.
    pub size: ImageSize,
    /// Training rows; `labels` are positions in `classes`.
    pub train: Samples,
    /// Test rows, if the source has any.
    pub test: Option<Samples>,
    /// Account of reading the files, if the source has any.
    pub reading: Option<Reading>,
}

/// Source that was unavailable, so that a fallback is used.
#[derive(Debug, Clone)]
pub struct StandInFor {
    /// Source that the spec asks for.
    pub source: &'static str,
    /// Reason why it is unavailable.
    pub reason: String,
}

/// Description of a data set without its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Name of the source of the samples.
    pub source: String,
    /// Unavailable source that they replace, if they are a fallback.
    pub stand_in_for: Option<String>,
    /// Labels of the source, in the order of the network's outputs.
    pub classes: Vec<Label>,
    /// Values of levels 0 and 255.
    pub range: PixelRange,
    /// Image size. Omitted for that of the digits, so that results from before there were
    /// other sizes can still be verified.
    #[serde(default, skip_serializing_if = "ImageSize::is_of_digits")]
    pub size: ImageSize,
    /// Number of training rows.
    pub training_rows: usize,
    /// Number of test rows, if the source has any.
    pub test_rows: Option<usize>,
    /// SHA-256 of all pixels and labels, in hexadecimal.
    pub sha256: String,
    /// Names of the files that were read, in their folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Account of reading them; unknown for results from before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
}

/// Keys of a description that do not depend on the samples, but on their files.
pub const PROVENANCE: [&str; 2] = ["files", "reading"];

impl Description {
    /// Describes the data set in figures and logs, and always names a fallback.
    pub fn describe(&self) -> String {
        let classes: Vec<String> = self.classes.iter().map(Label::to_string).collect();
        let (source, rows) = (&self.source, self.training_rows);
        let name = match &self.stand_in_for {
            Some(asked) => format!("{source} (FALLBACK: {asked} is unavailable)"),
            None => source.clone(),
        };
        format!(
            "{name}, classes {}, {rows} training rows",
            classes.join(" ")
        )
    }

    /// True if both data sets have the same samples, whatever their files.
    pub fn is_of_same_samples(&self, other: &Self) -> bool {
        let samples = |description: &Self| Self {
            files: Vec::new(),
            reading: None,
            ..description.clone()
        };
        samples(self) == samples(other)
    }

    /// Lists the files and how they were read, one fact per line.
    pub fn provenance(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.files.is_empty() {
            lines.push(format!("files: `{}`", self.files.join("`, `")));
        }
        if let Some(reading) = &self.reading {
            lines.extend(reading.lines(self.range));
        }
        lines
    }

    /// The first class without test rows, if there is a file of test rows.
    pub fn class_without_test_row(&self) -> Option<Label> {
        let test = self.reading.as_ref()?.test.as_ref()?;
        let mut rows = self.classes.iter().zip(&test.kept.per_class);
        rows.find(|(_, rows)| **rows == 0).map(|(class, _)| *class)
    }

    /// Warnings about samples that are probably not as intended.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = |reading: &Reading| reading.warnings(&self.classes, self.range);
        self.reading.as_ref().map(warnings).unwrap_or_default()
    }
}

impl Dataset {
    /// Describes the data set without its samples.
    pub fn description(&self) -> Description {
        let replaced = self.stand_in_for.as_ref();
        Description {
            source: self.name.to_owned(),
            stand_in_for: replaced.map(|replaced| replaced.source.to_owned()),
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

    /// Mean training image of each class, with values on the scale of `range`: classes x
    /// features.
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

    /// SHA-256 of all pixels and labels, in hexadecimal.
    fn digest(&self) -> String {
        let samples = [Some(&self.train), self.test.as_ref()];
        let pieces = samples.into_iter().flatten();
        sha256(pieces.flat_map(|samples| [&samples.pixels[..], &samples.labels[..]]))
    }
}

/// Class with too few rows.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Class without rows.
    #[error(
        "class {class}: no rows; `data.classes` can be any of {}",
        listed(labels)
    )]
    Empty {
        /// Label of the class.
        class: Label,
        /// Labels of all rows.
        labels: Vec<Label>,
    },
    /// Class with fewer rows than `data.per_class`.
    #[error("class {class}: `data.per_class` expects {expected} rows, got {found}")]
    TooFew {
        /// Label of the class.
        class: Label,
        /// Rows of `data.per_class`.
        expected: usize,
        /// Rows of the source.
        found: usize,
    },
}

/// Rows of a source that belong to a data set.
#[derive(Debug, PartialEq, Eq)]
pub struct Selected {
    /// Samples whose labels are positions in `classes`.
    pub samples: Samples,
    /// Counts of the rows that are kept and left out.
    pub kept: KeptRows,
}

/// Selects the first rows of each class, in the order of the source, and replaces labels by
/// positions in `classes`. If all rows are selected, they share their pixels.
pub fn select(rows_of: &SourceRows, classes: &[Label], per_class: &PerClass) -> Selected {
    let source = &rows_of.samples;
    let wanted = |class: usize| match per_class {
        PerClass::All => usize::MAX,
        PerClass::Counts(counts) => counts[class],
    };
    let mut kept = KeptRows {
        per_class: vec![0; classes.len()],
        of_other_labels: BTreeMap::new(),
        beyond_per_class: 0,
    };
    let mut rows = Vec::new();
    for (row, label) in source.labels.iter().enumerate() {
        let label = rows_of.label(*label);
        match classes.iter().position(|class| *class == label) {
            None => *kept.of_other_labels.entry(label).or_default() += 1,
            Some(class) if kept.per_class[class] < wanted(class) => {
                kept.per_class[class] += 1;
                // At most 256 classes, since labels are bytes and no two are equal.
                rows.push((row, class as u8));
            }
            Some(_) => kept.beyond_per_class += 1,
        }
    }
    if rows.len() == source.len() {
        let samples = Samples {
            labels: rows.into_iter().map(|(_, class)| class).collect(),
            ..source.clone()
        };
        return Selected { samples, kept };
    }
    let mut samples = Samples::with_capacity(rows.len(), source.features);
    for (row, class) in rows {
        samples.push(source.row(row), class);
    }
    Selected { samples, kept }
}

/// Checks that every class has rows, and as many as `per_class` says.
///
/// # Errors
/// If a class has too few.
pub fn check_classes(
    kept: &KeptRows,
    classes: &[Label],
    per_class: &PerClass,
) -> Result<(), SelectError> {
    for (index, (&class, &found)) in classes.iter().zip(&kept.per_class).enumerate() {
        if found == 0 {
            let labels = kept.labels(classes);
            return Err(SelectError::Empty { class, labels });
        }
        if let PerClass::Counts(counts) = per_class
            && found < counts[index]
        {
            return Err(SelectError::TooFew {
                class,
                expected: counts[index],
                found,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
