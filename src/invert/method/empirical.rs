//! Empirical method (Lai 2021, section 2.1): scores every pixel alone, then lights those
//! with the highest scores for a class, the best one brightest.

use faer::Mat;
use serde::Serialize;

use crate::config::PixelRange;
use crate::invert::InvertError;
use crate::invert::top::highest;
use crate::model::Network;

/// Score of a single lit pixel for a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// `-||z' - z||_1`, the text's Algorithm 1.
    L1,
    /// Logit of the class minus all others, the author's code.
    SignedSum,
}

/// Maximum number of lit pixels: one per level from 255 down to 1.
pub const MAX_LIT: usize = 255;

/// Number of pixels of an image of 28 x 28, and the number of them that Algorithm 1 of
/// Lai 2021 lights (the author's code lights 255).
const DIGIT: usize = 784;
const LIT_OF_DIGIT: usize = 254;

/// Returns the number of pixels to light by default: a third, as in the images of
/// Lai 2021.
///
/// # Examples
/// ```
/// use backquery::invert::default_lit;
///
/// assert_eq!([784, 9, 1].map(default_lit), [254, 3, 1]);
/// ```
pub fn default_lit(pixels: usize) -> usize {
    match pixels {
        DIGIT => LIT_OF_DIGIT,
        pixels => (pixels / 3).clamp(1, MAX_LIT),
    }
}

/// Maximum number of probes at a time, which bounds memory.
const MAX_PROBES: usize = 1024;

/// Lights the `pixels` best-scored pixels of each class with the levels 255,
/// 254, ... and leaves the others at level 0. Of equal scores the pixel with
/// the lower index is better.
///
/// A probe is 1 at its pixel and 0 elsewhere, whatever the range: in the paper's range of
/// [-1, 1] that is one white pixel on mid-grey.
///
/// # Shapes
/// - targets: `outputs` logits per class
/// - result: classes x inputs
///
/// # Examples
/// ```
/// use backquery::config::PixelRange;
/// use backquery::invert::{Score, light};
/// use backquery::model::{Activation, Layer, Network, Output};
///
/// // Of three pixels the second has the largest weight for the class.
/// let network = Network {
///     layers: vec![Layer { weight: faer::mat![[1.0], [3.0], [2.0]], bias: None }],
///     activation: Activation::Identity,
///     output: Output::Linear,
/// };
/// let range = PixelRange { low: 0.0, high: 255.0 };
/// let images = light(&network, Score::SignedSum, 2, &[vec![10.0]], range).unwrap();
/// assert_eq!(images, faer::mat![[0.0, 255.0, 254.0]]);
/// ```
///
/// # Errors
/// If an image has fewer pixels than that.
pub fn invert(
    network: &Network,
    score: Score,
    pixels: usize,
    targets: &[Vec<f64>],
    range: PixelRange,
) -> Result<Mat<f64>, InvertError> {
    let inputs = network.inputs();
    if pixels > inputs {
        return Err(InvertError::TooManyPixels {
            asked: pixels,
            there: inputs,
        });
    }
    let logits = probe(network);
    let mut images = Mat::from_fn(targets.len(), inputs, |_, _| range.value(0.0));
    for (class, target) in targets.iter().enumerate() {
        let scores: Vec<f64> = (0..inputs)
            .map(|pixel| {
                let z: Vec<f64> = (0..target.len()).map(|k| logits[(pixel, k)]).collect();
                score.of(&z, target, class)
            })
            .collect();
        for (rank, pixel) in highest(&scores).into_iter().take(pixels).enumerate() {
            images[(class, pixel)] = range.value(255.0 - rank as f64);
        }
    }
    Ok(images)
}

/// Returns the logits of the probe of each pixel: inputs x outputs.
fn probe(network: &Network) -> Mat<f64> {
    let inputs = network.inputs();
    let mut all = Mat::zeros(inputs, network.outputs());
    for start in (0..inputs).step_by(MAX_PROBES) {
        let rows = MAX_PROBES.min(inputs - start);
        let lit = |row, pixel| if pixel == start + row { 1.0 } else { 0.0 };
        let probes = Mat::from_fn(rows, inputs, lit);
        let logits = network.logits(probes.as_ref());
        all.subrows_mut(start, rows).copy_from(&logits);
    }
    all
}

impl Score {
    fn of(self, logits: &[f64], target: &[f64], class: usize) -> f64 {
        let pairs = logits.iter().zip(target);
        match self {
            Self::L1 => -pairs.map(|(z, t)| (t - z).abs()).sum::<f64>(),
            Self::SignedSum => {
                let signed = |(k, z): (usize, &f64)| if k == class { *z } else { -z };
                logits.iter().enumerate().map(signed).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invert::fixture::targets;
    use crate::model::{Activation, Layer, Output};
    use proptest::prelude::*;

    const RANGE: PixelRange = PixelRange::SYMMETRIC;

    fn perceptron(weight: Mat<f64>, bias: Option<Vec<f64>>) -> Network {
        Network {
            layers: vec![Layer { weight, bias }],
            activation: Activation::Identity,
            output: Output::Softmax,
        }
    }

    #[test]
    fn four_pixels_by_hand() {
        let weight = faer::mat![[1.0, 0.0], [3.0, 1.0], [0.0, 2.0], [0.0, 0.0]];
        let network = perceptron(weight, Some(vec![0.5, 0.0]));
        // Signed sums for class 0 are 1.5, 2.5, -1.5, 0.5; for class 1 -1.5, -2.5, 1.5, -0.5.
        for score in [Score::L1, Score::SignedSum] {
            let images = invert(&network, score, 2, &targets(2, 10.0), RANGE).unwrap();
            let level = |level: f64| level / 127.5 - 1.0;
            let row = |class: usize| (0..4).map(|p| images[(class, p)]).collect::<Vec<_>>();
            assert_eq!(row(0), [level(254.0), level(255.0), -1.0, -1.0]);
            assert_eq!(row(1), [-1.0, -1.0, level(255.0), level(254.0)]);
        }
    }

    /// More pixels than are probed at a time, each with its own weight.
    #[test]
    fn pixels_of_all_blocks_are_probed() {
        let inputs = 2 * MAX_PROBES + 5;
        let weight = Mat::from_fn(inputs, 2, |i, k| (i as f64) / 1e4 * f64::from(k as u32));
        let network = perceptron(weight, Some(vec![0.25, -0.5]));
        let logits = probe(&network);
        for pixel in [0, 1, MAX_PROBES - 1, MAX_PROBES, inputs - 1] {
            assert_eq!(logits[(pixel, 0)], 0.25);
            assert_eq!(logits[(pixel, 1)], pixel as f64 / 1e4 - 0.5);
        }
    }

    #[test]
    fn ties_go_to_the_lowest_index() {
        let network = perceptron(Mat::zeros(5, 2), None);
        let images = invert(&network, Score::L1, 3, &targets(2, 10.0), RANGE).unwrap();
        let lit: Vec<usize> = (0..5).filter(|&p| images[(1, p)] > -1.0).collect();
        assert_eq!(lit, [0, 1, 2]);
        assert!(images[(1, 0)] > images[(1, 1)]);
    }

    #[test]
    fn more_pixels_than_there_are_is_an_error() {
        let network = perceptron(Mat::zeros(5, 2), None);
        let error = invert(&network, Score::L1, 6, &targets(2, 10.0), RANGE).unwrap_err();
        assert_eq!(error, InvertError::TooManyPixels { asked: 6, there: 5 });
    }

    /// The two scores contradict each other only once a logit passes the
    /// target's value of 10.
    #[test]
    fn beyond_the_target_the_scores_disagree() {
        let weight = faer::mat![[30.0, 0.0], [10.0, 0.0]];
        let network = perceptron(weight, None);
        let first = |score| {
            let images = invert(&network, score, 1, &targets(2, 10.0), RANGE).unwrap();
            (0..2).find(|&p| images[(0, p)] > -1.0)
        };
        assert_eq!(first(Score::SignedSum), Some(0));
        assert_eq!(first(Score::L1), Some(1));
    }

    proptest! {
        /// While every |z| is below 10, ||z' - z||_1 is 10 K minus the signed sum.
        #[test]
        fn the_texts_score_and_the_codes_rank_pixels_alike(
            weights in proptest::collection::vec(-4.9..4.9f64, 3 * 40),
            bias in proptest::collection::vec(-4.9..4.9f64, 3),
        ) {
            // Multiples of 1/1024 add up without rounding, so that ties are ties.
            let grid = |x: f64| (x * 1024.0).round() / 1024.0;
            let weight = Mat::from_fn(40, 3, |i, j| grid(weights[i * 3 + j]));
            let network = perceptron(weight, Some(bias.into_iter().map(grid).collect()));
            let of = |score| invert(&network, score, 25, &targets(3, 10.0), RANGE).unwrap();
            prop_assert_eq!(of(Score::L1), of(Score::SignedSum));
        }

        #[test]
        fn exactly_the_asked_pixels_are_lit(
            weights in proptest::collection::vec(-1.0..1.0f64, 2 * 20),
            pixels in 1usize..=20,
        ) {
            let weight = Mat::from_fn(20, 2, |i, j| weights[i * 2 + j]);
            let network = perceptron(weight, None);
            let images = invert(&network, Score::L1, pixels, &targets(2, 10.0), RANGE).unwrap();
            for class in 0..2 {
                let lit = (0..20).filter(|&p| images[(class, p)] > -1.0).count();
                prop_assert_eq!(lit, pixels);
            }
        }
    }
}
