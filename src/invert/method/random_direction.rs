//! Random direction: a control. The step from the mean training image along a random line
//! that reaches a probability of the class.
//!
//! The network chooses no pixel, only how far to go: an image that is legible by more than
//! chance would be so because of the mean image or of whoever reads it.

use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::data::Samples;
use crate::invert::{InvertError, Inverted, Solution, rows};
use crate::model::{Network, map};
use crate::pace::Pace;
use crate::rng::{Stream, stream};

/// Settings of the method `random_direction`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RandomDirection {
    /// Probability of the class to reach, above 0 and below 1.
    pub probability: f64,
}

impl RandomDirection {
    /// Default probability.
    pub const PROBABILITY: f64 = 0.99;
}

/// Number of directions to try per class. The probability of a class of logistic outputs
/// needs one positive logit and K - 1 negative ones, as one of 2^K directions has.
const MAX_DIRECTIONS: usize = 1000;

/// Shortest and longest step, in units of the pixel range. Steps are Euclidean norms.
const MIN_STEP: f64 = 0.01;
const MAX_STEP: f64 = 1000.0;

/// Number of steps from one to its double. Stretches of a line that reach the probability
/// on less than a fifth of the step may be missed.
const STEPS_PER_DOUBLING: f64 = 4.0;

/// Number of halvings of the interval between the last step that does not reach the
/// probability and the first that does: beyond the precision of the step.
const MAX_HALVINGS: usize = 60;

/// Random lines from the mean training image.
pub struct RandomLines<'a> {
    pub network: &'a Network,
    pub range: PixelRange,
    pub seed: u64,
    pub settings: RandomDirection,
    pub pace: Pace<'a>,
}

/// One of them.
struct RandomLine<'a> {
    network: &'a Network,
    class: usize,
    /// Image at the start: 1 x inputs.
    start: &'a Mat<f64>,
    /// Unit vector: 1 x inputs.
    direction: Mat<f64>,
}

impl RandomLines<'_> {
    /// Returns, per class, the image of the first direction along which the probability is
    /// reached, at the shortest such step; not clipped into range. Class n draws its unit
    /// vectors, uniform over the sphere, from the stream `random_direction/n`. The solution
    /// has the number of directions tried as its steps and the norm of the step as its
    /// objective. A class without an image, after 1,000 directions, is
    /// [missing](Inverted::is_missing).
    ///
    /// # Shapes
    /// - mean: `inputs` pixels
    /// - images: outputs x inputs
    ///
    /// # Errors
    /// If the outputs are no probabilities.
    pub fn invert(&self, mean: &[f64]) -> Result<Inverted, InvertError> {
        let (inputs, classes) = (self.network.inputs(), self.network.outputs());
        let no_probability = |z: &[f64]| self.network.output.class_probability(z, 0).is_none();
        if no_probability(&vec![0.0; classes]) {
            return Err(InvertError::NoProbability);
        }
        let start = Mat::from_fn(1, inputs, |_, i| mean[i]);
        let mut images = Mat::full(classes, inputs, f64::NAN);
        let mut solutions = Vec::with_capacity(classes);
        for class in 0..classes {
            self.pace.at(class, classes);
            let found = self.first(class, &start);
            if let Some(found) = &found {
                images.row_mut(class).copy_from(found.image.row(0));
            }
            solutions.push(Solution {
                converged: found.is_some(),
                steps: found.as_ref().map_or(MAX_DIRECTIONS, |found| found.tried),
                objective: found.map_or(MAX_STEP * self.span(), |found| found.step),
                component: None,
            });
        }
        Ok(Inverted { images, solutions })
    }

    /// Width of the pixel range.
    fn span(&self) -> f64 {
        self.range.high - self.range.low
    }

    fn first(&self, class: usize, start: &Mat<f64>) -> Option<ReachedImage> {
        let mut stream = stream(self.seed, &format!("random_direction/{class}"));
        let steps = self.steps();
        (1..=MAX_DIRECTIONS).find_map(|tried| {
            self.pace.tick();
            let line = RandomLine {
                network: self.network,
                class,
                start,
                direction: unit_vector(start.ncols(), &mut stream),
            };
            let step = line.shortest(&steps, self.settings.probability)?;
            let image = line.image(step);
            Some(ReachedImage { image, step, tried })
        })
    }

    /// Steps to try, in ascending order: none, then a geometric sequence.
    fn steps(&self) -> Vec<f64> {
        let doublings = (MAX_STEP / MIN_STEP).log2();
        let count = (doublings * STEPS_PER_DOUBLING).ceil() as usize;
        let step = |nth: usize| MIN_STEP * (nth as f64 / STEPS_PER_DOUBLING).exp2();
        let geometric = (0..=count).map(|nth| step(nth).min(MAX_STEP) * self.span());
        std::iter::once(0.0).chain(geometric).collect()
    }
}

/// Image that reaches the probability.
struct ReachedImage {
    image: Mat<f64>,
    step: f64,
    /// Number of directions so far.
    tried: usize,
}

impl RandomLine<'_> {
    fn image(&self, step: f64) -> Mat<f64> {
        let (start, direction) = (self.start, &self.direction);
        Mat::from_fn(1, start.ncols(), |_, i| {
            start[(0, i)] + step * direction[(0, i)]
        })
    }

    fn probability(&self, logits: &Mat<f64>, row: usize) -> f64 {
        let z: Vec<f64> = logits.row(row).iter().copied().collect();
        let probability = self.network.output.class_probability(&z, self.class);
        probability.unwrap_or(0.0)
    }

    /// Returns the shortest of these steps that reaches a probability, shortened to where it
    /// is first reached since the step before.
    fn shortest(&self, steps: &[f64], probability: f64) -> Option<f64> {
        let reaches = |step: f64| {
            let logits = self.network.logits(self.image(step).as_ref());
            self.probability(&logits, 0) >= probability
        };
        let logits = self.logits(steps);
        let likely = (0..steps.len()).filter(|&nth| self.probability(&logits, nth) >= probability);
        // The image itself decides, which rounds otherwise.
        let nth = likely.into_iter().find(|&nth| reaches(steps[nth]))?;
        let (mut short, mut long) = (steps[nth.saturating_sub(1)], steps[nth]);
        for _ in 0..MAX_HALVINGS {
            let middle = f64::midpoint(short, long);
            if reaches(middle) {
                long = middle;
            } else {
                short = middle;
            }
        }
        Some(long)
    }

    /// Returns the logits along the line, one row per step. The first layer is linear on it,
    /// so that all steps take one pass through its weights.
    fn logits(&self, steps: &[f64]) -> Mat<f64> {
        let Some((first, others)) = self.network.layers.split_first() else {
            return Mat::zeros(steps.len(), 0);
        };
        let start = first.apply(self.start);
        let slope = &self.direction * &first.weight;
        let along = |step: usize, unit: usize| start[(0, unit)] + steps[step] * slope[(0, unit)];
        let mut z = Mat::from_fn(steps.len(), start.ncols(), along);
        for layer in others {
            z = layer.apply(&map(&z, |z| self.network.activation.apply(z)));
        }
        z
    }
}

/// Draws a unit vector, uniform over the sphere.
fn unit_vector(length: usize, stream: &mut Stream) -> Mat<f64> {
    let normal: Vec<f64> = (0..length).map(|_| stream.normal()).collect();
    let norm = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
    Mat::from_fn(1, length, |_, i| normal[i] / norm)
}

/// Returns the mean of all training images, in the units of the pixel range.
pub fn mean_image(samples: &Samples, range: PixelRange) -> Vec<f64> {
    let mut sums = vec![0.0; samples.features];
    for block in rows::levels(samples, samples.len()) {
        for row in block.row_iter() {
            for (sum, level) in sums.iter_mut().zip(row.iter()) {
                *sum += level;
            }
        }
    }
    let count = samples.len().max(1) as f64;
    sums.iter().map(|sum| range.value(sum / count)).collect()
}

#[cfg(test)]
mod tests;
