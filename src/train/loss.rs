//! Losses, from logits so that none of them overflows.

use burn::tensor::{Gradients, Tensor, TensorData, activation};

use crate::model::{is_host, numbers, total};
use crate::spec::{Loss, Output};

/// A mean loss, and what its gradients are taken of.
pub enum Mean {
    /// Both in one, `[1]`, as on any device.
    Tensor(Tensor<1>),
    /// The value, where numbers are at hand, and a tensor whose sum has its gradient.
    Number(f32, Tensor<2>),
}

impl Mean {
    /// With something added to it: `[1]`.
    pub fn plus(self, more: Tensor<1>) -> Self {
        match self {
            Self::Tensor(mean) => Self::Tensor(mean + more),
            Self::Number(mean, linear) => {
                let value = more.clone().into_scalar::<f32>();
                Self::Number(mean + value, (linear.sum() + more).unsqueeze())
            }
        }
    }

    /// Its value, without differentiation: `[1]`.
    #[must_use]
    pub fn value(&self) -> Tensor<1> {
        match self {
            Self::Tensor(mean) => mean.clone().inner(),
            Self::Number(mean, linear) => Tensor::from_data([*mean], &linear.device()).inner(),
        }
    }

    /// Its gradients.
    #[must_use]
    pub fn backward(&self) -> Gradients {
        match self {
            Self::Tensor(mean) => mean.backward(),
            Self::Number(_, linear) => linear.backward(),
        }
    }
}

impl Loss {
    /// The mean over the rows of the sum over the outputs.
    ///
    /// Cross entropy is defined on softmax outputs and binary cross entropy on
    /// logistic ones; specs that pair them otherwise are not accepted.
    ///
    /// # Shapes
    /// - z, t: `[rows, outputs]`, logits and targets
    #[must_use]
    pub fn mean(self, output: Output, z: Tensor<2>, t: Tensor<2>) -> Mean {
        if is_host(&z.device())
            && let Some((mean, gradient)) = self.on_host(&z, &t)
        {
            // One node that has the gradient of the loss, in place of the dozen that it
            // takes otherwise.
            return Mean::Number(mean, z * gradient);
        }
        Mean::Tensor(self.general(output, z, t))
    }

    /// The loss and its gradient in z, for losses whose outputs go without saying
    /// and logits that are numbers at hand.
    ///
    /// Of cross entropy the gradient is y - t, with softmax outputs y;
    /// of the binary one it is the same with logistic outputs.
    fn on_host(self, z: &Tensor<2>, t: &Tensor<2>) -> Option<(f32, Tensor<2>)> {
        let [rows, outputs] = z.dims();
        let row = match self {
            Self::CrossEntropy => cross_entropy,
            Self::BinaryCrossEntropy => binary_cross_entropy,
            Self::SquaredError { .. } => return None,
        };
        let device = t.device();
        let z = numbers(z.clone().detach()).ok()?;
        let t = numbers(t.clone()).ok()?;
        let mut gradient = vec![0.0; z.len()];
        let (mut sum, mut powers) = (0.0, vec![0.0; outputs]);
        let all = z.chunks(outputs).zip(t.chunks(outputs));
        for ((z, t), gradient) in all.zip(gradient.chunks_mut(outputs)) {
            sum += row(z, t, gradient, &mut powers);
            for g in gradient {
                *g /= rows as f32;
            }
        }
        let data = TensorData::new(gradient, [rows, outputs]);
        let gradient = Tensor::from_data(data, &device);
        Some(((sum / rows as f64) as f32, gradient))
    }

    /// The same by tensors, on any device.
    fn general(self, output: Output, z: Tensor<2>, t: Tensor<2>) -> Tensor<1> {
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

/// -sum t ln softmax(z) of a row, and its gradient.
fn cross_entropy(z: &[f32], t: &[f32], gradient: &mut [f32], powers: &mut [f64]) -> f64 {
    let highest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (power, z) in powers.iter_mut().zip(z) {
        *power = f64::from(z - highest).exp();
        sum += *power;
    }
    let (mut loss, log) = (0.0, sum.ln());
    for ((&z, &t), (gradient, power)) in z.iter().zip(t).zip(gradient.iter_mut().zip(powers)) {
        loss -= f64::from(t) * (f64::from(z - highest) - log);
        *gradient = (*power / sum) as f32 - t;
    }
    loss
}

/// -sum (t ln s(z) + (1 - t) ln(1 - s(z))) of a row, and its gradient.
fn binary_cross_entropy(z: &[f32], t: &[f32], gradient: &mut [f32], powers: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    for ((&z, &t), (gradient, power)) in z.iter().zip(t).zip(gradient.iter_mut().zip(&mut *powers))
    {
        let (z, t) = (f64::from(z), f64::from(t));
        *power = (-z.abs()).exp();
        loss += z.max(0.0) - t * z;
        let s = if z >= 0.0 { 1.0 } else { *power } / (1.0 + *power);
        *gradient = (s - t) as f32;
    }
    // One logarithm of a product of numbers up to 2, instead of one of each.
    let products = powers
        .chunks(64)
        .map(|powers| powers.iter().map(|p| 1.0 + p).product::<f64>());
    loss + products.map(f64::ln).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use proptest::prelude::*;

    const BCE: (Loss, Output) = (Loss::BinaryCrossEntropy, Output::Logistic);
    const CE: (Loss, Output) = (Loss::CrossEntropy, Output::Softmax);

    fn value((loss, output): (Loss, Output), z: &[f32], t: &[f32], rows: usize) -> f64 {
        let tensor = |values: &[f32]| {
            let data = TensorData::new(values.to_vec(), [rows, values.len() / rows]);
            Tensor::<2>::from_data(data, &Device::flex())
        };
        let mean = loss.mean(output, tensor(z), tensor(t));
        f64::from(mean.value().into_scalar::<f32>())
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
        /// The node that stands for many gives what they give.
        #[test]
        fn value_and_gradient_are_those_of_the_tensors(
            z in proptest::collection::vec(-30.0..30.0f32, 4 * 3),
            classes in proptest::collection::vec(0usize..3, 4),
        ) {
            let device = Device::flex().autodiff();
            let one_hot = |k: usize| f32::from(u8::from(classes[k / 3] == k % 3));
            let t: Vec<f32> = (0..12).map(one_hot).collect();
            let tensor = |values: &[f32]| {
                Tensor::<2>::from_data(TensorData::new(values.to_vec(), [4, 3]), &device)
            };
            for (loss, output) in [CE, BCE] {
                let both = [true, false].map(|at_once| {
                    let z = tensor(&z).require_grad();
                    let mean = if at_once {
                        loss.mean(output, z.clone(), tensor(&t))
                    } else {
                        Mean::Tensor(loss.general(output, z.clone(), tensor(&t)))
                    };
                    let gradient = z.grad(&mean.backward()).unwrap();
                    (numbers(mean.value()).unwrap()[0], numbers(gradient).unwrap())
                });
                let [(value, gradient), (expected, exact)] = both;
                prop_assert!((value - expected).abs() <= 1e-5 * (1.0 + expected.abs()));
                for (g, e) in gradient.iter().zip(exact) {
                    prop_assert!((g - e).abs() <= 1e-6, "{g} {e}");
                }
            }
        }

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
