//! From the values of an image to grey levels.

use super::FigureError;
use crate::spec::ImageScale;

/// The level of values that are all the same: neither dark nor light is truer.
const MIDDLE: u8 = 128;

/// Grey levels `round((v - min) / (max - min) * 255)`, with `min` and `max` over
/// the row for [`ImageScale::Row`] and over each image for [`ImageScale::Image`]; the middle grey 128 where all values of it agree.
///
/// # Errors
/// If a value is not finite: it has no place between black and white, and no grey
/// would say so.
pub fn levels(images: &[Vec<f64>], scale: ImageScale) -> Result<Vec<Vec<u8>>, FigureError> {
    check_finite(images)?;
    Ok(match scale {
        ImageScale::Row => {
            let range = Range::of(images.iter().flatten());
            images.iter().map(|image| range.apply(image)).collect()
        }
        ImageScale::Image => images
            .iter()
            .map(|image| Range::of(image).apply(image))
            .collect(),
    })
}

fn check_finite(images: &[Vec<f64>]) -> Result<(), FigureError> {
    for (image, values) in images.iter().enumerate() {
        if let Some(pixel) = values.iter().position(|v| !v.is_finite()) {
            return Err(FigureError::NotFinite {
                image,
                pixel,
                value: values[pixel],
            });
        }
    }
    Ok(())
}

/// From black to white.
struct Range {
    min: f64,
    max: f64,
}

impl Range {
    fn of<'a>(values: impl IntoIterator<Item = &'a f64>) -> Self {
        let (min, max) = values
            .into_iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), &v| {
                (v.min(min), v.max(max))
            });
        Self { min, max }
    }

    fn apply(&self, values: &[f64]) -> Vec<u8> {
        values.iter().map(|&v| self.level(v)).collect()
    }

    fn level(&self, value: f64) -> u8 {
        if self.min >= self.max {
            return MIDDLE;
        }
        // The difference of two huge values may overflow; that of their halves cannot.
        let half = if (self.max - self.min).is_finite() {
            1.0
        } else {
            0.5
        };
        let part = (value * half - self.min * half) / (self.max * half - self.min * half);
        (part * 255.0).round() as u8
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
        assert_eq!(
            levels(&row, ImageScale::Row).unwrap(),
            [[0, 64], [128, 255]]
        );
        assert_eq!(
            levels(&row, ImageScale::Image).unwrap(),
            [[0, 255], [0, 255]]
        );
    }

    #[test]
    fn values_that_agree_are_middle_grey() {
        let row = [vec![2.0, 2.0], vec![2.0, 4.0]];
        assert_eq!(
            levels(&row, ImageScale::Image).unwrap(),
            [[128, 128], [0, 255]]
        );
        assert_eq!(levels(&row[..1], ImageScale::Row).unwrap(), [[128, 128]]);
        assert_eq!(
            levels(&[vec![-0.0, 0.0]], ImageScale::Row).unwrap(),
            [[128, 128]]
        );
    }

    #[test]
    fn no_images_and_images_without_values_have_no_levels() {
        assert!(levels(&[], ImageScale::Row).unwrap().is_empty());
        assert_eq!(
            levels(&[vec![]], ImageScale::Image).unwrap(),
            [Vec::<u8>::new()]
        );
    }

    #[test]
    fn the_largest_and_the_smallest_ranges_are_exact() {
        let wide = [vec![f64::MIN, 0.0, f64::MAX]];
        assert_eq!(levels(&wide, ImageScale::Row).unwrap(), [[0, 128, 255]]);
        let narrow = [vec![0.0, f64::from_bits(1)]];
        assert_eq!(levels(&narrow, ImageScale::Row).unwrap(), [[0, 255]]);
    }

    #[test]
    fn a_value_that_is_not_finite_is_named() {
        let error = levels(&[vec![0.0], vec![1.0, f64::NAN]], ImageScale::Image).unwrap_err();
        assert_eq!(
            error.to_string(),
            "value 1 of image 1 is NaN, must be finite"
        );
    }

    proptest! {
        #[test]
        fn levels_keep_the_order_and_use_the_whole_range(
            values in prop::collection::vec(-1e6..1e6, 2..60),
            cut in 0usize..60,
        ) {
            let cut = cut.min(values.len());
            let row = [values[..cut].to_vec(), values[cut..].to_vec()];
            let flat = levels(&row, ImageScale::Row).unwrap().concat();
            for (a, left) in values.iter().zip(&flat) {
                for (b, right) in values.iter().zip(&flat) {
                    prop_assert!(a > b || left <= right);
                }
            }
            if values.iter().any(|v| v.to_bits() != values[0].to_bits()) {
                prop_assert_eq!(flat.iter().min(), Some(&0));
                prop_assert_eq!(flat.iter().max(), Some(&255));
            }
        }
    }
}
