//! Errors of runs.

use std::error::Error;
use std::path::PathBuf;

use super::publish::ownership::Taken;
use crate::config::Misfit;
use crate::data::{DataError, ResampleError};
use crate::escape;
use crate::figures::FigureError;
use crate::invert::{InvertError, PriorError};
use crate::io::IoError;
use crate::model::DeviceError;
use crate::report::ResultsError;
use crate::store::{LockError, ManifestError, StoreError};
use crate::train::TrainError;

/// Failure of a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The data set is unavailable.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The spec does not fit its data.
    #[error("the spec asks for what its data does not have\n{}", listed(.0))]
    Misfits(Vec<Misfit>),
    /// There are too few rows to draw from.
    #[error("the spec draws rows that its data does not have")]
    Resample(#[from] ResampleError),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The device does not exist.
    #[error(transparent)]
    NoDevice(#[from] DeviceError),
    /// The device failed during a computation.
    #[error(
        "the device failed: it was lost, or has no memory left; the same command goes on \
         from the last checkpoint, and `--device flex` always works\n  because {0}"
    )]
    Device(String),
    /// The device of a judge failed.
    #[error("the judges of the inverses cannot be asked: the device failed: {0}")]
    Judge(String),
    /// There is no image to reconstruct.
    #[error("there is nothing to be reconstructed")]
    Original(#[source] InvertError),
    /// An inversion failed.
    #[error("the inversion `{0}` failed")]
    Invert(String, #[source] InvertError),
    /// A prior cannot be fitted.
    #[error("cannot fit the prior to the training data")]
    Prior(#[from] PriorError),
    /// A figure cannot be drawn.
    #[error("the figure `{0}` cannot be drawn")]
    Figure(String, #[source] FigureError),
    /// A row does not fit into CSV.
    #[error("a table cannot be written")]
    Table(#[from] csv::Error),
    /// An array does not fit into safetensors.
    #[error("an array file cannot be written")]
    Arrays(#[from] crate::arrays::ArraysError),
    /// The manifest does not fit into JSON.
    #[error("the manifest cannot be written")]
    Manifest(#[from] serde_json::Error),
    /// Only the fallback data set is available, for this reason.
    #[error("data set unavailable, and no fallback is wanted: {0}")]
    Fallback(String),
    /// The samples changed while they were read.
    #[error("the data set was exchanged while it was being read; run again")]
    Exchanged,
    /// A stage is not in the store, and nothing may be computed.
    #[error("{0} is not in the store")]
    NotComputed(String),
    /// A stage wrote files that it cannot read itself.
    #[error("{0} wrote something that it cannot read back")]
    Unreadable(String),
    /// A published file differs from its manifest.
    #[error("`{}`: modified after it was published; run the spec again", escape::path(.0))]
    Modified(PathBuf),
    /// A folder has no results.
    #[error(transparent)]
    Results(#[from] ManifestError),
    /// Finished results cannot be read.
    #[error(transparent)]
    Finished(#[from] ResultsError),
    /// A job panicked.
    #[error("internal error: {}; please report it with the log", escape::line(.0))]
    Panicked(String),
    /// An environment variable has an invalid value.
    #[error("the environment variable `{}` must be a number of seconds, got `{}`", .0, escape::line(.1))]
    Variable(&'static str, String),
    /// A results folder belongs to another spec.
    #[error(transparent)]
    Taken(#[from] Taken),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process holds a lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file is in the place of a results folder, or a folder in that of a page.
    #[error("`{}` is in the way of the results", escape::path(.0))]
    InTheWay(PathBuf),
    /// Results cannot be written.
    #[error(transparent)]
    Output(#[from] IoError),
}

/// Lists misfits, one per line.
fn listed(misfits: &[Misfit]) -> String {
    let lines: Vec<String> = misfits.iter().map(|misfit| format!("  {misfit}")).collect();
    lines.join("\n")
}

/// Formats an error with its causes below, one per line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let line = error.to_string();
        // Transparent wrappers repeat what they wrap.
        if !text.ends_with(&line) {
            text.push_str("\n  because ");
            text.push_str(&line);
        }
        cause = error.source();
    }
    text
}
