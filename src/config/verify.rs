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

/// A tolerance.
pub const fn tolerance(absolute: f64, relative: f64) -> Tolerance {
    Tolerance { absolute, relative }
}

/// The name of the tolerance of pictures.
pub const FIGURES: &str = "figures";

/// Rounding of the last bits, a hundred times what it was seen to become.
const LOSS: Tolerance = tolerance(1e-6, 1e-4);
/// A thousandth of the rows.
const ACCURACY: Tolerance = tolerance(0.001, 0.0);

/// The columns of the accuracy log and `figures` (the mean difference of grey
/// levels), with the tolerance each has unless the spec sets another; those of
/// metrics are the metrics' own. They are for trainings that end in the same
/// place from wherever rounding leads them, which is what networks without
/// hidden layers do: two devices that round differently then agree to a few
/// millionths. Deeper networks become other networks; their specs must say
/// what can still be expected.
const DEFAULTS: [(&str, Tolerance); 29] = [
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
    ("overlap", tolerance(0.01, 0.0)),
    ("correlation", tolerance(1e-4, 0.0)),
    ("largest_bias", LOSS),
    ("first_perfect_epoch", tolerance(0.0, 0.0)),
    ("heaviest_input", tolerance(0.0, 0.0)),
    ("heaviest_input_share", LOSS),
    // Of the table of layers.
    ("negative_drawn", tolerance(0.0, 0.0)),
    ("negative_trained", tolerance(0.001, 0.0)),
    ("gradient_drawn", LOSS),
    ("dead_units", tolerance(0.001, 0.0)),
    ("dead_gradient", tolerance(0.0, 0.0)),
    ("distinct_units", tolerance(0.0, 0.0)),
    ("bend", LOSS),
    // Of the table of judges: another machine trains a slightly other one, and
    // what that takes noise for can be anything.
    ("judge_accuracy", tolerance(0.005, 0.0)),
    ("legibility", tolerance(0.005, 0.0)),
    ("legibility_any", tolerance(0.3, 0.0)),
    ("seen_as", tolerance(10.0, 0.0)),
    // Of the table of how inverses were found: a rounding may take a step more.
    ("steps", tolerance(20.0, 0.5)),
    ("objective", tolerance(1e-6, 1e-3)),
    (FIGURES, tolerance(0.5, 0.0)),
];

/// Everything that may have a tolerance, with its usual one.
fn defaults() -> impl Iterator<Item = (&'static str, Tolerance)> {
    let metrics = Metric::ALL.into_iter();
    DEFAULTS
        .into_iter()
        .chain(metrics.map(|metric| (metric.name(), metric.tolerance())))
}

/// Default tolerance of this name; 0 for numbers that must be equal.
#[must_use]
pub fn default_tolerance(name: &str) -> Tolerance {
    let found = defaults().find(|(known, _)| *known == name);
    found.map_or(tolerance(0.0, 0.0), |(_, tolerance)| tolerance)
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
    let relative = number("a share from 0 to below 1", 0.0..1.0);
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
