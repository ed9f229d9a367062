//! Layout of the images and texts of a grid.

use super::{Grid, GridRow};
use crate::figures::FigureError;
use crate::figures::canvas::{At, BORDER, Canvas, INK, QUIET};
use crate::figures::text::{Block, Type, tallest, widest};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;

/// Longest side of an image on the page, in pixels: 8 for each of 28.
const MAX_SIDE: usize = 224;
/// Largest number of columns side by side.
const MAX_ACROSS: usize = 12;
/// Space between two images.
const GAP: f64 = 20.0;
/// Space between two bands of columns, beyond the gap.
const BETWEEN: f64 = 36.0;
/// Largest width of a line of a row label.
const MAX_LABEL_WIDTH: f64 = 290.0;
/// Space between a row label and the first image.
const LABEL_GAP: f64 = 24.0;
/// Space between an image and the text under it.
pub const ABOVE_TEXT: f64 = 6.0;
/// Space between the names of the classes and the first row.
const BELOW_HEADS: f64 = 10.0;
/// Least width of the page.
const MIN_WIDTH: f64 = 900.0;

/// Type of the names of the classes.
const HEAD: Type = Type(36.0, FontStyle::Bold, INK);
/// Type of row labels.
const LABELS: Type = Type(34.0, FontStyle::Normal, INK);
/// Type of texts under images.
pub const UNDER: Type = Type(24.0, FontStyle::Normal, QUIET);

/// Laid out grid; lengths are in pixels.
pub struct Cells<'a> {
    grid: &'a Grid<'a>,
    heads: Vec<Block>,
    labels: Vec<Block>,
    /// Texts under the images of each row.
    under: Vec<Vec<Block>>,
    /// Pixels of the page per pixel of an image.
    factor: usize,
    /// Number of columns side by side; the others are in bands below.
    across: usize,
    /// Width and height of the space of every image.
    cell: (f64, f64),
    /// Height of every row without texts under it, which holds the tallest label.
    row: f64,
    /// Distance from the left border of the labels to the first image.
    indent: f64,
    /// Distance from the top of the names of the classes to the first row.
    top: f64,
}

/// Returns the width and height of the largest images.
fn largest(grid: &Grid<'_>) -> (usize, usize) {
    let images = || grid.rows.iter().flat_map(|row| &row.images);
    let width = images().map(|image| image.width).max();
    let height = images().map(|image| image.height).max();
    (width.unwrap_or(1), height.unwrap_or(1))
}

/// Returns the largest number of pixels of the page per pixel of an image.
pub fn largest_factor(grid: &Grid<'_>) -> usize {
    let (width, height) = largest(grid);
    (MAX_SIDE / width.max(height)).max(1)
}

impl<'a> Cells<'a> {
    /// Lays out a grid with `factor` pixels of the page per pixel of an image.
    pub fn new(grid: &'a Grid<'a>, factor: usize) -> Result<Self, FigureError> {
        let (width, height) = largest(grid);
        let bands = grid.columns.len().div_ceil(MAX_ACROSS);
        let cell = ((width * factor) as f64, (height * factor) as f64);
        let heads = Block::each(&grid.columns, HEAD, cell.0)?;
        let labels = grid.rows.iter().map(|row| &row.label);
        let labels = Block::each(labels, LABELS, MAX_LABEL_WIDTH)?;
        let text = |text: &String| Block::parts(text, UNDER, cell.0);
        let under = |row: &GridRow| row.under.iter().map(text).collect::<Result<_, _>>();
        Ok(Self {
            grid,
            factor,
            // Bands of equal length.
            across: grid.columns.len().div_ceil(bands),
            cell,
            row: cell.1.max(tallest(&labels)),
            indent: (widest(&labels) + LABEL_GAP).round(),
            top: tallest(&heads) + BELOW_HEADS,
            heads,
            labels,
            under: grid.rows.iter().map(under).collect::<Result<_, _>>()?,
        })
    }

    /// The width and height of the grid with its labels.
    pub fn size(&self) -> (f64, f64) {
        let right = self.indent + self.across as f64 * (self.cell.0 + GAP);
        let At(_, top) = self.corner(self.heads.len() - 1, 0);
        let bottom = top + self.above(self.labels.len());
        let (width, height) = (right - GAP + BORDER, bottom - GAP + BORDER);
        (width.max(MIN_WIDTH), height)
    }

    /// Left border of a column of images, and upper border of a row.
    fn corner(&self, column: usize, row: usize) -> At {
        let (band, nth) = (column / self.across, column % self.across);
        let x = self.indent + nth as f64 * (self.cell.0 + GAP);
        let step = self.top + self.above(self.labels.len()) + BETWEEN;
        At(x, band as f64 * step + self.top + self.above(row))
    }

    /// Height of the rows above this one, with the gaps below them.
    fn above(&self, row: usize) -> f64 {
        let rows = self.under.iter().take(row);
        rows.map(|texts| self.height(texts) + GAP).sum()
    }

    /// Height of a row with these texts under its images.
    fn height(&self, under: &[Block]) -> f64 {
        match tallest(under) {
            0.0 => self.row,
            text => self.row.max(self.below_image() + text),
        }
    }

    /// Distance from the top of a row to its images, which are centred on the label.
    fn above_image(&self) -> f64 {
        ((self.row - self.cell.1) / 2.0).round()
    }

    /// Distance from the top of a row to the texts under its images.
    fn below_image(&self) -> f64 {
        self.above_image() + self.cell.1 + BORDER + ABOVE_TEXT
    }

    pub fn paint(&self, canvas: &mut Canvas<'_>) -> Result<(), FigureError> {
        for (column, name) in self.heads.iter().enumerate() {
            let At(left, top) = self.corner(column, 0);
            let at = At(left + self.cell.0 / 2.0, top - BELOW_HEADS - name.height);
            name.paint(&canvas.area, at, HPos::Center)?;
        }
        for (row, label) in self.labels.iter().enumerate() {
            for first in (0..self.heads.len()).step_by(self.across) {
                let At(_, top) = self.corner(first, row);
                let y = top + (self.row - label.height) / 2.0;
                label.paint(&canvas.area, At(0.0, y), HPos::Left)?;
            }
            self.paint_images(canvas, row)?;
        }
        Ok(())
    }

    /// Draws the images of a row with the texts under them.
    fn paint_images(&self, canvas: &mut Canvas<'_>, row: usize) -> Result<(), FigureError> {
        for (column, image) in self.grid.rows[row].images.iter().enumerate() {
            let At(x, top) = self.corner(column, row);
            canvas.image(At(x, top + self.above_image()), image, self.factor)?;
        }
        for (column, text) in self.under[row].iter().enumerate() {
            let At(left, top) = self.corner(column, row);
            let at = At(left + self.cell.0 / 2.0, top + self.below_image());
            text.paint(&canvas.area, at, HPos::Center)?;
        }
        Ok(())
    }
}
