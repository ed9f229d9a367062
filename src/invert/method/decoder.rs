//! A learned inverse: a small network trained on the training rows to draw an image's
//! pixels out of the logits that the network gives for it. What it draws for the target
//! logits is the inverse. It sees images and logits, never a label.
//!
//! It has one hidden layer of rectified units, or none and is linear then, and makes
//! the squared error of the pixels small, by Adam with a rate that falls evenly to
//! nothing. Logits go in standardised, each by its mean and deviation over the training
//! rows; pixels come out as shares of their range, and nothing keeps them inside it.

use burn::tensor::{Device, Tensor, TensorData};
use faer::Mat;
use serde::Serialize;

use crate::config::{self, Activation, Loss, Output, PixelRange};
use crate::data::Samples;
use crate::invert::{InvertError, Search, rows};
use crate::model::{Mlp, Network, Parameters, numbers};
use crate::pace::Pace;
use crate::rng::stream;
use crate::train::Optimizer;

/// Rows a step.
const BATCH: usize = 100;
/// Of the first step.
const RATE: f64 = 2e-3;
/// Adam's own default.
const EPSILON: f64 = 1e-8;

/// Settings of the method `decoder`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decoder {
    /// Number of hidden units; with 0 the network is linear.
    pub hidden: usize,
    /// Number of passes over the training rows.
    pub epochs: usize,
}

/// What is learnt, and from what.
#[derive(Clone, Copy)]
pub struct Regression<'a> {
    pub network: &'a Network,
    pub samples: &'a Samples,
    pub range: PixelRange,
    /// Weights and orders are those of the streams `decoder/...` of its seed.
    pub search: Search<'a>,
    pub decoder: Decoder,
    pub pace: Pace<'a>,
}

/// Logits as the decoder gets them.
struct Standard {
    /// Rows x outputs of the training rows, row-major.
    logits: Vec<f32>,
    /// Mean and deviation of each output.
    scale: Vec<(f64, f64)>,
}

impl Regression<'_> {
    /// What it draws for each target, once it is trained.
    ///
    /// # Shapes
    /// - targets: `outputs` logits a class
    /// - images: classes x inputs
    ///
    /// # Errors
    /// If the device fails.
    pub fn invert(&self, targets: &[Vec<f64>]) -> Result<Mat<f64>, InvertError> {
        let (inputs, outputs) = (self.network.inputs(), self.network.outputs());
        let standard = self.standard();
        let asked = targets.iter().flat_map(|target| standard.of(target));
        let asked = tensor(asked.collect(), outputs, self.search.device);
        let drawn = self.trained(&standard).map_err(InvertError::Device)?;
        let drawn = numbers(drawn.forward(asked)).map_err(InvertError::Device)?;
        let PixelRange { low, high } = self.range;
        Ok(Mat::from_fn(targets.len(), inputs, |n, i| {
            low + (high - low) * f64::from(drawn[n * inputs + i])
        }))
    }

    /// What the network gives for the training rows.
    fn standard(&self) -> Standard {
        let outputs = self.network.outputs();
        let mut logits: Vec<f64> = Vec::with_capacity(self.samples.len() * outputs);
        for x in rows::values(self.samples, self.range) {
            let z = self.network.logits(x.as_ref());
            logits.extend(z.row_iter().flat_map(|row| row.iter().copied()));
        }
        let scale =
            (0..outputs).map(|k| mean_and_deviation(logits.iter().skip(k).step_by(outputs)));
        let mut standard = Standard {
            logits: Vec::new(),
            scale: scale.collect(),
        };
        let rows = logits.chunks(outputs);
        standard.logits = rows.flat_map(|row| standard.of(row)).collect();
        standard
    }

    fn trained(&self, standard: &Standard) -> Result<Mlp, String> {
        let device = self.search.device.clone().autodiff();
        let mut mlp = Mlp::new(self.drawn(), Activation::Relu, &device);
        let adam = config::Optimizer::Adam { epsilon: EPSILON };
        let mut optimizer = Optimizer::new(adam, self.search.device);
        let rows = self.samples.len();
        let steps = (self.decoder.epochs * rows.div_ceil(BATCH)) as f64;
        let mut step = 0.0;
        for epoch in 1..=self.decoder.epochs {
            let mut order: Vec<usize> = (0..rows).collect();
            stream(self.search.seed, &format!("decoder/shuffle/{epoch}")).shuffle(&mut order);
            self.pace.at(epoch - 1, self.decoder.epochs);
            for rows in order.chunks(BATCH) {
                self.pace.step();
                let (z, x) = self.gather(standard, rows, &device);
                let loss = Loss::SquaredError { scale: 1.0 };
                let loss = loss.mean(Output::Linear, mlp.forward(z), x);
                let rate = RATE * (1.0 - step / steps);
                mlp.step(&loss, &mut |number, value, gradient| {
                    optimizer.step(rate, number, value, gradient)
                })?;
                step += 1.0;
            }
        }
        Ok(mlp.valid())
    }

    /// Logits and pixels of these rows: `[rows, outputs]` and `[rows, inputs]`.
    fn gather(
        &self,
        standard: &Standard,
        rows: &[usize],
        device: &Device,
    ) -> (Tensor<2>, Tensor<2>) {
        let outputs = self.network.outputs();
        let logits = rows
            .iter()
            .flat_map(|row| &standard.logits[row * outputs..][..outputs]);
        let levels = rows.iter().flat_map(|&row| self.samples.row(row));
        let pixels = levels.map(|&level| f32::from(level) / 255.0);
        (
            tensor(logits.copied().collect(), outputs, device),
            tensor(pixels.collect(), self.samples.features, device),
        )
    }

    /// Initial weights, uniform as Glorot and Bengio (2010) scale them, and biases of 0.
    fn drawn(&self) -> Vec<Parameters> {
        let hidden = Some(self.decoder.hidden).filter(|&units| units > 0);
        let outputs = self.network.outputs();
        let sizes = [outputs].into_iter().chain(hidden);
        let sizes: Vec<usize> = sizes.chain([self.network.inputs()]).collect();
        let layer = |(index, pair): (usize, &[usize])| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let bound = (6.0 / (inputs + outputs) as f64).sqrt();
            let mut draws = stream(self.search.seed, &format!("decoder/init/{index}"));
            let weights = (0..inputs * outputs).map(|_| draws.uniform_in(-bound, bound) as f32);
            Parameters {
                inputs,
                outputs,
                weight: weights.collect(),
                bias: Some(vec![0.0; outputs]),
            }
        };
        sizes.windows(2).enumerate().map(layer).collect()
    }
}

impl Standard {
    fn of(&self, logits: &[f64]) -> Vec<f32> {
        let both = logits.iter().zip(&self.scale);
        both.map(|(z, (mean, deviation))| ((z - mean) / deviation) as f32)
            .collect()
    }
}

/// Of an output that never varies the deviation counts as 1.
fn mean_and_deviation<'a>(values: impl Iterator<Item = &'a f64> + Clone) -> (f64, f64) {
    let count = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / count;
    let deviation = (values.map(|z| (z - mean).powi(2)).sum::<f64>() / count).sqrt();
    (mean, if deviation > 0.0 { deviation } else { 1.0 })
}

fn tensor(values: Vec<f32>, columns: usize, device: &Device) -> Tensor<2> {
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), device)
}

#[cfg(test)]
mod tests;
