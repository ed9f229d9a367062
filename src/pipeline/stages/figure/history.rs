//! Curves of the accuracy log, and of the log that a source printed.

use crate::config::Printed;
use crate::figures::curves::{CurvePanel, Line};
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

/// Returns the panels: losses on the left, accuracies on the right.
pub fn panels(history: &[EpochRow], printed: &Printed) -> [CurvePanel<'static>; 2] {
    let panel = |y_label, log, columns: &[LogColumn]| CurvePanel {
        y_label,
        log,
        lines: lines(history, columns, printed),
    };
    [
        panel("loss", true, &LOSSES),
        panel("accuracy", false, &ACCURACIES),
    ]
}

/// Returns the lines of these columns, except those without any value.
fn lines(history: &[EpochRow], columns: &[LogColumn], printed: &Printed) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for column in columns {
        let points = printed.get(column.name);
        if column.always || points.is_some() {
            let values = history.iter().map(|row| (row.epoch, (column.value)(row)));
            lines.push(Line {
                label: column.legend[0],
                values: values.collect(),
                dots: false,
            });
        }
        lines.extend(points.map(|points| {
            Line {
                label: column.legend[1],
                values: points
                    .iter()
                    .map(|&(epoch, value)| (epoch, Some(value)))
                    .collect(),
                dots: true,
            }
        }));
    }
    let has_values = |line: &Line<'_>| line.values.iter().any(|(_, value)| value.is_some());
    lines.retain(has_values);
    lines
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

    fn labels(panel: &CurvePanel<'static>) -> Vec<&'static str> {
        panel.lines.iter().map(|line| line.label).collect()
    }

    #[test]
    fn printed_values_are_drawn_beside_measured_ones() {
        let history = [row(1), row(2)];
        let [loss, accuracy] = panels(&history, &Printed::new());
        assert_eq!(
            (labels(&loss), labels(&accuracy)),
            (vec!["train"], vec!["train"])
        );
        let points = vec![(1, 0.48), (2, 0.32), (50, 0.02)];
        let printed = Printed::from([("running_loss", points), ("test_accuracy", vec![(2, 1.0)])]);
        let [loss, accuracy] = panels(&history, &printed);
        let expected = ["train", "while training", "while training, as printed"];
        assert_eq!(labels(&loss), expected);
        // Without test rows there is only what is printed of them.
        assert_eq!(labels(&accuracy), ["train", "test, as printed"]);
        assert!(loss.lines[2].dots && !loss.lines[1].dots);
        assert_eq!(loss.lines[2].values[2], (50, Some(0.02)));
    }
}
