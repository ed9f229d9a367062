//! What the likeliest input is asked for: under which prior, and meeting what.

use crate::config::reader::Reader;
use crate::config::tree::Node;
use crate::invert::{MapEstimate, Margin, PriorOf};

/// As much as the covariance of some 20,000 images needs.
const SHRINKAGE: f64 = 0.05;

/// A mixture of more would have components of a handful of images.
const MOST_COMPONENTS: usize = 1000;

/// Reads the keys of the methods `gaussian` and, of several components, `mixture`.
pub fn read(table: &Reader<'_>, is_mixture: bool) -> MapEstimate {
    let components = is_mixture.then(|| {
        let must_be = format!("a number of components from 1 to {MOST_COMPONENTS}");
        let count = |v: &Node| v.positive().filter(|&n| n <= MOST_COMPONENTS);
        // A fault, if it is missing.
        table.require("components", &must_be, count).unwrap_or(1)
    });
    let rows = table.get("rows", "a number of training rows from 2", |v| {
        v.positive().filter(|&n| n >= 2)
    });
    let in_range = table.get("in_range", "true or false", Node::flag);
    let prior_only = table.get("prior_only", "true or false", Node::flag);
    let shrinkage = read_shrinkage(table);
    if shrinkage == 0.0 && (is_mixture || in_range == Some(true)) {
        // What varies in no row of a component, or only with others, has no inverse.
        let message = "must be above 0, for a mixture or inside the range";
        table.fault("shrinkage", message);
    }
    MapEstimate {
        margin: read_margin(table),
        shrinkage,
        in_range: in_range.unwrap_or(false),
        prior_only: prior_only.unwrap_or(false),
        prior: PriorOf { components, rows },
    }
}

fn read_margin(table: &Reader<'_>) -> Option<Margin> {
    let positive = |v: &Node| v.number_where(|x| x > 0.0 && x <= 1e6);
    if table.node("margin").is_some_and(|node| node.has("medians")) {
        let own = table.table("margin")?;
        let medians = own.require("medians", "a number above 0, up to 1e6", positive);
        own.finish();
        medians.map(Margin::Medians)
    } else {
        let must_be = "a number above 0, up to 1e6, or `{ medians = 2.0 }`";
        table.get("margin", must_be, |v| positive(v).map(Margin::Logits))
    }
}

/// Reads `shrinkage`.
pub fn read_shrinkage(table: &Reader<'_>) -> f64 {
    let shrinkage = table.get("shrinkage", "a share from 0 to 1", |v| {
        v.number_where(|x| (0.0..=1.0).contains(&x))
    });
    shrinkage.unwrap_or(SHRINKAGE)
}
