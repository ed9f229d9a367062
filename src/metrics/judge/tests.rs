use super::*;
use crate::data::{ImageSize, Samples};
use crate::model::{DeviceKind, open};
use crate::rng::stream;
use proptest::prelude::*;
use std::sync::Arc;

const SIDE: usize = 28;

/// Horizontal or vertical bars at any position: two easy classes.
fn bars(rows: usize, name: &str) -> Samples {
    let mut stream = stream(1, name);
    let mut samples = Samples::empty(SIDE * SIDE);
    for row in 0..rows {
        let at = 4 + (stream.uniform() * 20.0) as usize;
        let stands = row % 2 == 1;
        let level = |i: usize| {
            let across = if stands { i % SIDE } else { i / SIDE };
            if across.abs_diff(at) < 2 { 255 } else { 0 }
        };
        let pixels: Vec<u8> = (0..SIDE * SIDE).map(level).collect();
        samples.push(&pixels, u8::from(stands));
    }
    samples
}

fn dataset() -> Dataset {
    Dataset {
        name: "bars",
        stand_in_for: None,
        classes: vec![3, 7],
        range: PixelRange {
            low: -1.0,
            high: 1.0,
        },
        size: ImageSize::DIGITS,
        train: bars(600, "train"),
        test: Some(bars(100, "test")),
        reading: None,
    }
}

#[test]
fn judges_train_reproducibly_and_recognise_test_images() {
    let (dataset, device) = (dataset(), open(DeviceKind::Flex).unwrap());
    let parameters = train(&dataset, &device, &|_, _| ()).unwrap();
    assert_eq!(parameters, train(&dataset, &device, &|_, _| ()).unwrap());
    let judges = Judges::new(&parameters, &dataset, &device).unwrap();
    let rows = controls(&judges, &dataset).unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row.pictures.as_str()).collect();
    let each = ["test digits", "noise", "black", "grey", "white"];
    assert_eq!(names, each.map(|name| [name; 2]).concat());
    for row in &rows[..2] {
        assert!(row.judge_accuracy > Some(0.97), "{row:?}");
        // After 40 steps nobody is quite sure yet.
        assert!(row.legibility > Some(0.8), "{row:?}");
    }
    for row in &rows {
        assert!((0.5..=1.0).contains(&row.legibility_any), "{row:?}");
        assert!([3, 7].contains(&row.seen_as), "{row:?}");
        let has_class = row.pictures == "test digits";
        assert_eq!(row.judge_accuracy.is_some(), has_class);
    }
}

/// Smaller than the filters, not square, and large.
#[test]
fn images_of_any_size_are_judged() {
    let device = open(DeviceKind::Flex).unwrap();
    for (width, height) in [(1, 1), (5, 5), (9, 12), (14, 13), (40, 7), (300, 300)] {
        let size = ImageSize { width, height };
        let mut train_rows = Samples::empty(size.pixels());
        for row in 0..4 {
            let level = |i: usize| (i * (row + 3) % 256) as u8;
            let pixels: Vec<u8> = (0..size.pixels()).map(level).collect();
            train_rows.push(&pixels, (row % 2) as u8);
        }
        let dataset = Dataset {
            size,
            train: train_rows,
            test: None,
            ..dataset()
        };
        let parameters = train(&dataset, &device, &|_, _| ()).unwrap();
        let judges = Judges::new(&parameters, &dataset, &device).unwrap();
        let row = dataset.train.row(1);
        let predictions = judges.predict(&[row, &vec![255; size.pixels()]]).unwrap();
        assert_eq!(predictions[0].nearest, 0.0);
        for prediction in predictions {
            let sum: f64 = prediction.conv.iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{size}: {prediction:?}");
        }
    }
}

#[test]
fn an_image_is_seen_clipped_and_as_drawn() {
    let (dataset, device) = (dataset(), open(DeviceKind::Flex).unwrap());
    let parameters = train(&dataset, &device, &|_, _| ()).unwrap();
    let judges = Judges::new(&parameters, &dataset, &device).unwrap();
    // A training image of each class: in range, far beyond it, and within a
    // thousandth of it. Clipped the last is grey, drawn it is as before.
    let image = |factor: f64| {
        Mat::from_fn(2, SIDE * SIDE, |n, i| {
            (f64::from(dataset.train.row(n)[i]) / 127.5 - 1.0) * factor
        })
    };
    let (plain, huge, faint) = (image(1.0), image(1e6), image(1e-3));
    let seen = judges
        .predict_inverses(&[&plain, &huge, &faint], dataset.range)
        .unwrap();
    for (class, (plain, huge)) in seen[0].iter().zip(&seen[1]).enumerate() {
        assert_eq!(plain, huge, "beyond the range as at its ends");
        assert_eq!(plain.clipped, plain.drawn, "black to white already");
        assert_eq!(plain.clipped.nearest, 0.0, "it is a training image");
        assert!(plain.clipped.conv[class] > 0.8, "{plain:?}");
        assert_eq!(seen[2][class].drawn, plain.drawn);
        assert!(seen[2][class].clipped.nearest > 0.4, "grey is near nothing");
    }
}

#[test]
fn parameters_of_another_judge_are_refused() {
    let (dataset, device) = (dataset(), open(DeviceKind::Flex).unwrap());
    let mut parameters = train(&dataset, &device, &|_, _| ()).unwrap();
    // Files keep them in an order of their own.
    parameters.reverse();
    assert!(Judges::new(&parameters, &dataset, &device).is_some());
    parameters.pop();
    assert!(Judges::new(&parameters, &dataset, &device).is_none());
}

/// Three training images of two pixels: the picture (10, 0) is at squared
/// distances 100, 0 and 90^2 from them.
#[test]
fn neighbours_by_hand() {
    let mut train = Samples::empty(2);
    for (pixels, label) in [([0, 0], 0), ([10, 0], 1), ([100, 0], 1)] {
        train.push(&pixels, label);
    }
    let votes = Neighbours::new(&train, 2).votes(&[&[10, 0], &[0, 3]], Pace::SILENT);
    assert_eq!(votes[0].nearest, 0.0);
    assert_eq!(votes[0].fractions, [1.0 / 3.0, 2.0 / 3.0]);
    assert_eq!(votes[1].nearest, 9.0);
}

/// A last pixel of 3 is one level from 2 and two from 1, next to a million black
/// ones whose squares add up to 1.6e10.
#[test]
fn a_million_pixels_leave_distances_exact() {
    let image = |last| [vec![0; 1_000_000], vec![last]].concat();
    let mut train = Samples::empty(1_000_001);
    for (last, label) in [(1, 0), (2, 1)] {
        train.push(&image(last), label);
    }
    let white = vec![255; 1_000_001];
    train.push(&white, 1);
    let votes = Neighbours::new(&train, 2).votes(&[&image(3), &white], Pace::SILENT);
    assert_eq!([votes[0].nearest, votes[1].nearest], [1.0, 0.0]);
    let train = Samples {
        labels: vec![0],
        pixels: Arc::new(train.row(2).to_vec()),
        ..train
    };
    let votes = Neighbours::new(&train, 2).votes(&[&image(0)], Pace::SILENT);
    assert_eq!(votes[0].nearest, 1_000_001.0 * 255.0 * 255.0);
}

#[test]
fn many_pictures_are_judged_as_each_alone() {
    let (train, pictures) = (bars(1100, "train"), bars(600, "pictures"));
    let pictures: Vec<&Grey> = (0..pictures.len()).map(|row| pictures.row(row)).collect();
    let neighbours = Neighbours::new(&train, 2);
    let together = neighbours.votes(&pictures, Pace::SILENT);
    assert_eq!(together.len(), 600);
    for (picture, votes) in pictures.iter().zip(together) {
        assert_eq!(neighbours.votes(&[*picture], Pace::SILENT), [votes]);
    }
}

proptest! {
    /// The search in blocks finds what sorting all distances finds; of equally
    /// near images the first ones vote.
    #[test]
    fn neighbours_are_the_nearest(
        seed in 0u64..1000,
        rows in 1usize..1200,
        pixels in prop_oneof![1usize..5, 1020usize..1030, Just(2500usize)],
        grain in 1u8..=255,
    ) {
        let mut stream = stream(seed, "neighbours");
        let mut picture = || -> Vec<u8> {
            let level = |_| (stream.uniform() * 256.0 / f64::from(grain)) as u8;
            (0..pixels).map(level).collect()
        };
        let mut train = Samples::empty(pixels);
        for row in 0..rows {
            train.push(&picture(), (row % 3) as u8);
        }
        let picture = picture();
        let distance = |row: usize| -> i64 {
            let differences = train.row(row).iter().zip(&picture);
            differences.map(|(&a, &b)| (i64::from(a) - i64::from(b)).pow(2)).sum()
        };
        let distances: Vec<i64> = (0..rows).map(distance).collect();
        let mut sorted: Vec<usize> = (0..rows).collect();
        sorted.sort_by_key(|&row| (distances[row], row));
        sorted.truncate(neighbours::NEIGHBOURS);
        let votes = &Neighbours::new(&train, 3).votes(&[&picture], Pace::SILENT)[0];
        prop_assert_eq!(votes.nearest, distances[sorted[0]] as f64);
        for class in 0..3 {
            let count = sorted.iter().filter(|&&row| row % 3 == class).count();
            prop_assert_eq!(votes.fractions[class], count as f64 / sorted.len() as f64);
        }
    }
}
