//! Comparisons: the experiments of other specs side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use backquery::metrics::statistics::holm;

use crate::project::{Project, SMALL, files};
use crate::store::made;
use crate::study::{COMPARED, WIDE, project};

#[test]
fn comparisons_find_what_other_specs_made() {
    let project = project();
    project.succeed(&["reproduce", "--quiet", "--seed", "0,1,2"]);
    let all = made(&project, "results");
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "nothing is made twice");
    let page = project.read("results/compared.md");
    for shown in [
        "# Two networks",
        "- **small**: A small network; seeds 0 1 2; data strokes, classes 0 1 2",
        "![](compared/summary/figures/quality.png)",
        "| empirical | target_probability |",
        "p: paired t test over the seeds, the same in A and B",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let table = project.read("results/compared/summary/comparison.csv");
    assert!(table.starts_with("a,b,inversion,metric,"), "{table}");
    let pairs = project.read("results/paired.md");
    assert!(
        pairs.contains("| width | 8 \\| eight | 12 | class_mean_correlation |"),
        "{pairs}"
    );
    assert!(
        pairs.contains("Means over 3 seeds, classes averaged within each"),
        "{pairs}"
    );
    assert_eq!(project.run(&["plan", "--seed", "0,1,2"]).code, Some(0));
    fs::write(project.path("results/paired.md"), "x").unwrap();
    let plan = project.run(&["plan", "--seed", "0,1,2"]);
    assert!(
        plan.out.contains("paired.md` is not up to date"),
        "{}",
        plan.out
    );
}

/// A comparison alone runs what it needs, and publishes it as the specs it compares do.
#[test]
fn a_comparison_runs_alone() {
    let project = project();
    let plan = project.run(&["plan", "experiments/compared.toml"]);
    assert_eq!(plan.code, Some(1));
    project.succeed(&["run", "experiments/compared.toml"]);
    for name in ["small", "wide"] {
        let published = files(&project.path(&format!("results/{name}")));
        let expected = ["seed-0/figures/inverses.png", "seed-0/inverses.safetensors"];
        for file in expected.iter().chain(&["summary/summary.csv"]) {
            assert!(
                published.contains(&(*file).to_owned()),
                "{file}: {published:?}"
            );
        }
    }
    assert!(
        project
            .path("results/compared/summary/figures/inverses.png")
            .exists()
    );
    assert_eq!(
        project.run(&["plan", "experiments/compared.toml"]).code,
        Some(0)
    );
}

#[test]
fn names_of_compared_specs_have_no_steps_back() {
    let compared = COMPARED.replace("[\"small\", \"wide\"]", "[\"../x/small\", \"../x/wide\"]");
    let project = Project::new()
        .with("experiments/x/small.toml", SMALL)
        .with("experiments/x/wide.toml", WIDE)
        .with("experiments/y/compared.toml", compared);
    project.succeed(&["reproduce", "--quiet"]);
    let summary = project.read("results/y/compared/summary/summary.csv");
    assert!(summary.contains("\nx/small,"), "{summary}");
    let log = project.read("results/y/compared/summary.log");
    assert!(
        !log.contains("epoch"),
        "the replicates are there already: {log}"
    );
}

#[test]
fn overrides_of_a_comparison_change_it_and_others_what_it_compares() {
    let project = project();
    let sets = [
        "--set",
        "title=Changed",
        "--set",
        "train.epochs=2",
        "--seed",
        "3",
    ];
    project.succeed(&[&["run", "experiments/compared.toml"], &sets[..]].concat());
    let page = project.read("results/compared.md");
    assert!(page.starts_with("# Changed"), "{page}");
    assert!(page.contains("A small network; seeds 3"), "{page}");
    let log = project.read("results/wide/seed-3.log");
    assert!(log.contains("epoch 2/2"), "{log}");
}

#[test]
fn every_comparison_of_several_has_a_table_of_its_own() {
    let compared = COMPARED.replace(
        "[\"small\", \"wide\"]",
        "[\"small\", \"x/wide\", \"x-wide\"]",
    );
    let wide = WIDE.replace("small.toml", "../small.toml");
    let project = project()
        .with("experiments/x/wide.toml", wide)
        .with("experiments/x-wide.toml", WIDE)
        .with("experiments/compared.toml", compared);
    project.succeed(&["run", "experiments/compared.toml", "--quiet"]);
    for table in ["comparison-1-x-wide.csv", "comparison-2-x-wide.csv"] {
        let path = format!("results/compared/summary/{table}");
        assert!(project.path(&path).exists(), "{table}");
    }
}

/// Three seeds of a network, trained and untrained.
fn trained_and_untrained() -> Project {
    let project = project();
    let run = ["run", "small", "--quiet", "--seed", "0-2"];
    project.succeed(&run);
    let untrained = ["--set", "train.epochs=0", "--out", "untrained"];
    project.succeed(&[&run[..], &untrained].concat());
    project
}

const TWO: [&str; 3] = ["compare", "small", "untrained/small"];

fn compared(project: &Project, options: &[&str]) -> String {
    project.succeed(&[&TWO[..], options].concat()).out
}

/// The rows of a comparison as CSV, by column.
fn rows(project: &Project, options: &[&str]) -> Vec<BTreeMap<String, String>> {
    let csv = compared(project, &[&["--format", "csv"], options].concat());
    let rows = csv::Reader::from_reader(csv.as_bytes()).into_deserialize();
    rows.map(Result::unwrap).collect()
}

fn numbers(rows: &[BTreeMap<String, String>], column: &str) -> Vec<f64> {
    let cells = rows.iter().filter(|row| !row["p"].is_empty());
    cells.map(|row| row[column].parse().unwrap()).collect()
}

#[test]
fn verdicts_of_compare_go_by_p_corrected_for_its_tests() {
    let project = trained_and_untrained();
    let all = rows(&project, &[]);
    let (raw, corrected) = (numbers(&all, "p"), numbers(&all, "p_holm"));
    assert_eq!(holm(&raw), corrected);
    assert!(corrected.is_sorted() && raw.len() > 20, "{corrected:?}");
    for row in all.iter().filter(|row| !row["p"].is_empty()) {
        let p: f64 = row["p_holm"].parse().unwrap();
        let is_decided = ["higher", "lower"].contains(&&*row["verdict"]);
        assert_eq!(is_decided, p < 0.05, "{row:?}");
    }
    let (some, more) = (compared(&project, &[]), compared(&project, &["--all"]));
    let compared_rows = all.iter().filter(|row| !row["a_n"].is_empty()).count();
    let decided = corrected.iter().filter(|p| **p < 0.05).count();
    let hidden = format!(
        "{} more rows are hidden: add `--all`.",
        compared_rows - decided
    );
    assert!(some.contains(&hidden), "{some}");
    assert!(!more.contains("hidden"), "{more}");
    let of = format!("{decided} of {} tests find a difference", raw.len());
    assert!(
        decided > 0 && some.contains(&of) && more.contains(&of),
        "{some}"
    );
    assert!(more.contains("\nno difference found:\n"), "{more}");
    let page = compared(&project, &["--format", "markdown"]);
    assert!(page.contains(&of) && page.contains(&hidden), "{page}");
    let json = compared(&project, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["tests"], raw.len());
    assert_eq!(json["rows"][0]["p_holm"].as_f64(), Some(corrected[0]));
    assert_eq!(json["rows"][0]["difference"]["p"].as_f64(), Some(raw[0]));
}

/// The fewer tests, the smaller their corrected p.
#[test]
fn names_restrict_a_comparison_and_its_tests() {
    let project = trained_and_untrained();
    let all = rows(&project, &[]);
    let names = ["--metric", "l1_distance,train_loss"];
    let some = rows(&project, &names);
    let metrics: BTreeSet<&str> = some.iter().map(|row| &*row["metric"]).collect();
    assert_eq!(metrics, BTreeSet::from(["l1_distance", "train_loss"]));
    assert_eq!(holm(&numbers(&some, "p")), numbers(&some, "p_holm"));
    let alone = rows(&project, &["--metric", "train_loss"]);
    assert_eq!(numbers(&alone, "p"), numbers(&alone, "p_holm"));
    let same = all
        .iter()
        .find(|row| row["metric"] == "train_loss")
        .unwrap();
    assert_eq!(same["p"], alone[0]["p"]);
    let one = rows(
        &project,
        &["--inversion", "analytical", "--metric", "l1_distance"],
    );
    assert_eq!((one.len(), &*one[0]["inversion"]), (1, "analytical"));
    for (options, message) in [
        (
            ["--metric", "l1_distanse"],
            "`--metric l1_distanse`: neither experiment has this metric; expected ",
        ),
        (["--metric", "l1_distanse"], "; did you mean `l1_distance`?"),
        (
            ["--inversion", "empirical,analytcal"],
            "`--inversion analytcal`: neither experiment has this inversion; expected \
             `empirical` or `analytical`; did you mean `analytical`?",
        ),
    ] {
        let ran = project.run(&[&TWO[..], &options].concat());
        assert_eq!((ran.code, &*ran.out), (Some(2), ""));
        assert!(ran.err.contains(message), "{}", ran.err);
    }
}

/// The commands that it advises give the seeds that were missing.
#[test]
fn missing_seeds_are_reported_once_with_the_commands_that_add_them() {
    let project = project();
    let sets = ["--set", "model.hidden=[4]", "--out", "try out"];
    project.succeed(&["run", "small", "--quiet"]);
    project.succeed(&[&["run", "small", "--quiet"], &sets[..]].concat());
    let compare = ["compare", "small", "try out/small"];
    let text = project.succeed(&compare).out;
    let advice = "No test: it needs at least 3 seeds per side; A has 1, B has 1. To add seeds:
  backquery run small --seed 0-4
  backquery run small --set 'model.hidden=[4]' --out 'try out' --seed 0-4
";
    assert!(text.ends_with(advice), "{text}");
    assert!(text.contains("A (n=1)  B (n=1)"), "{text}");
    assert!(
        text.lines().count() < 40 && !text.contains("replicate"),
        "{text}"
    );
    for (format, line) in [
        ("latex", "\n%   backquery run small --seed 0-4\n"),
        ("markdown", "\n```sh\nbackquery run small --seed 0-4\n"),
    ] {
        let table = project.succeed(&[&compare[..], &["--format", format]].concat());
        assert!(table.out.contains(line), "{}", table.out);
    }
    let seeds = ["--seed", "0-4", "--quiet"];
    project.succeed(&[&["run", "small"], &seeds[..]].concat());
    project.succeed(&[&["run", "small"], &sets[..], &seeds].concat());
    let text = project.succeed(&compare).out;
    assert!(text.contains(" tests find a difference"), "{text}");
    assert!(text.contains("p: paired t test over the seeds"), "{text}");
    assert!(!text.contains("No test"), "{text}");
}

#[test]
fn a_table_of_latex_has_as_many_cells_in_every_row() {
    let project = trained_and_untrained();
    let text = compared(&project, &["--format", "latex", "--all"]);
    let table: Vec<&str> = text.lines().filter(|line| !line.starts_with('%')).collect();
    let is_end = |line: &&&str| line.starts_with("\\end") || line.starts_with("\\begin");
    assert_eq!(table.iter().filter(is_end).count(), 2, "{text}");
    let cells = table.iter().filter(|line| line.ends_with(" \\\\"));
    assert_eq!(cells.clone().count(), table.len() - 5, "{text}");
    for line in cells {
        assert_eq!(line.matches(" & ").count(), 6, "{line}");
        assert_eq!(line.matches('$').count() % 2, 0, "{line}");
        assert_eq!(
            line.matches('{').count(),
            line.matches('}').count(),
            "{line}"
        );
        let text: String = line.split('$').step_by(2).collect();
        assert!(!text.replace("\\_", "").contains('_'), "{line}");
    }
}
