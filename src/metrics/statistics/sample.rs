//! Means, standard deviations and standard errors of samples.

use super::{MIN_REPLICATES, MeanDistribution, NoMean, ObservedMean, finite, unknown};
use crate::config::Bounds;

/// Standard error of a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardError {
    /// Size, at least 0; 0 if the values agree.
    pub size: f64,
    /// Degrees of freedom of its square.
    pub degrees: f64,
}

impl StandardError {
    /// Returns the standard error of a sum of two independent means. Degrees of freedom by
    /// Welch and Satterthwaite are computed from fractions of the variance, so that nothing
    /// under- or overflows.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let size = self.size.hypot(other.size);
        let fraction = |of: Self| (of.size / size).powi(2).powi(2) / of.degrees;
        let degrees = match size {
            0.0 => self.degrees + other.degrees,
            _ => 1.0 / (fraction(self) + fraction(other)),
        };
        Self { size, degrees }
    }

    pub(super) fn times(self, factor: f64) -> Self {
        let size = self.size * factor;
        Self { size, ..self }
    }

    /// Returns the standard error after `more` values beyond n that vary as these do.
    pub(super) fn with_more(self, n: usize, more: usize) -> Self {
        let (n, of) = (n as f64, (n + more) as f64);
        Self {
            degrees: self.degrees * (of - 1.0) / (n - 1.0),
            ..self.times((n / of).sqrt())
        }
    }
}

/// Mean and standard deviation of at least one value.
pub(super) struct Sample {
    pub n: usize,
    pub mean: f64,
    /// Standard deviation with n - 1; 0 where it is no more than rounding.
    deviation: f64,
}

impl Sample {
    /// Sample of values that were computed from numbers of at most this magnitude.
    pub fn of(values: &[f64], size: f64) -> Result<Self, NoMean> {
        let first = *values.first().ok_or(NoMean::Empty)?;
        let n = values.len();
        // From the first value on, so that equal values have exactly their mean.
        let above: f64 = values.iter().map(|value| value - first).sum();
        let mean = finite(first + above / n as f64)?;
        let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let deviation = deviation(&deviations, n as f64 - 1.0, size)?;
        Ok(Self { n, mean, deviation })
    }

    /// Standard error of the mean, with n - 1 degrees of freedom.
    pub fn error(&self) -> StandardError {
        StandardError {
            size: self.deviation / (self.n as f64).sqrt(),
            degrees: self.n as f64 - 1.0,
        }
    }

    /// Returns true if there are enough values for an interval or a test.
    pub fn is_tested(&self) -> bool {
        self.n >= MIN_REPLICATES
    }

    /// Returns the mean with its distribution between these bounds.
    pub fn observed(&self, bounds: Bounds) -> ObservedMean {
        let distribution = self.is_tested().then(|| MeanDistribution {
            mean: self.mean,
            trainings: self.error(),
            evaluators: None,
            bounds,
        });
        ObservedMean {
            distribution,
            ..unknown(self.mean, self.n, bounds)
        }
    }
}

/// Returns the standard deviation of residuals with these degrees of freedom, which were
/// computed from numbers of at most this magnitude; 0 where it is no more than rounding.
///
/// # Errors
/// If it overflows.
pub(super) fn deviation(residuals: &[f64], degrees: f64, size: f64) -> Result<f64, NoMean> {
    // In units of the largest, as squares of tiny or huge numbers are lost.
    let unit = largest(residuals);
    let squares: f64 = residuals.iter().map(|x| (x / unit).powi(2)).sum();
    if degrees > 0.0 && unit > rounding(size) {
        finite(unit * (squares / degrees).sqrt())
    } else {
        Ok(0.0)
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
pub(super) fn largest(values: &[f64]) -> f64 {
    let larger = |most: f64, value: &f64| {
        if value.abs() <= most {
            most
        } else {
            value.abs()
        }
    };
    values.iter().fold(0.0, larger)
}
