//! How far inverses are from the nearest that images in range can be.

use std::cell::RefCell;

use crate::config::{Norm, PixelRange};
use crate::invert::least_distance;
use crate::model::Network;

/// The least distances from targets, each reckoned when it is first needed.
pub struct Optima<'a> {
    network: &'a Network,
    range: PixelRange,
    known: RefCell<Vec<(Norm, Vec<f64>, f64)>>,
}

impl<'a> Optima<'a> {
    /// Of images on this scale.
    pub fn of(network: &'a Network, range: PixelRange) -> Self {
        Self {
            network,
            range,
            known: RefCell::default(),
        }
    }

    /// How much farther from the target logits are than they need be. None if nobody
    /// knows.
    pub fn gap(&self, norm: Norm, target: &[f64], logits: &[f64]) -> Option<f64> {
        let both = target.iter().zip(logits);
        let misses: Vec<f64> = both.map(|(t, z)| t - z).collect();
        let gap = norm.of(&misses) - self.least(norm, target)?;
        // Below 0 there is nothing but rounding.
        Some(gap.max(0.0))
    }

    fn least(&self, norm: Norm, target: &[f64]) -> Option<f64> {
        let mut known = self.known.borrow_mut();
        let found = known.iter().find(|(n, t, _)| *n == norm && t == target);
        if let Some((_, _, least)) = found {
            return Some(*least);
        }
        let least = least_distance(self.network, self.range, norm, target)?;
        known.push((norm, target.to_vec(), least));
        Some(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Activation, Output};
    use crate::model::Layer;
    use faer::Mat;

    const RANGE: PixelRange = PixelRange {
        low: 0.0,
        high: 1.0,
    };

    fn layer(weight: Mat<f64>) -> Layer {
        let bias = Some(vec![0.5; weight.ncols()]);
        Layer { weight, bias }
    }

    fn network(layers: Vec<Layer>) -> Network {
        Network {
            layers,
            activation: Activation::Identity,
            output: Output::Softmax,
        }
    }

    /// z = (x1, x2) + 1/2 gets to (1.5, 0.5) of a target of (4.5, -3.5): 3 and 4 away.
    #[test]
    fn gaps_by_hand() {
        let network = network(vec![layer(Mat::identity(2, 2))]);
        let optima = Optima::of(&network, RANGE);
        let gap = |norm, logits| optima.gap(norm, &[4.5, -3.5], logits).unwrap();
        for _ in 0..2 {
            assert!(gap(Norm::L1, &[1.5, 0.5]) < 1e-12);
            assert!((gap(Norm::L1, &[0.5, 1.0]) - 1.5).abs() < 1e-12);
            assert!((gap(Norm::L2, &[4.5, 8.5]) - 7.0).abs() < 1e-12);
            assert_eq!(
                gap(Norm::L2, &[4.5, -3.5]),
                0.0,
                "out of range it is nearer"
            );
        }
        assert!((optima.gap(Norm::L2, &[1.0, 1.0], &[1.0, 0.5]).unwrap() - 0.5).abs() < 1e-12);
        assert_eq!(optima.known.borrow().len(), 3, "each is reckoned once");
    }

    #[test]
    fn with_hidden_layers_nobody_knows() {
        let network = network(vec![layer(Mat::identity(2, 2)), layer(Mat::identity(2, 2))]);
        let optima = Optima::of(&network, RANGE);
        assert_eq!(optima.gap(Norm::L1, &[1.0, 1.0], &[1.0, 1.0]), None);
    }
}
