//! Training: batches, losses, optimisers, and the accuracy log.

mod batch;
mod history;
mod loss;
mod run;

pub use history::EpochRow;
pub use run::{Setup, TrainError, Trained, train};
