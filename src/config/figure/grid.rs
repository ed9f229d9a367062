//! Grids of inverses.

use serde::Serialize;

use super::{
    AnyFigureKind, FigureContext, ReplicateFigureKind, StudyFigureKind, check_names,
    inversion_names, is_swept,
};
use crate::config::form::{flag, one_of, reference};
use crate::config::invert::Inversion;
use crate::config::metric::{self, Metric};
use crate::config::reader::Reader;
use crate::config::schema::Schema;

/// Images of inverses: one row per inversion, one column per class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InverseGrid {
    /// Names of inversions, from top to bottom; a swept one has a row per setting.
    pub rows: Vec<String>,
    /// Mapping from values to grey levels.
    pub scale: ImageScale,
    /// Numbers printed under each image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub under: Vec<UnderImage>,
    /// True to colour the pixels beyond the range of the data.
    #[serde(skip_serializing_if = "super::study::is_false")]
    pub mark_out_of_range: bool,
}

/// Text under an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnderImage {
    /// Answer of all evaluators together, with its probability.
    Reading,
    /// Value of a metric.
    #[serde(untagged)]
    Metric(Metric),
}

impl UnderImage {
    /// Metric, if it is the value of one.
    pub fn metric(self) -> Option<Metric> {
        match self {
            Self::Reading => None,
            Self::Metric(metric) => Some(metric),
        }
    }
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
    /// Metrics printed under each image.
    pub fn metrics(&self) -> Vec<Metric> {
        let under = self.under.iter();
        under.filter_map(|under| under.metric()).collect()
    }

    /// Returns true if numbers under the images are read by judges.
    pub fn shows_judgements(&self) -> bool {
        let mut metrics = self.metrics().into_iter();
        self.shows_readings() || metrics.any(|metric| !metric.evaluators().is_empty())
    }

    /// Returns true if what evaluators read is printed under each image.
    pub fn shows_readings(&self) -> bool {
        self.under.contains(&UnderImage::Reading)
    }

    /// Inversions of the rows, then that of the scale.
    pub fn inversions(&self) -> Vec<&str> {
        let like = match &self.scale {
            ImageScale::Like { inversion, .. } => Some(inversion.as_str()),
            ImageScale::Row | ImageScale::Image => None,
        };
        self.rows.iter().map(String::as_str).chain(like).collect()
    }
}

/// Reads a grid of an experiment: one per replicate, or with `across` one for all
/// experiments of a sweep.
pub fn read(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<AnyFigureKind> {
    let grid = read_grid(table, context);
    let across = read_across(table);
    if across.is_some() && context.swept.is_empty() {
        table.fault(
            "across",
            "is for the experiments of a sweep, and this spec has one",
        );
    }
    let grid = grid?;
    Some(if across.unwrap_or(false) {
        AnyFigureKind::Study(StudyFigureKind::Grid { grid, across: true })
    } else {
        AnyFigureKind::Replicate(ReplicateFigureKind::Grid(grid))
    })
}

/// Reads a grid of a comparison.
pub fn read_of_comparison(
    table: &Reader<'_>,
    context: &FigureContext<'_>,
) -> Option<StudyFigureKind> {
    let grid = read_grid(table, context);
    if read_across(table).is_some() {
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

fn read_across(table: &Reader<'_>) -> Option<bool> {
    table
        .key(
            "across",
            flag(),
            "Whether one grid shows all experiments of a sweep, with the rows of each \
                 inversion below each other, or one row for all where they are the same",
        )
        .optional()
}

fn read_grid(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<InverseGrid> {
    let pictures = read_pictures(table, context);
    let under = read_under(table, context.metrics);
    Some(InverseGrid { under, ..pictures? })
}

/// Reads rows of pictures, without texts under them.
pub fn read_pictures(table: &Reader<'_>, context: &FigureContext<'_>) -> Option<InverseGrid> {
    let rows = table
        .key(
            "rows",
            inversion_names(),
            "Inversions, from top to bottom; in a grid a swept one \
             shows all settings",
        )
        .required();
    let scale = read_scale(table, context.inversions);
    let about = "Whether pixels below the range of the data are blue, and those above it \
         orange";
    let mark_out_of_range = table.key("mark_out_of_range", flag(), about).or(false);
    let rows = rows?;
    check_names(table, "rows", &rows, context.inversions);
    Some(InverseGrid {
        rows,
        scale,
        under: Vec::new(),
        mark_out_of_range,
    })
}

/// Word for the answer of all evaluators.
const READING: &str = "reading";

/// Reads the texts under images: metrics, and what evaluators read.
fn read_under(table: &Reader<'_>, measured: &[Metric]) -> Vec<UnderImage> {
    let about = "Metrics printed under each image, and `reading`: the answer of all judges \
         together to the picture as drawn, which is a class, `another` or `none`, with its \
         probability";
    let names = metric::names_and(READING);
    let Some(names) = table.key("under", names, about).optional() else {
        return Vec::new();
    };
    let one = |name: &String| {
        if name != READING {
            let metric = metric::one_or(table, "under", name, measured, Some(READING));
            return metric.map(UnderImage::Metric);
        }
        if !measured.iter().any(|metric| metric.needs_judges()) {
            let message = "has \"reading\", but no metric that evaluators read is measured";
            table.fault("under", message);
        }
        Some(UnderImage::Reading)
    };
    names.iter().filter_map(one).collect()
}

fn read_scale(table: &Reader<'_>, inversions: &[Inversion]) -> ImageScale {
    if let Some(own) = table.own_table("scale") {
        return read_like(own, inversions);
    }
    let scales = one_of([("row", ImageScale::Row), ("image", ImageScale::Image)]).or(Schema::Table);
    table
        .key(
            "scale",
            scales,
            "Values of black and white: the ends of the row, of each image, \
             or of another inversion's image of the class, `{ like = \"analytical\", overflow \
             = \"clamp\" }`",
        )
        .or(ImageScale::Row)
}

fn read_like(table: Reader<'_>, inversions: &[Inversion]) -> ImageScale {
    let name = reference("the name of an inversion");
    let like = table
        .key("like", name, "Inversion whose scale is taken")
        .required();
    let overflows = one_of([("clamp", Overflow::Clamp), ("wrap", Overflow::Wrap)]);
    let about = "Treatment of values beyond the scale: `wrap` draws levels modulo 256";
    let overflow = table.key("overflow", overflows, about).or(Overflow::Clamp);
    if let Some(like) = &like {
        check_names(&table, "like", std::slice::from_ref(like), inversions);
        if is_swept(like, inversions) {
            table.fault(
                "like",
                "must be an inversion without a sweep, so that there is one scale",
            );
        }
    }
    table.finish();
    ImageScale::Like {
        inversion: like.unwrap_or_default(),
        overflow,
    }
}
