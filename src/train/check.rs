//! Checks before training: a GPU replaces labels and rows that are out of range silently,
//! and is lost to a tensor that is too large.

use super::evaluate::EVALUATION_ROWS;
use super::run::{Setup, TrainError};
use crate::data::{Dataset, Samples};
use crate::model::max_tensor_bytes;

/// Checks that training can start.
///
/// # Errors
/// If there is no row, a part of the data set has another number of labels, pixels or
/// classes than it should, or a layer is larger than the device allows.
pub fn check(setup: &Setup<'_>) -> Result<(), TrainError> {
    let Dataset { train, test, .. } = setup.dataset;
    if train.is_empty() {
        return Err(TrainError::Empty);
    }
    let classes = setup.dataset.classes.len();
    for samples in [Some(train), test.as_ref()].into_iter().flatten() {
        check_samples(samples, train.features, classes)?;
    }
    let sizes = [train.features]
        .into_iter()
        .chain(setup.model.hidden.clone());
    let sizes: Vec<usize> = sizes.chain([classes]).collect();
    let rows = setup.train.batch_size.min(setup.epoch_rows());
    let rows = rows.max(EVALUATION_ROWS);
    let weights = sizes.windows(2).map(|pair| pair[0] * pair[1]);
    let values = sizes.iter().map(|size| rows * size);
    let largest = weights.chain(values).max();
    check_size(largest.unwrap_or(0), max_tensor_bytes(setup.device))
}

fn check_samples(samples: &Samples, features: usize, classes: usize) -> Result<(), TrainError> {
    let rows = samples.len();
    if samples.features != features || samples.pixels.len() != rows * features {
        return Err(TrainError::Pixels {
            rows,
            features,
            pixels: samples.pixels.len(),
        });
    }
    let mut labels = samples.labels.iter().enumerate();
    match labels.find(|(_, label)| usize::from(**label) >= classes) {
        Some((row, &label)) => Err(TrainError::Label {
            row,
            label,
            classes,
        }),
        None => Ok(()),
    }
}

/// Checks that a tensor of this many numbers is not too large.
fn check_size(numbers: usize, max_bytes: Option<u64>) -> Result<(), TrainError> {
    let bytes = (numbers * size_of::<f32>()) as u64;
    match max_bytes.filter(|max| bytes > *max) {
        Some(max_bytes) => Err(TrainError::TooLarge { bytes, max_bytes }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn labels_and_pixels_out_of_range_are_errors() {
        let samples = |labels: &[u8], pixels| Samples {
            features: 2,
            pixels: Arc::new(vec![0; pixels]),
            labels: labels.to_vec(),
        };
        let checked = |samples| check_samples(&samples, 2, 3).map_err(|error| error.to_string());
        assert_eq!(checked(samples(&[0, 2], 4)), Ok(()));
        let label = "row 1: label 3 is out of range; expected 0 to 2";
        assert_eq!(checked(samples(&[0, 3], 4)), Err(label.to_owned()));
        let pixels = "expected 2 x 2 pixel values, got 3";
        assert_eq!(checked(samples(&[0, 2], 3)), Err(pixels.to_owned()));
    }

    #[test]
    fn layers_beyond_the_limit_of_the_driver_are_errors() {
        assert!(check_size(1000, None).is_ok());
        assert!(check_size(1000, Some(4000)).is_ok());
        let error = check_size(1001, Some(4000)).unwrap_err().to_string();
        assert!(
            error.contains("takes 4004 bytes, the device allows 4000"),
            "{error}"
        );
    }
}
