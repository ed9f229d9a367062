//! Resampling: each replicate trains on rows that it draws from one data set, while
//! everything else uses the data set as it is.

use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::label::Label;
use super::samples::Samples;
use crate::config::PerClass;
use crate::rng::{Stream, stream};

/// Scheme by which a replicate draws its training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resample {
    /// With replacement, as many rows of a class as `per_class` says (Efron 1979).
    Bootstrap,
    /// Without replacement, a fraction of that number.
    Subsample {
        /// Fraction, above 0 and at most 1.
        fraction: f64,
    },
}

/// Row of `rows.csv`: a row of the data set that a replicate trains on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnRow {
    /// Number of the row in the data set, from 0.
    pub row: usize,
    /// Label of its class.
    pub class: Label,
    /// Number of times that it was drawn, which is that of its passes per epoch.
    pub times: usize,
}

/// Numbers of rows that a replicate trains on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DrawnCounts {
    /// Rows drawn, with repeats.
    pub drawn: usize,
    /// Rows of the data set.
    pub of: usize,
    /// Rows drawn at least once.
    pub distinct: usize,
}

/// Class with too few rows to draw from.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "class {class}: `data.resample` cannot draw {wanted} rows without replacement; expected at \
     most {found}, which the data set has; lower `data.per_class` or `data.resample.fraction`, \
     or set `data.resample = \"bootstrap\"`"
)]
pub struct ResampleError {
    /// Label of the class.
    pub class: Label,
    /// Rows to draw.
    pub wanted: usize,
    /// Rows of the data set.
    pub found: usize,
}

impl Resample {
    /// All schemes; `subsample` has one of its fractions.
    pub const ALL: [Self; 2] = [Self::Bootstrap, Self::Subsample { fraction: 1.0 }];

    /// Returns the name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Subsample { .. } => "subsample",
        }
    }

    /// Describes the scheme in figures and logs.
    pub fn describe(self) -> String {
        match self {
            Self::Bootstrap => "each replicate draws its own with replacement".to_owned(),
            Self::Subsample { fraction: 1.0 } => {
                "each replicate draws its own without replacement".to_owned()
            }
            Self::Subsample { fraction } => {
                format!(
                    "each replicate draws its own without replacement, a fraction of {fraction}"
                )
            }
        }
    }

    /// Returns the number of rows that are drawn of a class where `rows` are asked for.
    pub fn rows(self, rows: usize) -> usize {
        match self {
            Self::Bootstrap => rows,
            Self::Subsample { fraction } => ((fraction * rows as f64).round() as usize).max(1),
        }
    }

    /// Returns the number of rows that are drawn of a class with `found` rows.
    fn wanted(self, per_class: &PerClass, class: usize, found: usize) -> usize {
        self.rows(match per_class {
            PerClass::All => found,
            PerClass::Counts(counts) => counts[class],
        })
    }

    /// Checks that the data set has the rows that are drawn of each class.
    ///
    /// # Errors
    /// If a class has fewer rows than are drawn without replacement.
    pub fn check(self, dataset: &Dataset, per_class: &PerClass) -> Result<(), ResampleError> {
        for (index, &class) in dataset.classes.iter().enumerate() {
            let found = dataset.train.of_class(index).len();
            let wanted = self.wanted(per_class, index, found);
            if self != Self::Bootstrap && wanted > found {
                return Err(ResampleError {
                    class,
                    wanted,
                    found,
                });
            }
        }
        Ok(())
    }

    /// Draws the training rows of the replicate with this seed, in the order of the data set.
    ///
    /// The rows of a class come from the stream `rows/LABEL`, so that they do not depend on
    /// other classes. A larger draw of the same kind contains the smaller ones.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn draw(
        self,
        dataset: &Dataset,
        per_class: &PerClass,
        seed: u64,
    ) -> Result<Vec<DrawnRow>, ResampleError> {
        self.check(dataset, per_class)?;
        let mut times = vec![0; dataset.train.len()];
        for (index, &class) in dataset.classes.iter().enumerate() {
            let rows = dataset.train.of_class(index);
            let wanted = self.wanted(per_class, index, rows.len());
            let stream = stream(seed, &format!("rows/{class}"));
            for row in self.draw_class(rows, wanted, stream) {
                times[row] += 1;
            }
        }
        let drawn = times
            .into_iter()
            .enumerate()
            .filter(|(_, times)| *times > 0);
        let row = |(row, times)| DrawnRow {
            row,
            class: dataset.classes[usize::from(dataset.train.labels[row])],
            times,
        };
        Ok(drawn.map(row).collect())
    }

    /// Draws `wanted` of the rows of a class; none if there are none.
    fn draw_class(self, mut rows: Vec<usize>, wanted: usize, mut stream: Stream) -> Vec<usize> {
        let found = rows.len();
        if found == 0 {
            return rows;
        }
        match self {
            Self::Bootstrap => {
                let one = |_| rows[stream.below(found as u64) as usize];
                (0..wanted).map(one).collect()
            }
            Self::Subsample { .. } => {
                // The first steps of a shuffle (Fisher and Yates).
                for place in 0..wanted.min(found) {
                    let other = place + stream.below((found - place) as u64) as usize;
                    rows.swap(place, other);
                }
                rows.truncate(wanted);
                rows
            }
        }
    }
}

impl DrawnCounts {
    /// Counts rows drawn from a data set of `of` rows.
    pub fn new(rows: &[DrawnRow], of: usize) -> Self {
        Self {
            drawn: rows.iter().map(|row| row.times).sum(),
            of,
            distinct: rows.len(),
        }
    }

    /// Describes the counts in logs.
    pub fn describe(&self) -> String {
        let Self {
            drawn,
            of,
            distinct,
        } = self;
        format!("training rows: {drawn} drawn of {of}, {distinct} distinct")
    }
}

impl Dataset {
    /// Returns the data set with these of its training rows, each once.
    pub fn with_rows(&self, drawn: &[DrawnRow]) -> Self {
        if drawn.len() == self.train.len() {
            return self.clone();
        }
        let mut train = Samples::with_capacity(drawn.len(), self.train.features);
        for DrawnRow { row, .. } in drawn {
            train.push(self.train.row(*row), self.train.labels[*row]);
        }
        Self {
            train,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
