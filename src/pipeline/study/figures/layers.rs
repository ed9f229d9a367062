//! Metrics of layers, against the layer.

use super::along::short;
use super::axes::Trainings;
use super::means::side_by_side;
use crate::figures::lines::{LinePanel, LinePoint, Lines, Series, SeriesKind, VariedAxis};
use crate::figures::{Style, ValueAxis};
use crate::pipeline::experiment::Experiment;
use crate::pipeline::study::report::StudyReport;
use crate::report::SummaryRow;
use crate::train::LayerMetric;

/// Returns one panel per metric, with one series per member.
pub fn lines<'a>(
    style: Style<'a>,
    report: &StudyReport<'_>,
    metrics: &[LayerMetric],
    rows: &[SummaryRow],
) -> Lines<'a> {
    let members = &report.study.members;
    let panel = |&metric: &LayerMetric| {
        let line = |member: &Experiment| Series {
            label: short(member),
            points: points(rows, &member.name, metric),
            kind: SeriesKind::Points,
        };
        let own = rows
            .iter()
            .filter(|row| row.metric == metric.name() && row.mean.is_some());
        LinePanel {
            head: String::new(),
            axis: ValueAxis {
                title: format!("{} ({})", metric.label(), metric.unit()),
                remark: Trainings(own.map(|row| row.trainings.len()).collect()).text(),
                log: metric.is_logarithmic(),
                bounds: metric.bounds(),
                references: Vec::new(),
            },
            series: members.iter().map(line).collect(),
        }
    };
    Lines {
        style,
        x: VariedAxis {
            title: "layer, from the pixels on".to_owned(),
            names: names(metrics, rows),
            log: false,
            whole: true,
        },
        panels: metrics.iter().map(panel).collect(),
        across: side_by_side(metrics.len()),
    }
}

/// Numbers the layers up to the last one with a value.
fn names(metrics: &[LayerMetric], rows: &[SummaryRow]) -> Vec<String> {
    let shown = rows.iter().filter(|row| {
        row.mean.is_some() && metrics.iter().any(|metric| metric.name() == row.metric)
    });
    let layers = shown.filter_map(|row| row.setting.parse::<usize>().ok());
    let last = layers.max().unwrap_or(0);
    (0..=last).map(|layer| layer.to_string()).collect()
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
            dots: row.dots(),
        })
    };
    own.filter_map(point).collect()
}
