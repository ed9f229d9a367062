//! Keys of the methods `gaussian` and `mixture`.

use std::ops::Bound;

use crate::config::form::{ValueForm, flag, number, whole};
use crate::config::reader::Reader;
use crate::config::schema::Schema;
use crate::invert::{MapEstimate, Margin, PriorOf};

/// Fraction that the covariance of some 20,000 images needs.
const SHRINKAGE: f64 = 0.05;

/// Highest number of components: those of more would be fitted to a handful of images.
const MAX_COMPONENTS: usize = 1000;

/// Reads the keys of `gaussian`.
pub fn read_gaussian(table: &Reader<'_>) -> MapEstimate {
    read(
        table,
        None,
        "Fraction by which the covariance is shrunk towards its diagonal",
    )
}

/// Reads the keys of `mixture`.
pub fn read_mixture(table: &Reader<'_>) -> MapEstimate {
    let components = whole("a number of components", 1..=MAX_COMPONENTS);
    let components = table
        .key(
            "components",
            components,
            "Number of Gaussians fitted to the training pixels, by \
             k-means without labels",
        )
        .required();
    let about = "Fraction by which the covariance of each component is shrunk towards the mean \
         of all";
    // A missing number is a fault.
    read(table, components.or(Some(1)), about)
}

fn read(table: &Reader<'_>, components: Option<usize>, shrinkage: &'static str) -> MapEstimate {
    let rows = whole("a number of training rows", 2..);
    let rows = table.key(
        "rows",
        rows,
        "Number of training rows that the prior is fitted to, the first ones [default: all]",
    );
    let rows = rows.optional();
    let in_range = table
        .key("in_range", flag(), "Whether every pixel must stay in range")
        .or(false);
    let about = "Whether to draw the expectation of the prior before the network moves it: the \
         mean of the Gaussian under which the inverse is most probable";
    let prior_only = table.key("prior_only", flag(), about).or(false);
    let shrinkage = read_shrinkage(table, shrinkage);
    if shrinkage == 0.0 && (components.is_some() || in_range) {
        // What varies in no row of a component, or only with others, has no inverse.
        let message = "must be above 0, for a mixture or inside the range";
        table.fault("shrinkage", message);
    }
    MapEstimate {
        margin: read_margin(table),
        shrinkage,
        in_range,
        prior_only,
        prior: PriorOf { components, rows },
    }
}

fn read_margin(table: &Reader<'_>) -> Option<Margin> {
    if let Some(own) = table.own_table("margin") {
        let medians = above_0("a number above 0, up to 1e6");
        let about = "Multiples of the network's median margin on its training data";
        let medians = own.key("medians", medians, about).required();
        own.finish();
        return medians.map(Margin::Medians);
    }
    let logits = above_0("a number above 0, up to 1e6, or `{ medians = 2.0 }`");
    let about = "How far the logit of the class must exceed every other (for logistic outputs, \
         above 0 by half of it, with the others below): a number, or `{ medians = 2.0 }`. \
         Without it the logits must equal the target [default: the target logits]";
    table
        .key("margin", logits.or(Schema::Table), about)
        .optional()
        .map(Margin::Logits)
}

fn above_0(text: &str) -> ValueForm<f64> {
    number(text, (Bound::Excluded(0.0), Bound::Included(1e6)))
}

/// Reads `shrinkage`.
pub fn read_shrinkage(table: &Reader<'_>, about: &'static str) -> f64 {
    let fraction = number("a fraction from 0 to 1", 0.0..=1.0);
    table.key("shrinkage", fraction, about).or(SHRINKAGE)
}
