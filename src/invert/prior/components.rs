//! Principal components of training pixels: projections of images, raw and whitened
//! (Nguyen-Tran, section 1.4).

use faer::{Mat, Side};

use super::moments::SampleMoments;

/// Principal components of a mean and a covariance.
#[derive(Debug, Clone)]
pub struct Components {
    mean: Mat<f64>,
    /// Components as columns, the one of the largest variance first.
    axes: Mat<f64>,
    /// Variance along each component, falling.
    variances: Vec<f64>,
}

/// Fraction of the largest variance below which others are rounding: such components do
/// not vary and cannot be whitened.
const VARIANCE_TOLERANCE: f64 = 1e-12;

impl Components {
    /// Decomposes a covariance; none if it is not finite.
    pub fn of(moments: &SampleMoments) -> Option<Self> {
        let found = moments.covariance.self_adjoint_eigen(Side::Lower).ok()?;
        // In rising order.
        let n = moments.covariance.nrows();
        let (vectors, values) = (found.U(), found.S().column_vector());
        Some(Self {
            mean: moments.mean.clone(),
            axes: Mat::from_fn(n, n, |i, j| vectors[(i, n - 1 - j)]),
            variances: (0..n).map(|j| values[n - 1 - j].max(0.0)).collect(),
        })
    }

    /// Returns the fraction of the variance that the first components explain.
    ///
    /// # Examples
    /// ```
    /// use backquery::invert::{Components, SampleMoments};
    ///
    /// let moments = SampleMoments {
    ///     mean: faer::mat![[0.0, 0.0]],
    ///     covariance: faer::mat![[1.0, 0.0], [0.0, 4.0]],
    /// };
    /// let components = Components::of(&moments).unwrap();
    /// assert!((components.explained(1) - 0.8).abs() < 1e-12);
    /// ```
    pub fn explained(&self, first: usize) -> f64 {
        let all: f64 = self.variances.iter().sum();
        let own: f64 = self.variances.iter().take(first).sum();
        if all > 0.0 { own / all } else { 1.0 }
    }

    /// Projects images onto the first components around the mean.
    ///
    /// # Shapes
    /// - images, result: rows x pixels
    pub fn project(&self, images: &Mat<f64>, first: usize) -> Mat<f64> {
        let parts = self.rotated(images, first, |_| 1.0);
        Mat::from_fn(parts.nrows(), parts.ncols(), |n, i| {
            parts[(n, i)] + self.mean[(0, i)]
        })
    }

    /// Projects images onto the first components and whitens them: the mean is subtracted
    /// and every component divided by its standard deviation. Components that do not vary
    /// are left out.
    ///
    /// # Shapes
    /// - images, result: rows x pixels
    pub fn whiten(&self, images: &Mat<f64>, first: usize) -> Mat<f64> {
        let largest = self.variances.first().copied().unwrap_or_default();
        self.rotated(images, first, |variance| {
            if variance > VARIANCE_TOLERANCE * largest {
                1.0 / variance.sqrt()
            } else {
                0.0
            }
        })
    }

    /// Returns `(x - mean) V f(variances) V^T` with the first columns of V.
    fn rotated(&self, images: &Mat<f64>, first: usize, f: impl Fn(f64) -> f64) -> Mat<f64> {
        let first = first.min(self.variances.len());
        let axes = self.axes.subcols(0, first);
        let centred = Mat::from_fn(images.nrows(), images.ncols(), |n, i| {
            images[(n, i)] - self.mean[(0, i)]
        });
        let parts = centred * axes;
        let scaled = Mat::from_fn(parts.nrows(), first, |n, j| {
            parts[(n, j)] * f(self.variances[j])
        });
        scaled * axes.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;
    use proptest::prelude::*;

    #[test]
    fn a_line_and_what_is_beside_it_by_hand() {
        // Along (1, 1) the variance is 4, along (1, -1) it is 1, and the mean is (1, 0).
        let moments = SampleMoments {
            mean: faer::mat![[1.0, 0.0]],
            covariance: faer::mat![[2.5, 1.5], [1.5, 2.5]],
        };
        let components = Components::of(&moments).unwrap();
        assert!((components.explained(1) - 0.8).abs() < 1e-12);
        let image = faer::mat![[4.0, 1.0]];
        // (3, 1) off the mean is 2 (1, 1) + 1 (1, -1).
        let close = |got: Mat<f64>, expected: Mat<f64>| (got - expected).norm_max() < 1e-12;
        assert!(close(components.project(&image, 1), faer::mat![[3.0, 2.0]]));
        assert!(close(components.project(&image, 2), image.clone()));
        assert!(close(components.whiten(&image, 1), faer::mat![[1.0, 1.0]]));
        assert!(close(components.whiten(&image, 2), faer::mat![[2.0, 0.0]]));
    }

    proptest! {
        /// More components are never a worse approximation, all of them are the image, and
        /// whitened rows have unit variance along every direction that they vary in.
        #[test]
        fn all_components_together_are_the_image(seed in 0u64..100) {
            let mut draws = stream(seed, "components");
            // Of four pixels the last is the sum of the others.
            let mut rows = Mat::from_fn(12, 4, |_, _| draws.normal());
            for n in 0..12 {
                rows[(n, 3)] = rows[(n, 0)] + rows[(n, 1)] + rows[(n, 2)];
            }
            let components = Components::of(&SampleMoments::of_rows(&rows)).unwrap();
            let off = |first| (components.project(&rows, first) - &rows).norm_l2();
            for first in 0..4 {
                prop_assert!(off(first + 1) <= off(first) + 1e-9);
            }
            prop_assert!(off(3) < 1e-6 && (components.explained(3) - 1.0).abs() < 1e-9);
            let white = SampleMoments::of_rows(&components.whiten(&rows, 4));
            // A projection onto three directions.
            let squared = &white.covariance * &white.covariance;
            prop_assert!((squared - &white.covariance).norm_max() < 1e-6);
            let trace: f64 = (0..4).map(|i| white.covariance[(i, i)]).sum();
            prop_assert!((trace - 3.0).abs() < 1e-6);
        }
    }
}
