//! Mixture of Gaussians of the training pixels, fitted without labels.
//!
//! Rows are clustered by k-means in the first principal components of all rows. Each group
//! is a component: it has its own mean, its own covariance within the principal components,
//! and outside them, where little varies, the variance of each pixel alone. A component
//! therefore takes little memory, however many pixels there are.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par, Side};

use super::{Normal, SampleMoments, kmeans};
use crate::config::PixelRange;
use crate::data::Samples;
use crate::invert::rows;
use crate::pace::Pace;

/// Mixture with one Gaussian per group of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// Fraction of rows in each group, above 0: 1 x groups.
    pub weights: Mat<f64>,
    /// Means in the units of the pixel range: groups x inputs.
    pub means: Mat<f64>,
    /// Principal components, orthonormal: inputs x components.
    pub basis: Mat<f64>,
    /// Covariance of each group within them: components x components.
    pub within: Vec<Mat<f64>>,
    /// Variance of each pixel that they do not explain: groups x inputs.
    pub beside: Mat<f64>,
}

/// Maximum number of principal components. They explain 90 % and more of the variance of
/// handwritten digits.
const MAX_COMPONENTS: usize = 100;

/// Fraction of the largest variance below which components are rounding.
const VARIANCE_TOLERANCE: f64 = 1e-12;

impl Mixture {
    /// Fits a mixture to the first `count` rows, at least as many as groups.
    ///
    /// # Errors
    /// If the covariance of the rows is not finite.
    pub fn fit(
        samples: &Samples,
        range: PixelRange,
        count: usize,
        groups: usize,
        pace: Pace<'_>,
    ) -> Result<Self, String> {
        let count = count.min(samples.len());
        let moments = SampleMoments::of(samples, range, count);
        let basis = principal(&moments.covariance)?;
        let scores = scores(samples, range, count, &moments.mean, &basis);
        let group = kmeans::groups(&scores, groups, pace);
        let mut all: Vec<Group> = Vec::new();
        for index in 0..groups {
            pace.step();
            let members: Vec<usize> = (0..count).filter(|&row| group[row] == index).collect();
            // A group may be left without rows, if many rows are equal.
            if !members.is_empty() {
                all.push(Group::of(samples, range, &members, &scores, &basis));
            }
        }
        let inputs = samples.features;
        Ok(Self {
            weights: Mat::from_fn(1, all.len(), |_, k| all[k].rows as f64 / count as f64),
            means: Mat::from_fn(all.len(), inputs, |k, i| all[k].mean[i]),
            beside: Mat::from_fn(all.len(), inputs, |k, i| all[k].beside[i]),
            within: all.into_iter().map(|group| group.within).collect(),
            basis,
        })
    }

    /// Returns the components, each covariance shrunk towards the pooled one by a fraction
    /// (Friedman 1989) above 0.
    pub fn normals(&self, shrinkage: f64) -> impl Iterator<Item = Normal> + '_ {
        let groups = self.within.len();
        let (inputs, width) = (self.basis.nrows(), self.basis.ncols());
        let weight = |k: usize| self.weights[(0, k)];
        let mean_of = |value: &dyn Fn(usize) -> f64| -> f64 {
            (0..groups).map(|k| weight(k) * value(k)).sum()
        };
        let pooled_within = Mat::from_fn(width, width, |i, j| mean_of(&|k| self.within[k][(i, j)]));
        let pooled_beside: Vec<f64> = (0..inputs)
            .map(|i| mean_of(&|k| self.beside[(k, i)]))
            .collect();
        (0..groups).map(move |k| {
            let mixed = |own: f64, pooled: f64| own + shrinkage * (pooled - own);
            let within = Mat::from_fn(width, width, |i, j| {
                mixed(self.within[k][(i, j)], pooled_within[(i, j)])
            });
            let beside: Vec<f64> = (0..inputs)
                .map(|i| mixed(self.beside[(k, i)], pooled_beside[i]))
                .collect();
            Normal {
                mean: Mat::from_fn(1, inputs, |_, i| self.means[(k, i)]),
                log_weight: weight(k).ln(),
                covariance: covariance(&self.basis, &within, &beside),
            }
        })
    }
}

/// Mean and covariance of one group of rows.
struct Group {
    rows: usize,
    mean: Vec<f64>,
    within: Mat<f64>,
    beside: Vec<f64>,
}

impl Group {
    fn of(
        samples: &Samples,
        range: PixelRange,
        members: &[usize],
        scores: &Mat<f64>,
        basis: &Mat<f64>,
    ) -> Self {
        let n = members.len() as f64;
        let own = Mat::from_fn(members.len(), scores.ncols(), |m, j| {
            scores[(members[m], j)]
        });
        let within = SampleMoments::of_rows(&own).covariance;
        let unit = (range.high - range.low) / 255.0;
        let (mut sums, mut squares) = (vec![0.0; samples.features], vec![0.0; samples.features]);
        for &row in members {
            let levels = samples.row(row).iter().map(|&level| f64::from(level));
            for ((sum, square), level) in sums.iter_mut().zip(&mut squares).zip(levels) {
                *sum += level;
                *square += level * level;
            }
        }
        let spread = basis * &within;
        let beside = |i: usize| {
            let variance = (squares[i] / n - (sums[i] / n).powi(2)) * unit * unit;
            let explained: f64 = (0..basis.ncols())
                .map(|j| spread[(i, j)] * basis[(i, j)])
                .sum();
            (variance - explained).max(0.0)
        };
        Self {
            rows: members.len(),
            mean: sums.iter().map(|sum| range.value(sum / n)).collect(),
            beside: (0..samples.features).map(beside).collect(),
            within,
        }
    }
}

/// Returns the principal components, the strongest first: inputs x components.
fn principal(covariance: &Mat<f64>) -> Result<Mat<f64>, String> {
    let eigen = covariance
        .self_adjoint_eigen(Side::Lower)
        .map_err(|error| format!("{error:?}"))?;
    // In rising order.
    let values: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
    let strongest = values.last().copied().unwrap_or_default();
    let there = values.iter().rev().take(MAX_COMPONENTS);
    let kept = there
        .take_while(|&&value| value > VARIANCE_TOLERANCE * strongest)
        .count();
    let (vectors, n) = (eigen.U(), values.len());
    // The sign of an eigenvector is arbitrary; here its largest entry is above 0.
    let sign = |j: usize| {
        let entries = (0..n).map(|i| vectors[(i, n - 1 - j)]);
        let largest = entries.reduce(|a, b| if b.abs() > a.abs() { b } else { a });
        largest.map_or(1.0, f64::signum)
    };
    let signs: Vec<f64> = (0..kept).map(sign).collect();
    Ok(Mat::from_fn(n, kept, |i, j| {
        signs[j] * vectors[(i, n - 1 - j)]
    }))
}

/// Returns the scores of rows on each principal component: rows x components.
fn scores(
    samples: &Samples,
    range: PixelRange,
    count: usize,
    mean: &Mat<f64>,
    basis: &Mat<f64>,
) -> Mat<f64> {
    let mut scores = Mat::zeros(count, basis.ncols());
    let mut start = 0;
    for levels in rows::levels(samples, count) {
        let centred = Mat::from_fn(levels.nrows(), levels.ncols(), |n, i| {
            range.value(levels[(n, i)]) - mean[(0, i)]
        });
        let part = scores.as_mut().subrows_mut(start, levels.nrows());
        matmul(part, Accum::Replace, &centred, basis, 1.0, Par::Seq);
        start += levels.nrows();
    }
    scores
}

/// Returns `V C V^T + D`.
fn covariance(basis: &Mat<f64>, within: &Mat<f64>, beside: &[f64]) -> Mat<f64> {
    let mut all = basis * within * basis.transpose();
    for (i, variance) in beside.iter().enumerate() {
        all[(i, i)] += variance;
    }
    all
}

#[cfg(test)]
mod tests;
