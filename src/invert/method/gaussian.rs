//! MAP estimate: the input with the highest density under a Gaussian of the training
//! data, or under a mixture of Gaussians, among those that meet a margin or logits.
//!
//! Labels are not used: all information about a class comes from the network.

use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::data::Samples;
use crate::invert::inverter::Knowledge;
use crate::invert::optimize::{Constraints, MapProblem};
use crate::invert::prior::{Normal, PriorOf};
use crate::invert::{InvertError, Inverted, Solution, rows};
use crate::model::Network;
use crate::pace::Pace;

/// Settings of the methods `gaussian` and `mixture`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MapEstimate {
    /// Margin of the class over every other class; without it the logits have to equal
    /// the target.
    pub margin: Option<Margin>,
    /// Shrinkage of the covariance, from 0 to 1: of a Gaussian towards its diagonal, of
    /// a mixture towards the pooled covariance.
    pub shrinkage: f64,
    /// True if every pixel has to be in the pixel range.
    pub in_range: bool,
    /// True if the image is the mean of the Gaussian that won, before the network moves
    /// it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prior_only: bool,
    /// Prior over the pixels.
    #[serde(flatten)]
    pub prior: PriorOf,
}

/// Margin of a logit over every other one. With logistic outputs the logit of the class
/// has to be above 0 by half of it, and the others below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Margin {
    /// Difference of logits.
    Logits(f64),
    /// Multiple of the network's own median margin.
    Medians(f64),
}

/// Returns the MAP estimate of each class.
///
/// # Shapes
/// - targets: `outputs` logits per class, ignored if there is a margin
/// - images: classes x inputs
///
/// # Errors
/// If a class has no input that meets its constraints, or none was found.
pub fn estimate(
    network: &Network,
    training: &Knowledge,
    range: PixelRange,
    map: MapEstimate,
    targets: &[Vec<f64>],
    pace: Pace<'_>,
) -> Result<Inverted, InvertError> {
    let margin = map.margin.map(|margin| match margin {
        Margin::Logits(margin) => margin,
        Margin::Medians(medians) => medians * training.median_margin(network, range),
    });
    let classes = targets.iter().enumerate();
    let constraints: Vec<Constraints> = classes
        .map(|(class, target)| match margin {
            Some(margin) => Constraints::margin(network.output, class, targets.len(), margin),
            None => Constraints::logits(target),
        })
        .collect();
    let prior = training.prior(map.prior)?;
    let normals = prior.normals(map.shrinkage);
    let bounds = map.in_range.then_some(range);
    let mut inverted = invert(network, normals, &constraints, bounds, pace)?;
    if map.prior_only {
        for (class, solution) in inverted.solutions.iter().enumerate() {
            let mean = prior.mean(solution.component.unwrap_or(0));
            inverted.images.row_mut(class).copy_from(mean);
        }
    }
    Ok(inverted)
}

/// Best input of a class so far.
struct Best {
    image: Mat<f64>,
    solution: Solution,
}

/// Returns the MAP estimate of each class under whichever distribution, counted from 0,
/// gives it the highest density.
///
/// # Shapes
/// - images: constraints x inputs
///
/// # Errors
/// If a class has no input that meets its constraints, or none was found.
pub fn invert(
    network: &Network,
    normals: impl Iterator<Item = Normal>,
    constraints: &[Constraints],
    range: Option<PixelRange>,
    pace: Pace<'_>,
) -> Result<Inverted, InvertError> {
    let mut best: Vec<Option<Best>> = constraints.iter().map(|_| None).collect();
    let all = normals.size_hint().0 * constraints.len();
    for (component, normal) in normals.enumerate() {
        let problem = MapProblem::new(network, &normal, pace);
        let before = component * constraints.len();
        for (class, (constraints, best)) in constraints.iter().zip(&mut best).enumerate() {
            pace.at(before + class, all);
            let Some((image, mut solution)) = problem.solve(constraints, range) else {
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
    let mut images = Mat::zeros(constraints.len(), network.inputs());
    let mut solutions = Vec::new();
    for (class, best) in best.into_iter().enumerate() {
        let best = best.ok_or(InvertError::NoInput(class))?;
        images.row_mut(class).copy_from(best.image.row(0));
        solutions.push(best.solution);
    }
    Ok(Inverted { images, solutions })
}

/// Returns the median over samples of the highest minus the second-highest logit: the
/// network's own margin. Labels are not used.
pub fn median_margin(network: &Network, samples: &Samples, range: PixelRange) -> f64 {
    let mut margins = Vec::with_capacity(samples.len());
    for x in rows::values(samples, range) {
        for row in network.logits(x.as_ref()).row_iter() {
            let mut z: Vec<f64> = row.iter().copied().collect();
            z.sort_by(f64::total_cmp);
            if let [.., second, first] = z[..] {
                margins.push(first - second);
            }
        }
    }
    margins.sort_by(f64::total_cmp);
    let middle = margins.len() / 2;
    match margins.len() {
        0 => 0.0,
        n if n % 2 == 1 => margins[middle],
        _ => f64::midpoint(margins[middle - 1], margins[middle]),
    }
}

#[cfg(test)]
pub(in crate::invert) mod tests;
