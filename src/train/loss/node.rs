//! A mean over rows of losses of which value and gradient are known, as one node of
//! burn's autodiff.
//!
//! On flex alone, whose numbers are at hand.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};

use crate::model::lying;

/// The loss of a row z with targets t.
#[derive(Debug, Clone, Copy)]
pub enum RowLoss {
    /// -sum t ln softmax(z), whose gradient is softmax(z) - t.
    CrossEntropy,
    /// -sum (t ln s(z) + (1 - t) ln(1 - s(z))) with logistic s, whose gradient is s(z) - t.
    BinaryCrossEntropy,
}

impl RowLoss {
    /// Leaves a power of each z behind.
    fn value(self, z: &[f32], t: &[f32], powers: &mut [f64]) -> f64 {
        match self {
            Self::CrossEntropy => cross_entropy(z, t, powers),
            Self::BinaryCrossEntropy => binary_cross_entropy(z, t, powers),
        }
    }

    /// By those powers.
    fn gradient(self, z: &[f32], t: &[f32], powers: &[f64], gradient: &mut [f32]) {
        match self {
            Self::CrossEntropy => {
                let sum: f64 = powers.iter().fold(0.0, |sum, power| sum + power);
                for ((gradient, power), t) in gradient.iter_mut().zip(powers).zip(t) {
                    *gradient = (power / sum) as f32 - t;
                }
            }
            Self::BinaryCrossEntropy => {
                for (((gradient, power), &z), &t) in gradient.iter_mut().zip(powers).zip(z).zip(t) {
                    let s = if z >= 0.0 { 1.0 } else { *power } / (1.0 + power);
                    *gradient = (s - f64::from(t)) as f32;
                }
            }
        }
    }
}

fn cross_entropy(z: &[f32], t: &[f32], powers: &mut [f64]) -> f64 {
    let highest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (power, z) in powers.iter_mut().zip(z) {
        *power = f64::from(z - highest).exp();
        sum += *power;
    }
    let log = sum.ln();
    let terms = z.iter().zip(t);
    terms.fold(0.0, |loss, (&z, &t)| {
        loss - f64::from(t) * (f64::from(z - highest) - log)
    })
}

fn binary_cross_entropy(z: &[f32], t: &[f32], powers: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    for ((&z, &t), power) in z.iter().zip(t).zip(&mut *powers) {
        let (z, t) = (f64::from(z), f64::from(t));
        *power = (-z.abs()).exp();
        loss += z.max(0.0) - t * z;
    }
    // One logarithm of a product of numbers up to 2, instead of one of each.
    let products = powers
        .chunks(64)
        .map(|powers| powers.iter().map(|p| 1.0 + p).product::<f64>());
    loss + products.map(f64::ln).sum::<f64>()
}

/// The mean over rows, whose gradient is in z alone.
///
/// # Shapes
/// - z, t: `[rows, outputs]`
/// - mean: `[1]`
pub fn mean(z: Tensor<2>, t: Tensor<2>, loss: RowLoss) -> Tensor<1> {
    let (z, t) = (z.into_dispatch(), t.into_dispatch());
    Tensor::from_dispatch(Dispatch::mean_loss(z, t, loss))
}

/// What flex can do beyond burn.
#[backend_extension(Autodiff, Flex)]
trait Losses: Backend {
    fn mean_loss(z: FloatTensor<Self>, t: FloatTensor<Self>, loss: RowLoss) -> FloatTensor<Self>;
}

impl Losses for Flex {
    fn mean_loss(z: FloatTensor<Self>, t: FloatTensor<Self>, loss: RowLoss) -> FloatTensor<Self> {
        each(&z, &t, loss, |_, _, _| {})
    }
}

impl<C: CheckpointStrategy> Losses for Autodiff<Flex, C> {
    fn mean_loss(z: FloatTensor<Self>, t: FloatTensor<Self>, loss: RowLoss) -> FloatTensor<Self> {
        let ((z, z_node), t) = (z.into_parts(), t.into_primitive());
        match Mean.prepare::<C>([z_node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let [rows, outputs] = z.shape().dims();
                let mut gradient = Vec::with_capacity(rows * outputs);
                let mut row = vec![0.0; outputs];
                let mean = each(&z, &t, loss, |z, t, powers| {
                    loss.gradient(z, t, powers, &mut row);
                    gradient.extend(row.iter().map(|g| g / rows as f32));
                });
                let gradient = TensorData::new(gradient, [rows, outputs]);
                prep.finish(FloatTensor::<Flex>::from_data(gradient), mean)
            }
            OpsKind::UnTracked(prep) => prep.finish(Flex::mean_loss(z, t, loss)),
        }
    }
}

/// The mean, `[1]`, telling of each row, of its targets and of the powers of it.
fn each(
    z: &FloatTensor<Flex>,
    t: &FloatTensor<Flex>,
    loss: RowLoss,
    mut tell: impl FnMut(&[f32], &[f32], &[f64]),
) -> FloatTensor<Flex> {
    let [rows, outputs] = z.shape().dims();
    let (z, t) = (lying(z), lying(t));
    let (mut sum, mut powers) = (0.0, vec![0.0; outputs]);
    for (z, t) in z.chunks(outputs).zip(t.chunks(outputs)) {
        sum += loss.value(z, t, &mut powers);
        tell(z, t, &powers);
    }
    let mean = (sum / rows as f64) as f32;
    FloatTensor::<Flex>::from_data(TensorData::new(vec![mean], [1]))
}

/// The mean, backwards.
#[derive(Debug)]
struct Mean;

impl Backward<Flex, 1> for Mean {
    /// The gradient of the mean: `[rows, outputs]`.
    type State = FloatTensor<Flex>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([z_node], mut gradient) = (ops.parents, ops.state);
        let factor = lying(&gradients.consume::<Flex>(&ops.node))[0];
        if let Some(node) = z_node {
            for g in gradient.storage_mut::<f32>() {
                *g *= factor;
            }
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}
