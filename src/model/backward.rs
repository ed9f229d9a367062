//! Rules by which errors go back from layer to layer.

use serde::Serialize;

use crate::kernels::ErrorRule;

/// The rule by which the error of a layer becomes that of the layer before it. Under
/// either rule the weights of a layer change by its error, times the derivative of its
/// activation, times its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Backward {
    /// Error times derivative of the activation times weights: the gradient of the loss.
    Gradient,
    /// Error times weights alone (Rashid 2016, *Make Your Own Neural Network*). It is the
    /// gradient of no loss, but points about the same way where derivatives are alike.
    Weights,
}

impl Backward {
    /// All rules.
    pub const ALL: [Self; 2] = [Self::Gradient, Self::Weights];

    /// Returns the name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::Weights => "weights",
        }
    }
}

impl From<Backward> for ErrorRule {
    fn from(rule: Backward) -> Self {
        match rule {
            Backward::Gradient => Self::Gradient,
            Backward::Weights => Self::Weights,
        }
    }
}
