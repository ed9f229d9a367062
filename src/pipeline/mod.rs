//! The stages in order: data set, training, inversion, measurement, figures,
//! and the files that come of them.

mod drawing;
mod event;
mod experiment;
mod files;
mod manifest;
mod outputs;
mod replicate;
mod run;

pub use event::Event;
pub use experiment::Experiment;
pub use replicate::Summary;
pub use run::{Context, RunError, run};
