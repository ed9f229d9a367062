//! `[[invert]]`: the methods that look for inputs.

use serde::Serialize;

use super::reader::{NAME, Reader, name};

/// One entry of `[[invert]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inversion {
    /// What figures and tables call it; unique in a spec.
    pub name: String,
    /// How it is done.
    #[serde(flatten)]
    pub method: Method,
}

/// How an input is found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Method {
    /// Score each pixel alone, light the best (Lai 2021, section 2.1).
    Empirical {
        /// What makes a pixel good.
        score: Score,
        /// How many are lit, 1 to 255.
        pixels: usize,
    },
    /// From the output back, layer by layer (Lai 2021, section 2.2).
    Layered {
        /// What undoes the weights.
        layer: LayerInverse,
        /// What becomes of the biases.
        bias: Bias,
        /// What is done to each inverse matrix.
        filter: Option<Filter>,
    },
}

/// How good a single lit pixel is for a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// -||z' - z||_1, the text's Algorithm 1.
    L1,
    /// The target's logit minus all others, the author's code.
    SignedSum,
}

/// What stands in for the inverse of a layer's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerInverse {
    /// The Moore-Penrose inverse.
    PseudoInverse,
}

/// What to do with a layer's biases on the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bias {
    /// Undo them, which makes the inverse exact.
    Subtract,
    /// Leave them, as Lai 2021, section 2.2.2, does for the SLP.
    Ignore,
}

/// Which entries of an inverse matrix are kept (Lai 2021, section 2.2.4 and
/// appendix 6.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Filter {
    /// Which entries.
    pub kind: FilterKind,
    /// p, from 0 to 100 (to 50 where it is taken from both ends).
    pub percentile: f64,
}

/// The filters of Lai 2021.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterKind {
    /// Keep the p lowest and the p highest, zero the rest.
    TopAndBottom,
    /// Clamp to between the p-th percentile and its mirror image.
    Middle,
    /// Zero all up to the p-th percentile.
    HighPass,
    /// Zero all above the p-th percentile.
    LowPass,
}

/// Levels 255, 254, ... 1 light at most this many pixels.
const MOST_LIT: usize = 255;

pub fn read(root: &Reader<'_>) -> Vec<Inversion> {
    let tables = root.tables("invert");
    let mut inversions: Vec<Inversion> = Vec::new();
    for table in tables {
        let name = table.require("name", NAME, name);
        if let Some(name) = &name
            && inversions.iter().any(|other| other.name == *name)
        {
            table.fault("name", &format!("is {name:?} a second time"));
        }
        let method = read_method(&table);
        // Which keys there may be is the method's to say.
        if method.is_some() {
            table.finish();
        }
        // An entry with a fault keeps its name, so that figures that draw it
        // are not faulted too.
        inversions.push(Inversion {
            name: name.unwrap_or_default(),
            method: method.unwrap_or(Method::Empirical {
                score: Score::L1,
                pixels: 1,
            }),
        });
    }
    inversions
}

fn read_method(table: &Reader<'_>) -> Option<Method> {
    #[derive(Clone, Copy)]
    enum Kind {
        Empirical,
        Layered,
    }
    let kinds = [("empirical", Kind::Empirical), ("layered", Kind::Layered)];
    match table.require_choice("method", &kinds)? {
        Kind::Empirical => Some(read_empirical(table)),
        Kind::Layered => Some(read_layered(table)),
    }
}

fn read_empirical(table: &Reader<'_>) -> Method {
    let scores = [("l1", Score::L1), ("signed_sum", Score::SignedSum)];
    let score = table.choice("score", &scores);
    let pixels = table.get("pixels", "a number of pixels from 1 to 255", |v| {
        v.positive().filter(|&n| n <= MOST_LIT)
    });
    Method::Empirical {
        score: score.unwrap_or(Score::L1),
        // Algorithm 1 lights 254, the author's code 255.
        pixels: pixels.unwrap_or(254),
    }
}

fn read_layered(table: &Reader<'_>) -> Method {
    let layer = table.choice("layer", &[("pseudo_inverse", LayerInverse::PseudoInverse)]);
    let bias = table.choice(
        "bias",
        &[("subtract", Bias::Subtract), ("ignore", Bias::Ignore)],
    );
    let filter = table.table("filter").and_then(read_filter);
    Method::Layered {
        layer: layer.unwrap_or(LayerInverse::PseudoInverse),
        bias: bias.unwrap_or(Bias::Subtract),
        filter,
    }
}

fn read_filter(table: Reader<'_>) -> Option<Filter> {
    let kinds = [
        ("top_and_bottom", FilterKind::TopAndBottom),
        ("middle", FilterKind::Middle),
        ("high_pass", FilterKind::HighPass),
        ("low_pass", FilterKind::LowPass),
    ];
    let kind = table.require_choice("kind", &kinds);
    let highest = match kind {
        // Beyond 50 the lower percentile would pass the upper one.
        Some(FilterKind::TopAndBottom | FilterKind::Middle) => 50.0,
        _ => 100.0,
    };
    let must_be = format!("a percentile from 0 to {highest}");
    let percentile = table.require("percentile", &must_be, |v| {
        v.number_where(|p| (0.0..=highest).contains(&p))
    });
    table.finish();
    Some(Filter {
        kind: kind?,
        percentile: percentile?,
    })
}
