//! Nearest logits: the ideal input of Lai 2021, section 1.3.3, of a network without hidden
//! layers. It is the x within the bounds of its pixels whose logits x W are nearest the
//! target t.
//!
//! Several x may be as near, so the objective is, with r = t - x W,
//! `f(r) + eps/2 ||x||^2`, where f is `||r||_1` or `1/2 ||r||_2^2` and eps is small. Its
//! minimum is unique, and no x that is as near is shorter (Mangasarian and Meyer 1979). The
//! dual of the problem without eps bounds how much nearer another x could be.

mod dual;

use faer::Mat;

use crate::config::Norm;
use dual::{DECAYS, Dual};

/// Problem: the x nearest the target within bounds.
#[derive(Debug, Clone, Copy)]
pub struct NearestLogits<'a> {
    /// W: inputs x outputs.
    pub weight: &'a Mat<f64>,
    /// t: target of x W.
    pub target: &'a [f64],
    /// Lowest and highest value of each pixel.
    pub bounds: &'a [(f64, f64)],
    /// Norm of t - x W.
    pub norm: Norm,
}

/// Solution of a [`NearestLogits`] problem.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestInput {
    /// Input within the bounds.
    pub x: Vec<f64>,
    /// `||t - x W||`.
    pub distance: f64,
    /// Duality gap: no input is nearer by more.
    pub gap: f64,
    /// True if the gap is within the tolerance.
    pub proven: bool,
    /// Number of Newton steps.
    pub steps: usize,
}

/// Duality gap that counts as none, as a fraction of the scale of logits.
const GAP_TOLERANCE: f64 = 1e-9;

impl NearestLogits<'_> {
    /// Returns the nearest input.
    pub fn solve(&self) -> NearestInput {
        let maximum = Dual::new(self).maximum(DECAYS);
        let gap = self.gap(&maximum.x, &maximum.multipliers);
        NearestInput {
            distance: self.norm.of(&self.residual(&maximum.x)),
            gap,
            proven: gap <= GAP_TOLERANCE * self.scale(),
            x: maximum.x,
            steps: maximum.steps,
        }
    }

    /// Returns t - x W.
    fn residual(&self, x: &[f64]) -> Vec<f64> {
        let columns = self.weight.col_iter().zip(self.target);
        let logit = |column: faer::ColRef<'_, f64>| -> f64 {
            column.iter().zip(x).map(|(weight, x)| weight * x).sum()
        };
        columns.map(|(column, t)| t - logit(column)).collect()
    }

    /// Returns W y: one number per pixel.
    fn gradient(&self, y: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.bounds.len()];
        for (column, y) in self.weight.col_iter().zip(y) {
            for (sum, weight) in gradient.iter_mut().zip(column.iter()) {
                *sum += weight * y;
            }
        }
        gradient
    }

    fn clip(&self, x: &[f64]) -> Vec<f64> {
        let pairs = x.iter().zip(self.bounds);
        pairs.map(|(x, &(low, high))| x.clamp(low, high)).collect()
    }

    /// Returns the largest magnitude that logits can have.
    fn scale(&self) -> f64 {
        let largest = |&(low, high): &(f64, f64)| high.abs().max(low.abs());
        let columns = self.weight.col_iter();
        let magnitudes = columns.map(|column| {
            let terms = column.iter().zip(self.bounds);
            terms
                .map(|(w, bounds)| w.abs() * largest(bounds))
                .sum::<f64>()
        });
        magnitudes.fold(self.norm.of(self.target), f64::max)
    }

    /// Returns a bound on how much nearer another input can be. By duality the least
    /// distance is at least `y t - max_x y W x` for any y whose dual norm is at most 1, and
    /// at least 0.
    fn gap(&self, x: &[f64], y: &[f64]) -> f64 {
        let residual = self.residual(x);
        let distance = self.norm.of(&residual);
        let y: Vec<f64> = match self.norm {
            Norm::L1 => y.iter().map(|y| y.clamp(-1.0, 1.0)).collect(),
            Norm::L2 if distance == 0.0 => return 0.0,
            Norm::L2 => residual.iter().map(|r| r / distance).collect(),
        };
        let gradient = self.gradient(&y);
        let pixels = gradient.iter().zip(x).zip(self.bounds);
        let unused = pixels.map(|((g, x), &(low, high))| (low * g).max(high * g) - x * g);
        distance.min(distance - dot(&y, &residual) + unused.sum::<f64>())
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests;
