//! Similarity of an image to class means, to the empirical method's choice of pixels, to
//! an original and to noise.

use faer::Mat;

use crate::config::{PixelRange, Score, default_lit};
use crate::invert::{InvertError, highest, is_missing, light};
use crate::model::Network;
use crate::norms::{self, rescaled};

/// Target logit of Lai 2021, section 2.2.1, by which the empirical method scores.
const ON: f64 = 10.0;

/// Reference images of the classes of one network.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Range of the pixels of real images.
    pub range: PixelRange,
    /// Width of an image in pixels.
    pub width: usize,
    /// Mean training image of each class: classes x inputs.
    means: Mat<f64>,
    /// Pixels that the empirical method lights for each class, in rising order.
    empirical: Vec<Vec<usize>>,
}

impl Reference {
    /// Reference images for inverses of this network.
    ///
    /// # Shapes
    /// - means: classes x inputs, the mean training image of each class
    ///
    /// # Errors
    /// If the network's weights are not finite.
    pub fn new(
        network: &Network,
        means: &Mat<f64>,
        range: PixelRange,
        width: usize,
    ) -> Result<Self, InvertError> {
        let classes = network.outputs();
        let row = |n| (0..classes).map(move |k| if k == n { ON } else { -ON });
        let targets: Vec<Vec<f64>> = (0..classes).map(|n| row(n).collect()).collect();
        let pixels_lit = default_lit(network.inputs());
        let images = light(network, Score::L1, pixels_lit, &targets, range)?;
        let top = |image| highest_of(&pixels(image));
        Ok(Self {
            range,
            width,
            means: means.clone(),
            empirical: images.row_iter().map(top).collect(),
        })
    }

    /// Returns the correlation with the mean image of a class.
    #[must_use]
    pub fn correlation(&self, image: &[f64], class: usize) -> Option<f64> {
        correlation(image, &pixels(self.means.row(class)))
    }

    /// Returns the correlation with the class minus the highest one with another class.
    #[must_use]
    pub fn margin(&self, image: &[f64], class: usize) -> Option<f64> {
        let others = (0..self.means.nrows()).filter(|&other| other != class);
        let others = others.filter_map(|other| self.correlation(image, other));
        Some(self.correlation(image, class)? - others.reduce(f64::max)?)
    }

    /// Returns the overlap of the highest pixels with those of the empirical method.
    #[must_use]
    pub fn empirical_overlap(&self, image: &[f64], class: usize) -> f64 {
        shared(&highest_of(image), &self.empirical[class])
    }
}

fn pixels(row: faer::RowRef<'_, f64>) -> Vec<f64> {
    row.iter().copied().collect()
}

/// Returns Pearson's r; none if either does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let ((a, _), (b, _)) = (deviations(&rescaled(a))?, deviations(&rescaled(b))?);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let r = product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt();
    Some(r.clamp(-1.0, 1.0))
}

/// Returns deviations from the mean in units of the largest, and that unit; none if the
/// values do not vary. Squares of huge pixels would overflow without the unit.
fn deviations(values: &[f64]) -> Option<(Vec<f64>, f64)> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let deviations = values.iter().map(|value| value - mean);
    let unit = deviations
        .clone()
        .fold(0.0, |most: f64, deviation| most.max(deviation.abs()));
    // What is left of equal values is rounding.
    let varies = unit > 1e-12 * mean.abs() && unit > 0.0;
    varies.then(|| (deviations.map(|deviation| deviation / unit).collect(), unit))
}

/// Returns the mean step between neighbours relative to max - min:
/// [`crate::metrics::Metric::TotalVariation`].
pub fn total_variation(image: &[f64], width: usize) -> Option<f64> {
    let image = &*rescaled(image);
    let ends = image.iter().map(|&x| (x, x));
    let (low, high) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    mean_step(image, width, high - low)
}

/// Returns the mean step between neighbours relative to the standard deviation:
/// [`crate::metrics::Metric::Roughness`].
pub fn roughness(image: &[f64], width: usize) -> Option<f64> {
    let image = &*rescaled(image);
    let (deviations, unit) = deviations(image)?;
    let squares: f64 = deviations.iter().map(|x| x * x).sum();
    let deviation = (squares / image.len() as f64).sqrt();
    mean_step(image, width, deviation * unit)
}

/// Returns the mean step between neighbours, across and down, in this unit.
fn mean_step(image: &[f64], width: usize, unit: f64) -> Option<f64> {
    let across = image.chunks(width).flat_map(|row| row.windows(2));
    let across = across.map(|pair| (pair[1] - pair[0]).abs());
    let down = image.iter().zip(image.iter().skip(width));
    let steps: Vec<f64> = across.chain(down.map(|(a, b)| (b - a).abs())).collect();
    let varies = unit > 0.0 && !steps.is_empty();
    varies.then(|| steps.iter().map(|step| step / unit).sum::<f64>() / steps.len() as f64)
}

/// Returns the relative L2 error `|x' - x| / |x|`; none if x is zero.
pub fn relative_error(image: &[f64], original: &[f64]) -> Option<f64> {
    let pairs = image.iter().zip(original);
    let residual: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
    norms::ratio(&residual, original)
}

/// Image to compare with others, with its highest pixels.
pub struct ComparedImage {
    pixels: Vec<f64>,
    top: Vec<usize>,
}

impl ComparedImage {
    /// Prepares an image, which must not be empty.
    #[must_use]
    pub fn new(pixels: Vec<f64>) -> Self {
        let top = highest_of(&pixels);
        Self { pixels, top }
    }

    /// Returns true if the method found no image.
    pub fn is_missing(&self) -> bool {
        is_missing(self.pixels.iter())
    }

    /// Returns the intersection over union of the highest pixels, as many as the empirical
    /// method lights by default. Of equal pixels the one with the lower index is higher.
    ///
    /// # Examples
    /// ```
    /// use backquery::metrics::ComparedImage;
    ///
    /// // Two of six pixels are compared: 0 and 1 with 1 and 2.
    /// let a = ComparedImage::new(vec![9.0, 8.0, 7.0, 1.0, 2.0, 3.0]);
    /// let b = ComparedImage::new(vec![1.0, 9.0, 8.0, 2.0, 3.0, 0.0]);
    /// assert_eq!(a.overlap(&b), 1.0 / 3.0);
    /// ```
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f64 {
        shared(&self.top, &other.top)
    }

    /// Returns Pearson's r over the pixels; none if either image has one value.
    ///
    /// # Examples
    /// ```
    /// use backquery::metrics::ComparedImage;
    ///
    /// let a = ComparedImage::new(vec![1.0, 2.0, 3.0]);
    /// let b = ComparedImage::new(vec![10.0, 30.0, 20.0]);
    /// assert!((a.correlation(&b).unwrap() - 0.5).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn correlation(&self, other: &Self) -> Option<f64> {
        correlation(&self.pixels, &other.pixels)
    }
}

/// Returns the positions of the highest pixels, in rising order.
fn highest_of(image: &[f64]) -> Vec<usize> {
    let mut top = highest(image);
    top.truncate(default_lit(image.len()));
    top.sort_unstable();
    top
}

/// Returns the intersection over union of two sorted lists.
fn shared(a: &[usize], b: &[usize]) -> f64 {
    let common = a
        .iter()
        .filter(|place| b.binary_search(place).is_ok())
        .count();
    common as f64 / (a.len() + b.len() - common) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn correlations_by_hand() {
        // Deviations (-1, 0, 1) and (-1, 1, 0): r = 1 / 2.
        let r = correlation(&[1.0, 2.0, 3.0], &[10.0, 30.0, 20.0]).unwrap();
        assert!((r - 0.5).abs() < 1e-12, "{r}");
        assert_eq!(correlation(&[0.1; 3], &[1.0, 2.0, 3.0]), None);
        assert_eq!(correlation(&[1e300, -1e300], &[1.0, 0.0]), Some(1.0));
    }

    #[test]
    fn total_variation_by_hand() {
        // 0 1     across: 1, 1; down: 1, 1: a checkerboard.
        // 1 0
        assert_eq!(total_variation(&[0.0, 1.0, 1.0, 0.0], 2), Some(1.0));
        // 0 4 8   across: 4 4 0 0; down: 8 4 0; 20 of 7 steps of 8.
        // 8 8 8
        let image = [0.0, 4.0, 8.0, 8.0, 8.0, 8.0];
        assert_eq!(total_variation(&image, 3), Some(20.0 / 56.0));
        assert_eq!(total_variation(&[3.0; 4], 2), None);
    }

    fn overlap(a: &[f64], b: &[f64]) -> f64 {
        ComparedImage::new(a.to_vec()).overlap(&ComparedImage::new(b.to_vec()))
    }

    #[test]
    fn overlap_by_hand() {
        let lit = |places: std::ops::Range<usize>| -> Vec<f64> {
            let level = |i| if places.contains(&i) { 1.0 } else { 0.0 };
            (0..784).map(level).collect()
        };
        assert_eq!(overlap(&lit(0..254), &lit(0..254)), 1.0);
        assert_eq!(overlap(&lit(0..254), &lit(254..508)), 0.0);
        // 127 in common of 254 + 254 - 127.
        assert_eq!(overlap(&lit(0..254), &lit(127..381)), 127.0 / 381.0);
        // Of six pixels two are compared: 0 and 1 with 1 and 2.
        let images = [
            [9.0, 8.0, 7.0, 1.0, 2.0, 3.0],
            [1.0, 9.0, 8.0, 2.0, 3.0, 0.0],
        ];
        assert_eq!(overlap(&images[0], &images[1]), 1.0 / 3.0);
        assert_eq!(overlap(&[5.0], &[-1.0]), 1.0, "one of one");
    }

    /// A checkerboard of 0 and 1 has steps of 1 and a standard deviation of 1/2,
    /// whatever its contrast; halves have a step in one of four pairs.
    #[test]
    fn roughness_by_hand() {
        for (low, high) in [(0.0, 1.0), (-3e200, 5e200)] {
            let image = [low, high, high, low];
            assert!((roughness(&image, 2).unwrap() - 2.0).abs() < 1e-12);
            let halves = [low, low, high, high];
            assert!((roughness(&halves, 2).unwrap() - 1.0).abs() < 1e-12);
        }
        assert_eq!(roughness(&[7.0; 4], 2), None);
    }

    proptest! {
        #[test]
        fn similarity_is_of_the_shape_and_not_of_the_scale(
            a in proptest::collection::vec(-5.0..5.0f64, 784),
            b in proptest::collection::vec(-5.0..5.0f64, 784),
            scale in 0.1..1e4f64,
            shift in -10.0..10.0f64,
        ) {
            let moved: Vec<f64> = a.iter().map(|x| x * scale + shift).collect();
            let (r, same) = (correlation(&a, &b).unwrap(), correlation(&moved, &b).unwrap());
            prop_assert!((r - same).abs() < 1e-9 && (-1.0..=1.0).contains(&r));
            prop_assert_eq!(correlation(&a, &b), correlation(&b, &a));
            let (tv, same) = (total_variation(&a, 28).unwrap(), total_variation(&moved, 28).unwrap());
            prop_assert!((tv - same).abs() < 1e-9 && (0.0..=1.0).contains(&tv));
            let iou = overlap(&a, &b);
            prop_assert!((0.0..=1.0).contains(&iou) && iou == overlap(&b, &a));
            prop_assert_eq!(overlap(&a, &moved), 1.0);
        }

        /// A power of two changes no digit, even where squares, sums and differences of
        /// the pixels overflow or vanish.
        #[test]
        fn extreme_pixels_look_like_ordinary_ones(
            a in proptest::collection::vec(-1.9..1.9f64, 784),
            b in proptest::collection::vec(-1.9..1.9f64, 784),
            k in prop_oneof![-950..-150, 150..1023],
        ) {
            let scaled: Vec<f64> = a.iter().map(|x| x * 2f64.powi(k)).collect();
            prop_assert_eq!(correlation(&scaled, &b), correlation(&a, &b));
            prop_assert_eq!(roughness(&scaled, 28), roughness(&a, 28));
            prop_assert_eq!(total_variation(&scaled, 28), total_variation(&a, 28));
        }
    }
}
