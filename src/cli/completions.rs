//! The command that prints completions for shells.

use clap::{Args as ClapArgs, CommandFactory};
use clap_complete::Shell;

use super::args::Args;
use super::output::say_coloured;

#[derive(Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// Shell that completes the arguments of `backquery`
    pub shell: Shell,
}

/// Runs `backquery completions`.
pub fn print(args: &CompletionsArgs) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "backquery", &mut script);
    // A script of the program itself, in which tabs have a meaning.
    say_coloured(String::from_utf8_lossy(&script).trim_end());
}
