//! Layout of a panel of a figure of bars.

use super::{Bar, BarGroup, BarPanel};
use crate::figures::FigureError;
use crate::figures::axis::Axis;
use crate::figures::canvas::{Area, FRAME, INK, unit};
use crate::figures::chart::{Chart, NAME, frame, numbers_below};
use crate::figures::extent::{Extent, finite};
use crate::figures::lanes::Lanes;
use crate::figures::marks::{styles, tint, whisker};
use crate::figures::text::Block;
use plotters::element::{PathElement, Rectangle};
use plotters::style::Color;

/// Width of all bars of a group, if each then has a width within `BAR`.
const GROUP: f64 = 66.0;
/// Least and greatest width of a bar with the gap to the next.
const BAR: (f64, f64) = (17.0, 32.0);
/// Gap between two bars of a group.
const BAR_GAP: f64 = 2.0;
/// Width of the end of a whisker to each side, relative to a bar.
const CAP: f64 = 0.28;

/// Layout of a panel with its labels.
pub struct BarPanelLayout<'a> {
    content: &'a BarPanel,
    extent: Extent,
    /// One lane per group.
    pub lanes: Lanes,
    /// Width of a bar with the gap to the next.
    bar: f64,
}

impl<'a> BarPanelLayout<'a> {
    /// Lays out a panel; `None` without values.
    pub fn new(content: &'a BarPanel, series: usize) -> Result<Option<Self>, FigureError> {
        let Some(extent) = content.extent() else {
            return Ok(None);
        };
        let labels = content.groups.iter().map(|group| group.label.as_str());
        let bar = (GROUP / series as f64).clamp(BAR.0, BAR.1).floor();
        Ok(Some(Self {
            content,
            extent,
            lanes: Lanes::new(labels, series as f64 * bar)?,
            bar,
        }))
    }

    /// Name of the metric, broken to a width.
    pub fn name(&self, width: f64) -> Result<Block, FigureError> {
        Block::new(&self.content.name, NAME, width)
    }

    /// Length of the longest number, at most.
    pub fn longest_number(&self) -> Result<f64, FigureError> {
        // On a wide axis numbers are close, and so as long as on any.
        Axis::bars(&self.extent, 1000.0)?.longest()
    }

    /// Returns true if another panel has the same labels.
    pub fn has_labels_of(&self, other: &Self) -> bool {
        let labels = |panel: &Self| panel.content.groups.iter().map(|group| &group.label);
        labels(self).eq(labels(other))
    }

    /// Draws the frame and the bars. The area holds the frame of this width with `left`
    /// pixels beside it.
    pub fn paint(&self, area: &Area<'_>, left: f64, width: f64) -> Result<(), FigureError> {
        let axis = Axis::bars(&self.extent, width)?;
        let base = axis.base();
        let lanes = Axis::pixels(self.lanes.height());
        let chart = frame(area, left, numbers_below(), axis, lanes, None)?;
        for (group, top) in self.content.groups.iter().zip(self.lanes.tops()) {
            self.paint_group(&chart, group, base, top)?;
        }
        if self.extent.low < 0.0 {
            let zero = vec![(0.0, 0.0), (0.0, self.lanes.height())];
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
        base: f64,
        top: f64,
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
