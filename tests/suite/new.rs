//! New specs, and completions.

use crate::explain::has;
use crate::project::{Project, SMALL};

#[test]
fn a_new_spec_passes_and_replaces_nothing() {
    let project = Project::new().with("experiments/a/small.toml", SMALL);
    let wrote = project.succeed(&["new"]).out;
    has(
        &wrote,
        &["experiments/mine.toml: written; `backquery run mine`"],
    );
    let message = project.fail(2, &["new"]);
    has(
        &message,
        &["`experiments/mine.toml`: exists already; choose another name"],
    );
    project.succeed(&["new", "b/over", "--from", "a/small"]);
    has(
        &project.read("experiments/b/over.toml"),
        &[
            "base  = \"../a/small.toml\"\n",
            "title = \"A small network, changed\"\n",
        ],
    );
    project.succeed(&["new", "other.toml"]);
    project.succeed(&["check", "mine", "b/over", "other.toml"]);
    project.succeed(&["run", "b/over", "--quiet"]);
}

/// Blocks that a user may uncomment, each on its own.
#[test]
fn a_new_spec_passes_with_each_block_that_is_commented_out() {
    let project = Project::new();
    project.succeed(&["new"]);
    let text = project.read("experiments/mine.toml");
    let is_key = |line: &str| line.contains(['=', '[']) && !line.contains('`');
    let uncomment = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if is_key(rest) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    let blocks: Vec<&str> = text.split("\n\n").collect();
    let mut changed = 0;
    for (index, block) in blocks.iter().enumerate() {
        let own: String = block.lines().map(uncomment).collect();
        if own.trim_end() == block.trim_end() {
            continue;
        }
        let mut blocks = blocks.clone();
        blocks[index] = &own;
        std::fs::write(project.path("experiments/one.toml"), blocks.join("\n\n")).unwrap();
        project.succeed(&["check", "one"]);
        changed += 1;
    }
    assert_eq!(changed, 3);
}

#[test]
fn a_spec_that_cannot_be_laid_over_another_is_not_left() {
    let project = Project::new()
        .with("experiments/small.toml", SMALL)
        .with("outside.toml", SMALL)
        .with("experiments/bad.toml", "title = 3");
    for (arguments, expected) in [
        (
            ["x", "--from", "smal"],
            "did you mean `experiments/small.toml`?",
        ),
        (["x", "--from", "bad"], "experiments/bad.toml"),
        (
            ["x", "--from", "outside.toml"],
            "is outside the folder of the project",
        ),
        (
            ["seed-1", "--from", "small"],
            "are reserved in results folders",
        ),
    ] {
        let message = project.fail(2, &[&["new"][..], &arguments].concat());
        has(&message, &[expected]);
        assert!(!project.path("experiments/x.toml").exists());
    }
}

#[test]
fn completions_name_every_command() {
    for (shell, start) in [
        ("bash", "_backquery()"),
        ("zsh", "#compdef backquery"),
        ("fish", "complete -c backquery"),
    ] {
        let script = Project::new().succeed(&["completions", shell]).out;
        has(&script, &[start, "reproduce", "explain", "no-fallback"]);
    }
    let message = Project::new().fail(2, &["completions", "basch"]);
    has(&message, &["'basch'", "bash"]);
}
