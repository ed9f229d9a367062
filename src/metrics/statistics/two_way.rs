//! Two-way layout: trainings x evaluators without replicates (Scheffé, *The Analysis of
//! Variance*, 1959, 4.7 and 7.4).
//!
//! ```text
//! reading[i][j] = mean + training[i] + evaluator[j] + residual[i][j]
//! number[i]     = w * mean over j of reading[i][j] + (1 - w) * fixed[i]
//! ```
//!
//! The evaluators j are e networks whose seeds are drawn at random. An evaluator that is not
//! drawn, such as nearest neighbours, has no sampling of its own: its reading `fixed` varies
//! by training alone. The mean number of t trainings has three estimates of variance:
//!
//! ```text
//! T² = s²(number) / t                        trainings, and residuals over e evaluators
//! E² = w² s²(evaluators' means) / e          evaluators, and residuals over t trainings
//! R² = w² MS(residual) / (t e)               residuals, which are in both
//! variance = T² + max(0, E² - min(R², T²))
//! ```
//!
//! This is T² + E² - R², but never below T² or E²: a negative estimate of either effect
//! counts as none. With w = 1 it is (MS(training) + MS(evaluator) - MS(residual)) / (t e).
//! Degrees of freedom are Satterthwaite's (1946) for the three terms.

use std::collections::BTreeMap;

use super::sample::{Sample, deviation, largest};
use super::{NoMean, StandardError};
use crate::norms::mean;

/// Number of one training.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingNumber {
    /// Seed of the training.
    pub seed: u64,
    /// Number.
    pub value: f64,
    /// Readings by evaluators drawn at random, by name, times the weight of their mean in
    /// the number. Empty for a number without evaluators.
    pub readings: BTreeMap<String, f64>,
}

impl TrainingNumber {
    /// Returns a number that no evaluators read.
    pub fn new(seed: u64, value: f64) -> Self {
        let readings = BTreeMap::new();
        Self {
            seed,
            value,
            readings,
        }
    }

    /// Returns the difference to another number of the same seed, evaluator by evaluator.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.with(other, |a, b| a - b)
    }

    /// Returns the sum with another number of the same seed, evaluator by evaluator.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.with(other, |a, b| a + b)
    }

    fn with(&self, other: &Self, of: impl Fn(f64, f64) -> f64) -> Self {
        let readings = self.readings.iter();
        let both = readings.filter_map(|(name, own)| {
            let reading = of(*own, *other.readings.get(name)?);
            Some((name.clone(), reading))
        });
        Self {
            seed: self.seed,
            value: of(self.value, other.value),
            readings: both.collect(),
        }
    }
}

/// Readings of trainings by evaluators, averaged over trainings.
pub(super) struct TwoWay {
    /// Mean reading of each evaluator, times w.
    means: BTreeMap<String, f64>,
    /// Standard error by residuals, R.
    residual: StandardError,
    /// Largest magnitude of the readings.
    size: f64,
}

impl TwoWay {
    /// Returns the layout of the evaluators that read every training; none for fewer than
    /// two.
    ///
    /// # Errors
    /// If the readings overflow.
    pub fn of(trainings: &[TrainingNumber]) -> Result<Option<Self>, NoMean> {
        Self::new(trainings, &common(&[trainings]), size(trainings))
    }

    /// Returns the layout of b - a, in these pairs of trainings.
    ///
    /// # Errors
    /// If the readings overflow.
    pub fn of_pairs(
        a: &[TrainingNumber],
        b: &[TrainingNumber],
        pairs: &[TrainingNumber],
    ) -> Result<Option<Self>, NoMean> {
        Self::new(pairs, &common(&[pairs]), size(a).max(size(b)))
    }

    /// Returns the layout of the mean of b minus that of a, whose trainings do not pair.
    /// Their evaluators do.
    ///
    /// # Errors
    /// If the readings overflow.
    pub fn of_samples(a: &[TrainingNumber], b: &[TrainingNumber]) -> Result<Option<Self>, NoMean> {
        let (names, size) = (common(&[a, b]), size(a).max(size(b)));
        let a = Self::new(a, &names, size)?;
        let b = Self::new(b, &names, size)?;
        Ok(a.zip(b).map(|(a, b)| {
            let means = b.means.into_iter().zip(a.means.into_values());
            Self {
                means: means.map(|((name, b), a)| (name, b - a)).collect(),
                residual: a.residual.plus(b.residual),
                size,
            }
        }))
    }

    fn new(
        trainings: &[TrainingNumber],
        evaluators: &[&str],
        size: f64,
    ) -> Result<Option<Self>, NoMean> {
        if evaluators.len() < 2 {
            return Ok(None);
        }
        let columns: Vec<Vec<f64>> = evaluators
            .iter()
            .map(|name| readings(trainings, name))
            .collect();
        let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let residuals = residuals(&columns, &means);
        let count = residuals.len() as f64;
        let degrees = count - columns.len() as f64 - trainings.len() as f64 + 1.0;
        let residual = StandardError {
            size: deviation(&residuals, degrees, size)? / count.sqrt(),
            degrees,
        };
        let names = evaluators.iter().map(|&name| name.to_owned());
        Ok(Some(Self {
            means: names.zip(means).collect(),
            residual,
            size,
        }))
    }

    /// Returns the standard error that evaluators add to that by trainings; none if they
    /// add nothing.
    ///
    /// # Errors
    /// If the readings overflow.
    pub fn evaluators(&self, trainings: StandardError) -> Result<Option<EvaluatorError>, NoMean> {
        let means: Vec<f64> = self.means.values().copied().collect();
        let all = Sample::of(&means, self.size)?.error();
        let residual = StandardError {
            size: self.residual.size.min(trainings.size),
            ..self.residual
        };
        Ok((all.size > residual.size).then_some(EvaluatorError { all, residual }))
    }
}

/// Standard error that evaluators add to that by trainings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvaluatorError {
    /// Standard error by the mean readings of the evaluators, E.
    all: StandardError,
    /// Part of it that the standard error by trainings has as well, min(R, T), below E.
    residual: StandardError,
}

impl EvaluatorError {
    /// Returns sqrt(E² - min(R², T²)).
    pub fn added(&self) -> StandardError {
        // In units of E, as fourth powers of tiny or huge numbers are lost.
        let fraction = self.residual.size / self.all.size;
        let rest = (1.0 - fraction) * (1.0 + fraction);
        let squares = 1.0 / self.all.degrees + fraction.powi(4) / self.residual.degrees;
        StandardError {
            size: self.all.size * rest.sqrt(),
            degrees: rest.powi(2) / squares,
        }
    }

    /// Returns the standard error after `more` trainings beyond n, which average over more
    /// residuals, but over no more evaluators.
    pub(super) fn with_more(self, n: usize, more: usize) -> Self {
        let residual = self.residual.with_more(n, more);
        let all = StandardError {
            size: self.added().size.hypot(residual.size),
            ..self.all
        };
        Self { all, residual }
    }
}

/// Names of the evaluators that read every training.
fn common<'a>(samples: &[&'a [TrainingNumber]]) -> Vec<&'a str> {
    let mut all = samples.iter().copied().flatten();
    let Some(first) = all.next() else {
        return Vec::new();
    };
    let mut names: Vec<&str> = first.readings.keys().map(String::as_str).collect();
    for training in all {
        names.retain(|name| training.readings.contains_key(*name));
    }
    names
}

/// Readings of all trainings by one evaluator.
fn readings(trainings: &[TrainingNumber], name: &str) -> Vec<f64> {
    let all = trainings.iter();
    all.filter_map(|training| training.readings.get(name).copied())
        .collect()
}

/// Largest magnitude of the readings.
fn size(trainings: &[TrainingNumber]) -> f64 {
    let all = trainings.iter().flat_map(|one| one.readings.values());
    largest(&all.copied().collect::<Vec<_>>())
}

/// Returns the readings less the means of their training and of their evaluator, plus the
/// mean of all.
fn residuals(columns: &[Vec<f64>], means: &[f64]) -> Vec<f64> {
    let all = mean(means);
    let trainings = columns.first().map_or(0, Vec::len);
    let mut residuals = Vec::new();
    for training in 0..trainings {
        let row: Vec<f64> = columns.iter().map(|column| column[training]).collect();
        let above = mean(&row) - all;
        residuals.extend(
            row.iter()
                .zip(means)
                .map(|(y, column)| (y - column) - above),
        );
    }
    residuals
}

#[cfg(test)]
mod tests;
