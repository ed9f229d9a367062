//! The command that writes manual pages.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::Args;
use super::error::Failure;
use super::exit::{AFTER_SIGNAL, Exit, SIGNALS};
use super::output::{say, say_coloured};
use crate::escape;
use crate::io;

#[derive(Debug, ClapArgs)]
pub struct ManArgs {
    /// Folder to write a page for every command to; without it, the page of the program is
    /// printed
    pub folder: Option<PathBuf>,
}

/// Runs `backquery man`.
///
/// # Errors
/// If a page cannot be written.
pub fn man(args: &ManArgs) -> Result<(), Failure> {
    // Pages have headings of their own in place of the grouped help.
    let mut program = Args::command().after_help("").disable_help_subcommand(true);
    program.build();
    let Some(folder) = &args.folder else {
        // A page of the program itself, in which line breaks and dots have a meaning.
        say_coloured(program_page(&program)?.trim_end());
        return Ok(());
    };
    io::create_dir_all(folder).map_err(Failure::Output)?;
    write(folder, "backquery.1", &program_page(&program)?)?;
    let commands = all_below(&program);
    for command in &commands {
        let page = Man::new((*command).clone());
        let mut text = Vec::new();
        page.render(&mut text).map_err(Failure::Stdout)?;
        write(
            folder,
            &page.get_filename(),
            &String::from_utf8_lossy(&text),
        )?;
    }
    let path = escape::path(folder);
    say(&format!(
        "{path}: {} manual pages written",
        commands.len() + 1
    ));
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    io::write_atomic(&folder.join(name), text.as_bytes()).map_err(Failure::Output)
}

/// All commands below a command, those with commands of their own included.
fn all_below(command: &clap::Command) -> Vec<&clap::Command> {
    let below = command.get_subcommands();
    below
        .flat_map(|one| [vec![one], all_below(one)].concat())
        .collect()
}

/// Page of the program: what clap knows, and the exit codes.
fn program_page(program: &clap::Command) -> Result<String, Failure> {
    let page = Man::new(program.clone());
    let mut bytes = Vec::new();
    let sections = [
        Man::render_title,
        Man::render_name_section,
        Man::render_synopsis_section,
        Man::render_description_section,
        Man::render_subcommands_section,
        Man::render_options_section,
    ];
    for section in sections {
        section(&page, &mut bytes).map_err(Failure::Stdout)?;
    }
    let mut rest = Roff::new();
    rest.control("SH", ["EXIT STATUS"]);
    let signals = (SIGNALS.to_owned(), AFTER_SIGNAL);
    let codes = Exit::ALL.map(|exit| (exit.code().to_string(), exit.about()));
    for (code, about) in codes.into_iter().chain([signals]) {
        rest.control("TP", [])
            .text([bold(code)])
            .text([roman(about)]);
    }
    rest.control("SH", ["SEE ALSO"]);
    rest.text([roman(
        "`backquery man FOLDER` writes the pages of all commands.",
    )]);
    rest.to_writer(&mut bytes).map_err(Failure::Stdout)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
