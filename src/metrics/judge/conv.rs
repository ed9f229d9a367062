//! The convolutional judge: a small network of fixed layers.
//!
//! 28 x 28 levels, convolution 5 x 5 to 8 maps with stride 2 (12 x 12),
//! rectified, convolution 5 x 5 to 16 maps with stride 2 (4 x 4), rectified,
//! dense to the classes, softmax. It sees levels from 0 to 1, whatever the networks it
//! judges were trained on.

use burn::module::{Module, Param};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData, activation};

use super::picture::Picture;
use crate::arrays::{Array, Values};
use crate::data::{Dataset, SIDE};
use crate::model::numbers;
use crate::rng::stream;
use crate::spec::{Loss, Output};

/// Of all its random streams: a judge is no replicate of what it judges.
const SEED: u64 = 0;

/// Pixels across a filter.
const FILTER: usize = 5;
const STRIDE: usize = 2;
/// Maps of each convolution.
const MAPS: [usize; 2] = [8, 16];
/// Pixels across what a convolution makes of the side of its input.
const fn across(side: usize) -> usize {
    (side - FILTER) / STRIDE + 1
}
/// Numbers that the dense layer gets.
const FEATURES: usize = MAPS[1] * across(across(SIDE)) * across(across(SIDE));

const EPOCHS: usize = 4;
const BATCH: usize = 64;
const RATE: f64 = 2e-3;
/// As everywhere here; burn's own default is 1e-5.
const EPSILON: f32 = 1e-8;

/// Pictures at a time when nothing is learnt; bounds memory.
const PIECE: usize = 512;

/// A trained convolutional judge on a device.
#[derive(Module, Debug)]
pub struct Conv {
    first: Param<Tensor<4>>,
    first_bias: Param<Tensor<1>>,
    second: Param<Tensor<4>>,
    second_bias: Param<Tensor<1>>,
    dense: Param<Tensor<2>>,
    dense_bias: Param<Tensor<1>>,
}

/// Names and shapes of the parameters for this many classes.
fn shapes(classes: usize) -> [(&'static str, Vec<usize>); 6] {
    let [first, second] = MAPS;
    [
        ("conv.0.weight", vec![first, 1, FILTER, FILTER]),
        ("conv.0.bias", vec![first]),
        ("conv.1.weight", vec![second, first, FILTER, FILTER]),
        ("conv.1.bias", vec![second]),
        ("dense.weight", vec![FEATURES, classes]),
        ("dense.bias", vec![classes]),
    ]
}

/// Initial parameters: weights uniform as He et al. (2015) scale them for rectified
/// units, biases zero.
fn drawn(classes: usize) -> Vec<Array> {
    let one = |(name, shape): (&str, Vec<usize>)| {
        let count: usize = shape.iter().product();
        let fan_in = match shape[..] {
            [_] => None,
            [inputs, _] => Some(inputs),
            _ => Some(shape[1..].iter().product()),
        };
        let bound = fan_in.map_or(0.0, |fan_in: usize| (6.0 / fan_in as f64).sqrt());
        let mut stream = stream(SEED, &format!("judge/{name}"));
        let values = (0..count).map(|_| stream.uniform_in(-bound, bound) as f32);
        Array {
            name: name.to_owned(),
            values: Values::F32(values.collect()),
            shape,
        }
    };
    shapes(classes).into_iter().map(one).collect()
}

impl Conv {
    /// Puts parameters, in any order, onto a device; none if they are not those of
    /// a judge of this many classes.
    #[must_use]
    pub fn new(parameters: &[Array], classes: usize, device: &Device) -> Option<Self> {
        let shapes = shapes(classes);
        let data = |index: usize| {
            let (name, shape) = &shapes[index];
            let named = parameters.iter().find(|array| array.name == *name)?;
            match &named.values {
                Values::F32(values) if named.shape == *shape => {
                    Some(TensorData::new(values.clone(), shape.clone()))
                }
                _ => None,
            }
        };
        Some(Self {
            first: Param::from_data(data(0)?, device),
            first_bias: Param::from_data(data(1)?, device),
            second: Param::from_data(data(2)?, device),
            second_bias: Param::from_data(data(3)?, device),
            dense: Param::from_data(data(4)?, device),
            dense_bias: Param::from_data(data(5)?, device),
        })
    }

    /// Trains a judge on the training rows of a data set; `on_epoch` is told how
    /// many epochs of how many are over.
    ///
    /// # Errors
    /// If the device fails.
    pub fn train(
        dataset: &Dataset,
        device: &Device,
        on_epoch: &dyn Fn(usize, usize),
    ) -> Result<Vec<Array>, String> {
        let classes = dataset.classes.len();
        let autodiff = device.clone().autodiff();
        let Some(mut judge) = Self::new(&drawn(classes), classes, &autodiff) else {
            return Err("the judge has other layers than it should".to_owned());
        };
        let mut adam = AdamConfig::new().with_epsilon(EPSILON).init();
        let train = &dataset.train;
        let steps = (EPOCHS * train.len().div_ceil(BATCH)) as f64;
        let mut step = 0.0;
        for epoch in 1..=EPOCHS {
            let mut order: Vec<usize> = (0..train.len()).collect();
            stream(SEED, &format!("judge/shuffle/{epoch}")).shuffle(&mut order);
            for rows in order.chunks(BATCH) {
                let pictures: Vec<&[u8]> = rows.iter().map(|&row| train.row(row)).collect();
                let labels = rows.iter().map(|&row| usize::from(train.labels[row]));
                let z = judge.logits(tensor(&pictures, &autodiff));
                let t = one_hot(labels, (rows.len(), classes), &autodiff);
                let loss = Loss::CrossEntropy.mean(Output::Softmax, z, t);
                let gradients = GradientsParams::from_grads(loss.backward(), &judge);
                // Falling to nothing, so that the last batches do not decide.
                let rate = RATE * (1.0 - step / steps);
                judge = adam.step(rate, judge, gradients);
                step += 1.0;
            }
            on_epoch(epoch, EPOCHS);
        }
        judge.arrays(classes)
    }

    fn arrays(&self, classes: usize) -> Result<Vec<Array>, String> {
        let values = [
            numbers(self.first.val().inner())?,
            numbers(self.first_bias.val().inner())?,
            numbers(self.second.val().inner())?,
            numbers(self.second_bias.val().inner())?,
            numbers(self.dense.val().inner())?,
            numbers(self.dense_bias.val().inner())?,
        ];
        let array = |((name, shape), values): ((&str, Vec<usize>), Vec<f32>)| Array {
            name: name.to_owned(),
            shape,
            values: Values::F32(values),
        };
        Ok(shapes(classes).into_iter().zip(values).map(array).collect())
    }

    /// # Shapes
    /// - x: `[pictures, 1, 28, 28]`
    /// - logits: `[pictures, classes]`
    fn logits(&self, x: Tensor<4>) -> Tensor<2> {
        let options = || ConvOptions::new([STRIDE; 2], [0; 2], [1; 2], 1);
        let conv = |x, weight: &Param<Tensor<4>>, bias: &Param<Tensor<1>>| {
            let z = conv2d(x, weight.val(), Some(bias.val()), options());
            activation::relu(z)
        };
        let x = conv(x, &self.first, &self.first_bias);
        let x = conv(x, &self.second, &self.second_bias);
        let x: Tensor<2> = x.flatten(1, 3);
        x.matmul(self.dense.val()) + self.dense_bias.val().unsqueeze()
    }

    /// The probability of each class, for each picture.
    ///
    /// # Errors
    /// If the device fails.
    pub fn probabilities(
        &self,
        pictures: &[&[u8]],
        device: &Device,
    ) -> Result<Vec<Vec<f64>>, String> {
        let mut all = Vec::with_capacity(pictures.len());
        for piece in pictures.chunks(PIECE) {
            let z = self.logits(tensor(piece, device));
            let classes = z.dims()[1];
            let z = numbers(z)?;
            all.extend(z.chunks(classes).map(softmax));
        }
        Ok(all)
    }
}

/// In double precision, so that near certainty is not rounded to certainty.
fn softmax(z: &[f32]) -> Vec<f64> {
    let z: Vec<f64> = z.iter().copied().map(f64::from).collect();
    Output::Softmax.apply(&z)
}

/// Pictures as values from 0 to 1: `[pictures, 1, 28, 28]`.
fn tensor(pictures: &[&Picture], device: &Device) -> Tensor<4> {
    let levels = pictures.iter().flat_map(|picture| picture.iter());
    let values: Vec<f32> = levels.map(|&level| f32::from(level) / 255.0).collect();
    let data = TensorData::new(values, [pictures.len(), 1, SIDE, SIDE]);
    Tensor::from_data(data, device)
}

fn one_hot(
    labels: impl Iterator<Item = usize>,
    (rows, classes): (usize, usize),
    device: &Device,
) -> Tensor<2> {
    let mut values = vec![0.0_f32; rows * classes];
    for (row, label) in labels.enumerate() {
        values[row * classes + label] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [rows, classes]), device)
}
