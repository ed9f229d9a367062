//! Plain gradient descent by single rows, on flex: a step per row, with sparse rows.
//!
//! With a batch of one, a step changes each weight by an input times an error, so that no
//! gradient is stored, and only weights of nonzero pixels are touched.

mod layer;

use std::ops::Range;

use super::{ErrorRule, LayerSlices, Layout};
use crate::kernels::layer::Nonlinearity;
use crate::kernels::row_loss::RowLoss;
use crate::kernels::simd::Kernel;
use crate::kernels::sparse::SparseRows;
use layer::{Background, PaddedLayer};

/// Loss of a single row of logits z with targets t.
#[derive(Debug, Clone, Copy)]
pub enum SingleLoss {
    /// A cross entropy.
    Entropy(RowLoss),
    /// scale sum (t - y)^2 of the outputs y = f(z).
    Squares {
        /// Above 0.
        scale: f32,
        /// The function f.
        output: Nonlinearity,
    },
}

/// Settings of the steps.
#[derive(Debug, Clone, Copy)]
pub struct RowSteps {
    /// Loss of each row.
    pub loss: SingleLoss,
    /// Rule of the backward pass.
    pub rule: ErrorRule,
    /// Learning rate.
    pub learning_rate: f32,
}

/// Logits and losses of rows, each just before its step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepResults {
    /// Logits: `[rows, outputs]`, row-major.
    pub logits: Vec<f32>,
    /// Sum of the losses.
    pub loss: f64,
}

/// Kernel that takes a step per row, in the order of the rows.
///
/// # Shapes
/// - values: as [`Layout`] has them
/// - x: `[rows, inputs]`
/// - t: `[rows, outputs]`
pub struct RowDescent<'a> {
    pub values: &'a mut [f32],
    pub layout: &'a Layout,
    pub x: &'a SparseRows,
    pub t: &'a [f32],
    pub steps: RowSteps,
}

impl Kernel for RowDescent<'_> {
    type Output = StepResults;

    #[inline(always)]
    fn run(self) -> StepResults {
        let Self {
            values,
            layout,
            x,
            t,
            steps,
        } = self;
        let mut network = PaddedNetwork::read(values, layout, x.background());
        let mut results = StepResults {
            logits: Vec::with_capacity(t.len()),
            loss: 0.0,
        };
        let outputs = network.outputs();
        for (range, t) in x.ranges().zip(t.chunks_exact(outputs)) {
            let logits = network.forward(x, range);
            results.logits.extend_from_slice(logits);
            results.loss += network.backward(t, steps);
        }
        network.write(values, layout);
        results
    }
}

/// A network whose layers are padded for vectors.
struct PaddedNetwork {
    layers: Vec<PaddedLayer>,
    background: Background,
    nonlinearity: Nonlinearity,
}

impl PaddedNetwork {
    /// Pads the layers of a network that gets rows with this background.
    fn read(values: &[f32], layout: &Layout, background: f32) -> Self {
        let padded = |layer: &LayerSlices| {
            let slice = |range: &Range<usize>| &values[range.clone()];
            PaddedLayer::new(slice(&layer.weights), slice(&layer.biases), layer.outputs)
        };
        let layers: Vec<PaddedLayer> = layout.layers.iter().map(padded).collect();
        Self {
            background: Background::new(background, &layers[0]),
            layers,
            nonlinearity: layout.nonlinearity,
        }
    }

    /// Returns the number of outputs.
    fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.values().len())
    }

    fn write(mut self, values: &mut [f32], layout: &Layout) {
        self.background.add_shift(&mut self.layers[0]);
        for (padded, layer) in self.layers.iter().zip(&layout.layers) {
            let end = layer.biases.end;
            let (weights, biases) =
                values[layer.weights.start..end].split_at_mut(layer.weights.len());
            padded.copy_to(weights, biases);
        }
    }

    /// Returns the logits of a row.
    #[inline(always)]
    fn forward(&mut self, x: &SparseRows, range: Range<usize>) -> &[f32] {
        let Self {
            layers,
            background,
            nonlinearity,
        } = self;
        let last = layers.len() - 1;
        for index in 0..=last {
            let (before, after) = layers.split_at_mut(index);
            let layer = &mut after[0];
            match before.last() {
                None => {
                    layer.take_inputs(x.nonzeros(range.clone()));
                    background.start(layer);
                }
                Some(before) => {
                    layer.take_inputs((0..).zip(before.values().iter().copied()));
                    layer.start();
                }
            }
            layer.add_inputs();
            if index < last {
                layer.apply(*nonlinearity);
            }
        }
        layers[last].values()
    }

    /// Takes the step of the row of the last forward pass; returns its loss.
    #[inline(always)]
    fn backward(&mut self, t: &[f32], steps: RowSteps) -> f64 {
        let Self {
            layers,
            background,
            nonlinearity,
        } = self;
        let mut loss = 0.0;
        for index in (0..layers.len()).rev() {
            let (before, after) = layers.split_at_mut(index);
            let is_last = after.len() == 1;
            let layer = &mut after[0];
            if is_last {
                loss = layer.differentiate(t, steps.loss, steps.rule);
            }
            if let Some(before) = before.last_mut() {
                before.take_error(layer, *nonlinearity, steps.rule);
            }
            layer.descend(steps.learning_rate);
            if index == 0 {
                background.descend(layer);
            }
        }
        loss
    }
}
