//! Legends: a sample and a label for each series.

use super::page::Style;
use super::sheet::{Anchor, At, Role, Sheet};
use super::text::Block;

/// Width of a sample.
pub const SAMPLE: f64 = 64.0;
/// Space between a sample and its label, and after the label.
const GAPS: [f64; 2] = [10.0, 34.0];

/// Draws a legend in as many lines as it needs; empty for a single series. `sample` draws
/// the sample of a series around a position in its middle.
pub fn legend(
    style: Style<'_>,
    labels: &[String],
    sample: impl Fn(&mut Sheet, At, usize),
) -> Sheet {
    let width = style.width();
    let mut sheet = Sheet::new(width, 0.0);
    if labels.len() < 2 {
        return sheet;
    }
    let leading = style.text().leading();
    let (mut x, mut y, mut below) = (0.0, 0.0, 0.0);
    for (nth, label) in labels.iter().enumerate() {
        let label = Block::new(label, style.text(), width - SAMPLE - GAPS[0]);
        let needed = SAMPLE + GAPS[0] + label.width;
        if x > 0.0 && x + needed > width {
            (x, y) = (0.0, below);
        }
        sample(&mut sheet, At(x + SAMPLE / 2.0, y + leading / 2.0), nth);
        let at = At(x + SAMPLE + GAPS[0], y);
        label.paint(&mut sheet, at, Anchor::Start, Role::Text);
        x += needed + GAPS[1];
        below = f64::max(below, y + label.height);
    }
    sheet.height = below;
    sheet
}
