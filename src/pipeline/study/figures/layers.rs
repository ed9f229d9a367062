//! Metrics of layers, against the layer.

use super::along::short;
use crate::figures::lines::{LinePoint, PanelRow, Series};
use crate::pipeline::experiment::Experiment;
use crate::pipeline::study::report::StudyReport;
use crate::report::SummaryRow;
use crate::train::LayerMetric;

/// Returns one panel per metric, with one line per member.
pub fn panels(
    report: &StudyReport<'_>,
    metrics: &[LayerMetric],
    rows: &[SummaryRow],
) -> Vec<PanelRow> {
    let members = &report.study.members;
    let panel = |&metric: &LayerMetric| {
        let line = |member: &Experiment| Series {
            label: short(member),
            points: points(rows, &member.name, metric),
            marked: true,
        };
        PanelRow {
            y_label: format!("{} ({})", metric.name().replace('_', " "), metric.unit()),
            log: metric.is_logarithmic(),
            panels: vec![members.iter().map(line).collect()],
        }
    };
    metrics.iter().map(panel).collect()
}

/// Numbers the layers of the deepest member.
pub fn names(report: &StudyReport<'_>) -> Vec<String> {
    let hidden = report
        .study
        .members
        .iter()
        .map(|member| member.spec.model.hidden.len());
    (0..=hidden.max().unwrap_or(0))
        .map(|layer| layer.to_string())
        .collect()
}

fn points(rows: &[SummaryRow], experiment: &str, metric: LayerMetric) -> Vec<LinePoint> {
    let own = rows
        .iter()
        .filter(|row| row.experiment == experiment && row.metric == metric.name());
    let point = |row: &SummaryRow| {
        Some(LinePoint {
            x: row.setting.parse().ok()?,
            mean: row.mean?,
            interval: row.low.zip(row.high),
        })
    };
    own.filter_map(point).collect()
}
