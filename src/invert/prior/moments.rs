//! Mean and covariance of training pixels and of hidden values, over all classes and
//! without labels.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use crate::config::PixelRange;
use crate::data::Samples;
use crate::invert::rows;
use crate::model::{Network, map};

/// Mean and covariance of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMoments {
    /// 1 x columns.
    pub mean: Mat<f64>,
    /// Columns x columns, divided by the number of rows.
    pub covariance: Mat<f64>,
}

/// Running sums over rows.
struct RowSums {
    rows: usize,
    values: Vec<f64>,
    products: Mat<f64>,
}

impl RowSums {
    fn new(columns: usize) -> Self {
        Self {
            rows: 0,
            values: vec![0.0; columns],
            products: Mat::zeros(columns, columns),
        }
    }

    fn add(&mut self, block: &Mat<f64>) {
        self.rows += block.nrows();
        for row in block.row_iter() {
            for (sum, value) in self.values.iter_mut().zip(row.iter()) {
                *sum += value;
            }
        }
        let (products, transposed) = (self.products.as_mut(), block.transpose());
        matmul(products, Accum::Add, transposed, block, 1.0, Par::Seq);
    }

    fn moments(&self) -> SampleMoments {
        let (n, columns) = (self.rows as f64, self.values.len());
        let mean = |i: usize| self.values[i] / n;
        SampleMoments {
            mean: Mat::from_fn(1, columns, |_, i| mean(i)),
            covariance: Mat::from_fn(columns, columns, |i, j| {
                self.products[(i, j)] / n - mean(i) * mean(j)
            }),
        }
    }
}

impl SampleMoments {
    /// Moments of the pixels of the first `rows` rows, at least one, in the units of the
    /// range. Sums of levels and of their products are integers, which double precision
    /// holds exactly.
    pub fn of(samples: &Samples, range: PixelRange, rows: usize) -> Self {
        let mut sums = RowSums::new(samples.features);
        for block in rows::levels(samples, rows) {
            sums.add(&block);
        }
        let levels = sums.moments();
        let unit = (range.high - range.low) / 255.0;
        Self {
            mean: map(&levels.mean, |level| range.value(level)),
            covariance: map(&levels.covariance, |value| value * unit * unit),
        }
    }

    /// Moments of the rows of a matrix, at least one.
    ///
    /// # Examples
    /// ```
    /// use backquery::invert::SampleMoments;
    ///
    /// let moments = SampleMoments::of_rows(&faer::mat![[1.0], [3.0]]);
    /// assert_eq!(moments.mean[(0, 0)], 2.0);
    /// assert_eq!(moments.covariance[(0, 0)], 1.0);
    /// ```
    pub fn of_rows(rows: &Mat<f64>) -> Self {
        let mut sums = RowSums::new(rows.ncols());
        sums.add(rows);
        sums.moments()
    }

    /// Moments of the inputs of each layer above the first one, over the training rows.
    pub fn of_hidden(network: &Network, samples: &Samples, range: PixelRange) -> Vec<Self> {
        let above = network.layers.iter().skip(1);
        let mut sums: Vec<RowSums> = above
            .map(|layer| RowSums::new(layer.weight.nrows()))
            .collect();
        for mut a in rows::values(samples, range) {
            for (layer, sums) in network.layers.iter().zip(&mut sums) {
                a = map(&layer.apply(&a), |z| network.activation.apply(z));
                sums.add(&a);
            }
        }
        sums.iter().map(RowSums::moments).collect()
    }

    /// Returns the covariance shrunk towards its diagonal by a fraction from 0 to 1.
    ///
    /// # Examples
    /// ```
    /// use backquery::invert::SampleMoments;
    ///
    /// let moments = SampleMoments {
    ///     mean: faer::mat![[0.0, 0.0]],
    ///     covariance: faer::mat![[2.0, 1.0], [1.0, 2.0]],
    /// };
    /// assert_eq!(moments.shrunk(0.25), faer::mat![[2.0, 0.75], [0.75, 2.0]]);
    /// ```
    pub fn shrunk(&self, fraction: f64) -> Mat<f64> {
        let kept = |i, j| if i == j { 1.0 } else { 1.0 - fraction };
        let all = &self.covariance;
        Mat::from_fn(all.nrows(), all.ncols(), |i, j| all[(i, j)] * kept(i, j))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Layer, Output};

    const RANGE: PixelRange = PixelRange::SYMMETRIC;

    fn samples(rows: &[[u8; 2]]) -> Samples {
        let mut samples = Samples::empty(2);
        for row in rows {
            samples.push(row, 0);
        }
        samples
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }

    /// Levels 0 and 255 are -1 and 1: three rows (-1, -1), (-1, 1), (1, 1).
    #[test]
    fn mean_and_covariance_by_hand() {
        let four = samples(&[[0, 0], [0, 255], [255, 255], [0, 255]]);
        let moments = SampleMoments::of(&four, RANGE, 3);
        near(moments.mean[(0, 0)], -1.0 / 3.0);
        near(moments.mean[(0, 1)], 1.0 / 3.0);
        near(moments.covariance[(0, 0)], 8.0 / 9.0);
        near(moments.covariance[(0, 1)], 4.0 / 9.0);
        let shrunk = moments.shrunk(0.25);
        near(shrunk[(1, 1)], 8.0 / 9.0);
        near(shrunk[(1, 0)], 3.0 / 9.0);
        assert_eq!(
            SampleMoments::of(&four, RANGE, 99),
            SampleMoments::of(&four, RANGE, 4)
        );
    }

    /// ReLU(x + y) of the rows (-1, -1), (-1, 1), (1, 1) is 0, 0, 2.
    #[test]
    fn a_hidden_layer_by_hand() {
        let network = Network {
            layers: vec![
                Layer {
                    weight: faer::mat![[1.0], [1.0]],
                    bias: None,
                },
                Layer {
                    weight: faer::mat![[1.0, 2.0]],
                    bias: None,
                },
            ],
            activation: Activation::Relu,
            output: Output::Softmax,
        };
        let rows = samples(&[[0, 0], [0, 255], [255, 255]]);
        let [hidden] = &SampleMoments::of_hidden(&network, &rows, RANGE)[..] else {
            panic!("one hidden layer");
        };
        near(hidden.mean[(0, 0)], 2.0 / 3.0);
        near(hidden.covariance[(0, 0)], 8.0 / 9.0);
    }
}
