//! Failures as the user meets them: a message, its causes, an exit code.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{names, output};
use crate::config::LoadError;
use crate::data::DataError;
use crate::escape;
use crate::figures::FigureError;
use crate::invert::InvertError;
use crate::io::IoError;
use crate::model::DeviceError;
use crate::pipeline::{ROOT, RunError, Taken, chain};
use crate::report::ResultsError;
use crate::train::TrainError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Several specs, each with its faults.
    #[error("{}", joined(.0))]
    Specs(Vec<SpecFault>),
    /// No spec where some were expected.
    #[error("there is no spec (a file ending in `.toml`) in `{}`", escape::line(.0))]
    NoSpecs(String),
    /// What was to be left out was not there.
    #[error("`--without` names `{}`, but there is no spec that it leaves out", escape::line(.0))]
    NothingLeftOut(String),
    /// Two specs whose results would overwrite each other.
    #[error(
        "`{}` and `{}` would both write their results to `{}`; put both below a folder called `experiments`, or run them with different `--out`",
        escape::line(.0),
        escape::line(.1),
        escape::line(.2)
    )]
    SameResults(String, String, String),
    /// Results folder of another spec.
    #[error(transparent)]
    Taken(#[from] Taken),
    /// What the command line asks for.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// What a spec asks for.
    #[error(
        "`{}` says `device = \"{}\"`, and so does not run here unless `--device` overrules it",
        escape::line(.0),
        .1
    )]
    DeviceOf(String, &'static str, #[source] DeviceError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("{} failed", escape::line(.0))]
    Run(String, #[source] RunError),
    /// Some of many replicates failed; each was told when it did.
    #[error("{} failed: {}", .names.len(), .names.join(", "))]
    Some {
        /// Which.
        names: Vec<String>,
        /// The code of the first of them.
        code: u8,
    },
    /// A spec whose results would lie within those of another.
    #[error(
        "`{}` would put its results where others are; give it another name than `claims`, `summary`, `seed-` and a number, or one with a leading dot",
        escape::line(.0)
    )]
    ReservedName(String),
    /// An experiment without results, whose name was probably mistyped.
    #[error(
        "`{typed}`: there are no results in `{}`{}",
        escape::path(folder),
        did_you_mean(Some(meant))
    )]
    NoResults {
        /// As it was typed.
        typed: String,
        /// Folder in which they were looked for.
        folder: PathBuf,
        /// The spec that was probably meant.
        meant: String,
    },
    /// No claim with the text that was asked for.
    #[error(
        "`--says {}`: no claim contains this text; {}",
        escape::line(text),
        nearest_claims(nearest)
    )]
    NoSuchClaim {
        /// The text.
        text: String,
        /// The sentences most like it.
        nearest: Vec<String>,
    },
    /// Nothing to verify.
    #[error("there are no results in `{}` to verify; run the specs first, or name others with `--results`", escape::path(.0))]
    Unpublished(PathBuf),
    /// A rerun that gave something else.
    #[error("not verified: of {all} folders of results these differ: {differing}")]
    Differs {
        /// Replicates and summaries compared.
        all: usize,
        /// Those that differ.
        differing: String,
    },
    /// Claims that do not hold, where that is a failure.
    #[error("{0} of {1} claims are refuted")]
    Refuted(usize, usize),
    /// No folder to rerun in.
    #[error("no temporary folder can be made in `{}`", escape::path(&std::env::temp_dir()))]
    Temporary(#[source] std::io::Error),
    /// Results that would be compared with themselves.
    #[error("`--in {}`: is the folder of the results to verify; name another one", escape::path(.0))]
    SameFolder(PathBuf),
    /// Results that cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// A comparison does not fit into its format.
    #[error("the comparison cannot be written as CSV")]
    Csv(#[from] csv::Error),
    /// A comparison does not fit into its format.
    #[error("the comparison cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// Output that was lost.
    #[error("standard output: cannot be written: {0}")]
    Stdout(std::io::Error),
    /// A folder of specs cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A figure that no spec asks for cannot be drawn.
    #[error("a figure cannot be drawn")]
    Figure(#[source] FigureError),
    /// A folder cannot be written to.
    #[error(transparent)]
    Output(IoError),
}

/// Why a spec cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecFault {
    /// It cannot be read, or has faults.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is nothing of that name.
    #[error(
        "`{typed}`: no such spec; expected a file, a folder, or a name below `{root}`{hint}",
        root = ROOT,
        hint = did_you_mean(meant.as_deref())
    )]
    Missing {
        /// As it was typed.
        typed: String,
        /// The spec that was probably meant.
        meant: Option<String>,
    },
}

impl SpecFault {
    /// There is no spec where this path or name leads.
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
    /// True if other seeds of the same experiment would fail as well: they have
    /// the same data.
    #[must_use]
    pub fn is_of_all_seeds(&self) -> bool {
        matches!(
            self,
            Self::Run(
                _,
                RunError::Data(_)
                    | RunError::Misfits(_)
                    | RunError::StandsIn(_)
                    | RunError::Exchanged
            )
        )
    }

    /// The documented exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// See `--help`.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Specs(_)
            | Self::NoSpecs(_)
            | Self::NothingLeftOut(_)
            | Self::SameFolder(_)
            | Self::ReservedName(_)
            | Self::SameResults(..)
            | Self::NoSuchClaim { .. }
            | Self::Taken(_)
            | Self::Io(_) => 2,
            Self::Run(_, RunError::Variable(..) | RunError::Taken(_)) => 2,
            Self::Data(_) | Self::Run(_, RunError::Data(_) | RunError::StandsIn(_)) => 3,
            Self::Run(
                _,
                RunError::Output(_)
                | RunError::Results(_)
                | RunError::Modified(_)
                | RunError::Finished(_)
                | RunError::Store(_)
                | RunError::InTheWay(_)
                | RunError::Lock(_),
            ) => 4,
            Self::Unpublished(_)
            | Self::NoResults { .. }
            | Self::Temporary(_)
            | Self::Results(_)
            | Self::Output(_)
            | Self::Stdout(_) => 4,
            Self::Run(
                _,
                RunError::NoDevice(_)
                | RunError::Device(_)
                | RunError::Judge(_)
                | RunError::Train(TrainError::Device(_))
                | RunError::Invert(_, InvertError::Device(_)),
            ) => 5,
            Self::Run(..)
            | Self::Differs { .. }
            | Self::Csv(_)
            | Self::Json(_)
            | Self::Figure(_) => 1,
            Self::Device(_) | Self::DeviceOf(..) => 5,
            Self::Refuted(..) => 6,
            Self::Some { code, .. } => *code,
        }
    }
}

/// Prints a failure to standard error, with control characters shown as escapes.
pub fn print(failure: &Failure) {
    // If standard error is gone there is nobody to tell.
    let (label, text) = (output::error_label(), chain(failure));
    let _ = writeln!(std::io::stderr(), "{label} {}", escape::lines(&text));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever it fails: in training, in a search, in a judge, or all at once.
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
            assert_eq!(Failure::Run(lost(), failure).code(), 5);
        }
        let diverged = RunError::Train(TrainError::Diverged(1));
        assert_eq!(Failure::Run(lost(), diverged).code(), 1);
    }
}
