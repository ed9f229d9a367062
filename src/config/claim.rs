//! `[[claim]]`: keys of a claim, a sentence of a source as a comparison of numbers.

mod check;
mod operand;
mod statement;

use std::collections::BTreeSet;

use super::form::{self, ValueForm, list, one_of, sentence};
use super::metric::Metric;
use super::names::{one_of_names, suggestion};
use super::reader::Reader;
use super::scale::{NumberColumn, OF_EPOCHS, OF_NETWORK, OF_PAIRS};
use super::schema::Schema;
use super::study::Member;
use crate::claims::{About, Claim, SourcePart, Term};
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
    let not_blank = sentence().where_known("a line of text", |text| !text.trim().is_empty());
    let says = table
        .key("says", not_blank, "Statement of the source")
        .required();
    let source = table
        .key("source", sentence(), "Where the source says so")
        .optional();
    let metrics = read_metrics(&table);
    let classes = read_classes(&table).unwrap_or(Classes::Mean);
    let sum = read_sum(&table, members);
    let statement_of = statement::read(&table, metrics.as_deref());
    let reading = read_reading(&table);
    let about = read_about(&table);
    if about == About::Method {
        check::method_has_mean(&table, statement_of.as_ref().map(|known| known.statement));
    }
    for (_, operand) in sum.iter().flatten() {
        check::operand(&table, metrics.as_deref(), operand, &classes, members);
        check::generality(&table, about, operand, members);
    }
    table.finish();
    let terms = |(is_subtracted, operand): (bool, Operand)| operand.into_term(is_subtracted);
    let statement::SourcedStatement {
        statement,
        threshold,
    } = statement_of?;
    Some(Claim {
        says: says?,
        source,
        reading,
        metrics: metrics?,
        terms: sum?.into_iter().map(terms).collect::<Vec<Term>>(),
        classes,
        statement,
        about,
        threshold,
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
        "Same number of another inversion, `\"analytical\"`, or of another place, `{ in = \
             \"slp\" }`, to subtract",
    );
    table.declare(
        "above",
        other(),
        "Other inversion or place, as for `minus`, to be above, and by how much: `{ of = \
             \"analytical\", by = 0.1 }`",
    );
    table.declare(
        "below",
        other(),
        "Other inversion or place, as for `minus`, to be below, and by how much",
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
        .key(
            "metric",
            one_or_many,
            "Metric, or metrics that have to agree: of inverses, \
             columns of `accuracy.csv`, metrics of networks and layers (without `of`), or \
             `overlap` and `correlation` (`of` one inversion `with` another)",
        )
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

/// Reads the part of the source that a claim follows.
fn read_reading(table: &Reader<'_>) -> Option<SourcePart> {
    let parts = one_of([("text", SourcePart::Text), ("code", SourcePart::Code)]);
    let about = "Part of the source that the claim follows, where its text and its code \
         contradict each other. The other reading is a claim with the same `says` and `source`";
    table.key("reading", parts, about).optional()
}

/// Reads the generality of a claim.
fn read_about(table: &Reader<'_>) -> About {
    let words = one_of([("rows", About::Rows), ("method", About::Method)]);
    let about = "Trainings on these rows (`rows`), or the method on rows of this kind \
         (`method`): a claim about a mean, on replicates that draw their own rows \
         (`data.resample`)";
    table.key("about", words, about).or(About::Rows)
}

/// Reads a word or a list of labels.
fn read_classes(table: &Reader<'_>) -> Option<Classes> {
    let about = "Summary of the classes: their mean, the lowest or highest of them, or the \
         mean of some, `[3, 4]`; applied after subtraction within an experiment [default: \
         mean]";
    let words = one_of([
        ("mean", Classes::Mean),
        ("lowest", Classes::Lowest),
        ("highest", Classes::Highest),
    ]);
    let words = words
        .or_else(form::labels("", 1..).map(Classes::Of))
        .text("`mean`, `lowest` or `highest`, or a list of different labels, such as `[3, 4]`");
    table.key("classes", words, about).optional()
}

#[cfg(test)]
mod tests;
