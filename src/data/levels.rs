//! The scale of the levels in a file, and the levels that were seen.

use serde::{Deserialize, Serialize};

/// White as samples hold it: black is 0, white is 255.
pub const WHITE: f64 = 255.0;

/// Rounding errors below this fraction of the range are those of decimals, not of levels.
const NOTICEABLE: f64 = 1e-6;

/// How the levels of a file become bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The level that is white.
    pub white: f64,
    /// Whether levels between whole numbers are taken: only if the spec says what is white,
    /// since 0.5 of 255 is black.
    pub fractions: bool,
}

/// A level that does not fit the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// Below black, or not a number.
    #[error("levels start at 0, which is black")]
    Below,
    /// Above white.
    #[error("if another level is white, set `data.levels` to it")]
    Above,
    /// Between whole numbers without a scale.
    #[error("for fractions set `data.levels` to the level that is white, such as `levels = 1`")]
    Fraction,
}

impl Scale {
    /// The scale that a spec asks for: by default bytes, of which 255 is white.
    pub fn of(levels: Option<f64>) -> Self {
        Self {
            white: levels.unwrap_or(WHITE),
            fractions: levels.is_some(),
        }
    }

    /// The nearest byte to a level.
    ///
    /// # Errors
    /// If the level is not on the scale.
    pub fn byte(self, level: f64) -> Result<u8, LevelError> {
        if level > self.white {
            return Err(LevelError::Above);
        }
        if level >= 0.0 && (self.fractions || level.fract() == 0.0) {
            return Ok(self.exact(level).round() as u8);
        }
        Err(if level >= 0.0 {
            LevelError::Fraction
        } else {
            LevelError::Below
        })
    }

    /// A level where white is 255, before it is rounded to a byte.
    fn exact(self, level: f64) -> f64 {
        level * WHITE / self.white
    }

    /// What cells must hold, for people.
    pub fn expected(self) -> String {
        let kind = if self.fractions {
            "number"
        } else {
            "whole number"
        };
        format!("a {kind} from 0 to {}", self.white)
    }
}

/// The levels of some rows, as their file has them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// The level that is white.
    pub white: f64,
    /// The lowest level there is.
    pub least: f64,
    /// The highest level there is.
    pub largest: f64,
    /// The largest error of rounding a level to a byte, as a fraction of the range.
    pub rounding: f64,
}

impl Levels {
    /// No level yet.
    pub fn none(scale: Scale) -> Self {
        Self {
            white: scale.white,
            least: f64::INFINITY,
            largest: f64::NEG_INFINITY,
            rounding: 0.0,
        }
    }

    /// Adds a level that became this byte.
    pub fn add(&mut self, level: f64, scale: Scale, byte: u8) {
        self.least = self.least.min(level);
        self.largest = self.largest.max(level);
        // Whole numbers up to 255 are bytes.
        if scale.fractions {
            let error = (scale.exact(level) - f64::from(byte)).abs() / WHITE;
            self.rounding = self.rounding.max(error);
        }
    }

    /// The rounding error, if it is one of levels.
    pub fn noticeable_rounding(&self) -> Option<f64> {
        Some(self.rounding).filter(|&error| error > NOTICEABLE)
    }

    /// Whether no level comes near white, so that the scale may be another one.
    pub fn is_dark(&self) -> bool {
        self.largest <= self.white / 2.0
    }
}

/// Puts bytes as a file has them onto the scale on which white is 255.
///
/// # Errors
/// With the index of the first byte that is above white, and that byte.
pub fn rescale(pixels: &mut [u8], scale: Scale) -> Result<Levels, (usize, u8)> {
    let mut there = [false; 256];
    for &pixel in &*pixels {
        there[usize::from(pixel)] = true;
    }
    let mut levels = Levels::none(scale);
    let mut bytes = [0; 256];
    for level in (0..=u8::MAX).filter(|&level| there[usize::from(level)]) {
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
        let digits = Scale::of(Some(16.0));
        let bytes = [0.0, 1.0, 8.0, 15.5, 16.0].map(|level| digits.byte(level));
        assert_eq!(bytes, [Ok(0), Ok(16), Ok(128), Ok(247), Ok(255)]);
        assert_eq!(digits.byte(16.1), Err(LevelError::Above));
        assert_eq!(digits.byte(-0.5), Err(LevelError::Below));
        assert_eq!(digits.byte(f64::NAN), Err(LevelError::Below));
        let bytes = Scale::of(None);
        assert_eq!(bytes.byte(255.0), Ok(255));
        assert_eq!(bytes.byte(0.5), Err(LevelError::Fraction));
        assert_eq!(bytes.byte(256.0), Err(LevelError::Above));
    }

    #[test]
    fn bytes_on_a_smaller_scale_are_spread_by_hand() {
        let mut pixels = [0, 8, 16, 8];
        let levels = rescale(&mut pixels, Scale::of(Some(16.0))).unwrap();
        assert_eq!(pixels, [0, 128, 255, 128]);
        // 8 of 16 is 127.5.
        assert_eq!(levels.rounding, 0.5 / 255.0);
        assert_eq!((levels.least, levels.largest), (0.0, 16.0));
        let above = rescale(&mut [0, 1, 3, 2], Scale::of(Some(1.0)));
        assert_eq!(above, Err((3, 2)));
    }

    proptest! {
        /// Different whole levels stay different, and none moves by more than half a step.
        #[test]
        fn no_level_of_up_to_255_is_lost(white in 1u8..) {
            let scale = Scale::of(Some(f64::from(white)));
            let mut pixels: Vec<u8> = (0..=white).collect();
            let levels = rescale(&mut pixels, scale).unwrap();
            prop_assert!(pixels.is_sorted_by(|a, b| a < b));
            prop_assert_eq!((pixels[0], pixels.last()), (0, Some(&255)));
            prop_assert!(levels.rounding <= 0.5 / 255.0);
        }

        /// What `ToTensor` and the like make of bytes is undone.
        #[test]
        fn divided_bytes_come_back(byte: u8) {
            let scale = Scale::of(Some(1.0));
            let single = f64::from(f32::from(byte) / 255.0);
            prop_assert_eq!(scale.byte(single), Ok(byte));
            let mut levels = Levels::none(scale);
            levels.add(single, scale, byte);
            prop_assert_eq!(levels.noticeable_rounding(), None);
        }
    }
}
