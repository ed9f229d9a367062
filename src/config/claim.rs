//! `[[claim]]`: a sentence of a source, as a comparison that results confirm or
//! refute.

mod place;

use std::collections::BTreeSet;

use super::layer::LayerMetric;
use super::metric::Metric;
use super::names::{one_of_names, suggestion};
use super::reader::{Reader, choose};
use super::scale::{Column, OF_EPOCHS, OF_NETWORK, OF_PAIRS, Scale};
use super::study::Member;
use super::tree::{Node, Value};
use place::Place;

/// One entry of `[[claim]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The sentence.
    pub says: String,
    /// Where it stands.
    pub source: Option<String>,
    /// By what it is measured: metrics, columns of the accuracy log, numbers of
    /// the network or of pairs of inverses. Several have to agree.
    pub metrics: Vec<String>,
    /// What is added up and subtracted, the first of them added.
    pub terms: Vec<Term>,
    /// What a replicate's number is where every class has one.
    pub classes: Classes,
    /// What the mean over the replicates has to be.
    pub holds: Holds,
}

/// One number of every replicate of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Whether it is subtracted.
    pub subtracted: bool,
    /// Position of the experiment in the study.
    pub experiment: usize,
    /// The name of the inversion; empty for what is told of the network.
    pub inversion: String,
    /// Its setting, if it is swept; or the layer, for what is told of each.
    pub setting: String,
    /// The inversion that it is held against, for what is told of pairs.
    pub with: String,
    /// After which epoch, for columns of the accuracy log; else after the last one.
    pub epoch: Option<usize>,
}

/// From the classes to the replicate, after differences between inversions of one
/// experiment are taken class by class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Classes {
    /// Their mean.
    Mean,
    /// The mean of those with these labels, the others left out.
    Of(Vec<u8>),
    /// The lowest of them: a lower bound that holds for it holds for all.
    Lowest,
    /// The highest of them.
    Highest,
}

/// What a number has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Holds {
    /// No further than `within` from `value`.
    Near {
        /// What the source gives.
        value: f64,
        /// How far off still counts.
        within: Within,
    },
    /// No less than this.
    AtLeast(f64),
    /// No more than this.
    AtMost(f64),
    /// More than this.
    Above(f64),
    /// Less than this.
    Below(f64),
}

/// How far from a number still counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Within {
    /// So much less or more, at least 0.
    Distance(f64),
    /// Divided or multiplied by so much, at least 1.
    Factor(f64),
}

impl Classes {
    /// In words.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Mean => "mean".to_owned(),
            Self::Of(labels) => {
                let labels: Vec<String> = labels.iter().map(u8::to_string).collect();
                format!("mean of {}", labels.join(", "))
            }
            Self::Lowest => "lowest".to_owned(),
            Self::Highest => "highest".to_owned(),
        }
    }

    /// True if a class counts.
    #[must_use]
    pub fn include(&self, class: Option<u8>) -> bool {
        match self {
            Self::Of(labels) => class.is_some_and(|class| labels.contains(&class)),
            Self::Mean | Self::Lowest | Self::Highest => true,
        }
    }
}

impl Holds {
    /// In words.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Near { value, within } => match within {
                Within::Distance(distance) => format!("{value} ± {distance}"),
                Within::Factor(factor) => format!("{value} × or ÷ {factor}"),
            },
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::Above(bound) => format!("above {bound}"),
            Self::Below(bound) => format!("below {bound}"),
        }
    }
}

/// Reads the claims of a study about its experiments.
pub fn read(root: &Reader<'_>, members: &[Member]) -> Vec<Claim> {
    let tables = root.tables("claim").into_iter();
    tables.filter_map(|table| one(table, members)).collect()
}

fn one(table: Reader<'_>, members: &[Member]) -> Option<Claim> {
    let says = table.require("says", "a line of text", |v| {
        v.sentence().filter(|text| !text.trim().is_empty())
    });
    let source = table.get("source", "a line of text", Node::sentence);
    let metrics = metrics(&table);
    let classes = classes(&table).unwrap_or(Classes::Mean);
    let places = places(&table, members);
    let holds = holds(&table);
    for (_, place) in places.iter().flatten() {
        place::check(&table, metrics.as_deref(), (place, &classes), members);
    }
    if let Some(metrics) = &metrics {
        check_indices(&table, metrics, holds);
    }
    table.finish();
    let terms = places?.into_iter();
    Some(Claim {
        says: says?,
        source,
        metrics: metrics?,
        terms: terms
            .map(|(subtracted, place)| place.term(subtracted))
            .collect(),
        classes,
        holds: holds?,
    })
}

/// What is added up, and with true what is subtracted.
fn places(table: &Reader<'_>, members: &[Member]) -> Option<Vec<(bool, Place)>> {
    // Also those that are not read on if the first one is wrong.
    for key in [
        "in", "of", "setting", "with", "epoch", "layer", "minus", "above", "below",
    ] {
        table.known(key);
    }
    let own = Place::of_claim(table, members)?;
    let other = |key| {
        if table.has(key) {
            place::other(table, key, &own, members).map(Some)
        } else {
            Some(None)
        }
    };
    let (minus, above, below) = (other("minus"), other("above"), other("below"));
    let (minus, other) = (minus?, above?.or(below?));
    // The same difference, of the other experiment.
    let again = minus.as_ref().zip(other.as_ref());
    let again = again.map(|(minus, other)| minus.within(&own, other));
    let mut places = vec![(false, own)];
    places.extend(minus.map(|minus| (true, minus)));
    places.extend(other.map(|other| (true, other)));
    places.extend(again.map(|again| (false, again)));
    let experiments: BTreeSet<usize> = places.iter().map(|(_, place)| place.experiment).collect();
    if experiments.len() > 2 {
        table.fault_of_table("sets more than two experiments against each other");
        return None;
    }
    Some(places)
}

/// One name, or a list of them.
fn metrics(table: &Reader<'_>) -> Option<Vec<String>> {
    let names = table.require("metric", "the name of a metric, or a list of them", |v| {
        match v.text() {
            Some(name) => Some(vec![name.to_owned()]),
            None => v.list(|v| v.text().map(str::to_owned)),
        }
        .filter(|names| super::all_different(names))
    })?;
    let known = || {
        let metrics = Metric::ALL.into_iter().map(Metric::name);
        let layers = LayerMetric::ALL.into_iter().map(LayerMetric::name);
        let names = |columns: &'static [Column]| columns.iter().map(|column| column.name);
        let network = names(&OF_EPOCHS).chain(names(&OF_NETWORK)).chain(layers);
        metrics.chain(network).chain(names(&OF_PAIRS))
    };
    let mut all_known = true;
    for name in names
        .iter()
        .filter(|name| known().all(|known| known != *name))
    {
        let (all, hint) = (one_of_names(known()), suggestion(name, known()));
        table.fault(
            "metric",
            &format!("names {name:?}, but there are {all}{hint}"),
        );
        all_known = false;
    }
    let kind = |name: &String| {
        let of_layers = LayerMetric::named(name).is_some();
        let of_pairs = Column::any(&OF_PAIRS, name);
        (is_of_network(name), of_layers, of_pairs)
    };
    if all_known && names.iter().any(|name| kind(name) != kind(&names[0])) {
        table.fault(
            "metric",
            "must name numbers of one kind: of inverses, of pairs of them, of the network, or of \
             its layers",
        );
        all_known = false;
    }
    all_known.then_some(names)
}

/// Checks that claims about an index say which one it is: it has no mean that could be
/// above or below another number.
fn check_indices(table: &Reader<'_>, metrics: &[String], holds: Option<Holds>) {
    let mut indices = metrics
        .iter()
        .filter(|name| Scale::of(name) == Scale::Index);
    let Some(name) = indices.next() else {
        return;
    };
    let says_which = match holds {
        None => return,
        Some(Holds::Near { within, .. }) => within == Within::Distance(0.0),
        Some(Holds::AtLeast(_) | Holds::AtMost(_) | Holds::Above(_) | Holds::Below(_)) => false,
    };
    if !says_which || table.has("minus") {
        let message = format!(
            "names {name:?}, an index, which has no mean, order or difference; say which one it \
             is, such as `near = 9` and `within = 0`"
        );
        table.fault("metric", &message);
    }
}

/// True for what is told of the network and not of inverses.
fn is_of_network(name: &str) -> bool {
    let columns = [&OF_EPOCHS[..], &OF_NETWORK];
    columns.iter().any(|columns| Column::any(columns, name)) || LayerMetric::named(name).is_some()
}

/// A word, or a list of labels.
fn classes(table: &Reader<'_>) -> Option<Classes> {
    let node = table.node("classes")?;
    if node.items().is_some() {
        return table.get("classes", "a list of different labels", |v| {
            let labels = v.list(|label| u8::try_from(label.count()?).ok());
            labels.filter(|l| super::all_different(l)).map(Classes::Of)
        });
    }
    let options = [
        ("mean", Classes::Mean),
        ("lowest", Classes::Lowest),
        ("highest", Classes::Highest),
    ];
    let fault = |message| table.fault("classes", &format!("{message} (or labels: `[3, 4]`)"));
    choose(node, &options).map_err(fault).ok()
}

/// The one thing that has to hold.
fn holds(table: &Reader<'_>) -> Option<Holds> {
    const KINDS: [&str; 5] = ["near", "at_least", "at_most", "above", "below"];
    let number = |key| table.get(key, "a number", |v| v.number_where(|_| true));
    let near = number("near");
    let within = within(table);
    let (least, most) = (number("at_least"), number("at_most"));
    let given: Vec<&str> = KINDS.into_iter().filter(|key| table.has(key)).collect();
    let [kind] = given[..] else {
        let kinds = one_of_names(KINDS);
        let message = format!("must have one of {kinds}, and has {}", given.len());
        table.fault_of_table(&message);
        return None;
    };
    if table.has("near") != table.has("within") {
        table.fault("within", "and `near` need each other");
    }
    if let (Some(value), Some(Within::Factor(_))) = (near, within)
        && value <= 0.0
    {
        table.fault("near", "must be above 0, of which a factor can be taken");
    }
    match kind {
        "near" => Some(Holds::Near {
            value: near?,
            within: within?,
        }),
        "at_least" => least.map(Holds::AtLeast),
        "at_most" => most.map(Holds::AtMost),
        "above" => Some(Holds::Above(by(table, "above"))),
        // Not -0, which would be shown so.
        _ => Some(Holds::Below(0.0 - by(table, "below"))),
    }
}

/// A number, or `{ factor = 2.0 }`.
fn within(table: &Reader<'_>) -> Option<Within> {
    let node = table.node("within")?;
    if matches!(node.value, Value::Table(_)) {
        let own = table.table("within")?;
        let factor = own.require("factor", "a number of at least 1", |v| {
            v.number_where(|x| x >= 1.0)
        });
        own.finish();
        return factor.map(Within::Factor);
    }
    let must_be = "a number of at least 0, or `{ factor = 2.0 }`";
    let distance = table.get("within", must_be, |v| v.number_where(|x| x >= 0.0));
    distance.map(Within::Distance)
}

/// How far above or below, if it is told.
fn by(table: &Reader<'_>, key: &'static str) -> f64 {
    let margin = |v: &Node| v.number_where(|x| x >= 0.0);
    let is_table = matches!(
        table.node(key).map(|node| &node.value),
        Some(Value::Table(_))
    );
    let own = is_table.then(|| table.table(key)).flatten();
    let by = own.and_then(|own| own.get("by", "a number of at least 0", margin));
    by.unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
