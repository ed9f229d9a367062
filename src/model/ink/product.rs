//! The loops of the products, by as many columns at a time as registers hold sums of.

use super::InkRows;
use crate::model::wide::{Simd, WithSimd};

/// Columns go by this many, which the vectors of all processors divide,
const LANES: usize = 8;
/// and at most by this many vectors.
const MOST: usize = 4;

/// A product that is made by columns.
pub trait Product {
    /// Columns in all.
    fn units(&self) -> usize;
    /// Makes those of V vectors from one on. What of them lies beyond the last column
    /// of a row spoils the next rows further left, where columns are made later.
    fn columns<S: Simd, const V: usize>(&mut self, simd: S, column: usize);
    /// All of them, row after row.
    fn result(self) -> Vec<f32>;
}

/// All columns of a product, from right to left.
pub struct Columns<P>(pub P);

impl<P: Product> WithSimd for Columns<P> {
    type Output = Vec<f32>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn with_simd<S: Simd>(mut self, simd: S) -> Vec<f32> {
        let mut end = self.0.units().next_multiple_of(LANES);
        while end > 0 {
            match end / S::F32_LANES % MOST {
                0 => {
                    end -= MOST * S::F32_LANES;
                    self.0.columns::<S, MOST>(simd, end);
                }
                2 => {
                    end -= 2 * S::F32_LANES;
                    self.0.columns::<S, 2>(simd, end);
                }
                _ => {
                    end -= S::F32_LANES;
                    self.0.columns::<S, 1>(simd, end);
                }
            }
        }
        self.0.result()
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
        let z = Made::new(x.len(), units);
        Self { x, w, z }
    }
}

impl Product for Times<'_> {
    fn units(&self) -> usize {
        self.z.units
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn columns<S: Simd, const V: usize>(&mut self, simd: S, column: usize) {
        let none = [simd.splat_f32s(0.0); V];
        let mut w = vec![none; self.x.features()];
        for (place, w) in w.iter_mut().enumerate() {
            *w = read::<S, V>(self.w, place * self.z.units + column);
        }
        let black = (0..w.len()).map(|place| (place, self.x.base));
        let black = sum(simd, none, black, &w);
        for (row, lit) in self.x.lit().enumerate() {
            self.z
                .write::<S, V>(row, column, &sum(simd, black, lit, &w));
        }
    }

    fn result(self) -> Vec<f32> {
        self.z.finish()
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
    rows: &[[S::f32s; V]],
) -> [S::f32s; V] {
    let mut sums = [start, [simd.splat_f32s(0.0); V]];
    while let Some((place, value)) = terms.next() {
        add(simd, &mut sums[0], value, &rows[place]);
        if let Some((place, value)) = terms.next() {
            add(simd, &mut sums[1], value, &rows[place]);
        }
    }
    let [mut all, others] = sums;
    add(simd, &mut all, 1.0, &others);
    all
}

/// sum += value * row.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn add<S: Simd, const V: usize>(simd: S, sum: &mut [S::f32s; V], value: f32, row: &[S::f32s; V]) {
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
        let z = Made::new(x.features(), units);
        Self { x, d, z }
    }
}

impl Product for TransposedTimes<'_> {
    fn units(&self) -> usize {
        self.z.units
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn columns<S: Simd, const V: usize>(&mut self, simd: S, column: usize) {
        let rows = 0..self.x.len();
        let d = rows.map(|row| read::<S, V>(self.d, row * self.z.units + column));
        let mut black = [simd.splat_f32s(0.0); V];
        for d in d.clone() {
            add(simd, &mut black, self.x.base, &d);
        }
        let mut z = vec![black; self.x.features()];
        for (lit, d) in self.x.lit().zip(d) {
            for (place, value) in lit {
                add(simd, &mut z[place], value, &d);
            }
        }
        for (place, z) in z.iter().enumerate() {
            self.z.write::<S, V>(place, column, z);
        }
    }

    fn result(self) -> Vec<f32> {
        self.z.finish()
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

/// Rows that are written by vectors.
struct Made {
    units: usize,
    /// With room for what lies beyond the last column of the last row.
    numbers: Vec<f32>,
}

impl Made {
    fn new(rows: usize, units: usize) -> Self {
        let numbers = vec![0.0; rows * units + LANES];
        Self { units, numbers }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn write<S: Simd, const V: usize>(&mut self, row: usize, column: usize, z: &[S::f32s; V]) {
        let start = row * self.units + column;
        let numbers = &mut self.numbers[start..start + V * S::F32_LANES];
        S::as_mut_simd_f32s(numbers).0.copy_from_slice(z);
    }

    fn finish(mut self) -> Vec<f32> {
        self.numbers.truncate(self.numbers.len() - LANES);
        self.numbers
    }
}
