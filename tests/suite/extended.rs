//! Seeds that a spec names only after its claims were judged: recorded and shown.

use std::fs;

use crate::project::Project;

const SPEC: &str = r#"
title = "Parity of four bits"
seeds = 3
[data]
source = "parity"
bits = 4
[model]
hidden = []
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.05
batch_size = 4
epochs = 2
[[claim]]
says = "it learns something"
metric = "train_accuracy"
at_least = 0.1
threshold = "source"
"#;

const SPEC_PATH: &str = "experiments/x.toml";
const MANIFEST: &str = "results/x/summary/manifest.json";
const TABLE: &str = "results/x/summary/claims.csv";

fn project() -> Project {
    Project::new().with(SPEC_PATH, SPEC)
}

/// The numbers of trainings that the manifest records, and whether seeds are missing.
fn recorded(project: &Project) -> [serde_json::Value; 2] {
    let manifest = project.json(MANIFEST);
    ["extended", "planned"].map(|key| manifest["members"][0][key].clone())
}

fn name_seeds(project: &Project, seeds: &str) {
    let text = SPEC.replace("seeds = 3", &format!("seeds = {seeds}"));
    fs::write(project.path(SPEC_PATH), text).unwrap();
}

#[test]
fn seeds_added_after_a_look_are_recorded_and_shown() {
    let project = project();
    project.succeed(&["reproduce", "--quiet"]);
    let first = [MANIFEST, TABLE].map(|path| project.read(path));
    assert!(!first.concat().contains("extended"), "{first:?}");
    // An unchanged rerun, and one that finds nothing in the store.
    project.succeed(&["reproduce", "--quiet"]);
    fs::remove_dir_all(project.path("results/.store")).unwrap();
    project.succeed(&["reproduce", "--quiet"]);
    assert_eq!(first, [MANIFEST, TABLE].map(|path| project.read(path)));

    name_seeds(&project, "4");
    project.succeed(&["reproduce", "--quiet"]);
    assert_eq!(recorded(&project)[0], serde_json::json!([3, 4]));
    let text = "extended from 3 to 4 after a look";
    for path in [TABLE, "results/claims.csv", "results/claims.md"] {
        assert!(project.read(path).contains(text), "{path}");
    }
    let page = project.read("results/claims.md");
    assert!(page.contains("n=4, extended from 3 to 4"), "{page}");
    assert!(project.succeed(&["claims"]).out.contains(&text[..20]));
    let csv = project.succeed(&["claims", "--format", "csv"]);
    assert_eq!(csv.out, project.read(TABLE), "as the run has it");

    let extended = [MANIFEST, TABLE].map(|path| project.read(path));
    project.succeed(&["reproduce", "--quiet"]);
    assert_eq!(extended, [MANIFEST, TABLE].map(|path| project.read(path)));
    project.succeed(&["verify", SPEC_PATH]);

    project.succeed(&["reproduce", "--quiet", "--set", "seeds=5"]);
    assert!(
        project
            .read(TABLE)
            .contains("extended from 3 to 4 to 5 after 2 looks"),
        "{}",
        project.read(TABLE)
    );
}

#[test]
fn array_jobs_of_an_unchanged_spec_extend_nothing() {
    let project = project();
    name_seeds(&project, "5");
    for seed in ["0", "1", "2", "3"] {
        project.succeed(&["reproduce", "--quiet", "--seed", seed]);
        let planned = match seed {
            "0" | "1" => serde_json::Value::Null,
            _ => serde_json::json!(5),
        };
        assert_eq!(recorded(&project), [serde_json::Value::Null, planned]);
    }
    project.succeed(&["reproduce", "--quiet", "--seed", "4"]);
    let none = serde_json::Value::Null;
    assert_eq!(recorded(&project), [none.clone(), none.clone()]);
    // Other trainings were not looked at before.
    project.succeed(&[
        "reproduce",
        "--quiet",
        "--set",
        "seeds=6",
        "--set",
        "train.epochs=3",
    ]);
    assert_eq!(recorded(&project)[0], none);
}

#[test]
fn a_former_summary_that_cannot_be_read_is_no_look() {
    for damage in [None, Some("{"), Some("{\"members\": 3}")] {
        let project = project();
        project.succeed(&["reproduce", "--quiet"]);
        match damage {
            None => fs::remove_file(project.path(MANIFEST)).unwrap(),
            Some(text) => fs::write(project.path(MANIFEST), text).unwrap(),
        }
        name_seeds(&project, "4");
        project.succeed(&["reproduce", "--quiet"]);
        assert_eq!(recorded(&project)[0], serde_json::Value::Null, "{damage:?}");
    }
}
