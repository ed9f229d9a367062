//! Training: batches, losses, optimisers, and the accuracy log.

mod adam;
mod batch;
mod check;
mod checkpoint;
#[cfg(test)]
mod equations;
mod evaluate;
mod history;
mod kept;
mod labels;
mod layers;
mod learner;
mod loss;
mod optimizer;
mod run;

pub use batch::{Batch, Batches};
pub use check::check;
pub use checkpoint::Checkpoint;
pub use history::{EpochRow, Scores};
pub use labels::told;
pub use layers::{LayerRow, layer_rows};
pub(crate) use optimizer::Optimizer;
pub use run::{Setup, TrainError, Trained, Training};
