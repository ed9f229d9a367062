//! Training rows as matrices, a block at a time.

use std::ops::Range;

use faer::Mat;

use crate::config::PixelRange;
use crate::data::Samples;
use crate::model::map;

/// Maximum number of rows of a block, which bounds memory.
const MAX_ROWS: usize = 1024;

/// Returns the levels (0 to 255) of the first `rows` rows, in blocks.
pub fn levels(samples: &Samples, rows: usize) -> impl Iterator<Item = Mat<f64>> + '_ {
    blocks(rows.min(samples.len())).map(|block| {
        Mat::from_fn(block.len(), samples.features, |n, i| {
            f64::from(samples.row(block.start + n)[i])
        })
    })
}

/// Returns the pixel values of all rows, in the units of the range, in blocks.
pub fn values(samples: &Samples, range: PixelRange) -> impl Iterator<Item = Mat<f64>> + '_ {
    levels(samples, samples.len()).map(move |block| map(&block, |level| range.value(level)))
}

fn blocks(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..rows).step_by(MAX_ROWS);
    starts.map(move |start| start..rows.min(start + MAX_ROWS))
}
