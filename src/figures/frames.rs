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
    /// Space left of each frame, beyond the gutter.
    left: Vec<f64>,
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
        let others = std::iter::repeat_n(0.0, columns.saturating_sub(1));
        let left = [left].into_iter().chain(others).collect();
        Self::labelled(left, between_frames(longest), longest)
    }

    /// Lays out frames with space for labels before each, and a gutter between.
    pub fn labelled(left: Vec<f64>, gutter: f64, longest: f64) -> Self {
        let (count, labels) = (left.len() as f64, left.iter().sum::<f64>());
        let right = right_of_frame(longest);
        let whole = if left.len() > 1 { WIDTH } else { SINGLE };
        let fitting = (whole - labels - right + gutter) / count - gutter;
        let width = fitting.floor().max(MIN_WIDTH);
        Self {
            left,
            gutter,
            width,
            whole: whole.max(labels + count * (width + gutter) - gutter + right),
        }
    }

    /// Space left of a frame.
    pub fn left(&self, column: usize) -> f64 {
        self.left[column]
    }

    /// Left border of a frame.
    pub fn x(&self, column: usize) -> f64 {
        let left: f64 = self.left.iter().take(column + 1).sum();
        left + column as f64 * (self.width + self.gutter)
    }

    /// Middle of a frame.
    pub fn middle(&self, column: usize) -> f64 {
        self.x(column) + self.width / 2.0
    }

    /// Right border of the last frame.
    pub fn end(&self) -> f64 {
        self.x(self.left.len() - 1) + self.width
    }
}
