//! `task`: inputs to find.

use serde::Serialize;

use super::form::{one_of, whole};
use super::invert::Inversion;
use super::reader::Reader;
use super::schema::Schema;
use crate::model::Model;

/// Inputs to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// One per class, at which the outputs are the target.
    Target,
    /// One test image per class, from the values that the first layers give it
    /// (Nguyen-Tran: given an output, can the input be recovered?).
    Reconstruct {
        /// Number of layers, each with its activation; the last one of the whole network
        /// gives logits.
        layers: usize,
    },
}

impl Task {
    /// True if the outputs have to be the target.
    pub(super) fn is_target(&self) -> bool {
        *self == Self::Target
    }

    /// True if test images have to be found.
    pub fn reconstructs(self) -> bool {
        !self.is_target()
    }
}

/// Reads `task`, given the model, if that has no faults.
pub fn read(root: &Reader<'_>, model: Option<&Model>) -> Option<Task> {
    let all = model.map_or(1, |model| model.hidden.len() + 1);
    let whole_network = [
        ("target", Task::Target),
        ("reconstruct", Task::Reconstruct { layers: all }),
    ];
    let Some(table) = root.own_table("task") else {
        let about = "Inputs to find. `reconstruct`: one test image per class, drawn per seed, \
             goes through the network, and its outputs are inverted instead of a target; with \
             `{ kind = \"reconstruct\", layers = 1 }` through the first layers only, \
             activation included. `original` is that image; `empirical`, `evolve`, `exemplar`, \
             `random_direction` and margins do not apply [default: target]";
        let tasks = one_of(whole_network).or(Schema::Table);
        let task = root.key("task", tasks, about).optional();
        return task.or((!root.has("task")).then_some(Task::Target));
    };
    let kind = table
        .key("kind", one_of(whole_network), "Inputs to find")
        .required();
    let text = format!("a number of layers from 1 to {all}, all that the network has");
    let is_known = model.is_some();
    let layers = whole("", 1..).where_known(text, move |&n| !is_known || n <= all);
    let about = "Number of first layers to invert [default: all]";
    let layers = table.key("layers", layers, about).optional();
    if kind == Some(Task::Target) && table.has("layers") {
        table.fault("layers", "has no meaning: a target is one of all layers");
    }
    table.finish();
    Some(match (kind?, layers) {
        (Task::Reconstruct { .. }, Some(layers)) => Task::Reconstruct { layers },
        (task, _) => task,
    })
}

/// Checks that the task has a use for the inversions.
pub fn check(root: &Reader<'_>, task: Option<Task>, inversions: &[Inversion]) {
    let Some(task) = task else {
        return;
    };
    let pointless = "has no meaning: a reconstruction asks for what the network makes of an image";
    if task.reconstructs() && root.has("target") {
        root.fault("target", pointless);
    }
    for (table, inversion) in root.tables("invert").iter().zip(inversions) {
        if task.reconstructs() && table.has("target") {
            table.fault("target", pointless);
        }
        let mut settings = inversion.settings.iter();
        if let Some(message) = settings.find_map(|s| s.method.misfit(task)) {
            table.fault("method", message);
        }
    }
}
