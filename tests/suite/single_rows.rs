//! Training by single rows, as in the book of Rashid.

use std::fs;

use backquery::table::from_csv;
use backquery::train::EpochRow;

use crate::project::Project;

const SPEC: &str = r#"
title = "Steps by single rows"
seeds = [0, 1]
[data]
source = "strokes"
per_class = 100
range = [0.01, 1.0]
[model]
hidden = [40]
activation = "sigmoid"
output = "logistic"
bias = false
init = { kind = "normal", std = "fan_in" }
[train]
loss = "squared_error"
scale = 0.5
optimizer = "sgd"
learning_rate = 0.3
batch_size = 1
epochs = 5
targets = { on = 0.99, off = 0.01 }
backward = "weights"
[target]
outputs = { on = 0.99, off = 0.01 }
[[invert]]
name = "back"
method = "layered"
layer = "transpose"
domain = "rescale"
"#;

/// Returns the files of a run that hold the network and its accuracy.
fn files(jobs: &str) -> Vec<Vec<u8>> {
    let project = Project::new().with("rows.toml", SPEC);
    project.succeed(&["run", "rows.toml", "--quiet", "--jobs", jobs]);
    let seeds = ["seed-0", "seed-1"].into_iter();
    let paths = seeds.flat_map(|seed| {
        ["accuracy.csv", "weights.safetensors"].map(|file| format!("results/rows/{seed}/{file}"))
    });
    paths
        .map(|path| fs::read(project.path(&path)).unwrap())
        .collect()
}

#[test]
fn it_learns_and_any_number_of_jobs_gives_the_same_bytes() {
    let one = files("1");
    let rows: Vec<EpochRow> = from_csv(&one[0]).unwrap();
    let last = rows.last().unwrap();
    assert!(last.test_accuracy.unwrap() > 0.85, "{last:?}");
    assert!(last.running_loss < rows[0].running_loss, "{rows:?}");
    assert_eq!(files("2"), one);
}
