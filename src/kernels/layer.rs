//! Arithmetic of a dense layer after its matrix product.

use super::exp::exp_f32;
use super::simd::{Kernel, dispatch};

/// The function f that a layer applies to each of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Nonlinearity {
    /// f(z) = z
    Identity,
    /// f(z) = 1 / (1 + exp(-z))
    Sigmoid,
    /// f(z) = tanh z
    Tanh,
    /// f(z) = max(z, 0)
    Relu,
    /// f(z) = z if z >= 0, otherwise slope z
    LeakyRelu {
        /// Above 0.
        slope: f32,
    },
    /// f(z) = z if z >= 0, otherwise exp(z) - 1
    Elu,
    /// f(z) = ln(1 + exp(z))
    Softplus,
}

/// Replaces z by f(z + b), row by row; an empty b adds nothing.
///
/// # Shapes
/// - z: `[rows, units]`
/// - b: `[units]` or empty
pub fn add_bias_and_apply(z: &mut [f32], b: &[f32], units: usize, f: Nonlinearity) {
    dispatch(Activate { z, b, units, f });
}

/// Kernel of [`add_bias_and_apply`].
pub struct Activate<'a> {
    pub z: &'a mut [f32],
    pub b: &'a [f32],
    pub units: usize,
    pub f: Nonlinearity,
}

impl Kernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { z, b, units, f } = self;
        for row in z.chunks_exact_mut(units) {
            for (z, b) in row.iter_mut().zip(b) {
                *z += b;
            }
        }
        match f {
            Nonlinearity::Identity => {}
            Nonlinearity::Sigmoid => apply(z, |z| 1.0 / (1.0 + exp_f32(-z))),
            Nonlinearity::Tanh => apply(z, f32::tanh),
            Nonlinearity::Relu => apply(z, |z| z.max(0.0)),
            Nonlinearity::LeakyRelu { slope } => {
                apply(z, |z| if z < 0.0 { slope * z } else { z });
            }
            Nonlinearity::Elu => apply(z, |z| if z < 0.0 { z.exp_m1() } else { z }),
            Nonlinearity::Softplus => apply(z, |z| z.max(0.0) + (-z.abs()).exp().ln_1p()),
        }
    }
}

#[inline(always)]
fn apply(numbers: &mut [f32], f: impl Fn(f32) -> f32) {
    for number in numbers {
        *number = f(*number);
    }
}

/// Returns the gradient in z of a gradient in a = f(z): times f'(z), computed from a.
pub fn before_nonlinearity(gradient: &[f32], a: &[f32], f: Nonlinearity) -> Vec<f32> {
    let mut gradient = gradient.to_vec();
    times_derivative(&mut gradient, a, f);
    gradient
}

/// Turns a gradient in a = f(z) into that in z: times f'(z), computed from a.
#[inline(always)]
pub fn times_derivative(gradient: &mut [f32], a: &[f32], f: Nonlinearity) {
    match f {
        Nonlinearity::Identity => {}
        Nonlinearity::Sigmoid => scale(gradient, a, |a| a * (1.0 - a)),
        Nonlinearity::Tanh => scale(gradient, a, |a| 1.0 - a * a),
        Nonlinearity::Relu => scale(gradient, a, |a| if a > 0.0 { 1.0 } else { 0.0 }),
        Nonlinearity::LeakyRelu { slope } => {
            scale(gradient, a, |a| if a < 0.0 { slope } else { 1.0 });
        }
        Nonlinearity::Elu => scale(gradient, a, |a| if a < 0.0 { a + 1.0 } else { 1.0 }),
        Nonlinearity::Softplus => scale(gradient, a, |a| -(-a).exp_m1()),
    }
}

#[inline(always)]
fn scale(gradient: &mut [f32], a: &[f32], derivative: impl Fn(f32) -> f32) {
    for (g, a) in gradient.iter_mut().zip(a) {
        *g *= derivative(*a);
    }
}

/// Appends the sums over the rows of d: `units` numbers.
///
/// # Shapes
/// - d: `[rows, units]`
pub fn append_column_sums(d: &[f32], units: usize, to: &mut Vec<f32>) {
    let first = to.len();
    to.resize(first + units, 0.0);
    for row in d.chunks_exact(units) {
        for (sum, d) in to[first..].iter_mut().zip(row) {
            *sum += d;
        }
    }
}
