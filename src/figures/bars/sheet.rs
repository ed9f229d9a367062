//! Where each panel of a figure of bars stands.

use super::Bars;
use super::panel::Panel;
use crate::figures::FigureError;
use crate::figures::canvas::{Area, unit};
use crate::figures::chart::{TICK, between_frames, numbers_below, right_of_frame};
use crate::figures::legend::{self, Legend};
use crate::figures::marks::{styles, tint};
use crate::figures::text::Block;
use plotters::element::Rectangle;
use plotters::style::Color;
use plotters::style::text_anchor::HPos;

/// Panels side by side.
const COLUMNS: usize = 2;
/// The width of all panels.
const WIDTH: f64 = 1800.0;
/// The same for a single panel.
const SINGLE: f64 = 1200.0;
/// Between two panels below each other.
const BETWEEN: f64 = 36.0;
/// Between the name of a panel and its frame.
const BELOW_NAME: f64 = 10.0;

/// Where frames stand side by side, in pixels.
struct Columns {
    /// Left of each: room for labels, or for none.
    left: Vec<f64>,
    /// Whether the labels of the first column are also those of the second.
    shared: bool,
    /// The width of a frame.
    width: f64,
    /// Between a frame and what is left of the next.
    gutter: f64,
    /// The width of all with what is left and right of them.
    whole: f64,
}

impl Columns {
    fn new(panels: &[Panel<'_>]) -> Result<Self, FigureError> {
        let labels = panels.iter().map(|panel| panel.lanes.left());
        let labels = labels.fold(0.0, f64::max);
        let alike = |row: &[Panel<'_>]| row.iter().all(|panel| panel.has_labels_of(&row[0]));
        let shared = panels.chunks(COLUMNS).all(alike);
        let (left, whole) = match panels {
            [_] => (vec![labels], SINGLE),
            _ if shared => (vec![labels, TICK], WIDTH),
            _ => (vec![labels, labels], WIDTH),
        };
        let mut longest = panels.iter().map(Panel::longest_number);
        let longest =
            longest.try_fold(0.0, |most, width| Ok::<_, FigureError>(width?.max(most)))?;
        // Labels are between the numbers of one frame and the next.
        let gutter = between_frames(if shared { longest } else { longest / 2.0 });
        let inside = whole - left.iter().sum::<f64>() - right_of_frame(longest);
        let count = left.len() as f64;
        Ok(Self {
            left,
            shared,
            width: ((inside + gutter) / count - gutter).floor(),
            gutter,
            whole,
        })
    }

    /// The left border of the frames of a column.
    fn x(&self, column: usize) -> f64 {
        let left: f64 = self.left.iter().take(column + 1).sum();
        left + column as f64 * (self.width + self.gutter)
    }

    /// The right border of the last frames.
    fn end(&self) -> f64 {
        self.x(self.left.len() - 1) + self.width
    }
}

/// Panels with their texts broken.
pub struct Sheet<'a> {
    columns: Columns,
    legend: Legend,
    /// Each with its name.
    panels: Vec<(Panel<'a>, Block)>,
}

impl<'a> Sheet<'a> {
    pub fn new(bars: &'a Bars<'_>) -> Result<Self, FigureError> {
        let panels = bars.panels.iter();
        let panels = panels.filter_map(|panel| Panel::new(panel, bars.series.len()).transpose());
        let panels = panels.collect::<Result<Vec<_>, _>>()?;
        if panels.is_empty() {
            return Err(FigureError::Empty);
        }
        let columns = Columns::new(&panels)?;
        let named = |panel: Panel<'a>| {
            let name = panel.name(columns.width)?;
            Ok::<_, FigureError>((panel, name))
        };
        let series = bars.series.iter().map(String::as_str);
        Ok(Self {
            legend: Legend::new(series, legend::SQUARE, columns.end())?,
            panels: panels.into_iter().map(named).collect::<Result<_, _>>()?,
            columns,
        })
    }

    /// The width and height of the panels with the legend.
    pub fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(COLUMNS);
        (self.columns.whole, self.y(rows) - BETWEEN)
    }

    /// The top of a row of panels.
    fn y(&self, row: usize) -> f64 {
        let rows = self.panels.chunks(COLUMNS).take(row);
        let heights = rows.map(|row| {
            let frames = row.iter().map(|(panel, _)| panel.lanes.height());
            let frames = frames.fold(0.0, f64::max);
            name_height(row) + BELOW_NAME + frames + numbers_below() + BETWEEN
        });
        self.legend.height + heights.sum::<f64>()
    }

    pub fn paint(&self, area: &Area<'_>) -> Result<(), FigureError> {
        self.legend
            .paint(area, (0.0, 0.0), styles(), |at, (colour, _)| {
                area.draw(&Rectangle::new(legend::square(at), tint(colour).filled()))?;
                Ok(())
            })?;
        for (nth, row) in self.panels.chunks(COLUMNS).enumerate() {
            let top = self.y(nth) + name_height(row) + BELOW_NAME;
            for (column, (panel, name)) in row.iter().enumerate() {
                let x = self.columns.x(column);
                let y = top - BELOW_NAME - name.height;
                name.paint(area, (x, y), HPos::Left)?;
                if column == 0 || !self.columns.shared {
                    panel.lanes.paint_labels(area, (x, top))?;
                }
                self.paint_frame(area, (column, top), panel)?;
            }
        }
        Ok(())
    }

    fn paint_frame(
        &self,
        area: &Area<'_>,
        (column, top): (usize, f64),
        panel: &Panel<'_>,
    ) -> Result<(), FigureError> {
        let Columns { left, width, .. } = &self.columns;
        let corner = (unit(self.columns.x(column) - left[column]), unit(top));
        let size = (left[column] + width, panel.lanes.height() + numbers_below());
        let area = area.clone();
        let area = area.shrink(corner, (unit(size.0), unit(size.1)));
        panel.paint(&area, left[column], *width)
    }
}

/// The height of the longest name of panels side by side.
fn name_height(row: &[(Panel<'_>, Block)]) -> f64 {
    row.iter().map(|(_, name)| name.height).fold(0.0, f64::max)
}
