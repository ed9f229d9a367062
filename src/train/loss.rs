//! Losses, from logits so that none of them overflows.

use burn::tensor::{Tensor, activation};
use serde::Serialize;

use crate::kernels::{Nonlinearity, RowLoss, SingleLoss, mean_loss};
use crate::model::{Output, is_flex, total};

/// The loss to minimise: the mean over the rows of a batch of a sum over the outputs. The
/// targets t are one-hot unless [`Train::targets`](super::Train::targets) differs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Loss {
    /// `-sum_k t_k ln y_k` of softmax outputs.
    CrossEntropy,
    /// `-sum_k (t_k ln y_k + (1 - t_k) ln(1 - y_k))` of logistic outputs.
    BinaryCrossEntropy,
    /// `scale sum_k (t_k - y_k)^2`.
    SquaredError {
        /// Above 0: 1/2 for the usual gradient t - y, 1 for the plain sum.
        scale: f64,
    },
}

impl Loss {
    /// All losses; `squared_error` has its default scale.
    pub const ALL: [Self; 3] = [
        Self::CrossEntropy,
        Self::BinaryCrossEntropy,
        Self::SquaredError { scale: 1.0 },
    ];

    /// Returns the name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross_entropy",
            Self::BinaryCrossEntropy => "binary_cross_entropy",
            Self::SquaredError { .. } => "squared_error",
        }
    }

    /// Returns the output activation that the loss is defined on, if there is only one.
    pub fn required_output(self) -> Option<Output> {
        match self {
            Self::CrossEntropy => Some(Output::Softmax),
            Self::BinaryCrossEntropy => Some(Output::Logistic),
            Self::SquaredError { .. } => None,
        }
    }

    /// Returns the mean loss of the rows, for an output that
    /// [`Loss::required_output`] allows.
    ///
    /// # Shapes
    /// - z, t: `[rows, outputs]`, logits and targets
    /// - mean: `[1]`
    pub fn mean(self, output: Output, z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
        if !is_flex(&z.device()) {
            return self.plain(output, z, t);
        }
        match self {
            Self::CrossEntropy => mean_loss(z, t, RowLoss::CrossEntropy),
            Self::BinaryCrossEntropy => mean_loss(z, t, RowLoss::BinaryCrossEntropy),
            Self::SquaredError { .. } => self.plain(output, z, t),
        }
    }

    /// Returns the loss as the kernel of steps by single rows has it, for an output that
    /// [`Loss::required_output`] allows; none for squared errors of softmax outputs.
    pub(super) fn of_single_rows(self, output: Output) -> Option<SingleLoss> {
        let squares = |scale: f64, output: Nonlinearity| SingleLoss::Squares {
            scale: scale as f32,
            output,
        };
        match (self, output) {
            (Self::CrossEntropy, _) => Some(SingleLoss::Entropy(RowLoss::CrossEntropy)),
            (Self::BinaryCrossEntropy, _) => Some(SingleLoss::Entropy(RowLoss::BinaryCrossEntropy)),
            (Self::SquaredError { scale }, Output::Logistic) => {
                Some(squares(scale, Nonlinearity::Sigmoid))
            }
            (Self::SquaredError { scale }, Output::Linear) => {
                Some(squares(scale, Nonlinearity::Identity))
            }
            (Self::SquaredError { .. }, Output::Softmax) => None,
        }
    }

    /// Computes the mean by burn's tensors, on any device.
    fn plain(self, output: Output, z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
        let rows = z.dims()[0] as f64;
        let sum = match self {
            Self::CrossEntropy => -total(t * activation::log_softmax(z, 1)),
            // -t ln s(z) - (1 - t) ln(1 - s(z)) = -ln s(-z) - t z
            Self::BinaryCrossEntropy => -total(activation::log_sigmoid(z.clone().neg()) + t * z),
            Self::SquaredError { scale } => total((t - output.forward(z)).square()) * scale,
        };
        sum / rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::numbers;
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    const BCE: (Loss, Output) = (Loss::BinaryCrossEntropy, Output::Logistic);
    const CE: (Loss, Output) = (Loss::CrossEntropy, Output::Softmax);

    fn value((loss, output): (Loss, Output), z: &[f32], t: &[f32], rows: usize) -> f64 {
        let tensor = |values: &[f32]| {
            let data = TensorData::new(values.to_vec(), [rows, values.len() / rows]);
            Tensor::<2>::from_data(data, &Device::flex())
        };
        let mean = loss.mean(output, tensor(z), tensor(t));
        f64::from(mean.into_scalar::<f32>())
    }

    #[test]
    fn values_by_hand() {
        let z = [0.0, 3f32.ln()];
        let t = [0.0, 1.0];
        let squared = |scale, output| (Loss::SquaredError { scale }, output);
        let cases = [
            (CE, -(0.75f64.ln())),
            (BCE, 2f64.ln() + (4f64 / 3.0).ln()),
            (squared(1.0, Output::Softmax), 0.125),
            (squared(0.5, Output::Logistic), 0.15625),
            (squared(1.0, Output::Linear), (3f64.ln() - 1.0).powi(2)),
        ];
        for (case, expected) in cases {
            let got = value(case, &z, &t, 1);
            assert!((got - expected).abs() < 1e-6, "{case:?}: {got} {expected}");
        }
        // Sums over outputs, means over rows: a second row of the same is no change.
        let twice = value(BCE, &[z, z].concat(), &[t, t].concat(), 2);
        assert!((twice - value(BCE, &z, &t, 1)).abs() < 1e-6);
    }

    #[test]
    fn extreme_logits_do_not_overflow() {
        assert_eq!(value(BCE, &[1e4, -1e4], &[1.0, 0.0], 1), 0.0);
        assert_eq!(value(BCE, &[1e4, -1e4], &[0.0, 1.0], 1), 2e4);
        assert_eq!(value(CE, &[1e4, -1e4], &[0.0, 1.0], 1), 2e4);
    }

    proptest! {
        /// The kernel gives what burn's tensors give.
        #[test]
        fn kernel_and_tensors_agree(
            // More numbers than one logarithm covers, or few.
            rows in prop_oneof![1usize..5, 171usize..400],
            z in proptest::collection::vec(-30.0..30.0f32, 400 * 3),
            classes in proptest::collection::vec(0usize..3, 400),
        ) {
            let device = Device::flex().autodiff();
            let z = &z[..rows * 3];
            let one_hot = |k: usize| f32::from(u8::from(classes[k / 3] == k % 3));
            let t: Vec<f32> = (0..z.len()).map(one_hot).collect();
            let tensor = |values: &[f32]| {
                Tensor::<2>::from_data(TensorData::new(values.to_vec(), [rows, 3]), &device)
            };
            for (loss, output) in [CE, BCE] {
                let both = [true, false].map(|by_kernel| {
                    let z = tensor(z).require_grad();
                    let mean = if by_kernel {
                        loss.mean(output, z.clone(), tensor(&t))
                    } else {
                        loss.plain(output, z.clone(), tensor(&t))
                    };
                    let gradient = z.grad(&mean.backward()).unwrap();
                    (numbers(mean).unwrap()[0], numbers(gradient).unwrap())
                });
                let [(value, gradient), (expected, exact)] = both;
                prop_assert!((value - expected).abs() <= 1e-5 * (1.0 + expected.abs()));
                for (g, e) in gradient.iter().zip(exact) {
                    prop_assert!((g - e).abs() <= 1e-6, "{g} {e}");
                }
            }
        }

        #[test]
        fn losses_from_logits_equal_losses_from_outputs(
            z in proptest::collection::vec(-8.0..8.0f32, 3),
            class in 0usize..3,
        ) {
            let t: Vec<f32> = (0..3).map(|k| f32::from(u8::from(k == class))).collect();
            let exact: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
            let y = Output::Softmax.apply(&exact);
            prop_assert!((value(CE, &z, &t, 1) + y[class].ln()).abs() < 1e-5);
            let y = Output::Logistic.apply(&exact);
            let sum: f64 = (0..3)
                .map(|k| if k == class { -y[k].ln() } else { -(1.0 - y[k]).ln() })
                .sum();
            prop_assert!((value(BCE, &z, &t, 1) - sum).abs() < 1e-4);
        }
    }
}
