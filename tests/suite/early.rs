//! Faults of a spec and its data that are reported before training.

use crate::files::idx;
use crate::project::{Project, Ran};

/// Two layers on images whose size only their file determines.
pub const SPEC: &str = r#"
title = "Small images"
seeds = 1
[data]
source = "idx"
folder = "../sets"
classes = [0, 1]
[model]
hidden = [3]
activation = "leaky_relu"
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.01
batch_size = 4
epochs = 2
[target]
logits = { on = 1.0, off = -1.0 }
"#;

pub const PATH: &str = "experiments/small.toml";

/// Rows of two alternating classes, with levels by row and pixel.
pub fn project(
    width: usize,
    height: usize,
    rows: usize,
    level: impl Fn(usize, usize) -> u8,
) -> Project {
    let inputs = width * height;
    let pixels = (0..rows * inputs).map(|i| level(i / inputs, i % inputs));
    let labels = |rows: usize| idx(&[rows], (0..rows).map(|row| (row % 2) as u8));
    Project::new()
        .with(
            "sets/train-images-idx3-ubyte",
            idx(&[rows, height, width], pixels),
        )
        .with("sets/train-labels-idx1-ubyte", labels(rows))
}

/// Varied levels.
pub fn grain(row: usize, pixel: usize) -> u8 {
    ((row * 37 + pixel * 101 + row * pixel * 13) % 256) as u8
}

pub fn invert(name: &str, keys: &str) -> String {
    format!("[[invert]]\nname = \"{name}\"\n{keys}\n")
}

/// Fails before anything is trained.
fn fails_early(project: &Project, code: i32) -> String {
    let Ran {
        code: left, err, ..
    } = project.run(&["run", PATH]);
    assert_eq!(left, Some(code), "{err}");
    assert!(!project.path("results/.store/train").exists(), "{err}");
    err
}

pub const LAYERED: &str = "method = \"layered\"";

#[test]
fn metrics_that_no_inverse_has_are_faults_of_the_spec_all_at_once() {
    let spec = format!(
        r#"metrics = ["target_probability", "l1_gap", "round_trip_first"]
{SPEC}{}
[sweep]
invert.swept.lambda = [0.1, 1.0]
{}
[[figure]]
name = "gaps"
kind = "bars"
inversions = ["layered"]
metrics = ["l1_gap", "target_probability"]
[[figure]]
name = "grid"
kind = "grid"
rows = ["layered"]
under = ["l1_gap"]
[[limit]]
inversion = "swept"
metric = "l1_gap"
at_most = 1
seek = "lowest"
[[claim]]
says = "gaps are small"
metric = "l1_gap"
of = "layered"
at_most = 1
[[claim]]
says = "all classes are right"
metric = "train_subset_accuracy"
at_least = 1
[[claim]]
says = "no output dies"
metric = "dead_units"
layer = 1
at_most = 0
"#,
        invert("layered", LAYERED),
        invert("swept", "method = \"layered\"\nlayer = \"ridge\"")
    );
    let err = Project::new().with(PATH, spec).fail(2, &["check", PATH]);
    insta::assert_snapshot!(err);
}

#[test]
fn a_metric_that_one_experiment_of_a_sweep_has_is_no_fault() {
    let swept = |hidden: &str, metric: &str| {
        let spec = format!(
            "metrics = [\"{metric}\"]\n{SPEC}{}[sweep]\nmodel.hidden = {hidden}\n\
             [[figure]]\nname = \"all\"\nkind = \"bars\"\nmetrics = [\"{metric}\"]\n",
            invert("layered", LAYERED)
        );
        Project::new().with(PATH, spec).run(&["check", PATH])
    };
    for metric in ["l1_gap", "round_trip_first"] {
        let ran = swept("[[], [3]]", metric);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
    }
    for (hidden, metric, reason) in [
        ("[[3], [4]]", "l1_gap", "with hidden layers"),
        (
            "[[], [3]]",
            "reconstruction_error",
            "without `task = \"reconstruct\"`",
        ),
    ] {
        let ran = swept(hidden, metric);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        for key in ["metrics", "figure.all.metrics"] {
            let message = format!("`{key}` names \"{metric}\", which is undefined {reason}\n");
            assert!(ran.err.contains(&message), "{message}{}", ran.err);
        }
    }
}

#[test]
fn a_comparison_names_metrics_that_none_of_its_experiments_has() {
    let spec = |hidden: &str| {
        let spec = SPEC.replace("hidden = [3]", &format!("hidden = {hidden}"));
        format!("{spec}{}", invert("layered", LAYERED))
    };
    let end = |name: &str| {
        format!("{{ experiment = \"{name}\", inversion = \"layered\", is = \"{name}\" }}")
    };
    let compare = |metric: &str| {
        format!(
            "title = \"two\"\n[compare]\nexperiments = [\"a\", \"b\"]\nmetrics = [\"{metric}\"]\n\
             [[pair]]\nsays = \"depth\"\na = {}\nb = {}\n\
             [[figure]]\nname = \"bars\"\nkind = \"bars\"\nmetrics = [\"{metric}\"]\n",
            end("a"),
            end("b")
        )
    };
    let check = |depths: [&str; 2]| {
        Project::new()
            .with("experiments/a.toml", spec(depths[0]))
            .with("experiments/b.toml", spec(depths[1]))
            .with("experiments/c.toml", compare("l1_gap"))
            .run(&["check", "experiments/c.toml"])
    };
    let both = check(["[]", "[]"]);
    assert_eq!(both.code, Some(0), "{}", both.err);
    // The figure shows the one that has it; the pair has nothing to compare.
    let one = check(["[]", "[3]"]);
    assert_eq!(one.code, Some(2), "{}", one.err);
    assert!(one.err.contains("has 1 fault\n"), "{}", one.err);
    assert!(one.err.contains("`compare.metrics` names \"l1_gap\""));
    let none = check(["[3]", "[4]"]);
    assert!(
        none.err.contains("`figure.bars.metrics` names \"l1_gap\""),
        "{}",
        none.err
    );
}

#[test]
fn claims_about_test_rows_need_some() {
    let claim = "[[claim]]\nsays = \"it learns\"\nmetric = \"test_accuracy\"\nat_least = 0.5\n";
    let csv = SPEC.replace(
        "source = \"idx\"\nfolder = \"../sets\"",
        "source = \"csv\"\nfile = \"rows.csv\"",
    );
    let spec = format!("{csv}{claim}");
    let err = Project::new().with(PATH, spec).fail(2, &["check", PATH]);
    let message = "`claim.0.metric` names \"test_accuracy\", which is undefined without test rows";
    assert!(err.contains(message), "{err}");
}

#[test]
fn everything_that_data_lacks_is_reported_before_training() {
    let spec = format!(
        "{SPEC}{}{}{}{}{}",
        invert("lit", "method = \"empirical\"\npixels = 10"),
        invert(
            "top",
            "method = \"layered\"\nfilter = { kind = \"top_pixels\", pixels = 11 }"
        ),
        invert(
            "mixed",
            "method = \"mixture\"\nmargin = 1.0\ncomponents = 9\nrows = 30"
        ),
        invert("best", "method = \"exemplar\"\nrank = 9"),
        r#"
[[figure]]
name = "ring"
kind = "bars"
inversions = ["top"]
metrics = ["ring_contrast"]
[[figure]]
name = "samples"
kind = "samples"
rows = [0, 8]
[[figure]]
name = "parts"
kind = "components"
rows = [9]
first = [1, 10]
"#
    );
    let spec = format!("metrics = [\"target_probability\", \"ring_contrast\"]\n{spec}");
    let project = project(3, 3, 8, grain).with(PATH, spec);
    project.succeed(&["check", PATH]);
    let err = fails_early(&project, 1);
    let (_, message) = err.split_once("\nerror: ").unwrap();
    insta::assert_snapshot!(message);
}

#[test]
fn reconstructions_without_a_test_image_of_each_class_fail_before_training() {
    let (head, _) = SPEC.split_once("[target]").unwrap();
    let spec = format!(
        "task = \"reconstruct\"\n{head}{}",
        invert("layered", LAYERED)
    );
    let project = project(3, 3, 8, grain).with(PATH, spec);
    let err = fails_early(&project, 1);
    assert!(
        err.contains("`task` is to reconstruct test images"),
        "{err}"
    );
}
