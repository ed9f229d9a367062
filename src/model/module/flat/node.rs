//! The node of a network, and that of the squares of its weights.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Shape, Tensor, TensorData};

use super::layer::{add_column_sums, before, finish, lying, tensor};
use super::{Place, Plan};
use crate::model::{self, InkRows, Input};

/// How errors go back.
type Rule = model::Backward;

/// Logits, by the second rule twice, side by side: see
/// [`forward_by_weights`](super::Flat::forward_by_weights).
///
/// # Shapes
/// - values: `[size]`
/// - logits: `[rows, outputs]`, or `[rows, 2 outputs]`
pub fn forward(x: Input, values: Tensor<1>, plan: Arc<Plan>, rule: Rule) -> Tensor<2> {
    let values = values.into_dispatch();
    Tensor::from_dispatch(match x {
        Input::Dense(x) => Dispatch::dense(x.into_dispatch(), values, plan, rule),
        Input::Ink(x) => Dispatch::inked(values, x, plan, rule),
    })
}

/// sum(W^2) over the weights of all layers: `[1]`.
pub fn squares(values: Tensor<1>, plan: Arc<Plan>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::squares(values.into_dispatch(), plan))
}

/// What flex can do beyond burn.
#[backend_extension(Autodiff, Flex)]
trait Networks: Backend {
    /// Logits of all numbers.
    fn dense(
        x: FloatTensor<Self>,
        values: FloatTensor<Self>,
        plan: Arc<Plan>,
        rule: Rule,
    ) -> FloatTensor<Self>;

    /// The same of what is not black.
    fn inked(
        values: FloatTensor<Self>,
        x: Arc<InkRows>,
        plan: Arc<Plan>,
        rule: Rule,
    ) -> FloatTensor<Self>;

    fn squares(values: FloatTensor<Self>, plan: Arc<Plan>) -> FloatTensor<Self>;
}

impl Networks for Flex {
    fn dense(
        x: FloatTensor<Self>,
        values: FloatTensor<Self>,
        plan: Arc<Plan>,
        rule: Rule,
    ) -> FloatTensor<Self> {
        Pass::new(First::Dense(x), values, plan, rule).logits()
    }

    fn inked(
        values: FloatTensor<Self>,
        x: Arc<InkRows>,
        plan: Arc<Plan>,
        rule: Rule,
    ) -> FloatTensor<Self> {
        Pass::new(First::Ink(x), values, plan, rule).logits()
    }

    fn squares(values: FloatTensor<Self>, plan: Arc<Plan>) -> FloatTensor<Self> {
        let sums = plan.places.iter().map(|place| {
            let w = place.weight(&values);
            Self::float_sum(Self::float_mul(w.clone(), w))
        });
        let sum = sums.fold(0.0, |sum, layer| sum + lying(&layer)[0]);
        FloatTensor::<Self>::from_data(TensorData::new(vec![sum], [1]))
    }
}

impl<C: CheckpointStrategy> Networks for Autodiff<Flex, C> {
    fn dense(
        x: FloatTensor<Self>,
        values: FloatTensor<Self>,
        plan: Arc<Plan>,
        rule: Rule,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (values, node)) = (x.into_parts(), values.into_parts());
        let pass = Pass::new(First::Dense(x), values, plan, rule);
        let logits = pass.logits();
        match Dense
            .prepare::<C>([x_node, node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish(pass, logits),
            OpsKind::UnTracked(prep) => prep.finish(logits),
        }
    }

    fn inked(
        values: FloatTensor<Self>,
        x: Arc<InkRows>,
        plan: Arc<Plan>,
        rule: Rule,
    ) -> FloatTensor<Self> {
        let (values, node) = values.into_parts();
        let pass = Pass::new(First::Ink(x), values, plan, rule);
        let logits = pass.logits();
        match Inked.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(pass, logits),
            OpsKind::UnTracked(prep) => prep.finish(logits),
        }
    }

    fn squares(values: FloatTensor<Self>, plan: Arc<Plan>) -> FloatTensor<Self> {
        let (values, node) = values.into_parts();
        let sum = Flex::squares(values.clone(), Arc::clone(&plan));
        match Squares.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((values, plan), sum),
            OpsKind::UnTracked(prep) => prep.finish(sum),
        }
    }
}

/// What the first layer gets.
#[derive(Debug, Clone)]
enum First {
    Dense(FloatTensor<Flex>),
    Ink(Arc<InkRows>),
}

/// A network on its way forwards, and what it takes to go back.
#[derive(Debug, Clone)]
struct Pass {
    x: First,
    values: FloatTensor<Flex>,
    plan: Arc<Plan>,
    rule: Rule,
    /// What each layer makes, `[rows, outputs]`: logits the last one, others what comes
    /// after the activation.
    made: Vec<FloatTensor<Flex>>,
}

impl Place {
    /// W: `[inputs, outputs]`, where it lies.
    fn weight(&self, values: &FloatTensor<Flex>) -> FloatTensor<Flex> {
        let numbers = values.narrow(0, self.weights.start, self.weights.len());
        numbers.reshape(Shape::new([self.inputs, self.outputs]))
    }
}

impl Pass {
    fn new(x: First, values: FloatTensor<Flex>, plan: Arc<Plan>, rule: Rule) -> Self {
        let numbers = lying(&values);
        let mut made: Vec<FloatTensor<Flex>> = Vec::with_capacity(plan.places.len());
        for (layer, place) in plan.places.iter().enumerate() {
            let mut z = match (made.last(), &x) {
                (Some(a), _) => Flex::float_matmul(a.clone(), place.weight(&values)),
                (None, First::Dense(x)) => Flex::float_matmul(x.clone(), place.weight(&values)),
                (None, First::Ink(x)) => {
                    let z = x.times(&numbers[place.weights.clone()], place.outputs);
                    tensor(z, [x.len(), place.outputs])
                }
            };
            let b = &numbers[place.biases.clone()];
            finish(z.storage_mut(), b, place.outputs, plan.activation(layer));
            made.push(z);
        }
        drop(numbers);
        Self {
            x,
            values,
            plan,
            rule,
            made,
        }
    }

    fn logits(&self) -> FloatTensor<Flex> {
        let z = self.made[self.made.len() - 1].clone();
        match self.rule {
            Rule::Gradient => z,
            Rule::Weights => Flex::float_cat(vec![z.clone(), z], 1),
        }
    }

    /// The errors of all layers before their activation, by that of the logits.
    fn errors(&self, of_logits: FloatTensor<Flex>) -> Vec<FloatTensor<Flex>> {
        let (own, mut on) = match self.rule {
            Rule::Gradient => (of_logits.clone(), of_logits),
            Rule::Weights => {
                let outputs = of_logits.shape()[1] / 2;
                let own = of_logits.narrow(1, 0, outputs).to_contiguous();
                (own, of_logits.narrow(1, outputs, outputs).to_contiguous())
            }
        };
        let mut errors = vec![own];
        let behind = self.plan.places.iter().skip(1);
        for (place, a) in behind.zip(&self.made).rev() {
            on = Flex::float_matmul(on, Flex::float_transpose(place.weight(&self.values)));
            let [rows, units] = on.shape().dims();
            let error = tensor(before(&on, a, self.plan.activation), [rows, units]);
            errors.push(error.clone());
            if self.rule == Rule::Gradient {
                on = error;
            }
        }
        errors.reverse();
        errors
    }

    /// The gradient in the parameters, by the errors: `[size]`.
    fn gradient(&self, errors: &[FloatTensor<Flex>]) -> FloatTensor<Flex> {
        let product = |a: &FloatTensor<Flex>, error: &FloatTensor<Flex>| {
            Flex::float_matmul(Flex::float_transpose(a.clone()), error.clone())
        };
        let mut all: Vec<f32> = Vec::new();
        for (layer, (place, error)) in self.plan.places.iter().zip(errors).enumerate() {
            let d = lying(error);
            match (layer, &self.x) {
                (0, First::Ink(x)) => {
                    let others = self.plan.size - place.weights.len();
                    all = x.transposed_times(&d, place.outputs, others);
                }
                (0, First::Dense(x)) => {
                    all.reserve_exact(self.plan.size);
                    all.extend_from_slice(&lying(&product(x, error)));
                }
                _ => all.extend_from_slice(&lying(&product(&self.made[layer - 1], error))),
            }
            if !place.biases.is_empty() {
                add_column_sums(&d, place.outputs, &mut all);
            }
        }
        FloatTensor::<Flex>::from_data(TensorData::new(all, [self.plan.size]))
    }
}

/// Logits of all numbers, backwards.
#[derive(Debug)]
struct Dense;

impl Backward<Flex, 2> for Dense {
    type State = Pass;

    fn backward(self, ops: Ops<Pass, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([x_node, values_node], pass) = (ops.parents, ops.state);
        let errors = pass.errors(gradients.consume::<Flex>(&ops.node));
        if let Some(node) = values_node {
            gradients.register::<Flex>(node.id, pass.gradient(&errors));
        }
        if let Some(node) = x_node {
            let w = pass.plan.places[0].weight(&pass.values);
            let gradient = Flex::float_matmul(errors[0].clone(), Flex::float_transpose(w));
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}

/// Logits of what is not black, which nothing goes back to, backwards.
#[derive(Debug)]
struct Inked;

impl Backward<Flex, 1> for Inked {
    type State = Pass;

    fn backward(self, ops: Ops<Pass, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([values_node], pass) = (ops.parents, ops.state);
        let errors = pass.errors(gradients.consume::<Flex>(&ops.node));
        if let Some(node) = values_node {
            gradients.register::<Flex>(node.id, pass.gradient(&errors));
        }
    }
}

/// The sum of squares, backwards.
#[derive(Debug)]
struct Squares;

impl Backward<Flex, 1> for Squares {
    type State = (FloatTensor<Flex>, Arc<Plan>);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([values_node], (values, plan)) = (ops.parents, ops.state);
        let factor = 2.0 * lying(&gradients.consume::<Flex>(&ops.node))[0];
        let Some(node) = values_node else {
            return;
        };
        let (values, mut all) = (lying(&values), Vec::with_capacity(plan.size));
        for place in &plan.places {
            let weights = &values[place.weights.clone()];
            all.extend(weights.iter().map(|w| w * factor));
            all.resize(place.biases.end, 0.0);
        }
        let gradient = TensorData::new(all, [plan.size]);
        gradients.register::<Flex>(node.id, FloatTensor::<Flex>::from_data(gradient));
    }
}
