//! Shares of trainings: the exact binomial interval and test (Clopper and Pearson 1934).

use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};

use super::{CONFIDENCE, NoMean};

/// Number of trainings that satisfy a condition, of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Number that satisfy it.
    pub satisfied: usize,
    /// Number of all, at least 1.
    pub of: usize,
}

impl Share {
    /// Returns the exact 95 % interval of the share that would satisfy it.
    ///
    /// # Examples
    /// ```
    /// use backquery::metrics::statistics::Share;
    ///
    /// // With ten of ten the lower end is the tenth root of 0.025.
    /// let (low, high) = Share { satisfied: 10, of: 10 }.interval().unwrap();
    /// assert!((low - 0.025f64.powf(0.1)).abs() < 1e-9 && high == 1.0);
    /// ```
    ///
    /// # Errors
    /// Without any training.
    pub fn interval(self) -> Result<(f64, f64), NoMean> {
        let (k, n) = (self.satisfied as f64, self.of as f64);
        if self.of == 0 {
            return Err(NoMean::Empty);
        }
        let tail = (1.0 - CONFIDENCE) / 2.0;
        let quantile = |a: f64, b: f64, p: f64| {
            let beta = Beta::new(a, b).map_err(|_| NoMean::NotFinite)?;
            Ok(beta.inverse_cdf(p))
        };
        let low = match self.satisfied {
            0 => 0.0,
            _ => quantile(k, n - k + 1.0, tail)?,
        };
        let high = if self.satisfied == self.of {
            1.0
        } else {
            quantile(k + 1.0, n - k, 1.0 - tail)?
        };
        Ok((low, high))
    }

    /// Returns the one-sided p value of the hypothesis that at least this share satisfies
    /// it: the probability of as few or fewer.
    ///
    /// # Errors
    /// If the share is not one from 0 to 1.
    pub fn p_below(self, share: f64) -> Result<f64, NoMean> {
        let trials = Binomial::new(share, self.of as u64).map_err(|_| NoMean::NotFinite)?;
        Ok(trials
            .cdf(self.satisfied as u64)
            .clamp(f64::MIN_POSITIVE, 1.0))
    }
}
