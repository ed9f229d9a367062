//! What a spec may say.
//!
//! A spec is one TOML file: what to train, how to invert it, what to draw. It
//! is read in two steps: `tree` turns the text into values that know their
//! place, and each section below reads its table into a checked type. The
//! checked types are all the rest of the program sees.

mod data;
mod fault;
mod figure;
mod invert;
mod model;
mod reader;
mod target;
mod train;
mod tree;
mod verify;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

pub use data::{Data, DataSource, PerClass, PixelRange, StandIn};
pub use fault::SpecError;
pub use figure::{Figure, FigureKind, ImageScale};
pub use invert::{Bias, Cut, Filter, Filtered, Inversion, LayerInverse, Method, Percentile, Score};
pub use model::{Activation, Init, Model, Output, Spread};
pub use target::{OnOff, Target};
pub use train::{Loss, Optimizer, Train};
pub use verify::{FIGURES, Tolerance, Tolerances, default_tolerance};

use crate::io::{self, IoError};
use fault::Faults;
use reader::Reader;
use tree::{Node, Place, Value};

/// One experiment, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spec {
    /// What the experiment is, in one line.
    pub title: String,
    /// Which text it reproduces, and where in it.
    pub source: Option<String>,
    /// One replicate is run for each.
    pub seeds: Vec<u64>,
    /// `[data]`
    pub data: Data,
    /// `[model]`
    pub model: Model,
    /// `[train]`
    pub train: Train,
    /// What the outputs should be; present if anything is inverted.
    pub target: Option<Target>,
    /// `[[invert]]`, in the order of the file.
    #[serde(rename = "invert")]
    pub inversions: Vec<Inversion>,
    /// `[[figure]]`, in the order of the file.
    #[serde(rename = "figure")]
    pub figures: Vec<Figure>,
    /// `[verify]`: tolerances other than the usual ones.
    #[serde(rename = "verify")]
    pub tolerances: Tolerances,
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
    /// Reads a spec file with `key=value` overrides laid over it.
    ///
    /// # Errors
    /// If the file cannot be read, or with all its faults if it has any.
    pub fn load(path: &Path, sets: &[String]) -> Result<Self, LoadError> {
        let text = io::read_to_string(path)?;
        Ok(Self::parse(&path.display().to_string(), &text, sets)?)
    }

    /// How far the numbers of this name may be apart on two machines.
    #[must_use]
    pub fn tolerance(&self, name: &str) -> Tolerance {
        let set = self.tolerances.get(name).copied();
        set.unwrap_or_else(|| default_tolerance(name))
    }

    /// Reads the text of a spec; `file` is the name that faults carry.
    ///
    /// # Errors
    /// With all faults of the text and the overrides.
    pub fn parse(file: &str, text: &str, sets: &[String]) -> Result<Self, SpecError> {
        let faults = Faults::default();
        let spec = tree_with_sets(text, sets, &faults).and_then(|tree| read(&tree, &faults));
        match spec {
            Some(spec) if faults.is_empty() => Ok(spec),
            _ => Err(faults.into_error(file, text, sets)),
        }
    }
}

fn tree_with_sets(text: &str, sets: &[String], faults: &Faults) -> Option<Node> {
    let mut tree = match tree::parse(text) {
        Ok(tree) => tree,
        Err(found) => {
            for (place, message) in found {
                faults.add(place, message);
            }
            return None;
        }
    };
    for (index, set) in sets.iter().enumerate() {
        if let Err(message) = tree::set(&mut tree, set, index) {
            faults.add(Place::Set(index), message);
        }
    }
    Some(tree)
}

fn read(tree: &Node, faults: &Faults) -> Option<Spec> {
    let root = Reader::new(tree, "", faults)?;
    let title = root.require("title", "a line of text", |v| v.text().map(str::to_owned));
    let source = root.get("source", "a line of text", |v| v.text().map(str::to_owned));
    let seeds = root.get("seeds", SEEDS, seeds);
    let data = root.require_table("data").and_then(data::read);
    let model = root.require_table("model").and_then(model::read);
    let train = root.require_table("train").and_then(train::read);
    let target = root.table("target").and_then(target::read);
    let inversions = invert::read(&root);
    let figures = figure::read(&root, &inversions);
    let tolerances = root.table("verify").map(verify::read);
    check_loss_fits_output(&root, model.as_ref(), train.as_ref());
    check_target(&root, target.as_ref(), &inversions);
    check_outputs(&root, data.as_ref(), model.as_ref(), target.as_ref());
    check_inverses_exist(&root, model.as_ref(), &inversions);
    root.finish();
    Some(Spec {
        title: title?,
        source,
        seeds: seeds.unwrap_or_else(|| vec![0]),
        data: data?,
        model: model?,
        train: train?,
        target,
        inversions,
        figures,
        tolerances: tolerances.unwrap_or_default(),
    })
}

const SEEDS: &str = "a number of replicates (1 to 1000) or a list of different seeds";

fn seeds(node: &Node) -> Option<Vec<u64>> {
    match &node.value {
        Value::Integer(n @ 1..=1000) => Some((0..n.unsigned_abs()).collect()),
        Value::Array(_) => {
            let seeds = node.list(Node::count)?;
            all_different(&seeds).then_some(seeds)
        }
        _ => None,
    }
}

/// True if there is at least one item and no two are equal.
fn all_different<T: Ord>(items: &[T]) -> bool {
    let distinct: BTreeSet<&T> = items.iter().collect();
    !items.is_empty() && distinct.len() == items.len()
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

fn check_target(root: &Reader<'_>, target: Option<&Target>, inversions: &[Inversion]) {
    if target.is_none() && !root.has("target") && !inversions.is_empty() {
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
    model: Option<&Model>,
    target: Option<&Target>,
) {
    let (Some(data), Some(model), Some(Target::Outputs(outputs))) = (data, model, target) else {
        return;
    };
    let Some(table) = root.table("target") else {
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
/// every real number.
fn check_inverses_exist(root: &Reader<'_>, model: Option<&Model>, inversions: &[Inversion]) {
    let Some(model) = model.filter(|m| !m.hidden.is_empty() && !m.activation.is_onto()) else {
        return;
    };
    for (table, inversion) in root.tables("invert").iter().zip(inversions) {
        if matches!(inversion.method, Method::Layered { .. }) {
            let name = model.activation.name();
            table.fault(
                "method",
                &format!(
                    "is \"layered\", which can only undo hidden activations that take on every \
                     real number (`leaky_relu`, `identity`), not `{name}`"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
