//! Calibration: predicted probabilities should be right as often as they say. Scores are
//! divided by a temperature (Guo et al. 2017); for the k-NN evaluator a logistic regression
//! decides first whether a picture is similar enough to any class.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

use crate::model::{Output, sigmoid};

/// Scores of one picture that evaluators are calibrated on, and the position that is true;
/// the one after the last class for "none".
pub struct Scored {
    pub scores: Vec<f64>,
    pub truth: usize,
}

/// Temperature that scores are divided by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature(pub f64);

impl Temperature {
    /// Returns the probabilities of these scores.
    pub fn probabilities(self, scores: &[f64]) -> Vec<f64> {
        let logits: Vec<f64> = scores.iter().map(|score| score / self.0).collect();
        Output::Softmax.apply(&logits)
    }

    /// Returns the temperature with the lowest mean negative logarithm of the probability of
    /// the truth; 1 without scores.
    pub fn fitted(scored: &[Scored]) -> Self {
        if scored.is_empty() {
            return Self(1.0);
        }
        let loss = |log: f64| -> f64 {
            let one = |scored: &Scored| {
                let probabilities = Self(log.exp()).probabilities(&scored.scores);
                -probabilities[scored.truth].max(f64::MIN_POSITIVE).ln()
            };
            scored.iter().map(one).sum()
        };
        Self(lowest(&loss, -7.0, 3.0).exp())
    }
}

/// Returns where a function with one valley is lowest, by golden sections.
fn lowest(of: &dyn Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (of(left), of(right));
    while high - low > 1e-4 {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = of(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = of(right);
        }
    }
    f64::midpoint(low, high)
}

/// Calibration of similarities to each class.
///
/// A picture shows some class with the probability `sigmoid(w . f)`, where f are its highest
/// similarity, the distance of that from the mean of the others, and 1; which class it is,
/// the temperature decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimilarityCalibration {
    pub temperature: Temperature,
    pub weights: [f64; 3],
}

/// Penalty on the squares of the weights, so that they stay finite where pictures with and
/// without a class do not overlap.
const RIDGE: f64 = 1e-3;
/// Number of steps of Newton's method, which needs fewer.
const STEPS: usize = 50;

fn features(similarities: &[f64]) -> [f64; 3] {
    let best = similarities
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let others = (similarities.iter().sum::<f64>() - best) / (similarities.len().max(2) - 1) as f64;
    [best, best - others, 1.0]
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl SimilarityCalibration {
    /// Returns the probabilities of each class, then of "none".
    pub fn probabilities(self, similarities: &[f64]) -> Vec<f64> {
        let any = sigmoid(dot(&self.weights, &features(similarities)));
        let mut all = self.temperature.probabilities(similarities);
        for probability in &mut all {
            *probability *= any;
        }
        all.push(1.0 - any);
        all
    }

    /// Returns the calibration of the highest likelihood: the temperature on pictures that
    /// show a class, the weights on all.
    pub fn fitted(scored: Vec<Scored>) -> Self {
        let rows: Vec<([f64; 3], f64)> = scored
            .iter()
            .map(|one| {
                let is_any = one.truth < one.scores.len();
                (features(&one.scores), f64::from(u8::from(is_any)))
            })
            .collect();
        let digits = scored
            .into_iter()
            .filter(|one| one.truth < one.scores.len());
        Self {
            temperature: Temperature::fitted(&digits.collect::<Vec<_>>()),
            weights: logistic(&rows),
        }
    }
}

/// Logistic regression of truths of 0 or 1 on three features, by Newton's method.
fn logistic(rows: &[([f64; 3], f64)]) -> [f64; 3] {
    let mut weights = [0.0; 3];
    for _ in 0..STEPS {
        let mut gradient = Mat::from_fn(3, 1, |i, _| RIDGE * weights[i]);
        let mut curvature = Mat::from_fn(3, 3, |i, j| if i == j { RIDGE } else { 0.0 });
        for (features, truth) in rows {
            let p = sigmoid(dot(&weights, features));
            for i in 0..3 {
                gradient[(i, 0)] += (p - truth) * features[i];
                for j in 0..3 {
                    curvature[(i, j)] += p * (1.0 - p) * features[i] * features[j];
                }
            }
        }
        // The ridge keeps the curvature positive definite.
        let Ok(factors) = curvature.llt(Side::Lower) else {
            break;
        };
        let step = factors.solve(&gradient);
        for (i, weight) in weights.iter_mut().enumerate() {
            *weight -= step[(i, 0)];
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() < tolerance, "{found} {expected}");
    }

    /// Scores (1, 0) that are right in three of four pictures: the odds are exp(1 / T) = 3.
    #[test]
    fn a_temperature_by_hand() {
        let scored: Vec<Scored> = [0, 0, 0, 1]
            .map(|truth| Scored {
                scores: vec![1.0, 0.0],
                truth,
            })
            .into();
        near(Temperature::fitted(&scored).0, 1.0 / 3f64.ln(), 1e-3);
        assert_eq!(Temperature::fitted(&[]), Temperature(1.0));
    }

    /// Two groups of pictures: 3 of 4 with a best similarity of 1 show a class, 1 of 4 with
    /// one of 0.
    #[test]
    fn odds_of_any_class_by_hand() {
        let scored = |best: f64, truth: usize| Scored {
            scores: vec![best, best],
            truth,
        };
        let (class, none) = (0, 2);
        let all = vec![
            scored(1.0, class),
            scored(1.0, class),
            scored(1.0, class),
            scored(1.0, none),
            scored(0.0, class),
            scored(0.0, none),
            scored(0.0, none),
            scored(0.0, none),
        ];
        let calibration = SimilarityCalibration::fitted(all);
        let probabilities = calibration.probabilities(&[1.0, 1.0]);
        near(probabilities[2], 0.25, 2e-3);
        near(probabilities[0], 0.375, 2e-3);
        near(calibration.probabilities(&[0.0, 0.0])[2], 0.75, 2e-3);
        // Groups that do not overlap leave the weights finite.
        let apart = vec![scored(1.0, class), scored(0.0, none)];
        let weights = SimilarityCalibration::fitted(apart).weights;
        assert!(
            weights.iter().all(|weight| weight.abs() < 100.0),
            "{weights:?}"
        );
    }

    /// Weights that made the truths are found again from 20,000 of them.
    #[test]
    fn a_regression_finds_its_weights() {
        let mut stream = stream(0, "logistic");
        let weights = [2.0, -1.0, 0.5];
        let row = |_| {
            let features = [stream.normal(), stream.normal(), 1.0];
            let truth = stream.uniform() < sigmoid(dot(&weights, &features));
            (features, f64::from(u8::from(truth)))
        };
        let rows: Vec<_> = (0..20_000).map(row).collect();
        for (found, expected) in logistic(&rows).into_iter().zip(weights) {
            near(found, expected, 0.1);
        }
    }
}
