//! Figures: plain data in, the bytes of PNG, SVG and PDF out.
//!
//! Nothing here reads or writes files or knows of training, so any figure can be drawn
//! again from exported tables. Each kind of figure draws its parts on sheets; a page puts
//! them below each other and writes all formats. resvg makes the PNG of the SVG, so both are
//! one picture. The same input gives the same bytes: the font is part of the program, no
//! other is used.

mod axis;
pub mod beside;
pub mod blank;
pub mod descent;
mod extent;
mod font;
mod frame;
pub mod grid;
pub mod lanes;
mod legend;
mod levels;
pub mod lines;
mod marks;
mod page;
mod pdf;
mod png;
mod sheet;
mod svg;
mod text;
mod ticks;
pub mod verdicts;
pub mod weights;

pub use axis::ValueAxis;
pub use font::undrawable;
pub use page::Style;

use std::fmt::Arguments;

/// One figure, on one page or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Pages, at least one.
    pub pages: Vec<FigurePage>,
}

/// One page in all formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigurePage {
    /// RGB image of 300 dots per inch.
    pub png: Vec<u8>,
    /// Vector drawing with text as text and embedded images.
    pub svg: Vec<u8>,
    /// Vector drawing with its font.
    pub pdf: Vec<u8>,
}

impl Drawing {
    /// Returns the files of a figure of this name: `NAME.png`, `NAME.svg` and `NAME.pdf`, or
    /// `NAME-1.png` and so on if it has several pages.
    pub fn files(&self, name: &str) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        for (page, stem) in self.pages.iter().zip(page_names(name, self.pages.len())) {
            files.push((format!("{stem}.png"), page.png.clone()));
            files.push((format!("{stem}.svg"), page.svg.clone()));
            files.push((format!("{stem}.pdf"), page.pdf.clone()));
        }
        files
    }
}

/// Names the pages of a figure, without endings.
pub fn page_names(name: &str, pages: usize) -> Vec<String> {
    match pages {
        1 => vec![name.to_owned()],
        pages => (1..=pages).map(|page| format!("{name}-{page}")).collect(),
    }
}

/// Texts of a figure. They are in the metadata of its files, and around a framed figure.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// Bold line at the top.
    pub title: &'a str,
    /// Text below the title; may be empty.
    pub caption: &'a str,
    /// Small type at the bottom: origin of the data.
    pub note: &'a str,
}

impl Texts<'_> {
    /// Returns caption and note.
    pub fn description(&self) -> String {
        format!("{} {}", self.caption, self.note).trim().to_owned()
    }
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
    /// More pictures side by side than the width holds.
    #[error("{0} pictures side by side have no room; use a figure of the kind `grid`")]
    Crowded(usize),
    /// A part that is higher than a page.
    #[error("a part of {0} x {1} pixels is too large for a page")]
    TooLarge(u32, u32),
    /// The PNG cannot be encoded.
    #[error("cannot encode a figure as PNG")]
    Encode(#[from] ::png::EncodingError),
    /// The SVG cannot be read back to make the PNG of it.
    #[error("cannot make a PNG of a figure")]
    Raster(#[from] resvg::usvg::Error),
    /// The font cannot be embedded in the PDF.
    #[error("cannot embed the font of a figure: {0}")]
    Embed(subsetter::Error),
}

impl From<subsetter::Error> for FigureError {
    fn from(error: subsetter::Error) -> Self {
        Self::Embed(error)
    }
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
            | Self::Crowded(_)
            | Self::TooLarge(..) => true,
            Self::Ragged { .. } | Self::Encode(_) | Self::Raster(_) | Self::Embed(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
