//! What a spec and its data can tell is told before training, and what cannot be drawn
//! after it is named on the page, beside everything else.

use std::fmt::Write;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use backquery::arrays::{Values, from_safetensors};

use crate::project::{Project, Ran};

/// Two layers on images whose size only their file tells.
const SPEC: &str = r#"
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

const PATH: &str = "experiments/small.toml";

fn file(dimensions: &[usize], content: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let sizes = dimensions.iter().flat_map(|&n| (n as u32).to_be_bytes());
    let magic = [0, 0, 8, dimensions.len() as u8];
    magic.into_iter().chain(sizes).chain(content).collect()
}

/// Rows of two classes that take turns, with levels by row and pixel.
fn project(
    (width, height): (usize, usize),
    rows: usize,
    level: impl Fn(usize, usize) -> u8,
) -> Project {
    let inputs = width * height;
    let pixels = (0..rows * inputs).map(|i| level(i / inputs, i % inputs));
    let labels = |rows: usize| file(&[rows], (0..rows).map(|row| (row % 2) as u8));
    Project::new()
        .with(
            "sets/train-images-idx3-ubyte",
            file(&[rows, height, width], pixels),
        )
        .with("sets/train-labels-idx1-ubyte", labels(rows))
}

/// Levels that differ.
fn grain(row: usize, pixel: usize) -> u8 {
    ((row * 37 + pixel * 101 + row * pixel * 13) % 256) as u8
}

fn invert(name: &str, keys: &str) -> String {
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

const LAYERED: &str = "method = \"layered\"";

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
            let told = format!("`{key}` names \"{metric}\", which is undefined {reason}\n");
            assert!(ran.err.contains(&told), "{told}{}", ran.err);
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
    let told = "`claim.0.metric` names \"test_accuracy\", which is undefined without test rows";
    assert!(err.contains(told), "{err}");
}

#[test]
fn what_data_does_not_have_is_told_all_at_once_before_training() {
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
    let project = project((3, 3), 8, grain).with(PATH, spec);
    project.succeed(&["check", PATH]);
    let err = fails_early(&project, 1);
    let (_, told) = err.split_once("\nerror: ").unwrap();
    insta::assert_snapshot!(told);
}

#[test]
fn reconstructions_without_a_test_image_of_each_class_fail_before_training() {
    let (head, _) = SPEC.split_once("[target]").unwrap();
    let spec = format!(
        "task = \"reconstruct\"\n{head}{}",
        invert("layered", LAYERED)
    );
    let project = project((3, 3), 8, grain).with(PATH, spec);
    let err = fails_early(&project, 1);
    assert!(
        err.contains("`task` is to reconstruct test images"),
        "{err}"
    );
}

#[test]
fn the_empirical_method_lights_a_third_of_small_images() {
    let spec = format!("{SPEC}{}", invert("lit", "method = \"empirical\""));
    let project = project((5, 3), 8, grain).with(PATH, spec);
    project.succeed(&["run", PATH]);
    let path = project.path("results/small/seed-0/inverses.safetensors");
    let (arrays, _) = from_safetensors(&fs::read(path).unwrap()).unwrap();
    let lit = arrays.iter().find(|one| one.name == "lit").unwrap();
    let Values::F64(values) = &lit.values else {
        panic!("inverses are f64");
    };
    for image in values.chunks(15) {
        assert_eq!(image.iter().filter(|&&x| x > 0.0).count(), 5, "{image:?}");
    }
    let metrics = fs::read_to_string(project.path("results/small/seed-0/metrics.csv")).unwrap();
    let overlaps = metrics
        .lines()
        .filter(|line| line.contains("empirical_overlap"));
    assert!(overlaps.clone().count() == 2 && overlaps.clone().all(|line| line.contains(",1.0,")));
}

/// Class means of one value correlate with nothing, which no spec can know.
#[test]
fn a_figure_without_values_says_why_and_all_else_is_written() {
    let spec = format!(
        "{SPEC}{}{}",
        invert("layered", LAYERED),
        r#"
[[figure]]
name = "empty"
kind = "bars"
metrics = ["class_mean_correlation"]
[[figure]]
name = "half"
kind = "strip"
metrics = ["class_mean_correlation", "l2_distance"]
"#
    );
    let flat = |row: usize, _| if row.is_multiple_of(2) { 200 } else { 100 };
    let project = project((3, 3), 8, flat).with(PATH, spec);
    let Ran { err, .. } = project.succeed(&["run", PATH, "-q"]);
    let reason = "no inverse has a value of class_mean_correlation, which images of one value lack";
    assert!(
        err.contains(&format!(
            "warning: the figure `empty` has nothing to show: {reason}"
        )),
        "{err}"
    );
    let summary = project.path("results/small/summary");
    let text = |name: &str| {
        let svg = fs::read_to_string(summary.join(name)).unwrap();
        // Lines are broken in the middle of sentences.
        let parts = svg.split('<').filter_map(|part| part.split_once('>'));
        parts
            .map(|(_, text)| text.trim())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (empty, half) = (text("figures/empty.svg"), text("figures/half.svg"));
    assert!(
        words(&empty).contains(&words(&format!("Nothing to show: {reason}"))),
        "{empty}"
    );
    assert!(
        words(&half).contains(&words(&format!("Left out: {reason}."))),
        "{half}"
    );
    for name in ["summary.csv", "manifest.json", "figures/empty.png"] {
        assert!(summary.join(name).exists(), "{name}");
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every method, metric and figure on images that have hardly any neighbours.
#[test]
fn the_smallest_images_give_results_or_reasons_and_no_panic() {
    let methods = [
        ("empirical", "method = \"empirical\""),
        ("signed", "method = \"empirical\"\nscore = \"signed_sum\""),
        ("layered", LAYERED),
        ("transpose", "method = \"layered\"\nlayer = \"transpose\""),
        ("by-prior", "method = \"layered\"\nlayer = \"gaussian\""),
        (
            "filtered",
            "method = \"layered\"\nfilter = { kind = \"middle\", percentile = 20.0 }",
        ),
        ("gaussian", "method = \"gaussian\"\nmargin = 0.01"),
        (
            "in-range",
            "method = \"gaussian\"\nmargin = 0.01\nin_range = true",
        ),
        (
            "mixture",
            "method = \"mixture\"\ncomponents = 2\nmargin = 0.01",
        ),
        ("bounded", "method = \"bounded\""),
        ("bounded-l1", "method = \"bounded\"\nnorm = \"l1\""),
        (
            "gradient",
            "method = \"gradient\"\nsteps = 5\ntotal_variation = 1.0\nl2 = 1.0",
        ),
        ("decoder", "method = \"decoder\"\nepochs = 1"),
        ("exemplar", "method = \"exemplar\""),
        ("class-mean", "method = \"class_mean\""),
    ];
    for size in [(1, 1), (1, 3), (2, 1), (2, 2)] {
        let mut project = project(size, 6, grain);
        for (name, keys) in methods {
            let mut spec = format!("{SPEC}{}", invert(name, keys));
            let figures = [
                format!("kind = \"grid\"\nrows = [\"{name}\"]\nunder = [\"legibility_conv\"]"),
                "kind = \"curves\"".to_owned(),
                "kind = \"weights\"\nlayer = 0".to_owned(),
                "kind = \"samples\"\nrows = [0, 5]".to_owned(),
                "kind = \"components\"\nrows = [1]\nfirst = [1]".to_owned(),
                "kind = \"layers\"\nmetrics = [\"bend\", \"dead_units\"]".to_owned(),
                "kind = \"strip\"\nmetrics = [\"empirical_overlap\"]".to_owned(),
            ];
            for (index, figure) in figures.iter().enumerate() {
                write!(spec, "[[figure]]\nname = \"f{index}\"\n{figure}\n").unwrap();
            }
            project = project.with(&format!("experiments/{name}.toml"), spec);
        }
        let ran = project.run(&["reproduce", "experiments", "-q", "--jobs", "1"]);
        assert!(matches!(ran.code, Some(0 | 1)), "{size:?}: {}", ran.err);
        assert!(!ran.err.contains("panicked"), "{size:?}: {}", ran.err);
        for (name, _) in methods {
            let done = project.path(&format!("results/{name}/summary/summary.csv"));
            let log = fs::read_to_string(project.path(&format!("results/{name}/seed-0.log")));
            let log = log.unwrap();
            // Of one unit or two not every logit can be had.
            let has_reason = log.contains("failed: ") && log.contains("no input was found");
            assert!(done.exists() || has_reason, "{size:?}, {name}: {log}");
        }
    }
}

/// A search of minutes says within seconds how far it is, in the log too, and ends when
/// it is told to.
#[cfg(unix)]
#[test]
fn long_searches_report_how_far_they_are_and_can_be_interrupted() {
    let keys = "method = \"gradient\"\nsteps = 100000\nrestarts = 1000";
    let spec = format!("{SPEC}{}", invert("slow", keys));
    let project = project((3, 3), 8, grain).with(PATH, spec);
    let mut command = project.command(&["run", PATH]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.find_map(|line| line.ok().filter(|line| line.contains("invert slow: ")));
    assert!(line.unwrap().ends_with(" of 100000 done"));
    let interrupt = format!("kill -s INT {}", child.id());
    let status = Command::new("sh").args(["-c", &interrupt]).status();
    assert!(status.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let log = fs::read_to_string(project.path("results/small/seed-0.log")).unwrap();
    assert!(
        log.contains("invert slow: ") && log.contains(" of 100000 done"),
        "{log}"
    );
}
