//! Checks of the sections of a spec against each other.

use super::data::Data;
use super::invert::{Inversion, Setting};
use super::reader::Reader;
use super::task::Task;
use crate::data::Label;
use crate::invert::{Domain, Method};
use crate::model::{Model, Output, Target};
use crate::train::{Labels, Train};

/// Sections that depend on each other; none where they have faults of their own.
pub struct Sections {
    pub data: Option<Data>,
    pub model: Option<Model>,
    pub train: Option<Train>,
    pub task: Option<Task>,
    pub target: Option<Target>,
    pub inversions: Vec<Inversion>,
}

impl Sections {
    /// Reports sections that do not fit each other.
    pub fn check(&self, root: &Reader<'_>) {
        if let (Some(model), Some(train)) = (&self.model, &self.train) {
            check_loss(root, model, train);
        }
        if let (Some(data), Some(train)) = (&self.data, &self.train) {
            check_swapped(root, data, train);
        }
        if self.task.is_some_and(|task| !task.reconstructs()) {
            check_target(root, self.target.as_ref(), &self.inversions);
            if let Some(model) = &self.model {
                check_inverses_exist(root, model, &self.inversions);
            }
        }
        if let (Some(data), Some(model)) = (&self.data, &self.model) {
            self.check_outputs(root, data, model);
        }
        if let Some(model) = &self.model {
            check_probabilities(root, model, &self.inversions);
        }
    }

    fn check_outputs(&self, root: &Reader<'_>, data: &Data, model: &Model) {
        if let (Some(table), Some(target)) = (root.table("target"), &self.target) {
            check_reachable(&table, data, model, target);
        }
        for (table, inversion) in root.tables("invert").iter().zip(&self.inversions) {
            let own = table.table("target");
            for target in inversion.settings.iter().filter_map(|s| s.target.as_ref()) {
                check_reachable(own.as_ref().unwrap_or(table), data, model, target);
            }
        }
    }
}

/// Returns what is wrong with labels that are not all among the classes.
pub fn unknown_labels(labels: &[Label], classes: &[Label]) -> Option<String> {
    let unknown: Vec<&Label> = labels
        .iter()
        .filter(|label| !classes.contains(label))
        .collect();
    let message = || format!("names {unknown:?}, but `data.classes` is {classes:?}");
    (!unknown.is_empty()).then(message)
}

/// Checks that the loss is defined on outputs of this kind.
fn check_loss(root: &Reader<'_>, model: &Model, train: &Train) {
    let Some(needs) = train.loss.required_output() else {
        return;
    };
    if let Some(table) = root.table("train").filter(|_| model.output != needs) {
        let (loss, needs) = (train.loss.name(), needs.name());
        let message = format!("is \"{loss}\", which needs `model.output = \"{needs}\"`");
        table.fault("loss", &message);
    }
}

/// Checks that labels that are swapped are among the classes.
fn check_swapped(root: &Reader<'_>, data: &Data, train: &Train) {
    let Labels::Swap(pair) = train.labels else {
        return;
    };
    let labels = root.table("train").and_then(|table| table.table("labels"));
    if let (Some(table), Some(message)) = (labels, unknown_labels(&pair, &data.classes)) {
        table.fault("swap", &message);
    }
}

/// Checks that there is a target for every inversion.
fn check_target(root: &Reader<'_>, target: Option<&Target>, inversions: &[Inversion]) {
    let mut settings = inversions.iter().flat_map(|inversion| &inversion.settings);
    let needs_target = settings.any(|setting| setting.target.is_none());
    if target.is_none() && !root.has("target") && needs_target {
        root.fault(
            "target",
            "is missing: `[[invert]]` needs to know what the outputs should be, \
             such as `logits = { on = 10.0, off = -10.0 }`",
        );
    }
}

/// Checks that hidden activations have an inverse for every value, or a domain that values
/// are mapped into: a layered inverse asks each for any value.
fn check_inverses_exist(root: &Reader<'_>, model: &Model, inversions: &[Inversion]) {
    if model.hidden.is_empty() || model.activation.is_onto() {
        return;
    }
    let has_no_domain =
        |s: &Setting| matches!(s.method, Method::Layered(way) if way.domain == Domain::None);
    for (table, inversion) in root.tables("invert").iter().zip(inversions) {
        if inversion.settings.iter().any(has_no_domain) {
            let name = model.activation.name();
            let message = format!(
                "is \"layered\", which by itself inverts only hidden activations that take on \
                 every real number (`leaky_relu`, `identity`), not `{name}`: map values \
                 into its range with `domain = \"clip\"` or `domain = \"rescale\"`"
            );
            table.fault("method", &message);
        }
    }
}

/// Checks that a method that looks for a probability has outputs that are some.
fn check_probabilities(root: &Reader<'_>, model: &Model, inversions: &[Inversion]) {
    if model.output != Output::Linear {
        return;
    }
    let needs_them = |setting: &Setting| matches!(setting.method, Method::RandomDirection(_));
    for (table, inversion) in root.tables("invert").iter().zip(inversions) {
        if inversion.settings.iter().any(needs_them) {
            let message = "is \"random_direction\", which reaches a probability, and linear outputs \
                           are none: take `model.output = \"softmax\"` or `\"logistic\"`";
            table.fault("method", message);
        }
    }
}

/// Checks that the network can give outputs that are asked for.
fn check_reachable(table: &Reader<'_>, data: &Data, model: &Model, target: &Target) {
    let Target::Outputs(outputs) = target else {
        return;
    };
    let inside = |y: f64| y > 0.0 && y < 1.0;
    let name = model.output.name();
    let classes = data.classes.len();
    let sum = outputs.on + (classes - 1) as f64 * outputs.off;
    if model.output != Output::Linear && !(inside(outputs.on) && inside(outputs.off)) {
        let message = format!("must lie between 0 and 1: {name} outputs reach neither end");
        table.fault("outputs", &message);
    } else if model.output == Output::Softmax && (sum - 1.0).abs() > 1e-6 {
        let message =
            format!("must sum to 1 over the {classes} classes, as {name} does, not {sum}");
        table.fault("outputs", &message);
    }
}
