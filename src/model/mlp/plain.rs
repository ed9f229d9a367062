//! A multi-layer perceptron of burn's own layers, on any device.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::{Update, numbers};
use crate::kernels::Input;
use crate::model::{Activation, Output, Parameters, total};

/// The network that [`Mlp`](super::Mlp) documents.
#[derive(Module, Debug)]
pub struct PlainMlp {
    layers: Vec<Linear>,
    #[module(skip)]
    activation: Activation,
}

impl PlainMlp {
    pub fn new(parameters: Vec<Parameters>, activation: Activation, device: &Device) -> Self {
        let layer = |p: Parameters| Linear {
            weight: Param::from_data(TensorData::new(p.weight, [p.inputs, p.outputs]), device),
            bias: p
                .bias
                .map(|bias| Param::from_data(TensorData::new(bias, [p.outputs]), device)),
        };
        Self {
            layers: parameters.into_iter().map(layer).collect(),
            activation,
        }
    }

    pub fn forward(&self, x: Input) -> Tensor<2> {
        let x = self.dense(x);
        (0..self.layers.len()).fold(x, |a, index| self.layer(index, a))
    }

    fn dense(&self, x: Input) -> Tensor<2> {
        x.into_dense(&self.layers[0].weight.device())
    }

    /// Returns the outputs of a layer: activations, in the last layer logits.
    fn layer(&self, index: usize, x: Tensor<2>) -> Tensor<2> {
        let z = self.layers[index].forward(x);
        if index + 1 < self.layers.len() {
            self.activation.forward(z)
        } else {
            z
        }
    }

    /// Adds to each layer, which takes a gradient in its parameters alone, a linear layer
    /// of value 0, which takes one in its input alone.
    pub fn forward_by_weights(&self, x: Input, output: Output) -> (Tensor<2>, Tensor<2>) {
        let last = self.layers.len() - 1;
        let out = |index: usize, a: Tensor<2>| {
            if index < last { a } else { output.forward(a) }
        };
        let mut z = self.layer(0, self.dense(x));
        let mut a = out(0, z.clone());
        for index in 1..=last {
            let linear = a.clone().matmul(self.layers[index].weight.val().detach());
            z = self.layer(index, a.detach());
            a = out(index, z.clone()) + (linear.clone() - linear.detach());
        }
        (z, a)
    }

    pub fn squared_weights(&self) -> Tensor<1> {
        let squares = |layer: &Linear| total(layer.weight.val().square());
        let (first, others) = self.layers.split_at(1);
        let others = others.iter().map(squares);
        others.fold(squares(&first[0]), |sum, squares| sum + squares)
    }

    /// Numbers the tensors: weight and bias of the first layer, of the second, ...
    pub fn step(
        &mut self,
        gradients: &mut Gradients,
        update: &mut Update<'_>,
    ) -> Result<(), String> {
        let mut number = 0;
        for Linear { weight, bias } in std::mem::take(&mut self.layers) {
            let weight = updated(weight, gradients, &mut number, update)?;
            let bias = bias.map(|bias| updated(bias, gradients, &mut number, update));
            self.layers.push(Linear {
                weight,
                bias: bias.transpose()?,
            });
        }
        Ok(())
    }

    pub fn sizes(&self) -> Vec<usize> {
        let layers = self.layers.iter();
        let both = layers.map(|Linear { weight, bias }| {
            let bias = bias.as_ref().map(|bias| bias.shape().num_elements());
            [Some(weight.shape().num_elements()), bias]
        });
        both.flatten().flatten().collect()
    }

    pub fn parameters(&self) -> Result<Vec<Parameters>, String> {
        let layer = |linear: &Linear| {
            let [inputs, outputs] = linear.weight.dims();
            let bias = linear.bias.as_ref().map(|bias| numbers(bias.val()));
            Ok(Parameters {
                inputs,
                outputs,
                weight: numbers(linear.weight.val())?,
                bias: bias.transpose()?,
            })
        };
        self.layers.iter().map(layer).collect()
    }
}

/// Returns the updated parameter, and advances the number to that of the next one.
///
/// # Errors
/// If `update` fails.
pub fn updated<const D: usize>(
    parameter: Param<Tensor<D>>,
    gradients: &mut Gradients,
    number: &mut usize,
    update: &mut Update<'_>,
) -> Result<Param<Tensor<D>>, String> {
    let own = *number;
    *number += 1;
    let (id, value, _) = parameter.consume();
    let Some(gradient) = value.grad_remove(gradients) else {
        return Ok(Param::initialized(id, value));
    };
    let shape = value.dims();
    let new = update(own, value.inner().reshape([-1]), gradient.reshape([-1]))?;
    let new = Tensor::from_inner(new.reshape(shape)).require_grad();
    Ok(Param::initialized(id, new))
}
