//! A network whose parameters are one tensor, and which is one node of burn's autodiff.
//! With a leaf for every weight and bias and half a dozen nodes for every layer, keeping
//! the books takes as long as the arithmetic of a small network.
//!
//! On flex alone, whose numbers are at hand.

mod layer;
mod node;

use std::ops::Range;
use std::sync::Arc;

use burn::tensor::{Device, Gradients, Tensor, TensorData, s};

pub(crate) use self::layer::lying;
use super::{Input, Step, numbers};
use crate::model::{Activation, Backward, Output, Parameters};

/// See [`Mlp`](super::Mlp), which says what its methods do.
#[derive(Debug, Clone)]
pub struct Flat {
    /// The weights of the first layer, row-major, its biases, the weights of the second, ...
    values: Tensor<1>,
    plan: Arc<Plan>,
}

/// What the numbers of a network are.
#[derive(Debug)]
struct Plan {
    /// Of each layer, at least one.
    places: Vec<Place>,
    /// All numbers.
    size: usize,
    /// Between layers.
    activation: Activation,
}

/// Where a layer is among them.
#[derive(Debug)]
struct Place {
    inputs: usize,
    outputs: usize,
    weights: Range<usize>,
    /// Empty if there are none.
    biases: Range<usize>,
}

impl Plan {
    fn new(parameters: &[Parameters], activation: Activation) -> Self {
        let (mut places, mut size) = (Vec::new(), 0);
        for layer in parameters {
            let mut next = |numbers: usize| {
                size += numbers;
                size - numbers..size
            };
            places.push(Place {
                inputs: layer.inputs,
                outputs: layer.outputs,
                weights: next(layer.weight.len()),
                biases: next(layer.bias.as_ref().map_or(0, Vec::len)),
            });
        }
        Self {
            places,
            size,
            activation,
        }
    }

    /// What follows the layer with this number.
    fn activation(&self, layer: usize) -> Activation {
        if layer + 1 < self.places.len() {
            self.activation
        } else {
            Activation::Identity
        }
    }
}

impl Flat {
    pub fn new(parameters: &[Parameters], activation: Activation, device: &Device) -> Self {
        let plan = Plan::new(parameters, activation);
        let mut values = Vec::with_capacity(plan.size);
        for Parameters { weight, bias, .. } in parameters {
            values.extend_from_slice(weight);
            values.extend_from_slice(bias.as_deref().unwrap_or_default());
        }
        let values = Tensor::from_data(TensorData::new(values, [plan.size]), device);
        Self {
            values: if device.is_autodiff() {
                values.require_grad()
            } else {
                values
            },
            plan: Arc::new(plan),
        }
    }

    pub fn forward(&self, x: Input, rule: Backward) -> Tensor<2> {
        node::forward(x, self.values.clone(), Arc::clone(&self.plan), rule)
    }

    /// The node gives the logits twice: of errors that come back to the first ones the
    /// weights of the last layer take the gradient, those that come back to the second
    /// ones go on to the layers before it.
    pub fn forward_by_weights(&self, x: Input, output: Output) -> (Tensor<2>, Tensor<2>) {
        let twice = self.forward(x, Backward::Weights);
        let outputs = twice.dims()[1] / 2;
        let z = twice.clone().slice(s![.., ..outputs]);
        let on = twice.slice(s![.., outputs..]);
        let y = output.forward(z.clone()) + (on.clone() - on.detach());
        (z, y)
    }

    pub fn squared_weights(&self) -> Tensor<1> {
        node::squares(self.values.clone(), Arc::clone(&self.plan))
    }

    /// All parameters are the tensor number 0.
    pub fn step(&mut self, gradients: &mut Gradients, step: &mut Step<'_>) -> Result<(), String> {
        let Some(gradient) = self.values.grad_remove(gradients) else {
            return Ok(());
        };
        // The optimiser gets the only hold of them, to change them where they lie.
        let nothing = Tensor::empty([0], &self.values.device());
        let values = std::mem::replace(&mut self.values, nothing);
        let new = step(0, values.inner(), gradient)?;
        self.values = Tensor::from_inner(new).require_grad();
        Ok(())
    }

    pub fn size(&self) -> usize {
        self.plan.size
    }

    pub fn parameters(&self) -> Result<Vec<Parameters>, String> {
        let values = numbers(self.values.clone())?;
        let take = |range: &Range<usize>| values[range.clone()].to_vec();
        let layer = |place: &Place| Parameters {
            inputs: place.inputs,
            outputs: place.outputs,
            weight: take(&place.weights),
            bias: (!place.biases.is_empty()).then(|| take(&place.biases)),
        };
        Ok(self.plan.places.iter().map(layer).collect())
    }

    pub fn valid(&self) -> Self {
        Self {
            values: self.values.clone().inner(),
            plan: Arc::clone(&self.plan),
        }
    }

    pub fn no_grad(self) -> Self {
        Self {
            values: self.values.set_require_grad(false),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
