//! `[model]`: the layers, their activation, how outputs follow from logits,
//! and what the weights are before training.

use serde::Serialize;

use super::reader::{Reader, choose};
use super::tree::{ABOVE_0, Node, Value};

/// The section `[model]`: a stack of dense layers a' = f(a W + b).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    /// Nodes of each hidden layer; empty for a single-layer perceptron.
    pub hidden: Vec<usize>,
    /// What follows each hidden layer.
    pub activation: Activation,
    /// What follows the last layer.
    pub output: Output,
    /// Distribution of the weights before training.
    pub init: Init,
    /// Distribution of the biases before training; without it there are none.
    pub bias_init: Option<Init>,
}

/// The activation f of hidden layers, element by element.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Activation {
    /// f(x) = x
    Identity,
    /// f(x) = 1 / (1 + exp(-x))
    Sigmoid,
    /// f(x) = tanh x
    Tanh,
    /// f(x) = max(x, 0)
    Relu,
    /// f(x) = x if x >= 0, otherwise slope x
    LeakyRelu {
        /// Above 0.
        slope: f64,
    },
    /// f(x) = x if x >= 0, otherwise exp(x) - 1
    Elu,
    /// f(x) = ln(1 + exp(x))
    Softplus,
}

impl Activation {
    /// All of them, with the slope that `leaky_relu` has unless told otherwise.
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu { slope: 0.01 },
        Self::Elu,
        Self::Softplus,
    ];

    /// The name a spec gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu => "elu",
            Self::Softplus => "softplus",
        }
    }

    /// The ends between which f takes on every value exactly once, and neither end;
    /// infinite where there is none.
    #[must_use]
    pub fn range(self) -> (f64, f64) {
        const NO_END: f64 = f64::INFINITY;
        match self {
            Self::Identity | Self::LeakyRelu { .. } => (-NO_END, NO_END),
            Self::Sigmoid => (0.0, 1.0),
            Self::Tanh => (-1.0, 1.0),
            Self::Relu | Self::Softplus => (0.0, NO_END),
            Self::Elu => (-1.0, NO_END),
        }
    }

    /// True if f takes on every real number exactly once.
    #[must_use]
    pub fn is_onto(self) -> bool {
        self.range() == (f64::NEG_INFINITY, f64::INFINITY)
    }
}

/// How the outputs y follow from the logits z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// `y_k` = `exp(z_k)` / `sum_j` `exp(z_j)`
    Softmax,
    /// `y_k` = 1 / (1 + exp(-z_k))
    Logistic,
    /// y = z
    Linear,
}

impl Output {
    const ALL: [Self; 3] = [Self::Softmax, Self::Logistic, Self::Linear];

    /// The name a spec gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Softmax => "softmax",
            Self::Logistic => "logistic",
            Self::Linear => "linear",
        }
    }
}

/// A distribution of initial weights. `fan_in` and `fan_out` are the nodes
/// before and behind the layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Init {
    /// Uniform within +-sqrt(6 / (`fan_in` + `fan_out`)) (Glorot and Bengio 2010).
    GlorotUniform,
    /// Normal with variance 2 / `fan_in` (He et al. 2015).
    HeNormal,
    /// Normal around 0.
    Normal {
        /// Its standard deviation.
        std: Spread,
    },
    /// All zero.
    Zeros,
}

/// The standard deviation of a normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// This number.
    Fixed(f64),
    /// 1 / `sqrt(fan_in)`.
    FanIn,
}

/// Wider layers are typing errors.
const WIDEST: usize = 100_000;

/// More weights would need more memory than the machines this is for have:
/// training keeps about six numbers for each.
pub const MOST_WEIGHTS: usize = 50_000_000;

impl Model {
    /// The number of weights up to the last hidden layer for images of so many
    /// pixels, if that is more than can be trained.
    #[must_use]
    pub fn too_many_weights(&self, pixels: usize) -> Option<usize> {
        let sizes: Vec<usize> = [pixels].iter().chain(&self.hidden).copied().collect();
        let weights: usize = sizes.windows(2).map(|pair| pair[0] * pair[1]).sum();
        (weights > MOST_WEIGHTS).then_some(weights)
    }
}

pub fn read(table: Reader<'_>) -> Option<Model> {
    let hidden = table.get(
        "hidden",
        "a list of at most 100 layer sizes, each from 1 to 100000 (`[]` for none)",
        |v| {
            v.list(|v| v.positive().filter(|&n| n <= WIDEST))
                .filter(|sizes| sizes.len() <= 100)
        },
    );
    let hidden = hidden.unwrap_or_default();
    let activation = read_activation(&table, !hidden.is_empty());
    let output = table.require_choice("output", &Output::ALL.map(|y| (y.name(), y)));
    let init = read_init(&table, "init").unwrap_or(Init::GlorotUniform);
    let bias_init = read_init(&table, "bias_init").unwrap_or(Init::Zeros);
    let biases = table.get("bias", "true or false", Node::flag);
    let biases = biases.unwrap_or(true);
    if !biases && table.has("bias_init") {
        table.fault("bias_init", "has no use: `bias = false` leaves biases out");
    }
    table.finish();
    Some(Model {
        hidden,
        activation: activation?,
        output: output?,
        init,
        bias_init: biases.then_some(bias_init),
    })
}

fn read_activation(table: &Reader<'_>, needed: bool) -> Option<Activation> {
    let slope = table.get("slope", ABOVE_0, Node::above_0);
    let options = Activation::ALL.map(|f| (f.name(), f));
    let activation = if needed {
        table.require_choice("activation", &options)
    } else {
        // Without hidden layers nothing is activated; the key may still be
        // there, for the day somebody adds a layer.
        let chosen = table.choice("activation", &options);
        chosen.or_else(|| (!table.has("activation")).then_some(Activation::Identity))
    };
    match (activation?, slope) {
        (Activation::LeakyRelu { .. }, Some(slope)) => Some(Activation::LeakyRelu { slope }),
        (other, Some(_)) => {
            table.fault(
                "slope",
                &format!("belongs to `leaky_relu`, not `{}`", other.name()),
            );
            None
        }
        (activation, None) => Some(activation),
    }
}

const INITS: [(&str, Init); 4] = [
    ("glorot_uniform", Init::GlorotUniform),
    ("he_normal", Init::HeNormal),
    ("zeros", Init::Zeros),
    ("normal", Init::Normal { std: Spread::FanIn }),
];

/// `init = "glorot_uniform"`, or `init = { kind = "normal", std = 1.0 }`.
fn read_init(table: &Reader<'_>, key: &'static str) -> Option<Init> {
    let node = table.node(key)?;
    if !matches!(node.value, Value::Table(_)) {
        let named = choose(node, &INITS).and_then(named_init);
        return named.map_err(|message| table.fault(key, &message)).ok();
    }
    let table = table.table(key)?;
    let init = match table.require_choice("kind", &INITS)? {
        Init::Normal { .. } => {
            let std = table.require("std", &format!("{ABOVE_0}, or \"fan_in\""), spread);
            std.map(|std| Init::Normal { std })
        }
        other => Some(other),
    };
    table.finish();
    init
}

/// A name alone does for all but the normal distribution.
fn named_init(init: Init) -> Result<Init, String> {
    match init {
        Init::Normal { .. } => Err("needs a standard deviation: \
             `{ kind = \"normal\", std = 1.0 }`, or `std = \"fan_in\"` for 1 / sqrt(fan_in)"
            .to_owned()),
        init => Ok(init),
    }
}

fn spread(node: &Node) -> Option<Spread> {
    if node.text() == Some("fan_in") {
        return Some(Spread::FanIn);
    }
    node.above_0().map(Spread::Fixed)
}
