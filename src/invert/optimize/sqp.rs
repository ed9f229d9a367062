//! Sequential quadratic programming: MAP estimates under one Gaussian of the first layer.
//!
//! The unknowns are v with first-layer values `h = mean + v P`. Without hidden layers the
//! constraints are linear in v and the dual QP is exact. Deeper networks are linearised and
//! the QP solved again, with a line search on the merit function `E + rho violation`
//! (Nocedal and Wright, chapter 18). Kinks of activations stop such steps, so they are
//! smoothed first, less each round. A restoration phase then takes the shortest way to
//! where the constraints hold exactly, and a local search over linear regions follows.

use faer::Mat;

use super::constraints::Constraints;
use super::dual_qp::multipliers;
use super::linear_regions::local_search;
use super::map_problem::FirstLayerGaussian;
use super::upper_layers::UpperLayers;
use crate::invert::Solution;
use crate::pace::Pace;
use crate::rng::stream;

/// Final width of smoothing, as a fraction of the magnitude of first-layer values, which is
/// the initial one. Networks without kinks are not smoothed.
const MIN_SMOOTHING: f64 = 1e-3;
/// Fractions by which margins are tightened, in turn, until the margin itself is met.
const TIGHTENINGS: [f64; 6] = [0.0, 1e-3, 1e-2, 0.1, 0.5, 2.0];
/// Maximum number of random starts after the one at the mean.
const MAX_RESTARTS: usize = 8;
/// Maximum number of linearisations for each width of smoothing, and of restorations.
const MAX_ITERATIONS: usize = 30;
/// Fraction of E below which an expected decrease of the merit ends the search.
const MERIT_TOLERANCE: f64 = 1e-6;
/// Fraction of the expected decrease that a step has to achieve (Armijo's condition).
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// Width of smoothing for derivatives at a kink.
const KINK_WIDTH: f64 = 1e-3;
/// Violation that counts as none, as a fraction of the scale of the constraints.
pub const FEASIBILITY_TOLERANCE: f64 = 1e-6;
/// Maximum number of halvings of a step.
const MAX_HALVINGS: usize = 20;

/// Minimum of E under the constraints.
#[derive(Debug, Clone)]
pub struct Minimum {
    /// v: 1 x units.
    pub v: Mat<f64>,
    /// E.
    pub objective: f64,
    /// Number of steps.
    pub steps: usize,
    /// False if the search stopped although E could have fallen further.
    pub converged: bool,
}

impl Minimum {
    /// Returns the outcome for reports.
    pub fn solution(&self) -> Solution {
        Solution {
            converged: self.converged,
            steps: self.steps,
            objective: self.objective,
            component: None,
        }
    }
}

/// Point of the search.
#[derive(Clone)]
struct Iterate {
    v: Mat<f64>,
    /// v P.
    displacement: Mat<f64>,
    objective: f64,
    /// Residuals of the constraints.
    residuals: Vec<f64>,
}

/// Solution of the QP at an iterate.
struct QpSolution {
    v: Mat<f64>,
    largest_multiplier: f64,
}

/// Constraints linearised at an iterate.
struct Linearised {
    /// Derivatives by first-layer values: constraints x units.
    rows: Mat<f64>,
    /// Covariance of the rows: constraints x constraints.
    g: Mat<f64>,
}

/// Merit function `E + penalty violation` along a direction.
struct Merit {
    penalty: f64,
    /// Directional derivative.
    slope: f64,
}

/// Problem: least E of first-layer values whose logits meet the constraints.
#[derive(Clone, Copy)]
pub struct Sqp<'a> {
    pub upper: UpperLayers<'a>,
    pub first_layer: &'a FirstLayerGaussian,
    pub constraints: &'a Constraints,
    pub pace: Pace<'a>,
}

impl Sqp<'_> {
    /// Returns the minimum; none if no values meet the constraints, or none were found.
    pub fn solve(&self) -> Option<Minimum> {
        let feasible = self.starts().find_map(|start| self.search(&start))?;
        if !self.upper.has_kinks() {
            return Some(feasible);
        }
        // Rounding may take the result off the constraints again.
        let best = local_search(self, feasible.clone());
        self.restore(best).or(Some(feasible))
    }

    /// Returns starts: the mean, and for deep networks random places farther and farther
    /// from it.
    fn starts(&self) -> impl Iterator<Item = Mat<f64>> {
        let units = self.first_layer.mean.ncols();
        let restarts = if self.upper.layers.is_empty() {
            0
        } else {
            MAX_RESTARTS
        };
        let mut draws = stream(0, "starts");
        let covariance = &self.first_layer.covariance;
        let random = move |n: usize| {
            let scale = f64::from(1 << n);
            Mat::from_fn(1, units, |_, i| {
                let deviation = covariance[(i, i)].max(f64::MIN_POSITIVE).sqrt();
                scale * draws.normal() / deviation
            })
        };
        std::iter::once(Mat::zeros(1, units)).chain((0..restarts).map(random))
    }

    /// Searches from a start for values that meet the constraints.
    fn search(&self, start: &Mat<f64>) -> Option<Minimum> {
        let tightenings: &[f64] = if self.constraints.are_equal || !self.upper.has_kinks() {
            &[0.0]
        } else {
            &TIGHTENINGS
        };
        tightenings.iter().find_map(|&fraction| {
            let constraints = &self.constraints.tightened(fraction);
            let tightened = Sqp {
                constraints,
                ..*self
            };
            self.restore(tightened.approach(start)?)
        })
    }

    /// Minimises the merit from a start, with less smoothing each round.
    fn approach(&self, start: &Mat<f64>) -> Option<Minimum> {
        let mut minimum = Minimum {
            v: start.clone(),
            objective: 0.0,
            steps: 0,
            converged: true,
        };
        if self.upper.has_kinks() {
            let mut fraction = 1.0;
            while fraction > MIN_SMOOTHING {
                self.minimise(&mut minimum, fraction * self.first_layer.magnitude())?;
                fraction /= 4.0;
            }
        } else {
            self.minimise(&mut minimum, 0.0)?;
        }
        Some(minimum)
    }

    /// Minimises the merit, with kinks smoothed over a width.
    fn minimise(&self, minimum: &mut Minimum, width: f64) -> Option<()> {
        let mut iterate = self.iterate(minimum.v.clone(), width);
        let mut penalty: f64 = 0.0;
        minimum.converged = false;
        for _ in 0..MAX_ITERATIONS {
            self.pace.step();
            let qp = self.solve_qp(&iterate, width)?;
            penalty = penalty.max(2.0 * qp.largest_multiplier);
            let direction = &qp.v - &iterate.v;
            let merit = Merit {
                penalty,
                slope: dot(&direction, &iterate.displacement)
                    - penalty * self.constraints.violation(&iterate.residuals),
            };
            if -merit.slope <= MERIT_TOLERANCE * iterate.objective {
                minimum.converged = true;
                break;
            }
            let Some(next) = self.line_search(&iterate, &direction, &merit, width) else {
                break;
            };
            iterate = next;
            minimum.steps += 1;
        }
        minimum.v = iterate.v;
        minimum.objective = iterate.objective;
        Some(())
    }

    /// Solves the QP of the network linearised at an iterate.
    fn solve_qp(&self, iterate: &Iterate, width: f64) -> Option<QpSolution> {
        let Linearised { rows, g } = self.linearised(iterate, width);
        let displaced = &rows * iterate.displacement.transpose();
        let residuals = iterate.residuals.iter().enumerate();
        let r: Vec<f64> = residuals
            .map(|(i, residual)| residual + displaced[(i, 0)])
            .collect();
        let l = multipliers(&g, &r, self.constraints.equations(), self.pace)?;
        Some(QpSolution {
            largest_multiplier: l.iter().fold(0.0, |most: f64, l| most.max(l.abs())),
            v: row(&l) * &rows,
        })
    }

    fn linearised(&self, iterate: &Iterate, width: f64) -> Linearised {
        let h = &self.first_layer.mean + &iterate.displacement;
        let rows = &self.constraints.matrix * self.upper.jacobian(&h, width).transpose();
        let spread = &rows * &self.first_layer.covariance;
        let g = &spread * rows.transpose();
        Linearised { rows, g }
    }

    /// Returns the longest of the steps 1, 1/2, 1/4, ... with a sufficient decrease of the
    /// merit.
    fn line_search(
        &self,
        from: &Iterate,
        direction: &Mat<f64>,
        merit: &Merit,
        width: f64,
    ) -> Option<Iterate> {
        let value = |iterate: &Iterate| {
            iterate.objective + merit.penalty * self.constraints.violation(&iterate.residuals)
        };
        let start = value(from);
        let rounding = 1e-14 * start.abs();
        step_sizes().find_map(|step| {
            let next = self.iterate(&from.v + step * direction, width);
            let limit = start + SUFFICIENT_DECREASE * step * merit.slope + rounding;
            (value(&next) <= limit).then_some(next)
        })
    }

    /// Restoration phase: takes the shortest way to where the constraints hold, without
    /// smoothing.
    fn restore(&self, mut minimum: Minimum) -> Option<Minimum> {
        let tolerance = FEASIBILITY_TOLERANCE * self.constraints.scale();
        let mut iterate = self.iterate(minimum.v, 0.0);
        for _ in 0..MAX_ITERATIONS {
            let violation = self.constraints.violation(&iterate.residuals);
            if violation <= tolerance {
                minimum.objective = iterate.objective;
                minimum.v = iterate.v;
                return Some(minimum);
            }
            self.pace.step();
            // At a kink neither side's derivative shows the way; their mean does.
            let Linearised { rows, g } = self.linearised(&iterate, KINK_WIDTH);
            let equations = self.constraints.equations();
            let l = multipliers(&g, &iterate.residuals, equations, self.pace)?;
            let direction = &row(&l) * &rows;
            iterate = step_sizes().find_map(|step| {
                let next = self.iterate(&iterate.v + step * &direction, 0.0);
                let is_closer = self.constraints.violation(&next.residuals) < violation;
                is_closer.then_some(next)
            })?;
            minimum.steps += 1;
        }
        None
    }

    fn iterate(&self, v: Mat<f64>, width: f64) -> Iterate {
        let displacement = &v * &self.first_layer.covariance;
        let h = &self.first_layer.mean + &displacement;
        Iterate {
            objective: dot(&v, &displacement) / 2.0,
            residuals: self.constraints.residuals(&self.upper.logits(&h, width)),
            v,
            displacement,
        }
    }
}

fn step_sizes() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(1.0), |step| Some(step / 2.0)).take(MAX_HALVINGS)
}

fn row(values: &[f64]) -> Mat<f64> {
    Mat::from_fn(1, values.len(), |_, i| values[i])
}

fn dot(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    let pairs = a.row(0).iter().zip(b.row(0).iter());
    pairs.map(|(a, b)| a * b).sum()
}
