//! Weights of a layer as a map of colours: one row per unit, one column per input.

use super::axis::{Axis, Room};
use super::extent::Extent;
use super::frame::TICK;
use super::page::Parts;
use super::sheet::{Anchor, At, BORDER, Colour, Pixels, Role, Sheet};
use super::text::{Block, widest};
use super::{Drawing, FigureError, Style};
use crate::config::Bounds;

/// Content of a map of weights.
#[derive(Debug, Clone)]
pub struct Weights<'a> {
    /// Look and texts.
    pub style: Style<'a>,
    /// Noun for rows, such as `unit`, and the name of each.
    pub rows: Names<'a>,
    /// Noun for columns, such as `input`, and the name of each.
    pub columns: Names<'a>,
    /// Weights by row and column.
    pub values: Vec<Vec<f64>>,
}

/// Names at a side of a map.
#[derive(Debug, Clone)]
pub struct Names<'a> {
    /// Noun.
    pub noun: &'a str,
    /// Name of each.
    pub all: Vec<String>,
}

/// Longest side of a weight.
const MAX_SIDE: f64 = 110.0;
/// Greatest height of a map, unless weights would be below one dot.
const MAX_HEIGHT: f64 = 1100.0;
/// Width and least height of the colour bar.
const BAR: [f64; 2] = [32.0, 220.0];
/// Space between the map and the colour bar.
const GAP: f64 = 54.0;

/// Colours of the lowest and of the highest weight; 0 is white. Both differ for the
/// colour-blind, too.
const ENDS: [Colour; 2] = [[0, 90, 160], [213, 94, 0]];

/// Draws a map of weights. The colours end at plus and minus the largest absolute weight.
///
/// # Errors
/// If there are no weights, a row does not have one for each column, one is not
/// finite, or the page would be too large.
pub fn draw(weights: &Weights<'_>) -> Result<Drawing, FigureError> {
    check(weights)?;
    weights.style.draw(Parts {
        head: Sheet::default(),
        rows: vec![Map::new(weights).sheet()],
    })
}

fn check(weights: &Weights<'_>) -> Result<(), FigureError> {
    let shape = (weights.rows.all.len(), weights.columns.all.len());
    if shape.0 == 0 || shape.1 == 0 {
        return Err(FigureError::Empty);
    }
    let ragged = weights.values.iter().any(|row| row.len() != shape.1);
    if weights.values.len() != shape.0 || ragged {
        return Err(FigureError::Weights { shape });
    }
    let mut all = weights.values.iter().flatten();
    all.find(|weight| !weight.is_finite())
        .map_or(Ok(()), |weight| Err(FigureError::Weight(*weight)))
}

/// Returns the colour of a weight, relative to the largest absolute one.
fn colour(fraction: f64) -> Colour {
    let end = ENDS[usize::from(fraction > 0.0)];
    let strength = fraction.abs().min(1.0);
    end.map(|part| (255.0 - strength * (255.0 - f64::from(part))).round() as u8)
}

/// Laid out map.
struct Map<'a> {
    weights: &'a Weights<'a>,
    /// The largest absolute weight; 1 if all are 0.
    most: f64,
    /// Names of rows and of columns.
    rows: Vec<Block>,
    columns: Vec<Block>,
    /// Upper left corner, width and height of the map.
    corner: At,
    size: [f64; 2],
}

impl<'a> Map<'a> {
    fn new(weights: &'a Weights<'a>) -> Self {
        let style = weights.style;
        let names = |names: &Names<'_>| Block::each(&names.all, style.small(), f64::INFINITY);
        let (rows, columns) = (names(&weights.rows), names(&weights.columns));
        let all = weights.values.iter().flatten();
        let largest = all.fold(0.0, |most: f64, value| most.max(value.abs()));
        let noun = style.text();
        let left = widest(&rows).max(noun.width(weights.rows.noun)) + TICK;
        let room = style.width() - left - GAP - BAR[0] - 5.0 * style.small().em;
        let side = |room: f64, count: usize| {
            let fitting = room / count as f64;
            let whole = if fitting < 1.0 {
                fitting
            } else {
                fitting.floor()
            };
            whole.min(MAX_SIDE) * count as f64
        };
        Self {
            most: if largest > 0.0 { largest } else { 1.0 },
            // The first number of the colour bar reaches above it.
            corner: At(left.ceil(), noun.leading() + style.small().leading()),
            size: [
                side(room, columns.len()),
                side(MAX_HEIGHT.min(style.height() * 0.8), rows.len()),
            ],
            weights,
            rows,
            columns,
        }
    }

    fn sheet(&self) -> Sheet {
        let style = self.weights.style;
        let below = TICK + style.small().leading() + style.text().leading();
        let height = (self.size[1] + below).max(BAR[1]);
        let mut sheet = Sheet::new(style.width(), self.corner.1 + height + TICK);
        let shape = [self.columns.len(), self.rows.len()];
        let weights = self.weights.values.iter().flatten();
        let colours = weights.flat_map(|value| colour(value / self.most));
        let map = Pixels {
            size: shape,
            data: colours.collect(),
            coloured: true,
        };
        sheet.image(self.corner, self.size, &map);
        self.names(&mut sheet);
        self.colour_bar(&mut sheet);
        sheet
    }

    /// Draws the colours from the highest weight down to the lowest, with numbers.
    fn colour_bar(&self, sheet: &mut Sheet) {
        const STEPS: usize = 101;
        let height = self.size[1].max(BAR[1]);
        let at = At(self.corner.0 + self.size[0] + GAP, self.corner.1);
        let half = (STEPS / 2) as f64;
        let bar = Pixels {
            size: [1, STEPS],
            data: (0..STEPS)
                .flat_map(|step| colour(1.0 - step as f64 / half))
                .collect(),
            coloured: true,
        };
        sheet.image(at, [BAR[0], height], &bar);
        let letters = self.weights.style.small();
        let ends = Extent {
            low: -self.most,
            high: self.most,
            log: false,
        };
        let room = Room {
            length: height,
            letters,
            across: false,
        };
        let bounds = Bounds::new(-self.most, self.most);
        let axis = Axis::values(&ends, bounds, room);
        for (value, text) in axis.ticks() {
            let text = Block::new(text, letters, f64::INFINITY);
            let down = (1.0 - axis.place(*value)) * height - text.height / 2.0;
            text.paint(sheet, at.by(BAR[0] + TICK, down), Anchor::Start, Role::Tick);
        }
        let title = Block::new("weight", self.weights.style.text(), f64::INFINITY);
        let above = at.by(0.0, -self.corner.1);
        title.paint(sheet, above, Anchor::Start, Role::AxisTitle);
    }

    /// Writes as many names of rows and columns as have room.
    fn names(&self, sheet: &mut Sheet) {
        let style = self.weights.style;
        let (At(left, top), [width, height]) = (self.corner, self.size);
        let every = |room: f64, side: f64, count: usize| {
            (room / (side / count as f64)).ceil().max(1.0) as usize
        };
        let step = every(style.small().leading(), height, self.rows.len());
        for (row, name) in self.rows.iter().enumerate().step_by(step) {
            let middle = (row as f64 + 0.5) / self.rows.len() as f64 * height;
            let at = At(left - TICK - BORDER, top + middle - name.height / 2.0);
            name.paint(sheet, at, Anchor::End, Role::Tick);
        }
        let below = top + height + TICK;
        let apart = widest(&self.columns) + style.small().em * 0.6;
        let step = every(apart, width, self.columns.len());
        for (column, name) in self.columns.iter().enumerate().step_by(step) {
            let middle = left + (column as f64 + 0.5) / self.columns.len() as f64 * width;
            name.paint(sheet, At(middle, below), Anchor::Middle, Role::Tick);
        }
        let noun = |noun| Block::new(noun, style.text(), f64::INFINITY);
        let at = At(0.0, 0.0);
        noun(self.weights.rows.noun).paint(sheet, at, Anchor::Start, Role::AxisTitle);
        let at = At(left + width / 2.0, below + style.small().leading());
        noun(self.weights.columns.noun).paint(sheet, at, Anchor::Middle, Role::AxisTitle);
    }
}

#[cfg(test)]
mod tests;
