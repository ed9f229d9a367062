//! Frame of a chart: axes, numbers at them, and light lines behind the data.

use super::FigureError;
use super::axis::{APART, Axis, NUMBER};
use super::canvas::{Area, FRAME, INK, MARGIN, unit};
use super::text::{Type, longest};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::SVGBackend;
use plotters::style::{Color, FontStyle, RGBColor};

/// Length of a tick and the distance from it to its number, in pixels.
pub const TICK: f64 = 10.0;
/// Colour of the lines behind the data.
pub const RULE: RGBColor = RGBColor(226, 226, 226);
/// Type of the names of axes.
pub const NAME: Type = Type(36.0, FontStyle::Normal, INK);

/// Chart with a drawn frame.
pub type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Axis, Axis>>;

/// Width left of the frame, which holds the longest number of all axes.
pub fn left_of_frame<'a>(axes: impl IntoIterator<Item = &'a Axis>) -> Result<f64, FigureError> {
    let widest = longest(axes.into_iter().map(Axis::longest))?;
    Ok((widest + 2.0 * TICK).ceil())
}

/// Width between frames side by side, so that the last number of one and the first of the
/// next do not touch; the longest number is `longest` pixels wide.
pub fn between_frames(longest: f64) -> f64 {
    (longest + APART).ceil()
}

/// Width right of the last frame: the part of half the longest number beyond the margin of
/// the page.
pub fn right_of_frame(longest: f64) -> f64 {
    (longest / 2.0 - MARGIN).ceil().max(0.0)
}

/// Height of the numbers below the frame.
pub fn numbers_below() -> f64 {
    TICK + NUMBER.leading()
}

/// Height of the numbers and the name of the axis below the frame.
pub fn below_frame() -> f64 {
    numbers_below() + NAME.leading() + 4.0
}

/// Draws the axes with their numbers and the light lines between. The area holds the frame
/// with `left` pixels beside and `below` pixels under it, at whose foot is the name of the
/// horizontal axis, if it has one.
pub fn frame<'a>(
    area: &Area<'a>,
    left: f64,
    below: f64,
    horizontal: Axis,
    vertical: Axis,
    name: Option<&str>,
) -> Result<Chart<'a>, FigureError> {
    let mut chart = ChartBuilder::on(area)
        .y_label_area_size(unit(left))
        .x_label_area_size(unit(below))
        .build_cartesian_2d(horizontal, vertical)?;
    let line = |colour: RGBColor| colour.stroke_width(unit(2.0) as u32);
    // plotters puts a quarter of an em below the tick; capitals want half their height.
    let lower = NUMBER.capital() / 2.0 - NUMBER.0 / 4.0;
    let mut mesh = chart.configure_mesh();
    mesh.bold_line_style(line(RULE))
        .axis_style(line(FRAME))
        .set_all_tick_mark_size(unit(TICK))
        .label_style(NUMBER.style())
        .axis_desc_style(NAME.style())
        .y_label_offset(unit(lower));
    if let Some(name) = name {
        mesh.x_desc(name);
    }
    mesh.draw()?;
    Ok(chart)
}
