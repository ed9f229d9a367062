//! Statistics over replicates: means and differences with 95 % intervals by Student's t.
//!
//! All results are finite and in the units of the values. Every value counts as
//! independent, so callers must pass one per replicate.

mod holm;

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::config::Bounds;

pub use holm::holm;

/// Confidence level of intervals.
pub const CONFIDENCE: f64 = 0.95;

/// Significance level: a p value below it counts as a difference.
pub const SIGNIFICANT: f64 = 0.05;

/// Minimum number of values for an interval or a test. The interval of two values reaches
/// 13 standard errors to each side, and says nothing about their distribution.
pub const MIN_REPLICATES: usize = 3;

/// Mean with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Mean of the values.
    pub mean: f64,
    /// Lower end of the 95 % interval; none with fewer than [`MIN_REPLICATES`] values.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Number of values.
    pub n: usize,
}

/// Test of whether two means differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Paired t test over the differences of values with the same seed.
    Paired,
    /// Welch's t test of two samples whose variances may differ.
    Welch,
}

/// Difference of two means, b - a.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanDifference {
    /// Mean of b minus mean of a.
    pub mean: f64,
    /// Lower end of its 95 % interval; none without a test.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Two-sided p value, above 0 and at most 1. None without a test, and none if the
    /// differences do not vary: t is then infinite, and p = 0 would claim a certainty that
    /// a few equal numbers do not give.
    pub p: Option<f64>,
    /// Number of pairs for the paired test, else of values of a and b together.
    pub n: usize,
    /// Test; none if there are too few values for any.
    pub test: Option<Test>,
}

impl Estimate {
    /// Clips the interval to the bounds of the quantity.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        let (low, high) = clipped(self.mean, self.low.zip(self.high), bounds);
        Self { low, high, ..self }
    }
}

impl MeanDifference {
    /// Clips the interval to the bounds of the difference.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        let (low, high) = clipped(self.mean, self.low.zip(self.high), bounds);
        Self { low, high, ..self }
    }
}

fn clipped(mean: f64, ends: Option<(f64, f64)>, bounds: Bounds) -> (Option<f64>, Option<f64>) {
    ends.map(|(low, high)| bounds.clip(mean, low, high)).unzip()
}

/// Reason why values have no mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoMean {
    /// There are no values.
    #[error("there are no values")]
    Empty,
    /// A value is infinite, not a number, or so large that sums overflow.
    #[error("a value is not finite, or so large that sums overflow")]
    NotFinite,
}

/// Returns the mean with its 95 % interval, mean ± t s / sqrt(n) with n - 1 degrees of
/// freedom. Equal values have an interval of zero width.
///
/// # Examples
/// ```
/// use backquery::metrics::statistics::mean_interval;
///
/// let two = mean_interval(&[0.5, 1.5]).unwrap();
/// assert_eq!((two.mean, two.low, two.n), (1.0, None, 2));
/// // s / sqrt(5) = sqrt(1 / 2), and t is 2.776 with 4 degrees of freedom.
/// let five = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
/// assert!((five.high.unwrap() - (3.0 + 2.776_445 * 0.5f64.sqrt())).abs() < 1e-6);
/// ```
///
/// # Errors
/// If there are no values, or they are not finite or overflow.
pub fn mean_interval(values: &[f64]) -> Result<Estimate, NoMean> {
    let sample = Sample::of(values, largest(values))?;
    let half = if sample.is_tested() {
        Some(quantile(sample.degrees())? * sample.error())
    } else {
        None
    };
    let (low, high) = interval(sample.mean, half)?;
    let Sample { mean, n, .. } = sample;
    Ok(Estimate { mean, low, high, n })
}

/// Returns the difference b - a over replicates `(seed, value)`. It is paired if both have
/// the same seeds, at least [`MIN_REPLICATES`], each once, else by Welch's test if both have
/// at least that many values. Seeds that agree only partly count as unrelated, which can
/// only widen the interval.
///
/// # Examples
/// ```
/// use backquery::metrics::statistics::{Test, difference};
///
/// let a = [(0, 1.0), (1, 2.0), (2, 4.0)];
/// let b = [(0, 2.0), (1, 3.0), (2, 5.0)];
/// let found = difference(&a, &b).unwrap();
/// assert_eq!((found.mean, found.test), (1.0, Some(Test::Paired)));
/// assert_eq!(found.p, None, "differences that do not vary");
/// ```
///
/// # Errors
/// If a or b has no values, or they are not finite or overflow.
pub fn difference(a: &[(u64, f64)], b: &[(u64, f64)]) -> Result<MeanDifference, NoMean> {
    let values = |of: &[(u64, f64)]| of.iter().map(|(_, value)| *value).collect::<Vec<_>>();
    let (values_a, values_b) = (values(a), values(b));
    let size = largest(&values_a).max(largest(&values_b));
    let sample_a = Sample::of(&values_a, size)?;
    let sample_b = Sample::of(&values_b, size)?;
    match pairs(a, b) {
        Some(pairs) if sample_a.is_tested() => paired(&Sample::of(&pairs, size)?, size),
        _ if sample_a.is_tested() && sample_b.is_tested() => welch(&sample_a, &sample_b, size),
        _ => Ok(MeanDifference {
            mean: finite(sample_b.mean - sample_a.mean)?,
            low: None,
            high: None,
            p: None,
            n: sample_a.n + sample_b.n,
            test: None,
        }),
    }
}

fn paired(differences: &Sample, size: f64) -> Result<MeanDifference, NoMean> {
    let precision = Precision {
        error: differences.error(),
        degrees: differences.degrees(),
        rounding: rounding(size),
    };
    tested(Test::Paired, differences.mean, differences.n, &precision)
}

/// Returns the difference by Welch's test. Degrees of freedom by Welch and Satterthwaite are
/// computed from fractions of the variance, so that nothing under- or overflows.
fn welch(a: &Sample, b: &Sample, size: f64) -> Result<MeanDifference, NoMean> {
    let error = a.error().hypot(b.error());
    let fraction = |of: &Sample| (of.error() / error).powi(2).powi(2) / of.degrees();
    let degrees = match error {
        0.0 => a.degrees() + b.degrees(),
        _ => 1.0 / (fraction(a) + fraction(b)),
    };
    let precision = Precision {
        error,
        degrees,
        rounding: rounding(size),
    };
    tested(Test::Welch, b.mean - a.mean, a.n + b.n, &precision)
}

/// Precision of a difference.
struct Precision {
    /// Standard error.
    error: f64,
    /// Degrees of freedom.
    degrees: f64,
    /// Largest difference that rounding alone makes.
    rounding: f64,
}

fn tested(
    test: Test,
    mean: f64,
    n: usize,
    precision: &Precision,
) -> Result<MeanDifference, NoMean> {
    let mean = finite(mean)?;
    let (low, high) = interval(mean, Some(quantile(precision.degrees)? * precision.error))?;
    let p = if precision.error > 0.0 {
        Some(two_sided(mean / precision.error, precision.degrees)?)
    } else {
        (mean.abs() <= precision.rounding).then_some(1.0)
    };
    Ok(MeanDifference {
        mean,
        low,
        high,
        p,
        n,
        test: Some(test),
    })
}

/// Returns b - a for every seed, if both have the same seeds, each once.
fn pairs(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Vec<f64>> {
    let by_seed = |of: &[(u64, f64)]| {
        let map: BTreeMap<u64, f64> = of.iter().copied().collect();
        (map.len() == of.len()).then_some(map)
    };
    let (a, b) = (by_seed(a)?, by_seed(b)?);
    let same = a.keys().eq(b.keys());
    same.then(|| a.values().zip(b.values()).map(|(a, b)| b - a).collect())
}

/// Mean and standard deviation of at least one value.
struct Sample {
    n: usize,
    mean: f64,
    /// Standard deviation with n - 1; 0 where it is no more than rounding.
    deviation: f64,
}

impl Sample {
    /// Sample of values that were computed from numbers of at most this magnitude.
    fn of(values: &[f64], size: f64) -> Result<Self, NoMean> {
        let first = *values.first().ok_or(NoMean::Empty)?;
        let n = values.len();
        // From the first value on, so that equal values have exactly their mean.
        let above: f64 = values.iter().map(|value| value - first).sum();
        let mean = finite(first + above / n as f64)?;
        let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
        // In units of the largest, as squares of tiny or huge numbers are lost.
        let unit = largest(&deviations);
        let squares: f64 = deviations.iter().map(|x| (x / unit).powi(2)).sum();
        let varies = n > 1 && unit > rounding(size);
        let deviation = if varies {
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

    /// Returns true if there are enough values for an interval or a test.
    fn is_tested(&self) -> bool {
        self.n >= MIN_REPLICATES
    }

    /// Degrees of freedom.
    fn degrees(&self) -> f64 {
        self.n as f64 - 1.0
    }
}

/// Returns the largest difference that rounding alone makes between numbers of this
/// magnitude, after sums of some ten terms. Deviations below it count as none, since they
/// would make any difference look certain.
///
/// # Examples
/// ```
/// use backquery::metrics::statistics::rounding;
///
/// assert!((0.1 + 0.2 - 0.3f64).abs() < rounding(0.3));
/// ```
#[must_use]
pub fn rounding(size: f64) -> f64 {
    16.0 * f64::EPSILON * size
}

/// Returns the largest magnitude; infinite or NaN if any value is, unlike a chain of
/// `f64::max`.
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

fn student(degrees: f64) -> Result<StudentsT, NoMean> {
    StudentsT::new(0.0, 1.0, degrees).map_err(|_| NoMean::NotFinite)
}

/// Returns the number of standard errors that the 95 % interval reaches to each side.
fn quantile(degrees: f64) -> Result<f64, NoMean> {
    finite(student(degrees)?.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)))
}

/// Returns the two-sided p value of t, above 0 even where it rounds to 0.
fn two_sided(t: f64, degrees: f64) -> Result<f64, NoMean> {
    let p = 2.0 * student(degrees)?.sf(t.abs());
    Ok(finite(p)?.clamp(f64::MIN_POSITIVE, 1.0))
}

#[cfg(test)]
mod tests;
