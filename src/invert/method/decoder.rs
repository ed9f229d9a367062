//! Learned inverse: a small network trained on the training rows to predict the pixels of
//! an image from its logits. Its output for the target logits is the inverse. It never sees
//! a label.
//!
//! The network has one hidden layer of `ReLU` units, or none and is linear. It minimises the
//! squared error of the pixels by Adam with a learning rate that falls linearly to 0.
//! Logits are standardised over the training rows. Pixels are fractions of their range, and
//! outputs may leave it.

use burn::tensor::{Device, Tensor, TensorData};
use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::data::Samples;
use crate::invert::{InvertError, Search, rows};
use crate::model::{Activation, Init, Mlp, Network, Output, Parameters, numbers};
use crate::pace::Pace;
use crate::rng::stream;
use crate::train::{Loss, Optimizer, OptimizerState};

/// Number of rows per step.
const BATCH: usize = 100;
/// Learning rate of the first step.
const LEARNING_RATE: f64 = 2e-3;

/// Settings of the method `decoder`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decoder {
    /// Number of hidden units; with 0 the network is linear.
    pub hidden: usize,
    /// Number of passes over the training rows.
    pub epochs: usize,
}

/// Regression from logits to pixels.
#[derive(Clone, Copy)]
pub struct Regression<'a> {
    pub network: &'a Network,
    pub samples: &'a Samples,
    pub range: PixelRange,
    /// Seed of initial weights and orders, which are the streams `decoder/...`.
    pub search: Search<'a>,
    pub decoder: Decoder,
    pub pace: Pace<'a>,
}

/// Standardised logits.
struct Standardised {
    /// Logits of the training rows: rows x outputs, row-major.
    logits: Vec<f32>,
    /// Scale of each output.
    scale: Vec<LogitScale>,
}

/// Mean and standard deviation of an output.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LogitScale {
    mean: f64,
    deviation: f64,
}

impl Regression<'_> {
    /// Trains the network and returns its output for each target.
    ///
    /// # Shapes
    /// - targets: `outputs` logits per class
    /// - images: classes x inputs
    ///
    /// # Errors
    /// If the device fails.
    pub fn invert(&self, targets: &[Vec<f64>]) -> Result<Mat<f64>, InvertError> {
        let (inputs, outputs) = (self.network.inputs(), self.network.outputs());
        let logits = self.logits();
        let targets_scaled = targets.iter().flat_map(|target| logits.scaled(target));
        let z = tensor(targets_scaled.collect(), outputs, self.search.device);
        let decoder = self.trained(&logits).map_err(InvertError::Device)?;
        let pixels = numbers(decoder.forward(z)).map_err(InvertError::Device)?;
        let PixelRange { low, high } = self.range;
        Ok(Mat::from_fn(targets.len(), inputs, |n, i| {
            low + (high - low) * f64::from(pixels[n * inputs + i])
        }))
    }

    /// Returns the logits of the training rows, standardised.
    fn logits(&self) -> Standardised {
        let outputs = self.network.outputs();
        let mut logits: Vec<f64> = Vec::with_capacity(self.samples.len() * outputs);
        for x in rows::values(self.samples, self.range) {
            let z = self.network.logits(x.as_ref());
            logits.extend(z.row_iter().flat_map(|row| row.iter().copied()));
        }
        let scale = (0..outputs).map(|k| LogitScale::of(logits.iter().skip(k).step_by(outputs)));
        let mut standardised = Standardised {
            logits: Vec::new(),
            scale: scale.collect(),
        };
        let rows = logits.chunks(outputs);
        standardised.logits = rows.flat_map(|row| standardised.scaled(row)).collect();
        standardised
    }

    fn trained(&self, logits: &Standardised) -> Result<Mlp, String> {
        let device = self.search.device.clone().autodiff();
        let mut mlp = Mlp::new(self.initial(), Activation::Relu, &device);
        let adam = Optimizer::ADAM;
        let mut optimizer = OptimizerState::new(adam, self.search.device);
        let rows = self.samples.len();
        let steps = (self.decoder.epochs * rows.div_ceil(BATCH)) as f64;
        let mut step = 0.0;
        for epoch in 1..=self.decoder.epochs {
            let mut order: Vec<usize> = (0..rows).collect();
            stream(self.search.seed, &format!("decoder/shuffle/{epoch}")).shuffle(&mut order);
            self.pace.at(epoch - 1, self.decoder.epochs);
            for rows in order.chunks(BATCH) {
                self.pace.step();
                let (z, x) = self.batch(logits, rows, &device);
                let squared = Loss::SquaredError { scale: 1.0 };
                let loss = squared.mean(Output::Linear, mlp.forward(z), x);
                let rate = LEARNING_RATE * (1.0 - step / steps);
                mlp.step(&loss, &mut |number, value, gradient| {
                    optimizer.step(rate, number, value, gradient)
                })?;
                step += 1.0;
            }
        }
        Ok(mlp.valid())
    }

    /// Returns logits and pixels of rows: `[rows, outputs]` and `[rows, inputs]`.
    fn batch(
        &self,
        logits: &Standardised,
        rows: &[usize],
        device: &Device,
    ) -> (Tensor<2>, Tensor<2>) {
        let outputs = self.network.outputs();
        let z = rows
            .iter()
            .flat_map(|row| &logits.logits[row * outputs..][..outputs]);
        let levels = rows.iter().flat_map(|&row| self.samples.row(row));
        let pixels = levels.map(|&level| f32::from(level) / 255.0);
        (
            tensor(z.copied().collect(), outputs, device),
            tensor(pixels.collect(), self.samples.features, device),
        )
    }

    /// Returns initial weights, uniform as in Glorot and Bengio (2010), and biases of 0.
    fn initial(&self) -> Vec<Parameters> {
        let hidden = Some(self.decoder.hidden).filter(|&units| units > 0);
        let sizes: Vec<usize> = std::iter::once(self.network.outputs())
            .chain(hidden)
            .chain([self.network.inputs()])
            .collect();
        let layers = sizes.windows(2).enumerate().map(|(index, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let mut draws = stream(self.search.seed, &format!("decoder/init/{index}"));
            let mut draw = || Init::GlorotUniform.draw(inputs, outputs, &mut draws) as f32;
            let weights = (0..inputs * outputs).map(|_| draw());
            Parameters {
                inputs,
                outputs,
                weight: weights.collect(),
                bias: Some(vec![0.0; outputs]),
            }
        });
        layers.collect()
    }
}

impl Standardised {
    fn scaled(&self, logits: &[f64]) -> Vec<f32> {
        let pairs = logits.iter().zip(&self.scale);
        pairs
            .map(|(z, scale)| ((z - scale.mean) / scale.deviation) as f32)
            .collect()
    }
}

impl LogitScale {
    /// Scale of an output by its values. The deviation of one that never varies is 1.
    fn of<'a>(values: impl Iterator<Item = &'a f64> + Clone) -> Self {
        let count = values.clone().count().max(1) as f64;
        let mean = values.clone().sum::<f64>() / count;
        let deviation = (values.map(|z| (z - mean).powi(2)).sum::<f64>() / count).sqrt();
        let deviation = if deviation > 0.0 { deviation } else { 1.0 };
        Self { mean, deviation }
    }
}

fn tensor(values: Vec<f32>, columns: usize, device: &Device) -> Tensor<2> {
    let rows = values.len() / columns;
    Tensor::from_data(TensorData::new(values, [rows, columns]), device)
}

#[cfg(test)]
mod tests;
