//! The loops of the products, by as many columns at a time as registers hold sums of.

use std::ops::Range;

use super::InkRows;
use crate::model::wide::{Simd, WithSimd};

/// Columns go by this many, which the vectors of all processors divide,
const LANES: usize = 8;
/// and at most by this many vectors.
const MOST: usize = 4;
/// For this many rows it pays to lay the vectors of columns side by side first.
const PACKED: usize = 4;
/// Bytes of sums that the nearest memory of all processors holds, and room for more: a
/// quarter of 784 places by four vectors, or all by one.
const NEAR: usize = 25 << 10;

/// A product that is made by columns.
pub trait Product {
    /// Columns that it has.
    fn units(&self) -> usize;
    /// Vectors of columns from one on, into what is made.
    fn columns<S: Simd, const V: usize>(&self, simd: S, column: usize, made: &mut Made);
    /// Rows that it has.
    fn rows(&self) -> usize;
}

/// All columns of a product.
pub struct Columns<P> {
    product: P,
    /// Numbers that there shall be room for behind it.
    others: usize,
}

impl<P> Columns<P> {
    pub fn of(product: P) -> Self {
        Self::with_room(product, 0)
    }

    pub fn with_room(product: P, others: usize) -> Self {
        Self { product, others }
    }
}

impl<P: Product> WithSimd for Columns<P> {
    type Output = Vec<f32>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Self { product, others } = self;
        let (rows, units) = (product.rows(), product.units());
        let mut made = Made {
            units,
            numbers: Vec::with_capacity(rows * units + LANES.max(others)),
        };
        // From the last ones on: what is beyond them goes into the first ones of the
        // next row, which come later.
        let mut left = units.next_multiple_of(LANES) / S::F32_LANES;
        while left > 0 {
            match left {
                MOST.. => {
                    left -= MOST;
                    product.columns::<S, MOST>(simd, left * S::F32_LANES, &mut made);
                }
                2.. => {
                    left -= 2;
                    product.columns::<S, 2>(simd, left * S::F32_LANES, &mut made);
                }
                _ => {
                    left -= 1;
                    product.columns::<S, 1>(simd, left * S::F32_LANES, &mut made);
                }
            }
        }
        made.numbers.truncate(rows * units);
        made.numbers
    }
}

/// Rows that are made by vectors, in their order.
pub struct Made {
    units: usize,
    /// With room for what vectors have beyond the last column.
    numbers: Vec<f32>,
}

impl Made {
    /// Makes room for so many rows. To make it for all at once would send them through the
    /// nearest memory once more.
    fn reach(&mut self, rows: usize) {
        let size = rows * self.units + LANES;
        self.numbers.resize(size.max(self.numbers.len()), 0.0);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn put<S: Simd, const V: usize>(&mut self, row: usize, column: usize, sums: &[S::f32s; V]) {
        let start = row * self.units + column;
        let place = &mut self.numbers[start..start + V * S::F32_LANES];
        S::as_mut_simd_f32s(place).0.copy_from_slice(sums);
    }
}

/// x W.
pub struct Times<'a> {
    x: &'a InkRows,
    w: &'a [f32],
    units: usize,
}

impl<'a> Times<'a> {
    pub fn new(x: &'a InkRows, w: &'a [f32], units: usize) -> Self {
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
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn columns<S: Simd, const V: usize>(&self, simd: S, column: usize, made: &mut Made) {
        made.reach(self.x.len());
        let lying = |place| read::<S, V>(self.w, place * self.units + column);
        if self.x.len() < PACKED {
            self.sums(simd, lying, |row, sum| made.put::<S, V>(row, column, sum));
        } else {
            let w: Vec<[S::f32s; V]> = (0..self.x.features()).map(lying).collect();
            let lying = |place: usize| w[place];
            self.sums(simd, lying, |row, sum| made.put::<S, V>(row, column, sum));
        }
    }
}

impl Times<'_> {
    /// The sums of each row, of vectors of W.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn sums<S: Simd, const V: usize>(
        &self,
        simd: S,
        w: impl Fn(usize) -> [S::f32s; V],
        mut put: impl FnMut(usize, &[S::f32s; V]),
    ) {
        let base = self.x.base;
        // Black that is 0 adds nothing to any finite sum.
        let places = if base == 0.0 { 0 } else { self.x.features() };
        let none = [simd.splat_f32s(0.0); V];
        let black = sum(simd, none, (0..places).map(|place| (place, base)), &w);
        for (row, range) in self.x.ranges().enumerate() {
            put(row, &sum(simd, black, self.x.lit(range), &w));
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
    units: usize,
}

impl<'a> TransposedTimes<'a> {
    pub fn new(x: &'a InkRows, d: &'a [f32], units: usize) -> Self {
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
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn columns<S: Simd, const V: usize>(&self, simd: S, column: usize, made: &mut Made) {
        let d = |row: usize| read::<S, V>(self.d, row * self.units + column);
        let mut black = [simd.splat_f32s(0.0); V];
        for row in 0..self.x.len() {
            add(simd, &mut black, self.x.base, &d(row));
        }
        // Some places of all rows at a time, so that their sums stay near.
        let mut ranges: Vec<Range<usize>> = self.x.ranges().collect();
        let (features, some) = (self.x.features(), NEAR / size_of_val(&black));
        let mut sums = Vec::with_capacity(some);
        for first in (0..features).step_by(some) {
            let last = features.min(first + some);
            sums.clear();
            sums.resize(last - first, black);
            for (row, range) in ranges.iter_mut().enumerate() {
                let (d, mut added) = (d(row), 0);
                for (place, value) in self.x.lit(range.clone()) {
                    // The next places have their turn.
                    let Some(sum) = sums.get_mut(place - first) else {
                        break;
                    };
                    add(simd, sum, value, &d);
                    added += 1;
                }
                range.start += added;
            }
            made.reach(last);
            for (place, sum) in (first..).zip(&sums) {
                made.put::<S, V>(place, column, sum);
            }
        }
    }
}

/// Vectors from a place on; zeros where there is nothing any more.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn read<S: Simd, const V: usize>(numbers: &[f32], start: usize) -> [S::f32s; V] {
    let size = V * S::F32_LANES;
    if let Some(numbers) = numbers.get(start..start + size) {
        return vectors::<S, V>(numbers);
    }
    let mut rest = [0.0; MOST * LANES];
    let left = numbers.get(start..).unwrap_or_default();
    rest[..left.len()].copy_from_slice(left);
    vectors::<S, V>(&rest[..size])
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn vectors<S: Simd, const V: usize>(numbers: &[f32]) -> [S::f32s; V] {
    let (vectors, _) = S::as_simd_f32s(numbers);
    std::array::from_fn(|index| vectors[index])
}
