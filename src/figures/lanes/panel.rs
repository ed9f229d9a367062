//! One panel of lanes.

use std::ops::Range;

use super::{Lane, LaneKind, LanePanel};
use crate::figures::axis::{Axis, Room};
use crate::figures::extent::{Extent, finite};
use crate::figures::frame::Frame;
use crate::figures::marks::{DOT, POINT, dot, point, style_of, tint, whisker};
use crate::figures::sheet::{Anchor, At, INK, Pen, RULE, Role, Sheet};
use crate::figures::text::{Block, Letters};

/// Part of its lane that a bar fills.
const BAR: f64 = 0.84;
/// Part of its colour in a bar; the rest is white, so that single values show on it.
const TINT: f64 = 0.3;
/// Width of the line at the mean of dots.
const MEAN: f64 = 5.0;

/// Panel with the layout of its lanes.
pub struct PanelLayout<'a> {
    pub panel: &'a LanePanel,
    /// Range of the axis.
    pub extent: Extent,
    pub kind: LaneKind,
    /// Letters of numbers, and of remarks.
    pub letters: Letters,
    pub remark: Letters,
    /// Heights of the shown groups.
    pub heights: &'a [f64],
    pub thickness: f64,
}

impl LanePanel {
    fn all(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().flatten().flatten()
    }

    /// Number of lanes of a group.
    pub fn series(&self) -> usize {
        self.lanes.first().map_or(0, Vec::len)
    }

    /// Range of the values; none without any.
    pub fn extent(&self) -> Option<Extent> {
        let values = self.all().flat_map(|lane| {
            let dots = lane.dots.iter().map(|dot| dot.value);
            dots.chain(lane.mean)
        });
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let extent = Extent::new(values.into_iter(), self.axis.log)?;
        let intervals = self.all().filter_map(|lane| finite(lane.interval));
        Some(extent.around(intervals).with(&self.axis.references))
    }
}

impl PanelLayout<'_> {
    /// Draws the frame and the lanes of the groups from `first` on.
    pub fn paint(&self, sheet: &mut Sheet, corner: At, size: [f64; 2], first: usize) {
        let room = Room {
            length: size[0],
            letters: self.letters,
            across: true,
        };
        let x = match self.kind {
            LaneKind::Bars => Axis::bars(&self.extent, self.panel.axis.bounds, room),
            LaneKind::Strip { .. } | LaneKind::Points => {
                Axis::values(&self.extent, self.panel.axis.bounds, room)
            }
        };
        let frame = Frame {
            corner,
            size,
            x,
            y: None,
        };
        frame.paint(sheet, self.letters);
        for value in &self.panel.axis.references {
            frame.reference(sheet, *value);
        }
        let mut y = corner.1;
        for (nth, height) in self.heights.iter().enumerate() {
            if nth > 0 {
                let line = vec![At(corner.0, y), At(corner.0 + size[0], y)];
                sheet.line(line, Pen::solid(RULE, 2.0));
            }
            self.group(sheet, &frame, first + nth, y..y + height);
            y += height;
        }
    }

    /// Draws the lanes of a group between its borders.
    fn group(&self, sheet: &mut Sheet, frame: &Frame, group: usize, borders: Range<f64>) {
        let lanes = &self.panel.lanes[group];
        let middle = f64::midpoint(borders.start, borders.end);
        let first = middle - lanes.len() as f64 * self.thickness / 2.0;
        if lanes.iter().all(Option::is_none) {
            let text = Block::new("no values", self.remark, frame.size[0]);
            let at = At(
                frame.corner.0 + frame.size[0] / 2.0,
                middle - text.height / 2.0,
            );
            text.paint(sheet, at, Anchor::Middle, Role::Text);
        }
        for (series, lane) in lanes.iter().enumerate() {
            if let Some(lane) = lane {
                let top = first + series as f64 * self.thickness;
                self.lane(sheet, frame, lane, series, top);
            }
        }
        if self.panel.marked.get(group).copied().unwrap_or(false) {
            let star = Block::new(
                "*",
                Letters {
                    bold: true,
                    ..self.letters
                },
                f64::INFINITY,
            );
            let at = At(
                frame.corner.0 + frame.size[0] + 4.0,
                middle - star.height / 2.0,
            );
            star.paint(sheet, at, Anchor::Start, Role::Text);
        }
    }

    /// Draws the lane of a series from `top` on.
    fn lane(&self, sheet: &mut Sheet, frame: &Frame, lane: &Lane, series: usize, top: f64) {
        let style = style_of(series);
        let middle = top + self.thickness / 2.0;
        let mean = lane.mean.filter(|mean| mean.is_finite());
        let is_bar = self.kind == LaneKind::Bars && !frame.x.is_log();
        if let (Some(mean), true) = (mean, is_bar) {
            let base = frame.corner.0 + frame.x.base() * frame.size[0];
            let end = frame.across(mean);
            let corner = At(base.min(end), middle - self.thickness * BAR / 2.0);
            let size = [(end - base).abs(), self.thickness * BAR];
            sheet.rectangle(corner, size, tint(style.colour, TINT));
        }
        for one in lane.dots.iter().filter(|one| one.value.is_finite()) {
            let at = At(frame.across(one.value), top + one.place * self.thickness);
            dot(sheet, at, DOT, style_of(one.colour).colour);
        }
        let Some(mean) = mean else {
            return;
        };
        let x = frame.across(mean);
        if let Some((low, high)) = finite(lane.interval) {
            let ends = [low, high].map(|end| At(frame.across(end), middle));
            whisker(sheet, ends, [0.0, self.thickness.min(40.0) * 0.2], INK);
        }
        match self.kind {
            LaneKind::Bars | LaneKind::Points => point(sheet, At(x, middle), POINT, style),
            LaneKind::Strip { .. } => {
                let line = vec![At(x, top), At(x, top + self.thickness)];
                sheet.line(line, Pen::solid(INK, MEAN));
            }
        }
    }
}
