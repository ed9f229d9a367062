//! The stages in order: data set, training, inversion, measurement, figures,
//! and the files that come of them.

mod drawing;
mod error;
mod event;
mod experiment;
mod files;
mod manifest;
mod outputs;
mod products;
mod replicate;
mod run;

pub use error::RunError;
pub use event::Event;
pub use experiment::Experiment;
pub use products::Summary;
pub use run::{Context, run};
