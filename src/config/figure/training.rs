//! Figures of one training: curves, weights and samples.

use std::collections::BTreeMap;

use super::{FigureKind, Known};
use crate::config::layer::LayerMetric;
use crate::config::names::{one_of_names, suggestion};
use crate::config::reader::Reader;
use crate::config::scale::OF_EPOCHS;
use crate::config::tree::Node;

/// The number of training images in a figure, side by side.
const MAX_ROWS: usize = 1000;

/// The number of rows of images by their first principal components.
const MAX_COUNTS: usize = 100;

/// What a source printed of its training, by columns of the accuracy log: epochs and
/// values.
pub type Printed = BTreeMap<&'static str, Vec<(usize, f64)>>;

pub fn read_curves(table: &Reader<'_>) -> FigureKind {
    let printed = table.table("printed").map(read_printed);
    FigureKind::Curves {
        printed: printed.unwrap_or_default(),
    }
}

/// Also of epochs beyond the last one here: a source may have gone on for longer.
fn read_printed(table: Reader<'_>) -> Printed {
    let mut printed = Printed::new();
    let must_be = "a list of epochs, rising from 1, each with a value: `[[1, 0.84], [2, 0.75]]`";
    for column in OF_EPOCHS {
        let points = table.get(column.name, must_be, |v| {
            let points = v.list(point)?;
            let rising = points.windows(2).all(|pair| pair[0].0 < pair[1].0);
            (!points.is_empty() && rising).then_some(points)
        });
        printed.extend(points.map(|points| (column.name, points)));
    }
    table.finish();
    printed
}

fn point(node: &Node) -> Option<(usize, f64)> {
    let [epoch, value] = node.items()? else {
        return None;
    };
    Some((epoch.positive()?, value.number_where(|_| true)?))
}

pub fn read_weights(table: &Reader<'_>, known: &Known<'_>) -> Option<FigureKind> {
    let last = known.layers.map(|layers| layers - 1);
    let until = last.map_or_else(String::new, |last| format!(", from 0 to {last}"));
    let must_be = format!("the number of a layer{until}");
    let layer = table.require("layer", &must_be, |v| {
        let layer = usize::try_from(v.count()?).ok()?;
        last.is_none_or(|last| layer <= last).then_some(layer)
    });
    layer.map(|layer| FigureKind::Weights { layer })
}

/// How many rows there are is known when the data set is.
pub fn read_samples(table: &Reader<'_>) -> Option<FigureKind> {
    read_rows(table).map(|rows| FigureKind::Samples { rows })
}

fn read_rows(table: &Reader<'_>) -> Option<Vec<usize>> {
    let must_be = format!("a list of at most {MAX_ROWS} numbers of training rows, counted from 0");
    table.require("rows", &must_be, |v| {
        let rows = v.list(|row| usize::try_from(row.count()?).ok())?;
        (1..=MAX_ROWS).contains(&rows.len()).then_some(rows)
    })
}

/// What is told of each layer: names of numbers, at least one.
pub fn read_layers(table: &Reader<'_>) -> Option<FigureKind> {
    let must_be = "a list of numbers that are told of layers, at least one";
    let names = table.require("metrics", must_be, |v| {
        v.list(|v| v.text().map(str::to_owned))
            .filter(|names| !names.is_empty())
    })?;
    let known = || LayerMetric::ALL.into_iter().map(LayerMetric::name);
    let named = |name: &String| {
        let found = LayerMetric::named(name);
        if found.is_none() {
            let (all, hint) = (one_of_names(known()), suggestion(name, known()));
            let message = format!("names {name:?}, but of layers there are {all}{hint}");
            table.fault("metrics", &message);
        }
        found
    };
    let metrics: Vec<LayerMetric> = names.iter().filter_map(named).collect();
    Some(FigureKind::Layers { metrics })
}

/// How many rows and components there are is known when the data set is.
pub fn read_components(table: &Reader<'_>) -> Option<FigureKind> {
    let rows = read_rows(table);
    let must_be = format!("a list of at most {MAX_COUNTS} numbers of components, from 1");
    let first = table.require("first", &must_be, |v| {
        let first = v.list(Node::positive)?;
        (1..=MAX_COUNTS).contains(&first.len()).then_some(first)
    });
    let whiten = table.get("whiten", "true or false", Node::flag);
    Some(FigureKind::Components {
        rows: rows?,
        first: first?,
        whiten: whiten.unwrap_or(false),
    })
}
