//! Axes of metrics in words, with the lines that tell what values are worth.

use std::collections::BTreeSet;

use crate::config::{Bound, Metric};
use crate::figures::ValueAxis;
use crate::pipeline::study::report::StudyReport;

/// Number of trainings, as the lowest and highest of several.
#[derive(Debug, Clone, Default)]
pub struct Trainings(pub BTreeSet<usize>);

impl Trainings {
    /// Formats the number: `n = 10`, or `n = 3 to 10`.
    pub fn text(&self) -> String {
        match (self.0.first(), self.0.last()) {
            (Some(low), Some(high)) if low == high => format!("n = {low}"),
            (Some(low), Some(high)) => format!("n = {low} to {high}"),
            _ => String::new(),
        }
    }
}

/// Returns the axis of a metric: its label with unit and direction, chance, and the bounds
/// of limits.
pub fn axis(report: &StudyReport<'_>, metric: Metric, trainings: &Trainings) -> ValueAxis {
    let label = metric.label();
    let unit = match metric.unit() {
        // Its label has the unit already.
        unit if label.to_lowercase().contains(unit) => String::new(),
        unit => format!("{unit}, "),
    };
    let mut lines = Vec::new();
    if let Some(landmark) = metric.reference() {
        lines.push((landmark.value, landmark.name.to_owned()));
    }
    for bound in bounds_of(report, metric) {
        lines.push(match bound {
            Bound::AtMost(value) | Bound::AtLeast(value) => (value, bound.text()),
        });
    }
    lines.dedup();
    let values = lines.iter().map(|(value, _)| *value).collect();
    let names: Vec<String> = lines
        .iter()
        .map(|(value, name)| explained(*value, name))
        .collect();
    let mut parts = vec![trainings.text()];
    if !names.is_empty() {
        parts.push(format!("dashed: {}", names.join(", ")));
    }
    parts.retain(|part| !part.is_empty());
    ValueAxis {
        title: format!("{label} ({unit}{})", metric.direction().text()),
        remark: parts.join("; "),
        log: metric.is_logarithmic(),
        bounds: metric.bounds(),
        references: values,
    }
}

/// Names a line: `chance, 0`, or `at most 0.005`, which has its value.
fn explained(value: f64, name: &str) -> String {
    if name.ends_with(char::is_numeric) {
        name.to_owned()
    } else {
        format!("{name}, {value}")
    }
}

/// Bounds that limits of the study set for a metric, each once.
fn bounds_of(report: &StudyReport<'_>, metric: Metric) -> Vec<Bound> {
    let limits = report
        .study
        .members
        .iter()
        .flat_map(|member| &member.spec.limits);
    let mut bounds: Vec<Bound> = Vec::new();
    for limit in limits.filter(|limit| limit.metric == metric) {
        if !bounds.contains(&limit.bound) {
            bounds.push(limit.bound);
        }
    }
    bounds
}
