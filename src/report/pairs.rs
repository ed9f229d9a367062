//! Settings that differ in one thing, and what that changes.

use std::collections::BTreeSet;

use serde::Serialize;

use super::load::Results;
use super::per_replicate::{Classes, OfReplicate, difference, estimate, numbers};
use super::summary::{seeds, series};
use crate::config::{Compare, InversionPair, Metric, NumberScale, PairEnd};
use crate::metrics::statistics::TrainingNumber;

/// Row of `pairs.csv`: one metric of one pair of settings, over pairs of the same seed.
/// Classes are averaged within each replicate first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairRow {
    /// Difference between the two.
    pub says: String,
    /// Name of a.
    pub a: String,
    /// Name of b.
    pub b: String,
    /// Name of the metric.
    pub metric: &'static str,
    /// Unit of the metric.
    pub unit: &'static str,
    /// Number of pairs: seeds with numbers of both.
    pub n: usize,
    /// Seeds of the pairs, separated by spaces.
    pub seeds: String,
    /// Mean of a.
    pub a_mean: Option<f64>,
    /// Mean of b.
    pub b_mean: Option<f64>,
    /// Mean of b minus a.
    pub difference: Option<f64>,
    /// Lower end of its 95 % interval; none for fewer than 3 pairs.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Two-sided p of the paired t test.
    pub p: Option<f64>,
}

/// Returns one row per pair and metric; pairs count experiments by their position in
/// `members`.
pub fn pair_rows(compare: &Compare, members: &[Results]) -> Vec<PairRow> {
    let of_pair = |pair| {
        let metrics = compare.metrics.iter();
        metrics.map(move |&metric| row(pair, metric, members))
    };
    compare.pairs.iter().flat_map(of_pair).collect()
}

fn row(pair: &InversionPair, metric: Metric, members: &[Results]) -> PairRow {
    let [mut a, mut b] = [&pair.a, &pair.b].map(|end| of_replicates(end, metric, members));
    let shared: BTreeSet<u64> = &of_seeds(&a) & &of_seeds(&b);
    a.retain(|one| shared.contains(&one.seed));
    b.retain(|one| shared.contains(&one.seed));
    let numbers = numbers([&a, &b], &Classes::Mean);
    let [a, b] = numbers.map(|numbers| numbers.sides).unwrap_or_default();
    let scale = NumberScale::of(metric.name());
    let found = scale.and_then(|scale| difference(&a, &b, scale).ok());
    let mean = |of: &[TrainingNumber]| Some(estimate(of, scale?).ok()?.mean);
    PairRow {
        says: pair.says.clone(),
        a: pair.a.is.clone(),
        b: pair.b.is.clone(),
        metric: metric.name(),
        unit: metric.unit(),
        n: a.len(),
        seeds: seeds(&a),
        a_mean: mean(&a),
        b_mean: mean(&b),
        difference: found.map(|found| found.mean),
        low: found.and_then(|found| found.low),
        high: found.and_then(|found| found.high),
        p: found.and_then(|found| found.p),
    }
}

fn of_replicates(end: &PairEnd, metric: Metric, members: &[Results]) -> Vec<OfReplicate> {
    let Some(results) = members.get(end.experiment) else {
        return Vec::new();
    };
    let all = series(results);
    let own = all.iter().find(|series| {
        let about = series.about;
        about.inversion == end.inversion && about.metric == metric.name()
    });
    own.map(|series| series.of_replicates(results))
        .unwrap_or_default()
}

fn of_seeds(replicates: &[OfReplicate]) -> BTreeSet<u64> {
    replicates.iter().map(|one| one.seed).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{in_memory, measurement};
    use super::*;

    #[test]
    fn only_the_same_seeds_make_pairs_of_the_classes_of_both() {
        let metric = Metric::L2Distance;
        let values = |inversion: &str, values: &[(u8, f64)]| {
            let one =
                |&(class, value): &(u8, f64)| measurement(inversion, metric.name(), class, value);
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
            pairs: vec![InversionPair {
                says: "which".to_owned(),
                a: end(0, "e"),
                b: end(1, "f"),
            }],
        };
        let rows = pair_rows(&compare, &[a, b]);
        assert_eq!((rows.len(), rows[0].n, rows[0].seeds.as_str()), (1, 1, "0"));
        assert_eq!((rows[0].a_mean, rows[0].b_mean), (Some(1.5), Some(3.5)));
        assert_eq!(rows[0].difference, Some(2.0));
        assert_eq!((rows[0].low, rows[0].p), (None, None));
    }
}
