//! Controls of the evaluators: digits that they have not seen, and pictures without a class.

use serde::{Deserialize, Serialize};

use super::digits::DigitRows;
use super::families::Family;
use super::reliability::{Predicted, ReliabilityRow, calibration_error, reliability_rows};
use super::textures::Textures;
use super::{EVALUATORS, Judges, Readings, evaluator_name};
use crate::data::{Dataset, Label};
use crate::metrics::statistics::Share;
use crate::pace::Pace;
use crate::rng::stream;

/// Maximum number of test rows per class.
const PER_CLASS: usize = 200;
/// Minimum and maximum number of degraded digits, and of pictures of each family: one for
/// each test row.
const PICTURES: [usize; 2] = [50, 300];
/// Accuracy on test digits below which an evaluator is poor.
const POOR: f64 = 0.95;
/// Recall below which a class is read poorly.
const POOR_RECALL: f64 = 0.9;

/// Row of `judges.csv`: predictions of one evaluator for pictures of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlRow {
    /// `conv-0` to `conv-4`, `knn`, or `read` for all together.
    pub judge: String,
    /// `test digits`, one of their classes (`test digits 3`), `degraded test digits`, or a
    /// family of pictures without a class.
    pub pictures: String,
    /// True if evaluators were trained on other pictures of this kind.
    pub trained_on: bool,
    /// Number of pictures.
    pub n: usize,
    /// Fraction of pictures whose highest probability is that of the truth.
    pub judge_accuracy: f64,
    /// Lower end of its 95 % interval (Clopper and Pearson 1934).
    pub accuracy_low: f64,
    /// Upper end.
    pub accuracy_high: f64,
    /// Mean probability of the truth: of the own class, or of "none".
    pub truth: f64,
    /// Mean probability of "none".
    pub none: f64,
    /// Area under the ROC curve of "none" against degraded test digits; none for digits.
    pub auroc: Option<f64>,
    /// Expected calibration error: the mean difference between confidence and accuracy over
    /// tenths of the predictions.
    pub calibration_error: f64,
}

/// Pictures of one kind with what is true of each.
struct Kind {
    name: String,
    trained_on: bool,
    seen: Vec<Vec<f32>>,
    truths: Vec<usize>,
    has_class: bool,
}

/// Returns controls of each evaluator and of all together; none without test rows.
///
/// # Errors
/// If the device fails.
pub fn controls(
    judges: &Judges,
    file: &Dataset,
    pace: Pace<'_>,
) -> Result<(Vec<ControlRow>, Vec<ReliabilityRow>), String> {
    let Some(kinds) = kinds(file) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mut all: Vec<Vec<Vec<Predicted>>> = Vec::new();
    for kind in &kinds {
        all.push(predicted(judges, kind, pace)?);
    }
    let (mut rows, mut reliability) = (Vec::new(), Vec::new());
    for judge in 0..=EVALUATORS {
        let name = match judge {
            EVALUATORS => TOGETHER.to_owned(),
            single => evaluator_name(single),
        };
        let degraded: Vec<f64> = all[DEGRADED][judge].iter().map(|one| one.none).collect();
        for (kind, all) in kinds.iter().zip(&all) {
            rows.push(row(&name, kind, &all[judge], &degraded));
            if kind.name == TEST {
                rows.extend(class_rows(&name, kind, &all[judge], file));
            }
        }
        for (pictures, has_class) in [("digits", true), ("none", false)] {
            let of_kind = kinds
                .iter()
                .zip(&all)
                .filter(|(kind, _)| kind.has_class == has_class && (has_class || !kind.trained_on));
            let predictions: Vec<Predicted> = of_kind
                .flat_map(|(_, all)| all[judge].iter().copied())
                .collect();
            reliability.extend(reliability_rows(&name, pictures, &predictions));
        }
    }
    Ok((rows, reliability))
}

/// Pictures of a [`ControlRow`]: test rows as they are.
pub const TEST: &str = "test digits";
/// Judge of a [`ControlRow`]: all evaluators together.
pub const TOGETHER: &str = "read";
/// Place of the degraded digits among the kinds.
const DEGRADED: usize = 1;

/// Describes how the evaluators together are poor on test digits, or on a class of them;
/// none if they are not, or were not tested. Every output that shows readings has it.
#[must_use]
pub fn poor_judges(controls: &[ControlRow]) -> Option<String> {
    let together = || controls.iter().filter(|row| row.judge == TOGETHER);
    let digits = together().find(|row| row.pictures == TEST)?;
    let class = |row: &ControlRow| {
        let label = row.pictures.strip_prefix(TEST)?.trim().to_owned();
        (!label.is_empty() && row.judge_accuracy < POOR_RECALL)
            .then(|| format!("{label} ({:.3})", row.judge_accuracy))
    };
    let classes: Vec<String> = together().filter_map(class).collect();
    let mut faults = Vec::new();
    if digits.judge_accuracy < POOR {
        faults.push(format!(
            "right on only {:.3} of test rows",
            digits.judge_accuracy
        ));
    }
    if !classes.is_empty() {
        faults.push(format!("classes recalled poorly: {}", classes.join(", ")));
    }
    (!faults.is_empty()).then(|| faults.join("; "))
}

/// Returns the sentence below tables and figures for a description by [`poor_judges`].
#[must_use]
pub fn poor_judges_note(poor: Option<&str>) -> Option<String> {
    poor.map(|poor| format!("Poor judges of legibility: {poor}."))
}

/// Draws the pictures of every kind from test rows; none if there are no test rows.
fn kinds(file: &Dataset) -> Option<Vec<Kind>> {
    let test = file.test.as_ref()?;
    let textures = Textures::new(&mut stream(0, "controls/textures"));
    let pictures = test.len().clamp(PICTURES[0], PICTURES[1]);
    let every: Vec<usize> = (0..test.len()).collect();
    let rows = DigitRows::new(test, &every, file.size, &textures)?;
    let plain = (0..file.classes.len()).flat_map(|class| {
        let rows = test.of_class(class).into_iter().take(PER_CLASS);
        rows.map(move |row| (row, class))
    });
    let (seen, truths) = plain.map(|(row, class)| (rows.seen(row), class)).unzip();
    let mut kinds = vec![Kind {
        name: TEST.to_owned(),
        trained_on: true,
        seen,
        truths,
        has_class: true,
    }];
    let mut degraded = stream(0, "controls/degraded");
    let digits = (0..pictures).map(|_| rows.digit(&mut degraded));
    let (seen, truths) = digits
        .map(|(seen, class)| (seen, usize::from(class)))
        .unzip();
    kinds.push(Kind {
        name: format!("degraded {TEST}"),
        trained_on: true,
        seen,
        truths,
        has_class: true,
    });
    for family in Family::ALL {
        let mut stream = stream(0, &format!("controls/{}", family.name()));
        let seen = (0..pictures)
            .map(|_| family.draw(&rows, &mut stream))
            .collect();
        kinds.push(Kind {
            name: family.name().to_owned(),
            trained_on: !family.is_held_out(),
            seen,
            truths: vec![file.classes.len(); pictures],
            has_class: false,
        });
    }
    Some(kinds)
}

/// Predictions of each evaluator, and last of all together.
fn predicted(judges: &Judges, kind: &Kind, pace: Pace<'_>) -> Result<Vec<Vec<Predicted>>, String> {
    let mut all = judges.probabilities(&kind.seen, pace)?;
    let combined = (0..kind.seen.len()).map(|picture| {
        let outputs = all[0][picture].len();
        let of = |output: usize| {
            let weighted = all.iter().zip(Readings::WEIGHTS);
            weighted
                .map(|(one, weight)| weight * one[picture][output])
                .sum()
        };
        (0..outputs).map(of).collect()
    });
    let combined: Vec<Vec<f64>> = combined.collect();
    all.push(combined);
    let one = |(probabilities, &truth): (&Vec<f64>, &usize)| {
        let highest = highest(probabilities);
        Predicted {
            is_right: highest == truth,
            confidence: probabilities[highest],
            truth: probabilities[truth],
            none: probabilities.last().copied().unwrap_or_default(),
        }
    };
    let of_judge = |all: &Vec<Vec<f64>>| all.iter().zip(&kind.truths).map(one).collect();
    Ok(all.iter().map(of_judge).collect())
}

fn row(judge: &str, kind: &Kind, predicted: &[Predicted], degraded: &[f64]) -> ControlRow {
    let n = predicted.len();
    let mean =
        |value: &dyn Fn(&Predicted) -> f64| predicted.iter().map(value).sum::<f64>() / n as f64;
    let right = predicted.iter().filter(|one| one.is_right).count();
    let interval = Share {
        satisfied: right,
        of: n,
    }
    .interval();
    let (accuracy_low, accuracy_high) = interval.unwrap_or((0.0, 1.0));
    let none: Vec<f64> = predicted.iter().map(|one| one.none).collect();
    ControlRow {
        judge: judge.to_owned(),
        pictures: kind.name.clone(),
        trained_on: kind.trained_on,
        n,
        judge_accuracy: right as f64 / n as f64,
        accuracy_low,
        accuracy_high,
        truth: mean(&|one| one.truth),
        none: mean(&|one| one.none),
        auroc: (!kind.has_class).then(|| auroc(&none, degraded)),
        calibration_error: calibration_error(predicted),
    }
}

/// Rows of the single classes of test digits: the accuracy is the recall.
fn class_rows(
    judge: &str,
    kind: &Kind,
    predicted: &[Predicted],
    file: &Dataset,
) -> Vec<ControlRow> {
    let of_class = |(class, label): (usize, &Label)| {
        let own = predicted.iter().zip(&kind.truths);
        let own: Vec<Predicted> = own
            .filter(|(_, truth)| **truth == class)
            .map(|(one, _)| *one)
            .collect();
        let kind = Kind {
            name: format!("{TEST} {label}"),
            seen: Vec::new(),
            truths: Vec::new(),
            ..*kind
        };
        (!own.is_empty()).then(|| row(judge, &kind, &own, &[]))
    };
    file.classes
        .iter()
        .enumerate()
        .filter_map(of_class)
        .collect()
}

/// Area under the ROC curve: the fraction of pairs in which the first is higher, ties half.
fn auroc(higher: &[f64], lower: &[f64]) -> f64 {
    let one = |a: &f64| {
        let pairs = lower.iter().map(|b| match a.total_cmp(b) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        });
        pairs.sum::<f64>()
    };
    higher.iter().map(one).sum::<f64>() / (higher.len() * lower.len()) as f64
}

/// Returns the position of the highest value, the first of equal ones.
fn highest(values: &[f64]) -> usize {
    crate::invert::highest(values)
        .first()
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_by_hand() {
        assert_eq!(auroc(&[0.9, 0.8], &[0.1, 0.2]), 1.0);
        assert_eq!(auroc(&[0.5], &[0.5]), 0.5);
        // Three of four pairs.
        assert_eq!(auroc(&[0.9, 0.3], &[0.1, 0.5]), 0.75);
    }
}
