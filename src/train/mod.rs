//! Training: settings, batches, losses, optimisers and the accuracy log.

mod batch;
mod check;
mod checkpoint;
mod device_cache;
mod evaluate;
mod history;
mod labels;
mod layer_metric;
mod loss;
mod optimizer;
mod run;
mod settings;
#[cfg(test)]
mod tests;
mod trainer;

pub use batch::{Batch, Batches};
pub use check::check;
pub use checkpoint::Checkpoint;
pub use history::{EpochRow, Scores};
pub use labels::{Labels, relabelled};
pub use layer_metric::{LayerMetric, LayerRow, layer_rows};
pub use loss::Loss;
pub use optimizer::Optimizer;
pub(crate) use optimizer::OptimizerState;
pub use run::{Setup, TrainError, Trained, Training};
pub use settings::Train;
