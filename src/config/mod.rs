//! What a spec may say.
//!
//! A spec is one TOML file: what to train, how to invert it, what to draw. It
//! is read in two steps: `tree` turns the text into values that know their
//! place, and each section below reads its table into a checked type. The
//! checked types are all the rest of the program sees.

mod bounds;
mod claim;
mod compare;
mod data;
mod device;
mod fault;
mod figure;
mod files;
mod fit;
mod inherit;
mod invert;
mod layer;
mod limit;
mod metric;
mod model;
mod names;
mod project;
mod reader;
mod scale;
mod set;
mod size;
mod study;
mod sweep;
mod target;
mod task;
mod train;
mod tree;
mod verify;

use std::collections::BTreeSet;

use serde::Serialize;

pub use compare::{Compare, End as PairEnd, Pair, is_of_comparisons};
pub use data::{CsvFiles, Data, DataSource, IdxFolder, MAX_ACROSS, PerClass, PixelRange, StandIn};
pub use device::DeviceKind;
pub use fault::SpecError;
pub use figure::{
    Figure, ImageScale, InverseGrid, Overflow, Printed, ReplicateFigure, ReplicateFigureKind,
    StudyFigure, StudyFigureKind,
};
pub use fit::{Facts, MOST_PIXELS, Misfit};
pub use invert::{Inversion, Setting};
pub use layer::LayerMetric;
pub use limit::{Bound, End, Limit};
pub use model::{Activation, Init, Model, Output, Spread};
pub use names::nearest;
pub use scale::{Bounds, Column, OF_PAIRS, Scale};
pub use set::key_of;
pub use size::ImageSize;
pub use study::{Member, Study, label, without_steps_back};
pub use target::{OnOff, Target};
pub use task::Task;
pub use train::{Backward, Labels, Loss, Optimizer, Train};
pub use verify::{FIGURES, Tolerance, Tolerances, default_tolerance};

pub use crate::invert::{
    Bias, Cut, Decoder, Descent, Domain, Filter, Filtered, LayerInverse, Layered, MapEstimate,
    Margin, Method, Norm, Percentile, PriorOf, Score, default_lit,
};
use crate::io::IoError;
pub use crate::metrics::{Direction, Measurable, Metric};
use fault::Faults;
use reader::Reader;
use sweep::Axis;
use tree::{Node, Value};

/// One experiment, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spec {
    /// What the experiment is, in one line.
    pub title: String,
    /// What sets it apart from the others of its sweep; empty without one.
    #[serde(skip)]
    pub label: String,
    /// Which text it reproduces, and where in it.
    pub source: Option<String>,
    /// One replicate is run for each.
    pub seeds: Vec<u64>,
    /// What to compute on, unless the command line says something else. Manifests tell
    /// what it was in a place of its own: it changes nothing but the rounding.
    #[serde(skip)]
    pub device: Option<DeviceKind>,
    /// `[data]`
    pub data: Data,
    /// `[model]`
    pub model: Model,
    /// `[train]`
    pub train: Train,
    /// What inputs are looked for.
    #[serde(skip_serializing_if = "Task::is_target")]
    pub task: Task,
    /// What the outputs should be; present if anything is inverted, unless the task is
    /// to reconstruct.
    pub target: Option<Target>,
    /// What is measured on the inverses; the usual, unless the spec says what.
    #[serde(skip_serializing_if = "is_usual")]
    pub metrics: Vec<Metric>,
    /// `[[invert]]`, in the order of the file.
    #[serde(rename = "invert")]
    pub inversions: Vec<Inversion>,
    /// `[[figure]]`, in the order of the file.
    #[serde(rename = "figure")]
    pub figures: Vec<Figure>,
    /// `[[limit]]`, in the order of the file.
    #[serde(rename = "limit", skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// `[verify]`: tolerances other than the usual ones.
    #[serde(rename = "verify")]
    pub tolerances: Tolerances,
}

/// True for the metrics that a spec has that does not name any.
fn is_usual(metrics: &[Metric]) -> bool {
    let tasks = [Task::Target, Task::Reconstruct { layers: 1 }];
    tasks.iter().any(|&task| metrics == Metric::usual(task))
}

/// Why there is no spec.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It has faults.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl Spec {
    /// Figures of each replicate, in the order of the file.
    pub fn replicate_figures(&self) -> impl Iterator<Item = &ReplicateFigure> {
        self.figures.iter().filter_map(Figure::of_replicate)
    }

    /// How far the numbers of this name may be apart on two machines.
    #[must_use]
    pub fn tolerance(&self, name: &str) -> Tolerance {
        let set = self.tolerances.get(name).copied();
        set.unwrap_or_else(|| default_tolerance(name))
    }

    /// Returns why no inverse by an inversion has a value of a metric, to follow
    /// "undefined", with images of this size; none if its inverses can have one.
    fn undefined(
        &self,
        metric: Metric,
        inversion: &Inversion,
        size: Option<ImageSize>,
    ) -> Option<String> {
        let measurable = Measurable {
            output: self.model.output,
            has_hidden: !self.model.hidden.is_empty(),
            reconstructs: self.task.reconstructs(),
            size,
        };
        let is_layered = |setting: &Setting| matches!(setting.method, Method::Layered(_));
        let lacks_layers =
            metric.needs_backward_pass() && !inversion.settings.iter().any(is_layered);
        metric
            .undefined(&measurable)
            .or_else(|| lacks_layers.then(|| "for methods other than `layered`".to_owned()))
    }
}

/// Reads one experiment: `axes` are what is swept of its inversions, `across`
/// the keys that its study sweeps.
fn read(tree: &Node, (axes, across): (&[Axis], &[String]), faults: &Faults) -> Option<Spec> {
    let root = Reader::new(tree, "", faults)?;
    let title = root.require("title", "a line of text", Node::sentence);
    let source = root.get("source", "a line of text", Node::sentence);
    let seeds = root.get("seeds", SEEDS, seeds);
    let device = device::read(&root);
    // Read before; here so that a fault in a key can name them.
    root.known("base");
    root.known("sweep");
    root.known("claim");
    let data = root.require_table("data").and_then(data::read);
    let model = root.require_table("model").and_then(model::read);
    let train = root.require_table("train").and_then(train::read);
    let task = task::read(&root, model.as_ref());
    let target = root.table("target").and_then(target::read);
    let mut inversions = invert::read(&root, axes);
    if let Some(size) = data.as_ref().and_then(|data| data.source.size()) {
        for inversion in &mut inversions {
            inversion.light_for(size.pixels());
        }
    }
    task::check(&root, task, &inversions);
    let metrics = metric::measured(&root, task.unwrap_or(Task::Target));
    let known = figure::FigureContext {
        inversions: &inversions,
        metrics: &metrics,
        swept: across,
        layers: model.as_ref().map(|model| model.hidden.len() + 1),
    };
    let figures = figure::read(&root, &known);
    let limits = limit::read(&root, &inversions, &metrics);
    let tolerances = root.table("verify").map(verify::read);
    check_loss_fits_output(&root, model.as_ref(), train.as_ref());
    check_swapped(&root, data.as_ref(), train.as_ref());
    if task.is_some_and(|task| !task.reconstructs()) {
        check_target(&root, target.as_ref(), &inversions);
        check_inverses_exist(&root, model.as_ref(), &inversions);
    }
    check_outputs(
        &root,
        data.as_ref(),
        (model.as_ref(), target.as_ref()),
        &inversions,
    );
    root.finish();
    Some(Spec {
        title: title?,
        label: String::new(),
        source,
        seeds: seeds.unwrap_or_else(|| vec![0]),
        device,
        data: data?,
        model: model?,
        train: train?,
        task: task?,
        target,
        metrics,
        inversions,
        figures,
        limits,
        tolerances: tolerances.unwrap_or_default(),
    })
}

const SEEDS: &str = "a number of replicates (1 to 1000) or a list of different seeds, at most 1000";

fn seeds(node: &Node) -> Option<Vec<u64>> {
    match &node.value {
        Value::Integer(n @ 1..=1000) => Some((0..n.unsigned_abs()).collect()),
        Value::Array(_) => {
            let seeds = node.list(Node::count)?;
            (all_different(&seeds) && seeds.len() <= 1000).then_some(seeds)
        }
        _ => None,
    }
}

/// True if there is at least one item and no two are equal.
fn all_different<T: Ord>(items: &[T]) -> bool {
    let distinct: BTreeSet<&T> = items.iter().collect();
    !items.is_empty() && distinct.len() == items.len()
}

/// What is wrong with labels that are not all among the classes.
fn unknown_labels(labels: &[u8], classes: &[u8]) -> Option<String> {
    let unknown = labels.iter().filter(|label| !classes.contains(label));
    let unknown: Vec<&u8> = unknown.collect();
    let message = || format!("names {unknown:?}, but `data.classes` is {classes:?}");
    (!unknown.is_empty()).then(message)
}

/// Each loss is defined on one kind of output; another pair would train
/// something else than the spec says.
fn check_loss_fits_output(root: &Reader<'_>, model: Option<&Model>, train: Option<&Train>) {
    let (Some(model), Some(train)) = (model, train) else {
        return;
    };
    let needs = match train.loss {
        Loss::CrossEntropy if model.output != Output::Softmax => "softmax",
        Loss::BinaryCrossEntropy if model.output != Output::Logistic => "logistic",
        _ => return,
    };
    if let Some(table) = root.table("train") {
        let loss = train.loss.name();
        table.fault(
            "loss",
            &format!("is \"{loss}\", which needs `model.output = \"{needs}\"`"),
        );
    }
}

/// Only labels that are there can be swapped.
fn check_swapped(root: &Reader<'_>, data: Option<&Data>, train: Option<&Train>) {
    let (Some(data), Some(Labels::Swap(pair))) = (data, train.map(|train| train.labels)) else {
        return;
    };
    let labels = root.table("train").and_then(|table| table.table("labels"));
    if let (Some(table), Some(message)) = (labels, unknown_labels(&pair, &data.classes)) {
        table.fault("swap", &message);
    }
}

fn check_target(root: &Reader<'_>, target: Option<&Target>, inversions: &[Inversion]) {
    let settings = inversions.iter().flat_map(|inversion| &inversion.settings);
    let lacks = |setting: &Setting| setting.target.is_none();
    if target.is_none() && !root.has("target") && settings.into_iter().any(lacks) {
        root.fault(
            "target",
            "is missing: `[[invert]]` needs to know what the outputs should be, \
             such as `logits = { on = 10.0, off = -10.0 }`",
        );
    }
}

/// Outputs that are asked for must be ones that the network can give.
fn check_outputs(
    root: &Reader<'_>,
    data: Option<&Data>,
    (model, target): (Option<&Model>, Option<&Target>),
    inversions: &[Inversion],
) {
    let (Some(data), Some(model)) = (data, model) else {
        return;
    };
    if let (Some(table), Some(target)) = (root.table("target"), target) {
        check_reachable(&table, data, model, target);
    }
    for (table, inversion) in root.tables("invert").iter().zip(inversions) {
        let targets = inversion.settings.iter().filter_map(|s| s.target.as_ref());
        let own = table.table("target");
        for target in targets {
            check_reachable(own.as_ref().unwrap_or(table), data, model, target);
        }
    }
}

fn check_reachable(table: &Reader<'_>, data: &Data, model: &Model, target: &Target) {
    let Target::Outputs(outputs) = target else {
        return;
    };
    let inside = |y: f64| y > 0.0 && y < 1.0;
    let name = model.output.name();
    let sum = outputs.on + (data.classes.len() - 1) as f64 * outputs.off;
    if model.output != Output::Linear && !(inside(outputs.on) && inside(outputs.off)) {
        let message = format!("must lie between 0 and 1: {name} outputs reach neither end");
        table.fault("outputs", &message);
    } else if model.output == Output::Softmax && (sum - 1.0).abs() > 1e-6 {
        let classes = data.classes.len();
        let message =
            format!("must sum to 1 over the {classes} classes, as {name} does, not {sum}");
        table.fault("outputs", &message);
    }
}

/// A layered inverse undoes every hidden activation, for whatever value the
/// layer behind asks for; that value exists only if the activation takes on
/// every real number, or if values are brought into its range.
fn check_inverses_exist(root: &Reader<'_>, model: Option<&Model>, inversions: &[Inversion]) {
    let Some(model) = model.filter(|m| !m.hidden.is_empty() && !m.activation.is_onto()) else {
        return;
    };
    for (table, inversion) in root.tables("invert").iter().zip(inversions) {
        let as_it_is =
            |s: &Setting| matches!(s.method, Method::Layered(way) if way.domain == Domain::None);
        if inversion.settings.iter().any(as_it_is) {
            let name = model.activation.name();
            table.fault(
                "method",
                &format!(
                    "is \"layered\", which as it is can only undo hidden activations that take on \
                     every real number (`leaky_relu`, `identity`), not `{name}`: bring values \
                     into its range with `domain = \"clip\"` or `domain = \"rescale\"`"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
