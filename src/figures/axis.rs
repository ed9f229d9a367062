//! Axes: ends, ticks and positions of values.
//!
//! plotters draws them through its own traits, with these ticks: its own log axis has
//! powers of ten only, too few on a short axis and crowded on a long one.

use super::FigureError;
use super::canvas::{INK, unit};
use super::extent::{Extent, apart};
use super::text::{Type, longest};
use super::ticks::{labels, linear_ticks, log_ticks};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::style::FontStyle;
use std::ops::Range;

/// Part of the range of the data added at each end of an axis of values.
const PAD: f64 = 0.05;
/// Part of the range added at each end of the axis of a varied number.
const INSET: f64 = 0.03;
/// Part of the range added below the lowest bar of a log axis, so that it can be seen.
const FOOT: f64 = 0.12;
/// Least distance between two numbers side by side, in pixels.
pub const APART: f64 = 22.0;
/// Number of ticks that puts at least one on any axis.
const MIN_TICKS: usize = 3;
/// Type of the numbers at axes.
pub const NUMBER: Type = Type(32.0, FontStyle::Normal, INK);

/// One axis.
#[derive(Debug, Clone)]
pub struct Axis {
    log: bool,
    /// Ends, as logarithms to base ten if `log`.
    range: Range<f64>,
    /// Values and their texts.
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Returns a vertical axis a little longer than the range of the values.
    pub fn vertical(extent: &Extent) -> Self {
        let range = padded(&extent.range(), PAD, PAD);
        let most = if extent.log { 8 } else { 6 };
        Self::new(extent.log, ticks(extent.log, &range, most), range)
    }

    /// Returns an axis from the first to the last of these epochs.
    pub fn epochs(epochs: impl Iterator<Item = usize> + Clone) -> Self {
        let (first, last) = (epochs.clone().min(), epochs.max());
        let range = apart(first.unwrap_or(1) as f64, last.unwrap_or(1) as f64);
        let mut ticks = linear_ticks(&range, 8);
        ticks.retain(|tick| tick.fract() == 0.0);
        Self::new(false, ticks, padded(&range, INSET, INSET))
    }

    /// Returns a horizontal axis of a varied number, `width` pixels long.
    pub fn horizontal(extent: &Extent, width: f64) -> Result<Self, FigureError> {
        let range = padded(&extent.range(), INSET, INSET);
        Self::fitting(extent.log, &range, width)
    }

    /// Returns a horizontal axis of names at 0, 1, 2, ..., `width` pixels long, with as many
    /// names as have room.
    pub fn named(names: &[String], width: f64) -> Result<Self, FigureError> {
        let range = padded(
            &apart(0.0, names.len().saturating_sub(1) as f64),
            INSET,
            INSET,
        );
        let every = |step: usize| Self {
            log: false,
            range: range.clone(),
            ticks: (0..names.len())
                .step_by(step)
                .map(|n| (n as f64, names[n].clone()))
                .collect(),
        };
        for step in 1..names.len() {
            let axis = every(step);
            if !axis.is_crowded(width)? {
                return Ok(axis);
            }
        }
        Ok(every(names.len().max(1)))
    }

    /// Returns a horizontal axis of bars, `width` pixels long. Bars start at 0, or at the left
    /// end of a log axis.
    pub fn bars(extent: &Extent, width: f64) -> Result<Self, FigureError> {
        if extent.log {
            let range = padded(&extent.range(), FOOT, PAD);
            return Self::fitting(true, &range, width);
        }
        let ends = apart(extent.low.min(0.0), extent.high.max(0.0));
        let mut range = padded(&ends, PAD, PAD);
        if extent.low >= 0.0 {
            range.start = 0.0;
        } else if extent.high <= 0.0 {
            range.end = 0.0;
        }
        Self::fitting(false, &range, width)
    }

    /// Returns a vertical axis without ticks, of pixels from the bottom up.
    pub fn pixels(height: f64) -> Self {
        Self::new(false, Vec::new(), 0.0..height)
    }

    /// Copies an axis without its numbers, which another frame shows.
    pub fn silent(&self) -> Self {
        let ticks = self.ticks.iter();
        Self {
            ticks: ticks.map(|(tick, _)| (*tick, String::new())).collect(),
            ..self.clone()
        }
    }

    /// Returns an axis with as many ticks as have room for their numbers side by side.
    fn fitting(log: bool, range: &Range<f64>, width: f64) -> Result<Self, FigureError> {
        let axis = |most| Self::new(log, ticks(log, range, most), range.clone());
        for most in (MIN_TICKS + 1..=8).rev() {
            let axis = axis(most);
            if !axis.is_crowded(width)? {
                return Ok(axis);
            }
        }
        Ok(axis(MIN_TICKS))
    }

    fn new(log: bool, ticks: Vec<f64>, range: Range<f64>) -> Self {
        let labels = labels(&ticks, log);
        let ticks = ticks.into_iter().zip(labels).collect();
        Self { log, range, ticks }
    }

    fn is_crowded(&self, width: f64) -> Result<bool, FigureError> {
        let mut free = f64::NEG_INFINITY;
        for (tick, label) in &self.ticks {
            let middle = f64::from(self.map(tick, (0, unit(width)))) / f64::from(unit(1.0));
            let half = NUMBER.width(label)? / 2.0;
            if middle - half < free {
                return Ok(true);
            }
            free = middle + half + APART;
        }
        Ok(false)
    }

    /// Start of bars: 0, or the left end of a log axis.
    pub fn base(&self) -> f64 {
        if self.log {
            10f64.powf(self.range.start)
        } else {
            0.0
        }
    }

    /// Values at both ends.
    pub fn ends(&self) -> (f64, f64) {
        let end = |place: f64| if self.log { 10f64.powf(place) } else { place };
        (end(self.range.start), end(self.range.end))
    }

    /// Returns true for a value between the ends.
    pub fn holds(&self, value: f64) -> bool {
        self.range.contains(&self.place(value))
    }

    /// Length of the longest number, in pixels.
    pub fn longest(&self) -> Result<f64, FigureError> {
        longest(self.ticks.iter().map(|(_, label)| NUMBER.width(label)))
    }

    fn place(&self, value: f64) -> f64 {
        if self.log { value.log10() } else { value }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    /// Puts values beyond an end at the end.
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let place = self.place(*value).max(self.range.start).min(self.range.end);
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

fn ticks(log: bool, range: &Range<f64>, most: usize) -> Vec<f64> {
    if log {
        log_ticks(range, most)
    } else {
        linear_ticks(range, most)
    }
}

fn padded(range: &Range<f64>, before: f64, after: f64) -> Range<f64> {
    let length = range.end - range.start;
    range.start - length * before..range.end + length * after
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    fn extent(values: &[f64], may_be_log: bool) -> Extent {
        Extent::new(values.iter().copied(), may_be_log).unwrap()
    }

    fn vertical(values: &[f64], may_be_log: bool) -> Axis {
        Axis::vertical(&extent(values, may_be_log))
    }

    #[test]
    fn accuracies_are_not_drawn_from_zero() {
        let axis = vertical(&[0.98, 0.91], false);
        assert_eq!(texts(&axis), ["0.92", "0.94", "0.96", "0.98"]);
        assert!(axis.range.start > 0.90 && axis.range.end < 0.99);
    }

    #[test]
    fn names_stand_in_a_row_as_far_as_there_is_room() {
        let names = ["none", "1 x 30", "2 x 30", "3 x 30"].map(str::to_owned);
        let axis = Axis::named(&names, 900.0).unwrap();
        assert_eq!(texts(&axis), ["none", "1 x 30", "2 x 30", "3 x 30"]);
        assert_eq!(axis.ticks[3].0, 3.0);
        assert!(axis.holds(0.0) && axis.holds(3.0) && !axis.holds(4.0));
        let narrow = Axis::named(&names, 300.0).unwrap();
        assert_eq!(texts(&narrow), ["none", "2 x 30"]);
        assert_eq!(texts(&Axis::named(&names, 1.0).unwrap()), ["none"]);
        assert_eq!(texts(&Axis::named(&names[..1], 1.0).unwrap()), ["none"]);
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
        assert_eq!(texts(&Axis::epochs(0..1)), ["0"]);
        assert_eq!(texts(&Axis::epochs(1..2)), ["1"]);
        assert_eq!(texts(&Axis::epochs(1..3)), ["1", "2"]);
        assert_eq!(texts(&Axis::epochs(1..201)), ["50", "100", "150", "200"]);
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

    #[test]
    fn bars_start_at_zero_or_where_a_log_axis_does() {
        let bars = |values: &[f64]| {
            let axis = Axis::bars(&extent(values, true), 1000.0).unwrap();
            (axis.base(), axis.map(&axis.base(), (0, 1000)))
        };
        assert_eq!(bars(&[1.0, 2.0]), (0.0, 0));
        assert_eq!(bars(&[0.0]), (0.0, 0));
        assert_eq!(bars(&[-1.0, -2.0]), (0.0, 1000));
        // A twentieth of the range -2..2 is added at each end.
        assert_eq!(bars(&[-2.0, 2.0]), (0.0, 500));
        let (base, place) = bars(&[1.0, 100.0]);
        assert!((base - 10f64.powf(-0.24)).abs() < 1e-12 && place == 0);
    }

    #[test]
    fn values_beyond_an_end_are_at_the_end() {
        let axis = vertical(&[1.0, 100.0], true);
        let places = [0.0, -1.0, 1e9].map(|value| axis.map(&value, (0, 1000)));
        assert_eq!(places, [0, 0, 1000]);
        assert!(axis.holds(1.0) && !axis.holds(0.0) && !axis.holds(-1.0));
    }

    #[test]
    fn a_silent_axis_has_the_same_ticks_without_numbers() {
        let axis = vertical(&[0.0, 1.0], false);
        let values = |axis: &Axis| axis.ticks.iter().map(|tick| tick.0).collect::<Vec<_>>();
        assert_eq!(values(&axis), values(&axis.silent()));
        assert_eq!(axis.silent().longest().unwrap(), 0.0);
    }

    proptest! {
        #[test]
        fn numbers_side_by_side_do_not_touch(
            spans in prop::collection::vec(-12.0..12f64, 1..9),
            sign in prop::sample::select(vec![-1.0, 1.0]),
            width in 360.0..1200.0,
        ) {
            let values: Vec<f64> = spans.iter().map(|span| sign * 10f64.powf(*span)).collect();
            let axis = Axis::bars(&extent(&values, true), width).unwrap();
            prop_assert!(!axis.is_crowded(width).unwrap() && !axis.ticks.is_empty(), "{axis:?}");
        }

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
            prop_assert!((1..=8).contains(&Axis::epochs(1..=count).ticks.len()));
        }
    }
}
