//! What the judges say where the answer is known, or where there is none.

use serde::{Deserialize, Serialize};

use super::picture::Picture;
use super::{Judges, Opinion};
use crate::data::{Dataset, Samples};
use crate::rng::stream;

/// How many pictures of noise there are.
const NOISE: usize = 200;

/// A row of `judges.csv`: what one judge says of pictures of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlRow {
    /// `conv` or `knn`.
    pub judge: String,
    /// `test digits`, `noise`, `black`, `grey` or `white`.
    pub pictures: String,
    /// How many.
    pub n: usize,
    /// The share whose own class the judge gives most; only where pictures have one.
    pub judge_accuracy: Option<f64>,
    /// The mean probability of the pictures' own class.
    pub legibility: Option<f64>,
    /// The mean probability of whatever class the judge gives most.
    pub legibility_any: f64,
    /// The label of the class that the judge gives most on average.
    pub seen_as: u8,
}

/// What both judges say of real digits that nobody was trained on (if there are
/// any), of noise (every pixel uniform), and of pictures of one level.
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
        let pictures: Vec<&Picture> = pictures.iter().map(Vec::as_slice).collect();
        let opinions = judges.opinions(&pictures)?;
        rows.extend(both(name, &opinions, None, &dataset.classes));
    }
    Ok(rows)
}

fn on_samples(
    judges: &Judges<'_>,
    samples: &Samples,
    classes: &[u8],
) -> Result<[ControlRow; 2], String> {
    let pictures: Vec<&Picture> = (0..samples.len()).map(|row| samples.row(row)).collect();
    let opinions = judges.opinions(&pictures)?;
    Ok(both(
        "test digits",
        &opinions,
        Some(&samples.labels),
        classes,
    ))
}

fn both(
    pictures: &str,
    opinions: &[Opinion],
    labels: Option<&[u8]>,
    classes: &[u8],
) -> [ControlRow; 2] {
    let conv: Vec<&[f64]> = opinions.iter().map(|one| &one.conv[..]).collect();
    let knn: Vec<&[f64]> = opinions.iter().map(|one| &one.knn[..]).collect();
    [("conv", conv), ("knn", knn)].map(|(judge, said)| ControlRow {
        judge: judge.to_owned(),
        pictures: pictures.to_owned(),
        ..row(&said, labels, classes)
    })
}

/// The numbers of one judge; at least one picture.
fn row(said: &[&[f64]], labels: Option<&[u8]>, classes: &[u8]) -> ControlRow {
    let n = said.len();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n as f64;
    let share = |hits: usize| hits as f64 / n as f64;
    let own = |labels: &[u8]| {
        let right = said.iter().zip(labels);
        let right = right.filter(|(said, label)| highest(said) == usize::from(**label));
        let mut own = said
            .iter()
            .zip(labels)
            .map(|(said, label)| said[usize::from(*label)]);
        (share(right.count()), mean(&mut own))
    };
    let (judge_accuracy, legibility) = labels.map(own).unzip();
    let all: Vec<f64> = (0..classes.len())
        .map(|class| mean(&mut said.iter().map(|said| said[class])))
        .collect();
    ControlRow {
        judge: String::new(),
        pictures: String::new(),
        n,
        judge_accuracy,
        legibility,
        legibility_any: mean(&mut said.iter().map(|said| said[highest(said)])),
        seen_as: classes.get(highest(&all)).copied().unwrap_or_default(),
    }
}

/// Where the highest value stands; the first of several.
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
