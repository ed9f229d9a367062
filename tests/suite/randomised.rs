//! Networks whose last layers are shuffled after training.

use std::fs;

use backquery::arrays::{Values, from_safetensors};
use serde_json::json;

use crate::project::{Project, SMALL};

const SPEC: &str = "experiments/small.toml";

/// Single-precision numbers of an array in a file of weights.
fn numbers(file: &[u8], name: &str) -> Vec<f32> {
    let (arrays, _) = from_safetensors(file).unwrap();
    let array = arrays.into_iter().find(|array| array.name == name);
    match array.unwrap().values {
        Values::F32(numbers) => numbers,
        Values::F64(_) => panic!("{name} is in double precision"),
    }
}

fn sorted(mut numbers: Vec<f32>) -> Vec<f32> {
    numbers.sort_by(f32::total_cmp);
    numbers
}

/// A network with shuffled layers shares the training of the other, and nothing after it.
#[test]
fn shuffled_layers_share_the_training() {
    let project = Project::new().with(SPEC, SMALL);
    let read =
        |name: &str| fs::read(project.path(&format!("results/small/seed-0/{name}"))).unwrap();
    project.succeed(&["run", SPEC]);
    let before = [
        "accuracy.csv",
        "weights.safetensors",
        "layers.csv",
        "metrics.csv",
    ]
    .map(read);

    let set = ["--set", "model.randomise_last=1"];
    let planned = project.run(&[&["plan", SPEC], &set[..]].concat());
    for line in [
        "done    train",
        "run     randomise",
        "run     invert empirical",
    ] {
        assert!(planned.out.contains(line), "{line}\n{}", planned.out);
    }
    let ran = project.succeed(&[&["run", SPEC], &set[..]].concat());
    assert!(
        ran.out.contains("CONTROL: last layer shuffled"),
        "{}",
        ran.out
    );
    let after = [
        "accuracy.csv",
        "weights.safetensors",
        "layers.csv",
        "metrics.csv",
    ]
    .map(read);
    assert_eq!(before[0], after[0], "the log of the training");
    assert_ne!(before[2], after[2]);
    assert_ne!(before[3], after[3]);
    for (name, is_shuffled) in [
        ("layers.0.weight", false),
        ("layers.0.bias", false),
        ("layers.1.weight", true),
    ] {
        let [was, is] = [&before[1], &after[1]].map(|file| numbers(file, name));
        assert_eq!(was != is, is_shuffled, "{name}");
        assert_eq!(sorted(was), sorted(is), "{name}");
    }
    let about = String::from_utf8_lossy(&after[1]).into_owned();
    assert!(about.contains("last layer shuffled"), "{about}");
    let manifest = project.json("results/small/seed-0/manifest.json");
    assert_eq!(manifest["spec"]["model"]["randomise_last"], json!(1));
    let again = project.succeed(&[&["run", SPEC], &set[..]].concat());
    assert!(again.err.contains("up to date"), "{}", again.err);
    project.succeed(&["verify", SPEC]);
    // Back to the network as it was trained, from the store.
    project.succeed(&["run", SPEC]);
    assert_eq!(before[1], read("weights.safetensors"));
}

/// Legibility, or any metric, against the number of shuffled layers.
#[test]
fn shuffled_layers_can_be_swept_over() {
    let sweep = "
[sweep]
model.randomise_last = [0, 1, 2]
[[figure]]
name = \"along\"
kind = \"sweep\"
over = \"model.randomise_last\"
metrics = [\"target_probability\"]
";
    let text = format!("{SMALL}{sweep}");
    let project = Project::new().with(SPEC, &text);
    project.succeed(&["run", SPEC]);
    let trained = fs::read_dir(project.path("results/.store/train")).unwrap();
    let folders = trained.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir()));
    assert_eq!(folders.count(), 1, "one training for all");
    let manifest = project.json("results/small/model.randomise_last=0/seed-0/manifest.json");
    assert!(manifest["spec"]["model"]["randomise_last"].is_null());
    assert!(
        project
            .path("results/small/summary/figures/along.svg")
            .is_file()
    );
}

#[test]
fn layers_that_are_not_there_are_a_fault() {
    let project = Project::new().with(SPEC, SMALL);
    for (value, expected) in [
        (
            "3",
            "`model.randomise_last` is 3, but the network has 2 layers: lower it",
        ),
        ("-1", "`model.randomise_last` must be a number of layers"),
        ("all", "`model.randomise_last` must be a number of layers"),
    ] {
        let set = format!("model.randomise_last={value}");
        let shown = project.fail(2, &["check", SPEC, "--set", &set]);
        assert!(shown.contains(expected), "{shown}");
    }
}
