//! The likeliest values behind the first layer of a network that meet conditions on
//! its logits.
//!
//! Minimise `E = 1/2 (x - mu) S^-1 (x - mu)^T` subject to `D z(x) >= d`. All that E
//! lets x leave mu by is x = mu + u S, of which E is `1/2 u S u^T`; so S is never
//! inverted, and pixels that never vary stay as they are. And all that the conditions
//! know of x is what the first layer's weights W make of it, so that u = v W^T: the
//! programme has as many unknowns v as that layer has units, whose values
//! h = mu W + b + v P have the covariance P = W^T S W.
//!
//! Without hidden layers the conditions are linear and the dual of the programme has
//! one multiplier a condition: exact. Deeper networks are linearised where they are
//! and solved again, by steps that the merit function `E + rho (sum of what the
//! conditions lack)` has to fall by (Nocedal and Wright, Numerical Optimization,
//! chapter 18). Where activations have kinks, on which such steps get stuck, they are
//! rounded off first, and less and less. In the end the shortest way is gone to where
//! the conditions really hold, and from there to the likeliest values nearby.

use faer::Mat;

use super::constraints::Conditions;
use super::dual_qp::multipliers;
use super::linear_regions::polish;
use crate::config::Activation;
use crate::invert::Solution;
use crate::model::{Layer, Network, map};
use crate::pace::Pace;
use crate::rng::stream;

/// The normal distribution of the values of a first layer.
pub struct Front {
    /// 1 x units, without activation.
    pub mean: Mat<f64>,
    /// P: units x units.
    pub covariance: Mat<f64>,
}

/// What a network does behind its first layer.
#[derive(Clone, Copy)]
pub struct Tail<'a> {
    pub layers: &'a [Layer],
    pub activation: Activation,
}

/// The likeliest values, if they were found.
#[derive(Debug, Clone)]
pub struct Found {
    /// v: 1 x units.
    pub v: Mat<f64>,
    /// E.
    pub energy: f64,
    /// Steps taken.
    pub steps: usize,
    /// False if steps ended although E could have fallen on.
    pub converged: bool,
}

/// Over how much to either side kinks of activations are rounded off in the end, as a
/// share of the largest values of the first layer, over which they are at first. A
/// network without kinks is solved once.
const NARROWEST: f64 = 1e-3;
/// By what share more than the margin is asked for, until the margin itself is met.
const RAISES: [f64; 6] = [0.0, 1e-3, 1e-2, 0.1, 0.5, 2.0];
/// How many searches begin elsewhere than at the mean, at most.
const STARTS: usize = 8;
/// How often a network is linearised at most, for each width.
const MOST: usize = 30;
/// Where the merit would fall by less than this share of E, it is at its lowest.
const STILL: f64 = 1e-6;
/// How near a kink is on it.
const ON_KINK: f64 = 1e-3;
/// What a condition may lack, as a share of what is asked for.
pub const SLACK: f64 = 1e-6;

/// Values on their way: h = mean + v P.
#[derive(Clone)]
struct Point {
    v: Mat<f64>,
    /// v P.
    away: Mat<f64>,
    energy: f64,
    /// What each condition lacks.
    lacking: Vec<f64>,
}

/// Where conditions would hold, were the network what it is like here.
struct Linearised {
    /// v.
    target: Mat<f64>,
    /// The largest multiplier.
    most: f64,
}

/// What is looked for, under activations rounded off over a width.
pub struct Problem<'a> {
    pub tail: Tail<'a>,
    pub front: &'a Front,
    pub conditions: &'a Conditions,
    pub pace: Pace<'a>,
}

impl Found {
    pub fn solution(&self) -> Solution {
        Solution {
            converged: self.converged,
            steps: self.steps,
            objective: self.energy,
            component: None,
        }
    }
}

impl Front {
    /// How far from 0 the values are that there may be.
    fn largest(&self) -> f64 {
        let usual = |i: usize| self.mean[(0, i)].abs() + self.covariance[(i, i)].max(0.0).sqrt();
        (0..self.mean.ncols()).map(usual).fold(0.0, f64::max)
    }
}

impl<'a> Tail<'a> {
    pub fn of(network: &'a Network) -> Self {
        Self {
            layers: &network.layers[1..],
            activation: network.activation,
        }
    }

    pub fn has_kinks(self) -> bool {
        let bent = matches!(
            self.activation,
            Activation::Relu | Activation::LeakyRelu { .. }
        );
        bent && !self.layers.is_empty()
    }

    /// Logits of these values, with kinks rounded off over this width.
    pub fn logits(self, h: &Mat<f64>, width: f64) -> Mat<f64> {
        let f = |z: f64| self.activation.rounded(z, width);
        let layers = self.layers.iter();
        layers.fold(h.clone(), |z, layer| layer.apply(&map(&z, f)))
    }

    /// How logits change with these values: units x outputs.
    pub fn slopes(self, h: &Mat<f64>, width: f64) -> Mat<f64> {
        let f = self.activation;
        let mut z = h.clone();
        let mut slopes = Mat::identity(h.ncols(), h.ncols());
        for layer in self.layers {
            let bent = |i, j| slopes[(i, j)] * f.slope(z[(0, j)], width);
            slopes = &Mat::from_fn(slopes.nrows(), slopes.ncols(), bent) * &layer.weight;
            z = layer.apply(&map(&z, |z| f.rounded(z, width)));
        }
        slopes
    }
}

impl Problem<'_> {
    /// None if no values meet the conditions, or none were found.
    pub fn solve(&self) -> Option<Found> {
        let restored = self.starts().find_map(|start| self.search(&start))?;
        if !self.tail.has_kinks() {
            return Some(restored);
        }
        // Its own roundings may take it off the conditions again.
        let polished = polish(self, restored.clone());
        self.restore(polished).or(Some(restored))
    }

    /// Where a search may begin: at the mean, and if nothing is found from there and
    /// the network is not linear, at random places farther and farther from it.
    fn starts(&self) -> impl Iterator<Item = Mat<f64>> {
        let units = self.front.mean.ncols();
        let others = if self.tail.layers.is_empty() {
            0
        } else {
            STARTS
        };
        let mut draws = stream(0, "starts");
        let covariance = &self.front.covariance;
        let random = move |n: usize| {
            let size = f64::from(1 << n);
            Mat::from_fn(1, units, |_, i| {
                let usual = covariance[(i, i)].max(f64::MIN_POSITIVE).sqrt();
                size * draws.normal() / usual
            })
        };
        std::iter::once(Mat::zeros(1, units)).chain((0..others).map(random))
    }

    /// From this v to values that meet the conditions.
    fn search(&self, start: &Mat<f64>) -> Option<Found> {
        let raises: &[f64] = if self.conditions.are_equal || !self.tail.has_kinks() {
            &[0.0]
        } else {
            &RAISES
        };
        raises.iter().find_map(|&raise| {
            let conditions = &self.conditions.raised(raise);
            let raised = Problem {
                conditions,
                ..*self
            };
            self.restore(raised.approach(start)?)
        })
    }

    /// From a start to about where the solution is.
    fn approach(&self, start: &Mat<f64>) -> Option<Found> {
        let mut found = Found {
            v: start.clone(),
            energy: 0.0,
            steps: 0,
            converged: true,
        };
        if self.tail.has_kinks() {
            let mut share = 1.0;
            while share > NARROWEST {
                self.improve(&mut found, share * self.front.largest())?;
                share /= 4.0;
            }
        } else {
            self.improve(&mut found, 0.0)?;
        }
        Some(found)
    }

    /// On to where the merit does not fall any more, with kinks rounded off over this
    /// width.
    fn improve(&self, found: &mut Found, width: f64) -> Option<()> {
        let mut point = self.point(found.v.clone(), width);
        let mut rho: f64 = 0.0;
        found.converged = false;
        for _ in 0..MOST {
            self.pace.step();
            let to = self.linearised(&point, width)?;
            rho = rho.max(2.0 * to.most);
            let way = &to.target - &point.v;
            // Of the merit along the way: what E gains, and all that is missing.
            let slope = dot(&way, &point.away) - rho * self.conditions.missing(&point.lacking);
            if -slope <= STILL * point.energy {
                found.converged = true;
                break;
            }
            let Some(next) = self.descend(&point, &way, (rho, slope), width) else {
                break;
            };
            point = next;
            found.steps += 1;
        }
        found.v = point.v;
        found.energy = point.energy;
        Some(())
    }

    /// The linearised programme's solution.
    fn linearised(&self, point: &Point, width: f64) -> Option<Linearised> {
        let (rows, g) = self.rows(point, width);
        let away = &rows * point.away.transpose();
        let lacking = point.lacking.iter().enumerate();
        let r: Vec<f64> = lacking.map(|(i, lack)| lack + away[(i, 0)]).collect();
        let l = multipliers(&g, &r, self.conditions.equations(), self.pace)?;
        Some(Linearised {
            most: l.iter().fold(0.0, |most: f64, l| most.max(l.abs())),
            target: &row(&l) * &rows,
        })
    }

    /// How the conditions change with the values here, and the covariance of that.
    fn rows(&self, point: &Point, width: f64) -> (Mat<f64>, Mat<f64>) {
        let h = &self.front.mean + &point.away;
        let rows = &self.conditions.matrix * self.tail.slopes(&h, width).transpose();
        let spread = &rows * &self.front.covariance;
        let g = &spread * rows.transpose();
        (rows, g)
    }

    /// The longest of the steps 1, 1/2, 1/4, ... of a way by which the merit function
    /// falls enough.
    fn descend(
        &self,
        point: &Point,
        way: &Mat<f64>,
        (rho, slope): (f64, f64),
        width: f64,
    ) -> Option<Point> {
        let merit = |point: &Point| point.energy + rho * self.conditions.missing(&point.lacking);
        let start = merit(point);
        let rounding = 1e-14 * start.abs();
        shares().find_map(|share| {
            let next = self.point(&point.v + share * way, width);
            let falls = merit(&next) <= start + 1e-4 * share * slope + rounding;
            falls.then_some(next)
        })
    }

    /// The shortest way to where the conditions hold, kinks and all.
    fn restore(&self, mut found: Found) -> Option<Found> {
        let enough = SLACK * self.conditions.size();
        let mut point = self.point(found.v, 0.0);
        for _ in 0..MOST {
            let missing = self.conditions.missing(&point.lacking);
            if missing <= enough {
                found.energy = point.energy;
                found.v = point.v;
                return Some(found);
            }
            self.pace.step();
            // On a kink neither side's slope tells where to go; their mean does.
            let (rows, g) = self.rows(&point, ON_KINK);
            let l = multipliers(&g, &point.lacking, self.conditions.equations(), self.pace)?;
            let way = &row(&l) * &rows;
            point = shares().find_map(|share| {
                let next = self.point(&point.v + share * &way, 0.0);
                let closer = self.conditions.missing(&next.lacking) < missing;
                closer.then_some(next)
            })?;
            found.steps += 1;
        }
        None
    }

    fn point(&self, v: Mat<f64>, width: f64) -> Point {
        let away = &v * &self.front.covariance;
        let h = &self.front.mean + &away;
        Point {
            energy: dot(&v, &away) / 2.0,
            lacking: self.conditions.lacking(&self.tail.logits(&h, width)),
            v,
            away,
        }
    }
}

/// Shares of a way that are tried.
fn shares() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(1.0), |share| Some(share / 2.0)).take(20)
}

fn row(values: &[f64]) -> Mat<f64> {
    Mat::from_fn(1, values.len(), |_, i| values[i])
}

fn dot(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    let pairs = a.row(0).iter().zip(b.row(0).iter());
    pairs.map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests;
