//! From the `[[figure]]` of a spec to a drawing.

use super::experiment::Experiment;
use super::products::Inverse;
use crate::data::Description;
use crate::figures::curves::{self, Curves, Line, Panel};
use crate::figures::grid::{self, Grid, GridRow, Image};
use crate::figures::{Drawing, FigureError};
use crate::spec::{Figure, FigureKind, ImageScale};
use crate::train::EpochRow;

/// What figures are drawn from.
pub struct Drawer<'a> {
    pub experiment: &'a Experiment,
    pub seed: u64,
    pub data: &'a Description,
    pub history: &'a [EpochRow],
    pub inverses: &'a [Inverse],
}

/// Pixels a side of an image.
const SIDE: usize = 28;

/// Draws one figure.
///
/// # Errors
/// If an image holds a value that is not finite, a panel has no value, or the
/// page would be too large.
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
            panels: [loss_panel(drawer.history), accuracy_panel(drawer.history)],
        }),
    }
}

impl Drawer<'_> {
    /// The small type under every figure: what it was made of.
    fn note(&self) -> String {
        let (data, seed) = (self.data.describe(), self.seed);
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
        let classes = self.data.classes.iter();
        classes.map(u8::to_string).collect()
    }

    fn rows(&self, names: &[String], scale: ImageScale) -> Result<Vec<GridRow>, FigureError> {
        let named = |name: &String| self.inverses.iter().find(|inverse| inverse.name == *name);
        let row = |inverse: &Inverse| {
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

fn loss_panel(history: &[EpochRow]) -> Panel<'static> {
    Panel {
        y_label: "loss",
        log: true,
        lines: lines(
            history,
            &[
                ("train", &|row| Some(row.train_loss)),
                ("test", &|row| row.test_loss),
            ],
        ),
    }
}

fn accuracy_panel(history: &[EpochRow]) -> Panel<'static> {
    Panel {
        y_label: "accuracy",
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
fn lines(history: &[EpochRow], columns: &[(&'static str, Column<'_>)]) -> Vec<Line<'static>> {
    let line = |(label, column): &(&'static str, Column<'_>)| Line {
        label,
        values: history.iter().map(column).collect(),
    };
    let has_values = |line: &Line<'_>| line.values.iter().any(Option::is_some);
    columns.iter().map(line).filter(has_values).collect()
}
