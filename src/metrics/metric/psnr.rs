//! PSNR: peak signal-to-noise ratio of a reconstruction.
//!
//! Pixels are fractions of the pixel range, so that the peak is 1. They are not clipped: an
//! inverse far outside the range has a PSNR below 0 dB.

use crate::config::PixelRange;
use crate::norms;

/// Highest PSNR, in dB. It is reported for root mean square errors of at most 1e-5 of the pixel
/// range, and for identical images, whose PSNR is infinite.
pub const MAX_PSNR: f64 = 100.0;

/// Returns the peak signal-to-noise ratio `-10 log10(MSE)` in dB, at most 100.
///
/// # Shapes
/// - image, original: pixels in the units of the range, equally many
///
/// # Examples
/// ```
/// use backquery::config::PixelRange;
/// use backquery::metrics::psnr;
///
/// // An error of a tenth of the range is an MSE of 0.01.
/// let range = PixelRange { low: -1.0, high: 1.0 };
/// assert!((psnr(&[0.2, 0.6], &[0.0, 0.8], range) - 20.0).abs() < 1e-12);
/// assert_eq!(psnr(&[0.2], &[0.2], range), 100.0);
/// ```
#[must_use]
pub fn psnr(image: &[f64], original: &[f64], range: PixelRange) -> f64 {
    let pairs = image.iter().zip(original);
    let errors: Vec<f64> = pairs
        .map(|(x, y)| (x - y) / (range.high - range.low))
        .collect();
    let root_mean_square = norms::l2(&errors) / (errors.len() as f64).sqrt();
    let decibels = -20.0 * root_mean_square.log10();
    // Not `f64::min`, which prefers a number to NaN.
    if decibels > MAX_PSNR {
        MAX_PSNR
    } else {
        decibels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNIT: PixelRange = PixelRange::UNIT;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    /// Errors of 0 and 1 have an MSE of 1/2, errors of 10 one of 100.
    #[test]
    fn psnr_by_hand() {
        near(psnr(&[0.0, 1.0], &[0.0, 0.0], UNIT), 10.0 * 2f64.log10());
        near(psnr(&[10.0, -10.0], &[0.0, 0.0], UNIT), -20.0);
        assert!(psnr(&[f64::NAN], &[0.0], UNIT).is_nan());
        let bytes = PixelRange {
            low: 0.0,
            high: 255.0,
        };
        near(psnr(&[25.5, 51.0], &[0.0, 25.5], bytes), 20.0);
        assert_eq!(psnr(&[1e-9], &[0.0], UNIT), MAX_PSNR);
        near(psnr(&[1e200], &[0.0], UNIT), -4000.0);
    }

    proptest! {
        /// The lower the MSE, the higher the PSNR.
        #[test]
        fn psnr_falls_with_the_error(
            x in prop::collection::vec(-2.0..3.0f64, 9),
            y in prop::collection::vec(-2.0..3.0f64, 9),
            z in prop::collection::vec(-2.0..3.0f64, 9),
        ) {
            let mse = |a: &[f64]| a.iter().zip(&z).map(|(a, z)| (a - z).powi(2)).sum::<f64>() / 9.0;
            let (of_x, of_y) = (psnr(&x, &z, UNIT), psnr(&y, &z, UNIT));
            prop_assert_eq!(mse(&x) < mse(&y), of_x > of_y);
            prop_assert!((of_x + 10.0 * mse(&x).log10()).abs() < 1e-9);
        }
    }
}
