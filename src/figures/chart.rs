//! The frame of a chart: where its axes begin and end, which numbers stand at them,
//! and the lines behind the data.
//!
//! plotters gets our axes through its own traits, with our ticks: on its log axis
//! they are powers of ten only, few on a short one and crowded on a long one.

use super::FigureError;
use super::canvas::{Area, FRAME, INK, unit};
use super::text::Type;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::SVGBackend;
use plotters::style::{Color, FontStyle, RGBColor};
use std::ops::Range;

/// A log axis is for values that span more than this factor.
const WIDE: f64 = 20.0;
/// How much of the range of the data is added at each end of a vertical axis.
const PAD: f64 = 0.05;
/// The same for the axis of epochs.
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
    /// A vertical axis a little longer than the range of the values; `None` without
    /// any. It is logarithmic if it may be, all are above 0 and they span much.
    pub fn vertical(values: impl Iterator<Item = f64>, may_be_log: bool) -> Option<Self> {
        let ends = values.map(|value| (value, value));
        let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        let log = may_be_log && low > 0.0 && high > WIDE * low;
        Some(if log {
            let range = padded(&(low.log10()..high.log10()), PAD);
            Self::new(true, log_ticks(&range), range)
        } else {
            let range = padded(&apart(low, high), PAD);
            Self::new(false, linear_ticks(&range, 6), range)
        })
    }

    /// The axis from the first to the last epoch.
    pub fn epochs(count: usize) -> Self {
        let range = apart(1.0, count as f64);
        let mut ticks = linear_ticks(&range, 8);
        ticks.retain(|tick| tick.fract() == 0.0);
        Self::new(false, ticks, padded(&range, INSET))
    }

    fn new(log: bool, ticks: Vec<f64>, range: Range<f64>) -> Self {
        let labels = labels(&ticks, log);
        let ticks = ticks.into_iter().zip(labels).collect();
        Self { log, range, ticks }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let place = if self.log { value.log10() } else { *value };
        RangedCoordf64::from(self.range.clone()).map(&place, limit)
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
pub fn left_of_frame(axes: &[Axis]) -> Result<f64, FigureError> {
    let ticks = axes.iter().flat_map(|axis| &axis.ticks);
    let mut widths = ticks.map(|(_, label)| NUMBER.width(label));
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
    (epochs, vertical): (Axis, Axis),
) -> Result<Chart<'a>, FigureError> {
    let mut chart = ChartBuilder::on(area)
        .y_label_area_size(unit(left))
        .x_label_area_size(unit(below_frame()))
        .build_cartesian_2d(epochs, vertical)?;
    let line = |colour: RGBColor| colour.stroke_width(unit(2.0) as u32);
    // plotters puts a quarter of an em below the tick; capitals want half their height.
    let lower = NUMBER.capital() / 2.0 - NUMBER.0 / 4.0;
    chart
        .configure_mesh()
        .bold_line_style(line(RULE))
        .axis_style(line(FRAME))
        .set_all_tick_mark_size(unit(TICK))
        .label_style(NUMBER.style())
        .axis_desc_style(NAME.style())
        .y_label_offset(unit(lower))
        .x_desc("epoch")
        .draw()?;
    Ok(chart)
}

/// From low to high, or further to each side where that is too narrow to tell the ends
/// apart: by a twentieth of the value.
fn apart(low: f64, high: f64) -> Range<f64> {
    let largest = low.abs().max(high.abs());
    let size = if largest > 1e-100 { largest } else { 1.0 };
    let by = if high - low > size * 1e-9 {
        0.0
    } else {
        size * 0.05
    };
    low - by..high + by
}

fn padded(range: &Range<f64>, part: f64) -> Range<f64> {
    let by = (range.end - range.start) * part;
    range.start - by..range.end + by
}

/// The multiples of 1, 2 or 5 times a power of ten, as many as fit but at most `most`.
fn linear_ticks(range: &Range<f64>, most: usize) -> Vec<f64> {
    let least = (range.end - range.start) / most as f64;
    let power = 10f64.powf(least.log10().floor());
    let multiples = |step: f64| {
        let (first, last) = ((range.start / step).ceil(), (range.end / step).floor());
        (first as i64..=last as i64).map(move |n| tidy(n as f64 * step))
    };
    let steps = [1.0, 2.0, 5.0].map(|mantissa| mantissa * power);
    let fits = |step: &f64| multiples(*step).count() <= most;
    multiples(steps.into_iter().find(fits).unwrap_or(10.0 * power)).collect()
}

/// 1, 2 and 5 times the powers of ten in a range of logarithms, or where those are
/// many, powers only: every one, every second and so on.
fn log_ticks(range: &Range<f64>) -> Vec<f64> {
    let multiples = |mantissas: &[f64], every: usize| -> Vec<f64> {
        let powers = range.start.floor() as i32..=range.end.floor() as i32;
        powers
            .filter(|power| power % every as i32 == 0)
            .flat_map(|power| mantissas.iter().map(move |m| tidy(m * 10f64.powi(power))))
            .filter(|tick| range.contains(&tick.log10()))
            .collect()
    };
    let ticks = multiples(&[1.0, 2.0, 5.0], 1);
    if ticks.len() <= 8 {
        return ticks;
    }
    let powers = multiples(&[1.0], 1).len();
    multiples(&[1.0], powers.div_ceil(8))
}

/// The number without its last digits, where errors of rounding are.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// The numbers as a reader writes them: on a linear axis with as many places as the
/// finest needs. If any is far from 1, all have an exponent, not raised: the font has
/// no raised minus.
fn labels(ticks: &[f64], log: bool) -> Vec<String> {
    let plain = |v: &f64| *v == 0.0 || (1e-4..1e5).contains(&v.abs());
    let places = |v: &f64| {
        let text = v.to_string();
        text.split_once('.').map_or(0, |(_, after)| after.len())
    };
    let finest = ticks.iter().map(places).max().unwrap_or(0);
    let all_plain = ticks.iter().all(plain);
    let label = |v: &f64| match (all_plain, log) {
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

    fn vertical(values: &[f64], may_be_log: bool) -> Axis {
        Axis::vertical(values.iter().copied(), may_be_log).unwrap()
    }

    #[test]
    fn accuracies_are_not_drawn_from_zero() {
        let axis = vertical(&[0.98, 0.91], false);
        assert_eq!(texts(&axis), ["0.92", "0.94", "0.96", "0.98"]);
        assert!(axis.range.start > 0.90 && axis.range.end < 0.99);
    }

    #[test]
    fn ticks_read_as_a_person_writes_them() {
        let tenths = ["0.0", "0.1", "0.2", "0.3", "0.4"];
        assert_eq!(texts(&vertical(&[0.0, 0.4], false)), tenths);
        assert_eq!(texts(&vertical(&[-2.0, 2.0], false))[0], "\u{2212}2");
        let small = vertical(&[0.0, 4e-5], false);
        assert_eq!(texts(&small)[..2], ["0", "1e\u{2212}5"]);
    }

    #[test]
    fn epochs_are_whole_numbers() {
        assert_eq!(texts(&Axis::epochs(1)), ["1"]);
        assert_eq!(texts(&Axis::epochs(2)), ["1", "2"]);
        assert_eq!(texts(&Axis::epochs(200)), ["50", "100", "150", "200"]);
    }

    #[test]
    fn a_log_axis_has_powers_of_ten_or_their_multiples() {
        let axis = vertical(&[1e-4, 10.0], true);
        assert_eq!(texts(&axis)[..2], ["0.0001", "0.001"]);
        assert_eq!(axis.map(&10.0, (0, 1100)), 1050);
        let multiples = ["0.05", "0.1", "0.2", "0.5", "1", "2"];
        assert_eq!(texts(&vertical(&[0.05, 2.0], true)), multiples);
        let long = vertical(&[1e-30, 1.0], true);
        assert_eq!(texts(&long)[..2], ["1e\u{2212}30", "1e\u{2212}25"]);
    }

    #[test]
    fn zeros_and_values_that_span_little_are_on_a_linear_axis() {
        assert!(vertical(&[0.01, 0.3], true).log);
        for values in [[0.01, 0.2], [0.0, 0.3], [0.5, 0.5]] {
            assert!(!vertical(&values, true).log);
        }
    }

    proptest! {
        #[test]
        fn any_axis_has_a_few_ticks_in_order_inside(
            middle in 0.0..10f64,
            spans in prop::collection::vec(-12.0..12f64, 0..9),
            may_be_log: bool,
        ) {
            let values = spans.iter().map(|span| middle + 10f64.powf(*span)).chain([middle]);
            let values: Vec<f64> = values.collect();
            let axis = vertical(&values, may_be_log);
            prop_assert!((2..=8).contains(&axis.ticks.len()), "{axis:?}");
            prop_assert!(axis.ticks.windows(2).all(|t| t[0].0 < t[1].0), "{axis:?}");
            for value in values.iter().chain(axis.ticks.iter().map(|tick| &tick.0)) {
                prop_assert!((0..=1000).contains(&axis.map(value, (0, 1000))), "{axis:?}");
            }
        }

        #[test]
        fn any_number_of_epochs_has_ticks(count in 1usize..5000) {
            prop_assert!((1..=8).contains(&Axis::epochs(count).ticks.len()));
        }
    }
}
