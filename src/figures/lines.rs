//! Values against a number or against names: panels of lines and points.

use super::axis::{Axis, Room, ValueAxis};
use super::extent::{Extent, finite};
use super::frame::{Frame, Heading, OVERHANG, PanelColumns, TICK, below};
use super::legend::{SAMPLE, legend};
use super::marks::{DOT, POINT, STROKE, dot, point, stroke, style_of, whisker};
use super::page::Parts;
use super::sheet::{Anchor, At, Role, Sheet};
use super::text::{Block, greatest};
use super::{Drawing, FigureError, Style};

/// Content of a figure of lines.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    /// Look and texts.
    pub style: Style<'a>,
    /// Horizontal axis of all panels.
    pub x: VariedAxis,
    /// Panels, row by row. A panel without any value is left out.
    pub panels: Vec<LinePanel>,
    /// Panels side by side, where they have room.
    pub across: usize,
}

/// Horizontal axis of all panels.
#[derive(Debug, Clone)]
pub struct VariedAxis {
    /// Name with its unit.
    pub title: String,
    /// Names of 0, 1, 2, ...; empty for numbers. Between names there are no lines.
    pub names: Vec<String>,
    /// Allows a log axis.
    pub log: bool,
    /// True if there are whole numbers only.
    pub whole: bool,
}

/// One panel. Panels of one title have one vertical axis.
#[derive(Debug, Clone)]
pub struct LinePanel {
    /// Bold text above the panel; may be empty.
    pub head: String,
    /// Vertical axis.
    pub axis: ValueAxis,
    /// Lines of the panel.
    pub series: Vec<Series>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Series {
    /// Label in the legend, once for all panels: lines of one label have one style.
    pub label: String,
    /// Points in ascending order of `x`.
    pub points: Vec<LinePoint>,
    /// Marks.
    pub kind: SeriesKind,
}

/// Marks of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesKind {
    /// Line alone, for many values.
    Line,
    /// Points with a line through them.
    Points,
    /// Points alone.
    PointsAlone,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub struct LinePoint {
    /// Varied number, or number of the name.
    pub x: f64,
    /// Mean; a value that is not finite is a gap.
    pub mean: f64,
    /// Interval around the mean, if it has one.
    pub interval: Option<(f64, f64)>,
    /// Values of single trainings.
    pub dots: Vec<f64>,
}

/// Space between panels side by side.
const GAP: f64 = 40.0;
/// Height of a frame, relative to its width, within limits.
const RATIO: f64 = 0.62;
const HEIGHTS: (f64, f64) = (300.0, 560.0);
/// Space between the heading and the frame, which the highest number reaches into.
const BELOW_HEAD: f64 = 24.0;
/// Distance between points of two series at one number, and the greatest at one name.
const APART: [f64; 2] = [5.0, 40.0];
/// Distance of the values of single trainings from their mean.
const BESIDE: f64 = 9.0;
/// Largest number of points of a bold line: the turns of a longer one would merge.
const MAX_BOLD: usize = 150;
/// Half the length of the caps of an interval.
const CAP: f64 = 5.0;

/// Draws lines.
///
/// # Errors
/// If no panel has a value.
pub fn draw(lines: &Lines<'_>) -> Result<Drawing, FigureError> {
    let shown = lines.panels.iter().filter(|panel| panel.extent().is_some());
    let shown: Vec<&LinePanel> = shown.collect();
    let Some(table) = Table::new(lines, &shown) else {
        return Err(FigureError::Empty);
    };
    let head = legend(lines.style, &table.labels, |sheet, at, nth| {
        table.sample(sheet, at, nth);
    });
    let rows = shown.chunks(table.across).map(|panels| table.row(panels));
    let rows = rows.collect();
    lines.style.draw(Parts { head, rows })
}

impl LinePanel {
    fn points(&self) -> impl Iterator<Item = &LinePoint> {
        let points = self.series.iter().flat_map(|series| &series.points);
        points.filter(|point| point.x.is_finite() && point.mean.is_finite())
    }

    /// Range of the values; none without any.
    fn extent(&self) -> Option<Extent> {
        let values = self.points().flat_map(|point| {
            let dots = point.dots.iter().copied().filter(|value| value.is_finite());
            dots.chain([point.mean])
        });
        let extent = Extent::new(values, self.axis.log)?;
        let intervals = self.points().filter_map(|point| finite(point.interval));
        Some(extent.around(intervals).with(&self.axis.references))
    }
}

/// Layout of the panels.
struct Table<'a> {
    lines: &'a Lines<'a>,
    shown: &'a [&'a LinePanel],
    /// Labels of the legend, in the order of their styles.
    labels: Vec<String>,
    /// Range of the horizontal axis.
    varied: Extent,
    across: usize,
    /// Width of a panel with its numbers.
    width: f64,
}

impl<'a> Table<'a> {
    /// Lays out panels; none without values.
    fn new(lines: &'a Lines<'_>, shown: &'a [&'a LinePanel]) -> Option<Self> {
        let points = shown.iter().flat_map(|panel| panel.points());
        let varied = Extent::new(points.map(|point| point.x), lines.x.log)?;
        let mut labels: Vec<String> = Vec::new();
        for series in shown.iter().flat_map(|panel| &panel.series) {
            if !labels.contains(&series.label) {
                labels.push(series.label.clone());
            }
        }
        let room = lines.style.width();
        let PanelColumns { across, width } =
            PanelColumns::new(shown.len(), lines.across, room, GAP);
        Some(Self {
            lines,
            shown,
            labels,
            varied,
            across,
            width,
        })
    }

    fn style_number(&self, series: &Series) -> usize {
        let mut labels = self.labels.iter();
        labels.position(|label| *label == series.label).unwrap_or(0)
    }

    /// Draws the sample of a label in the legend.
    fn sample(&self, sheet: &mut Sheet, at: At, nth: usize) {
        let style = style_of(nth);
        let all = self.shown.iter().flat_map(|panel| &panel.series);
        let kind = all.clone().find(|series| series.label == self.labels[nth]);
        let kind = kind.map_or(SeriesKind::Points, |series| series.kind);
        if self.has_line(kind) {
            let half = SAMPLE / 2.0;
            stroke(
                sheet,
                vec![at.by(-half, 0.0), at.by(half, 0.0)],
                STROKE,
                style,
            );
        }
        match kind {
            SeriesKind::Line => {}
            SeriesKind::Points | SeriesKind::PointsAlone => point(sheet, at, POINT, style),
        }
    }

    fn has_line(&self, kind: SeriesKind) -> bool {
        match kind {
            SeriesKind::Line => true,
            SeriesKind::Points => self.lines.x.names.is_empty(),
            SeriesKind::PointsAlone => false,
        }
    }

    /// Height of a frame.
    fn height(&self) -> f64 {
        (self.width * RATIO).clamp(HEIGHTS.0, HEIGHTS.1).round()
    }

    /// Vertical axis of a panel: of all panels with its title.
    fn vertical(&self, panel: &LinePanel) -> Option<Axis> {
        let all = self.shown.iter().map(|other| (&other.axis, other.extent()));
        let extent = Extent::shared(&panel.axis, all)?;
        let room = Room {
            length: self.height(),
            letters: self.lines.style.small(),
            across: false,
        };
        Some(Axis::values(&extent, panel.axis.bounds, room))
    }

    fn horizontal(&self, length: f64) -> Axis {
        let letters = self.lines.style.small();
        let room = Room {
            length,
            letters,
            across: true,
        };
        let x = &self.lines.x;
        if x.names.is_empty() {
            Axis::varied(&self.varied, x.whole, room)
        } else {
            Axis::names(&x.names, room)
        }
    }

    /// Draws panels side by side.
    fn row(&self, panels: &[&LinePanel]) -> Sheet {
        let style = self.lines.style;
        let head = |panel: &&LinePanel| Heading::new(style, &panel.head, &panel.axis, self.width);
        let heads: Vec<Heading> = panels.iter().map(head).collect();
        let tallest = greatest(heads.iter().map(Heading::height));
        let top = tallest + BELOW_HEAD;
        let title = Block::new(&self.lines.x.title, style.text(), self.width);
        let foot = top + self.height() + below(style.small());
        let mut sheet = Sheet::new(style.width(), foot + title.height);
        for (nth, (panel, head)) in panels.iter().zip(&heads).enumerate() {
            let left = nth as f64 * (self.width + GAP);
            head.paint(&mut sheet, At(left, tallest - head.height()));
            let Some(y) = self.vertical(panel) else {
                continue;
            };
            let numbers = y.longest(style.small()) + TICK + 4.0;
            let width = self.width - numbers - OVERHANG;
            let frame = Frame {
                corner: At(left + numbers, top),
                size: [width, self.height()],
                x: self.horizontal(width),
                y: Some(y),
            };
            frame.paint(&mut sheet, style.small());
            for value in &panel.axis.references {
                frame.reference(&mut sheet, *value);
            }
            for series in &panel.series {
                self.series(&mut sheet, &frame, series);
            }
            let middle = At(left + numbers + width / 2.0, foot);
            title.paint(&mut sheet, middle, Anchor::Middle, Role::AxisTitle);
        }
        sheet
    }

    /// Distance between points of two series at one place.
    fn apart(&self, frame: &Frame) -> f64 {
        match self.lines.x.names.len() {
            0 => APART[0],
            names => {
                let room = frame.size[0] / names as f64;
                (room / (self.labels.len() as f64 + 1.0)).min(APART[1])
            }
        }
    }

    /// Draws a series, moved aside so that another one with the same values is seen.
    fn series(&self, sheet: &mut Sheet, frame: &Frame, series: &Series) {
        let nth = self.style_number(series);
        let style = style_of(nth);
        let aside = match series.kind {
            SeriesKind::Line => 0.0,
            SeriesKind::Points | SeriesKind::PointsAlone => {
                self.apart(frame) * (nth as f64 - (self.labels.len() as f64 - 1.0) / 2.0)
            }
        };
        let right = frame.corner.0 + frame.size[0];
        let place = |x: f64, y: f64| {
            let x = (frame.across(x) + aside).clamp(frame.corner.0, right);
            At(x, frame.down(y))
        };
        let drawn = |point: &&LinePoint| point.x.is_finite() && point.mean.is_finite();
        for one in series.points.iter().filter(drawn) {
            for value in one.dots.iter().filter(|value| value.is_finite()) {
                dot(
                    sheet,
                    place(one.x, *value).by(BESIDE, 0.0),
                    DOT,
                    style.colour,
                );
            }
            if let Some((low, high)) = finite(one.interval) {
                let ends = [place(one.x, low), place(one.x, high)];
                whisker(sheet, ends, [CAP, 0.0], style.colour);
            }
        }
        let width = if series.points.len() > MAX_BOLD {
            STROKE * 0.6
        } else {
            STROKE
        };
        for run in series.points.split(|point| !drawn(&point)) {
            let through: Vec<At> = run.iter().map(|point| place(point.x, point.mean)).collect();
            let alone = through.len() == 1;
            let points = match series.kind {
                SeriesKind::Line if !alone => Vec::new(),
                _ => through.clone(),
            };
            if self.has_line(series.kind) && !alone && !through.is_empty() {
                stroke(sheet, through, width, style);
            }
            for at in points {
                point(sheet, at, POINT * 0.85, style);
            }
        }
    }
}

#[cfg(test)]
mod tests;
