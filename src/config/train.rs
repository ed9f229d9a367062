//! `[train]`: loss, optimiser, and how long.

use super::form::{self, above_0, number, one_of, whole, zero_or_above};
use super::reader::Reader;
use super::schema::Schema;
use super::target::read_on_off;
use crate::model::{Backward, OnOff};
use crate::train::{Labels, Loss, Optimizer, Train};

/// Reads `[train]`.
pub fn read(table: Reader<'_>) -> Option<Train> {
    let loss = read_loss(&table);
    let optimizer = read_optimizer(&table);
    let learning_rate = table
        .key("learning_rate", above_0(), "Size of a step")
        .required();
    let about = "Penalty on the squared weights, as scikit-learn defines it";
    let l2 = table.key("l2", zero_or_above(), about).or(0.0);
    let rows = whole("", 1..).text("a whole number of rows, at least 1");
    let batch_size = table.key("batch_size", rows, "Rows per step").required();
    let epochs = whole("", 0..).text("a whole number of epochs, or 0 for an untrained network");
    let epochs = table
        .key(
            "epochs",
            epochs,
            "Passes over the training rows; 0 leaves the network untrained, \
             and every output names it as a control",
        )
        .required();
    let labels = read_labels(&table);
    let about = "Outputs to train for, of a squared error: for the class and for the others \
         [default: { on = 1.0, off = 0.0 }]";
    let targets = read_on_off(&table, "targets", about);
    let rules = one_of(Backward::ALL.map(|rule| (rule.name(), rule)));
    let about = "Backward pass of errors from layer to layer, for `squared_error`. `weights` \
         leaves out the derivatives of activations and outputs, as Rashid does, which is the \
         gradient of no loss";
    let backward = table.key("backward", rules, about).or(Backward::Gradient);
    check_squared(&table, loss, backward);
    table.finish();
    Some(Train {
        loss: loss?,
        optimizer: optimizer?,
        learning_rate: learning_rate?,
        l2,
        batch_size: batch_size?,
        epochs: epochs?,
        labels,
        targets: targets.unwrap_or(OnOff::ONE_HOT),
        backward,
    })
}

/// Checks that keys of squared errors are not set for cross entropies, which are of
/// probabilities and have slopes of their own.
fn check_squared(table: &Reader<'_>, loss: Option<Loss>, backward: Backward) {
    let Some(loss @ (Loss::CrossEntropy | Loss::BinaryCrossEntropy)) = loss else {
        return;
    };
    if table.has("targets") {
        belongs_to(table, "targets", "squared_error", loss.name());
    }
    if backward == Backward::Weights {
        belongs_to(table, "backward", "squared_error", loss.name());
    }
}

/// Reports a key that another choice does not have.
fn belongs_to(table: &Reader<'_>, key: &str, owner: &str, chosen: &str) {
    table.fault(key, &format!("belongs to `{owner}`, not `{chosen}`"));
}

fn read_loss(table: &Reader<'_>) -> Option<Loss> {
    let losses = one_of(Loss::ALL.map(|loss| (loss.name(), loss)));
    let about = "Factor of a squared error [default: 1.0]";
    let scale = table.key("scale", above_0(), about).optional();
    let loss = table
        .key(
            "loss",
            losses,
            "Loss that training minimises: a sum over outputs, a mean over \
             rows",
        )
        .required()?;
    match (loss, scale) {
        (Loss::SquaredError { .. }, Some(scale)) => Some(Loss::SquaredError { scale }),
        (Loss::CrossEntropy | Loss::BinaryCrossEntropy, Some(_)) => {
            belongs_to(table, "scale", "squared_error", loss.name());
            None
        }
        (loss, None) => Some(loss),
    }
}

/// Reads `labels = "shuffled"`, or `labels = { swap = [3, 4] }`.
fn read_labels(table: &Reader<'_>) -> Labels {
    let Some(own) = table.own_table("labels") else {
        let labels = one_of([("true", Labels::True), ("shuffled", Labels::Shuffled)]);
        let labels = labels.or(Schema::Table).hint("or `{ swap = [3, 4] }`");
        return table
            .key(
                "labels",
                labels,
                "Labels to train on: the true ones, shuffled ones, or `{ \
                 swap = [3, 4] }`, as a control that every output names. Training accuracy is \
                 by these labels; test accuracy, class means and judges are by the true ones",
            )
            .or(Labels::True);
    };
    let pair = form::labels("two different labels, such as `[3, 4]`", 2..=2);
    let pair = own
        .key("swap", pair, "Two labels that are swapped")
        .required();
    own.finish();
    pair.map_or(Labels::True, |pair| Labels::Swap([pair[0], pair[1]]))
}

fn read_optimizer(table: &Reader<'_>) -> Option<Optimizer> {
    let about = "Bound on the steps of `adam` where gradients vanish [default: 1e-8]";
    let epsilon = table.key("epsilon", above_0(), about).optional();
    let fraction = number("a number from 0 to below 1", 0.0..1.0);
    let about = "Fraction of the last step that `sgd` repeats [default: 0.0]";
    let momentum = table.key("momentum", fraction, about).optional();
    let optimizers = one_of(Optimizer::ALL.map(|optimizer| (optimizer.name(), optimizer)));
    let optimizer = table.key("optimizer", optimizers, "Optimiser").required()?;
    Some(match optimizer {
        Optimizer::Adam { epsilon: default } => {
            if momentum.is_some() {
                belongs_to(table, "momentum", "sgd", "adam");
            }
            Optimizer::Adam {
                epsilon: epsilon.unwrap_or(default),
            }
        }
        Optimizer::Sgd { momentum: default } => {
            if epsilon.is_some() {
                belongs_to(table, "epsilon", "adam", "sgd");
            }
            Optimizer::Sgd {
                momentum: momentum.unwrap_or(default),
            }
        }
    })
}
