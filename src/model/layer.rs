//! A dense layer with its activation, f(x W + b), as one node of burn's autodiff, where
//! tensors make half a dozen.
//!
//! On flex alone, whose numbers are at hand: other devices take [`general`].

use std::borrow::Cow;
use std::sync::Arc;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Tensor, TensorData};

use super::device::is_flex;
use super::ink::InkRows;
use crate::spec::Activation;

/// What a layer gets: `[rows, inputs]`.
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
}

impl From<Tensor<2>> for Input {
    fn from(x: Tensor<2>) -> Self {
        Self::Dense(x)
    }
}

/// f(x W + b).
///
/// # Shapes
/// - W: `[inputs, units]`, b: `[units]`
/// - f(x W + b): `[rows, units]`
pub fn forward(input: Input, layer: &Linear, f: Activation) -> Tensor<2> {
    let w = layer.weight.val();
    let device = w.device();
    if !is_flex(&device) {
        return general(input, layer, f);
    }
    let [_, units] = w.dims();
    let b = layer.bias.as_ref().map(Param::val);
    let b = b.unwrap_or_else(|| Tensor::zeros([units], &device));
    let (w, b) = (w.into_dispatch(), b.into_dispatch());
    Tensor::from_dispatch(match input {
        Input::Dense(x) => Dispatch::dense(x.into_dispatch(), w, b, f),
        Input::Ink(x) => Dispatch::inked(w, b, x, f),
    })
}

/// The same by tensors, on any device.
fn general(input: Input, layer: &Linear, f: Activation) -> Tensor<2> {
    f.forward(layer.forward(match input {
        Input::Dense(x) => x,
        Input::Ink(x) => {
            let data = TensorData::new(x.numbers(), [x.len(), x.features()]);
            Tensor::from_data(data, &layer.weight.val().device())
        }
    }))
}

/// What flex can do beyond burn.
#[backend_extension(Autodiff, Flex)]
trait Layers: Backend {
    /// f(x W + b) of all numbers.
    fn dense(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        f: Activation,
    ) -> FloatTensor<Self>;

    /// The same of what is not black.
    fn inked(
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        x: Arc<InkRows>,
        f: Activation,
    ) -> FloatTensor<Self>;
}

impl Layers for Flex {
    fn dense(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        f: Activation,
    ) -> FloatTensor<Self> {
        let mut z = Self::float_matmul(x, w);
        finish(z.storage_mut(), &lying(&b), f);
        z
    }

    fn inked(
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        x: Arc<InkRows>,
        f: Activation,
    ) -> FloatTensor<Self> {
        let units = w.shape()[1];
        let mut z = x.times(&lying(&w), units);
        finish(&mut z, &lying(&b), f);
        tensor(z, [x.len(), units])
    }
}

impl<C: CheckpointStrategy> Layers for Autodiff<Flex, C> {
    fn dense(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        f: Activation,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (w, w_node), (b, b_node)) =
            (x.into_parts(), w.into_parts(), b.into_parts());
        let a = Flex::dense(x.clone(), w.clone(), b, f);
        let node = Dense.prepare::<C>([x_node, w_node, b_node]);
        match node.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, w, After { a: a.clone(), f }), a),
            OpsKind::UnTracked(prep) => prep.finish(a),
        }
    }

    fn inked(
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        x: Arc<InkRows>,
        f: Activation,
    ) -> FloatTensor<Self> {
        let ((w, w_node), (b, b_node)) = (w.into_parts(), b.into_parts());
        let a = Flex::inked(w, b, Arc::clone(&x), f);
        let node = Inked.prepare::<C>([w_node, b_node]);
        match node.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, After { a: a.clone(), f }), a),
            OpsKind::UnTracked(prep) => prep.finish(a),
        }
    }
}

/// f(x W + b), backwards.
#[derive(Debug)]
struct Dense;

impl Backward<Flex, 3> for Dense {
    type State = (FloatTensor<Flex>, FloatTensor<Flex>, After);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([x_node, w_node, b_node], (x, w, after)) = (ops.parents, ops.state);
        let d = after.before(gradients.consume::<Flex>(&ops.node));
        register(gradients, b_node.map(|node| node.id), || column_sums(&d));
        register(gradients, w_node.map(|node| node.id), || {
            Flex::float_matmul(Flex::float_transpose(x), d.clone())
        });
        register(gradients, x_node.map(|node| node.id), || {
            Flex::float_matmul(d, Flex::float_transpose(w))
        });
    }
}

/// The same of what is not black, which nothing goes back to.
#[derive(Debug)]
struct Inked;

impl Backward<Flex, 2> for Inked {
    type State = (Arc<InkRows>, After);

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([w_node, b_node], (x, after)) = (ops.parents, ops.state);
        let d = after.before(gradients.consume::<Flex>(&ops.node));
        register(gradients, b_node.map(|node| node.id), || column_sums(&d));
        register(gradients, w_node.map(|node| node.id), || {
            let units = d.shape()[1];
            let gradient = x.transposed_times(&lying(&d), units);
            tensor(gradient, [x.features(), units])
        });
    }
}

/// Adds a gradient to what a node has, if it asks for any.
fn register(
    gradients: &mut Gradients,
    node: Option<NodeId>,
    make: impl FnOnce() -> FloatTensor<Flex>,
) {
    if let Some(node) = node {
        gradients.register::<Flex>(node, make());
    }
}

/// What an activation has made.
#[derive(Debug, Clone)]
struct After {
    a: FloatTensor<Flex>,
    f: Activation,
}

impl After {
    /// The gradient before the activation, of that after it: times the slope of f at z,
    /// which is told by f(z).
    fn before(self, gradient: FloatTensor<Flex>) -> FloatTensor<Flex> {
        let (a, g) = (&*lying(&self.a), &*lying(&gradient));
        let d = match self.f {
            Activation::Identity => return gradient,
            Activation::Sigmoid => scaled(g, a, |a| a * (1.0 - a)),
            Activation::Tanh => scaled(g, a, |a| 1.0 - a * a),
            Activation::Relu => scaled(g, a, |a| if a > 0.0 { 1.0 } else { 0.0 }),
            Activation::LeakyRelu { slope } => {
                let slope = slope as f32;
                scaled(g, a, |a| if a < 0.0 { slope } else { 1.0 })
            }
            Activation::Elu => scaled(g, a, |a| if a < 0.0 { a + 1.0 } else { 1.0 }),
            Activation::Softplus => scaled(g, a, |a| -(-a).exp_m1()),
        };
        let [rows, units] = self.a.shape().dims();
        tensor(d, [rows, units])
    }
}

fn scaled(gradient: &[f32], a: &[f32], slope: impl Fn(f32) -> f32) -> Vec<f32> {
    let both = gradient.iter().zip(a);
    both.map(|(g, &a)| g * slope(a)).collect()
}

/// f(z + b) in place.
fn finish(z: &mut [f32], b: &[f32], f: Activation) {
    for row in z.chunks_exact_mut(b.len()) {
        for (z, b) in row.iter_mut().zip(b) {
            *z += b;
        }
    }
    match f {
        Activation::Identity => {}
        Activation::Sigmoid => each(z, |z| 1.0 / (1.0 + (-z).exp())),
        Activation::Tanh => each(z, f32::tanh),
        Activation::Relu => each(z, |z| z.max(0.0)),
        Activation::LeakyRelu { slope } => {
            let slope = slope as f32;
            each(z, |z| if z < 0.0 { slope * z } else { z });
        }
        Activation::Elu => each(z, |z| if z < 0.0 { z.exp_m1() } else { z }),
        Activation::Softplus => each(z, |z| z.max(0.0) + (-z.abs()).exp().ln_1p()),
    }
}

fn each(numbers: &mut [f32], f: impl Fn(f32) -> f32) {
    for number in numbers {
        *number = f(*number);
    }
}

/// Of d: `[rows, units]`, the sums over rows: `[units]`.
fn column_sums(d: &FloatTensor<Flex>) -> FloatTensor<Flex> {
    let units = d.shape()[1];
    let mut sums = vec![0.0; units];
    for row in lying(d).chunks_exact(units) {
        for (sum, d) in sums.iter_mut().zip(row) {
            *sum += d;
        }
    }
    FloatTensor::<Flex>::from_data(TensorData::new(sums, [units]))
}

fn tensor(numbers: Vec<f32>, shape: [usize; 2]) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(numbers, shape))
}

/// Its elements, row-major; where they lie, if they do so.
pub(crate) fn lying(tensor: &FloatTensor<Flex>) -> Cow<'_, [f32]> {
    match tensor.as_slice() {
        Some(numbers) => Cow::Borrowed(numbers),
        None => Cow::Owned(tensor.to_contiguous().storage().to_vec()),
    }
}

#[cfg(test)]
mod tests;
