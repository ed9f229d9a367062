//! `filter`: what is kept of an inverse.

use crate::config::reader::Reader;
use crate::config::tree::Node;
use crate::invert::{Cut, Filter, Filtered, Percentile};

/// Reads the table `filter`.
pub fn read(table: Reader<'_>) -> Option<Filter> {
    #[derive(Clone, Copy)]
    enum Kind {
        /// With the highest percentile: beyond 50 the lower one of two would
        /// pass the upper one.
        Cut(fn(Cut) -> Filter, f64),
        TopPixels,
    }
    let kinds = [
        ("top_and_bottom", Kind::Cut(Filter::TopAndBottom, 50.0)),
        ("middle", Kind::Cut(Filter::Middle, 50.0)),
        ("high_pass", Kind::Cut(Filter::HighPass, 100.0)),
        ("low_pass", Kind::Cut(Filter::LowPass, 100.0)),
        ("top_pixels", Kind::TopPixels),
    ];
    let filter = match table.require_choice("kind", &kinds)? {
        Kind::Cut(filter, highest) => read_cut(&table, highest).map(filter),
        Kind::TopPixels => {
            let pixels = table.require("pixels", "a number of pixels from 1", Node::positive);
            pixels.map(|pixels| Filter::TopPixels { pixels })
        }
    };
    table.finish();
    filter
}

fn read_cut(table: &Reader<'_>, highest: f64) -> Option<Cut> {
    let must_be = format!("a percentile from 0 to {highest}");
    let percentile = table.require("percentile", &must_be, |v| {
        v.number_where(|p| (0.0..=highest).contains(&p))
    });
    let rules = [
        ("entry", Percentile::Entry),
        ("interpolated", Percentile::Interpolated),
    ];
    let rule = table.choice("rule", &rules);
    let on = table.choice(
        "on",
        &[("matrix", Filtered::Matrix), ("result", Filtered::Result)],
    );
    Some(Cut {
        percentile: percentile?,
        rule: rule.unwrap_or(Percentile::Entry),
        on: on.unwrap_or(Filtered::Matrix),
    })
}
