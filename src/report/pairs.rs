//! Settings that differ in one thing, and what that changes.

use serde::Serialize;

use super::load::Results;
use super::summary::{count_seeds, pairs, series};
use crate::metrics::statistics::{Difference, difference, mean_interval};
use crate::spec::{Compare, Metric, Pair};

/// A row of `pairs.csv`: one metric of one pair of settings, over pairs of the
/// same seed and class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairRow {
    /// In what the two differ.
    pub says: String,
    /// What a is.
    pub a: String,
    /// What b is.
    pub b: String,
    /// What was measured.
    pub metric: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// Pairs: seeds times classes.
    pub n: usize,
    /// How many seeds they are of: of one, they are the classes of one training.
    pub seeds: usize,
    /// Mean of a.
    pub a_mean: Option<f64>,
    /// Mean of b.
    pub b_mean: Option<f64>,
    /// Of b minus a.
    pub difference: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Of the paired t test, two-sided.
    pub p: Option<f64>,
}

/// A row for each pair and metric; `members` are the results of the experiments
/// that the pairs count.
#[must_use]
pub fn pair_rows(compare: &Compare, members: &[Results]) -> Vec<PairRow> {
    let of_pair = |pair| {
        let metrics = compare.metrics.iter();
        metrics.map(move |&metric| row(pair, metric, members))
    };
    compare.pairs.iter().flat_map(of_pair).collect()
}

fn row(pair: &Pair, metric: Metric, members: &[Results]) -> PairRow {
    let [a, b] = [&pair.a, &pair.b].map(|end| {
        let all = members.get(end.experiment).map(series).unwrap_or_default();
        all.into_iter().find(|series| {
            let about = series.about;
            about.inversion == end.inversion && about.metric == metric.name()
        })
    });
    let paired = a.zip(b).map(|(a, b)| pairs(&a, &b)).unwrap_or_default();
    let seeds = count_seeds(&paired);
    let (a, b): (Vec<f64>, Vec<f64>) = paired.iter().map(|pair| (pair.a, pair.b)).unzip();
    let numbered =
        |values: &[f64]| -> Vec<(u64, f64)> { (0..).zip(values.iter().copied()).collect() };
    let found: Option<Difference> = difference(&numbered(&a), &numbered(&b)).ok();
    let mean = |values: &[f64]| mean_interval(values).ok().map(|estimate| estimate.mean);
    PairRow {
        says: pair.says.clone(),
        a: pair.a.is.clone(),
        b: pair.b.is.clone(),
        metric: metric.name(),
        unit: metric.unit(),
        n: a.len(),
        seeds,
        a_mean: mean(&a),
        b_mean: mean(&b),
        difference: found.map(|found| found.mean),
        low: found.and_then(|found| found.low),
        high: found.and_then(|found| found.high),
        p: found.and_then(|found| found.p),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{in_memory, reading};
    use super::*;
    use crate::spec::PairEnd;

    #[test]
    fn only_the_same_seeds_and_classes_make_pairs() {
        let metric = Metric::L2Distance;
        let values = |inversion: &str, values: &[(u8, f64)]| {
            let one = |&(class, value): &(u8, f64)| reading(inversion, metric.name(), class, value);
            values.iter().map(one).collect::<Vec<_>>()
        };
        let a = in_memory(&[
            (0, values("e", &[(0, 1.0), (1, 2.0)])),
            (1, values("e", &[(0, 9.0)])),
        ]);
        let b = in_memory(&[(0, values("f", &[(1, 5.0), (0, 2.0), (2, 7.0)]))]);
        let end = |experiment, inversion: &str| PairEnd {
            experiment,
            inversion: inversion.to_owned(),
            is: String::new(),
        };
        let compare = Compare {
            metrics: vec![metric],
            pairs: vec![Pair {
                says: "which".to_owned(),
                a: end(0, "e"),
                b: end(1, "f"),
            }],
        };
        let rows = pair_rows(&compare, &[a, b]);
        assert_eq!((rows.len(), rows[0].n, rows[0].seeds), (1, 2, 1));
        assert_eq!((rows[0].a_mean, rows[0].b_mean), (Some(1.5), Some(3.5)));
        assert_eq!(rows[0].difference, Some(2.0));
    }
}
