use super::*;
use crate::config::{Cut, Domain, Filtered, Percentile};
use crate::invert::fixture::targets;
use crate::model::{Activation, Layer, Output};
use crate::rng::stream;
use proptest::prelude::*;

const RANGE: PixelRange = PixelRange {
    low: 0.01,
    high: 0.99,
};
const EXACT: Layered = by(LayerInverse::PseudoInverse);
const BOOK: Layered = Layered {
    layer: LayerInverse::Transpose,
    domain: Domain::Rescale,
    ..EXACT
};
const SLOPE: Activation = Activation::LeakyRelu { slope: 0.01 };

const fn by(layer: LayerInverse) -> Layered {
    Layered {
        layer,
        bias: Bias::Subtract,
        domain: Domain::None,
    }
}

fn network(sizes: &[usize], seed: u64) -> Network {
    let mut draws = stream(seed, "network");
    let layer = |pair: &[usize]| Layer {
        weight: Mat::from_fn(pair[0], pair[1], |_, _| {
            draws.normal() / (pair[0] as f64).sqrt()
        }),
        bias: Some((0..pair[1]).map(|_| draws.normal()).collect()),
    };
    Network {
        layers: sizes.windows(2).map(layer).collect(),
        activation: SLOPE,
        output: Output::Softmax,
    }
}

fn farthest(a: &Mat<f64>, b: &[Vec<f64>]) -> f64 {
    let each = |n: usize| (0..a.ncols()).map(move |k| (a[(n, k)] - b[n][k]).abs());
    (0..a.nrows()).flat_map(each).fold(0.0, f64::max)
}

fn analytical(network: &Network, bias: Bias, targets: &[Vec<f64>]) -> Mat<f64> {
    let layers = LayerInverses::new(network, RANGE);
    layers
        .invert(Layered { bias, ..EXACT }, None, targets, &[])
        .unwrap()
        .images
}

#[test]
fn one_layer_by_hand() {
    // The columns of W are orthogonal, so W+ is its transpose over squared lengths.
    let network = Network {
        layers: vec![Layer {
            weight: faer::mat![[2.0, 0.0], [0.0, 1.0], [0.0, 1.0]],
            bias: Some(vec![2.0, 1.0]),
        }],
        activation: SLOPE,
        output: Output::Softmax,
    };
    let target = [vec![4.0, -3.0]];
    let x = analytical(&network, Bias::Subtract, &target);
    assert!(farthest(&x, &[vec![1.0, -2.0, -2.0]]) < 1e-12);
    let x = analytical(&network, Bias::Ignore, &target);
    assert!(farthest(&x, &[vec![2.0, -1.5, -1.5]]) < 1e-12);
}

#[test]
fn with_biases_subtracted_the_target_is_reached() {
    // 1e-6 at the paper's targets of +-10, and in proportion at the code's
    // +-3000: each anti-LeakyReLU multiplies what is negative by 100, which
    // takes the larger ones to the end of f64.
    let cases: [(&[usize], f64); 5] = [
        (&[784, 5], 10.0),
        (&[784, 5], 3000.0),
        (&[784, 30, 30, 5], 10.0),
        (&[784, 30, 30, 5], 3000.0),
        (&[100, 50, 20, 10, 3], 10.0),
    ];
    for (sizes, scale) in cases {
        for seed in 0..20 {
            let network = network(sizes, seed);
            let targets = targets(*sizes.last().unwrap(), scale);
            let x = analytical(&network, Bias::Subtract, &targets);
            let z = network.logits(x.as_ref());
            let miss = farthest(&z, &targets);
            assert!(miss < 1e-7 * scale, "{sizes:?} {scale}: {miss}");
        }
    }
}

/// Ignoring the bias misses by exactly the bias, for one layer.
#[test]
fn with_biases_ignored_one_layer_is_off_by_the_bias() {
    let network = network(&[784, 5], 1);
    let targets = targets(5, 10.0);
    let z = network.logits(analytical(&network, Bias::Ignore, &targets).as_ref());
    let bias = network.layers[0].bias.as_ref().unwrap();
    for n in 0..5 {
        for k in 0..5 {
            assert!((z[(n, k)] - targets[n][k] - bias[k]).abs() < 1e-9);
        }
    }
}

/// Of all inputs that meet the target the pseudo-inverse gives the shortest.
#[test]
fn no_other_exact_input_is_shorter() {
    let network = network(&[50, 4], 3);
    let targets = targets(4, 10.0);
    let x = analytical(&network, Bias::Subtract, &targets);
    let mut draws = stream(0, "directions");
    let layers = LayerInverses::new(&network, RANGE);
    let inverse = layers.of_layer(0, LayerInverse::PseudoInverse).unwrap();
    for _ in 0..50 {
        let d = Mat::from_fn(1, 50, |_, _| draws.normal());
        // What of d the network cannot see.
        let unseen = &d - &(&d * &network.layers[0].weight) * &*inverse.filtered(None);
        let other = Mat::from_fn(1, 50, |_, j| x[(0, j)] + unseen[(0, j)]);
        let z = network.logits(other.as_ref());
        assert!(farthest(&z, &targets[..1]) < 1e-9);
        assert!(other.norm_l2() >= x.row(0).norm_l2());
    }
}

/// NumPy, the back query of the book on these weights: `h = scaled(W2 @ logit(t))`,
/// `x = scaled(W1 @ logit(h))`, scaled to 0.01..0.99 by min and max.
#[test]
fn the_back_query_of_the_book() {
    let layer = |weight| Layer { weight, bias: None };
    let network = Network {
        layers: vec![
            layer(faer::mat![
                [0.5, -1.0, 0.25],
                [0.25, 2.0, -0.5],
                [-0.75, 1.0, 1.5],
                [0.0, -0.5, 1.0]
            ]),
            layer(faer::mat![[1.5, -0.5], [-1.0, 2.0], [0.5, 1.0]]),
        ],
        activation: Activation::Sigmoid,
        output: Output::Logistic,
    };
    let logit = |y: f64| (y / (1.0 - y)).ln();
    let targets = [vec![0.9, 0.2], vec![0.3, 0.99]].map(|t| t.into_iter().map(logit).collect());
    let x = LayerInverses::new(&network, RANGE).invert(BOOK, None, &targets, &[]);
    let numpy = [
        [
            0.99,
            0.01,
            0.021_598_158_131_270_178,
            0.694_149_096_775_911_3,
        ],
        [0.01, 0.955_146_616_790_553_6, 0.99, 0.317_905_906_547_879_7],
    ];
    let numpy = numpy.map(|row| row.to_vec());
    let BackwardPass { images, asked } = x.unwrap();
    assert!(farthest(&images, &numpy) < 1e-12);
    // `W2 @ logit(t)`, and the same scaled.
    let [PreimageTarget { values, projected }] = &asked[..] else {
        panic!("one hidden layer");
    };
    let numpy = [
        [
            3.988_984_046_564_274_5,
            -4.969_813_299_576_001,
            -0.287_682_072_451_780_8,
        ],
        [
            -3.568_506_715_648_1,
            10.037_537_560_656_382,
            4.171_470_919_940_987,
        ],
    ];
    assert!(farthest(values, &numpy.map(|row| row.to_vec())) < 1e-12);
    let numpy = [
        [0.99, 0.01, 0.522_176_849_782_029_8],
        [0.01, 0.99, 0.567_485_917_937_752_3],
    ];
    assert!(farthest(projected, &numpy.map(|row| row.to_vec())) < 1e-12);
}

/// One layer whose columns are orthogonal and of length 1: its transpose is its
/// pseudo-inverse.
#[test]
fn of_orthonormal_weights_the_transpose_is_the_inverse() {
    let mut network = network(&[20, 5], 0);
    network.layers[0].weight = network.layers[0].weight.qr().compute_thin_Q();
    let layers = LayerInverses::new(&network, RANGE);
    let x = |layer| {
        layers
            .invert(by(layer), None, &targets(5, 3.0), &[])
            .unwrap()
            .images
    };
    let off = x(LayerInverse::Transpose) - x(LayerInverse::PseudoInverse);
    assert!(off.norm_max() < 1e-12);
}

#[test]
fn a_value_no_input_gives_is_an_error() {
    let mut network = network(&[20, 10, 3], 0);
    network.activation = Activation::Sigmoid;
    let error = |network: &Network| {
        let layers = LayerInverses::new(network, RANGE);
        let inverse = layers.invert(EXACT, None, &targets(3, 10.0), &[]);
        inverse.unwrap_err()
    };
    let found = error(&network);
    assert!(
        found.to_string().contains("`sigmoid` behind layer 0"),
        "{found}"
    );
    network.layers[1].weight[(0, 0)] = f64::NAN;
    assert_eq!(error(&network), InvertError::NoPseudoInverse(1));
}

#[test]
fn a_filter_acts_on_the_inverse_of_every_layer() {
    let network = network(&[20, 10, 3], 0);
    let everything = Cut {
        percentile: 100.0,
        rule: Percentile::Entry,
        on: Filtered::Matrix,
    };
    let keep_all = Filter::LowPass(everything);
    let targets = targets(3, 10.0);
    let filtered = |filter| {
        let layers = LayerInverses::new(&network, RANGE);
        let inverse = layers.invert(EXACT, Some(filter), &targets, &[]);
        inverse.unwrap().images
    };
    let all = filtered(keep_all);
    assert_eq!(all, analytical(&network, Bias::Subtract, &targets));
    let none = filtered(Filter::HighPass(everything));
    assert_eq!(none, Mat::<f64>::zeros(3, 20));
}

/// W = diag(2, 1) over a row of zeros: singular values 2 and 1.
#[test]
fn ridge_and_truncated_by_hand() {
    let mut network = network(&[3, 2], 0);
    network.layers[0] = Layer {
        weight: faer::mat![[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]],
        bias: None,
    };
    let layers = LayerInverses::new(&network, RANGE);
    let x = |inverse| {
        layers
            .invert(by(inverse), None, &[vec![10.0, 6.0]], &[])
            .unwrap()
            .images
    };
    let near = |found: Mat<f64>, expected: [f64; 3]| {
        assert!(farthest(&found, &[expected.to_vec()]) < 1e-12, "{found:?}");
    };
    near(x(LayerInverse::PseudoInverse), [5.0, 6.0, 0.0]);
    // 10 * 2 / (4 + 2) and 6 * 1 / (1 + 2).
    near(x(LayerInverse::Ridge(2.0)), [10.0 / 3.0, 2.0, 0.0]);
    near(x(LayerInverse::Truncated(1)), [5.0, 0.0, 0.0]);
    near(x(LayerInverse::Truncated(9)), [5.0, 6.0, 0.0]);
}

/// z = x + y, wanted 5: from the mean (1, 0) with variances 1 and 3 the way of 4
/// is gone as 1 to 3.
#[test]
fn the_map_input_of_a_layer_by_hand() {
    let layer = Layer {
        weight: faer::mat![[1.0], [1.0]],
        bias: None,
    };
    let moments = SampleMoments {
        mean: faer::mat![[1.0, 0.0]],
        covariance: faer::mat![[1.0, 0.0], [0.0, 3.0]],
    };
    let x = map_input(&layer, &faer::mat![[5.0]], &moments, 0.0).unwrap();
    assert!(farthest(&x, &[vec![2.0, 3.0]]) < 1e-12, "{x:?}");
}

proptest! {
    /// Every activation has an inverse once values are projected into its range, and
    /// the pixels end up in theirs.
    #[test]
    fn with_a_domain_every_activation_goes_back(seed in 0u64..20, scale in 0.1..30.0f64) {
        let mut network = network(&[12, 8, 6, 3], seed);
        for f in Activation::ALL {
            network.activation = f;
            let layers = LayerInverses::new(&network, RANGE);
            for domain in [Domain::Clip, Domain::Rescale] {
                for layer in [LayerInverse::Transpose, LayerInverse::PseudoInverse] {
                    let way = Layered { domain, ..by(layer) };
                    let x = layers.invert(way, None, &targets(3, scale), &[]).unwrap().images;
                    let inside = |x: &f64| (RANGE.low - 1e-12..=RANGE.high + 1e-12).contains(x);
                    let all = x.row_iter().all(|row| row.iter().all(inside));
                    prop_assert!(all, "{f:?} {domain:?} {x:?}");
                }
            }
        }
    }

    /// Ridge has the least of `||x W - z||^2 + lambda ||x||^2`; with less and less
    /// lambda, or all singular values, it is the pseudo-inverse.
    #[test]
    fn ridge_is_the_best_compromise(seed in 0u64..50, lambda in 0.01..100.0f64) {
        let mut network = network(&[12, 4], seed);
        network.layers[0].bias = None;
        let layers = LayerInverses::new(&network, RANGE);
        let targets = targets(1, 3.0);
        let targets = [[targets[0].clone(), vec![1.0, -2.0, 0.5]].concat()];
        let x = |inverse| layers.invert(by(inverse), None, &targets, &[]).unwrap().images;
        let ridge = x(LayerInverse::Ridge(lambda));
        let cost = |x: &Mat<f64>| {
            let z = network.logits(x.as_ref());
            let miss = (0..4).map(|k| (z[(0, k)] - targets[0][k]).powi(2)).sum::<f64>();
            miss + lambda * x.squared_norm_l2()
        };
        let mut draws = stream(seed, "moves");
        for _ in 0..20 {
            let other = Mat::from_fn(1, 12, |_, i| ridge[(0, i)] + 0.01 * draws.normal());
            prop_assert!(cost(&other) >= cost(&ridge));
        }
        let exact = x(LayerInverse::PseudoInverse);
        prop_assert!((x(LayerInverse::Ridge(1e-9)) - &exact).norm_max() < 1e-6);
        prop_assert!((x(LayerInverse::Truncated(4)) - &exact).norm_max() < 1e-9);
    }

    /// Layer by layer, under each layer's own Gaussian, the target is met exactly.
    #[test]
    fn map_inputs_give_the_target(seed in 0u64..30) {
        let network = network(&[12, 8, 3], seed);
        let layers = LayerInverses::new(&network, RANGE);
        let moments = |n: usize| {
            let mut draws = stream(seed, "moments");
            let root = Mat::from_fn(n, n, |_, _| draws.normal());
            let mean = Mat::from_fn(1, n, |_, _| draws.normal());
            SampleMoments { mean, covariance: &root * root.transpose() }
        };
        let inverse = by(LayerInverse::Gaussian(0.05));
        let x = layers.invert(inverse, None, &targets(3, 4.0), &[moments(12), moments(8)]);
        let z = network.logits(x.unwrap().images.as_ref());
        prop_assert!(farthest(&z, &targets(3, 4.0)) < 1e-6);
    }
}
