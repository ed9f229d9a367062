//! Drawing of the figures of one replicate.

use super::history::lines_of_training;
use super::rows::{class_names, rows_of};
use super::samples;
use crate::config::{ReplicateFigure, ReplicateFigureKind, Spec};
use crate::data::{Dataset, Description};
use crate::figures::grid::{self, Grid};
use crate::figures::weights::{self, Names, Weights};
use crate::figures::{Drawing, FigureError, Style, Texts, blank, lines};
use crate::model::Parameters;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::replicate::Inverse;
use crate::train::EpochRow;

/// Results that figures are drawn from.
#[derive(Clone, Copy)]
pub struct Drawer<'a> {
    pub experiment: &'a Experiment,
    pub seed: u64,
    pub data: &'a Description,
    pub parameters: &'a [Parameters],
    pub history: &'a [EpochRow],
    pub inverses: &'a [Inverse],
    /// Samples, for figures that show some.
    pub samples: Option<&'a Dataset>,
    /// Sentence about judges that are poor.
    pub poor_judges: Option<&'a str>,
}

/// Draws one figure. If it has nothing to show, the page has the reason, and `on_blank`
/// receives it.
///
/// # Errors
/// If the page cannot be drawn.
pub fn draw(
    drawer: &Drawer<'_>,
    figure: &ReplicateFigure,
    on_blank: impl FnOnce(&str),
) -> Result<Drawing, FigureError> {
    let texts = Texts {
        title: &drawer.title(),
        caption: &figure.caption,
        note: &drawer.note(figure),
    };
    let style = Style {
        look: figure.look,
        texts,
    };
    drawn_or_blank(drawn(drawer, figure, style), |error| {
        let reason = error.to_string();
        on_blank(&reason);
        blank::draw(style, &reason)
    })
}

/// Returns the drawing, or the page in its place if it has nothing to show.
pub fn drawn_or_blank(
    drawn: Result<Drawing, FigureError>,
    blank: impl FnOnce(FigureError) -> Result<Drawing, FigureError>,
) -> Result<Drawing, FigureError> {
    match drawn {
        Err(error) if error.is_of_content() => blank(error),
        drawn => drawn,
    }
}

fn drawn(
    drawer: &Drawer<'_>,
    figure: &ReplicateFigure,
    style: Style<'_>,
) -> Result<Drawing, FigureError> {
    let spec = &drawer.experiment.spec;
    let grid = |columns, rows| {
        grid::draw(&Grid {
            style,
            columns,
            rows,
        })
    };
    match &figure.kind {
        ReplicateFigureKind::Grid(shown) => grid(
            class_names(spec, drawer.data),
            rows_of(spec, drawer.inverses, drawer.data, shown, &shown.rows)?,
        ),
        ReplicateFigureKind::Curves { printed } => {
            lines::draw(&lines_of_training(style, drawer.history, printed))
        }
        ReplicateFigureKind::Weights { layer } => {
            let layer = drawer.parameters.get(*layer).ok_or(FigureError::Empty)?;
            let names = |noun, count| Names {
                noun,
                all: numbered(count),
            };
            weights::draw(&Weights {
                style,
                rows: names("unit", layer.outputs),
                columns: names("input", layer.inputs),
                values: by_unit(layer),
            })
        }
        ReplicateFigureKind::Samples { rows } => grid(
            row_names(rows),
            vec![samples::samples(spec, drawer.samples()?, rows)?],
        ),
        ReplicateFigureKind::Components {
            rows,
            first,
            whiten,
        } => {
            let samples = samples::components(spec, drawer.samples()?, rows, first, *whiten)?;
            grid(row_names(rows), samples)
        }
    }
}

/// Names training rows.
fn row_names(rows: &[usize]) -> Vec<String> {
    rows.iter().map(|row| format!("row {row}")).collect()
}

impl Drawer<'_> {
    fn samples(&self) -> Result<&Dataset, FigureError> {
        self.samples.ok_or(FigureError::Empty)
    }

    /// Returns the note under every figure: data, seed and spec. Figures of the data alone
    /// do not say that the network is a control.
    fn note(&self, figure: &ReplicateFigure) -> String {
        let data = match figure.kind {
            ReplicateFigureKind::Samples { .. } | ReplicateFigureKind::Components { .. } => {
                self.experiment.describe_data(self.data)
            }
            ReplicateFigureKind::Grid(_)
            | ReplicateFigureKind::Curves { .. }
            | ReplicateFigureKind::Weights { .. } => self.experiment.describe(self.data),
        };
        let seed = self.seed;
        let Experiment {
            name, overrides, ..
        } = self.experiment;
        let with = match overrides.len() {
            0 => String::new(),
            _ => format!(" with {}", overrides.join(", ")),
        };
        let poor = match &figure.kind {
            ReplicateFigureKind::Grid(grid) => self.poor_judges.filter(|_| grid.shows_judgements()),
            ReplicateFigureKind::Curves { .. }
            | ReplicateFigureKind::Weights { .. }
            | ReplicateFigureKind::Samples { .. }
            | ReplicateFigureKind::Components { .. } => None,
        };
        let poor = poor.map_or_else(String::new, |poor| format!(" {poor}"));
        format!("Data: {data}. Seed {seed}. Spec {name}{with}.{poor}")
    }

    /// Returns the title of the spec, with what distinguishes the experiment.
    fn title(&self) -> String {
        let Spec { title, label, .. } = &self.experiment.spec;
        match label.as_str() {
            "" => title.clone(),
            label => format!("{title}: {label}"),
        }
    }
}

/// Numbers the units of a layer, or its inputs.
fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

/// Returns the weights of a layer, one row per unit.
fn by_unit(layer: &Parameters) -> Vec<Vec<f64>> {
    let unit = |unit: usize| {
        let weights = layer.weight.iter().skip(unit).step_by(layer.outputs);
        weights.map(|&weight| f64::from(weight)).collect()
    };
    (0..layer.outputs).map(unit).collect()
}
