//! The command line: arguments, progress, printing, exit codes.

mod args;
mod commands;
mod compare;
mod completions;
mod devices;
mod error;
mod exit;
mod explain;
mod help;
mod inspect;
mod line;
mod man;
mod missing_seeds;
mod names;
mod new;
mod output;
mod pictures;
mod progress;
mod read;
mod reference;
mod schema;
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
use exit::Exit;

/// Runs the program with the arguments of the process.
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
            failure.exit().into()
        }
    }
}

/// Prints help, or the fault of the arguments, and returns the exit code.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        output::help(&error.render());
        return ExitCode::SUCCESS;
    }
    // If standard error is closed, the message cannot be shown.
    let _ = error.print();
    Exit::Usage.into()
}

fn run(command: Command) -> ExitCode {
    #[cfg(unix)]
    signals::listen(advice(&command));
    let done = |()| ExitCode::SUCCESS;
    let result = match command {
        Command::Run(args) => commands::run(&args).map(done),
        Command::Reproduce(args) => commands::reproduce(&args).map(done),
        Command::Plan(args) => inspect::plan(&args),
        Command::Verify(args) => verify::verify(&args).map(done),
        Command::Claims(args) => inspect::claims(&args).map(done),
        Command::Compare(args) => compare::compare(&args).map(done),
        Command::Gc(args) => inspect::gc(&args).map(done),
        Command::Check(args) => commands::check(&args).map(done),
        Command::Data(args) => commands::data(&args).map(done),
        Command::Read(args) => read::read(&args).map(done),
        Command::Descent(args) => commands::descent(&args).map(done),
        Command::New(args) => new::new(&args).map(done),
        Command::Explain(args) => explain::explain(&args).map(done),
        Command::Schema => schema::print().map(done),
        Command::Completions(args) => {
            completions::print(&args);
            Ok(ExitCode::SUCCESS)
        }
        Command::Man(args) => man::man(&args).map(done),
        Command::Devices => {
            devices::list();
            Ok(ExitCode::SUCCESS)
        }
    };
    io::stop_if_ending();
    result.unwrap_or_else(|failure| {
        error::print(&failure);
        failure.exit().into()
    })
}

/// Escapes control characters of arguments within an error.
fn escaped(mut error: clap::Error) -> clap::Error {
    let context = error.context();
    let context = context.filter_map(|(kind, value)| Some((kind, escaped_value(value)?)));
    for (kind, value) in context.collect::<Vec<_>>() {
        error.insert(kind, value);
    }
    error
}

/// Escapes a value that repeats an argument; `None` for other values.
fn escaped_value(value: &ContextValue) -> Option<ContextValue> {
    let is_unsafe = |text: &StyledStr| text.to_string().contains(escape::is_unsafe);
    match value {
        ContextValue::String(text) => Some(ContextValue::String(escape::line(text).into_owned())),
        // Tips are styled; escaping them would escape their styles as well.
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
        Command::Run(_) | Command::Reproduce(_) | Command::Read(_) => {
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
        | Command::New(_)
        | Command::Explain(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Schema
        | Command::Devices => "",
    }
}
