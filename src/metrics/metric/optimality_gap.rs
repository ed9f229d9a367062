//! Optimality gaps: distances from the target above the least that images in range have.

use std::cell::RefCell;

use crate::config::{Norm, PixelRange};
use crate::invert::least_distance;
use crate::model::Network;

/// Least distances from targets, each computed when it is first needed.
pub struct LeastDistances<'a> {
    network: &'a Network,
    range: PixelRange,
    known: RefCell<Vec<Least>>,
}

struct Least {
    norm: Norm,
    target: Vec<f64>,
    distance: f64,
}

impl<'a> LeastDistances<'a> {
    /// Least distances of images in this range.
    pub fn new(network: &'a Network, range: PixelRange) -> Self {
        Self {
            network,
            range,
            known: RefCell::default(),
        }
    }

    /// Returns how much farther the logits are from the target than they need to be; none
    /// if the optimum is unknown.
    pub fn gap(&self, norm: Norm, target: &[f64], logits: &[f64]) -> Option<f64> {
        let pairs = target.iter().zip(logits);
        let residual: Vec<f64> = pairs.map(|(t, z)| t - z).collect();
        let gap = norm.of(&residual) - self.least(norm, target)?;
        // Below 0 there is nothing but rounding.
        Some(gap.max(0.0))
    }

    fn least(&self, norm: Norm, target: &[f64]) -> Option<f64> {
        let mut known = self.known.borrow_mut();
        let is_same = |least: &&Least| least.norm == norm && least.target == target;
        if let Some(least) = known.iter().find(is_same) {
            return Some(least.distance);
        }
        let distance = least_distance(self.network, self.range, norm, target)?;
        known.push(Least {
            norm,
            target: target.to_vec(),
            distance,
        });
        Some(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Layer, Output};
    use faer::Mat;

    const RANGE: PixelRange = PixelRange::UNIT;

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
        let optima = LeastDistances::new(&network, RANGE);
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
        assert_eq!(optima.known.borrow().len(), 3, "each is computed once");
    }

    #[test]
    fn with_hidden_layers_the_optimum_is_unknown() {
        let network = network(vec![layer(Mat::identity(2, 2)), layer(Mat::identity(2, 2))]);
        let optima = LeastDistances::new(&network, RANGE);
        assert_eq!(optima.gap(Norm::L1, &[1.0, 1.0], &[1.0, 1.0]), None);
    }
}
