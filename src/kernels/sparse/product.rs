//! Products with sparse rows, in blocks of as many columns as registers can hold sums of.

use std::ops::Range;

use super::SparseRows;
use crate::kernels::simd::Kernel;

/// Columns of the narrowest block.
const LANES: usize = 8;
/// Columns of the widest block: the vector registers of all processors hold their sums.
const MAX_COLUMNS: usize = 32;
/// Bytes of sums held at a time, which fit in the first-level cache of all processors with
/// room to spare: a quarter of 784 features by the widest block, or all by the narrowest.
const CACHED_BYTES: usize = 25 << 10;

/// A matrix product that can be computed column block by column block.
pub trait Product {
    /// Returns the number of columns.
    fn units(&self) -> usize;
    /// Returns the number of rows.
    fn rows(&self) -> usize;
    /// Computes N columns from `first` on.
    fn block<const N: usize>(&self, first: usize, result: &mut RowMajor);
}

/// Kernel that computes all columns of a product.
pub struct ColumnBlocks<P> {
    product: P,
    /// Capacity for further numbers after the product.
    spare: usize,
}

impl<P> ColumnBlocks<P> {
    pub fn new(product: P) -> Self {
        Self::with_spare(product, 0)
    }

    pub fn with_spare(product: P, spare: usize) -> Self {
        Self { product, spare }
    }
}

impl<P: Product> Kernel for ColumnBlocks<P> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run(self) -> Vec<f32> {
        let Self { product, spare } = self;
        let (rows, units) = (product.rows(), product.units());
        let mut result = RowMajor {
            units,
            numbers: Vec::with_capacity(rows * units + LANES.max(spare)),
        };
        // From the last block to the first: the part of a block beyond the last column
        // spills into the next row, whose first columns are written later.
        let mut left = units.next_multiple_of(LANES);
        while left > 0 {
            match left {
                MAX_COLUMNS.. => {
                    left -= MAX_COLUMNS;
                    product.block::<MAX_COLUMNS>(left, &mut result);
                }
                16.. => {
                    left -= 16;
                    product.block::<16>(left, &mut result);
                }
                _ => {
                    left -= LANES;
                    product.block::<LANES>(left, &mut result);
                }
            }
        }
        result.numbers.truncate(rows * units);
        result.numbers
    }
}

/// Result of a product, row-major.
pub struct RowMajor {
    units: usize,
    /// Numbers with room for the part of a block beyond the last column.
    numbers: Vec<f32>,
}

impl RowMajor {
    /// Extends the result to this many rows. Extending it to all rows at once would send
    /// them through the cache once more.
    fn extend_to(&mut self, rows: usize) {
        let size = rows * self.units + LANES;
        self.numbers.resize(size.max(self.numbers.len()), 0.0);
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, row: usize, column: usize, sums: &[f32; N]) {
        let start = row * self.units + column;
        self.numbers[start..start + N].copy_from_slice(sums);
    }
}

/// The product x W.
pub struct Times<'a> {
    x: &'a SparseRows,
    w: &'a [f32],
    units: usize,
}

impl<'a> Times<'a> {
    pub fn new(x: &'a SparseRows, w: &'a [f32], units: usize) -> Self {
        Self { x, w, units }
    }
}

impl Product for Times<'_> {
    fn units(&self) -> usize {
        self.units
    }

    fn rows(&self) -> usize {
        self.x.len()
    }

    #[inline(always)]
    fn block<const N: usize>(&self, first: usize, result: &mut RowMajor) {
        result.extend_to(self.x.len());
        // The background needs all of W: its columns of the block are copied side by side.
        let (features, background) = (0..self.x.features(), self.x.background);
        let mut w = Vec::with_capacity(features.len());
        let terms = features.map(|feature| (feature, background));
        let of_background = sum([0.0; N], terms, |feature| {
            let columns = read(self.w, feature * self.units + first);
            w.push(columns);
            columns
        });
        for (row, range) in self.x.ranges().enumerate() {
            let z = sum(of_background, self.x.nonzeros(range), |feature| w[feature]);
            result.put(row, first, &z);
        }
    }
}

/// Returns start + the sum of value times row over the terms. Every other term goes into a
/// second sum, since one sum has to wait for each addition.
#[inline(always)]
fn sum<const N: usize>(
    start: [f32; N],
    mut terms: impl Iterator<Item = (usize, f32)>,
    mut row: impl FnMut(usize) -> [f32; N],
) -> [f32; N] {
    let mut sums = [start, [0.0; N]];
    while let Some((index, value)) = terms.next() {
        add(&mut sums[0], value, &row(index));
        if let Some((index, value)) = terms.next() {
            add(&mut sums[1], value, &row(index));
        }
    }
    let [mut total, second] = sums;
    add(&mut total, 1.0, &second);
    total
}

/// Adds value times row to a sum.
#[inline(always)]
fn add<const N: usize>(sum: &mut [f32; N], value: f32, row: &[f32; N]) {
    for (sum, row) in sum.iter_mut().zip(row) {
        *sum += value * row;
    }
}

/// The product x^T d.
pub struct TransposedTimes<'a> {
    x: &'a SparseRows,
    d: &'a [f32],
    units: usize,
}

impl<'a> TransposedTimes<'a> {
    pub fn new(x: &'a SparseRows, d: &'a [f32], units: usize) -> Self {
        Self { x, d, units }
    }
}

impl Product for TransposedTimes<'_> {
    fn units(&self) -> usize {
        self.units
    }

    fn rows(&self) -> usize {
        self.x.features()
    }

    #[inline(always)]
    fn block<const N: usize>(&self, first: usize, result: &mut RowMajor) {
        let d = |row: usize| read::<N>(self.d, row * self.units + first);
        let mut of_background = [0.0; N];
        for row in 0..self.x.len() {
            add(&mut of_background, self.x.background, &d(row));
        }
        // Some features of all rows at a time, so that their sums stay in the cache.
        let mut ranges: Vec<Range<usize>> = self.x.ranges().collect();
        let (features, cached) = (
            self.x.features(),
            CACHED_BYTES / size_of_val(&of_background),
        );
        let mut sums = Vec::with_capacity(cached);
        for start in (0..features).step_by(cached) {
            let end = features.min(start + cached);
            sums.clear();
            sums.resize(end - start, of_background);
            for (row, range) in ranges.iter_mut().enumerate() {
                let (d, mut added) = (d(row), 0);
                for (feature, value) in self.x.nonzeros(range.clone()) {
                    // Features from `end` on are left to later rounds.
                    let Some(sum) = sums.get_mut(feature - start) else {
                        break;
                    };
                    add(sum, value, &d);
                    added += 1;
                }
                range.start += added;
            }
            result.extend_to(end);
            for (feature, sum) in (start..).zip(&sums) {
                result.put(feature, first, sum);
            }
        }
    }
}

/// Reads N numbers from `start` on, with zeros after the end.
#[inline(always)]
fn read<const N: usize>(numbers: &[f32], start: usize) -> [f32; N] {
    if let Some(all) = numbers.get(start..start + N) {
        return std::array::from_fn(|index| all[index]);
    }
    let mut rest = [0.0; N];
    let tail = numbers.get(start..).unwrap_or_default();
    rest[..tail.len()].copy_from_slice(tail);
    rest
}
