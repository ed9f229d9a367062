//! Statistics over replicates: means and differences with 95 % intervals by Student's t.
//!
//! All results are finite and in the units of the values. Every value counts as
//! independent, so callers must pass one per replicate.

mod distribution;
mod holm;
mod sample;
mod share;

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::config::{Bounds, NumberScale};
pub use distribution::MeanDistribution;
pub use holm::holm;
use sample::Sample;
pub use share::Share;

/// Confidence level of intervals.
pub const CONFIDENCE: f64 = 0.95;

/// Significance level: a p value below it counts as a difference.
pub const SIGNIFICANT: f64 = 0.05;

/// Significance level of a one-sided test: half of [`SIGNIFICANT`].
pub const ONE_SIDED: f64 = SIGNIFICANT / 2.0;

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
    /// differences of exact numbers do not vary: t is then infinite, and p = 0 would claim a
    /// certainty that a few equal numbers do not give.
    pub p: Option<f64>,
    /// Number of pairs for the paired test, else of values of a and b together.
    pub n: usize,
    /// Test; none if there are too few values for any.
    pub test: Option<Test>,
}

/// Observed mean, or difference of two means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObservedMean {
    /// Mean of the values.
    pub mean: f64,
    /// Number of values; of a paired difference, of pairs.
    pub n: usize,
    /// Distribution around the true mean; none if there are too few values for one.
    pub distribution: Option<MeanDistribution>,
    /// Bounds of the mean.
    pub bounds: Bounds,
    /// True if there are enough values for a distribution, and all of them agree.
    pub agrees: bool,
}

impl ObservedMean {
    /// Returns the mean of values on this scale. Values that agree have the standard
    /// deviation of its resolution.
    ///
    /// # Errors
    /// If there are no values, or they are not finite or overflow.
    pub fn of(values: &[f64], scale: impl Into<NumberScale>) -> Result<Self, NoMean> {
        let size = largest(values);
        let sample = Sample::of(values, size)?;
        let scale = scale.into();
        Ok(sample
            .observed(scale.bounds)
            .resolved(scale, size, values.len()))
    }

    /// Returns the mean of b minus that of a, on this scale of differences, and the test
    /// that suits them, as [`difference`] does.
    ///
    /// # Errors
    /// As [`difference`].
    pub fn of_difference(
        a: &[(u64, f64)],
        b: &[(u64, f64)],
        scale: impl Into<NumberScale>,
    ) -> Result<(Self, Option<Test>), NoMean> {
        let scale = scale.into();
        let bounds = scale.bounds;
        let values = |of: &[(u64, f64)]| of.iter().map(|(_, value)| *value).collect::<Vec<_>>();
        let (values_a, values_b) = (values(a), values(b));
        let size = largest(&values_a).max(largest(&values_b));
        let sample_a = Sample::of(&values_a, size)?;
        let sample_b = Sample::of(&values_b, size)?;
        let (mut observed, test) = match pairs(a, b) {
            Some(pairs) if sample_a.is_tested() => {
                let differences = Sample::of(&pairs, size)?;
                (differences.observed(bounds), Some(Test::Paired))
            }
            _ if sample_a.is_tested() && sample_b.is_tested() => {
                (welch(&sample_a, &sample_b, bounds)?, Some(Test::Welch))
            }
            _ => {
                let mean = finite(sample_b.mean - sample_a.mean)?;
                (unknown(mean, sample_a.n + sample_b.n, bounds), None)
            }
        };
        // Numbers that agree up to rounding have no difference.
        if observed.agrees && observed.mean.abs() <= rounding(size) {
            observed.mean = 0.0;
            observed.distribution = observed
                .distribution
                .map(|known| MeanDistribution { mean: 0.0, ..known });
        }
        let difference = observed.mean.abs();
        let fewest = sample_a.n.min(sample_b.n);
        Ok((observed.resolved(scale, difference, fewest), test))
    }

    /// Gives n values that agree the standard deviation of the scale's resolution at this
    /// magnitude. It is one of the values themselves, so that the scale is linear.
    fn resolved(self, scale: NumberScale, size: f64, n: usize) -> Self {
        let resolution = scale.resolution(size);
        let of_agreeing = |known: MeanDistribution| MeanDistribution {
            error: resolution / (n as f64).sqrt(),
            bounds: Bounds::NONE,
            ..known
        };
        if !self.agrees {
            return self;
        }
        Self {
            distribution: self.distribution.map(of_agreeing),
            ..self
        }
    }

    /// Returns the mean with its 95 % interval, which ends at the bounds.
    ///
    /// # Errors
    /// If the interval overflows.
    pub fn estimate(&self) -> Result<Estimate, NoMean> {
        let Self { mean, n, .. } = *self;
        let interval = self.distribution.map(|known| known.interval());
        let interval = interval.transpose()?;
        let (low, high) = interval
            .map(|(low, high)| self.bounds.clip(mean, low, high))
            .unzip();
        Ok(Estimate { mean, low, high, n })
    }
}

fn unknown(mean: f64, n: usize, bounds: Bounds) -> ObservedMean {
    ObservedMean {
        mean,
        n,
        distribution: None,
        bounds,
        agrees: false,
    }
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

/// Returns the mean with its 95 % interval. Without bounds it is mean ± t s / sqrt(n) with
/// n - 1 degrees of freedom, between bounds that of [`MeanDistribution`]. Equal values have
/// the s of the scale's resolution, which is 0 for bounds alone.
///
/// # Examples
/// ```
/// use backquery::config::Bounds;
/// use backquery::metrics::statistics::mean_interval;
///
/// let two = mean_interval(&[0.5, 1.5], Bounds::NONE).unwrap();
/// assert_eq!((two.mean, two.low, two.n), (1.0, None, 2));
/// // s / sqrt(5) = sqrt(1 / 2), and t is 2.776 with 4 degrees of freedom.
/// let five = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], Bounds::NONE).unwrap();
/// assert!((five.high.unwrap() - (3.0 + 2.776_445 * 0.5f64.sqrt())).abs() < 1e-6);
/// let shares = mean_interval(&[0.9, 0.98, 1.0], Bounds::FRACTION).unwrap();
/// assert!(shares.high.unwrap() < 1.0);
/// ```
///
/// # Errors
/// If there are no values, or they are not finite or overflow.
pub fn mean_interval(values: &[f64], scale: impl Into<NumberScale>) -> Result<Estimate, NoMean> {
    ObservedMean::of(values, scale)?.estimate()
}

/// Returns the difference b - a over replicates `(seed, value)`, on this scale of
/// differences. It is paired if both have the same seeds, at least [`MIN_REPLICATES`], each once,
/// else by Welch's test if both have at least that many values. Seeds that agree only
/// partly count as unrelated, which can only widen the interval.
///
/// # Examples
/// ```
/// use backquery::config::Bounds;
/// use backquery::metrics::statistics::{Test, difference};
///
/// let a = [(0, 1.0), (1, 2.0), (2, 4.0)];
/// let b = [(0, 2.0), (1, 3.0), (2, 5.0)];
/// let found = difference(&a, &b, Bounds::NONE).unwrap();
/// assert_eq!((found.mean, found.test), (1.0, Some(Test::Paired)));
/// assert_eq!(found.p, None, "differences that do not vary");
/// ```
///
/// # Errors
/// If a or b has no values, or they are not finite or overflow.
pub fn difference(
    a: &[(u64, f64)],
    b: &[(u64, f64)],
    scale: impl Into<NumberScale>,
) -> Result<MeanDifference, NoMean> {
    let (observed, test) = ObservedMean::of_difference(a, b, scale)?;
    let Estimate { mean, low, high, n } = observed.estimate()?;
    let p = match observed.distribution {
        None => None,
        Some(known) if known.error == 0.0 => (mean == 0.0).then_some(1.0),
        Some(known) => {
            let one_sided = known.p_above(0.0)?.min(known.p_below(0.0)?);
            Some((2.0 * one_sided).clamp(f64::MIN_POSITIVE, 1.0))
        }
    };
    Ok(MeanDifference {
        mean,
        low,
        high,
        p,
        n,
        test,
    })
}

/// Returns the difference by Welch's test. Degrees of freedom by Welch and Satterthwaite are
/// computed from fractions of the variance, so that nothing under- or overflows.
fn welch(a: &Sample, b: &Sample, bounds: Bounds) -> Result<ObservedMean, NoMean> {
    let error = a.error().hypot(b.error());
    let fraction = |of: &Sample| (of.error() / error).powi(2).powi(2) / of.degrees();
    let degrees = match error {
        0.0 => a.degrees() + b.degrees(),
        _ => 1.0 / (fraction(a) + fraction(b)),
    };
    let mean = finite(b.mean - a.mean)?;
    Ok(ObservedMean {
        distribution: Some(MeanDistribution {
            mean,
            error,
            degrees,
            bounds,
        }),
        agrees: error == 0.0,
        ..unknown(mean, a.n + b.n, bounds)
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

fn student(degrees: f64) -> Result<StudentsT, NoMean> {
    StudentsT::new(0.0, 1.0, degrees).map_err(|_| NoMean::NotFinite)
}

/// Returns the number of standard errors that the 95 % interval reaches to each side.
fn quantile(degrees: f64) -> Result<f64, NoMean> {
    finite(student(degrees)?.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)))
}

/// Returns the one-sided p value of t, above 0 even where it rounds to 0.
fn one_sided(t: f64, degrees: f64) -> Result<f64, NoMean> {
    let p = student(degrees)?.sf(t);
    Ok(finite(p)?.clamp(f64::MIN_POSITIVE, 1.0))
}

#[cfg(test)]
mod tests;
