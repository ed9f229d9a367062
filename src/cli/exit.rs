//! Exit codes of the program.

use std::process::ExitCode;

/// Outcome of a command, with the exit code that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything was done.
    Success = 0,
    /// A run failed, a stage would run, or results differ.
    Failed = 1,
    /// A spec or an argument is wrong.
    Usage = 2,
    /// A data set is unavailable or broken.
    Data = 3,
    /// Results or standard output cannot be read or written.
    Files = 4,
    /// The device cannot be used.
    Device = 5,
    /// A claim is refuted.
    Refuted = 6,
}

impl Exit {
    /// All outcomes, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Failed,
        Self::Usage,
        Self::Data,
        Self::Files,
        Self::Device,
        Self::Refuted,
    ];

    /// Returns the exit code as a number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns the meaning, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => {
                "a run failed: training diverged, or an inverse does not exist; plan: a stage \
                 would run; verify: results differ"
            }
            Self::Usage => {
                "a spec or an argument is wrong, or the results folder belongs to another spec; \
                 nothing was run"
            }
            Self::Data => "a data set is unavailable or broken",
            Self::Files => {
                "results or standard output cannot be read or written, or another process holds \
                 the results and `--no-wait` was given"
            }
            Self::Device => "the device cannot be used, or failed during a run",
            Self::Refuted => "with --strict: a claim is refuted",
        }
    }
}

/// Exit codes after a signal, 128 and its number: of SIGHUP, SIGINT and SIGTERM.
pub const SIGNALS: &str = "129, 130, 143";

/// Meaning of the exit codes after a signal.
pub const AFTER_SIGNAL: &str =
    "ended by SIGHUP, SIGINT (Ctrl-C) or SIGTERM; the same command resumes a run";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_numbered_from_zero() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6]);
    }
}
