//! Differences between the replicates of a spec: the draws that depend on the seed.

use super::invert::Setting;
use super::spec::Spec;
use crate::model::{Init, Model};
use crate::train::Labels;

impl Spec {
    /// Describes what varies between replicates: "initial weights and order of rows". Every
    /// summary of several replicates shows it.
    ///
    /// `epoch_rows` is the number of rows that an epoch passes over, if it is known. A batch
    /// of all of them has no order, which then changes nothing but the rounding.
    pub fn varies(&self, epoch_rows: Option<usize>) -> String {
        let trains = self.train.epochs > 0;
        let rows = epoch_rows.or_else(|| self.data.epoch_rows());
        let has_order = trains && rows.is_none_or(|rows| self.train.batch_size < rows);
        let has_choice = trains && self.data.draws_rows();
        let has_labels = self.train.labels == Labels::Shuffled;
        let settings = self.inversions.iter().flat_map(|one| &one.settings);
        let is_random = |setting: &Setting| setting.method.is_random();
        let others = [
            has_labels.then_some("training labels"),
            self.task.reconstructs().then_some("images to reconstruct"),
            settings
                .clone()
                .any(is_random)
                .then_some("random inversions"),
        ];
        let others: Vec<&str> = others.into_iter().flatten().collect();
        // "order and choice of rows", if nothing follows.
        let order = if has_choice && others.is_empty() {
            "order"
        } else {
            "order of rows"
        };
        let all = [
            drawn(&self.model),
            has_order.then_some(order),
            has_choice.then_some("choice of rows"),
        ];
        let all: Vec<&str> = all.into_iter().flatten().chain(others).collect();
        match &all[..] {
            [] => "nothing".to_owned(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}

/// Returns the parameters that are drawn before training, if any.
fn drawn(model: &Model) -> Option<&'static str> {
    let is_drawn = |init: Init| init != Init::Zeros;
    if is_drawn(model.init) {
        Some("initial weights")
    } else {
        model
            .bias_init
            .is_some_and(is_drawn)
            .then_some("initial biases")
    }
}
