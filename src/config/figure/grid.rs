//! Grids of inverses.

use serde::Serialize;

use super::{FigureContext, Kind, ReplicateFigureKind, StudyFigureKind, check_names};
use crate::config::invert::Inversion;
use crate::config::metric::{self, Metric};
use crate::config::reader::Reader;
use crate::config::tree::Node;

/// Images of inverses: one row per inversion, one column per class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InverseGrid {
    /// Names of inversions, from top to bottom; a swept one has a row per setting.
    pub rows: Vec<String>,
    /// Mapping from values to grey levels.
    pub scale: ImageScale,
    /// Metrics printed under each image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub under: Vec<Metric>,
}

/// Values that black and white stand for in a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageScale {
    /// Lowest and highest value of the row, as Lai 2021 draws it.
    Row,
    /// Lowest and highest value of each image.
    Image,
    /// Lowest and highest value of the same class's image of another inversion: filtered
    /// images on the scale of the unfiltered ones, as in Lai 2021, appendix 6.1.7.
    Like {
        /// Name of the other inversion.
        #[serde(rename = "like")]
        inversion: String,
        /// Treatment of values beyond black and white.
        overflow: Overflow,
    },
}

/// Treatment of values beyond black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// Clamps them to black and white.
    Clamp,
    /// Takes the level modulo 256, as the author's cast to 8 bits does.
    Wrap,
}

impl InverseGrid {
    /// Inversions of the rows, then that of the scale.
    #[must_use]
    pub fn inversions(&self) -> Vec<&str> {
        let like = match &self.scale {
            ImageScale::Like { inversion, .. } => Some(inversion.as_str()),
            ImageScale::Row | ImageScale::Image => None,
        };
        self.rows.iter().map(String::as_str).chain(like).collect()
    }
}

/// Reads a grid of an experiment: of each replicate, or with `across` of all experiments
/// of a sweep.
pub fn read(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<Kind> {
    let grid = read_grid(table, context);
    let across = table.get("across", "true or false", Node::flag);
    if across.is_some() && context.swept.is_empty() {
        table.fault(
            "across",
            "is for the experiments of a sweep, and this spec has one",
        );
    }
    let grid = grid?;
    Some(if across.unwrap_or(false) {
        Kind::Study(StudyFigureKind::Grid { grid, across: true })
    } else {
        Kind::Replicate(ReplicateFigureKind::Grid(grid))
    })
}

/// Reads a grid of a comparison.
pub fn read_of_comparison(
    table: &Reader<'_>,
    context: &FigureContext<'_>,
) -> Option<StudyFigureKind> {
    let grid = read_grid(table, context);
    if table.get("across", "true or false", Node::flag).is_some() {
        table.fault(
            "across",
            "has no meaning: a grid of a comparison is of all its experiments",
        );
    }
    Some(StudyFigureKind::Grid {
        grid: grid?,
        across: false,
    })
}

fn read_grid(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<InverseGrid> {
    let rows = table.require("rows", "a list of inversions, at least one", |v| {
        v.list(|v| v.text().map(str::to_owned))
            .filter(|rows| !rows.is_empty())
    });
    let scale = read_scale(table, context.inversions);
    let under = if table.has("under") {
        metric::require_some(table, "under", context.metrics)
    } else {
        table.known("under");
        None
    };
    let rows = rows?;
    check_names(table, "rows", &rows, context.inversions);
    Some(InverseGrid {
        rows,
        scale,
        under: under.unwrap_or_default(),
    })
}

fn read_scale(table: &Reader<'_>, inversions: &[Inversion]) -> ImageScale {
    if table.node("scale").is_some_and(|node| node.has("like")) {
        let like = table.table("scale");
        return like.map_or(ImageScale::Row, |own| read_like(own, inversions));
    }
    let is_of_image = table.choice("scale", &[("row", false), ("image", true)]);
    if is_of_image.unwrap_or(false) {
        ImageScale::Image
    } else {
        ImageScale::Row
    }
}

fn read_like(table: Reader<'_>, inversions: &[Inversion]) -> ImageScale {
    let like = table.require("like", "the name of an inversion", |v| {
        v.text().map(str::to_owned)
    });
    let overflows = [("clamp", Overflow::Clamp), ("wrap", Overflow::Wrap)];
    let overflow = table.choice("overflow", &overflows);
    if let Some(like) = &like {
        check_names(&table, "like", std::slice::from_ref(like), inversions);
        let mut swept = inversions.iter().filter(|one| !one.sweep.is_empty());
        if swept.any(|inversion| inversion.name == *like) {
            table.fault(
                "like",
                "must be an inversion without a sweep, so that there is one scale",
            );
        }
    }
    table.finish();
    ImageScale::Like {
        inversion: like.unwrap_or_default(),
        overflow: overflow.unwrap_or(Overflow::Clamp),
    }
}
