//! Mean training images: a baseline that uses labels and no network.

use faer::Mat;

use crate::data::Dataset;

/// Returns the mean training image of each class, in the units of the pixel range.
///
/// # Shapes
/// - result: classes x inputs
pub fn invert(dataset: &Dataset) -> Mat<f64> {
    let means = dataset.class_means();
    Mat::from_fn(means.len(), dataset.train.features, |n, i| means[n][i])
}
