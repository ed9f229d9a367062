//! Published results: verified, and set side by side.

use std::fs;

use serde_json::Value;

use crate::project::{Project, SMALL};

const SPEC: &str = "experiments/small.toml";

fn published() -> Project {
    let project = Project::new().with(SPEC, SMALL);
    project.succeed(&["run", SPEC]);
    project
}

fn edit(project: &Project, file: &str, edit: impl Fn(&str) -> String) {
    let path = project.path(&format!("results/small/seed-0/{file}"));
    let text = fs::read_to_string(&path).unwrap();
    let edited = edit(&text);
    assert_ne!(text, edited, "nothing was edited");
    fs::write(path, edited).unwrap();
}

/// Pretends that another machine has published the results.
fn elsewhere(project: &Project) {
    edit(project, "manifest.json", |text| {
        text.replace("\"simd\": \"", "\"simd\": \"of another machine, ")
    });
}

/// Publishes the accuracy log as it is now.
fn vouch(project: &Project) {
    let log = fs::read(project.path("results/small/seed-0/accuracy.csv")).unwrap();
    let digest = backquery::digest::sha256([&log[..]]);
    edit(project, "manifest.json", |text| {
        let (head, rest) = text.split_once("\"accuracy.csv\": \"").unwrap();
        format!("{head}\"accuracy.csv\": \"{digest}{}", &rest[64..])
    });
}

#[test]
fn what_was_published_comes_out_again() {
    let project = published();
    let ran = project.succeed(&["verify"]);
    assert!(
        ran.out
            .contains("small, seed 0: verified (16 files, byte for byte"),
        "{}",
        ran.out
    );
    // A committed part of the results, without the store.
    let reference = project.path("reference/small/seed-0");
    fs::create_dir_all(&reference).unwrap();
    let tables = ["accuracy.csv", "layers.csv", "metrics.csv", "network.csv"];
    for file in tables.into_iter().chain(["manifest.json"]) {
        fs::copy(
            project.path(&format!("results/small/seed-0/{file}")),
            reference.join(file),
        )
        .unwrap();
    }
    let ran = project.succeed(&["verify", SPEC, "--results", "reference"]);
    assert!(ran.out.contains("verified (4 files"), "{}", ran.out);
}

/// Results of an earlier run count as reruns.
#[test]
fn results_that_are_there_count_as_the_rerun_that_is_asked_for() {
    let project = published();
    fs::rename(project.path("results"), project.path("theirs")).unwrap();
    project.succeed(&["run", SPEC, "--quiet"]);
    let in_place = ["verify", SPEC, "--results", "theirs", "--in", "results"];
    let log = project.path("results/small/seed-0.log");
    let before = fs::read_to_string(&log).unwrap();
    let ran = project.succeed(&in_place);
    assert!(ran.out.contains("small, seed 0: verified"), "{}", ran.out);
    let after = fs::read_to_string(&log).unwrap();
    let added = after.strip_prefix(&before).unwrap();
    assert!(!added.contains(": starts"), "something was run: {added}");
    fs::write(project.path("theirs/small/seed-0/metrics.csv"), "x").unwrap();
    assert_eq!(project.run(&in_place).code, Some(1));
    let with_itself = project.run(&["verify", SPEC, "--in", "./results"]);
    assert_eq!(with_itself.code, Some(2));
    assert!(
        with_itself.err.contains("choose another one"),
        "{}",
        with_itself.err
    );
}

/// Digests vouch for what is not published.
#[test]
fn a_part_of_the_results_vouches_for_all_of_them() {
    let project = published();
    edit(&project, "manifest.json", |text| {
        let weights = text.split("weights.safetensors\": \"").nth(1).unwrap();
        text.replace(&weights[..64], &"0".repeat(64))
    });
    fs::remove_file(project.path("results/small/seed-0/weights.safetensors")).unwrap();
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out
            .contains("weights.safetensors: has another digest than in its manifest"),
        "{}",
        ran.out
    );
}

#[test]
fn a_manifest_alone_verifies_nothing() {
    let project = published();
    let reference = project.path("reference/small/seed-0");
    fs::create_dir_all(&reference).unwrap();
    let manifest = project.path("results/small/seed-0/manifest.json");
    fs::copy(&manifest, reference.join("manifest.json")).unwrap();
    let ran = project.run(&["verify", "--results", "reference", "--quiet"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("nothing was published to compare with"),
        "{}",
        ran.out
    );
    fs::write(reference.join("manifest.json"), "{").unwrap();
    let ran = project.run(&["verify", "--results", "reference", "--quiet"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("is not the manifest of a run"),
        "{}",
        ran.out
    );
}

#[test]
fn every_published_seed_is_verified_and_others_of_the_spec_are_named() {
    let project = published();
    project.succeed(&["run", SPEC, "--seed", "3"]);
    let ran = project.succeed(&["verify", "--quiet"]);
    assert!(
        ran.out.contains("seed 0: verified") && ran.out.contains("seed 3: verified"),
        "{}",
        ran.out
    );
    fs::write(project.path(SPEC), format!("seeds = 5\n{SMALL}")).unwrap();
    let ran = project.succeed(&["verify", "--quiet"]);
    let line = "small: not compared (0 files, seeds of the spec that are not published: 1 2 4)\n";
    assert!(ran.out.contains(line), "{}", ran.out);
}

#[test]
fn the_same_machine_must_give_every_byte() {
    let project = published();
    edit(&project, "accuracy.csv", |text| {
        text.replacen("0.", "0.0", 1)
    });
    edit(&project, "figures/each.svg", |text| {
        text.replacen("svg", "SVG", 1)
    });
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("small, seed 0: 4 DIFFERENCES"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("accuracy.csv: line 2, column `"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("figures/each.svg: line 2, column 2: published `SVG"),
        "{}",
        ran.out
    );
    assert!(
        ran.err
            .contains("error: not verified: 1 of 2 folders of results differ: small seed 0"),
        "{}",
        ran.err
    );
}

#[test]
fn another_machine_has_the_tolerances_of_the_spec() {
    let project = published();
    elsewhere(&project);
    let ran = project.succeed(&["verify", "--quiet"]);
    assert!(
        ran.out.contains("within tolerances: published from "),
        "{}",
        ran.out
    );
    // One accuracy of the log by 0.02; others may have 0.01.
    let shift = |text: &str, by: f64| {
        let mut rows: Vec<Vec<String>> = text
            .lines()
            .map(|row| row.split(',').map(str::to_owned).collect())
            .collect();
        let column = rows[0]
            .iter()
            .position(|name| name == "train_accuracy")
            .unwrap();
        let value: f64 = rows[1][column].parse().unwrap();
        rows[1][column] = (value - by).to_string();
        rows.iter()
            .map(|row| row.join(",") + "\n")
            .collect::<String>()
    };
    edit(&project, "accuracy.csv", |text| shift(text, 0.0005));
    vouch(&project);
    project.succeed(&["verify", "--quiet"]);
    edit(&project, "accuracy.csv", |text| shift(text, 0.02));
    vouch(&project);
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.contains("more than 0.001 apart"), "{}", ran.out);
}

#[test]
fn a_spec_may_set_its_own_tolerances() {
    let loosened = format!("{SMALL}\n[verify]\ntrain_accuracy = {{ absolute = 0.5 }}\n");
    let project = Project::new().with(SPEC, loosened);
    project.succeed(&["run", SPEC]);
    elsewhere(&project);
    edit(&project, "accuracy.csv", |text| {
        let (head, rows) = text.split_once('\n').unwrap();
        let column = head
            .split(',')
            .position(|name| name == "train_accuracy")
            .unwrap();
        let mut cells: Vec<&str> = rows.split(',').collect();
        cells[column] = "0.7";
        format!("{head}\n{}", cells.join(","))
    });
    vouch(&project);
    project.succeed(&["verify", "--quiet"]);
    let strict = format!("{SMALL}\n[verify]\ntrain_acuracy = {{ absolute = 0.5 }}\n");
    let ran = project.with(SPEC, strict).run(&["check"]);
    assert!(
        ran.err.contains("did you mean `train_accuracy`"),
        "{}",
        ran.err
    );
}

#[test]
fn a_spec_that_changed_since_is_reported() {
    let project = published();
    fs::write(
        project.path(SPEC),
        SMALL.replace("epochs = 3", "epochs = 2"),
    )
    .unwrap();
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1));
    let message = "manifest.json: `train.epochs` was 3 when this was published and is 2 now";
    assert!(ran.out.contains(message), "{}", ran.out);
}

#[test]
fn nothing_to_verify_is_no_success() {
    let project = Project::new().with(SPEC, SMALL);
    for arguments in [&["verify"][..], &["verify", SPEC]] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, Some(4), "{}", ran.out);
        assert!(ran.err.contains("no results to verify"), "{}", ran.err);
    }
}

#[test]
fn two_experiments_are_compared_in_three_forms() {
    let wider = SMALL.replace("hidden = [8]", "hidden = [12]");
    let project = Project::new()
        .with(SPEC, SMALL)
        .with("experiments/wider.toml", wider);
    project.succeed(&["reproduce", "--seed", "0,1,2"]);
    let table = project
        .succeed(&["compare", SPEC, "experiments/wider.toml", "--all"])
        .out;
    for shown in [
        "model.hidden",
        "[8]",
        "[12]",
        "train_accuracy",
        "largest_magnitude",
    ] {
        assert!(table.contains(shown), "{shown}: {table}");
    }
    let names = project
        .succeed(&["compare", "small", "results/wider", "--format", "json"])
        .out;
    let json: Value = serde_json::from_str(&names).unwrap();
    assert_eq!(json["spec_differences"][0]["key"], "model.hidden");
    let csv = project
        .succeed(&["compare", "small", "wider", "--format", "csv"])
        .out;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert!(reader.records().count() >= 4 + 2 * 6);
    let ran = project.run(&["compare", "small", "nothing"]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.err.contains("there are no results"), "{}", ran.err);
}
