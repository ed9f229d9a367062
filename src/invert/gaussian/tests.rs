use super::*;
use crate::model::Layer;
use crate::rng::stream;
use crate::spec::Activation;
use proptest::prelude::*;

fn network(sizes: &[usize], output: Output, seed: u64) -> Network {
    let mut draws = stream(seed, "network");
    let layer = |pair: &[usize]| Layer {
        weight: Mat::from_fn(pair[0], pair[1], |_, _| draws.normal()),
        bias: Some((0..pair[1]).map(|_| draws.normal()).collect()),
    };
    Network {
        layers: sizes.windows(2).map(layer).collect(),
        activation: Activation::LeakyRelu { slope: 0.01 },
        output,
    }
}

/// A covariance of this many pixels, and a mean.
fn prior(pixels: usize, seed: u64) -> (Mat<f64>, Mat<f64>) {
    let mut draws = stream(seed, "prior");
    let root = Mat::from_fn(pixels, pixels, |_, _| draws.normal());
    let mean = Mat::from_fn(1, pixels, |_, _| draws.normal());
    (mean, &root * root.transpose())
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
    let network = Network {
        layers: vec![Layer {
            weight: Mat::identity(2, 2),
            bias: None,
        }],
        activation: Activation::Identity,
        output: Output::Softmax,
    };
    let mean = Mat::zeros(1, 2);
    let covariance = faer::mat![[1.0, 0.0], [0.0, 4.0]];
    let gaussian = Gaussian {
        network: &network,
        mean: &mean,
        covariance: &covariance,
    };
    let images = gaussian.invert(5.0).unwrap();
    assert!((images[(0, 0)] - 1.0).abs() < 1e-12 && (images[(0, 1)] + 4.0).abs() < 1e-12);
    assert!((images[(1, 0)] + 1.0).abs() < 1e-12 && (images[(1, 1)] - 4.0).abs() < 1e-12);
    // A margin that the mean has already costs nothing.
    assert_eq!(gaussian.invert(-1.0).unwrap(), Mat::<f64>::zeros(2, 2));
    // Logistic outputs: x >= 5/2 and y <= -5/2, each for itself.
    let network = Network {
        output: Output::Logistic,
        ..network.clone()
    };
    let gaussian = Gaussian {
        network: &network,
        ..gaussian
    };
    let images = gaussian.invert(5.0).unwrap();
    assert!((images[(0, 0)] - 2.5).abs() < 1e-12 && (images[(0, 1)] + 2.5).abs() < 1e-12);
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
    let (mean, covariance) = prior(2, 0);
    let gaussian = Gaussian {
        network: &network,
        mean: &mean,
        covariance: &covariance,
    };
    assert_eq!(gaussian.invert(1.0), Err(InvertError::NoInput(0)));
}

proptest! {
    /// Without hidden layers: the margin is met, and (x - mu) S^-1 is a sum of the
    /// conditions that are met exactly, with multipliers of at least 0 (Karush, Kuhn
    /// and Tucker). Moving on keeps the margin only where E rises.
    #[test]
    fn the_input_of_a_single_layer_is_the_likeliest(seed in 0u64..100, margin in 0.1..30.0f64) {
        let network = network(&[12, 4], Output::Softmax, seed);
        let (mean, covariance) = prior(12, seed);
        let gaussian = Gaussian { network: &network, mean: &mean, covariance: &covariance };
        let images = gaussian.invert(margin).unwrap();
        let mut draws = stream(seed, "moves");
        let inverse = covariance.thin_svd().unwrap().pseudoinverse();
        let energy = |x: &Mat<f64>| {
            let away = x - &mean;
            dot(&away, &(&away * &inverse)) / 2.0
        };
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
        let (mean, covariance) = prior(12, seed);
        let gaussian = Gaussian { network: &network, mean: &mean, covariance: &covariance };
        if let Ok(images) = gaussian.invert(margin) {
            for class in 0..3 {
                prop_assert!(margin_of(&network, &images, class) >= margin - 1e-5);
            }
        }
    }
}

proptest! {
    /// Slopes are what differences of logits tend to, for every activation and width.
    #[test]
    fn slopes_are_those_of_finite_differences(seed in 0u64..30, width in 0.0..2.0f64) {
        for activation in Activation::ALL {
            let network = Network { activation, ..network(&[6, 5, 4, 3], Output::Linear, seed) };
            let x = Mat::from_fn(1, 6, |_, i| 0.3 + 0.2 * i as f64);
            let slopes = slopes(&network, &x, width);
            let step = 1e-6;
            for i in 0..6 {
                let moved = |by: f64| {
                    let x = Mat::from_fn(1, 6, |_, k| x[(0, k)] + if k == i { by } else { 0.0 });
                    logits(&network, &x, width)
                };
                let (up, down) = (moved(step), moved(-step));
                for k in 0..3 {
                    let found = (up[(0, k)] - down[(0, k)]) / (2.0 * step);
                    let near = (found - slopes[(i, k)]).abs() < 1e-4 * (1.0 + found.abs());
                    prop_assert!(near, "{activation:?} {found} {}", slopes[(i, k)]);
                }
            }
        }
    }
}
