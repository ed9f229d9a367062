//! Positions of frames side by side.

use super::chart::{between_frames, right_of_frame};

/// Width of all frames with the labels left of them.
pub const WIDTH: f64 = 1800.0;
/// Width of a single frame with its labels.
const SINGLE: f64 = 1200.0;
/// Least width of a frame.
const MIN_WIDTH: f64 = 360.0;

/// Frames of equal width; lengths are in pixels.
pub struct Frames {
    columns: usize,
    /// Space left of the first frame.
    pub left: f64,
    /// Space between two frames.
    gutter: f64,
    /// Width of each frame.
    pub width: f64,
    /// Width of all frames with the space left and right of them.
    pub whole: f64,
}

impl Frames {
    /// Lays out frames with `left` pixels before the first; the longest number below them is
    /// `longest` pixels wide.
    pub fn new(columns: usize, left: f64, longest: f64) -> Self {
        let (gutter, right) = (between_frames(longest), right_of_frame(longest));
        let whole = if columns > 1 { WIDTH } else { SINGLE };
        let count = columns as f64;
        let fitting = (whole - left - right + gutter) / count - gutter;
        let width = fitting.floor().max(MIN_WIDTH);
        Self {
            columns,
            left,
            gutter,
            width,
            whole: whole.max(left + count * (width + gutter) - gutter + right),
        }
    }

    /// Left border of a frame.
    pub fn x(&self, column: usize) -> f64 {
        self.left + column as f64 * (self.width + self.gutter)
    }

    /// Middle of a frame.
    pub fn middle(&self, column: usize) -> f64 {
        self.x(column) + self.width / 2.0
    }

    /// Right border of the last frame.
    pub fn end(&self) -> f64 {
        self.x(self.columns) - self.gutter
    }
}
