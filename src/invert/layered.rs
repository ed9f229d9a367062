//! The layered inverse: from the logits back to the pixels, undoing one layer
//! after the other. With the pseudo-inverse it is the analytical method of
//! Lai 2021, sections 2.2.2 and 2.2.3.

use std::cell::OnceCell;

use faer::Mat;
use faer::linalg::solvers::Svd;

use super::InvertError;
use super::filter;
use super::moments::Moments;
use crate::model::{Layer, Network};
use crate::spec::{Bias, Filter, LayerInverse};

/// What undoes the layers of a network, each reckoned when it is first needed.
pub struct Layers<'a> {
    network: &'a Network,
    /// W = U S V^T of each layer.
    svds: Vec<OnceCell<Svd<f64>>>,
}

impl<'a> Layers<'a> {
    pub fn of(network: &'a Network) -> Self {
        Self {
            network,
            svds: vec![OnceCell::new(); network.layers.len()],
        }
    }

    /// From the logits back: a = undo(f^-1(...)) for every layer, the last one first.
    ///
    /// # Shapes
    /// - targets: `outputs` rows of logits
    /// - moments: of the input of each layer; needed by [`LayerInverse::Gaussian`]
    /// - inverse: one row a target, `inputs` wide
    pub fn invert(
        &self,
        (layer_inverse, bias): (LayerInverse, Bias),
        filter: Option<Filter>,
        targets: &[Vec<f64>],
        moments: &[Moments],
    ) -> Result<Mat<f64>, InvertError> {
        let network = self.network;
        let mut a = Mat::from_fn(targets.len(), network.outputs(), |n, k| targets[n][k]);
        for (index, layer) in network.layers.iter().enumerate().rev() {
            if index + 1 < network.layers.len() {
                a = undo_activation(network, index, &a)?;
            }
            if let (Bias::Subtract, Some(bias)) = (bias, &layer.bias) {
                a = Mat::from_fn(a.nrows(), a.ncols(), |n, k| a[(n, k)] - bias[k]);
            }
            a = if let LayerInverse::Gaussian(shrinkage) = layer_inverse {
                let moments = moments.get(index).ok_or(InvertError::NoPrior)?;
                likeliest(layer, &a, moments, shrinkage)
                    .ok_or(InvertError::NoPseudoInverse(index))?
            } else {
                let inverse = self.of_layer(index, layer_inverse)?;
                match filter {
                    Some(filter) => &a * &filter::matrix(filter, &inverse),
                    None => &a * &inverse,
                }
            };
        }
        Ok(a)
    }

    /// What stands in for the inverse of a layer's weights: outputs x inputs.
    fn of_layer(&self, index: usize, inverse: LayerInverse) -> Result<Mat<f64>, InvertError> {
        let failed = InvertError::NoPseudoInverse(index);
        let cell = &self.svds[index];
        if cell.get().is_none() {
            let svd = self.network.layers[index].weight.thin_svd();
            let _ = cell.set(svd.map_err(|_| failed.clone())?);
        }
        let svd = cell.get().ok_or(failed)?;
        Ok(match inverse {
            LayerInverse::Ridge(lambda) => rebuilt(svd, |_, s| s / (s * s + lambda)),
            LayerInverse::Truncated(rank) => {
                rebuilt(svd, |i, s| if i < rank { 1.0 / s } else { 0.0 })
            }
            LayerInverse::PseudoInverse | LayerInverse::Gaussian(_) => svd.pseudoinverse(),
        })
    }
}

/// Singular values below this share of the largest are rounding.
const NONE: f64 = 1e-12;

/// `V f(S) U^T`, f being given the place of a singular value, from the largest on,
/// and the value.
fn rebuilt(svd: &Svd<f64>, f: impl Fn(usize, f64) -> f64) -> Mat<f64> {
    let values: Vec<f64> = svd.S().column_vector().iter().copied().collect();
    let least = NONE * values.first().copied().unwrap_or_default();
    let f = |i: usize| {
        if values[i] > least {
            f(i, values[i])
        } else {
            0.0
        }
    };
    let v = svd.V();
    let scaled = Mat::from_fn(v.nrows(), values.len(), |i, j| v[(i, j)] * f(j));
    scaled * svd.U().transpose()
}

/// The likeliest inputs of a layer, under a Gaussian, that it makes z of:
/// `a = mu + (z - mu W) (W^T S W)^+ W^T S`.
fn likeliest(layer: &Layer, z: &Mat<f64>, moments: &Moments, shrinkage: f64) -> Option<Mat<f64>> {
    let weight = &layer.weight;
    let spread = weight.transpose() * moments.shrunk(shrinkage);
    let inverse = (&spread * weight).thin_svd().ok()?.pseudoinverse();
    let usual = &moments.mean * weight;
    let off = Mat::from_fn(z.nrows(), z.ncols(), |n, k| z[(n, k)] - usual[(0, k)]);
    let moved = off * inverse * spread;
    Some(Mat::from_fn(z.nrows(), weight.nrows(), |n, i| {
        moments.mean[(0, i)] + moved[(n, i)]
    }))
}

fn undo_activation(network: &Network, index: usize, a: &Mat<f64>) -> Result<Mat<f64>, InvertError> {
    let mut undone = a.clone();
    for n in 0..a.nrows() {
        for k in 0..a.ncols() {
            let value = network.activation.inverse(a[(n, k)]);
            undone[(n, k)] = value.ok_or_else(|| InvertError::NotInRange {
                activation: network.activation.name(),
                layer: index,
                value: format!("{:.4}", a[(n, k)]),
            })?;
        }
    }
    Ok(undone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Layer;
    use crate::rng::stream;
    use crate::spec::{Activation, Cut, Filtered, Output, Percentile};
    use proptest::prelude::*;

    const EXACT: (LayerInverse, Bias) = (LayerInverse::PseudoInverse, Bias::Subtract);
    const SLOPE: Activation = Activation::LeakyRelu { slope: 0.01 };

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

    fn targets(classes: usize, scale: f64) -> Vec<Vec<f64>> {
        let row = |n| (0..classes).map(move |k| if k == n { scale } else { -scale });
        (0..classes).map(|n| row(n).collect()).collect()
    }

    fn farthest(a: &Mat<f64>, b: &[Vec<f64>]) -> f64 {
        let each = |n: usize| (0..a.ncols()).map(move |k| (a[(n, k)] - b[n][k]).abs());
        (0..a.nrows()).flat_map(each).fold(0.0, f64::max)
    }

    fn analytical(network: &Network, bias: Bias, targets: &[Vec<f64>]) -> Mat<f64> {
        let inverse = (LayerInverse::PseudoInverse, bias);
        let layers = Layers::of(network);
        layers.invert(inverse, None, targets, &[]).unwrap()
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
        let layers = Layers::of(&network);
        let inverse = layers.of_layer(0, LayerInverse::PseudoInverse).unwrap();
        for _ in 0..50 {
            let d = Mat::from_fn(1, 50, |_, _| draws.normal());
            // What of d the network cannot see.
            let unseen = &d - &(&d * &network.layers[0].weight) * &inverse;
            let other = Mat::from_fn(1, 50, |_, j| x[(0, j)] + unseen[(0, j)]);
            let z = network.logits(other.as_ref());
            assert!(farthest(&z, &targets[..1]) < 1e-9);
            assert!(other.norm_l2() >= x.row(0).norm_l2());
        }
    }

    #[test]
    fn a_value_no_input_gives_is_an_error() {
        let mut network = network(&[20, 10, 3], 0);
        network.activation = Activation::Sigmoid;
        let error = |network: &Network| {
            let layers = Layers::of(network);
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
            let layers = Layers::of(&network);
            let inverse = layers.invert(EXACT, Some(filter), &targets, &[]);
            inverse.unwrap()
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
        let layers = Layers::of(&network);
        let x = |inverse| {
            let inverse = (inverse, Bias::Subtract);
            layers
                .invert(inverse, None, &[vec![10.0, 6.0]], &[])
                .unwrap()
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
    fn the_likeliest_input_of_a_layer_by_hand() {
        let layer = Layer {
            weight: faer::mat![[1.0], [1.0]],
            bias: None,
        };
        let moments = Moments {
            mean: faer::mat![[1.0, 0.0]],
            covariance: faer::mat![[1.0, 0.0], [0.0, 3.0]],
        };
        let x = likeliest(&layer, &faer::mat![[5.0]], &moments, 0.0).unwrap();
        assert!(farthest(&x, &[vec![2.0, 3.0]]) < 1e-12, "{x:?}");
    }

    proptest! {
        /// Ridge has the least of `||x W - z||^2 + lambda ||x||^2`; with less and less
        /// lambda, or all singular values, it is the pseudo-inverse.
        #[test]
        fn ridge_is_the_best_compromise(seed in 0u64..50, lambda in 0.01..100.0f64) {
            let mut network = network(&[12, 4], seed);
            network.layers[0].bias = None;
            let layers = Layers::of(&network);
            let targets = targets(1, 3.0);
            let targets = [[targets[0].clone(), vec![1.0, -2.0, 0.5]].concat()];
            let x = |inverse| layers.invert((inverse, Bias::Subtract), None, &targets, &[]).unwrap();
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
        fn the_likeliest_inputs_give_the_target(seed in 0u64..30) {
            let network = network(&[12, 8, 3], seed);
            let layers = Layers::of(&network);
            let moments = |n: usize| {
                let mut draws = stream(seed, "moments");
                let root = Mat::from_fn(n, n, |_, _| draws.normal());
                let mean = Mat::from_fn(1, n, |_, _| draws.normal());
                Moments { mean, covariance: &root * root.transpose() }
            };
            let inverse = (LayerInverse::Gaussian(0.05), Bias::Subtract);
            let x = layers.invert(inverse, None, &targets(3, 4.0), &[moments(12), moments(8)]);
            let z = network.logits(x.unwrap().as_ref());
            prop_assert!(farthest(&z, &targets(3, 4.0)) < 1e-6);
        }
    }
}
