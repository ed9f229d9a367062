//! Layout and drawing of the panels of a figure of lines.

use super::{LinePoint, Lines, PanelRow, Series};
use crate::figures::FigureError;
use crate::figures::axis::Axis;
use crate::figures::canvas::{Area, At, INK, part};
use crate::figures::chart::{Chart, NAME, TICK, frame, left_of_frame, numbers_below};
use crate::figures::extent::{Extent, finite};
use crate::figures::frames::{Frames, WIDTH};
use crate::figures::legend::{self, Legend};
use crate::figures::marks::{STROKE, Style, band, mark, runs, stroke, styles, whisker};
use crate::figures::text::{Block, Type, tallest};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;

/// Height of a frame.
const HEIGHT: f64 = 380.0;
/// Height of the frames of a single row.
const SINGLE_HEIGHT: f64 = 520.0;
/// Space between a panel and the name of the axis of the next row.
const BETWEEN: f64 = 26.0;
/// Space between the names of columns and the first row.
const BELOW_HEADS: f64 = 14.0;
/// Space between the name of an axis and the frame.
const BELOW_NAME: f64 = 10.0;
/// Radius of a value.
const DOT: f64 = 7.0;
/// Half the bar at the end of a whisker, right and down.
const CAP: (f64, f64) = (11.0, 0.0);
/// Type of the names of columns.
const HEAD: Type = Type(36.0, FontStyle::Bold, INK);

/// Row with values, and its axis.
type AxisRow<'a> = (&'a PanelRow, Axis);

/// Laid out panels.
pub struct LinesTable<'a> {
    frames: Frames,
    /// Height of a frame.
    height: f64,
    /// Labels of the legend, with true if their values are marked.
    labels: Vec<(&'a str, bool)>,
    legend: Legend,
    heads: Vec<Block>,
    /// Rows with the names of their axes.
    rows: Vec<(AxisRow<'a>, Block)>,
    x_axis: Axis,
    x_label: Block,
}

impl<'a> LinesTable<'a> {
    pub fn new(lines: &'a Lines<'_>) -> Result<Self, FigureError> {
        let with_axis = |row: &'a PanelRow| Some((row, row.axis()?));
        let rows: Vec<AxisRow<'a>> = lines.rows.iter().filter_map(with_axis).collect();
        let points = rows.iter().flat_map(|(row, _)| row.points());
        let x = Extent::new(points.map(|point| point.x), true).ok_or(FigureError::Empty)?;
        let x_axis = |width| match &lines.x_names[..] {
            [] => Axis::horizontal(&x, width),
            names => Axis::named(names, width),
        };
        // On a wide axis numbers are close, and so as long as on any.
        let longest = x_axis(WIDTH)?.longest()?;
        let left = left_of_frame(rows.iter().map(|(_, axis)| axis))?;
        let frames = Frames::new(lines.columns.len(), left, longest);
        let inside = frames.end() - frames.left(0);
        let labels = labels(rows.iter().map(|(row, _)| *row));
        let named = |row: AxisRow<'a>| {
            let name = Block::new(&row.0.y_label, NAME, inside)?;
            Ok::<_, FigureError>((row, name))
        };
        Ok(Self {
            legend: Legend::new(
                labels.iter().map(|(label, _)| *label),
                legend::LINE,
                frames.end(),
            )?,
            height: if rows.len() > 1 {
                HEIGHT
            } else {
                SINGLE_HEIGHT
            },
            labels,
            heads: Block::each(&lines.columns, HEAD, frames.width)?,
            rows: rows.into_iter().map(named).collect::<Result<_, _>>()?,
            x_axis: x_axis(frames.width)?,
            x_label: Block::new(lines.x_label, NAME, inside)?,
            frames,
        })
    }

    /// Width and height of all panels with their texts.
    pub fn size(&self) -> (f64, f64) {
        let height = self.y(self.rows.len()) - BETWEEN - TICK;
        let below = numbers_below() + self.x_label.height;
        (self.frames.whole, height + below)
    }

    /// Top of the name of a row.
    fn y(&self, row: usize) -> f64 {
        let heads = match tallest(&self.heads) {
            0.0 => 0.0,
            height => height + BELOW_HEADS,
        };
        let around = BELOW_NAME + self.height + TICK + BETWEEN;
        let above = self.rows.iter().take(row);
        let rows: f64 = above.map(|(_, name)| name.height + around).sum();
        self.legend.height + heads + rows
    }

    pub fn paint(&self, area: &Area<'_>) -> Result<(), FigureError> {
        let samples = styles().zip(self.labels.iter().map(|(_, marked)| *marked));
        self.legend
            .paint(area, At(0.0, 0.0), samples, |at, (style, marked)| {
                stroke(area, legend::line(at), STROKE, style)?;
                if marked {
                    mark(area, legend::middle(at), DOT, style)?;
                }
                Ok(())
            })?;
        for (column, head) in self.heads.iter().enumerate() {
            let middle = self.frames.middle(column);
            let y = self.y(0) - BELOW_HEADS - head.height;
            head.paint(area, At(middle, y), HPos::Center)?;
        }
        for (nth, ((row, _), name)) in self.rows.iter().enumerate() {
            name.paint(area, At(self.frames.left(0), self.y(nth)), HPos::Left)?;
            for (column, series) in row.panels.iter().enumerate() {
                let chart = self.panel(area, nth, column)?;
                self.paint_series(&chart, series)?;
            }
        }
        let middle = f64::midpoint(self.frames.left(0), self.frames.end());
        let y = self.size().1 - self.x_label.height;
        self.x_label.paint(area, At(middle, y), HPos::Center)
    }

    /// Draws the frame of a panel; only the outer ones have numbers.
    fn panel<'b>(
        &self,
        area: &Area<'b>,
        nth: usize,
        column: usize,
    ) -> Result<Chart<'b>, FigureError> {
        let ((_, y_axis), name) = &self.rows[nth];
        let (left, y_axis) = match column {
            0 => (self.frames.left(0), y_axis.clone()),
            _ => (TICK, y_axis.silent()),
        };
        let (below, x_axis) = if nth + 1 == self.rows.len() {
            (numbers_below(), self.x_axis.clone())
        } else {
            (TICK, self.x_axis.silent())
        };
        let y = self.y(nth) + name.height + BELOW_NAME;
        let corner = At(self.frames.x(column) - left, y);
        let area = part(
            area,
            corner,
            (left + self.frames.width, self.height + below),
        );
        frame(&area, left, below, x_axis, y_axis, None)
    }

    /// Draws the series of a panel, all intervals behind all lines.
    fn paint_series(&self, chart: &Chart<'_>, series: &[Series]) -> Result<(), FigureError> {
        let with_style = |series| Some((series, self.style(series)?));
        let styled: Vec<_> = series.iter().filter_map(with_style).collect();
        for (series, style) in &styled {
            intervals(chart, series, *style)?;
        }
        for (series, style) in &styled {
            line(chart, series, *style)?;
        }
        Ok(())
    }

    /// Style of a series; `None` without values, as the legend has no such series.
    fn style(&self, series: &Series) -> Option<Style> {
        let mut labels = self.labels.iter();
        styles().nth(labels.position(|(label, _)| *label == series.label)?)
    }
}

/// Labels with values, in order.
fn labels<'a>(rows: impl Iterator<Item = &'a PanelRow>) -> Vec<(&'a str, bool)> {
    let mut labels = Vec::new();
    for series in rows.flat_map(|row| row.panels.iter().flatten()) {
        let label = (series.label.as_str(), series.marked);
        if series.points().flatten().next().is_some() && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

/// Shades the intervals of neighbours; a single one is a whisker.
fn intervals(chart: &Chart<'_>, series: &Series, (colour, _): Style) -> Result<(), FigureError> {
    let interval = |point: &LinePoint| {
        let (low, high) = finite(point.interval)?;
        Some((point.x, low, high))
    };
    let intervals: Vec<_> = series
        .points()
        .map(|point| point.and_then(interval))
        .collect();
    for run in runs(&intervals) {
        match run[..] {
            [] => {}
            [(x, low, high)] => whisker(chart, [(x, low), (x, high)], CAP, colour)?,
            _ => band(chart, &run, colour)?,
        }
    }
    Ok(())
}

/// Draws one line with its values and its gaps.
fn line(chart: &Chart<'_>, series: &Series, style: Style) -> Result<(), FigureError> {
    let at = |point: &LinePoint| (point.x, point.mean);
    let points: Vec<_> = series.points().map(|point| point.map(at)).collect();
    let area = chart.plotting_area();
    for run in runs(&points).filter(|run| run.len() > 1) {
        stroke(area, run, STROKE, style)?;
    }
    for point in points.into_iter().flatten().filter(|_| series.marked) {
        mark(area, point, DOT, style)?;
    }
    Ok(())
}
