//! Results belong to one spec, and summaries are of all replicates that are published.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::SystemTime;

use crate::project::{Project, files, is_log};

/// The smallest network there is, with two inversions, a figure of all and a claim.
const TINY: &str = r#"
title = "Parity of six bits"
seeds = 2
[data]
source = "parity"
bits = 6
[model]
hidden = [6]
activation = "leaky_relu"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "sgd"
learning_rate = 0.1
batch_size = 8
epochs = 5
[target]
logits = { on = 3.0, off = -3.0 }
[[invert]]
name = "first"
method = "empirical"
pixels = 3
[[invert]]
name = "second"
method = "layered"
[[figure]]
name = "sheet"
kind = "grid"
rows = ["first", "second"]
[[figure]]
name = "strips"
kind = "strip"
metrics = ["l2_distance"]
inversions = ["second"]
[[claim]]
says = "it learns"
metric = "test_accuracy"
at_least = 0.1
"#;

const COMPARED: &str = "title = \"Two\"\n[compare]\nexperiments = [\"a\", \"b\"]\n";

fn wide() -> String {
    TINY.replace("hidden = [6]", "hidden = [9]")
}

fn longer() -> String {
    TINY.replace("epochs = 5", "epochs = 9")
}

/// The published files that must not vary, by name.
fn published(project: &Project, folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = project.path(folder);
    let varies = |name: &String| {
        is_log(name) || name.ends_with("timings.csv") || name.ends_with("manifest.json")
    };
    let names = files(&root).into_iter().filter(|name| !varies(name));
    names
        .map(|name| (name.clone(), fs::read(root.join(name)).unwrap()))
        .collect()
}

/// The number of replicates of every row of a summary.
fn replicates(project: &Project, summary: &str) -> Vec<String> {
    let table = project.read(&format!("{summary}/summary.csv"));
    let mut lines = csv::Reader::from_reader(table.as_bytes());
    let place = lines.headers().unwrap().iter().position(|name| name == "n");
    let rows = lines
        .records()
        .map(|row| row.unwrap()[place.unwrap()].to_owned());
    let mut all: Vec<String> = rows.collect();
    all.dedup();
    all
}

#[test]
fn results_of_another_spec_are_never_replaced() {
    let project = Project::new()
        .with("mine/run.toml", TINY)
        .with("hers/run.toml", longer());
    project.succeed(&["run", "mine/run.toml", "--quiet"]);
    let before = published(&project, "results");
    for command in ["run", "plan"] {
        let ran = project.run(&[command, "hers/run.toml"]);
        assert_eq!(ran.code, Some(2), "{command}: {}", ran.err);
        for part in [
            "`hers/run.toml`",
            "`mine/run.toml`",
            "`results/run`",
            "`--out`",
        ] {
            assert!(ran.err.contains(part), "{command}: {part}: {}", ran.err);
        }
    }
    assert!(published(&project, "results") == before);
    // However the path is typed, it is the same spec.
    let absolute = project.path("mine/run.toml").display().to_string();
    for path in ["hers/../mine/run.toml", absolute.as_str()] {
        let ran = project.succeed(&["run", path]);
        assert!(
            ran.err.contains("up to date: results/run/seed-0"),
            "{}",
            ran.err
        );
    }
    project.succeed(&["run", "hers/run.toml", "--quiet", "--out", "others"]);
    let manifest = project.read("results/run/seed-0/manifest.json");
    assert!(
        manifest.contains("\"spec_path\": \"mine/run.toml\""),
        "{manifest}"
    );
}

#[test]
fn folders_of_two_projects_and_members_of_sweeps_are_distinguished() {
    let swept = "[sweep]\nbase = [\"b.toml\", \"c.toml\"]\n";
    let project = Project::new()
        .with("one/experiments/a.toml", TINY)
        .with("two/experiments/a.toml", TINY)
        .with("experiments/b.toml", TINY)
        .with("experiments/c.toml", longer())
        .with("experiments/all.toml", swept)
        .with("experiments/all/c.toml", wide());
    project.succeed(&["run", "one/experiments/a.toml", "--quiet"]);
    let message = project.run(&["run", "two/experiments/a.toml"]);
    assert_eq!(message.code, Some(2), "{}", message.err);
    assert!(
        message.err.contains("`one/experiments/a.toml`"),
        "{}",
        message.err
    );
    project.succeed(&["run", "experiments/all.toml", "--quiet"]);
    let message = project.run(&["run", "experiments/all/c.toml"]);
    assert_eq!(message.code, Some(2), "{}", message.err);
    assert!(message.err.contains("`results/all/c`"), "{}", message.err);
}

/// One that is running has published nothing yet.
#[test]
fn a_running_spec_keeps_others_away() {
    let long = TINY.replace("epochs = 5", "epochs = 1000000");
    let project = Project::new()
        .with("mine/run.toml", long)
        .with("hers/run.toml", TINY);
    let mut command = project.command(&["run", "mine/run.toml", "--quiet"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let log = project.path("results/run/seed-0.log");
    while !fs::read_to_string(&log).is_ok_and(|text| text.contains("epoch")) {
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(child.try_wait().unwrap().is_none());
    }
    let message = project.run(&["run", "hers/run.toml"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(message.code, Some(2), "{}", message.err);
    assert!(
        message
            .err
            .contains("is in use by a running process for `mine/run.toml`"),
        "{}",
        message.err
    );
    // A killed process has published nothing and holds no lock.
    project.succeed(&["run", "hers/run.toml", "--quiet"]);
}

#[test]
fn an_edited_spec_replaces_its_results_and_says_so() {
    let project = Project::new().with("run.toml", TINY);
    project.succeed(&["run", "run.toml", "--quiet"]);
    let ran = project.succeed(&["run", "run.toml", "--quiet", "--set", "train.epochs=9"]);
    let message = "`results/run/seed-1` has results with other settings and will be replaced: \
                `train.epochs` 5 -> 9";
    assert!(ran.err.contains(message), "{}", ran.err);
    assert!(project.read("results/run/seed-1.log").contains(message));
    let again = project.succeed(&["run", "run.toml", "--quiet", "--set", "train.epochs=9"]);
    assert_eq!(again.err, "");
}

/// Whichever command ran last: array jobs run one seed each.
#[test]
fn a_summary_is_of_all_seeds_that_are_published() {
    let project = Project::new().with("run.toml", TINY);
    for seed in ["2", "0", "1"] {
        project.succeed(&["run", "run.toml", "--quiet", "--seed", seed]);
    }
    assert_eq!(replicates(&project, "results/run/summary"), ["3"]);
    project.succeed(&[
        "run", "run.toml", "--quiet", "--seed", "0,1,2", "--out", "at-once",
    ]);
    assert!(published(&project, "results/run") == published(&project, "at-once/run"));

    let sets = ["--set", "train.epochs=9"];
    let ran =
        project.succeed(&[&["run", "run.toml", "--quiet", "--seed", "1"], &sets[..]].concat());
    let left_out = "left out of the summary: seeds 0 2 (`train.epochs` is 5, not 9)";
    assert!(ran.err.contains(left_out), "{}", ran.err);
    assert_eq!(replicates(&project, "results/run/summary"), ["1"]);
    let manifest = project.read("results/run/summary/manifest.json");
    assert!(
        manifest.contains("`train.epochs` is 5, not 9"),
        "{manifest}"
    );
    let figure = project.read("results/run/summary/figures/strips.svg");
    let words = figure.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Left"), "{figure}");

    // Claims are judged by the same replicates.
    let project = project.with("run.toml", longer());
    let claims = project
        .succeed(&["claims", "run.toml", "--format", "csv"])
        .out;
    assert_eq!(claims, project.read("results/run/summary/claims.csv"));
    assert!(claims.contains(",1,1,"), "one replicate, seed 1: {claims}");
    let project = project.with("run.toml", TINY);
    let claims = project
        .succeed(&["claims", "run.toml", "--format", "csv"])
        .out;
    assert!(
        claims.contains(",2,0 2,"),
        "two replicates, seeds 0 and 2: {claims}"
    );
}

#[test]
fn seeds_on_other_data_are_left_out() {
    let spec = TINY
        .replace(
            "source = \"parity\"\nbits = 6",
            "source = \"csv\"\nfile = \"rows.csv\"\nclasses = [0, 1]",
        )
        .replace("pixels = 3", "pixels = 1")
        .replace("test_accuracy", "train_accuracy");
    let table = |level: u8| -> String {
        let row = |n: usize| {
            let pixels = (0..784).map(|p| if (p + n).is_multiple_of(2) { level } else { 0 });
            let cells: Vec<String> = pixels.map(|p| p.to_string()).collect();
            format!("{},{}\n", n % 2, cells.join(","))
        };
        (0..40).map(row).collect()
    };
    let project = Project::new()
        .with("run.toml", spec)
        .with("rows.csv", table(255));
    project.succeed(&["run", "run.toml", "--quiet", "--seed", "0"]);
    let project = project.with("rows.csv", table(200));
    let ran = project.succeed(&["run", "run.toml", "--quiet", "--seed", "1"]);
    assert!(
        ran.err.contains("seed 0 (trained on other data)"),
        "{}",
        ran.err
    );
    assert_eq!(replicates(&project, "results/run/summary"), ["1"]);
    let claims = project
        .succeed(&["claims", "run.toml", "--format", "csv"])
        .out;
    assert_eq!(claims, project.read("results/run/summary/claims.csv"));
}

/// Before anything is trained, as the summary would need it afterwards.
#[test]
fn a_damaged_seed_that_is_not_run_again_is_named_at_once() {
    let project = Project::new().with("run.toml", TINY);
    project.succeed(&["run", "run.toml", "--quiet", "--seed", "7"]);
    fs::write(project.path("results/run/seed-7/metrics.csv"), "x").unwrap();
    let ran = project.run(&["run", "run.toml", "--quiet", "--seed", "0"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(
        ran.err.contains("results/run/seed-7/metrics.csv"),
        "{}",
        ran.err
    );
    assert!(!project.path("results/run/seed-0").exists());
    project.succeed(&["run", "run.toml", "--quiet", "--seed", "0,7"]);
}

#[test]
fn jobs_that_end_at_once_lose_no_seed() {
    let project = Project::new().with("run.toml", TINY);
    let start = |seed: &str| {
        let mut command = project.command(&["run", "run.toml", "--quiet", "--seed", seed]);
        command.spawn().unwrap()
    };
    let children: Vec<_> = ["0", "1", "2", "3"].map(start).into();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(replicates(&project, "results/run/summary"), ["4"]);
}

#[test]
fn what_only_a_comparison_runs_is_published_as_any_other() {
    let project = Project::new()
        .with("experiments/a.toml", TINY)
        .with("experiments/b.toml", wide())
        .with("experiments/both.toml", COMPARED);
    project.succeed(&["run", "experiments/a.toml", "--quiet", "--seed", "7"]);
    project.succeed(&["run", "experiments/both.toml", "--quiet"]);
    assert_eq!(replicates(&project, "results/a/summary"), ["3"]);
    assert_eq!(
        project.run(&["plan", "experiments/both.toml"]).code,
        Some(0)
    );
    let together = ["reproduce", "--quiet", "--out", "together"];
    project.succeed(&together);
    assert!(published(&project, "results/b") == published(&project, "together/b"));
    let logs = project.read("together/a/summary.log");
    assert_eq!(logs.matches("] done: ").count(), 1, "written once: {logs}");
}

/// Modification times of all folders and files.
fn times(folder: &Path) -> Vec<(String, SystemTime)> {
    let mut all = Vec::new();
    let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        all.push((folder.display().to_string(), time(&folder)));
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push((path.display().to_string(), time(&path)));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn what_has_nothing_to_write_writes_nothing() {
    let project = Project::new()
        .with("experiments/a.toml", TINY)
        .with("experiments/b.toml", wide())
        .with("experiments/both.toml", COMPARED);
    project.succeed(&[
        "run",
        "experiments/a.toml",
        "experiments/both.toml",
        "--quiet",
    ]);
    let before = times(&project.path("results"));
    let specs = ["experiments/a.toml", "experiments/both.toml"];
    for command in [&["run"][..], &["plan"], &["claims"], &["gc", "--dry-run"]] {
        project.succeed(&[command, &specs[..]].concat());
        assert!(times(&project.path("results")) == before, "{command:?}");
    }
    project.succeed(&["compare", "results/a", "results/b"]);
    assert!(times(&project.path("results")) == before);
}

/// Temporary files of all kinds, as processes leave them that are killed.
#[test]
fn nothing_temporary_outlives_the_next_run_or_a_cleaning() {
    let project = Project::new().with("run.toml", TINY);
    project.succeed(&["run", "run.toml", "--quiet"]);
    let before = files(&project.path("results"));
    let left = [
        ".store/gate.lock",
        ".store/running/process-x",
        ".store/running/claims-x",
        "run/.seed-0.lock",
        "run/.seed-0.partial/half.csv",
        "run/.summary.old/half.csv",
        "run/.summary.lock",
    ];
    let leave = |name: &&str| {
        let path = project.path("results").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    };
    left.iter().for_each(leave);
    project.succeed(&["run", "run.toml", "--quiet"]);
    assert_eq!(files(&project.path("results")), before);
    left.iter().for_each(leave);
    leave(&".writing-x");
    leave(&"run/seed-0/.writing-y");
    project.succeed(&["gc", "run.toml"]);
    assert_eq!(files(&project.path("results")), before);
}
