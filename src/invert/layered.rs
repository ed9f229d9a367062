//! The layered inverse: from the logits back to the pixels, undoing one layer
//! after the other. With the pseudo-inverse it is the analytical method of
//! Lai 2021, sections 2.2.2 and 2.2.3.

use faer::Mat;

use super::InvertError;
use super::filter;
use crate::model::{Layer, Network};
use crate::spec::{Bias, Filter, LayerInverse};

/// x' = (f^-1(...) - b) W+ for every layer, the last one first.
///
/// # Shapes
/// - targets: `outputs` rows of logits
/// - inverse: one row a target, `inputs` wide
pub fn invert(
    network: &Network,
    stand_in: LayerInverse,
    bias: Bias,
    filter: Option<Filter>,
    targets: &[Vec<f64>],
) -> Result<Mat<f64>, InvertError> {
    let mut a = Mat::from_fn(targets.len(), network.outputs(), |n, k| targets[n][k]);
    for (index, layer) in network.layers.iter().enumerate().rev() {
        if index + 1 < network.layers.len() {
            a = undo_activation(network, index, &a)?;
        }
        if let (Bias::Subtract, Some(bias)) = (bias, &layer.bias) {
            a = Mat::from_fn(a.nrows(), a.ncols(), |n, k| a[(n, k)] - bias[k]);
        }
        let mut inverse = match stand_in {
            LayerInverse::PseudoInverse => pseudo_inverse(layer, index)?,
        };
        if let Some(filter) = filter {
            inverse = filter::matrix(filter, inverse);
        }
        a = &a * &inverse;
    }
    Ok(a)
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

/// W+ (Penrose 1955): outputs x inputs.
fn pseudo_inverse(layer: &Layer, index: usize) -> Result<Mat<f64>, InvertError> {
    let svd = layer.weight.thin_svd();
    let svd = svd.map_err(|_| InvertError::NoPseudoInverse(index))?;
    Ok(svd.pseudoinverse())
}

#[cfg(test)]
mod tests {
    use super::*;
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
        invert(network, LayerInverse::PseudoInverse, bias, None, targets).unwrap()
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
        let inverse = pseudo_inverse(&network.layers[0], 0).unwrap();
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
        let (inverse, bias) = (LayerInverse::PseudoInverse, Bias::Subtract);
        let error = invert(&network, inverse, bias, None, &targets(3, 10.0)).unwrap_err();
        assert!(
            error.to_string().contains("`sigmoid` behind layer 0"),
            "{error}"
        );
        network.layers[1].weight[(0, 0)] = f64::NAN;
        let error = invert(&network, inverse, bias, None, &targets(3, 10.0)).unwrap_err();
        assert_eq!(error, InvertError::NoPseudoInverse(1));
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
        let (inverse, bias) = (LayerInverse::PseudoInverse, Bias::Subtract);
        let all = invert(&network, inverse, bias, Some(keep_all), &targets).unwrap();
        assert_eq!(all, analytical(&network, bias, &targets));
        let keep_none = Filter::HighPass(everything);
        let none = invert(&network, inverse, bias, Some(keep_none), &targets).unwrap();
        assert_eq!(none, Mat::<f64>::zeros(3, 20));
    }
}
