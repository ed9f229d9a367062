//! Sparse rows of pixels (compressed sparse row, CSR), and products in which background
//! pixels cost next to nothing. Images of digits are mostly background.

mod product;

use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

use super::host::CACHE_LINE;
use super::simd::dispatch;
use product::{ColumnBlocks, Times, TransposedTimes};

/// Nonzero pixels of all rows of a data set.
#[derive(Debug)]
pub struct SparsePixels {
    features: usize,
    /// Start of each row in `columns` and `intensities`, and the end of the last row.
    starts: Vec<usize>,
    /// Column of each nonzero, row after row.
    columns: Vec<u16>,
    /// Intensity of each nonzero, 1 to 255.
    intensities: Vec<u8>,
}

/// A matrix x of some rows of [`SparsePixels`]: background pixels have the value
/// `background`, others `increments[intensity]` more.
#[derive(Debug, Clone)]
pub struct SparseRows {
    pixels: Arc<SparsePixels>,
    rows: Vec<usize>,
    background: f32,
    increments: Arc<[f32; 256]>,
}

impl SparsePixels {
    /// Reads rows of `features` pixels. None if more than the fraction `max_density` of
    /// the pixels is nonzero, or a column number exceeds 16 bits.
    pub fn new(pixels: &[u8], features: usize, max_density: f64) -> Option<Self> {
        u16::try_from(features).ok()?;
        let nonzeros = pixels.iter().filter(|intensity| **intensity > 0).count();
        if nonzeros as f64 > max_density * pixels.len() as f64 {
            return None;
        }
        let mut sparse = Self {
            features,
            starts: vec![0],
            columns: Vec::with_capacity(nonzeros),
            intensities: Vec::with_capacity(nonzeros),
        };
        for row in pixels.chunks_exact(features) {
            for (column, &intensity) in (0..).zip(row).filter(|(_, intensity)| **intensity > 0) {
                sparse.columns.push(column);
                sparse.intensities.push(intensity);
            }
            sparse.starts.push(sparse.columns.len());
        }
        Some(sparse)
    }

    fn range(&self, row: usize) -> Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }

    /// Touches every cache line of some rows: waiting for all of them at once takes a
    /// third of waiting for one after the other.
    pub fn prefetch(&self, rows: &[usize]) {
        let mut touched = 0;
        for range in rows.iter().map(|&row| self.range(row)) {
            let columns = self.columns[range.clone()].iter();
            let lines = columns.step_by(CACHE_LINE / size_of::<u16>());
            touched = lines.fold(touched, |touched, column| touched ^ column);
            let lines = self.intensities[range].iter().step_by(CACHE_LINE);
            touched = lines.fold(touched, |touched, level| touched ^ u16::from(*level));
        }
        black_box(touched);
    }
}

impl SparseRows {
    /// Selects rows by number, in this order.
    pub fn new(
        pixels: &Arc<SparsePixels>,
        rows: &[usize],
        background: f32,
        increments: &Arc<[f32; 256]>,
    ) -> Self {
        Self {
            pixels: Arc::clone(pixels),
            rows: rows.to_vec(),
            background,
            increments: Arc::clone(increments),
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns true if there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the number of columns of x.
    pub fn features(&self) -> usize {
        self.pixels.features
    }

    /// Returns the value of background pixels.
    pub(super) fn background(&self) -> f32 {
        self.background
    }

    /// Returns x as a dense matrix, row-major: `[rows, features]`.
    pub fn to_dense(&self) -> Vec<f32> {
        let mut x = vec![self.background; self.len() * self.features()];
        for (row, range) in x.chunks_exact_mut(self.features()).zip(self.ranges()) {
            for (column, increment) in self.nonzeros(range) {
                row[column] += increment;
            }
        }
        x
    }

    /// Returns x W.
    ///
    /// # Shapes
    /// - W: `[features, units]`
    /// - x W: `[rows, units]`
    pub fn times(&self, w: &[f32], units: usize) -> Vec<f32> {
        dispatch(ColumnBlocks::new(Times::new(self, w, units)))
    }

    /// Returns x^T d, with capacity for `spare` more numbers.
    ///
    /// # Shapes
    /// - d: `[rows, units]`
    /// - x^T d: `[features, units]`
    pub fn transposed_times(&self, d: &[f32], units: usize, spare: usize) -> Vec<f32> {
        let product = TransposedTimes::new(self, d, units);
        dispatch(ColumnBlocks::with_spare(product, spare))
    }

    /// Returns the range of nonzeros of each row.
    #[inline(always)]
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.rows.iter().map(|&row| self.pixels.range(row))
    }

    /// Returns column and increment over the background of each nonzero.
    #[inline(always)]
    pub(super) fn nonzeros(&self, range: Range<usize>) -> impl Iterator<Item = (usize, f32)> {
        let columns = self.pixels.columns[range.clone()].iter();
        let intensities = self.pixels.intensities[range].iter();
        // Borrowed once: through the Arc it would be loaded again at each pixel.
        let increments = &*self.increments;
        columns
            .zip(intensities)
            .map(|(column, intensity)| (usize::from(*column), increments[usize::from(*intensity)]))
    }
}

#[cfg(test)]
mod tests;
