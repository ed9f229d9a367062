//! The stages of a replicate, the summary of a study, and their publication.
//!
//! `stages` has one file per stage. The rooms above use them: `study` for what all
//! replicates of a spec give together, `publish` for the folders of results, and
//! `verify` for published results against reruns.

mod clean;
mod context;
mod error;
mod event;
mod experiment;
mod graph;
mod libraries;
mod log;
mod machine;
mod panics;
mod plan;
mod publish;
mod read;
mod replicate;
mod run;
mod runner;
mod samples;
mod scheduler;
mod shared;
mod source;
mod stage;
mod stages;
mod study;
mod verify;

pub use clean::clean;
pub use context::Context;
pub use error::{RunError, chain};
pub use event::Event;
pub use experiment::{Experiment, ROOT, Study};
pub use log::log_interruption;
pub use machine::machine;
pub use panics::keep_panics_quiet;
pub use plan::{Planned, StageState, plan};
pub use publish::files::Summary;
pub use publish::ownership::{Taken, check_owners};
pub use read::{Picture, PictureReadings, read};
pub use scheduler::{Job, Next, Outcome, Scheduler, Watch};
pub use shared::lock;
pub use stage::{Stage, StageKind};
pub use study::claims;
pub use study::compared::with_compared;
pub use study::letters::Undrawable;
pub use study::verdicts::drawn_verdicts;
pub use verify::{Ledgers, Part, Verification, Verified};
