//! `[verify]`: tolerances between published results and a rerun on another machine. The
//! same machine must give the same bytes in any case.

use std::collections::BTreeMap;

use serde::Serialize;

use super::form::number;
use super::metric::Metric;
use super::reader::Reader;

/// Tolerance of two numbers: `|a - b| <= absolute + relative * max(|a|, |b|)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// Allowed difference.
    pub absolute: f64,
    /// Allowed fraction of the larger of the two.
    pub relative: f64,
}

/// The tolerances that a spec sets, by the name of what they are for.
pub type Tolerances = BTreeMap<&'static str, Tolerance>;

impl Tolerance {
    /// Allowed difference of two numbers, absolute and relative to the larger of the two.
    pub const fn new(absolute: f64, relative: f64) -> Self {
        Self { absolute, relative }
    }

    /// Largest difference that two numbers may have.
    pub fn allowed(self, a: f64, b: f64) -> f64 {
        self.absolute + self.relative * a.abs().max(b.abs())
    }

    /// True if two numbers agree. No tolerance covers what is not finite: NaN agrees with
    /// nothing, an infinity only with itself.
    pub fn covers(self, a: f64, b: f64) -> bool {
        let near = || (a - b).abs() <= self.allowed(a, b);
        a == b || a.is_finite() && b.is_finite() && near()
    }
}

/// The name of the tolerance of pictures.
pub const FIGURES: &str = "figures";

/// Rounding of the last bits, a hundred times what it was seen to become.
const LOSS: Tolerance = Tolerance::new(1e-6, 1e-4);
/// A thousandth of the rows.
const ACCURACY: Tolerance = Tolerance::new(0.001, 0.0);

/// Tolerance of predictions of judges for test digits and for pictures without a class.
const JUDGED: Tolerance = Tolerance::new(0.05, 0.0);

/// Default tolerances of published numbers, and of `figures` (mean difference of grey
/// levels). Metrics of inverses have their own. They assume trainings that converge to
/// the same optimum despite rounding, as networks without hidden layers do: two devices
/// that round differently then agree to a few millionths. Deeper networks become other
/// networks; their specs must state what can still be expected.
const DEFAULTS: [(&str, Tolerance); 35] = [
    ("running_loss", LOSS),
    ("running_accuracy", ACCURACY),
    ("running_subset_accuracy", ACCURACY),
    ("train_loss", LOSS),
    ("train_accuracy", ACCURACY),
    ("train_subset_accuracy", ACCURACY),
    ("test_loss", LOSS),
    ("test_accuracy", ACCURACY),
    ("test_subset_accuracy", ACCURACY),
    // Of the table of overlaps: a pixel more of 254 in common is 0.004 and more.
    ("overlap", Tolerance::new(0.01, 0.0)),
    ("correlation", Tolerance::new(1e-4, 0.0)),
    ("largest_bias", LOSS),
    ("first_perfect_epoch", Tolerance::new(0.0, 0.0)),
    ("heaviest_input", Tolerance::new(0.0, 0.0)),
    ("heaviest_input_share", LOSS),
    // Of the table of layers.
    ("negative_drawn", Tolerance::new(0.0, 0.0)),
    ("negative_trained", Tolerance::new(0.001, 0.0)),
    ("gradient_drawn", LOSS),
    ("dead_units", Tolerance::new(0.001, 0.0)),
    ("dead_gradient", Tolerance::new(0.0, 0.0)),
    ("distinct_units", Tolerance::new(0.0, 0.0)),
    ("bend", LOSS),
    // Of the tables of judges: another machine trains slightly other ones.
    ("judge_accuracy", JUDGED),
    ("accuracy_low", JUDGED),
    ("accuracy_high", JUDGED),
    ("truth", JUDGED),
    ("none", JUDGED),
    ("auroc", JUDGED),
    ("calibration_error", JUDGED),
    ("confidence", JUDGED),
    // Of the table of agreement: of ten pictures, one with another answer is 0.1.
    ("same_answer", Tolerance::new(0.2, 0.0)),
    ("probability_distance", JUDGED),
    // Of the table of how inverses were found: a rounding may take a step more.
    ("steps", Tolerance::new(20.0, 0.5)),
    ("objective", Tolerance::new(1e-6, 1e-3)),
    (FIGURES, Tolerance::new(0.5, 0.0)),
];

/// Everything that may have a tolerance, with its usual one.
fn defaults() -> impl Iterator<Item = (&'static str, Tolerance)> {
    let metrics = Metric::ALL.into_iter();
    DEFAULTS
        .into_iter()
        .chain(metrics.map(|metric| (metric.name(), metric.tolerance())))
}

/// Default tolerance of this name; 0 for numbers that must be equal.
pub fn default_tolerance(name: &str) -> Tolerance {
    let found = defaults().find(|(known, _)| *known == name);
    found.map_or(Tolerance::new(0.0, 0.0), |(_, tolerance)| tolerance)
}

/// Reads `[verify]`.
pub fn read(table: Reader<'_>) -> Tolerances {
    let mut tolerances = Tolerances::new();
    for (name, _) in defaults() {
        let about = "Difference that a rerun on another machine may have";
        if let Some(own) = table.section(name, about) {
            tolerances.insert(name, read_tolerance(&table, name, own));
        }
    }
    table.finish();
    tolerances
}

fn read_tolerance(table: &Reader<'_>, name: &'static str, own: Reader<'_>) -> Tolerance {
    let absolute = number("a number of at least 0", 0.0..);
    // Any two numbers of the same sign are within a fraction of 1.
    let relative = number("a fraction from 0 to below 1", 0.0..1.0);
    let tolerance = Tolerance {
        absolute: own.key("absolute", absolute, "Allowed difference").or(0.0),
        relative: own
            .key(
                "relative",
                relative,
                "Allowed fraction of the larger number",
            )
            .or(0.0),
    };
    if name == FIGURES && own.has("relative") {
        let message = "has no meaning: grey levels differ by `absolute` ones";
        own.fault("relative", message);
    }
    if !(own.has("absolute") || own.has("relative")) {
        let message = "must say how far: `{ absolute = 0.01, relative = 0.1 }`";
        table.fault(name, message);
    }
    own.finish();
    tolerance
}
