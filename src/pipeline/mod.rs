//! The stages in order: data set, training, inversion, measurement, figures,
//! and the files that come of them.

mod clean;
mod context;
mod differences;
mod drawing;
mod error;
mod event;
mod experiment;
mod log;
mod machine;
mod make;
mod manifest;
mod plan;
mod products;
mod publish;
mod replicate;
mod run;
mod source;
mod stage;
mod verify;
mod workbench;

pub use clean::clean;
pub use context::Context;
pub use error::{RunError, chain};
pub use event::Event;
pub use experiment::Experiment;
pub use plan::{Planned, State, plan};
pub use products::Summary;

pub use run::Replicates;
pub use stage::{Stage, StageKind, Stages};
pub use verify::{Verified, verify};
