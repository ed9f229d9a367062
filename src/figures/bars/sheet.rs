//! Layout of the panels of a figure of bars.

use super::Bars;
use super::panel::BarPanelLayout;
use crate::figures::FigureError;
use crate::figures::canvas::{Area, At, part};
use crate::figures::chart::{TICK, between_frames, numbers_below, right_of_frame};
use crate::figures::legend::{self, Legend};
use crate::figures::marks::{styles, tint};
use crate::figures::text::{Block, greatest, longest, tallest};
use plotters::element::Rectangle;
use plotters::style::Color;
use plotters::style::text_anchor::HPos;

/// Panels side by side.
const COLUMNS: usize = 2;
/// Width of all panels.
const WIDTH: f64 = 1800.0;
/// Width of a single panel.
const SINGLE: f64 = 1200.0;
/// Space between two panels below each other.
const BETWEEN: f64 = 36.0;
/// Space between the name of a panel and its frame.
const BELOW_NAME: f64 = 10.0;

/// Positions of frames side by side, in pixels.
struct FrameColumns {
    /// Space left of each frame, with or without labels.
    left: Vec<f64>,
    /// Marks columns with the same labels.
    shared: bool,
    /// Width of a frame.
    width: f64,
    /// Space between a frame and the labels of the next.
    gutter: f64,
    /// Width of all frames with the space left and right of them.
    whole: f64,
}

impl FrameColumns {
    fn new(panels: &[BarPanelLayout<'_>]) -> Result<Self, FigureError> {
        let labels = greatest(panels.iter().map(|panel| panel.lanes.left()));
        let alike =
            |row: &[BarPanelLayout<'_>]| row.iter().all(|panel| panel.has_labels_of(&row[0]));
        let shared = panels.chunks(COLUMNS).all(alike);
        let (left, whole) = match panels {
            [_] => (vec![labels], SINGLE),
            _ if shared => (vec![labels, TICK], WIDTH),
            _ => (vec![labels, labels], WIDTH),
        };
        let longest = longest(panels.iter().map(BarPanelLayout::longest_number))?;
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

    /// Left border of the frames of a column.
    fn x(&self, column: usize) -> f64 {
        let left: f64 = self.left.iter().take(column + 1).sum();
        left + column as f64 * (self.width + self.gutter)
    }

    /// Right border of the last frames.
    fn end(&self) -> f64 {
        self.x(self.left.len() - 1) + self.width
    }
}

/// Laid out panels.
pub struct BarSheet<'a> {
    columns: FrameColumns,
    legend: Legend,
    /// Panels with their names.
    panels: Vec<(BarPanelLayout<'a>, Block)>,
}

impl<'a> BarSheet<'a> {
    pub fn new(bars: &'a Bars<'_>) -> Result<Self, FigureError> {
        let panels: Vec<BarPanelLayout<'_>> = bars
            .panels
            .iter()
            .filter_map(|panel| BarPanelLayout::new(panel, bars.series.len()).transpose())
            .collect::<Result<_, _>>()?;
        if panels.is_empty() {
            return Err(FigureError::Empty);
        }
        let columns = FrameColumns::new(&panels)?;
        let named = |panel: BarPanelLayout<'a>| {
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

    /// Width and height of the panels with the legend.
    pub fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(COLUMNS);
        (self.columns.whole, self.y(rows) - BETWEEN)
    }

    /// Top of a row of panels.
    fn y(&self, row: usize) -> f64 {
        let rows = self.panels.chunks(COLUMNS).take(row);
        let heights = rows.map(|row| {
            let frame = greatest(row.iter().map(|(panel, _)| panel.lanes.height()));
            name_height(row) + BELOW_NAME + frame + numbers_below() + BETWEEN
        });
        self.legend.height + heights.sum::<f64>()
    }

    pub fn paint(&self, area: &Area<'_>) -> Result<(), FigureError> {
        self.legend
            .paint(area, At(0.0, 0.0), styles(), |at, (colour, _)| {
                area.draw(&Rectangle::new(legend::square(at), tint(colour).filled()))?;
                Ok(())
            })?;
        for (nth, row) in self.panels.chunks(COLUMNS).enumerate() {
            let top = self.y(nth) + name_height(row) + BELOW_NAME;
            for (column, (panel, name)) in row.iter().enumerate() {
                let x = self.columns.x(column);
                let y = top - BELOW_NAME - name.height;
                name.paint(area, At(x, y), HPos::Left)?;
                if column == 0 || !self.columns.shared {
                    panel.lanes.paint_labels(area, At(x, top))?;
                }
                self.paint_frame(area, column, top, panel)?;
            }
        }
        Ok(())
    }

    fn paint_frame(
        &self,
        area: &Area<'_>,
        column: usize,
        top: f64,
        panel: &BarPanelLayout<'_>,
    ) -> Result<(), FigureError> {
        let FrameColumns { left, width, .. } = &self.columns;
        let corner = At(self.columns.x(column) - left[column], top);
        let size = (left[column] + width, panel.lanes.height() + numbers_below());
        panel.paint(&part(area, corner, size), left[column], *width)
    }
}

/// Height of the longest name of panels side by side.
fn name_height(row: &[(BarPanelLayout<'_>, Block)]) -> f64 {
    tallest(row.iter().map(|(_, name)| name))
}
