//! Autodiff nodes: the forward pass of a network, and the sum of its squared weights.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor, TensorData};

use super::{Input, LayerSlices, Layout};
use crate::kernels::host::{host_slice, matrix};
use crate::kernels::layer::{add_bias_and_apply, append_column_sums, before_nonlinearity};
use crate::kernels::sparse::SparseRows;

/// Rule by which the error of a layer becomes that of the layer before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorRule {
    /// Through derivatives and weights: the gradient.
    Gradient,
    /// Through the weights alone. The pass returns the logits twice, side by side: see
    /// [`FusedMlp::forward_twice`](super::FusedMlp::forward_twice).
    Weights,
}

/// A network and the rule of its backward pass.
#[derive(Debug, Clone)]
pub struct PassPlan {
    pub layout: Arc<Layout>,
    pub rule: ErrorRule,
}

/// Returns logits, under the rule [`ErrorRule::Weights`] twice.
///
/// # Shapes
/// - values: `[size]`
/// - logits: `[rows, outputs]`, or `[rows, 2 outputs]`
pub fn forward(x: Input, values: Tensor<1>, plan: PassPlan) -> Tensor<2> {
    let values = values.into_dispatch();
    Tensor::from_dispatch(match x {
        Input::Dense(x) => Dispatch::dense_mlp(x.into_dispatch(), values, plan),
        Input::Sparse(x) => Dispatch::sparse_mlp(values, x, plan),
    })
}

/// Returns sum(W^2) over the weights of all layers: `[1]`.
pub fn squares(values: Tensor<1>, layout: Arc<Layout>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::squares(values.into_dispatch(), layout))
}

/// Operations that flex has beyond burn's.
#[backend_extension(Autodiff, Flex)]
trait Networks: Backend {
    fn dense_mlp(
        x: FloatTensor<Self>,
        values: FloatTensor<Self>,
        plan: PassPlan,
    ) -> FloatTensor<Self>;

    fn sparse_mlp(
        values: FloatTensor<Self>,
        x: Arc<SparseRows>,
        plan: PassPlan,
    ) -> FloatTensor<Self>;

    fn squares(values: FloatTensor<Self>, layout: Arc<Layout>) -> FloatTensor<Self>;
}

impl Networks for Flex {
    fn dense_mlp(
        x: FloatTensor<Self>,
        values: FloatTensor<Self>,
        plan: PassPlan,
    ) -> FloatTensor<Self> {
        Pass::new(HostRows::Dense(x), values, plan).logits()
    }

    fn sparse_mlp(
        values: FloatTensor<Self>,
        x: Arc<SparseRows>,
        plan: PassPlan,
    ) -> FloatTensor<Self> {
        Pass::new(HostRows::Sparse(x), values, plan).logits()
    }

    fn squares(values: FloatTensor<Self>, layout: Arc<Layout>) -> FloatTensor<Self> {
        let sums = layout.layers.iter().map(|layer| {
            let w = layer.weight(&values);
            Self::float_sum(Self::float_mul(w.clone(), w))
        });
        let sum = sums.fold(0.0, |sum, layer| sum + host_slice(&layer)[0]);
        FloatTensor::<Self>::from_data(TensorData::new(vec![sum], [1]))
    }
}

impl<C: CheckpointStrategy> Networks for Autodiff<Flex, C> {
    fn dense_mlp(
        x: FloatTensor<Self>,
        values: FloatTensor<Self>,
        plan: PassPlan,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (values, node)) = (x.into_parts(), values.into_parts());
        let pass = Pass::new(HostRows::Dense(x), values, plan);
        let logits = pass.logits();
        match DenseNode
            .prepare::<C>([x_node, node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish(pass, logits),
            OpsKind::UnTracked(prep) => prep.finish(logits),
        }
    }

    fn sparse_mlp(
        values: FloatTensor<Self>,
        x: Arc<SparseRows>,
        plan: PassPlan,
    ) -> FloatTensor<Self> {
        let (values, node) = values.into_parts();
        let pass = Pass::new(HostRows::Sparse(x), values, plan);
        let logits = pass.logits();
        match SparseNode.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(pass, logits),
            OpsKind::UnTracked(prep) => prep.finish(logits),
        }
    }

    fn squares(values: FloatTensor<Self>, layout: Arc<Layout>) -> FloatTensor<Self> {
        let (values, node) = values.into_parts();
        let sum = Flex::squares(values.clone(), Arc::clone(&layout));
        match SquaresNode.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((values, layout), sum),
            OpsKind::UnTracked(prep) => prep.finish(sum),
        }
    }
}

/// Input rows in host memory.
#[derive(Debug, Clone)]
enum HostRows {
    Dense(FloatTensor<Flex>),
    Sparse(Arc<SparseRows>),
}

/// A forward pass, with the values that the backward pass needs.
#[derive(Debug, Clone)]
struct Pass {
    x: HostRows,
    values: FloatTensor<Flex>,
    plan: PassPlan,
    /// Outputs of each layer, `[rows, outputs]`: activations, in the last layer logits.
    outputs: Vec<FloatTensor<Flex>>,
}

impl LayerSlices {
    /// Returns W, `[inputs, outputs]`, without a copy.
    fn weight(&self, values: &FloatTensor<Flex>) -> FloatTensor<Flex> {
        let numbers = values.narrow(0, self.weights.start, self.weights.len());
        numbers.reshape(Shape::new([self.inputs, self.outputs]))
    }
}

impl Pass {
    fn new(x: HostRows, values: FloatTensor<Flex>, plan: PassPlan) -> Self {
        let layout = &plan.layout;
        let numbers = host_slice(&values);
        let mut outputs: Vec<FloatTensor<Flex>> = Vec::with_capacity(layout.layers.len());
        for (index, layer) in layout.layers.iter().enumerate() {
            let mut z = match (outputs.last(), &x) {
                (Some(a), _) => Flex::float_matmul(a.clone(), layer.weight(&values)),
                (None, HostRows::Dense(x)) => Flex::float_matmul(x.clone(), layer.weight(&values)),
                (None, HostRows::Sparse(x)) => {
                    let z = x.times(&numbers[layer.weights.clone()], layer.outputs);
                    matrix(z, x.len(), layer.outputs)
                }
            };
            let (b, f) = (&numbers[layer.biases.clone()], layout.nonlinearity(index));
            add_bias_and_apply(z.storage_mut(), b, layer.outputs, f);
            outputs.push(z);
        }
        drop(numbers);
        Self {
            x,
            values,
            plan,
            outputs,
        }
    }

    fn logits(&self) -> FloatTensor<Flex> {
        let z = self.outputs[self.outputs.len() - 1].clone();
        match self.plan.rule {
            ErrorRule::Gradient => z,
            ErrorRule::Weights => Flex::float_cat(vec![z.clone(), z], 1),
        }
    }

    /// Returns the errors of all layers before their activation, given that of the logits.
    fn errors(&self, of_logits: FloatTensor<Flex>) -> Vec<FloatTensor<Flex>> {
        // The error of the last layer, and the error that goes back.
        let (last, mut error) = match self.plan.rule {
            ErrorRule::Gradient => (of_logits.clone(), of_logits),
            ErrorRule::Weights => {
                let outputs = of_logits.shape()[1] / 2;
                let last = of_logits.narrow(1, 0, outputs).to_contiguous();
                (last, of_logits.narrow(1, outputs, outputs).to_contiguous())
            }
        };
        let mut errors = vec![last];
        let after = self.plan.layout.layers.iter().skip(1);
        for (layer, a) in after.zip(&self.outputs).rev() {
            error = Flex::float_matmul(error, Flex::float_transpose(layer.weight(&self.values)));
            let [rows, units] = error.shape().dims();
            let f = self.plan.layout.nonlinearity;
            let before = before_nonlinearity(&host_slice(&error), &host_slice(a), f);
            let before = matrix(before, rows, units);
            errors.push(before.clone());
            match self.plan.rule {
                ErrorRule::Gradient => error = before,
                ErrorRule::Weights => {}
            }
        }
        errors.reverse();
        errors
    }

    /// Returns the gradient in the parameters, given the errors of all layers: `[size]`.
    fn gradient(&self, errors: &[FloatTensor<Flex>]) -> FloatTensor<Flex> {
        let product = |a: &FloatTensor<Flex>, error: &FloatTensor<Flex>| {
            Flex::float_matmul(Flex::float_transpose(a.clone()), error.clone())
        };
        let mut all: Vec<f32> = Vec::new();
        for (index, (layer, error)) in self.plan.layout.layers.iter().zip(errors).enumerate() {
            let d = host_slice(error);
            match (index, &self.x) {
                (0, HostRows::Sparse(x)) => {
                    let others = self.plan.layout.size - layer.weights.len();
                    all = x.transposed_times(&d, layer.outputs, others);
                }
                (0, HostRows::Dense(x)) => {
                    all.reserve_exact(self.plan.layout.size);
                    all.extend_from_slice(&host_slice(&product(x, error)));
                }
                _ => {
                    let product = product(&self.outputs[index - 1], error);
                    all.extend_from_slice(&host_slice(&product));
                }
            }
            if !layer.biases.is_empty() {
                append_column_sums(&d, layer.outputs, &mut all);
            }
        }
        FloatTensor::<Flex>::from_data(TensorData::new(all, [self.plan.layout.size]))
    }
}

/// Backward pass of dense rows.
#[derive(Debug)]
struct DenseNode;

impl Backward<Flex, 2> for DenseNode {
    type State = Pass;

    fn backward(self, ops: Ops<Pass, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([x_node, values_node], pass) = (ops.parents, ops.state);
        let errors = pass.errors(gradients.consume::<Flex>(&ops.node));
        if let Some(node) = values_node {
            gradients.register::<Flex>(node.id, pass.gradient(&errors));
        }
        if let Some(node) = x_node {
            let w = pass.plan.layout.layers[0].weight(&pass.values);
            let gradient = Flex::float_matmul(errors[0].clone(), Flex::float_transpose(w));
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}

/// Backward pass of sparse rows, which take no gradient.
#[derive(Debug)]
struct SparseNode;

impl Backward<Flex, 1> for SparseNode {
    type State = Pass;

    fn backward(self, ops: Ops<Pass, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([values_node], pass) = (ops.parents, ops.state);
        let errors = pass.errors(gradients.consume::<Flex>(&ops.node));
        if let Some(node) = values_node {
            gradients.register::<Flex>(node.id, pass.gradient(&errors));
        }
    }
}

/// Backward pass of the sum of squares.
#[derive(Debug)]
struct SquaresNode;

impl Backward<Flex, 1> for SquaresNode {
    type State = (FloatTensor<Flex>, Arc<Layout>);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([values_node], (values, layout)) = (ops.parents, ops.state);
        let factor = 2.0 * host_slice(&gradients.consume::<Flex>(&ops.node))[0];
        let Some(node) = values_node else {
            return;
        };
        let (values, mut all) = (host_slice(&values), Vec::with_capacity(layout.size));
        for layer in &layout.layers {
            let weights = &values[layer.weights.clone()];
            all.extend(weights.iter().map(|w| w * factor));
            all.resize(layer.biases.end, 0.0);
        }
        let gradient = TensorData::new(all, [layout.size]);
        gradients.register::<Flex>(node.id, FloatTensor::<Flex>::from_data(gradient));
    }
}
