//! Figures of one replicate: grids of its inverses, its training, its weights and its
//! training images.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::Serialize;

use super::{FigureContext, InverseGrid, ReadKind};
use crate::config::form::{ValueForm, flag, list, whole};
use crate::config::reader::Reader;
use crate::config::scale::OF_EPOCHS;
use crate::config::schema::Schema;

/// Largest number of training images side by side.
const MAX_IMAGES: usize = 1000;

/// Largest number of rows of images in principal components.
const MAX_COMPONENT_ROWS: usize = 100;

/// Values that a source printed of its training: epochs with values, by column of the
/// accuracy log.
pub type Printed = BTreeMap<&'static str, Vec<(usize, f64)>>;

/// Content of a figure of one replicate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReplicateFigureKind {
    /// Inverses: one row per inversion, one column per class.
    Grid(InverseGrid),
    /// Loss and accuracy against epochs.
    Curves {
        /// Values of a source, drawn beside the measured ones.
        #[serde(skip_serializing_if = "Printed::is_empty")]
        printed: Printed,
    },
    /// Weights of a layer as colours.
    Weights {
        /// Number of the layer; 0 reads the pixels.
        layer: usize,
    },
    /// Training images.
    Samples {
        /// Numbers of training rows, from 0.
        rows: Vec<usize>,
    },
    /// Training images projected on leading principal components. One row per number of
    /// components.
    Components {
        /// Numbers of training rows, from 0.
        rows: Vec<usize>,
        /// Numbers of components.
        first: Vec<usize>,
        /// Scales all components to the same variance.
        whiten: bool,
    },
}

impl ReplicateFigureKind {
    /// Inversions that the figure shows.
    pub fn inversions(&self) -> Vec<&str> {
        match self {
            Self::Grid(grid) => grid.inversions(),
            Self::Curves { .. }
            | Self::Weights { .. }
            | Self::Samples { .. }
            | Self::Components { .. } => Vec::new(),
        }
    }

    /// Training rows that the figure shows, from 0.
    pub fn training_rows(&self) -> &[usize] {
        match self {
            Self::Samples { rows } | Self::Components { rows, .. } => rows,
            Self::Grid(_) | Self::Curves { .. } | Self::Weights { .. } => &[],
        }
    }
}

/// Readers of the kinds, but for grids.
pub const OF_REPLICATES: [(&str, ReadKind<ReplicateFigureKind>); 4] = [
    ("curves", read_curves),
    ("weights", read_weights),
    ("samples", read_samples),
    ("components", read_components),
];

#[expect(clippy::unnecessary_wraps, reason = "readers of other kinds may fail")]
fn read_curves(table: &Reader<'_>, _: &FigureContext<'_>) -> Option<ReplicateFigureKind> {
    let printed = table.section(
        "printed",
        "Numbers that a source prints, by column of \
         `accuracy.csv`, drawn as dots on a logarithmic axis of epochs: `{ running_loss = [[1, \
         0.48], [2, 0.32]] }`",
    );
    Some(ReplicateFigureKind::Curves {
        printed: printed.map(read_printed).unwrap_or_default(),
    })
}

/// Reads printed values. Epochs may be beyond the last one of this training: a source
/// may have trained for longer.
fn read_printed(table: Reader<'_>) -> Printed {
    let mut printed = Printed::new();
    for column in OF_EPOCHS {
        let text = "a list of epochs, rising from 1, each with a value: `[[1, 0.84], [2, 0.75]]`";
        let rising = list(text, 1.., point()).rising(|a, b| a.0 < b.0);
        let points = table
            .key(column.name, rising, "Epochs with values")
            .optional();
        printed.extend(points.map(|points| (column.name, points)));
    }
    table.finish();
    printed
}

/// An epoch with a value.
fn point() -> ValueForm<(usize, f64)> {
    let pair = Schema::list(
        Schema::Number(Bound::Unbounded, Bound::Unbounded),
        2,
        Some(2),
    );
    ValueForm::new("", pair, |node| {
        let [epoch, value] = node.items()? else {
            return None;
        };
        Some((epoch.positive()?, value.number_where(|_| true)?))
    })
}

fn read_weights(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<ReplicateFigureKind> {
    let last = context.layers.map(|layers| layers - 1);
    let until = last.map_or_else(String::new, |last| format!(", from 0 to {last}"));
    let text = format!("the number of a layer{until}");
    let layers = whole("", 0..).where_known(text, move |&n| last.is_none_or(|last| n <= last));
    let layer = table
        .key(
            "layer",
            layers,
            "Layer, from 0, whose weights are drawn as colours",
        )
        .required();
    layer.map(|layer| ReplicateFigureKind::Weights { layer })
}

fn read_samples(table: &Reader<'_>, _: &FigureContext<'_>) -> Option<ReplicateFigureKind> {
    read_rows(table).map(|rows| ReplicateFigureKind::Samples { rows })
}

/// Reads numbers of training rows. Whether the data set has them is checked once it is
/// loaded.
fn read_rows(table: &Reader<'_>) -> Option<Vec<usize>> {
    let text = format!("a list of at most {MAX_IMAGES} numbers of training rows, counted from 0");
    let rows = list(text, 1..=MAX_IMAGES, whole("", 0..));
    table.key("rows", rows, "Training rows, from 0").required()
}

fn read_components(table: &Reader<'_>, _: &FigureContext<'_>) -> Option<ReplicateFigureKind> {
    let rows = read_rows(table);
    let text = format!("a list of at most {MAX_COMPONENT_ROWS} numbers of components, from 1");
    let counts = list(text, 1..=MAX_COMPONENT_ROWS, whole("", 1..));
    let first = table
        .key(
            "first",
            counts,
            "Numbers of principal components of all training images, a row \
             of images for each",
        )
        .required();
    let about = "Whether each component is divided by its standard deviation";
    let whiten = table.key("whiten", flag(), about).or(false);
    Some(ReplicateFigureKind::Components {
        rows: rows?,
        first: first?,
        whiten,
    })
}
