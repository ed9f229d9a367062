//! Poor judges of legibility, named by every output that shows their readings.

use crate::project::{Project, SMALL, judged};

const CLAIM: &str = r#"
[[claim]]
says = "an inverse can be read"
metric = "legibility"
of = "empirical"
at_least = 0
threshold = "source"
[[claim]]
says = "an inverse has contours"
metric = "total_variation"
of = "empirical"
at_least = 0
threshold = "source"
"#;

const COMPARE: &str = r#"
title = "Flat against deep"
[compare]
experiments = ["small", "deep"]
"#;

/// Description of the judges of a replicate, by its table: accuracy on test rows below 0.95,
/// and classes with a recall below 0.9.
fn described(project: &Project) -> String {
    let table = project.read("results/small/seed-0/judges.csv");
    let rows = csv::Reader::from_reader(table.as_bytes()).into_deserialize();
    let rows: Vec<std::collections::BTreeMap<String, String>> = rows.map(Result::unwrap).collect();
    let together = rows.iter().filter(|row| row["judge"] == "read");
    let accuracies = together.filter_map(|row| {
        let label = row["pictures"].strip_prefix("test digits")?.trim();
        Some((label, row["judge_accuracy"].parse::<f64>().unwrap()))
    });
    let (all, classes): (Vec<_>, Vec<_>) = accuracies.partition(|(label, _)| label.is_empty());
    let poor = classes.iter().filter(|(_, recall)| *recall < 0.9);
    let poor: Vec<String> = poor
        .map(|(label, recall)| format!("{label} ({recall:.3})"))
        .collect();
    assert!(all.len() == 1 && all[0].1 < 0.95 && !poor.is_empty());
    let accuracy = all[0].1;
    format!(
        "right on only {accuracy:.3} of test rows; classes recalled poorly: {}",
        poor.join(", ")
    )
}

/// Judges of sixty training rows are poor. A claim that no judge decides does not name them.
#[test]
fn poor_judges_are_named_wherever_their_readings_are_shown() {
    let flat = judged();
    let deep = flat.replace("hidden = [8]", "hidden = [12]");
    let project = Project::new()
        .with("experiments/small.toml", format!("{flat}{CLAIM}"))
        .with("experiments/deep.toml", deep)
        .with("experiments/both.toml", COMPARE);
    let ran = project.succeed(&["reproduce", "--seed", "0,1"]);
    let poor = described(&project);
    let is_warning = |line: &str| line.starts_with("warning:") && line.contains("judges");
    assert!(!ran.err.lines().any(is_warning), "{}", ran.err);

    let note = format!("Poor judges of legibility: {poor}.");
    let ledger = project.read("results/claims.md").replace('\\', "");
    assert_eq!(ledger.matches(&format!("poor judges: {poor}")).count(), 1);
    let page = project.read("results/both.md").replace('\\', "");
    let of_member = format!("; poor judges of legibility: {poor}\n");
    assert_eq!(page.matches(&of_member).count(), 2, "{page}");
    assert_eq!(page.matches(&note).count(), 1, "{page}");

    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let claims = words(&project.succeed(&["claims"]).out);
    assert_eq!(claims.matches(&format!("poor judges: {poor}")).count(), 1);
    let table = project.succeed(&["claims", "--format", "csv"]).out;
    let mut table = csv::Reader::from_reader(table.as_bytes());
    let column = table.headers().unwrap().len() - 1;
    assert_eq!(&table.headers().unwrap()[column], "poor_judges");
    let cells: Vec<String> = table
        .records()
        .map(|row| row.unwrap()[column].to_owned())
        .collect();
    assert_eq!(cells, [poor.as_str(), ""]);

    let compare = |more: &[&str]| {
        let both = ["compare", "small", "deep"];
        project.succeed(&[&both[..], more].concat()).out
    };
    assert!(words(&compare(&["--all"])).contains(&note));
    let rest = compare(&["--all", "--metric", "l2_distance"]);
    assert!(!words(&rest).contains("oor judges"), "{rest}");
    let json: serde_json::Value = serde_json::from_str(&compare(&["--format", "json"])).unwrap();
    assert_eq!(json["a"]["poor_judges"], poor.as_str());
}

#[test]
fn results_without_readings_name_no_judges() {
    let claim = CLAIM.rsplit_once("[[claim]]").unwrap().1;
    let project = Project::new().with("experiments/small.toml", format!("{SMALL}[[claim]]{claim}"));
    let ran = project.succeed(&["reproduce"]);
    let ledger = project.read("results/claims.csv");
    assert!(!ledger.contains("poor_judges"), "{ledger}");
    assert!(!(ran.out + &ran.err).contains("oor judges"));
}
