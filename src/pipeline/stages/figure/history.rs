//! From the accuracy log, and what a source printed of its own, to curves.

use crate::config::Printed;
use crate::figures::curves::{Line, Panel};
use crate::train::EpochRow;

/// A column of the accuracy log.
struct Column {
    name: &'static str,
    /// In the legend.
    label: &'static str,
    /// In the legend, for what a source printed of it.
    printed: &'static str,
    /// Whether it is drawn also where nothing was printed of it.
    always: bool,
    value: fn(&EpochRow) -> Option<f64>,
}

const fn column(
    name: &'static str,
    [label, printed]: [&'static str; 2],
    always: bool,
    value: fn(&EpochRow) -> Option<f64>,
) -> Column {
    Column {
        name,
        label,
        printed,
        always,
        value,
    }
}

const LOSSES: [Column; 3] = [
    column("train_loss", ["train", "train, as printed"], true, |row| {
        Some(row.train_loss)
    }),
    column("test_loss", ["test", "test, as printed"], true, |row| {
        row.test_loss
    }),
    column(
        "running_loss",
        ["while training", "while training, as printed"],
        false,
        |row| row.running_loss,
    ),
];

const ACCURACIES: [Column; 6] = [
    column(
        "train_accuracy",
        ["train", "train, as printed"],
        true,
        |row| Some(row.train_accuracy),
    ),
    column("test_accuracy", ["test", "test, as printed"], true, |row| {
        row.test_accuracy
    }),
    column(
        "train_subset_accuracy",
        ["train, subset", "train, subset, as printed"],
        true,
        |row| row.train_subset_accuracy,
    ),
    column(
        "test_subset_accuracy",
        ["test, subset", "test, subset, as printed"],
        true,
        |row| row.test_subset_accuracy,
    ),
    column(
        "running_accuracy",
        ["while training", "while training, as printed"],
        false,
        |row| row.running_accuracy,
    ),
    column(
        "running_subset_accuracy",
        [
            "while training, subset",
            "while training, subset, as printed",
        ],
        false,
        |row| row.running_subset_accuracy,
    ),
];

/// Losses on the left, accuracies on the right.
pub fn panels(history: &[EpochRow], printed: &Printed) -> [Panel<'static>; 2] {
    let panel = |y_label, log, columns: &[Column]| Panel {
        y_label,
        log,
        lines: lines(history, columns, printed),
    };
    [
        panel("loss", true, &LOSSES),
        panel("accuracy", false, &ACCURACIES),
    ]
}

/// The lines of these columns; those without any value are left out.
fn lines(history: &[EpochRow], columns: &[Column], printed: &Printed) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for column in columns {
        let points = printed.get(column.name);
        if column.always || points.is_some() {
            let values = history.iter().map(|row| (row.epoch, (column.value)(row)));
            lines.push(Line {
                label: column.label,
                values: values.collect(),
                dots: false,
            });
        }
        lines.extend(points.map(|points| {
            Line {
                label: column.printed,
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

    fn labels(panel: &Panel<'static>) -> Vec<&'static str> {
        panel.lines.iter().map(|line| line.label).collect()
    }

    #[test]
    fn what_is_printed_stands_beside_what_was_measured() {
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
