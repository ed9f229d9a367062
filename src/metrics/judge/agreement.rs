//! Agreement between evaluators on pictures of unknown class.

use serde::Serialize;

use super::{EVALUATORS, PictureReading, Readings, evaluator_name};

/// Evaluators of the [`AgreementRow`] of all of them.
const ALL: &str = "all";

/// Row of `agreement.csv`: readings of the same pictures by two evaluators, or by all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgreementRow {
    /// View of the pictures, as in `readings.csv`.
    pub view: &'static str,
    /// One evaluator; `all` for all of them.
    pub a: String,
    /// Other evaluator.
    pub b: String,
    /// Number of pictures.
    pub n: usize,
    /// Fraction of pictures in which they name the same: the same class of the network, any
    /// other class, or none.
    pub same_answer: f64,
    /// Total variation distance of their probabilities, half the sum of the absolute
    /// differences, from 0 to 1: the mean over pictures, and over pairs for all of them.
    pub probability_distance: f64,
}

impl PictureReading {
    /// Returns the probabilities of each class of the network, of another one, and of none.
    fn answers(&self) -> Vec<f64> {
        let classes = self.classes.iter().copied();
        classes.chain([self.another, self.none]).collect()
    }
}

/// Returns one row for each pair of evaluators and one for all of them; none without
/// pictures.
pub fn agreement(view: &'static str, pictures: &[&Readings]) -> Vec<AgreementRow> {
    let n = pictures.len();
    if n == 0 {
        return Vec::new();
    }
    let answers: Vec<Vec<Vec<f64>>> = (0..EVALUATORS)
        .map(|evaluator| {
            pictures
                .iter()
                .map(|of| of.0[evaluator].answers())
                .collect()
        })
        .collect();
    let name = |answers: &Vec<f64>| crate::invert::highest(answers).first().copied();
    let named: Vec<Vec<_>> = answers
        .iter()
        .map(|of| of.iter().map(name).collect())
        .collect();
    let share = |same: &dyn Fn(usize) -> bool| {
        (0..n).filter(|&picture| same(picture)).count() as f64 / n as f64
    };
    let mut rows = Vec::new();
    for a in 0..EVALUATORS {
        for b in a + 1..EVALUATORS {
            let pairs = answers[a].iter().zip(&answers[b]);
            rows.push(AgreementRow {
                view,
                a: evaluator_name(a),
                b: evaluator_name(b),
                n,
                same_answer: share(&|picture| named[a][picture] == named[b][picture]),
                probability_distance: pairs.map(|(a, b)| distance(a, b)).sum::<f64>() / n as f64,
            });
        }
    }
    let distances = rows.iter().map(|row| row.probability_distance);
    let mean = distances.sum::<f64>() / rows.len() as f64;
    let agree = |picture: usize| named.iter().all(|of| of[picture] == named[0][picture]);
    rows.push(AgreementRow {
        view,
        a: ALL.to_owned(),
        b: ALL.to_owned(),
        n,
        same_answer: share(&agree),
        probability_distance: mean,
    });
    rows
}

/// Total variation distance of two distributions.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(classes: [f64; 2], another: f64, none: f64) -> PictureReading {
        PictureReading {
            classes: classes.to_vec(),
            another,
            none,
        }
    }

    /// Two pictures: all name the first class in one; in the other, k-NN alone names none.
    #[test]
    fn agreement_by_hand() {
        let first = Readings(vec![reading([0.7, 0.1], 0.1, 0.1); EVALUATORS]);
        let mut second = Readings(vec![reading([0.1, 0.6], 0.2, 0.1); EVALUATORS]);
        second.0[EVALUATORS - 1] = reading([0.0, 0.2], 0.3, 0.5);
        let rows = agreement("drawn", &[&first, &second]);
        assert_eq!(rows.len(), 16);
        let numbers = |a: &str, b: &str| {
            let row = rows.iter().find(|row| row.a == a && row.b == b).unwrap();
            assert_eq!((row.view, row.n), ("drawn", 2));
            (row.same_answer, row.probability_distance)
        };
        assert_eq!(numbers("conv-0", "conv-4"), (1.0, 0.0));
        // Half of |0.1| + |0.4| + |0.1| + |0.4| is 0.5, in one of two pictures.
        let (same, apart) = numbers("conv-2", "knn");
        assert!(
            same == 0.5 && (apart - 0.25).abs() < 1e-12,
            "{same} {apart}"
        );
        // Five of fifteen pairs differ.
        let (same, apart) = numbers("all", "all");
        assert!(
            same == 0.5 && (apart - 0.25 / 3.0).abs() < 1e-12,
            "{same} {apart}"
        );
        assert_eq!(agreement("drawn", &[]), []);
    }

    /// The order of pictures does not matter, and all agree at most as often as any two.
    #[test]
    fn agreement_is_between_0_and_1_whatever_is_read() {
        let mut stream = crate::rng::stream(0, "agreement");
        let mut random = || {
            let drawn: Vec<f64> = (0..4).map(|_| stream.uniform()).collect();
            let sum: f64 = drawn.iter().sum();
            let [a, b, another, none] = [0, 1, 2, 3].map(|i| drawn[i] / sum);
            reading([a, b], another, none)
        };
        let pictures: Vec<Readings> = (0..40)
            .map(|_| Readings((0..EVALUATORS).map(|_| random()).collect()))
            .collect();
        let lent: Vec<&Readings> = pictures.iter().collect();
        let reversed: Vec<&Readings> = pictures.iter().rev().collect();
        let rows = agreement("clipped", &lent);
        for (row, other) in rows.iter().zip(agreement("clipped", &reversed)) {
            assert_eq!(row.same_answer, other.same_answer);
            assert!((row.probability_distance - other.probability_distance).abs() < 1e-12);
            assert!((0.0..=1.0).contains(&row.same_answer));
            assert!((0.0..=1.0).contains(&row.probability_distance));
        }
        let (all, pairs) = rows.split_last().unwrap();
        let lowest = pairs.iter().map(|row| row.same_answer).fold(1.0, f64::min);
        assert!(all.same_answer <= lowest);
    }
}
