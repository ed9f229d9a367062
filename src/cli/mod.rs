//! The command line: arguments, progress, printing, exit codes.

mod args;
mod commands;
mod devices;
mod error;
mod inspect;
mod interrupt;
mod progress;
mod specs;
mod text;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    if matches!(args.command, Command::Run(_) | Command::Reproduce(_)) {
        interrupt::listen(None);
    }
    let done = |()| ExitCode::SUCCESS;
    let result = match args.command {
        Command::Run(run) => commands::run(&run).map(done),
        Command::Reproduce(reproduce) => commands::reproduce(&reproduce).map(done),
        Command::Plan(plan) => inspect::plan(&plan),
        Command::Verify(verify) => inspect::verify(&verify).map(done),
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
    result.unwrap_or_else(|failure| {
        error::print(&failure);
        failure.exit_code()
    })
}
