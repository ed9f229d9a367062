//! The network that a spec describes.

use serde::Serialize;

use super::{Activation, Init, Output};

/// More weights would need more memory than the machines this is for have: training
/// keeps about six numbers for each.
pub const MAX_WEIGHTS: usize = 50_000_000;

/// The section `[model]`: a stack of dense layers a' = f(a W + b).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// Units of each hidden layer; empty for a single-layer perceptron.
    pub hidden: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Activation of the last layer.
    pub output: Output,
    /// Distribution of the weights before training.
    pub init: Init,
    /// Distribution of the biases before training; layers have no biases without it.
    pub bias_init: Option<Init>,
    /// Number of last layers whose trained parameters are shuffled, as a control; 0 leaves
    /// the network as it was trained.
    #[serde(skip_serializing_if = "is_none")]
    pub randomise_last: usize,
}

/// Skips the default in manifests and keys; serde passes a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_none(layers: &usize) -> bool {
    *layers == 0
}

impl Model {
    /// Returns the network as it is trained, before any layers are shuffled.
    #[must_use]
    pub fn trained(&self) -> Self {
        Self {
            randomise_last: 0,
            ..self.clone()
        }
    }

    /// Describes the layers that are shuffled, if any are.
    pub fn control(&self) -> Option<String> {
        match self.randomise_last {
            0 => None,
            1 => Some("last layer shuffled".to_owned()),
            layers => Some(format!("last {layers} layers shuffled")),
        }
    }

    /// Returns the number of weights up to the last hidden layer for images of this many
    /// pixels, if it is above [`MAX_WEIGHTS`].
    ///
    /// # Examples
    /// ```
    /// use backquery::model::{Activation, Init, Model, Output};
    ///
    /// let model = Model {
    ///     hidden: vec![100_000],
    ///     activation: Activation::Relu,
    ///     output: Output::Softmax,
    ///     init: Init::HeNormal,
    ///     bias_init: None,
    ///     randomise_last: 0,
    /// };
    /// assert_eq!(model.too_many_weights(500), None);
    /// assert_eq!(model.too_many_weights(501), Some(50_100_000));
    /// ```
    pub fn too_many_weights(&self, pixels: usize) -> Option<usize> {
        let sizes: Vec<usize> = [pixels].iter().chain(&self.hidden).copied().collect();
        let weights: usize = sizes.windows(2).map(|pair| pair[0] * pair[1]).sum();
        (weights > MAX_WEIGHTS).then_some(weights)
    }
}
