//! `task`: what inputs are looked for.

use serde::Serialize;

use super::invert::Inversion;
use super::model::Model;
use super::reader::{Reader, choose};
use super::tree::Value;

/// What inputs are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// One a class, at which the outputs are the target.
    Target,
    /// Test images, one of each class, from what the first layers make of them
    /// (Nguyen-Tran: given an output, can the input be had back?).
    Reconstruct {
        /// How many layers, each with its activation; those of the whole network
        /// end in the logits.
        layers: usize,
    },
}

impl Task {
    /// Serde hands a reference.
    pub(super) fn is_target(&self) -> bool {
        *self == Self::Target
    }

    /// True if test images are looked for.
    #[must_use]
    pub fn reconstructs(self) -> bool {
        !self.is_target()
    }
}

/// Reads `task`, with a network of which nothing is known if it has faults.
pub fn read(root: &Reader<'_>, model: Option<&Model>) -> Option<Task> {
    #[derive(Clone, Copy)]
    enum Kind {
        Target,
        Reconstruct,
    }
    let kinds = [("target", Kind::Target), ("reconstruct", Kind::Reconstruct)];
    let Some(node) = root.node("task") else {
        return Some(Task::Target);
    };
    let all = model.map_or(1, |model| model.hidden.len() + 1);
    if !matches!(node.value, Value::Table(_)) {
        return match choose(node, &kinds) {
            Ok(Kind::Target) => Some(Task::Target),
            Ok(Kind::Reconstruct) => Some(Task::Reconstruct { layers: all }),
            Err(message) => {
                root.fault("task", &message);
                None
            }
        };
    }
    let table = root.table("task")?;
    let kind = table.require_choice("kind", &kinds);
    let must_be = format!("a number of layers from 1 to {all}, all that the network has");
    let layers = table.get("layers", &must_be, |v| {
        v.positive().filter(|&n| model.is_none() || n <= all)
    });
    if matches!(kind, Some(Kind::Target)) && table.has("layers") {
        table.fault("layers", "has no meaning: a target is one of all layers");
    }
    table.finish();
    Some(match kind? {
        Kind::Target => Task::Target,
        Kind::Reconstruct => Task::Reconstruct {
            layers: layers.unwrap_or(all),
        },
    })
}

/// Holds that inversions are such as the task has a use for.
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
