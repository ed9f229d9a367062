//! Host memory: slices of tensors, and rows of pixels as numbers.

use std::borrow::Cow;
use std::hint::black_box;

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;

use super::simd::{Kernel, dispatch};

/// Bytes of a cache line.
pub const CACHE_LINE: usize = 64;

/// Returns the elements of a tensor, row-major, copied only if they are not contiguous.
pub fn host_slice(tensor: &FloatTensor<Flex>) -> Cow<'_, [f32]> {
    match tensor.as_slice() {
        Some(numbers) => Cow::Borrowed(numbers),
        None => Cow::Owned(tensor.to_contiguous().storage().to_vec()),
    }
}

/// Returns a tensor of these numbers, row-major.
pub fn matrix(numbers: Vec<f32>, rows: usize, columns: usize) -> FloatTensor<Flex> {
    FloatTensor::<Flex>::from_data(TensorData::new(numbers, [rows, columns]))
}

/// Linear map of pixel intensities, 0 to 255, to values.
#[derive(Debug, Clone, Copy)]
pub struct IntensityScale {
    /// Value of intensity 0.
    pub low: f32,
    /// Value that each intensity level adds.
    pub step: f32,
    /// Value of intensity 255; rounding never exceeds it.
    pub high: f32,
}

/// Returns the values of some rows of pixels: `[rows.len(), features]`, row-major.
///
/// # Shapes
/// - pixels: `[any, features]`, row-major
pub fn dense_rows(
    pixels: &[u8],
    features: usize,
    rows: &[usize],
    scale: IntensityScale,
) -> Vec<f32> {
    dispatch(DenseRows {
        pixels,
        features,
        rows,
        scale,
    })
}

struct DenseRows<'a> {
    pixels: &'a [u8],
    features: usize,
    rows: &'a [usize],
    scale: IntensityScale,
}

impl Kernel for DenseRows<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run(self) -> Vec<f32> {
        let IntensityScale { low, step, high } = self.scale;
        let mut x = Vec::with_capacity(self.rows.len() * self.features);
        let mut row = vec![0.0; self.features];
        for &number in self.rows {
            let pixels = &self.pixels[number * self.features..][..self.features];
            // Arithmetic vectorises, a table of 256 values would not.
            for (x, &intensity) in row.iter_mut().zip(pixels) {
                let value = f32::from(intensity) * step + low;
                *x = if value > high { high } else { value };
            }
            x.extend_from_slice(&row);
        }
        x
    }
}

/// Touches every cache line of some rows of pixels: waiting for all of them at once takes
/// a third of waiting for one after the other.
pub fn prefetch_rows(pixels: &[u8], features: usize, rows: &[usize]) {
    let lines = rows.iter().flat_map(|&row| {
        let pixels = &pixels[row * features..][..features];
        pixels.iter().step_by(CACHE_LINE)
    });
    black_box(lines.fold(0, |touched, intensity| touched ^ intensity));
}
