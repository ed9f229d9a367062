//! Where frames stand side by side.

use super::chart::{between_frames, right_of_frame};

/// The width of all frames with what is left of them.
pub const WIDTH: f64 = 1800.0;
/// The same for a single one.
const SINGLE: f64 = 1200.0;
/// The least width of a frame.
const NARROW: f64 = 360.0;

/// Frames of one width; lengths are in pixels.
pub struct Frames {
    columns: usize,
    /// Left of the first.
    pub left: f64,
    /// Between two.
    gutter: f64,
    /// The width of each.
    pub width: f64,
    /// The width of all with what is left and right of them.
    pub whole: f64,
}

impl Frames {
    /// So many frames with `left` pixels before the first; the longest number below
    /// them has the width `longest`.
    pub fn new(columns: usize, left: f64, longest: f64) -> Self {
        let (gutter, right) = (between_frames(longest), right_of_frame(longest));
        let whole = if columns > 1 { WIDTH } else { SINGLE };
        let count = columns as f64;
        let width = (whole - left - right + gutter) / count - gutter;
        let width = width.floor().max(NARROW);
        Self {
            columns,
            left,
            gutter,
            width,
            whole: whole.max(left + count * (width + gutter) - gutter + right),
        }
    }

    /// The left border of a frame.
    pub fn x(&self, column: usize) -> f64 {
        self.left + column as f64 * (self.width + self.gutter)
    }

    /// The middle of a frame.
    pub fn middle(&self, column: usize) -> f64 {
        self.x(column) + self.width / 2.0
    }

    /// The right border of the last frame.
    pub fn end(&self) -> f64 {
        self.x(self.columns) - self.gutter
    }
}
