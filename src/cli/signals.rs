//! SIGINT (Ctrl-C), SIGTERM and SIGHUP.
//!
//! Results need no clean-up: the next run deals with unfinished ones, as after a killed
//! process. Only a temporary folder has to be removed. The logs of runs in progress record
//! the signal.

use std::io::{self, Write};
use std::process::exit;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};

use super::temporary;
use crate::io as files;
use crate::pipeline::log_interruption;

/// Longest time that printing the message may take.
const PATIENCE: Duration = Duration::from_millis(300);

/// Lets signals end the program, with a message that ends in `advice`. A second signal
/// ends it at once.
pub fn listen(advice: &'static str) {
    let mut signals = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM]);
    if !is_ignored(Signal::SIGHUP) {
        signals.add(Signal::SIGHUP);
    }
    // All threads inherit this mask, so that only the waiting one receives a signal. If it
    // fails, a signal ends the program without a message.
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

/// True if the parent process had this signal ignored, as `nohup` does. Only known on
/// Linux.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| (mask >> (signal as i32 - 1)) & 1 == 1)
}

/// Exit code that shells report for a process that a signal ended.
fn code(signal: Signal) -> i32 {
    128 + signal as i32
}

fn end(signal: Signal, advice: &str) {
    files::end();
    let mut message = format!("interrupted by {signal}");
    log_interruption(&message);
    if !advice.is_empty() {
        message = format!("{message}: {advice}");
    }
    let (done, is_done) = channel();
    thread::spawn(move || {
        let _ = writeln!(io::stderr(), "\n{message}");
        let _ = done.send(());
    });
    // The reader of standard error may have stopped reading.
    let _ = is_done.recv_timeout(PATIENCE);
    temporary::remove();
    exit(code(signal))
}
