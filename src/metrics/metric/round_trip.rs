//! Round trips: the values that a layered inverse asks of the hidden layers against
//! those that the network computes for it.

use faer::Mat;

use crate::invert::PreimageTarget;
use crate::model::Network;

/// Hidden layers of the inverses of one setting, on the backward pass and forward.
pub struct RoundTrip<'a> {
    network: &'a Network,
    /// Values on the backward pass, from the first hidden layer on; empty without one.
    asked: &'a [PreimageTarget],
    /// Values forward: classes x units of each of those layers.
    given: Vec<Mat<f64>>,
}

impl<'a> RoundTrip<'a> {
    /// Round trip of inverses, classes x inputs, that a backward pass gave.
    pub fn new(network: &'a Network, images: &Mat<f64>, asked: &'a [PreimageTarget]) -> Self {
        let given = if asked.is_empty() {
            Vec::new()
        } else {
            network.hidden(images)
        };
        Self {
            network,
            asked,
            given,
        }
    }

    /// Returns the relative error of the first hidden layer.
    pub fn first(&self, class: usize) -> Option<f64> {
        error(self.asked.first()?, self.given.first()?, class)
    }

    /// Returns the relative error of the last hidden layer.
    pub fn last(&self, class: usize) -> Option<f64> {
        error(self.asked.last()?, self.given.last()?, class)
    }

    /// Returns the fraction of values asked for that the activation has no inverse for.
    pub fn out_of_range(&self, class: usize) -> Option<f64> {
        let asked = self.asked.iter();
        let values: Vec<f64> = asked
            .flat_map(|asked| asked.values.row(class).iter())
            .copied()
            .collect();
        let has_none = |value: &&f64| self.network.activation.inverse(**value).is_none();
        let outside = values.iter().filter(has_none).count();
        (!values.is_empty()).then(|| outside as f64 / values.len() as f64)
    }
}

/// Returns `||a - b|| / ||b||` of the values a that a layer gives and b that it should; none
/// if b is zero.
fn error(asked: &PreimageTarget, given: &Mat<f64>, class: usize) -> Option<f64> {
    let (a, b) = (given.row(class), asked.projected.row(class));
    let norm = b.norm_l2();
    (norm > 0.0).then(|| (a - b).norm_l2() / norm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Layer, Output};

    /// Two hidden layers of two units: x is doubled, then halved.
    fn network(activation: Activation) -> Network {
        let layer = |factor: f64| Layer {
            weight: Mat::from_fn(2, 2, |i, j| if i == j { factor } else { 0.0 }),
            bias: None,
        };
        Network {
            layers: vec![layer(2.0), layer(0.5), layer(1.0)],
            activation,
            output: Output::Softmax,
        }
    }

    fn asked(values: Mat<f64>, projected: Mat<f64>) -> PreimageTarget {
        PreimageTarget { values, projected }
    }

    /// (1, 2) becomes (2, 4) and (1, 2); asked for were (2, 1) and (1, 0).
    #[test]
    fn round_trips_by_hand() {
        let network = network(Activation::Identity);
        let any = faer::mat![[0.0, 0.0]];
        let asked = [
            asked(any.clone(), faer::mat![[2.0, 1.0]]),
            asked(any, faer::mat![[1.0, 0.0]]),
        ];
        let trip = RoundTrip::new(&network, &faer::mat![[1.0, 2.0]], &asked);
        assert!((trip.first(0).unwrap() - 3.0 / 5f64.sqrt()).abs() < 1e-12);
        assert!((trip.last(0).unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(trip.out_of_range(0), Some(0.0), "everything has an inverse");
    }

    /// Of -0.5, 0.5, 1 and 0.9 the logistic function gives the second and the last.
    #[test]
    fn values_out_of_range_by_hand() {
        let network = network(Activation::Sigmoid);
        let half = faer::mat![[0.5, 0.5]];
        let asked = [
            asked(faer::mat![[-0.5, 0.5]], half.clone()),
            asked(faer::mat![[1.0, 0.9]], half),
        ];
        let trip = RoundTrip::new(&network, &faer::mat![[1.0, 2.0]], &asked);
        assert_eq!(trip.out_of_range(0), Some(0.5));
    }

    #[test]
    fn without_a_backward_pass_there_is_no_round_trip() {
        let network = network(Activation::Identity);
        let trip = RoundTrip::new(&network, &faer::mat![[1.0, 2.0]], &[]);
        assert_eq!((trip.first(0), trip.last(0)), (None, None));
        assert_eq!(trip.out_of_range(0), None);
    }
}
