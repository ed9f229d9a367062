//! `[[claim]]`: keys of a claim, a sentence of a source as a comparison of numbers.

mod check;
mod operand;

use std::collections::BTreeSet;

use super::form::{ValueForm, label, list, number, one_of, sentence};
use super::metric::Metric;
use super::names::{one_of_names, suggestion};
use super::reader::Reader;
use super::scale::{NumberColumn, OF_EPOCHS, OF_NETWORK, OF_PAIRS, Scale};
use super::schema::Schema;
use super::study::Member;
use crate::claims::{Claim, Criterion, Term, Within};
use crate::report::Classes;
use crate::train::LayerMetric;
use operand::Operand;

/// Description of `[[claim]]`.
pub const CLAIMS: &str = "Statement of the source, which results confirm or refute";

/// Reads the claims of a study about its experiments.
pub fn read(root: &Reader<'_>, members: &[Member]) -> Vec<Claim> {
    let tables = root.sections("claim", CLAIMS).into_iter();
    tables
        .filter_map(|table| read_claim(table, members))
        .collect()
}

fn read_claim(table: Reader<'_>, members: &[Member]) -> Option<Claim> {
    let statement = sentence().where_known("a line of text", |text| !text.trim().is_empty());
    let says = table
        .key("says", statement, "Statement of the source")
        .required();
    let source = table
        .key("source", sentence(), "Where the source says so")
        .optional();
    let metrics = read_metrics(&table);
    let classes = read_classes(&table).unwrap_or(Classes::Mean);
    let sum = read_sum(&table, members);
    let criterion = read_criterion(&table);
    for (_, operand) in sum.iter().flatten() {
        check::operand(&table, metrics.as_deref(), operand, &classes, members);
    }
    if let Some(metrics) = &metrics {
        check_indices(&table, metrics, criterion);
    }
    table.finish();
    let terms = |(is_subtracted, operand): (bool, Operand)| operand.into_term(is_subtracted);
    Some(Claim {
        says: says?,
        source,
        metrics: metrics?,
        terms: sum?.into_iter().map(terms).collect::<Vec<Term>>(),
        classes,
        criterion: criterion?,
    })
}

/// Reads the operands of the sum, each with true if it is subtracted.
fn read_sum(table: &Reader<'_>, members: &[Member]) -> Option<Vec<(bool, Operand)>> {
    // Also those that are not read if the first one is wrong.
    for key in ["in", "of", "setting", "with", "epoch", "layer"] {
        table.known(key);
    }
    let other = || Schema::Any(vec![Schema::Reference, Schema::Table]);
    table.declare(
        "minus",
        other(),
        "Inversion, or differing keys, to subtract",
    );
    table.declare(
        "above",
        other(),
        "Inversion, or differing keys, to be above",
    );
    table.declare(
        "below",
        other(),
        "Inversion, or differing keys, to be below",
    );
    let own = Operand::of_claim(table, members)?;
    let other = |key| {
        if table.has(key) {
            own.other(table, key, members).map(Some)
        } else {
            Some(None)
        }
    };
    let (minus, above, below) = (other("minus"), other("above"), other("below"));
    let (minus, bound) = (minus?, above?.or(below?));
    // The bound is a difference of the same kind.
    let minus_of_bound = minus
        .as_ref()
        .zip(bound.as_ref())
        .map(|(minus, bound)| minus.moved(&own, bound));
    let mut sum = vec![(false, own)];
    sum.extend(minus.map(|minus| (true, minus)));
    sum.extend(bound.map(|bound| (true, bound)));
    sum.extend(minus_of_bound.map(|minus| (false, minus)));
    let experiments: BTreeSet<usize> = sum.iter().map(|(_, operand)| operand.experiment).collect();
    if experiments.len() > 2 {
        table.fault_of_table("sets more than two experiments against each other");
        return None;
    }
    Some(sum)
}

/// Reads one name or a list of names, all of one kind.
fn read_metrics(table: &Reader<'_>) -> Option<Vec<String>> {
    let names = Schema::Name(known_metrics().collect());
    let one = ValueForm::new("", names, |node| {
        node.text().map(|name| vec![name.to_owned()])
    });
    let name = ValueForm::new("", one.schema().clone(), |node| {
        node.text().map(str::to_owned)
    });
    let one_or_many = one
        .or_else(list("", 1.., name).distinct())
        .text("the name of a metric, or a list of them");
    let names = table
        .key("metric", one_or_many, "Metrics, which have to agree")
        .required()?;
    let known: Vec<&str> = known_metrics().collect();
    let mut unknown = names
        .iter()
        .filter(|name| !known.contains(&name.as_str()))
        .peekable();
    if unknown.peek().is_some() {
        for name in unknown {
            let all = one_of_names(known.iter().copied());
            let hint = suggestion(name, known.iter().copied());
            let message = format!("names {name:?}, but there are {all}{hint}");
            table.fault("metric", &message);
        }
        return None;
    }
    if names
        .iter()
        .any(|name| NumberKind::of(name) != NumberKind::of(&names[0]))
    {
        table.fault(
            "metric",
            "must name numbers of one kind: of inverses, of pairs of them, of the network, or of \
             its layers",
        );
        return None;
    }
    Some(names)
}

/// Names of all numbers that a claim can be about.
fn known_metrics() -> impl Iterator<Item = &'static str> {
    let names = |columns: &'static [NumberColumn]| columns.iter().map(|column| column.name);
    let of_inverses = Metric::ALL.into_iter().map(Metric::name);
    let of_layers = LayerMetric::ALL.into_iter().map(LayerMetric::name);
    of_inverses
        .chain(names(&OF_EPOCHS))
        .chain(names(&OF_NETWORK))
        .chain(of_layers)
        .chain(names(&OF_PAIRS))
}

/// Object that a number describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NumberKind {
    Network,
    Layer,
    Pair,
    Inverse,
}

impl NumberKind {
    fn of(name: &str) -> Self {
        if LayerMetric::named(name).is_some() {
            Self::Layer
        } else if NumberColumn::any(&OF_EPOCHS, name) || NumberColumn::any(&OF_NETWORK, name) {
            Self::Network
        } else if NumberColumn::any(&OF_PAIRS, name) {
            Self::Pair
        } else {
            Self::Inverse
        }
    }
}

/// Reports claims about an index that do not name one value of it: an index has no mean
/// that could be above or below another number.
fn check_indices(table: &Reader<'_>, metrics: &[String], criterion: Option<Criterion>) {
    let mut indices = metrics
        .iter()
        .filter(|name| Scale::of(name) == Scale::Index);
    let (Some(name), Some(criterion)) = (indices.next(), criterion) else {
        return;
    };
    let names_value = match criterion {
        Criterion::Near { within, .. } => within == Within::Distance(0.0),
        Criterion::AtLeast(_)
        | Criterion::AtMost(_)
        | Criterion::Above(_)
        | Criterion::Below(_) => false,
    };
    if !names_value || table.has("minus") {
        let message = format!(
            "names {name:?}, an index, which has no mean, order or difference; say which one it \
             is, such as `near = 9` and `within = 0`"
        );
        table.fault("metric", &message);
    }
}

/// Reads a word or a list of labels.
fn read_classes(table: &Reader<'_>) -> Option<Classes> {
    let about = "Summary of the classes [default: mean]";
    let labels = list("a list of different labels", 1.., label(256)).distinct();
    if table
        .node("classes")
        .is_some_and(|node| node.items().is_some())
    {
        return table
            .key("classes", labels.map(Classes::Of), about)
            .optional();
    }
    let words = one_of([
        ("mean", Classes::Mean),
        ("lowest", Classes::Lowest),
        ("highest", Classes::Highest),
    ])
    .or(labels.schema().clone())
    .hint("or labels: `[3, 4]`");
    table.key("classes", words, about).optional()
}

/// Reads the one criterion of a claim.
fn read_criterion(table: &Reader<'_>) -> Option<Criterion> {
    let number = |key, about| table.key(key, number("a number", ..), about).optional();
    let near = number("near", "Number of the source");
    let within = read_within(table);
    let near = near.zip(within);
    let criteria = [
        (
            "near",
            near.map(|(value, within)| Criterion::Near { value, within }),
        ),
        (
            "at_least",
            number("at_least", "Lowest value").map(Criterion::AtLeast),
        ),
        (
            "at_most",
            number("at_most", "Highest value").map(Criterion::AtMost),
        ),
        ("above", Some(Criterion::Above(read_by(table, "above")))),
        // 0 minus 0 is not shown as -0.
        (
            "below",
            Some(Criterion::Below(0.0 - read_by(table, "below"))),
        ),
    ];
    let given: Vec<Option<Criterion>> = criteria
        .iter()
        .filter(|(key, _)| table.has(key))
        .map(|(_, criterion)| *criterion)
        .collect();
    let [criterion] = given[..] else {
        let all = one_of_names(criteria.map(|(key, _)| key));
        let message = format!("must have one of {all}, and has {}", given.len());
        table.fault_of_table(&message);
        return None;
    };
    if table.has("near") != table.has("within") {
        table.fault("within", "and `near` need each other");
    }
    if let Some((value, Within::Factor(_))) = near
        && value <= 0.0
    {
        table.fault("near", "must be above 0, as `within` is a factor");
    }
    criterion
}

/// Reads a number, or `{ factor = 2.0 }`.
fn read_within(table: &Reader<'_>) -> Option<Within> {
    if let Some(own) = table.own_table("within") {
        let at_least_one = number("a number of at least 1", 1.0..);
        let factor = own
            .key("factor", at_least_one, "Highest factor between the two")
            .required();
        own.finish();
        return factor.map(Within::Factor);
    }
    let distance = number("a number of at least 0, or `{ factor = 2.0 }`", 0.0..);
    let about = "Highest distance from the number of the source";
    table
        .key("within", distance.or(Schema::Table), about)
        .optional()
        .map(Within::Distance)
}

/// Reads the margin of `above` or `below`; 0 without one.
fn read_by(table: &Reader<'_>, key: &'static str) -> f64 {
    let margin = number("a number of at least 0", 0.0..);
    let own = table.own_table(key);
    own.map_or(0.0, |own| {
        own.key("by", margin, "Lowest difference").or(0.0)
    })
}

#[cfg(test)]
mod tests;
