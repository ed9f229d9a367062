//! `backquery`: see [`backquery::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    backquery::cli::main()
}
