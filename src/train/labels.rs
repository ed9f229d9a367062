//! What a network is told of the training rows: their labels, or for a control
//! others.

use std::borrow::Cow;

use crate::config::Labels;
use crate::data::Dataset;
use crate::rng::stream;

/// The data set as a network is told it; test rows keep their labels.
///
/// Labels are shuffled by the stream `labels`. Of two that are swapped both must be
/// among the classes.
#[must_use]
pub fn told(dataset: &Dataset, labels: Labels, seed: u64) -> Cow<'_, Dataset> {
    let mut told = Cow::Borrowed(dataset);
    match labels {
        Labels::True => {}
        Labels::Shuffled => stream(seed, "labels").shuffle(&mut told.to_mut().train.labels),
        Labels::Swap(_) => {
            // Rows carry the position of their label.
            let positions = labels.permuted(&dataset.classes);
            for row in &mut told.to_mut().train.labels {
                *row = positions[usize::from(*row)] as u8;
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PixelRange;
    use crate::data::{ImageSize, Samples};
    use proptest::prelude::*;
    use std::sync::Arc;

    /// Rows of one pixel, their number, on the classes 2, 3 and 4.
    fn dataset(labels: &[u8]) -> Dataset {
        let train = Samples {
            features: 1,
            pixels: Arc::new((0..labels.len()).map(|row| row as u8).collect()),
            labels: labels.to_vec(),
        };
        Dataset {
            name: "made up",
            stand_in_for: None,
            classes: vec![2, 3, 4],
            range: PixelRange {
                low: 0.0,
                high: 1.0,
            },
            size: ImageSize {
                width: 1,
                height: 1,
            },
            test: Some(train.clone()),
            train,
            reading: None,
        }
    }

    #[test]
    fn swapped_labels_by_hand() {
        let dataset = dataset(&[0, 1, 2, 2, 1]);
        let told = told(&dataset, Labels::Swap([4, 3]), 0);
        assert_eq!(told.train.labels, [0, 2, 1, 1, 2]);
        assert_eq!(told.train.pixels, dataset.train.pixels);
        assert_eq!(told.test, dataset.test);
    }

    proptest! {
        /// As many of each as before, by the seed, on the same pixels; the truth is
        /// not even copied.
        #[test]
        fn shuffled_labels_are_a_permutation(labels in prop::collection::vec(0u8..3, 1..60), seed in 0u64..100) {
            let dataset = dataset(&labels);
            let told = |labels, seed| told(&dataset, labels, seed);
            prop_assert!(matches!(told(Labels::True, seed), Cow::Borrowed(_)));
            let shuffled = told(Labels::Shuffled, seed);
            prop_assert_eq!(&shuffled.train.labels, &told(Labels::Shuffled, seed).train.labels);
            prop_assert_eq!(&shuffled.train.pixels, &dataset.train.pixels);
            prop_assert_eq!(&shuffled.test, &dataset.test);
            let sorted = |labels: &[u8]| {
                let mut labels = labels.to_vec();
                labels.sort_unstable();
                labels
            };
            prop_assert_eq!(sorted(&shuffled.train.labels), sorted(&labels));
        }
    }

    #[test]
    fn another_seed_shuffles_otherwise() {
        let dataset = dataset(&[0, 1, 2].repeat(20));
        let shuffled = |seed| {
            told(&dataset, Labels::Shuffled, seed)
                .into_owned()
                .train
                .labels
        };
        assert_ne!(shuffled(0), dataset.train.labels);
        assert_ne!(shuffled(0), shuffled(1));
    }
}
