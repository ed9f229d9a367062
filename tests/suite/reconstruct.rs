//! Reconstruction of images from the first layers of a network, and figures of layers.

use std::fs;

use backquery::arrays::{Values, from_safetensors};

use crate::project::Project;

const SPEC: &str = r#"
title = "There and back"
task = { kind = "reconstruct", layers = 1 }
metrics = ["reconstruction_error", "l2_distance", "target_probability"]
[data]
source = "strokes"
classes = [1, 7]
per_class = 20
[model]
hidden = [784]
activation = "tanh"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.001
batch_size = 10
epochs = 0
[sweep]
model.hidden = [[784], [50]]
[[invert]]
name = "original"
method = "original"
[[invert]]
name = "back"
method = "layered"
[[figure]]
name = "digits"
kind = "grid"
rows = ["original", "back"]
across = true
[[figure]]
name = "layers"
kind = "layers"
metrics = ["negative_drawn", "bend"]
[[figure]]
name = "components"
kind = "components"
rows = [0, 25]
first = [1, 784]
whiten = true
[[claim]]
says = "as wide as the image it comes back"
metric = "reconstruction_error"
in = "model.hidden=[784]"
of = "back"
near = 0
within = 1e-4
[[claim]]
says = "half of the weights are negative"
metric = "negative_drawn"
in = "model.hidden=[784]"
layer = 0
near = 0.5
within = 0.01
[[claim]]
says = "the last layer bends about as little as the first"
metric = "bend"
in = "model.hidden=[784]"
layer = 1
minus = { layer = 0 }
near = 0
within = 1
"#;

fn project(spec: &str) -> Project {
    Project::new().with("there.toml", spec)
}

#[test]
fn what_a_wide_layer_is_given_comes_back_and_what_a_narrow_one_is_not() {
    let project = project(SPEC);
    let ran = project.succeed(&["run", "there.toml", "--seed", "0,1,2"]);
    assert!(
        ran.out.contains("mean over the classes     error p target"),
        "{}",
        ran.out
    );
    let folder = |hidden: &str| project.path(&format!("results/there/model.hidden=[{hidden}]"));
    let images = |hidden: &str, seed: u64| {
        let file = format!("seed-{seed}/inverses.safetensors");
        let file = fs::read(folder(hidden).join(file)).unwrap();
        from_safetensors(&file).unwrap().0
    };
    let values = |hidden: &str, seed, name: &str| {
        let all = images(hidden, seed);
        let found = all.into_iter().find(|array| array.name == name).unwrap();
        assert_eq!(found.shape, [2, 784]);
        match found.values {
            Values::F64(values) => values,
            Values::F32(_) => panic!("inverses are f64"),
        }
    };
    let original = values("784", 0, "original");
    assert_eq!(
        original,
        values("50", 0, "original"),
        "the same images for all widths"
    );
    assert_ne!(
        original,
        values("784", 1, "original"),
        "others for other seeds"
    );
    let off = |hidden: &str| {
        let back = values(hidden, 0, "back");
        let both = back.iter().zip(&original);
        both.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    assert!(
        off("784") < 1e-6 && off("50") > 0.1,
        "{} {}",
        off("784"),
        off("50")
    );

    // Whatever is asked of the layer is had by the narrow one too.
    let metrics = fs::read_to_string(folder("50").join("seed-0/metrics.csv")).unwrap();
    let distance = |line: &str| line.split(',').nth(7).unwrap().parse::<f64>().unwrap();
    let distances = metrics
        .lines()
        .filter(|line| line.contains("back,,,") && line.contains("l2_distance"));
    assert!(distances.clone().count() == 2 && distances.map(distance).all(|d| d < 1e-6));

    let layers = fs::read_to_string(folder("784").join("seed-0/layers.csv")).unwrap();
    assert!(
        layers.starts_with("layer,metric,value,unit\n0,negative_drawn,0."),
        "{layers}"
    );
    assert_eq!(layers.lines().count(), 1 + 2 * 7);
    for figure in ["digits", "layers"] {
        assert!(
            project
                .path(&format!("results/there/summary/figures/{figure}.png"))
                .exists()
        );
    }
    assert!(folder("784").join("seed-0/figures/components.png").exists());
    // The verdict on each claim, and on its only metric.
    let claims = project.read("results/there/summary/claims.csv");
    assert_eq!(claims.matches(",confirmed,").count(), 6, "{claims}");
    assert!(
        ran.out.contains("bend of model.hidden=[784] layer 1"),
        "{}",
        ran.out
    );
    // Read back from the folders, they are the same.
    let again = project.succeed(&["claims", "there.toml"]);
    assert!(again.out.contains("3 claims: 3 confirmed"), "{}", again.out);
    project.succeed(&["verify", "there.toml"]);
}

#[test]
fn a_claim_about_a_layer_that_is_not_there_is_a_fault() {
    for (from, to, expected) in [
        (
            "layer = 0\n",
            "layer = 2\n",
            "`claim.1.layer` is layer 2, but there are 2, counted from 0",
        ),
        (
            "layer = 0\n",
            "",
            "`claim.1.layer` is missing: `negative_drawn` has a value per layer",
        ),
        (
            "near = 0\n",
            "near = 0\nlayer = 0\n",
            "`claim.0.layer` has no meaning for `reconstruction_error`",
        ),
        ("\"bend\"]", "\"bends\"]", "did you mean `bend`?"),
        (
            "[sweep]\nmodel.hidden = [[784], [50]]\n",
            "",
            "`figure.digits.across` is for the experiments of a sweep",
        ),
    ] {
        let shown = project(&SPEC.replacen(from, to, 1)).fail(2, &["check", "there.toml"]);
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn without_test_images_there_is_nothing_to_reconstruct() {
    let row = |label| format!("{label}{}\n", ",9".repeat(784));
    let head = format!("label{}\n", ",pixel".repeat(784));
    let spec = SPEC
        .replace(
            "source = \"strokes\"",
            "source = \"csv\"\nfile = \"rows.csv\"",
        )
        .replace("per_class = 20", "per_class = 1")
        .replace("rows = [0, 25]", "rows = [0, 1]");
    let project = project(&spec).with("rows.csv", [head, row(1), row(7)].concat());
    let shown = project.fail(2, &["check", "there.toml"]);
    assert!(
        shown.contains("`task` is to reconstruct test images, and the data has no test rows"),
        "{shown}"
    );
}
