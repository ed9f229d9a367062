//! Rows of a data set as tensors.

use std::hint::black_box;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::kept::Kept;
use crate::config::PixelRange;
use crate::data::{Dataset, Samples};
use crate::model::{Ink, InkRows, Input, Loop, OnOff, is_flex, wide};

/// Bytes that memory hands over at once.
const LINE: usize = 64;

/// Where a larger share of pixels is not black, dense products are quicker. Of their time
/// those by ink take, for 5 to 1,000 units, 0.5 to 0.75 at a fifth, which digits have,
/// 0.7 to 1.0 at a third and 1.2 to 1.35 at half.
const MOST_INK: f64 = 1.0 / 3.0;

/// Turns rows into what networks on one device get.
#[derive(Debug)]
pub struct Batches<'a> {
    samples: &'a Samples,
    /// What is not black, where the device has a use for it, and what each level adds.
    ink: Option<(Arc<Ink>, Arc<[f32; 256]>)>,
    /// What a pixel of level 0 becomes, a level more adds, and 255 becomes.
    scale: (f32, f32, f32),
    classes: usize,
    targets: (f32, f32),
    device: Device,
    /// All rows on a device that has memory of its own.
    kept: Option<Kept>,
}

/// Some rows.
pub struct Batch {
    /// Pixels: `[rows, features]`.
    pub x: Input,
    /// Targets, of one-hot labels or others: `[rows, classes]`.
    pub t: Tensor<2>,
    /// What the targets are of, from 0.
    pub labels: Vec<u8>,
}

impl<'a> Batches<'a> {
    /// Rows of `samples`, which are a part of `dataset`, for outputs that should be
    /// `targets`.
    #[must_use]
    pub fn new(dataset: &Dataset, samples: &'a Samples, targets: OnOff, device: &Device) -> Self {
        let scale = scale(dataset.range);
        let (_, step, _) = scale;
        let ink = is_flex(device).then(|| Ink::of(&samples.pixels, samples.features, MOST_INK));
        Self {
            samples,
            ink: ink.flatten().map(|ink| {
                let values = std::array::from_fn(|level| level as f32 * step);
                (Arc::new(ink), Arc::new(values))
            }),
            scale,
            classes: dataset.classes.len(),
            targets: (targets.on as f32, targets.off as f32),
            device: device.clone(),
            kept: None,
        }
    }

    /// Puts all rows onto the device, if that makes a difference and it has room for
    /// them: for many batches of them.
    #[must_use]
    pub fn kept(self) -> Self {
        let all: Vec<usize> = (0..self.samples.len()).collect();
        let shape = [all.len(), self.samples.features];
        let kept = Kept::new(shape, || self.values(&all), &self.device);
        Self { kept, ..self }
    }

    /// The rows with these numbers, which lie anywhere, in this order.
    #[must_use]
    pub fn gather(&self, rows: &[usize]) -> Batch {
        match (&self.ink, &self.kept) {
            (Some((ink, _)), _) => ink.ask_for(rows),
            (None, Some(_)) => {}
            (None, None) => self.ask_for(rows),
        }
        self.batch(rows)
    }

    fn batch(&self, rows: &[usize]) -> Batch {
        // Labels first: they are looked up here, where a row that is not there is found out.
        let labels: Vec<u8> = rows.iter().map(|&row| self.samples.labels[row]).collect();
        let t = self.goals(&labels);
        let x = match (&self.ink, &self.kept) {
            (Some((ink, values)), _) => {
                let (base, ..) = self.scale;
                Input::Ink(Arc::new(InkRows::new(ink, rows, base, values)))
            }
            (None, Some(kept)) => Input::Dense(kept.gather(rows)),
            (None, None) => Input::Dense(self.tensor(self.values(rows), self.samples.features)),
        };
        Batch { x, t, labels }
    }

    /// Their pixels: rows x features, row-major.
    fn values(&self, rows: &[usize]) -> Vec<f32> {
        let Self { samples, scale, .. } = *self;
        wide(Pixels {
            samples,
            rows,
            scale,
        })
    }

    /// The targets of labels: `[rows, classes]`.
    fn goals(&self, labels: &[u8]) -> Tensor<2> {
        let (on, off) = self.targets;
        let mut t = vec![off; labels.len() * self.classes];
        for (row, &label) in labels.iter().enumerate() {
            t[row * self.classes + usize::from(label)] = on;
        }
        self.tensor(t, self.classes)
    }

    fn tensor(&self, values: Vec<f32>, columns: usize) -> Tensor<2> {
        let rows = values.len() / columns;
        Tensor::from_data(TensorData::new(values, [rows, columns]), &self.device)
    }

    /// As that of the ink.
    fn ask_for(&self, rows: &[usize]) {
        let lines = rows.iter().flat_map(|&row| {
            let levels = self.samples.row(row).iter();
            levels.step_by(LINE)
        });
        black_box(lines.fold(0, |touched, level| touched ^ level));
    }

    /// How many pieces of at most `size` rows there are.
    #[must_use]
    pub fn pieces(&self, size: usize) -> usize {
        self.samples.len().div_ceil(size)
    }

    /// The rows of a piece, in their order.
    #[must_use]
    pub fn piece(&self, number: usize, size: usize) -> Batch {
        let rows = number * size..self.samples.len().min((number + 1) * size);
        self.batch(&rows.collect::<Vec<usize>>())
    }
}

/// The loop over the pixels of rows.
struct Pixels<'a> {
    samples: &'a Samples,
    rows: &'a [usize],
    scale: (f32, f32, f32),
}

impl Loop for Pixels<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn run(self) -> Vec<f32> {
        let features = self.samples.features;
        let (low, step, high) = self.scale;
        let mut x = Vec::with_capacity(self.rows.len() * features);
        let mut row = vec![0.0; features];
        for &place in self.rows {
            // Arithmetic, not a table of 256 values: it goes many at a time.
            for (x, &level) in row.iter_mut().zip(self.samples.row(place)) {
                let value = f32::from(level) * step + low;
                *x = if value > high { high } else { value };
            }
            x.extend_from_slice(&row);
        }
        x
    }
}

/// Single precision may end a rounding beyond the range, never a pixel.
fn scale(range: PixelRange) -> (f32, f32, f32) {
    let step = (range.high - range.low) / 255.0;
    (range.low as f32, step as f32, range.high as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ImageSize;

    proptest::proptest! {
        /// Every level is where the range puts it, up to single precision.
        #[test]
        fn levels_are_mapped_onto_the_range(low in -100.0..100.0f64, span in 1e-3..100.0f64) {
            let high = low + span;
            let scale = scale(PixelRange { low, high });
            let (from, _, to) = scale;
            let samples = Samples {
                features: 256,
                pixels: Arc::new((0..=255).collect()),
                labels: vec![0],
            };
            let values = wide(Pixels { samples: &samples, rows: &[0], scale });
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
                proptest::prop_assert!(value >= from && value <= to);
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
            classes: vec![0, 1, 2],
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
        // Two of three pixels are not black, so they come as they are.
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
