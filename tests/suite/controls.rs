//! Networks that were not taught the truth, which every output says of them.

use std::fs;

use serde_json::json;

use crate::project::{Project, SMALL, judged};

const SPEC: &str = "experiments/small.toml";

/// Runs the small network with these changes, and holds that every output names what
/// makes it a control.
fn run(set: &str, control: &str) -> Project {
    let project = Project::new().with(SPEC, judged());
    let ran = project.succeed(&["run", SPEC, "--set", set]);
    let named = format!("60 training rows, CONTROL: {control}");
    let first = ran.out.lines().next().unwrap();
    assert!(first.ends_with(&named), "{first}");
    let read = |name: &str| fs::read(project.path(&format!("results/small/{name}"))).unwrap();
    let text = |name: &str| String::from_utf8_lossy(&read(name)).into_owned();
    for name in [
        "seed-0.log",
        "seed-0/weights.safetensors",
        "seed-0/inverses.safetensors",
        "summary/manifest.json",
    ] {
        assert!(text(name).contains(&named), "{name}");
    }
    for name in ["inverses", "each", "training"] {
        let svg = text(&format!("seed-0/figures/{name}.svg"));
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let lines = tree.descendants().filter_map(|node| node.text());
        let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        assert!(words.join(" ").contains(&named), "{name}: {words:?}");
    }
    project
}

/// The cells of a row of the accuracy log.
fn accuracies(project: &Project, row: usize) -> Vec<String> {
    let log = project.read("results/small/seed-0/accuracy.csv");
    let row = log.lines().nth(row + 1).unwrap();
    row.split(',').map(str::to_owned).collect()
}

#[test]
fn an_untrained_network_is_measured_and_inverted() {
    let project = run("train.epochs=0", "untrained");
    let row = accuracies(&project, 0);
    assert_eq!(row[..4], ["0", "", "", ""]);
    let log = project.read("results/small/seed-0/accuracy.csv");
    assert_eq!(log.lines().count(), 2);
    let network = project.read("results/small/seed-0/network.csv");
    assert!(network.contains("first_perfect_epoch,,epochs"), "{network}");
    let again = project.succeed(&["run", SPEC, "--set", "train.epochs=0"]);
    assert!(again.err.contains("up to date"), "{}", again.err);
    assert!(again.out.contains("\n  untrained\n"), "{}", again.out);
}

/// The network's own log has the training labels. Class means and judges know the true
/// labels, as for the usual network.
#[test]
fn only_the_network_sees_the_training_labels() {
    let usual = Project::new().with(SPEC, judged());
    usual.succeed(&["run", SPEC]);
    let read = |project: &Project, name: &str| {
        fs::read(project.path(&format!("results/small/seed-0/{name}"))).unwrap()
    };
    for (set, control, written) in [
        (
            "train.labels=shuffled",
            "training labels shuffled",
            json!("shuffled"),
        ),
        (
            "train.labels.swap=[2, 1]",
            "training labels 2 and 1 swapped",
            json!({ "swap": [2, 1] }),
        ),
    ] {
        let project = run(set, control);
        let manifest = project.json("results/small/seed-0/manifest.json");
        assert_eq!(manifest["spec"]["train"]["labels"], written);
        let same = |name| read(&project, name) == read(&usual, name);
        assert!(same("judges.csv") && !same("weights.safetensors"), "{set}");
        let planned = usual.run(&["plan", SPEC, "--set", set]);
        for line in ["done    data", "run     train", "done    judge"] {
            assert!(planned.out.contains(line), "{line}\n{}", planned.out);
        }
    }
}

/// A network with swapped labels learns them: right by its training labels, wrong by the
/// true ones.
#[test]
fn accuracies_are_by_training_labels_on_training_rows_and_by_true_labels_on_test_rows() {
    let spec = SMALL
        .replace("classes = [0, 1, 2]", "classes = [0, 1]")
        .replace("epochs = 3", "epochs = 10\nlabels = { swap = [0, 1] }");
    let project = Project::new().with(SPEC, spec);
    project.succeed(&["run", SPEC]);
    let row = accuracies(&project, 9);
    let share = |column: usize| row[column].parse::<f64>().unwrap();
    assert!(share(5) > 0.95 && share(8) < 0.1, "{row:?}");
}
