//! Sweeps and comparisons: several experiments in one file, or of several files.

use std::fs;

use crate::project::{Project, SMALL, files, judged};
use crate::store::{made, tree};

/// The small network, swept over what is trained and over two inversions.
const SWEPT: &str = r#"
base = "small.toml"
title = "A sweep"
[sweep]
train.epochs = [2, 3]
invert.high.filter.percentile = [0, 50, 100]
invert.middle.filter.percentile = { from = 0, to = 50, step = 25 }
[[invert]]
name = "plain"
method = "layered"
[[invert]]
name = "high"
method = "layered"
filter = { kind = "high_pass" }
[[invert]]
name = "middle"
method = "layered"
filter = { kind = "middle" }
[[limit]]
inversion = "middle"
metric = "l2_distance"
at_most = 1e-3
seek = "highest"
[[figure]]
name = "sheet"
kind = "grid"
rows = ["plain", "high"]
scale = { like = "plain", overflow = "wrap" }
[[figure]]
name = "percentiles"
kind = "sweep"
over = "filter.percentile"
metrics = ["target_probability", "total_variation"]
[[figure]]
name = "epochs"
kind = "sweep"
over = "train.epochs"
metrics = ["l2_distance"]
"#;

pub const COMPARED: &str = r#"
title = "Two networks"
[compare]
experiments = ["small", "wide"]
[[figure]]
name = "inverses"
kind = "grid"
rows = ["empirical", "analytical"]
[[figure]]
name = "quality"
kind = "bars"
metrics = ["target_probability", "l2_distance"]
"#;

const PAIRED: &str = r#"
title = "Settings"
[compare]
experiments = ["small", "wide"]
metrics = ["class_mean_correlation"]
[[pair]]
says = "width"
a = { experiment = "small", inversion = "analytical", is = "8 | eight" }
b = { experiment = "wide", inversion = "analytical", is = "12" }
"#;

pub const WIDE: &str =
    "base = \"small.toml\"\ntitle = \"A wide network\"\n[model]\nhidden = [12]\n";

pub fn project() -> Project {
    Project::new()
        .with("experiments/small.toml", SMALL)
        .with("experiments/wide.toml", WIDE)
        .with("experiments/swept.toml", SWEPT)
        .with("experiments/compared.toml", COMPARED)
        .with("experiments/paired.toml", PAIRED)
}

/// Number of networks trained, by the store.
fn trained(project: &Project) -> usize {
    let networks = files(&project.path("results/.store/train"));
    networks
        .iter()
        .filter(|name| name.ends_with("/record"))
        .count()
}

#[test]
fn a_study_is_summed_up_as_soon_as_it_can_be() {
    let project = project();
    let specs = ["experiments/small.toml", "experiments/wide.toml"];
    let how = ["--seed", "0,1", "--jobs", "1"];
    let message = project.succeed(&[&["run"], &specs[..], &how].concat()).err;
    let place = |what: &str| message.find(&format!("done: results/{what}\n")).unwrap();
    assert!(place("small/seed-1") < place("small/summary"), "{message}");
    assert!(place("small/summary") < place("wide/seed-0"), "{message}");
}

#[test]
fn a_sweep_gives_a_folder_an_experiment_and_a_row_a_setting() {
    let project = project();
    project.succeed(&["run", "experiments/swept.toml"]);
    assert_eq!(
        trained(&project),
        2,
        "the filters need no training of their own"
    );
    let metrics = project.read("results/swept/train.epochs=3/seed-0/metrics.csv");
    for row in [
        "swept/train.epochs=3,0,plain,,,0,target_probability,",
        "swept/train.epochs=3,0,high,filter.percentile,100,2,l2_distance,",
        "swept/train.epochs=3,0,middle,filter.percentile,25,1,total_variation,",
    ] {
        assert!(metrics.contains(row), "{row}: {metrics}");
    }
    let summary = "results/swept/summary";
    // One inversion without a sweep has no other to differ from.
    let expected = [
        "figures/epochs.pdf",
        "figures/epochs.png",
        "figures/epochs.svg",
        "figures/percentiles.pdf",
        "figures/percentiles.png",
        "figures/percentiles.svg",
        "limits.csv",
        "manifest.json",
        "summary.csv",
    ];
    assert_eq!(files(&project.path(summary)), expected);
    let limits = project.read(&format!("{summary}/limits.csv"));
    assert_eq!(
        limits.lines().count(),
        1 + 2 * 3,
        "experiments times classes"
    );
    // Unfiltered the target is met; beyond 50 there is no setting.
    assert!(
        limits
            .lines()
            .skip(1)
            .all(|line| line.contains(",filter.percentile,0.0,")),
        "{limits}"
    );
    let figure = project.read(&format!("{summary}/figures/percentiles.svg"));
    for shown in [
        "A sweep",
        "train.epochs = 2",
        "strokes, classes 0 1 2",
        "high",
    ] {
        assert!(figure.contains(shown), "{shown}");
    }
    let weights = |epochs: u8| {
        let path = format!("results/swept/train.epochs={epochs}/seed-0/weights.safetensors");
        fs::read(project.path(&path)).unwrap()
    };
    assert_ne!(weights(2), weights(3));
}

#[test]
fn a_setting_more_trains_nothing_and_draws_only_what_shows_it() {
    let project = project();
    project.succeed(&["run", "experiments/swept.toml"]);
    let before = made(&project, "results");
    let more = SWEPT.replace("[0, 50, 100]", "[0, 50, 75, 100]");
    let project = project.with("experiments/swept.toml", more);
    let plan = project.run(&["plan", "experiments/swept.toml"]);
    assert!(!plan.out.contains("run     train"), "{}", plan.out);
    project.succeed(&["run", "experiments/swept.toml"]);
    assert_eq!(trained(&project), 2);
    // In both experiments the inversion, its measures and the sheet; one figure of all.
    assert_eq!(made(&project, "results").len() - before.len(), 2 * 3 + 1);
    assert_eq!(
        project.run(&["plan", "experiments/swept.toml"]).code,
        Some(0)
    );
}

#[test]
fn any_number_of_jobs_gives_the_same_bytes() {
    let project = project();
    for (jobs, out) in [("1", "one"), ("2", "two"), ("7", "seven")] {
        project.succeed(&[
            "reproduce",
            "--quiet",
            "--seed",
            "0,1,2",
            "--jobs",
            jobs,
            "--out",
            out,
        ]);
    }
    let one = tree(&project, "one");
    assert!(one.len() > 100, "{}", one.len());
    assert!(one == tree(&project, "two") && one == tree(&project, "seven"));
}

#[test]
fn what_no_study_refers_to_is_cleaned_and_nothing_else() {
    let project = project();
    project.succeed(&["reproduce", "--quiet"]);
    let cleaned = project.succeed(&["gc", "--dry-run"]);
    assert!(cleaned.out.starts_with("0 entries"), "{}", cleaned.out);
}

#[test]
fn published_members_of_a_sweep_are_verified() {
    let project = project();
    project.succeed(&[
        "run",
        "experiments/swept.toml",
        "experiments/compared.toml",
        "--quiet",
    ]);
    let ran = project.succeed(&["verify", "experiments/swept.toml"]);
    for name in ["swept/train.epochs=2", "swept/train.epochs=3"] {
        assert!(
            ran.out.contains(&format!("{name}, seed 0: verified")),
            "{}",
            ran.out
        );
    }
}

/// Whatever the folder of the spec that is laid over them.
#[test]
fn files_in_a_base_are_relative_to_the_base() {
    let row = |label: usize| format!("{label}{}\n", ",200".repeat(784));
    let rows: String = (0..30).map(|r| row(r % 3)).collect();
    let spec = SMALL
        .replace("\"strokes\"", "\"csv\"\nfile = \"rows.csv\"")
        .replace("per_class = 20", "per_class = 10");
    let project = Project::new()
        .with("experiments/a/base.toml", spec)
        .with("experiments/a/rows.csv", rows)
        .with("experiments/b/over.toml", "base = \"../a/base.toml\"\n");
    project.succeed(&["run", "experiments/b/over.toml", "--quiet"]);
    project.succeed(&["run", "experiments/a/base.toml", "--quiet"]);
    assert_eq!(trained(&project), 1);
}

#[test]
fn an_obstacle_to_a_summary_is_reported_at_once() {
    let project = project().with("results/small/summary", "a file");
    let ran = project.run(&["run", "experiments/small.toml"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(
        ran.err.contains("summary` is in the way of the results"),
        "{}",
        ran.err
    );
    let log = fs::read_to_string(project.path("results/small/seed-0.log")).unwrap_or_default();
    assert!(!log.contains("epoch"), "{log}");
    fs::remove_file(project.path("results/small/summary")).unwrap();
    let page = "results/compared.md";
    fs::write(project.path(page), "my notes").unwrap();
    let ran = project.succeed(&["run", "experiments/compared.toml", "--quiet"]);
    assert!(
        ran.err
            .contains("compared.md` is modified, and will be replaced"),
        "{}",
        ran.err
    );
}

#[test]
fn a_study_whose_replicate_failed_says_that_it_has_no_summary() {
    let broken = WIDE.to_owned() + "[train]\nlearning_rate = 1e30\n";
    let project = project().with("experiments/wide.toml", broken);
    let ran = project.run(&["reproduce", "--quiet"]);
    assert_eq!(ran.code, Some(1));
    for name in ["compared", "paired"] {
        let message = format!("{name}: warning: no summary");
        assert!(ran.err.contains(&message), "{name}: {}", ran.err);
    }
    assert!(project.path("results/small/summary/summary.csv").exists());
    assert!(!project.path("results/wide/summary").exists());
}

#[test]
fn an_altered_summary_is_not_verified() {
    let project = project();
    project.succeed(&["reproduce", "--quiet"]);
    project.succeed(&["verify"]);
    let summary = project.path("results/small/summary/summary.csv");
    let text = fs::read_to_string(&summary).unwrap();
    fs::write(&summary, text + "x\n").unwrap();
    let ran = project.run(&["verify"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("small, summary: 1 DIFFERENCE"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("folders of results differ: small summary"),
        "{}",
        ran.err
    );
}

#[test]
fn a_stand_in_is_named_in_summaries() {
    let spec = SMALL.replace("\"strokes\"", "\"mnist\"\nstand_in = \"strokes\"");
    let project = project().with("experiments/small.toml", spec);
    project.succeed(&["reproduce", "--quiet"]);
    let page = project.read("results/compared.md");
    assert!(page.contains("FALLBACK: mnist is unavailable"), "{page}");
    for figure in [
        "compared/summary/figures/quality",
        "swept/summary/figures/epochs",
    ] {
        let svg = project.read(&format!("results/{figure}.svg"));
        assert!(svg.contains("FALLBACK"), "{figure}");
    }
}

/// The likeliest input meets the margin, knows the data only as a whole, and its
/// prior is found once for all networks.
#[test]
fn the_map_estimate_is_found_and_its_prior_shared() {
    let likeliest = "\n[[invert]]\nname = \"likeliest\"\nmethod = \"gaussian\"\nmargin = 8.0\n";
    let project = Project::new()
        .with(
            "experiments/flat.toml",
            format!("{SMALL}{likeliest}").replace("hidden = [8]", "hidden = []"),
        )
        .with("experiments/deep.toml", format!("{SMALL}{likeliest}"));
    project.succeed(&["reproduce", "--quiet"]);
    for name in ["flat", "deep"] {
        let table = project.read(&format!("results/{name}/seed-0/metrics.csv"));
        let rows: Vec<&str> = table
            .lines()
            .filter(|line| line.contains(",likeliest,") && line.contains(",target_probability,"))
            .collect();
        assert_eq!(rows.len(), 3);
        for row in rows {
            let value: f64 = row.split(',').nth(7).unwrap().parse().unwrap();
            // Two other classes, each e^-8 as probable.
            assert!(
                value >= 1.0 / (1.0 + 2.0 * (-8.0f64).exp()) - 1e-6,
                "{name}: {row}"
            );
        }
    }
    let made = crate::project::files(&project.path("results/.store/prior"));
    assert_eq!(
        made.iter()
            .filter(|path| path.ends_with("prior.safetensors"))
            .count(),
        1
    );
}

/// Only the experiment without hidden layers of a sweep over depth has a gap.
#[test]
fn a_figure_of_a_sweep_may_show_what_only_some_experiments_have() {
    let figure = "[[figure]]\nname = \"gaps\"\nkind = \"bars\"\nmetrics = [\"l1_gap\"]\n";
    let sweep = "[sweep]\nmodel.hidden = [[], [3]]\n";
    let spec = format!("{}{figure}{sweep}", judged().replace("\nhidden = []", ""));
    let project = Project::new().with("small.toml", spec);
    let ran = project.succeed(&["run", "small.toml", "--quiet"]);
    assert_eq!(ran.err, "");
    assert!(
        project
            .path("results/small/summary/figures/gaps.svg")
            .exists()
    );
}
