//! Targets of inversions: logits or outputs wanted for a class.

use serde::Serialize;

use super::output::Output;

/// The section `[target]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Values of the logits z.
    Logits(OnOff),
    /// Values of the outputs y.
    Outputs(OnOff),
}

/// A value for the wanted class and another for every other class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OnOff {
    /// Value of the wanted class, the higher one.
    pub on: f64,
    /// Value of the other classes.
    pub off: f64,
}

impl OnOff {
    /// A one-hot vector.
    pub const ONE_HOT: Self = Self { on: 1.0, off: 0.0 };
}

impl Target {
    /// Returns the logits z' wanted for each class, from outputs through
    /// [`Output::inverse`]: one row per class, `outputs` long.
    ///
    /// # Examples
    /// ```
    /// use backquery::model::{OnOff, Output, Target};
    ///
    /// let target = Target::Outputs(OnOff { on: 1.0, off: 0.5 });
    /// assert_eq!(target.logits(Output::Linear, 2), [[1.0, 0.5], [0.5, 1.0]]);
    /// ```
    pub fn logits(self, output: Output, outputs: usize) -> Vec<Vec<f64>> {
        let OnOff { on, off } = match self {
            Self::Logits(values) => values,
            Self::Outputs(OnOff { on, off }) => OnOff {
                on: output.inverse(on),
                off: output.inverse(off),
            },
        };
        let row = |n| (0..outputs).map(move |k| if k == n { on } else { off });
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

    proptest! {
        #[test]
        fn outputs_asked_for_are_outputs_given(on in 0.5..0.999f64, off in 0.001..0.499f64) {
            let target = Target::Outputs(OnOff { on, off });
            let y = Output::Logistic.apply(&target.logits(Output::Logistic, 3)[2]);
            prop_assert!((y[2] - on).abs() < 1e-12 && (y[0] - off).abs() < 1e-12);
            let y = Output::Softmax.apply(&target.logits(Output::Softmax, 3)[2]);
            prop_assert!((y[2] / y[0] - on / off).abs() < 1e-9 * on / off);
        }
    }
}
