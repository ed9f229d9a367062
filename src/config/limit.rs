//! `[[limit]]`: the last value of a swept number at which a metric is within a bound.

use serde::Serialize;

use super::form::{number, one_of, reference};
use super::invert::Inversion;
use super::metric::{self, Metric};
use super::names::choices;
use super::reader::Reader;

/// One entry of `[[limit]]`. The settings of an inversion are walked from one
/// end of the swept number to the other for as long as the metric holds; the
/// last one is the limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// An inversion that is swept over one number.
    pub inversion: String,
    /// Metric that has to be within the bound.
    pub metric: Metric,
    /// Bound of the metric.
    #[serde(flatten)]
    pub bound: Bound,
    /// End of the sweep that the walk goes to.
    pub seek: SweepEnd,
}

/// Bound of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Highest value.
    AtMost(f64),
    /// Lowest value.
    AtLeast(f64),
}

impl Bound {
    /// True if this value is within the bound; an undefined one is not.
    pub fn holds(self, value: Option<f64>) -> bool {
        value.is_some_and(|value| match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        })
    }

    /// Words for tables.
    pub fn text(self) -> String {
        match self {
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::AtLeast(bound) => format!("at least {bound}"),
        }
    }
}

/// An end of a swept number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepEnd {
    /// The walk begins at the highest value.
    Lowest,
    /// The walk begins at the lowest value.
    Highest,
}

/// Reads `[[limit]]`.
pub fn read(root: &Reader<'_>, inversions: &[Inversion], metrics: &[Metric]) -> Vec<Limit> {
    let tables = root
        .sections(
            "limit",
            "Last value of a swept number at which a metric is within a bound",
        )
        .into_iter();
    let limits = tables.filter_map(|table| one(table, inversions, metrics));
    limits.collect()
}

fn one(table: Reader<'_>, inversions: &[Inversion], metrics: &[Metric]) -> Option<Limit> {
    let name = reference("the name of a swept inversion");
    let inversion = table
        .key("inversion", name, "Inversion swept over one number")
        .required();
    let metric = metric::require_one(&table, "metric", metrics, "Metric that has to hold");
    let number = || number("a number", ..);
    let most = table
        .key(
            "at_most",
            number(),
            "Highest value that the metric may have",
        )
        .optional();
    let least = table
        .key(
            "at_least",
            number(),
            "Lowest value that the metric may have",
        )
        .optional();
    if table.has("at_most") == table.has("at_least") {
        table.fault("at_most", "or `at_least` must be given, and not both");
    }
    let ends = one_of([("lowest", SweepEnd::Lowest), ("highest", SweepEnd::Highest)]);
    let seek = table
        .key("seek", ends, "End of the sweep to move to")
        .required();
    if let Some(name) = &inversion {
        check_is_swept(&table, name, inversions);
    }
    table.finish();
    Some(Limit {
        inversion: inversion?,
        metric: metric?,
        bound: most.map(Bound::AtMost).or(least.map(Bound::AtLeast))?,
        seek: seek?,
    })
}

fn check_is_swept(table: &Reader<'_>, name: &str, inversions: &[Inversion]) {
    let by_number = |inversion: &&Inversion| inversion.numbers().is_some();
    let swept = inversions.iter().filter(by_number);
    let names = swept.map(|inversion| inversion.name.as_str());
    if !names.clone().any(|swept| swept == name) {
        let all = choices(name, names);
        let message = format!("is {name:?}, but the inversions swept over one number are {all}");
        table.fault("inversion", &message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_at_itself_and_for_no_missing_value() {
        assert!(Bound::AtMost(0.5).holds(Some(0.5)) && !Bound::AtMost(0.5).holds(Some(0.6)));
        assert!(Bound::AtLeast(0.5).holds(Some(0.5)) && !Bound::AtLeast(0.5).holds(Some(0.4)));
        assert!(!Bound::AtMost(0.5).holds(None) && !Bound::AtLeast(0.5).holds(Some(f64::NAN)));
    }
}
