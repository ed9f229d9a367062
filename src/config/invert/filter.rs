//! `filter`: what is kept of an inverse.

use serde::Serialize;

use crate::config::reader::Reader;
use crate::config::tree::Node;

/// What is kept of an inverse matrix, or of the image that comes out (Lai 2021,
/// section 2.2.4 and appendix 6.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Filter {
    /// Keep the p lowest and the p highest, zero the rest; p up to 50.
    TopAndBottom(Cut),
    /// Clamp to between the p-th percentile and its mirror image; p up to 50.
    Middle(Cut),
    /// Zero all up to the p-th percentile.
    HighPass(Cut),
    /// Zero all above the p-th percentile.
    LowPass(Cut),
    /// Keep the highest pixels of each image and give the others the lowest
    /// value of the pixel range, as the empirical method does: what Lai 2021,
    /// section 4, suggests.
    TopPixels {
        /// How many.
        pixels: usize,
    },
}

impl Filter {
    /// Where it cuts, if it does.
    #[must_use]
    pub fn cut(self) -> Option<Cut> {
        match self {
            Self::TopAndBottom(cut)
            | Self::Middle(cut)
            | Self::HighPass(cut)
            | Self::LowPass(cut) => Some(cut),
            Self::TopPixels { .. } => None,
        }
    }

    /// True if the inverse of each layer's matrix is filtered, not the images.
    #[must_use]
    pub fn is_of_matrices(self) -> bool {
        self.cut().is_some_and(|cut| cut.on == Filtered::Matrix)
    }
}

/// Where a filter cuts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cut {
    /// p, from 0 to 100.
    pub percentile: f64,
    /// How the percentile is picked.
    pub rule: Percentile,
    /// What is filtered.
    pub on: Filtered,
}

/// Which number the p-th percentile of n sorted ones is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Percentile {
    /// The one at position `max(int(p n / 100) - 1, 0)`, as the author's code has it.
    Entry,
    /// Between the two around position p (n - 1) / 100, as NumPy has it.
    Interpolated,
}

/// What a filter is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filtered {
    /// The inverse of each layer's weights, all entries together.
    Matrix,
    /// The inverse itself, each image by its own percentiles.
    Result,
}

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
