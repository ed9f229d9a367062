//! The reference of specs and results as a page of Markdown, from the declarations.

use std::fmt::Write as _;

use super::exit::{AFTER_SIGNAL, Exit, SIGNALS};
use super::explain::{bounds, conditions, is_of_metrics, table, values};
use crate::config::{
    KeyDeclaration, NumberColumn, OF_EPOCHS, OF_NETWORK, OF_PAIRS, Presence, methods,
};
use crate::metrics::Metric;
use crate::store::{RESULT_FILES, ResultFile, ResultPlace};
use crate::train::LayerMetric;

/// Returns the page.
pub fn page(keys: &[KeyDeclaration]) -> String {
    let mut page = HEAD.to_owned();
    of_keys(&mut page, keys);
    of_methods(&mut page);
    of_metrics(&mut page);
    of_numbers(&mut page);
    for place in [
        ResultPlace::Replicate,
        ResultPlace::Summary,
        ResultPlace::All,
    ] {
        of_files(&mut page, place);
    }
    of_exits(&mut page);
    page.trim_end().to_owned()
}

const HEAD: &str = "\
# Reference

[Documentation](index.md)

Every key of a spec, method, metric, file of results and exit code, as
`backquery explain --markdown` prints them from the declarations in the program.
`backquery explain NAME` prints one. How the keys work together is in [specs](spec.md), how
the metrics are to be read in [metrics](metrics.md).

## Keys of a spec

In dotted keys, `NAME` is the name of an item, and `METRIC` that of any metric.
";

/// A table of the page: a heading, and a row for each item.
fn table_of(page: &mut String, columns: &[&str], rows: &[Vec<String>]) {
    let rule = vec!["---"; columns.len()];
    let _ = write!(
        page,
        "\n| {} |\n|{}|\n",
        columns.join(" | "),
        rule.join("|")
    );
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(page, "| {} |", cells.join(" | "));
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Key as the page shows it.
struct ShownKey<'a> {
    /// Table, in which `METRIC` is the name of any metric.
    table: String,
    /// Name, or `METRIC`.
    name: &'a str,
    declared: &'a KeyDeclaration,
}

/// Keys as the page shows them: where every metric has a key, one stands for all.
fn shown(keys: &[KeyDeclaration]) -> Vec<ShownKey<'_>> {
    let mut shown: Vec<ShownKey<'_>> = Vec::new();
    for declared in keys {
        let is_metric = is_of_metrics(declared) && declared.schema.words().is_empty();
        let (table, name) = match declared.table.split_once("verify.") {
            Some(_) => ("verify.METRIC", declared.key),
            None if is_metric => (declared.table.as_str(), "METRIC"),
            None => (declared.table.as_str(), declared.key),
        };
        let is_there = |one: &ShownKey<'_>| one.table == table && one.name == name;
        if !is_metric || !shown.iter().any(is_there) {
            let table = table.to_owned();
            shown.push(ShownKey {
                table,
                name,
                declared,
            });
        }
    }
    shown
}

fn of_keys(page: &mut String, keys: &[KeyDeclaration]) {
    let shown = shown(keys);
    let mut tables: Vec<&str> = Vec::new();
    for key in &shown {
        if !tables.contains(&key.table.as_str()) {
            tables.push(&key.table);
        }
    }
    // Tables within a table follow it.
    let top = |path: &str| {
        let first = path.split('.').next().unwrap_or_default().to_owned();
        keys.iter()
            .position(|key| key.table.is_empty() && key.key == first)
    };
    tables.sort_by_key(|path| top(path));
    for path in tables {
        let own = shown.iter().filter(|key| key.table == path);
        let rows: Vec<Vec<String>> = own.map(row_of_key).collect();
        let _ = write!(page, "\n### {}\n", heading(path));
        table_of(page, &["key", "default", "values", "meaning"], &rows);
    }
}

/// Heading of a table, with what it is.
fn heading(path: &str) -> String {
    let text = table(path);
    text.strip_prefix("the ")
        .map_or_else(|| text.clone(), |rest| format!("The {rest}"))
}

fn row_of_key(shown: &ShownKey<'_>) -> Vec<String> {
    let key = shown.declared;
    let mut about = sentence(key.purpose());
    let when = conditions(&key.when);
    if !when.is_empty() {
        let _ = write!(about, " Only with {when}.");
    }
    vec![code(shown.name), default_of(key), values_of(key), about]
}

/// Default of a key, marked as code if it is a value.
fn default_of(key: &KeyDeclaration) -> String {
    let is_value = |text: &str| {
        let is_written = text.starts_with(|c: char| c.is_ascii_digit() || "[{\"".contains(c));
        let mut alternatives = key.schema.alternatives().iter();
        is_written || alternatives.any(|schema| schema.words().contains(&text))
    };
    match (&key.presence, key.default()) {
        (Presence::Required, _) => "required".to_owned(),
        (Presence::Default(json), _) => code(&json.to_string()),
        (Presence::Optional, Some(text)) if is_value(&text) => code(&text),
        (Presence::Optional, Some(text)) => text,
        (Presence::Optional, None) => "none".to_owned(),
    }
}

/// Values of a key. Lists of all metrics are in their own sections.
fn values_of(key: &KeyDeclaration) -> String {
    let text = key.schema.text();
    let first = code(Metric::ALL[0].name());
    let names = text.matches('`').count() / 2;
    match text.split_once(&first) {
        Some((before, _)) if names >= Metric::ALL.len() => {
            format!("{before}the name of a metric")
        }
        Some(_) | None => text,
    }
}

fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

fn of_methods(page: &mut String) {
    page.push_str("\n## Methods of inversion\n");
    let rows: Vec<_> = methods()
        .map(|(name, about)| vec![code(name), sentence(about)])
        .collect();
    table_of(page, &["method", "meaning"], &rows);
}

fn of_metrics(page: &mut String) {
    page.push_str(
        "\n## Metrics of inverses\n\nThose marked * are measured only if `metrics` names them.\n",
    );
    let row = |metric: Metric| {
        let mark = if metric.is_on_request() { " *" } else { "" };
        let mut about = sentence(&metric.about());
        // Definitions that say so already do not repeat it.
        let known = metric.reference();
        if let Some(known) = known.filter(|known| !about.contains(&known.value.to_string())) {
            let _ = write!(about, " {} is {}.", capital(known.name), known.value);
        }
        let needs = metric.needs().join(", ");
        if !needs.is_empty() {
            let _ = write!(about, " Needs {needs}.");
        }
        let missing = metric.missing_for();
        if let Some(missing) = missing.filter(|_| !about.contains("issing")) {
            let _ = write!(about, " Missing for {missing}.");
        }
        let better = metric.direction().text().trim_end_matches(" is better");
        let name = format!("{}{mark}", code(metric.name()));
        vec![
            name,
            metric.unit().to_owned(),
            better.to_owned(),
            bounds(metric.bounds()),
            about,
        ]
    };
    let rows: Vec<_> = Metric::ALL.into_iter().map(row).collect();
    table_of(
        page,
        &["metric", "unit", "better", "values", "meaning"],
        &rows,
    );
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Metrics of layers and networks, and numbers of epochs and pairs.
fn of_numbers(page: &mut String) {
    let layers = LayerMetric::ALL.into_iter().map(|metric| {
        let (unit, values) = (metric.unit().to_owned(), bounds(metric.bounds()));
        vec![code(metric.name()), unit, values, metric.about().to_owned()]
    });
    let columns = ["metric", "unit", "values", "meaning"];
    page.push_str("\n## Metrics of layers\n\nIn `layers.csv`, for each layer, counted from 0.\n");
    table_of(page, &columns, &layers.collect::<Vec<_>>());
    let sections: [(&str, &str, &[NumberColumn]); 3] = [
        ("Metrics of networks", "In `network.csv`.", &OF_NETWORK),
        (
            "Metrics of epochs",
            "Columns of `accuracy.csv`.",
            &OF_EPOCHS,
        ),
        (
            "Metrics of pairs of inverses",
            "Columns of `overlaps.csv`.",
            &OF_PAIRS,
        ),
    ];
    for (title, place, numbers) in sections {
        let _ = write!(page, "\n## {title}\n\n{place}\n");
        let row = |number: &NumberColumn| {
            let (unit, values) = (number.unit.to_owned(), values(number.scale));
            vec![code(number.name), unit, values, number.about.to_owned()]
        };
        table_of(page, &columns, &numbers.iter().map(row).collect::<Vec<_>>());
    }
}

fn of_files(page: &mut String, place: ResultPlace) {
    let title = match place {
        ResultPlace::Replicate => "Files of a replicate, `results/NAME/seed-0/`",
        ResultPlace::Summary => "Files of all replicates, `results/NAME/summary/`",
        ResultPlace::All => "Files of all results, `results/`",
    };
    let _ = write!(page, "\n## {title}\n");
    let row = |file: &ResultFile| {
        let mut about = file.about.to_owned();
        if !file.when.is_empty() {
            let _ = write!(about, " Only {}.", file.when);
        }
        if !file.columns.is_empty() {
            let columns: Vec<String> = file.columns.split(',').map(code).collect();
            let _ = write!(about, " Columns: {}.", columns.join(", "));
        }
        vec![code(file.name), about]
    };
    let rows: Vec<_> = RESULT_FILES
        .iter()
        .filter(|file| file.place == place)
        .map(row)
        .collect();
    table_of(page, &["file", "contents"], &rows);
}

fn of_exits(page: &mut String) {
    page.push_str("\n## Exit codes\n");
    let row = |exit: Exit| vec![exit.code().to_string(), exit.about().to_owned()];
    let signals = vec![SIGNALS.to_owned(), AFTER_SIGNAL.to_owned()];
    let rows: Vec<_> = Exit::ALL.into_iter().map(row).chain([signals]).collect();
    table_of(page, &["code", "meaning"], &rows);
}
