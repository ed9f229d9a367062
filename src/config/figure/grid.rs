//! Grids of inverses.

use serde::Serialize;

use super::{FigureKind, Known, check_names};
use crate::config::invert::Inversion;
use crate::config::metric;
use crate::config::reader::Reader;
use crate::config::tree::Node;

/// What black and white stand for in a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageScale {
    /// The lowest and highest value of the row, as Lai 2021 draws it.
    Row,
    /// The lowest and highest value of each image.
    Image,
    /// The lowest and highest value of the same class's image of another
    /// inversion: filtered images on the scale of the unfiltered ones, as
    /// Lai 2021, appendix 6.1.7, draws them.
    Like {
        /// Which inversion.
        #[serde(rename = "like")]
        inversion: String,
        /// What becomes of values beyond black and white.
        overflow: Overflow,
    },
}

/// What becomes of values beyond black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// They are black and white.
    Clamp,
    /// Their level is taken modulo 256, as the author's cast to 8 bits does.
    Wrap,
}

pub fn read_grid(table: &Reader<'_>, known: &Known<'_>) -> Option<FigureKind> {
    let inversions = known.inversions;
    let rows = table.require("rows", "a list of inversions, at least one", |v| {
        v.list(|v| v.text().map(str::to_owned))
            .filter(|rows| !rows.is_empty())
    });
    let scale = read_scale(table, inversions);
    let under = if table.has("under") {
        metric::require_some(table, "under", known.metrics)
    } else {
        table.known("under");
        None
    };
    let across = table.get("across", "true or false", Node::flag);
    if across.is_some() && known.swept.is_empty() {
        let message = if known.compares {
            "has no meaning: a grid of a comparison is of all its experiments"
        } else {
            "is for the experiments of a sweep, and this spec has one"
        };
        table.fault("across", message);
    }
    let rows = rows?;
    check_names(table, "rows", &rows, inversions);
    Some(FigureKind::Grid {
        rows,
        scale,
        under: under.unwrap_or_default(),
        across: across.unwrap_or(false),
    })
}

fn read_scale(table: &Reader<'_>, inversions: &[Inversion]) -> ImageScale {
    #[derive(Clone, Copy)]
    enum Own {
        Row,
        Image,
    }
    if table.node("scale").is_none_or(|node| !node.has("like")) {
        return match table.choice("scale", &[("row", Own::Row), ("image", Own::Image)]) {
            Some(Own::Image) => ImageScale::Image,
            _ => ImageScale::Row,
        };
    }
    let Some(own) = table.table("scale") else {
        return ImageScale::Row;
    };
    let like = own.require("like", "the name of an inversion", |v| {
        v.text().map(str::to_owned)
    });
    let overflows = [("clamp", Overflow::Clamp), ("wrap", Overflow::Wrap)];
    let overflow = own.choice("overflow", &overflows);
    if let Some(like) = &like {
        check_names(&own, "like", std::slice::from_ref(like), inversions);
        let swept = |inversion: &Inversion| inversion.name == *like && !inversion.sweep.is_empty();
        if inversions.iter().any(swept) {
            own.fault(
                "like",
                "must be an inversion without a sweep, so that there is one scale",
            );
        }
    }
    own.finish();
    ImageScale::Like {
        inversion: like.unwrap_or_default(),
        overflow: overflow.unwrap_or(Overflow::Clamp),
    }
}
