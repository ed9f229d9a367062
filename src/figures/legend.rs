//! Legends: names with samples of their styles.

use super::FigureError;
use super::axis::NUMBER;
use super::canvas::{Area, At, unit};
use super::text::Block;
use plotters::style::text_anchor::HPos;

/// Distance between rows, beyond the leading of the type.
const LEADING: f64 = 5.0;
/// Space below the legend.
const BELOW: f64 = 14.0;
/// Space between two names.
const GAP: f64 = 36.0;
/// Width of a line sample and the space to its name.
pub const LINE: f64 = 84.0;
/// Width of a square sample and the space to its name.
pub const SQUARE: f64 = 44.0;
/// Side of a square sample.
const SIDE: f64 = 28.0;

/// Names side by side, each after a sample of its style.
pub struct Legend {
    /// Names with their upper left corners, from that of the legend.
    names: Vec<(At, Block)>,
    sample: f64,
    /// Height with the space below.
    pub height: f64,
}

impl Legend {
    /// Lays out a legend of at most this width; samples are `sample` pixels wide.
    pub fn new<'a>(
        names: impl Iterator<Item = &'a str>,
        sample: f64,
        width: f64,
    ) -> Result<Self, FigureError> {
        let least = NUMBER.leading() + LEADING;
        let (mut x, mut y, mut row) = (0.0, 0.0, least);
        let mut placed = Vec::new();
        for name in names {
            let name = Block::new(name, NUMBER, width - sample)?;
            let length = sample + name.width;
            if x > 0.0 && x + length > width {
                (x, y, row) = (0.0, y + row, least);
            }
            row = row.max(name.height + LEADING);
            placed.push((At(x, y), name));
            x += length + GAP;
        }
        Ok(Self {
            names: placed,
            sample,
            height: y + row + BELOW,
        })
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Writes the names and draws the sample of each style with `sample`, which gets the left
    /// end and the middle of the line, in pixels of the area.
    pub fn paint<S>(
        &self,
        area: &Area<'_>,
        At(left, top): At,
        styles: impl IntoIterator<Item = S>,
        sample: impl Fn(At, S) -> Result<(), FigureError>,
    ) -> Result<(), FigureError> {
        for ((At(x, y), name), style) in self.names.iter().zip(styles) {
            let (x, y) = (left + x, top + y);
            sample(At(x, y + NUMBER.leading() / 2.0), style)?;
            name.paint(area, At(x + self.sample, y), HPos::Left)?;
        }
        Ok(())
    }
}

/// Ends of a line sample, in units.
pub fn line(At(x, y): At) -> Vec<(i32, i32)> {
    let ends = [x + 3.0, x + LINE - 16.0];
    ends.map(|x| (unit(x), unit(y))).to_vec()
}

/// Middle of a line sample, in units.
pub fn middle(at: At) -> (i32, i32) {
    let ends = line(at);
    (i32::midpoint(ends[0].0, ends[1].0), ends[0].1)
}

/// Corners of a square sample, in units.
pub fn square(At(x, y): At) -> [(i32, i32); 2] {
    let corners = [(x, y - SIDE / 2.0), (x + SIDE, y + SIDE / 2.0)];
    corners.map(|(x, y)| (unit(x), unit(y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_room_starts_a_row_below_the_longest_before() {
        let names = ["a", "several words of one name", "b", "c"];
        let legend = Legend::new(names.into_iter(), SQUARE, 260.0).unwrap();
        let corners: Vec<_> = legend.names.iter().map(|(corner, _)| *corner).collect();
        let row = NUMBER.leading() + LEADING;
        let lines = legend.names[1].1.height / NUMBER.leading();
        assert!(lines > 1.0);
        let below = row + lines * NUMBER.leading() + LEADING;
        assert_eq!(corners[..3], [At(0.0, 0.0), At(0.0, row), At(0.0, below)]);
        let beside = SQUARE + legend.names[2].1.width + GAP;
        assert_eq!(corners[3], At(beside, below));
        assert_eq!(legend.height, below + row + BELOW);
    }
}
