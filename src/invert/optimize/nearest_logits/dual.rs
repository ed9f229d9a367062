//! Regularised dual of nearest logits: one multiplier y per output, and
//! `x = clip(W y / eps)`.
//!
//! The dual is concave and piecewise quadratic. Newton's method with exact line searches
//! ends after a few steps (Li and Swetits 1997) if eps decays from where hardly any pixel is
//! at its bounds. Where W y nearly cancels, x is the small rest divided by a small eps, so y
//! is in double-double arithmetic.

use faer::prelude::Solve;
use faer::{Mat, Side};

use super::NearestLogits;
use crate::config::Norm;
use crate::invert::optimize::double_double::DoubleDouble;

/// Factor and number of the decays of eps, from where it weighs as much as logits to 1e-14
/// of that. Networks with few inputs whose weights nearly repeat need it this low to be
/// proven, and it is still above the rounding of a Newton step.
pub const DECAY: f64 = 0.01;
pub const DECAYS: i32 = 7;
/// Maximum number of Newton steps for each eps; mostly there are a few.
const MAX_NEWTON_STEPS: usize = 100;
/// Gradient of the dual that counts as zero, as a fraction of the scale of logits. x is
/// optimal for a target this far off: a few roundings of a sum of 784 terms.
pub const GRADIENT_TOLERANCE: f64 = 1e-13;
/// Fraction of eps, in units of squared weights, that is rho. In l1 `rho/2 ||r||_2^2` is
/// added, which keeps multipliers finite: of several x as near and nearly as short the one
/// with more even residuals is preferred.
pub const RHO: f64 = 1e-6;
/// Fraction of the matrix of a Newton step that is added to keep it regular; its rounding
/// is as large.
const REGULARIZATION: f64 = 1e-14;

/// Dual of a problem with eps.
pub struct Dual<'a> {
    pub problem: &'a NearestLogits<'a>,
    pub epsilon: f64,
    /// Largest squared norm of a pixel's weights.
    weight: f64,
    scale: f64,
}

/// Maximum of the dual.
pub struct Maximum {
    pub multipliers: Vec<f64>,
    /// Primal solution.
    pub x: Vec<f64>,
    /// Number of Newton steps.
    pub steps: usize,
}

impl<'a> Dual<'a> {
    /// Dual with an eps that keeps most pixels within their bounds.
    pub fn new(problem: &'a NearestLogits<'a>) -> Self {
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
            scale: problem.scale(),
        }
    }

    /// Returns the maximum after this number of decays of eps.
    pub fn maximum(mut self, decays: i32) -> Maximum {
        let mut y = vec![DoubleDouble::default(); self.problem.target.len()];
        let mut steps = self.ascend(&mut y);
        for _ in 0..decays {
            self.epsilon *= DECAY;
            steps += self.ascend(&mut y);
        }
        Maximum {
            x: self.problem.clip(&self.free(&y)),
            multipliers: y.iter().map(|y| y.value()).collect(),
            steps,
        }
    }

    /// Returns W y / eps: the pixels before clipping.
    fn free(&self, y: &[DoubleDouble]) -> Vec<f64> {
        let problem = self.problem;
        let mut gradient = vec![DoubleDouble::default(); problem.bounds.len()];
        for (column, y) in problem.weight.col_iter().zip(y) {
            for (sum, &weight) in gradient.iter_mut().zip(column.iter()) {
                sum.add_product(weight, *y);
            }
        }
        let pixels = gradient.iter();
        pixels.map(|g| g.value() / self.epsilon).collect()
    }

    /// Returns the residual that belongs to the multiplier y + step.
    fn residual(&self, y: DoubleDouble, step: f64) -> f64 {
        match self.problem.norm {
            Norm::L1 => {
                let over = (y.minus(1.0) + step).max(0.0) + (y.minus(-1.0) + step).min(0.0);
                over * self.stiffness()
            }
            Norm::L2 => y.value() + step,
        }
    }

    /// Returns the derivative of an l1 residual by its multiplier beyond 1: `1 / rho`.
    pub fn stiffness(&self) -> f64 {
        self.weight / (RHO * self.epsilon)
    }

    /// Ascends from y to the maximum for this eps. Returns the number of steps.
    fn ascend(&self, y: &mut [DoubleDouble]) -> usize {
        for taken in 0..MAX_NEWTON_STEPS {
            let free = self.free(y);
            let x = self.problem.clip(&free);
            let residuals = self.problem.residual(&x).into_iter().zip(&*y);
            let gradient: Vec<f64> = residuals.map(|(r, &y)| r - self.residual(y, 0.0)).collect();
            let tolerance = GRADIENT_TOLERANCE * self.scale;
            if gradient.iter().all(|g| g.abs() <= tolerance) {
                return taken;
            }
            let Some(step) = self.newton(y, &free, &gradient) else {
                return taken;
            };
            let size = self.line_search(y, &free, &step);
            if size <= 0.0 {
                return taken;
            }
            for (y, step) in y.iter_mut().zip(&step) {
                y.add(size * step);
            }
        }
        MAX_NEWTON_STEPS
    }

    /// Returns the Newton step: from y to the maximum of the quadratic piece around it.
    fn newton(&self, y: &[DoubleDouble], free: &[f64], gradient: &[f64]) -> Option<Vec<f64>> {
        let within: Vec<usize> = free
            .iter()
            .zip(self.problem.bounds)
            .enumerate()
            .filter(|(_, (x, (low, high)))| *x > low && *x < high)
            .map(|(i, _)| i)
            .collect();
        let (weight, outputs) = (self.problem.weight, y.len());
        let part = Mat::from_fn(within.len(), outputs, |i, k| weight[(within[i], k)]);
        let mut curvature = part.transpose() * &part;
        let trace: f64 = (0..outputs).map(|k| curvature[(k, k)]).sum();
        for (k, &y) in y.iter().enumerate() {
            curvature[(k, k)] += REGULARIZATION * (trace + self.weight)
                + match self.problem.norm {
                    Norm::L1 if self.residual(y, 0.0) == 0.0 => 0.0,
                    Norm::L1 => self.epsilon * self.stiffness(),
                    Norm::L2 => self.epsilon,
                };
        }
        let right = Mat::from_fn(outputs, 1, |k, _| self.epsilon * gradient[k]);
        let step = curvature.llt(Side::Lower).ok()?.solve(&right);
        Some((0..outputs).map(|k| step[(k, 0)]).collect())
    }

    /// Returns the fraction of a step, up to 1, at which the dual is highest. Its
    /// derivative is linear between breakpoints.
    fn line_search(&self, y: &[DoubleDouble], free: &[f64], step: &[f64]) -> f64 {
        let gradient = self.problem.gradient(step);
        let moved: Vec<f64> = gradient.iter().map(|g| g / self.epsilon).collect();
        let derivative = |size: f64| {
            let along = y.iter().zip(step).zip(self.problem.target);
            let outputs = along.map(|((&y, step), t)| step * (t - self.residual(y, size * step)));
            let places = free.iter().zip(&moved).map(|(x, moved)| x + size * moved);
            let pixels = places.zip(self.problem.bounds).zip(&gradient);
            let inputs = pixels.map(|((x, &(low, high)), g)| x.clamp(low, high) * g);
            outputs.sum::<f64>() - inputs.sum::<f64>()
        };
        let mut ends = self.breakpoints(y, free, step, &moved);
        ends.retain(|size| *size > 0.0 && *size < 1.0);
        ends.sort_by(f64::total_cmp);
        ends.push(1.0);
        let after = ends.partition_point(|&size| derivative(size) > 0.0);
        let Some(&high) = ends.get(after) else {
            return 1.0;
        };
        let low = after.checked_sub(1).map_or(0.0, |before| ends[before]);
        // Above 0 and not above it, but for rounding.
        let (rise, fall) = (derivative(low).max(0.0), derivative(high).min(0.0));
        let part = if rise > 0.0 {
            rise / (rise - fall)
        } else {
            0.0
        };
        low + (high - low) * part
    }

    /// Returns the fractions of a step at which pixels or residuals reach their bounds.
    fn breakpoints(
        &self,
        y: &[DoubleDouble],
        free: &[f64],
        step: &[f64],
        moved: &[f64],
    ) -> Vec<f64> {
        let pixels = free
            .iter()
            .zip(moved)
            .zip(self.problem.bounds)
            .flat_map(|((x, moved), (low, high))| [(low - x) / moved, (high - x) / moved]);
        let outputs = y
            .iter()
            .zip(step)
            .flat_map(|(y, step)| [1.0, -1.0].map(|end| -y.minus(end) / step));
        match self.problem.norm {
            Norm::L1 => pixels.chain(outputs).collect(),
            Norm::L2 => pixels.collect(),
        }
    }
}
