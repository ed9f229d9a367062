//! The store: stages run once, and entries are checked before use.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::project::{Project, SMALL, files, is_log};

const SPEC: &str = "experiments/small.toml";

fn project() -> Project {
    Project::new().with(SPEC, SMALL)
}

/// All files below `results` that must not vary, the store's outputs included.
pub fn tree(project: &Project, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let root = project.path(folder);
    let varies = ["/record", "timings.csv", "manifest.json"];
    let stable = |name: &String| !is_log(name) && !varies.iter().any(|end| name.ends_with(end));
    let files = files(&root).into_iter().filter(stable);
    let read = |name: String| {
        let bytes = fs::read(root.join(&name)).unwrap();
        (name, bytes)
    };
    files.map(read).collect()
}

/// The keys of all stages that were made, as often as they were, by the logs.
pub fn made(project: &Project, folder: &str) -> Vec<String> {
    let root = project.path(folder);
    let mut keys = Vec::new();
    for name in files(&root).iter().filter(|name| is_log(name)) {
        let log = fs::read_to_string(root.join(name)).unwrap();
        let lines = log
            .lines()
            .filter_map(|line| line.split_once(": computed, key "));
        keys.extend(lines.map(|(_, key)| key.to_owned()));
    }
    keys
}

/// The stages that were made since there were `before` of them, by kind.
fn kinds_since(project: &Project, before: usize) -> BTreeSet<String> {
    let log = project.read("results/small/seed-0.log");
    let lines = log
        .lines()
        .filter(|line| line.contains(": computed, key "))
        .skip(before);
    let kind = |line: &str| {
        line.split_whitespace()
            .nth(2)
            .unwrap()
            .trim_end_matches(':')
            .to_owned()
    };
    lines.map(kind).collect()
}

#[test]
fn a_second_run_makes_nothing_and_touches_no_result() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let first = made(&project, "results").len();
    let figure = project.path("results/small/seed-0/figures/each.png");
    let written = fs::metadata(&figure).unwrap().modified().unwrap();
    let ran = project.succeed(&["run", SPEC]);
    assert!(
        ran.err.contains("up to date: results/small/seed-0"),
        "{}",
        ran.err
    );
    assert_eq!(made(&project, "results").len(), first);
    assert_eq!(fs::metadata(&figure).unwrap().modified().unwrap(), written);
}

#[test]
fn what_cannot_change_a_network_does_not_train_one() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let edits: [(&str, &str, &[&str]); 5] = [
        ("title = ", "# a comment\ntitle = ", &[]),
        ("title = ", "source = \"a book\"\ntitle = ", &[]),
        (
            "name = \"each\"",
            "name = \"each\"\ncaption = \"new\"",
            &["figure"],
        ),
        ("A small network", "Another title", &["figure"]),
        (
            "method = \"empirical\"",
            "method = \"empirical\"\npixels = 100",
            &["invert", "measure", "figure"],
        ),
    ];
    for (old, new, kinds) in edits {
        let before = made(&project, "results").len();
        assert!(SMALL.contains(old));
        fs::write(project.path(SPEC), SMALL.replace(old, new)).unwrap();
        project.succeed(&["run", SPEC]);
        let expected = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        assert_eq!(kinds_since(&project, before), expected, "{new}");
    }
    // The order of keys.
    let before = made(&project, "results").len();
    let swapped = SMALL
        .replace("batch_size = 16\n", "")
        .replace("epochs = 3", "epochs = 3\nbatch_size = 16");
    fs::write(project.path(SPEC), swapped).unwrap();
    project.succeed(&["run", SPEC]);
    assert_eq!(kinds_since(&project, before), BTreeSet::new());
}

#[test]
fn a_spec_of_another_name_takes_the_network_from_the_store() {
    let project = project().with("experiments/again.toml", SMALL);
    project.succeed(&["run", SPEC]);
    project.succeed(&["run", "experiments/again.toml"]);
    let log = project.read("results/again/seed-0.log");
    assert!(
        !log.contains("train: made") && !log.contains("invert"),
        "{log}"
    );
    let weights = |name: &str| {
        fs::read(project.path(&format!("results/{name}/seed-0/weights.safetensors"))).unwrap()
    };
    assert_eq!(weights("small"), weights("again"));
}

#[test]
fn an_edited_data_file_is_other_data() {
    let row = |label: usize, shift: usize| {
        let pixels = (0..784).map(|p| usize::from((p + shift) % 7 == label) * 255);
        let cells: Vec<String> = pixels.map(|p| p.to_string()).collect();
        format!("{label},{}\n", cells.join(","))
    };
    let rows = |shift| -> String { (0..30).map(|r| row(r % 3, shift)).collect() };
    let spec = SMALL
        .replace("\"strokes\"", "\"csv\"\nfile = \"rows.csv\"")
        .replace("per_class = 20", "per_class = 10");
    let project = Project::new()
        .with(SPEC, spec)
        .with("experiments/rows.csv", rows(0));
    project.succeed(&["run", SPEC]);
    let before = made(&project, "results").len();
    let file = fs::File::options()
        .append(true)
        .open(project.path("experiments/rows.csv"));
    file.unwrap()
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    project.succeed(&["run", SPEC]);
    assert_eq!(
        made(&project, "results").len(),
        before,
        "touching is no change"
    );
    fs::write(project.path("experiments/rows.csv"), rows(1)).unwrap();
    project.succeed(&["run", SPEC]);
    assert!(kinds_since(&project, before).contains("train"));
}

#[test]
fn cleaning_removes_what_no_spec_refers_to_and_a_dry_run_lists_it() {
    let other = SMALL.replace("epochs = 3", "epochs = 2");
    let project = project().with("experiments/other.toml", other);
    project.succeed(&["reproduce"]);
    let before = files(&project.path("results"));
    let nothing = project.succeed(&["gc"]).out;
    assert!(nothing.contains("0 entries, 0 bytes removed"), "{nothing}");
    assert_eq!(files(&project.path("results")), before);

    fs::remove_file(project.path("experiments/other.toml")).unwrap();
    let message = project.succeed(&["gc", "--dry-run"]).out;
    assert_eq!(
        files(&project.path("results")),
        before,
        "a dry run removes nothing"
    );
    let removed = project.succeed(&["gc"]).out;
    assert_eq!(message.replace("would be removed", "removed"), removed);
    let paths: Vec<&str> = removed
        .lines()
        .filter_map(|line| line.split_once(" ("))
        .map(|p| p.0)
        .collect();
    // Everything but the data, which both share: training, 2 inversions, 2 measures, 3 figures.
    assert_eq!(paths.len(), 8, "{removed}");
    assert!(paths.iter().all(|path| !project.path(path).exists()));
    let plan = project.run(&["plan"]);
    assert_eq!(plan.code, Some(0), "{}", plan.out);
}

/// A seed that was run beside those of the spec, as a study does.
#[test]
fn cleaning_keeps_what_results_of_a_spec_were_made_of() {
    let project = project();
    project.succeed(&["run", SPEC, "--seed", "0,7"]);
    let removed = project.succeed(&["gc"]).out;
    assert!(removed.contains("0 entries"), "{removed}");
    assert_eq!(project.run(&["plan", "--seed", "0,7"]).code, Some(0));
}

#[test]
fn a_spec_that_cannot_be_read_keeps_everything() {
    let project = project();
    project.succeed(&["run", SPEC]);
    let before = files(&project.path("results"));
    fs::write(project.path(SPEC), "titel = 1").unwrap();
    assert_eq!(project.run(&["gc"]).code, Some(2));
    assert_eq!(files(&project.path("results")), before);
}
