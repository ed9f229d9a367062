//! Scales of measured numbers: bounds of quantities, and indices, which have no means.
//! Metrics of inverses and of layers own theirs; here are the columns of other tables.

use super::metric::Metric;
use super::verify::{Tolerance, default_tolerance};
use crate::train::LayerMetric;

/// Scale of the numbers of one name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// A quantity: it has means, differences and intervals.
    Quantity(Bounds),
    /// Number of the epoch of an event that some trainings do not reach.
    Epoch,
    /// The number of a thing, such as a pixel. Two are equal or not; their mean is no
    /// such thing.
    Index,
}

/// The lowest and the highest value of a quantity; infinite without an end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lowest value.
    pub low: f64,
    /// The highest value.
    pub high: f64,
}

impl Scale {
    /// Returns the scale of the number with this name in results. Names that this
    /// version does not know are of quantities without bounds.
    pub fn of(name: &str) -> Self {
        let inverse = Metric::named(name).map(Metric::bounds);
        let layer = || LayerMetric::named(name).map(LayerMetric::bounds);
        if let Some(bounds) = inverse.or_else(layer) {
            return Self::Quantity(bounds);
        }
        let mut columns = OF_EPOCHS.iter().chain(&OF_NETWORK).chain(&OF_PAIRS);
        let column = columns.find(|column| column.name == name);
        column.map_or(Self::Quantity(Bounds::NONE), |column| column.scale)
    }

    /// Returns the bounds of a quantity, and nothing for an index.
    pub fn bounds(self) -> Option<Bounds> {
        match self {
            Self::Quantity(bounds) => Some(bounds),
            Self::Epoch => Some(Bounds::FROM_ZERO),
            Self::Index => None,
        }
    }
}

/// Scale of numbers that have a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberScale {
    /// Bounds of the number of one training.
    pub bounds: Bounds,
    /// Differences that count as none.
    pub tolerance: Tolerance,
    /// True for epochs of an event, which some trainings do not reach.
    pub is_epoch: bool,
}

impl NumberScale {
    /// Returns the scale of the number with this name in results; none for an index.
    pub fn of(name: &str) -> Option<Self> {
        let scale = Scale::of(name);
        Some(Self {
            bounds: scale.bounds()?,
            tolerance: default_tolerance(name),
            is_epoch: scale == Scale::Epoch,
        })
    }

    /// Returns the scale of the difference of two such numbers.
    pub fn of_differences(self) -> Self {
        Self {
            bounds: self.bounds.minus(self.bounds),
            ..self
        }
    }

    /// Standard deviation of numbers of at most this magnitude that all agree: that none
    /// differs does not say that none ever will.
    pub fn resolution(self, size: f64) -> f64 {
        self.tolerance.allowed(size, size)
    }
}

/// Scale of numbers that are exact.
impl From<Bounds> for NumberScale {
    fn from(bounds: Bounds) -> Self {
        Self {
            bounds,
            tolerance: Tolerance::new(0.0, 0.0),
            is_epoch: false,
        }
    }
}

impl Bounds {
    /// No bounds.
    pub const NONE: Self = Self::new(f64::NEG_INFINITY, f64::INFINITY);
    /// Bounds of probabilities and fractions.
    pub const FRACTION: Self = Self::new(0.0, 1.0);
    /// Bounds of correlations.
    pub const CORRELATION: Self = Self::new(-1.0, 1.0);
    /// Bounds of counts, distances and losses.
    pub const FROM_ZERO: Self = Self::new(0.0, f64::INFINITY);

    /// Bounds from `low` to `high`.
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// Returns the bounds of a sum.
    pub fn plus(self, other: Self) -> Self {
        Self::new(self.low + other.low, self.high + other.high)
    }

    /// Returns the bounds of a difference.
    pub fn minus(self, other: Self) -> Self {
        Self::new(self.low - other.high, self.high - other.low)
    }

    /// Ends the interval of a mean at the bounds, but never short of the mean, which
    /// rounding may leave beyond them.
    pub fn clip(self, mean: f64, low: f64, high: f64) -> (f64, f64) {
        (low.max(self.low).min(mean), high.min(self.high).max(mean))
    }
}

/// A number of a trained network, or of two inverses, as a column of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberColumn {
    /// Name in specs and tables.
    pub name: &'static str,
    /// Scale of the numbers.
    pub scale: Scale,
    /// Unit of the numbers; empty for a loss.
    pub unit: &'static str,
    /// Definition, in one sentence.
    pub about: &'static str,
}

impl NumberColumn {
    const fn new(
        name: &'static str,
        bounds: Bounds,
        unit: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            scale: Scale::Quantity(bounds),
            unit,
            about,
        }
    }

    const fn loss(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Bounds::FROM_ZERO, "", about)
    }

    const fn share(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Bounds::FRACTION, "share", about)
    }

    /// True if one of these columns has this name.
    pub fn any(columns: &[Self], name: &str) -> bool {
        columns.iter().any(|column| column.name == name)
    }
}

/// Columns of the accuracy log: numbers of a network after every epoch.
pub const OF_EPOCHS: [NumberColumn; 9] = [
    NumberColumn::loss(
        "running_loss",
        "Mean loss over the steps of the epoch, each before its step.",
    ),
    NumberColumn::share(
        "running_accuracy",
        "Accuracy on training rows over the steps of the epoch, each before its step.",
    ),
    NumberColumn::share(
        "running_subset_accuracy",
        "Subset accuracy on training rows over the steps of the epoch, each before its step: a row \
         counts only if exactly the right outputs are above one half. Logistic outputs only.",
    ),
    NumberColumn::loss("train_loss", "Loss on the training rows after the epoch."),
    NumberColumn::share(
        "train_accuracy",
        "Accuracy on the training rows after the epoch.",
    ),
    NumberColumn::share(
        "train_subset_accuracy",
        "Subset accuracy on the training rows after the epoch. Logistic outputs only.",
    ),
    NumberColumn::loss("test_loss", "Loss on the test rows after the epoch."),
    NumberColumn::share(
        "test_accuracy",
        "Accuracy on the test rows after the epoch.",
    ),
    NumberColumn::share(
        "test_subset_accuracy",
        "Subset accuracy on the test rows after the epoch. Logistic outputs only.",
    ),
];

/// Numbers of a trained network.
pub const OF_NETWORK: [NumberColumn; 4] = [
    NumberColumn::new(
        "largest_bias",
        Bounds::FROM_ZERO,
        "logits",
        "Largest absolute bias of all layers; missing without biases.",
    ),
    NumberColumn {
        name: "first_perfect_epoch",
        scale: Scale::Epoch,
        unit: "epochs",
        about: "First epoch with a running accuracy of 1.0000.",
    },
    NumberColumn {
        name: "heaviest_input",
        scale: Scale::Index,
        unit: "pixels",
        about: "Input, counted from 0, with the largest fraction of the first layer's absolute \
                weights.",
    },
    NumberColumn::share("heaviest_input_share", "That fraction."),
];

/// Numbers of pairs of inverses, of the same class by two inversions.
pub const OF_PAIRS: [NumberColumn; 2] = [
    NumberColumn::share(
        "overlap",
        "Intersection over union of the highest pixels of both, a third of all.",
    ),
    NumberColumn::new(
        "correlation",
        Bounds::CORRELATION,
        "correlation",
        "Correlation of the pixels of both.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_scale() {
        for (name, scale) in [
            ("target_probability", Scale::Quantity(Bounds::FRACTION)),
            ("l2_distance", Scale::Quantity(Bounds::FROM_ZERO)),
            ("class_mean_margin", Scale::Quantity(Bounds::new(-2.0, 2.0))),
            ("dead_units", Scale::Quantity(Bounds::FRACTION)),
            ("bend", Scale::Quantity(Bounds::FROM_ZERO)),
            ("test_accuracy", Scale::Quantity(Bounds::FRACTION)),
            ("heaviest_input", Scale::Index),
            ("correlation", Scale::Quantity(Bounds::CORRELATION)),
            ("unheard_of", Scale::Quantity(Bounds::NONE)),
        ] {
            assert_eq!(Scale::of(name), scale, "{name}");
        }
    }

    #[test]
    fn sums_and_differences_have_the_bounds_of_their_terms() {
        let (fraction, any) = (Bounds::FRACTION, Bounds::FROM_ZERO);
        assert_eq!(fraction.minus(fraction), Bounds::CORRELATION);
        assert_eq!(fraction.plus(fraction), Bounds::new(0.0, 2.0));
        assert_eq!(any.minus(any), Bounds::NONE);
        assert_eq!(any.plus(fraction), any);
        assert_eq!(fraction.minus(any), Bounds::new(f64::NEG_INFINITY, 1.0));
    }

    #[test]
    fn intervals_end_at_the_bounds_and_hold_their_mean() {
        let clip = |mean, (low, high)| Bounds::FRACTION.clip(mean, low, high);
        assert_eq!(clip(0.9, (0.7, 1.1)), (0.7, 1.0));
        assert_eq!(clip(0.1, (-0.3, 0.5)), (0.0, 0.5));
        assert_eq!(clip(0.5, (0.4, 0.6)), (0.4, 0.6));
        let above = 1.0 + f64::EPSILON;
        assert_eq!(clip(above, (0.9, 1.1)), (0.9, above));
    }
}
