//! A mixture of Gaussians of the training pixels, fitted without labels.
//!
//! Rows are grouped by k-means (Lloyd 1982, from the starts of Arthur and
//! Vassilvitskii 2007) in the first principal components of all rows. Each group is
//! a component: its own mean, its own covariance within the principal components,
//! and beside them, where little varies, only each pixel's own variance. So a
//! component takes little room, however many pixels there are.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par, Side};

use super::{Moments, Normal, kmeans};
use crate::config::PixelRange;
use crate::data::Samples;
use crate::invert::rows;
use crate::pace::Pace;

/// Of several normal distributions, one for each group of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// The share of rows in each group, above 0: 1 x groups.
    pub weights: Mat<f64>,
    /// Groups x inputs, in the units of the pixel range.
    pub means: Mat<f64>,
    /// Principal components, orthonormal: inputs x components.
    pub basis: Mat<f64>,
    /// Of each group the covariance within them: components x components.
    pub within: Vec<Mat<f64>>,
    /// The variance of each pixel that they do not explain: groups x inputs.
    pub beside: Mat<f64>,
}

/// Principal components, if there are so many. They hold 90 % and more of the
/// variance of handwritten digits.
const COMPONENTS: usize = 100;

/// Components with less than this share of the variance of the first are rounding.
const NONE: f64 = 1e-12;

impl Mixture {
    /// Of the first `count` rows, which are at least as many as groups.
    ///
    /// # Errors
    /// If the covariance of the rows has no eigenvectors, as it is not finite.
    pub fn fit(
        samples: &Samples,
        range: PixelRange,
        count: usize,
        groups: usize,
        pace: Pace<'_>,
    ) -> Result<Self, String> {
        let count = count.min(samples.len());
        let moments = Moments::of(samples, range, count);
        let basis = principal(&moments.covariance)?;
        let scores = scores(samples, range, count, &moments.mean, &basis);
        let group = kmeans::groups(&scores, groups, pace);
        let mut all: Vec<Group> = Vec::new();
        for index in 0..groups {
            pace.step();
            let members: Vec<usize> = (0..count).filter(|&row| group[row] == index).collect();
            // A group may be left without rows, if many rows are equal.
            if !members.is_empty() {
                all.push(Group::of(samples, range, &members, (&scores, &basis)));
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

    /// Each component, its covariance mixed with this share of the mean of them all
    /// (Friedman 1989), which must be above 0.
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

/// What one group of rows is like.
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
        (scores, basis): (&Mat<f64>, &Mat<f64>),
    ) -> Self {
        let n = members.len() as f64;
        let own = Mat::from_fn(members.len(), scores.ncols(), |m, j| {
            scores[(members[m], j)]
        });
        let within = Moments::of_rows(&own).covariance;
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

/// The first principal components: inputs x components, the first the strongest.
fn principal(covariance: &Mat<f64>) -> Result<Mat<f64>, String> {
    let eigen = covariance.self_adjoint_eigen(Side::Lower);
    let eigen = eigen.map_err(|error| format!("{error:?}"))?;
    // Rising.
    let values: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
    let strongest = values.last().copied().unwrap_or_default();
    let there = values.iter().rev().take(COMPONENTS);
    let kept = there.take_while(|&&value| value > NONE * strongest).count();
    let (vectors, n) = (eigen.U(), values.len());
    // An eigenvector's sign means nothing; here its largest entry is above 0.
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

/// What the rows have of each principal component: rows x components.
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
        let away = Mat::from_fn(levels.nrows(), levels.ncols(), |n, i| {
            range.value(levels[(n, i)]) - mean[(0, i)]
        });
        let part = scores.as_mut().subrows_mut(start, levels.nrows());
        matmul(part, Accum::Replace, &away, basis, 1.0, Par::Seq);
        start += levels.nrows();
    }
    scores
}

/// `V C V^T + D`.
fn covariance(basis: &Mat<f64>, within: &Mat<f64>, beside: &[f64]) -> Mat<f64> {
    let mut all = basis * within * basis.transpose();
    for (i, variance) in beside.iter().enumerate() {
        all[(i, i)] += variance;
    }
    all
}

#[cfg(test)]
mod tests;
