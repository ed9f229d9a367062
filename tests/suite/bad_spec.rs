//! Wrong specs and arguments: all faults are reported, and nothing is run.

use crate::project::{Project, SMALL};

#[test]
fn all_faults_of_a_spec_are_reported_and_nothing_is_run() {
    let spec = SMALL
        .replace("epochs = 3", "epoch = 3")
        .replace("learning_rate = 0.01", "learning_rate = nan")
        .replace("hidden = [8]", "hidden = [8, 0]")
        .replace("classes = [0, 1, 2]", "classes = [0, 1, 12]")
        .replace("batch_size = 16", "batch_size = \"16\"")
        .replace("rows = [\"analytical\"]", "rows = [\"analitical\"]");
    let project = Project::new().with("bad.toml", spec);
    insta::assert_snapshot!(project.fail(2, &["run", "bad.toml"]));
    assert!(
        project
            .fail(2, &["check", "bad.toml"])
            .contains("has 7 faults")
    );
}

#[test]
fn a_percentile_out_of_range_is_a_fault() {
    let filter = "method = \"layered\"\nfilter = { kind = \"top_and_bottom\", percentile = 101.0 }";
    let project = Project::new().with("bad.toml", SMALL.replace("method = \"layered\"", filter));
    let message = project.fail(2, &["run", "bad.toml"]);
    assert!(
        message.contains("must be a percentile from 0 to 50, got 101.0"),
        "{message}"
    );
}

#[test]
fn one_bad_spec_stops_all_before_any_is_run() {
    let project = Project::new()
        .with("experiments/good.toml", SMALL)
        .with("experiments/bad.toml", SMALL.replace("softmax", "sofmax"))
        .with("experiments/worse.toml", "title = ");
    let message = project.fail(2, &["reproduce"]);
    assert!(message.contains("did you mean `softmax`"), "{message}");
    assert!(message.contains("worse.toml:1:"), "{message}");
}

#[test]
fn overrides_follow_the_same_rules() {
    let project = Project::new().with("small.toml", SMALL);
    let message = project.fail(2, &["run", "small.toml", "--set", "train.epoch=5"]);
    assert!(
        message.contains("--set train.epoch=5: unknown key `train.epoch`; did you mean `epochs`?"),
        "{message}"
    );
    let message = project.fail(2, &["run", "small.toml", "--set", "train.epochs"]);
    assert!(message.contains("must look like `key=value`"), "{message}");
}

#[test]
fn an_override_can_take_a_key_away() {
    let spec = SMALL.replace("hidden = [8]", "hidden = [8]\nslope = 0.1");
    let project = Project::new().with("small.toml", spec);
    let identity = ["check", "small.toml", "--set", "model.activation=identity"];
    let message = project.fail(2, &identity);
    assert!(
        message.contains("belongs to `leaky_relu`, not `identity`"),
        "{message}"
    );
    project.succeed(&[&identity[..], &["--set", "model.slope="]].concat());
}

#[test]
fn files_that_are_not_there_are_named() {
    let project = Project::new();
    let message = project.fail(2, &["run", "nowhere.toml"]);
    assert!(
        message.contains("`nowhere.toml`: no such spec"),
        "{message}"
    );
    let message = project.fail(2, &["reproduce"]);
    assert!(
        message.contains("cannot read the folder `experiments`"),
        "{message}"
    );
    let message = project.fail(2, &["check", "--nonsense"]);
    assert!(
        message.contains("unexpected argument '--nonsense'"),
        "{message}"
    );
}

#[test]
fn two_specs_may_not_write_to_the_same_results() {
    let project = Project::new()
        .with("a/small.toml", SMALL)
        .with("b/small.toml", SMALL);
    let message = project.fail(2, &["run", "a/small.toml", "b/small.toml"]);
    assert!(
        message.contains("both write their results to `results/small`"),
        "{message}"
    );
}

/// Every line of the help and the README that runs a spec is one that works.
#[test]
fn commands_that_are_taught_are_accepted() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let mut project = Project::new();
    for name in ["slp", "slp-softmax", "mlp"] {
        let path = format!("experiments/paper/{name}.toml");
        project = project.with(&path, read(&path));
    }
    let taught = project.succeed(&["--help"]).out + &read("README.md");
    let mut seen = 0;
    for line in taught
        .lines()
        .filter(|line| line.contains("backquery run ") && line.contains("paper/"))
    {
        let words = line
            .split_whitespace()
            .skip_while(|word| !word.ends_with("backquery"));
        // The spec and what changes it; `check` has no other option of `run`.
        let words: Vec<String> = words
            .skip(2)
            .map(|word| word.replace('\'', ""))
            .take_while(|word| word == "--set" || word.contains(['/', '=']))
            .collect();
        let words = words.iter().map(String::as_str);
        project.succeed(&["check"].into_iter().chain(words).collect::<Vec<_>>());
        seen += 1;
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn results_that_cannot_be_written_are_reported_before_training() {
    let project = Project::new()
        .with("small.toml", SMALL)
        .with("file", "in the way");
    let message = project.fail(4, &["run", "small.toml", "--out", "file/results"]);
    assert!(
        message.contains("cannot create the folder `file/results"),
        "{message}"
    );
    assert!(!message.contains("epoch"), "{message}");
    let project = project.with("results/small/seed-0", "in the way");
    let ran = project.run(&["run", "small.toml"]);
    assert_eq!(ran.code, Some(4));
    assert!(
        ran.err.contains("`results/small/seed-0` is in the way"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("epoch"), "{}", ran.err);
}

#[test]
fn help_teaches_and_check_is_content_with_good_specs() {
    let project = Project::new().with("experiments/small.toml", SMALL);
    let help = project.succeed(&["--help"]).out;
    for taught in ["reproduce", "run", "check", "data", "Exit codes", "--set"] {
        assert!(help.contains(taught), "{taught}");
    }
    let ran = project.succeed(&["check"]);
    assert_eq!(ran.out, "experiments/small.toml: ok (A small network)\n");
}
