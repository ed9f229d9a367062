//! Layers padded to whole vectors, with the values of one row.

use super::{ErrorRule, SingleLoss};
use crate::kernels::layer::{Activate, Nonlinearity, times_derivative};
use crate::kernels::row_loss::{LogitRows, LossGradient, LossSum};
use crate::kernels::simd::Kernel;

/// Numbers in the widest vector of all processors, a multiple of those in narrower ones.
const LANES: usize = 16;

/// A layer and its values of the current row. Units are padded with zeros to whole vectors.
pub struct PaddedLayer {
    outputs: usize,
    /// Units with padding.
    stride: usize,
    /// W: `[inputs, stride]`.
    weights: Vec<f32>,
    /// b: `[stride]`, or empty.
    biases: Vec<f32>,
    /// Inputs of the row; in the first layer nonzeros alone.
    inputs: Vec<LayerInput>,
    /// z = x W + b, then f(z): `[stride]`.
    values: Vec<f32>,
    /// Error in z, then times the learning rate: `[stride]`.
    error: Vec<f32>,
    /// Error in f(z), then the error that goes back to the layer before: `[stride]`.
    sent: Vec<f32>,
}

/// An input of a layer.
#[derive(Debug, Clone, Copy)]
struct LayerInput {
    /// Index of its first weight.
    start: usize,
    value: f32,
}

impl PaddedLayer {
    /// Pads weights, `[inputs, outputs]`, and biases, `[outputs]` or empty.
    pub fn new(weights: &[f32], biases: &[f32], outputs: usize) -> Self {
        let stride = outputs.next_multiple_of(LANES);
        let padded = |numbers: &[f32]| {
            let rows = numbers.chunks_exact(outputs);
            let mut padded = Vec::with_capacity(rows.len() * stride);
            for row in rows {
                padded.extend_from_slice(row);
                padded.resize(padded.len().next_multiple_of(LANES), 0.0);
            }
            padded
        };
        Self {
            outputs,
            stride,
            weights: padded(weights),
            biases: padded(biases),
            inputs: Vec::new(),
            values: vec![0.0; stride],
            error: vec![0.0; stride],
            sent: vec![0.0; stride],
        }
    }

    /// Returns the values of the row.
    pub fn values(&self) -> &[f32] {
        &self.values[..self.outputs]
    }

    /// Replaces the inputs by those of another row.
    #[inline(always)]
    pub fn take_inputs(&mut self, inputs: impl Iterator<Item = (usize, f32)>) {
        let stride = self.stride;
        self.inputs.clear();
        self.inputs.extend(inputs.map(|(input, value)| LayerInput {
            start: input * stride,
            value,
        }));
    }

    /// Sets z to b.
    #[inline(always)]
    pub fn start(&mut self) {
        if self.biases.is_empty() {
            self.values.fill(0.0);
        } else {
            self.values.copy_from_slice(&self.biases);
        }
    }

    /// Adds x W to z, four inputs at a time.
    #[inline(always)]
    pub fn add_inputs(&mut self) {
        let (fours, rest) = self.inputs.as_chunks::<4>();
        let row = |input: &LayerInput| &self.weights[input.start..input.start + self.stride];
        for inputs in fours {
            let [w0, w1, w2, w3] = inputs.each_ref().map(row);
            let [x0, x1, x2, x3] = inputs.map(|input| input.value);
            let rows = w0.iter().zip(w1).zip(w2.iter().zip(w3));
            for (z, ((w0, w1), (w2, w3))) in self.values.iter_mut().zip(rows) {
                *z += (x0 * w0 + x1 * w1) + (x2 * w2 + x3 * w3);
            }
        }
        for input in rest {
            for (z, w) in self.values.iter_mut().zip(row(input)) {
                *z += input.value * w;
            }
        }
    }

    /// Replaces z by f(z).
    #[inline(always)]
    pub fn apply(&mut self, f: Nonlinearity) {
        Activate {
            z: &mut self.values,
            b: &[],
            units: self.stride,
            f,
        }
        .run();
    }

    /// Sets the errors of the last layer; returns the loss.
    #[inline(always)]
    pub fn differentiate(&mut self, t: &[f32], loss: SingleLoss, rule: ErrorRule) -> f64 {
        let outputs = self.outputs;
        let (z, sent) = (&mut self.values[..outputs], &mut self.sent[..outputs]);
        match loss {
            SingleLoss::Entropy(loss) => {
                let rows = LogitRows { z, t, outputs };
                let (sum, exps) = LossSum { loss, rows }.run();
                let exps = &exps;
                sent.copy_from_slice(&LossGradient { loss, rows, exps }.run());
                self.spread_error(Nonlinearity::Identity, rule);
                sum
            }
            SingleLoss::Squares { scale, output: f } => {
                let (b, units) = (&[][..], outputs);
                Activate { z, b, units, f }.run();
                let mut sum = 0.0;
                for ((sent, y), t) in sent.iter_mut().zip(z).zip(t) {
                    let residual = *y - t;
                    *sent = 2.0 * scale * residual;
                    sum += f64::from(scale * residual * residual);
                }
                self.spread_error(f, rule);
                sum
            }
        }
    }

    /// Sets the errors of a layer followed by f to those that come back from the next layer.
    #[inline(always)]
    pub fn take_error(&mut self, after: &Self, f: Nonlinearity, rule: ErrorRule) {
        let rows = after.weights.chunks_exact(after.stride);
        for (sent, w) in self.sent.iter_mut().zip(rows) {
            *sent = dot(w, &after.sent);
        }
        self.spread_error(f, rule);
    }

    /// Sets the error in z, and the error that goes back, from the error in f(z).
    #[inline(always)]
    fn spread_error(&mut self, f: Nonlinearity, rule: ErrorRule) {
        self.error.copy_from_slice(&self.sent);
        times_derivative(&mut self.error, &self.values, f);
        match rule {
            ErrorRule::Gradient => self.sent.copy_from_slice(&self.error),
            ErrorRule::Weights => {}
        }
    }

    /// Takes the step: W - rate x^T d and b - rate d, of the error d.
    #[inline(always)]
    pub fn descend(&mut self, learning_rate: f32) {
        for error in &mut self.error {
            *error *= learning_rate;
        }
        for LayerInput { start, value } in &self.inputs {
            let row = &mut self.weights[*start..start + self.stride];
            for (w, error) in row.iter_mut().zip(&self.error) {
                *w -= value * error;
            }
        }
        for (b, error) in self.biases.iter_mut().zip(&self.error) {
            *b -= error;
        }
    }

    /// Copies the weights, `[inputs, outputs]`, and the biases, `[outputs]` or empty.
    pub fn copy_to(&self, weights: &mut [f32], biases: &mut [f32]) {
        let rows = weights.chunks_exact_mut(self.outputs);
        for (row, padded) in rows.zip(self.weights.chunks_exact(self.stride)) {
            row.copy_from_slice(&padded[..self.outputs]);
        }
        biases.copy_from_slice(&self.biases[..biases.len()]);
    }
}

/// Returns the sum of products of whole vectors.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, _), (b, _)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for k in 0..LANES {
            sums[k] += a[k] * b[k];
        }
    }
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        for k in 0..count {
            sums[k] += sums[k + count];
        }
    }
    sums[0]
}

/// Share of the background in the first layer.
///
/// A step changes the weights of all pixels by the same multiple of the background b. The
/// layer therefore stores V, and its weights are W = V + c in the row of each pixel: a step
/// changes V for nonzero pixels alone, and c once. For x = b + n, with n = 0 except for
/// nonzero pixels, x W = n V + b sum(W) + sum(n) c.
pub struct Background {
    /// b
    value: f64,
    /// Number of pixels.
    pixels: f64,
    /// c: `[stride]`.
    shift: Vec<f64>,
    /// Sum of W over the pixels: `[stride]`.
    sums: Vec<f64>,
    /// Sum of n of the current row.
    nonzeros: f64,
}

impl Background {
    /// Starts with V = W of a layer.
    pub fn new(value: f32, layer: &PaddedLayer) -> Self {
        let mut sums = vec![0.0; layer.stride];
        let rows = layer.weights.chunks_exact(layer.stride);
        let pixels = rows.len() as f64;
        for row in rows {
            for (sum, w) in sums.iter_mut().zip(row) {
                *sum += f64::from(*w);
            }
        }
        Self {
            value: f64::from(value),
            pixels,
            shift: vec![0.0; layer.stride],
            sums,
            nonzeros: 0.0,
        }
    }

    /// Sets z to x W + b without n V.
    #[inline(always)]
    pub fn start(&mut self, layer: &mut PaddedLayer) {
        layer.start();
        let nonzeros = layer.inputs.iter().map(|input| f64::from(input.value));
        self.nonzeros = nonzeros.sum();
        let both = self.sums.iter().zip(&self.shift);
        for (z, (sum, shift)) in layer.values.iter_mut().zip(both) {
            *z += (self.value * sum + self.nonzeros * shift) as f32;
        }
    }

    /// Takes the step of c, after that of V.
    #[inline(always)]
    pub fn descend(&mut self, layer: &PaddedLayer) {
        let all = self.value * self.pixels + self.nonzeros;
        let both = self.sums.iter_mut().zip(&mut self.shift);
        for ((sum, shift), step) in both.zip(&layer.error) {
            let step = f64::from(*step);
            *shift -= self.value * step;
            *sum -= all * step;
        }
    }

    /// Turns V into W.
    pub fn add_shift(&self, layer: &mut PaddedLayer) {
        for row in layer.weights.chunks_exact_mut(layer.stride) {
            for (w, shift) in row.iter_mut().zip(&self.shift) {
                *w = (f64::from(*w) + shift) as f32;
            }
        }
    }
}
