//! Lanes of a frame, each with a label on its left.

use super::FigureError;
use super::canvas::{Area, At, INK};
use super::text::{Block, Type, widest};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;

/// Largest width of a line of a label.
const MAX_LABEL_WIDTH: f64 = 400.0;
/// Space between a label and the frame.
const LABEL_GAP: f64 = 16.0;
/// Space between two lanes.
const GAP: f64 = 18.0;
/// Type of labels.
const LABELS: Type = Type(30.0, FontStyle::Normal, INK);

/// Lanes of equal thickness, further apart if a label needs more space; lengths are in
/// pixels.
pub struct Lanes {
    labels: Vec<Block>,
    /// Height of a lane.
    pub thickness: f64,
}

impl Lanes {
    pub fn new<'a>(
        labels: impl Iterator<Item = &'a str>,
        thickness: f64,
    ) -> Result<Self, FigureError> {
        let labels = Block::each(labels, LABELS, MAX_LABEL_WIDTH)?;
        Ok(Self { labels, thickness })
    }

    /// Width left of the frame.
    pub fn left(&self) -> f64 {
        (widest(&self.labels) + LABEL_GAP).ceil()
    }

    /// Height of the frame.
    pub fn height(&self) -> f64 {
        self.labels.iter().map(|label| self.step(label)).sum()
    }

    /// Height of a lane with half of the gaps to its neighbours.
    fn step(&self, label: &Block) -> f64 {
        label.height.max(self.thickness) + GAP
    }

    /// Middle of each lane, in pixels above the bottom of the frame.
    fn middles(&self) -> impl Iterator<Item = f64> {
        self.labels.iter().scan(self.height(), |top, label| {
            let middle = *top - self.step(label) / 2.0;
            *top -= self.step(label);
            Some(middle)
        })
    }

    /// Upper border of each lane, in pixels above the bottom of the frame.
    pub fn tops(&self) -> impl Iterator<Item = f64> {
        self.middles().map(|middle| middle + self.thickness / 2.0)
    }

    /// Lines halfway between lanes, in pixels above the bottom of the frame.
    pub fn borders(&self) -> impl Iterator<Item = f64> {
        let below = self.labels.iter().skip(1).rev();
        below.scan(0.0, |height, label| {
            *height += self.step(label);
            Some(*height)
        })
    }

    /// Writes the labels right-aligned beside a frame with this upper left corner.
    pub fn paint_labels(&self, area: &Area<'_>, At(x, y): At) -> Result<(), FigureError> {
        let bottom = y + self.height();
        for (label, middle) in self.labels.iter().zip(self.middles()) {
            let y = bottom - middle - label.height / 2.0;
            label.paint(area, At(x - LABEL_GAP, y), HPos::Right)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_fill_the_frame_from_the_top_down() {
        let labels = [
            "one",
            "many words that take several lines, one below the other",
        ];
        let lanes = Lanes::new(labels.into_iter(), 60.0).unwrap();
        let tall = lanes.labels[1].height;
        assert!(tall > 60.0);
        assert_eq!(lanes.height(), 60.0 + GAP + tall + GAP);
        let tops: Vec<_> = lanes.tops().collect();
        let second = f64::midpoint(tall + GAP, 60.0);
        assert_eq!(tops, [lanes.height() - GAP / 2.0, second]);
        assert_eq!(lanes.borders().collect::<Vec<_>>(), [tall + GAP]);
    }
}
