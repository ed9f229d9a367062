//! The command line: arguments, progress, printing, exit codes.

mod args;
mod commands;
mod error;
mod progress;
mod report;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let result = match args.command {
        Command::Run(run) => commands::run(&run),
        Command::Reproduce(reproduce) => commands::reproduce(&reproduce),
        Command::Check(check) => commands::check(&check),
        Command::Data(data) => commands::data(&data),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            error::print(&failure);
            failure.exit_code()
        }
    }
}
