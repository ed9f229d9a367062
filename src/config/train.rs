//! `[train]`: loss, optimiser, and how long.

use serde::Serialize;

use super::reader::{Reader, choose};
use super::target::{OnOff, read_on_off};
use super::tree::{ABOVE_0, Node, Value, ZERO_OR_ABOVE};

/// The section `[train]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Train {
    /// What is made small.
    pub loss: Loss,
    /// How a gradient becomes a step.
    pub optimizer: Optimizer,
    /// The size of a step, above 0.
    pub learning_rate: f64,
    /// Penalty on the weights (not the biases), as scikit-learn defines it: the
    /// gradient of a batch of n rows gains l2 W / n, its loss l2 sum(W^2) / (2 n).
    pub l2: f64,
    /// Rows a step; the last batch of an epoch may be shorter.
    pub batch_size: usize,
    /// Passes over the data; none leaves the network as it was drawn.
    pub epochs: usize,
    /// What the network is told of the training rows. Judges, class means and
    /// metrics know the truth.
    #[serde(skip_serializing_if = "Labels::are_true")]
    pub labels: Labels,
    /// What the outputs should be, of a row's class and of the others.
    #[serde(skip_serializing_if = "is_one_hot")]
    pub targets: OnOff,
    /// How errors go back from layer to layer.
    #[serde(skip_serializing_if = "Backward::is_gradient")]
    pub backward: Backward,
}

/// Serde hands a reference.
fn is_one_hot(targets: &OnOff) -> bool {
    *targets == OnOff::ONE_HOT
}

/// How errors go back from layer to layer. Whatever they are, a layer's own weights
/// change by them, times the slope of its activation, times its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Backward {
    /// Times the slope of the activation, times the weights: the gradient of the loss.
    Gradient,
    /// Times the weights alone, as Rashid shares errors out. It is the gradient of no
    /// loss, but where slopes are alike it points about the same way.
    Weights,
}

impl Backward {
    /// Serde hands a reference.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    fn is_gradient(&self) -> bool {
        *self == Self::Gradient
    }
}

/// Which labels of the training rows a network is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// Their own.
    True,
    /// Theirs in another order.
    Shuffled,
    /// Of rows with one of these two the other one.
    Swap([u8; 2]),
}

impl Labels {
    /// Serde hands a reference.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    fn are_true(&self) -> bool {
        *self == Self::True
    }

    /// For each of these classes the position of the one whose rows it is told for.
    #[must_use]
    pub fn permuted(self, classes: &[u8]) -> Vec<usize> {
        let mut positions: Vec<usize> = (0..classes.len()).collect();
        if let Self::Swap(pair) = self {
            let places = pair.map(|label| classes.iter().position(|class| *class == label));
            if let [Some(one), Some(other)] = places {
                positions.swap(one, other);
            }
        }
        positions
    }

    /// How they differ from the truth, if they do.
    fn told(self) -> Option<String> {
        match self {
            Self::True => None,
            Self::Shuffled => Some("training labels shuffled".to_owned()),
            Self::Swap([a, b]) => Some(format!("training labels {a} and {b} swapped")),
        }
    }
}

impl Train {
    /// What makes the network a control; nothing of one that was taught the truth.
    #[must_use]
    pub fn control(&self) -> Option<String> {
        let untrained = (self.epochs == 0).then(|| "untrained".to_owned());
        let all: Vec<String> = untrained.into_iter().chain(self.labels.told()).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// What training makes small: the mean over the rows of a batch of a sum over
/// the outputs. t is one-hot, unless
/// [`Train::targets`] says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Loss {
    /// -ln `y_t` of softmax outputs
    CrossEntropy,
    /// -`sum_k` (`t_k` ln `y_k` + (1 - `t_k`) ln(1 - `y_k`)) of logistic outputs
    BinaryCrossEntropy,
    /// scale `sum_k` (`t_k` - `y_k)^2`
    SquaredError {
        /// Above 0: 1/2 for the usual gradient t - y, 1 for the plain sum.
        scale: f64,
    },
}

impl Loss {
    /// The name a spec gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross_entropy",
            Self::BinaryCrossEntropy => "binary_cross_entropy",
            Self::SquaredError { .. } => "squared_error",
        }
    }
}

/// How a gradient becomes a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Optimizer {
    /// Kingma and Ba 2015, with decay rates 0.9 and 0.999.
    Adam {
        /// Keeps the step finite where gradients vanish; above 0.
        epsilon: f64,
    },
    /// v = momentum v + gradient; a step of -`learning_rate` v.
    Sgd {
        /// From 0, none, to below 1.
        momentum: f64,
    },
}

pub fn read(table: Reader<'_>) -> Option<Train> {
    let loss = read_loss(&table);
    let optimizer = read_optimizer(&table);
    let learning_rate = table.require("learning_rate", ABOVE_0, Node::above_0);
    let l2 = table.get("l2", ZERO_OR_ABOVE, Node::zero_or_above);
    let batch_size = table.require("batch_size", "a whole number of rows, at least 1", |v| {
        v.positive()
    });
    let must_be = "a whole number of epochs, or 0 for an untrained network";
    let epochs = table.require("epochs", must_be, |v| usize::try_from(v.count()?).ok());
    let labels = read_labels(&table);
    let targets = read_on_off(
        &table,
        "targets",
        "Outputs to train for, of a squared error",
    );
    let ways = [
        ("gradient", Backward::Gradient),
        ("weights", Backward::Weights),
    ];
    let backward = table.choice("backward", &ways);
    check_squared(&table, loss, backward);
    table.finish();
    Some(Train {
        loss: loss?,
        optimizer: optimizer?,
        learning_rate: learning_rate?,
        l2: l2.unwrap_or(0.0),
        batch_size: batch_size?,
        epochs: epochs?,
        labels: labels.unwrap_or(Labels::True),
        targets: targets.unwrap_or(OnOff::ONE_HOT),
        backward: backward.unwrap_or(Backward::Gradient),
    })
}

/// Cross entropies are of probabilities, and their slopes are part of them.
fn check_squared(table: &Reader<'_>, loss: Option<Loss>, backward: Option<Backward>) {
    let Some(loss @ (Loss::CrossEntropy | Loss::BinaryCrossEntropy)) = loss else {
        return;
    };
    let message = format!("belongs to `squared_error`, not `{}`", loss.name());
    if table.has("targets") {
        table.fault("targets", &message);
    }
    if backward == Some(Backward::Weights) {
        table.fault("backward", &message);
    }
}

fn read_loss(table: &Reader<'_>) -> Option<Loss> {
    let losses = [
        Loss::CrossEntropy,
        Loss::BinaryCrossEntropy,
        Loss::SquaredError { scale: 1.0 },
    ];
    let options = losses.map(|loss| (loss.name(), loss));
    let scale = table.get("scale", ABOVE_0, Node::above_0);
    match (table.require_choice("loss", &options)?, scale) {
        (Loss::SquaredError { .. }, Some(scale)) => Some(Loss::SquaredError { scale }),
        (loss, Some(_)) => {
            let message = format!("belongs to `squared_error`, not `{}`", loss.name());
            table.fault("scale", &message);
            None
        }
        (loss, None) => Some(loss),
    }
}

/// `labels = "shuffled"`, or `labels = { swap = [3, 4] }`.
fn read_labels(table: &Reader<'_>) -> Option<Labels> {
    let node = table.node("labels")?;
    match node.value {
        // What `--set train.labels=true` is read as.
        Value::Bool(true) => Some(Labels::True),
        Value::Table(_) => {
            let table = table.table("labels")?;
            let swap = table.require("swap", "two different labels, such as `[3, 4]`", pair);
            table.finish();
            swap.map(Labels::Swap)
        }
        _ => {
            let options = [("true", Labels::True), ("shuffled", Labels::Shuffled)];
            let chosen = choose(node, &options);
            let fault = |message| format!("{message} (or `{{ swap = [3, 4] }}`)");
            let chosen = chosen.map_err(|message| table.fault("labels", &fault(message)));
            chosen.ok()
        }
    }
}

fn pair(node: &Node) -> Option<[u8; 2]> {
    let labels = node.list(|label| u8::try_from(label.count()?).ok())?;
    let pair: [u8; 2] = labels.try_into().ok()?;
    (pair[0] != pair[1]).then_some(pair)
}

fn read_optimizer(table: &Reader<'_>) -> Option<Optimizer> {
    // 1e-8 as in the paper and in scikit-learn; burn's own default is 1e-5.
    let options = [
        ("adam", Optimizer::Adam { epsilon: 1e-8 }),
        ("sgd", Optimizer::Sgd { momentum: 0.0 }),
    ];
    let epsilon = table.get("epsilon", ABOVE_0, Node::above_0);
    let momentum = table.get("momentum", "a number from 0 to below 1", |v| {
        v.number_where(|x| (0.0..1.0).contains(&x))
    });
    let optimizer = table.require_choice("optimizer", &options)?;
    match optimizer {
        Optimizer::Adam { .. } if momentum.is_some() => {
            table.fault("momentum", "belongs to `sgd`, not `adam`");
        }
        Optimizer::Sgd { .. } if epsilon.is_some() => {
            table.fault("epsilon", "belongs to `adam`, not `sgd`");
        }
        _ => {}
    }
    Some(match optimizer {
        Optimizer::Adam { epsilon: default } => Optimizer::Adam {
            epsilon: epsilon.unwrap_or(default),
        },
        Optimizer::Sgd { momentum: default } => Optimizer::Sgd {
            momentum: momentum.unwrap_or(default),
        },
    })
}
