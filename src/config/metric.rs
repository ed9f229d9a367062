//! `metrics`: what an experiment measures, and the names of metrics elsewhere.

use super::form::{ValueForm, list};
use super::names::choices;
use super::reader::Reader;
use super::schema::Schema;
use super::task::Task;
pub use crate::metrics::Metric;

/// Reads what an experiment measures, in the order of tables: the usual metrics, unless
/// `metrics` names others.
pub fn measured(root: &Reader<'_>, task: Task) -> Vec<Metric> {
    let about = "Metrics to measure [default: all but those on request]";
    let named = some(root, "metrics", &Metric::ALL, about);
    if !root.has("metrics") {
        return Metric::usual(task);
    }
    let named = named.unwrap_or_default();
    let chosen = Metric::ALL.into_iter();
    chosen.filter(|metric| named.contains(metric)).collect()
}

/// Reads the name of a metric at `key`, one of those that are measured.
pub fn require_one(
    table: &Reader<'_>,
    key: &'static str,
    measured: &[Metric],
    about: &'static str,
) -> Option<Metric> {
    let name = table
        .key(key, name("the name of a metric"), about)
        .required()?;
    one(table, key, &name, measured)
}

/// Reads a list of names of metrics at `key`, if it is there.
pub fn some(
    table: &Reader<'_>,
    key: &'static str,
    measured: &[Metric],
    about: &'static str,
) -> Option<Vec<Metric>> {
    let names = table.key(key, names(), about).optional()?;
    let metrics = names
        .iter()
        .filter_map(|name| one(table, key, name, measured));
    Some(metrics.collect())
}

/// Reads a list of names of metrics at `key`, which must be there.
pub fn require_some(
    table: &Reader<'_>,
    key: &'static str,
    measured: &[Metric],
    about: &'static str,
) -> Option<Vec<Metric>> {
    let names = table.key(key, names(), about).required()?;
    let metrics = names
        .iter()
        .filter_map(|name| one(table, key, name, measured));
    Some(metrics.collect())
}

fn names() -> ValueForm<Vec<String>> {
    list("a list of metrics, at least one", 1.., name(""))
}

/// A list of names of metrics, or of one more word.
pub fn names_and(word: &'static str) -> ValueForm<Vec<String>> {
    let text = format!("a list of metrics or {word:?}, at least one");
    list(text, 1.., name_or("", Some(word)))
}

/// The name of a metric. Whether it is measured is checked afterwards.
fn name(text: &str) -> ValueForm<String> {
    name_or(text, None)
}

fn name_or(text: &str, word: Option<&'static str>) -> ValueForm<String> {
    let words = Metric::ALL.map(Metric::name).into_iter().chain(word);
    let words = Schema::Name(words.collect());
    ValueForm::new(text, words, |node| node.text().map(str::to_owned))
}

/// Returns the metric of this name; reports one that does not exist or is not measured.
fn one(table: &Reader<'_>, key: &str, name: &str, measured: &[Metric]) -> Option<Metric> {
    one_or(table, key, name, measured, None)
}

/// Returns the metric of this name; a report of another one lists this word beside the
/// metrics.
pub fn one_or(
    table: &Reader<'_>,
    key: &str,
    name: &str,
    measured: &[Metric],
    word: Option<&'static str>,
) -> Option<Metric> {
    let found = Metric::named(name);
    if found.is_some_and(|metric| measured.contains(&metric)) {
        return found;
    }
    let message = if found.is_some() {
        format!("names {name:?}, which is not measured: add it to `metrics` at the top")
    } else {
        let known = measured.iter().map(|metric| metric.name()).chain(word);
        format!(
            "names {name:?}, but the metrics are {}",
            choices(name, known)
        )
    };
    table.fault(key, &message);
    None
}
