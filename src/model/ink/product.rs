//! The loops of the products, by as many columns at a time as registers hold sums of.

use std::ops::Range;

use super::InkRows;
use crate::model::wide::Loop;

/// Columns go by this many,
const LANES: usize = 8;
/// or by this many, whose sums the vectors of all processors hold.
const MOST: usize = 32;
/// Bytes of sums that the nearest memory of all processors holds, and room for more: a
/// quarter of 784 places by the most columns, or all by the fewest.
const NEAR: usize = 25 << 10;

/// A product that is made by columns.
pub trait Product {
    /// Columns that it has.
    fn units(&self) -> usize;
    /// N columns from one on, into what is made.
    fn columns<const N: usize>(&self, column: usize, made: &mut Made);
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

impl<P: Product> Loop for Columns<P> {
    type Output = Vec<f32>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn run(self) -> Vec<f32> {
        let Self { product, others } = self;
        let (rows, units) = (product.rows(), product.units());
        let mut made = Made {
            units,
            numbers: Vec::with_capacity(rows * units + LANES.max(others)),
        };
        // From the last ones on: what is beyond them goes into the first ones of the
        // next row, which come later.
        let mut left = units.next_multiple_of(LANES);
        while left > 0 {
            match left {
                MOST.. => {
                    left -= MOST;
                    product.columns::<MOST>(left, &mut made);
                }
                16.. => {
                    left -= 16;
                    product.columns::<16>(left, &mut made);
                }
                _ => {
                    left -= LANES;
                    product.columns::<LANES>(left, &mut made);
                }
            }
        }
        made.numbers.truncate(rows * units);
        made.numbers
    }
}

/// Rows that are made by columns, in their order.
pub struct Made {
    units: usize,
    /// With room for what is beyond the last column.
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
    fn put<const N: usize>(&mut self, row: usize, column: usize, sums: &[f32; N]) {
        let start = row * self.units + column;
        self.numbers[start..start + N].copy_from_slice(sums);
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
    fn columns<const N: usize>(&self, column: usize, made: &mut Made) {
        made.reach(self.x.len());
        // What is black needs all of W: there its columns are laid side by side.
        let (places, base) = (0..self.x.features(), self.x.base);
        let mut w = Vec::with_capacity(places.len());
        let black = sum([0.0; N], places.map(|place| (place, base)), |place| {
            let columns = read(self.w, place * self.units + column);
            w.push(columns);
            columns
        });
        for (row, range) in self.x.ranges().enumerate() {
            let z = sum(black, self.x.lit(range), |place| w[place]);
            made.put(row, column, &z);
        }
    }
}

/// start + the sum of value times row, over places of rows and values. Every other one goes
/// into a sum of its own, since none can be added before the last one is.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn sum<const N: usize>(
    start: [f32; N],
    mut terms: impl Iterator<Item = (usize, f32)>,
    mut row: impl FnMut(usize) -> [f32; N],
) -> [f32; N] {
    let mut sums = [start, [0.0; N]];
    while let Some((place, value)) = terms.next() {
        add(&mut sums[0], value, &row(place));
        if let Some((place, value)) = terms.next() {
            add(&mut sums[1], value, &row(place));
        }
    }
    let [mut all, others] = sums;
    add(&mut all, 1.0, &others);
    all
}

/// sum += value * row.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn add<const N: usize>(sum: &mut [f32; N], value: f32, row: &[f32; N]) {
    for (sum, row) in sum.iter_mut().zip(row) {
        *sum += value * row;
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
    fn columns<const N: usize>(&self, column: usize, made: &mut Made) {
        let d = |row: usize| read::<N>(self.d, row * self.units + column);
        let mut black = [0.0; N];
        for row in 0..self.x.len() {
            add(&mut black, self.x.base, &d(row));
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
                    add(sum, value, &d);
                    added += 1;
                }
                range.start += added;
            }
            made.reach(last);
            for (place, sum) in (first..).zip(&sums) {
                made.put(place, column, sum);
            }
        }
    }
}

/// N numbers from a place on; zeros where there is nothing any more.
#[inline(always)]
#[expect(clippy::inline_always, reason = "else not compiled for the processor")]
fn read<const N: usize>(numbers: &[f32], start: usize) -> [f32; N] {
    if let Some(all) = numbers.get(start..start + N) {
        return std::array::from_fn(|index| all[index]);
    }
    let mut rest = [0.0; N];
    let there = numbers.get(start..).unwrap_or_default();
    rest[..there.len()].copy_from_slice(there);
    rest
}
