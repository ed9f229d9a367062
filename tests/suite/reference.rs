//! The reference page: everything that the program declares, as it declares it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::project::{Project, files, judged};

fn page() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md")).unwrap()
}

/// Rows of a section, by the name in their first cell.
fn rows<'a>(page: &'a str, section: &str) -> Vec<(&'a str, &'a str)> {
    let start = page.find(&format!("\n## {section}")).expect(section) + 3;
    let end = page[start..]
        .find("\n## ")
        .map_or(page.len(), |end| start + end);
    let cells = |line: &'a str| line.strip_prefix("| `")?.split_once('`');
    page[start..end].lines().filter_map(cells).collect()
}

#[test]
fn the_published_reference_is_what_the_program_prints() {
    let printed = Project::new().succeed(&["explain", "--markdown"]).out;
    assert!(
        page() == printed,
        "docs/reference.md is out of date: backquery explain --markdown > docs/reference.md"
    );
}

/// Collects the names of all properties of a JSON Schema.
fn properties<'a>(schema: &'a Value, names: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if let ("properties", Value::Object(inner)) = (key.as_str(), value) {
                    names.extend(inner.keys().map(String::as_str));
                }
                properties(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_key_of_the_schema_is_in_the_reference() {
    let schema: Value = serde_json::from_str(&Project::new().succeed(&["schema"]).out).unwrap();
    let mut names = BTreeSet::new();
    properties(&schema, &mut names);
    assert!(names.len() > 100, "{names:?}");
    let page = page();
    // Tolerances and printed numbers have a key for every metric.
    let numbers = [
        "Metrics of inverses",
        "Metrics of layers",
        "Metrics of networks",
        "Metrics of epochs",
    ];
    let sections = numbers
        .into_iter()
        .chain(["Keys of a spec", "Metrics of pairs"]);
    let known: BTreeSet<&str> = sections
        .flat_map(|section| rows(&page, section))
        .map(|(name, _)| name)
        .collect();
    // Keys of an inline table are in its example.
    let examples: BTreeSet<&str> = page.split('`').flat_map(str::split_whitespace).collect();
    for name in names {
        assert!(known.contains(name) || examples.contains(name), "{name}");
    }
}

/// Additions to a spec that give it every table.
const MORE: &str = r#"
[[invert]]
name = "searched"
method = "gradient"
steps = 2
[[claim]]
says = "it is exact"
metric = "output_error"
of = "analytical"
at_most = 0.5
[[figure]]
name = "bars"
kind = "bars"
metrics = ["roughness"]
"#;

const SWEEP: &str = r#"
sweep.invert.analytical.filter.percentile = [10, 40]
[[invert]]
name = "analytical"
method = "layered"
filter = { kind = "middle" }
[[limit]]
inversion = "analytical"
metric = "output_error"
at_most = 1
seek = "highest"
"#;

const BOTH: &str = r#"
title = "Both"
seeds = 3
[compare]
experiments = ["all", "other"]
"#;

const PAIRS: &str = r#"
metrics = ["roughness"]
[[pair]]
says = "data"
a = { experiment = "all", inversion = "analytical", is = "one" }
b = { experiment = "other", inversion = "analytical", is = "other" }
"#;

/// Every file of a run with judges, a draw of rows, a search, limits, claims and pairs is
/// declared, with the columns that it has.
#[test]
fn every_file_of_results_is_in_the_reference_with_its_columns() {
    let page = page();
    let spec =
        judged().replace("per_class = 20", "per_class = 20\nresample = \"bootstrap\"") + MORE;
    let other = "base = \"all.toml\"\ntrain.epochs = 2\n";
    let swept = format!("base = \"all.toml\"\n{SWEEP}");
    let project = Project::new()
        .with("experiments/all.toml", spec)
        .with("experiments/other.toml", other)
        .with("experiments/swept.toml", swept)
        .with("experiments/both.toml", BOTH)
        .with("experiments/pairs.toml", format!("{BOTH}{PAIRS}"));
    project.succeed(&["reproduce", "--seed", "0"]);
    let mut seen = BTreeSet::new();
    for (folder, section) in [
        ("results/all/seed-0", "Files of a replicate"),
        ("results/all/summary", "Files of all replicates"),
        ("results/swept/summary", "Files of all replicates"),
        ("results/both/summary", "Files of all replicates"),
        ("results/pairs/summary", "Files of all replicates"),
    ] {
        let declared = rows(&page, section);
        for file in files(&project.path(folder)) {
            let name = file.split('/').next().unwrap_or_default();
            let shown = if file.contains('/') {
                format!("{name}/")
            } else {
                name.to_owned()
            };
            let row = declared.iter().find(|(name, _)| *name == shown);
            let Some((_, contents)) = row else {
                panic!("{folder}/{file} is not declared")
            };
            if is_table(name) {
                check_columns(&project.read(&format!("{folder}/{file}")), contents);
                seen.insert(name.to_owned());
            }
        }
    }
    let sections = ["Files of a replicate", "Files of all replicates"];
    let declared = sections
        .into_iter()
        .flat_map(|section| rows(&page, section));
    let tables = declared.map(|(name, _)| name).filter(|name| is_table(name));
    assert_eq!(
        seen,
        tables.map(str::to_owned).collect(),
        "tables that no run gave"
    );
}

fn is_table(name: &str) -> bool {
    name.strip_suffix(".csv").is_some()
}

fn check_columns(table: &str, contents: &str) {
    let header = table.lines().next().unwrap_or_default();
    let (_, columns) = contents.split_once("Columns: ").expect(contents);
    let declared: Vec<&str> = columns.split('`').skip(1).step_by(2).collect();
    let is_class = |name: &str| {
        name.strip_prefix("p_")
            .is_some_and(|class| class.parse::<u8>().is_ok())
    };
    let mut found: Vec<&str> = header.split(',').collect();
    found
        .iter_mut()
        .filter(|name| is_class(name))
        .for_each(|name| *name = "p_CLASS");
    found.dedup();
    // Columns that exist only after a look, or with poor judges.
    found.retain(|name| !["extended", "poor_judges"].contains(name));
    assert_eq!(found, declared, "{contents}");
}
