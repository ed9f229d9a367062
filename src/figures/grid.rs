//! Grids of images: one row per inversion, one column per class.

mod cells;

use super::page::Parts;
use super::sheet::{Colour, Pixels};
use super::{Drawing, FigureError, Style, check_parts};
use cells::Cells;

pub use super::levels::{GreyScale, ends, levels};

/// Content of a grid.
#[derive(Debug, Clone)]
pub struct Grid<'a> {
    /// Look and texts.
    pub style: Style<'a>,
    /// Names of the classes, above the columns.
    pub columns: Vec<String>,
    /// Rows from top to bottom.
    pub rows: Vec<GridRow>,
}

/// One row of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct GridRow {
    /// Label left of the images.
    pub label: String,
    /// Small type under the label, such as the fraction of pixels out of range.
    pub remark: String,
    /// One image per column.
    pub images: Vec<GridImage>,
    /// Measured values in small type under the images: one text per column, or none. A text
    /// is broken to the width of an image, preferably at a middle dot.
    pub under: Vec<String>,
    /// Values of black and white.
    pub scale: ShownScale,
}

/// Scale bars of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum ShownScale {
    /// No bar: the images are as in their files.
    None,
    /// One bar at the end of the row, from the value of black to that of white.
    Row(ScaleEnds),
    /// One bar below each image; none for a missing image.
    Each(Vec<Option<ScaleEnds>>),
}

/// Values of black and white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaleEnds {
    /// Value of level 0.
    pub black: f64,
    /// Value of level 255.
    pub white: f64,
}

/// A grey image, row by row from the upper left corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridImage {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Brightness, 0 black to 255 white.
    pub levels: Vec<u8>,
    /// Side of the data's range that each pixel is beyond; empty if none is marked.
    pub beyond: Vec<Beyond>,
}

/// Position of a pixel relative to the range of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// Below the lowest value of the data.
    Below,
    /// Within the range.
    Within,
    /// Above the highest value of the data.
    Above,
}

/// Colours over pixels below and above the range of the data.
const MARKS: [Colour; 2] = [[0, 90, 160], [213, 94, 0]];

/// Draws a grid. Every image pixel is a square of the same whole number of pixels
/// in the PNG. Columns that have no room side by side are in bands below each other.
///
/// # Errors
/// If the grid has no row or no column, a row does not have one image for each
/// column or texts for some of them only, an image does not have `width * height`
/// levels or none, or a row is higher than a page.
pub fn draw(grid: &Grid<'_>) -> Result<Drawing, FigureError> {
    if grid.columns.is_empty() || grid.rows.is_empty() {
        return Err(FigureError::Empty);
    }
    let columns = grid.columns.len();
    grid.rows.iter().try_for_each(|row| row.check(columns))?;
    let cells = Cells::new(grid);
    grid.style.draw(Parts {
        head: cells.head(),
        rows: cells.rows(),
    })
}

impl GridRow {
    fn check(&self, columns: usize) -> Result<(), FigureError> {
        let check = |count, parts, unit| {
            check_parts(
                format_args!("row `{}`", self.label),
                count,
                parts,
                columns,
                unit,
            )
        };
        check(self.images.len(), "images", "column")?;
        if !self.under.is_empty() {
            let (parts, unit) = ("texts under its images", "column, or none");
            check(self.under.len(), parts, unit)?;
        }
        let wrong = self.images.iter().position(|image| !image.is_full());
        wrong.map_or(Ok(()), |column| {
            let row = self.label.clone();
            Err(FigureError::Levels { row, column })
        })
    }
}

impl GridImage {
    /// Returns true if there are pixels, and one level per pixel.
    fn is_full(&self) -> bool {
        let levels = self.levels.len();
        levels > 0 && self.width.checked_mul(self.height) == Some(levels)
    }

    /// Returns the pixels, coloured where they are beyond the range of the data.
    pub fn pixels(&self) -> Pixels {
        let size = [self.width, self.height];
        if self.beyond.is_empty() {
            return Pixels {
                size,
                data: self.levels.clone(),
                coloured: false,
            };
        }
        let colour = |(level, beyond): (&u8, &Beyond)| {
            let mark = match beyond {
                Beyond::Within => return [*level; 3],
                Beyond::Below => MARKS[0],
                Beyond::Above => MARKS[1],
            };
            // Half of the grey remains.
            mark.map(|part| u8::midpoint(part, *level))
        };
        Pixels {
            size,
            data: self
                .levels
                .iter()
                .zip(&self.beyond)
                .flat_map(colour)
                .collect(),
            coloured: true,
        }
    }
}

#[cfg(test)]
mod tests;
