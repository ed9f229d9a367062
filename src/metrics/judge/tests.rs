use std::sync::LazyLock;

use super::*;
use crate::config::PixelRange;
use crate::data::{ImageSize, Label, Samples};
use crate::model::{DeviceKind, open};
use crate::rng::stream;

const SIDE: usize = 28;

/// Rings and crosses at any position: two easy classes.
fn shapes(rows: usize, name: &str) -> Samples {
    let mut stream = stream(1, name);
    let mut samples = Samples::empty(SIDE * SIDE);
    for row in 0..rows {
        let (x, y) = (stream.uniform_in(10.0, 18.0), stream.uniform_in(10.0, 18.0));
        let is_cross = row % 2 == 1;
        let level = |i: usize| {
            let (x, y) = ((i % SIDE) as f64 - x, (i / SIDE) as f64 - y);
            let on = if is_cross {
                x.abs().min(y.abs()) < 1.5 && x.hypot(y) < 8.0
            } else {
                (x.hypot(y) - 6.5).abs() < 1.5
            };
            if on { 255 } else { 0 }
        };
        let pixels: Vec<u8> = (0..SIDE * SIDE).map(level).collect();
        samples.push(&pixels, u8::from(is_cross));
    }
    samples
}

fn dataset() -> Dataset {
    Dataset {
        name: "shapes",
        stand_in_for: None,
        classes: [3, 7].map(Label::Number).into(),
        range: PixelRange {
            low: -1.0,
            high: 1.0,
        },
        size: ImageSize::DIGITS,
        train: shapes(600, "train"),
        test: Some(shapes(100, "test")),
        reading: None,
    }
}

/// Parameters of judges of [`dataset`], trained once for all tests.
static PARAMETERS: LazyLock<Vec<Array>> = LazyLock::new(|| {
    let device = open(DeviceKind::Flex).unwrap();
    train(&dataset(), &device, &|_| ()).unwrap()
});

fn trained(file: &Dataset) -> Judges {
    let device = open(DeviceKind::Flex).unwrap();
    Judges::new(&PARAMETERS, file, &device).unwrap()
}

fn of<'a>(rows: &'a [ControlRow], judge: &str, pictures: &str) -> &'a ControlRow {
    let mut rows = rows.iter();
    rows.find(|row| row.judge == judge && row.pictures == pictures)
        .unwrap()
}

#[test]
fn judges_tell_shapes_from_pictures_without_one() {
    let file = dataset();
    let judges = trained(&file);
    let (rows, reliability) = controls(&judges, &file, Pace::SILENT).unwrap();
    let digits = of(&rows, TOGETHER, TEST);
    assert_eq!((digits.n, digits.auroc), (100, None));
    assert!(digits.judge_accuracy > 0.97, "{digits:?}");
    assert!(digits.truth > 0.8 && digits.none < 0.2, "{digits:?}");
    assert!(digits.accuracy_low < digits.judge_accuracy);
    for family in families::Family::ALL {
        let row = of(&rows, TOGETHER, family.name());
        assert_eq!(row.trained_on, !family.is_held_out());
        assert!(row.auroc > Some(0.9), "{row:?}");
        assert!(row.none > 0.5, "{row:?}");
    }
    let recalls = [
        of(&rows, "knn", "test digits 3"),
        of(&rows, "knn", "test digits 7"),
    ];
    assert_eq!(recalls.map(|row| row.n), [50, 50]);
    let of_conv = reliability.iter().filter(|row| row.judge == "conv-0");
    let n: usize = of_conv.map(|row| row.n).sum();
    // Test digits, degraded ones, and three families held out.
    assert_eq!(n, 100 + 100 + 3 * 100);
    assert_eq!(poor_judges(&rows), None);
}

/// A network that knows one of two classes: the other one is "another".
#[test]
fn readings_sum_to_one_over_known_classes_another_and_none() {
    let file = dataset();
    let judges = trained(&file);
    let (ring, cross) = (file.train.row(0), file.train.row(1));
    let blank = vec![128; SIDE * SIDE];
    let read = judges
        .read(&[ring, cross, &blank], &[Label::Number(7)], Pace::SILENT)
        .unwrap();
    for Readings(all) in &read {
        assert_eq!(all.len(), EVALUATORS);
        for PictureReading {
            classes,
            another,
            none,
        } in all
        {
            let sum = classes[0] + another + none;
            assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        }
    }
    let combined = |picture: usize| read[picture].combined();
    assert!(combined(0).another > 0.7, "{:?}", combined(0));
    assert!(combined(1).classes[0] > 0.7, "{:?}", combined(1));
    assert!(combined(2).none > 0.5, "{:?}", combined(2));
    let other = judges
        .read(&[ring], &[1, 3].map(Label::Number), Pace::SILENT)
        .unwrap();
    assert_eq!(
        other[0].combined().classes[0],
        0.0,
        "no such class in the file"
    );
}

/// With the same judges from the same file each time.
#[test]
fn pictures_of_any_size_are_read() {
    let device = open(DeviceKind::Flex).unwrap();
    for (width, height) in [(1, 1), (5, 5), (9, 12), (40, 7), (300, 300)] {
        let size = ImageSize { width, height };
        let mut rows = Samples::empty(size.pixels());
        for row in 0..4 {
            let level = |i: usize| (i * (row + 3) % 256) as u8;
            let pixels: Vec<u8> = (0..size.pixels()).map(level).collect();
            rows.push(&pixels, (row % 2) as u8);
        }
        let file = Dataset {
            size,
            train: rows.clone(),
            test: Some(rows.clone()),
            ..dataset()
        };
        let parameters = train(&file, &device, &|_| ()).unwrap();
        assert_eq!(parameters, train(&file, &device, &|_| ()).unwrap());
        let judges = Judges::new(&parameters, &file, &device).unwrap();
        let read = judges
            .read(&[rows.row(0)], &[3, 7].map(Label::Number), Pace::SILENT)
            .unwrap();
        assert_eq!(read.len(), 1);
        controls(&judges, &file, Pace::SILENT).unwrap();
    }
}

#[test]
fn inverses_are_read_in_both_views() {
    let file = dataset();
    let judges = trained(&file);
    // Levels from -1 to 1 make the row itself; a constant between them is a fainter one.
    let value =
        |class: usize, pixel: usize| file.range.value(f64::from(file.train.row(class)[pixel]));
    let images = Mat::from_fn(2, SIDE * SIDE, value);
    let large = Mat::from_fn(2, SIDE * SIDE, |class, pixel| {
        1e3 * value(class, pixel) + 3.0
    });
    let seen = judges
        .read_inverses(&[&images, &large], &file, Pace::SILENT)
        .unwrap();
    assert_eq!(seen.len(), 2);
    for setting in &seen {
        for (class, readings) in setting.iter().enumerate() {
            assert!(
                readings.clipped.combined().classes[class] > 0.7,
                "{readings:?}"
            );
            assert_eq!(readings.clipped, readings.drawn);
            assert!(readings.nearest < 1e-6);
        }
    }
}

#[test]
fn parameters_of_another_data_file_are_refused() {
    let file = dataset();
    let mut parameters = PARAMETERS.clone();
    let device = open(DeviceKind::Flex).unwrap();
    // Files keep them in an order of their own.
    parameters.reverse();
    assert!(Judges::new(&parameters, &file, &device).is_some());
    let three = Dataset {
        classes: [1, 3, 7].map(Label::Number).into(),
        ..dataset()
    };
    assert!(Judges::new(&parameters, &three, &device).is_none());
    parameters.pop();
    assert!(Judges::new(&parameters, &file, &device).is_none());
}

/// Two of three classes recalled, and 0.9 of all right.
#[test]
fn poor_judges_are_warned_of() {
    let row = |pictures: &str, judge_accuracy: f64| ControlRow {
        judge: TOGETHER.to_owned(),
        pictures: pictures.to_owned(),
        trained_on: true,
        n: 100,
        judge_accuracy,
        accuracy_low: 0.0,
        accuracy_high: 1.0,
        truth: 0.9,
        none: 0.0,
        auroc: None,
        calibration_error: 0.0,
    };
    let good = [row(TEST, 0.96), row("test digits 3", 0.9)];
    assert_eq!(poor_judges(&good), None);
    let poor = [
        row(TEST, 0.9),
        row("test digits 3", 0.85),
        row("test digits 7", 0.95),
    ];
    assert_eq!(
        poor_judges(&poor).as_deref(),
        Some("right on only 0.900 of test rows; classes recalled poorly: 3 (0.850)")
    );
    assert_eq!(poor_judges(&[]), None);
    assert_eq!(poor_judges_note(None), None);
    let note = poor_judges_note(Some("right on only 0.900 of test rows"));
    let expected = "Poor judges of legibility: right on only 0.900 of test rows.";
    assert_eq!(note.as_deref(), Some(expected));
}
