//! Reliability of the evaluators: how often predictions of about the same confidence are
//! right.

use serde::{Deserialize, Serialize};

/// Number of groups of predictions by confidence.
const TENTHS: usize = 10;

/// Row of `reliability.csv`: how often predictions of about the same confidence are right.
/// Each row is of a tenth of the predictions, from the least confident ones on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityRow {
    /// Evaluator, as in `judges.csv`.
    pub judge: String,
    /// `digits` (test digits and degraded ones) or `none` (families held out).
    pub pictures: String,
    /// Number of the tenth, from 1.
    pub tenth: usize,
    /// Number of predictions.
    pub n: usize,
    /// Mean confidence.
    pub confidence: f64,
    /// Fraction of right predictions.
    pub judge_accuracy: f64,
}

/// One prediction: whether it is right, its confidence, and the probabilities of the truth
/// and of "none".
#[derive(Debug, Clone, Copy)]
pub struct Predicted {
    pub is_right: bool,
    pub confidence: f64,
    pub truth: f64,
    pub none: f64,
}

/// Predictions in tenths of equal size by rising confidence; fewer for fewer predictions.
fn tenths(predicted: &[Predicted]) -> Vec<Vec<Predicted>> {
    let mut sorted = predicted.to_vec();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let count = TENTHS.min(sorted.len());
    let end = |tenth: usize| tenth * sorted.len() / count;
    (0..count)
        .map(|tenth| sorted[end(tenth)..end(tenth + 1)].to_vec())
        .collect()
}

/// Mean confidence and accuracy of at least one prediction.
fn mean_of(bin: &[Predicted]) -> (f64, f64) {
    let n = bin.len() as f64;
    let right = bin.iter().filter(|one| one.is_right).count() as f64;
    (
        bin.iter().map(|one| one.confidence).sum::<f64>() / n,
        right / n,
    )
}

/// Returns the expected calibration error: the mean difference between confidence and
/// accuracy over tenths.
pub fn calibration_error(predicted: &[Predicted]) -> f64 {
    let error = |tenth: &Vec<Predicted>| {
        let (confidence, accuracy) = mean_of(tenth);
        (confidence - accuracy).abs() * tenth.len() as f64
    };
    tenths(predicted).iter().map(error).sum::<f64>() / predicted.len() as f64
}

/// Returns one row for each tenth of the predictions.
pub fn reliability_rows(
    judge: &str,
    pictures: &str,
    predicted: &[Predicted],
) -> Vec<ReliabilityRow> {
    let row = |(index, tenth): (usize, Vec<Predicted>)| {
        let (confidence, judge_accuracy) = mean_of(&tenth);
        ReliabilityRow {
            judge: judge.to_owned(),
            pictures: pictures.to_owned(),
            tenth: index + 1,
            n: tenth.len(),
            confidence,
            judge_accuracy,
        }
    };
    tenths(predicted).into_iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predicted(confidence: f64, is_right: bool) -> Predicted {
        Predicted {
            is_right,
            confidence,
            truth: 0.0,
            none: 0.0,
        }
    }

    /// Twenty predictions in tenths of two: only the least confident two are wrong.
    #[test]
    fn tenths_by_hand() {
        let all: Vec<Predicted> = (0..20)
            .rev()
            .map(|i| predicted(f64::from(i) / 20.0, i > 1))
            .collect();
        let rows = reliability_rows("knn", "digits", &all);
        assert_eq!(rows.len(), 10);
        assert_eq!((rows[0].n, rows[0].judge_accuracy), (2, 0.0));
        assert!((rows[0].confidence - 0.025).abs() < 1e-12);
        assert_eq!((rows[9].tenth, rows[9].judge_accuracy), (10, 1.0));
        let accurate = [predicted(0.75, true), predicted(0.75, true)];
        assert!((calibration_error(&accurate) - 0.25).abs() < 1e-12);
        assert_eq!(tenths(&accurate).len(), 2);
    }
}
