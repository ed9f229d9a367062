//! Files that specs are read from: plain files of the project, in UTF-8.

use std::time::{Duration, Instant};

use crate::project::{Project, SMALL};
use crate::spec_language::fault_of;
use crate::study::project as comparison;

/// Error of a program that must end without waiting.
#[cfg(unix)]
fn fail_at_once(project: &Project, arguments: &[&str]) -> String {
    use std::process::Stdio;
    let mut command = project.command(arguments);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[cfg(unix)]
#[test]
fn what_is_not_a_plain_file_is_refused_at_once() {
    let project = Project::new()
        .with("folder.toml/x", "")
        .with("f.toml", "base = \"pipe\"\n")
        .with("z.toml", "base = \"/dev/zero\"\n")
        .with("d.toml", "base = \"folder.toml\"\n")
        .with("l.toml", "base = \"link.toml\"\n")
        .with(
            "c.toml",
            "title = \"x\"\n[compare]\nexperiments = [\"link\", \"f\"]\n",
        );
    let made = std::process::Command::new("mkfifo")
        .arg(project.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", project.path("link.toml")).unwrap();
    for (spec, expected) in [
        (
            "f.toml",
            "f.toml:1:8: cannot read `pipe`: it is not a plain file",
        ),
        ("z.toml", "cannot read `/dev/zero`: it is not a plain file"),
        ("d.toml", "cannot read `folder.toml`: is a directory"),
        ("l.toml", "cannot read `link.toml`: it is not a plain file"),
        (
            "c.toml",
            "c.toml:3:15: cannot read `link.toml`: it is not a plain file",
        ),
        ("pipe", "it is not a plain file"),
        ("link.toml", "it is not a plain file"),
    ] {
        let shown = fail_at_once(&project, &["check", spec]);
        assert!(shown.contains(expected), "{spec}: {expected}\n{shown}");
    }
    let shown = fail_at_once(&project, &["check", "."]);
    assert!(shown.contains("cannot read `./link.toml`"), "{shown}");
}

#[cfg(unix)]
#[test]
fn no_line_of_a_file_that_is_no_spec_of_the_project_is_shown() {
    let secret = "user: alice\ntoken = hunter2\n";
    let valid = "token = \"hunter2\"\ntitle = 3\n";
    let outside = "is outside the folder of the project, `FOLDER/experiments`";
    let project = Project::new()
        .with("secret", secret)
        .with("x.toml", valid)
        .with("experiments/inside.toml", secret)
        .with("experiments/inside.env", valid)
        .with("experiments/deep/up.toml", "base = \"../../x.toml\"\n");
    let link = |to, name| std::os::unix::fs::symlink(to, project.path(name)).unwrap();
    link("../x.toml", "experiments/link.toml");
    link("..", "experiments/up");
    for (content, expected) in [
        ("base = \"../secret\"\n", outside),
        ("base = \"../x.toml\"\n", outside),
        ("base = \"link.toml\"\n", outside),
        ("base = \"up/x.toml\"\n", outside),
        ("base = \"deep/up.toml\"\n", outside),
        ("base = \"/proc/self/environ\"\n", outside),
        (
            "title = \"x\"\n[compare]\nexperiments = [\"../x\", \"s\"]\n",
            outside,
        ),
        ("base = \"inside.toml\"\n", "experiments/inside.toml:1:5: "),
        (
            "base = \"inside.env\"\n",
            "experiments/inside.env:1:1: unknown key `token`",
        ),
    ] {
        std::fs::write(project.path("experiments/s.toml"), content).unwrap();
        let shown = project.fail(2, &["check", "experiments/s.toml"]);
        assert!(shown.contains(expected), "{content}: {expected}\n{shown}");
        assert!(!shown.contains("hunter2"), "{content}\n{shown}");
    }
    let shown = project.fail(2, &["check", "experiments/link.toml"]);
    assert!(
        shown.contains(outside) && !shown.contains("hunter2"),
        "{shown}"
    );
}

#[test]
fn a_byte_that_is_no_text_has_its_place() {
    let mut spec = format!("{SMALL}# \u{e9}\nx = \"").into_bytes();
    let line = spec.split(|&byte| byte == b'\n').count();
    spec.extend(b"\xff\"\n");
    let shown = fault_of(&spec);
    let expected = format!("a.toml:{line}:6: byte 0xff is not UTF-8 text");
    assert!(shown.contains(&expected), "{shown}");
    let project = Project::new()
        .with("b.toml", spec)
        .with("a.toml", "base = \"b.toml\"\n");
    let shown = project.fail(2, &["check", "a.toml"]);
    assert!(
        shown.contains(&expected.replace("a.toml", "b.toml")),
        "{shown}"
    );
}

#[test]
fn a_comparison_is_laid_over_another_one() {
    let over = "base = \"../compared.toml\"\ntitle = \"Again\"\nseeds = 2\n";
    let other = "base = \"compared.toml\"\ntitle = \"The other way\"\n\
                 [compare]\nexperiments = [\"wide\", \"small\"]\n";
    let project = comparison()
        .with("experiments/x/over.toml", over)
        .with("experiments/other.toml", other)
        .with("experiments/x/pairs.toml", "base = \"../paired.toml\"\n")
        .with("experiments/twice.toml", "base = \"x/over.toml\"\n");
    project.succeed(&["run", "experiments/x/over.toml", "--quiet"]);
    let page = project.read("results/x/over.md");
    assert!(page.starts_with("# Again"), "{page}");
    assert!(page.contains("A small network; seeds 0 1"), "{page}");
    assert!(
        project
            .path("results/x/over/summary/figures/quality.png")
            .exists()
    );
    let check = |spec| project.succeed(&["check", spec]).out;
    assert!(check("experiments/other.toml").contains("ok (The other way)"));
    assert!(check("experiments/twice.toml").contains("ok (Again)"));
    assert!(check("experiments/x/pairs.toml").contains("ok (Settings)"));
    for (content, expected) in [
        (
            "base = \"small.toml\"\n[compare]\nexperiments = [\"small\", \"wide\"]\n",
            "`base` must be a spec of a comparison, as this one is, not of an experiment",
        ),
        (
            "title = \"x\"\n[sweep]\nbase = [\"small.toml\", \"compared.toml\"]\n",
            "`base` must be a spec of an experiment, not of a comparison",
        ),
        ("base = \"a.toml\"\n[compare]\n", "`base` leads in a circle"),
        (
            "base = \"compared.toml\"\n[train]\nepochs = 1\n",
            "unknown key `train`",
        ),
    ] {
        std::fs::write(project.path("experiments/a.toml"), content).unwrap();
        let ran = project.run(&["check", "experiments/a.toml"]);
        assert_eq!(ran.code, Some(2), "{content}");
        assert!(
            ran.err.contains(expected),
            "{content}: {expected}\n{}",
            ran.err
        );
    }
}
