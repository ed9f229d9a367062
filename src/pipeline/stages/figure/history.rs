//! Curves of the accuracy log, and of the log that a source printed.

use crate::config::{Bounds, Printed};
use crate::figures::lines::{LinePanel, LinePoint, Lines, Series, SeriesKind, VariedAxis};
use crate::figures::{Style, ValueAxis};
use crate::train::EpochRow;

/// Column of the accuracy log.
struct LogColumn {
    name: &'static str,
    legend: Legend,
    /// True to draw it even if the source printed no value of it.
    always: bool,
    value: fn(&EpochRow) -> Option<f64>,
}

/// Names in the legend: of measured values, and of those that a source printed.
type Legend = [&'static str; 2];

/// Column that is always drawn.
const fn always(
    name: &'static str,
    legend: Legend,
    value: fn(&EpochRow) -> Option<f64>,
) -> LogColumn {
    LogColumn {
        name,
        legend,
        always: true,
        value,
    }
}

/// Column that is drawn if the source printed values of it.
const fn printed(
    name: &'static str,
    legend: Legend,
    value: fn(&EpochRow) -> Option<f64>,
) -> LogColumn {
    LogColumn {
        always: false,
        ..always(name, legend, value)
    }
}

const TRAIN: Legend = ["train", "train, as printed"];
const TEST: Legend = ["test", "test, as printed"];
const TRAIN_SUBSET: Legend = ["train, subset", "train, subset, as printed"];
const TEST_SUBSET: Legend = ["test, subset", "test, subset, as printed"];
const RUNNING: Legend = ["while training", "while training, as printed"];
const RUNNING_SUBSET: Legend = [
    "while training, subset",
    "while training, subset, as printed",
];

const LOSSES: [LogColumn; 3] = [
    always("train_loss", TRAIN, |row| Some(row.train_loss)),
    always("test_loss", TEST, |row| row.test_loss),
    printed("running_loss", RUNNING, |row| row.running_loss),
];

const ACCURACIES: [LogColumn; 6] = [
    always("train_accuracy", TRAIN, |row| Some(row.train_accuracy)),
    always("test_accuracy", TEST, |row| row.test_accuracy),
    always("train_subset_accuracy", TRAIN_SUBSET, |row| {
        row.train_subset_accuracy
    }),
    always("test_subset_accuracy", TEST_SUBSET, |row| {
        row.test_subset_accuracy
    }),
    printed("running_accuracy", RUNNING, |row| row.running_accuracy),
    printed("running_subset_accuracy", RUNNING_SUBSET, |row| {
        row.running_subset_accuracy
    }),
];

/// Returns the curves of a training: losses on the left, accuracies on the right.
pub fn lines_of_training<'a>(
    style: Style<'a>,
    history: &[EpochRow],
    printed: &Printed,
) -> Lines<'a> {
    let panel = |title: &str, bounds, log, columns: &[LogColumn]| LinePanel {
        head: String::new(),
        axis: ValueAxis {
            title: title.to_owned(),
            remark: String::new(),
            log,
            bounds,
            references: Vec::new(),
        },
        series: series(history, columns, printed),
    };
    let losses = panel("Loss (lower is better)", Bounds::FROM_ZERO, true, &LOSSES);
    let accuracies = panel(
        "Accuracy (share of rows, higher is better)",
        Bounds::FRACTION,
        false,
        &ACCURACIES,
    );
    Lines {
        style,
        x: VariedAxis {
            title: "epoch".to_owned(),
            names: Vec::new(),
            // Sources print the first epochs, and few of the others.
            log: !printed.is_empty(),
            whole: true,
        },
        panels: vec![losses, accuracies],
        across: 2,
    }
}

/// Returns the lines of these columns, except those without any value.
fn series(history: &[EpochRow], columns: &[LogColumn], printed: &Printed) -> Vec<Series> {
    let mut lines = Vec::new();
    for column in columns {
        let points = printed.get(column.name);
        if column.always || points.is_some() {
            let values = history.iter().map(|row| (row.epoch, (column.value)(row)));
            lines.push(line(column.legend[0], SeriesKind::Line, values));
        }
        lines.extend(points.map(|points| {
            let values = points.iter().map(|&(epoch, value)| (epoch, Some(value)));
            line(column.legend[1], SeriesKind::PointsAlone, values)
        }));
    }
    let has_values = |line: &Series| line.points.iter().any(|point| point.mean.is_finite());
    lines.retain(has_values);
    lines
}

fn line(
    label: &str,
    kind: SeriesKind,
    values: impl Iterator<Item = (usize, Option<f64>)>,
) -> Series {
    let point = |(epoch, value): (usize, Option<f64>)| LinePoint {
        x: epoch as f64,
        mean: value.unwrap_or(f64::NAN),
        interval: None,
        dots: Vec::new(),
    };
    Series {
        label: label.to_owned(),
        points: values.map(point).collect(),
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(epoch: usize) -> EpochRow {
        EpochRow {
            epoch,
            running_loss: Some(0.5),
            running_accuracy: Some(0.7),
            running_subset_accuracy: None,
            train_loss: 0.25,
            train_accuracy: 0.75,
            train_subset_accuracy: None,
            test_loss: None,
            test_accuracy: None,
            test_subset_accuracy: None,
        }
    }

    fn labels(series: &[Series]) -> Vec<&str> {
        series.iter().map(|line| line.label.as_str()).collect()
    }

    #[test]
    fn printed_values_are_drawn_beside_measured_ones() {
        let history = [row(1), row(2)];
        let losses = series(&history, &LOSSES, &Printed::new());
        assert_eq!(labels(&losses), ["train"]);
        let points = vec![(1, 0.48), (2, 0.32), (50, 0.02)];
        let printed = Printed::from([("running_loss", points), ("test_accuracy", vec![(2, 1.0)])]);
        let losses = series(&history, &LOSSES, &printed);
        let expected = ["train", "while training", "while training, as printed"];
        assert_eq!(labels(&losses), expected);
        // Without test rows there is only what is printed of them.
        let accuracies = series(&history, &ACCURACIES, &printed);
        assert_eq!(labels(&accuracies), ["train", "test, as printed"]);
        let kinds: Vec<SeriesKind> = losses.iter().map(|line| line.kind).collect();
        let expected = [SeriesKind::Line, SeriesKind::Line, SeriesKind::PointsAlone];
        assert_eq!(kinds, expected);
        assert_eq!(
            (losses[2].points[2].x, losses[2].points[2].mean),
            (50.0, 0.02)
        );
    }
}
