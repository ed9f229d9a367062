//! From values to the range that an axis shows.

use std::ops::Range;

/// A log axis is for values that span more than this factor.
const WIDE: f64 = 20.0;
/// On a log axis an interval reaches at most this factor below the lowest value: its
/// lower end may be anywhere near 0, and would take the axis with it.
const BELOW: f64 = 10.0;

/// The values that an axis has to hold, all of them finite.
#[derive(Debug, Clone)]
pub struct Extent {
    /// Whether equal steps are equal factors.
    pub log: bool,
    /// The lowest value.
    pub low: f64,
    /// The highest value.
    pub high: f64,
}

impl Extent {
    /// From the lowest to the highest value; `None` without any. The axis is
    /// logarithmic if it may be, all are above 0 and they span much.
    pub fn new(values: impl Iterator<Item = f64>, may_be_log: bool) -> Option<Self> {
        let ends = values.map(|value| (value, value));
        let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        let log = may_be_log && low > 0.0 && high > WIDE * low;
        Some(Self { log, low, high })
    }

    /// Widened to the ends of intervals around the values.
    pub fn around(self, intervals: impl Iterator<Item = (f64, f64)>) -> Self {
        let least = if self.log {
            (self.low / BELOW).max(f64::MIN_POSITIVE)
        } else {
            f64::NEG_INFINITY
        };
        intervals.fold(self, |extent, (low, high)| Self {
            low: extent.low.min(low.max(least)),
            high: extent.high.max(high),
            ..extent
        })
    }

    /// The ends of an axis without any space beyond the values, as logarithms to base
    /// ten if `log`. Values that agree are in its middle.
    pub fn range(&self) -> Range<f64> {
        if self.log {
            self.low.log10()..self.high.log10()
        } else {
            apart(self.low, self.high)
        }
    }
}

/// From low to high, or further to each side where that is too narrow to tell the ends
/// apart: by a twentieth of the value.
pub fn apart(low: f64, high: f64) -> Range<f64> {
    let largest = low.abs().max(high.abs());
    let size = if largest > 1e-100 { largest } else { 1.0 };
    let by = if high - low > size * 1e-9 {
        0.0
    } else {
        size * 0.05
    };
    low - by..high + by
}

/// An interval that can be drawn.
pub fn finite(interval: Option<(f64, f64)>) -> Option<(f64, f64)> {
    interval.filter(|(low, high)| low.is_finite() && high.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_widen_a_log_axis_but_not_towards_zero() {
        let extent = |values: &[f64], interval| {
            let extent = Extent::new(values.iter().copied(), true).unwrap();
            let wide = extent.around([interval].into_iter());
            (wide.log, wide.low, wide.high)
        };
        assert_eq!(extent(&[1.0, 50.0], (0.5, 80.0)), (true, 0.5, 80.0));
        assert_eq!(extent(&[1.0, 50.0], (-3.0, 2.0)), (true, 0.1, 50.0));
        assert_eq!(extent(&[1.0, 5.0], (-3.0, 2.0)), (false, -3.0, 5.0));
    }

    #[test]
    fn values_that_agree_are_in_the_middle() {
        let range = Extent::new([2.0, 2.0].into_iter(), true).unwrap().range();
        assert_eq!(range, 1.9..2.1);
        assert!(Extent::new(std::iter::empty(), true).is_none());
    }
}
