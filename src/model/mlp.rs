//! Multi-layer perceptrons as burn trains them.

mod plain;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::device::is_flex;
use super::init::Parameters;
use super::{Activation, Output};
use crate::kernels::{FusedMlp, Input, LayerShape, Nonlinearity};
use plain::PlainMlp;
pub use plain::updated;

/// Dense layers with an activation between them; at least one layer.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there are few at a time")]
pub enum Mlp {
    /// One node of burn's autodiff, on flex.
    Fused(FusedMlp),
    /// burn's own layers, on any device: the definition that the fused network follows.
    Plain(PlainMlp),
}

/// An update of one parameter tensor: its number, its value and its gradient, both
/// flattened and without differentiation, to its new value.
///
/// The value is passed by ownership: the only owner may change it in place.
pub type Update<'a> = dyn FnMut(usize, Tensor<1>, Tensor<1>) -> Result<Tensor<1>, String> + 'a;

impl Mlp {
    /// Puts parameters onto a device.
    pub fn new(parameters: Vec<Parameters>, activation: Activation, device: &Device) -> Self {
        if is_flex(device) {
            Self::Fused(fused(&parameters, activation, device))
        } else {
            Self::Plain(PlainMlp::new(parameters, activation, device))
        }
    }

    /// Returns the logits z of a batch x.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - z: `[rows, outputs]`
    ///
    /// # Examples
    /// ```
    /// use backquery::model::{Activation, Device, Mlp, Parameters, numbers};
    /// use burn::tensor::Tensor;
    ///
    /// let layer = Parameters {
    ///     inputs: 2,
    ///     outputs: 1,
    ///     weight: vec![3.0, -1.0],
    ///     bias: Some(vec![0.5]),
    /// };
    /// let device = Device::flex();
    /// let mlp = Mlp::new(vec![layer], Activation::Identity, &device);
    /// let x = Tensor::<2>::from_data([[1.0, 2.0]], &device);
    /// assert_eq!(numbers(mlp.forward(x)), Ok(vec![1.5]));
    /// ```
    pub fn forward(&self, x: impl Into<Input>) -> Tensor<2> {
        match self {
            Self::Fused(mlp) => mlp.forward(x.into()),
            Self::Plain(mlp) => mlp.forward(x.into()),
        }
    }

    /// Returns logits and outputs of a batch, for errors that go back by
    /// [`Backward::Weights`](super::Backward::Weights): the derivative of an activation, or
    /// of the outputs, counts for the weights right before it and not for earlier ones.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - logits, outputs: `[rows, outputs]`
    pub fn forward_by_weights(
        &self,
        x: impl Into<Input>,
        output: Output,
    ) -> (Tensor<2>, Tensor<2>) {
        match self {
            Self::Fused(mlp) => {
                let (z, to_earlier) = mlp.forward_twice(x.into());
                let zero = to_earlier.clone() - to_earlier.detach();
                (z.clone(), output.forward(z) + zero)
            }
            Self::Plain(mlp) => mlp.forward_by_weights(x.into(), output),
        }
    }

    /// Returns sum(W^2) over the weights of all layers, without biases: `[1]`.
    pub fn squared_weights(&self) -> Tensor<1> {
        match self {
            Self::Fused(mlp) => mlp.squared_weights(),
            Self::Plain(mlp) => mlp.squared_weights(),
        }
    }

    /// Computes the gradients of a loss, and updates every parameter tensor that it depends
    /// on.
    ///
    /// # Errors
    /// With the first error of `update`, after which the network is unusable.
    pub fn step(&mut self, loss: &Tensor<1>, update: &mut Update<'_>) -> Result<(), String> {
        let gradients = &mut loss.backward();
        match self {
            Self::Fused(mlp) => mlp.step(gradients, |value, gradient| update(0, value, gradient)),
            Self::Plain(mlp) => mlp.step(gradients, update),
        }
    }

    /// Returns the size of each parameter tensor that [`Mlp::step`] updates.
    pub fn sizes(&self) -> Vec<usize> {
        match self {
            Self::Fused(mlp) => vec![mlp.size()],
            Self::Plain(mlp) => mlp.sizes(),
        }
    }

    /// Returns the parameters of each layer.
    ///
    /// # Errors
    /// If the device cannot return its data.
    pub fn parameters(&self) -> Result<Vec<Parameters>, String> {
        match self {
            Self::Fused(mlp) => fused_parameters(mlp),
            Self::Plain(mlp) => mlp.parameters(),
        }
    }

    /// Returns the derivatives of a loss by all parameters, in their shapes.
    ///
    /// # Errors
    /// If the device cannot return its data.
    pub fn gradients(mut self, loss: &Tensor<1>) -> Result<Vec<Parameters>, String> {
        self.step(loss, &mut |_, _, gradient| Ok(gradient))?;
        self.valid().parameters()
    }

    /// Returns the network without differentiation.
    pub fn valid(&self) -> Self {
        match self {
            Self::Fused(mlp) => Self::Fused(mlp.valid()),
            Self::Plain(mlp) => Self::Plain(mlp.valid()),
        }
    }

    /// Returns the network with constant parameters.
    pub fn no_grad(self) -> Self {
        match self {
            Self::Fused(mlp) => Self::Fused(mlp.no_grad()),
            Self::Plain(mlp) => Self::Plain(mlp.no_grad()),
        }
    }
}

/// Puts parameters onto flex as one tensor.
fn fused(parameters: &[Parameters], activation: Activation, device: &Device) -> FusedMlp {
    let shape = |layer: &Parameters| LayerShape {
        inputs: layer.inputs,
        outputs: layer.outputs,
        has_bias: layer.bias.is_some(),
    };
    let shapes: Vec<LayerShape> = parameters.iter().map(shape).collect();
    let mut values = Vec::with_capacity(parameters.iter().flat_map(Parameters::sizes).sum());
    for Parameters { weight, bias, .. } in parameters {
        values.extend_from_slice(weight);
        values.extend_from_slice(bias.as_deref().unwrap_or_default());
    }
    FusedMlp::new(&shapes, values, activation.into(), device)
}

fn fused_parameters(mlp: &FusedMlp) -> Result<Vec<Parameters>, String> {
    let mut values = numbers(mlp.values())?.into_iter();
    let mut take = |count: usize| values.by_ref().take(count).collect::<Vec<f32>>();
    let layer = |shape: LayerShape| Parameters {
        inputs: shape.inputs,
        outputs: shape.outputs,
        weight: take(shape.inputs * shape.outputs),
        bias: shape.has_bias.then(|| take(shape.outputs)),
    };
    Ok(mlp.shapes().map(layer).collect())
}

impl From<Activation> for Nonlinearity {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Identity => Self::Identity,
            Activation::Sigmoid => Self::Sigmoid,
            Activation::Tanh => Self::Tanh,
            Activation::Relu => Self::Relu,
            Activation::LeakyRelu { slope } => Self::LeakyRelu {
                slope: slope as f32,
            },
            Activation::Elu => Self::Elu,
            Activation::Softplus => Self::Softplus,
        }
    }
}

/// Returns the elements of a tensor, row-major.
///
/// # Errors
/// If the device cannot return its data.
///
/// # Examples
/// ```
/// use backquery::model::{Device, numbers};
/// use burn::tensor::Tensor;
///
/// let tensor = Tensor::<2>::from_data([[1.0, 2.0], [3.0, 4.0]], &Device::flex());
/// assert_eq!(numbers(tensor.transpose()), Ok(vec![1.0, 3.0, 2.0, 4.0]));
/// ```
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, String> {
    let data = tensor.try_into_data().map_err(|e| format!("{e:?}"))?;
    data.try_into_vec().map_err(|e| format!("{e:?}"))
}

/// Lends the elements of a tensor, row-major. Results of matrix products cannot become a
/// vector without a copy.
///
/// # Errors
/// If the device cannot return its data.
///
/// # Examples
/// ```
/// use backquery::model::{Device, read};
/// use burn::tensor::Tensor;
///
/// let tensor = Tensor::<1>::from_data([1.0, 2.5], &Device::flex());
/// assert_eq!(read(tensor, |numbers| numbers.iter().sum::<f32>()), Ok(3.5));
/// ```
pub fn read<const D: usize, T>(
    tensor: Tensor<D>,
    with: impl FnOnce(&[f32]) -> T,
) -> Result<T, String> {
    let data = tensor.try_into_data().map_err(|e| format!("{e:?}"))?;
    let numbers = data.as_slice::<f32>().map_err(|e| format!("{e:?}"))?;
    Ok(with(numbers))
}

#[cfg(test)]
mod tests;
