//! The most likely input under a Gaussian of the training data that meets a margin.
//!
//! Minimise `E = 1/2 (x - mu) S^-1 (x - mu)^T` subject to `D z(x) >= d`: conditions
//! on the logits. All that E lets x leave mu by is x = mu + u S, of which E is
//! `1/2 u S u^T`; so S is never inverted, and pixels that never vary stay as they are.
//!
//! Without hidden layers the conditions are linear and the dual of the programme has
//! one multiplier a condition: exact. Deeper networks are linearised where they are
//! and solved again, by steps that the merit function `E + rho (sum of what the
//! conditions lack)` has to fall by (Nocedal and Wright, Numerical Optimization,
//! chapter 18). Where activations have kinks, on which such steps get stuck, they are
//! rounded off first, and less and less. No labels are looked at: all that is known
//! of a class is the network's.

use faer::Mat;

use super::InvertError;
use super::programme::multipliers;
use crate::model::{Network, map};
use crate::spec::{Activation, Output};

/// Where a network is asked for the likeliest inputs.
pub struct Gaussian<'a> {
    pub network: &'a Network,
    /// mu: 1 x inputs.
    pub mean: &'a Mat<f64>,
    /// S: inputs x inputs.
    pub covariance: &'a Mat<f64>,
}

/// D z >= d, for one class.
struct Conditions {
    /// Conditions x outputs.
    matrix: Mat<f64>,
    /// d, the same for all.
    bound: f64,
}

/// Over how much to either side kinks of activations are rounded off: at first, and
/// in the end, before they are not at all. A network without kinks is solved once.
const WIDEST: f64 = 8.0;
const NARROWEST: f64 = 1e-3;
/// How often a network is linearised at most, for each width.
const MOST: usize = 30;
/// Steps this small, as a share of the largest pixel, change nothing any more.
const STILL: f64 = 1e-6;
/// What a condition may lack, as a share of the margin.
const SLACK: f64 = 1e-6;
/// By what share more than the margin is asked for, of networks with kinks.
const RAISES: [f64; 2] = [1e-3, 1e-2];

impl Conditions {
    /// The class's logit above every other one by the margin; of logistic outputs,
    /// which are one apart from another, above 0 by half of it and the others below.
    fn of(output: Output, (class, classes): (usize, usize), margin: f64) -> Self {
        let others: Vec<usize> = (0..classes).filter(|&other| other != class).collect();
        match output {
            Output::Softmax | Output::Linear => Self {
                matrix: Mat::from_fn(others.len(), classes, |i, k| match k {
                    k if k == class => 1.0,
                    k if k == others[i] => -1.0,
                    _ => 0.0,
                }),
                bound: margin,
            },
            Output::Logistic => Self {
                matrix: Mat::from_fn(classes, classes, |i, k| match (i == k, k == class) {
                    (true, true) => 1.0,
                    (true, false) => -1.0,
                    _ => 0.0,
                }),
                bound: margin / 2.0,
            },
        }
    }

    /// What each condition lacks; below 0 where it holds.
    fn lacking(&self, z: &Mat<f64>) -> Vec<f64> {
        let told = &self.matrix * z.transpose();
        (0..told.nrows())
            .map(|i| self.bound - told[(i, 0)])
            .collect()
    }
}

/// An input on its way: x = mu + u S.
struct Point {
    /// 1 x inputs.
    u: Mat<f64>,
    /// u S.
    away: Mat<f64>,
    energy: f64,
    /// What each condition lacks.
    lacking: Vec<f64>,
}

impl Point {
    fn missing(&self) -> f64 {
        self.lacking.iter().map(|lack| lack.max(0.0)).sum()
    }
}

impl Gaussian<'_> {
    /// The likeliest input of each class whose logits meet the margin.
    ///
    /// # Shapes
    /// - inverse: classes x inputs
    ///
    /// # Errors
    /// If no input meets it, or none was found.
    pub fn invert(&self, margin: f64) -> Result<Mat<f64>, InvertError> {
        let classes = self.network.outputs();
        let mut images = Mat::zeros(classes, self.network.inputs());
        for class in 0..classes {
            let conditions = Conditions::of(self.network.output, (class, classes), margin);
            let image = self.meet(&conditions).ok_or(InvertError::NoInput(class))?;
            images.row_mut(class).copy_from(image.row(0));
        }
        Ok(images)
    }

    /// One class; none if it was not found.
    fn meet(&self, conditions: &Conditions) -> Option<Mat<f64>> {
        let enough = SLACK * conditions.bound.abs().max(1.0);
        let zeros = || Mat::zeros(1, self.network.inputs());
        let start = || (zeros(), zeros());
        if !self.has_kinks() {
            let point = self.solve(self.point(start(), conditions, 0.0), conditions, 0.0)?;
            return (point.missing() <= enough).then(|| self.mean + &point.away);
        }
        // Steps end a little before the margin; more is asked for, so that it is met.
        RAISES.into_iter().find_map(|raise| {
            let raised = Conditions {
                matrix: conditions.matrix.clone(),
                bound: conditions.bound * (1.0 + raise),
            };
            let mut point = self.point(start(), &raised, WIDEST);
            let mut width = WIDEST;
            while width > NARROWEST {
                point = self.solve(point, &raised, width)?;
                width /= 4.0;
            }
            let exact = self.point((point.u, point.away), conditions, 0.0);
            (exact.missing() <= enough).then(|| self.mean + &exact.away)
        })
    }

    fn has_kinks(&self) -> bool {
        let bent = matches!(
            self.network.activation,
            Activation::Relu | Activation::LeakyRelu { .. }
        );
        bent && self.network.layers.len() > 1
    }

    /// From a point on to where the merit does not fall any more, with kinks rounded
    /// off over this width.
    fn solve(&self, point: Point, conditions: &Conditions, width: f64) -> Option<Point> {
        let mut point = self.point((point.u, point.away), conditions, width);
        let mut rho: f64 = 0.0;
        for _ in 0..MOST {
            let (target, most) = self.linearised(&point, conditions, width)?;
            rho = rho.max(2.0 * most);
            let Some(next) = self.descend(&point, &target, rho, (conditions, width)) else {
                break;
            };
            let moved = largest(&(&next.away - &point.away));
            let size = largest(&next.away).max(f64::MIN_POSITIVE);
            point = next;
            if moved <= STILL * size {
                break;
            }
        }
        Some(point)
    }

    /// Where the linearised programme has its solution, and its largest multiplier.
    fn linearised(
        &self,
        point: &Point,
        conditions: &Conditions,
        width: f64,
    ) -> Option<(Mat<f64>, f64)> {
        let x = self.mean + &point.away;
        // Conditions x inputs.
        let a = &conditions.matrix * slopes(self.network, &x, width).transpose();
        let away = &a * point.away.transpose();
        let lacking = point.lacking.iter().enumerate();
        let r: Vec<f64> = lacking.map(|(i, lack)| lack + away[(i, 0)]).collect();
        let spread = &a * self.covariance;
        let g = &spread * a.transpose();
        let l = multipliers(&g, &r)?;
        let most = l.iter().copied().fold(0.0, f64::max);
        let l = Mat::from_fn(1, l.len(), |_, i| l[i]);
        Some((&l * &a, most))
    }

    /// The longest of the steps 1, 1/2, 1/4, ... towards `target` by which the merit
    /// function falls enough.
    fn descend(
        &self,
        point: &Point,
        target: &Mat<f64>,
        rho: f64,
        (conditions, width): (&Conditions, f64),
    ) -> Option<Point> {
        let way = target - &point.u;
        let merit = |point: &Point| point.energy + rho * point.missing();
        // Of the merit along the way: what E gains, and all that is missing.
        let slope = dot(&way, &point.away) - rho * point.missing();
        let start = merit(point);
        let rounding = 1e-14 * start.abs();
        let way_away = &way * self.covariance;
        let mut share = 1.0;
        while share > 1e-6 {
            let u = &point.u + share * &way;
            let away = &point.away + share * &way_away;
            let next = self.point((u, away), conditions, width);
            if merit(&next) <= start + 1e-4 * share * slope + rounding {
                return Some(next);
            }
            share /= 2.0;
        }
        None
    }

    /// Where u and u S are.
    fn point(&self, (u, away): (Mat<f64>, Mat<f64>), conditions: &Conditions, width: f64) -> Point {
        let x = self.mean + &away;
        Point {
            energy: dot(&u, &away) / 2.0,
            lacking: conditions.lacking(&logits(self.network, &x, width)),
            u,
            away,
        }
    }
}

/// z of one input, with kinks rounded off over this width.
fn logits(network: &Network, x: &Mat<f64>, width: f64) -> Mat<f64> {
    let f = |z: f64| network.activation.rounded(z, width);
    let mut layers = network.layers.iter();
    let first = layers
        .next()
        .map_or_else(|| x.clone(), |layer| layer.apply(x));
    layers.fold(first, |z, layer| layer.apply(&map(&z, f)))
}

/// How z changes with one input: inputs x outputs.
fn slopes(network: &Network, x: &Mat<f64>, width: f64) -> Mat<f64> {
    let f = network.activation;
    let mut z = x.clone();
    let mut slopes = Mat::identity(x.ncols(), x.ncols());
    for (index, layer) in network.layers.iter().enumerate() {
        if index == 0 {
            slopes.clone_from(&layer.weight);
            z = layer.apply(&z);
        } else {
            let bent = |i, j| slopes[(i, j)] * f.slope(z[(0, j)], width);
            slopes = &Mat::from_fn(slopes.nrows(), slopes.ncols(), bent) * &layer.weight;
            z = layer.apply(&map(&z, |z| f.rounded(z, width)));
        }
    }
    slopes
}

fn dot(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    a.row(0)
        .iter()
        .zip(b.row(0).iter())
        .map(|(a, b)| a * b)
        .sum()
}

fn largest(row: &Mat<f64>) -> f64 {
    row.row(0)
        .iter()
        .fold(0.0, |most: f64, x| most.max(x.abs()))
}

#[cfg(test)]
mod tests;
