//! Marks of data in a chart: lines, circles, bands and whiskers.

use super::FigureError;
use super::canvas::unit;
use super::chart::Chart;
use plotters::coord::CoordTranslate;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, DashedPathElement, EmptyElement, PathElement, Polygon};
use plotters::prelude::SVGBackend;
use plotters::style::{Color, RGBColor, WHITE};

/// Colour, and the lengths of dashes and of the gaps between, if the line has any.
pub type Style = (RGBColor, Option<(f64, f64)>);

/// Colours that the colour-blind can distinguish (after Okabe and Ito 2008; the last four are
/// as far from all others as the first are from each other), each with its own dashes, for
/// print without colour.
const STYLES: [Style; 10] = [
    (RGBColor(0, 90, 160), None),
    (RGBColor(213, 94, 0), Some((18.0, 13.0))),
    (RGBColor(0, 128, 96), Some((2.0, 11.0))),
    (RGBColor(150, 60, 120), Some((44.0, 12.0))),
    (RGBColor(86, 180, 233), Some((9.0, 9.0))),
    (RGBColor(230, 159, 0), Some((30.0, 22.0))),
    (RGBColor(204, 121, 167), Some((2.0, 24.0))),
    (RGBColor(92, 46, 10), Some((80.0, 24.0))),
    (RGBColor(130, 130, 230), Some((30.0, 10.0))),
    (RGBColor(150, 200, 120), Some((10.0, 26.0))),
];

/// Width of a line.
pub const STROKE: f64 = 5.0;
/// Width of a whisker.
const WHISKER: f64 = 3.0;
/// Opacity of a band.
const BAND: f64 = 0.16;
/// Part of its colour in a filled bar; the rest is white.
const TINT: f64 = 0.75;

/// Yields the style of each series in turn. The first ten differ; then they repeat.
pub fn styles() -> impl Iterator<Item = Style> + Clone {
    STYLES.into_iter().cycle()
}

/// Lightens a colour for an area, so that whiskers on it are visible.
pub fn tint(colour: RGBColor) -> RGBColor {
    let light = |part: u8| (255.0 - TINT * (255.0 - f64::from(part))).round() as u8;
    RGBColor(light(colour.0), light(colour.1), light(colour.2))
}

/// Yields the runs of values between gaps; a run may be empty.
pub fn runs<T: Copy>(values: &[Option<T>]) -> impl Iterator<Item = Vec<T>> {
    let runs = values.split(Option::is_none);
    runs.map(|run| run.iter().copied().flatten().collect())
}

/// Draws a line through points.
pub fn stroke<C: CoordTranslate>(
    area: &DrawingArea<SVGBackend<'_>, C>,
    points: Vec<C::From>,
    width: f64,
    (colour, dashes): Style,
) -> Result<(), FigureError>
where
    C::From: Clone,
{
    let pen = colour.stroke_width(unit(width) as u32);
    match dashes {
        None => area.draw(&PathElement::new(points, pen))?,
        Some((dash, gap)) => {
            area.draw(&DashedPathElement::new(points, unit(dash), unit(gap), pen))?;
        }
    }
    Ok(())
}

/// Draws a value: a disc in a solid style, a ring in a dashed one.
pub fn mark<C: CoordTranslate>(
    area: &DrawingArea<SVGBackend<'_>, C>,
    at: C::From,
    radius: f64,
    (colour, dashes): Style,
) -> Result<(), FigureError>
where
    C::From: Clone,
{
    let circle = |radius, colour: RGBColor| Circle::new(at.clone(), unit(radius), colour.filled());
    area.draw(&circle(radius, colour))?;
    if dashes.is_some() {
        area.draw(&circle(radius / 1.8, WHITE))?;
    }
    Ok(())
}

/// Fills the area between the ends of intervals: `x`, lower and upper end.
pub fn band(
    chart: &Chart<'_>,
    intervals: &[(f64, f64, f64)],
    colour: RGBColor,
) -> Result<(), FigureError> {
    let above = intervals.iter().map(|(x, _, high)| (*x, *high));
    let below = intervals.iter().rev().map(|(x, low, _)| (*x, *low));
    let outline: Vec<_> = above.chain(below).collect();
    let area = chart.plotting_area();
    area.draw(&Polygon::new(outline, colour.mix(BAND).filled()))?;
    Ok(())
}

/// Draws an interval from one point to another. Each end inside the frame has a bar across,
/// which reaches `cap` pixels, right and down, to both sides.
pub fn whisker(
    chart: &Chart<'_>,
    ends: [(f64, f64); 2],
    cap: (f64, f64),
    colour: RGBColor,
) -> Result<(), FigureError> {
    let area = chart.plotting_area();
    let pen = colour.stroke_width(unit(WHISKER) as u32);
    area.draw(&PathElement::new(ends.to_vec(), pen))?;
    let (x, y) = (unit(cap.0), unit(cap.1));
    let axes = area.as_coord_spec();
    for end in ends {
        if axes.x_spec().holds(end.0) && axes.y_spec().holds(end.1) {
            let cap = PathElement::new(vec![(-x, -y), (x, y)], pen);
            area.draw(&(EmptyElement::at(end) + cap))?;
        }
    }
    Ok(())
}
