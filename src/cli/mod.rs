//! The command line: arguments, progress, printing, exit codes.

mod args;
mod commands;
mod devices;
mod error;
mod inspect;
mod line;
mod names;
mod output;
mod pictures;
mod progress;
mod seeds;
mod sentences;
#[cfg(unix)]
mod signals;
mod specs;
mod temporary;
mod text;
mod verify;

use std::process::ExitCode;

use clap::Parser;
use clap::builder::StyledStr;
use clap::error::ContextValue;

use crate::escape;
use crate::io;
use crate::pipeline::keep_panics_quiet;
use args::{Args, Command};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    keep_panics_quiet();
    let code = match Args::try_parse() {
        Ok(args) => run(args.command),
        Err(error) => usage(&escaped(error)),
    };
    match output::check() {
        Ok(()) => code,
        Err(failure) => {
            error::print(&failure);
            failure.exit_code()
        }
    }
}

/// Prints the help that was asked for, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        output::help(&error.render());
        return ExitCode::SUCCESS;
    }
    // If standard error is closed, the message cannot be shown.
    let _ = error.print();
    ExitCode::from(USAGE)
}

/// Exit code of wrong arguments.
const USAGE: u8 = 2;

fn run(command: Command) -> ExitCode {
    #[cfg(unix)]
    signals::listen(advice(&command));
    let done = |()| ExitCode::SUCCESS;
    let result = match command {
        Command::Run(run) => commands::run(&run).map(done),
        Command::Reproduce(reproduce) => commands::reproduce(&reproduce).map(done),
        Command::Plan(plan) => inspect::plan(&plan),
        Command::Verify(verify) => verify::verify(&verify).map(done),
        Command::Claims(claims) => inspect::claims(&claims).map(done),
        Command::Compare(compare) => inspect::compare(&compare).map(done),
        Command::Gc(gc) => inspect::gc(&gc).map(done),
        Command::Check(check) => commands::check(&check).map(done),
        Command::Data(data) => commands::data(&data).map(done),
        Command::Descent(descent) => commands::descent(&descent).map(done),
        Command::Devices => {
            devices::list();
            Ok(ExitCode::SUCCESS)
        }
    };
    io::stop_if_ending();
    result.unwrap_or_else(|failure| {
        error::print(&failure);
        failure.exit_code()
    })
}

/// Returns the error with control characters of arguments shown as escapes.
fn escaped(mut error: clap::Error) -> clap::Error {
    let context = error.context();
    let context = context.filter_map(|(kind, value)| Some((kind, escaped_value(value)?)));
    for (kind, value) in context.collect::<Vec<_>>() {
        error.insert(kind, value);
    }
    error
}

/// The value with escapes, if it repeats an argument.
fn escaped_value(value: &ContextValue) -> Option<ContextValue> {
    let is_unsafe = |text: &StyledStr| text.to_string().contains(escape::is_unsafe);
    match value {
        ContextValue::String(text) => Some(ContextValue::String(escape::line(text).into_owned())),
        // Tips are styled; the styles would be escaped as well.
        ContextValue::StyledStrs(tips) if tips.iter().any(is_unsafe) => {
            let escaped = |tip: &StyledStr| escape::line(&tip.to_string()).into_owned().into();
            Some(ContextValue::StyledStrs(tips.iter().map(escaped).collect()))
        }
        _ => None,
    }
}

/// Remedy shown after a signal has ended a command.
#[cfg(unix)]
fn advice(command: &Command) -> &'static str {
    match command {
        Command::Run(_) | Command::Reproduce(_) => {
            "run the same command again to resume; finished stages are kept, and training \
             resumes from its last checkpoint"
        }
        Command::Verify(_) => "nothing was verified",
        Command::Gc(_) => "run the same command again to remove the rest",
        Command::Data(_) => "files that arrived whole are kept",
        Command::Descent(_)
        | Command::Plan(_)
        | Command::Claims(_)
        | Command::Compare(_)
        | Command::Check(_)
        | Command::Devices => "",
    }
}
