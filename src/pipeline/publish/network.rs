//! `network.csv`: numbers of a trained network beside its accuracy log.

use serde::Serialize;

use crate::config::OF_NETWORK;
use crate::model::Parameters;
use crate::train::{EpochRow, Trained};

/// Row of `network.csv`: one number of the trained network.
#[derive(Debug, Clone, Serialize)]
pub struct NetworkRow {
    pub metric: &'static str,
    /// Value; none if undefined, such as the largest bias of a network without biases.
    pub value: Option<f64>,
    pub unit: &'static str,
}

/// Computes all rows.
pub fn network_rows(trained: &Trained) -> [NetworkRow; 4] {
    let Trained {
        parameters,
        history,
    } = trained;
    // A running mean that a log with four decimals shows as 1.
    let is_perfect = |row: &&EpochRow| row.running_accuracy.is_some_and(|a| a >= 0.99995);
    let perfect = history.iter().find(is_perfect);
    let (input, fraction) = parameters.first().and_then(heaviest_input).unzip();
    let values = [
        largest_bias(parameters),
        perfect.map(|row| row.epoch as f64),
        input.map(|input| input as f64),
        fraction,
    ];
    let mut values = values.into_iter();
    // In the order of the declarations.
    OF_NETWORK.map(|column| NetworkRow {
        metric: column.name,
        value: values.next().flatten(),
        unit: column.unit,
    })
}

/// Largest absolute bias of all layers; none without biases.
fn largest_bias(parameters: &[Parameters]) -> Option<f64> {
    let biases = parameters.iter().filter_map(|layer| layer.bias.as_ref());
    let sizes = biases.flatten().map(|&bias| f64::from(bias).abs());
    sizes.reduce(f64::max)
}

/// Finds the input with the largest sum of absolute weights in a layer, the first of equal
/// ones, and its fraction of the sum over all inputs; none for a layer of zeros.
fn heaviest_input(layer: &Parameters) -> Option<(usize, f64)> {
    let size = |weights: &[f32]| weights.iter().map(|&w| f64::from(w).abs()).sum::<f64>();
    let sizes: Vec<f64> = layer.weight.chunks(layer.outputs).map(size).collect();
    let heavier = |a: (usize, f64), b: (usize, f64)| if b.1 > a.1 { b } else { a };
    let (input, most) = sizes.iter().copied().enumerate().reduce(heavier)?;
    let all: f64 = sizes.iter().sum();
    (all > 0.0).then(|| (input, most / all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layer(inputs: usize, weight: Vec<f32>, bias: Option<Vec<f32>>) -> Parameters {
        Parameters {
            inputs,
            outputs: weight.len() / inputs,
            weight,
            bias,
        }
    }

    #[test]
    fn numbers_by_hand() {
        let first = layer(3, vec![1.0, -1.0, -3.0, 0.5, 2.0, 1.5], None);
        // Sums of 2, 3.5 and 3.5: the first of the two.
        assert_eq!(heaviest_input(&first), Some((1, 3.5 / 9.0)));
        assert_eq!(heaviest_input(&layer(2, vec![0.0; 4], None)), None);
        let second = layer(1, vec![1.0, 1.0], Some(vec![0.5, -0.75]));
        assert_eq!(largest_bias(&[first.clone(), second]), Some(0.75));
        assert_eq!(largest_bias(&[first]), None);
    }

    proptest! {
        /// Its fraction is at least the mean; scaling or changing signs has no effect.
        #[test]
        fn the_heaviest_input_has_its_fraction(weight in prop::collection::vec(-4.0..4.0f32, 12)) {
            let (input, fraction) = heaviest_input(&layer(4, weight.clone(), None)).unwrap();
            prop_assert!((0.25 - 1e-12..=1.0).contains(&fraction));
            let scaled = weight.iter().map(|w| -2.0 * w).collect();
            prop_assert_eq!(heaviest_input(&layer(4, scaled, None)), Some((input, fraction)));
        }
    }
}
