//! Values by evaluator: from the published table to the intervals of the summary.

use std::collections::BTreeMap;

use backquery::config::NumberScale;
use backquery::metrics::statistics::{Estimate, TrainingNumber, mean_interval};

use crate::project::Project;

/// Two metrics that several evaluators read, one that a single one reads, and one that
/// none reads.
const SPEC: &str = r#"
title = "Two drawn digits"
seeds = 3
metrics = ["legibility", "legibility_conv", "legibility_knn", "total_variation"]
[data]
source = "strokes"
classes = [0, 1]
per_class = 20
[model]
hidden = []
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.01
batch_size = 10
epochs = 2
[target]
logits = { on = 5.0, off = -5.0 }
[[invert]]
name = "lay"
method = "layered"
"#;

const READ: [&str; 2] = ["legibility", "legibility_conv"];

type ValueRow = BTreeMap<String, String>;

fn table(project: &Project, path: &str) -> Vec<ValueRow> {
    let bytes = project.read(path);
    let rows = csv::Reader::from_reader(bytes.as_bytes()).into_deserialize();
    rows.map(Result::unwrap).collect()
}

fn number(row: &ValueRow, column: &str) -> f64 {
    row[column].parse().unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9
}

/// Weight of an evaluator in a metric: of all five networks and the neighbours a half each.
fn weight(metric: &str, evaluator: &str) -> f64 {
    match (metric, evaluator) {
        ("legibility", "knn") => 0.5,
        ("legibility", _) => 0.1,
        _ => 0.2,
    }
}

/// Checks that the values by evaluator make up each value of a replicate.
fn check_values(project: &Project, seed: u64) {
    let by_evaluator = table(project, &format!("results/x/seed-{seed}/evaluators.csv"));
    let mut used = 0;
    for row in table(project, &format!("results/x/seed-{seed}/metrics.csv")) {
        let keys = ["replicate", "inversion", "setting", "class", "metric"];
        let own = by_evaluator.iter().filter(|other| {
            let is_same = |key: &&str| row[*key] == other[*key];
            keys.iter().all(is_same)
        });
        let own: Vec<&ValueRow> = own.collect();
        let names: Vec<&str> = own.iter().map(|row| row["evaluator"].as_str()).collect();
        let convs = ["conv-0", "conv-1", "conv-2", "conv-3", "conv-4"];
        let metric = row["metric"].as_str();
        match metric {
            "legibility" => assert_eq!(names, [&convs[..], &["knn"]].concat()),
            "legibility_conv" => assert_eq!(names, convs),
            _ => assert!(names.is_empty(), "{metric}: {names:?}"),
        }
        if READ.contains(&metric) {
            let of = |own: &&ValueRow| weight(metric, &own["evaluator"]) * number(own, "value");
            let sum: f64 = own.iter().map(of).sum();
            assert!(near(sum, number(&row, "value")), "{row:?}: {sum}");
        }
        used += own.len();
    }
    assert_eq!(used, by_evaluator.len());
}

/// Numbers of the trainings, with the weighted readings of the networks.
fn trainings(project: &Project, metric: &str) -> Vec<TrainingNumber> {
    let of_seed = |seed: u64| {
        let mut training = TrainingNumber::new(seed, 0.0);
        for row in table(project, &format!("results/x/seed-{seed}/evaluators.csv")) {
            let evaluator = row["evaluator"].as_str();
            if row["metric"] != metric {
                continue;
            }
            // Two classes, whose mean is the number.
            let part = number(&row, "value") / 2.0;
            training.value += weight(metric, evaluator) * part;
            if evaluator != "knn" {
                let weight = 5.0 * weight(metric, evaluator);
                let reading = training.readings.entry(evaluator.to_owned());
                *reading.or_default() += weight * part;
            }
        }
        training
    };
    (0..3).map(of_seed).collect()
}

fn width(of: Estimate) -> f64 {
    of.high.unwrap() - of.low.unwrap()
}

/// Intervals of the summary are those of trainings and evaluators, and wider than those of
/// trainings alone.
#[test]
fn values_by_evaluator_are_published_and_widen_intervals() {
    let project = Project::new().with("experiments/x.toml", SPEC);
    project.succeed(&["run", "experiments/x.toml", "--quiet"]);
    for seed in 0..3 {
        check_values(&project, seed);
    }
    let summary = table(&project, "results/x/summary/summary.csv");
    let mut widened = 0;
    for metric in READ {
        let row = summary.iter().find(|row| row["metric"] == metric).unwrap();
        let scale = NumberScale::of(metric).unwrap();
        let mut trainings = trainings(&project, metric);
        let both = mean_interval(&trainings, scale).unwrap();
        assert!(near(number(row, "mean"), both.mean), "{row:?} {both:?}");
        assert!(
            near(number(row, "low"), both.low.unwrap()),
            "{row:?} {both:?}"
        );
        assert!(
            near(number(row, "high"), both.high.unwrap()),
            "{row:?} {both:?}"
        );
        for one in &mut trainings {
            one.readings.clear();
        }
        let alone = mean_interval(&trainings, scale).unwrap();
        widened += usize::from(width(both) > 1.001 * width(alone));
    }
    assert!(widened > 0, "evaluators change no interval");
}

/// The table exists only if several evaluators read a metric.
#[test]
fn one_evaluator_needs_no_table() {
    let project = Project::new().with("experiments/x.toml", SPEC);
    let metrics = "metrics=[\"legibility_knn\", \"total_variation\"]";
    let arguments = ["run", "experiments/x.toml", "--quiet", "--set", "seeds=1"];
    project.succeed(&[&arguments[..], &["--set", metrics]].concat());
    let folder = project.path("results/x/seed-0");
    assert!(folder.join("readings.csv").exists());
    assert!(!folder.join("evaluators.csv").exists());
}
