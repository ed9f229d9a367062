//! Inversion methods, one file each.
//!
//! A new method is a file below this one, a variant of [`Method`] with an arm in each
//! match of this file, and its keys in `config::invert`.

mod bounded;
mod class_mean;
mod decoder;
mod empirical;
mod evolve;
mod exemplar;
pub(super) mod gaussian;
mod gradient;
mod layered;
mod original;
mod random_direction;

use serde::Serialize;

use super::prior::PriorOf;
use super::{InvertError, Inverted, Inverter};
use crate::config::{Setting, Task};
use crate::pace::Pace;
pub use bounded::{Norm, least_distance};
pub use decoder::Decoder;
pub use empirical::{MAX_LIT, Score, default_lit, invert as light};
pub use evolve::Evolution;
pub(super) use gaussian::median_margin;
pub use gaussian::{MapEstimate, Margin};
pub use gradient::Descent;
pub(super) use layered::{BackwardPass, LayerInverses};
pub use layered::{Bias, LayerInverse, Layered, PreimageTarget};
pub use original::originals;
pub use random_direction::RandomDirection;
use random_direction::mean_image;

/// Inversion method with its settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Method {
    /// Scores each pixel alone and lights the best (Lai 2021, section 2.1).
    Empirical {
        /// Score of a pixel.
        score: Score,
        /// Number of lit pixels, 1 to 255. Until the image size is known it may be
        /// missing: [`default_lit`].
        #[serde(skip_serializing_if = "Option::is_none")]
        pixels: Option<usize>,
    },
    /// Inverts layer by layer from the output (Lai 2021, section 2.2, and the back
    /// query of Rashid).
    Layered(Layered),
    /// MAP estimate under a Gaussian of the training data, fitted without labels.
    Gaussian(MapEstimate),
    /// MAP estimate under a mixture of Gaussians, fitted without labels.
    Mixture(MapEstimate),
    /// Input in the pixel range with the logits nearest the target: the ideal input of
    /// Lai 2021, section 1.3.3.
    Bounded {
        /// Norm of the distance.
        norm: Norm,
    },
    /// Projected gradient descent on the pixels.
    Gradient(Descent),
    /// Gradient-free evolution by the network's output (Nguyen et al. 2015).
    Evolve(Evolution),
    /// Learned inverse: a small network trained to map logits to pixels, without labels.
    Decoder(Decoder),
    /// Training image with the largest margin for the class, whatever its label.
    Exemplar {
        /// Rank by margin, from 1.
        rank: usize,
    },
    /// Mean training image of the class.
    ClassMean,
    /// Test image that is to be reconstructed.
    Original,
    /// Step from the mean training image along the first random direction that reaches a
    /// probability, as a control.
    RandomDirection(RandomDirection),
}

/// Least data for the settings of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataDemand {
    /// Images with at least this number of pixels, which it lights.
    Pixels(usize),
    /// Training rows up to this rank.
    TrainingRows(usize),
}

impl Method {
    /// Returns the prior that the method needs beforehand.
    pub fn prior(&self) -> Option<PriorOf> {
        match self {
            Self::Gaussian(map) | Self::Mixture(map) => Some(map.prior),
            Self::Layered(layered) => layered.is_gaussian().then(PriorOf::default),
            Self::Empirical { .. }
            | Self::Bounded { .. }
            | Self::Gradient(_)
            | Self::Evolve(_)
            | Self::Decoder(_)
            | Self::Exemplar { .. }
            | Self::ClassMean
            | Self::Original
            | Self::RandomDirection(_) => None,
        }
    }

    /// Returns true if the method needs images of the data set, or a prior fitted to them.
    pub fn needs_samples(&self) -> bool {
        match self {
            Self::Decoder(_)
            | Self::Exemplar { .. }
            | Self::ClassMean
            | Self::Original
            | Self::RandomDirection(_) => true,
            Self::Gaussian(_) | Self::Mixture(_) | Self::Layered(_) => self.prior().is_some(),
            Self::Empirical { .. } | Self::Bounded { .. } | Self::Gradient(_) | Self::Evolve(_) => {
                false
            }
        }
    }

    /// Returns what the data must have for its settings.
    pub fn demand(&self) -> Option<DataDemand> {
        match self {
            Self::Empirical { pixels, .. } => pixels.map(DataDemand::Pixels),
            Self::Exemplar { rank } => Some(DataDemand::TrainingRows(*rank)),
            Self::Layered(_)
            | Self::Gaussian(_)
            | Self::Mixture(_)
            | Self::Bounded { .. }
            | Self::Gradient(_)
            | Self::Evolve(_)
            | Self::Decoder(_)
            | Self::ClassMean
            | Self::Original
            | Self::RandomDirection(_) => None,
        }
    }

    /// Returns true if inverses depend on draws of the seed, beyond those of the network.
    pub fn is_random(&self) -> bool {
        match self {
            Self::Gradient(_) | Self::Evolve(_) | Self::Decoder(_) | Self::RandomDirection(_) => {
                true
            }
            Self::Empirical { .. }
            | Self::Layered(_)
            | Self::Gaussian(_)
            | Self::Mixture(_)
            | Self::Bounded { .. }
            | Self::Exemplar { .. }
            | Self::ClassMean
            | Self::Original => false,
        }
    }

    /// Returns true if the method multiplies by inverse matrices, which can be filtered.
    pub fn has_matrices(&self) -> bool {
        match self {
            Self::Layered(layered) => !layered.is_gaussian(),
            Self::Empirical { .. }
            | Self::Gaussian(_)
            | Self::Mixture(_)
            | Self::Bounded { .. }
            | Self::Gradient(_)
            | Self::Evolve(_)
            | Self::Decoder(_)
            | Self::Exemplar { .. }
            | Self::ClassMean
            | Self::Original
            | Self::RandomDirection(_) => false,
        }
    }

    /// Returns true if the method may find no image for a class, without an error.
    pub fn may_find_none(&self) -> bool {
        match self {
            Self::RandomDirection(_) => true,
            Self::Empirical { .. }
            | Self::Layered(_)
            | Self::Gaussian(_)
            | Self::Mixture(_)
            | Self::Bounded { .. }
            | Self::Gradient(_)
            | Self::Evolve(_)
            | Self::Decoder(_)
            | Self::Exemplar { .. }
            | Self::ClassMean
            | Self::Original => false,
        }
    }

    /// Returns why the method has no use under a task, to follow "`method`"; none if it
    /// has one.
    pub fn misfit(&self, task: Task) -> Option<&'static str> {
        match self {
            Self::Original => (!task.reconstructs()).then_some(
                "is \"original\", the image to be reconstructed: set `task = \"reconstruct\"`",
            ),
            Self::Empirical { .. }
            | Self::Evolve(_)
            | Self::Exemplar { .. }
            | Self::RandomDirection(_) => task.reconstructs().then_some(
                "looks for what is typical of a class, and can reconstruct nothing: take \
                 `layered`, `gaussian`, `mixture`, `bounded` or `gradient`",
            ),
            Self::Gaussian(map) | Self::Mixture(map) => (task.reconstructs()
                && map.margin.is_some())
            .then_some("has a `margin` between classes; without it, it can reconstruct"),
            Self::Layered(_)
            | Self::Bounded { .. }
            | Self::Gradient(_)
            | Self::Decoder(_)
            | Self::ClassMean => None,
        }
    }
}

impl Inverter<'_> {
    /// Runs the method of a setting. Filters of matrices are applied, filters of images
    /// are not.
    pub(super) fn run(
        &self,
        setting: &Setting,
        targets: &[Vec<f64>],
        pace: Pace<'_>,
    ) -> Result<Inverted, InvertError> {
        let (network, range) = (self.network, self.range);
        match setting.method {
            Method::Empirical { score, pixels } => {
                let pixels = pixels.unwrap_or_else(|| default_lit(network.inputs()));
                light(network, score, pixels, targets, range).map(Inverted::computed)
            }
            Method::Layered(layered) => {
                let pass = self.backward_pass(layered, setting.filter, targets)?;
                Ok(Inverted::computed(pass.images))
            }
            Method::Gaussian(map) | Method::Mixture(map) => {
                gaussian::estimate(network, self.training()?, range, map, targets, pace)
            }
            Method::Bounded { norm } => Ok(bounded::Bounded {
                network,
                range,
                norm,
                pace,
            }
            .invert(targets)),
            Method::Gradient(descent) => gradient::Gradient {
                network,
                range,
                search: self.search,
                descent,
                pace,
            }
            .invert(targets),
            Method::Evolve(evolution) => Ok(self.evolve(evolution, pace)),
            Method::Decoder(decoder) => decoder::Regression {
                network,
                samples: self.training()?.samples(),
                range,
                search: self.search,
                decoder,
                pace,
            }
            .invert(targets)
            .map(Inverted::computed),
            Method::Exemplar { rank } => {
                exemplar::invert(network, self.training()?.samples(), range, rank)
                    .map(Inverted::computed)
            }
            Method::ClassMean => Ok(Inverted::computed(class_mean::invert(
                self.training()?.dataset(),
            ))),
            Method::Original => {
                originals(self.training()?.dataset(), self.search.seed).map(Inverted::computed)
            }
            Method::RandomDirection(settings) => self.random_direction(settings, pace),
        }
    }

    fn random_direction(
        &self,
        settings: RandomDirection,
        pace: Pace<'_>,
    ) -> Result<Inverted, InvertError> {
        let mean = mean_image(self.training()?.samples(), self.range);
        random_direction::RandomLines {
            network: self.network,
            range: self.range,
            seed: self.search.seed,
            settings,
            pace,
        }
        .invert(&mean)
    }

    fn evolve(&self, evolution: Evolution, pace: Pace<'_>) -> Inverted {
        evolve::Evolve {
            network: self.network,
            range: self.range,
            seed: self.search.seed,
            evolution,
            pace,
        }
        .invert()
    }
}
