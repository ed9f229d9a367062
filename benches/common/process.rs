//! Programs run from start to end, and what that cost.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

/// Cost of a program.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Wall-clock time.
    pub seconds: f64,
    /// Processor time of all threads.
    pub processor_seconds: f64,
    /// The most memory that it had at a time, in 10^6 bytes.
    pub peak_mb: f64,
}

/// The program as built beside the one that is running.
pub fn backquery() -> Command {
    let path: PathBuf = std::env::current_exe().unwrap();
    Command::new(path.with_file_name("backquery"))
}

/// Runs a command to its end, without what it prints.
pub fn run(command: &mut Command) -> Cost {
    let began = Instant::now();
    let child = command.stdout(Stdio::null()).spawn();
    let child = child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let used = child.wait4().unwrap();
    assert!(used.status.success(), "{command:?}: {}", used.status);
    Cost {
        seconds: began.elapsed().as_secs_f64(),
        processor_seconds: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        peak_mb: used.rusage.maxrss as f64 / 1e6,
    }
}
