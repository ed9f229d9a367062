//! Arguments: names, folders, seeds, parts of claims; and the end of a run.

use std::fs;

use crate::project::{Project, SMALL, files};

const CLAIMS: &str = "
[[claim]]
says = \"It learns something\"
metric = \"train_accuracy\"
near = 0.5
within = 5

[[claim]]
says = \"it cannot learn at all\"
metric = \"train_accuracy\"
near = 0.0
within = 0.1
";

fn project() -> Project {
    Project::new()
        .with("experiments/a/small.toml", format!("{SMALL}{CLAIMS}"))
        .with("experiments/a/other.toml", SMALL)
        .with("experiments/b.toml", SMALL)
}

/// Number of times that the log of a replicate was opened.
fn runs(project: &Project, name: &str) -> usize {
    let log = fs::read_to_string(project.path(&format!("results/{name}/seed-0.log")));
    log.map_or(0, |log| log.matches("] backquery ").count())
}

#[test]
fn a_run_takes_files_folders_and_names_each_spec_once() {
    let project = project();
    project.succeed(&[
        "run",
        "a/small",
        "./experiments/a/../a/small.toml",
        "a/small.toml",
        "a",
        "experiments/b",
        "--quiet",
    ]);
    for name in ["a/small", "a/other", "b"] {
        assert_eq!(runs(&project, name), 1, "{name}");
    }
    for command in ["check", "plan", "claims", "verify"] {
        let by_name = project.run(&[command, "a/small"]);
        let by_path = project.run(&[command, "experiments/a/small.toml"]);
        assert_eq!(by_name.code, Some(0), "{command}: {}", by_name.err);
        assert_eq!(by_name.out, by_path.out, "{command}");
    }
    project.succeed(&["compare", "b", "experiments/a/small.toml"]);
    let compared = project.run(&["compare", "b", "a/smal"]);
    assert_eq!(compared.code, Some(4));
    let message = "`a/smal`: there are no results in `results/a/smal`; \
                did you mean `experiments/a/small.toml`?";
    assert!(compared.err.contains(message), "{}", compared.err);
    let left = project.succeed(&["reproduce", "--without", "a", "--out", "left", "--quiet"]);
    assert_eq!(left.err, "");
    assert!(project.path("left/b").exists() && !project.path("left/a").exists());
}

#[test]
fn a_name_that_is_nowhere_is_refused_with_the_one_meant() {
    let project = project().with("experiments/c.toml", "title = 1");
    let message = project.fail(2, &["run", "samll.toml", "b", "nothing-like-it", "c"]);
    for line in [
        "`samll.toml`: no such spec; expected a file, a folder, or a name below `experiments`; \
         did you mean `experiments/a/small.toml`?",
        "`nothing-like-it`: no such spec; expected a file, a folder, or a name below \
         `experiments`\n",
        "experiments/c.toml has ",
    ] {
        assert!(message.contains(line), "{line}\n{message}");
    }
}

#[test]
fn seeds_are_lists_and_ranges() {
    let project = project();
    let sets = ["--quiet", "--set", "train.epochs=1"];
    let run = |seeds: &[&str]| {
        let arguments = [&["run", "b"][..], seeds, &sets].concat();
        project.succeed(&arguments);
        let found = files(&project.path("results/b"));
        let manifests = found.iter().filter(|name| name.ends_with("/manifest.json"));
        let seeds = manifests.filter(|name| name.starts_with("seed-")).count();
        fs::remove_dir_all(project.path("results/b")).unwrap();
        seeds
    };
    assert_eq!(run(&["--seed", "0..3"]), 3);
    assert_eq!(run(&["--seed", "0-3,2,9"]), 5);
    assert_eq!(run(&["--seed", "0..=1", "--seed", "1,2"]), 3);
    for (seeds, reason) in [
        ("3-1", "the range `3-1` is reversed"),
        ("4..4", "the range `4..4` is empty"),
        ("0-10000", "expected at most 10000 seeds, got 10001"),
        ("x", "got `x`"),
    ] {
        let message = project.run(&["run", "b", "--seed", seeds]);
        assert_eq!(message.code, Some(2));
        assert!(message.err.contains(reason), "{reason}\n{}", message.err);
    }
}

#[test]
fn claims_are_picked_by_sentence_and_seed() {
    let project = project();
    project.succeed(&["run", "a/small", "--seed", "0-3", "--quiet"]);
    let picked = project.succeed(&["claims", "--says", "LEARNS some"]);
    assert!(
        picked.out.contains("CONFIRMED     It learns something"),
        "{}",
        picked.out
    );
    assert!(
        picked.out.contains("1 claim: 1 confirmed"),
        "{}",
        picked.out
    );
    assert!(picked.out.contains("n=4"), "{}", picked.out);
    // The refuted one was not asked for.
    project.succeed(&["claims", "--says", "something", "--strict"]);
    let ran = project.run(&["claims", "--says", "cannot learn", "--strict"]);
    assert_eq!(ran.code, Some(6), "{}", ran.err);

    let none = project.run(&["claims", "--says", "it lerns somethin"]);
    assert_eq!(none.code, Some(2));
    let message = "`--says it lerns somethin`: no claim contains this text; the nearest are\n  \
                It learns something\n  it cannot learn at all\n";
    assert!(none.err.contains(message), "{}", none.err);
    let none = project.run(&["claims", "b", "--says", "x"]);
    assert!(
        none.err.contains("the specs have no claims"),
        "{}",
        none.err
    );

    let csv = [
        "claims",
        "a/small",
        "--format",
        "csv",
        "--says",
        "something",
    ];
    let csv = project.succeed(&[&csv[..], &["--seed", "1..3,1"]].concat());
    assert!(csv.out.contains(",2,1 2,"), "{}", csv.out);
    let missing = project.succeed(&["claims", "--seed", "2-9"]);
    assert!(
        missing
            .out
            .contains("undecided: a/small was not run with seeds 4, 5, 6, 7, 8 and 1 more"),
        "{}",
        missing.out
    );
}

#[test]
fn a_run_ends_with_its_pictures_and_what_its_columns_are() {
    let project = project();
    let ran = project.succeed(&["run", "b"]);
    assert!(
        ran.out
            .contains("\npictures: results/b/seed-0/figures (3)\n"),
        "{}",
        ran.out
    );
    let margin =
        "\n  margin   correlation with the class mean, above any other's (`class_mean_margin`)\n";
    assert_eq!(ran.out.matches(margin).count(), 1, "{}", ran.out);
    assert!(!ran.out.contains("claim"), "{}", ran.out);
    assert_eq!(project.succeed(&["claims", "b"]).out, "");
    assert_eq!(project.succeed(&["claims", "b", "--format", "csv"]).out, "");
    assert_eq!(
        project.succeed(&["claims", "b", "--format", "json"]).out,
        "[]\n"
    );
    let ran = project.succeed(&["reproduce", "--seed", "0,1", "--without", "a"]);
    assert_eq!(ran.out.matches("pictures: ").count(), 1, "{}", ran.out);
    assert!(
        ran.out.contains("\npictures: results/b/*/figures (6)\n"),
        "{}",
        ran.out
    );
    assert_eq!(ran.out.matches(margin).count(), 1, "{}", ran.out);
}
