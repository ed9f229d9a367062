use super::*;
use crate::model::Layer;

const RANGE: PixelRange = PixelRange::SYMMETRIC;

/// z = x W + b, which has one x for every z.
fn network() -> Network {
    Network {
        layers: vec![Layer {
            weight: faer::mat![[2.0, 1.0, 0.0], [0.0, 2.0, -1.0], [1.0, 0.0, 2.0]],
            bias: Some(vec![0.5, -1.0, 3.0]),
        }],
        activation: Activation::Identity,
        output: Output::Softmax,
    }
}

fn samples(rows: usize) -> Samples {
    let mut draws = stream(0, "pixels");
    let mut samples = Samples::empty(3);
    for _ in 0..rows {
        let row: Vec<u8> = (0..3).map(|_| (draws.uniform() * 256.0) as u8).collect();
        samples.push(&row, 0);
    }
    samples
}

fn drawn(hidden: usize, epochs: usize, seed: u64, targets: &[Vec<f64>]) -> Mat<f64> {
    let regression = Regression {
        network: &network(),
        samples: &samples(500),
        range: RANGE,
        search: Search {
            width: 3,
            seed,
            device: &Device::flex(),
        },
        decoder: Decoder { hidden, epochs },
        pace: Pace::SILENT,
    };
    regression.invert(targets).unwrap()
}

/// Pixels and the logits of each row of them.
fn pairs() -> (Mat<f64>, Vec<Vec<f64>>) {
    let x = faer::mat![[0.5, -0.25, 0.0], [-0.75, 0.75, 0.25], [0.0, 0.0, -1.0]];
    let z = network().logits(x.as_ref());
    let rows = z.row_iter().map(|row| row.iter().copied().collect());
    (x, rows.collect())
}

/// Without a hidden layer it is linear regression, and the regression of x on an
/// invertible x W + b is its inverse.
#[test]
fn of_a_linear_network_it_learns_the_inverse() {
    let (x, z) = pairs();
    let miss = (drawn(0, 1500, 0, &z) - &x).norm_max();
    assert!(miss < 0.01, "{miss}");
}

#[test]
fn with_a_hidden_layer_it_learns_it_about_as_well() {
    let (x, z) = pairs();
    let miss = |epochs| (drawn(24, epochs, 0, &z) - &x).norm_max();
    let (before, after) = (miss(1), miss(400));
    assert!(after < 0.1 && after < before / 3.0, "{before} {after}");
}

#[test]
fn the_same_seed_draws_the_same() {
    let (_, z) = pairs();
    let of = |seed| drawn(8, 2, seed, &z);
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
}

/// (1, 3, 5, 7): mean 4, deviation sqrt(5).
#[test]
fn logits_are_standardised_by_hand() {
    let scale = |mean, deviation| LogitScale { mean, deviation };
    let varied = LogitScale::of([1.0, 3.0, 5.0, 7.0].iter());
    assert_eq!(varied, scale(4.0, 5f64.sqrt()));
    let constant = LogitScale::of([2.0, 2.0].iter());
    assert_eq!(constant, scale(2.0, 1.0), "never varies");
    let logits = Standardised {
        logits: Vec::new(),
        scale: vec![varied, constant],
    };
    let [first, second] = logits.scaled(&[9.0, 2.5])[..] else {
        panic!("two logits");
    };
    assert!((first - 5f32.sqrt()).abs() < 1e-6 && second == 0.5);
}
