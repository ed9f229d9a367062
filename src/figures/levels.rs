//! From the values of an image to grey levels.

use super::FigureError;
use crate::config::{Overflow, PixelRange};

/// What black and white stand for.
#[derive(Debug, Clone, Copy)]
pub enum Scale<'a> {
    /// The lowest and highest value of the row.
    Row,
    /// The lowest and highest value of each image.
    Image,
    /// The lowest and highest value of the image in the same place of another
    /// row, and what becomes of values beyond.
    Like(&'a [Vec<f64>], Overflow),
}

/// Grey levels `(v - min) / (max - min) * 255`, with `min` and `max` by the
/// scale; the middle grey 128 where all values of the scale agree.
///
/// # Errors
/// If a value is not finite: it has no place between black and white, and no grey
/// would say so.
pub fn levels(images: &[Vec<f64>], scale: Scale<'_>) -> Result<Vec<Vec<u8>>, FigureError> {
    check_finite(images)?;
    let row = ends(images.iter().flatten());
    let mut levels = Vec::new();
    for (place, image) in images.iter().enumerate() {
        let (ends, overflow) = match scale {
            Scale::Row => (row, Overflow::Clamp),
            Scale::Image => (ends(image), Overflow::Clamp),
            Scale::Like(others, overflow) => {
                let other = others.get(place..=place).ok_or(FigureError::Empty)?;
                check_finite(other)?;
                (ends(&other[0]), overflow)
            }
        };
        levels.push(image.iter().map(|&v| level(v, ends, overflow)).collect());
    }
    Ok(levels)
}

fn check_finite(images: &[Vec<f64>]) -> Result<(), FigureError> {
    for (image, values) in images.iter().enumerate() {
        if let Some(&value) = values.iter().find(|v| !v.is_finite()) {
            return Err(FigureError::NotFinite { image, value });
        }
    }
    Ok(())
}

/// The values that are black and white.
fn ends<'a>(values: impl IntoIterator<Item = &'a f64>) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let wider = |(min, max): (f64, f64), v: &f64| (min.min(*v), max.max(*v));
    values.into_iter().fold(start, wider)
}

fn level(value: f64, (low, high): (f64, f64), overflow: Overflow) -> u8 {
    match overflow {
        // NumPy's cast of a float to 8 bits: cut off, then modulo 256.
        Overflow::Wrap if low < high => {
            let level = (value - low) / (high - low) * 255.0;
            (level as i64).rem_euclid(256) as u8
        }
        Overflow::Clamp | Overflow::Wrap => PixelRange { low, high }.level(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_by_hand() {
        // Range -1..3: -1 -> 0, 0 -> 63.75, 1 -> 127.5 (away from zero), 3 -> 255.
        let row = [vec![-1.0, 0.0], vec![1.0, 3.0]];
        assert_eq!(levels(&row, Scale::Row).unwrap(), [[0, 64], [128, 255]]);
        assert_eq!(levels(&row, Scale::Image).unwrap(), [[0, 255], [0, 255]]);
    }

    #[test]
    fn values_that_agree_are_middle_grey() {
        let row = [vec![2.0, 2.0], vec![2.0, 4.0]];
        assert_eq!(levels(&row, Scale::Image).unwrap(), [[128, 128], [0, 255]]);
        assert_eq!(levels(&row[..1], Scale::Row).unwrap(), [[128, 128]]);
        assert_eq!(
            levels(&[vec![-0.0, 0.0]], Scale::Row).unwrap(),
            [[128, 128]]
        );
    }

    /// NumPy: `np.array([-1, 0, 1.5, 3, 4.02]) * 255 / 3` is (-85, 0, 127.5, 255,
    /// 341.7), and that `.astype(np.uint8)` is (171, 0, 127, 255, 85).
    #[test]
    fn on_the_scale_of_another_row_values_are_clamped_or_wrapped() {
        let (image, other) = (vec![vec![-1.0, 0.0, 1.5, 3.0, 4.02]], [vec![0.0, 3.0]]);
        let drawn = |overflow| levels(&image, Scale::Like(&other, overflow)).unwrap();
        assert_eq!(drawn(Overflow::Clamp), [[0, 0, 128, 255, 255]]);
        assert_eq!(drawn(Overflow::Wrap), [[171, 0, 127, 255, 85]]);
        let missing = levels(&image, Scale::Like(&[], Overflow::Clamp));
        assert!(missing.is_err());
    }

    #[test]
    fn a_value_that_is_not_finite_is_named() {
        let error = levels(&[vec![0.0], vec![1.0, f64::NAN]], Scale::Image).unwrap_err();
        assert_eq!(
            error.to_string(),
            "image 1 of a row holds NaN, values must be finite"
        );
    }

    proptest! {
        #[test]
        fn levels_keep_the_order_and_use_the_whole_range(
            mut values in prop::collection::vec(-1e6..1e6, 2..60),
        ) {
            values.sort_by(f64::total_cmp);
            let levels = levels(&[values], Scale::Row).unwrap().concat();
            prop_assert!(levels.is_sorted());
            let ends = [levels[0], levels[levels.len() - 1]];
            prop_assert!(ends == [0, 255] || ends == [128; 2]);
        }
    }
}
