//! Box constraints: MAP estimates whose pixels are all inside the pixel range.
//!
//! Pixels in the active set are held at an end of the range. Given those, the others are
//! Gaussian, so each active set is the problem without a range again. By the primal-dual
//! rule (Hintermueller, Ito and Kunisch 2002) pixels join the set where the solution leaves
//! the range, and leave it where the reduced gradient points inwards: all at once as long
//! as fewer and fewer change, else only the first one (Murty 1974), which terminates for
//! single layers. Deeper networks have several solutions for the same active set, among
//! which the method may cycle. From then on pixels only join, and the result is inside the
//! range but has not converged.

use std::collections::HashSet;

use faer::prelude::Solve;
use faer::{Mat, Side};

use super::constraints::Constraints;
use super::map_problem::{FirstLayerGaussian, MapProblem};
use super::sqp::{FEASIBILITY_TOLERANCE, Minimum, Sqp};
use super::upper_layers::UpperLayers;
use crate::config::PixelRange;
use crate::invert::Solution;

/// Maximum number of active sets.
const MAX_ITERATIONS: usize = 1000;
/// Number of times that all changes are made at once without fewer of them.
const PATIENCE: usize = 5;
/// Number of active sets of a deep network after which it counts as cycling.
const MAX_WITHOUT_CYCLE: usize = 100;
/// Tolerance for rounding, as a fraction of the range and of the largest gradient.
const ROUNDING: f64 = 1e-9;

/// End of the range at which a pixel is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Held {
    Low,
    High,
}

/// Held end of each pixel; none for free pixels.
type ActiveSet = Vec<Option<Held>>;

/// Change of the active set at one pixel.
struct Change {
    pixel: usize,
    to: Option<Held>,
}

/// Solution for one active set.
struct Reduced {
    minimum: Minimum,
    image: Mat<f64>,
    /// E of the held pixels alone.
    objective: f64,
    /// Gradient of E by each held pixel, in the order of the pixels.
    gradient: Vec<f64>,
}

/// Returns the MAP estimate inside the range; none if no input inside it meets the
/// constraints, or none was found.
pub fn solve(
    problem: &MapProblem<'_>,
    constraints: &Constraints,
    range: PixelRange,
) -> Option<(Mat<f64>, Solution)> {
    let mut active: ActiveSet = vec![None; problem.network.inputs()];
    let mut patience = Patience::new();
    let mut cycles = Cycles::new(problem.network.layers.len() > 1);
    let mut steps = 0;
    for _ in 0..MAX_ITERATIONS {
        let mut reduced = reduce(problem, constraints, range, &active)?;
        steps += reduced.minimum.steps;
        let mut changes = changes(&reduced, &active, range);
        if cycles.found_at(&active) {
            reduced.minimum.converged &= changes.is_empty();
            changes.retain(|change| change.to.is_some());
        }
        if changes.is_empty() {
            let (image, solution) = finish(&reduced, steps, range);
            // Hardly any pixel may be free that could have met them.
            let residuals = constraints.residuals(&problem.network.logits(image.as_ref()));
            let tolerance = 2.0 * FEASIBILITY_TOLERANCE * constraints.scale();
            let is_met = constraints.violation(&residuals) <= tolerance;
            return is_met.then_some((image, solution));
        }
        for change in &changes[..patience.number_to_make(changes.len())] {
            active[change.pixel] = change.to;
        }
    }
    None
}

/// Watch over the number of changes, which has to fall.
struct Patience {
    fewest: usize,
    patience: usize,
}

impl Patience {
    fn new() -> Self {
        Self {
            fewest: usize::MAX,
            patience: PATIENCE,
        }
    }

    /// Returns how many of these changes to make: all, or one.
    fn number_to_make(&mut self, changes: usize) -> usize {
        if changes < self.fewest {
            (self.fewest, self.patience) = (changes, PATIENCE);
        } else {
            self.patience = self.patience.saturating_sub(1);
        }
        if self.patience > 0 { changes } else { 1 }
    }
}

/// Watch over active sets that come again.
struct Cycles {
    is_deep: bool,
    seen: HashSet<ActiveSet>,
    found: bool,
}

impl Cycles {
    fn new(is_deep: bool) -> Self {
        Self {
            is_deep,
            seen: HashSet::new(),
            found: false,
        }
    }

    /// Returns true once a deep network has come to an active set again, or to too many.
    fn found_at(&mut self, active: &ActiveSet) -> bool {
        self.found |= self.is_deep
            && (!self.seen.insert(active.clone()) || self.seen.len() > MAX_WITHOUT_CYCLE);
        self.found
    }
}

fn finish(reduced: &Reduced, steps: usize, range: PixelRange) -> (Mat<f64>, Solution) {
    let Reduced { minimum, image, .. } = reduced;
    let image = Mat::from_fn(1, image.ncols(), |_, i| {
        image[(0, i)].clamp(range.low, range.high)
    });
    let solution = Solution {
        steps,
        objective: minimum.objective + reduced.objective,
        ..minimum.solution()
    };
    (image, solution)
}

/// Returns the changes of the active set that the solution asks for.
fn changes(reduced: &Reduced, active: &ActiveSet, range: PixelRange) -> Vec<Change> {
    let slack = ROUNDING * (range.high - range.low);
    let largest = reduced
        .gradient
        .iter()
        .fold(0.0, |most: f64, g| most.max(g.abs()));
    let mut gradient = reduced.gradient.iter();
    let mut changes = Vec::new();
    for (pixel, held) in active.iter().enumerate() {
        let x = reduced.image[(0, pixel)];
        let to = match held {
            None if x < range.low - slack => Some(Held::Low),
            None if x > range.high + slack => Some(Held::High),
            None => continue,
            Some(held) => {
                let gradient = gradient.next().copied().unwrap_or_default();
                let inwards = match held {
                    Held::Low => -gradient,
                    Held::High => gradient,
                };
                let leaves = inwards > ROUNDING * largest;
                if !leaves {
                    continue;
                }
                None
            }
        };
        changes.push(Change { pixel, to });
    }
    changes
}

/// Solves the problem of the free pixels.
fn reduce(
    problem: &MapProblem<'_>,
    constraints: &Constraints,
    range: PixelRange,
    active: &ActiveSet,
) -> Option<Reduced> {
    let (mean, covariance) = (&problem.prior.mean, &problem.prior.covariance);
    let held: Vec<usize> = (0..active.len()).filter(|&i| active[i].is_some()).collect();
    let n = held.len();
    let end = |i: usize| match active[i] {
        Some(Held::High) => range.high,
        Some(Held::Low) | None => range.low,
    };
    let displacement = Mat::from_fn(n, 1, |k, _| end(held[k]) - mean[(0, held[k])]);
    let own = Mat::from_fn(n, n, |k, l| covariance[(held[k], held[l])]);
    let own = own.llt(Side::Lower).ok()?;
    let solved = own.solve(&displacement);
    // Rows of S W at the held pixels; with them the first layer given those pixels.
    let cross = &problem.cross_covariance;
    let cross_held = Mat::from_fn(n, cross.ncols(), |k, j| cross[(held[k], j)]);
    let first_layer = FirstLayerGaussian {
        mean: &problem.first_layer.mean + solved.transpose() * &cross_held,
        covariance: &problem.first_layer.covariance
            - cross_held.transpose() * own.solve(&cross_held),
    };
    let sqp = Sqp {
        upper: UpperLayers::new(problem.network),
        first_layer: &first_layer,
        constraints,
        pace: problem.pace,
    };
    let minimum = sqp.solve()?;
    // x = mu + v W^T S + w S, w being 0 but for held pixels.
    let w = own.solve(&displacement - &cross_held * minimum.v.transpose());
    let across = Mat::from_fn(n, active.len(), |k, i| covariance[(held[k], i)]);
    let image = mean + &minimum.v * cross.transpose() + w.transpose() * &across;
    Some(Reduced {
        minimum,
        image,
        objective: (0..n)
            .map(|k| displacement[(k, 0)] * solved[(k, 0)])
            .sum::<f64>()
            / 2.0,
        gradient: (0..n).map(|k| w[(k, 0)]).collect(),
    })
}

#[cfg(test)]
mod tests;
