use super::judge::{CONVS, EVALUATORS, PictureReading, Readings, ViewedReadings};
use super::measure::Image;
use super::metric::{LeastDistances, RoundTrip};
use super::*;
use crate::config::PixelRange;
use crate::data::ImageSize;
use crate::invert::PreimageTarget;
use crate::invert::fixture::drawn_network;
use crate::model::{Activation, Layer, Network, Output};
use crate::pace::Pace;
use faer::Mat;
use proptest::prelude::*;

const RANGE: PixelRange = PixelRange::SYMMETRIC;

fn identity(output: Output) -> Network {
    Network {
        layers: vec![Layer {
            weight: Mat::identity(2, 2),
            bias: None,
        }],
        activation: Activation::Identity,
        output,
    }
}

fn values(output: Output, images: &Mat<f64>) -> Vec<Option<f64>> {
    let targets = [vec![1.0, -1.0], vec![-1.0, 1.0]];
    let network = identity(output);
    let means = faer::mat![[1.0, 0.0], [0.0, 1.0]];
    let reference = Reference::new(&network, &means, RANGE, 2).unwrap();
    let measures = Measures {
        network: &network,
        inverted: &network,
        originals: Some(&faer::mat![[1.0, -1.0], [-1.0, 1.0]]),
        reference: &reference,
        metrics: &WITHOUT_JUDGES,
        relabelled: &[0, 1],
        judges: None,
        companions: &[],
        pace: Pace::SILENT,
    };
    let targets = &targets;
    let asked = &[];
    let inverses = Inverses {
        images,
        targets,
        asked,
    };
    let measured = measures.of(&[inverses]).unwrap();
    measured[0].values.iter().map(|m| m.value).collect()
}

const WITHOUT_JUDGES: [Metric; 15] = *Metric::ALL.first_chunk().unwrap();

/// Logits whose softmax is 3/4 and 1/4: their distance is the logarithm of 3.
const THREE_TO_ONE: [f64; 2] = [1.098_612_288_668_109_8, 0.0];

/// Readings by all evaluators: each convolutional one gives the first probabilities, k-NN
/// the second; of the classes, another class and none.
fn readings(conv: [f64; 4], knn: [f64; 4]) -> Readings {
    let reading = |[first, second, another, none]: [f64; 4]| PictureReading {
        classes: vec![first, second],
        another,
        none,
    };
    let mut all = vec![reading(conv); CONVS];
    all.push(reading(knn));
    Readings(all)
}

#[test]
fn legibility_by_hand() {
    let own = ViewedReadings {
        clipped: readings([0.75, 0.25, 0.0, 0.0], [0.5, 0.0, 0.25, 0.25]),
        drawn: readings([0.25, 0.25, 0.0, 0.5], [0.125, 0.375, 0.0, 0.5]),
        nearest: 0.5,
    };
    let other = ViewedReadings {
        clipped: readings([0.25, 0.5, 0.0, 0.25], [0.0, 1.0, 0.0, 0.0]),
        drawn: readings([0.0, 1.0, 0.0, 0.0], [0.625, 0.375, 0.0, 0.0]),
        nearest: 0.25,
    };
    let network = identity(Output::Softmax);
    let means = faer::mat![[1.0, 0.0], [0.0, 1.0]];
    let reference = Reference::new(&network, &means, RANGE, 2).unwrap();
    let readings = [own, other];
    let image = Image {
        network: &network,
        reference: &reference,
        class: 0,
        relabelled: 1,
        target: &[],
        pixels: &[],
        logits: &[],
        clipped_logits: &[],
        given: &[],
        clipped_given: &[],
        original: None,
        readings: &readings,
        companion_logits: vec![&[0.0, 0.0], &THREE_TO_ONE],
        optima: &LeastDistances::new(&network, RANGE),
        round_trip: &RoundTrip::new(&network, &Mat::zeros(0, 2), &[]),
        measurable: &Measurable {
            output: Output::Softmax,
            has_hidden: false,
            reconstructs: false,
            size: None,
        },
    };
    let value = |metric: Metric| metric.of(&image).unwrap();
    for (metric, expected) in [
        (Metric::NearestDistance, 0.5),
        // Half of 0.75 - 0.25 and half of 0.5 - 0.
        (Metric::Legibility, 0.5),
        (Metric::LegibilityDrawn, (0.25 + 0.125 - 0.625) / 2.0),
        (Metric::LegibilityRead, 0.625),
        (Metric::LegibilityReadDrawn, 0.1875),
        (Metric::LegibilityConv, 0.75),
        (Metric::LegibilityKnn, 0.5),
        (Metric::LegibilityConvDrawn, 0.25),
        (Metric::LegibilityKnnDrawn, 0.125),
        (Metric::LegibilityAny, 0.875),
        (Metric::LegibilityAnyDrawn, 0.5),
        // Of class 1: 0.25 - 0.5 and 0 - 1.
        (Metric::LegibilityTold, -0.625),
    ] {
        assert!(
            (value(metric) - expected).abs() < 1e-12,
            "{}",
            metric.name()
        );
    }
    assert_eq!(Metric::Legibility.by_evaluator(&image), [0.5; EVALUATORS]);
    let told = Metric::LegibilityTold.by_evaluator(&image);
    assert_eq!(told, [-0.25, -0.25, -0.25, -0.25, -0.25, -1.0]);
    assert_eq!(Metric::LegibilityKnn.evaluators(), CONVS..EVALUATORS);
    assert!(Metric::L1Gap.evaluators().is_empty());
    assert!(WITHOUT_JUDGES.iter().all(|metric| !metric.needs_judges()));
    let transfer = value(Metric::Transfer);
    assert!((transfer - 0.625).abs() < 1e-12, "{transfer}");
    let alone = Image {
        companion_logits: Vec::new(),
        readings: &readings[..1],
        ..image
    };
    assert_eq!(Metric::Transfer.of(&alone), None);
    assert_eq!(Metric::Legibility.of(&alone), None, "of a single class");
    assert_eq!(Metric::LegibilityRead.of(&alone), Some(0.625));
}

/// Returns the metrics that have a value for an image of 12 x 12 pixels that a drawn
/// network of these layer sizes reconstructs.
fn metrics_with_a_value(sizes: &[usize]) -> Vec<Metric> {
    let network = drawn_network(sizes, Activation::Tanh, Output::Softmax, 0);
    let images = Mat::from_fn(2, 144, |n, i| ((n + 1) * i % 7) as f64 / 2.0 - 1.2);
    let reference = Reference::new(&network, &images, RANGE, 12).unwrap();
    let pixels: Vec<f64> = images.row(0).iter().copied().collect();
    let logits: Vec<f64> = network
        .logits(images.as_ref())
        .row(0)
        .iter()
        .copied()
        .collect();
    let asked: Vec<PreimageTarget> = sizes[1..sizes.len() - 1]
        .iter()
        .map(|&units| PreimageTarget {
            values: Mat::full(2, units, 2.0),
            projected: Mat::full(2, units, 0.5),
        })
        .collect();
    let reading = || readings([0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]);
    let viewed = ViewedReadings {
        clipped: reading(),
        drawn: reading(),
        nearest: 1.0,
    };
    let readings = [viewed.clone(), viewed];
    let image = Image {
        network: &network,
        reference: &reference,
        class: 0,
        relabelled: 1,
        target: &[1.0, -1.0],
        pixels: &pixels,
        logits: &logits,
        clipped_logits: &logits,
        given: &logits,
        clipped_given: &logits,
        original: Some(&[0.5; 144]),
        readings: &readings,
        companion_logits: vec![&[0.5, 1.0]],
        optima: &LeastDistances::new(&network, RANGE),
        round_trip: &RoundTrip::new(&network, &images, &asked),
        measurable: &Measurable {
            output: Output::Softmax,
            has_hidden: !asked.is_empty(),
            reconstructs: true,
            size: Some(ImageSize {
                width: 12,
                height: 12,
            }),
        },
    };
    let has_value = |metric: &Metric| metric.of(&image).is_some();
    Metric::ALL.into_iter().filter(has_value).collect()
}

/// An entry without a formula would give no value, and no error either.
#[test]
fn every_metric_has_a_formula() {
    let slp = metrics_with_a_value(&[144, 2]);
    let mlp = metrics_with_a_value(&[144, 6, 5, 2]);
    for metric in Metric::ALL {
        let has_one = slp.contains(&metric) || mlp.contains(&metric);
        assert!(has_one, "{}", metric.name());
    }
}

#[test]
fn every_metric_by_hand() {
    // Class 0: z = x = (4, 3), clipped (1, 1). Class 1: z = (-1, 1), in range.
    let images = faer::mat![[4.0, 3.0], [-1.0, 1.0]];
    let got = values(Output::Softmax, &images);
    let e = std::f64::consts::E;
    let certain = e * e / (1.0 + e * e);
    // Of two pixels the first is the higher one of image 0, as in its class's mean; one
    // of each image is compared with the one that the empirical method lights.
    let expected = [
        [
            e / (1.0 + e),
            0.5,
            1.0 / (1.0 + e),
            3.0 + 4.0,
            5.0,
            2.0,
            2.0,
            1.0,
            4.0,
            1.0,
            2.0,
            1.0,
            2.0,
            1.0,
            5.0 / 2f64.sqrt(),
        ],
        [
            certain,
            certain,
            1.0 - certain,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            1.0,
            1.0,
            2.0,
            1.0,
            2.0,
            1.0,
            0.0,
        ],
    ];
    for (got, expected) in got.iter().zip(expected.concat()) {
        assert!(
            (got.unwrap() - expected).abs() < 1e-12,
            "{got:?} {expected}"
        );
    }
    let linear = values(Output::Linear, &images);
    assert_eq!((linear[0], linear[1], linear[2]), (None, None, None));
    assert_eq!(linear[3], Some(7.0));
}

/// Misses of 3 and 4 times 2^700, whose squares overflow.
#[test]
fn distances_of_huge_logits_are_finite() {
    let huge = 2f64.powi(700);
    let images = faer::mat![[3.0 * huge, -4.0 * huge], [-1.0, 1.0]];
    let got = values(Output::Softmax, &images);
    let of = |metric| got[WITHOUT_JUDGES.iter().position(|m| *m == metric).unwrap()].unwrap();
    assert_eq!(of(Metric::L1Distance), 7.0 * huge);
    assert_eq!(of(Metric::L2Distance), 5.0 * huge);
    let error = of(Metric::ReconstructionError);
    let expected = 5.0 / 2f64.sqrt() * huge;
    assert!((error / expected - 1.0).abs() < 1e-15, "{error}");
}

proptest! {
    #[test]
    fn values_stay_within_their_bounds(x in proptest::collection::vec(-50.0..50.0f64, 4)) {
        for output in [Output::Softmax, Output::Logistic] {
            let images = Mat::from_fn(2, 2, |i, j| x[i * 2 + j]);
            for (value, metric) in values(output, &images).iter().zip(WITHOUT_JUDGES.iter().cycle()) {
                let crate::config::Bounds { low, high } = metric.bounds();
                let value = value.unwrap();
                prop_assert!((low..=high).contains(&value), "{metric:?} is {value}");
            }
            for row in values(output, &images).chunks(WITHOUT_JUDGES.len()) {
                let v: Vec<f64> = row.iter().map(|v| v.unwrap()).collect();
                prop_assert!(v[4] <= v[3] + 1e-12, "l2 is at most l1");
                prop_assert_eq!(v[7] > 0.0, v[8] > 1.0 + 2e-9);
                prop_assert!(v[0] >= 1.0 - 2.0 * v[2] - 1e-12, "probable if near");
            }
        }
    }

    /// Better is what its direction says: towards the class's own mean, the
    /// target, the range.
    #[test]
    fn on_the_way_to_the_perfect_image_every_metric_gets_better(step in 0.0..1.0f64) {
        let image = |t: f64, start: [[f64; 2]; 2]| Mat::from_fn(2, 2, |i, j| {
            let perfect = if i == j { 1.0 } else { -1.0 };
            start[i][j] + t * (perfect - start[i][j])
        });
        let values = |t, start| values(Output::Softmax, &image(t, start));
        let (near, far) = (0.5 + step / 2.0, step / 2.0);
        // From the wrong side, or from beyond the range.
        let (wrong, beyond) = ([[-3.0, 2.0], [2.5, -2.0]], [[3.0, -2.0], [-2.5, 2.0]]);
        for (place, metric) in (0..2 * WITHOUT_JUDGES.len()).zip(WITHOUT_JUDGES.iter().cycle()) {
            let start = match metric {
                Metric::OutOfRange | Metric::LargestMagnitude => beyond,
                _ => wrong,
            };
            // In the middle an image may have one value.
            let (Some(near), Some(far)) = (values(near, start)[place], values(far, start)[place]) else {
                continue;
            };
            let gain = match metric.direction() {
                crate::config::Direction::Higher => near - far,
                crate::config::Direction::Lower => far - near,
            };
            prop_assert!(gain >= -1e-9, "{metric:?}: {far} then {near}");
        }
    }
}
