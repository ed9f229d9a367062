//! Handwritten training loop: matrix products by the library that burn uses as well,
//! preallocated buffers, no graph. What training cannot
//! be expected to be faster than.

#![allow(unsafe_code, reason = "matrix products are called by pointers")]

use backquery::data::Samples;
use backquery::model::{Activation, Output, Parameters, draw};
use backquery::rng::stream;
use backquery::train::Optimizer;

use super::Shape;

/// Matrix in memory.
#[derive(Clone, Copy)]
struct View<'a> {
    numbers: &'a [f32],
    /// Distances between rows and between columns.
    strides: (isize, isize),
}

fn view(numbers: &[f32], columns: usize) -> View<'_> {
    View {
        numbers,
        strides: (columns as isize, 1),
    }
}

fn transposed(numbers: &[f32], columns: usize) -> View<'_> {
    View {
        numbers,
        strides: (1, columns as isize),
    }
}

/// out = a b, of m x k and k x n.
fn product(out: &mut [f32], a: View<'_>, b: View<'_>, [m, k, n]: [usize; 3]) {
    assert!(out.len() >= m * n && a.numbers.len() >= m * k && b.numbers.len() >= k * n);
    // SAFETY: the matrices lie within their slices, as was just checked: strides are 1
    // and the number of columns.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            a.numbers.as_ptr(),
            a.strides.1,
            a.strides.0,
            b.numbers.as_ptr(),
            b.strides.1,
            b.strides.0,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Numbers that Adam moves.
struct Moved {
    value: Vec<f32>,
    gradient: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Moved {
    fn new(value: Vec<f32>) -> Self {
        let zeros = vec![0.0; value.len()];
        Self {
            value,
            gradient: zeros.clone(),
            first: zeros.clone(),
            second: zeros,
        }
    }

    fn step(&mut self, time: i32, rate: f32, epsilon: f32) {
        let correction = (1.0 - 0.999f32.powi(time)).sqrt();
        let rate = rate * correction / (1.0 - 0.9f32.powi(time));
        let epsilon = epsilon * correction;
        let moments = self.first.iter_mut().zip(&mut self.second);
        let numbers = self.value.iter_mut().zip(&self.gradient);
        for ((x, g), (m, v)) in numbers.zip(moments) {
            *m = *m * 0.9 + g * 0.1;
            *v = *v * 0.999 + g * g * 0.001;
            *x -= *m * rate / (v.sqrt() + epsilon);
        }
    }
}

struct Layer {
    inputs: usize,
    outputs: usize,
    weight: Moved,
    bias: Moved,
    /// Output of the layer, after its activation, and its gradient.
    out: Vec<f32>,
    delta: Vec<f32>,
}

/// Training by hand.
pub struct Hand<'a> {
    shape: &'a Shape,
    layers: Vec<Layer>,
    x: Vec<f32>,
    time: i32,
    passes: usize,
}

impl<'a> Hand<'a> {
    pub fn new(shape: &'a Shape) -> Self {
        let Samples { features, .. } = shape.dataset.train;
        let batch = shape.train.batch_size;
        let classes = shape.dataset.classes.len();
        let layer = |p: Parameters| Layer {
            inputs: p.inputs,
            outputs: p.outputs,
            weight: Moved::new(p.weight),
            bias: Moved::new(p.bias.unwrap()),
            out: vec![0.0; batch * p.outputs],
            delta: vec![0.0; batch * p.outputs],
        };
        let drawn = draw(&shape.model, features, classes, 0);
        Self {
            shape,
            layers: drawn.into_iter().map(layer).collect(),
            x: vec![0.0; batch * features],
            time: 0,
            passes: 0,
        }
    }

    /// One pass over the data in a new order: mean loss without l2, share of hits.
    pub fn pass(&mut self) -> (f64, f64) {
        let rows = self.shape.dataset.train.len();
        self.passes += 1;
        let mut order: Vec<usize> = (0..rows).collect();
        stream(0, &format!("shuffle/{}", self.passes)).shuffle(&mut order);
        let (mut loss, mut hits) = (0.0, 0);
        for rows in order.chunks(self.shape.train.batch_size) {
            self.gather(rows);
            self.forward(rows.len());
            let (l, h) = self.losses(rows);
            loss += l;
            hits += h;
            self.backward(rows.len());
            self.update(rows.len());
        }
        (loss / rows as f64, hits as f64 / rows as f64)
    }

    fn gather(&mut self, rows: &[usize]) {
        let samples = &self.shape.dataset.train;
        for (x, &row) in self.x.chunks_mut(samples.features).zip(rows) {
            for (x, &level) in x.iter_mut().zip(samples.row(row)) {
                *x = f32::from(level) * (2.0 / 255.0) - 1.0;
            }
        }
    }

    fn forward(&mut self, rows: usize) {
        let last = self.layers.len() - 1;
        for index in 0..=last {
            let (before, from) = self.layers.split_at_mut(index);
            let input = before.last().map_or(&self.x, |layer| &layer.out);
            let layer = &mut from[0];
            let (k, n) = (layer.inputs, layer.outputs);
            let weight = view(&layer.weight.value, n);
            product(&mut layer.out, view(input, k), weight, [rows, k, n]);
            let activation = self.shape.model.activation;
            for out in layer.out.chunks_mut(n).take(rows) {
                for (z, b) in out.iter_mut().zip(&layer.bias.value) {
                    *z += b;
                }
                if index < last {
                    apply(activation, out);
                }
            }
        }
    }

    /// Puts the gradient of the mean loss behind the last layer.
    fn losses(&mut self, rows: &[usize]) -> (f64, usize) {
        let labels = &self.shape.dataset.train.labels;
        let logistic = self.shape.model.output == Output::Logistic;
        let Some(layer) = self.layers.last_mut() else {
            return (0.0, 0);
        };
        let n = layer.outputs;
        let (mut loss, mut hits) = (0.0, 0);
        let places = layer.out.chunks(n).zip(layer.delta.chunks_mut(n));
        for ((z, delta), &row) in places.zip(rows) {
            let label = usize::from(labels[row]);
            loss += if logistic {
                logistic_row(z, label, delta)
            } else {
                softmax_row(z, label, delta)
            };
            hits += usize::from(z.iter().all(|other| *other <= z[label]));
            for d in delta {
                *d /= rows.len() as f32;
            }
        }
        (loss, hits)
    }

    fn backward(&mut self, rows: usize) {
        for index in (0..self.layers.len()).rev() {
            let (before, from) = self.layers.split_at_mut(index);
            let layer = &mut from[0];
            let (k, n) = (layer.inputs, layer.outputs);
            let input = before.last().map_or(&self.x, |layer| &layer.out);
            let delta = view(&layer.delta, n);
            let gradient = &mut layer.weight.gradient;
            product(gradient, transposed(input, k), delta, [k, rows, n]);
            layer.bias.gradient.fill(0.0);
            for delta in layer.delta.chunks(n).take(rows) {
                for (g, d) in layer.bias.gradient.iter_mut().zip(delta) {
                    *g += d;
                }
            }
            if let Some(previous) = before.last_mut() {
                let weight = transposed(&layer.weight.value, n);
                product(&mut previous.delta, delta, weight, [rows, n, k]);
                slopes(
                    self.shape.model.activation,
                    &previous.out,
                    &mut previous.delta,
                );
            }
        }
    }

    fn update(&mut self, rows: usize) {
        let train = &self.shape.train;
        let Optimizer::Adam { epsilon } = train.optimizer else {
            return;
        };
        self.time += 1;
        let (rate, epsilon) = (train.learning_rate as f32, epsilon as f32);
        for Layer { weight, bias, .. } in &mut self.layers {
            if train.l2 > 0.0 {
                let decay = (train.l2 / rows as f64) as f32;
                for (g, w) in weight.gradient.iter_mut().zip(&weight.value) {
                    *g += decay * w;
                }
            }
            weight.step(self.time, rate, epsilon);
            bias.step(self.time, rate, epsilon);
        }
    }
}

fn apply(activation: Activation, out: &mut [f32]) {
    match activation {
        Activation::LeakyRelu { slope } => {
            for z in out {
                *z *= if *z < 0.0 { slope as f32 } else { 1.0 };
            }
        }
        Activation::Sigmoid => {
            for z in out {
                *z = 1.0 / (1.0 + (-*z).exp());
            }
        }
        other => {
            for z in out {
                *z = other.apply(f64::from(*z)) as f32;
            }
        }
    }
}

/// The gradient before an activation, by what came out of it.
fn slopes(activation: Activation, out: &[f32], delta: &mut [f32]) {
    for (d, &y) in delta.iter_mut().zip(out) {
        *d *= match activation {
            Activation::LeakyRelu { slope } if y < 0.0 => slope as f32,
            Activation::Sigmoid => y * (1.0 - y),
            _ => 1.0,
        };
    }
}

fn softmax_row(z: &[f32], label: usize, delta: &mut [f32]) -> f64 {
    let highest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for (d, z) in delta.iter_mut().zip(z) {
        *d = (z - highest).exp();
    }
    let sum: f32 = delta.iter().sum();
    for d in &mut *delta {
        *d /= sum;
    }
    delta[label] -= 1.0;
    f64::from(sum.ln() + highest - z[label])
}

fn logistic_row(z: &[f32], label: usize, delta: &mut [f32]) -> f64 {
    let mut loss = 0.0;
    for (k, (d, &z)) in delta.iter_mut().zip(z).enumerate() {
        let t = f32::from(u8::from(k == label));
        let small = (-z.abs()).exp();
        loss += z.max(0.0) - t * z + small.ln_1p();
        *d = if z >= 0.0 { 1.0 } else { small } / (1.0 + small) - t;
    }
    f64::from(loss)
}
