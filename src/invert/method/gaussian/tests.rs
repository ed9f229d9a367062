use super::*;
use crate::invert::fixture::drawn_network;
use crate::model::{Activation, Layer, Output};
use crate::rng::stream;
use proptest::prelude::*;

pub fn network(sizes: &[usize], output: Output, seed: u64) -> Network {
    drawn_network(sizes, Activation::LeakyRelu { slope: 0.01 }, output, seed)
}

/// Some normal distribution of this many pixels.
pub fn normal(pixels: usize, seed: u64) -> Normal {
    let mut draws = stream(seed, "prior");
    let root = Mat::from_fn(pixels, pixels, |_, _| draws.normal());
    Normal {
        mean: Mat::from_fn(1, pixels, |_, _| draws.normal()),
        covariance: &root * root.transpose(),
        log_weight: 0.0,
    }
}

/// The images that meet a margin under one distribution.
fn map_estimates(network: &Network, normal: Normal, margin: f64) -> Result<Mat<f64>, InvertError> {
    let classes = network.outputs();
    let constraints = |class| Constraints::margin(network.output, class, classes, margin);
    let constraints: Vec<Constraints> = (0..classes).map(constraints).collect();
    let inverted = invert(
        network,
        std::iter::once(normal),
        &constraints,
        None,
        Pace::SILENT,
    )?;
    Ok(inverted.images)
}

/// `1/2 (x - mu) S^-1 (x - mu)^T`
pub fn energy(normal: &Normal, x: &Mat<f64>) -> f64 {
    let inverse = normal.covariance.thin_svd().unwrap().pseudoinverse();
    let away = x - &normal.mean;
    (&away * inverse * away.transpose())[(0, 0)] / 2.0
}

fn plain(output: Output) -> Network {
    Network {
        layers: vec![Layer {
            weight: Mat::identity(2, 2),
            bias: None,
        }],
        activation: Activation::Identity,
        output,
    }
}

fn two_pixels() -> Normal {
    Normal {
        mean: Mat::zeros(1, 2),
        covariance: faer::mat![[1.0, 0.0], [0.0, 4.0]],
        log_weight: 0.0,
    }
}

fn margin_of(network: &Network, images: &Mat<f64>, class: usize) -> f64 {
    let z = network.logits(images.as_ref());
    let others = (0..z.ncols())
        .filter(|&k| k != class)
        .map(|k| z[(class, k)]);
    z[(class, class)] - others.fold(f64::NEG_INFINITY, f64::max)
}

/// z = (x, y), mu = 0, S = diag(1, 4), margin 5 of the first over the second: the
/// least 1/2 (x^2 + y^2 / 4) with x - y = 5 is at x = 1, y = -4.
#[test]
fn two_pixels_by_hand() {
    let images = map_estimates(&plain(Output::Softmax), two_pixels(), 5.0).unwrap();
    assert!((images[(0, 0)] - 1.0).abs() < 1e-12 && (images[(0, 1)] + 4.0).abs() < 1e-12);
    assert!((images[(1, 0)] + 1.0).abs() < 1e-12 && (images[(1, 1)] - 4.0).abs() < 1e-12);
    // A margin that the mean has already costs nothing.
    let images = map_estimates(&plain(Output::Softmax), two_pixels(), -1.0).unwrap();
    assert_eq!(images, Mat::<f64>::zeros(2, 2));
    // Logistic outputs: x >= 5/2 and y <= -5/2, each for itself.
    let images = map_estimates(&plain(Output::Logistic), two_pixels(), 5.0).unwrap();
    assert!((images[(0, 0)] - 2.5).abs() < 1e-12 && (images[(0, 1)] + 2.5).abs() < 1e-12);
}

/// The logits are met exactly.
#[test]
fn logits_by_hand() {
    let constraints = [Constraints::logits(&[3.0, -1.0])];
    let normals = std::iter::once(two_pixels());
    let inverted = invert(
        &plain(Output::Softmax),
        normals,
        &constraints,
        None,
        Pace::SILENT,
    )
    .unwrap();
    let x = &inverted.images;
    assert!((x[(0, 0)] - 3.0).abs() < 1e-12 && (x[(0, 1)] + 1.0).abs() < 1e-12);
    // 1/2 (9 + 1/4).
    assert!((inverted.solutions[0].objective - 4.625).abs() < 1e-12);
}

/// The distribution with the higher density at its solution wins: the one with the nearer
/// mean, unless it is rare enough.
#[test]
fn the_likelier_component_wins() {
    let at = |x: f64, log_weight| Normal {
        mean: faer::mat![[x, 0.0]],
        log_weight,
        ..two_pixels()
    };
    // The margin of 5 costs 5/2 from (0, 0), and 1/10 from (4, 0).
    let constraints = [Constraints::margin(Output::Softmax, 0, 2, 5.0)];
    for (log_weight, component) in [(0.0, 1), (-2.3, 1), (-2.5, 0)] {
        let normals = [at(0.0, 0.0), at(4.0, log_weight)].into_iter();
        let inverted = invert(
            &plain(Output::Softmax),
            normals,
            &constraints,
            None,
            Pace::SILENT,
        )
        .unwrap();
        assert_eq!(inverted.solutions[0].component, Some(component));
    }
}

/// Two classes that the network cannot tell apart.
#[test]
fn a_margin_that_no_input_has_is_an_error() {
    let network = Network {
        layers: vec![Layer {
            weight: faer::mat![[1.0, 1.0], [2.0, 2.0]],
            bias: None,
        }],
        activation: Activation::Identity,
        output: Output::Softmax,
    };
    let none = Err(InvertError::NoInput(0));
    assert_eq!(map_estimates(&network, normal(2, 0), 1.0), none);
    let constraints = [Constraints::logits(&[1.0, 0.0])];
    let inverted = invert(
        &network,
        std::iter::once(normal(2, 0)),
        &constraints,
        None,
        Pace::SILENT,
    );
    assert_eq!(inverted.map(|inverted| inverted.images), none);
}

proptest! {
    /// Without hidden layers: the margin is met, and (x - mu) S^-1 is a sum of the
    /// constraints that are met exactly, with multipliers of at least 0 (Karush, Kuhn
    /// and Tucker). Moving on keeps the margin only where E rises.
    #[test]
    fn the_input_of_a_single_layer_is_the_map_estimates(seed in 0u64..100, margin in 0.1..30.0f64) {
        let network = network(&[12, 4], Output::Softmax, seed);
        let images = map_estimates(&network, normal(12, seed), margin).unwrap();
        let mut draws = stream(seed, "moves");
        let normal = normal(12, seed);
        let energy = |x: &Mat<f64>| energy(&normal, x);
        for class in 0..4 {
            prop_assert!(margin_of(&network, &images, class) >= margin * (1.0 - 1e-6));
            let image = Mat::from_fn(1, 12, |_, i| images[(class, i)]);
            for _ in 0..20 {
                let other = Mat::from_fn(1, 12, |_, i| image[(0, i)] + 0.05 * draws.normal());
                let all = Mat::from_fn(4, 12, |_, i| other[(0, i)]);
                if margin_of(&network, &all, class) >= margin {
                    prop_assert!(energy(&other) >= energy(&image) * (1.0 - 1e-6));
                }
            }
        }
    }

    /// Deep networks meet the margin too, and better than the mean moved about at
    /// random could.
    #[test]
    fn deeper_networks_meet_the_margin(seed in 0u64..40, margin in 0.5..10.0f64) {
        let network = network(&[12, 9, 7, 3], Output::Softmax, seed);
        if let Ok(images) = map_estimates(&network, normal(12, seed), margin) {
            for class in 0..3 {
                prop_assert!(margin_of(&network, &images, class) >= margin - 1e-5);
            }
        }
    }
}

/// From the mean, searches end where too little is met and nothing nearby is better.
#[test]
fn what_is_not_found_from_the_mean_is_found_from_elsewhere() {
    for seed in [18, 25, 58, 76] {
        let network = network(&[12, 9, 7, 3], Output::Softmax, seed);
        let images = map_estimates(&network, normal(12, seed), 1.0).unwrap();
        for class in 0..3 {
            assert!(margin_of(&network, &images, class) >= 1.0 - 1e-5);
        }
    }
}

/// z = x: margins of the rows are 2, 0 and 1.
#[test]
fn the_median_margin_by_hand() {
    let network = Network {
        layers: vec![Layer {
            weight: Mat::identity(2, 2),
            bias: Some(vec![0.0, 0.0]),
        }],
        activation: Activation::Identity,
        output: Output::Softmax,
    };
    let range = PixelRange {
        low: 0.0,
        high: 255.0,
    };
    let samples = |rows: &[[u8; 2]]| {
        let mut samples = Samples::empty(2);
        for row in rows {
            samples.push(row, 0);
        }
        samples
    };
    let three = samples(&[[0, 2], [7, 7], [3, 2]]);
    assert_eq!(median_margin(&network, &three, range), 1.0);
    let two = samples(&[[0, 2], [3, 2]]);
    assert_eq!(median_margin(&network, &two, range), 1.5);
}
