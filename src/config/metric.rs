//! `metrics`: what an experiment measures, and the names of metrics elsewhere.

use super::names::{one_of_names, suggestion};
use super::reader::Reader;
use super::task::Task;
pub use crate::metrics::Metric;

/// Reads what an experiment measures, in the order of tables: the usual, unless
/// `metrics` names others.
pub fn measured(root: &Reader<'_>, task: Task) -> Vec<Metric> {
    if !root.has("metrics") {
        root.known("metrics");
        return Metric::usual(task);
    }
    let named = require_some(root, "metrics", &Metric::ALL).unwrap_or_default();
    let chosen = Metric::ALL.into_iter();
    chosen.filter(|metric| named.contains(metric)).collect()
}

/// Reads the name of a metric at `key`, one of those that are measured.
pub fn require_one(table: &Reader<'_>, key: &'static str, measured: &[Metric]) -> Option<Metric> {
    let name = table.require(key, "the name of a metric", |v| v.text().map(str::to_owned))?;
    one(table, key, &name, measured)
}

/// Reads a list of names of metrics at `key`.
pub fn require_some(
    table: &Reader<'_>,
    key: &'static str,
    measured: &[Metric],
) -> Option<Vec<Metric>> {
    let names = table.require(key, "a list of metrics, at least one", |v| {
        v.list(|v| v.text().map(str::to_owned))
            .filter(|names| !names.is_empty())
    })?;
    let names = names.iter();
    Some(
        names
            .filter_map(|name| one(table, key, name, measured))
            .collect(),
    )
}

/// The metric of this name; a fault with the nearest one if there is none, or if
/// it is not measured.
fn one(table: &Reader<'_>, key: &str, name: &str, measured: &[Metric]) -> Option<Metric> {
    let found = Metric::named(name);
    if found.is_some_and(|metric| measured.contains(&metric)) {
        return found;
    }
    let message = if found.is_some() {
        format!("names {name:?}, which is not measured: add it to `metrics` at the top")
    } else {
        let known = || measured.iter().map(|metric| metric.name());
        let (names, hint) = (one_of_names(known()), suggestion(name, known()));
        format!("names {name:?}, but the metrics are {names}{hint}")
    };
    table.fault(key, &message);
    None
}
