//! Standard output, and colour on terminals.

use std::io::{self, ErrorKind, Write};
use std::sync::Mutex;

use anstream::{AutoStream, ColorChoice};
use clap::builder::styling::{AnsiColor, Style};

use super::error::Failure;
use crate::claims::Verdict;
use crate::escape;
use crate::pipeline::lock;

/// First write that failed. Global, as standard output is: jobs print from several threads,
/// and a run finishes its results before it reports the failure.
static FAULT: Mutex<Option<io::Error>> = Mutex::new(None);

/// Prints a text and a line break to standard output, with control characters shown as
/// escapes. Nothing is printed after a failure, which [`check`] reports.
pub fn say(text: &str) {
    say_coloured(&escape::lines(text));
}

/// Prints a text that may have colour. Untrusted parts of it must be escaped already.
pub fn say_coloured(text: &str) {
    let mut fault = lock(&FAULT);
    if fault.is_none() {
        *fault = write(&format!("{text}\n")).err();
    }
}

/// Checks that all output was written. A closed pipe, as with `head`, is no failure.
///
/// # Errors
/// If standard output could not be written.
pub fn check() -> Result<(), Failure> {
    match lock(&FAULT).take() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Stdout(error)),
        _ => Ok(()),
    }
}

/// Writes to the descriptor itself: [`io::Stdout`] ignores one that is not open for
/// writing.
#[cfg(unix)]
fn write(text: &str) -> io::Result<()> {
    use std::os::fd::AsFd;
    let stdout = io::stdout().as_fd().try_clone_to_owned()?;
    std::fs::File::from(stdout).write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Prints help or version.
pub fn help(text: &clap::builder::StyledStr) {
    let text = if is_coloured() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    say_coloured(text.trim_end());
}

/// Colours a verdict, if standard output shows colours.
pub fn verdict(verdict: &Verdict, text: &str) -> String {
    let colour = match verdict {
        Verdict::Confirmed | Verdict::Consistent | Verdict::NotRefuted { .. } => AnsiColor::Green,
        Verdict::Refuted | Verdict::Inconsistent => AnsiColor::Red,
        Verdict::Undecided(_) | Verdict::Point { .. } => AnsiColor::Yellow,
    };
    paint(colour.on_default().bold(), text, is_coloured())
}

/// Label of error messages, coloured if standard error shows colours.
pub fn error_label() -> String {
    let shows = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    paint(AnsiColor::Red.on_default().bold(), "error:", shows)
}

/// True if standard output is a terminal with colours; `NO_COLOR` and `CLICOLOR_FORCE`
/// override it.
fn is_coloured() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

fn paint(style: Style, text: &str, shows: bool) -> String {
    if shows {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}
