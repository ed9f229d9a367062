//! The training that a spec describes.

use serde::Serialize;

use super::labels::Labels;
use super::loss::Loss;
use super::optimizer::Optimizer;
use crate::model::{Backward, OnOff};

/// The section `[train]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Train {
    /// Loss to minimise.
    pub loss: Loss,
    /// Optimiser.
    pub optimizer: Optimizer,
    /// Learning rate, above 0.
    pub learning_rate: f64,
    /// Penalty on the weights (not the biases), as scikit-learn defines it: the gradient
    /// of a batch of n rows gains l2 W / n, its loss l2 sum(W^2) / (2 n).
    pub l2: f64,
    /// Rows per step; the last batch of an epoch may be shorter.
    pub batch_size: usize,
    /// Passes over the data; 0 leaves the network untrained.
    pub epochs: usize,
    /// Training labels. Judges, class means and metrics use the true ones.
    #[serde(skip_serializing_if = "Labels::are_true")]
    pub labels: Labels,
    /// Target outputs of a row's class and of the others.
    #[serde(skip_serializing_if = "is_one_hot")]
    pub targets: OnOff,
    /// Rule by which errors go back from layer to layer.
    #[serde(skip_serializing_if = "is_gradient")]
    pub backward: Backward,
}

/// Skips the default in manifests and keys; serde passes a reference.
fn is_one_hot(targets: &OnOff) -> bool {
    *targets == OnOff::ONE_HOT
}

/// Skips the default in manifests and keys; serde passes a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_gradient(backward: &Backward) -> bool {
    *backward == Backward::Gradient
}

impl Train {
    /// Describes what makes the network a control; none if it was trained on the truth.
    pub fn control(&self) -> Option<String> {
        let untrained = (self.epochs == 0).then(|| "untrained".to_owned());
        let labels = self.labels.description();
        let all: Vec<String> = untrained.into_iter().chain(labels).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}
