//! Failures as the user meets them: a message, its causes, an exit code.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use crate::data::DataError;
use crate::io::IoError;
use crate::model::DeviceError;
use crate::pipeline::RunError;
use crate::spec::LoadError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Several specs, each with its faults.
    #[error("{}", joined(.0))]
    Specs(Vec<LoadError>),
    /// No spec where some were expected.
    #[error("there is no spec (a file ending in `.toml`) in `{0}`")]
    NoSpecs(String),
    /// Two specs whose results would overwrite each other.
    #[error(
        "`{0}` and `{1}` would both write their results to `{2}`; put both below a folder called `experiments`, or run them with different `--out`"
    )]
    SameResults(String, String, String),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("{0} failed")]
    Run(String, #[source] RunError),
    /// Some of many runs failed; each was told when it did.
    #[error("{failed} of {all} experiments failed: {names}")]
    Some {
        failed: usize,
        all: usize,
        names: String,
        /// The code of the first of them.
        code: u8,
    },
    /// A folder of specs cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
}

fn joined(errors: &[LoadError]) -> String {
    let texts: Vec<String> = errors.iter().map(|error| chain(error)).collect();
    texts.join("\n")
}

impl Failure {
    /// The documented exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// See `--help`.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Specs(_) | Self::NoSpecs(_) | Self::SameResults(..) | Self::Io(_) => 2,
            Self::Data(_) | Self::Run(_, RunError::Data(_)) => 3,
            Self::Run(_, RunError::Output(_) | RunError::Busy(_) | RunError::InTheWay(_)) => 4,
            Self::Run(..) => 1,
            Self::Device(_) => 5,
            Self::Some { code, .. } => *code,
        }
    }
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

/// Prints a failure to standard error.
pub fn print(failure: &Failure) {
    // If standard error is gone there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "error: {}", chain(failure));
}
