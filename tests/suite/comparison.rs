//! Comparisons: the experiments of other specs side by side.

use std::collections::BTreeSet;
use std::fs;

use crate::project::{Project, SMALL, files};
use crate::store::made;
use crate::study::{COMPARED, WIDE, project};

#[test]
fn comparisons_find_what_other_specs_made() {
    let project = project();
    project.succeed(&["reproduce", "--quiet", "--seed", "0,1,2"]);
    let all = made(&project, "results");
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "nothing is made twice");
    let page = project.read("results/compared.md");
    for shown in [
        "# Two networks",
        "- **small**: A small network; seeds 0 1 2; data strokes, classes 0 1 2",
        "![](compared/summary/figures/quality.png)",
        "| empirical | target_probability |",
        "p: paired t test over the seeds, the same in A and B",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let table = project.read("results/compared/summary/comparison.csv");
    assert!(table.starts_with("a,b,inversion,metric,"), "{table}");
    let pairs = project.read("results/paired.md");
    assert!(
        pairs.contains("| width | 8 \\| eight | 12 | class_mean_correlation |"),
        "{pairs}"
    );
    assert!(
        pairs.contains("Means over 3 seeds, classes averaged within each"),
        "{pairs}"
    );
    assert_eq!(project.run(&["plan", "--seed", "0,1,2"]).code, Some(0));
    fs::write(project.path("results/paired.md"), "x").unwrap();
    let plan = project.run(&["plan", "--seed", "0,1,2"]);
    assert!(
        plan.out.contains("paired.md` is not up to date"),
        "{}",
        plan.out
    );
}

/// A comparison alone runs what it needs, and publishes it as the specs it compares do.
#[test]
fn a_comparison_runs_alone() {
    let project = project();
    let plan = project.run(&["plan", "experiments/compared.toml"]);
    assert_eq!(plan.code, Some(1));
    project.succeed(&["run", "experiments/compared.toml"]);
    for name in ["small", "wide"] {
        let published = files(&project.path(&format!("results/{name}")));
        let expected = ["seed-0/figures/inverses.png", "seed-0/inverses.safetensors"];
        for file in expected.iter().chain(&["summary/summary.csv"]) {
            assert!(
                published.contains(&(*file).to_owned()),
                "{file}: {published:?}"
            );
        }
    }
    assert!(
        project
            .path("results/compared/summary/figures/inverses.png")
            .exists()
    );
    assert_eq!(
        project.run(&["plan", "experiments/compared.toml"]).code,
        Some(0)
    );
}

#[test]
fn names_of_compared_specs_have_no_steps_back() {
    let compared = COMPARED.replace("[\"small\", \"wide\"]", "[\"../x/small\", \"../x/wide\"]");
    let project = Project::new()
        .with("experiments/x/small.toml", SMALL)
        .with("experiments/x/wide.toml", WIDE)
        .with("experiments/y/compared.toml", compared);
    project.succeed(&["reproduce", "--quiet"]);
    let summary = project.read("results/y/compared/summary/summary.csv");
    assert!(summary.contains("\nx/small,"), "{summary}");
    let log = project.read("results/y/compared/summary.log");
    assert!(
        !log.contains("epoch"),
        "the replicates are there already: {log}"
    );
}

#[test]
fn overrides_of_a_comparison_change_it_and_others_what_it_compares() {
    let project = project();
    let sets = [
        "--set",
        "title=Changed",
        "--set",
        "train.epochs=2",
        "--seed",
        "3",
    ];
    project.succeed(&[&["run", "experiments/compared.toml"], &sets[..]].concat());
    let page = project.read("results/compared.md");
    assert!(page.starts_with("# Changed"), "{page}");
    assert!(page.contains("A small network; seeds 3"), "{page}");
    let log = project.read("results/wide/seed-3.log");
    assert!(log.contains("epoch 2/2"), "{log}");
}

#[test]
fn every_comparison_of_several_has_a_table_of_its_own() {
    let compared = COMPARED.replace(
        "[\"small\", \"wide\"]",
        "[\"small\", \"x/wide\", \"x-wide\"]",
    );
    let wide = WIDE.replace("small.toml", "../small.toml");
    let project = project()
        .with("experiments/x/wide.toml", wide)
        .with("experiments/x-wide.toml", WIDE)
        .with("experiments/compared.toml", compared);
    project.succeed(&["run", "experiments/compared.toml", "--quiet"]);
    for table in ["comparison-1-x-wide.csv", "comparison-2-x-wide.csv"] {
        let path = format!("results/compared/summary/{table}");
        assert!(project.path(&path).exists(), "{table}");
    }
}
