//! Convolutional evaluator: a small network of fixed layers, with an output for each class
//! of the data file and one for pictures without a class.
//!
//! The layers are, with sizes for digits of 28 x 28 without their first row and column:
//! convolution 5 x 5 to 12 maps with stride 2 (12 x 12), `ReLU`, convolution 3 x 3 to 32
//! maps with stride 3 (4 x 4), `ReLU`, dense to 48 units, `ReLU`, dense to the outputs,
//! softmax. Windows of the first convolution are gathered in groups of 3 x 3, so that each
//! layer is one product of matrices.

use burn::module::{Module, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData, activation};

use super::look::Contrast;
use crate::arrays::{Array, Values};
use crate::data::ImageSize;
use crate::model::{Update, numbers, updated};
use crate::rng::stream;

/// Width of a window of the first convolution in pixels.
const FILTER: usize = 5;
const STRIDE: usize = 2;
/// Width of a window of the second convolution in windows of the first, and its stride.
const GROUP: usize = 3;
/// Numbers of maps of the convolutions, and of dense units.
const UNITS: [usize; 3] = [12, 32, 48];

/// Maximum number of pictures at a time, which bounds memory.
const MAX_PICTURES: usize = 256;
/// Number of pictures whose levels are summed side by side: a sum in the order of pixels waits
/// for every addition.
const SIDE_BY_SIDE: usize = 8;

/// Windows of pictures of one size.
#[derive(Debug, Clone)]
pub struct Windows {
    size: ImageSize,
    /// Size of the area that the windows cover.
    area: ImageSize,
    /// Position of the picture in the area; negative if it begins before.
    left: i64,
    top: i64,
    /// Place in the area of the first pixel of each row of each window.
    starts: Vec<usize>,
    /// Number of groups of windows.
    groups: usize,
}

impl Windows {
    /// Windows of pictures of this size. The area that they cover has its middle at that of
    /// the picture.
    pub fn new(size: ImageSize) -> Self {
        let step = STRIDE * GROUP;
        let overlap = FILTER - STRIDE;
        let groups = |side: usize| ((side + step / 2).saturating_sub(overlap) / step).max(1);
        let (across, down) = (groups(size.width), groups(size.height));
        let area = ImageSize {
            width: across * step + overlap,
            height: down * step + overlap,
        };
        let margin = |covered: usize, side: usize| covered as i64 / 2 - (side / 2) as i64;
        let mut starts = Vec::new();
        for group in 0..across * down {
            for window in 0..GROUP * GROUP {
                let x = group % across * step + window % GROUP * STRIDE;
                let y = group / across * step + window / GROUP * STRIDE;
                starts.extend((y..y + FILTER).map(|y| y * area.width + x));
            }
        }
        Self {
            size,
            left: margin(area.width, size.width),
            top: margin(area.height, size.height),
            area,
            starts,
            groups: across * down,
        }
    }

    /// Returns the windows of pictures, standardised: windows x places. Places beyond the
    /// edge of a picture are 0.
    pub fn of(&self, pictures: &[Vec<f32>]) -> Vec<f32> {
        let mut values = Vec::with_capacity(pictures.len() * self.starts.len() * FILTER);
        let mut area = vec![0.0; self.area.pixels()];
        for (picture, contrast) in pictures.iter().zip(contrasts(pictures)) {
            self.lay(picture, contrast, &mut area);
            for &start in &self.starts {
                values.extend_from_slice(&area[start..start + FILTER]);
            }
        }
        values
    }

    /// Writes the standardised levels of a picture into the area that the windows cover.
    fn lay(&self, picture: &[f32], contrast: Contrast, area: &mut [f32]) {
        // First pixel of the picture that is covered, its place in the area, and their number.
        let shared = |offset: i64, side: usize, covered: usize| {
            let (skipped, place) = ((-offset).max(0) as usize, offset.max(0) as usize);
            (skipped, place, (side - skipped).min(covered - place))
        };
        let (skipped, place, count) = shared(self.left, self.size.width, self.area.width);
        let (above, top, rows) = shared(self.top, self.size.height, self.area.height);
        for row in 0..rows {
            let levels = &picture[(above + row) * self.size.width + skipped..][..count];
            let place = (top + row) * self.area.width + place;
            for (into, level) in area[place..place + count].iter_mut().zip(levels) {
                *into = contrast.of_level(*level);
            }
        }
    }
}

/// Returns the contrast of each picture.
fn contrasts(pictures: &[Vec<f32>]) -> Vec<Contrast> {
    let (whole, rest) = pictures.as_chunks::<SIDE_BY_SIDE>();
    let side_by_side = whole.iter().flat_map(|pictures| {
        let pictures = pictures.each_ref().map(Vec::as_slice);
        Contrast::of_each(pictures)
    });
    let rest = rest.iter().flat_map(|picture| Contrast::of_each([picture]));
    side_by_side.chain(rest).collect()
}

/// Moves windows to a device.
///
/// # Shapes
/// - `[windows, 25]`
pub fn tensor(windows: Vec<f32>, device: &Device) -> Tensor<2> {
    let places = FILTER * FILTER;
    let shape = [windows.len() / places, places];
    Tensor::from_data(TensorData::new(windows, shape), device)
}

/// Trained convolutional network on a device.
#[derive(Module, Debug)]
pub struct Conv {
    weights: Vec<Param<Tensor<2>>>,
    biases: Vec<Param<Tensor<1>>>,
}

/// Returns the shapes of the weights, inputs x outputs, for pictures of this size.
fn shapes(windows: &Windows, outputs: usize) -> [[usize; 2]; 4] {
    let [first, second, dense] = UNITS;
    [
        [FILTER * FILTER, first],
        [GROUP * GROUP * first, second],
        [windows.groups * second, dense],
        [dense, outputs],
    ]
}

impl Conv {
    /// Initial network of the evaluator with this number: weights uniform as He et al.
    /// (2015) scale them for rectified units, biases zero.
    pub fn drawn(number: usize, windows: &Windows, outputs: usize, device: &Device) -> Self {
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for (layer, [inputs, units]) in shapes(windows, outputs).into_iter().enumerate() {
            let bound = (6.0 / inputs as f64).sqrt();
            let mut stream = stream(number as u64, &format!("judge/init/{layer}"));
            let drawn = (0..inputs * units).map(|_| stream.uniform_in(-bound, bound) as f32);
            let data = TensorData::new(drawn.collect::<Vec<f32>>(), [inputs, units]);
            weights.push(Param::from_data(data, device));
            biases.push(Param::from_data(
                TensorData::zeros::<f32, _>([units]),
                device,
            ));
        }
        Self { weights, biases }
    }

    /// Moves the parameters of the evaluator with this number to a device; none if they do
    /// not fit.
    pub fn new(
        parameters: &[Array],
        number: usize,
        windows: &Windows,
        outputs: usize,
        device: &Device,
    ) -> Option<Self> {
        let data = |name: String, shape: Vec<usize>| {
            let named = parameters.iter().find(|array| array.name == name)?;
            match &named.values {
                Values::F32(values) if named.shape == shape => {
                    Some(TensorData::new(values.clone(), shape))
                }
                _ => None,
            }
        };
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for (layer, [inputs, units]) in shapes(windows, outputs).into_iter().enumerate() {
            let weight = data(name(number, layer, "weight"), vec![inputs, units])?;
            let bias = data(name(number, layer, "bias"), vec![units])?;
            weights.push(Param::from_data(weight, device));
            biases.push(Param::from_data(bias, device));
        }
        Some(Self { weights, biases })
    }

    /// Returns the parameters, named after the number of the evaluator.
    ///
    /// # Errors
    /// If the device fails.
    pub fn arrays(&self, number: usize) -> Result<Vec<Array>, String> {
        let mut arrays = Vec::new();
        for (layer, (weight, bias)) in self.weights.iter().zip(&self.biases).enumerate() {
            let shape = weight.dims().to_vec();
            for (kind, shape, values) in [
                ("weight", shape, numbers(weight.val().inner())?),
                ("bias", bias.dims().to_vec(), numbers(bias.val().inner())?),
            ] {
                arrays.push(Array {
                    name: name(number, layer, kind),
                    shape,
                    values: Values::F32(values),
                });
            }
        }
        Ok(arrays)
    }

    /// # Shapes
    /// - windows: `[pictures * groups * 9, 25]`
    /// - logits: `[pictures, outputs]`
    pub fn logits(&self, windows: Tensor<2>) -> Tensor<2> {
        let mut x = windows;
        let last = self.weights.len() - 1;
        for (layer, (weight, bias)) in self.weights.iter().zip(&self.biases).enumerate() {
            let inputs = weight.dims()[0];
            let rows = x.shape().num_elements() / inputs;
            let z = x.reshape([rows, inputs]).matmul(weight.val()) + bias.val().unsqueeze();
            x = if layer == last {
                z
            } else {
                activation::relu(z)
            };
        }
        x
    }

    /// Updates every parameter by its gradient, weights and biases in turn.
    ///
    /// # Errors
    /// If an update fails, after which the network is unusable.
    pub fn step(
        &mut self,
        mut gradients: Gradients,
        update: &mut Update<'_>,
    ) -> Result<(), String> {
        let (weights, biases) = (
            std::mem::take(&mut self.weights),
            std::mem::take(&mut self.biases),
        );
        let (number, gradients) = (&mut 0, &mut gradients);
        for (weight, bias) in weights.into_iter().zip(biases) {
            self.weights
                .push(updated(weight, gradients, number, update)?);
            self.biases.push(updated(bias, gradients, number, update)?);
        }
        Ok(())
    }

    /// Returns the logits for each picture that is seen.
    ///
    /// # Errors
    /// If the device fails.
    pub fn all_logits(
        &self,
        pictures: &[Vec<f32>],
        windows: &Windows,
        device: &Device,
    ) -> Result<Vec<Vec<f64>>, String> {
        let mut all = Vec::with_capacity(pictures.len());
        for piece in pictures.chunks(MAX_PICTURES) {
            let z = self.logits(tensor(windows.of(piece), device));
            let outputs = z.dims()[1];
            let z = numbers(z)?;
            all.extend(
                z.chunks(outputs)
                    .map(|z| z.iter().copied().map(f64::from).collect()),
            );
        }
        Ok(all)
    }
}

/// Name of a parameter in the file.
fn name(number: usize, layer: usize, kind: &str) -> String {
    format!("conv-{number}.{layer}.{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 28 pixels: four groups of three windows cover 27, from the second on. 1 pixel: one
    /// group, mostly beyond the edge.
    #[test]
    fn windows_by_hand() {
        let windows = Windows::new(ImageSize::DIGITS);
        assert_eq!((windows.groups, windows.starts.len()), (16, 16 * 9 * 5));
        assert_eq!(
            (windows.left, windows.top, windows.area.width),
            (-1, -1, 27)
        );
        let picture: Vec<f32> = (0..784u16).map(f32::from).collect();
        let mut standard = picture.clone();
        super::super::look::standardise(&mut standard);
        let pictures = vec![picture; 9];
        let values = windows.of(&pictures);
        assert_eq!(values.len(), 9 * 16 * 9 * 25);
        for values in values.chunks(16 * 9 * 25) {
            assert_eq!(values[0], standard[29]);
            assert_eq!(values[24], standard[4 * 28 + 4 + 29]);
            // The second window of the first group is two pixels to the right.
            assert_eq!(values[25], standard[31]);
            assert_eq!(values.last(), standard.last());
        }
        let one = Windows::new(ImageSize {
            width: 1,
            height: 1,
        });
        assert_eq!(one.groups, 1);
        let mut place = vec![7.0; one.area.pixels()];
        let faint = Contrast::of_each([&[0.0f32, 1.0][..]])[0];
        one.lay(&[1.0], faint, &mut place);
        let changed: Vec<f32> = place.into_iter().filter(|&level| level != 7.0).collect();
        assert_eq!(changed, [1.0]);
    }
}
