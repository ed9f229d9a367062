//! Means of replicates and differences between them, with 95 % intervals by
//! Student's t. All results are in the units of the values and finite. Every value
//! counts as independent, so callers must pass one per replicate.

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::config::Bounds;

/// How sure intervals are.
pub const CONFIDENCE: f64 = 0.95;

/// A p value below this counts as a difference.
pub const SIGNIFICANT: f64 = 0.05;

/// The fewest values with an interval or a test: of two the interval is 13 standard
/// errors wide to each side, and hides that nothing is known of their distribution.
pub const MIN_REPLICATES: usize = 3;

/// A mean and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Of the values.
    pub mean: f64,
    /// Lower end of the 95 % interval; none with fewer than [`MIN_REPLICATES`] values.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Number of values.
    pub n: usize,
}

/// A test of whether two means differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// t test over the differences of values with the same seed.
    Paired,
    /// t test of two samples whose spreads may differ.
    Welch,
}

/// How far b is above a.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Mean of b minus mean of a.
    pub mean: f64,
    /// Lower end of its 95 % interval; none without a test.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Two-sided, above 0 and at most 1. None without a test, and none for a
    /// difference without any spread: t is then infinite, and p = 0 would
    /// claim a certainty that a few equal numbers do not give.
    pub p: Option<f64>,
    /// Pairs for the paired test, else values of a and b together.
    pub n: usize,
    /// None if there are too few values for any.
    pub test: Option<Test>,
}

impl Estimate {
    /// With an interval that ends at the bounds of the quantity.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        let (low, high) = clipped(self.mean, self.low.zip(self.high), bounds);
        Self { low, high, ..self }
    }
}

impl Difference {
    /// With an interval that ends at the bounds of the difference.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        let (low, high) = clipped(self.mean, self.low.zip(self.high), bounds);
        Self { low, high, ..self }
    }
}

fn clipped(mean: f64, ends: Option<(f64, f64)>, bounds: Bounds) -> (Option<f64>, Option<f64>) {
    ends.map(|ends| bounds.clip(mean, ends)).unzip()
}

/// Why values have no mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoMean {
    /// Of nothing.
    #[error("there are no values")]
    Empty,
    /// Infinite, not a number, or so large that sums overflow.
    #[error("a value is not finite, or too large to reckon with")]
    NotFinite,
}

/// The mean with its 95 % interval, mean ± t s / sqrt(n) with n - 1 degrees of
/// freedom. Values without spread have an interval of zero width.
///
/// # Errors
/// If there are no values, or they are not finite or overflow.
pub fn mean_interval(values: &[f64]) -> Result<Estimate, NoMean> {
    let sample = Sample::of(values, largest(values))?;
    let half = if sample.is_tested() {
        Some(quantile(sample.freedom())? * sample.error())
    } else {
        None
    };
    let (low, high) = interval(sample.mean, half)?;
    let Sample { mean, n, .. } = sample;
    Ok(Estimate { mean, low, high, n })
}

/// The difference b - a over replicates `(seed, value)`: paired if both have
/// the same seeds, at least [`MIN_REPLICATES`], each once; else by Welch's test if both
/// have at least that many values. Seeds that only partly agree count as unrelated, which
/// makes the interval wider rather than narrower where they are alike.
///
/// # Errors
/// If a or b has no values, or they are not finite or overflow.
pub fn difference(a: &[(u64, f64)], b: &[(u64, f64)]) -> Result<Difference, NoMean> {
    let values = |of: &[(u64, f64)]| of.iter().map(|(_, value)| *value).collect::<Vec<_>>();
    let (values_a, values_b) = (values(a), values(b));
    let size = largest(&values_a).max(largest(&values_b));
    let sample_a = Sample::of(&values_a, size)?;
    let sample_b = Sample::of(&values_b, size)?;
    match pairs(a, b) {
        Some(pairs) if sample_a.is_tested() => paired(&Sample::of(&pairs, size)?, size),
        _ if sample_a.is_tested() && sample_b.is_tested() => welch(&sample_a, &sample_b, size),
        _ => Ok(Difference {
            mean: finite(sample_b.mean - sample_a.mean)?,
            low: None,
            high: None,
            p: None,
            n: sample_a.n + sample_b.n,
            test: None,
        }),
    }
}

fn paired(differences: &Sample, size: f64) -> Result<Difference, NoMean> {
    let spread = Spread {
        error: differences.error(),
        freedom: differences.freedom(),
        rounding: rounding(size),
    };
    tested(Test::Paired, differences.mean, differences.n, &spread)
}

/// Degrees of freedom by Welch and Satterthwaite, in shares of the variance so
/// that nothing under- or overflows.
fn welch(a: &Sample, b: &Sample, size: f64) -> Result<Difference, NoMean> {
    let error = a.error().hypot(b.error());
    let share = |of: &Sample| (of.error() / error).powi(2).powi(2) / of.freedom();
    let freedom = match error {
        0.0 => a.freedom() + b.freedom(),
        _ => 1.0 / (share(a) + share(b)),
    };
    let spread = Spread {
        error,
        freedom,
        rounding: rounding(size),
    };
    tested(Test::Welch, b.mean - a.mean, a.n + b.n, &spread)
}

/// How well a difference is known.
struct Spread {
    /// Standard error.
    error: f64,
    /// Degrees of freedom.
    freedom: f64,
    /// Differences up to this come from rounding.
    rounding: f64,
}

fn tested(test: Test, mean: f64, n: usize, spread: &Spread) -> Result<Difference, NoMean> {
    let mean = finite(mean)?;
    let (low, high) = interval(mean, Some(quantile(spread.freedom)? * spread.error))?;
    let p = if spread.error > 0.0 {
        Some(two_sided(mean / spread.error, spread.freedom)?)
    } else {
        (mean.abs() <= spread.rounding).then_some(1.0)
    };
    Ok(Difference {
        mean,
        low,
        high,
        p,
        n,
        test: Some(test),
    })
}

/// b - a for every seed, if both have the same seeds, each once.
fn pairs(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Vec<f64>> {
    let by_seed = |of: &[(u64, f64)]| {
        let map: BTreeMap<u64, f64> = of.iter().copied().collect();
        (map.len() == of.len()).then_some(map)
    };
    let (a, b) = (by_seed(a)?, by_seed(b)?);
    let same = a.keys().eq(b.keys());
    same.then(|| a.values().zip(b.values()).map(|(a, b)| b - a).collect())
}

/// Mean and spread of at least one value.
struct Sample {
    n: usize,
    mean: f64,
    /// Standard deviation with n - 1; 0 where it is no more than rounding.
    deviation: f64,
}

impl Sample {
    /// `size` is that of the largest number the values were reckoned from.
    fn of(values: &[f64], size: f64) -> Result<Self, NoMean> {
        let first = *values.first().ok_or(NoMean::Empty)?;
        let n = values.len();
        // From the first value on, so that equal values have exactly their mean.
        let above: f64 = values.iter().map(|value| value - first).sum();
        let mean = finite(first + above / n as f64)?;
        let misses: Vec<f64> = values.iter().map(|value| value - mean).collect();
        // In units of the largest, as squares of tiny or huge numbers are lost.
        let unit = largest(&misses);
        let squares: f64 = misses.iter().map(|miss| (miss / unit).powi(2)).sum();
        let spread = n > 1 && unit > rounding(size);
        let deviation = if spread {
            finite(unit * (squares / (n as f64 - 1.0)).sqrt())?
        } else {
            0.0
        };
        Ok(Self { n, mean, deviation })
    }

    /// Standard error of the mean.
    fn error(&self) -> f64 {
        self.deviation / (self.n as f64).sqrt()
    }

    /// True if there are enough values for an interval or a test.
    fn is_tested(&self) -> bool {
        self.n >= MIN_REPLICATES
    }

    fn freedom(&self) -> f64 {
        self.n as f64 - 1.0
    }
}

/// How far numbers of this size may be apart by rounding alone, after sums of
/// some ten terms. Spread below it would make any difference look certain.
#[must_use]
pub fn rounding(size: f64) -> f64 {
    16.0 * f64::EPSILON * size
}

/// Infinite or NaN if any value is, unlike a chain of `f64::max`.
fn largest(values: &[f64]) -> f64 {
    let larger = |most: f64, value: &f64| {
        if value.abs() <= most {
            most
        } else {
            value.abs()
        }
    };
    values.iter().fold(0.0, larger)
}

fn finite(value: f64) -> Result<f64, NoMean> {
    value.is_finite().then_some(value).ok_or(NoMean::NotFinite)
}

fn interval(mean: f64, half: Option<f64>) -> Result<(Option<f64>, Option<f64>), NoMean> {
    Ok(match half {
        Some(half) => (Some(finite(mean - half)?), Some(finite(mean + half)?)),
        None => (None, None),
    })
}

fn student(freedom: f64) -> Result<StudentsT, NoMean> {
    StudentsT::new(0.0, 1.0, freedom).map_err(|_| NoMean::NotFinite)
}

/// How many standard errors the 95 % interval reaches to each side.
fn quantile(freedom: f64) -> Result<f64, NoMean> {
    finite(student(freedom)?.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)))
}

/// How probable a t at least this far from 0 is if there is no difference. So
/// small that it rounds to 0 it is still not 0.
fn two_sided(t: f64, freedom: f64) -> Result<f64, NoMean> {
    let p = 2.0 * student(freedom)?.sf(t.abs());
    Ok(finite(p)?.clamp(f64::MIN_POSITIVE, 1.0))
}

#[cfg(test)]
mod tests;
