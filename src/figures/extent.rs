//! Ranges of values that axes show.

use std::ops::Range;

use super::axis::ValueAxis;

/// Least factor between the ends of a log axis.
const MIN_LOG_FACTOR: f64 = 100.0;
/// Largest factor by which an interval widens a log axis below the lowest value: its lower
/// end may be close to 0, and would stretch the axis.
const MAX_FACTOR_BELOW: f64 = 10.0;

/// The values that an axis has to hold, all of them finite.
#[derive(Debug, Clone)]
pub struct Extent {
    /// Marks a log axis.
    pub log: bool,
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
}

impl Extent {
    /// Spans the lowest to the highest value; `None` without any. The axis is logarithmic if
    /// it may be, all values are above 0 and their range is wide.
    pub fn new(values: impl Iterator<Item = f64>, may_be_log: bool) -> Option<Self> {
        let ends = values.map(|value| (value, value));
        let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        let log = may_be_log && low > 0.0 && high > MIN_LOG_FACTOR * low;
        Some(Self { log, low, high })
    }

    /// Widens an extent to the ends of intervals around the values.
    pub fn around(self, intervals: impl Iterator<Item = (f64, f64)>) -> Self {
        let least = if self.log {
            (self.low / MAX_FACTOR_BELOW).max(f64::MIN_POSITIVE)
        } else {
            f64::NEG_INFINITY
        };
        intervals.fold(self, |extent, (low, high)| Self {
            low: extent.low.min(low.max(least)),
            high: extent.high.max(high),
            ..extent
        })
    }

    /// Widens an extent to other values, such as chance.
    pub fn with(self, values: &[f64]) -> Self {
        values.iter().fold(self, |extent, value| Self {
            low: extent.low.min(*value),
            high: extent.high.max(*value),
            ..extent
        })
    }

    /// Spans the values of all panels that have the title of this axis.
    pub fn shared<'a>(
        axis: &ValueAxis,
        panels: impl Iterator<Item = (&'a ValueAxis, Option<Self>)>,
    ) -> Option<Self> {
        let alike = panels.filter(|(other, _)| other.title == axis.title);
        alike.filter_map(|(_, extent)| extent).reduce(|a, b| Self {
            low: a.low.min(b.low),
            high: a.high.max(b.high),
            log: a.log && b.log,
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

/// Returns the range from low to high, widened by a twentieth of the value to each side if
/// the ends are almost equal.
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

/// Returns an interval with finite ends.
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
        assert_eq!(extent(&[1.0, 150.0], (0.5, 180.0)), (true, 0.5, 180.0));
        assert_eq!(extent(&[1.0, 150.0], (-3.0, 2.0)), (true, 0.1, 150.0));
        assert_eq!(extent(&[1.0, 50.0], (-3.0, 2.0)), (false, -3.0, 50.0));
    }

    #[test]
    fn values_that_agree_are_in_the_middle() {
        let range = Extent::new([2.0, 2.0].into_iter(), true).unwrap().range();
        assert_eq!(range, 1.9..2.1);
        assert!(Extent::new(std::iter::empty(), true).is_none());
    }
}
