//! The ideal input of Lai 2021, section 1.3.3, of a network without hidden layers: the
//! x within the bounds of its pixels whose logits x W are nearest the target t.
//!
//! Many x may be as near, so what is made least is, with r = t - x W,
//! `f(r) + eps/2 ||x||^2`, where f is `||r||_1` or `1/2 ||r||_2^2` and eps is small. That
//! is least at one x only, and as it is, no x that is as near is shorter (Mangasarian
//! and Meyer 1979). How much nearer another x could be is bounded by the dual of the
//! problem without eps; so it can be proven to be next to nothing.

mod dual;

use faer::Mat;

use crate::config::Norm;
use dual::{Dual, FALLS};

/// Where the least is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'a> {
    /// W: inputs x outputs.
    pub weight: &'a Mat<f64>,
    /// t: what x W should be.
    pub target: &'a [f64],
    /// The lowest and the highest value of each pixel.
    pub bounds: &'a [(f64, f64)],
    /// Of t - x W.
    pub norm: Norm,
}

/// The least there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Ideal {
    /// Within the bounds.
    pub x: Vec<f64>,
    /// `||t - x W||`.
    pub distance: f64,
    /// By how much another x could be nearer, at most.
    pub gap: f64,
    /// True if that is next to nothing.
    pub proven: bool,
    /// Newton's steps.
    pub steps: usize,
}

/// What is next to nothing, as a share of the size of logits.
const GAP: f64 = 1e-9;

impl Problem<'_> {
    /// The ideal x.
    #[must_use]
    pub fn solve(&self) -> Ideal {
        let (y, x, steps) = Dual::of(self).maximum(FALLS);
        let gap = self.gap(&x, &y);
        Ideal {
            distance: self.norm.of(&self.residual(&x)),
            gap,
            proven: gap <= GAP * self.size(),
            x,
            steps,
        }
    }

    /// t - x W.
    fn residual(&self, x: &[f64]) -> Vec<f64> {
        let columns = self.weight.col_iter().zip(self.target);
        let answer = |column: faer::ColRef<'_, f64>| -> f64 {
            column.iter().zip(x).map(|(weight, x)| weight * x).sum()
        };
        columns.map(|(column, t)| t - answer(column)).collect()
    }

    /// W y.
    fn pull(&self, y: &[f64]) -> Vec<f64> {
        let mut pull = vec![0.0; self.bounds.len()];
        for (column, y) in self.weight.col_iter().zip(y) {
            for (sum, weight) in pull.iter_mut().zip(column.iter()) {
                *sum += weight * y;
            }
        }
        pull
    }

    fn clip(&self, x: &[f64]) -> Vec<f64> {
        let both = x.iter().zip(self.bounds);
        both.map(|(x, &(low, high))| x.clamp(low, high)).collect()
    }

    /// How large logits can be here.
    fn size(&self) -> f64 {
        let most = |&(low, high): &(f64, f64)| high.abs().max(low.abs());
        let columns = self.weight.col_iter();
        let sizes = columns.map(|column| {
            let terms = column.iter().zip(self.bounds);
            terms.map(|(w, bounds)| w.abs() * most(bounds)).sum::<f64>()
        });
        sizes.fold(self.norm.of(self.target), f64::max)
    }

    /// How far the distance of x may be above the least one: by no more than it is above
    /// `y t - max_x y W x` for any y whose dual norm is at most 1. Nor is any below 0.
    fn gap(&self, x: &[f64], y: &[f64]) -> f64 {
        let residual = self.residual(x);
        let distance = self.norm.of(&residual);
        let y: Vec<f64> = match self.norm {
            Norm::L1 => y.iter().map(|y| y.clamp(-1.0, 1.0)).collect(),
            Norm::L2 if distance == 0.0 => return 0.0,
            Norm::L2 => residual.iter().map(|r| r / distance).collect(),
        };
        let pull = self.pull(&y);
        let pixels = pull.iter().zip(x).zip(self.bounds);
        let unused = pixels.map(|((g, x), &(low, high))| (low * g).max(high * g) - x * g);
        distance.min(distance - dot(&y, &residual) + unused.sum::<f64>())
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests;
