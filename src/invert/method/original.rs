//! Originals: test images to reconstruct.

use faer::Mat;

use crate::data::Dataset;
use crate::invert::InvertError;
use crate::rng::stream;

/// Returns one test image per class, drawn from the stream `reconstruct`, in the units of
/// the data set.
///
/// # Shapes
/// - result: classes x inputs
///
/// # Errors
/// If there are no test images, or none of a class.
pub fn originals(dataset: &Dataset, seed: u64) -> Result<Mat<f64>, InvertError> {
    let test = dataset.test.as_ref().ok_or(InvertError::NoTestImages)?;
    let mut stream = stream(seed, "reconstruct");
    let mut chosen = Vec::new();
    for (class, &label) in dataset.classes.iter().enumerate() {
        let rows = test.of_class(class);
        if rows.is_empty() {
            return Err(InvertError::NoTestImage(label));
        }
        chosen.push(rows[stream.below(rows.len() as u64) as usize]);
    }
    let pixel = |n: usize, i: usize| dataset.range.value(f64::from(test.row(chosen[n])[i]));
    Ok(Mat::from_fn(chosen.len(), test.features, pixel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PixelRange;
    use crate::data::Label;
    use crate::data::Samples;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// Test images with their index as first pixel.
    fn dataset(labels: &[u8]) -> Dataset {
        let samples = Samples {
            features: 2,
            pixels: Arc::new((0..labels.len() as u8).flat_map(|row| [row, 255]).collect()),
            labels: labels.to_vec(),
        };
        Dataset {
            name: "made up",
            stand_in_for: None,
            classes: [7, 3].map(Label::Number).into(),
            range: PixelRange {
                low: 0.0,
                high: 255.0,
            },
            size: crate::data::ImageSize {
                width: 2,
                height: 1,
            },
            train: samples.clone(),
            test: Some(samples),
            reading: None,
        }
    }

    proptest! {
        #[test]
        fn each_is_a_test_image_of_its_class(
            labels in prop::collection::vec(0u8..2, 2..30),
            seed in 0u64..100,
        ) {
            prop_assume!(labels.contains(&0) && labels.contains(&1));
            let dataset = dataset(&labels);
            let images = originals(&dataset, seed).unwrap();
            for class in 0..2 {
                prop_assert_eq!(usize::from(labels[images[(class, 0)] as usize]), class);
                prop_assert_eq!(images[(class, 1)], 255.0);
            }
            prop_assert_eq!(images, originals(&dataset, seed).unwrap());
        }
    }

    #[test]
    fn other_seeds_draw_others_and_what_is_not_there_is_an_error() {
        let many = dataset(&[0, 1].repeat(50));
        let drawn: Vec<f64> = (0..20)
            .map(|seed| originals(&many, seed).unwrap()[(0, 0)])
            .collect();
        assert!(drawn.iter().any(|&row| row != drawn[0]), "{drawn:?}");
        let none = originals(&dataset(&[0, 0]), 0).unwrap_err();
        assert_eq!(none, InvertError::NoTestImage(Label::Number(3)));
        let untested = Dataset { test: None, ..many };
        assert_eq!(
            originals(&untested, 0).unwrap_err(),
            InvertError::NoTestImages
        );
    }
}
