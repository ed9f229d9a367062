//! Grey levels of the values of an image.

use super::FigureError;
use crate::config::{Overflow, PixelRange};
use crate::invert::is_missing;

/// Values that are black and white.
#[derive(Debug, Clone, Copy)]
pub enum GreyScale<'a> {
    /// Lowest and highest value of the row.
    Row,
    /// Lowest and highest value of each image.
    Image,
    /// Lowest and highest value of the image in the same position of another row, with the
    /// treatment of values beyond.
    Like(&'a [Vec<f64>], Overflow),
}

/// Returns the grey levels `(v - min) / (max - min) * 255`, with `min` and `max` of the
/// scale; 128 if all values of the scale are equal. An image without a single number is
/// missing, and white.
///
/// # Errors
/// If a value is not finite, since no grey level could show it.
pub fn levels(images: &[Vec<f64>], scale: GreyScale<'_>) -> Result<Vec<Vec<u8>>, FigureError> {
    check_finite(images)?;
    let row = ends(images.iter().flatten());
    let mut levels = Vec::new();
    for (place, image) in images.iter().enumerate() {
        if is_missing(image.iter()) {
            levels.push(vec![u8::MAX; image.len()]);
            continue;
        }
        let ((low, high), overflow) = match scale {
            GreyScale::Row => (row, Overflow::Clamp),
            GreyScale::Image => (ends(image), Overflow::Clamp),
            GreyScale::Like(others, overflow) => {
                let other = others.get(place..=place).ok_or(FigureError::Empty)?;
                check_finite(other)?;
                (ends(&other[0]), overflow)
            }
        };
        let level = |&value: &f64| level(value, low, high, overflow);
        levels.push(image.iter().map(level).collect());
    }
    Ok(levels)
}

fn check_finite(images: &[Vec<f64>]) -> Result<(), FigureError> {
    let found = images.iter().enumerate();
    for (image, values) in found.filter(|(_, values)| !is_missing(values.iter())) {
        if let Some(&value) = values.iter().find(|v| !v.is_finite()) {
            return Err(FigureError::NotFinite { image, value });
        }
    }
    Ok(())
}

/// Returns the lowest and the highest value.
pub fn ends<'a>(values: impl IntoIterator<Item = &'a f64>) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    let wider = |(min, max): (f64, f64), v: &f64| (min.min(*v), max.max(*v));
    values.into_iter().fold(start, wider)
}

fn level(value: f64, low: f64, high: f64, overflow: Overflow) -> u8 {
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
        assert_eq!(levels(&row, GreyScale::Row).unwrap(), [[0, 64], [128, 255]]);
        assert_eq!(
            levels(&row, GreyScale::Image).unwrap(),
            [[0, 255], [0, 255]]
        );
    }

    #[test]
    fn values_that_agree_are_middle_grey() {
        let row = [vec![2.0, 2.0], vec![2.0, 4.0]];
        assert_eq!(
            levels(&row, GreyScale::Image).unwrap(),
            [[128, 128], [0, 255]]
        );
        assert_eq!(levels(&row[..1], GreyScale::Row).unwrap(), [[128, 128]]);
        assert_eq!(
            levels(&[vec![-0.0, 0.0]], GreyScale::Row).unwrap(),
            [[128, 128]]
        );
    }

    /// NumPy: `np.array([-1, 0, 1.5, 3, 4.02]) * 255 / 3` is (-85, 0, 127.5, 255,
    /// 341.7), and that `.astype(np.uint8)` is (171, 0, 127, 255, 85).
    #[test]
    fn on_the_scale_of_another_row_values_are_clamped_or_wrapped() {
        let (image, other) = (vec![vec![-1.0, 0.0, 1.5, 3.0, 4.02]], [vec![0.0, 3.0]]);
        let drawn = |overflow| levels(&image, GreyScale::Like(&other, overflow)).unwrap();
        assert_eq!(drawn(Overflow::Clamp), [[0, 0, 128, 255, 255]]);
        assert_eq!(drawn(Overflow::Wrap), [[171, 0, 127, 255, 85]]);
        let missing = levels(&image, GreyScale::Like(&[], Overflow::Clamp));
        assert!(missing.is_err());
    }

    #[test]
    fn a_value_that_is_not_finite_is_named() {
        let error = levels(&[vec![0.0], vec![1.0, f64::NAN]], GreyScale::Image).unwrap_err();
        assert_eq!(
            error.to_string(),
            "image 1 of a row holds NaN, values must be finite"
        );
    }

    #[test]
    fn a_missing_image_is_white_and_changes_no_other() {
        let row = [vec![f64::NAN; 2], vec![1.0, 3.0]];
        for scale in [GreyScale::Row, GreyScale::Image] {
            assert_eq!(levels(&row, scale).unwrap(), [[255, 255], [0, 255]]);
        }
    }

    proptest! {
        #[test]
        fn levels_keep_the_order_and_use_the_whole_range(
            mut values in prop::collection::vec(-1e6..1e6, 2..60),
        ) {
            values.sort_by(f64::total_cmp);
            let levels = levels(&[values], GreyScale::Row).unwrap().concat();
            prop_assert!(levels.is_sorted());
            let ends = [levels[0], levels[levels.len() - 1]];
            prop_assert!(ends == [0, 255] || ends == [128; 2]);
        }
    }
}
