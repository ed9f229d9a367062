//! Standard output that cannot be written, and terminals of any width.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use crate::killed::longer;
use crate::project::{PROGRAM, Project, Ran, SMALL};

const SPEC: &str = "experiments/small.toml";

const CLAIM: &str = "
[[claim]]
says = \"it learns something\"
metric = \"train_accuracy\"
near = 0.5
within = 5
";

fn project() -> Project {
    Project::new().with(SPEC, format!("{SMALL}{CLAIM}"))
}

fn run_into(project: &Project, arguments: &[&str], stdout: impl Into<Stdio>) -> Ran {
    let mut command = project.command(arguments);
    command.stdout(stdout);
    project.finish(command)
}

/// Every command, with something to print.
const COMMANDS: [&[&str]; 16] = [
    &["--help"],
    &["--version"],
    &["run", "--help"],
    &["run", SPEC],
    &["reproduce"],
    &["check"],
    &["plan"],
    &["plan", "--json"],
    &["plan", "--set", "train.epochs=9"],
    &["verify"],
    &["claims"],
    &["claims", "--format", "csv"],
    &["compare", "small", "results/small", "--format", "json"],
    &["gc", "--dry-run"],
    &["data", "list"],
    &["devices"],
];

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let project = project();
    let full = || File::options().write(true).open("/dev/full").unwrap();
    // Results are written all the same.
    let ran = run_into(&project, &["run", SPEC], full());
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(project.path("results/small/seed-0/manifest.json").exists());
    for arguments in COMMANDS {
        let ran = run_into(&project, arguments, full());
        assert_eq!(ran.code, Some(4), "{arguments:?}: {}", ran.err);
        let message = "error: standard output: cannot be written: No space left on device";
        assert_eq!(
            ran.err.matches(message).count(),
            1,
            "{arguments:?}: {}",
            ran.err
        );
    }
    // Who reads no progress reads no complaint about it.
    let mut command = project.command(&["run", SPEC, "--set", "train.epochs=2"]);
    command.stderr(full());
    assert_eq!(project.finish(command).code, Some(0));
}

#[test]
fn output_that_is_not_open_for_writing_is_a_failure() {
    let ran = run_into(&project(), &["devices"], File::open("/dev/null").unwrap());
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(
        ran.err.contains("standard output: cannot be written"),
        "{}",
        ran.err
    );
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let project = project();
    for arguments in COMMANDS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = run_into(&project, arguments, writer);
        // A plan of something else says so with 1.
        let expected = i32::from(arguments.contains(&"train.epochs=9"));
        assert_eq!(ran.code, Some(expected), "{arguments:?}: {}", ran.err);
        assert!(!ran.err.contains("error:"), "{arguments:?}: {}", ran.err);
    }
    assert!(project.path("results/small/seed-0/manifest.json").exists());
}

/// Runs the program on a terminal with this number of columns; `None` without `script`.
fn on_terminal(project: &Project, columns: usize, arguments: &str) -> Option<String> {
    let line = format!("stty cols {columns} rows 24; exec '{PROGRAM}' {arguments}");
    let mut command = Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .current_dir(project.path(""))
        .stdin(Stdio::null());
    let environment: Vec<_> = project
        .command(&[])
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    command
        .env_clear()
        .env("SHELL", "/bin/sh")
        .envs(environment);
    if command.get_envs().all(|(name, _)| name != "TERM") {
        command.env("TERM", "xterm");
    }
    let Ok(output) = command.output() else {
        eprintln!("skipped: there is no `script`");
        return None;
    };
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn verdicts_have_colour_on_terminals_alone() {
    let with = |name, value: &str| {
        // Three replicates, so that there is a verdict.
        let project = project()
            .with(SPEC, format!("seeds = 3\n{SMALL}{CLAIM}"))
            .variable(name, value);
        project.succeed(&["run", SPEC, "--quiet"]);
        project
    };
    let plain = with("LANG", "C");
    let Some(shown) = on_terminal(&plain, 80, "claims") else {
        return;
    };
    let green = "\u{1b}[1m\u{1b}[32mCONFIRMED\u{1b}[0m     it learns something";
    assert!(shown.contains(green), "{shown:?}");
    assert!(!plain.succeed(&["claims"]).out.contains('\u{1b}'));
    let table = on_terminal(&plain, 80, "claims --format csv").unwrap();
    assert!(!table.contains('\u{1b}'), "{table:?}");
    let error = on_terminal(&plain, 80, "check nosuch").unwrap();
    assert!(
        error.contains("\u{1b}[31merror:\u{1b}[0m `nosuch`"),
        "{error:?}"
    );
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let shown = on_terminal(&with(name, value), 80, "claims").unwrap();
        assert!(
            shown.contains("CONFIRMED     it learns something"),
            "{shown:?}"
        );
        assert!(!shown.contains('\u{1b}'), "{name}: {shown:?}");
    }
}

/// Text in the lines of a terminal, without control codes.
fn lines(shown: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut letters = shown.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    let lines = plain.split(['\r', '\n']);
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn progress_fits_the_terminal() {
    for columns in [20, 40, 60, 80, 200] {
        let project = longer(400);
        let Some(shown) = on_terminal(&project, columns, &format!("run {SPEC}")) else {
            return;
        };
        let lines = lines(&shown);
        let progress = |line: &&String| line.contains("epoch ") && line.contains("/400");
        let progress: Vec<&String> = lines.iter().filter(progress).collect();
        assert!(!progress.is_empty(), "{shown:?}");
        for line in progress {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
            let numbers = line.split("epoch ").nth(1).unwrap();
            let numbers = numbers.split(',').next().unwrap();
            let (epoch, of) = numbers.split_once('/').unwrap();
            assert!(
                epoch.parse::<usize>().is_ok() && of == "400",
                "{columns}: {line}"
            );
        }
        fs::remove_dir_all(project.path("results")).unwrap();
    }
}
