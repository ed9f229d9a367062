//! What is told of each layer of a network.

use serde::Serialize;

use super::scale::Bounds;

/// One number about one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerMetric {
    /// Share of the weights that are below 0 before training.
    NegativeDrawn,
    /// The same after it.
    NegativeTrained,
    /// Root mean square of the derivatives of the loss by the weights before training,
    /// as a share of that of the last layer.
    GradientDrawn,
    /// Share of the units of a hidden layer that never pass anything on: the slope of
    /// their activation is 0 on every row.
    DeadUnits,
    /// The largest derivative of the loss by a weight or bias of a dead unit. Missing
    /// without any.
    DeadGradient,
    /// How many units have weights and biases of their own: those that no unit before
    /// them has too, up to rounding.
    DistinctUnits,
    /// How far the layer's values before the activation are from those of an affine map of
    /// the pixels: the distance of the values in the middle between two images from the
    /// mean of those at both, as a share of the distance of the two; a mean over pairs of
    /// neighbouring rows.
    Bend,
}

impl LayerMetric {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::NegativeDrawn,
        Self::NegativeTrained,
        Self::GradientDrawn,
        Self::DeadUnits,
        Self::DeadGradient,
        Self::DistinctUnits,
        Self::Bend,
    ];

    /// Its name in specs and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NegativeDrawn => "negative_drawn",
            Self::NegativeTrained => "negative_trained",
            Self::GradientDrawn => "gradient_drawn",
            Self::DeadUnits => "dead_units",
            Self::DeadGradient => "dead_gradient",
            Self::DistinctUnits => "distinct_units",
            Self::Bend => "bend",
        }
    }

    /// What its numbers count.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::NegativeDrawn | Self::NegativeTrained | Self::DeadUnits => "share",
            Self::GradientDrawn | Self::Bend => "ratio",
            Self::DeadGradient => "loss",
            Self::DistinctUnits => "units",
        }
    }

    /// Returns true if the last layer, which has no activation, has no value of it.
    #[must_use]
    pub fn is_of_hidden_layers(self) -> bool {
        match self {
            Self::DeadUnits | Self::DeadGradient => true,
            Self::NegativeDrawn
            | Self::NegativeTrained
            | Self::GradientDrawn
            | Self::DistinctUnits
            | Self::Bend => false,
        }
    }

    /// The lowest and the highest value that there can be.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        match self {
            Self::NegativeDrawn | Self::NegativeTrained | Self::DeadUnits => Bounds::FRACTION,
            Self::GradientDrawn | Self::DeadGradient | Self::DistinctUnits | Self::Bend => {
                Bounds::FROM_ZERO
            }
        }
    }

    /// True for numbers of any magnitude, which are drawn on a logarithmic axis.
    #[must_use]
    pub fn is_logarithmic(self) -> bool {
        matches!(self, Self::GradientDrawn)
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }
}
