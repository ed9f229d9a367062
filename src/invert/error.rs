//! Errors of inversions.

use crate::data::Label;

/// Reason why an inversion failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvertError {
    /// The weights of a layer have no singular value decomposition.
    #[error("layer {0}: the weights are not finite, so they have no pseudo-inverse")]
    NoPseudoInverse(usize),
    /// The backward pass needs an activation to take a value outside its range.
    #[error(
        "`{activation}` behind layer {layer} has no inverse for the value {value}; map values \
         into its range with `domain = \"clip\"` or `domain = \"rescale\"`"
    )]
    NotInRange {
        /// Name of the activation.
        activation: &'static str,
        /// Layer before the activation, from 0.
        layer: usize,
        /// Value that the activation should take.
        value: String,
    },
    /// No input was found that meets the target.
    #[error(
        "class {0} (from 0): no input was found that meets the target; try a smaller `margin`, or \
         another target"
    )]
    NoInput(usize),
    /// The method needs the training data, or a prior, that the caller did not provide.
    #[error("the method needs the training data, or a prior fitted to it")]
    NoPrior,
    /// The outputs are no probabilities.
    #[error("linear outputs have no probability to reach; take `softmax` or `logistic` outputs")]
    NoProbability,
    /// The images are not finite.
    #[error(
        "the inverse overflowed: the weights are ill-conditioned; try `layer = \"ridge\"` or \
         `layer = \"truncated\"`"
    )]
    NotFinite,
    /// An image has fewer pixels than are to be lit.
    #[error("`pixels`: expected at most {there}, the pixels of an image, got {asked}")]
    TooManyPixels {
        /// Number of pixels to light.
        asked: usize,
        /// Number of pixels of an image.
        there: usize,
    },
    /// The device failed.
    #[error("the device failed: {0}")]
    Device(String),
    /// The data set has no test images to reconstruct.
    #[error(
        "the data set has no test images, and `task = \"reconstruct\"` needs one per class; use \
         data with test rows"
    )]
    NoTestImages,
    /// The data set has no test image of a class.
    #[error("class {0} has no test image, and `task = \"reconstruct\"` needs one per class")]
    NoTestImage(Label),
    /// The rank exceeds the number of training images.
    #[error("`rank`: expected at most {there}, the number of training images, got {asked}")]
    TooFewImages {
        /// Rank asked for.
        asked: usize,
        /// Number of training images.
        there: usize,
    },
}
