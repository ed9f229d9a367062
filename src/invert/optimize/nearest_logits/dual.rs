//! The dual of the problem with eps, which has one multiplier y an output and
//! `x = clip(W y / eps)`.
//!
//! It is concave and piecewise quadratic: Newton's method with exact line searches ends
//! after a few steps (Li and Swetits 1997), if eps falls from where hardly any pixel is
//! at its bounds. Where W y nearly cancels, x is what is left of it, as a share of a
//! small eps; so y has twice the usual digits.

use faer::prelude::Solve;
use faer::{Mat, Side};

use super::Problem;
use crate::config::Norm;
use crate::invert::optimize::double_double::Long;

/// eps falls to this share of itself so many times, from where it is as weighty as
/// logits: to 1e-14 of that. Networks with few inputs whose weights nearly repeat
/// need it so low to be proven, and it is still above the rounding of a Newton step.
pub const FALL: f64 = 0.01;
pub const FALLS: i32 = 7;
/// Newton's steps for each eps, at most; mostly there are a few.
const MOST_STEPS: usize = 100;
/// What the dual's slope may still be, as a share of the size of logits. x is the
/// ideal input of a target that is so far off: some roundings of a sum of 784.
pub const PRECISE: f64 = 1e-13;
/// In l1 `rho/2 ||r||_2^2` is added, which keeps multipliers finite: rho is this share
/// of eps, in units of squared weights. So of several x as near and nearly as short
/// it prefers the one whose residuals are more even.
pub const EVEN: f64 = 1e-6;
/// What keeps the matrix of a Newton step regular, as a share of it: it has as much
/// rounding.
const REGULAR: f64 = 1e-14;

/// The dual of the problem with eps.
pub struct Dual<'a> {
    pub problem: &'a Problem<'a>,
    pub epsilon: f64,
    /// The largest squared length of a pixel's weights.
    weight: f64,
    size: f64,
}

impl<'a> Dual<'a> {
    /// With an eps that keeps most pixels within their bounds.
    pub fn of(problem: &'a Problem<'a>) -> Self {
        let rows = || problem.weight.row_iter();
        let positive = |value: f64| if value > 0.0 { value } else { 1.0 };
        let most = |values: &mut dyn Iterator<Item = f64>| positive(values.fold(0.0, f64::max));
        let weight = most(&mut rows().map(|row| row.squared_norm_l2()));
        let width = most(&mut problem.bounds.iter().map(|(low, high)| high - low));
        let epsilon = match problem.norm {
            Norm::L1 => most(&mut rows().map(|row| row.norm_l1())) / width,
            Norm::L2 => weight,
        };
        Self {
            problem,
            epsilon,
            weight,
            size: problem.size(),
        }
    }

    /// Its multipliers once eps has fallen so often, with x and the number of Newton's
    /// steps.
    pub fn maximum(mut self, falls: i32) -> (Vec<f64>, Vec<f64>, usize) {
        let mut y = vec![Long::default(); self.problem.target.len()];
        let mut steps = self.ascend(&mut y);
        for _ in 0..falls {
            self.epsilon *= FALL;
            steps += self.ascend(&mut y);
        }
        let x = self.problem.clip(&self.free(&y));
        (y.iter().map(|y| y.value()).collect(), x, steps)
    }

    /// W y / eps.
    fn free(&self, y: &[Long]) -> Vec<f64> {
        let problem = self.problem;
        let mut pull = vec![Long::default(); problem.bounds.len()];
        for (column, y) in problem.weight.col_iter().zip(y) {
            for (sum, &weight) in pull.iter_mut().zip(column.iter()) {
                sum.add_product(weight, *y);
            }
        }
        pull.iter().map(|g| g.value() / self.epsilon).collect()
    }

    /// The residual that goes with the multiplier y + step.
    fn residual(&self, y: Long, step: f64) -> f64 {
        match self.problem.norm {
            Norm::L1 => {
                let over = (y.minus(1.0) + step).max(0.0) + (y.minus(-1.0) + step).min(0.0);
                over * self.stiffness()
            }
            Norm::L2 => y.value() + step,
        }
    }

    /// How fast a residual of l1 changes with its multiplier beyond 1: `1 / rho`.
    pub fn stiffness(&self) -> f64 {
        self.weight / (EVEN * self.epsilon)
    }

    /// From y on to where the dual does not rise any more. Gives the number of steps.
    fn ascend(&self, y: &mut [Long]) -> usize {
        for taken in 0..MOST_STEPS {
            let free = self.free(y);
            let x = self.problem.clip(&free);
            let missing = self.problem.residual(&x).into_iter().zip(&*y);
            let slope: Vec<f64> = missing.map(|(r, &y)| r - self.residual(y, 0.0)).collect();
            if slope.iter().all(|s| s.abs() <= PRECISE * self.size) {
                return taken;
            }
            let Some(step) = self.newton(y, &free, &slope) else {
                return taken;
            };
            let share = self.longest(y, &free, &step);
            if share <= 0.0 {
                return taken;
            }
            for (y, step) in y.iter_mut().zip(&step) {
                y.add(share * step);
            }
        }
        MOST_STEPS
    }

    /// Where the quadratic piece around y has its maximum, from y.
    fn newton(&self, y: &[Long], free: &[f64], slope: &[f64]) -> Option<Vec<f64>> {
        let pixels = free.iter().zip(self.problem.bounds).enumerate();
        let within = pixels.filter(|(_, (x, (low, high)))| *x > low && *x < high);
        let within: Vec<usize> = within.map(|(i, _)| i).collect();
        let (weight, outputs) = (self.problem.weight, y.len());
        let part = Mat::from_fn(within.len(), outputs, |i, k| weight[(within[i], k)]);
        let mut curvature = part.transpose() * &part;
        let trace: f64 = (0..outputs).map(|k| curvature[(k, k)]).sum();
        for (k, &y) in y.iter().enumerate() {
            curvature[(k, k)] += REGULAR * (trace + self.weight)
                + match self.problem.norm {
                    Norm::L1 if self.residual(y, 0.0) == 0.0 => 0.0,
                    Norm::L1 => self.epsilon * self.stiffness(),
                    Norm::L2 => self.epsilon,
                };
        }
        let right = Mat::from_fn(outputs, 1, |k, _| self.epsilon * slope[k]);
        let step = curvature.llt(Side::Lower).ok()?.solve(&right);
        Some((0..outputs).map(|k| step[(k, 0)]).collect())
    }

    /// The share of a step at which the dual is highest, or all of it. Its slope along
    /// the way is linear between the places where something reaches a bound.
    fn longest(&self, y: &[Long], free: &[f64], step: &[f64]) -> f64 {
        let pull = self.problem.pull(step);
        let moved: Vec<f64> = pull.iter().map(|g| g / self.epsilon).collect();
        let slope = |share: f64| {
            let along = y.iter().zip(step).zip(self.problem.target);
            let outputs = along.map(|((&y, step), t)| step * (t - self.residual(y, share * step)));
            let places = free.iter().zip(&moved).map(|(x, moved)| x + share * moved);
            let pixels = places.zip(self.problem.bounds).zip(&pull);
            let inputs = pixels.map(|((x, &(low, high)), g)| x.clamp(low, high) * g);
            outputs.sum::<f64>() - inputs.sum::<f64>()
        };
        let mut ends = self.bends(y, free, (step, &moved));
        ends.retain(|share| *share > 0.0 && *share < 1.0);
        ends.sort_by(f64::total_cmp);
        ends.push(1.0);
        let after = ends.partition_point(|&share| slope(share) > 0.0);
        let Some(&high) = ends.get(after) else {
            return 1.0;
        };
        let low = after.checked_sub(1).map_or(0.0, |before| ends[before]);
        // Above 0 and not above it, but for rounding.
        let (rise, fall) = (slope(low).max(0.0), slope(high).min(0.0));
        let part = if rise > 0.0 {
            rise / (rise - fall)
        } else {
            0.0
        };
        low + (high - low) * part
    }

    /// The shares of a step at which pixels or residuals reach bounds.
    fn bends(&self, y: &[Long], free: &[f64], (step, moved): (&[f64], &[f64])) -> Vec<f64> {
        let pixels = free.iter().zip(moved).zip(self.problem.bounds);
        let pixels =
            pixels.flat_map(|((x, moved), (low, high))| [(low - x) / moved, (high - x) / moved]);
        let outputs = y.iter().zip(step);
        let outputs = outputs.flat_map(|(y, step)| [1.0, -1.0].map(|end| -y.minus(end) / step));
        match self.problem.norm {
            Norm::L1 => pixels.chain(outputs).collect(),
            Norm::L2 => pixels.collect(),
        }
    }
}
