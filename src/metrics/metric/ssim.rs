//! SSIM: structural similarity of a reconstruction and the original (Wang, Bovik, Sheikh
//! and Simoncelli 2004).
//!
//! Pixels are fractions of the pixel range, so that their dynamic range L is 1. They are
//! not clipped.

use crate::config::PixelRange;

/// Width and height of the window of SSIM (Wang et al. 2004, section III.C).
pub const WINDOW: usize = 11;
/// Standard deviation of the Gaussian window, in pixels.
const SIGMA: f64 = 1.5;
/// Stabilising constants (K1 L)^2 and (K2 L)^2 with K1 = 0.01, K2 = 0.03 and L = 1.
const C1: f64 = 0.01 * 0.01;
const C2: f64 = 0.03 * 0.03;

/// Returns the mean structural similarity index of Wang, Bovik, Sheikh and Simoncelli
/// (2004) over all positions of a Gaussian window of 11 x 11 that lie inside the image:
/// from -1 to 1, and 1 for identical images. None for images smaller than the window, and
/// for pixels beyond 1e300.
///
/// # Shapes
/// - image, original: rows of `width` pixels in the units of the range, equally many
///
/// # Examples
/// ```
/// use backquery::config::PixelRange;
/// use backquery::metrics::ssim;
///
/// // Images of one value differ in luminance alone: (2 a b + C1) / (a^2 + b^2 + C1).
/// let range = PixelRange { low: 0.0, high: 1.0 };
/// let found = ssim(&[0.5; 121], &[1.0; 121], 11, range).unwrap();
/// assert!((found - (1.0 + 1e-4) / (1.25 + 1e-4)).abs() < 1e-12);
/// assert_eq!(ssim(&[0.5; 100], &[1.0; 100], 10, range), None);
/// ```
#[must_use]
pub fn ssim(image: &[f64], original: &[f64], width: usize, range: PixelRange) -> Option<f64> {
    let fraction = |x: &f64| (x - range.low) / (range.high - range.low);
    let x: Vec<f64> = image.iter().map(fraction).collect();
    let y: Vec<f64> = original.iter().map(fraction).collect();
    let down = (x.len() / width).checked_sub(WINDOW)?;
    let across = width.checked_sub(WINDOW)?;
    let weights = window();
    let positions = (0..=down).flat_map(|top| (0..=across).map(move |left| top * width + left));
    let indices = positions.map(|start| {
        // Pixels under the window, with their weights.
        let under = weights.iter().enumerate().flat_map(|(row, weights)| {
            let row = start + row * width;
            let pixels = x[row..].iter().zip(&y[row..]);
            weights.iter().zip(pixels).map(|(&w, (&x, &y))| (w, x, y))
        });
        similarity(under)
    });
    let count = (down + 1) * (across + 1);
    let mean = indices.sum::<f64>() / count as f64;
    mean.is_finite().then_some(mean)
}

/// Returns the similarity of two windows of pixels x and y with weights w that sum to 1.
fn similarity(pixels: impl Iterator<Item = (f64, f64, f64)> + Clone) -> f64 {
    let (mean_x, mean_y) = pixels
        .clone()
        .fold((0.0, 0.0), |(mx, my), (w, x, y)| (mx + w * x, my + w * y));
    let (mut var_x, mut var_y, mut covariance) = (0.0, 0.0, 0.0);
    for (w, x, y) in pixels {
        let (dx, dy) = (x - mean_x, y - mean_y);
        var_x += w * (dx * dx);
        var_y += w * (dy * dy);
        covariance += w * (dx * dy);
    }
    let luminance = (2.0 * (mean_x * mean_y) + C1) / (mean_x * mean_x + mean_y * mean_y + C1);
    let structure = (2.0 * covariance + C2) / (var_x + var_y + C2);
    luminance * structure
}

/// Returns the Gaussian window, normalised to a sum of 1.
fn window() -> [[f64; WINDOW]; WINDOW] {
    let middle = (WINDOW / 2) as f64;
    let gaussian = |i: usize| (-(i as f64 - middle).powi(2) / (2.0 * SIGMA * SIGMA)).exp();
    let sum: f64 = (0..WINDOW).map(gaussian).sum();
    let line: [f64; WINDOW] = std::array::from_fn(|i| gaussian(i) / sum);
    line.map(|a| line.map(|b| a * b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNIT: PixelRange = PixelRange::UNIT;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    /// The 2004 paper's window: weights of a Gaussian, largest in the middle.
    #[test]
    fn the_window_sums_to_one() {
        let window = window();
        near(window.iter().flatten().sum(), 1.0);
        near(window[5][5], 0.070_762_237_763_946_97);
        near(window[0][0] / window[5][5], (-50.0 / 4.5f64).exp());
    }

    /// Opposite contrast around the same mean: the covariance is minus the variance.
    #[test]
    fn a_negative_is_dissimilar() {
        let x: Vec<f64> = (0..121).map(|i| f64::from((i + 1) % 2)).collect();
        let weights = window();
        let flat = || weights.iter().flatten();
        let mean: f64 = flat().zip(&x).map(|(w, x)| w * x).sum();
        let variance = mean * (1.0 - mean);
        let luminance =
            (2.0 * mean * (1.0 - mean) + C1) / (mean.powi(2) + (1.0 - mean).powi(2) + C1);
        let expected = luminance * (C2 - 2.0 * variance) / (C2 + 2.0 * variance);
        let negative: Vec<f64> = x.iter().map(|x| 1.0 - x).collect();
        near(ssim(&x, &negative, 11, UNIT).unwrap(), expected);
    }

    /// NumPy by the formulas of scikit-image's `structural_similarity` (`gaussian_weights`,
    /// `sigma=1.5`, `use_sample_covariance=False`, `data_range=1`), on 13 rows of 12 pixels.
    #[test]
    fn ssim_is_that_of_scikit_image() {
        let x: Vec<f64> = (0..156).map(|i| f64::from(i * 37 % 101) / 100.0).collect();
        let y: Vec<f64> = (0..156)
            .map(|i| f64::from((i * 53 + 7) % 97) / 96.0)
            .collect();
        let mixed: Vec<f64> = x.iter().zip(&y).map(|(x, y)| 0.8 * x + 0.1 * y).collect();
        let negative: Vec<f64> = x.iter().map(|x| 1.0 - x).collect();
        for (other, expected) in [
            (&y, 0.157_456_648_361_811_3),
            (&mixed, 0.967_654_350_252_195_2),
            (&negative, -0.988_305_335_032_014),
        ] {
            near(ssim(&x, other, 12, UNIT).unwrap(), expected);
        }
    }

    #[test]
    fn images_smaller_than_the_window_have_no_ssim() {
        let image = |width: usize, height: usize| vec![0.5; width * height];
        for (width, height) in [(10, 11), (11, 10), (1, 1), (10, 28)] {
            let image = image(width, height);
            assert_eq!(ssim(&image, &image, width, UNIT), None);
        }
        let image = image(11, 11);
        assert_eq!(ssim(&image, &image, 11, UNIT), Some(1.0));
        assert_eq!(ssim(&[1e200; 121], &image, 11, UNIT), Some(0.0));
    }

    proptest! {
        #[test]
        fn ssim_is_symmetric_and_one_for_the_same_image(
            x in prop::collection::vec(-2.0..3.0f64, 144),
            y in prop::collection::vec(-2.0..3.0f64, 144),
        ) {
            let of = |a: &[f64], b: &[f64]| ssim(a, b, 12, UNIT).unwrap();
            prop_assert_eq!(of(&x, &x), 1.0);
            prop_assert_eq!(of(&x, &y), of(&y, &x));
            prop_assert!((-1.0..1.0).contains(&of(&x, &y)));
            // Neither depends on the units of the pixels.
            let range = PixelRange { low: -1.0, high: 1.0 };
            let scaled = |a: &[f64]| a.iter().map(|x| 2.0 * x - 1.0).collect::<Vec<_>>();
            let same = ssim(&scaled(&x), &scaled(&y), 12, range).unwrap();
            prop_assert!((same - of(&x, &y)).abs() < 1e-9);
        }
    }
}
