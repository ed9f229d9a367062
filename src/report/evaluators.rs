//! Metrics of inverses by each evaluator that reads them: `evaluators.csv`.
//!
//! The value of such a metric in `metrics.csv` is the mean over kinds of evaluators of the
//! mean within each kind: half by convolutional networks, half by nearest neighbours, or all
//! by the one kind that a metric names. Networks of one kind differ by their seeds alone and
//! are a sample of all seeds; nearest neighbours have none to draw.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::load::Measurement;
use crate::data::Label;

/// Row of `evaluators.csv`: one metric of one inverse by one evaluator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluatorRow {
    /// Experiment, by the path of its results.
    pub spec: String,
    /// Seed.
    pub replicate: u64,
    /// Name of the inversion.
    pub inversion: String,
    /// Swept keys of the inversion; empty without a sweep.
    pub parameter: String,
    /// Values of the swept keys.
    pub setting: String,
    /// Label of the class in the data set.
    pub class: Label,
    /// Name of the metric.
    pub metric: String,
    /// Name of the evaluator: `conv-N` for a convolutional network of number N, or its kind
    /// if there is one of it.
    pub evaluator: String,
    /// Value; none where the metric is undefined.
    pub value: Option<f64>,
}

/// Prefix of the names of evaluators that are drawn at random, by their seeds.
const DRAWN: &str = "conv-";

/// Kind of an evaluator: its name without a number.
fn kind(evaluator: &str) -> &str {
    evaluator
        .split_once('-')
        .map_or(evaluator, |(kind, _)| kind)
}

/// Inversion, swept keys and their values, metric and class.
type MeasuredPlace<'a> = (&'a str, &'a str, &'a str, &'a str, Option<Label>);

/// Values of one metric of one inverse, by evaluator.
type ByEvaluator<'a> = BTreeMap<&'a str, Option<f64>>;

/// Gives each measurement the readings of its drawn evaluators, times the weight of their
/// kind. Measurements without rows keep none.
pub(super) fn add_readings(measurements: &mut [Measurement], rows: &[EvaluatorRow]) {
    let mut places: BTreeMap<MeasuredPlace<'_>, ByEvaluator<'_>> = BTreeMap::new();
    for row in rows {
        let EvaluatorRow {
            inversion,
            parameter,
            setting,
            metric,
            ..
        } = row;
        let place = (
            &**inversion,
            &**parameter,
            &**setting,
            &**metric,
            Some(row.class),
        );
        let values = places.entry(place).or_default();
        values.insert(&row.evaluator, row.value);
    }
    for measurement in measurements {
        let Measurement {
            inversion,
            parameter,
            setting,
            metric,
            ..
        } = &*measurement;
        let place = (
            &**inversion,
            &**parameter,
            &**setting,
            &**metric,
            measurement.class,
        );
        if let Some(values) = places.get(&place) {
            measurement.readings = drawn(values);
        }
    }
}

/// Finite values of drawn evaluators, times the weight of their kind.
fn drawn(values: &ByEvaluator<'_>) -> BTreeMap<String, f64> {
    let kinds: BTreeSet<&str> = values.keys().map(|name| kind(name)).collect();
    let weight = 1.0 / kinds.len() as f64;
    let drawn = values.iter().filter(|(name, _)| name.starts_with(DRAWN));
    drawn
        .filter_map(|(name, value)| Some((*name, value.filter(|value| value.is_finite())?)))
        .map(|(name, value)| (name.to_owned(), weight * value))
        .collect()
}

#[cfg(test)]
mod tests;
