//! The layered inverse: from the logits back to the pixels, undoing one layer
//! after the other. With the pseudo-inverse it is the analytical method of
//! Lai 2021, sections 2.2.2 and 2.2.3.

use std::cell::OnceCell;

use faer::Mat;

use super::InvertError;
use super::filter;
use crate::model::Network;
use crate::spec::{Bias, Filter};

/// The inverses of a network's weights, each reckoned when it is first needed.
pub struct PseudoInverses<'a> {
    network: &'a Network,
    /// W+ of each layer (Penrose 1955): outputs x inputs.
    of_layers: Vec<OnceCell<Mat<f64>>>,
}

impl<'a> PseudoInverses<'a> {
    pub fn of(network: &'a Network) -> Self {
        Self {
            network,
            of_layers: vec![OnceCell::new(); network.layers.len()],
        }
    }

    /// x' = (f^-1(...) - b) W+ for every layer, the last one first.
    ///
    /// # Shapes
    /// - targets: `outputs` rows of logits
    /// - inverse: one row a target, `inputs` wide
    pub fn invert(
        &self,
        bias: Bias,
        filter: Option<Filter>,
        targets: &[Vec<f64>],
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
            let inverse = self.of_layer(index)?;
            a = match filter {
                Some(filter) => &a * &filter::matrix(filter, inverse),
                None => &a * inverse,
            };
        }
        Ok(a)
    }

    fn of_layer(&self, index: usize) -> Result<&Mat<f64>, InvertError> {
        let cell = &self.of_layers[index];
        if cell.get().is_none() {
            let svd = self.network.layers[index].weight.thin_svd();
            let svd = svd.map_err(|_| InvertError::NoPseudoInverse(index))?;
            let _ = cell.set(svd.pseudoinverse());
        }
        cell.get().ok_or(InvertError::NoPseudoInverse(index))
    }
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
        let inverses = PseudoInverses::of(network);
        inverses.invert(bias, None, targets).unwrap()
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
        let inverses = PseudoInverses::of(&network);
        let inverse = inverses.of_layer(0).unwrap();
        for _ in 0..50 {
            let d = Mat::from_fn(1, 50, |_, _| draws.normal());
            // What of d the network cannot see.
            let unseen = &d - &(&d * &network.layers[0].weight) * inverse;
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
            let inverses = PseudoInverses::of(network);
            let inverse = inverses.invert(Bias::Subtract, None, &targets(3, 10.0));
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
            let inverses = PseudoInverses::of(&network);
            let inverse = inverses.invert(Bias::Subtract, Some(filter), &targets);
            inverse.unwrap()
        };
        let all = filtered(keep_all);
        assert_eq!(all, analytical(&network, Bias::Subtract, &targets));
        let none = filtered(Filter::HighPass(everything));
        assert_eq!(none, Mat::<f64>::zeros(3, 20));
    }
}
