//! Layout of the panels of a figure of bars.

use super::Bars;
use super::panel::BarPanelLayout;
use crate::figures::FigureError;
use crate::figures::canvas::{Area, At, part};
use crate::figures::chart::{TICK, between_frames, numbers_below};
use crate::figures::frames::Frames;
use crate::figures::legend::{self, Legend};
use crate::figures::marks::{styles, tint};
use crate::figures::text::{Block, greatest, longest, tallest};
use plotters::element::Rectangle;
use plotters::style::Color;
use plotters::style::text_anchor::HPos;

/// Panels side by side.
const COLUMNS: usize = 2;
/// Space between two panels below each other.
const BETWEEN: f64 = 36.0;
/// Space between the name of a panel and its frame.
const BELOW_NAME: f64 = 10.0;

/// Lays out frames, and reports whether those side by side have the same labels.
fn frames(panels: &[BarPanelLayout<'_>]) -> Result<(Frames, bool), FigureError> {
    let labels = greatest(panels.iter().map(|panel| panel.lanes.left()));
    let alike = |row: &[BarPanelLayout<'_>]| row.iter().all(|panel| panel.has_labels_of(&row[0]));
    let shared = panels.chunks(COLUMNS).all(alike);
    let left = match panels {
        [_] => vec![labels],
        _ if shared => vec![labels, TICK],
        _ => vec![labels, labels],
    };
    let longest = longest(panels.iter().map(BarPanelLayout::longest_number))?;
    // Labels are between the numbers of one frame and the next.
    let gutter = between_frames(if shared { longest } else { longest / 2.0 });
    Ok((Frames::labelled(left, gutter, longest), shared))
}

/// Laid out panels.
pub struct BarSheet<'a> {
    frames: Frames,
    /// True if frames side by side have the same labels.
    shared: bool,
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
        let (frames, shared) = frames(&panels)?;
        let named = |panel: BarPanelLayout<'a>| {
            let name = panel.name(frames.width)?;
            Ok::<_, FigureError>((panel, name))
        };
        let series = bars.series.iter().map(String::as_str);
        Ok(Self {
            legend: Legend::new(series, legend::SQUARE, frames.end())?,
            panels: panels.into_iter().map(named).collect::<Result<_, _>>()?,
            frames,
            shared,
        })
    }

    /// Width and height of the panels with the legend.
    pub fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(COLUMNS);
        (self.frames.whole, self.y(rows) - BETWEEN)
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
                let x = self.frames.x(column);
                let y = top - BELOW_NAME - name.height;
                name.paint(area, At(x, y), HPos::Left)?;
                if column == 0 || !self.shared {
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
        let (left, width) = (self.frames.left(column), self.frames.width);
        let corner = At(self.frames.x(column) - left, top);
        let size = (left + width, panel.lanes.height() + numbers_below());
        panel.paint(&part(area, corner, size), left, width)
    }
}

/// Height of the longest name of panels side by side.
fn name_height(row: &[(BarPanelLayout<'_>, Block)]) -> f64 {
    tallest(row.iter().map(|(_, name)| name))
}
