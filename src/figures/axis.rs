//! Axes: ends, ticks and positions of values.

use std::ops::Range;

use super::extent::{Extent, apart};
use super::text::{Letters, greatest};
use super::ticks::{labels, linear_ticks, log_ticks};
use crate::config::Bounds;

/// Part of the range of the data added at each end of an axis of values.
const PAD: f64 = 0.05;
/// Part of the range added at each end of the axis of a varied number.
const INSET: f64 = 0.03;
/// Least distance between two numbers side by side, in em.
const APART: f64 = 0.6;
/// Number of ticks that puts at least one on any axis.
const MIN_TICKS: usize = 3;

/// Axis of measured values, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueAxis {
    /// Name with unit and direction.
    pub title: String,
    /// Number of trainings, and explanation of lines; may be empty.
    pub remark: String,
    /// Allows a log axis, if all values are above 0 and the highest is more than 100 times
    /// the lowest.
    pub log: bool,
    /// Lowest and highest possible value.
    pub bounds: Bounds,
    /// Values with a dashed line, such as chance.
    pub references: Vec<f64>,
}

/// Room of an axis.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Length of the axis.
    pub length: f64,
    /// Letters of its numbers.
    pub letters: Letters,
    /// True for numbers side by side, false for numbers above each other.
    pub across: bool,
}

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
    /// Returns an axis a little longer than the range of the values, but not beyond the
    /// bounds of what they measure.
    pub fn values(extent: &Extent, bounds: Bounds, room: Room) -> Self {
        let mut range = padded(&extent.range(), PAD);
        if !extent.log {
            let within = range.start.max(bounds.low)..range.end.min(bounds.high);
            // Values beyond bounds, if there are any, are still shown.
            if within.start < within.end && extent.low >= bounds.low && extent.high <= bounds.high {
                range = within;
            }
        }
        Self::fitting(extent.log, &range, room, |_| true)
    }

    /// Returns an axis of values that bars start from 0 on.
    pub fn bars(extent: &Extent, bounds: Bounds, room: Room) -> Self {
        let from_zero = Extent {
            low: extent.low.min(0.0),
            high: extent.high.max(0.0),
            log: false,
        };
        if extent.log {
            return Self::values(extent, bounds, room);
        }
        let bounds = Bounds {
            low: if extent.low >= 0.0 { 0.0 } else { bounds.low },
            high: if extent.high <= 0.0 { 0.0 } else { bounds.high },
        };
        Self::values(&from_zero, bounds, room)
    }

    /// Returns the axis of a varied number; only whole ones if `whole`.
    pub fn varied(extent: &Extent, whole: bool, room: Room) -> Self {
        let range = padded(&extent.range(), INSET);
        Self::fitting(extent.log, &range, room, |tick| {
            !whole || tick.fract() == 0.0
        })
    }

    /// Returns an axis of names at 0, 1, 2, ..., with as many names as have room, evenly
    /// spaced.
    pub fn names(names: &[String], room: Room) -> Self {
        let last = names.len().saturating_sub(1) as f64;
        let every = |step: usize| Self {
            log: false,
            range: -0.5..last + 0.5,
            ticks: (0..names.len())
                .step_by(step)
                .map(|n| (n as f64, names[n].clone()))
                .collect(),
        };
        (1..names.len())
            .map(every)
            .find(|axis| !axis.is_crowded(room))
            .unwrap_or_else(|| every(names.len().max(1)))
    }

    /// Returns an axis with as many ticks as have room for their numbers.
    fn fitting(log: bool, range: &Range<f64>, room: Room, keep: impl Fn(&f64) -> bool) -> Self {
        let axis = |most| {
            let mut ticks = if log {
                log_ticks(range, most)
            } else {
                linear_ticks(range, most)
            };
            ticks.retain(&keep);
            let texts = labels(&ticks, log);
            Self {
                log,
                range: range.clone(),
                ticks: ticks.into_iter().zip(texts).collect(),
            }
        };
        let mut fewer = (MIN_TICKS + 1..=8).rev().map(axis);
        fewer
            .find(|axis| !axis.is_crowded(room))
            .unwrap_or_else(|| axis(MIN_TICKS))
    }

    /// Returns true if numbers would touch each other.
    fn is_crowded(&self, room: Room) -> bool {
        let mut free = f64::NEG_INFINITY;
        for (tick, label) in &self.ticks {
            let middle = self.place(*tick) * room.length;
            let half = if room.across {
                room.letters.width(label) / 2.0
            } else {
                room.letters.leading() / 2.0
            };
            if middle - half < free {
                return true;
            }
            free = middle + half + APART * room.letters.em;
        }
        false
    }

    /// Position of a value, from 0 at the lower end to 1 at the upper one; values beyond an
    /// end are at the end.
    pub fn place(&self, value: f64) -> f64 {
        let value = if self.log { value.log10() } else { value };
        let fraction = (value - self.range.start) / (self.range.end - self.range.start);
        fraction.clamp(0.0, 1.0)
    }

    /// Start of bars: 0, or the lower end of an axis that does not hold it.
    pub fn base(&self) -> f64 {
        if self.log { 0.0 } else { self.place(0.0) }
    }

    pub fn is_log(&self) -> bool {
        self.log
    }

    /// Values and their texts.
    pub fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }

    /// Length of the longest number.
    pub fn longest(&self, letters: Letters) -> f64 {
        greatest(self.ticks.iter().map(|(_, label)| letters.width(label)))
    }
}

/// Widens a range by a part of it at each end.
fn padded(range: &Range<f64>, pad: f64) -> Range<f64> {
    let range = apart(range.start, range.end);
    let by = pad * (range.end - range.start);
    range.start - by..range.end + by
}

#[cfg(test)]
mod tests {
    use super::super::sheet::INK;
    use super::*;
    use proptest::prelude::*;

    fn room(length: f64, across: bool) -> Room {
        let letters = Letters {
            em: 29.0,
            bold: false,
            colour: INK,
        };
        Room {
            length,
            letters,
            across,
        }
    }

    #[test]
    fn an_axis_ends_where_its_metric_does() {
        let extent = Extent::new([0.02, 0.99].into_iter(), false).unwrap();
        let axis = Axis::values(&extent, Bounds::FRACTION, room(500.0, true));
        assert_eq!(axis.range, 0.0..1.0);
        let beyond = Extent::new([0.5, 1.2].into_iter(), false).unwrap();
        let axis = Axis::values(&beyond, Bounds::FRACTION, room(500.0, true));
        assert!(axis.range.end > 1.2);
        let bars = Extent::new([0.5, 0.9].into_iter(), false).unwrap();
        let axis = Axis::bars(&bars, Bounds::new(-1.0, 1.0), room(500.0, true));
        assert_eq!((axis.range.start, axis.base()), (0.0, 0.0));
    }

    #[test]
    fn names_are_thinned_evenly() {
        let names: Vec<String> = (0..30).map(|n| format!("name {n}")).collect();
        let axis = Axis::names(&names, room(900.0, true));
        let places: Vec<f64> = axis.ticks.iter().map(|(at, _)| *at).collect();
        assert!(places.len() > 3 && places.len() < 15, "{places:?}");
        let steps: Vec<f64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| *step == steps[0]));
    }

    proptest! {
        #[test]
        fn numbers_do_not_touch_and_are_on_the_axis(
            a in -1e5..1e5f64, size in 1e-6..1e6f64, length in 200.0..2000.0f64, log: bool,
        ) {
            let ends = if log { [a.abs() + 1e-3, (a.abs() + 1e-3) * (1.0 + size)] } else { [a, a + size] };
            let extent = Extent::new(ends.into_iter(), log).unwrap();
            let room = room(length, true);
            let axis = Axis::values(&extent, Bounds::NONE, room);
            prop_assert!(!axis.ticks.is_empty());
            for (tick, _) in &axis.ticks {
                let place = axis.place(*tick);
                prop_assert!((0.0..=1.0).contains(&place));
            }
            prop_assert!(axis.place(ends[0]) < axis.place(ends[1]) || size < 1e-3);
        }
    }
}
