use super::*;
use crate::invert::fixture::{drawn_network, targets, two_pixel_network};
use crate::model::{Activation, Output};
use crate::rng::stream;
use proptest::prelude::*;

const RANGE: PixelRange = PixelRange::SYMMETRIC;

fn network(sizes: &[usize], activation: Activation, seed: u64) -> Network {
    drawn_network(sizes, activation, Output::Softmax, seed)
}

fn bounded(network: &Network, norm: Norm) -> Bounded<'_> {
    Bounded {
        network,
        range: RANGE,
        norm,
        pace: Pace::SILENT,
    }
}

/// z = (2 x1, x2) + (1, -1). The target (2, 1) is 1 above what x2 = 1 gives.
#[test]
fn one_layer_by_hand() {
    let network = two_pixel_network();
    for norm in [Norm::L1, Norm::L2] {
        let Inverted { images, solutions } = bounded(&network, norm).invert(&[vec![2.0, 1.0]]);
        assert!((images[(0, 0)] - 0.5).abs() < 1e-12 && (images[(0, 1)] - 1.0).abs() < 1e-12);
        assert!(solutions[0].converged);
        assert!((solutions[0].objective - 1.0).abs() < 1e-12);
        let least = least_distance(&network, RANGE, norm, &[2.0, 1.0]).unwrap();
        assert_eq!(least, solutions[0].objective);
    }
}

/// z = tanh(x1 + x2) - tanh(x1 - x2) is 2 tanh(x2) at x1 = 0, where it is highest; so
/// that from the middle of the range x2 rises alone: to atanh(0.5), or to its end.
#[test]
fn two_layers_by_hand() {
    let network = Network {
        layers: vec![
            Layer {
                weight: faer::mat![[1.0, 1.0], [1.0, -1.0]],
                bias: None,
            },
            Layer {
                weight: faer::mat![[1.0], [-1.0]],
                bias: None,
            },
        ],
        activation: Activation::Tanh,
        output: Output::Linear,
    };
    for norm in [Norm::L1, Norm::L2] {
        let found = bounded(&network, norm).invert(&[vec![1.0], vec![9.0]]);
        let expected = [[0.0, 0.5f64.atanh()], [0.0, 1.0]];
        for (n, expected) in expected.iter().enumerate() {
            assert!(found.solutions[n].converged);
            for (i, expected) in expected.iter().enumerate() {
                // The slope of z with x2 is 1.5 there.
                assert!((found.images[(n, i)] - expected).abs() < TOLERANCE / 1.5);
            }
        }
        let least = 9.0 - 2.0 * 1f64.tanh();
        assert!((found.solutions[1].objective - least).abs() < 1e-9);
        assert_eq!(least_distance(&network, RANGE, norm, &[1.0]), None);
    }
}

/// Layers without an activation between them are one layer, and so is its optimum.
#[test]
fn a_deep_linear_network_has_the_optimum_of_its_product() {
    for seed in 0..10 {
        let deep = network(&[30, 8, 4], Activation::Identity, seed);
        let weight = &deep.layers[0].weight * &deep.layers[1].weight;
        let zeros = Mat::zeros(1, 30);
        let bias = deep.logits(zeros.as_ref());
        let flat = Network {
            layers: vec![Layer {
                weight,
                bias: Some(bias.row(0).iter().copied().collect()),
            }],
            ..deep.clone()
        };
        for (norm, size) in [(Norm::L1, 10.0), (Norm::L2, 10.0), (Norm::L2, 3000.0)] {
            let targets = targets(4, size);
            let (deep, flat) = (bounded(&deep, norm), bounded(&flat, norm));
            let (deep, flat) = (deep.invert(&targets), flat.invert(&targets));
            for n in 0..4 {
                let (found, least) = (deep.solutions[n], flat.solutions[n]);
                assert!(found.converged && least.converged);
                assert!((found.objective - least.objective).abs() < 1e-8 * size);
            }
        }
    }
}

proptest! {
    /// Deep networks: in range, nearer than the middle it starts from; and where the
    /// search has converged no input nearby is nearer by more than `TOLERANCE` of the target
    /// and what the linearised network is wrong by there.
    #[test]
    fn nothing_nearby_is_nearer(
        seed in 0u64..60, size in 0.1..30.0f64, activation in 0usize..7,
    ) {
        let network = network(&[10, 7, 6, 3], Activation::ALL[activation], seed);
        let targets = targets(3, size);
        let mut draws = stream(seed, "others");
        for norm in [Norm::L1, Norm::L2] {
            let bounded = bounded(&network, norm);
            let found = bounded.invert(&targets);
            for (n, target) in targets.iter().enumerate() {
                let image: Vec<f64> = found.images.row(n).iter().copied().collect();
                prop_assert!(image.iter().all(|x| (-1.0..=1.0).contains(x)));
                let own = bounded.candidate(image.clone(), target, 0.0);
                let start = bounded.candidate(vec![0.0; 10], target, 0.0).distance;
                prop_assert_eq!(own.distance, found.solutions[n].objective);
                prop_assert!(own.distance <= start);
                if !found.solutions[n].converged {
                    continue;
                }
                let jacobian =
                    UpperLayers::new(&network).jacobian(&bounded.first_layer(&image), 0.0);
                let jacobian = &network.layers[0].weight * jacobian;
                for _ in 0..50 {
                    let step: Vec<f64> = (0..10).map(|_| 1e-4 * draws.normal()).collect();
                    let other = bounded.candidate(bounded.moved(&image, &step), target, 0.0);
                    let moved = Mat::from_fn(1, 10, |_, i| other.x[i] - image[i]) * &jacobian;
                    let wrong: Vec<f64> = (0..3)
                        .map(|k| own.residual[k] - other.residual[k] - moved[(0, k)])
                        .collect();
                    let slack = norm.of(&wrong) + TOLERANCE * norm.of(target).max(start);
                    // Of sums of a few tens of numbers as large as logits.
                    let rounding = 1e-14 * (start + norm.of(target));
                    prop_assert!(other.distance >= own.distance - slack - rounding);
                }
            }
        }
    }
}

/// What some image gives is met, where slopes do not vanish and have no kinks.
#[test]
fn targets_that_can_be_met_are_met() {
    let smooth = [
        Activation::Identity,
        Activation::Sigmoid,
        Activation::Elu,
        Activation::Softplus,
    ];
    for (seed, activation) in (0..20).flat_map(|seed| smooth.map(|f| (seed, f))) {
        let network = network(&[40, 12, 8, 3], activation, seed);
        let mut draws = stream(seed, "image");
        let image = Mat::from_fn(1, 40, |_, _| draws.uniform_in(-0.5, 0.5));
        let logits = network.logits(image.as_ref());
        let target: Vec<f64> = logits.row(0).iter().copied().collect();
        for norm in [Norm::L1, Norm::L2] {
            let bounded = bounded(&network, norm);
            let start = bounded.candidate(vec![0.0; 40], &target, 0.0).distance;
            let found = bounded.invert(std::slice::from_ref(&target)).solutions[0];
            assert!(found.converged);
            assert!(found.objective <= TOLERANCE * norm.of(&target).max(start));
        }
    }
}
