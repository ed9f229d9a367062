//! Convolutional evaluator: a small network of fixed layers.
//!
//! The layers are, with sizes for digits of 28 x 28: convolution 5 x 5 to 8 maps with
//! stride 2 (12 x 12), `ReLU`, convolution 5 x 5 to 16 maps with stride 2 (4 x 4), `ReLU`,
//! dense to the classes, softmax. Inputs are levels from 0 to 1, whatever the range of
//! the inverted network. Images smaller than the filters reach are padded with black.

use burn::module::{Module, Param};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData, activation};

use super::picture::Grey;
use crate::arrays::{Array, Values};
use crate::data::{Dataset, ImageSize};
use crate::model::{Output, numbers};
use crate::rng::stream;
use crate::train::Loss;

/// Seed of all its random streams: an evaluator is no replicate of the inverted network.
const SEED: u64 = 0;

/// Width of a filter in pixels.
const FILTER: usize = 5;
const STRIDE: usize = 2;
/// Number of maps of each convolution.
const MAPS: [usize; 2] = [8, 16];
/// Minimum width and height of an input: the first convolution leaves one filter for the
/// second.
const MIN_SIDE: usize = 13;

/// Returns the width of the output of a convolution.
fn across(side: usize) -> usize {
    (side - FILTER) / STRIDE + 1
}

/// Returns the size of a padded image.
fn ground(size: ImageSize) -> ImageSize {
    ImageSize {
        width: size.width.max(MIN_SIDE),
        height: size.height.max(MIN_SIDE),
    }
}

/// Returns the number of inputs of the dense layer.
fn features(size: ImageSize) -> usize {
    let ImageSize { width, height } = ground(size);
    MAPS[1] * across(across(width)) * across(across(height))
}

const EPOCHS: usize = 4;
const BATCH: usize = 64;
/// Learning rate of the first step.
const LEARNING_RATE: f64 = 2e-3;
/// Epsilon of Adam, as everywhere here; the default of burn is 1e-5.
const EPSILON: f32 = 1e-8;

/// Maximum number of pictures at a time for predictions, which bounds memory.
const MAX_PICTURES: usize = 512;

/// Trained convolutional network on a device.
#[derive(Module, Debug)]
pub struct Conv {
    first: Param<Tensor<4>>,
    first_bias: Param<Tensor<1>>,
    second: Param<Tensor<4>>,
    second_bias: Param<Tensor<1>>,
    dense: Param<Tensor<2>>,
    dense_bias: Param<Tensor<1>>,
}

/// Names and shapes of the parameters for a data set.
fn shapes(dataset: &Dataset) -> [(&'static str, Vec<usize>); 6] {
    let [first, second] = MAPS;
    let classes = dataset.classes.len();
    [
        ("conv.0.weight", vec![first, 1, FILTER, FILTER]),
        ("conv.0.bias", vec![first]),
        ("conv.1.weight", vec![second, first, FILTER, FILTER]),
        ("conv.1.bias", vec![second]),
        ("dense.weight", vec![features(dataset.size), classes]),
        ("dense.bias", vec![classes]),
    ]
}

/// Initial parameters: weights uniform as He et al. (2015) scale them for rectified
/// units, biases zero.
fn drawn(dataset: &Dataset) -> Vec<Array> {
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
    shapes(dataset).into_iter().map(one).collect()
}

impl Conv {
    /// Moves parameters, in any order, to a device; none if they do not fit the data set.
    pub fn new(parameters: &[Array], dataset: &Dataset, device: &Device) -> Option<Self> {
        let shapes = shapes(dataset);
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

    /// Trains the network on the training rows of a data set; `on_epoch` gets the
    /// number of finished epochs and that of all.
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
        let Some(mut judge) = Self::new(&drawn(dataset), dataset, &autodiff) else {
            return Err(
                "convolutional evaluator: the drawn parameters do not fit the data set".to_owned(),
            );
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
                let z = judge.logits(tensor(&pictures, dataset.size, &autodiff));
                let t = one_hot(labels, rows.len(), classes, &autodiff);
                let loss = Loss::CrossEntropy.mean(Output::Softmax, z, t);
                let gradients = GradientsParams::from_grads(loss.backward(), &judge);
                // Falling to nothing, so that the last batches do not decide.
                let rate = LEARNING_RATE * (1.0 - step / steps);
                judge = adam.step(rate, judge, gradients);
                step += 1.0;
            }
            on_epoch(epoch, EPOCHS);
        }
        judge.arrays(dataset)
    }

    fn arrays(&self, dataset: &Dataset) -> Result<Vec<Array>, String> {
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
        Ok(shapes(dataset).into_iter().zip(values).map(array).collect())
    }

    /// # Shapes
    /// - x: `[pictures, 1, height, width]`, padded
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

    /// Returns the probability of each class for each picture of this size.
    ///
    /// # Errors
    /// If the device fails.
    pub fn probabilities(
        &self,
        pictures: &[&[u8]],
        size: ImageSize,
        device: &Device,
    ) -> Result<Vec<Vec<f64>>, String> {
        let mut all = Vec::with_capacity(pictures.len());
        for piece in pictures.chunks(MAX_PICTURES) {
            let z = self.logits(tensor(piece, size, device));
            let classes = z.dims()[1];
            let z = numbers(z)?;
            all.extend(z.chunks(classes).map(softmax));
        }
        Ok(all)
    }
}

/// Softmax in double precision, so that near certainty is not rounded to certainty.
fn softmax(z: &[f32]) -> Vec<f64> {
    let z: Vec<f64> = z.iter().copied().map(f64::from).collect();
    Output::Softmax.apply(&z)
}

/// Padded pictures of one size as values from 0 to 1: `[pictures, 1, height, width]`.
fn tensor(pictures: &[&Grey], size: ImageSize, device: &Device) -> Tensor<4> {
    let ImageSize { width, height } = ground(size);
    let values = pictures.iter().flat_map(|picture| grounded(picture, size));
    let data = TensorData::new(values.collect(), [pictures.len(), 1, height, width]);
    Tensor::from_data(data, device)
}

/// Picture padded with black on all sides, as values from 0 to 1.
fn grounded(picture: &Grey, size: ImageSize) -> Vec<f32> {
    let ground = ground(size);
    let left = (ground.width - size.width) / 2;
    let top = (ground.height - size.height) / 2;
    let mut values = vec![0.0; ground.pixels()];
    let lines = values.chunks_mut(ground.width).skip(top);
    for (line, row) in lines.zip(picture.chunks(size.width)) {
        for (value, &level) in line[left..].iter_mut().zip(row) {
            *value = f32::from(level) / 255.0;
        }
    }
    values
}

fn one_hot(
    labels: impl Iterator<Item = usize>,
    rows: usize,
    classes: usize,
    device: &Device,
) -> Tensor<2> {
    let mut values = vec![0.0_f32; rows * classes];
    for (row, label) in labels.enumerate() {
        values[row * classes + label] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [rows, classes]), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_picture_is_in_the_middle_of_black() {
        // Of 13 x 13: five columns left of the two pixels, six rows above.
        let size = ImageSize {
            width: 2,
            height: 1,
        };
        let values = grounded(&[255, 51], size);
        let place = 6 * 13 + 5;
        assert_eq!(values[place..place + 2], [1.0, 0.2]);
        assert_eq!((values.len(), values.iter().sum()), (13 * 13, 1.2_f32));
    }

    /// 28 x 28 become 12 x 12 and 4 x 4; 13 x 17 become 5 x 7 and 1 x 2.
    #[test]
    fn numbers_for_the_dense_layer_by_hand() {
        let of = |width, height| features(ImageSize { width, height });
        assert_eq!([of(28, 28), of(13, 17), of(1, 1)], [16 * 16, 16 * 2, 16]);
    }

    proptest! {
        #[test]
        fn a_picture_of_any_size_has_a_ground(width in 1usize..40, height in 1usize..40) {
            let size = ImageSize { width, height };
            let levels: Vec<u8> = (0..size.pixels()).map(|i| (i % 255 + 1) as u8).collect();
            let values = grounded(&levels, size);
            prop_assert_eq!(values.len(), ground(size).pixels());
            let seen: Vec<u8> = values
                .into_iter()
                .filter(|&value| value > 0.0)
                .map(|value| (value * 255.0).round() as u8)
                .collect();
            prop_assert_eq!(seen, levels);
        }
    }
}
