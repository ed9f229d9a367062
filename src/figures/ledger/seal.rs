//! A verdict as a word on a coloured ground.

use super::Seal;
use crate::figures::FigureError;
use crate::figures::canvas::{Area, INK, unit};
use crate::figures::marks::stroke;
use crate::figures::text::{Block, Type};
use plotters::element::Polygon;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle, RGBColor, WHITE};
use std::f64::consts::PI;

/// The width and height of a seal.
pub const SIZE: (f64, f64) = (172.0, 42.0);
/// The size of letters.
const EM: f64 = 26.0;
/// The width of an outline.
const OUTLINE: f64 = 3.0;
/// The corners of each round end.
const CORNERS: u32 = 24;

/// Draws a seal with the middle of its left end there. Without colour the word tells,
/// and that what is not decided is not filled.
pub fn paint(area: &Area<'_>, seal: Seal, (x, y): (f64, f64)) -> Result<(), FigureError> {
    let (colour, letters) = match seal {
        Seal::Confirmed => (RGBColor(0, 116, 86), WHITE),
        Seal::Refuted => (RGBColor(188, 70, 0), WHITE),
        Seal::Undecided => (RGBColor(120, 120, 120), INK),
    };
    if seal == Seal::Undecided {
        // The outline is inside of what others fill.
        let mut outline = pill((x, y), OUTLINE / 2.0);
        outline.extend(outline.first().copied());
        stroke(area, outline, OUTLINE, (colour, None))?;
    } else {
        area.draw(&Polygon::new(pill((x, y), 0.0), colour.filled()))?;
    }
    let letters = Type(EM, FontStyle::Bold, letters);
    let word = Block::new(seal.word(), letters, f64::INFINITY)?;
    let at = (x + SIZE.0 / 2.0, y - word.height / 2.0);
    word.paint(area, at, HPos::Center)
}

/// The outline of a seal, so much within its borders, in units.
fn pill((x, y): (f64, f64), within: f64) -> Vec<(i32, i32)> {
    let middle = SIZE.1 / 2.0;
    let radius = middle - within;
    let end = |x: f64, from: f64| {
        let angles = (0..=CORNERS).map(move |nth| from + PI * f64::from(nth) / f64::from(CORNERS));
        angles.map(move |angle| (x + radius * angle.cos(), y + radius * angle.sin()))
    };
    let right = end(x + SIZE.0 - middle, -PI / 2.0);
    let left = end(x + middle, PI / 2.0);
    right.chain(left).map(|(x, y)| (unit(x), unit(y))).collect()
}
