//! Replicates that draw their own training rows from one data set.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use backquery::arrays::{Values, from_safetensors};
use serde_json::{Value, json};

use crate::project::Project;

const SPEC: &str = r#"
title = "Rows of one file"
seeds = 2
metrics = ["target_probability", "class_mean_correlation", "nearest_distance"]
[data]
source = "csv"
file = "train.csv"
test_file = "test.csv"
classes = [4, 2]
per_class = [9, 6]
resample = "bootstrap"
[model]
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.1
batch_size = 4
epochs = 5
[target]
logits = { on = 5.0, off = -5.0 }
[[invert]]
name = "back"
method = "layered"
[[invert]]
name = "mean"
method = "class_mean"
"#;

/// Images of 3 x 3 pixels that tell two classes apart, and a third label: `rows` of each.
fn images(rows: usize) -> String {
    let mut text = String::new();
    for row in 0..3 * rows {
        let label = [4, 2, 7][row % 3];
        write!(text, "{label}").unwrap();
        for pixel in 0..9 {
            let stroke = if pixel % 3 == row % 3 { 150 } else { 0 };
            write!(text, ",{}", stroke + (row * 37 + pixel * 61) % 101).unwrap();
        }
        text.push('\n');
    }
    text
}

/// Twelve rows of each label in the file.
fn project() -> Project {
    Project::new()
        .with("train.csv", images(12))
        .with("test.csv", images(5))
        .with("spec.toml", SPEC)
}

fn run(project: &Project, sets: &[&str]) -> crate::project::Ran {
    let sets = sets.iter().flat_map(|set| ["--set", *set]);
    project.succeed(
        &["run", "spec.toml"]
            .into_iter()
            .chain(sets)
            .collect::<Vec<_>>(),
    )
}

/// Row, class and times of every drawn row.
fn drawn(project: &Project, seed: u64) -> Vec<[usize; 3]> {
    let table = project.read(&format!("results/spec/seed-{seed}/rows.csv"));
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("row,class,times"));
    let cells = |line: &str| {
        let cells: Vec<usize> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        [cells[0], cells[1], cells[2]]
    };
    lines.map(cells).collect()
}

fn manifest(project: &Project, seed: u64) -> Value {
    project.json(&format!("results/spec/seed-{seed}/manifest.json"))
}

/// Times of all rows of each class.
fn per_class(drawn: &[[usize; 3]]) -> BTreeMap<usize, usize> {
    let mut all = BTreeMap::new();
    for [_, class, times] in drawn {
        *all.entry(*class).or_default() += times;
    }
    all
}

#[test]
fn each_replicate_draws_its_own_rows_and_every_output_says_so() {
    let project = project();
    let ran = run(&project, &[]);
    let data = "csv, classes 4 2, 24 training rows, each replicate draws its own with replacement";
    for seed in [0, 1] {
        let first = format!("spec, seed {seed}: {data}");
        assert!(ran.out.lines().any(|shown| shown == first), "{}", ran.out);
    }
    let varies = "initial weights, order and choice of rows";
    let line = format!("spec: 2 replicates; what varies: {varies}");
    assert!(ran.out.lines().any(|shown| shown == line), "{}", ran.out);
    let summary = project.json("results/spec/summary/manifest.json");
    assert_eq!(summary["members"][0]["varies"], varies);
    assert!(
        project
            .read("results/spec/summary.log")
            .contains(&line[6..])
    );
    for seed in [0, 1] {
        let rows = drawn(&project, seed);
        assert_eq!(per_class(&rows), BTreeMap::from([(4, 9), (2, 6)]));
        // Labels take turns in the file, and the third one is not of the data set.
        assert!(rows.iter().all(|[row, class, _]| *class == [4, 2][row % 2]));
        let distinct = rows.len();
        let counts = json!({ "drawn": 15, "of": 24, "distinct": distinct });
        assert_eq!(manifest(&project, seed)["rows"], counts);
        let log = project.read(&format!("results/spec/seed-{seed}.log"));
        let line = format!("data: training rows: 15 drawn of 24, {distinct} distinct");
        assert!(log.contains(&line), "{log}");
    }
    assert_ne!(drawn(&project, 0), drawn(&project, 1));
    assert_eq!(manifest(&project, 0)["data"], manifest(&project, 1)["data"]);

    let again = run(&project, &[]);
    assert!(
        again.err.contains("up to date") && again.out.contains(&line),
        "{}",
        again.out
    );
    assert_eq!(project.run(&["plan", "spec.toml"]).code, Some(0));
    let verified = project.succeed(&["verify", "spec.toml"]);
    assert_eq!(
        verified.out.matches("verified (").count(),
        3,
        "{}",
        verified.out
    );
}

/// Class means, and so their distance to the nearest row, are those of all rows of the file.
#[test]
fn all_but_the_training_uses_the_rows_of_the_file() {
    let (project, plain) = (project(), project());
    let mean = |project: &Project| {
        let table = project.read("results/spec/seed-0/metrics.csv");
        let rows = table.lines().filter(|line| line.contains(",mean,"));
        let rows = rows.filter(|line| !line.contains("probability"));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    run(&project, &[]);
    run(&plain, &["data.resample=", "data.per_class="]);
    assert_eq!(mean(&project), mean(&plain));
    assert_eq!(manifest(&project, 0)["data"], manifest(&plain, 0)["data"]);
    assert!(manifest(&plain, 0)["rows"].is_null());
    assert!(!plain.path("results/spec/seed-0/rows.csv").exists());
    let planned = plain.run(&["plan", "spec.toml"]).out;
    assert!(planned.contains("done    data"), "{planned}");
    let reason = "`data.resample.kind` changed none -> \"bootstrap\"";
    assert!(planned.contains(reason), "{planned}");
    // All rows, each once, in the order of the file: the same training as without.
    run(
        &plain,
        &[
            "data.resample={kind=\"subsample\", fraction=1.0}",
            "data.per_class=",
        ],
    );
    let again = project.path("results/spec/seed-0/accuracy.csv");
    assert!(again.exists());
    assert_eq!(drawn(&plain, 0).len(), 24);
    let whole = plain.read("results/spec/seed-0/accuracy.csv");
    run(&plain, &["data.resample=", "data.per_class="]);
    assert_eq!(plain.read("results/spec/seed-0/accuracy.csv"), whole);
}

/// The accuracy of the last epoch, counted again from the weights and the drawn rows.
#[test]
fn training_metrics_count_every_drawn_row_once() {
    let project = project();
    run(&project, &["data.range=[0.0, 1.0]", "train.epochs=1"]);
    let bytes = std::fs::read(project.path("results/spec/seed-0/weights.safetensors")).unwrap();
    let (arrays, _) = from_safetensors(&bytes).unwrap();
    let array = |name: &str| -> Vec<f64> {
        let array = arrays.iter().find(|array| array.name == name).unwrap();
        match &array.values {
            Values::F32(values) => values.iter().map(|&value| f64::from(value)).collect(),
            Values::F64(values) => values.clone(),
        }
    };
    let (weight, bias) = (array("layers.0.weight"), array("layers.0.bias"));
    let file = project.read("train.csv");
    let of_classes: Vec<Vec<f64>> = file
        .lines()
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .filter(|row: &Vec<f64>| row[0] < 7.0)
        .collect();
    let rows = drawn(&project, 0);
    assert!(rows.iter().any(|[.., times]| *times > 1), "{rows:?}");
    let is_right = |[row, class, _]: &&[usize; 3]| {
        let image = &of_classes[*row];
        assert_eq!(image[0] as usize, *class);
        let logit = |k: usize| {
            let terms = (0..9).map(|i| image[i + 1] / 255.0 * weight[i * 2 + k]);
            bias[k] + terms.sum::<f64>()
        };
        (logit(0) > logit(1)) == (*class == 4)
    };
    let expected = rows.iter().filter(is_right).count() as f64 / rows.len() as f64;
    let log = project.read("results/spec/seed-0/accuracy.csv");
    let column = log.lines().next().unwrap().split(',');
    let column = column
        .clone()
        .position(|name| name == "train_accuracy")
        .unwrap();
    let last = log.lines().last().unwrap().split(',').nth(column).unwrap();
    assert_eq!(last.parse::<f64>().unwrap(), expected);
}

#[test]
fn controls_and_other_tasks_draw_the_same_rows() {
    let project = project();
    run(&project, &[]);
    let rows = drawn(&project, 1);
    let cases: [&[&str]; 3] = [
        &["train.labels=shuffled"],
        &["train.labels.swap=[4, 2]"],
        &[
            "task=reconstruct",
            "target=",
            "metrics=[\"reconstruction_error\"]",
        ],
    ];
    for sets in cases {
        let ran = run(&project, sets);
        assert_eq!(drawn(&project, 1), rows, "{sets:?}");
        let shown = ran
            .out
            .contains("each replicate draws its own with replacement, CONTROL: training");
        assert_eq!(shown, sets[0].starts_with("train.labels"), "{}", ran.out);
    }
    let ran = run(
        &project,
        &["data.resample={kind=\"subsample\", fraction=0.5}"],
    );
    let rows = drawn(&project, 0);
    assert!(rows.iter().all(|[.., times]| *times == 1), "{rows:?}");
    // Halves of 9 and 6, rounded.
    assert_eq!(per_class(&rows), BTreeMap::from([(4, 5), (2, 3)]));
    assert!(
        ran.out
            .contains("each replicate draws its own without replacement, a fraction of 0.5"),
        "{}",
        ran.out
    );
}

#[test]
fn a_comparison_says_what_varies_in_each() {
    let fixed = "base = \"spec.toml\"\n[data]\nresample = { kind = \"subsample\", fraction = 1.0 }\n\
                 per_class = [12, 12]\n[train]\nbatch_size = 100";
    let project = project().with("fixed.toml", fixed).with(
        "both.toml",
        "title = \"Both\"\n[compare]\nexperiments = [\"spec\", \"fixed\"]\n",
    );
    let ran = project.succeed(&["run", "both.toml", "--seed", "0-2"]);
    let page = project.read("results/both.md");
    for (name, varies) in [
        ("spec", "initial weights, order and choice of rows"),
        ("fixed", "initial weights and choice of rows"),
    ] {
        let line = format!("both: {name}: 3 replicates; what varies: {varies}");
        assert!(ran.out.contains(&line), "{}", ran.out);
        let line = page
            .lines()
            .find(|line| line.starts_with(&format!("- **{name}**")));
        let end = format!("; what varies: {varies}");
        assert!(line.is_some_and(|line| line.ends_with(&end)), "{page}");
    }
    let compared = project.succeed(&["compare", "spec.toml", "fixed.toml"]);
    assert!(
        compared.out.contains("data.resample.kind"),
        "{}",
        compared.out
    );
}

#[test]
fn rows_that_are_not_there_are_a_fault_before_training() {
    let whole = "data.resample={kind=\"subsample\", fraction=1.0}";
    let sets = ["--set", whole, "--set", "data.per_class=[12, 13]"];
    let message = project().fail(3, &[&["run", "spec.toml"], &sets[..]].concat());
    assert!(
        message.contains(
            "class 2: `data.resample` cannot draw 13 rows without replacement; expected at most \
             12, which the data set has; lower `data.per_class`"
        ),
        "{message}"
    );
    assert!(!message.contains("epoch"), "{message}");
    // With replacement there is no such limit.
    run(&project(), &["data.per_class=[12, 13]"]);
}

/// The fallback has a file's worth of digits of each class, and more if they are asked for.
#[test]
fn a_fallback_is_drawn_from_like_a_file() {
    let project = project();
    let mut sets = vec![
        "data.source=mnist",
        "data.stand_in=strokes",
        "data.file=",
        "data.test_file=",
        "data.resample={kind=\"subsample\", fraction=1.0}",
        "metrics=[\"target_probability\"]",
        "train.epochs=1",
        "train.batch_size=500",
        "seeds=1",
    ];
    for (per_class, of) in [
        ("data.per_class=40", 12_000),
        ("data.per_class=[6100, 7]", 12_100),
    ] {
        sets.push(per_class);
        let ran = run(&project, &sets);
        assert!(
            ran.out.contains("FALLBACK: mnist is unavailable"),
            "{}",
            ran.out
        );
        assert_eq!(manifest(&project, 0)["rows"]["of"], of);
        assert_eq!(manifest(&project, 0)["data"]["training_rows"], of);
        let classes: BTreeSet<usize> = drawn(&project, 0).iter().map(|row| row[1]).collect();
        assert_eq!(classes, BTreeSet::from([2, 4]));
    }
}
