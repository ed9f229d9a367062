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
        let (factor, epsilon) = (correction / (1.0 - BETA_1.powi(time)), epsilon * correction);
        let longest = f32::from_bits(MAX_STUCK) * factor / epsilon * learning_rate;
        dispatch(AdamStep {
            factor,
            epsilon,
            learning_rate,
            least: (longest * MORE_THAN_ROUNDING).max(f32::MIN_POSITIVE),
            first: &mut self.first,
            second: &mut self.second,
            value,
            gradient,
        });
    }
}

/// Largest bits of a mean of gradients that decays no further: 0.9 times 4 of the smallest
/// numbers is rounded to 4 of them.
const MAX_STUCK: u32 = 4;
/// Multiple of a step that it leaves unchanged: more than two to the power of 26.
const MORE_THAN_ROUNDING: f32 = 1e9;

/// Bit of the sign, alone that of a negative zero.
const SIGN: u32 = 1 << 31;

struct AdamStep<'a> {
    factor: f32,
    epsilon: f32,
    learning_rate: f32,
    /// Magnitude of values from which on steps by means that are stuck change nothing.
    least: f32,
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
            // Units without gradients end here. Processors take a hundred cycles to multiply
            // such small numbers, only to leave all as they are.
            let is_stuck = m.to_bits() & !SIGN <= MAX_STUCK && m.to_bits() != SIGN;
            let stays = is_stuck && g == 0.0 && x.abs() >= self.least;
            let mean = if stays { 0.0 } else { *m };
            let mean = mean * BETA_1 + g * (1.0 - BETA_1);
            *v = *v * BETA_2 + g * g * (1.0 - BETA_2);
            *x -= mean * self.factor / (v.sqrt() + self.epsilon) * self.learning_rate;
            *m = if stays { *m } else { mean };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps by the formula, whatever the processor takes for small numbers.
    fn plain(moments: &mut AdamMoments, value: &mut [f32], gradient: &[f32], epsilon: f32) {
        moments.time += 1;
        let correction = (1.0 - BETA_2.powi(moments.time as i32)).sqrt();
        let factor = correction / (1.0 - BETA_1.powi(moments.time as i32));
        for i in 0..value.len() {
            let (m, v, g) = (&mut moments.first[i], &mut moments.second[i], gradient[i]);
            *m = *m * BETA_1 + g * (1.0 - BETA_1);
            *v = *v * BETA_2 + g * g * (1.0 - BETA_2);
            value[i] -= *m * factor / (v.sqrt() + epsilon * correction) * 0.01;
        }
    }

    /// All combinations of means around the smallest numbers, gradients and values, with
    /// an epsilon of 0, and for so long that all means decay.
    #[test]
    fn means_that_are_stuck_have_the_bits_of_the_formula() {
        let means = (0..9)
            .flat_map(|bits| [bits, bits | SIGN])
            .map(f32::from_bits);
        let means: Vec<f32> = means.chain([1e-37, -1e-3]).collect();
        let starts = [
            0.0,
            -0.0,
            1e-45,
            -1e-36,
            1e-30,
            -1e-26,
            1e-20,
            0.5,
            f32::INFINITY,
        ];
        let gradients = [0.0, -0.0, 1e-45, 1e-30, -1e-3];
        let (mut first, mut value, mut gradient) = (Vec::new(), Vec::new(), Vec::new());
        for mean in &means {
            for start in starts {
                for one in gradients {
                    first.push(*mean);
                    value.push(start);
                    gradient.push(one);
                }
            }
        }
        let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        for (epsilon, second) in [
            (1e-8, 0.0),
            (1e-8, 1e-9),
            (0.0, 1e-9),
            (1e-30, 1e-40),
            (1.0, 1.0),
        ] {
            let mut ours = AdamMoments {
                first: first.clone(),
                second: vec![second; first.len()],
                time: 3,
            };
            let (mut theirs, mut own, mut other) = (ours.clone(), value.clone(), value.clone());
            for _ in 0..300 {
                ours.step(&mut own, &gradient, 0.01, epsilon);
                plain(&mut theirs, &mut other, &gradient, epsilon);
                let is_same =
                    bits(&ours.first) == bits(&theirs.first) && bits(&own) == bits(&other);
                assert!(is_same, "epsilon {epsilon}, second {second}");
            }
            assert!(bits(&ours.second) == bits(&theirs.second));
        }
    }

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
