//! Metrics of a figure for which no inverse, or layer, has a value.

use crate::config::{Metric, StudyFigureKind};
use crate::pipeline::study::published::PublishedReplicate;
use crate::pipeline::study::report::StudyReport;
use crate::report::LAYER;
use crate::train::LayerMetric;

/// Describes each metric without any value: its name, and the reason.
pub fn missing(report: &StudyReport<'_>, kind: &StudyFigureKind) -> Vec<String> {
    let of_inverses = |metrics: &[Metric], inversions: &[String]| {
        let missing = metrics
            .iter()
            .filter(|metric| !replicates(report).any(|one| has_inverse(one, **metric, inversions)));
        missing.map(|&metric| of_metric(metric)).collect()
    };
    match kind {
        StudyFigureKind::Bars {
            metrics,
            inversions,
        }
        | StudyFigureKind::Strip {
            metrics,
            inversions,
        }
        | StudyFigureKind::Sweep {
            metrics,
            inversions,
            ..
        } => of_inverses(metrics, inversions),
        StudyFigureKind::Layers { metrics } => {
            let missing = metrics
                .iter()
                .filter(|metric| !replicates(report).any(|one| has_layer(one, **metric)));
            missing
                .map(|metric| format!("no layer has a value of {}", metric.name()))
                .collect()
        }
        StudyFigureKind::Beside { grid, metric } => of_inverses(&[*metric], &grid.rows),
        StudyFigureKind::Grid { .. } => Vec::new(),
    }
}

fn replicates<'a>(report: &'a StudyReport<'_>) -> impl Iterator<Item = &'a PublishedReplicate> {
    report.members.iter().flat_map(|member| &member.replicates)
}

fn has_inverse(replicate: &PublishedReplicate, metric: Metric, inversions: &[String]) -> bool {
    let mut readings = replicate.numbers.values.iter();
    readings.any(|reading| {
        inversions.contains(&reading.inversion)
            && reading.metric == metric.name()
            && reading.value.is_some()
    })
}

fn has_layer(replicate: &PublishedReplicate, metric: LayerMetric) -> bool {
    let mut readings = replicate.numbers.values.iter();
    readings.any(|reading| {
        reading.parameter == LAYER && reading.metric == metric.name() && reading.value.is_some()
    })
}

fn of_metric(metric: Metric) -> String {
    let name = metric.name();
    match metric.missing_for() {
        Some(missing) => format!("no inverse has a value of {name}, which {missing} lack"),
        None => format!("no inverse has a value of {name}"),
    }
}
