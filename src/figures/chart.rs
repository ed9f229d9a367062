//! The frame of a chart: where its axes begin and end, which numbers stand at them,
//! and the lines behind the data.
//!
//! plotters gets our axes through its own traits. Its log axis would find no ticks
//! below 2e-16 and overflow at the end of long ranges; ours is a linear one of logarithms.

use super::FigureError;
use super::canvas::{Area, FRAME, INK, unit};
use super::text::{Type, printable};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{
    BoldPoints, KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter,
};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::SVGBackend;
use plotters::style::{Color, FontStyle, RGBColor};
use std::iter::once;
use std::ops::Range;

/// How much of the range of the data is added at each end of a vertical axis.
const PAD: f64 = 0.05;
/// The same for a horizontal axis.
const INSET: f64 = 0.03;
/// The length of a tick, in pixels; its number stands as far away again.
const TICK: f64 = 10.0;
/// The lines behind the data.
const RULE: RGBColor = RGBColor(226, 226, 226);
/// The letters of the names of axes.
pub const NAME: Type = Type(36.0, FontStyle::Normal, INK);
/// The letters of the numbers at axes.
pub const NUMBER: Type = Type(32.0, FontStyle::Normal, INK);

/// A chart whose frame is drawn.
pub type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Axis, Axis>>;

/// One axis.
#[derive(Debug, Clone)]
pub struct Axis {
    log: bool,
    /// Its ends, as logarithms to base ten if `log`.
    range: Range<f64>,
    /// Values and how they read.
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// A vertical axis for these values (those it cannot show are passed over), a
    /// little longer than their range; `None` if it can show none.
    pub fn vertical(values: impl Iterator<Item = f64>, log: bool) -> Option<Self> {
        let range = padded(&extent(values, log)?, PAD);
        let ticks = if log {
            log_ticks(&range)
        } else {
            linear_ticks(&range, 6)
        };
        Some(Self::new(log, range, &ticks))
    }

    /// A horizontal axis from the least to the greatest value; its ticks are whole
    /// numbers if all values are.
    pub fn horizontal(values: &[f64]) -> Option<Self> {
        let range = extent(values.iter().copied(), false)?;
        let mut ticks = linear_ticks(&range, 8);
        if values.iter().all(|value| value.fract() == 0.0) {
            ticks.retain(|tick| tick.fract() == 0.0);
        }
        Some(Self::new(false, padded(&range, INSET), &ticks))
    }

    /// An axis of nothing.
    pub fn blank() -> Self {
        Self::new(false, 0.0..1.0, &[])
    }

    fn new(log: bool, range: Range<f64>, ticks: &[f64]) -> Self {
        let ticks = ticks.iter().copied().zip(labels(ticks, log)).collect();
        Self { log, range, ticks }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.range.clone()).map(&place(*value, self.log), limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Light points would be further lines without numbers.
        let bold = !hint.weight().allow_light_points();
        let ticks = self.ticks.iter().filter(|_| bold);
        ticks.map(|tick| tick.0).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let mut ticks = self.ticks.iter();
        let tick = ticks.find(|tick| tick.0.to_bits() == value.to_bits());
        tick.map_or_else(String::new, |tick| tick.1.clone())
    }
}

/// The width left of the frame: room for the longest number of any of the axes.
pub fn left_of_frame<'a>(axes: impl Iterator<Item = &'a Axis>) -> Result<f64, FigureError> {
    let mut widths = axes
        .flat_map(|axis| &axis.ticks)
        .map(|(_, label)| NUMBER.width(label));
    let widest = widths.try_fold(0.0, |most, width| Ok::<_, FigureError>(width?.max(most)))?;
    Ok((widest + 2.0 * TICK).ceil())
}

/// The height below the frame: numbers and the name of the axis.
pub fn below_frame() -> f64 {
    TICK + NUMBER.leading() + NAME.leading() + 4.0
}

/// Draws the axes with their numbers, and the light lines between. The area holds
/// the frame with `left` pixels beside and [`below_frame`] under it.
pub fn frame<'a>(
    area: &Area<'a>,
    left: f64,
    (x, y): (Axis, Axis),
    x_label: &str,
) -> Result<Chart<'a>, FigureError> {
    let empty = x.ticks.is_empty() || y.ticks.is_empty();
    let mut chart = ChartBuilder::on(area)
        .y_label_area_size(unit(left))
        .x_label_area_size(unit(below_frame()))
        .build_cartesian_2d(x, y)?;
    let mut mesh = chart.configure_mesh();
    if empty {
        mesh.disable_mesh();
    }
    let line = |colour: RGBColor| colour.stroke_width(unit(2.0) as u32);
    // plotters puts a quarter of an em below the tick; capitals want half their height.
    let lower = NUMBER.capital() / 2.0 - NUMBER.0 / 4.0;
    mesh.bold_line_style(line(RULE))
        .axis_style(line(FRAME))
        .set_all_tick_mark_size(unit(TICK))
        .label_style(NUMBER.style())
        .axis_desc_style(NAME.style())
        .y_label_offset(unit(lower))
        .x_desc(printable(x_label))
        .draw()?;
    Ok(chart)
}

/// Whether an axis can show a number: not where differences would overflow, and on a
/// log axis not where numbers lose their digits.
pub fn shows(value: f64, log: bool) -> bool {
    value.abs() <= 1e300 && (!log || value >= 1e-300)
}

fn place(value: f64, log: bool) -> f64 {
    if log { value.log10() } else { value }
}

/// The range of the values, or one around it where it is too narrow to tell its ends
/// apart: a twentieth of the value to each side, on a log axis a factor of 1.4.
fn extent(values: impl Iterator<Item = f64>, log: bool) -> Option<Range<f64>> {
    let values = values.filter(|&v| shows(v, log)).map(|v| place(v, log));
    let ends = values.map(|v| (v, v));
    let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    let size = low.abs().max(high.abs());
    let by = match size {
        _ if high - low > (size * 1e-9).max(1e-290) => 0.0,
        _ if log => 0.15,
        _ if size > 1e-280 => size * 0.05,
        _ => 0.05,
    };
    Some(low - by..high + by)
}

fn padded(range: &Range<f64>, part: f64) -> Range<f64> {
    let by = (range.end - range.start) * part;
    range.start - by..range.end + by
}

/// plotters' ticks, at most `most`. It compares with a fixed epsilon, so it gets a
/// range of one digit before the point.
fn linear_ticks(range: &Range<f64>, most: usize) -> Vec<f64> {
    let unit = 10f64.powf((range.end - range.start).log10().floor());
    let scale = RangedCoordf64::from(range.start / unit..range.end / unit);
    let ticks = scale.key_points(BoldPoints(most));
    // What should be 0 is a rounding error.
    let zeroed = |tick: f64| if tick.abs() < 1e-9 { 0.0 } else { tick };
    ticks
        .into_iter()
        .map(|tick| tidy(zeroed(tick) * unit))
        .collect()
}

/// 1, 2 and 5 times the powers of ten in a range of logarithms, where those are many
/// only (some) powers, and where they are few what a linear axis has there.
fn log_ticks(range: &Range<f64>) -> Vec<f64> {
    // The padding of a vast range may lie beyond what a number can be.
    let powers = range.start.floor().max(-300.0) as i32..=range.end.floor().min(300.0) as i32;
    let multiples = |every: i32, mantissas: &[f64]| -> Vec<f64> {
        let powers = powers.clone().filter(|n| n.rem_euclid(every) == 0);
        powers
            .flat_map(|n| mantissas.iter().map(move |m| tidy(m * 10f64.powi(n))))
            .filter(|tick| range.contains(&tick.log10()))
            .collect()
    };
    // No range has more than 601 powers.
    let mut choices =
        once(multiples(1, &[1.0, 2.0, 5.0])).chain((1..=100).map(|every| multiples(every, &[1.0])));
    match choices.find(|ticks| ticks.len() <= 8) {
        Some(ticks) if ticks.len() > 2 => ticks,
        _ => linear_ticks(&(10f64.powf(range.start)..10f64.powf(range.end)), 6),
    }
}

/// The number without its last digits, where errors of rounding are.
fn tidy(value: f64) -> f64 {
    // Adding zero turns a negative zero into zero.
    format!("{value:.11e}").parse().unwrap_or(value) + 0.0
}

/// The numbers as a reader writes them, all in one manner: with as many places as the
/// finest needs, unless they are of different size as on long log axes. Numbers far
/// from 1 have an exponent, not raised: the font has no raised minus.
fn labels(ticks: &[f64], log: bool) -> Vec<String> {
    let plain = |v: &f64| *v == 0.0 || (1e-4..1e5).contains(&v.abs());
    let places = |v: &f64| {
        let text = v.to_string();
        text.split_once('.').map_or(0, |(_, after)| after.len())
    };
    let finest = ticks.iter().map(places).max().unwrap_or(0);
    let all_plain = ticks.iter().all(plain);
    let wide = log && matches!(ticks, [first, .., last] if *last >= first * 10.0);
    let label = |v: &f64| match (all_plain, wide) {
        (false, _) if *v != 0.0 => format!("{v:e}"),
        (true, false) => format!("{v:.finest$}"),
        _ => v.to_string(),
    };
    let texts = ticks.iter().map(label);
    texts.map(|text| text.replace('-', "\u{2212}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    fn vertical(values: &[f64], log: bool) -> Axis {
        Axis::vertical(values.iter().copied(), log).unwrap()
    }

    fn horizontal(values: &[f64]) -> Axis {
        Axis::horizontal(values).unwrap()
    }

    #[test]
    fn accuracies_are_not_drawn_from_zero() {
        let axis = vertical(&[0.91, 0.98], false);
        assert_eq!(texts(&axis), ["0.92", "0.94", "0.96", "0.98"]);
        assert!(axis.range.start > 0.90 && axis.range.end < 0.99);
    }

    #[test]
    fn ticks_read_as_a_person_writes_them() {
        assert_eq!(
            texts(&vertical(&[0.0, 0.4], false)),
            ["0.0", "0.1", "0.2", "0.3", "0.4"]
        );
        assert_eq!(texts(&vertical(&[-2.0, 2.0], false))[0], "\u{2212}2");
        assert_eq!(
            texts(&vertical(&[0.0, 4e-5], false))[..2],
            ["0", "1e\u{2212}5"]
        );
    }

    #[test]
    fn epochs_are_whole_numbers() {
        assert_eq!(texts(&horizontal(&[1.0])), ["1"]);
        assert_eq!(texts(&horizontal(&[1.0, 2.0])), ["1", "2"]);
        assert_eq!(
            texts(&horizontal(&[1.0, 200.0])),
            ["50", "100", "150", "200"]
        );
    }

    #[test]
    fn a_log_axis_has_powers_of_ten_or_their_multiples() {
        let axis = vertical(&[1e-4, 0.0, 10.0, -3.0], true);
        assert_eq!(texts(&axis)[..2], ["0.0001", "0.001"]);
        assert_eq!(axis.map(&10.0, (0, 1100)), 1050);
        let multiples = ["0.05", "0.1", "0.2", "0.5", "1", "2"];
        assert_eq!(texts(&vertical(&[0.05, 2.0], true)), multiples);
        assert_eq!(texts(&vertical(&[0.311, 0.319], true))[0], "0.312");
    }

    #[test]
    fn without_values_there_is_no_axis() {
        assert!(Axis::vertical([f64::NAN, f64::INFINITY, 1e301].into_iter(), false).is_none());
        assert!(Axis::vertical([0.0, -1.0].into_iter(), true).is_none());
        assert!(Axis::horizontal(&[]).is_none());
    }

    proptest! {
        #[test]
        fn any_axis_has_a_few_ticks_in_order_inside(
            values in prop::collection::vec(prop::num::f64::ANY, 1..20),
            log: bool,
        ) {
            if let Some(axis) = Axis::vertical(values.iter().copied(), log) {
                prop_assert!((2..=8).contains(&axis.ticks.len()), "{axis:?}");
                prop_assert!(axis.ticks.windows(2).all(|t| t[0].0 < t[1].0), "{axis:?}");
                let shown = values.iter().filter(|v| shows(**v, log));
                for value in shown.chain(axis.ticks.iter().map(|tick| &tick.0)) {
                    prop_assert!((0..=1000).contains(&axis.map(value, (0, 1000))), "{axis:?}");
                }
            }
        }

        #[test]
        fn any_narrow_range_has_ticks(middle in -1e6..1e6, width in 1e-12..1e3, log: bool) {
            if let Some(axis) = Axis::vertical([middle, middle + width].into_iter(), log) {
                prop_assert!((2..=8).contains(&axis.ticks.len()), "{axis:?}");
            }
        }
    }
}
