//! The most likely input under a Gaussian of the training data, or under a mixture
//! of Gaussians, that meets a margin or logits.
//!
//! No labels are looked at: all that is known of a class is the network's.

use faer::Mat;

use super::conditions::Conditions;
use super::inside;
use super::likeliest::{Front, Problem, Tail};
use super::{InvertError, Inverted, Solution};
use crate::config::PixelRange;
use crate::model::Network;
use crate::pace::Pace;

/// A normal distribution of inputs.
pub struct Normal {
    /// 1 x inputs.
    pub mean: Mat<f64>,
    /// S: inputs x inputs.
    pub covariance: Mat<f64>,
    /// What counts beside E where there are several: the logarithm of how often it is
    /// the right one.
    pub log_weight: f64,
}

/// The best input of a class so far.
struct Best {
    image: Mat<f64>,
    solution: Solution,
}

/// The likeliest input of each class: under whichever of the distributions, which are
/// counted from 0, makes it likeliest.
///
/// # Shapes
/// - inverse: conditions x inputs
///
/// # Errors
/// If no input of a class meets its conditions, or none was found.
pub fn invert(
    network: &Network,
    normals: impl Iterator<Item = Normal>,
    conditions: &[Conditions],
    range: Option<PixelRange>,
    pace: Pace<'_>,
) -> Result<Inverted, InvertError> {
    let mut best: Vec<Option<Best>> = conditions.iter().map(|_| None).collect();
    let all = normals.size_hint().0 * conditions.len();
    for (component, normal) in normals.enumerate() {
        let seen = Seen::of(network, &normal, pace);
        let before = component * conditions.len();
        for (class, (conditions, best)) in conditions.iter().zip(&mut best).enumerate() {
            pace.at(before + class, all);
            let found = match range {
                None => seen.solve(conditions),
                Some(range) => inside::solve(&seen, conditions, range),
            };
            let Some((image, mut solution)) = found else {
                continue;
            };
            solution.objective -= normal.log_weight;
            solution.component = Some(component);
            let beats = |best: &Best| solution.objective < best.solution.objective;
            if best.as_ref().is_none_or(beats) {
                *best = Some(Best { image, solution });
            }
        }
    }
    let mut images = Mat::zeros(conditions.len(), network.inputs());
    let mut solutions = Vec::new();
    for (class, best) in best.into_iter().enumerate() {
        let best = best.ok_or(InvertError::NoInput(class))?;
        images.row_mut(class).copy_from(best.image.row(0));
        solutions.push(best.solution);
    }
    Ok(Inverted { images, solutions })
}

/// A distribution as a network sees it.
pub struct Seen<'a> {
    pub network: &'a Network,
    pub normal: &'a Normal,
    /// S W: inputs x units of the first layer.
    pub spread: Mat<f64>,
    /// What the first layer makes of it.
    pub front: Front,
    pub pace: Pace<'a>,
}

impl<'a> Seen<'a> {
    fn of(network: &'a Network, normal: &'a Normal, pace: Pace<'a>) -> Self {
        // A network has at least one layer.
        let first = &network.layers[0];
        let spread = &normal.covariance * &first.weight;
        let front = Front {
            mean: first.apply(&normal.mean),
            covariance: first.weight.transpose() * &spread,
        };
        Self {
            network,
            normal,
            spread,
            front,
            pace,
        }
    }

    fn solve(&self, conditions: &Conditions) -> Option<(Mat<f64>, Solution)> {
        let problem = Problem {
            tail: Tail::of(self.network),
            front: &self.front,
            conditions,
            pace: self.pace,
        };
        let found = problem.solve()?;
        let image = &self.normal.mean + &found.v * self.spread.transpose();
        Some((image, Solution::of(&found)))
    }
}

#[cfg(test)]
pub(super) mod tests;
