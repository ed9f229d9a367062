//! Layout of the images and texts of a grid.

use std::ops::Range;

use super::{Grid, GridRow, ScaleEnds, ShownScale};
use crate::figures::sheet::{Anchor, At, Pixels, Role, Sheet};
use crate::figures::text::{Block, tallest, widest};
use crate::figures::ticks::brief;

/// Longest side of an image, in dots: 10 for each of 28 pixels.
const MAX_SIDE: usize = 280;
/// Least width of an image beside others; with less room there are bands.
const MIN_SIDE: f64 = 110.0;
/// Space between two images.
const GAP: f64 = 14.0;
/// Greatest width of the labels, relative to that of the figure.
const LABELS: f64 = 0.2;
/// Space between a label and the first image.
const LABEL_GAP: f64 = 16.0;
/// Space below heads, and between an image and what is below it.
const BELOW: f64 = 8.0;
/// Width of a scale bar.
const BAR: f64 = 18.0;
/// Space between the last image and a scale bar, and between the bar and its numbers.
const BAR_GAPS: [f64; 2] = [18.0, 8.0];

/// Laid out grid.
pub struct Cells<'a> {
    grid: &'a Grid<'a>,
    heads: Vec<Block>,
    /// Labels with their remarks.
    labels: Vec<[Block; 2]>,
    /// Number of columns side by side; the others are in bands below.
    across: usize,
    /// Width and height of the largest image on the sheet, per pixel.
    factor: f64,
    /// Width of the space of every image.
    side: f64,
    /// Left border of the first image.
    left: f64,
}

impl<'a> Cells<'a> {
    pub fn new(grid: &'a Grid<'a>) -> Self {
        let style = grid.style;
        let narrow = style.width() * LABELS;
        let label = |row: &GridRow| {
            [
                Block::new(&row.label, style.text(), narrow),
                Block::new(&row.remark, style.quiet(), narrow),
            ]
        };
        let labels: Vec<[Block; 2]> = grid.rows.iter().map(label).collect();
        let left = (widest(labels.iter().flatten()) + LABEL_GAP).ceil();
        let ends = grid.rows.iter().filter_map(|row| match &row.scale {
            ShownScale::Row(ends) => Some([brief(ends.black), brief(ends.white)]),
            ShownScale::None | ShownScale::Each(_) => None,
        });
        let numbers = Block::each(ends.flatten(), style.small(), f64::INFINITY);
        let bars = match widest(&numbers) {
            0.0 => 0.0,
            width => BAR_GAPS[0] + BAR + BAR_GAPS[1] + width,
        };
        let images = || grid.rows.iter().flat_map(|row| &row.images);
        let width = images().map(|image| image.width).max().unwrap_or(1);
        let height = images().map(|image| image.height).max().unwrap_or(1);
        let room = style.width() - left - bars;
        let side_of = |across: usize| (room + GAP) / across as f64 - GAP;
        let columns = grid.columns.len();
        let fitting = (1..=columns)
            .rev()
            .find(|across| side_of(*across) >= MIN_SIDE.max(1.0));
        let bands = columns.div_ceil(fitting.unwrap_or(1));
        let across = columns.div_ceil(bands);
        let fitting = side_of(across) / width as f64;
        let largest = (MAX_SIDE / width.max(height)).max(1) as f64;
        // Whole dots per pixel, unless an image has more pixels than there are dots.
        let factor = if fitting < 1.0 {
            fitting
        } else {
            fitting.floor().min(largest)
        };
        let side = width as f64 * factor;
        Self {
            heads: Block::each(&grid.columns, style.bold(), side + GAP / 2.0),
            grid,
            labels,
            across,
            factor,
            side,
            left,
        }
    }

    fn bands(&self) -> impl Iterator<Item = Range<usize>> {
        let (columns, across) = (self.grid.columns.len(), self.across);
        (0..columns)
            .step_by(across)
            .map(move |first| first..(first + across).min(columns))
    }

    /// Left border of the image in a column.
    fn x(&self, column: usize) -> f64 {
        self.left + (column % self.across) as f64 * (self.side + GAP)
    }

    /// Heads of the columns, repeated on every page; none if there are bands, in which each
    /// row has its own.
    pub fn head(&self) -> Sheet {
        let width = self.grid.style.width();
        if self.across < self.grid.columns.len() {
            return Sheet::new(width, 0.0);
        }
        self.heads_of(0..self.across)
    }

    fn heads_of(&self, columns: Range<usize>) -> Sheet {
        let height = tallest(&self.heads[columns.clone()]);
        let mut sheet = Sheet::new(self.grid.style.width(), height);
        for column in columns {
            let middle = self.x(column) + self.side / 2.0;
            let head = &self.heads[column];
            let at = At(middle, height - head.height);
            head.paint(&mut sheet, at, Anchor::Middle, Role::Text);
        }
        sheet
    }

    /// Rows from top to bottom, band by band.
    pub fn rows(&self) -> Vec<Sheet> {
        let mut rows = Vec::new();
        for band in self.bands() {
            for (row, label) in self.grid.rows.iter().zip(&self.labels) {
                rows.push(self.row(row, label, band.clone()));
            }
        }
        rows
    }

    fn row(&self, row: &GridRow, [label, remark]: &[Block; 2], band: Range<usize>) -> Sheet {
        let style = self.grid.style;
        let mut sheet = Sheet::new(style.width(), 0.0);
        let mut top = 0.0;
        if self.across < self.grid.columns.len() {
            let heads = self.heads_of(band.clone());
            top = (heads.height + BELOW).ceil();
            sheet.place(At(0.0, 0.0), heads);
        }
        let heights = row.images.iter().map(|image| image.height);
        let height = heights.max().unwrap_or(1) as f64 * self.factor;
        let text = label.height + remark.height;
        // Labels and numbers that are higher than their images make room for themselves.
        let numbers = match row.scale {
            ShownScale::Row(_) => 2.0 * style.small().leading(),
            ShownScale::None | ShownScale::Each(_) => 0.0,
        };
        let needed = height.max(text).max(numbers);
        let middle = top + needed / 2.0;
        let at = At(self.left - LABEL_GAP, middle - text / 2.0);
        label.paint(&mut sheet, at, Anchor::End, Role::Text);
        remark.paint(
            &mut sheet,
            at.by(0.0, label.height),
            Anchor::End,
            Role::Text,
        );
        let y = (middle - height / 2.0).round();
        let mut foot = y + height;
        for column in band.clone() {
            let bottom = self.cell(&mut sheet, row, column, y);
            foot = foot.max(bottom);
        }
        if let ShownScale::Row(ends) = row.scale {
            let x = self.x(band.end - 1) + self.side + BAR_GAPS[0];
            self.row_scale(&mut sheet, At(x, y), height, ends);
        }
        sheet.height = foot.max(top + needed);
        sheet
    }

    /// Draws an image with what is below it, and returns the lower end.
    fn cell(&self, sheet: &mut Sheet, row: &GridRow, column: usize, y: f64) -> f64 {
        let style = self.grid.style;
        let image = &row.images[column];
        let x = self.x(column);
        let size = [image.width, image.height].map(|side| side as f64 * self.factor);
        sheet.image(At(x, y), size, &image.pixels());
        let mut foot = y + size[1];
        if let ShownScale::Each(ends) = &row.scale
            && let Some(ends) = ends[column]
        {
            foot = self.image_scale(sheet, At(x, foot + BELOW), ends);
        }
        if let Some(text) = row.under.get(column) {
            let text = Block::parts(text, style.quiet(), self.side + GAP / 2.0);
            let at = At(x + self.side / 2.0, foot + BELOW / 2.0);
            text.paint(sheet, at, Anchor::Middle, Role::Text);
            foot += BELOW / 2.0 + text.height;
        }
        foot
    }

    /// Draws a bar from the value of black, below, to that of white, above.
    fn row_scale(&self, sheet: &mut Sheet, at: At, height: f64, ends: ScaleEnds) {
        let levels = (0..=255).rev().collect();
        sheet.image(at, [BAR, height], &bar(levels, [1, 256]));
        let letters = self.grid.style.small();
        let [white, black] = [ends.white, ends.black].map(brief);
        let number = |text: &str| Block::new(text, letters, f64::INFINITY);
        let right = BAR + BAR_GAPS[1];
        let (white, black) = (number(&white), number(&black));
        // At the ends of the bar, or above and below its middle if it is short.
        let above = (height / 2.0 - white.height).min(-4.0);
        let below = (height / 2.0).max(height - black.height + 4.0);
        white.paint(sheet, at.by(right, above), Anchor::Start, Role::Tick);
        black.paint(sheet, at.by(right, below), Anchor::Start, Role::Tick);
    }

    /// Draws a bar from the value of black, left, to that of white, right, and returns the
    /// lower end of its numbers.
    fn image_scale(&self, sheet: &mut Sheet, at: At, ends: ScaleEnds) -> f64 {
        let height = BAR * 0.6;
        sheet.image(at, [self.side, height], &bar((0..=255).collect(), [256, 1]));
        let letters = self.grid.style.quiet();
        let number = |value| Block::new(&brief(value), letters, f64::INFINITY);
        let (black, white) = (number(ends.black), number(ends.white));
        let below = at.by(0.0, height + 2.0);
        black.paint(sheet, below, Anchor::Start, Role::Tick);
        let beside = black.width + white.width + GAP <= self.side + GAP / 2.0;
        let down = if beside { 0.0 } else { black.height };
        let right = below.by(self.side, down);
        white.paint(sheet, right, Anchor::End, Role::Tick);
        right.1 + white.height
    }
}

fn bar(data: Vec<u8>, size: [usize; 2]) -> Pixels {
    Pixels {
        size,
        data,
        coloured: false,
    }
}
