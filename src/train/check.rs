//! What must hold before anything is computed: a GPU takes labels and rows that are out
//! of range for some other number, and a tensor that is too large for a lost device.

use super::evaluate::EVALUATION_ROWS;
use super::run::{Setup, TrainError};
use crate::data::{Dataset, Samples};
use crate::model::max_tensor_bytes;

/// Holds that a training can be done.
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
        check_samples(samples, (train.features, classes))?;
    }
    let sizes = [train.features]
        .into_iter()
        .chain(setup.model.hidden.clone());
    let sizes: Vec<usize> = sizes.chain([classes]).collect();
    let rows = setup.train.batch_size.min(train.len()).max(EVALUATION_ROWS);
    let weights = sizes.windows(2).map(|pair| pair[0] * pair[1]);
    let values = sizes.iter().map(|size| rows * size);
    let largest = weights.chain(values).max();
    check_room(largest.unwrap_or(0), max_tensor_bytes(setup.device))
}

fn check_samples(samples: &Samples, (features, classes): (usize, usize)) -> Result<(), TrainError> {
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

/// Single precision takes four bytes a number.
fn check_room(numbers: usize, room: Option<u64>) -> Result<(), TrainError> {
    let bytes = numbers as u64 * 4;
    match room {
        Some(room) if bytes > room => Err(TrainError::TooLarge { bytes, room }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn what_a_gpu_would_take_for_something_else_is_told() {
        let samples = |labels: &[u8], pixels| Samples {
            features: 2,
            pixels: Arc::new(vec![0; pixels]),
            labels: labels.to_vec(),
        };
        let told = |samples| check_samples(&samples, (2, 3)).map_err(|error| error.to_string());
        assert_eq!(told(samples(&[0, 2], 4)), Ok(()));
        let label = "row 1 has the label number 3, counted from 0, of 3 classes";
        assert_eq!(told(samples(&[0, 3], 4)), Err(label.to_owned()));
        let pixels = "2 rows of 2 pixels each have 3 pixels";
        assert_eq!(told(samples(&[0, 2], 3)), Err(pixels.to_owned()));
    }

    #[test]
    fn a_layer_must_fit_into_what_the_driver_allows() {
        assert!(check_room(1000, None).is_ok());
        assert!(check_room(1000, Some(4000)).is_ok());
        let error = check_room(1001, Some(4000)).unwrap_err().to_string();
        assert!(
            error.contains("takes 4004 bytes, the device allows 4000"),
            "{error}"
        );
    }
}
