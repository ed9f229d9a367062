//! Controls: predictions where the class is known, or where there is none.

use serde::{Deserialize, Serialize};

use super::picture::Grey;
use super::{Judges, Prediction};
use crate::data::{Dataset, Samples};
use crate::rng::stream;

/// Number of pictures of noise.
const NOISE: usize = 200;

/// Row of `judges.csv`: predictions of one evaluator for pictures of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlRow {
    /// `conv` or `knn`.
    pub judge: String,
    /// `test digits`, `noise`, `black`, `grey` or `white`.
    pub pictures: String,
    /// Number of pictures.
    pub n: usize,
    /// Fraction of pictures whose own class is predicted; none where they have no class.
    pub judge_accuracy: Option<f64>,
    /// Mean probability of the pictures' own class; none where they have none.
    pub legibility: Option<f64>,
    /// Mean probability of the predicted class.
    pub legibility_any: f64,
    /// Label of the class with the highest mean probability.
    pub seen_as: u8,
}

/// Returns controls of both evaluators: test images (if there are any), noise (every
/// pixel uniform), and pictures of one level.
///
/// # Errors
/// If the device fails.
pub fn controls(judges: &Judges<'_>, dataset: &Dataset) -> Result<Vec<ControlRow>, String> {
    let pixels = dataset.train.features;
    let mut stream = stream(0, "judge/noise");
    let mut noise = || -> Vec<u8> {
        let level = |_| stream.uniform_in(0.0, 256.0) as u8;
        (0..pixels).map(level).collect()
    };
    let noise: Vec<Vec<u8>> = (0..NOISE).map(|_| noise()).collect();
    let constant = |level: u8| vec![vec![level; pixels]];
    let mut rows = Vec::new();
    if let Some(test) = dataset.test.as_ref().filter(|test| !test.is_empty()) {
        rows.extend(on_samples(judges, test, &dataset.classes)?);
    }
    let kinds = [
        ("noise", noise),
        ("black", constant(0)),
        ("grey", constant(128)),
        ("white", constant(255)),
    ];
    for (name, pictures) in kinds {
        let pictures: Vec<&Grey> = pictures.iter().map(Vec::as_slice).collect();
        let predictions = judges.predict(&pictures)?;
        rows.extend(both(name, &predictions, None, &dataset.classes));
    }
    Ok(rows)
}

fn on_samples(
    judges: &Judges<'_>,
    samples: &Samples,
    classes: &[u8],
) -> Result<[ControlRow; 2], String> {
    let pictures: Vec<&Grey> = (0..samples.len()).map(|row| samples.row(row)).collect();
    let predictions = judges.predict(&pictures)?;
    Ok(both(
        "test digits",
        &predictions,
        Some(&samples.labels),
        classes,
    ))
}

fn both(
    pictures: &str,
    predictions: &[Prediction],
    labels: Option<&[u8]>,
    classes: &[u8],
) -> [ControlRow; 2] {
    let conv: Vec<&[f64]> = predictions.iter().map(|one| &one.conv[..]).collect();
    let knn: Vec<&[f64]> = predictions.iter().map(|one| &one.knn[..]).collect();
    [("conv", conv), ("knn", knn)].map(|(judge, probabilities)| ControlRow {
        judge: judge.to_owned(),
        pictures: pictures.to_owned(),
        ..row(&probabilities, labels, classes)
    })
}

/// Row of one evaluator without its names, by the probabilities for at least one picture.
fn row(all: &[&[f64]], labels: Option<&[u8]>, classes: &[u8]) -> ControlRow {
    let n = all.len();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n as f64;
    let of_labels = |labels: &[u8]| {
        let pairs = || {
            all.iter()
                .zip(labels.iter().map(|&label| usize::from(label)))
        };
        let hits = pairs()
            .filter(|(one, label)| highest(one) == *label)
            .count();
        let legibility = mean(&mut pairs().map(|(one, label)| one[label]));
        (hits as f64 / n as f64, legibility)
    };
    let (judge_accuracy, legibility) = labels.map(of_labels).unzip();
    let means: Vec<f64> = (0..classes.len())
        .map(|class| mean(&mut all.iter().map(|one| one[class])))
        .collect();
    ControlRow {
        judge: String::new(),
        pictures: String::new(),
        n,
        judge_accuracy,
        legibility,
        legibility_any: mean(&mut all.iter().map(|one| one[highest(one)])),
        seen_as: classes.get(highest(&means)).copied().unwrap_or_default(),
    }
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

    /// Of classes 3 and 7: right and sure, wrong, and a tie, which counts for the
    /// first.
    #[test]
    fn a_row_by_hand() {
        let said: [&[f64]; 3] = [&[0.0, 1.0], &[0.75, 0.25], &[0.5, 0.5]];
        let row = row(&said, Some(&[1, 1, 0]), &[3, 7]);
        assert_eq!((row.n, row.judge_accuracy), (3, Some(2.0 / 3.0)));
        assert_eq!(row.legibility, Some(1.75 / 3.0));
        assert_eq!((row.legibility_any, row.seen_as), (2.25 / 3.0, 7));
    }
}
