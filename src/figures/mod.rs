//! Figures: plain data in, the bytes of a PNG and an SVG out.
//!
//! Nothing here reads or writes files, or knows of specs and training, so any
//! figure can be drawn again from exported tables. plotters draws the SVG, and
//! resvg makes the PNG of it, so both are one picture. The same input gives the
//! same bytes: the font is part of the program, no other is used.

mod canvas;
mod chart;
pub mod curves;
pub mod grid;
mod levels;
mod text;

use plotters::drawing::DrawingAreaErrorKind;

/// One figure in both formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// An RGB image that states its printed size: 300 dots per inch, or more where
    /// that would be wider than a page's text.
    pub png: Vec<u8>,
    /// The same drawing as vectors; text is text, images are embedded.
    pub svg: Vec<u8>,
}

/// Why a figure cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// A figure without content.
    #[error("a figure needs at least one {0}")]
    Empty(&'static str),
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
    /// An image whose levels do not fill its width and height.
    #[error(
        "image {column} of row `{row}` has {levels} levels, must be {width} x {height} and not 0"
    )]
    Levels {
        /// The label of the row.
        row: String,
        /// The place in the row, from 0.
        column: usize,
        /// The stated width.
        width: usize,
        /// The stated height.
        height: usize,
        /// The number of levels.
        levels: usize,
    },
    /// A value that has no grey level.
    #[error("value {pixel} of image {image} is {value}, must be finite")]
    NotFinite {
        /// The place of the image, from 0.
        image: usize,
        /// The place of the value in it, from 0.
        pixel: usize,
        /// The value.
        value: f64,
    },
    /// A figure beyond what a page or the memory holds.
    #[error("a figure of {width} x {height} pixels is too large")]
    TooLarge {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
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
