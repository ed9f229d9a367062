//! Test rows that are set aside from the training rows of files without any.

use std::collections::BTreeMap;

use super::label::Label;
use super::reading::listed;
use super::samples::{Samples, SourceData, SourceRows};
use crate::rng::stream;

/// Class with a single row, which cannot both be trained and tested on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "class {class:?}: `data.test_fraction` needs at least 2 rows, one to train and one to test \
     on, got 1; add rows, or leave the class out of `data.classes`"
)]
pub struct SingleRow {
    /// Label of the class.
    pub class: Label,
}

/// Splits rows into training and test rows, stratified: of every label the nearest whole
/// number to this fraction of its rows is tested on, at least one, and never all. Both parts
/// keep the order of the file.
///
/// The rows of a label are drawn by the stream `test/LABEL` of the seed 0. So all replicates
/// have the same, whatever the other labels.
///
/// # Errors
/// If one of these classes has a single row.
pub fn set_aside(
    rows: &SourceRows,
    fraction: f64,
    classes: &[Label],
) -> Result<SourceData, SingleRow> {
    let mut by_byte: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    for (row, &byte) in rows.samples.labels.iter().enumerate() {
        by_byte.entry(byte).or_default().push(row);
    }
    let mut is_test = vec![false; rows.samples.len()];
    let mut counts = Vec::new();
    for (byte, mut own) in by_byte {
        let (class, all) = (rows.label(byte), own.len());
        if all == 1 && classes.contains(&class) {
            return Err(SingleRow { class });
        }
        let test = ((fraction * all as f64).round() as usize).clamp(usize::from(all > 1), all - 1);
        stream(0, &format!("test/{class}")).shuffle(&mut own);
        for &row in &own[..test] {
            is_test[row] = true;
        }
        counts.push(format!("{class} ({test} of {all})"));
    }
    let aside = is_test.iter().filter(|is_test| **is_test).count();
    let note = format!(
        "`data.test_fraction` = {fraction} sets {aside} of {} rows aside to test on: {}",
        is_test.len(),
        listed(counts)
    );
    let part = |wanted: bool| {
        let own = (0..is_test.len()).filter(|&row| is_test[row] == wanted);
        let mut samples = Samples::empty(rows.samples.features);
        for row in own {
            samples.push(rows.samples.row(row), rows.samples.labels[row]);
        }
        SourceRows {
            size: rows.size,
            samples,
            words: rows.words.clone(),
            levels: rows.levels,
            notes: Vec::new(),
        }
    };
    let notes = rows.notes.iter().cloned().chain([note]).collect();
    Ok(SourceData {
        train: SourceRows {
            notes,
            ..part(false)
        },
        test: Some(part(true)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::ImageSize;
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn rows(labels: &[u8]) -> SourceRows {
        let samples = Samples {
            features: 1,
            pixels: Arc::new((0..labels.len()).map(|row| row as u8).collect()),
            labels: labels.to_vec(),
        };
        let size = ImageSize {
            width: 1,
            height: 1,
        };
        SourceRows::synthetic(size, samples)
    }

    fn split(labels: &[u8], fraction: f64, classes: &[u8]) -> Result<SourceData, SingleRow> {
        let classes: Vec<Label> = classes.iter().copied().map(Label::Number).collect();
        set_aside(&rows(labels), fraction, &classes)
    }

    #[test]
    fn every_class_keeps_its_fraction_by_hand() {
        let labels: Vec<u8> = [vec![3; 10], vec![5; 2], vec![9]].concat();
        let SourceData { train, test } = split(&labels, 0.25, &[3, 5]).unwrap();
        let test = test.unwrap().samples;
        // A quarter of 10 is 2.5; of 2 one is tested on, and of 1 none.
        assert_eq!(test.labels, [3, 3, 3, 5]);
        assert_eq!(train.samples.labels, [3, 3, 3, 3, 3, 3, 3, 5, 9]);
        assert_eq!(
            train.notes,
            [
                "`data.test_fraction` = 0.25 sets 4 of 13 rows aside to test on: 3 (3 of 10), 5 (1 of 2), 9 (0 of 1)"
            ]
        );
        let single = split(&labels, 0.25, &[3, 9]).unwrap_err().to_string();
        assert!(single.starts_with("class 9: `data.test_fraction` needs at least 2 rows"));
    }

    proptest! {
        #[test]
        fn no_row_is_lost_and_no_class_is_on_one_side_only(
            labels in proptest::collection::vec(0u8..3, 2..80),
            fraction in 0.001..0.999f64,
        ) {
            let SourceData { train, test } = split(&labels, fraction, &[]).unwrap();
            let test = test.unwrap().samples;
            prop_assert!(train.samples.pixels.is_sorted() && test.pixels.is_sorted());
            let mut all = [&train.samples.pixels[..], &test.pixels[..]].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..labels.len() as u8).collect::<Vec<u8>>());
            for label in 0..3 {
                let of_label = |one: &&u8| **one == label;
                let count = |labels: &[u8]| labels.iter().filter(of_label).map(|_| 1).sum::<usize>();
                if count(&labels) > 1 {
                    let (kept, aside) = (count(&train.samples.labels), count(&test.labels));
                    prop_assert!(kept > 0 && aside > 0);
                    let exact = fraction * count(&labels) as f64;
                    prop_assert!((aside as f64 - exact).abs() <= 0.5 || kept == 1 || aside == 1);
                }
            }
        }

        /// Another class, or another order of the classes, changes no row of a class.
        #[test]
        fn classes_do_not_depend_on_each_other(of_0 in 2usize..40, of_1 in 2usize..40) {
            let alone = split(&vec![0; of_0], 0.3, &[]).unwrap().test.unwrap().samples;
            let labels = [vec![0; of_0], vec![1; of_1]].concat();
            let both = split(&labels, 0.3, &[]).unwrap().test.unwrap().samples;
            prop_assert_eq!(&both.pixels[..alone.len()], &alone.pixels[..]);
        }
    }
}
