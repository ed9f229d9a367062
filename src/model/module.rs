//! The network as burn trains it.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::init::Parameters;
use crate::spec::Activation;

/// Dense layers with an activation between them.
#[derive(Module, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    #[module(skip)]
    activation: Activation,
}

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
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut a = x;
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                a = self.activation.forward(a);
            }
            a = layer.forward(a);
        }
        a
    }

    /// sum(W^2) over the weights of all layers, biases left out.
    ///
    /// # Shapes
    /// `[1]`
    #[must_use]
    pub fn squared_weights(&self) -> Option<Tensor<1>> {
        let squares = |layer: &Linear| layer.weight.val().square().sum();
        self.layers.iter().map(squares).reduce(|a, b| a + b)
    }

    /// Replaces every parameter that has a gradient by what `step` makes of its
    /// number (weight and bias of the first layer, of the second, ...), its
    /// value and its gradient, both flattened and without differentiation.
    ///
    /// # Errors
    /// With the first one of `step`.
    pub fn step(
        &mut self,
        gradients: &mut Gradients,
        step: &mut dyn FnMut(usize, Tensor<1>, Tensor<1>) -> Result<Tensor<1>, String>,
    ) -> Result<(), String> {
        let mut number = 0;
        for layer in &mut self.layers {
            replace(&mut layer.weight, gradients, |v, g| step(number, v, g))?;
            number += 1;
            if let Some(bias) = &mut layer.bias {
                replace(bias, gradients, |v, g| step(number, v, g))?;
                number += 1;
            }
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

fn replace<const D: usize>(
    parameter: &mut Param<Tensor<D>>,
    gradients: &mut Gradients,
    step: impl FnOnce(Tensor<1>, Tensor<1>) -> Result<Tensor<1>, String>,
) -> Result<(), String> {
    let value = parameter.val();
    let Some(gradient) = value.grad_remove(gradients) else {
        return Ok(());
    };
    let shape = value.dims();
    let new = step(value.inner().reshape([-1]), gradient.reshape([-1]))?.reshape(shape);
    *parameter = Param::initialized(parameter.id, Tensor::from_inner(new).require_grad());
    Ok(())
}

/// The elements of a tensor, row-major.
///
/// # Errors
/// If the device cannot give its data back.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, String> {
    let data = tensor.try_into_data().map_err(|e| format!("{e:?}"))?;
    data.try_into_vec().map_err(|e| format!("{e:?}"))
}
