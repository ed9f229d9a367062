//! What the activations compute: on numbers, on tensors, and backwards.

use burn::tensor::{Tensor, activation};

use crate::config::Activation;

impl Activation {
    /// f(x).
    #[must_use]
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Sigmoid => sigmoid(x),
            Self::Tanh => x.tanh(),
            Self::Relu => x.max(0.0),
            Self::LeakyRelu { slope } if x < 0.0 => slope * x,
            Self::LeakyRelu { .. } => x,
            Self::Elu if x < 0.0 => x.exp_m1(),
            Self::Elu => x,
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        }
    }

    /// f'(x), with kinks rounded off over `width` to either side: the slope of the
    /// mean of f from x - width to x + width. At a kink of width 0 that of its right.
    #[must_use]
    pub fn slope(self, x: f64, width: f64) -> f64 {
        let bent = |left: f64| {
            if width > 0.0 {
                let right = ((x + width) / (2.0 * width)).clamp(0.0, 1.0);
                left + (1.0 - left) * right
            } else if x < 0.0 {
                left
            } else {
                1.0
            }
        };
        match self {
            Self::Identity => 1.0,
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::Tanh => 1.0 - x.tanh().powi(2),
            Self::Relu => bent(0.0),
            Self::LeakyRelu { slope } => bent(slope),
            Self::Elu => x.exp().min(1.0),
            Self::Softplus => sigmoid(x),
        }
    }

    /// f(x), with kinks rounded off as [`Activation::slope`] has it.
    #[must_use]
    pub fn rounded(self, x: f64, width: f64) -> f64 {
        let left = match self {
            Self::Relu => 0.0,
            Self::LeakyRelu { slope } => slope,
            _ => return self.apply(x),
        };
        if width <= 0.0 || x.abs() >= width {
            return self.apply(x);
        }
        // From -width on the slope rises evenly from that of the left to 1.
        let from = x + width;
        left * x + (1.0 - left) * from * from / (4.0 * width)
    }

    /// The x with f(x) = y; nothing if there is no such x, or more than one.
    #[must_use]
    pub fn inverse(self, y: f64) -> Option<f64> {
        let within = |low: f64, high: f64| (y > low && y < high).then_some(y);
        match self {
            Self::Identity => Some(y),
            Self::Sigmoid => within(0.0, 1.0).map(logit),
            Self::Tanh => within(-1.0, 1.0).map(f64::atanh),
            Self::Relu => within(0.0, f64::INFINITY),
            Self::LeakyRelu { slope } if y < 0.0 => Some(y / slope),
            Self::LeakyRelu { .. } => Some(y),
            Self::Elu if y < 0.0 => within(-1.0, 0.0).map(f64::ln_1p),
            Self::Elu => Some(y),
            // ln(exp(y) - 1), written so that a large y does not overflow.
            Self::Softplus => within(0.0, f64::INFINITY).map(|y| y + (-(-y).exp_m1()).ln()),
        }
    }

    /// f of every element; the shape stays.
    #[must_use]
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Identity => x,
            Self::Sigmoid => activation::sigmoid(x),
            Self::Tanh => activation::tanh(x),
            Self::Relu => activation::relu(x),
            Self::LeakyRelu { slope } => activation::leaky_relu(x, slope),
            Self::Elu => activation::elu(x, 1.0),
            Self::Softplus => activation::softplus(x, 1.0),
        }
    }
}

/// 1 / (1 + exp(-x)), without overflow for any x.
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        x.exp() / (1.0 + x.exp())
    }
}

/// The inverse of [`sigmoid`] on (0, 1).
pub fn logit(y: f64) -> f64 {
    y.ln() - (-y).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    const ALL: [Activation; 7] = Activation::ALL;

    #[test]
    fn values_worked_out_by_hand() {
        let e = std::f64::consts::E;
        let at = |x: f64| ALL.map(|f| f.apply(x));
        let expected = [
            -1.0,
            1.0 / (1.0 + e),
            (1.0 - e * e) / (1.0 + e * e),
            0.0,
            -0.01,
            1.0 / e - 1.0,
            (1.0 + 1.0 / e).ln(),
        ];
        for (got, expected) in at(-1.0).into_iter().zip(expected) {
            assert!((got - expected).abs() < 1e-15, "{got} {expected}");
        }
        assert_eq!(at(0.0), [0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 2f64.ln()]);
    }

    #[test]
    fn what_no_input_gives_has_no_inverse() {
        assert_eq!(Activation::Sigmoid.inverse(1.0), None);
        assert_eq!(Activation::Tanh.inverse(-1.5), None);
        assert_eq!(Activation::Relu.inverse(0.0), None, "every x <= 0 gives 0");
        assert_eq!(Activation::Elu.inverse(-1.0), None);
        assert_eq!(Activation::Softplus.inverse(0.0), None);
        for f in ALL {
            let onto = [-1e3, -1.0, 0.0, 1.0, 1e3].map(|y| f.inverse(y).is_some());
            assert_eq!(onto.iter().all(|&has| has), f.is_onto(), "{}", f.name());
        }
    }

    proptest! {
            #[test]
            fn the_inverse_gives_the_input_back(x in -5.0..5.0f64) {
                for f in ALL {
                    if let Some(back) = f.inverse(f.apply(x)) {
                        prop_assert!((back - x).abs() < 1e-10, "{} {x} {back}", f.name());
                    }
                }
            }

            /// Where f is flat, the last digit of y stands for many x; all must give y.
            #[test]
            fn the_inverse_is_an_input_of_the_value(x in -700.0..700.0f64) {
                for f in ALL {
                    let y = f.apply(x);
                    if let Some(back) = f.inverse(y) {
                        let close = (f.apply(back) - y).abs() <= 1e-12 * y.abs();
                        prop_assert!(close, "{} {x} {back}", f.name());
                    }
                }
            }

            /// In single precision, and to two roundings of the numbers near 1 that
            /// burn takes differences of: its elu is exp(x) - 1.
            #[test]
            fn tensors_and_numbers_agree(x in -30.0..30.0f32) {
                let device = Device::flex();
                for f in ALL {
                    let tensor = Tensor::<1>::from_data(TensorData::from([x]), &device);
                    let got = f64::from(f.forward(tensor).into_scalar::<f32>());
                    let expected = f.apply(f64::from(x));
    let close = (got - expected).abs() <= 1e-6 * expected.abs() + 2.5e-7;
                    prop_assert!(close, "{} {x}: {got} {expected}", f.name());
                }
            }
        }
}
