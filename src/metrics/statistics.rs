//! Statistics over replicates: means and differences with 95 % intervals by Student's t.
//!
//! All results are finite and in the units of the values. Every value counts as
//! independent, so callers must pass one per replicate.

mod distribution;
mod holm;
mod sample;
mod share;
mod two_way;

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::config::{Bounds, NumberScale};
pub use distribution::MeanDistribution;
pub use holm::holm;
use sample::{Sample, largest};
pub use sample::{StandardError, rounding};
pub use share::Share;
use two_way::TwoWay;
pub use two_way::{EvaluatorError, TrainingNumber};

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
    /// True if there are enough values for a distribution, and neither trainings nor
    /// evaluators differ.
    pub agrees: bool,
}

impl ObservedMean {
    /// Returns the mean of the numbers of trainings on this scale. Those that agree have the
    /// standard deviation of its resolution.
    ///
    /// # Errors
    /// If there are no numbers, or they are not finite or overflow.
    pub fn of(trainings: &[TrainingNumber], scale: impl Into<NumberScale>) -> Result<Self, NoMean> {
        let (scale, values) = (scale.into(), values(trainings));
        let size = largest(&values);
        let observed = Sample::of(&values, size)?.observed(scale.bounds);
        let observed = observed.read_by(TwoWay::of(trainings)?)?;
        Ok(observed.resolved(scale.resolution(size), values.len()))
    }

    /// Returns the mean of b minus that of a, on this scale of differences, and the test
    /// that suits them, as [`difference`] does.
    ///
    /// # Errors
    /// As [`difference`].
    pub fn of_difference(
        a: &[TrainingNumber],
        b: &[TrainingNumber],
        scale: impl Into<NumberScale>,
    ) -> Result<(Self, Option<Test>), NoMean> {
        let scale = scale.into();
        let bounds = scale.bounds;
        let (values_a, values_b) = (values(a), values(b));
        let size = largest(&values_a).max(largest(&values_b));
        let sample_a = Sample::of(&values_a, size)?;
        let sample_b = Sample::of(&values_b, size)?;
        let (mut observed, test, layout) = match pairs(a, b) {
            Some(pairs) if sample_a.is_tested() => {
                let differences = Sample::of(&values(&pairs), size)?;
                let layout = TwoWay::of_pairs(a, b, &pairs)?;
                (differences.observed(bounds), Some(Test::Paired), layout)
            }
            _ if sample_a.is_tested() && sample_b.is_tested() => {
                let apart = welch(&sample_a, &sample_b, bounds)?;
                (apart, Some(Test::Welch), TwoWay::of_samples(a, b)?)
            }
            _ => {
                let mean = finite(sample_b.mean - sample_a.mean)?;
                (unknown(mean, sample_a.n + sample_b.n, bounds), None, None)
            }
        };
        // Numbers that agree up to rounding have no difference.
        if observed.trainings_agree() && observed.mean.abs() <= rounding(size) {
            observed.mean = 0.0;
            observed.distribution = observed
                .distribution
                .map(|known| MeanDistribution { mean: 0.0, ..known });
        }
        let resolution = scale.resolution(observed.mean.abs());
        let fewest = sample_a.n.min(sample_b.n);
        let observed = observed.read_by(layout)?;
        Ok((observed.resolved(resolution, fewest), test))
    }

    /// Adds the variance of evaluators; none changes nothing.
    fn read_by(self, layout: Option<TwoWay>) -> Result<Self, NoMean> {
        let Some((known, layout)) = self.distribution.zip(layout) else {
            return Ok(self);
        };
        let evaluators = layout.evaluators(known.trainings)?;
        let distribution = Some(MeanDistribution {
            evaluators,
            ..known
        });
        Ok(Self {
            distribution,
            ..self
        })
    }

    /// Gives n trainings that agree the resolution as standard deviation. It is one of the
    /// values themselves, so that the scale is linear, unless evaluators differ.
    fn resolved(self, resolution: f64, n: usize) -> Self {
        let Some(known) = self.distribution.filter(|_| self.trainings_agree()) else {
            return self;
        };
        let agrees = known.evaluators.is_none();
        let distribution = Some(MeanDistribution {
            trainings: StandardError {
                size: resolution / (n as f64).sqrt(),
                ..known.trainings
            },
            bounds: if agrees { Bounds::NONE } else { known.bounds },
            ..known
        });
        Self {
            distribution,
            agrees,
            ..self
        }
    }

    /// Returns true if there are enough trainings for a distribution, and all of them agree.
    fn trainings_agree(&self) -> bool {
        let known = self.distribution;
        known.is_some_and(|known| known.trainings.size == 0.0)
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
/// the s of the scale's resolution, which is 0 for bounds alone. Readings of evaluators
/// widen it.
///
/// # Examples
/// ```
/// use backquery::config::Bounds;
/// use backquery::metrics::statistics::{TrainingNumber, mean_interval};
///
/// let trainings = |values: &[f64]| -> Vec<TrainingNumber> {
///     (0..).zip(values).map(|(seed, x)| TrainingNumber::new(seed, *x)).collect()
/// };
/// let two = mean_interval(&trainings(&[0.5, 1.5]), Bounds::NONE).unwrap();
/// assert_eq!((two.mean, two.low, two.n), (1.0, None, 2));
/// // s / sqrt(5) = sqrt(1 / 2), and t is 2.776 with 4 degrees of freedom.
/// let five = mean_interval(&trainings(&[1.0, 2.0, 3.0, 4.0, 5.0]), Bounds::NONE).unwrap();
/// assert!((five.high.unwrap() - (3.0 + 2.776_445 * 0.5f64.sqrt())).abs() < 1e-6);
/// let shares = mean_interval(&trainings(&[0.9, 0.98, 1.0]), Bounds::FRACTION).unwrap();
/// assert!(shares.high.unwrap() < 1.0);
/// ```
///
/// # Errors
/// If there are no values, or they are not finite or overflow.
pub fn mean_interval(
    trainings: &[TrainingNumber],
    scale: impl Into<NumberScale>,
) -> Result<Estimate, NoMean> {
    ObservedMean::of(trainings, scale)?.estimate()
}

/// Returns the difference b - a over trainings, on this scale of differences. It is paired
/// if both have the same seeds, at least [`MIN_REPLICATES`], each once, else by Welch's test
/// if both have at least that many values. Seeds that agree only partly count as unrelated,
/// which can only widen the interval. Evaluators pair in either test.
///
/// # Examples
/// ```
/// use backquery::config::Bounds;
/// use backquery::metrics::statistics::{Test, TrainingNumber, difference};
///
/// let of_seed = |(seed, value)| TrainingNumber::new(seed, value);
/// let a = [(0, 1.0), (1, 2.0), (2, 4.0)].map(of_seed);
/// let b = [(0, 2.0), (1, 3.0), (2, 5.0)].map(of_seed);
/// let found = difference(&a, &b, Bounds::NONE).unwrap();
/// assert_eq!((found.mean, found.test), (1.0, Some(Test::Paired)));
/// assert_eq!(found.p, None, "differences that do not vary");
/// ```
///
/// # Errors
/// If a or b has no values, or they are not finite or overflow.
pub fn difference(
    a: &[TrainingNumber],
    b: &[TrainingNumber],
    scale: impl Into<NumberScale>,
) -> Result<MeanDifference, NoMean> {
    let (observed, test) = ObservedMean::of_difference(a, b, scale)?;
    let Estimate { mean, low, high, n } = observed.estimate()?;
    let p = match observed.distribution {
        None => None,
        Some(known) if known.error().size == 0.0 => (mean == 0.0).then_some(1.0),
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

/// Returns the difference by Welch's test.
fn welch(a: &Sample, b: &Sample, bounds: Bounds) -> Result<ObservedMean, NoMean> {
    let mean = finite(b.mean - a.mean)?;
    Ok(ObservedMean {
        distribution: Some(MeanDistribution {
            mean,
            trainings: a.error().plus(b.error()),
            evaluators: None,
            bounds,
        }),
        ..unknown(mean, a.n + b.n, bounds)
    })
}

/// Returns b - a for every seed, if both have the same seeds, each once.
fn pairs(a: &[TrainingNumber], b: &[TrainingNumber]) -> Option<Vec<TrainingNumber>> {
    let (a, b) = (by_seed(a)?, by_seed(b)?);
    let same = a.keys().eq(b.keys());
    same.then(|| {
        a.values()
            .zip(b.values())
            .map(|(a, b)| b.minus(a))
            .collect()
    })
}

fn by_seed(of: &[TrainingNumber]) -> Option<BTreeMap<u64, &TrainingNumber>> {
    let map: BTreeMap<u64, &TrainingNumber> = of.iter().map(|one| (one.seed, one)).collect();
    (map.len() == of.len()).then_some(map)
}

fn values(of: &[TrainingNumber]) -> Vec<f64> {
    of.iter().map(|one| one.value).collect()
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
