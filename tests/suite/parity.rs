//! Numbers of a few bits through the whole program: images of one row, where a single pixel
//! determines the class.

use backquery::arrays::{Values, from_safetensors};
use backquery::config::{Metric, Task};

use crate::project::Project;

const SPEC: &str = r#"
title = "Parity of four bits"
[data]
source = "parity"
bits = 4
train_rows = 12
classes = [1, 0]
[model]
hidden = [3]
activation = "leaky_relu"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.05
batch_size = 4
epochs = 60
[target]
logits = { on = 2.0, off = -2.0 }
[[invert]]
name = "empirical"
method = "empirical"
pixels = 1
[[invert]]
name = "analytical"
method = "layered"
[[invert]]
name = "gaussian"
method = "gaussian"
margin = 0.5
[[invert]]
name = "exemplar"
method = "exemplar"
[[figure]]
name = "inverses"
kind = "grid"
rows = ["empirical", "analytical", "gaussian", "exemplar"]
[[figure]]
name = "training"
kind = "curves"
printed = { train_loss = [[1, 0.7], [60, 0.01]], test_accuracy = [[60, 1.0]] }
[[figure]]
name = "weights"
kind = "weights"
layer = 0
[[figure]]
name = "samples"
kind = "samples"
rows = [0, 11]
"#;

#[test]
fn every_method_and_judge_takes_images_of_one_row() {
    let project = Project::new().with("experiments/bits.toml", SPEC);
    project.succeed(&["run", "experiments/bits.toml"]);
    let table = |name: &str| {
        let path = project.path(&format!("results/bits/seed-0/{name}"));
        std::fs::read_to_string(path).unwrap()
    };
    let log = table("accuracy.csv");
    assert!(log.lines().last().unwrap().contains(",1.0,"), "{log}");
    for name in ["inverses", "training", "weights", "samples"] {
        assert!(!table(&format!("figures/{name}.svg")).is_empty());
    }
    let samples = table("figures/samples.svg");
    assert!(samples.contains("label 0") && samples.contains("label 1"));
    assert!(table("figures/training.svg").contains("train, as printed"));
    let network = table("network.csv");
    assert!(network.contains("heaviest_input,3.0,"), "{network}");
    let metrics = table("metrics.csv");
    // Every usual metric, of two classes and four inversions.
    assert_eq!(
        metrics.lines().count(),
        1 + Metric::usual(Task::Target).len() * 2 * 4
    );
    assert!(table("manifest.json").contains(r#""width": 4"#));
    let path = project.path("results/bits/seed-0/inverses.safetensors");
    let (arrays, _) = from_safetensors(&std::fs::read(path).unwrap()).unwrap();
    let exemplar = arrays.iter().find(|one| one.name == "exemplar").unwrap();
    let Values::F64(pixels) = &exemplar.values else {
        panic!("inverses are f64");
    };
    // The first class is of odd numbers.
    assert_eq!((pixels[3], pixels[7]), (1.0, 0.0));
}

fn reports_before_training(project: &Project, message: &str) {
    for command in ["check", "run"] {
        let err = project.fail(2, &[command, "experiments/bits.toml"]);
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn more_pixels_than_bits_are_reported_before_training() {
    let spec = SPEC.replace("pixels = 1", "pixels = 5");
    let project = Project::new().with("experiments/bits.toml", spec);
    let message = "`invert.empirical.pixels` is 5, but images have 4 x 1 = 4 pixels";
    reports_before_training(&project, message);
}

#[test]
fn missing_rows_are_reported_before_training() {
    let spec = SPEC.replace("rows = [0, 11]", "rows = [0, 12]");
    let project = Project::new().with("experiments/bits.toml", spec);
    let message =
        "`figure.samples.rows` names row 12, but there are 12 training rows, counted from 0";
    reports_before_training(&project, message);
}

#[test]
fn a_spec_without_inversions_measures_nothing_and_needs_no_judge() {
    let (spec, _) = SPEC.split_once("[target]").unwrap();
    let project = Project::new().with("experiments/bits.toml", spec);
    project.succeed(&["run", "experiments/bits.toml"]);
    let folder = project.path("results/bits/seed-0");
    assert!(folder.join("accuracy.csv").exists());
    for name in ["metrics.csv", "judges.csv", "inverses.safetensors"] {
        assert!(!folder.join(name).exists(), "{name}");
    }
}
