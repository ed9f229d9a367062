//! From the `[[figure]]` of a spec to a drawing.

use super::experiment::Experiment;
use super::products::Inverse;
use crate::figures::curves::{self, Curves, Line, Panel};
use crate::figures::grid::{self, Grid, GridRow, Image};
use crate::figures::{Drawing, FigureError};
use crate::spec::{Figure, FigureKind, ImageScale};
use crate::train::{EpochRow, Setup};

/// What figures are drawn from.
pub struct Drawer<'a> {
    pub experiment: &'a Experiment,
    pub setup: &'a Setup<'a>,
    pub history: &'a [EpochRow],
    pub inverses: &'a [Inverse<'a>],
}

/// Pixels a side of an image.
const SIDE: usize = 28;

/// A loss axis is logarithmic if the losses span more than this factor.
const WIDE: f64 = 20.0;

/// Draws one figure.
///
/// # Errors
/// If an image holds a value that is not finite, or the page would be too large.
pub fn draw(drawer: &Drawer<'_>, figure: &Figure) -> Result<Drawing, FigureError> {
    let note = drawer.note();
    let title = &drawer.experiment.spec.title;
    match &figure.kind {
        FigureKind::Grid { rows, scale } => grid::draw(&Grid {
            title,
            caption: &figure.caption,
            note: &note,
            columns: drawer.class_names(),
            rows: drawer.rows(rows, *scale)?,
        }),
        FigureKind::Curves => curves::draw(&Curves {
            title,
            caption: &figure.caption,
            note: &note,
            x_label: "epoch",
            panels: vec![loss_panel(drawer.history), accuracy_panel(drawer.history)],
        }),
    }
}

impl Drawer<'_> {
    /// The small type under every figure: what it was made of.
    fn note(&self) -> String {
        let (data, seed) = (self.setup.dataset.describe(), self.setup.seed);
        let Experiment {
            name, overrides, ..
        } = self.experiment;
        let with = match overrides.len() {
            0 => String::new(),
            _ => format!(" with {}", overrides.join(", ")),
        };
        format!("Data: {data}. Seed {seed}. Spec {name}{with}.")
    }

    fn class_names(&self) -> Vec<String> {
        let classes = self.setup.dataset.classes.iter();
        classes.map(u8::to_string).collect()
    }

    fn rows(&self, names: &[String], scale: ImageScale) -> Result<Vec<GridRow>, FigureError> {
        let named = |name: &String| self.inverses.iter().find(|inverse| inverse.name == name);
        let row = |inverse: &Inverse<'_>| {
            let rows = inverse.images.row_iter();
            let images: Vec<Vec<f64>> = rows.map(|row| row.iter().copied().collect()).collect();
            let image = |levels| Image {
                width: SIDE,
                height: SIDE,
                levels,
            };
            Ok(GridRow {
                label: inverse.name.replace('_', " "),
                images: grid::levels(&images, scale)?
                    .into_iter()
                    .map(image)
                    .collect(),
            })
        };
        names.iter().filter_map(named).map(row).collect()
    }
}

fn loss_panel(history: &[EpochRow]) -> Panel {
    let lines = lines(
        history,
        &[
            ("train", &|row| Some(row.train_loss)),
            ("test", &|row| row.test_loss),
        ],
    );
    let losses = lines.iter().flat_map(|line| &line.points);
    let losses: Vec<f64> = losses.filter_map(|(_, loss)| *loss).collect();
    let highest = losses.iter().copied().fold(0.0, f64::max);
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    Panel {
        y_label: "loss".to_owned(),
        log: lowest > 0.0 && highest > WIDE * lowest,
        lines,
    }
}

fn accuracy_panel(history: &[EpochRow]) -> Panel {
    Panel {
        y_label: "accuracy".to_owned(),
        log: false,
        lines: lines(
            history,
            &[
                ("train", &|row| Some(row.train_accuracy)),
                ("test", &|row| row.test_accuracy),
                ("train, subset", &|row| row.train_subset_accuracy),
                ("test, subset", &|row| row.test_subset_accuracy),
            ],
        ),
    }
}

/// A column of the accuracy log.
type Column<'a> = &'a dyn Fn(&EpochRow) -> Option<f64>;

/// One line a column; columns without any value are left out.
fn lines(history: &[EpochRow], columns: &[(&str, Column<'_>)]) -> Vec<Line> {
    let line = |(label, column): &(&str, Column<'_>)| Line {
        label: (*label).to_owned(),
        points: history
            .iter()
            .map(|row| (row.epoch as f64, column(row)))
            .collect(),
    };
    let has_values = |line: &Line| line.points.iter().any(|(_, value)| value.is_some());
    columns.iter().map(line).filter(has_values).collect()
}
