//! The frame of a chart: its axes, the numbers at them, and the lines behind the data.

use super::FigureError;
use super::axis::{APART, Axis, NUMBER};
use super::canvas::{Area, FRAME, INK, MARGIN, unit};
use super::text::Type;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::SVGBackend;
use plotters::style::{Color, FontStyle, RGBColor};

/// The length of a tick, in pixels; its number stands as far away again.
pub const TICK: f64 = 10.0;
/// The lines behind the data.
pub const RULE: RGBColor = RGBColor(226, 226, 226);
/// The letters of the names of axes.
pub const NAME: Type = Type(36.0, FontStyle::Normal, INK);

/// A chart whose frame is drawn.
pub type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Axis, Axis>>;

/// The width left of the frame: room for the longest number of any of the axes.
pub fn left_of_frame<'a>(axes: impl IntoIterator<Item = &'a Axis>) -> Result<f64, FigureError> {
    let mut widths = axes.into_iter().map(Axis::longest);
    let widest = widths.try_fold(0.0, |most, width| Ok::<_, FigureError>(width?.max(most)))?;
    Ok((widest + 2.0 * TICK).ceil())
}

/// The width between frames side by side: the last number of one and the first of the
/// next, of which the longest has that width, do not touch.
pub fn between_frames(longest: f64) -> f64 {
    (longest + APART).ceil()
}

/// The width right of the last frame: what half of the longest number takes beyond the
/// margin of the page.
pub fn right_of_frame(longest: f64) -> f64 {
    (longest / 2.0 - MARGIN).ceil().max(0.0)
}

/// The height below the frame that has room for numbers.
pub fn numbers_below() -> f64 {
    TICK + NUMBER.leading()
}

/// The height below the frame: numbers and the name of the axis.
pub fn below_frame() -> f64 {
    numbers_below() + NAME.leading() + 4.0
}

/// Draws the axes, horizontal and vertical, with their numbers, and the light lines
/// between. The area holds the frame with `left` pixels beside and `below` pixels
/// under it; at the foot of these is the name of the horizontal axis, if it has one.
pub fn frame<'a>(
    area: &Area<'a>,
    (left, below): (f64, f64),
    (horizontal, vertical): (Axis, Axis),
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
