//! Figures: plain data in, the bytes of a PNG and an SVG out.
//!
//! Nothing here reads or writes files, or knows of specs and training, so any
//! figure can be drawn again from exported tables. plotters draws the SVG, and
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

/// Error that keeps a figure from being drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// A grid without images, or panels without values.
    #[error("it has no values")]
    Empty,
    /// A row of a grid that does not match the columns.
    #[error("row `{row}` has {images} images, must be {columns}, one per column")]
    Ragged {
        /// The label of the row.
        row: String,
        /// The images it has.
        images: usize,
        /// The images it should have.
        columns: usize,
    },
    /// A row of a grid with texts under some of its images only.
    #[error(
        "row `{row}` has {texts} texts under its images, must be {columns}, one per column, or none"
    )]
    Under {
        /// The label of the row.
        row: String,
        /// The texts it has.
        texts: usize,
        /// The texts it should have.
        columns: usize,
    },
    /// A row of panels that does not match the columns.
    #[error("row `{row}` has {panels} panels, must be {columns}, one per column")]
    Panels {
        /// The name of its vertical axis.
        row: String,
        /// The panels it has.
        panels: usize,
        /// The panels it should have.
        columns: usize,
    },
    /// A group of bars that does not match the series.
    #[error("group `{group}` of `{panel}` has {bars} bars, must be {series}, one per series")]
    Bars {
        /// The name of the panel.
        panel: String,
        /// The label of the group.
        group: String,
        /// The bars it has, drawn or not.
        bars: usize,
        /// The bars it should have.
        series: usize,
    },
    /// A group of strips that does not match the series.
    #[error("group `{group}` of `{panel}` has {strips} strips, must be {series}, one per series")]
    Strips {
        /// The name of the panel.
        panel: String,
        /// The label of the group.
        group: String,
        /// The strips it has, drawn or not.
        strips: usize,
        /// The strips it should have.
        series: usize,
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

impl FigureError {
    /// Returns true for an error of the content, which a page can state instead.
    #[must_use]
    pub fn is_of_content(&self) -> bool {
        match self {
            Self::Empty
            | Self::Levels { .. }
            | Self::Weights { .. }
            | Self::Weight(_)
            | Self::NotFinite { .. }
            | Self::TooLarge(..) => true,
            Self::Ragged { .. }
            | Self::Under { .. }
            | Self::Panels { .. }
            | Self::Bars { .. }
            | Self::Strips { .. }
            | Self::Font
            | Self::Encode(_)
            | Self::Raster(_)
            | Self::Draw(_) => false,
        }
    }
}
