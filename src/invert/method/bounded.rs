//! The input inside the pixel range whose logits are nearest the target: what Lai 2021,
//! section 1.3.3, calls the ideal input.
//!
//! Without hidden layers that is a convex [`NearestLogits`] problem, solved and proven, and of all
//! inputs as near it is the shortest. Deeper networks are linearised where they are
//! and the problem is solved for the next step, with no pixel going farther than a
//! radius, which follows how well that foretells the real distance (Fletcher 1982). Where
//! activations have kinks, on which such steps get stuck, they are rounded off first,
//! and less and less. The search starts at the middle of the range and ends where no
//! step promises anything: at a local optimum, of which there may be others. If that
//! is on a kink, a linearised network cannot tell, and the search has not converged.

use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::invert::optimize::{Ideal, NearestLogits, Tail};
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
    #[must_use]
    pub fn of(self, values: &[f64]) -> f64 {
        match self {
            Self::L1 => values.iter().map(|value| value.abs()).sum(),
            Self::L2 => norms::l2(values),
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Bounded<'a> {
    pub network: &'a Network,
    pub range: PixelRange,
    /// In which logits are to be near.
    pub norm: Norm,
    pub pace: Pace<'a>,
}

/// Where a search has got to.
#[derive(Clone)]
struct Point {
    x: Vec<f64>,
    /// z' - z.
    misses: Vec<f64>,
    distance: f64,
    /// Linearised problems solved on the way.
    steps: usize,
    /// False if a step may still lead nearer.
    converged: bool,
}

/// Over how much to either side kinks of activations are rounded off, as a share of what
/// inputs in range can change of the first layer's values; in the end not at all.
const SHARES: [f64; 6] = [0.25, 0.06, 0.015, 4e-3, 1e-3, 2.5e-4];
/// How often a deep network is linearised at most, for each width.
const MOST: usize = 200;
/// How much of what the linearised network promises the real distance has to fall by,
/// for a step to be taken; for the radius not to shrink, and for it to grow.
const ENOUGH: f64 = 1e-4;
const BADLY: f64 = 0.25;
const WELL: f64 = 0.75;
/// What is no fall any more, as a share of the target.
const STILL: f64 = 1e-6;
/// The least radius, as a share of the range.
const LEAST: f64 = 1e-9;

/// How near the target inputs in range can get. None if nobody knows: with hidden
/// layers.
#[must_use]
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
    /// The nearest input of each class.
    ///
    /// # Shapes
    /// - targets: `outputs` logits a class
    /// - images: classes x inputs
    pub fn invert(&self, targets: &[Vec<f64>]) -> Inverted {
        let find = |(class, target): (usize, &Vec<f64>)| {
            self.pace.at(class, targets.len());
            match &self.network.layers[..] {
                [layer] => self.exact(layer, target),
                _ => self.search(target),
            }
        };
        let found = targets.iter().enumerate().map(find);
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
        let wished: Vec<f64> = target.iter().zip(biases).map(|(t, b)| t - b).collect();
        let problem = NearestLogits {
            weight: &layer.weight,
            target: &wished,
            bounds: &vec![(self.range.low, self.range.high); layer.weight.nrows()],
            norm: self.norm,
        };
        let ideal = problem.solve();
        let solution = Solution {
            converged: ideal.proven,
            steps: ideal.steps,
            objective: ideal.distance,
            component: None,
        };
        (ideal.x, solution)
    }

    fn search(&self, target: &[f64]) -> (Vec<f64>, Solution) {
        let PixelRange { low, high } = self.range;
        let middle = vec![f64::midpoint(low, high); self.network.inputs()];
        let start = self.point(middle, target, 0.0);
        let descend = |from, &width: &f64| self.descend(from, target, width);
        let mut point = self.widths().iter().fold(start.clone(), descend);
        // Rounded off, the way may be one that leads farther off.
        if point.distance > start.distance {
            point = self.descend(start, target, 0.0);
        }
        let solution = Solution {
            converged: point.converged,
            steps: point.steps,
            objective: point.distance,
            component: None,
        };
        (point.x, solution)
    }

    /// Over how much kinks are rounded off, one after the other.
    fn widths(&self) -> Vec<f64> {
        if !Tail::of(self.network).has_kinks() {
            return vec![0.0];
        }
        let half = (self.range.high - self.range.low) / 2.0;
        let columns = self.network.layers[0].weight.col_iter();
        let reach = half * columns.map(|column| column.norm_l1()).fold(0.0, f64::max);
        let shares = SHARES.into_iter().chain([0.0]);
        shares.map(|share| share * reach).collect()
    }

    /// On to where the distance does not fall any more, with kinks rounded off over
    /// this width.
    fn descend(&self, from: Point, target: &[f64], width: f64) -> Point {
        let still = STILL * self.norm.of(target).max(from.distance);
        let mut point = self.point(from.x, target, width);
        point.steps = from.steps;
        let mut radius = 1.0;
        for _ in 0..MOST {
            point.steps += 1;
            self.pace.step();
            let step = self.step(&point, radius, width);
            let promised = point.distance - step.distance;
            // Distance is convex in the step: of one as wide as the range no more could
            // be promised than this, by the radius.
            point.converged = promised + step.gap <= still * radius;
            let next = self.point(self.moved(&point.x, &step.x), target, width);
            let kept = (point.distance - next.distance) / promised;
            radius = adapted(radius, kept);
            // If it has converged, what little is left may still be had at once.
            let taken = kept > if point.converged { WELL } else { ENOUGH };
            if taken {
                let steps = point.steps;
                point = Point { steps, ..next };
            }
            if point.converged || radius < LEAST {
                break;
            }
        }
        point
    }

    fn point(&self, x: Vec<f64>, target: &[f64], width: f64) -> Point {
        let z = Tail::of(self.network).logits(&self.first(&x), width);
        let both = target.iter().zip(z.row(0).iter());
        let misses: Vec<f64> = both.map(|(t, z)| t - z).collect();
        Point {
            distance: self.norm.of(&misses),
            x,
            misses,
            steps: 0,
            converged: false,
        }
    }

    /// What the first layer makes of an input, before its activation.
    fn first(&self, x: &[f64]) -> Mat<f64> {
        self.network.layers[0].apply(&Mat::from_fn(1, x.len(), |_, i| x[i]))
    }

    /// The step to the nearest input within a radius, as a share of the range, were the
    /// network what it is like at this point.
    fn step(&self, point: &Point, radius: f64, width: f64) -> Ideal {
        let slopes = Tail::of(self.network).slopes(&self.first(&point.x), width);
        let PixelRange { low, high } = self.range;
        let radius = radius * (high - low);
        let around = |&x: &f64| ((low - x).max(-radius), (high - x).min(radius));
        let problem = NearestLogits {
            weight: &(&self.network.layers[0].weight * slopes),
            target: &point.misses,
            bounds: &point.x.iter().map(around).collect::<Vec<_>>(),
            norm: self.norm,
        };
        problem.solve()
    }

    fn moved(&self, x: &[f64], step: &[f64]) -> Vec<f64> {
        let PixelRange { low, high } = self.range;
        let both = x.iter().zip(step);
        both.map(|(x, step)| (x + step).clamp(low, high)).collect()
    }
}

/// The radius after a step that kept this share of its promise.
fn adapted(radius: f64, kept: f64) -> f64 {
    if kept > WELL {
        f64::min(2.0 * radius, 1.0)
    } else if kept > BADLY {
        radius
    } else {
        radius / 2.0
    }
}

#[cfg(test)]
mod tests;
