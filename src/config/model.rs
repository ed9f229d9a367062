//! `[model]`: the layers, their activation, how outputs follow from logits,
//! and what the weights are before training.

use super::form::{above_0, flag, list, one_of, whole};
use super::reader::Reader;
use super::schema::Schema;
use super::tree::Node;
use crate::model::{Activation, Init, InitStd, Model, Output};

/// Highest number of hidden layers, and of nodes of one: larger ones are typing errors.
const MAX_LAYERS: usize = 100;
const MAX_WIDTH: usize = 100_000;

/// Reads `[model]`.
pub fn read(table: Reader<'_>) -> Option<Model> {
    let text = format!(
        "a list of at most {MAX_LAYERS} layer sizes, each from 1 to {MAX_WIDTH} (`[]` for none)"
    );
    let sizes = list(text, 0..=MAX_LAYERS, whole("", 1..=MAX_WIDTH));
    let hidden = table
        .key(
            "hidden",
            sizes,
            "Units of each hidden layer; at most 50,000,000 weights in all",
        )
        .or(Vec::new());
    let randomise_last = read_randomised(&table, &hidden);
    let activation = read_activation(&table, !hidden.is_empty());
    let outputs = one_of(Output::ALL.map(|output| (output.name(), output)));
    let output = table
        .key("output", outputs, "Activation of the outputs")
        .required();
    let init = read_init(
        &table,
        "init",
        "Distribution of the weights before training; `{ kind = \"normal\", std = 1.0 }`, or \
             `std = \"fan_in\"`",
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
        randomise_last,
        hidden,
        activation: activation?,
        output: output?,
        init: init.unwrap_or(Init::GlorotUniform),
        bias_init: has_biases.then_some(bias_init.unwrap_or(Init::Zeros)),
    })
}

/// Reads the number of last layers to shuffle: none, or up to all of them.
fn read_randomised(table: &Reader<'_>, hidden: &[usize]) -> usize {
    let layers = whole("a number of layers", 0..=MAX_LAYERS + 1);
    let about = "Number of last layers whose trained weights and biases are shuffled, each \
         layer's among themselves, as a control that every output names (cascading \
         randomisation, Adebayo et al. 2018). The training, with its accuracy log, is shared \
         with the spec without the key; inverses and metrics are of the shuffled network, \
         companions are not shuffled";
    let last = table.key("randomise_last", layers, about).or(0);
    let there = hidden.len() + 1;
    // Faulty sizes of hidden layers read as none.
    let is_known = !hidden.is_empty() || table.node("hidden").is_none_or(is_empty_list);
    if last > there && is_known {
        let layers = if there == 1 { "layer" } else { "layers" };
        let message = format!("is {last}, but the network has {there} {layers}: lower it");
        table.fault("randomise_last", &message);
    }
    last
}

fn is_empty_list(node: &Node) -> bool {
    node.items().is_some_and(<[Node]>::is_empty)
}

/// Reads the activation. Without hidden layers there is nothing to activate, but it may be
/// set, so that a layer can be added by one key.
fn read_activation(table: &Reader<'_>, is_required: bool) -> Option<Activation> {
    let about = "Slope of `leaky_relu` below 0 [default: 0.01]";
    let slope = table.key("slope", above_0(), about).optional();
    let activations = one_of(Activation::ALL.map(|f| (f.name(), f)));
    let activation = table.key("activation", activations, "Activation of the hidden layers");
    let activation = if is_required {
        activation.required()?
    } else {
        let chosen = activation.optional();
        if chosen.is_none() && table.has("activation") {
            return None;
        }
        chosen.unwrap_or(Activation::Identity)
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
    let inits = || one_of(Init::ALL.map(|init| (init.name(), init)));
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
        let stds = one_of([("fan_in", InitStd::FanIn)]).or_else(above_0().map(InitStd::Fixed));
        let stds = stds.text("a number above 0, from 1e-37 to 1e38, or \"fan_in\"");
        *std = own.key("std", stds, "Standard deviation").required()?;
    }
    own.finish();
    init
}
