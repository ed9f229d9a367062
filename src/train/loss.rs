//! Losses, from logits so that none of them overflows.

use burn::tensor::{Tensor, activation};

use crate::spec::{Loss, Output};

impl Loss {
    /// The mean over the rows of the sum over the outputs.
    ///
    /// Cross entropy is defined on softmax outputs and binary cross entropy on
    /// logistic ones; specs that pair them otherwise are not accepted.
    ///
    /// # Shapes
    /// - z, t: `[rows, outputs]`, logits and one-hot labels
    /// - loss: `[1]`
    #[must_use]
    pub fn mean(self, output: Output, z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
        let rows = z.dims()[0] as f64;
        let sum = match self {
            Self::CrossEntropy => -(t * activation::log_softmax(z, 1)).sum(),
            // -t ln s(z) - (1 - t) ln(1 - s(z)) = -ln s(-z) - t z
            Self::BinaryCrossEntropy => -(activation::log_sigmoid(z.clone().neg()) + t * z).sum(),
            Self::SquaredError { scale } => {
                let y = match output {
                    Output::Softmax => activation::softmax(z, 1),
                    Output::Logistic => activation::sigmoid(z),
                    Output::Linear => z,
                };
                (t - y).square().sum() * scale
            }
        };
        sum / rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    const BCE: (Loss, Output) = (Loss::BinaryCrossEntropy, Output::Logistic);
    const CE: (Loss, Output) = (Loss::CrossEntropy, Output::Softmax);

    fn value((loss, output): (Loss, Output), z: &[f32], t: &[f32], rows: usize) -> f64 {
        let tensor = |values: &[f32]| {
            let data = TensorData::new(values.to_vec(), [rows, values.len() / rows]);
            Tensor::<2>::from_data(data, &Device::flex())
        };
        f64::from(loss.mean(output, tensor(z), tensor(t)).into_scalar::<f32>())
    }

    #[test]
    fn values_worked_out_by_hand() {
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
    fn logits_far_out_cost_what_they_are_worth() {
        assert_eq!(value(BCE, &[1e4, -1e4], &[1.0, 0.0], 1), 0.0);
        assert_eq!(value(BCE, &[1e4, -1e4], &[0.0, 1.0], 1), 2e4);
        assert_eq!(value(CE, &[1e4, -1e4], &[0.0, 1.0], 1), 2e4);
    }

    proptest! {
        #[test]
        fn f32_from_logits_equals_f64_from_outputs(
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
