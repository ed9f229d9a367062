//! Training labels: the true ones, or others for a control.

use std::borrow::Cow;

use serde::Serialize;

use crate::data::{Dataset, Label};
use crate::rng::stream;

/// Labels of the training rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// The true labels.
    True,
    /// The true labels in random order.
    Shuffled,
    /// The true labels with these two swapped.
    Swap([Label; 2]),
}

impl Labels {
    /// Skips the default in manifests and keys.
    pub(super) fn are_true(&self) -> bool {
        *self == Self::True
    }

    /// Returns, for each of these classes, the position of the class that its rows are
    /// labelled as.
    pub fn permuted(self, classes: &[Label]) -> Vec<usize> {
        let mut positions: Vec<usize> = (0..classes.len()).collect();
        if let Self::Swap(pair) = self {
            let swapped = pair.map(|label| classes.iter().position(|class| *class == label));
            if let [Some(one), Some(other)] = swapped {
                positions.swap(one, other);
            }
        }
        positions
    }

    /// Describes how the labels differ from the true ones, if they do.
    pub(super) fn description(self) -> Option<String> {
        match self {
            Self::True => None,
            Self::Shuffled => Some("training labels shuffled".to_owned()),
            Self::Swap([a, b]) => Some(format!("training labels {a} and {b} swapped")),
        }
    }
}

/// Returns the data set with these training labels; test rows keep theirs.
///
/// Labels are shuffled by the stream `labels`. Both labels of a swap must be classes.
pub fn relabelled(dataset: &Dataset, labels: Labels, seed: u64) -> Cow<'_, Dataset> {
    let mut relabelled = Cow::Borrowed(dataset);
    match labels {
        Labels::True => {}
        Labels::Shuffled => stream(seed, "labels").shuffle(&mut relabelled.to_mut().train.labels),
        Labels::Swap(_) => {
            let positions = labels.permuted(&dataset.classes);
            for row in &mut relabelled.to_mut().train.labels {
                *row = positions[usize::from(*row)] as u8;
            }
        }
    }
    relabelled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::numbered;
    use proptest::prelude::*;

    fn dataset(labels: &[u8]) -> Dataset {
        numbered(&[2, 3, 4], labels)
    }

    #[test]
    fn swapped_labels_by_hand() {
        let dataset = dataset(&[0, 1, 2, 2, 1]);
        let swapped = relabelled(&dataset, Labels::Swap([4, 3].map(Label::Number)), 0);
        assert_eq!(swapped.train.labels, [0, 2, 1, 1, 2]);
        assert_eq!(swapped.train.pixels, dataset.train.pixels);
        assert_eq!(swapped.test, dataset.test);
    }

    proptest! {
        /// Counts per label and pixels stay; true labels are not even copied.
        #[test]
        fn shuffled_labels_are_a_permutation(labels in prop::collection::vec(0u8..3, 1..60), seed in 0u64..100) {
            let dataset = dataset(&labels);
            let with = |labels, seed| relabelled(&dataset, labels, seed);
            prop_assert!(matches!(with(Labels::True, seed), Cow::Borrowed(_)));
            let shuffled = with(Labels::Shuffled, seed);
            prop_assert_eq!(&shuffled.train.labels, &with(Labels::Shuffled, seed).train.labels);
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
    fn seeds_shuffle_apart() {
        let dataset = dataset(&[0, 1, 2].repeat(20));
        let shuffled = |seed| {
            relabelled(&dataset, Labels::Shuffled, seed)
                .into_owned()
                .train
                .labels
        };
        assert_ne!(shuffled(0), dataset.train.labels);
        assert_ne!(shuffled(0), shuffled(1));
    }
}
