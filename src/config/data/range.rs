//! `data.range`: values of black and white.

use serde::{Deserialize, Serialize};

use crate::config::form::{ValueForm, list, number};

/// Interval onto which levels of pixels, 0 to 255, are mapped linearly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PixelRange {
    /// Value of level 0.
    pub low: f64,
    /// Value of level 255.
    pub high: f64,
}

/// Ranges of tests.
#[cfg(test)]
impl PixelRange {
    /// From 0 to 1.
    pub const UNIT: Self = Self {
        low: 0.0,
        high: 1.0,
    };
    /// From -1 to 1.
    pub const SYMMETRIC: Self = Self {
        low: -1.0,
        high: 1.0,
    };
}

impl PixelRange {
    /// Value of a pixel of this level (0 to 255, fractions allowed).
    #[must_use]
    pub fn value(self, level: f64) -> f64 {
        self.low + level / 255.0 * (self.high - self.low)
    }

    /// The level nearest to a value; beyond the range black or white. A range of one
    /// value is middle grey: neither dark nor light is truer.
    #[must_use]
    pub fn level(self, value: f64) -> u8 {
        if self.low >= self.high {
            return 128;
        }
        // By halves, as a range of inverses may be wider than the largest number.
        let halves = |a: f64, b: f64| a / 2.0 - b / 2.0;
        let level = halves(value, self.low) / halves(self.high, self.low) * 255.0;
        level.round().clamp(0.0, 255.0) as u8
    }
}

/// Two numbers that single precision, in which networks see them, keeps apart.
pub fn range() -> ValueForm<PixelRange> {
    let text = "two numbers from -1e6 to 1e6, the lower one first";
    let ends = list(text, 2..=2, number("", -1e6..=1e6));
    let ends =
        ends.rising(|&low, &high| (low as f32) < high as f32 && ((high - low) as f32).is_normal());
    ends.map(|ends| PixelRange {
        low: ends[0],
        high: ends[1],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn levels_and_values_are_each_others_inverse(low in -1e3..1e3f64, span in 1e-3..1e3f64) {
            let range = PixelRange { low, high: low + span };
            for level in 0..=255 {
                proptest::prop_assert_eq!(range.level(range.value(f64::from(level))), level);
            }
            proptest::prop_assert_eq!(range.level(low - span), 0);
            proptest::prop_assert_eq!(range.level(low + 2.0 * span), 255);
        }
    }
}
