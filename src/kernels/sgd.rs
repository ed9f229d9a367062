//! Gradient descent in place.

use super::simd::{Kernel, dispatch};

/// Takes a step: value - learning rate * gradient.
pub fn descend(value: &mut [f32], gradient: &[f32], learning_rate: f32) {
    dispatch(SgdStep {
        learning_rate,
        value,
        gradient,
    });
}

struct SgdStep<'a> {
    learning_rate: f32,
    value: &'a mut [f32],
    gradient: &'a [f32],
}

impl Kernel for SgdStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (x, g) in self.value.iter_mut().zip(self.gradient) {
            *x -= g * self.learning_rate;
        }
    }
}
