//! The arithmetic of a layer behind its products, on numbers.

use std::borrow::Cow;

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;

use crate::model::Activation;
use crate::model::exp::exp_f32;
use crate::model::wide::{Loop, wide};

/// f(z + b) in place, of rows of so many units; without b if that is empty.
pub fn finish(z: &mut [f32], b: &[f32], units: usize, f: Activation) {
    wide(Finish { z, b, units, f });
}

struct Finish<'a> {
    z: &'a mut [f32],
    b: &'a [f32],
    units: usize,
    f: Activation,
}

impl Loop for Finish<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn run(self) {
        let Self { z, b, units, f } = self;
        for row in z.chunks_exact_mut(units) {
            for (z, b) in row.iter_mut().zip(b) {
                *z += b;
            }
        }
        match f {
            Activation::Identity => {}
            Activation::Sigmoid => each(z, |z| 1.0 / (1.0 + exp_f32(-z))),
            Activation::Tanh => each(z, f32::tanh),
            Activation::Relu => each(z, |z| z.max(0.0)),
            Activation::LeakyRelu { slope } => {
                let slope = slope as f32;
                each(z, |z| if z < 0.0 { slope * z } else { z });
            }
            Activation::Elu => each(z, |z| if z < 0.0 { z.exp_m1() } else { z }),
            Activation::Softplus => each(z, |z| z.max(0.0) + (-z.abs()).exp().ln_1p()),
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn each(numbers: &mut [f32], f: impl Fn(f32) -> f32) {
    for number in numbers {
        *number = f(*number);
    }
}

/// The gradient before an activation, of that after it: times the slope of f at z, which
/// is told by a = f(z).
///
/// # Shapes
/// - gradient, a: `[rows, units]`
pub fn before(gradient: &FloatTensor<Flex>, a: &FloatTensor<Flex>, f: Activation) -> Vec<f32> {
    let (g, a) = (&*lying(gradient), &*lying(a));
    match f {
        Activation::Identity => g.to_vec(),
        Activation::Sigmoid => scaled(g, a, |a| a * (1.0 - a)),
        Activation::Tanh => scaled(g, a, |a| 1.0 - a * a),
        Activation::Relu => scaled(g, a, |a| if a > 0.0 { 1.0 } else { 0.0 }),
        Activation::LeakyRelu { slope } => {
            let slope = slope as f32;
            scaled(g, a, |a| if a < 0.0 { slope } else { 1.0 })
        }
        Activation::Elu => scaled(g, a, |a| if a < 0.0 { a + 1.0 } else { 1.0 }),
        Activation::Softplus => scaled(g, a, |a| -(-a).exp_m1()),
    }
}

fn scaled(gradient: &[f32], a: &[f32], slope: impl Fn(f32) -> f32) -> Vec<f32> {
    let both = gradient.iter().zip(a);
    both.map(|(g, &a)| g * slope(a)).collect()
}

/// Adds the sums over the rows of d behind what there is: `units` more.
///
/// # Shapes
/// - d: `[rows, units]`
pub fn add_column_sums(d: &[f32], units: usize, to: &mut Vec<f32>) {
    let first = to.len();
    to.resize(first + units, 0.0);
    for row in d.chunks_exact(units) {
        for (sum, d) in to[first..].iter_mut().zip(row) {
            *sum += d;
        }
    }
}

/// Numbers as a tensor, row-major.
pub fn tensor(numbers: Vec<f32>, shape: [usize; 2]) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(numbers, shape))
}

/// Its elements, row-major; where they lie, if they do so.
pub(crate) fn lying(tensor: &FloatTensor<Flex>) -> Cow<'_, [f32]> {
    match tensor.as_slice() {
        Some(numbers) => Cow::Borrowed(numbers),
        None => Cow::Owned(tensor.to_contiguous().storage().to_vec()),
    }
}
