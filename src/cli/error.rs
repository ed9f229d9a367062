//! Failures of commands: a message, its causes, an exit code.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::{names, output};
use crate::config::LoadError;
use crate::data::DataError;
use crate::escape;
use crate::figures::FigureError;
use crate::invert::InvertError;
use crate::io::IoError;
use crate::model::DeviceError;
use crate::pipeline::{ROOT, RunError, Taken, chain};
use crate::report::{NotMeasured, ResultsError};
use crate::train::TrainError;

/// Failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Faults of one or more specs.
    #[error("{}", joined(.0))]
    Specs(Vec<SpecFault>),
    /// Folder without specs.
    #[error("there is no spec (a file ending in `.toml`) in `{}`", escape::path(.0))]
    NoSpecs(PathBuf),
    /// Path of `--without` that excludes no spec.
    #[error("`--without {}`: excludes no spec; expected a spec, or a folder with specs", escape::path(.0))]
    NothingLeftOut(PathBuf),
    /// Two specs whose results would overwrite each other.
    #[error(
        "`{}` and `{}` would both write their results to `{}`; put both below a folder called `experiments`, or run them with different `--out`",
        escape::path(one),
        escape::path(other),
        escape::path(folder)
    )]
    SameResults {
        /// First spec.
        one: PathBuf,
        /// Second spec.
        other: PathBuf,
        /// Folder or page of both.
        folder: PathBuf,
    },
    /// Results folder of another spec.
    #[error(transparent)]
    Taken(#[from] Taken),
    /// Device of the command line that cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Device of a spec that cannot be used.
    #[error(
        "`{}`: the device `{}` of the spec cannot be used here; choose another with `--device`",
        escape::line(.0),
        .1
    )]
    DeviceOf(String, &'static str, #[source] DeviceError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("{} failed", escape::line(.0))]
    Run(String, #[source] RunError),
    /// Failed replicates among others; each was reported when it failed.
    #[error("{} failed: {}", .names.len(), .names.join(", "))]
    Some {
        /// Names of the replicates.
        names: Vec<String>,
        /// Outcome of the first of them.
        exit: Exit,
    },
    /// Spec whose results would be mixed up with others.
    #[error(
        "`{}`: the names `claims`, `summary`, `seed-` with a number, and names with a leading dot are reserved in results folders; rename the spec",
        escape::path(.0)
    )]
    ReservedName(PathBuf),
    /// Experiment without results, whose name was probably mistyped.
    #[error(
        "`{typed}`: there are no results in `{}`{}",
        escape::path(folder),
        did_you_mean(Some(meant))
    )]
    NoResults {
        /// Argument as typed.
        typed: String,
        /// Folder without results.
        folder: PathBuf,
        /// Spec that was probably meant.
        meant: String,
    },
    /// Name of `--metric` or `--inversion` that selects nothing.
    #[error(transparent)]
    NotMeasured(#[from] NotMeasured),
    /// Text of `--says` that no claim contains.
    #[error(
        "`--says {}`: no claim contains this text; {}",
        escape::line(text),
        nearest_claims(nearest)
    )]
    NoSuchClaim {
        /// The text.
        text: String,
        /// The most similar sentences.
        nearest: Vec<String>,
    },
    /// File that a new spec would replace.
    #[error("`{}`: exists already; choose another name, or remove it first", escape::path(.0))]
    Exists(PathBuf),
    /// Name to explain that nothing has.
    #[error(
        "`{}`: no such name; expected a key, a metric or a method{}; `backquery explain` lists all",
        escape::line(name),
        did_you_mean(meant.as_deref())
    )]
    Unexplained {
        /// Argument as typed.
        name: String,
        /// Name that was probably meant.
        meant: Option<String>,
    },
    /// Results folder with nothing to verify.
    #[error("`{}`: no results to verify; run the specs first, or choose another folder with `--results`", escape::path(.0))]
    Unpublished(PathBuf),
    /// Rerun with other results.
    #[error("not verified: {} of {all} folders of results differ: {}", differing.len(), differing.join(", "))]
    Differs {
        /// Number of replicates and summaries compared.
        all: usize,
        /// Names of those that differ.
        differing: Vec<String>,
    },
    /// Refuted claims, with `--strict`.
    #[error("{refuted} of {all} claims are refuted")]
    Refuted {
        /// Number of refuted claims.
        refuted: usize,
        /// Number of claims.
        all: usize,
    },
    /// Temporary folder that cannot be created.
    #[error("cannot create a temporary folder in `{}`", escape::path(&std::env::temp_dir()))]
    Temporary(#[source] std::io::Error),
    /// Results that would be compared with themselves.
    #[error("`--in {}`: this folder holds the results to verify; choose another one", escape::path(.0))]
    SameFolder(PathBuf),
    /// Results that cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// Output that cannot be written as CSV.
    #[error("cannot write the output as CSV")]
    Csv(#[from] csv::Error),
    /// Output that cannot be written as JSON.
    #[error("cannot write the output as JSON")]
    Json(#[from] serde_json::Error),
    /// Standard output that cannot be written.
    #[error("standard output: cannot be written: {0}")]
    Stdout(std::io::Error),
    /// Folder of specs that cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// File that is no picture to read.
    #[error(
        "`{}`: {reason}; expected a PNG picture of at most 16 million pixels",
        escape::path(path)
    )]
    Picture {
        /// File.
        path: PathBuf,
        /// Why it is none.
        reason: String,
    },
    /// Descent figure that cannot be drawn.
    #[error("a figure cannot be drawn")]
    Figure(#[source] FigureError),
    /// Output file or folder that cannot be written.
    #[error(transparent)]
    Output(IoError),
}

/// Fault of a spec.
#[derive(Debug, thiserror::Error)]
pub enum SpecFault {
    /// Spec that cannot be read, or has faults.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Spec that does not exist.
    #[error(
        "`{typed}`: no such spec; expected a file, a folder, or a name below `{root}`{hint}",
        root = ROOT,
        hint = did_you_mean(meant.as_deref())
    )]
    Missing {
        /// Argument as typed.
        typed: String,
        /// Spec that was probably meant.
        meant: Option<String>,
    },
}

impl SpecFault {
    /// Fault of a path or name that leads to no spec.
    pub fn missing(typed: &Path) -> Self {
        Self::Missing {
            typed: escape::path(typed),
            meant: names::suggestion(typed),
        }
    }
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| {
        format!("; did you mean `{}`?", escape::line(meant))
    })
}

fn nearest_claims(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return "the specs have no claims".to_owned();
    }
    let lines = nearest
        .iter()
        .map(|says| format!("\n  {}", escape::line(says)));
    format!("the nearest are{}", lines.collect::<String>())
}

fn joined(errors: &[SpecFault]) -> String {
    let texts: Vec<String> = errors.iter().map(|error| chain(error)).collect();
    texts.join("\n")
}

impl Failure {
    /// True if every seed of the experiment fails like this, as they share their data.
    pub fn is_of_all_seeds(&self) -> bool {
        matches!(
            self,
            Self::Run(
                _,
                RunError::Data(_)
                    | RunError::Misfits(_)
                    | RunError::Resample(_)
                    | RunError::Fallback(_)
                    | RunError::Exchanged
            )
        )
    }

    /// Returns the outcome, with its exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Differs { .. } | Self::Csv(_) | Self::Json(_) | Self::Figure(_) => Exit::Failed,
            Self::Specs(_)
            | Self::NoSpecs(_)
            | Self::NothingLeftOut(_)
            | Self::SameFolder(_)
            | Self::ReservedName(_)
            | Self::SameResults { .. }
            | Self::NoSuchClaim { .. }
            | Self::Exists(_)
            | Self::Unexplained { .. }
            | Self::NotMeasured(_)
            | Self::Picture { .. }
            | Self::Taken(_)
            | Self::Io(_) => Exit::Usage,
            Self::Data(_) => Exit::Data,
            Self::Unpublished(_)
            | Self::NoResults { .. }
            | Self::Temporary(_)
            | Self::Results(_)
            | Self::Output(_)
            | Self::Stdout(_) => Exit::Files,
            Self::Device(_) | Self::DeviceOf(..) => Exit::Device,
            Self::Refuted { .. } => Exit::Refuted,
            Self::Some { exit, .. } => *exit,
            Self::Run(_, error) => exit_of_run(error),
        }
    }
}

/// Returns the outcome of a failed run.
fn exit_of_run(error: &RunError) -> Exit {
    match error {
        RunError::Train(TrainError::Device(_))
        | RunError::Invert(_, InvertError::Device(_))
        | RunError::NoDevice(_)
        | RunError::Device(_)
        | RunError::Judge(_) => Exit::Device,
        RunError::Output(_)
        | RunError::Results(_)
        | RunError::Modified(_)
        | RunError::Finished(_)
        | RunError::Store(_)
        | RunError::InTheWay(_)
        | RunError::Lock(_) => Exit::Files,
        RunError::Data(_) | RunError::Resample(_) | RunError::Fallback(_) => Exit::Data,
        RunError::Variable(..) | RunError::Taken(_) => Exit::Usage,
        RunError::Misfits(_)
        | RunError::Train(_)
        | RunError::Original(_)
        | RunError::Invert(..)
        | RunError::Prior(_)
        | RunError::Figure(..)
        | RunError::Table(_)
        | RunError::Arrays(_)
        | RunError::Manifest(_)
        | RunError::Exchanged
        | RunError::NotComputed(_)
        | RunError::Unreadable(_)
        | RunError::Panicked(_) => Exit::Failed,
    }
}

/// Prints a failure to standard error, with control characters shown as escapes.
pub fn print(failure: &Failure) {
    // If standard error is closed, the message cannot be shown.
    let (label, text) = (output::error_label(), chain(failure));
    let _ = writeln!(std::io::stderr(), "{label} {}", escape::lines(&text));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Device failures of training, of an inversion, of a judge and of the whole run.
    #[test]
    fn a_device_that_fails_has_an_exit_code_of_its_own() {
        let lost = || "lost".to_owned();
        let failures = [
            RunError::Device(lost()),
            RunError::Judge(lost()),
            RunError::Train(TrainError::Device(lost())),
            RunError::Invert("gradient".to_owned(), InvertError::Device(lost())),
        ];
        for failure in failures {
            assert_eq!(Failure::Run(lost(), failure).exit(), Exit::Device);
        }
        let diverged = RunError::Train(TrainError::Diverged(1));
        assert_eq!(Failure::Run(lost(), diverged).exit(), Exit::Failed);
    }
}
