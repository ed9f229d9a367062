//! Projected gradient descent: Adam (Kingma and Ba 2015) on the pixels, which are clipped
//! into the range after every step.
//!
//! The objective is the mean over the outputs of `(z' - z)^2`, plus two weighted means over
//! the image: of the absolute steps between neighbouring pixels, across and down, and of
//! the squares of all pixels. Pixels count from 0 at the dark end of the range to 1 at the
//! bright end, so that settings do not depend on the range and L2 prefers dark images.
//!
//! Every class starts from several random images, all in one batch. The learning rate falls
//! to 0 along half a cosine. The result with the lowest objective is kept.

use std::f64::consts::PI;

use burn::tensor::{Tensor, TensorData};
use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::invert::{InvertError, Inverted, Search, Solution};
use crate::model::{Layer, Mlp, Network, Parameters, numbers};
use crate::pace::Pace;
use crate::rng::stream;
use crate::train::{Optimizer, OptimizerState};

/// Settings of the method `gradient`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Descent {
    /// Number of steps.
    pub steps: usize,
    /// Learning rate of the first step, as a fraction of the pixel range.
    pub learning_rate: f64,
    /// Weight of the mean step between neighbouring pixels.
    pub total_variation: f64,
    /// Weight of the mean square of the pixels.
    pub l2: f64,
    /// Number of random images to start from; the best result is kept.
    pub restarts: usize,
}

/// Search of one network.
#[derive(Clone, Copy)]
pub struct Gradient<'a> {
    pub network: &'a Network,
    pub range: PixelRange,
    /// Seed of the random images, which are the streams `gradient/RESTART/CLASS`.
    pub search: Search<'a>,
    pub descent: Descent,
    pub pace: Pace<'a>,
}

/// Fraction of the whole decrease that the second half of the steps, which are smaller, may
/// have made for the search to count as converged.
const MAX_LATE_DECREASE: f32 = 0.01;

/// Objective on a device.
struct Objective {
    mlp: Mlp,
    range: PixelRange,
    descent: Descent,
    width: usize,
    /// z': rows x outputs.
    targets: Tensor<2>,
    /// Mask of steps across: 0 where the next pixel begins a row, 1 elsewhere; none for
    /// images of one pixel. Shape: 1 x (inputs - 1).
    across: Option<Tensor<2>>,
}

impl Gradient<'_> {
    /// Returns the best result of each class.
    ///
    /// # Shapes
    /// - targets: `outputs` logits per class
    /// - images: classes x inputs
    ///
    /// # Errors
    /// If the device fails.
    pub fn invert(&self, targets: &[Vec<f64>]) -> Result<Inverted, InvertError> {
        let (classes, inputs) = (targets.len(), self.network.inputs());
        let history = self.descend(targets).map_err(InvertError::Device)?;
        let [start, middle, end] = &history.objectives;
        let PixelRange { low, high } = self.range;
        let mut images = Mat::zeros(classes, inputs);
        let mut solutions = Vec::new();
        for class in 0..classes {
            let rows = (class..end.len()).step_by(classes);
            let lowest = rows
                .min_by(|&a, &b| end[a].total_cmp(&end[b]))
                .unwrap_or(class);
            for i in 0..inputs {
                let fraction = f64::from(history.pixels[lowest * inputs + i]);
                images[(class, i)] = low + (high - low) * fraction;
            }
            let late = middle[lowest] - end[lowest];
            solutions.push(Solution {
                converged: late.abs() <= MAX_LATE_DECREASE * (start[lowest] - end[lowest]),
                steps: self.descent.steps,
                objective: f64::from(end[lowest]),
                component: None,
            });
        }
        Ok(Inverted { images, solutions })
    }

    /// Runs all steps of all classes and restarts. Row n is of class n modulo their number.
    fn descend(&self, targets: &[Vec<f64>]) -> Result<History, String> {
        let (rows, inputs) = (targets.len() * self.descent.restarts, self.network.inputs());
        let objective = self.objective(targets);
        let mut optimizer = OptimizerState::new(Optimizer::ADAM, self.search.device);
        let starts = TensorData::new(self.starts(targets.len()), [rows, inputs]);
        let mut pixels = Tensor::<2>::from_data(starts, self.search.device);
        let steps = self.descent.steps;
        let (mut start, mut middle) = (Vec::new(), Vec::new());
        for step in 0..steps {
            self.pace.at(step, steps);
            let (values, gradient) = objective.with_gradient(pixels.clone())?;
            // Nothing else is read back, so that a GPU need not be waited for.
            if step == 0 {
                start = numbers(values.clone())?;
            }
            if step == steps / 2 {
                middle = numbers(values)?;
            }
            let turn = PI * step as f64 / steps as f64;
            let rate = self.descent.learning_rate * f64::midpoint(1.0, turn.cos());
            let flat = |tensor: Tensor<2>| tensor.reshape([-1]);
            let moved = optimizer.step(rate, 0, flat(pixels), flat(gradient))?;
            pixels = moved.reshape([rows, inputs]).clamp(0.0, 1.0);
        }
        let (end, _) = objective.with_gradient(pixels.clone())?;
        Ok(History {
            pixels: numbers(pixels)?,
            objectives: [start, middle, numbers(end)?],
        })
    }

    /// Returns uniform random images: restarts x classes x inputs.
    fn starts(&self, classes: usize) -> Vec<f32> {
        let mut starts = Vec::new();
        for restart in 0..self.descent.restarts {
            for class in 0..classes {
                let mut draws = stream(self.search.seed, &format!("gradient/{restart}/{class}"));
                starts.extend((0..self.network.inputs()).map(|_| draws.uniform() as f32));
            }
        }
        starts
    }

    fn objective(&self, targets: &[Vec<f64>]) -> Objective {
        let device = self.search.device.clone().autodiff();
        let (classes, inputs) = (targets.len(), self.network.inputs());
        let (restarts, outputs) = (self.descent.restarts, self.network.outputs());
        let of_classes: Vec<f32> = targets.iter().flatten().map(|&t| t as f32).collect();
        let all = of_classes.repeat(restarts);
        let steps = inputs.saturating_sub(1);
        let within = |i: usize| {
            if (i + 1).is_multiple_of(self.search.width) {
                0.0
            } else {
                1.0
            }
        };
        let mask: Vec<f32> = (0..steps).map(within).collect();
        // Some devices refuse tensors without values.
        let across =
            (steps > 0).then(|| Tensor::from_data(TensorData::new(mask, [1, steps]), &device));
        let parameters = self.network.layers.iter().map(parameters).collect();
        Objective {
            mlp: Mlp::new(parameters, self.network.activation, &device).no_grad(),
            range: self.range,
            descent: self.descent,
            width: self.search.width,
            targets: Tensor::from_data(
                TensorData::new(all, [classes * restarts, outputs]),
                &device,
            ),
            across,
        }
    }
}

/// Returns the parameters of a layer in single precision, in which they were trained.
fn parameters(layer: &Layer) -> Parameters {
    let (inputs, outputs) = (layer.weight.nrows(), layer.weight.ncols());
    let weights = layer.weight.row_iter();
    let bias = layer.bias.as_ref();
    Parameters {
        inputs,
        outputs,
        weight: weights
            .flat_map(|row| row.iter().map(|&w| w as f32))
            .collect(),
        bias: bias.map(|bias| bias.iter().map(|&b| b as f32).collect()),
    }
}

/// Result of a descent.
struct History {
    /// Pixels of the last images: rows x inputs, row-major.
    pixels: Vec<f32>,
    /// Objective of each row at the start, halfway and at the end.
    objectives: [Vec<f32>; 3],
}

impl Objective {
    /// Returns the objective of each row of pixels (rows x 1) and its gradient.
    fn with_gradient(&self, pixels: Tensor<2>) -> Result<(Tensor<2>, Tensor<2>), String> {
        let pixels = Tensor::from_inner(pixels).require_grad();
        let values = self.of(&pixels);
        // Rows have nothing in common, so that the gradient of their sum is each row's own.
        let mut gradients = values.clone().sum().backward();
        let gradient = pixels.grad_remove(&mut gradients);
        let gradient = gradient.ok_or("the objective does not depend on the pixels")?;
        Ok((values.inner(), gradient))
    }

    /// Returns the objective of each row: rows x 1.
    fn of(&self, pixels: &Tensor<2>) -> Tensor<2> {
        let PixelRange { low, high } = self.range;
        let x = pixels.clone() * (high - low) + low;
        let residual = self.targets.clone() - self.mlp.forward(x);
        let mut sum = residual.square().mean_dim(1);
        if self.descent.total_variation > 0.0
            && let Some(step) = self.mean_step(pixels)
        {
            sum = sum + step * self.descent.total_variation;
        }
        if self.descent.l2 > 0.0 {
            sum = sum + pixels.clone().square().mean_dim(1) * self.descent.l2;
        }
        sum
    }

    /// Returns the mean absolute difference of neighbouring pixels, across and down: rows
    /// x 1; none for images of one pixel.
    fn mean_step(&self, pixels: &Tensor<2>) -> Option<Tensor<2>> {
        let across = self.across.clone()?;
        let inputs = pixels.dims()[1];
        let apart = |by: usize| {
            let later = pixels.clone().narrow(1, by, inputs - by);
            (later - pixels.clone().narrow(1, 0, inputs - by)).abs()
        };
        let rows = inputs.div_ceil(self.width);
        let down = inputs.saturating_sub(self.width);
        let count = (inputs - rows + down).max(1) as f64;
        let mut sum = (apart(1) * across).sum_dim(1);
        if down > 0 {
            sum = sum + apart(self.width).sum_dim(1);
        }
        Some(sum / count)
    }
}

#[cfg(test)]
mod tests;
