//! `filter` of an inversion.

use crate::config::form::{number, one_of, whole};
use crate::config::reader::Reader;
use crate::invert::{Cut, Filter, Filtered, Percentile};

/// Reads the keys of one filter.
type ReadFilter = fn(&Reader<'_>) -> Option<Filter>;

/// Beyond the 50th percentile the lower cut of two would pass the upper one.
const FILTERS: [(&str, ReadFilter); 5] = [
    ("top_and_bottom", |table| {
        read_cut(table, 50.0).map(Filter::TopAndBottom)
    }),
    ("middle", |table| read_cut(table, 50.0).map(Filter::Middle)),
    ("high_pass", |table| {
        read_cut(table, 100.0).map(Filter::HighPass)
    }),
    ("low_pass", |table| {
        read_cut(table, 100.0).map(Filter::LowPass)
    }),
    ("top_pixels", read_top_pixels),
];

/// Reads the table `filter`.
pub fn read(table: Reader<'_>) -> Option<Filter> {
    let read = table
        .key(
            "kind",
            one_of(FILTERS),
            "Kind of filter: `top_and_bottom` keeps the lowest and \
             highest entries, `middle` those between, `high_pass` and `low_pass` one end, \
             `top_pixels` the highest pixels of each image",
        )
        .required()?;
    let filter = read(&table);
    table.finish();
    filter
}

fn read_top_pixels(table: &Reader<'_>) -> Option<Filter> {
    let pixels = whole("a number of pixels", 1..);
    let pixels = table.key(
        "pixels",
        pixels,
        "Number of the highest pixels that are kept",
    );
    pixels.required().map(|pixels| Filter::TopPixels { pixels })
}

fn read_cut(table: &Reader<'_>, highest: f64) -> Option<Cut> {
    let text = format!("a percentile from 0 to {highest}");
    let percentile = number(text, 0.0..=highest);
    let percentile = table
        .key("percentile", percentile, "Percentile to cut at")
        .required();
    let rules = one_of([
        ("entry", Percentile::Entry),
        ("interpolated", Percentile::Interpolated),
    ]);
    let rule = table
        .key(
            "rule",
            rules,
            "Definition of a percentile: an entry, as in the code of Lai 2021, \
             or interpolated between two",
        )
        .or(Percentile::Entry);
    let parts = one_of([("matrix", Filtered::Matrix), ("result", Filtered::Result)]);
    let on = table.key(
        "on",
        parts,
        "Whether the inverse of each layer is filtered, which only \
         `layered` has (`matrix`), or each image (`result`)",
    );
    let on = on.or(Filtered::Matrix);
    Some(Cut {
        percentile: percentile?,
        rule,
        on,
    })
}
