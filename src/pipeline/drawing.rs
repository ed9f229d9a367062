//! From the `[[figure]]` of a spec to a drawing of one replicate.

use faer::Mat;

use super::experiment::Experiment;
use super::products::Inverse;
use crate::data::{Description, ImageSize};
use crate::figures::curves::{self, Curves, Line, Panel};
use crate::figures::grid::{self, Grid, GridRow, Image, Scale};
use crate::figures::{Drawing, FigureError};
use crate::metrics::Measured;
use crate::spec::{Figure, FigureKind, ImageScale, Metric, Spec};
use crate::train::EpochRow;

/// What figures are drawn from.
pub struct Drawer<'a> {
    pub experiment: &'a Experiment,
    pub seed: u64,
    pub data: &'a Description,
    pub history: &'a [EpochRow],
    pub inverses: &'a [Inverse],
}

/// Draws one figure.
///
/// # Errors
/// If an image holds a value that is not finite, a panel has no value, or the
/// page would be too large.
pub fn draw(drawer: &Drawer<'_>, figure: &Figure) -> Result<Drawing, FigureError> {
    let note = drawer.note();
    let title = drawer.title();
    match &figure.kind {
        FigureKind::Grid { rows, scale, under } => grid::draw(&Grid {
            title: &title,
            caption: &figure.caption,
            note: &note,
            columns: class_names(drawer.data),
            rows: rows_of(
                &drawer.experiment.spec,
                (drawer.inverses, drawer.data.size),
                rows,
                (scale, under),
            )?,
        }),
        FigureKind::Curves => curves::draw(&Curves {
            title: &title,
            caption: &figure.caption,
            note: &note,
            panels: [loss_panel(drawer.history), accuracy_panel(drawer.history)],
        }),
        FigureKind::Bars { .. } | FigureKind::Strip { .. } | FigureKind::Sweep { .. } => {
            Err(FigureError::Empty)
        }
    }
}

impl Drawer<'_> {
    /// The small type under every figure: what it was made of.
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

    /// That of the spec, with what sets the experiment apart.
    fn title(&self) -> String {
        let Spec { title, label, .. } = &self.experiment.spec;
        match label.as_str() {
            "" => title.clone(),
            label => format!("{title}: {label}"),
        }
    }
}

/// What stands over the columns of a grid.
pub fn class_names(data: &Description) -> Vec<String> {
    let classes = data.classes.iter();
    classes.map(u8::to_string).collect()
}

/// The rows of a grid: one for each setting of the named inversions that the
/// experiment has, whose images have this size, with these numbers under them.
pub fn rows_of(
    spec: &Spec,
    (inverses, size): (&[Inverse], ImageSize),
    names: &[String],
    (scale, under): (&ImageScale, &[Metric]),
) -> Result<Vec<GridRow>, FigureError> {
    let named = |name: &str| inverses.iter().find(|inverse| inverse.name == name);
    let like = match scale {
        ImageScale::Like { inversion, .. } => named(inversion).map(|like| pixels(&like.images[0])),
        ImageScale::Row | ImageScale::Image => None,
    };
    let scale = match (scale, &like) {
        (ImageScale::Row, _) => Scale::Row,
        (ImageScale::Image, _) => Scale::Image,
        (ImageScale::Like { overflow, .. }, like) => {
            Scale::Like(like.as_deref().unwrap_or_default(), *overflow)
        }
    };
    let image = |levels| Image {
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
            let levels = grid::levels(&pixels(images), scale)?;
            let label = format!("{} {}", inverse.name.replace('_', " "), setting.value);
            rows.push(GridRow {
                label: label.trim_end().to_owned(),
                images: levels.into_iter().map(image).collect(),
                under: under_images(images.nrows(), measures, under),
            });
        }
    }
    Ok(rows)
}

/// What stands under each image, such as `p 0.99 · conv 0.87`; nothing if nothing
/// was asked for.
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

/// The pixels of each row.
fn pixels(images: &Mat<f64>) -> Vec<Vec<f64>> {
    let rows = images.row_iter();
    rows.map(|row| row.iter().copied().collect()).collect()
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
        values: history.iter().map(|row| (row.epoch, column(row))).collect(),
    };
    let has_values = |line: &Line<'_>| line.values.iter().any(|(_, value)| value.is_some());
    columns.iter().map(line).filter(has_values).collect()
}
