//! Claims: judged by a run and by finished results, with a ledger and exit codes.

use std::fs;

use crate::project::{Project, SMALL, files, judged};

/// One that holds of any network, one that does not, and one that depends.
const CLAIMS: &str = "
[[claim]]
says = \"it learns something\"
source = \"Nobody 2026, 1\"
metric = \"train_accuracy\"
near = 0.5
within = 5
threshold = \"source\"

[[claim]]
says = \"it cannot learn, | not at all\"
metric = \"train_accuracy\"
near = 0.0
within = 0.1

[[claim]]
says = \"judges prefer the empirical method\"
metric = [\"legibility_conv\", \"legibility_knn\"]
of = \"empirical\"
above = \"analytical\"
";

/// Enough replicates for verdicts.
pub const SEEDS: [&str; 2] = ["--seed", "0-4"];

fn project() -> Project {
    let text = format!("{}{CLAIMS}", judged());
    Project::new().with("experiments/small.toml", &text)
}

const NAMES: [&str; 2] = ["claims.csv", "claims.md"];

#[test]
fn reproduce_ends_with_the_ledger_and_leaves_it() {
    let project = project();
    let ran = project.succeed(&[&["reproduce"], &SEEDS[..]].concat());
    for line in [
        "\n  Nobody 2026: 1 claim: 1 confirmed\n",
        "\n  small: 2 claims: 1 refuted, 1 undecided\n",
        "\n3 claims: 1 confirmed, 1 refuted, 1 undecided\n",
        "/claims.md; `backquery claims` prints every claim",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    let ran = project.succeed(&["claims"]);
    for line in [
        "CONFIRMED     it learns something",
        "small: Nobody 2026, 1",
        "REFUTED       it cannot learn",
        "UNDECIDED     judges prefer",
        "5 trainings",
        "3 claims: 1 confirmed, 1 refuted, 1 undecided",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    for name in NAMES {
        assert!(project.path(&format!("results/{name}")).is_file(), "{name}");
    }
    let table = project.read("results/claims.csv");
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let verdicts: Vec<&str> = rows.iter().map(|row| &row[3]).collect();
    // Two metrics, so two rows.
    assert_eq!(verdicts, ["confirmed", "refuted", "undecided", "undecided"]);
    let of_study = project.read("results/small/summary/claims.csv");
    assert_eq!(of_study, table);
    let page = project.read("results/claims.md");
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let rows = page.lines().filter(|line| line.starts_with('|'));
    assert!(rows.clone().all(|line| cells(line) == 6), "{page}");
    assert_eq!(rows.count(), 5);

    let before: Vec<Vec<u8>> = NAMES
        .iter()
        .map(|name| fs::read(project.path(&format!("results/{name}"))).unwrap())
        .collect();
    project.succeed(&[&["reproduce", "--quiet"], &SEEDS[..]].concat());
    for (name, before) in NAMES.iter().zip(before) {
        let after = fs::read(project.path(&format!("results/{name}"))).unwrap();
        assert!(after == before, "{name}");
    }
}

#[test]
fn finished_results_are_judged_without_running_anything() {
    let project = project();
    let nothing = project.succeed(&["claims"]);
    assert!(
        nothing.out.contains("undecided: small was not run"),
        "{}",
        nothing.out
    );
    assert!(!project.path("results").exists(), "nothing is run");

    project.succeed(&[
        "run",
        "experiments/small.toml",
        "--seed",
        "0,1,4-6",
        "--quiet",
    ]);
    let before = files(&project.path("results"));
    let message = project.succeed(&["claims", "--explain"]);
    assert!(message.out.contains("n=5"), "{}", message.out);
    for seed in ["seed 0: ", "seed 1: ", "seed 4: "] {
        assert!(message.out.contains(seed), "{seed}\n{}", message.out);
    }
    let csv = project.succeed(&["claims", "experiments/small.toml", "--format", "csv"]);
    let summary = project.read("results/small/summary/claims.csv");
    assert_eq!(csv.out, summary, "what the run itself found");
    let json = project.succeed(&["claims", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json[0]["verdict"], "confirmed");
    assert_eq!(json[0]["tests"][0]["replicates"][2][0], 4);
    assert_eq!(files(&project.path("results")), before);

    // A claim can be changed without running again, the experiment cannot.
    let other = format!(
        "{}{}",
        judged(),
        CLAIMS.replace("near = 0.5\nwithin = 5", "near = 9\nwithin = 1")
    );
    let project = project.with("experiments/small.toml", &other);
    let message = project.succeed(&["claims"]);
    assert!(
        message.out.contains("3 claims: 2 refuted, 1 undecided"),
        "{}",
        message.out
    );
    let other = other.replace("epochs = 3", "epochs = 4");
    let project = project.with("experiments/small.toml", &other);
    let message = project.succeed(&["claims"]);
    let message = message.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let reason = "the results of small are of another spec, seeds 0 1 4 5 6 (`train.epochs` is 3, not \
                  4): run it again";
    assert!(message.contains(reason), "{message}");
}

/// However a claim is spelt, one training decides nothing of others.
#[test]
fn one_replicate_is_as_claimed_or_contrary() {
    let project = project();
    project.succeed(&["reproduce", "--strict"]);
    let ran = project.succeed(&["claims", "--strict"]);
    for line in [
        "AS CLAIMED    it learns something",
        "1 training\n",
        "CONTRARY      it cannot learn",
        "3 claims: ",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    let table = project.read("results/claims.csv");
    let rows = csv::Reader::from_reader(table.as_bytes()).into_deserialize();
    let rows: Vec<std::collections::BTreeMap<String, String>> = rows.map(Result::unwrap).collect();
    let states: Vec<&str> = rows.iter().map(|row| row["state"].as_str()).collect();
    assert_eq!(states, ["undecided"; 4], "{table}");
}

#[test]
fn a_refuted_claim_is_a_failure_only_if_that_is_wanted() {
    let project = project();
    let reproduce = [&["reproduce", "--quiet"], &SEEDS[..]].concat();
    assert_eq!(project.run(&reproduce).code, Some(0));
    for args in [
        [&reproduce[..], &["--strict"]].concat(),
        [
            &["run", "experiments/small.toml", "--quiet", "--strict"],
            &SEEDS[..],
        ]
        .concat(),
        vec!["claims", "--strict"],
    ] {
        let ran = project.run(&args);
        assert_eq!(ran.code, Some(6), "{args:?}");
        assert!(ran.err.contains("1 of 3 claims are refuted"), "{}", ran.err);
    }
    let kind = judged() + &CLAIMS.replace("near = 0.0", "near = 0.95");
    let project = project.with("experiments/small.toml", &kind);
    let ran = project.run(&["claims", "--strict"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

#[test]
fn claims_about_data_that_others_stood_in_for_stay_undecided() {
    let text = format!("{}{CLAIMS}", judged()).replace(
        "source = \"strokes\"",
        "source = \"mnist\"\nstand_in = \"strokes\"",
    );
    let project = Project::new().with("experiments/small.toml", &text);
    project.succeed(&["reproduce"]);
    let ran = project.succeed(&["claims"]);
    assert!(
        ran.out.contains("undecided: strokes stood in"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("3 claims: 3 undecided"), "{}", ran.out);
    let message = project.succeed(&["claims"]);
    assert!(
        message.out.contains("3 claims: 3 undecided"),
        "{}",
        message.out
    );
}

/// Claims are about the replicates of one spec, which measures what it measures now.
#[test]
fn claims_are_about_the_replicates_of_the_spec_as_it_is() {
    let other = judged().replace("epochs = 3", "epochs = 4");
    let project = project().with("experiments/other.toml", format!("{other}{CLAIMS}"));
    project.succeed(&[&["reproduce", "--quiet"], &SEEDS[..]].concat());
    let changed = format!("{}{CLAIMS}", judged()).replace("epochs = 3", "epochs = 2");
    let project = project.with("experiments/small.toml", changed);
    project.succeed(&["run", "experiments/small.toml", "--quiet"]);
    let message = project.succeed(&["claims", "experiments/small.toml", "--format", "csv"]);
    let summary = project.read("results/small/summary/claims.csv");
    assert_eq!(message.out, summary, "seed 1 is that of another spec");
    assert!(!summary.contains(",0 1,"), "{summary}");

    let less = format!("metrics = [\"l1_distance\"]\n{}", judged());
    let project = project.with("experiments/small.toml", less);
    project.succeed(&["run", "experiments/small.toml", "--quiet", "--seed", "0-4"]);
    let project = project.with("experiments/small.toml", format!("{}{CLAIMS}", judged()));
    let message = project.succeed(&["claims", "experiments/small.toml"]);
    assert!(
        message.out.contains("seeds 0 1 2 3 4 (`metrics` is"),
        "{}",
        message.out
    );
}

#[test]
fn a_ledger_of_claims_that_are_gone_is_gone() {
    let project = project();
    project.succeed(&["reproduce", "--quiet"]);
    let kept = project.succeed(&["gc", "--dry-run"]);
    assert!(kept.out.starts_with("0 entries"), "{}", kept.out);
    let retired = ["claims.svg", "claims.png"];
    let leave = |project: &Project| {
        for name in retired {
            fs::write(project.path(&format!("results/{name}")), "drawn").unwrap();
        }
    };
    // Pictures of earlier versions are unexpected, and the next run removes them.
    leave(&project);
    let ran = project.run(&["verify", "--quiet"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    for name in retired {
        let told = format!("{name}: unexpected: no run puts it here");
        assert!(ran.out.contains(&told), "{}", ran.out);
    }
    project.succeed(&["reproduce", "--quiet"]);
    project.succeed(&["verify", "--quiet"]);
    leave(&project);
    let project = project.with("experiments/small.toml", SMALL);
    project.succeed(&["reproduce", "--quiet"]);
    for name in NAMES.into_iter().chain(retired) {
        assert!(!project.path(&format!("results/{name}")).exists(), "{name}");
    }
    let named = project.with("experiments/claims.toml", SMALL);
    let ran = named.run(&["reproduce"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("the names `claims`, `summary`"),
        "{}",
        ran.err
    );
}

/// So that one ledger does not write over another.
#[test]
fn what_is_left_out_is_not_run_and_the_ledger_of_a_folder_is_its_own() {
    let text = format!("{}{CLAIMS}", judged());
    let project = project().with("experiments/long/other.toml", &text);
    let message = project.succeed(&["reproduce", "--without", "experiments/long", "--quiet"]);
    let ledger = |place: &str| fs::read_to_string(project.path(place).join("claims.csv")).ok();
    assert!(!project.path("results/long").exists(), "{}", message.out);
    let of_all = ledger("results").unwrap();
    project.succeed(&["reproduce", "experiments/long", "--quiet"]);
    assert!(ledger("results/long").unwrap().contains("long/other"));
    assert_eq!(ledger("results"), Some(of_all));
    let ran = project.run(&["reproduce", "--without", "experiments/lnog"]);
    assert_eq!(ran.code, Some(2));
    let expected = "`--without experiments/lnog`: excludes no spec";
    assert!(ran.err.contains(expected), "{}", ran.err);
}

#[test]
fn damaged_results_are_an_error_and_not_a_verdict() {
    let project = project();
    project.succeed(&["run", "experiments/small.toml", "--quiet"]);
    let path = project.path("results/small/seed-0/metrics.csv");
    fs::write(&path, "spec,replicate\nno,table\n").unwrap();
    let ran = project.run(&["claims"]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.err.contains("metrics.csv"), "{}", ran.err);
}

/// The judges are one for both experiments, the claim is in the comparison, and
/// its page and figures show it.
#[test]
fn experiments_side_by_side_have_claims_and_strips() {
    let flat = judged();
    let deep = flat.replace("hidden = []", "hidden = [12]");
    let compare = "
title = \"Flat against deep\"
[compare]
experiments = [\"small\", \"deep\"]
[[figure]]
name = \"legibility\"
kind = \"strip\"
metrics = [\"legibility_conv_drawn\", \"l2_distance\"]
[[figure]]
name = \"inverses\"
kind = \"grid\"
rows = [\"empirical\"]
under = [\"target_probability\", \"legibility_knn_drawn\"]
[[claim]]
says = \"the deep one looks at other pixels\"
metric = \"total_variation\"
of = \"empirical\"
in = \"deep\"
minus = \"analytical\"
above = { in = \"small\" }
";
    let project = Project::new()
        .with("experiments/small.toml", &flat)
        .with("experiments/deep.toml", &deep)
        .with("experiments/both.toml", compare);
    project.succeed(&["reproduce", "--seed", "0,1", "--quiet"]);
    let ran = project.succeed(&["claims"]);
    let of = "deep empirical − deep analytical − small empirical + small analytical";
    let shown: Vec<&str> = ran.out.split_whitespace().collect();
    assert!(shown.join(" ").contains(of), "{}", ran.out);
    let page = project.read("results/both.md");
    assert!(
        page.contains("| the deep one looks at other pixels |"),
        "{page}"
    );
    let folder = project.path("results/both/summary/figures");
    let strip = fs::read_to_string(folder.join("legibility.svg")).unwrap();
    // 2 metrics, 2 inversions, 2 experiments, 2 seeds, 3 classes; the last are the
    // samples of the legend.
    assert!(
        strip.matches("<circle").count() >= 2 * 2 * 2 * 2 * 3,
        "{strip}"
    );
    let grid = fs::read_to_string(folder.join("inverses.svg")).unwrap();
    assert!(grid.contains("k-NN "), "{grid}");
    let store = files(&project.path("results/.store"));
    let judges = store
        .iter()
        .filter(|path| path.ends_with("judge.safetensors"));
    assert_eq!(judges.count(), 1);
    let table = fs::read(project.path("results/small/seed-0/judges.csv")).unwrap();
    assert_eq!(
        table,
        fs::read(project.path("results/deep/seed-1/judges.csv")).unwrap()
    );
    let table = String::from_utf8(table).unwrap();
    for row in [
        "read,test digits,true,200,",
        "knn,test digits 9,true,20,",
        "conv-4,noise,true,200,",
        "conv-0,blots,false,200,",
    ] {
        assert!(table.contains(row), "{table}");
    }
}
