//! The loops of the products, by as many columns at a time as registers hold sums of.

use super::InkRows;
use crate::model::wide::{Simd, WithSimd};

/// Columns go by this many, which the vectors of all processors divide,
const LANES: usize = 8;
/// and at most by this many vectors.
const MOST: usize = 4;
/// For this many rows it pays to lay the vectors of columns side by side first.
const PACKED: usize = 4;

/// A product that is made by columns.
pub trait Product {
    /// Vectors of columns from one on.
    fn columns<S: Simd, const V: usize>(&mut self, simd: S, column: usize);
    /// What is made of it.
    fn made(&mut self) -> &mut Made;
}

/// All columns of a product.
pub struct Columns<P>(pub P);

impl<P: Product> WithSimd for Columns<P> {
    type Output = Vec<f32>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn with_simd<S: Simd>(mut self, simd: S) -> Vec<f32> {
        let (mut column, width) = (0, self.0.made().width);
        while column < width {
            match (width - column) / S::F32_LANES {
                MOST.. => {
                    self.0.columns::<S, MOST>(simd, column);
                    column += MOST * S::F32_LANES;
                }
                2.. => {
                    self.0.columns::<S, 2>(simd, column);
                    column += 2 * S::F32_LANES;
                }
                _ => {
                    self.0.columns::<S, 1>(simd, column);
                    column += S::F32_LANES;
                }
            }
        }
        self.0.made().finish()
    }
}

/// x W.
pub struct Times<'a> {
    x: &'a InkRows,
    w: &'a [f32],
    z: Made,
}

impl<'a> Times<'a> {
    pub fn new(x: &'a InkRows, w: &'a [f32], units: usize) -> Self {
        let z = Made::new(x.len(), units, &vec![0.0; units]);
        Self { x, w, z }
    }
}

impl Product for Times<'_> {
    fn made(&mut self) -> &mut Made {
        &mut self.z
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn columns<S: Simd, const V: usize>(&mut self, simd: S, column: usize) {
        let (numbers, units) = (self.w, self.z.units);
        let lying = move |place| read::<S, V>(numbers, place * units + column);
        let none = [simd.splat_f32s(0.0); V];
        let black = (0..self.x.features()).map(|place| (place, self.x.base));
        let black = sum(simd, none, black, lying);
        if self.x.len() < PACKED {
            return self.rows(simd, column, black, lying);
        }
        let mut w = vec![none; self.x.features()];
        for (place, w) in w.iter_mut().enumerate() {
            *w = lying(place);
        }
        self.rows(simd, column, black, |place| w[place]);
    }
}

impl Times<'_> {
    /// Vectors from a column on, of all rows, by those of W.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn rows<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        column: usize,
        black: [S::f32s; V],
        w: impl Fn(usize) -> [S::f32s; V],
    ) {
        for (row, lit) in self.x.lit().enumerate() {
            let sum = sum(simd, black, lit, &w);
            self.z.vectors::<S, V>(row, column).copy_from_slice(&sum);
        }
    }
}

/// start + the sum of value times row, over places of rows and values. Every other one goes
/// into a sum of its own, since none can be added before the last one is.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn sum<S: Simd, const V: usize>(
    simd: S,
    start: [S::f32s; V],
    mut terms: impl Iterator<Item = (usize, f32)>,
    row: impl Fn(usize) -> [S::f32s; V],
) -> [S::f32s; V] {
    let mut sums = [start, [simd.splat_f32s(0.0); V]];
    while let Some((place, value)) = terms.next() {
        add(simd, &mut sums[0], value, &row(place));
        if let Some((place, value)) = terms.next() {
            add(simd, &mut sums[1], value, &row(place));
        }
    }
    let [mut all, others] = sums;
    add(simd, &mut all, 1.0, &others);
    all
}

/// sum += value * row.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn add<S: Simd, const V: usize>(simd: S, sum: &mut [S::f32s], value: f32, row: &[S::f32s; V]) {
    let value = simd.splat_f32s(value);
    for (sum, row) in sum.iter_mut().zip(row) {
        *sum = simd.add_f32s(*sum, simd.mul_f32s(value, *row));
    }
}

/// x^T d.
pub struct TransposedTimes<'a> {
    x: &'a InkRows,
    d: &'a [f32],
    z: Made,
}

impl<'a> TransposedTimes<'a> {
    pub fn new(x: &'a InkRows, d: &'a [f32], units: usize) -> Self {
        let mut black = vec![0.0; units];
        for row in d.chunks_exact(units) {
            for (black, d) in black.iter_mut().zip(row) {
                *black += x.base * d;
            }
        }
        let z = Made::new(x.features(), units, &black);
        Self { x, d, z }
    }
}

impl Product for TransposedTimes<'_> {
    fn made(&mut self) -> &mut Made {
        &mut self.z
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn columns<S: Simd, const V: usize>(&mut self, simd: S, column: usize) {
        for (row, lit) in self.x.lit().enumerate() {
            let d = read::<S, V>(self.d, row * self.z.units + column);
            for (place, value) in lit {
                add(simd, self.z.vectors::<S, V>(place, column), value, &d);
            }
        }
    }
}

/// Vectors from a place on; zeros where there is nothing any more.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn read<S: Simd, const V: usize>(numbers: &[f32], start: usize) -> [S::f32s; V] {
    let mut rest = [0.0; MOST * LANES];
    let size = V * S::F32_LANES;
    let numbers = numbers.get(start..start + size).unwrap_or_else(|| {
        let left = numbers.get(start..).unwrap_or_default();
        rest[..left.len()].copy_from_slice(left);
        &rest[..size]
    });
    let (vectors, _) = S::as_simd_f32s(numbers);
    std::array::from_fn(|index| vectors[index])
}

/// Rows that are made by vectors.
pub struct Made {
    units: usize,
    /// `units`, rounded up to whole vectors.
    width: usize,
    numbers: Vec<f32>,
}

impl Made {
    /// Rows that are all the same.
    fn new(rows: usize, units: usize, row: &[f32]) -> Self {
        let width = units.next_multiple_of(LANES);
        let mut row = row.to_vec();
        row.resize(width, 0.0);
        Self {
            units,
            width,
            numbers: row.repeat(rows),
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn vectors<S: Simd, const V: usize>(&mut self, row: usize, column: usize) -> &mut [S::f32s] {
        let start = row * self.width + column;
        S::as_mut_simd_f32s(&mut self.numbers[start..start + V * S::F32_LANES]).0
    }

    /// Row after row, without what lies beyond their last columns.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn finish(&mut self) -> Vec<f32> {
        let numbers = std::mem::take(&mut self.numbers);
        let (units, width) = (self.units, self.width);
        if units == width {
            return numbers;
        }
        let rows = numbers.len() / width;
        // By whole vectors as well: what a row has too much, the next one overwrites.
        let mut narrow = vec![0.0; rows * units + LANES];
        for row in 0..rows {
            for column in (0..width).step_by(LANES) {
                let from = &numbers[row * width + column..][..LANES];
                narrow[row * units + column..][..LANES].copy_from_slice(from);
            }
        }
        narrow.truncate(rows * units);
        narrow
    }
}
