//! Layout of a panel of a strip plot.

use super::{Dot, StripPanel};
use crate::figures::FigureError;
use crate::figures::axis::Axis;
use crate::figures::canvas::{Area, At, INK, QUIET, unit};
use crate::figures::chart::{Chart, RULE, TICK, frame, numbers_below};
use crate::figures::extent::Extent;
use crate::figures::lanes::Lanes;
use crate::figures::marks::{STROKE, Style, stroke, styles};
use crate::figures::text::{Block, Type};
use plotters::element::Circle;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

/// Height of a lane, if each class then has a height within `PITCH`.
const LANE: f64 = 80.0;
/// Least and greatest height of a class, unless the classes would not fit into
/// [`MAX_LANE`].
const PITCH: (f64, f64) = (10.0, 20.0);
/// Greatest height of a lane.
const MAX_LANE: f64 = 200.0;
/// Radius of a dot.
const DOT: f64 = 6.0;
/// Opacity of a dot: overlapping dots are darker.
const OPACITY: f64 = 0.6;
/// Length of the line at the mean beyond the classes.
const BEYOND: f64 = 3.0;
/// Width of a line between lanes.
const BORDER: f64 = 2.0;
/// Type of remarks on strips without values and on values not drawn.
pub const REMARK: Type = Type(26.0, FontStyle::Normal, QUIET);

/// Largest number of classes with colours of their own.
pub const MAX_COLOURS: usize = 10;

/// Yields the style of each class; all have one style if there are too many colours to
/// distinguish.
pub fn styles_of(classes: usize) -> impl Iterator<Item = Style> {
    let different = if classes > MAX_COLOURS { 1 } else { classes };
    styles().take(different).cycle()
}

/// Layout of a panel with its labels.
pub struct StripPanelLayout<'a> {
    pub content: &'a StripPanel,
    extent: Extent,
    /// One lane per group.
    pub lanes: Lanes,
    classes: &'a [u8],
    /// Height of a class.
    pitch: f64,
}

impl<'a> StripPanelLayout<'a> {
    /// Lays out a panel; `None` without values.
    pub fn new(content: &'a StripPanel, classes: &'a [u8]) -> Result<Option<Self>, FigureError> {
        let Some(extent) = content.extent() else {
            return Ok(None);
        };
        let labels = content.groups.iter().map(|group| group.label.as_str());
        let count = classes.len() as f64;
        let pitch = (LANE / count).clamp(PITCH.0, PITCH.1).min(MAX_LANE / count);
        Ok(Some(Self {
            content,
            extent,
            lanes: Lanes::new(labels, (count * pitch).ceil())?,
            classes,
            pitch,
        }))
    }

    /// Horizontal axis.
    pub fn axis(&self, width: f64) -> Result<Axis, FigureError> {
        Axis::horizontal(&self.extent, width)
    }

    /// Counts the values of each strip that cannot be drawn; empty without any.
    pub fn left_out(&self, series: &[String]) -> String {
        let mut parts = Vec::new();
        for group in &self.content.groups {
            for (nth, name) in series.iter().enumerate() {
                match group.left_out(nth) {
                    0 => {}
                    count => parts.push(format!("{count} of {} ({name})", group.label)),
                }
            }
        }
        match &parts[..] {
            [] => String::new(),
            _ => format!("Not finite and left out: {}.", parts.join(", ")),
        }
    }

    /// Draws the frame and the strips of a series. The area holds the frame of this width
    /// with space for a tick beside and for numbers below.
    pub fn paint(&self, area: &Area<'_>, series: usize, width: f64) -> Result<(), FigureError> {
        let axis = self.axis(width)?;
        let (left, right) = axis.ends();
        let lanes = Axis::pixels(self.lanes.height());
        let chart = frame(area, TICK, numbers_below(), axis, lanes, None)?;
        for y in self.lanes.borders() {
            let line = vec![(left, y), (right, y)];
            stroke(chart.plotting_area(), line, BORDER, (RULE, None))?;
        }
        for (group, top) in self.content.groups.iter().zip(self.lanes.tops()) {
            let dots: Vec<Dot> = group.dots(series).collect();
            if dots.is_empty() {
                self.paint_remark(area, TICK + width / 2.0, top)?;
            } else {
                self.paint_strip(&chart, &dots, group.mean(series), top)?;
            }
        }
        Ok(())
    }

    /// Writes that the lane with its upper border at `top` has no values.
    fn paint_remark(&self, area: &Area<'_>, x: f64, top: f64) -> Result<(), FigureError> {
        let remark = Block::new("no values", REMARK, f64::INFINITY)?;
        let middle = self.lanes.height() - top + self.lanes.thickness / 2.0;
        remark.paint(area, At(x, middle - remark.height / 2.0), HPos::Center)
    }

    /// Draws dots from `top` down, and their mean behind them.
    fn paint_strip(
        &self,
        chart: &Chart<'_>,
        dots: &[Dot],
        mean: Option<f64>,
        top: f64,
    ) -> Result<(), FigureError> {
        let area = chart.plotting_area();
        let foot = top - self.lanes.thickness;
        if let Some(mean) = mean {
            let line = vec![(mean, top + BEYOND), (mean, foot - BEYOND)];
            stroke(area, line, STROKE, (INK, None))?;
        }
        let colours = styles_of(self.classes.len());
        for ((nth, class), (colour, _)) in (0..).zip(self.classes).zip(colours) {
            let y = top - self.pitch * (f64::from(nth) + 0.5);
            for dot in dots.iter().filter(|dot| dot.class == *class) {
                let colour = colour.mix(OPACITY).filled();
                area.draw(&Circle::new((dot.value, y), unit(DOT), colour))?;
            }
        }
        Ok(())
    }
}
