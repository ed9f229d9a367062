//! Fast arithmetic of training on the CPU: plain numbers in, plain numbers out.
//!
//! Every kernel is a faster version of something that `model` or `train` defines with
//! burn's tensors, and tests there compare the two. Nothing here knows
//! specs, models or data sets. Each number is the sum of the same terms in the same order
//! on every processor, and no operations are fused, so that the bits are the same
//! everywhere.
#![expect(
    clippy::inline_always,
    reason = "what kernels call is compiled with them for the detected processor"
)]

mod adam;
mod exp;
mod fused_mlp;
mod host;
mod layer;
mod levels;
mod row_loss;
mod sgd;
mod simd;
mod sparse;

pub use adam::AdamMoments;
pub use fused_mlp::{ErrorRule, FusedMlp, Input, LayerShape, RowSteps, SingleLoss, StepResults};
pub use host::{IntensityScale, dense_rows, prefetch_rows};
pub use layer::Nonlinearity;
pub use levels::add_levels;
pub use row_loss::{RowLoss, mean_loss};
pub use sgd::descend;
pub use sparse::{SparsePixels, SparseRows};
