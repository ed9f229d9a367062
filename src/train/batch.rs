//! Rows of a data set as inputs and targets of a network.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::device_cache::DeviceCache;
use crate::config::PixelRange;
use crate::data::{Dataset, Samples};
use crate::kernels::{Input, IntensityScale, SparsePixels, SparseRows, dense_rows, prefetch_rows};
use crate::model::{OnOff, is_flex};

/// Fraction of nonzero pixels above which dense products are faster. Sparse products take,
/// for 5 to 1,000 units, 0.5 to 0.75 of their time at a fifth, which digits have, 0.7 to
/// 1.0 at a third and 1.2 to 1.35 at half.
const MAX_DENSITY: f64 = 1.0 / 3.0;

/// Turns rows of a data set into inputs and targets on one device.
#[derive(Debug)]
pub struct Batches<'a> {
    samples: &'a Samples,
    sparse: Option<Sparse>,
    scale: IntensityScale,
    classes: usize,
    /// Target of the label's output, and of the others.
    on: f32,
    off: f32,
    device: Device,
    /// All rows, on a device with memory of its own.
    cache: Option<DeviceCache>,
}

/// Nonzero pixels, and the value that each intensity adds to the background.
#[derive(Debug)]
struct Sparse {
    pixels: Arc<SparsePixels>,
    increments: Arc<[f32; 256]>,
}

/// Some rows.
pub struct Batch {
    /// Pixels: `[rows, features]`.
    pub x: Input,
    /// Targets: `[rows, classes]`.
    pub t: Tensor<2>,
    /// Class of each row, from 0.
    pub labels: Vec<u8>,
}

impl<'a> Batches<'a> {
    /// Prepares `samples`, which are a part of `dataset`, with these target outputs.
    pub fn new(dataset: &Dataset, samples: &'a Samples, targets: OnOff, device: &Device) -> Self {
        let scale = scale(dataset.range);
        let pixels = is_flex(device)
            .then(|| SparsePixels::new(&samples.pixels, samples.features, MAX_DENSITY));
        Self {
            samples,
            sparse: pixels.flatten().map(|pixels| Sparse {
                pixels: Arc::new(pixels),
                increments: Arc::new(std::array::from_fn(|level| level as f32 * scale.step)),
            }),
            scale,
            classes: dataset.classes.len(),
            on: targets.on as f32,
            off: targets.off as f32,
            device: device.clone(),
            cache: None,
        }
    }

    /// Copies all rows onto the device, for many batches of them, if its memory is not the
    /// host's and has room for them.
    pub fn cached(self) -> Self {
        let all: Vec<usize> = (0..self.samples.len()).collect();
        let features = self.samples.features;
        let cache = DeviceCache::new(all.len(), features, || self.values(&all), &self.device);
        Self { cache, ..self }
    }

    /// Returns the rows with these numbers, in this order.
    pub fn gather(&self, rows: &[usize]) -> Batch {
        match (&self.sparse, &self.cache) {
            (Some(sparse), _) => sparse.pixels.prefetch(rows),
            (None, Some(_)) => {}
            (None, None) => prefetch_rows(&self.samples.pixels, self.samples.features, rows),
        }
        self.batch(rows)
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        // Labels first: on the host, a row number out of range is an error.
        let labels: Vec<u8> = rows.iter().map(|&row| self.samples.labels[row]).collect();
        let t = self.targets(&labels);
        let x = match (&self.sparse, &self.cache) {
            (Some(Sparse { pixels, increments }), _) => {
                let rows = SparseRows::new(pixels, rows, self.scale.low, increments);
                Input::Sparse(Arc::new(rows))
            }
            (None, Some(cache)) => Input::Dense(cache.gather(rows)),
            (None, None) => Input::Dense(self.tensor(self.values(rows), self.samples.features)),
        };
        Batch { x, t, labels }
    }

    /// Returns the values of their pixels: rows x features, row-major.
    fn values(&self, rows: &[usize]) -> Vec<f32> {
        dense_rows(
            &self.samples.pixels,
            self.samples.features,
            rows,
            self.scale,
        )
    }

    /// Returns the targets of labels: `[rows, classes]`.
    fn targets(&self, labels: &[u8]) -> Tensor<2> {
        let mut t = vec![self.off; labels.len() * self.classes];
        for (row, &label) in labels.iter().enumerate() {
            t[row * self.classes + usize::from(label)] = self.on;
        }
        self.tensor(t, self.classes)
    }

    fn tensor(&self, values: Vec<f32>, columns: usize) -> Tensor<2> {
        let rows = values.len() / columns;
        Tensor::from_data(TensorData::new(values, [rows, columns]), &self.device)
    }

    /// Returns the number of pieces of at most `size` rows.
    pub fn pieces(&self, size: usize) -> usize {
        self.samples.len().div_ceil(size)
    }

    /// Returns the rows of a piece, in their order.
    pub fn piece(&self, number: usize, size: usize) -> Batch {
        let rows = number * size..self.samples.len().min((number + 1) * size);
        self.batch(&rows.collect::<Vec<usize>>())
    }
}

/// Returns the map of intensities to values in single precision.
fn scale(range: PixelRange) -> IntensityScale {
    IntensityScale {
        low: range.low as f32,
        step: ((range.high - range.low) / 255.0) as f32,
        high: range.high as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ImageSize;
    use crate::data::Label;

    proptest::proptest! {
        /// Values are those of the range, up to single precision.
        #[test]
        fn levels_are_mapped_onto_the_range(low in -100.0..100.0f64, span in 1e-3..100.0f64) {
            let high = low + span;
            let scale = scale(PixelRange { low, high });
            let levels: Vec<u8> = (0..=255).collect();
            let values = dense_rows(&levels, 256, &[0], scale);
            // Each rounding to single precision is off by at most u = 2^-24 of the number. Let s
            // be the larger of |low| and |high|, so that a product of level and step is at most
            // 2 s, and all values are at most s. Then the rounding of the step moves the product
            // by 2 u s, that of the product by 2 u s, that of low by u s, and that of the sum by
            // u s: 6 u s in all. What these roundings do to each other is u times as much
            // again, for which a thousandth is plenty; a value cut down to high comes nearer.
            let size = low.abs().max(high.abs());
            let bound = 6.001 * size * 2f64.powi(-24);
            for (level, value) in (0..=255u8).zip(values) {
                let exact = PixelRange { low, high }.value(f64::from(level));
                proptest::prop_assert!((f64::from(value) - exact).abs() <= bound);
                proptest::prop_assert!(value >= scale.low && value <= scale.high);
            }
        }
    }

    #[test]
    fn rows_become_values_and_one_hot_labels() {
        let samples = Samples {
            features: 2,
            pixels: Arc::new(vec![0, 255, 51, 0, 255, 255]),
            labels: vec![1, 0, 2],
        };
        let dataset = Dataset {
            name: "test",
            stand_in_for: None,
            classes: [0, 1, 2].map(Label::Number).into(),
            range: PixelRange {
                low: -1.0,
                high: 1.0,
            },
            size: ImageSize {
                width: 2,
                height: 1,
            },
            train: samples.clone(),
            test: None,
            reading: None,
        };
        let batches = Batches::new(&dataset, &samples, OnOff::ONE_HOT, &Device::flex());
        let batch = batches.gather(&[2, 0]);
        // Two of three pixels are nonzero: too dense for sparse rows.
        let Input::Dense(x) = batch.x else {
            panic!("{:?}", batch.x);
        };
        let x: Vec<f32> = x.into_data().try_into_vec().unwrap();
        assert_eq!(x, [1.0, 1.0, -1.0, 1.0]);
        let t: Vec<f32> = batch.t.into_data().try_into_vec().unwrap();
        assert_eq!(t, [0.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        assert_eq!(batch.labels, [2, 1]);
        let targets = OnOff { on: 0.9, off: 0.1 };
        let softer = Batches::new(&dataset, &samples, targets, &Device::flex());
        let t: Vec<f32> = softer.gather(&[0]).t.into_data().try_into_vec().unwrap();
        assert_eq!(t, [0.1, 0.9, 0.1]);
        let pieces = 0..batches.pieces(2);
        let sizes: Vec<usize> = pieces.map(|n| batches.piece(n, 2).x.rows()).collect();
        assert_eq!(sizes, [2, 1]);
    }
}
