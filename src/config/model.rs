//! `[model]`: the layers, their activation, how outputs follow from logits,
//! and what the weights are before training.

use serde::Serialize;

use super::form::{above_0, flag, list, one_of, whole};
use super::reader::Reader;
use super::schema::Schema;

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

/// Highest number of hidden layers, and of nodes of one: larger ones are typing errors.
const MAX_LAYERS: usize = 100;
const MAX_WIDTH: usize = 100_000;

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

/// Reads `[model]`.
pub fn read(table: Reader<'_>) -> Option<Model> {
    let text = format!(
        "a list of at most {MAX_LAYERS} layer sizes, each from 1 to {MAX_WIDTH} (`[]` for none)"
    );
    let sizes = list(text, 0..=MAX_LAYERS, whole("", 1..=MAX_WIDTH));
    let hidden = table
        .key("hidden", sizes, "Sizes of the hidden layers")
        .or(Vec::new());
    let activation = read_activation(&table, !hidden.is_empty());
    let outputs = one_of(Output::ALL.map(|output| (output.name(), output)));
    let output = table
        .key("output", outputs, "Activation of the outputs")
        .required();
    let init = read_init(
        &table,
        "init",
        "Distribution of the weights before training",
    );
    let about = "Distribution of the biases before training [default: zeros]";
    let bias_init = read_init(&table, "bias_init", about);
    let has_biases = table
        .key("bias", flag(), "Whether layers have biases")
        .or(true);
    if !has_biases && table.has("bias_init") {
        table.fault("bias_init", "has no use: `bias = false` leaves biases out");
    }
    table.finish();
    Some(Model {
        hidden,
        activation: activation?,
        output: output?,
        init: init.unwrap_or(Init::GlorotUniform),
        bias_init: has_biases.then_some(bias_init.unwrap_or(Init::Zeros)),
    })
}

/// Reads the activation. Without hidden layers there is nothing to activate, but it may be
/// set, so that a layer can be added by one key.
fn read_activation(table: &Reader<'_>, is_required: bool) -> Option<Activation> {
    let about = "Slope of `leaky_relu` below 0 [default: 0.01]";
    let slope = table.key("slope", above_0(), about).optional();
    let activations = one_of(Activation::ALL.map(|f| (f.name(), f)));
    let activation = table.key("activation", activations, "Activation of the hidden layers");
    let activation = if is_required || table.has("activation") {
        activation.required()?
    } else {
        activation.optional();
        Activation::Identity
    };
    match (activation, slope) {
        (Activation::LeakyRelu { .. }, Some(slope)) => Some(Activation::LeakyRelu { slope }),
        (other, Some(_)) => {
            let message = format!("belongs to `leaky_relu`, not `{}`", other.name());
            table.fault("slope", &message);
            None
        }
        (activation, None) => Some(activation),
    }
}

/// Reads `init = "glorot_uniform"`, or `init = { kind = "normal", std = 1.0 }`.
fn read_init(table: &Reader<'_>, key: &'static str, about: &'static str) -> Option<Init> {
    let inits = || {
        one_of([
            ("glorot_uniform", Init::GlorotUniform),
            ("he_normal", Init::HeNormal),
            ("zeros", Init::Zeros),
            ("normal", Init::Normal { std: Spread::FanIn }),
        ])
    };
    let Some(own) = table.own_table(key) else {
        let init = table
            .key(key, inits().or(Schema::Table), about)
            .optional()?;
        let is_complete = !matches!(init, Init::Normal { .. });
        if !is_complete {
            let message = "needs a standard deviation: `{ kind = \"normal\", std = 1.0 }`, \
                           or `std = \"fan_in\"` for 1 / sqrt(fan_in)";
            table.fault(key, message);
        }
        return is_complete.then_some(init);
    };
    let mut init = own.key("kind", inits(), "Kind of distribution").required();
    if let Some(Init::Normal { std }) = &mut init {
        let stds = one_of([("fan_in", Spread::FanIn)]).or_else(above_0().map(Spread::Fixed));
        let stds = stds.text("a number above 0, from 1e-37 to 1e38, or \"fan_in\"");
        *std = own.key("std", stds, "Standard deviation").required()?;
    }
    own.finish();
    init
}
