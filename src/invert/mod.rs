//! Inversion: inputs that a network should answer with its target.
//!
//! One file a method. Every method takes the network as plain f64 matrices and
//! gives one row of pixels a class, in the scale of the data set.

mod empirical;
mod filter;
mod gaussian;
mod layered;
mod prior;
mod programme;
mod top;

use std::cell::OnceCell;

use faer::Mat;

use crate::model::Network;
use crate::spec::{LayerInverse, Margin, Method, PixelRange};
use gaussian::Gaussian;
use layered::PseudoInverses;
pub use prior::{Prior, median_margin};
pub use top::highest;

/// An inversion that cannot be had.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvertError {
    /// A layer's weights have no singular value decomposition.
    #[error("the weights of layer {0} have no pseudo-inverse: they are not finite")]
    NoPseudoInverse(usize),
    /// The way back asks an activation for a value that no input gives.
    #[error(
        "the inverse asks `{activation}` behind layer {layer} for the value {value}, \
         which no input gives"
    )]
    NotInRange {
        /// Its name.
        activation: &'static str,
        /// The layer before it, from 0.
        layer: usize,
        /// What was asked for.
        value: String,
    },
    /// The target is out of reach, or was not found.
    #[error(
        "no input was found at which the network tells class {0} (counted from 0) from the \
         others by the margin; a smaller `margin` may be met"
    )]
    NoInput(usize),
    /// Nothing is known of the training data.
    #[error("the method needs the mean and covariance of the training data")]
    NoPrior,
    /// Pixels beyond what a number can be.
    #[error("pixels of the inverse are not finite: the way back multiplies them beyond all bounds")]
    NotFinite,
    /// More pixels to light than there are.
    #[error("cannot light {asked} of {there} pixels")]
    TooManyPixels {
        /// Pixels to light.
        asked: usize,
        /// Pixels of an image.
        there: usize,
    },
}

/// Inverts one network, by as many methods as asked for; what several of them
/// need is reckoned once.
pub struct Inverter<'a> {
    network: &'a Network,
    range: PixelRange,
    pseudo_inverses: PseudoInverses<'a>,
    known: OnceCell<Knowledge<'a>>,
}

/// What is known of the training data, without its labels.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'a> {
    /// Its mean and covariance.
    pub prior: &'a Prior,
    /// The network's own [`median_margin`] on it.
    pub median_margin: f64,
}

impl<'a> Inverter<'a> {
    /// Of this network, for images on this scale.
    #[must_use]
    pub fn new(network: &'a Network, range: PixelRange) -> Self {
        Self {
            network,
            range,
            pseudo_inverses: PseudoInverses::of(network),
            known: OnceCell::new(),
        }
    }

    /// Lets it know the training data; what it knows already stays.
    ///
    /// # Errors
    /// With those of finding out, which is done once.
    pub fn know<E>(&self, find: impl FnOnce() -> Result<Knowledge<'a>, E>) -> Result<(), E> {
        if self.known.get().is_none() {
            let _ = self.known.set(find()?);
        }
        Ok(())
    }

    /// One input a class.
    ///
    /// # Shapes
    /// - targets: `outputs` rows of logits z', one a class
    /// - inverse: classes x inputs
    ///
    /// # Errors
    /// If the method has no answer for this network and target.
    pub fn invert(&self, method: Method, targets: &[Vec<f64>]) -> Result<Mat<f64>, InvertError> {
        let images = match method {
            Method::Empirical { score, pixels } => {
                empirical::invert(self.network, score, pixels, targets, self.range)
            }
            Method::Layered {
                layer: LayerInverse::PseudoInverse,
                bias,
                filter,
            } => {
                let images = self.pseudo_inverses.invert(bias, filter, targets)?;
                Ok(match filter {
                    Some(filter) => filter::images(filter, images, self.range),
                    None => images,
                })
            }
            Method::Gaussian { margin, shrinkage } => self.gaussian(margin, shrinkage),
        }?;
        if images.is_all_finite() {
            Ok(images)
        } else {
            Err(InvertError::NotFinite)
        }
    }

    fn gaussian(&self, margin: Margin, shrinkage: f64) -> Result<Mat<f64>, InvertError> {
        let known = self.known.get().ok_or(InvertError::NoPrior)?;
        let gaussian = Gaussian {
            network: self.network,
            mean: &known.prior.mean,
            covariance: &known.prior.shrunk(shrinkage),
        };
        gaussian.invert(match margin {
            Margin::Logits(margin) => margin,
            Margin::Medians(medians) => medians * known.median_margin,
        })
    }
}
