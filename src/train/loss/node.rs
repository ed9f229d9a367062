//! A mean over rows of losses of which value and gradient are known, as one node of
//! burn's autodiff: on flex alone, whose numbers are at hand.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};

use super::rows::{Gradient, RowLoss, Rows, Sum};
use crate::model::{lying, wide};

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
        with_rows(&z, &t, |rows| mean_of(rows, wide(Sum(loss, rows)).0))
    }
}

impl<C: CheckpointStrategy> Losses for Autodiff<Flex, C> {
    fn mean_loss(z: FloatTensor<Self>, t: FloatTensor<Self>, loss: RowLoss) -> FloatTensor<Self> {
        let ((z, z_node), t) = (z.into_parts(), t.into_primitive());
        match Mean.prepare::<C>([z_node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (gradient, mean) = with_rows(&z, &t, |rows| {
                    let (sum, powers) = wide(Sum(loss, rows));
                    (wide(Gradient(loss, rows, &powers)), mean_of(rows, sum))
                });
                let gradient = TensorData::new(gradient, z.shape());
                prep.finish(FloatTensor::<Flex>::from_data(gradient), mean)
            }
            OpsKind::UnTracked(prep) => prep.finish(Flex::mean_loss(z, t, loss)),
        }
    }
}

fn with_rows<T>(
    z: &FloatTensor<Flex>,
    t: &FloatTensor<Flex>,
    use_rows: impl FnOnce(Rows<'_>) -> T,
) -> T {
    let [_, outputs] = z.shape().dims();
    let (z, t) = (&*lying(z), &*lying(t));
    use_rows(Rows { z, t, outputs })
}

/// Of a sum over rows: `[1]`.
fn mean_of(rows: Rows<'_>, sum: f64) -> FloatTensor<Flex> {
    let mean = sum / (rows.z.len() / rows.outputs) as f64;
    FloatTensor::<Flex>::from_data(TensorData::new(vec![mean as f32], [1]))
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
