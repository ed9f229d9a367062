//! Images of a few pixels: results, or reasons why there are none.

use std::fmt::Write;
use std::fs;
#[cfg(unix)]
use std::io::{BufRead, BufReader};
#[cfg(unix)]
use std::process::{Command, Stdio};

use backquery::arrays::{Values, from_safetensors};

use crate::early::{LAYERED, PATH, SPEC, grain, invert, project};
use crate::project::Ran;

#[test]
fn the_empirical_method_lights_a_third_of_small_images() {
    let spec = format!("{SPEC}{}", invert("lit", "method = \"empirical\""));
    let project = project(5, 3, 8, grain).with(PATH, spec);
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
    let metrics = project.read("results/small/seed-0/metrics.csv");
    let overlaps = metrics
        .lines()
        .filter(|line| line.contains("empirical_overlap"));
    assert!(overlaps.clone().count() == 2 && overlaps.clone().all(|line| line.contains(",1.0,")));
}

/// Constant class means have no correlation, whatever the spec.
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
    let project = project(3, 3, 8, flat).with(PATH, spec);
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

/// Every method, metric and figure on images with hardly any neighbouring pixels.
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
    for size @ (width, height) in [(1, 1), (1, 3), (2, 1), (2, 2)] {
        let mut project = project(width, height, 6, grain);
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
            let log = project.read(&format!("results/{name}/seed-0.log"));
            // One or two units cannot reach every logit.
            let has_reason = log.contains("failed: ") && log.contains("no input was found");
            assert!(done.exists() || has_reason, "{size:?}, {name}: {log}");
        }
    }
}

/// A search of minutes reports its progress within seconds, in the log too, and ends on
/// SIGINT.
#[cfg(unix)]
#[test]
fn long_searches_report_how_far_they_are_and_can_be_interrupted() {
    let keys = "method = \"gradient\"\nsteps = 100000\nrestarts = 1000";
    let spec = format!("{SPEC}{}", invert("slow", keys));
    let project = project(3, 3, 8, grain).with(PATH, spec);
    let mut command = project.command(&["run", PATH]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.find_map(|line| line.ok().filter(|line| line.contains("invert slow: ")));
    assert!(line.unwrap().ends_with(" of 100000 done"));
    let interrupt = format!("kill -s INT {}", child.id());
    let status = Command::new("sh").args(["-c", &interrupt]).status();
    assert!(status.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let log = project.read("results/small/seed-0.log");
    assert!(
        log.contains("invert slow: ") && log.contains(" of 100000 done"),
        "{log}"
    );
}
