//! Activations of the last layer: outputs from logits and back.

use burn::tensor::{Tensor, activation};
use serde::Serialize;

use super::activation::{Activation, logit, sigmoid};

/// The activation of the last layer, from logits z to outputs y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// `y_k = exp(z_k) / sum_j exp(z_j)`.
    Softmax,
    /// `y_k = 1 / (1 + exp(-z_k))`.
    Logistic,
    /// `y = z`.
    Linear,
}

impl Output {
    /// All output activations.
    pub const ALL: [Self; 3] = [Self::Softmax, Self::Logistic, Self::Linear];

    /// Returns the name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Softmax => "softmax",
            Self::Logistic => "logistic",
            Self::Linear => "linear",
        }
    }

    /// Returns the outputs y of the logits z of one row.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Output;
    ///
    /// assert_eq!(Output::Logistic.apply(&[0.0, 0.0]), [0.5, 0.5]);
    /// let y = Output::Softmax.apply(&[0.0, 3f64.ln()]);
    /// assert!((y[1] - 0.75).abs() < 1e-15);
    /// ```
    pub fn apply(self, logits: &[f64]) -> Vec<f64> {
        match self {
            Self::Linear => logits.to_vec(),
            Self::Logistic => logits.iter().map(|&z| sigmoid(z)).collect(),
            Self::Softmax => {
                let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let exps: Vec<f64> = logits.iter().map(|&z| (z - highest).exp()).collect();
                let sum: f64 = exps.iter().sum();
                exps.iter().map(|exp| exp / sum).collect()
            }
        }
    }

    /// Returns the outputs of every row of logits.
    ///
    /// # Shapes
    /// - z, y: `[rows, outputs]`
    pub fn forward(self, z: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear => z,
            Self::Logistic => activation::sigmoid(z),
            Self::Softmax => activation::softmax(z, 1),
        }
    }

    /// Returns the logit of an output. Softmax fixes logits only up to a common shift;
    /// the logit returned is ln y.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Output;
    ///
    /// assert_eq!(Output::Logistic.inverse(0.5), 0.0);
    /// assert_eq!(Output::Softmax.inverse(1.0), 0.0);
    /// ```
    pub fn inverse(self, y: f64) -> f64 {
        match self {
            Self::Linear => y,
            Self::Logistic => logit(y),
            Self::Softmax => y.ln(),
        }
    }

    /// Returns the probability of exactly this class: `y_n` for softmax, and the product
    /// of `y_n` and all 1 - `y_j` for the independent logistic outputs. Linear outputs
    /// are no probabilities.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Output;
    ///
    /// assert_eq!(Output::Logistic.class_probability(&[0.0, 0.0], 1), Some(0.25));
    /// assert_eq!(Output::Softmax.class_probability(&[0.0, 0.0], 1), Some(0.5));
    /// ```
    pub fn class_probability(self, logits: &[f64], class: usize) -> Option<f64> {
        match self {
            Self::Linear => None,
            Self::Softmax => self.apply(logits).get(class).copied(),
            Self::Logistic => {
                let signed = logits.iter().enumerate();
                let probability = |(k, &z): (usize, &f64)| sigmoid(if k == class { z } else { -z });
                Some(signed.map(probability).product())
            }
        }
    }

    /// Returns `-ln p` of exactly this class, also where p rounds to 0 or 1. Linear outputs
    /// count as softmax.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Output;
    ///
    /// let ln_2 = std::f64::consts::LN_2;
    /// assert!((Output::Softmax.cross_entropy(&[0.0, 0.0], 1) - ln_2).abs() < 1e-15);
    /// assert!((Output::Logistic.cross_entropy(&[0.0, 0.0], 1) - 2.0 * ln_2).abs() < 1e-15);
    /// ```
    pub fn cross_entropy(self, logits: &[f64], class: usize) -> f64 {
        let own = logits[class];
        let others = logits.iter().enumerate().filter(|&(k, _)| k != class);
        match self {
            Self::Softmax | Self::Linear => {
                let above = others.map(|(_, other)| other - own);
                let highest = above.clone().fold(0.0, f64::max);
                let sum: f64 = above.map(|d| (d - highest).exp()).sum();
                // With the class's own term `exp(-highest)`, which is 1 where it is the highest.
                highest + (sum + (-highest).exp_m1()).ln_1p()
            }
            Self::Logistic => {
                let softplus = |x| Activation::Softplus.apply(x);
                softplus(-own) + others.map(|(_, &z)| softplus(z)).sum::<f64>()
            }
        }
    }

    /// Returns the largest absolute difference between the outputs and the one-hot vector
    /// of this class. Linear outputs have none.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::Output;
    ///
    /// assert_eq!(Output::Softmax.class_error(&[0.0, 0.0], 1), Some(0.5));
    /// ```
    pub fn class_error(self, logits: &[f64], class: usize) -> Option<f64> {
        let one_hot = |k| if k == class { 1.0 } else { 0.0 };
        let outputs = self.apply(logits).into_iter().enumerate();
        let errors = outputs.map(|(k, y)| (y - one_hot(k)).abs());
        (self != Self::Linear).then(|| errors.fold(0.0, f64::max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn class_probability_by_hand() {
        let z = [0.0, 3f64.ln()];
        assert!((Output::Softmax.class_probability(&z, 1).unwrap() - 0.75).abs() < 1e-15);
        // s(0) = 1/2, s(ln 3) = 3/4: "only the second" is 1/2 * 3/4.
        assert!((Output::Logistic.class_probability(&z, 1).unwrap() - 0.375).abs() < 1e-15);
        assert_eq!(Output::Linear.class_probability(&z, 1), None);
        // Softmax (1/4, 3/4) misses (0, 1) by 1/4; logistic (1/2, 3/4) by 1/2.
        assert!((Output::Softmax.class_error(&z, 1).unwrap() - 0.25).abs() < 1e-15);
        assert!((Output::Logistic.class_error(&z, 1).unwrap() - 0.5).abs() < 1e-15);
        assert_eq!(Output::Linear.class_error(&z, 1), None);
    }

    /// Equal logits of two classes, and logits so far apart that probabilities round to 1
    /// and 0.
    #[test]
    fn cross_entropies_by_hand() {
        let of = |output: Output, z: [f64; 2]| output.cross_entropy(&z, 0);
        let near = |found: f64, expected: f64| {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        };
        for output in [Output::Softmax, Output::Linear] {
            near(of(output, [3.0, 3.0]), 2f64.ln());
            near(of(output, [0.0, 2f64.ln()]), 3f64.ln());
            near(of(output, [100.0, 0.0]), (-100f64).exp());
            near(of(output, [0.0, 1e5]), 1e5);
        }
        near(of(Output::Logistic, [0.0, 0.0]), 2.0 * 2f64.ln());
        near(of(Output::Logistic, [100.0, -100.0]), 2.0 * (-100f64).exp());
        near(of(Output::Logistic, [-1e5, 1e5]), 2e5);
    }

    proptest! {
        #[test]
        fn softmax_is_a_distribution_for_any_logits(z in proptest::collection::vec(-1e4..1e4, 1..8)) {
            let y = Output::Softmax.apply(&z);
            prop_assert!(y.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!((y.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
