//! Networks that were not taught the truth, which every output says of them.

use std::fs;

use crate::project::{Project, SMALL};

const SPEC: &str = "experiments/small.toml";

/// Runs the small network with this change, and holds that every output names what
/// makes it a control.
fn run(set: &str, control: &str) -> Project {
    let project = Project::new().with(SPEC, SMALL);
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
    let log = fs::read_to_string(project.path("results/small/seed-0/accuracy.csv")).unwrap();
    let row = log.lines().nth(row + 1).unwrap();
    row.split(',').map(str::to_owned).collect()
}

#[test]
fn an_untrained_network_is_measured_and_inverted() {
    let project = run("train.epochs=0", "untrained");
    let row = accuracies(&project, 0);
    assert_eq!(row[..4], ["0", "", "", ""]);
    let log = fs::read_to_string(project.path("results/small/seed-0/accuracy.csv")).unwrap();
    assert_eq!(log.lines().count(), 2);
    let network = fs::read_to_string(project.path("results/small/seed-0/network.csv")).unwrap();
    assert!(network.contains("first_perfect_epoch,,epochs"), "{network}");
    let again = project.succeed(&["run", SPEC, "--set", "train.epochs=0"]);
    assert!(again.err.contains("up to date"), "{}", again.err);
    assert!(again.out.contains("\n  untrained\n"), "{}", again.out);
}
