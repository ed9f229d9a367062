//! `[compare]` and `[[pair]]`: experiments of other specs, side by side.

use serde::Serialize;

use super::fault::{one_of_names, suggestion};
use super::metric::{self, Metric};
use super::reader::Reader;
use super::study::Member;

/// What a spec of comparisons sets side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compare {
    /// What the table of pairs shows; empty without pairs.
    pub metrics: Vec<Metric>,
    /// `[[pair]]`, in the order of the file.
    pub pairs: Vec<Pair>,
}

/// Two inversions, of the same experiment or of two, that differ in one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// In what they differ.
    pub says: String,
    /// The one compared with.
    pub a: End,
    /// The one compared.
    pub b: End,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct End {
    /// Position of its experiment among those compared.
    pub experiment: usize,
    /// The name of an inversion without a sweep.
    pub inversion: String,
    /// What it is, in a few words.
    pub is: String,
}

/// The names of the experiments, as paths without their ending.
pub fn experiments(table: &Reader<'_>) -> Vec<String> {
    let must_be = "a list of at least two different specs, such as [\"slp\", \"mlp\"]";
    let names = table.require("experiments", must_be, |node| {
        let names = node.list(|v| v.text().map(str::to_owned))?;
        (names.len() > 1 && super::all_different(&names)).then_some(names)
    });
    names.unwrap_or_default()
}

/// The rest of `[compare]`, and `[[pair]]`.
pub fn read(root: &Reader<'_>, table: Reader<'_>, members: &[Member]) -> Compare {
    let tables = root.tables("pair");
    let metrics = if tables.is_empty() {
        None
    } else {
        metric::require_some(&table, "metrics")
    };
    table.finish();
    let pairs = tables.into_iter();
    Compare {
        metrics: metrics.unwrap_or_default(),
        pairs: pairs.filter_map(|table| pair(table, members)).collect(),
    }
}

fn pair(table: Reader<'_>, members: &[Member]) -> Option<Pair> {
    let says = table.require("says", "a line of text", |v| v.text().map(str::to_owned));
    let [a, b] = ["a", "b"].map(|key| end(table.require_table(key)?, members));
    table.finish();
    Some(Pair {
        says: says?,
        a: a?,
        b: b?,
    })
}

fn end(table: Reader<'_>, members: &[Member]) -> Option<End> {
    let labels: Vec<String> = members.iter().map(Member::label).collect();
    let named: Vec<(&str, usize)> = labels.iter().map(String::as_str).zip(0..).collect();
    let experiment = table.require_choice("experiment", &named);
    let text = |key, must_be| table.require(key, must_be, |v| v.text().map(str::to_owned));
    let inversion = text("inversion", "the name of an inversion of this experiment");
    let is = text("is", "a line of text");
    if let (Some(member), Some(name)) = (experiment, &inversion) {
        let unswept = members[member].spec.inversions.iter();
        let unswept = unswept.filter(|inversion| inversion.sweep.is_empty());
        let names = || unswept.clone().map(|inversion| inversion.name.as_str());
        if names().all(|known| known != name) {
            let message = format!(
                "is {name:?}, but the inversions of this experiment are {}{}",
                one_of_names(names()),
                suggestion(name, names())
            );
            table.fault("inversion", &message);
        }
    }
    table.finish();
    Some(End {
        experiment: experiment?,
        inversion: inversion?,
        is: is?,
    })
}
