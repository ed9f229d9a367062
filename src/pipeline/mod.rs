//! The stages in order: data set, training, inversion, measurement, figures,
//! and the files that come of them; and what a whole study says.

mod batch;
mod clean;
mod context;
mod curves;
mod differences;
mod drawing;
mod error;
mod event;
mod experiment;
mod identity;
pub mod ledger;
mod letters;
mod log;
mod machine;
mod make;
mod manifest;
mod network;
mod overview;
mod ownership;
mod panics;
mod plan;
mod products;
mod publish;
mod published;
mod replicate;
mod run;
mod shared;
mod source;
mod stage;
mod studies;
mod study_drawing;
mod subject;
mod verify;
mod workbench;

pub use batch::{Batch, Job, Next, Outcome, Watch};
pub use clean::clean;
pub use context::Context;
pub use error::{RunError, chain};
pub use event::Event;
pub use experiment::{Experiment, ROOT, Study};
pub use letters::Undrawable;
pub use log::log_interruption;
pub use machine::machine;
pub use ownership::{Taken, check_owners};
pub use panics::keep_panics_quiet;
pub use plan::{Planned, State, plan};
pub use products::Summary;

pub use run::SUMMARY;
pub use stage::{Stage, StageKind, Stages};
pub use studies::with_compared;
pub use verify::{Ledgers, Part, Verification, Verified};
