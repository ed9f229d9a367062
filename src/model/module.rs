//! The network as burn trains it.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::device::total;
use super::init::Parameters;
use super::layer::{self, Input};
use crate::spec::{Activation, Output};

/// Dense layers with an activation between them; at least one.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    #[module(skip)]
    activation: Activation,
}

/// What becomes of the value of the parameter with a number, by its gradient.
pub type Step<'a> = dyn FnMut(usize, Tensor<1>, Tensor<1>) -> Result<Tensor<1>, String> + 'a;

impl Mlp {
    /// Puts parameters onto a device.
    #[must_use]
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

    /// Logits z of a batch x.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - z: `[rows, outputs]`
    #[must_use]
    pub fn forward(&self, x: impl Into<Input>) -> Tensor<2> {
        let mut a = self.layer(0, x.into());
        for index in 1..self.layers.len() {
            a = self.layer(index, a.into());
        }
        a
    }

    /// What a layer makes of x: logits in the last one, after its activation in others.
    fn layer(&self, index: usize, x: Input) -> Tensor<2> {
        let f = if index + 1 < self.layers.len() {
            self.activation
        } else {
            Activation::Identity
        };
        layer::forward(x, &self.layers[index], f)
    }

    /// Logits and outputs of a batch, from which errors go back by the weights alone:
    /// the slopes of an activation, and of the outputs, count for the weights right
    /// before it and not for what lies further before.
    ///
    /// Each layer is the sum of two that have the same value: one in which only the
    /// parameters can be told to change, minus another that is linear, in which only
    /// the input can be, and which is taken away again without its gradient.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - logits, outputs: `[rows, outputs]`
    #[must_use]
    pub fn forward_by_weights(
        &self,
        x: impl Into<Input>,
        output: Output,
    ) -> (Tensor<2>, Tensor<2>) {
        let last = self.layers.len() - 1;
        let out = |index: usize, a: Tensor<2>| {
            if index < last { a } else { output.forward(a) }
        };
        let mut z = self.layer(0, x.into());
        let mut a = out(0, z.clone());
        for index in 1..=last {
            let linear = a.clone().matmul(self.layers[index].weight.val().detach());
            z = self.layer(index, a.detach().into());
            a = out(index, z.clone()) + (linear.clone() - linear.detach());
        }
        (z, a)
    }

    /// sum(W^2) over the weights of all layers, biases left out.
    ///
    /// # Shapes
    /// `[1]`
    #[must_use]
    pub fn squared_weights(&self) -> Option<Tensor<1>> {
        let squares = |layer: &Linear| total(layer.weight.val().square());
        self.layers.iter().map(squares).reduce(|a, b| a + b)
    }

    /// Replaces every parameter that has a gradient by what `step` makes of its
    /// number (weight and bias of the first layer, of the second, ...), its
    /// value and its gradient, both flattened and without differentiation.
    ///
    /// Values are handed over, not lent: whoever has the only hold of a tensor may
    /// change its numbers where they lie.
    ///
    /// # Errors
    /// With the first one of `step`, after which the network is of no use.
    pub fn step(&mut self, gradients: &mut Gradients, step: &mut Step<'_>) -> Result<(), String> {
        let mut number = 0;
        for Linear { weight, bias } in std::mem::take(&mut self.layers) {
            let weight = replaced(weight, gradients, &mut number, step)?;
            let bias = bias.map(|bias| replaced(bias, gradients, &mut number, step));
            self.layers.push(Linear {
                weight,
                bias: bias.transpose()?,
            });
        }
        Ok(())
    }

    /// The parameters as numbers again.
    ///
    /// # Errors
    /// If the device cannot give its data back.
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

/// The parameter after its step, and the number of the next one.
fn replaced<const D: usize>(
    parameter: Param<Tensor<D>>,
    gradients: &mut Gradients,
    number: &mut usize,
    step: &mut Step<'_>,
) -> Result<Param<Tensor<D>>, String> {
    let own = *number;
    *number += 1;
    let (id, value, _) = parameter.consume();
    let Some(gradient) = value.grad_remove(gradients) else {
        return Ok(Param::initialized(id, value));
    };
    let shape = value.dims();
    let new = step(own, value.inner().reshape([-1]), gradient.reshape([-1]))?;
    let new = Tensor::from_inner(new.reshape(shape)).require_grad();
    Ok(Param::initialized(id, new))
}

/// The elements of a tensor, row-major.
///
/// # Errors
/// If the device cannot give its data back.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, String> {
    let data = tensor.try_into_data().map_err(|e| format!("{e:?}"))?;
    data.try_into_vec().map_err(|e| format!("{e:?}"))
}

/// Lends the elements of a tensor, row-major, where they lie: what matrix products
/// leave cannot become a vector without a copy.
///
/// # Errors
/// If the device cannot give its data back.
pub fn read<const D: usize, T>(
    tensor: Tensor<D>,
    with: impl FnOnce(&[f32]) -> T,
) -> Result<T, String> {
    let data = tensor.try_into_data().map_err(|e| format!("{e:?}"))?;
    let numbers = data.as_slice::<f32>().map_err(|e| format!("{e:?}"))?;
    Ok(with(numbers))
}
