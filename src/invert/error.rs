//! Errors of inversions.

/// Reason why an inversion failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvertError {
    /// The weights of a layer have no singular value decomposition.
    #[error("the weights of layer {0} have no pseudo-inverse: they are not finite")]
    NoPseudoInverse(usize),
    /// The backward pass needs an activation to take a value outside its range.
    #[error(
        "the inverse asks `{activation}` behind layer {layer} for the value {value}, \
         which no input gives"
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
        "no input was found at which the network gives class {0} (counted from 0) what is asked \
         for; a smaller `margin`, or another target, may be met"
    )]
    NoInput(usize),
    /// The method needs the training data, or a prior, that the caller did not provide.
    #[error("the method needs to know the training data")]
    NoPrior,
    /// The images are not finite.
    #[error("pixels of the inverse are not finite: the way back multiplies them beyond all bounds")]
    NotFinite,
    /// An image has fewer pixels than are to be lit.
    #[error(
        "cannot light {asked} pixels of images that have {there}; set `pixels`, {there} at most"
    )]
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
        "there are no test images, of which `task = \"reconstruct\"` needs one of each class: \
         take data that has some"
    )]
    NoTestImages,
    /// The data set has no test image of a class.
    #[error("there is no test image of class {0}, and `task = \"reconstruct\"` needs one of each")]
    NoTestImage(u8),
    /// The rank exceeds the number of training images.
    #[error("`rank` asks for image {asked} of {there}")]
    TooFewImages {
        /// Rank asked for.
        asked: usize,
        /// Number of training images.
        there: usize,
    },
}
