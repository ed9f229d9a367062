//! Priors over inputs, fitted to the training data without labels.

mod components;
mod kmeans;
mod mixture;
mod moments;

use faer::{Mat, RowRef};
use serde::Serialize;

use crate::config::PixelRange;
use crate::data::Samples;
use crate::pace::Pace;
pub use components::Components;
pub use mixture::Mixture;
pub use moments::SampleMoments;

/// Prior to fit to the training data, without labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PriorOf {
    /// Number of components of a mixture; none for one Gaussian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<usize>,
    /// Number of training rows to fit to, the first ones; all if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
}

impl PriorOf {
    /// Describes the prior in words: `mixture of 12`, `first 1000 rows`; empty for one
    /// Gaussian of all rows.
    pub fn describe(self) -> String {
        let components = self.components.map(|n| format!("mixture of {n}"));
        let rows = self.rows.map(|n| format!("first {n} rows"));
        let parts: Vec<String> = components.into_iter().chain(rows).collect();
        parts.join(", ")
    }
}

/// Gaussian distribution of inputs.
pub struct Normal {
    /// Mean: 1 x inputs.
    pub mean: Mat<f64>,
    /// Covariance S: inputs x inputs.
    pub covariance: Mat<f64>,
    /// Logarithm of the mixture weight; 0 for a single Gaussian.
    pub log_weight: f64,
}

/// Prior over inputs.
#[derive(Debug, Clone, PartialEq)]
pub enum Prior {
    /// Single Gaussian.
    Gaussian(SampleMoments),
    /// Mixture of Gaussians.
    Mixture(Mixture),
}

/// Reason why a prior cannot be fitted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriorError {
    /// The training data has fewer rows than asked for.
    #[error("`rows`: expected at most {there}, the number of training rows, got {asked}")]
    Rows {
        /// Number of rows asked for.
        asked: usize,
        /// Number of rows.
        there: usize,
    },
    /// There are more components than rows.
    #[error("`components`: expected at most {there}, the number of training rows, got {asked}")]
    Components {
        /// Number of components asked for.
        asked: usize,
        /// Number of rows.
        there: usize,
    },
    /// The covariance is not finite.
    #[error("the covariance of the training rows is not finite: {0}")]
    Eigen(String),
}

impl Prior {
    /// Fits a prior to training rows.
    ///
    /// # Errors
    /// If there are fewer rows than asked for, or their covariance is not finite.
    pub fn of(
        samples: &Samples,
        range: PixelRange,
        of: PriorOf,
        pace: Pace<'_>,
    ) -> Result<Self, PriorError> {
        let there = samples.len();
        let rows = of.rows.unwrap_or(there);
        if rows > there {
            return Err(PriorError::Rows { asked: rows, there });
        }
        match of.components {
            None => Ok(Self::Gaussian(SampleMoments::of(samples, range, rows))),
            Some(asked) if asked > rows => Err(PriorError::Components { asked, there: rows }),
            Some(groups) => {
                let mixture = Mixture::fit(samples, range, rows, groups, pace);
                Ok(Self::Mixture(mixture.map_err(PriorError::Eigen)?))
            }
        }
    }

    /// Returns the mean of a component, from 0.
    pub fn mean(&self, component: usize) -> RowRef<'_, f64> {
        match self {
            Self::Gaussian(moments) => moments.mean.row(0),
            Self::Mixture(mixture) => mixture.means.row(component),
        }
    }

    /// Returns the Gaussians with their covariances shrunk by this fraction.
    pub fn normals(&self, shrinkage: f64) -> Box<dyn Iterator<Item = Normal> + '_> {
        match self {
            Self::Gaussian(moments) => Box::new(std::iter::once(Normal {
                mean: moments.mean.clone(),
                covariance: moments.shrunk(shrinkage),
                log_weight: 0.0,
            })),
            Self::Mixture(mixture) => Box::new(mixture.normals(shrinkage)),
        }
    }
}
