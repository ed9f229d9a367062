//! Values by inversion, one lane each: bars of means, or dots of classes.

pub(super) mod panel;

use super::axis::ValueAxis;
use super::extent::Extent;
use super::frame::{Heading, OVERHANG, PanelColumns, below};
use super::legend::legend;
use super::marks::{DOT, POINT, dot, point, style_of};
use super::page::Parts;
use super::sheet::{Anchor, At, Role, Sheet};
use super::text::{Block, greatest, widest};
use super::{Drawing, FigureError, Style, check_parts};
use panel::PanelLayout;

/// Content of a figure of lanes.
#[derive(Debug, Clone)]
pub struct Lanes<'a> {
    /// Look and texts.
    pub style: Style<'a>,
    /// Mark of means.
    pub kind: LaneKind,
    /// Names of the groups of lanes, from top to bottom.
    pub groups: Vec<String>,
    /// Names of the colours: series of bars, or classes of dots.
    pub legend: Vec<String>,
    /// Panels, row by row. A panel without any value is left out.
    pub panels: Vec<LanePanel>,
    /// Panels side by side, where they have room.
    pub across: usize,
}

/// Mark of the mean in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneKind {
    /// Bar from 0, or a point on a log axis, with the values of single trainings.
    Bars,
    /// Line across the dots of trainings, with a row for each class.
    Strip {
        /// Number of rows.
        rows: usize,
    },
    /// Point, with the values of single trainings.
    Points,
}

/// One panel. Panels of one title have one range.
#[derive(Debug, Clone)]
pub struct LanePanel {
    /// Bold text above the panel; may be empty.
    pub head: String,
    /// Axis of values.
    pub axis: ValueAxis,
    /// Lanes by group, then by series.
    pub lanes: Vec<Vec<Option<Lane>>>,
    /// Groups with an asterisk: a significant difference.
    pub marked: Vec<bool>,
}

/// Values of one lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Mean over the trainings, if there is one.
    pub mean: Option<f64>,
    /// Interval around the mean, if it has one.
    pub interval: Option<(f64, f64)>,
    /// Single values; those that are not finite are left out.
    pub dots: Vec<LaneDot>,
}

/// One value in a lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneDot {
    /// Value.
    pub value: f64,
    /// Place in the lane from its upper border, 0, to its lower one, 1.
    pub place: f64,
    /// Number of its colour.
    pub colour: usize,
}

/// Space between panels side by side.
const GAP: f64 = 90.0;
/// Greatest width of the labels, relative to that of the figure.
const LABELS: f64 = 0.22;
/// Space between a label and the axis.
const LABEL_GAP: f64 = 14.0;
/// Space between a heading and its panel.
const BELOW_HEAD: f64 = 10.0;
/// Greatest height of a group of lanes, relative to that of a page.
const GROUP: f64 = 0.8;
/// Space around a group of lanes.
const GROUP_GAP: f64 = 14.0;

/// Draws lanes.
///
/// # Errors
/// If no panel has a value, or a panel or group does not match the groups or series.
pub fn draw(lanes: &Lanes<'_>) -> Result<Drawing, FigureError> {
    for panel in &lanes.panels {
        panel.check(lanes)?;
    }
    let shown: Vec<&LanePanel> = lanes
        .panels
        .iter()
        .filter(|p| p.extent().is_some())
        .collect();
    if shown.is_empty() {
        return Err(FigureError::Empty);
    }
    let style = lanes.style;
    let head = legend(style, &lanes.legend, |sheet, at, nth| match lanes.kind {
        LaneKind::Bars | LaneKind::Points => point(sheet, at, POINT, style_of(nth)),
        LaneKind::Strip { .. } => dot(sheet, at, 2.0 * DOT, style_of(nth).colour),
    });
    let sheet = LaneSheet::new(lanes, &shown);
    let free = style.height() - head.height - sheet.around();
    let mut rows = Vec::new();
    for groups in sheet.chunks(free) {
        for panels in shown.chunks(sheet.across) {
            rows.push(sheet.row(panels, groups.clone()));
        }
    }
    style.draw(Parts { head, rows })
}

impl LanePanel {
    fn check(&self, lanes: &Lanes<'_>) -> Result<(), FigureError> {
        let title = &self.axis.title;
        let whole = format_args!("panel `{title}`");
        check_parts(
            whole,
            self.lanes.len(),
            "groups",
            lanes.groups.len(),
            "group",
        )?;
        let series = self.lanes.first().map_or(0, Vec::len);
        self.lanes
            .iter()
            .zip(&lanes.groups)
            .try_for_each(|(group, label)| {
                let whole = format_args!("group `{label}` of `{title}`");
                check_parts(whole, group.len(), "lanes", series, "series")
            })
    }
}

/// Layout that all panels share.
struct LaneSheet<'a> {
    lanes: &'a Lanes<'a>,
    shown: &'a [&'a LanePanel],
    labels: Vec<Block>,
    /// Heights of the groups.
    heights: Vec<f64>,
    /// Height of one lane.
    thickness: f64,
    across: usize,
    /// Left border of the first panel, and width of each.
    left: f64,
    width: f64,
    /// Height of the tallest heading.
    head: f64,
}

impl<'a> LaneSheet<'a> {
    fn new(lanes: &'a Lanes<'_>, shown: &'a [&'a LanePanel]) -> Self {
        let style = lanes.style;
        let labels = Block::each(&lanes.groups, style.text(), style.width() * LABELS);
        let left = widest(&labels) + LABEL_GAP;
        let room = style.width() - left - OVERHANG;
        let PanelColumns { across, width } =
            PanelColumns::new(shown.len(), lanes.across, room, GAP);
        let series = shown.iter().map(|panel| panel.series()).max().unwrap_or(1);
        let thickness = match lanes.kind {
            LaneKind::Bars | LaneKind::Points if series > 1 => 24.0,
            LaneKind::Bars | LaneKind::Points => 30.0,
            LaneKind::Strip { rows } => (rows as f64 * 12.0).clamp(48.0, 200.0),
        };
        // The lanes of a group are on one page.
        let thickness = f64::min(thickness, style.height() * GROUP / series as f64);
        let height = |label: &Block| label.height.max(series as f64 * thickness) + GROUP_GAP;
        let mut sheet = Self {
            lanes,
            shown,
            heights: labels.iter().map(height).collect(),
            labels,
            thickness,
            across,
            left,
            width,
            head: 0.0,
        };
        let heads = shown.iter().map(|panel| sheet.heading(panel));
        sheet.head = greatest(heads.map(|head| head.height()));
        sheet
    }

    fn heading(&self, panel: &LanePanel) -> Heading {
        // The title may use the space up to the next panel, but not touch its title.
        let width = self.width + GAP / 2.0;
        Heading::new(self.lanes.style, &panel.head, &panel.axis, width)
    }

    /// Range of a panel: of all panels with its title.
    fn extent(&self, panel: &LanePanel) -> Option<Extent> {
        let all = self.shown.iter().map(|other| (&other.axis, other.extent()));
        Extent::shared(&panel.axis, all)
    }

    /// Height of a row of panels without its lanes.
    fn around(&self) -> f64 {
        self.head + BELOW_HEAD + below(self.lanes.style.small())
    }

    /// Splits the groups so that each part fits into a height.
    fn chunks(&self, free: f64) -> Vec<std::ops::Range<usize>> {
        let mut chunks: Vec<std::ops::Range<usize>> = Vec::new();
        let mut used = f64::INFINITY;
        for (nth, height) in self.heights.iter().enumerate() {
            if used + height > free {
                chunks.push(nth..nth);
                used = 0.0;
            }
            used += height;
            if let Some(chunk) = chunks.last_mut() {
                chunk.end = nth + 1;
            }
        }
        chunks
    }

    /// Draws panels side by side with some of the groups.
    fn row(&self, panels: &[&LanePanel], groups: std::ops::Range<usize>) -> Sheet {
        let style = self.lanes.style;
        let heads: Vec<Heading> = panels.iter().map(|panel| self.heading(panel)).collect();
        let head = greatest(heads.iter().map(Heading::height));
        let top = head + BELOW_HEAD;
        let height: f64 = self.heights[groups.clone()].iter().sum();
        let mut sheet = Sheet::new(style.width(), top + height + below(style.small()));
        let mut y = top;
        for group in groups.clone() {
            let (label, height) = (&self.labels[group], self.heights[group]);
            let at = At(self.left - LABEL_GAP, y + (height - label.height) / 2.0);
            label.paint(&mut sheet, at, Anchor::End, Role::Tick);
            y += height;
        }
        for (nth, (panel, heading)) in panels.iter().zip(&heads).enumerate() {
            let x = self.left + nth as f64 * (self.width + GAP);
            heading.paint(&mut sheet, At(x, head - heading.height()));
            let Some(extent) = self.extent(panel) else {
                continue;
            };
            let layout = PanelLayout {
                panel,
                extent,
                kind: self.lanes.kind,
                letters: style.small(),
                remark: style.quiet(),
                heights: &self.heights[groups.clone()],
                thickness: self.thickness,
            };
            layout.paint(&mut sheet, At(x, top), [self.width, height], groups.start);
        }
        sheet
    }
}

#[cfg(test)]
mod tests;
