//! Autodiff node of a mean loss over rows.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, TensorData};

use super::{LogitRows, LossGradient, LossSum, RowLoss};
use crate::kernels::host::{host_slice, matrix};
use crate::kernels::simd::dispatch;

/// Returns the mean loss over rows on flex; only z has a gradient.
///
/// # Shapes
/// - z, t: `[rows, outputs]`, logits and targets
/// - mean: `[1]`
pub fn mean_loss(z: Tensor<2>, t: Tensor<2>, loss: RowLoss) -> Tensor<1> {
    let (z, t) = (z.into_dispatch(), t.into_dispatch());
    Tensor::from_dispatch(Dispatch::mean_loss(z, t, loss))
}

/// Operations that flex has beyond burn's.
#[backend_extension(Autodiff, Flex)]
trait Losses: Backend {
    fn mean_loss(z: FloatTensor<Self>, t: FloatTensor<Self>, loss: RowLoss) -> FloatTensor<Self>;
}

impl Losses for Flex {
    fn mean_loss(z: FloatTensor<Self>, t: FloatTensor<Self>, loss: RowLoss) -> FloatTensor<Self> {
        with_rows(&z, &t, |rows| {
            mean_of(rows, dispatch(LossSum { loss, rows }).0)
        })
    }
}

impl<C: CheckpointStrategy> Losses for Autodiff<Flex, C> {
    fn mean_loss(z: FloatTensor<Self>, t: FloatTensor<Self>, loss: RowLoss) -> FloatTensor<Self> {
        let ((z, z_node), t) = (z.into_parts(), t.into_primitive());
        match MeanNode.prepare::<C>([z_node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (gradient, mean) = with_rows(&z, &t, |rows| {
                    let (sum, exps) = dispatch(LossSum { loss, rows });
                    let exps = &exps;
                    let gradient = dispatch(LossGradient { loss, rows, exps });
                    (gradient, mean_of(rows, sum))
                });
                let [rows, outputs] = z.shape().dims();
                prep.finish(matrix(gradient, rows, outputs), mean)
            }
            OpsKind::UnTracked(prep) => prep.finish(Flex::mean_loss(z, t, loss)),
        }
    }
}

fn with_rows<T>(
    z: &FloatTensor<Flex>,
    t: &FloatTensor<Flex>,
    use_rows: impl FnOnce(LogitRows<'_>) -> T,
) -> T {
    let [_, outputs] = z.shape().dims();
    let (z, t) = (&*host_slice(z), &*host_slice(t));
    use_rows(LogitRows { z, t, outputs })
}

/// Returns the mean of a sum over rows: `[1]`.
fn mean_of(rows: LogitRows<'_>, sum: f64) -> FloatTensor<Flex> {
    let mean = sum / (rows.z.len() / rows.outputs) as f64;
    FloatTensor::<Flex>::from_data(TensorData::new(vec![mean as f32], [1]))
}

/// Backward pass of the mean.
#[derive(Debug)]
struct MeanNode;

impl Backward<Flex, 1> for MeanNode {
    /// The gradient of the mean: `[rows, outputs]`.
    type State = FloatTensor<Flex>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let ([z_node], mut gradient) = (ops.parents, ops.state);
        let factor = host_slice(&gradients.consume::<Flex>(&ops.node))[0];
        if let Some(node) = z_node {
            for g in gradient.storage_mut::<f32>() {
                *g *= factor;
            }
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}
