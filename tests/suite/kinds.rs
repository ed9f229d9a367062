//! Kinds and readings of claims, through the program.

use std::collections::BTreeMap;

use crate::claims::SEEDS;
use crate::project::{Project, SMALL};

/// A sentence of a source in two readings, a share and a published number.
const KINDS: &str = "
[[claim]]
says = \"outputs are nearly right\"
source = \"Nobody 2026, 2\"
reading = \"text\"
metric = \"output_error\"
of = \"empirical\"
at_most = 0.99
threshold = { ours = \"almost anything\" }

[[claim]]
says = \"outputs are nearly right\"
source = \"Nobody 2026, 2\"
reading = \"code\"
metric = \"output_error\"
of = \"empirical\"
at_most = 1e-6
threshold = \"source\"

[[claim]]
says = \"every network learns\"
source = \"Nobody 2026, 3\"
kind = \"share\"
metric = \"train_accuracy\"
at_least = 0.1
threshold = \"source\"

[[claim]]
says = \"ours reached 12.5\"
source = \"Nobody 2026, 4\"
kind = \"published\"
metric = \"train_loss\"
printed = \"12.5\"
";

#[test]
fn kinds_readings_and_thresholds_are_in_every_output() {
    let text = format!("{SMALL}{KINDS}");
    let project = Project::new().with("experiments/small.toml", &text);
    project.succeed(&[&["reproduce", "--quiet"], &SEEDS[..]].concat());
    let ran = project.succeed(&["claims"]);
    for line in [
        "reading: text; the verdict depends on the reading",
        "reading: code; the verdict depends on the reading",
        "threshold: ours: almost anything",
        "NOT REFUTED   every network learns",
        "5 of 5 trainings (at least 0.48)",
        "INCONSISTENT  ours reached 12.5",
        "corrected for 4 claims",
        "4 claims: 1 confirmed, 1 refuted, 1 inconsistent, 1 not refuted",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    let table = project.read("results/claims.csv");
    let rows = csv::Reader::from_reader(table.as_bytes()).into_deserialize();
    let rows: Vec<BTreeMap<String, String>> = rows.map(Result::unwrap).collect();
    let column = |name: &str| -> Vec<&str> { rows.iter().map(|row| &*row[name]).collect() };
    assert_eq!(column("reading"), ["text", "code", "", ""]);
    assert_eq!(
        column("depends_on_reading"),
        ["true", "true", "false", "false"]
    );
    assert_eq!(column("kind"), ["mean", "mean", "share", "published"]);
    assert_eq!(
        column("threshold"),
        ["ours: almost anything", "source", "source", ""]
    );
    assert_eq!(column("interval"), ["mean", "mean", "share", "training"]);
    assert_eq!(column("family"), ["4"; 4]);
    assert_eq!(column("state"), ["decided"; 4]);
    let page = project.read("results/claims.md");
    for text in [
        "threshold: ours: almost anything",
        "the verdict depends on the reading",
    ] {
        assert!(page.contains(text), "{page}");
    }
    assert_eq!(project.run(&["claims", "--strict"]).code, Some(6));
}
