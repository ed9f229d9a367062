//! The layers above the first one, with the kinks of their activations smoothed.

use faer::Mat;

use crate::model::{Activation, Layer, Network, map};

/// Layers above the first one: a function from first-layer values to logits.
#[derive(Clone, Copy)]
pub struct UpperLayers<'a> {
    pub layers: &'a [Layer],
    pub activation: Activation,
}

impl<'a> UpperLayers<'a> {
    /// Upper layers of a network; none of a single-layer one.
    pub fn new(network: &'a Network) -> Self {
        Self {
            layers: &network.layers[1..],
            activation: network.activation,
        }
    }

    /// Returns true if logits are a function with kinks.
    pub fn has_kinks(self) -> bool {
        self.activation.has_kink() && !self.layers.is_empty()
    }

    /// Returns the logits of first-layer values h, with kinks smoothed over this width.
    pub fn logits(self, h: &Mat<f64>, width: f64) -> Mat<f64> {
        let f = |z: f64| self.activation.smoothed(z, width);
        let layers = self.layers.iter();
        layers.fold(h.clone(), |z, layer| layer.apply(&map(&z, f)))
    }

    /// Returns the derivatives of the logits by first-layer values: units x outputs.
    pub fn jacobian(self, h: &Mat<f64>, width: f64) -> Mat<f64> {
        let f = self.activation;
        let mut z = h.clone();
        let mut jacobian = Mat::identity(h.ncols(), h.ncols());
        for layer in self.layers {
            let scaled = |i, j| jacobian[(i, j)] * f.derivative(z[(0, j)], width);
            jacobian = &Mat::from_fn(jacobian.nrows(), jacobian.ncols(), scaled) * &layer.weight;
            z = layer.apply(&map(&z, |z| f.smoothed(z, width)));
        }
        jacobian
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Output;
    use crate::rng::stream;
    use proptest::prelude::*;

    proptest! {
        /// Derivatives are the limits of finite differences, for every activation and width.
        #[test]
        fn the_jacobian_is_that_of_finite_differences(seed in 0u64..30, width in 0.0..2.0f64) {
            for activation in Activation::ALL {
                let mut draws = stream(seed, "network");
                let layers = [1, 6, 5, 4, 3];
                let layers = layers.windows(2).map(|pair| Layer {
                    weight: Mat::from_fn(pair[0], pair[1], |_, _| draws.normal()),
                    bias: Some((0..pair[1]).map(|_| draws.normal()).collect()),
                });
                let layers = layers.collect();
                let network = Network { layers, activation, output: Output::Linear };
                let upper = UpperLayers::new(&network);
                let h = Mat::from_fn(1, 6, |_, i| 0.3 + 0.2 * i as f64);
                let jacobian = upper.jacobian(&h, width);
                let step = 1e-6;
                for i in 0..6 {
                    let moved = |by: f64| {
                        upper.logits(&Mat::from_fn(1, 6, |_, k| h[(0, k)] + if k == i { by } else { 0.0 }), width)
                    };
                    let (up, down) = (moved(step), moved(-step));
                    for k in 0..3 {
                        let found = (up[(0, k)] - down[(0, k)]) / (2.0 * step);
                        let near = (found - jacobian[(i, k)]).abs() < 1e-4 * (1.0 + found.abs());
                        prop_assert!(near, "{activation:?} {found} {}", jacobian[(i, k)]);
                    }
                }
            }
        }
    }
}
