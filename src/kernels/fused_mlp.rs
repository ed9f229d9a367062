//! A multi-layer perceptron whose parameters are one tensor and whose forward pass is one
//! node of burn's autodiff, on flex. With a leaf per weight matrix and bias and half a
//! dozen nodes per layer, the bookkeeping of autodiff takes as long as the arithmetic of a
//! small network.

mod node;
mod row_descent;

use std::ops::Range;
use std::sync::Arc;

use burn::tensor::{Device, Gradients, Tensor, TensorData, s};

use super::layer::Nonlinearity;
use super::simd::dispatch;
use super::sparse::SparseRows;
pub use node::ErrorRule;
use node::PassPlan;
use row_descent::RowDescent;
pub use row_descent::{RowSteps, SingleLoss, StepResults};

/// Rows of inputs: `[rows, inputs]`.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one per batch")]
pub enum Input {
    /// Dense rows, on any device.
    Dense(Tensor<2>),
    /// Sparse rows of pixels, on flex.
    Sparse(Arc<SparseRows>),
}

impl Input {
    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Dense(x) => x.dims()[0],
            Self::Sparse(x) => x.len(),
        }
    }

    /// Converts the rows to dense rows on a device.
    pub fn into_dense(self, device: &Device) -> Tensor<2> {
        match self {
            Self::Dense(x) => x,
            Self::Sparse(x) => {
                let data = TensorData::new(x.to_dense(), [x.len(), x.features()]);
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

/// Sizes of a dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerShape {
    /// Units before the layer.
    pub inputs: usize,
    /// Units of the layer.
    pub outputs: usize,
    /// True if the layer adds biases.
    pub has_bias: bool,
}

/// A network as one tensor of parameters.
#[derive(Debug, Clone)]
pub struct FusedMlp {
    /// Weights of the first layer, row-major, its biases, weights of the second layer, ...
    values: Tensor<1>,
    layout: Arc<Layout>,
}

/// Meaning of the numbers of a network.
#[derive(Debug)]
struct Layout {
    /// At least one layer.
    layers: Vec<LayerSlices>,
    /// Number of parameters.
    size: usize,
    /// Applied after every layer but the last.
    nonlinearity: Nonlinearity,
}

/// Ranges of a layer among the parameters.
#[derive(Debug)]
struct LayerSlices {
    inputs: usize,
    outputs: usize,
    weights: Range<usize>,
    /// Empty without biases.
    biases: Range<usize>,
}

impl Layout {
    fn new(shapes: &[LayerShape], nonlinearity: Nonlinearity) -> Self {
        let (mut layers, mut size) = (Vec::new(), 0);
        for &LayerShape {
            inputs,
            outputs,
            has_bias,
        } in shapes
        {
            let mut next = |count: usize| {
                size += count;
                size - count..size
            };
            layers.push(LayerSlices {
                inputs,
                outputs,
                weights: next(inputs * outputs),
                biases: next(if has_bias { outputs } else { 0 }),
            });
        }
        Self {
            layers,
            size,
            nonlinearity,
        }
    }

    /// Returns the function applied after the layer with this number.
    fn nonlinearity(&self, layer: usize) -> Nonlinearity {
        if layer + 1 < self.layers.len() {
            self.nonlinearity
        } else {
            Nonlinearity::Identity
        }
    }
}

impl FusedMlp {
    /// Puts a network onto flex. Layers follow one another in `values`, each as its weights,
    /// row-major, and then its biases.
    pub fn new(
        shapes: &[LayerShape],
        values: Vec<f32>,
        nonlinearity: Nonlinearity,
        device: &Device,
    ) -> Self {
        let layout = Layout::new(shapes, nonlinearity);
        let values = Tensor::from_data(TensorData::new(values, [layout.size]), device);
        Self {
            values: if device.is_autodiff() {
                values.require_grad()
            } else {
                values
            },
            layout: Arc::new(layout),
        }
    }

    /// Returns the logits of some rows.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - logits: `[rows, outputs]`
    pub fn forward(&self, x: Input) -> Tensor<2> {
        self.pass(x, ErrorRule::Gradient)
    }

    /// Returns the logits of some rows twice. The weights of the last layer take the
    /// gradient of the first copy; errors of the second copy go back to the layers before
    /// it, through the weights alone and not the derivatives of nonlinearities.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - logits: `[rows, outputs]`
    pub fn forward_twice(&self, x: Input) -> (Tensor<2>, Tensor<2>) {
        let both = self.pass(x, ErrorRule::Weights);
        let outputs = both.dims()[1] / 2;
        let first = both.clone().slice(s![.., ..outputs]);
        (first, both.slice(s![.., outputs..]))
    }

    fn pass(&self, x: Input, rule: ErrorRule) -> Tensor<2> {
        let layout = Arc::clone(&self.layout);
        node::forward(x, self.values.clone(), PassPlan { layout, rule })
    }

    /// Returns sum(W^2) over the weights of all layers: `[1]`.
    pub fn squared_weights(&self) -> Tensor<1> {
        node::squares(self.values.clone(), Arc::clone(&self.layout))
    }

    /// Replaces the parameters by what `step` returns for their values and gradient, both
    /// `[size]` and without differentiation. `step` owns the only reference to the values
    /// and may change them in place.
    ///
    /// # Errors
    /// With the error of `step`, after which the network is unusable.
    pub fn step(
        &mut self,
        gradients: &mut Gradients,
        step: impl FnOnce(Tensor<1>, Tensor<1>) -> Result<Tensor<1>, String>,
    ) -> Result<(), String> {
        let Some(gradient) = self.values.grad_remove(gradients) else {
            return Ok(());
        };
        let empty = Tensor::empty([0], &self.values.device());
        let values = std::mem::replace(&mut self.values, empty);
        let new = step(values.inner(), gradient)?;
        self.values = Tensor::from_inner(new).require_grad();
        Ok(())
    }

    /// Takes a step of plain descent per row, in the order of the rows. Returns logits and
    /// losses of the rows, each just before its step.
    ///
    /// # Shapes
    /// - x: `[rows, inputs]`
    /// - t: `[rows, outputs]`, targets, row-major
    ///
    /// # Errors
    /// If the parameters cannot be read, after which the network is unusable.
    pub fn descend(
        &mut self,
        x: &SparseRows,
        t: &[f32],
        steps: RowSteps,
    ) -> Result<StepResults, String> {
        let device = self.values.device();
        let empty = Tensor::empty([0], &device);
        let values = std::mem::replace(&mut self.values, empty).inner();
        let data = values.try_into_data().map_err(|e| format!("{e:?}"))?;
        let mut values: Vec<f32> = data.try_into_vec().map_err(|e| format!("{e:?}"))?;
        let results = dispatch(RowDescent {
            values: &mut values,
            layout: &self.layout,
            x,
            t,
            steps,
        });
        let data = TensorData::new(values, [self.layout.size]);
        self.values = Tensor::from_data(data, &device).require_grad();
        Ok(results)
    }

    /// Returns the number of parameters.
    pub fn size(&self) -> usize {
        self.layout.size
    }

    /// Returns the shapes of the layers.
    pub fn shapes(&self) -> impl Iterator<Item = LayerShape> {
        self.layout.layers.iter().map(|layer| LayerShape {
            inputs: layer.inputs,
            outputs: layer.outputs,
            has_bias: !layer.biases.is_empty(),
        })
    }

    /// Returns all parameters, in the order of [`FusedMlp::new`]: `[size]`.
    pub fn values(&self) -> Tensor<1> {
        self.values.clone()
    }

    /// Returns the network without differentiation.
    pub fn valid(&self) -> Self {
        Self {
            values: self.values.clone().inner(),
            layout: Arc::clone(&self.layout),
        }
    }

    /// Returns the network with constant parameters.
    pub fn no_grad(self) -> Self {
        Self {
            values: self.values.set_require_grad(false),
            ..self
        }
    }
}
