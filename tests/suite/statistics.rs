//! Statistics as users get them: the unit is the training, everywhere alike; an index
//! has no mean; norms do not overflow; intervals end where their metric does.

use std::collections::BTreeMap;

use backquery::config::Bounds;
use backquery::data::Label;
use backquery::digest::sha256;
use backquery::metrics::statistics::{TrainingNumber, difference};
use backquery::report::EvaluatorRow;
use backquery::table::to_csv;

use crate::project::Project;

/// Two methods whose inverses differ by class far more than by seed.
const SPEC: &str = r#"
title = "Parity of six bits"
seeds = 3
[data]
source = "parity"
bits = 6
[model]
hidden = []
output = "softmax"
[train]
loss = "cross_entropy"
optimizer = "adam"
learning_rate = 0.05
batch_size = 10
epochs = 3
[target]
logits = { on = 5.0, off = -5.0 }
[[invert]]
name = "lay"
method = "layered"
[[invert]]
name = "tr"
method = "layered"
layer = "transpose"
[[figure]]
name = "strip"
kind = "strip"
metrics = ["target_probability"]
inversions = ["lay", "tr"]
[[figure]]
name = "bars"
kind = "bars"
metrics = ["target_probability"]
inversions = ["lay", "tr"]
[[claim]]
says = "it pleases the network more"
metric = "target_probability"
of = "lay"
above = "tr"
"#;

/// The rows of a table of results, by column.
fn table(project: &Project, path: &str) -> Vec<BTreeMap<String, String>> {
    let bytes = std::fs::read(project.path(path)).unwrap();
    let rows = csv::Reader::from_reader(&bytes[..]).into_deserialize();
    rows.map(Result::unwrap).collect()
}

/// The only row with these cells.
fn row(project: &Project, path: &str, cells: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut rows = table(project, path);
    rows.retain(|row| cells.iter().all(|(name, cell)| row[*name] == *cell));
    assert_eq!(rows.len(), 1, "{path}: {cells:?}");
    rows.remove(0)
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs())
}

/// The mean over the classes of a replicate.
fn mean_of_classes(project: &Project, seed: u64, inversion: &str) -> f64 {
    let mut rows = table(project, &format!("results/x/seed-{seed}/metrics.csv"));
    rows.retain(|row| row["inversion"] == inversion && row["metric"] == "target_probability");
    assert_eq!(rows.len(), 2);
    rows.iter().map(|row| number(row, "value")).sum::<f64>() / 2.0
}

const DIFFERENCE: [(&str, &str); 3] = [("a", "lay"), ("b", "tr"), ("metric", "target_probability")];

/// Four tables agree on the answer to one question, about three trainings.
#[test]
fn classes_of_one_training_are_one_number_everywhere() {
    let pairs = "
title = \"Bias\"
[compare]
experiments = [\"x\", \"y\"]
metrics = [\"target_probability\"]
[[pair]]
says = \"epochs\"
a = { experiment = \"x\", inversion = \"lay\", is = \"3\" }
b = { experiment = \"y\", inversion = \"lay\", is = \"6\" }
";
    let other = SPEC.replace("epochs = 3", "epochs = 6");
    let project = Project::new()
        .with("experiments/x.toml", SPEC)
        .with("experiments/y.toml", &other)
        .with("experiments/pairs.toml", pairs);
    project.succeed(&["reproduce", "--quiet", "--seed", "0,1,2"]);
    let found = row(&project, "results/x/summary/differences.csv", &DIFFERENCE);
    assert_eq!((&*found["n"], &*found["seeds"]), ("3", "0 1 2"));
    let apart = [0, 1, 2]
        .map(|seed| mean_of_classes(&project, seed, "tr") - mean_of_classes(&project, seed, "lay"));
    let mean = apart.iter().sum::<f64>() / 3.0;
    let variance = apart.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2.0;
    // Of two degrees of freedom p is 1 - t / sqrt(t^2 + 2).
    let t = (mean / (variance / 3.0).sqrt()).abs();
    assert!(near(number(&found, "difference"), mean));
    assert!(
        near(number(&found, "p"), 1.0 - t / (t * t + 2.0).sqrt()),
        "{found:?}"
    );
    let claim = row(&project, "results/x/summary/claims.csv", &[]);
    assert_eq!(claim["n"], "3");
    assert!(near(number(&claim, "observed"), -mean));
    assert!(near(number(&claim, "low"), -number(&found, "high")));
    assert!(near(number(&claim, "high"), -number(&found, "low")));

    let pair = row(&project, "results/pairs/summary/pairs.csv", &[]);
    assert_eq!((&*pair["n"], &*pair["seeds"]), ("3", "0 1 2"));
    let csv = project.succeed(&["compare", "results/x", "results/y", "--format", "csv"]);
    let rows = csv::Reader::from_reader(csv.out.as_bytes()).into_deserialize();
    let mut rows = rows.map(Result::unwrap);
    let compared = rows.find(|row: &BTreeMap<String, String>| {
        row["inversion"] == "lay" && row["metric"] == "target_probability"
    });
    let compared = compared.unwrap();
    for (of_pair, of_both) in [
        ("a_mean", "a_mean"),
        ("b_mean", "b_mean"),
        ("difference", "difference"),
        ("low", "difference_low"),
        ("high", "difference_high"),
        ("p", "p"),
    ] {
        assert_eq!(pair[of_pair], compared[of_both], "{of_pair}");
    }
    let summary = row(
        &project,
        "results/x/summary/summary.csv",
        &[("inversion", "lay"), ("metric", "target_probability")],
    );
    assert_eq!(summary["mean"], pair["a_mean"]);
    let page = project.read("results/pairs.md");
    assert!(
        page.contains("Means over 3 seeds, classes averaged within each"),
        "{page}"
    );
}

/// One training or two have no interval, no p and no verdict in any table or figure.
#[test]
fn fewer_than_three_trainings_decide_nothing() {
    let project = Project::new().with("experiments/x.toml", SPEC);
    for (seeds, count, why) in [
        ("0", "1", "1 replicate (3 needed)"),
        ("0,1", "2", "2 replicates (3 needed)"),
    ] {
        project.succeed(&["run", "experiments/x.toml", "--quiet", "--seed", seeds]);
        let found = row(&project, "results/x/summary/differences.csv", &DIFFERENCE);
        assert_eq!(found["n"], count);
        assert!(number(&found, "difference").is_finite());
        for empty in ["low", "high", "p"] {
            assert_eq!(found[empty], "", "{found:?}");
        }
        for row in table(&project, "results/x/summary/summary.csv") {
            assert_eq!((&*row["low"], &*row["high"]), ("", ""), "{row:?}");
        }
        let claim = row(&project, "results/x/summary/claims.csv", &[]);
        assert!(
            ["as claimed", "contrary"].contains(&&*claim["verdict"]),
            "{claim:?}"
        );
        assert!(claim["why"].starts_with(count), "{claim:?}");
        for empty in ["low", "high", "p", "corrected_p"] {
            assert_eq!(claim[empty], "", "{claim:?}");
        }
        let message = project.succeed(&["compare", "results/x", "results/x"]);
        let advice =
            format!("No test: it needs at least 3 seeds per side; A has {count}, B has {count}.");
        assert_eq!(message.out.matches(&advice).count(), 1, "{}", message.out);
        assert!(!message.out.contains('±'), "{}", message.out);
        let csv = project.succeed(&["compare", "results/x", "results/x", "--format", "csv"]);
        assert!(csv.out.contains(why), "{}", csv.out);
    }
    let figure = std::fs::read_to_string(project.path("results/x/summary/figures/bars.svg"));
    let figure = figure.unwrap();
    assert!(figure.contains("intervals need 3"), "{figure}");
}

#[test]
fn an_index_has_no_mean_and_no_test() {
    let claim = "[[claim]]\nsays = \"it looks at the last bit\"\nmetric = \"heaviest_input\"\n\
                 kind = \"share\"\nnear = 5\nwithin = 0\n";
    let project = Project::new().with("experiments/x.toml", format!("{SPEC}{claim}"));
    project.succeed(&["run", "experiments/x.toml", "--quiet"]);
    let summary = row(
        &project,
        "results/x/summary/summary.csv",
        &[("metric", "heaviest_input")],
    );
    for empty in ["mean", "low", "high"] {
        assert_eq!(summary[empty], "", "{summary:?}");
    }
    let message = project.succeed(&["compare", "results/x", "results/x"]);
    assert!(
        message.out.contains("an index has no mean (A: "),
        "{}",
        message.out
    );
    let table = message
        .out
        .lines()
        .take_while(|line| !line.starts_with("Not compared"));
    assert!(
        !table
            .into_iter()
            .any(|line| line.contains("heaviest_input "))
    );
    let claims = project.succeed(&["claims", "--explain"]);
    assert!(
        claims.out.contains(" of 3 trainings (at least "),
        "{}",
        claims.out
    );
    let wrong = format!(
        "{SPEC}{}",
        claim.replace("near = 5\nwithin = 0", "at_least = 5")
    );
    let ran = project.with("experiments/x.toml", wrong).run(&["check"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("an index, which has no mean"),
        "{}",
        ran.err
    );
}

/// Twenty layers whose activation almost vanishes below 0 give pixels and residuals of any
/// size; their l2 norm is at most the l1 norm and at least its share.
#[test]
fn distances_of_any_size_do_not_overflow() {
    let hidden = format!(
        "hidden = [{}]\nactivation = \"leaky_relu\"\nslope = 1e-12",
        "6, ".repeat(20)
    );
    let spec = SPEC
        .replace("hidden = []", &hidden)
        .replace("seeds = 3", "seeds = 2");
    let project = Project::new().with("experiments/x.toml", spec);
    project.succeed(&["run", "experiments/x.toml", "--quiet"]);
    let mut huge = 0;
    for seed in [0, 1] {
        let rows = table(&project, &format!("results/x/seed-{seed}/metrics.csv"));
        let of = |metric: &str| {
            let own = rows.iter().filter(|row| row["metric"] == metric);
            own.map(|row| number(row, "value")).collect::<Vec<_>>()
        };
        let distances = of("l1_distance").into_iter().zip(of("l2_distance"));
        for (l1, l2) in distances.filter(|(l1, _)| l1.is_finite()) {
            assert!(l2 <= l1 * 1.000_001 && l1 <= l2 * 1.5, "{l1} {l2}");
            huge += usize::from(l1 > 1e160);
        }
    }
    assert!(huge > 0, "no distance whose square overflows");
}

/// Whatever is measured on three seeds, no interval leaves what the metric can be.
#[test]
fn intervals_stay_within_what_a_metric_can_be() {
    let project = Project::new().with("experiments/x.toml", SPEC);
    project.succeed(&["run", "experiments/x.toml", "--quiet"]);
    let mut ended = 0;
    for row in table(&project, "results/x/summary/summary.csv") {
        let bounded = ["probability", "share"].contains(&&*row["unit"]);
        if bounded && !row["low"].is_empty() {
            let (low, high) = (number(&row, "low"), number(&row, "high"));
            assert!((0.0..=1.0).contains(&low) && high <= 1.0, "{row:?}");
            ended += usize::from(low == 0.0 || high == 1.0);
        }
        if row["unit"] == "epochs" && !row["low"].is_empty() {
            assert!(number(&row, "low") >= 0.0, "{row:?}");
        }
    }
    assert!(ended > 0, "no interval was ended");
}

/// Difference from the mean at which two networks read the inverses of `lay`. They agree
/// on those of `tr`.
const APART: f64 = 0.1;

/// Intervals contain what evaluators differ by, and their table is checked when it is read.
#[test]
fn intervals_contain_the_evaluators_that_read_the_inverses() {
    let project = Project::new().with("experiments/x.toml", SPEC);
    project.succeed(&["run", "experiments/x.toml", "--quiet"]);
    let judged = || {
        let csv = project.succeed(&["claims", "experiments/x.toml", "--format", "csv"]);
        let rows = csv::Reader::from_reader(csv.out.as_bytes()).into_deserialize();
        let mut rows: Vec<BTreeMap<String, String>> = rows.map(Result::unwrap).collect();
        rows.remove(0)
    };
    let trainings_alone = judged();
    let [lay, tr] = [("lay", APART), ("tr", 0.0)].map(|(inversion, apart)| {
        [0, 1, 2].map(|seed| {
            let value = mean_of_classes(&project, seed, inversion);
            let readings = [("conv-0", value - apart), ("conv-1", value + apart)];
            TrainingNumber {
                readings: readings.map(|(name, x)| (name.to_owned(), x)).into(),
                ..TrainingNumber::new(seed, value)
            }
        })
    });
    let expected = difference(&tr, &lay, Bounds::CORRELATION).unwrap();
    for seed in 0..3 {
        publish_readings(&project, seed);
    }
    let claim = judged();
    assert_eq!(claim["observed"], trainings_alone["observed"]);
    assert!(
        near(number(&claim, "low"), expected.low.unwrap()),
        "{claim:?}"
    );
    assert!(
        near(number(&claim, "high"), expected.high.unwrap()),
        "{claim:?}"
    );
    let width = |claim: &BTreeMap<String, String>| number(claim, "high") - number(claim, "low");
    assert!(
        width(&claim) > 0.2 && width(&claim) > 1.5 * width(&trainings_alone),
        "{claim:?}"
    );
    project.succeed(&["compare", "results/x", "results/x"]);
    std::fs::write(project.path("results/x/seed-1/evaluators.csv"), "x").unwrap();
    let ran = project.run(&["compare", "results/x", "results/x"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(
        ran.err
            .contains("evaluators.csv`: modified after it was published"),
        "{}",
        ran.err
    );
}

/// Adds `evaluators.csv` to a published replicate: what two networks read.
fn publish_readings(project: &Project, seed: u64) {
    let folder = format!("results/x/seed-{seed}");
    let mut readings = Vec::new();
    for row in table(project, &format!("{folder}/metrics.csv")) {
        if row["metric"] != "target_probability" {
            continue;
        }
        let apart = if row["inversion"] == "lay" {
            APART
        } else {
            0.0
        };
        for (evaluator, sign) in [("conv-0", -1.0), ("conv-1", 1.0)] {
            readings.push(EvaluatorRow {
                spec: row["spec"].clone(),
                replicate: seed,
                inversion: row["inversion"].clone(),
                parameter: row["parameter"].clone(),
                setting: row["setting"].clone(),
                class: Label::parse(&row["class"]).unwrap(),
                metric: row["metric"].clone(),
                evaluator: evaluator.to_owned(),
                value: Some(number(&row, "value") + sign * apart),
            });
        }
    }
    let bytes = to_csv(&readings).unwrap();
    let mut manifest = project.json(&format!("{folder}/manifest.json"));
    manifest["outputs"]["evaluators.csv"] = sha256([&bytes[..]]).into();
    std::fs::write(project.path(&format!("{folder}/evaluators.csv")), bytes).unwrap();
    let manifest = manifest.to_string();
    std::fs::write(project.path(&format!("{folder}/manifest.json")), manifest).unwrap();
}
