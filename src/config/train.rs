//! `[train]`: loss, optimiser, and how long.

use serde::Serialize;

use super::form::{above_0, label, list, number, one_of, whole, zero_or_above};
use super::reader::Reader;
use super::schema::Schema;
use super::target::{OnOff, read_on_off};

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

/// Reads `[train]`.
pub fn read(table: Reader<'_>) -> Option<Train> {
    let loss = read_loss(&table);
    let optimizer = read_optimizer(&table);
    let learning_rate = table
        .key("learning_rate", above_0(), "Size of a step")
        .required();
    let about = "Penalty on the weights, as scikit-learn defines it";
    let l2 = table.key("l2", zero_or_above(), about).or(0.0);
    let rows = whole("", 1..).text("a whole number of rows, at least 1");
    let batch_size = table.key("batch_size", rows, "Rows per step").required();
    let epochs = whole("", 0..).text("a whole number of epochs, or 0 for an untrained network");
    let epochs = table
        .key("epochs", epochs, "Passes over the training rows")
        .required();
    let labels = read_labels(&table);
    let about = "Outputs to train for, of a squared error [default: { on = 1.0, off = 0.0 }]";
    let targets = read_on_off(&table, "targets", about);
    let ways = one_of([
        ("gradient", Backward::Gradient),
        ("weights", Backward::Weights),
    ]);
    let about = "Way of errors from layer to layer, of a squared error";
    let backward = table.key("backward", ways, about).or(Backward::Gradient);
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
    let losses = [
        Loss::CrossEntropy,
        Loss::BinaryCrossEntropy,
        Loss::SquaredError { scale: 1.0 },
    ];
    let losses = one_of(losses.map(|loss| (loss.name(), loss)));
    let about = "Factor of a squared error [default: 1.0]";
    let scale = table.key("scale", above_0(), about).optional();
    let loss = table
        .key("loss", losses, "Loss that training minimises")
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
            .key("labels", labels, "Labels to train on")
            .or(Labels::True);
    };
    let pair = list("two different labels, such as `[3, 4]`", 2..=2, label(256)).distinct();
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
    let names = one_of([("adam", "adam"), ("sgd", "sgd")]);
    let name = table.key("optimizer", names, "Optimiser").required()?;
    if name == "adam" && momentum.is_some() {
        belongs_to(table, "momentum", "sgd", "adam");
    }
    if name == "sgd" && epsilon.is_some() {
        belongs_to(table, "epsilon", "adam", "sgd");
    }
    // 1e-8 as in the paper and in scikit-learn; burn's own default is 1e-5.
    Some(match name {
        "adam" => Optimizer::Adam {
            epsilon: epsilon.unwrap_or(1e-8),
        },
        _ => Optimizer::Sgd {
            momentum: momentum.unwrap_or(0.0),
        },
    })
}
