//! The command that explains keys of specs, metrics and methods, from their declarations.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;

use super::error::Failure;
use super::output::say;
use super::reference;
use crate::config::{
    Bounds, Choices, ITEM, KeyDeclaration, NumberColumn, OF_EPOCHS, OF_NETWORK, OF_PAIRS, Presence,
    Scale, Schema, keys, methods, nearest,
};
use crate::metrics::Metric;
use crate::report::layout::wrap;
use crate::train::LayerMetric;

#[derive(Debug, ClapArgs)]
pub struct ExplainArgs {
    /// Key such as `train.epochs` or `epochs`, metric such as `legibility`, or method such as
    /// `layered`
    #[arg(value_name = "KEY|METRIC|METHOD")]
    pub name: Option<String>,
    /// Print the reference of everything as a page of Markdown
    #[arg(long, conflicts_with = "name")]
    pub markdown: bool,
}

/// Runs `backquery explain`.
///
/// # Errors
/// If nothing has the name.
pub fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let keys = keys();
    if args.markdown {
        say(&reference::page(&keys));
        return Ok(());
    }
    let Some(name) = &args.name else {
        say(&list(&keys));
        return Ok(());
    };
    let texts = explained(name, &keys);
    if texts.is_empty() {
        return Err(Failure::Unexplained {
            name: name.clone(),
            meant: meant(name, &keys),
        });
    }
    say(&texts.join("\n\n"));
    Ok(())
}

/// Texts about everything with this name.
fn explained(name: &str, keys: &[KeyDeclaration]) -> Vec<String> {
    let methods = methods().filter(|(method, _)| *method == name);
    let methods = methods.map(|(name, about)| of_method(name, about, keys));
    let metric = Metric::named(name).map(of_metric);
    let layer_metric = LayerMetric::named(name).map(of_layer_metric);
    let number = numbers().find(|(number, _)| number.name == name);
    let number = number.map(|(number, of)| of_number(number, of));
    let keys = keys.iter().filter(|key| is_called(key, name)).map(of_key);
    methods
        .chain(metric)
        .chain(layer_metric)
        .chain(number)
        .chain(keys)
        .collect()
}

/// True if a key has this name: its dotted key, with or without the names of items, or the
/// end of it.
fn is_called(key: &KeyDeclaration, name: &str) -> bool {
    let path = key.path();
    let (all, typed): (Vec<&str>, Vec<&str>) = (path.split('.').collect(), split(name));
    let is_whole = all.len() == typed.len()
        && all
            .iter()
            .zip(&typed)
            .all(|(own, typed)| *own == ITEM || own == typed);
    let named: Vec<&str> = all.into_iter().filter(|part| *part != ITEM).collect();
    // Tables with a key for every metric are not about the metric.
    let is_end = !typed.is_empty() && named.ends_with(&typed);
    is_whole || named == typed || is_end && !is_of_metrics(key)
}

fn split(name: &str) -> Vec<&str> {
    name.split('.').filter(|part| *part != ITEM).collect()
}

/// True for the keys of a table that has one for every metric.
pub fn is_of_metrics(key: &KeyDeclaration) -> bool {
    key.table == "verify" || key.table.starts_with("verify.") || key.table.ends_with(".printed")
}

/// Most similar name of a key, a metric or a method.
fn meant(name: &str, keys: &[KeyDeclaration]) -> Option<String> {
    let paths = keys
        .iter()
        .map(|key| key.path().replace(&format!(".{ITEM}"), ""));
    let last = keys.iter().map(|key| key.key.to_owned());
    let others = methods().map(|(name, _)| name);
    let others = others.chain(Metric::ALL.map(Metric::name));
    let others = others.chain(LayerMetric::ALL.map(LayerMetric::name));
    let others = others.chain(numbers().map(|(number, _)| number.name));
    let all: BTreeSet<String> = others.map(str::to_owned).chain(last).chain(paths).collect();
    nearest(name, all.iter().map(String::as_str)).map(str::to_owned)
}

/// Paragraphs of a text: a heading, and labelled lines below it.
fn paragraphs(heading: &str, about: &str, facts: &[(&str, String)]) -> String {
    let mut lines = vec![heading.to_owned()];
    lines.extend(wrap(about, 2));
    for (label, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        lines.extend(wrap(&format!("{label}: {fact}"), 2));
    }
    lines.join("\n")
}

fn of_key(key: &KeyDeclaration) -> String {
    let presence = match &key.presence {
        Presence::Required => "yes",
        Presence::Optional | Presence::Default(_) => "no",
    };
    let facts = [
        ("values", key.schema.text()),
        ("required", presence.to_owned()),
        ("default", key.default().unwrap_or_default()),
        ("table", table(&key.table)),
        ("only with", conditions(&key.when)),
    ];
    paragraphs(&format!("{}, a key", key.path()), key.purpose(), &facts)
}

/// Heading of a table in a spec.
pub fn table(path: &str) -> String {
    match path.split_once(&format!(".{ITEM}")) {
        None if path.is_empty() => "the top of the spec".to_owned(),
        None => format!("[{path}]"),
        Some((list, "")) => format!("[[{list}]]"),
        Some((list, inner)) => format!("`{}` of [[{list}]]", inner.trim_start_matches('.')),
    }
}

/// Choices that a key depends on, as alternatives.
pub fn conditions(when: &[Choices]) -> String {
    let choice = |(key, word): (&String, &String)| match word.as_str() {
        "{}" | "[{}]" => format!("`{key}`"),
        word => format!("`{key} = {word:?}`"),
    };
    let choices = |choices: &Choices| choices.iter().map(choice).collect::<Vec<_>>().join(" and ");
    let alternatives: Vec<String> = when.iter().map(choices).collect();
    if alternatives.iter().any(String::is_empty) {
        return String::new();
    }
    alternatives.join(", or ")
}

fn of_metric(metric: Metric) -> String {
    let measured = if metric.is_on_request() {
        "only if `metrics` names it"
    } else {
        "unless `metrics` leaves it out"
    };
    let asks = match (metric.needs_judges(), metric.needs_companions()) {
        (true, _) => "judges of legibility, or a search of the training images",
        (_, true) => "companions: networks of the same spec with other seeds",
        (false, false) => "",
    };
    let landmark = metric.reference();
    let landmark = landmark.map(|known| format!("{} ({})", known.value, known.name));
    let facts = [
        ("unit", metric.unit().to_owned()),
        ("values", bounds(metric.bounds())),
        ("direction", metric.direction().text().to_owned()),
        ("reference", landmark.unwrap_or_default()),
        ("needs", metric.needs().join(", ")),
        (
            "missing for",
            metric.missing_for().unwrap_or_default().to_owned(),
        ),
        ("asks", asks.to_owned()),
        ("measured", measured.to_owned()),
    ];
    let heading = format!("{}, a metric of inverses", metric.name());
    let about = format!("{}: {}", metric.label(), metric.about());
    paragraphs(&heading, &about, &facts)
}

fn of_layer_metric(metric: LayerMetric) -> String {
    let of = if metric.is_of_hidden_layers() {
        "hidden layers"
    } else {
        "all layers"
    };
    let facts = [
        ("unit", metric.unit().to_owned()),
        ("values", bounds(metric.bounds())),
        ("measured", format!("in {of}, always")),
    ];
    let heading = format!("{}, a metric of layers", metric.name());
    let about = format!("{}: {}", metric.label(), metric.about());
    paragraphs(&heading, &about, &facts)
}

/// Numbers of networks, epochs and pairs of inverses, with what they are of.
fn numbers() -> impl Iterator<Item = (NumberColumn, &'static str)> {
    let of = |of| move |number| (number, of);
    let epochs = OF_EPOCHS.into_iter().map(of("epochs"));
    let networks = OF_NETWORK.into_iter().map(of("networks"));
    let pairs = OF_PAIRS.into_iter().map(of("pairs of inverses"));
    epochs.chain(networks).chain(pairs)
}

fn of_number(number: NumberColumn, of: &str) -> String {
    let facts = [
        ("unit", number.unit.to_owned()),
        ("values", values(number.scale)),
    ];
    paragraphs(
        &format!("{}, a metric of {of}", number.name),
        number.about,
        &facts,
    )
}

/// Values of a number, in words.
pub fn values(scale: Scale) -> String {
    match scale {
        Scale::Quantity(ends) => bounds(ends),
        Scale::Epoch => "an epoch, from 1".to_owned(),
        Scale::Index => "an index, from 0".to_owned(),
    }
}

pub fn bounds(bounds: Bounds) -> String {
    match (bounds.low.is_finite(), bounds.high.is_finite()) {
        (true, true) => format!("from {} to {}", bounds.low, bounds.high),
        (true, false) => format!("from {}", bounds.low),
        (false, true) => format!("up to {}", bounds.high),
        (false, false) => "any number".to_owned(),
    }
}

fn of_method(name: &str, about: &str, keys: &[KeyDeclaration]) -> String {
    let is_own = |key: &&KeyDeclaration| {
        let mut words = key.when.iter().filter_map(|choices| choices.get("method"));
        key.table == format!("invert.{ITEM}") && words.any(|word| word == name)
    };
    let own: BTreeSet<&str> = keys.iter().filter(is_own).map(|key| key.key).collect();
    let own: Vec<String> = own.iter().map(|key| format!("`{key}`")).collect();
    let facts = [("keys of its own", own.join(", "))];
    paragraphs(&format!("{name}, a method of inversion"), about, &facts)
}

/// Names of all keys, metrics and methods, with a line about each.
fn list(keys: &[KeyDeclaration]) -> String {
    let mut lines = vec!["Methods of inversion".to_owned()];
    let line = |name: &str, about: &str| format!("  {name:<28} {about}");
    let first = |about: &'static str| about.split_once(". ").map_or(about, |(first, _)| first);
    lines.extend(methods().map(|(name, about)| line(name, first(about).trim_end_matches('.'))));
    lines.push("\nMetrics of inverses".to_owned());
    lines.extend(Metric::ALL.map(|metric| line(metric.name(), metric.label())));
    lines.push("\nMetrics of layers".to_owned());
    lines.extend(LayerMetric::ALL.map(|metric| line(metric.name(), metric.label())));
    lines.push("\nMetrics of networks, epochs and pairs of inverses".to_owned());
    lines
        .extend(numbers().map(|(number, _)| line(number.name, number.about.trim_end_matches('.'))));
    lines.push("\nKeys of a spec".to_owned());
    let mut seen = BTreeSet::new();
    let shown = keys
        .iter()
        .filter(|key| !is_of_metrics(key) || key.schema == Schema::Table);
    for key in shown {
        let path = key.path();
        if seen.insert(path.clone()) {
            lines.push(line(&path, first(key.purpose())));
        }
    }
    lines.join("\n")
}
