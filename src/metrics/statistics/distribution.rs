//! Sampling distribution of a mean, or of a difference of means, between its bounds.
//!
//! A mean of probabilities near 1 has a skewed distribution, and Student's interval around
//! it reaches beyond 1 and covers the truth too rarely. Both are mended on a scale without
//! ends: z = ln((m - low) / (high - m)) between two bounds (the logit), the logarithm of
//! the distance from a single one, m itself without any. The standard error is carried over
//! by the slope of the scale (the delta method: Casella and Berger, *Statistical
//! Inference*, 5.5.4), the interval is Student's there, and its ends are carried back.
//! [Simulated](../../../docs/statistics.md): from five values on it covers the mean of
//! uniform, Beta(20, 1) and exponential numbers in 92.9 % and more of trials, where the plain
//! one covers 88 % of exponential ones.

use super::{EvaluatorError, NoMean, StandardError, finite, one_sided, quantile};
use crate::config::Bounds;

/// Distribution of an observed mean around the true one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanDistribution {
    /// Observed mean.
    pub mean: f64,
    /// Standard error by the trainings.
    pub trainings: StandardError,
    /// Standard error that evaluators add; none if they add nothing, or none read the numbers.
    pub evaluators: Option<EvaluatorError>,
    /// Bounds of the mean.
    pub bounds: Bounds,
}

impl MeanDistribution {
    /// Returns the standard error of the mean.
    pub fn error(&self) -> StandardError {
        match self.evaluators {
            None => self.trainings,
            Some(evaluators) => self.trainings.plus(evaluators.added()),
        }
    }

    /// Returns the distribution of one more training instead of that of the mean of n. Its
    /// variance is that of the mean plus that between trainings: the evaluators that read
    /// it are as unknown as those of the mean.
    pub fn of_one_more(self, n: usize) -> Self {
        let trainings = self.trainings.times((n as f64 + 1.0).sqrt());
        Self { trainings, ..self }
    }

    /// Returns the distribution after `more` further trainings that vary as the n there
    /// are.
    pub fn with_more(self, n: usize, more: usize) -> Self {
        Self {
            trainings: self.trainings.with_more(n, more),
            evaluators: self.evaluators.map(|own| own.with_more(n, more)),
            ..self
        }
    }

    /// Returns the 95 % interval of the true mean.
    ///
    /// # Errors
    /// If it overflows.
    pub fn interval(&self) -> Result<(f64, f64), NoMean> {
        let StandardError { size, degrees } = self.error();
        let reach = quantile(degrees)? * size;
        let (low, high) = match self.scale() {
            Some(scale) => {
                let reach = reach * scale.slope(self.mean);
                let at = scale.position(self.mean);
                (scale.value(at - reach), scale.value(at + reach))
            }
            None => (self.mean - reach, self.mean + reach),
        };
        let (low, high) = self.bounds.clip(self.mean, low, high);
        Ok((finite(low)?.min(self.mean), finite(high)?.max(self.mean)))
    }

    /// Returns the one-sided p value of the hypothesis that the true mean is at most `x`.
    ///
    /// # Errors
    /// If the numbers overflow.
    pub fn p_above(&self, x: f64) -> Result<f64, NoMean> {
        self.p(self.errors_above(x))
    }

    /// Returns the one-sided p value of the hypothesis that the true mean is at least `x`.
    ///
    /// # Errors
    /// If the numbers overflow.
    pub fn p_below(&self, x: f64) -> Result<f64, NoMean> {
        self.p(-self.errors_above(x))
    }

    fn p(&self, errors: f64) -> Result<f64, NoMean> {
        // Infinitely many are as good as very many.
        one_sided(errors.clamp(-f64::MAX, f64::MAX), self.error().degrees)
    }

    /// Returns the number of standard errors that the mean is above `x`, on the scale;
    /// infinite if the true mean cannot be on the other side.
    fn errors_above(&self, x: f64) -> f64 {
        let apart = self.mean - x;
        if x <= self.bounds.low {
            return f64::INFINITY;
        }
        if x >= self.bounds.high {
            return f64::NEG_INFINITY;
        }
        if apart == 0.0 {
            return 0.0;
        }
        let error = self.error().size;
        match self.scale() {
            Some(scale) => {
                let apart = scale.position(self.mean) - scale.position(x);
                apart / (error * scale.slope(self.mean))
            }
            None => apart / error,
        }
    }

    /// Returns the scale without ends; none if the mean is at a bound, which is at no
    /// finite place of it.
    fn scale(&self) -> Option<UnboundedScale> {
        let scale = UnboundedScale(self.bounds);
        scale.contains(self.mean).then_some(scale)
    }
}

/// Scale without ends, onto which the values between two bounds are carried.
#[derive(Debug, Clone, Copy)]
struct UnboundedScale(Bounds);

impl UnboundedScale {
    fn contains(self, x: f64) -> bool {
        self.0.low < x && x < self.0.high
    }

    fn position(self, x: f64) -> f64 {
        let Bounds { low, high } = self.0;
        match (low.is_finite(), high.is_finite()) {
            (true, true) => (x - low).ln() - (high - x).ln(),
            (true, false) => (x - low).ln(),
            (false, true) => -(high - x).ln(),
            (false, false) => x,
        }
    }

    /// Returns the derivative of the position.
    fn slope(self, x: f64) -> f64 {
        let Bounds { low, high } = self.0;
        match (low.is_finite(), high.is_finite()) {
            (true, true) => 1.0 / (x - low) + 1.0 / (high - x),
            (true, false) => 1.0 / (x - low),
            (false, true) => 1.0 / (high - x),
            (false, false) => 1.0,
        }
    }

    /// Returns the value at a position.
    fn value(self, position: f64) -> f64 {
        let Bounds { low, high } = self.0;
        match (low.is_finite(), high.is_finite()) {
            // From the nearer end, so that nothing cancels.
            (true, true) if position < 0.0 => low + (high - low) / (1.0 + (-position).exp()),
            (true, true) => high - (high - low) / (1.0 + position.exp()),
            (true, false) => low + position.exp(),
            (false, true) => high - (-position).exp(),
            (false, false) => position,
        }
    }
}

#[cfg(test)]
mod tests;
