//! Texts of `--help`: commands by purpose, and exit codes.

use std::fmt::Write as _;

use clap::Subcommand;
use clap::builder::{StyledStr, Styles};

use super::args::Command;
use super::exit::{AFTER_SIGNAL, Exit, SIGNALS};
use crate::report::layout::wrap_to;

/// Heading of the options that say where data and devices are.
pub const DATA_AND_DEVICE: &str = "Data and device";

/// Heading of the options that say how a run shares the machine.
pub const EXECUTION: &str = "Execution";

/// Commands by purpose, the most used first.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Experiments", &["run", "reproduce", "plan", "verify"]),
    ("Results", &["claims", "compare", "read"]),
    ("Specs", &["new", "check", "explain", "schema"]),
    ("Data and machine", &["data", "devices", "gc"]),
    ("Other", &["descent", "completions", "man", "help"]),
];

const EXAMPLES: &str = "
  backquery reproduce                          every experiment, every figure
  backquery run paper/slp                      one experiment, by name or path
  backquery run paper/mlp --set model.hidden=[100] --out try
                                               another one, with a value changed
  backquery help run                           a command and its options
";

/// Columns of the texts that clap does not wrap.
const COLUMNS: usize = 80;

/// Returns the template of the help: what clap fills in, with the commands by purpose.
pub fn template() -> StyledStr {
    let mut text = "{about}\n\n{usage-heading} {usage}\n".to_owned();
    for (heading, commands) in GROUPS {
        let _ = write!(text, "\n{}\n{}", headed(heading), lines(commands));
    }
    let _ = write!(text, "\n{}\n{{options}}{{after-help}}", headed("Options"));
    text.into()
}

/// Returns the end of the help: examples, and exit codes.
pub fn after() -> StyledStr {
    let mut text = format!("{}{EXAMPLES}", headed("Start here"));
    let _ = write!(text, "\n{}", headed("Exit codes"));
    for exit in Exit::ALL {
        text.push_str(&wrapped(&exit.code().to_string(), exit.about()));
    }
    text.push_str(&wrapped(SIGNALS, AFTER_SIGNAL));
    text.into()
}

/// Lines of commands: the name, and what it does.
fn lines(names: &[&str]) -> String {
    let all = Command::augment_subcommands(clap::Command::new("backquery"));
    let about = |name: &&str| {
        let about = all.find_subcommand(name).and_then(clap::Command::get_about);
        // Only `help` is clap's own.
        about.map_or_else(
            || "Print this, or the help of a command".to_owned(),
            StyledStr::to_string,
        )
    };
    let lines = names.iter();
    let lines = lines.map(|name| format!("  {name:<11}  {}", about(name)));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// A heading, as clap styles its own.
fn headed(heading: &str) -> String {
    let style = Styles::styled();
    let style = style.get_header();
    format!("{style}{heading}:{style:#}")
}

/// A code and its meaning, wrapped below itself.
fn wrapped(code: &str, about: &str) -> String {
    let lines = wrap_to(&format!("{code}  {about}"), 2, COLUMNS);
    format!("\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let grouped: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        let all = Command::augment_subcommands(clap::Command::new("backquery"));
        let mut names: BTreeSet<&str> =
            all.get_subcommands().map(clap::Command::get_name).collect();
        names.insert("help");
        assert_eq!(grouped.len(), names.len());
        assert_eq!(grouped.into_iter().collect::<BTreeSet<_>>(), names);
    }

    #[test]
    fn lines_fit_a_terminal() {
        let text = format!("{}{}", template(), after());
        for line in text.lines() {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
    }
}
