//! From the values of an image to grey levels.

use super::FigureError;
use crate::spec::ImageScale;

/// The level of values that are all the same: neither dark nor light is truer.
const MIDDLE: u8 = 128;

/// Grey levels `round((v - min) / (max - min) * 255)`, with `min` and `max` over
/// the row for [`ImageScale::Row`] and over each image for [`ImageScale::Image`];
/// the middle grey 128 where all values agree.
///
/// # Errors
/// If a value is not finite: it has no place between black and white, and no grey
/// would say so.
pub fn levels(images: &[Vec<f64>], scale: ImageScale) -> Result<Vec<Vec<u8>>, FigureError> {
    check_finite(images)?;
    let row = ends(images.iter().flatten());
    let grey = |image: &Vec<f64>| {
        let (min, max) = match scale {
            ImageScale::Row => row,
            ImageScale::Image => ends(image),
        };
        image.iter().map(|&v| level(v, min, max)).collect()
    };
    Ok(images.iter().map(grey).collect())
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

fn level(value: f64, min: f64, max: f64) -> u8 {
    if min >= max {
        return MIDDLE;
    }
    ((value - min) / (max - min) * 255.0).round() as u8
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
    fn a_value_that_is_not_finite_is_named() {
        let error = levels(&[vec![0.0], vec![1.0, f64::NAN]], ImageScale::Image).unwrap_err();
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
            let levels = levels(&[values], ImageScale::Row).unwrap().concat();
            prop_assert!(levels.is_sorted());
            let ends = [levels[0], levels[levels.len() - 1]];
            prop_assert!(ends == [0, 255] || ends == [MIDDLE; 2]);
        }
    }
}
