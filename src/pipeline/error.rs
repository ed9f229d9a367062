//! Why a run came to nothing.

use std::error::Error;
use std::path::PathBuf;

use super::publish::ownership::Taken;
use crate::config::Misfit;
use crate::data::DataError;
use crate::escape;
use crate::figures::FigureError;
use crate::invert::{InvertError, PriorError};
use crate::io::IoError;
use crate::model::DeviceError;
use crate::report::ResultsError;
use crate::store::{LockError, ManifestError, StoreError};
use crate::train::TrainError;

/// A run that came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no data set.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A spec that does not fit its data.
    #[error("the spec asks for what its data does not have\n{}", listed(.0))]
    Misfits(Vec<Misfit>),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// There is no such device.
    #[error(transparent)]
    NoDevice(#[from] DeviceError),
    /// The device failed in the middle of it.
    #[error(
        "the device failed: it was lost, or has no memory left; the same command goes on \
         from the last checkpoint, and `--device flex` always works\n  because {0}"
    )]
    Device(String),
    /// A judge's device failed.
    #[error("the judges of the inverses cannot be asked: the device failed: {0}")]
    Judge(String),
    /// There is nothing to be reconstructed.
    #[error("there is nothing to be reconstructed")]
    Original(#[source] InvertError),
    /// An inverse does not exist.
    #[error("the inversion `{0}` failed")]
    Invert(String, #[source] InvertError),
    /// What inverses are likely by cannot be found.
    #[error("what is likely cannot be learnt from the training data")]
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
    StandsIn(String),
    /// The samples changed between two looks at them.
    #[error("the data set was exchanged while it was being read; run again")]
    Exchanged,
    /// A stage that is not in the store, where nothing may be made.
    #[error("{0} was not made yet")]
    NotMade(String),
    /// A stage whose files it cannot read itself.
    #[error("{0} wrote something that it cannot read back")]
    Unreadable(String),
    /// Published file that differs from its manifest.
    #[error("`{}`: modified after it was published; run the spec again", escape::path(.0))]
    Modified(PathBuf),
    /// Results that were to be read are none.
    #[error(transparent)]
    Results(#[from] ManifestError),
    /// Finished results cannot be read.
    #[error(transparent)]
    Finished(#[from] ResultsError),
    /// Panic of a job.
    #[error("internal error: {}; please report it with the log", escape::line(.0))]
    Panicked(String),
    /// An environment variable that cannot be understood.
    #[error("the environment variable `{}` must be a number of seconds, got `{}`", .0, escape::line(.1))]
    Variable(&'static str, String),
    /// Results folder of another spec.
    #[error(transparent)]
    Taken(#[from] Taken),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process holds a lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file stands where a folder of results should, or a folder where a page should.
    #[error("`{}` is in the way of the results", escape::path(.0))]
    InTheWay(PathBuf),
    /// The results folder does not take the results.
    #[error(transparent)]
    Output(#[from] IoError),
}

/// One per line.
fn listed(misfits: &[Misfit]) -> String {
    let lines: Vec<String> = misfits.iter().map(|misfit| format!("  {misfit}")).collect();
    lines.join("\n")
}

/// An error with its causes below, one a line.
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
