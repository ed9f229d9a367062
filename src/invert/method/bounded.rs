//! Nearest logits: the input inside the pixel range whose logits are nearest the target,
//! which Lai 2021, section 1.3.3, calls the ideal input.
//!
//! Without hidden layers that is a convex [`NearestLogits`] problem, solved and proven. Of
//! all inputs as near it is the shortest. Deeper networks are linearised and solved for
//! the next step inside a trust region, whose radius follows how well the linearised
//! network predicts the distance (Fletcher 1982). Kinks of activations stop such steps, so
//! they are smoothed first, less each round. The search starts at the middle of the range
//! and converges at a local optimum; others may exist. It has not converged at a kink, where
//! a linearised network proves nothing.

use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::invert::optimize::{NearestInput, NearestLogits, UpperLayers};
use crate::invert::{Inverted, Solution};
use crate::model::{Layer, Network};
use crate::norms;
use crate::pace::Pace;

/// Norm of a difference of logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// Sum of magnitudes.
    L1,
    /// Root of the sum of squares.
    L2,
}

impl Norm {
    /// Returns the norm of a vector.
    ///
    /// # Examples
    /// ```
    /// use backquery::invert::Norm;
    ///
    /// assert_eq!(Norm::L1.of(&[3.0, -4.0]), 7.0);
    /// assert_eq!(Norm::L2.of(&[3.0, -4.0]), 5.0);
    /// ```
    pub fn of(self, values: &[f64]) -> f64 {
        match self {
            Self::L1 => values.iter().map(|value| value.abs()).sum(),
            Self::L2 => norms::l2(values),
        }
    }
}

/// Nearest-logits search of one network.
#[derive(Clone, Copy)]
pub struct Bounded<'a> {
    pub network: &'a Network,
    pub range: PixelRange,
    /// Norm of z' - z.
    pub norm: Norm,
    pub pace: Pace<'a>,
}

/// Point of the search.
#[derive(Clone)]
struct Candidate {
    x: Vec<f64>,
    /// z' - z.
    residual: Vec<f64>,
    distance: f64,
    /// Number of linearised problems solved so far.
    steps: usize,
    /// False if a step may still lead nearer.
    converged: bool,
}

/// Widths of smoothing, as fractions of the change of first-layer values that inputs in
/// range can make. A round without smoothing follows.
const SMOOTHINGS: [f64; 6] = [0.25, 0.06, 0.015, 4e-3, 1e-3, 2.5e-4];
/// Maximum number of linearisations for each width.
const MAX_ITERATIONS: usize = 200;
/// Fraction of the predicted decrease that the distance has to fall by for a step to be
/// taken; for the radius not to shrink; and for it to grow.
const MIN_DECREASE: f64 = 1e-4;
const FAIR_DECREASE: f64 = 0.25;
const GOOD_DECREASE: f64 = 0.75;
/// Decrease that counts as none, as a fraction of the target.
const TOLERANCE: f64 = 1e-6;
/// Minimum radius, as a fraction of the range.
const MIN_RADIUS: f64 = 1e-9;

/// Returns the least distance of logits from a target that an input in range can have;
/// none with hidden layers, where it is unknown.
///
/// # Examples
/// ```
/// use backquery::config::PixelRange;
/// use backquery::invert::{Norm, least_distance};
/// use backquery::model::{Activation, Layer, Network, Output};
///
/// // z = 2 x, so that x = 1 comes within 3 of the target 5.
/// let layer = Layer { weight: faer::mat![[2.0]], bias: None };
/// let network = Network {
///     layers: vec![layer],
///     activation: Activation::Identity,
///     output: Output::Linear,
/// };
/// let range = PixelRange { low: 0.0, high: 1.0 };
/// let distance = least_distance(&network, range, Norm::L1, &[5.0]).unwrap();
/// assert!((distance - 3.0).abs() < 1e-12);
/// ```
pub fn least_distance(
    network: &Network,
    range: PixelRange,
    norm: Norm,
    target: &[f64],
) -> Option<f64> {
    let [layer] = &network.layers[..] else {
        return None;
    };
    let bounded = Bounded {
        network,
        range,
        norm,
        pace: Pace::SILENT,
    };
    let (_, solution) = bounded.exact(layer, target);
    solution.converged.then_some(solution.objective)
}

impl Bounded<'_> {
    /// Returns the nearest input of each class.
    ///
    /// # Shapes
    /// - targets: `outputs` logits per class
    /// - images: classes x inputs
    pub fn invert(&self, targets: &[Vec<f64>]) -> Inverted {
        let found = targets.iter().enumerate().map(|(class, target)| {
            self.pace.at(class, targets.len());
            match &self.network.layers[..] {
                [layer] => self.exact(layer, target),
                _ => self.search(target),
            }
        });
        let (images, solutions): (Vec<_>, Vec<_>) = found.unzip();
        let pixel = |n: usize, i: usize| images[n][i];
        Inverted {
            images: Mat::from_fn(images.len(), self.network.inputs(), pixel),
            solutions,
        }
    }

    fn exact(&self, layer: &Layer, target: &[f64]) -> (Vec<f64>, Solution) {
        let biases = layer.bias.iter().flatten().copied();
        let biases = biases.chain(std::iter::repeat(0.0));
        let without_bias: Vec<f64> = target.iter().zip(biases).map(|(t, b)| t - b).collect();
        let problem = NearestLogits {
            weight: &layer.weight,
            target: &without_bias,
            bounds: &vec![(self.range.low, self.range.high); layer.weight.nrows()],
            norm: self.norm,
        };
        let nearest = problem.solve();
        let solution = Solution {
            converged: nearest.proven,
            steps: nearest.steps,
            objective: nearest.distance,
            component: None,
        };
        (nearest.x, solution)
    }

    fn search(&self, target: &[f64]) -> (Vec<f64>, Solution) {
        let PixelRange { low, high } = self.range;
        let middle = vec![f64::midpoint(low, high); self.network.inputs()];
        let start = self.candidate(middle, target, 0.0);
        let descend = |from, &width: &f64| self.descend(from, target, width);
        let mut best = self.widths().iter().fold(start.clone(), descend);
        // Smoothed, the way may be one that leads farther off.
        if best.distance > start.distance {
            best = self.descend(start, target, 0.0);
        }
        let solution = Solution {
            converged: best.converged,
            steps: best.steps,
            objective: best.distance,
            component: None,
        };
        (best.x, solution)
    }

    /// Returns the widths of smoothing, one per round.
    fn widths(&self) -> Vec<f64> {
        if !UpperLayers::new(self.network).has_kinks() {
            return vec![0.0];
        }
        let half = (self.range.high - self.range.low) / 2.0;
        let columns = self.network.layers[0].weight.col_iter();
        let reach = half * columns.map(|column| column.norm_l1()).fold(0.0, f64::max);
        let fractions = SMOOTHINGS.into_iter().chain([0.0]);
        fractions.map(|fraction| fraction * reach).collect()
    }

    /// Descends until the distance falls no more, with kinks smoothed over a width.
    fn descend(&self, from: Candidate, target: &[f64], width: f64) -> Candidate {
        let tolerance = TOLERANCE * self.norm.of(target).max(from.distance);
        let mut best = self.candidate(from.x, target, width);
        best.steps = from.steps;
        let mut radius = 1.0;
        for _ in 0..MAX_ITERATIONS {
            best.steps += 1;
            self.pace.step();
            let step = self.step(&best, radius, width);
            let predicted = best.distance - step.distance;
            // The distance is convex in the step, so a step as wide as the range is
            // predicted to gain no more than this, divided by the radius.
            best.converged = predicted + step.gap <= tolerance * radius;
            let next = self.candidate(self.moved(&best.x, &step.x), target, width);
            let achieved = (best.distance - next.distance) / predicted;
            radius = adapted(radius, achieved);
            // A converged search goes on only while steps achieve a lot.
            let required = if best.converged {
                GOOD_DECREASE
            } else {
                MIN_DECREASE
            };
            if achieved > required {
                let steps = best.steps;
                best = Candidate { steps, ..next };
            }
            if best.converged || radius < MIN_RADIUS {
                break;
            }
        }
        best
    }

    fn candidate(&self, x: Vec<f64>, target: &[f64], width: f64) -> Candidate {
        let z = UpperLayers::new(self.network).logits(&self.first_layer(&x), width);
        let pairs = target.iter().zip(z.row(0).iter());
        let residual: Vec<f64> = pairs.map(|(t, z)| t - z).collect();
        Candidate {
            distance: self.norm.of(&residual),
            x,
            residual,
            steps: 0,
            converged: false,
        }
    }

    /// Returns first-layer values of an input, before their activation.
    fn first_layer(&self, x: &[f64]) -> Mat<f64> {
        self.network.layers[0].apply(&Mat::from_fn(1, x.len(), |_, i| x[i]))
    }

    /// Returns the step to the nearest input of the linearised network within a radius, a
    /// fraction of the range.
    fn step(&self, from: &Candidate, radius: f64, width: f64) -> NearestInput {
        let upper = UpperLayers::new(self.network);
        let jacobian = upper.jacobian(&self.first_layer(&from.x), width);
        let PixelRange { low, high } = self.range;
        let radius = radius * (high - low);
        let around = |&x: &f64| ((low - x).max(-radius), (high - x).min(radius));
        let problem = NearestLogits {
            weight: &(&self.network.layers[0].weight * jacobian),
            target: &from.residual,
            bounds: &from.x.iter().map(around).collect::<Vec<_>>(),
            norm: self.norm,
        };
        problem.solve()
    }

    fn moved(&self, x: &[f64], step: &[f64]) -> Vec<f64> {
        let PixelRange { low, high } = self.range;
        let pairs = x.iter().zip(step);
        pairs.map(|(x, step)| (x + step).clamp(low, high)).collect()
    }
}

/// Returns the radius after a step that achieved this fraction of the predicted decrease.
fn adapted(radius: f64, achieved: f64) -> f64 {
    if achieved > GOOD_DECREASE {
        f64::min(2.0 * radius, 1.0)
    } else if achieved > FAIR_DECREASE {
        radius
    } else {
        radius / 2.0
    }
}

#[cfg(test)]
mod tests;
