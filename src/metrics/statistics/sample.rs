//! Mean and standard deviation of the values of one side.

use super::{
    MIN_REPLICATES, MeanDistribution, NoMean, ObservedMean, finite, largest, rounding, unknown,
};
use crate::config::Bounds;

/// Mean and standard deviation of at least one value.
pub struct Sample {
    /// Number of values.
    pub n: usize,
    /// Mean.
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
    pub fn error(&self) -> f64 {
        self.deviation / (self.n as f64).sqrt()
    }

    /// Returns true if there are enough values for an interval or a test.
    pub fn is_tested(&self) -> bool {
        self.n >= MIN_REPLICATES
    }

    /// Degrees of freedom.
    pub fn degrees(&self) -> f64 {
        self.n as f64 - 1.0
    }

    /// Returns the mean with its distribution between these bounds.
    pub fn observed(&self, bounds: Bounds) -> ObservedMean {
        let distribution = self.is_tested().then(|| MeanDistribution {
            mean: self.mean,
            error: self.error(),
            degrees: self.degrees(),
            bounds,
        });
        ObservedMean {
            agrees: distribution.is_some_and(|known| known.error == 0.0),
            distribution,
            ..unknown(self.mean, self.n, bounds)
        }
    }
}
