//! What is known of inputs before a network is asked: the mean and covariance of
//! the training pixels, all classes together and without their labels.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use crate::data::Samples;
use crate::model::Network;
use crate::spec::PixelRange;

/// Rows at a time; bounds memory.
const BLOCK: usize = 1024;

/// Mean and covariance, in the units of the pixel range.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// 1 x inputs.
    pub mean: Mat<f64>,
    /// Inputs x inputs, of the training rows themselves (divided by their number).
    pub covariance: Mat<f64>,
}

impl Prior {
    /// Of at least one sample. Sums of levels and of their products are whole
    /// numbers that double precision holds exactly.
    #[must_use]
    pub fn of(samples: &Samples, range: PixelRange) -> Self {
        let (rows, features) = (samples.len(), samples.features);
        let mut sums = vec![0.0; features];
        let mut products: Mat<f64> = Mat::zeros(features, features);
        for start in (0..rows).step_by(BLOCK) {
            let block = levels(samples, start..rows.min(start + BLOCK));
            for row in block.row_iter() {
                for (sum, level) in sums.iter_mut().zip(row.iter()) {
                    *sum += level;
                }
            }
            let transposed = block.transpose();
            matmul(
                products.as_mut(),
                Accum::Add,
                transposed,
                &block,
                1.0,
                Par::Seq,
            );
        }
        let n = rows as f64;
        let unit = (range.high - range.low) / 255.0;
        let mean = |i: usize| sums[i] / n;
        Self {
            mean: Mat::from_fn(1, features, |_, i| range.value(mean(i))),
            covariance: Mat::from_fn(features, features, |i, j| {
                (products[(i, j)] / n - mean(i) * mean(j)) * unit * unit
            }),
        }
    }

    /// The covariance shrunk towards its diagonal: this share of what is beside it
    /// is taken away.
    #[must_use]
    pub fn shrunk(&self, share: f64) -> Mat<f64> {
        let kept = |i, j| if i == j { 1.0 } else { 1.0 - share };
        let all = &self.covariance;
        Mat::from_fn(all.nrows(), all.ncols(), |i, j| all[(i, j)] * kept(i, j))
    }
}

/// The median over samples of how far a network's highest logit is above its second
/// highest: the margin that is natural to it. No labels are looked at.
#[must_use]
pub fn median_margin(network: &Network, samples: &Samples, range: PixelRange) -> f64 {
    let mut margins = Vec::with_capacity(samples.len());
    for start in (0..samples.len()).step_by(BLOCK) {
        let block = levels(samples, start..samples.len().min(start + BLOCK));
        let x = Mat::from_fn(block.nrows(), block.ncols(), |n, i| {
            range.value(block[(n, i)])
        });
        for row in network.logits(x.as_ref()).row_iter() {
            let mut z: Vec<f64> = row.iter().copied().collect();
            z.sort_by(f64::total_cmp);
            if let [.., second, first] = z[..] {
                margins.push(first - second);
            }
        }
    }
    margins.sort_by(f64::total_cmp);
    let middle = margins.len() / 2;
    match margins.len() {
        0 => 0.0,
        n if n % 2 == 1 => margins[middle],
        _ => f64::midpoint(margins[middle - 1], margins[middle]),
    }
}

/// Levels of these rows.
fn levels(samples: &Samples, rows: std::ops::Range<usize>) -> Mat<f64> {
    let start = rows.start;
    Mat::from_fn(rows.len(), samples.features, |n, i| {
        f64::from(samples.row(start + n)[i])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Layer;
    use crate::spec::{Activation, Output};

    const RANGE: PixelRange = PixelRange {
        low: -1.0,
        high: 1.0,
    };

    fn samples(rows: &[[u8; 2]]) -> Samples {
        let mut samples = Samples::empty(2);
        for row in rows {
            samples.push(row, 0);
        }
        samples
    }

    /// Levels 0 and 255 are -1 and 1: three rows (-1, -1), (-1, 1), (1, 1).
    #[test]
    fn mean_and_covariance_by_hand() {
        let prior = Prior::of(&samples(&[[0, 0], [0, 255], [255, 255]]), RANGE);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(prior.mean[(0, 0)], -1.0 / 3.0);
        near(prior.mean[(0, 1)], 1.0 / 3.0);
        near(prior.covariance[(0, 0)], 8.0 / 9.0);
        near(prior.covariance[(0, 1)], 4.0 / 9.0);
        let shrunk = prior.shrunk(0.25);
        near(shrunk[(1, 1)], 8.0 / 9.0);
        near(shrunk[(1, 0)], 3.0 / 9.0);
    }

    /// z = x: margins of the rows are 2, 0 and 1.
    #[test]
    fn the_median_margin_by_hand() {
        let network = Network {
            layers: vec![Layer {
                weight: Mat::identity(2, 2),
                bias: Some(vec![0.0, 0.0]),
            }],
            activation: Activation::Identity,
            output: Output::Softmax,
        };
        let range = PixelRange {
            low: 0.0,
            high: 255.0,
        };
        let rows = samples(&[[0, 2], [7, 7], [3, 2]]);
        assert_eq!(median_margin(&network, &rows, range), 1.0);
        let rows = samples(&[[0, 2], [3, 2]]);
        assert_eq!(median_margin(&network, &rows, range), 1.5);
    }
}
