//! Figures: plain data in, the bytes of a PNG and an SVG out.
//!
//! Nothing here reads or writes files or knows of training, so any figure can be drawn
//! again from exported tables. plotters draws the SVG, and
//! resvg makes the PNG of it, so both are one picture. The same input gives the
//! same bytes: the font is part of the program, no other is used.

mod axis;
pub mod bars;
pub mod blank;
mod canvas;
mod chart;
pub mod curves;
pub mod descent;
mod extent;
mod font;
mod frames;
pub mod grid;
mod lanes;
mod legend;
mod levels;
pub mod lines;
mod marks;
pub mod strip;
mod text;
mod ticks;
pub mod weights;

pub use font::undrawable;

use std::fmt::Arguments;

use plotters::drawing::DrawingAreaErrorKind;

/// One figure in both formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// RGB image that states its printed size: 300 dots per inch, or more if it would be
    /// wider than the text of a page.
    pub png: Vec<u8>,
    /// Vector drawing with text as text and embedded images.
    pub svg: Vec<u8>,
}

/// Texts of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// Bold line at the top.
    pub title: &'a str,
    /// Text below the title; may be empty.
    pub caption: &'a str,
    /// Small type at the bottom: origin of the data.
    pub note: &'a str,
}

/// Error that keeps a figure from being drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// A grid without images, or panels without values.
    #[error("it has no values")]
    Empty,
    /// Parts that do not match the columns or series.
    #[error("{whole} has {count} {parts}, must be {expected}, one per {unit}")]
    Ragged {
        /// Row or group, by its name.
        whole: String,
        /// Number of its parts.
        count: usize,
        /// Noun for the parts.
        parts: &'static str,
        /// Number of columns or series.
        expected: usize,
        /// `column` or `series`.
        unit: &'static str,
    },
    /// An image whose levels do not fill its width and height.
    #[error("image {column} of row `{row}` must have width x height levels, not 0")]
    Levels {
        /// The label of the row.
        row: String,
        /// The place in the row, from 0.
        column: usize,
    },
    /// A map of weights that has not one in each row and column.
    #[error("a map of weights must have {} x {} of them", shape.0, shape.1)]
    Weights {
        /// Rows and columns.
        shape: (usize, usize),
    },
    /// A weight that has no colour.
    #[error("a weight is {0}, weights must be finite")]
    Weight(f64),
    /// A value that has no grey level.
    #[error("image {image} of a row holds {value}, values must be finite")]
    NotFinite {
        /// The place in the row, from 0.
        image: usize,
        /// The value.
        value: f64,
    },
    /// More pixels across and down than a page or the memory holds.
    #[error("a figure of {0} x {1} pixels is too large")]
    TooLarge(u32, u32),
    /// The built-in font cannot be read.
    #[error("the built-in font cannot be read")]
    Font,
    /// The PNG cannot be encoded.
    #[error("cannot encode a figure as PNG")]
    Encode(#[from] png::EncodingError),
    /// The SVG cannot be read back to make the PNG of it.
    #[error("cannot make a PNG of a figure")]
    Raster(#[from] resvg::usvg::Error),
    /// The drawing library refused.
    #[error("cannot draw a figure")]
    Draw(#[from] DrawingAreaErrorKind<std::io::Error>),
}

/// Checks that a whole has one part per column or series.
fn check_parts(
    whole: Arguments<'_>,
    count: usize,
    parts: &'static str,
    expected: usize,
    unit: &'static str,
) -> Result<(), FigureError> {
    if count == expected {
        return Ok(());
    }
    Err(FigureError::Ragged {
        whole: whole.to_string(),
        count,
        parts,
        expected,
        unit,
    })
}

impl FigureError {
    /// Returns true for an error of the content, which a page can state instead.
    pub fn is_of_content(&self) -> bool {
        match self {
            Self::Empty
            | Self::Levels { .. }
            | Self::Weights { .. }
            | Self::Weight(_)
            | Self::NotFinite { .. }
            | Self::TooLarge(..) => true,
            Self::Ragged { .. }
            | Self::Font
            | Self::Encode(_)
            | Self::Raster(_)
            | Self::Draw(_) => false,
        }
    }
}
