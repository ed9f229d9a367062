//! Adam in one pass over a parameter, instead of a dozen tensors of its size. Operations and
//! their order are those of burn's Adam, so that the bits are the same.

use super::simd::{Kernel, dispatch};

/// Decay rates of the paper (Kingma and Ba 2015), which are burn's defaults.
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;

/// Moments of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct AdamMoments {
    /// Number of steps taken.
    pub time: usize,
    /// Running mean of the gradients.
    pub first: Vec<f32>,
    /// Running mean of their squares.
    pub second: Vec<f32>,
}

impl AdamMoments {
    /// Returns the moments before the first step of a parameter of this size.
    pub fn new(size: usize) -> Self {
        Self {
            time: 0,
            first: vec![0.0; size],
            second: vec![0.0; size],
        }
    }

    /// Takes a step: value - learning rate * m / (sqrt(v) + epsilon), with both moments
    /// corrected for their start at zero.
    pub fn step(&mut self, value: &mut [f32], gradient: &[f32], learning_rate: f32, epsilon: f32) {
        self.time += 1;
        let time = self.time as i32;
        let correction = (1.0 - BETA_2.powi(time)).sqrt();
        dispatch(AdamStep {
            factor: correction / (1.0 - BETA_1.powi(time)),
            epsilon: epsilon * correction,
            learning_rate,
            first: &mut self.first,
            second: &mut self.second,
            value,
            gradient,
        });
    }
}

struct AdamStep<'a> {
    factor: f32,
    epsilon: f32,
    learning_rate: f32,
    first: &'a mut [f32],
    second: &'a mut [f32],
    value: &'a mut [f32],
    gradient: &'a [f32],
}

impl Kernel for AdamStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let moments = self.first.iter_mut().zip(self.second);
        let numbers = self.value.iter_mut().zip(self.gradient);
        for ((x, &g), (m, v)) in numbers.zip(moments) {
            *m = *m * BETA_1 + g * (1.0 - BETA_1);
            *v = *v * BETA_2 + g * g * (1.0 - BETA_2);
            *x -= *m * self.factor / (v.sqrt() + self.epsilon) * self.learning_rate;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first step is the learning rate against the sign of the gradient, m / sqrt(v).
    /// Equal gradients make all other steps the same.
    #[test]
    fn two_steps_by_hand() {
        let mut moments = AdamMoments::new(2);
        let mut value = [1.0, -1.0];
        for _ in 0..2 {
            moments.step(&mut value, &[0.5, -4.0], 0.1, 0.0);
        }
        assert!(
            (value[0] - 0.8).abs() < 1e-6 && (value[1] + 0.8).abs() < 1e-6,
            "{value:?}"
        );
    }
}
