//! Small networks and targets for tests.

use faer::Mat;

use crate::model::{Activation, Layer, Network, Output};
use crate::rng::stream;

/// A network of these layer sizes with standard normal weights and biases.
pub fn drawn_network(
    sizes: &[usize],
    activation: Activation,
    output: Output,
    seed: u64,
) -> Network {
    let mut draws = stream(seed, "network");
    let layer = |pair: &[usize]| Layer {
        weight: Mat::from_fn(pair[0], pair[1], |_, _| draws.normal()),
        bias: Some((0..pair[1]).map(|_| draws.normal()).collect()),
    };
    Network {
        layers: sizes.windows(2).map(layer).collect(),
        activation,
        output,
    }
}

/// A linear network: z = (2 x1, x2) + (1, -1).
pub fn two_pixel_network() -> Network {
    Network {
        layers: vec![Layer {
            weight: faer::mat![[2.0, 0.0], [0.0, 1.0]],
            bias: Some(vec![1.0, -1.0]),
        }],
        activation: Activation::Identity,
        output: Output::Linear,
    }
}

/// Target logits, one row per class: `size` for the class and its negative for the others.
pub fn targets(classes: usize, size: f64) -> Vec<Vec<f64>> {
    let row = |n| (0..classes).map(move |k| if k == n { size } else { -size });
    (0..classes).map(|n| row(n).collect()).collect()
}
