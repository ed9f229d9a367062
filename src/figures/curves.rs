//! Lines over a common axis: losses and accuracies, epoch by epoch.

use super::canvas::{self, Area, Canvas, unit};
use super::chart::{Axis, Chart, NAME, NUMBER, below_frame, frame, left_of_frame, shows};
use super::text::Block;
use super::{Drawing, FigureError};
use plotters::coord::CoordTranslate;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, DashedPathElement, PathElement};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, WHITE};

/// What a figure of curves shows.
#[derive(Debug, Clone)]
pub struct Curves<'a> {
    /// In bold above the panels.
    pub title: &'a str,
    /// Below the title, of any length; may be empty.
    pub caption: &'a str,
    /// In small type below the panels: where the data is from; may be empty.
    pub note: &'a str,
    /// The name of the horizontal axis, below each panel.
    pub x_label: &'a str,
    /// Two side by side, further ones below.
    pub panels: Vec<Panel>,
}

/// Lines that share a vertical axis.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The name of the vertical axis, above it.
    pub y_label: String,
    /// Whether equal steps up are equal factors. Such an axis cannot show zero and
    /// negative values; they are gaps.
    pub log: bool,
    /// The first eight differ in colour and dashes.
    pub lines: Vec<Line>,
}

/// One curve.
#[derive(Debug, Clone)]
pub struct Line {
    /// In the legend of the panel.
    pub label: String,
    /// In the order in which they are joined. A missing value is a gap, and so is
    /// one that no axis can show: not finite, beyond 1e300, or on a log axis below 1e-300.
    pub points: Vec<(f64, Option<f64>)>,
}

/// The width of the whole figure without margins: two panels and the space between.
const WIDTH: f64 = 1800.0;
/// A single panel may be this wide.
const SINGLE: f64 = 1200.0;
/// Between panels side by side.
const GUTTER: f64 = 70.0;
/// From the top to the bottom axis of a panel.
const HEIGHT: f64 = 520.0;
/// Between panels above each other.
const GAP: f64 = 40.0;
/// Between the rows of the legend.
const LEADING: f64 = 5.0;
/// Between the legend and the frame.
const BELOW_LEGEND: f64 = 14.0;
/// The line before each name of the legend.
const SAMPLE: f64 = 84.0;
/// Between two names of the legend.
const ENTRY_GAP: f64 = 36.0;
/// The width of a curve.
const STROKE: f64 = 5.0;
/// The width of a curve of more than `MANY` points, whose turns would run together.
const THIN: f64 = 3.5;
/// The points from which on a curve is thin.
const MANY: usize = 150;

/// A colour, and the lengths of dashes and of the gaps between, if it has any.
type Style = (RGBColor, Option<(f64, f64)>);

/// Colours that also the colour-blind tell apart (after Okabe and Ito 2008), each
/// with its own dashes, for print without colour.
const STYLES: [Style; 8] = [
    (RGBColor(0, 90, 160), None),
    (RGBColor(213, 94, 0), Some((18.0, 13.0))),
    (RGBColor(0, 128, 96), Some((2.0, 11.0))),
    (RGBColor(150, 60, 120), Some((44.0, 12.0))),
    (RGBColor(60, 60, 60), Some((12.0, 22.0))),
    (RGBColor(86, 160, 215), Some((28.0, 26.0))),
    (RGBColor(204, 140, 0), Some((10.0, 10.0))),
    (RGBColor(204, 121, 167), Some((2.0, 20.0))),
];

/// Draws curves.
///
/// # Errors
/// If there is no panel, or the page would be too large.
pub fn draw(curves: &Curves<'_>) -> Result<Drawing, FigureError> {
    if curves.panels.is_empty() {
        return Err(FigureError::Empty("panel"));
    }
    let layout = Layout::new(curves)?;
    let texts = [curves.title, curves.caption, curves.note];
    canvas::draw(texts, layout.corners().1, |canvas| layout.paint(canvas))
}

/// All panels, with frames of one size; lengths are in pixels.
struct Layout<'a> {
    x_label: &'a str,
    x: Axis,
    plots: Vec<Plot<'a>>,
    /// The width of a panel, and the part of it left of the frame.
    width: f64,
    left: f64,
}

impl<'a> Layout<'a> {
    fn new(curves: &'a Curves<'a>) -> Result<Self, FigureError> {
        let panels = &curves.panels;
        let axes = panels.iter().map(|panel| {
            let values = points(panel).map(|point| point.1);
            Axis::vertical(values, panel.log)
        });
        let axes: Vec<_> = axes.collect();
        let left = left_of_frame(axes.iter().flatten())?;
        let width = match panels.len() {
            1 => SINGLE,
            _ => (WIDTH - GUTTER) / 2.0,
        };
        let plots = panels.iter().zip(axes);
        let plots = plots.map(|(panel, y)| Plot::new(panel, y, width - left));
        let x = panels.iter().flat_map(points).map(|point| point.0);
        Ok(Self {
            x_label: curves.x_label,
            x: Axis::horizontal(&x.collect::<Vec<_>>()).unwrap_or_else(Axis::blank),
            plots: plots.collect::<Result<_, _>>()?,
            width,
            left,
        })
    }

    /// The upper left corners of the frames with their numbers, and the size of all.
    /// Panels of a row have one height for what is above.
    fn corners(&self) -> (Vec<(f64, f64)>, (f64, f64)) {
        let (mut right, mut bottom, mut corners) = (0.0_f64, 0.0, Vec::new());
        for row in self.plots.chunks(2) {
            let top = bottom + row.iter().map(|plot| plot.head).fold(0.0, f64::max);
            let columns = (0..row.len()).map(|i| i as f64 * (self.width + GUTTER));
            corners.extend(columns.map(|x| (x, top)));
            right = right.max(row.len() as f64 * (self.width + GUTTER));
            bottom = top + HEIGHT + below_frame() + GAP;
        }
        (corners, (right - GUTTER, bottom - GAP))
    }

    fn paint(&self, canvas: &Canvas<'_>) -> Result<(), FigureError> {
        for (plot, (x, y)) in self.plots.iter().zip(self.corners().0) {
            plot.paint_head(&canvas.area, (x + self.left, y - plot.head))?;
            let size = (unit(self.width), unit(HEIGHT + below_frame()));
            let area = canvas.area.clone().shrink((unit(x), unit(y)), size);
            self.paint_curves(&area, plot)?;
        }
        Ok(())
    }

    /// The frame and the curves, or in words that there are none.
    fn paint_curves(&self, area: &Area<'_>, plot: &Plot<'_>) -> Result<(), FigureError> {
        let axes = (self.x.clone(), plot.y.clone().unwrap_or_else(Axis::blank));
        let chart = frame(area, self.left, axes, self.x_label)?;
        if plot.y.is_none() {
            let middle = (f64::midpoint(self.left, self.width), HEIGHT / 2.0);
            let words = Block::new("no data", NAME, self.width)?;
            return words.paint(area, middle, HPos::Center);
        }
        for (line, style) in plot.panel.lines.iter().zip(STYLES.iter().cycle()) {
            curve(&chart, plot.panel, line, *style)?;
        }
        Ok(())
    }
}

/// A panel with its texts broken.
struct Plot<'a> {
    panel: &'a Panel,
    y: Option<Axis>,
    name: Block,
    /// With the upper left corner of each entry, from that of the name.
    legend: Vec<((f64, f64), Block)>,
    /// The height of what is above the frame.
    head: f64,
}

impl<'a> Plot<'a> {
    /// The name of the axis, and the legend below it, row by row.
    fn new(panel: &'a Panel, y: Option<Axis>, width: f64) -> Result<Self, FigureError> {
        let name = Block::new(&panel.y_label, NAME, width)?;
        let (mut right, mut top, mut below) = (0.0, name.height, name.height);
        let mut legend = Vec::new();
        for line in &panel.lines {
            let empty = line.points.iter().all(|p| shown(panel, p).is_none());
            let label = line.label.clone() + if empty { " (no data)" } else { "" };
            let entry = Block::new(&label, NUMBER, width - SAMPLE)?;
            if right > 0.0 && right + SAMPLE + entry.width > width {
                (right, top) = (0.0, below);
            }
            below = below.max(top + entry.height + LEADING);
            let corner = (right, top);
            right += SAMPLE + entry.width + ENTRY_GAP;
            legend.push((corner, entry));
        }
        Ok(Self {
            panel,
            y,
            name,
            legend,
            head: below + BELOW_LEGEND,
        })
    }

    fn paint_head(&self, area: &Area<'_>, (left, top): (f64, f64)) -> Result<(), FigureError> {
        self.name.paint(area, (left, top), HPos::Left)?;
        for (((x, y), entry), style) in self.legend.iter().zip(STYLES.iter().cycle()) {
            let (x, y) = (left + x, top + y);
            let middle = unit(y + NUMBER.leading() / 2.0);
            let sample = [x + 3.0, x + SAMPLE - 16.0].map(|x| (unit(x), middle));
            stroke(area, sample.to_vec(), STROKE, *style)?;
            entry.paint(area, (x + SAMPLE, y), HPos::Left)?;
        }
        Ok(())
    }
}

/// A point that the axes can show; without it the line has a gap.
fn shown(panel: &Panel, point: &(f64, Option<f64>)) -> Option<(f64, f64)> {
    let y = point.1.filter(|&y| shows(y, panel.log))?;
    shows(point.0, false).then_some((point.0, y))
}

/// All points of a panel that can be drawn.
fn points(panel: &Panel) -> impl Iterator<Item = (f64, f64)> + Clone {
    let all = panel.lines.iter().flat_map(|line| &line.points);
    all.filter_map(|point| shown(panel, point))
}

/// Draws one curve with its gaps.
fn curve(chart: &Chart<'_>, panel: &Panel, line: &Line, style: Style) -> Result<(), FigureError> {
    let places = line.points.iter().map(|point| shown(panel, point));
    let places: Vec<_> = places.collect();
    let width = if places.len() > MANY { THIN } else { STROKE };
    for part in places.split(Option::is_none) {
        let part: Vec<_> = part.iter().copied().flatten().collect();
        match part[..] {
            [] => {}
            [alone] => mark(chart, alone, style)?,
            _ => stroke(chart.plotting_area(), part, width, style)?,
        }
    }
    Ok(())
}

/// Draws a line through points.
fn stroke<C: CoordTranslate>(
    area: &DrawingArea<SVGBackend<'_>, C>,
    points: Vec<C::From>,
    width: f64,
    (colour, dashes): Style,
) -> Result<(), FigureError>
where
    C::From: Clone,
{
    let pen = colour.stroke_width(unit(width) as u32);
    match dashes {
        None => area.draw(&PathElement::new(points, pen))?,
        Some((dash, gap)) => {
            area.draw(&DashedPathElement::new(points, unit(dash), unit(gap), pen))?;
        }
    }
    Ok(())
}

/// A value without neighbours: a full circle where lines are solid, else a ring.
fn mark(chart: &Chart<'_>, at: (f64, f64), (colour, dashes): Style) -> Result<(), FigureError> {
    let circle = |radius, colour: RGBColor| Circle::new(at, unit(radius), colour.filled());
    let area = chart.plotting_area();
    area.draw(&circle(STROKE * 1.8, colour))?;
    if dashes.is_some() {
        area.draw(&circle(STROKE, WHITE))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
