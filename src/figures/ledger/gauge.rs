//! The region of a claim with what was measured of it, on a scale.

use super::LedgerTest;
use crate::figures::FigureError;
use crate::figures::canvas::{Area, INK, unit};
use crate::figures::extent::Extent;
use crate::figures::marks::{mark, stroke};
use plotters::element::Rectangle;
use plotters::style::{Color, RGBColor};
use std::ops::Range;

/// The width of a scale.
pub const WIDTH: f64 = 250.0;
/// Half of its height.
const HALF: f64 = 15.0;
/// How much of the range of the data is added at each end.
const PAD: f64 = 0.16;
/// The radius of a mean.
const DOT: f64 = 8.0;
/// Half of the line at the end of a whisker.
const CAP: f64 = 11.0;
/// The width of lines.
const LINE: f64 = 4.0;

/// Where a claim is false.
const GROUND: RGBColor = RGBColor(240, 240, 240);
/// Where it is true.
const REGION: RGBColor = RGBColor(184, 212, 234);
/// The ends of that.
const BOUND: RGBColor = RGBColor(0, 90, 160);

/// The range of values from the left to the right border of a scale.
struct Scale(Range<f64>);

impl Scale {
    fn new(test: &LedgerTest) -> Self {
        let region = [test.region.0, test.region.1];
        let interval = test.interval.map(|(low, high)| [low, high]);
        let values = region.into_iter().chain(test.mean);
        let values = values.chain(interval.into_iter().flatten());
        let finite = values.filter(|value| value.is_finite());
        // Without a value any range will do.
        let range = Extent::new(finite, false).map_or(0.0..1.0, |extent| extent.range());
        let pad = PAD * (range.end - range.start);
        Self(range.start - pad..range.end + pad)
    }

    /// From the left border, in pixels; infinite values are at the borders.
    fn place(&self, value: f64) -> f64 {
        let Range { start, end } = self.0;
        (value.clamp(start, end) - start) / (end - start) * WIDTH
    }
}

/// Draws a test on its scale, with its left end and the middle of its height there.
pub fn paint(area: &Area<'_>, test: &LedgerTest, (x, y): (f64, f64)) -> Result<(), FigureError> {
    let scale = Scale::new(test);
    let place = |value| x + scale.place(value);
    fill(area, (x, x + WIDTH), y, GROUND)?;
    let (low, high) = test.region;
    shade(area, (place(low), place(high)), y)?;
    for end in [low, high].into_iter().filter(|end| end.is_finite()) {
        upright(area, (place(end), y), HALF, BOUND)?;
    }
    let known = |(low, high): &(f64, f64)| !low.is_nan() && !high.is_nan();
    if let Some((low, high)) = test.interval.filter(known) {
        let ends = [low, high].map(|end| (place(end), end.is_finite()));
        whisker(area, ends, y)?;
    }
    let mean = test.mean.filter(|mean| mean.is_finite());
    mean.map_or(Ok(()), |mean| dot(area, (place(mean), y)))
}

/// Fills where a claim is true, from left to right.
pub fn shade(area: &Area<'_>, ends: (f64, f64), y: f64) -> Result<(), FigureError> {
    fill(area, ends, y, REGION)
}

/// Draws an interval, from left to right. An end may have a line across.
pub fn whisker(area: &Area<'_>, ends: [(f64, bool); 2], y: f64) -> Result<(), FigureError> {
    let line = ends.map(|(x, _)| (unit(x), unit(y)));
    stroke(area, line.to_vec(), LINE, (INK, None))?;
    let closed = ends.into_iter().filter(|(_, closed)| *closed);
    closed
        .into_iter()
        .try_for_each(|(x, _)| upright(area, (x, y), CAP, INK))
}

/// Draws a mean.
pub fn dot(area: &Area<'_>, (x, y): (f64, f64)) -> Result<(), FigureError> {
    mark(area, (unit(x), unit(y)), DOT, (INK, None))
}

fn fill(
    area: &Area<'_>,
    (left, right): (f64, f64),
    y: f64,
    colour: RGBColor,
) -> Result<(), FigureError> {
    let corners = [(left, y - HALF), (right, y + HALF)].map(|(x, y)| (unit(x), unit(y)));
    area.draw(&Rectangle::new(corners, colour.filled()))?;
    Ok(())
}

/// Draws a line that reaches that far up and down.
fn upright(
    area: &Area<'_>,
    (x, y): (f64, f64),
    reach: f64,
    colour: RGBColor,
) -> Result<(), FigureError> {
    let line = [y - reach, y + reach].map(|y| (unit(x), unit(y)));
    stroke(area, line.to_vec(), LINE, (colour, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(mean: Option<f64>, interval: Option<(f64, f64)>, region: (f64, f64)) -> LedgerTest {
        LedgerTest {
            quantity: String::new(),
            observed: String::new(),
            claimed: String::new(),
            mean,
            interval,
            region,
        }
    }

    #[test]
    fn a_scale_holds_all_that_is_finite_and_some_more() {
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        let places = |test: &LedgerTest, values: &[f64]| {
            let scale = Scale::new(test);
            let place = |value: &f64| (scale.place(*value) / WIDTH * 132.0).round();
            values.iter().map(place).collect::<Vec<_>>()
        };
        // 100 parts and 16 more at each end.
        let one = test(Some(0.5), Some((0.0, 1.0)), (0.25, high));
        let values = [low, 0.0, 0.25, 0.5, 1.0, high];
        assert_eq!(places(&one, &values), [0.0, 16.0, 41.0, 66.0, 116.0, 132.0]);
        let far = test(Some(f64::NAN), Some((2.0, high)), (low, 12.0));
        assert_eq!(places(&far, &[2.0, 12.0]), [16.0, 116.0]);
        let point = test(None, None, (3.0, 3.0));
        assert_eq!(places(&point, &[3.0]), [66.0]);
        let nothing = test(None, None, (low, high));
        assert_eq!(places(&nothing, &[low, high]), [0.0, 132.0]);
    }
}
