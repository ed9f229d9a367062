//! Frame of a plot: its axes with numbers, and lines behind the data.

use super::Style;
use super::axis::{Axis, ValueAxis};
use super::marks::POINT;
use super::sheet::{Anchor, At, FRAME, INK, Pen, RULE, Role, Sheet};
use super::text::{Block, Letters};

/// Length of a tick with the space to its number.
pub const TICK: f64 = 12.0;
/// Space between a horizontal axis and its numbers, which the lowest number of a vertical one
/// reaches into.
const BELOW: f64 = 18.0;
/// Width of axes and of lines behind the data.
const LINE: f64 = 2.0;
/// Dash of reference lines such as chance.
const REFERENCE: (f64, f64) = (14.0, 10.0);

/// Area of a plot with a horizontal axis, and a vertical one or lanes.
pub struct Frame {
    pub corner: At,
    pub size: [f64; 2],
    pub x: Axis,
    /// None for lanes, which have no numbers.
    pub y: Option<Axis>,
}

impl Frame {
    /// Position of a value across.
    pub fn across(&self, value: f64) -> f64 {
        self.corner.0 + self.x.place(value) * self.size[0]
    }

    /// Position of a value down.
    pub fn down(&self, value: f64) -> f64 {
        let place = self.y.as_ref().map_or(0.0, |axis| axis.place(value));
        self.corner.1 + (1.0 - place) * self.size[1]
    }

    /// Draws the axes, and their numbers below and left of the area.
    pub fn paint(&self, sheet: &mut Sheet, letters: Letters) {
        let (At(left, top), [width, height]) = (self.corner, self.size);
        let (right, foot) = (left + width, top + height);
        let rule = Pen::solid(RULE, LINE);
        for (value, label) in self.x.ticks() {
            let x = self.across(*value);
            if self.y.is_none() {
                sheet.line(vec![At(x, top), At(x, foot)], rule);
            }
            sheet.line(
                vec![At(x, foot), At(x, foot + TICK / 2.0)],
                Pen::solid(FRAME, LINE),
            );
            let label = Block::new(label, letters, f64::INFINITY);
            label.paint(sheet, At(x, foot + BELOW), Anchor::Middle, Role::Tick);
        }
        for (value, label) in self.y.iter().flat_map(Axis::ticks) {
            let y = self.down(*value);
            sheet.line(vec![At(left, y), At(right, y)], rule);
            let label = Block::new(label, letters, f64::INFINITY);
            let at = At(left - TICK, y - label.height / 2.0);
            label.paint(sheet, at, Anchor::End, Role::Tick);
        }
        let axes = vec![At(left, top), At(left, foot), At(right, foot)];
        sheet.line(axes, Pen::solid(FRAME, LINE));
    }

    /// Draws a dashed line across the area at a value of the vertical axis, or down it at
    /// one of the horizontal axis if there are lanes.
    pub fn reference(&self, sheet: &mut Sheet, value: f64) {
        let (At(left, top), [width, height]) = (self.corner, self.size);
        let through = if self.y.is_some() {
            let y = self.down(value);
            vec![At(left, y), At(left + width, y)]
        } else {
            let x = self.across(value);
            vec![At(x, top), At(x, top + height)]
        };
        let pen = Pen {
            colour: INK,
            width: LINE,
            dash: Some(REFERENCE),
        };
        sheet.line(through, pen);
    }
}

/// Panels side by side in a row.
#[derive(Debug, Clone, Copy)]
pub struct PanelColumns {
    /// Number of panels in a row.
    pub across: usize,
    /// Width of each.
    pub width: f64,
}

/// Least width of a panel.
const MIN_PANEL: f64 = 420.0;

impl PanelColumns {
    /// Distributes panels over a width with a gap between two: as many side by side as are
    /// wanted and have room.
    pub fn new(panels: usize, wanted: usize, room: f64, gap: f64) -> Self {
        let fitting = ((room + gap) / (MIN_PANEL + gap)).floor().max(1.0) as usize;
        let across = wanted.min(fitting).min(panels).max(1);
        Self {
            across,
            width: ((room + gap) / across as f64 - gap).floor(),
        }
    }
}

/// Texts above a frame: head, title of the value axis and remark.
pub struct Heading {
    head: Block,
    title: Block,
    remark: Block,
}

impl Heading {
    /// Breaks the texts to a width. Without a head the title is bold.
    pub fn new(style: Style<'_>, head: &str, axis: &ValueAxis, width: f64) -> Self {
        let title = if head.is_empty() {
            style.bold()
        } else {
            style.text()
        };
        Self {
            head: Block::new(head, style.bold(), width),
            title: Block::new(&axis.title, title, width),
            remark: Block::new(&axis.remark, style.quiet(), width),
        }
    }

    pub fn height(&self) -> f64 {
        self.head.height + self.title.height + self.remark.height
    }

    pub fn paint(&self, sheet: &mut Sheet, at: At) {
        self.head.paint(sheet, at, Anchor::Start, Role::Text);
        let at = at.by(0.0, self.head.height);
        self.title.paint(sheet, at, Anchor::Start, Role::AxisTitle);
        let at = at.by(0.0, self.title.height);
        self.remark.paint(sheet, at, Anchor::Start, Role::Text);
    }
}

/// Height of the numbers below an area.
pub fn below(letters: Letters) -> f64 {
    BELOW + letters.leading()
}

/// Half of the widest point, which may reach beyond an axis.
pub const OVERHANG: f64 = POINT * 1.3;
