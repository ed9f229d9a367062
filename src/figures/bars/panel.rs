//! One panel of a figure of bars.

use super::{Bar, BarGroup, BarPanel};
use crate::figures::FigureError;
use crate::figures::axis::Axis;
use crate::figures::canvas::{Area, FRAME, INK, unit};
use crate::figures::chart::{Chart, NAME, frame, numbers_below};
use crate::figures::extent::{Extent, finite};
use crate::figures::marks::{styles, tint, whisker};
use crate::figures::text::{Block, Type};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

/// A label is broken beyond this width.
const LABEL: f64 = 400.0;
/// Between a label and the axis.
pub const LABEL_GAP: f64 = 16.0;
/// Between two groups.
const GROUP_GAP: f64 = 18.0;
/// The width of all bars of a group, where that leaves each a width within `BAR`.
const GROUP: f64 = 66.0;
/// The least and the greatest width of a bar with the gap to the next.
const BAR: (f64, f64) = (17.0, 32.0);
/// Between two bars of a group.
const BAR_GAP: f64 = 2.0;
/// How much of a bar the end of a whisker is wide, to each side.
const CAP: f64 = 0.28;
/// The letters of labels.
const LABELS: Type = Type(30.0, FontStyle::Normal, INK);

/// A panel with its labels broken.
pub struct Panel<'a> {
    content: &'a BarPanel,
    extent: Extent,
    /// One a group.
    labels: Vec<Block>,
    /// The width of a bar with the gap to the next.
    bar: f64,
}

impl<'a> Panel<'a> {
    /// `None` without values.
    pub fn new(content: &'a BarPanel, series: usize) -> Result<Option<Self>, FigureError> {
        let Some(extent) = content.extent() else {
            return Ok(None);
        };
        let groups = content.groups.iter();
        let labels = groups.map(|group| Block::new(&group.label, LABELS, LABEL));
        Ok(Some(Self {
            content,
            extent,
            labels: labels.collect::<Result<_, _>>()?,
            bar: (GROUP / series as f64).clamp(BAR.0, BAR.1).floor(),
        }))
    }

    /// The name of the metric, broken to a width.
    pub fn name(&self, width: f64) -> Result<Block, FigureError> {
        Block::new(&self.content.name, NAME, width)
    }

    /// The length of the longest label.
    pub fn label_width(&self) -> f64 {
        self.labels
            .iter()
            .map(|label| label.width)
            .fold(0.0, f64::max)
    }

    /// The length of the longest number, at most.
    pub fn longest_number(&self) -> Result<f64, FigureError> {
        // On a wide axis numbers are close, and so as long as on any.
        Axis::bars(&self.extent, 1000.0)?.longest()
    }

    /// Whether the labels of another panel can stand for those of this one.
    pub fn has_labels_of(&self, other: &Self) -> bool {
        let labels = |panel: &Self| panel.content.groups.iter().map(|group| &group.label);
        labels(self).eq(labels(other))
    }

    /// The height of the frame.
    pub fn height(&self) -> f64 {
        self.rows().map(|(.., height)| height + GROUP_GAP).sum()
    }

    /// Each group with its label and its height without the gap to the next.
    fn rows(&self) -> impl Iterator<Item = (&BarGroup, &Block, f64)> {
        let rows = self.content.groups.iter().zip(&self.labels);
        rows.map(|(group, label)| (group, label, label.height.max(self.thickness(group))))
    }

    /// The width of all bars of a group.
    fn thickness(&self, group: &BarGroup) -> f64 {
        group.bars.len() as f64 * self.bar
    }

    /// Writes the labels, right-aligned at `x`, beside a frame with its top at `y`.
    pub fn paint_labels(&self, area: &Area<'_>, (x, y): (f64, f64)) -> Result<(), FigureError> {
        let mut top = y + GROUP_GAP / 2.0;
        for (_, label, height) in self.rows() {
            let y = top + (height - label.height) / 2.0;
            label.paint(area, (x - LABEL_GAP, y), HPos::Right)?;
            top += height + GROUP_GAP;
        }
        Ok(())
    }

    /// Draws the frame and the bars; the area holds the frame of that width with
    /// `left` pixels beside it.
    pub fn paint(&self, area: &Area<'_>, left: f64, width: f64) -> Result<(), FigureError> {
        let axis = Axis::bars(&self.extent, width)?;
        let base = axis.base();
        let axes = (axis, Axis::pixels(self.height()));
        let chart = frame(area, (left, numbers_below()), axes, None)?;
        let mut top = self.height() - GROUP_GAP / 2.0;
        for (group, _, height) in self.rows() {
            let first = top - (height - self.thickness(group)) / 2.0;
            self.paint_group(&chart, group, (base, first))?;
            top -= height + GROUP_GAP;
        }
        if self.extent.low < 0.0 {
            let zero = vec![(0.0, 0.0), (0.0, self.height())];
            let pen = FRAME.stroke_width(unit(2.0) as u32);
            chart.plotting_area().draw(&PathElement::new(zero, pen))?;
        }
        Ok(())
    }

    /// Draws the bars of a group from `base` on, from `top` down.
    fn paint_group(
        &self,
        chart: &Chart<'_>,
        group: &BarGroup,
        (base, top): (f64, f64),
    ) -> Result<(), FigureError> {
        let tops = (0..).map(|nth| top - f64::from(nth) * self.bar);
        for ((bar, (colour, _)), top) in group.bars().zip(styles()).zip(tops) {
            let Some(Bar { mean, interval }) = bar else {
                continue;
            };
            let foot = top - self.bar + BAR_GAP;
            let bar = Rectangle::new([(base, top), (mean, foot)], tint(colour).filled());
            chart.plotting_area().draw(&bar)?;
            if let Some((low, high)) = finite(interval) {
                let middle = f64::midpoint(top, foot);
                let ends = [(low, middle), (high, middle)];
                whisker(chart, ends, (0.0, self.bar * CAP), INK)?;
            }
        }
        Ok(())
    }
}
