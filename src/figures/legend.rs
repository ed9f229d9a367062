//! Which name goes with which style.

use super::FigureError;
use super::axis::NUMBER;
use super::canvas::{Area, unit};
use super::text::Block;
use plotters::style::text_anchor::HPos;

/// From one row to the next, beyond that of its letters.
const LEADING: f64 = 5.0;
/// Between the legend and what stands below it.
const BELOW: f64 = 14.0;
/// Between two names.
const GAP: f64 = 36.0;
/// The room for a line before its name.
pub const LINE: f64 = 84.0;
/// The room for a square before its name.
pub const SQUARE: f64 = 44.0;
/// The side of that square.
const SIDE: f64 = 28.0;

/// Names side by side, each after a sample of its style.
pub struct Legend {
    /// With the upper left corner of each, from that of the legend.
    names: Vec<((f64, f64), Block)>,
    sample: f64,
    /// With the space below.
    pub height: f64,
}

impl Legend {
    /// A legend of at most that width; samples have the width `sample`.
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
            placed.push(((x, y), name));
            x += length + GAP;
        }
        Ok(Self {
            names: placed,
            sample,
            height: y + row + BELOW,
        })
    }

    /// How many names it has.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Writes the names, and has the sample of each style drawn: at its left end and the
    /// middle of its line, in pixels of the area.
    pub fn paint<S>(
        &self,
        area: &Area<'_>,
        (left, top): (f64, f64),
        styles: impl IntoIterator<Item = S>,
        sample: impl Fn((f64, f64), S) -> Result<(), FigureError>,
    ) -> Result<(), FigureError> {
        for (((x, y), name), style) in self.names.iter().zip(styles) {
            let (x, y) = (left + x, top + y);
            sample((x, y + NUMBER.leading() / 2.0), style)?;
            name.paint(area, (x + self.sample, y), HPos::Left)?;
        }
        Ok(())
    }
}

/// The ends of the line that is a sample, in units.
pub fn line((x, y): (f64, f64)) -> Vec<(i32, i32)> {
    let ends = [x + 3.0, x + LINE - 16.0];
    ends.map(|x| (unit(x), unit(y))).to_vec()
}

/// The middle of that line.
pub fn middle(at: (f64, f64)) -> (i32, i32) {
    let ends = line(at);
    (i32::midpoint(ends[0].0, ends[1].0), ends[0].1)
}

/// The corners of the square that is a sample, in units.
pub fn square((x, y): (f64, f64)) -> [(i32, i32); 2] {
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
        assert_eq!(corners[..3], [(0.0, 0.0), (0.0, row), (0.0, below)]);
        let beside = SQUARE + legend.names[2].1.width + GAP;
        assert_eq!(corners[3], (beside, below));
        assert_eq!(legend.height, below + row + BELOW);
    }
}
