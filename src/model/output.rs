//! From logits to outputs and back.

use burn::tensor::{Tensor, activation};

use super::activation::{logit, sigmoid};
use crate::config::{OnOff, Output, Target};

impl Output {
    /// The outputs y of these logits.
    #[must_use]
    pub fn apply(self, logits: &[f64]) -> Vec<f64> {
        match self {
            Self::Linear => logits.to_vec(),
            Self::Logistic => logits.iter().map(|&z| sigmoid(z)).collect(),
            Self::Softmax => {
                let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<f64> = logits.iter().map(|&z| (z - highest).exp()).collect();
                let sum: f64 = powers.iter().sum();
                powers.iter().map(|power| power / sum).collect()
            }
        }
    }

    /// The same of the rows of a tensor.
    ///
    /// # Shapes
    /// - z, y: `[rows, outputs]`
    #[must_use]
    pub fn forward(self, z: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear => z,
            Self::Logistic => activation::sigmoid(z),
            Self::Softmax => activation::softmax(z, 1),
        }
    }

    /// How probable the outputs make exactly this class: `y_n` of softmax
    /// outputs; for logistic ones, which are independent, the product of `y_n`
    /// and every other 1 - `y_j`. Linear outputs are no probabilities.
    #[must_use]
    pub fn class_probability(self, logits: &[f64], class: usize) -> Option<f64> {
        match self {
            Self::Linear => None,
            Self::Softmax => self.apply(logits).get(class).copied(),
            Self::Logistic => {
                let signed = logits.iter().enumerate();
                Some(
                    signed
                        .map(|(k, &z)| sigmoid(if k == class { z } else { -z }))
                        .product(),
                )
            }
        }
    }
}

impl Output {
    /// How far the outputs are from the perfect ones for this class, 1 for it
    /// and 0 for the others: the largest difference. Linear outputs have none.
    #[must_use]
    pub fn class_error(self, logits: &[f64], class: usize) -> Option<f64> {
        let perfect = |k| if k == class { 1.0 } else { 0.0 };
        let outputs = self.apply(logits).into_iter().enumerate();
        let errors = outputs.map(|(k, y): (usize, f64)| (y - perfect(k)).abs());
        (self != Self::Linear).then(|| errors.fold(0.0, f64::max))
    }
}

impl Target {
    /// The logits z' asked for: one row a class, `outputs` long. For softmax,
    /// which fixes logits only up to a common shift, z' = ln y.
    #[must_use]
    pub fn logits(self, output: Output, outputs: usize) -> Vec<Vec<f64>> {
        let values = match self {
            Self::Logits(values) => values,
            Self::Outputs(OnOff { on, off }) => {
                let undo = |y: f64| match output {
                    Output::Linear => y,
                    Output::Logistic => logit(y),
                    Output::Softmax => y.ln(),
                };
                OnOff {
                    on: undo(on),
                    off: undo(off),
                }
            }
        };
        let row = |n| (0..outputs).map(move |k| if k == n { values.on } else { values.off });
        (0..outputs).map(|n| row(n).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lai 2021, section 2.2.1: the softmax of (10, -10, -10, -10, -10).
    #[test]
    fn the_papers_target_is_almost_certain() {
        let target = Target::Logits(OnOff {
            on: 10.0,
            off: -10.0,
        });
        let logits = target.logits(Output::Softmax, 5);
        assert_eq!(logits[1], [-10.0, 10.0, -10.0, -10.0, -10.0]);
        let y = Output::Softmax.apply(&logits[0]);
        assert!((1.0 - y[0] - 4.0 * (-20f64).exp()).abs() < 1e-15);
        assert!((y[1] - 2e-9).abs() < 1e-10);
    }

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

    proptest! {
        #[test]
        fn outputs_asked_for_are_outputs_given(on in 0.5..0.999f64, off in 0.001..0.499f64) {
            let target = Target::Outputs(OnOff { on, off });
            let y = Output::Logistic.apply(&target.logits(Output::Logistic, 3)[2]);
            prop_assert!((y[2] - on).abs() < 1e-12 && (y[0] - off).abs() < 1e-12);
            let y = Output::Softmax.apply(&target.logits(Output::Softmax, 3)[2]);
            prop_assert!((y[2] / y[0] - on / off).abs() < 1e-9 * on / off);
        }

        #[test]
        fn softmax_is_a_distribution_for_any_logits(z in proptest::collection::vec(-1e4..1e4, 1..8)) {
            let y = Output::Softmax.apply(&z);
            prop_assert!(y.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!((y.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
