//! Definition of a metric, and templates that entries are based on.

use super::legibility::Legibility;
use super::requirement::Requirement;
use crate::config::{Bounds, Tolerance};
use crate::metrics::measure::Image;
use Direction::{Higher, Lower};

/// Direction in which a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

impl Direction {
    /// Returns the direction in words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Higher => "higher is better",
            Self::Lower => "lower is better",
        }
    }
}

/// Parties beside the network itself that a metric asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// No other.
    Nobody,
    /// The evaluators, or a search of the training images.
    Judges,
    /// Networks of the same spec and of other seeds.
    Companions,
}

/// Value that tells what others are worth, such as chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Landmark {
    /// Value of the metric.
    pub value: f64,
    /// Name of what has the value.
    pub name: &'static str,
}

/// Definition of a metric.
pub struct MetricEntry {
    /// Name in specs and tables.
    pub name: &'static str,
    /// Label of axes, without unit and direction.
    pub label: &'static str,
    /// Value of chance or of noise, whatever the data.
    pub reference: Option<Landmark>,
    /// Label for narrow places; the name without underscores if none.
    pub short: Option<&'static str>,
    pub unit: &'static str,
    pub direction: Direction,
    pub bounds: Bounds,
    /// Difference between machines that is no error.
    pub tolerance: Tolerance,
    /// Conditions without which no inverse has a value.
    pub needs: &'static [Requirement],
    /// Inverses without a value although the metric is defined.
    pub missing: Option<&'static str>,
    /// True if it is measured only where a spec names it.
    pub on_request: bool,
    /// True for numbers of any magnitude, which are drawn on logarithmic axes.
    pub is_logarithmic: bool,
    /// Parties beside the network itself that it asks.
    pub asks: Asked,
    pub formula: fn(&Image<'_>) -> Option<f64>,
    /// Legibility as evaluators read it; instead of a formula.
    pub legibility: Option<Legibility>,
}

/// Fraction from 0 to 1, the lower the better.
pub const FRACTION: MetricEntry = MetricEntry {
    name: "",
    label: "",
    reference: None,
    short: None,
    unit: "share",
    direction: Lower,
    bounds: Bounds::FRACTION,
    tolerance: Tolerance::new(1e-4, 0.0),
    needs: &[],
    missing: None,
    on_request: false,
    is_logarithmic: false,
    asks: Asked::Nobody,
    formula: |_| None,
    legibility: None,
};

pub const PROBABILITY: MetricEntry = MetricEntry {
    unit: "probability",
    direction: Higher,
    needs: &[Requirement::Probabilities],
    ..FRACTION
};

/// Distance or other number from 0 without an upper end, the lower the better.
pub const MAGNITUDE: MetricEntry = MetricEntry {
    unit: "logits",
    bounds: Bounds::FROM_ZERO,
    tolerance: Tolerance::new(1e-6, 1e-4),
    is_logarithmic: true,
    ..FRACTION
};

pub const GAP: MetricEntry = MetricEntry {
    needs: &[Requirement::OneLayer],
    missing: Some("targets whose nearest image in range was not found"),
    ..MAGNITUDE
};

pub const CORRELATION: MetricEntry = MetricEntry {
    unit: "correlation",
    direction: Higher,
    bounds: Bounds::CORRELATION,
    needs: &[Requirement::Pixels(2)],
    missing: Some("images of one value"),
    ..FRACTION
};

pub const ROUND_TRIP: MetricEntry = MetricEntry {
    unit: "share",
    needs: &[Requirement::BackwardPass],
    missing: Some("methods other than `layered`, and targets of zeros"),
    on_request: true,
    ..MAGNITUDE
};

/// Probability as evaluators read it; trained on another machine, they are slightly
/// different ones.
pub const READ: MetricEntry = MetricEntry {
    tolerance: Tolerance::new(0.05, 0.0),
    needs: &[],
    asks: Asked::Judges,
    ..PROBABILITY
};

/// Difference of probabilities as evaluators read them.
pub const SPECIFICALLY_READ: MetricEntry = MetricEntry {
    unit: "difference of probabilities",
    bounds: Bounds::new(-1.0, 1.0),
    reference: Some(Landmark {
        value: 0.0,
        name: "chance",
    }),
    missing: Some("networks of a single class"),
    ..READ
};
