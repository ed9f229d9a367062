//! Rows of pixels by what is not black, of which images of digits have little: products
//! in which black costs next to nothing.
//!
//! Every number is the sum of the same terms in the same order, whatever the width of
//! the processor's vectors, and nothing is fused: the bits are the same everywhere.

mod product;

use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;

use super::wide::wide;
use product::{Columns, Times, TransposedTimes};

/// What of some rows is not black.
#[derive(Debug)]
pub struct Ink {
    features: usize,
    /// Where the pixels of each row begin, and where those of the last one end.
    starts: Vec<usize>,
    /// Of all rows, one after the other: where in the row,
    places: Vec<u16>,
    /// and how bright.
    levels: Vec<u8>,
}

/// Some rows x of it: black is `base`, and each level has so much more.
#[derive(Debug, Clone)]
pub struct InkRows {
    ink: Arc<Ink>,
    rows: Vec<usize>,
    base: f32,
    values: Arc<[f32; 256]>,
}

/// Bytes that memory hands over at once.
const LINE: usize = 64;

impl Ink {
    /// That of rows of so many pixels each. Nothing if more than a share `most` of all
    /// pixels is not black, or rows are too long to count.
    #[must_use]
    pub fn of(pixels: &[u8], features: usize, most: f64) -> Option<Self> {
        u16::try_from(features).ok()?;
        let lit = pixels.iter().filter(|level| **level > 0).count();
        if lit as f64 > most * pixels.len() as f64 {
            return None;
        }
        let mut ink = Self {
            features,
            starts: vec![0],
            places: Vec::with_capacity(lit),
            levels: Vec::with_capacity(lit),
        };
        for row in pixels.chunks_exact(features) {
            let lit = (0..).zip(row).filter(|(_, level)| **level > 0);
            for (place, &level) in lit {
                ink.places.push(place);
                ink.levels.push(level);
            }
            ink.starts.push(ink.places.len());
        }
        Some(ink)
    }

    fn range(&self, row: usize) -> Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }

    /// Touches every line of memory of some rows that lie anywhere: waiting for all of
    /// them at once takes a third of waiting for one after the other.
    pub fn ask_for(&self, rows: &[usize]) {
        let mut touched = 0;
        for range in rows.iter().map(|&row| self.range(row)) {
            let places = self.places[range.clone()].iter();
            touched = places.step_by(LINE / 2).fold(touched, |t, place| t ^ place);
            let levels = self.levels[range].iter().step_by(LINE);
            touched = levels.fold(touched, |t, level| t ^ u16::from(*level));
        }
        black_box(touched);
    }
}

impl InkRows {
    /// The rows with these numbers, in this order.
    #[must_use]
    pub fn new(ink: &Arc<Ink>, rows: &[usize], base: f32, values: &Arc<[f32; 256]>) -> Self {
        Self {
            ink: Arc::clone(ink),
            rows: rows.to_vec(),
            base,
            values: Arc::clone(values),
        }
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Columns of x.
    #[must_use]
    pub fn features(&self) -> usize {
        self.ink.features
    }

    /// x, row-major: `[rows, features]`.
    #[must_use]
    pub fn numbers(&self) -> Vec<f32> {
        let mut x = vec![self.base; self.len() * self.features()];
        for (row, range) in x.chunks_exact_mut(self.features()).zip(self.ranges()) {
            for (place, value) in self.lit(range) {
                row[place] += value;
            }
        }
        x
    }

    /// x W.
    ///
    /// # Shapes
    /// - W: `[features, units]`
    /// - x W: `[rows, units]`
    #[must_use]
    pub fn times(&self, w: &[f32], units: usize) -> Vec<f32> {
        wide(Columns::of(Times::new(self, w, units)))
    }

    /// x^T d, with room behind it for so many `others`.
    ///
    /// # Shapes
    /// - d: `[rows, units]`
    /// - x^T d: `[features, units]`
    #[must_use]
    pub fn transposed_times(&self, d: &[f32], units: usize, others: usize) -> Vec<f32> {
        let product = TransposedTimes::new(self, d, units);
        wide(Columns::with_room(product, others))
    }

    /// Where the pixels of each row begin and end.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.rows.iter().map(|&row| self.ink.range(row))
    }

    /// Where pixels are in their row, and what each has more than black.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "else not compiled for the processor")]
    fn lit(&self, range: Range<usize>) -> impl Iterator<Item = (usize, f32)> {
        let places = self.ink.places[range.clone()].iter();
        let levels = self.ink.levels[range].iter();
        // The table itself: behind the pointer to it, it would be looked for at each pixel.
        let values = &*self.values;
        let both = places.zip(levels);
        both.map(|(place, level)| (usize::from(*place), values[usize::from(*level)]))
    }
}

#[cfg(test)]
mod tests;
