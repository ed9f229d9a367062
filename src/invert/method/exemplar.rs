//! Exemplars: training images with the largest margin, as a baseline for inverses.

use faer::Mat;

use crate::config::PixelRange;
use crate::data::Samples;
use crate::invert::top::highest;
use crate::invert::{InvertError, rows};
use crate::model::Network;

/// Returns for each class the training image of a rank, from 1, by margin: the logit of
/// the class minus the highest other one. Labels are not used. Of equal margins the first
/// row ranks higher.
///
/// # Shapes
/// - result: classes x inputs
///
/// # Errors
/// If there are fewer images than that.
pub fn invert(
    network: &Network,
    samples: &Samples,
    range: PixelRange,
    rank: usize,
) -> Result<Mat<f64>, InvertError> {
    if rank > samples.len() {
        return Err(InvertError::TooFewImages {
            asked: rank,
            there: samples.len(),
        });
    }
    let classes = network.outputs();
    let mut margins: Vec<Vec<f64>> = vec![Vec::new(); classes];
    for x in rows::values(samples, range) {
        let logits = network.logits(x.as_ref());
        for z in logits.row_iter() {
            for (class, margins) in margins.iter_mut().enumerate() {
                let others = (0..classes).filter(|&k| k != class).map(|k| z[k]);
                margins.push(z[class] - others.fold(f64::NEG_INFINITY, f64::max));
            }
        }
    }
    let best: Vec<usize> = margins.iter().map(|m| highest(m)[rank - 1]).collect();
    Ok(Mat::from_fn(classes, samples.features, |class, i| {
        range.value(f64::from(samples.row(best[class])[i]))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Layer, Output};

    /// z = x: the margins of class 0 are -2, 3, 3 and 1.
    #[test]
    fn the_best_rows_by_hand() {
        let network = Network {
            layers: vec![Layer {
                weight: Mat::identity(2, 2),
                bias: None,
            }],
            activation: Activation::Identity,
            output: Output::Softmax,
        };
        let range = PixelRange {
            low: 0.0,
            high: 255.0,
        };
        let mut samples = Samples::empty(2);
        for row in [[1, 3], [9, 6], [4, 1], [2, 1]] {
            samples.push(&row, 0);
        }
        let best = |rank| invert(&network, &samples, range, rank);
        assert_eq!(best(1).unwrap(), faer::mat![[9.0, 6.0], [1.0, 3.0]]);
        assert_eq!(best(2).unwrap(), faer::mat![[4.0, 1.0], [2.0, 1.0]]);
        let error = best(5).unwrap_err();
        assert_eq!(error, InvertError::TooFewImages { asked: 5, there: 4 });
    }
}
