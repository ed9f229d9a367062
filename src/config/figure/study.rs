//! Figures of all replicates of a study: means against inversions, layers and swept
//! keys, and grids of all experiments.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{FigureContext, InverseGrid, ReadKind, check_names, grid, inversion_names, is_swept};
use crate::config::form::{ValueForm, list, reference};
use crate::config::invert::Inversion;
use crate::config::metric::{self, Metric};
use crate::config::names::choices;
use crate::config::reader::Reader;
use crate::config::schema::Schema;
use crate::train::LayerMetric;

/// Content of a figure of a study.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StudyFigureKind {
    /// Inverses of the first replicates: per inversion the rows of all experiments.
    Grid {
        /// Rows, scale and numbers.
        #[serde(flatten)]
        grid: InverseGrid,
        /// Marks a grid of a sweep; a grid of a comparison never has the key.
        #[serde(skip_serializing_if = "is_false")]
        across: bool,
    },
    /// Pictures of every experiment by each method, and beside them a metric of these.
    Beside {
        /// Methods, scale of the pictures.
        #[serde(flatten)]
        grid: InverseGrid,
        /// Metric in the same rows as the pictures.
        metric: Metric,
    },
    /// Metrics of layers against the layer: means over the replicates, one line per
    /// experiment.
    Layers {
        /// One panel per metric.
        metrics: Vec<LayerMetric>,
    },
    /// Means over the replicates: one bar per inversion and experiment.
    Bars {
        /// One panel per metric.
        metrics: Vec<Metric>,
        /// Names of inversions without a sweep, from top to bottom.
        inversions: Vec<String>,
    },
    /// Every value: one dot per class and replicate, one lane per inversion, the
    /// experiments side by side.
    Strip {
        /// One row of panels per metric.
        metrics: Vec<Metric>,
        /// Names of inversions without a sweep, from top to bottom.
        inversions: Vec<String>,
    },
    /// Means over the replicates against a swept key.
    Sweep {
        /// Swept key, such as `filter.percentile` or `train.epochs`.
        over: String,
        /// One row of panels per metric.
        metrics: Vec<Metric>,
        /// Names of inversions, one line per inversion.
        inversions: Vec<String>,
    },
}

/// Serde passes a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
pub fn is_false(flag: &bool) -> bool {
    !*flag
}

impl StudyFigureKind {
    /// Returns true if the figure shows what judges read.
    pub fn shows_readings(&self) -> bool {
        let is_read = |metric: &Metric| !metric.evaluators().is_empty();
        match self {
            Self::Grid { grid, .. } => grid.shows_judgements(),
            Self::Beside { metric, .. } => is_read(metric),
            Self::Bars { metrics, .. }
            | Self::Strip { metrics, .. }
            | Self::Sweep { metrics, .. } => metrics.iter().any(is_read),
            Self::Layers { .. } => false,
        }
    }

    /// Inverses that the figure shows as pictures, if it does.
    pub fn grid(&self) -> Option<&InverseGrid> {
        match self {
            Self::Grid { grid, .. } | Self::Beside { grid, .. } => Some(grid),
            Self::Layers { .. } | Self::Bars { .. } | Self::Strip { .. } | Self::Sweep { .. } => {
                None
            }
        }
    }

    /// Inversions that the figure shows.
    pub fn inversions(&self) -> Vec<&str> {
        match self {
            Self::Grid { grid, .. } | Self::Beside { grid, .. } => grid.inversions(),
            Self::Layers { .. } => Vec::new(),
            Self::Bars { inversions, .. }
            | Self::Strip { inversions, .. }
            | Self::Sweep { inversions, .. } => inversions.iter().map(String::as_str).collect(),
        }
    }
}

/// Readers of the kinds, but for grids.
pub const OF_STUDIES: [(&str, ReadKind<StudyFigureKind>); 5] = [
    ("beside", read_beside),
    ("bars", read_bars),
    ("strip", read_strip),
    ("sweep", read_sweep),
    ("layers", read_layers),
];

fn read_beside(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<StudyFigureKind> {
    let grid = grid::read_pictures(table, context);
    let about = "Metric in the same rows as the pictures: one row for each inversion and \
         experiment, with pictures of the first training and the mean of all trainings";
    let metric = metric::require_one(table, "metric", context.metrics, about);
    let grid = grid?;
    let mut rows = grid.rows.iter();
    if let Some(name) = rows.find(|name| is_swept(name, context.inversions)) {
        let message = format!("names {name:?}, which is swept: use a figure of the kind `grid`");
        table.fault("rows", &message);
    }
    Some(StudyFigureKind::Beside {
        grid,
        metric: metric?,
    })
}

fn read_bars(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<StudyFigureKind> {
    let inversions = read_unswept(table, context.inversions);
    let metrics = read_metrics(table, context)?;
    Some(StudyFigureKind::Bars {
        metrics,
        inversions,
    })
}

fn read_strip(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<StudyFigureKind> {
    let inversions = read_unswept(table, context.inversions);
    let metrics = read_metrics(table, context)?;
    Some(StudyFigureKind::Strip {
        metrics,
        inversions,
    })
}

fn read_metrics(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<Vec<Metric>> {
    metric::require_some(
        table,
        "metrics",
        context.metrics,
        "Metrics, a panel or row for each",
    )
}

/// Reads names of inversions that are not swept.
fn read_unswept(table: &Reader<'_>, inversions: &[Inversion]) -> Vec<String> {
    let chosen = read_inversions(table, inversions, |inversion| inversion.sweep.is_empty());
    if let Some(name) = chosen.iter().find(|name| is_swept(name, inversions)) {
        let message = format!("names {name:?}, which is swept: use a figure of the kind `sweep`");
        table.fault("inversions", &message);
    }
    chosen
}

fn read_sweep(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<StudyFigureKind> {
    let inversions = context.inversions;
    let key = reference("a key of `[sweep]`, such as \"train.epochs\"");
    let over = table
        .key(
            "over",
            key,
            "Swept key on the horizontal axis; values that are no numbers are \
             placed side by side",
        )
        .required();
    let metrics = read_metrics(table, context);
    let over = over?;
    let keys_of_inversions = inversions
        .iter()
        .filter(|inversion| inversion.numbers().is_some())
        .flat_map(|inversion| &inversion.sweep);
    let keys: BTreeSet<&str> = keys_of_inversions
        .chain(context.swept)
        .map(String::as_str)
        .collect();
    if !keys.contains(over.as_str()) {
        let all = choices(&over, keys);
        let message = format!("is {over:?}, but the keys that a figure can go along are {all}");
        table.fault("over", &message);
        table.declare("inversions", inversion_names().schema().clone(), INVERSIONS);
        return None;
    }
    // A sweep of experiments shows inversions without a sweep of their own.
    let of_experiments = context.swept.contains(&over);
    let fits = |inversion: &Inversion| {
        if of_experiments {
            inversion.sweep.is_empty()
        } else {
            inversion.numbers().is_some() && inversion.sweep[0] == over
        }
    };
    let inversions = read_inversions(table, inversions, fits);
    Some(StudyFigureKind::Sweep {
        over,
        metrics: metrics?,
        inversions,
    })
}

const INVERSIONS: &str = "Inversions [default: all that fit]";

/// Reads names of inversions; without the key, returns all that fit.
fn read_inversions(
    table: &Reader<'_>,
    inversions: &[Inversion],
    fits: impl Fn(&Inversion) -> bool,
) -> Vec<String> {
    if let Some(names) = table
        .key("inversions", inversion_names(), INVERSIONS)
        .optional()
    {
        check_names(table, "inversions", &names, inversions);
        return names;
    }
    let all: Vec<String> = inversions
        .iter()
        .filter(|inversion| fits(inversion))
        .map(|inversion| inversion.name.clone())
        .collect();
    if all.is_empty() && !table.has("inversions") {
        table.fault(
            "inversions",
            "must be given: there is none that this figure could show",
        );
    }
    all
}

fn read_layers(table: &Reader<'_>, _: &FigureContext<'_>) -> Option<StudyFigureKind> {
    let words = Schema::Name(LayerMetric::ALL.map(LayerMetric::name).to_vec());
    let name = ValueForm::new("", words, |node| node.text().map(str::to_owned));
    let some = list("a list of metrics of layers, at least one", 1.., name);
    let names = table
        .key("metrics", some, "Metrics of layers, a panel for each")
        .required()?;
    let named = |name: &String| {
        let found = LayerMetric::named(name);
        if found.is_none() {
            let all = choices(name, LayerMetric::ALL.map(LayerMetric::name));
            let message = format!("names {name:?}, but of layers there are {all}");
            table.fault("metrics", &message);
        }
        found
    };
    let metrics: Vec<LayerMetric> = names.iter().filter_map(named).collect();
    Some(StudyFigureKind::Layers { metrics })
}
