//! Where each image and each text of a grid stands.

use super::{Grid, GridRow};
use crate::figures::FigureError;
use crate::figures::canvas::{BORDER, Canvas, INK, QUIET};
use crate::figures::text::{Block, Type, tallest, widest};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;

/// The longest side of an image on the page, in pixels: 8 for each of 28.
const SIDE: usize = 224;
/// The most columns side by side.
const ACROSS: usize = 12;
/// Between two images.
const GAP: f64 = 20.0;
/// Between two bands of columns, beyond the gap.
const BETWEEN: f64 = 36.0;
/// A row label is broken beyond this width.
const LABEL: f64 = 290.0;
/// Between a row label and the first image.
const LABEL_GAP: f64 = 24.0;
/// Between an image and the text under it.
pub const ABOVE_TEXT: f64 = 6.0;
/// Between the names of the classes and the first row.
const BELOW_HEADS: f64 = 10.0;
/// Captions and notes get at least this width, also over a single image.
const LEAST_WIDTH: f64 = 900.0;

/// The letters of the names of the classes.
const HEAD: Type = Type(36.0, FontStyle::Bold, INK);
/// The letters of row labels.
const LABELS: Type = Type(34.0, FontStyle::Normal, INK);
/// The letters of texts under images.
pub const UNDER: Type = Type(24.0, FontStyle::Normal, QUIET);

/// A grid with its texts broken and its lengths, in pixels, known.
pub struct Cells<'a> {
    grid: &'a Grid<'a>,
    heads: Vec<Block>,
    labels: Vec<Block>,
    /// For each row the texts under its images.
    under: Vec<Vec<Block>>,
    /// Pixels of the page for one of an image.
    factor: usize,
    /// How many columns stand side by side; the others in further bands below.
    across: usize,
    /// The width and height that every image has room in.
    cell: (f64, f64),
    /// The height that every row has without texts under it, also for the tallest label.
    row: f64,
    /// From the left border of the labels to the first image.
    indent: f64,
    /// From the top of the names of the classes to the first row.
    top: f64,
}

/// The width and height of the largest images.
fn largest(grid: &Grid<'_>) -> (usize, usize) {
    let images = || grid.rows.iter().flat_map(|row| &row.images);
    let width = images().map(|image| image.width).max();
    let height = images().map(|image| image.height).max();
    (width.unwrap_or(1), height.unwrap_or(1))
}

/// Pixels of the page for one of an image, if there is room.
pub fn largest_factor(grid: &Grid<'_>) -> usize {
    let (width, height) = largest(grid);
    (SIDE / width.max(height)).max(1)
}

impl<'a> Cells<'a> {
    /// With so many pixels of the page for one of an image.
    pub fn new(grid: &'a Grid<'a>, factor: usize) -> Result<Self, FigureError> {
        let (width, height) = largest(grid);
        let bands = grid.columns.len().div_ceil(ACROSS);
        let cell = ((width * factor) as f64, (height * factor) as f64);
        let heads = grid.columns.iter();
        let heads = heads.map(|name| Block::new(name, HEAD, cell.0));
        let heads = heads.collect::<Result<Vec<_>, _>>()?;
        let labels = grid.rows.iter();
        let labels = labels.map(|row| Block::new(&row.label, LABELS, LABEL));
        let labels = labels.collect::<Result<Vec<_>, _>>()?;
        let under = |text: &String| Block::parts(text, UNDER, cell.0);
        let under = |row: &GridRow| row.under.iter().map(under).collect::<Result<_, _>>();
        Ok(Self {
            grid,
            factor,
            // As many in each band as can be.
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
        let (_, top) = self.corner(self.heads.len() - 1, 0);
        let bottom = top + self.above(self.labels.len());
        let (width, height) = (right - GAP + BORDER, bottom - GAP + BORDER);
        (width.max(LEAST_WIDTH), height)
    }

    /// The left border of a column of images, and the upper border of a row.
    fn corner(&self, column: usize, row: usize) -> (f64, f64) {
        let (band, nth) = (column / self.across, column % self.across);
        let x = self.indent + nth as f64 * (self.cell.0 + GAP);
        let step = self.top + self.above(self.labels.len()) + BETWEEN;
        (x, band as f64 * step + self.top + self.above(row))
    }

    /// The height of so many rows with the gaps below them.
    fn above(&self, row: usize) -> f64 {
        let rows = self.under.iter().take(row);
        rows.map(|texts| self.height(texts) + GAP).sum()
    }

    /// The height of a row that has these texts under its images.
    fn height(&self, under: &[Block]) -> f64 {
        match tallest(under) {
            0.0 => self.row,
            text => self.row.max(self.below_image() + text),
        }
    }

    /// From the top of a row to its images: they are beside the middle of the label.
    fn above_image(&self) -> f64 {
        ((self.row - self.cell.1) / 2.0).round()
    }

    /// From the top of a row to the texts under its images.
    fn below_image(&self) -> f64 {
        self.above_image() + self.cell.1 + BORDER + ABOVE_TEXT
    }

    pub fn paint(&self, canvas: &mut Canvas<'_>) -> Result<(), FigureError> {
        for (column, name) in self.heads.iter().enumerate() {
            let (left, top) = self.corner(column, 0);
            let (x, y) = (left + self.cell.0 / 2.0, top - BELOW_HEADS - name.height);
            name.paint(&canvas.area, (x, y), HPos::Center)?;
        }
        for (row, label) in self.labels.iter().enumerate() {
            for first in (0..self.heads.len()).step_by(self.across) {
                let (_, top) = self.corner(first, row);
                let y = top + (self.row - label.height) / 2.0;
                label.paint(&canvas.area, (0.0, y), HPos::Left)?;
            }
            self.paint_images(canvas, row)?;
        }
        Ok(())
    }

    /// Draws the images of a row with the texts under them.
    fn paint_images(&self, canvas: &mut Canvas<'_>, row: usize) -> Result<(), FigureError> {
        for (column, image) in self.grid.rows[row].images.iter().enumerate() {
            let (x, top) = self.corner(column, row);
            canvas.image((x, top + self.above_image()), image, self.factor)?;
        }
        for (column, text) in self.under[row].iter().enumerate() {
            let (left, top) = self.corner(column, row);
            let at = (left + self.cell.0 / 2.0, top + self.below_image());
            text.paint(&canvas.area, at, HPos::Center)?;
        }
        Ok(())
    }
}
