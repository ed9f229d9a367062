//! The network as burn trains it.

mod flat;
mod layers;

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::device::is_flex;
use super::init::Parameters;
use super::ink::InkRows;
use crate::model::{Activation, Backward, Output};
pub use flat::Flat;
pub(crate) use flat::lying;
pub use layers::Layers;

/// What a network gets: `[rows, inputs]`.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one a batch")]
pub enum Input {
    /// All numbers, on any device.
    Dense(Tensor<2>),
    /// Pixels by what is not black, on flex.
    Ink(Arc<InkRows>),
}

impl Input {
    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Dense(x) => x.dims()[0],
            Self::Ink(x) => x.len(),
        }
    }

    /// All numbers of them, on a device.
    fn dense(self, device: &Device) -> Tensor<2> {
        match self {
            Self::Dense(x) => x,
            Self::Ink(x) => {
                let data = TensorData::new(x.numbers(), [x.len(), x.features()]);
                Tensor::from_data(data, device)
            }
        }
    }
}

impl From<Tensor<2>> for Input {
    fn from(x: Tensor<2>) -> Self {
        Self::Dense(x)
    }
}

/// Dense layers with an activation between them; at least one.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there are few at a time")]
pub enum Mlp {
    /// As one node of burn's autodiff, on flex.
    Flat(Flat),
    /// As burn has them, on any device.
    Layers(Layers),
}

/// What becomes of the value of the tensor of parameters with a number, by its gradient.
///
/// Values are handed over, not lent: whoever has the only hold of a tensor may change its
/// numbers where they lie.
pub type Step<'a> = dyn FnMut(usize, Tensor<1>, Tensor<1>) -> Result<Tensor<1>, String> + 'a;

impl Mlp {
    /// Puts parameters onto a device.
    #[must_use]
    pub fn new(parameters: Vec<Parameters>, activation: Activation, device: &Device) -> Self {
        if is_flex(device) {
            Self::Flat(Flat::new(&parameters, activation, device))
        } else {
            Self::Layers(Layers::new(parameters, activation, device))
        }
    }

    /// Logits z of a batch x.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - z: `[rows, outputs]`
    #[must_use]
    pub fn forward(&self, x: impl Into<Input>) -> Tensor<2> {
        match self {
            Self::Flat(flat) => flat.forward(x.into(), Backward::Gradient),
            Self::Layers(layers) => layers.forward(x.into()),
        }
    }

    /// Logits and outputs of a batch, from which errors go back by the weights alone:
    /// the slopes of an activation, and of the outputs, count for the weights right
    /// before it and not for what lies further before.
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
        match self {
            Self::Flat(flat) => flat.forward_by_weights(x.into(), output),
            Self::Layers(layers) => layers.forward_by_weights(x.into(), output),
        }
    }

    /// sum(W^2) over the weights of all layers, biases left out.
    ///
    /// # Shapes
    /// `[1]`
    #[must_use]
    pub fn squared_weights(&self) -> Tensor<1> {
        match self {
            Self::Flat(flat) => flat.squared_weights(),
            Self::Layers(layers) => layers.squared_weights(),
        }
    }

    /// Goes back from a loss, and replaces every tensor of parameters that it depends on by
    /// what `step` makes of its number, its value and its gradient, both flattened and
    /// without differentiation.
    ///
    /// # Errors
    /// With the first one of `step`, after which the network is of no use.
    pub fn step(&mut self, loss: &Tensor<1>, step: &mut Step<'_>) -> Result<(), String> {
        let gradients = &mut loss.backward();
        match self {
            Self::Flat(flat) => flat.step(gradients, step),
            Self::Layers(layers) => layers.step(gradients, step),
        }
    }

    /// How many numbers each tensor has that [`Mlp::step`] tells of.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        match self {
            Self::Flat(flat) => vec![flat.size()],
            Self::Layers(layers) => layers.sizes(),
        }
    }

    /// The parameters as numbers again.
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn parameters(&self) -> Result<Vec<Parameters>, String> {
        match self {
            Self::Flat(flat) => flat.parameters(),
            Self::Layers(layers) => layers.parameters(),
        }
    }

    /// The derivatives of a loss by all parameters, in the shape of these.
    ///
    /// # Errors
    /// If the device cannot give its data back.
    pub fn gradients(mut self, loss: &Tensor<1>) -> Result<Vec<Parameters>, String> {
        self.step(loss, &mut |_, _, gradient| Ok(gradient))?;
        self.valid().parameters()
    }

    /// The same without differentiation.
    #[must_use]
    pub fn valid(&self) -> Self {
        match self {
            Self::Flat(flat) => Self::Flat(flat.valid()),
            Self::Layers(layers) => Self::Layers(layers.valid()),
        }
    }

    /// The same with parameters that nothing is differentiated by.
    #[must_use]
    pub fn no_grad(self) -> Self {
        match self {
            Self::Flat(flat) => Self::Flat(flat.no_grad()),
            Self::Layers(layers) => Self::Layers(layers.no_grad()),
        }
    }
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
