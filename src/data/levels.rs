//! Scales of the levels in files, and the levels that occur.

use serde::{Deserialize, Serialize};

/// White in samples: black is 0, white is 255.
pub const WHITE: f64 = 255.0;

/// Rounding errors below this fraction of the range come from decimals, not from levels.
const NOTICEABLE: f64 = 1e-6;

/// Scale from the levels of a file to bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelScale {
    /// Level of white.
    pub white: f64,
    /// True if fractional levels are allowed: only with `data.levels`, as 0.5 of 255 is
    /// black.
    pub fractions: bool,
}

/// Level that is not on its scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// Level below black, or not a number.
    #[error("levels start at 0, which is black")]
    Below,
    /// Level above white.
    #[error("if another level is white, set `data.levels` to it")]
    Above,
    /// Fractional level without `data.levels`.
    #[error("for fractions set `data.levels` to the level that is white, such as `levels = 1`")]
    Fraction,
}

impl LevelScale {
    /// Scale of `data.levels`; by default that of bytes, where 255 is white.
    pub fn of(levels: Option<f64>) -> Self {
        Self {
            white: levels.unwrap_or(WHITE),
            fractions: levels.is_some(),
        }
    }

    /// Returns the nearest byte to a level.
    ///
    /// # Errors
    /// If the level is not on the scale.
    pub fn byte(self, level: f64) -> Result<u8, LevelError> {
        if level > self.white {
            Err(LevelError::Above)
        } else if level.is_nan() || level < 0.0 {
            Err(LevelError::Below)
        } else if self.fractions || level.fract() == 0.0 {
            Ok(self.exact(level).round() as u8)
        } else {
            Err(LevelError::Fraction)
        }
    }

    /// Level on the scale where white is 255, before rounding to a byte.
    fn exact(self, level: f64) -> f64 {
        level * WHITE / self.white
    }

    /// Describes the expected content of a cell.
    pub fn expected(self) -> String {
        let kind = if self.fractions {
            "number"
        } else {
            "whole number"
        };
        format!("a {kind} from 0 to {}", self.white)
    }
}

/// Levels of some rows of a file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// Level of white.
    pub white: f64,
    /// Lowest level.
    pub least: f64,
    /// Highest level.
    pub largest: f64,
    /// Largest error of rounding a level to a byte, as a fraction of the range.
    pub rounding: f64,
}

impl Levels {
    /// No level yet.
    pub fn none(scale: LevelScale) -> Self {
        Self {
            white: scale.white,
            least: f64::INFINITY,
            largest: f64::NEG_INFINITY,
            rounding: 0.0,
        }
    }

    /// Adds a level, with the byte that it became.
    pub fn add(&mut self, level: f64, scale: LevelScale, byte: u8) {
        self.least = self.least.min(level);
        self.largest = self.largest.max(level);
        // Whole numbers up to 255 are bytes already.
        if scale.fractions {
            let error = (scale.exact(level) - f64::from(byte)).abs() / WHITE;
            self.rounding = self.rounding.max(error);
        }
    }

    /// Rounding error, if it is more than that of decimals.
    pub fn noticeable_rounding(&self) -> Option<f64> {
        Some(self.rounding).filter(|&error| error > NOTICEABLE)
    }

    /// True if no level comes near white, so that the scale is probably another one.
    pub fn is_dark(&self) -> bool {
        self.largest <= self.white / 2.0
    }
}

/// Rescales the bytes of a file, in place, so that white is 255.
///
/// # Errors
/// If a byte is above white, with the index of the first one and its value.
pub fn rescale(pixels: &mut [u8], scale: LevelScale) -> Result<Levels, (usize, u8)> {
    let mut occurs = [false; 256];
    for &pixel in &*pixels {
        occurs[usize::from(pixel)] = true;
    }
    let mut levels = Levels::none(scale);
    let mut bytes = [0; 256];
    for level in (0..=u8::MAX).filter(|&level| occurs[usize::from(level)]) {
        let Ok(byte) = scale.byte(f64::from(level)) else {
            let index = pixels.iter().position(|&pixel| pixel == level);
            return Err((index.unwrap_or_default(), level));
        };
        levels.add(f64::from(level), scale, byte);
        bytes[usize::from(level)] = byte;
    }
    if scale.white != WHITE {
        for pixel in pixels {
            *pixel = bytes[usize::from(*pixel)];
        }
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_become_bytes_by_hand() {
        let digits = LevelScale::of(Some(16.0));
        let bytes = [0.0, 1.0, 8.0, 15.5, 16.0].map(|level| digits.byte(level));
        assert_eq!(bytes, [Ok(0), Ok(16), Ok(128), Ok(247), Ok(255)]);
        assert_eq!(digits.byte(16.1), Err(LevelError::Above));
        assert_eq!(digits.byte(-0.5), Err(LevelError::Below));
        assert_eq!(digits.byte(f64::NAN), Err(LevelError::Below));
        let bytes = LevelScale::of(None);
        assert_eq!(bytes.byte(255.0), Ok(255));
        assert_eq!(bytes.byte(0.5), Err(LevelError::Fraction));
        assert_eq!(bytes.byte(256.0), Err(LevelError::Above));
    }

    #[test]
    fn bytes_on_a_smaller_scale_are_spread_by_hand() {
        let mut pixels = [0, 8, 16, 8];
        let levels = rescale(&mut pixels, LevelScale::of(Some(16.0))).unwrap();
        assert_eq!(pixels, [0, 128, 255, 128]);
        // 8 of 16 is 127.5.
        assert_eq!(levels.rounding, 0.5 / 255.0);
        assert_eq!((levels.least, levels.largest), (0.0, 16.0));
        let above = rescale(&mut [0, 1, 3, 2], LevelScale::of(Some(1.0)));
        assert_eq!(above, Err((3, 2)));
    }

    proptest! {
        /// Different whole levels stay different, and none moves by more than half a step.
        #[test]
        fn no_level_of_up_to_255_is_lost(white in 1u8..) {
            let scale = LevelScale::of(Some(f64::from(white)));
            let mut pixels: Vec<u8> = (0..=white).collect();
            let levels = rescale(&mut pixels, scale).unwrap();
            prop_assert!(pixels.is_sorted_by(|a, b| a < b));
            prop_assert_eq!((pixels[0], pixels.last()), (0, Some(&255)));
            prop_assert!(levels.rounding <= 0.5 / 255.0);
        }

        /// Undoes the division of bytes by `ToTensor` and the like.
        #[test]
        fn divided_bytes_come_back(byte: u8) {
            let scale = LevelScale::of(Some(1.0));
            let single = f64::from(f32::from(byte) / 255.0);
            prop_assert_eq!(scale.byte(single), Ok(byte));
            let mut levels = Levels::none(scale);
            levels.add(single, scale, byte);
            prop_assert_eq!(levels.noticeable_rounding(), None);
        }
    }
}
