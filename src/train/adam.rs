//! Adam on numbers instead of tensors, for devices whose memory is ours: one pass
//! over a parameter instead of a dozen tensors the size of it. The operations
//! and their order are those of burn's Adam, so that the bits are the same.

use burn::tensor::{Device, Tensor, TensorData};

use crate::model::{Loop, numbers, read, wide};

/// burn's defaults, which are those of the paper (Kingma and Ba 2015).
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;

/// The moments of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Steps so far.
    pub time: usize,
    /// Running mean of the gradients.
    pub first: Vec<f32>,
    /// Running mean of their squares.
    pub second: Vec<f32>,
}

impl Moments {
    /// Before the first step of a parameter of this size.
    pub fn new(size: usize) -> Self {
        Self {
            time: 0,
            first: vec![0.0; size],
            second: vec![0.0; size],
        }
    }

    /// The new value of a parameter.
    ///
    /// # Errors
    /// If the tensors cannot be read.
    pub fn step(
        &mut self,
        (rate, epsilon): (f64, f32),
        value: Tensor<1>,
        gradient: Tensor<1>,
        device: &Device,
    ) -> Result<Tensor<1>, String> {
        let mut value = numbers(value)?;
        self.time += 1;
        read(gradient, |gradient| {
            self.update(&mut value, gradient, (rate as f32, epsilon));
        })?;
        let size = value.len();
        Ok(Tensor::from_data(TensorData::new(value, [size]), device))
    }

    /// theta - rate m / (sqrt(v) + epsilon), with both moments corrected for
    /// their start at zero.
    fn update(&mut self, value: &mut [f32], gradient: &[f32], (rate, epsilon): (f32, f32)) {
        let time = self.time as i32;
        let correction = (1.0 - BETA_2.powi(time)).sqrt();
        wide(Update {
            factor: correction / (1.0 - BETA_1.powi(time)),
            epsilon: epsilon * correction,
            rate,
            first: &mut self.first,
            second: &mut self.second,
            value,
            gradient,
        });
    }
}

/// The loop over the numbers of a parameter.
struct Update<'a> {
    factor: f32,
    epsilon: f32,
    rate: f32,
    first: &'a mut [f32],
    second: &'a mut [f32],
    value: &'a mut [f32],
    gradient: &'a [f32],
}

impl Loop for Update<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn run(self) {
        let moments = self.first.iter_mut().zip(self.second);
        let numbers = self.value.iter_mut().zip(self.gradient);
        for ((x, &g), (m, v)) in numbers.zip(moments) {
            *m = *m * BETA_1 + g * (1.0 - BETA_1);
            *v = *v * BETA_2 + g * g * (1.0 - BETA_2);
            *x -= *m * self.factor / (v.sqrt() + self.epsilon) * self.rate;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;
    use burn::optim::{AdamConfig, Optimizer};

    /// The first step goes by the rate against the gradient: m / sqrt(v) is its
    /// sign. With equal gradients so does every other one.
    #[test]
    fn two_steps_by_hand() {
        let mut moments = Moments::new(2);
        let mut value = [1.0, -1.0];
        for _ in 0..2 {
            moments.time += 1;
            moments.update(&mut value, &[0.5, -4.0], (0.1, 0.0));
        }
        assert!(
            (value[0] - 0.8).abs() < 1e-6 && (value[1] + 0.8).abs() < 1e-6,
            "{value:?}"
        );
    }

    #[test]
    fn it_gives_the_bits_of_burns() {
        let device = Device::flex();
        let mut draws = stream(0, "adam");
        let mut draw = |n: usize| -> Vec<f32> { (0..n).map(|_| draws.normal() as f32).collect() };
        let tensor = |values: &[f32]| {
            Tensor::<1>::from_data(TensorData::new(values.to_vec(), [values.len()]), &device)
        };
        let rule = AdamConfig::new().with_epsilon(1e-7).build();
        let (mut ours, mut state) = (Moments::new(101), None);
        let mut value = draw(101);
        for step in 0..50 {
            let gradient = draw(101);
            let (theirs, new) = rule.step(1e-3, tensor(&value), tensor(&gradient), state);
            state = new;
            let theirs = numbers(theirs).unwrap();
            let next = ours.step((1e-3, 1e-7), tensor(&value), tensor(&gradient), &device);
            value = numbers(next.unwrap()).unwrap();
            let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&value), bits(&theirs), "step {step}");
        }
    }
}
