//! SIGINT (Ctrl-C), SIGTERM and SIGHUP.
//!
//! Results need no clean-up: whatever is half done is what a killed process leaves, and
//! the next run deals with it. Only a temporary folder has to be removed. The logs of runs
//! in progress record the signal.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

#[cfg(unix)]
use nix::sys::signal::{SigSet, Signal};
use tempfile::TempDir;

use crate::pipeline::log_interruption;

/// Longest time that printing the message may take.
const PATIENCE: Duration = Duration::from_millis(300);

/// Number of attempts to remove a folder in which other threads still write.
const MAX_ATTEMPTS: usize = 100;

/// The folder to remove.
static TEMPORARY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Creates a temporary folder that is also removed if a signal ends the program.
///
/// # Errors
/// If it cannot be created.
pub fn temporary_folder() -> io::Result<TempDir> {
    // Locked before the folder exists, so that no signal comes between.
    let mut temporary = TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::Builder::new().prefix("backquery-").tempdir()?;
    *temporary = Some(folder.path().to_owned());
    Ok(folder)
}

/// Lets signals end the program, with a message that ends in `advice`. A second signal
/// ends it at once.
#[cfg(unix)]
pub fn listen(advice: &'static str) {
    let mut signals = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM]);
    if !is_ignored(Signal::SIGHUP) {
        signals.add(Signal::SIGHUP);
    }
    // All threads inherit this, so that only the one that waits receives a signal. If it
    // fails, a signal ends the program as well, but without a message.
    if signals.thread_block().is_err() {
        return;
    }
    thread::spawn(move || {
        if let Ok(signal) = signals.wait() {
            thread::spawn(move || end(signal, advice));
        }
        if let Ok(signal) = signals.wait() {
            exit(code(signal));
        }
    });
}

/// Elsewhere the system ends the program, without a message.
#[cfg(not(unix))]
pub fn listen(_advice: &'static str) {}

/// True if the parent process wants this signal to be ignored, as `nohup` does. Only
/// Linux tells.
#[cfg(unix)]
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal as i32 - 1) & 1 == 1)
}

/// Exit code of a program that a signal ended, as shells report it.
#[cfg(unix)]
fn code(signal: Signal) -> i32 {
    128 + signal as i32
}

#[cfg(unix)]
fn end(signal: Signal, advice: &str) {
    let message = format!("interrupted by {signal}");
    log_interruption(&message);
    let (done, is_done) = channel();
    let text = match advice {
        "" => message,
        advice => format!("{message}: {advice}"),
    };
    thread::spawn(move || {
        let _ = writeln!(io::stderr(), "\n{text}");
        let _ = done.send(());
    });
    // The reader of standard error may have stopped reading.
    let _ = is_done.recv_timeout(PATIENCE);
    let temporary = TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = &*temporary {
        remove(folder);
    }
    exit(code(signal))
}

/// Removes a folder, again if another thread has written something new into it.
#[cfg(unix)]
fn remove(folder: &Path) {
    for _ in 0..MAX_ATTEMPTS {
        let _ = std::fs::remove_dir_all(folder);
        if !folder.exists() {
            return;
        }
    }
}
