//! `[[figure]]`: what is drawn.

mod grid;
mod training;

use std::collections::BTreeSet;

use serde::Serialize;

use super::invert::Inversion;
use super::layer::LayerMetric;
use super::metric::{self, Metric};
use super::names::{one_of_names, suggestion};
use super::reader::{NAME, Reader, name};
use super::tree::Node;
use grid::read_grid;
pub use grid::{ImageScale, Overflow};
pub use training::Printed;
use training::{read_components, read_curves, read_layers, read_samples, read_weights};

/// One entry of `[[figure]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its file name without the ending; unique in a spec.
    pub name: String,
    /// What it shows.
    #[serde(flatten)]
    pub kind: FigureKind,
    /// Printed under it; may be empty.
    pub caption: String,
}

/// What a figure shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FigureKind {
    /// One row for each inversion, one column for each class.
    Grid {
        /// Names of inversions, from top to bottom; of one that is swept, all settings.
        rows: Vec<String>,
        /// How values become grey levels.
        scale: ImageScale,
        /// What stands under each image.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        under: Vec<Metric>,
        /// Whether it is of all experiments of a sweep, as it is of those of a
        /// comparison: for each inversion their rows below each other.
        #[serde(skip_serializing_if = "is_false")]
        across: bool,
    },
    /// Loss and accuracy against epochs.
    Curves {
        /// Drawn beside what was measured.
        #[serde(skip_serializing_if = "Printed::is_empty")]
        printed: Printed,
    },
    /// The weights of a layer as colours.
    Weights {
        /// Which, from 0, the one that the pixels go into.
        layer: usize,
    },
    /// Images that the network is trained on.
    Samples {
        /// Numbers of training rows, from 0.
        rows: Vec<usize>,
    },
    /// What is told of each layer, against the layer: means over the replicates, a line
    /// for each experiment.
    Layers {
        /// A panel each.
        metrics: Vec<LayerMetric>,
    },
    /// Training images in the first principal components of all, a row for each number
    /// of components.
    Components {
        /// Numbers of training rows, from 0.
        rows: Vec<usize>,
        /// How many components.
        first: Vec<usize>,
        /// Whether all components have the same variance.
        whiten: bool,
    },
    /// A bar for each inversion and experiment: means over the replicates.
    Bars {
        /// A panel each.
        metrics: Vec<Metric>,
        /// Names of inversions without a sweep, from top to bottom.
        inversions: Vec<String>,
    },
    /// A dot for each class and replicate, in a lane for each inversion, the
    /// experiments side by side.
    Strip {
        /// A row of panels each.
        metrics: Vec<Metric>,
        /// Names of inversions without a sweep, from top to bottom.
        inversions: Vec<String>,
    },
    /// Metrics against a swept key: means over the replicates.
    Sweep {
        /// The swept key, such as `filter.percentile` or `train.epochs`.
        over: String,
        /// A row of panels each.
        metrics: Vec<Metric>,
        /// Names of inversions, a line each.
        inversions: Vec<String>,
    },
}

impl FigureKind {
    /// True for what is drawn of all replicates together.
    #[must_use]
    pub fn is_of_all_replicates(&self) -> bool {
        matches!(
            self,
            Self::Grid { across: true, .. }
                | Self::Layers { .. }
                | Self::Bars { .. }
                | Self::Strip { .. }
                | Self::Sweep { .. }
        )
    }

    /// The inversions that it shows.
    #[must_use]
    pub fn inversions(&self) -> Vec<&str> {
        match self {
            Self::Curves { .. }
            | Self::Weights { .. }
            | Self::Samples { .. }
            | Self::Components { .. }
            | Self::Layers { .. } => Vec::new(),
            Self::Grid { rows, scale, .. } => {
                let like = match scale {
                    ImageScale::Like { inversion, .. } => Some(inversion.as_str()),
                    ImageScale::Row | ImageScale::Image => None,
                };
                rows.iter().map(String::as_str).chain(like).collect()
            }
            Self::Bars { inversions, .. }
            | Self::Strip { inversions, .. }
            | Self::Sweep { inversions, .. } => inversions.iter().map(String::as_str).collect(),
        }
    }

    /// The training rows that it shows; nothing of figures that show none.
    #[must_use]
    pub fn training_rows(&self) -> &[usize] {
        match self {
            Self::Samples { rows } | Self::Components { rows, .. } => rows,
            _ => &[],
        }
    }

    /// True if it shows what was measured, not only the images.
    #[must_use]
    pub fn shows_metrics(&self) -> bool {
        match self {
            Self::Curves { .. }
            | Self::Weights { .. }
            | Self::Samples { .. }
            | Self::Components { .. }
            | Self::Layers { .. } => false,
            Self::Grid { under, .. } => !under.is_empty(),
            Self::Bars { .. } | Self::Strip { .. } | Self::Sweep { .. } => true,
        }
    }
}

/// Serde hands a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What figures of a spec can show.
pub struct Known<'a> {
    /// Those of the experiment; of a comparison those that any experiment has.
    pub inversions: &'a [Inversion],
    /// What is measured on them.
    pub metrics: &'a [Metric],
    /// The keys in which the experiments of a sweep differ.
    pub swept: &'a [String],
    /// True for a comparison.
    pub compares: bool,
    /// How many layers the network has, if that is known.
    pub layers: Option<usize>,
}

pub fn read(root: &Reader<'_>, known: &Known<'_>) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for table in root.tables("figure") {
        let name = table.require("name", NAME, name);
        if let Some(name) = &name
            && figures.iter().any(|other| other.name == *name)
        {
            table.fault("name", &format!("is {name:?} a second time"));
        }
        let caption = table.get("caption", "a line of text", Node::sentence);
        // Which other keys there may be is the kind's to say.
        let Some(kind) = table.require_choice("kind", kinds(known)) else {
            continue;
        };
        let kind = read_kind(kind, &table, known);
        table.finish();
        if let (Some(name), Some(kind)) = (name, kind) {
            figures.push(Figure {
                name,
                kind,
                caption: caption.unwrap_or_default(),
            });
        }
    }
    figures
}

#[derive(Clone, Copy)]
enum Kind {
    Grid,
    Curves,
    Weights,
    Samples,
    Bars,
    Strip,
    Sweep,
    Layers,
    Components,
}

/// A comparison has no figures of one training.
fn kinds(known: &Known<'_>) -> &'static [(&'static str, Kind)] {
    const KINDS: [(&str, Kind); 9] = [
        ("grid", Kind::Grid),
        ("bars", Kind::Bars),
        ("strip", Kind::Strip),
        ("sweep", Kind::Sweep),
        ("layers", Kind::Layers),
        ("curves", Kind::Curves),
        ("weights", Kind::Weights),
        ("samples", Kind::Samples),
        ("components", Kind::Components),
    ];
    if known.compares { &KINDS[..5] } else { &KINDS }
}

fn read_kind(kind: Kind, table: &Reader<'_>, known: &Known<'_>) -> Option<FigureKind> {
    match kind {
        Kind::Curves => Some(read_curves(table)),
        Kind::Weights => read_weights(table, known),
        Kind::Samples => read_samples(table),
        Kind::Layers => read_layers(table),
        Kind::Components => read_components(table),
        Kind::Grid => read_grid(table, known),
        Kind::Bars => {
            let (metrics, inversions) = read_unswept(table, known)?;
            Some(FigureKind::Bars {
                metrics,
                inversions,
            })
        }
        Kind::Strip => {
            let (metrics, inversions) = read_unswept(table, known)?;
            Some(FigureKind::Strip {
                metrics,
                inversions,
            })
        }
        Kind::Sweep => read_sweep(table, known),
    }
}

/// The metrics, and inversions that are not swept.
fn read_unswept(table: &Reader<'_>, known: &Known<'_>) -> Option<(Vec<Metric>, Vec<String>)> {
    let inversions = known.inversions;
    let chosen = read_inversions(table, inversions, &|inversion| inversion.sweep.is_empty());
    let swept = |name: &&String| {
        let named = inversions.iter().find(|inversion| inversion.name == **name);
        named.is_some_and(|inversion| !inversion.sweep.is_empty())
    };
    if let Some(name) = chosen.iter().find(swept) {
        let message = format!("names {name:?}, which is swept: use a figure of the kind `sweep`");
        table.fault("inversions", &message);
    }
    let metrics = metric::require_some(table, "metrics", known.metrics)?;
    Some((metrics, chosen))
}

fn read_sweep(table: &Reader<'_>, known: &Known<'_>) -> Option<FigureKind> {
    let Known {
        inversions, swept, ..
    } = *known;
    let must_be = "a key of `[sweep]`, such as \"train.epochs\"";
    let over = table.require("over", must_be, |v| v.text().map(str::to_owned));
    let metrics = metric::require_some(table, "metrics", known.metrics);
    let over = over?;
    // Those swept over it alone, or without a sweep of their own if experiments are.
    let of_experiments = swept.contains(&over);
    let fits = |inversion: &Inversion| {
        if of_experiments {
            inversion.sweep.is_empty()
        } else {
            inversion.numbers().is_some() && inversion.sweep[0] == over
        }
    };
    let own = inversions
        .iter()
        .filter(|inversion| inversion.numbers().is_some());
    let own = own.flat_map(|inversion| &inversion.sweep);
    let keys = || own.clone().chain(swept).map(String::as_str);
    if keys().any(|key| key == over) {
        let inversions = read_inversions(table, inversions, &fits);
        return Some(FigureKind::Sweep {
            over,
            metrics: metrics?,
            inversions,
        });
    }
    let keys: BTreeSet<&str> = keys().collect();
    let message = format!(
        "is {over:?}, but the keys that a figure can go along are {}{}",
        one_of_names(keys.iter().copied()),
        suggestion(&over, keys.iter().copied())
    );
    table.fault("over", &message);
    table.known("inversions");
    None
}

/// The inversions named, or all that fit if none are.
fn read_inversions(
    table: &Reader<'_>,
    inversions: &[Inversion],
    fits: &dyn Fn(&Inversion) -> bool,
) -> Vec<String> {
    let names = table.get("inversions", "a list of inversions, at least one", |v| {
        v.list(|v| v.text().map(str::to_owned))
            .filter(|names| !names.is_empty())
    });
    if let Some(names) = names {
        check_names(table, "inversions", &names, inversions);
        return names;
    }
    let all = inversions.iter().filter(|inversion| fits(inversion));
    let all: Vec<String> = all.map(|inversion| inversion.name.clone()).collect();
    if all.is_empty() && !table.has("inversions") {
        table.fault(
            "inversions",
            "must be given: there is none that this figure could show",
        );
    }
    all
}

fn check_names(table: &Reader<'_>, key: &str, names: &[String], inversions: &[Inversion]) {
    let named = inversions
        .iter()
        .filter(|inversion| !inversion.name.is_empty());
    let known = || named.clone().map(|inversion| inversion.name.as_str());
    for name in names
        .iter()
        .filter(|name| known().all(|other| other != **name))
    {
        let hint = suggestion(name, known());
        let message = format!(
            "names {name:?}, but the inversions of this spec are {}{hint}",
            one_of_names(known())
        );
        table.fault(key, &message);
    }
}

#[cfg(test)]
mod tests;
