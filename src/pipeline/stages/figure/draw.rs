//! Drawing of the figures of one replicate.

use faer::Mat;

use super::history::panels;
use super::samples;
use crate::config::{ImageScale, InverseGrid, Metric, ReplicateFigure, ReplicateFigureKind, Spec};
use crate::data::{Dataset, Description, ImageSize};
use crate::figures::blank::{self, Blank};
use crate::figures::curves::{self, Curves};
use crate::figures::grid::{self, GreyScale, Grid, GridImage, GridRow, levels};
use crate::figures::weights::{self, Weights};
use crate::figures::{Drawing, FigureError, Texts};
use crate::metrics::Measured;
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
        note: &drawer.note(),
    };
    drawn_or_blank(drawn(drawer, figure, texts), |error| {
        let reason = error.to_string();
        on_blank(&reason);
        blank::draw(&Blank {
            texts,
            reason: &reason,
        })
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
    texts: Texts<'_>,
) -> Result<Drawing, FigureError> {
    match &figure.kind {
        ReplicateFigureKind::Grid(of_inverses) => grid::draw(&Grid {
            texts,
            columns: class_names(drawer.data),
            rows: rows_of(
                &drawer.experiment.spec,
                drawer.inverses,
                drawer.data.size,
                of_inverses,
                &of_inverses.rows,
            )?,
        }),
        ReplicateFigureKind::Curves { printed } => curves::draw(&Curves {
            texts,
            // Sources print the first epochs, and few of the others.
            log: !printed.is_empty(),
            panels: panels(drawer.history, printed),
        }),
        ReplicateFigureKind::Weights { layer } => {
            let layer = drawer.parameters.get(*layer).ok_or(FigureError::Empty)?;
            weights::draw(&Weights {
                texts,
                rows: ("unit", numbered(layer.outputs)),
                columns: ("input", numbered(layer.inputs)),
                values: by_unit(layer),
            })
        }
        ReplicateFigureKind::Samples { rows } => grid::draw(&Grid {
            texts,
            columns: rows.iter().map(usize::to_string).collect(),
            rows: vec![samples::samples(drawer.samples()?, rows)?],
        }),
        ReplicateFigureKind::Components {
            rows,
            first,
            whiten,
        } => grid::draw(&Grid {
            texts,
            columns: rows.iter().map(usize::to_string).collect(),
            rows: samples::components(drawer.samples()?, rows, first, *whiten)?,
        }),
    }
}

impl Drawer<'_> {
    fn samples(&self) -> Result<&Dataset, FigureError> {
        self.samples.ok_or(FigureError::Empty)
    }

    /// Returns the note under every figure: data, seed and spec.
    fn note(&self) -> String {
        let (data, seed) = (self.experiment.describe(self.data), self.seed);
        let Experiment {
            name, overrides, ..
        } = self.experiment;
        let with = match overrides.len() {
            0 => String::new(),
            _ => format!(" with {}", overrides.join(", ")),
        };
        format!("Data: {data}. Seed {seed}. Spec {name}{with}.")
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

/// Names the columns of a grid of classes.
pub fn class_names(data: &Description) -> Vec<String> {
    let classes = data.classes.iter();
    classes.map(u8::to_string).collect()
}

/// Rows of a grid: one per setting of each of these inversions that the experiment has.
/// Images have this size.
pub fn rows_of(
    spec: &Spec,
    inverses: &[Inverse],
    size: ImageSize,
    grid: &InverseGrid,
    names: &[String],
) -> Result<Vec<GridRow>, FigureError> {
    let named = |name: &str| inverses.iter().find(|inverse| inverse.name == name);
    let like = match &grid.scale {
        ImageScale::Like { inversion, .. } => named(inversion).map(|like| pixels(&like.images[0])),
        ImageScale::Row | ImageScale::Image => None,
    };
    let scale = match (&grid.scale, &like) {
        (ImageScale::Row, _) => GreyScale::Row,
        (ImageScale::Image, _) => GreyScale::Image,
        (ImageScale::Like { overflow, .. }, like) => {
            GreyScale::Like(like.as_deref().unwrap_or_default(), *overflow)
        }
    };
    let image = |levels| GridImage {
        width: size.width,
        height: size.height,
        levels,
    };
    let mut rows = Vec::new();
    for inverse in names.iter().filter_map(|name| named(name)) {
        let inversion = spec.inversions.iter().find(|i| i.name == inverse.name);
        let settings = inversion.map_or(&[][..], |inversion| &inversion.settings);
        let found = inverse.images.iter().zip(&inverse.measures);
        for (setting, (images, measures)) in settings.iter().zip(found) {
            let levels = levels(&pixels(images), scale)?;
            let label = format!("{} {}", inverse.name.replace('_', " "), setting.value);
            rows.push(GridRow {
                label: label.trim_end().to_owned(),
                images: levels.into_iter().map(image).collect(),
                under: under_images(images.nrows(), &measures.values, &grid.under),
            });
        }
    }
    Ok(rows)
}

/// Formats the metrics under each image, such as `p 0.99 · conv 0.87`; nothing without
/// metrics.
fn under_images(classes: usize, measures: &[Measured], under: &[Metric]) -> Vec<String> {
    if under.is_empty() {
        return Vec::new();
    }
    let numbers = |class| numbers(class, measures, under);
    (0..classes).map(numbers).collect()
}

fn numbers(class: usize, measures: &[Measured], under: &[Metric]) -> String {
    let one = |metric: &Metric| {
        let own = |measured: &&Measured| measured.class == class && measured.metric == *metric;
        let value = measures.iter().find(own).and_then(|own| own.value);
        let value = value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        format!("{} {value}", metric.short())
    };
    under.iter().map(one).collect::<Vec<_>>().join(" · ")
}

/// Copies the pixels of each row.
pub fn pixels(images: &Mat<f64>) -> Vec<Vec<f64>> {
    let rows = images.row_iter();
    rows.map(|row| row.iter().copied().collect()).collect()
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
