use super::*;
use proptest::prelude::*;
use std::sync::Arc;

fn source(labels: &[u8]) -> SourceRows {
    let size = ImageSize {
        width: 1,
        height: 1,
    };
    let samples = Samples {
        features: 1,
        pixels: Arc::new((0..labels.len()).map(|row| row as u8).collect()),
        labels: labels.to_vec(),
    };
    SourceRows::synthetic(size, samples)
}

#[test]
fn words_are_selected_by_their_bytes() {
    let words = ["dog", "cat"].map(|word| Label::parse(word).unwrap());
    let rows = SourceRows {
        words: words.to_vec(),
        ..source(&[0, 1, 1])
    };
    let [dog, cat] = words;
    let Selected { samples, kept } = select(&rows, &[cat, dog], &PerClass::All);
    assert_eq!(samples.labels, [1, 0, 0]);
    assert_eq!(kept.per_class, [2, 1]);
    let none = select(&rows, &[0, 1].map(Label::Number), &PerClass::All).kept;
    assert_eq!(none.of_other_labels, BTreeMap::from([(dog, 1), (cat, 2)]));
}

#[test]
fn the_first_rows_of_each_class_keep_the_order_of_the_file() {
    let source = source(&[3, 1, 3, 7, 1, 3]);
    let Selected { samples, kept } = select(
        &source,
        &[3, 1].map(Label::Number),
        &PerClass::Counts(vec![2, 1]),
    );
    assert_eq!(*samples.pixels, [0, 1, 2]);
    assert_eq!(samples.labels, [0, 1, 0]);
    assert_eq!((kept.per_class, kept.beyond_per_class), (vec![2, 1], 2));
    assert_eq!(
        kept.of_other_labels,
        BTreeMap::from([(Label::Number(7), 1)])
    );
    let all = select(&source, &[1, 3].map(Label::Number), &PerClass::All).samples;
    assert_eq!(*all.pixels, [0, 1, 2, 4, 5]);
    assert_eq!(all.labels, [1, 0, 1, 0, 1]);
    let whole = select(&source, &[7, 1, 3].map(Label::Number), &PerClass::All).samples;
    assert!(Arc::ptr_eq(&whole.pixels, &source.samples.pixels));
    assert_eq!(whole.labels, [2, 1, 2, 0, 1, 2]);
}

#[test]
fn classes_that_are_missing_or_too_small_are_errors() {
    let source = source(&[0, 0, 1]);
    let fault = |classes: &[Label], per_class: PerClass| {
        let kept = select(&source, classes, &per_class).kept;
        check_classes(&kept, classes, &per_class)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fault(&[0, 1].map(Label::Number), PerClass::Counts(vec![2, 2])),
        "class 1: `data.per_class` expects 2 rows, got 1"
    );
    assert_eq!(
        fault(&[0, 2].map(Label::Number), PerClass::All),
        "class 2: no rows; `data.classes` can be any of 0, 1"
    );
}

/// Old results have no size, which was that of the digits.
#[test]
fn only_sizes_other_than_that_of_digits_are_written() {
    let wide = two_by_one().description();
    let digits = Description {
        size: ImageSize::DIGITS,
        ..wide.clone()
    };
    for (description, is_written) in [(wide, true), (digits, false)] {
        let text = serde_json::to_string(&description).unwrap();
        assert_eq!(
            text.contains(r#""size":{"width":2,"height":1}"#),
            is_written,
            "{text}"
        );
        assert_eq!(text.contains("size"), is_written, "{text}");
        let read: Description = serde_json::from_str(&text).unwrap();
        assert_eq!(read, description);
    }
}

fn two_by_one() -> Dataset {
    Dataset {
        name: "made up",
        stand_in_for: None,
        classes: [7, 3].map(Label::Number).into(),
        range: PixelRange {
            low: -1.0,
            high: 1.0,
        },
        size: ImageSize {
            width: 2,
            height: 1,
        },
        train: Samples {
            features: 2,
            pixels: Arc::new(vec![0, 255, 255, 255, 255, 0]),
            labels: vec![0, 0, 1],
        },
        test: None,
        reading: None,
    }
}

#[test]
fn class_means_by_hand() {
    assert_eq!(two_by_one().class_means(), [[0.0, 1.0], [1.0, -1.0]]);
}

proptest! {
    #[test]
    fn every_selected_row_is_a_row_of_its_class(labels in proptest::collection::vec(0u8..4, 1..60)) {
        let source = source(&labels);
        let Selected { samples, kept } = select(&source, &[2, 0].map(Label::Number), &PerClass::All);
        for (pixel, label) in samples.pixels.iter().zip(&samples.labels) {
            prop_assert_eq!(labels[usize::from(*pixel)], [2, 0][usize::from(*label)]);
        }
        let of_classes = labels.iter().filter(|l| [2, 0].contains(l)).count();
        prop_assert_eq!((samples.len(), kept.rows()), (of_classes, of_classes));
        let left_out: usize = kept.of_other_labels.values().sum();
        prop_assert_eq!(of_classes + left_out, labels.len());
    }
}
