//! Activations of hidden layers: names, formulas, derivatives and inverses.

use burn::tensor::{Tensor, activation};
use serde::Serialize;

/// The activation f of hidden layers, element by element.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Activation {
    /// f(x) = x
    Identity,
    /// f(x) = 1 / (1 + exp(-x))
    Sigmoid,
    /// f(x) = tanh x
    Tanh,
    /// f(x) = max(x, 0)
    Relu,
    /// f(x) = x if x >= 0, otherwise slope x
    LeakyRelu {
        /// Above 0.
        slope: f64,
    },
    /// f(x) = x if x >= 0, otherwise exp(x) - 1
    Elu,
    /// f(x) = ln(1 + exp(x))
    Softplus,
}

impl Activation {
    /// All activations; `leaky_relu` has its default slope.
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu { slope: 0.01 },
        Self::Elu,
        Self::Softplus,
    ];

    /// Returns the name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu => "elu",
            Self::Softplus => "softplus",
        }
    }

    /// Returns f(x).
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Activation;
    ///
    /// assert_eq!(Activation::LeakyRelu { slope: 0.1 }.apply(-2.0), -0.2);
    /// assert_eq!(Activation::Sigmoid.apply(0.0), 0.5);
    /// ```
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

    /// Returns f of every element; the shape stays.
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

    /// Returns true if the derivative jumps at 0.
    pub fn has_kink(self) -> bool {
        self.slope_below_kink().is_some()
    }

    /// Returns the derivative left of the kink at 0; right of it the derivative is 1.
    fn slope_below_kink(self) -> Option<f64> {
        match self {
            Self::Relu => Some(0.0),
            Self::LeakyRelu { slope } => Some(slope),
            Self::Identity | Self::Sigmoid | Self::Tanh | Self::Elu | Self::Softplus => None,
        }
    }

    /// Returns the derivative of [`Activation::smoothed`] at x. A kink that is not
    /// smoothed has its right derivative.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Activation;
    ///
    /// assert_eq!(Activation::Relu.derivative(-1.0, 0.0), 0.0);
    /// assert_eq!(Activation::Relu.derivative(0.0, 0.5), 0.5);
    /// assert_eq!(Activation::Sigmoid.derivative(0.0, 0.0), 0.25);
    /// ```
    pub fn derivative(self, x: f64, width: f64) -> f64 {
        let kinked = |left: f64| {
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
            Self::Relu => kinked(0.0),
            Self::LeakyRelu { slope } => kinked(slope),
            Self::Elu => x.exp().min(1.0),
            Self::Softplus => sigmoid(x),
        }
    }

    /// Returns f(x) with its kink smoothed: the mean of f from x - width to x + width.
    /// Activations without a kink stay as they are.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Activation;
    ///
    /// // The mean of max(x, 0) from -1 to 1.
    /// assert_eq!(Activation::Relu.smoothed(0.0, 1.0), 0.25);
    /// assert_eq!(Activation::Relu.smoothed(2.0, 1.0), 2.0);
    /// ```
    pub fn smoothed(self, x: f64, width: f64) -> f64 {
        let Some(left) = self.slope_below_kink() else {
            return self.apply(x);
        };
        if width <= 0.0 || x.abs() >= width {
            return self.apply(x);
        }
        // The derivative rises linearly from `left` at -width to 1 at width.
        let from = x + width;
        left * x + (1.0 - left) * from * from / (4.0 * width)
    }

    /// Returns the open interval of values that f takes exactly once.
    pub fn range(self) -> (f64, f64) {
        const UNBOUNDED: f64 = f64::INFINITY;
        match self {
            Self::Identity | Self::LeakyRelu { .. } => (-UNBOUNDED, UNBOUNDED),
            Self::Sigmoid => (0.0, 1.0),
            Self::Tanh => (-1.0, 1.0),
            Self::Relu | Self::Softplus => (0.0, UNBOUNDED),
            Self::Elu => (-1.0, UNBOUNDED),
        }
    }

    /// Returns true if f takes every real number exactly once.
    pub fn is_onto(self) -> bool {
        self.range() == (f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Returns the x with f(x) = y, unless no x or more than one has that value.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Activation;
    ///
    /// assert_eq!(Activation::LeakyRelu { slope: 0.5 }.inverse(-1.0), Some(-2.0));
    /// assert_eq!(Activation::Relu.inverse(0.0), None);
    /// ```
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
            // ln(exp(y) - 1), without overflow for large y.
            Self::Softplus => within(0.0, f64::INFINITY).map(|y| y + (-(-y).exp_m1()).ln()),
        }
    }
}

/// Returns 1 / (1 + exp(-x)) without overflow.
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        x.exp() / (1.0 + x.exp())
    }
}

/// Inverts [`sigmoid`] on (0, 1).
pub fn logit(y: f64) -> f64 {
    y.ln() - (-y).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    #[test]
    fn values_by_hand() {
        let e = std::f64::consts::E;
        let at = |x: f64| Activation::ALL.map(|f| f.apply(x));
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
    fn values_out_of_range_have_no_inverse() {
        assert_eq!(Activation::Sigmoid.inverse(1.0), None);
        assert_eq!(Activation::Tanh.inverse(-1.5), None);
        assert_eq!(Activation::Relu.inverse(0.0), None, "every x <= 0 gives 0");
        assert_eq!(Activation::Elu.inverse(-1.0), None);
        assert_eq!(Activation::Softplus.inverse(0.0), None);
        for f in Activation::ALL {
            let onto = [-1e3, -1.0, 0.0, 1.0, 1e3].map(|y| f.inverse(y).is_some());
            assert_eq!(onto.iter().all(|&has| has), f.is_onto(), "{}", f.name());
        }
    }

    proptest! {
        #[test]
        fn inverse_recovers_the_input(x in -5.0..5.0f64) {
            for f in Activation::ALL {
                if let Some(back) = f.inverse(f.apply(x)) {
                    prop_assert!((back - x).abs() < 1e-10, "{} {x} {back}", f.name());
                }
            }
        }

        /// Many x share the last digit of y where f is flat; any of them must give y.
        #[test]
        fn inverse_is_an_input_of_the_value(x in -700.0..700.0f64) {
            for f in Activation::ALL {
                let y = f.apply(x);
                if let Some(back) = f.inverse(y) {
                    let close = (f.apply(back) - y).abs() <= 1e-12 * y.abs();
                    prop_assert!(close, "{} {x} {back}", f.name());
                }
            }
        }

        /// Single precision, within two roundings of numbers near 1: burn's elu
        /// computes exp(x) - 1.
        #[test]
        fn tensors_and_numbers_agree(x in -30.0..30.0f32) {
            let device = Device::flex();
            for f in Activation::ALL {
                let tensor = Tensor::<1>::from_data(TensorData::from([x]), &device);
                let got = f64::from(f.forward(tensor).into_scalar::<f32>());
                let expected = f.apply(f64::from(x));
                let close = (got - expected).abs() <= 1e-6 * expected.abs() + 2.5e-7;
                prop_assert!(close, "{} {x}: {got} {expected}", f.name());
            }
        }
    }
}
