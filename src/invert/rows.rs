//! Training rows as matrices, some at a time.

use std::ops::Range;

use faer::Mat;

use crate::config::PixelRange;
use crate::data::Samples;

/// Rows at a time; bounds memory.
const BLOCK: usize = 1024;

/// The first `rows` rows in pieces: each piece the levels (0 to 255) of its rows.
pub fn levels(samples: &Samples, rows: usize) -> impl Iterator<Item = Mat<f64>> + '_ {
    pieces(rows.min(samples.len())).map(|piece| {
        Mat::from_fn(piece.len(), samples.features, |n, i| {
            f64::from(samples.row(piece.start + n)[i])
        })
    })
}

/// All rows in pieces, on the scale of the range.
pub fn values(samples: &Samples, range: PixelRange) -> impl Iterator<Item = Mat<f64>> + '_ {
    levels(samples, samples.len()).map(move |block| {
        Mat::from_fn(block.nrows(), block.ncols(), |n, i| {
            range.value(block[(n, i)])
        })
    })
}

fn pieces(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..rows).step_by(BLOCK);
    starts.map(move |start| start..rows.min(start + BLOCK))
}
