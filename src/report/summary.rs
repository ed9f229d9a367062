//! What all replicates of an experiment say together: means with intervals, and
//! how much better one method is than another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::load::{Reading, Results};
use crate::metrics::statistics::{Estimate, difference, mean_interval};

/// One number of an experiment, in every replicate.
pub struct Series<'a> {
    /// The first reading of it; its seed, class and value are one of many.
    pub about: &'a Reading,
    /// Seeds, classes (none for a column of the accuracy log) and values, in
    /// the order of the replicates.
    pub readings: Vec<(u64, Option<u8>, Option<f64>)>,
}

/// Everything that was measured, in the order of the tables.
#[must_use]
pub fn series(results: &Results) -> Vec<Series<'_>> {
    let mut places = HashMap::new();
    let mut all: Vec<Series<'_>> = Vec::new();
    for replicate in &results.replicates {
        for reading in &replicate.values {
            let name = (&reading.inversion, &reading.setting, &reading.metric);
            let place = *places.entry(name).or_insert_with(|| {
                all.push(Series {
                    about: reading,
                    readings: Vec::new(),
                });
                all.len() - 1
            });
            let value = reading.value.filter(|value| value.is_finite());
            let one = (replicate.seed, reading.class, value);
            all[place].readings.push(one);
        }
    }
    all
}

/// The values of each seed, by class.
type ByClass = BTreeMap<Option<u8>, BTreeMap<u64, f64>>;

impl Series<'_> {
    /// The values there are.
    pub fn values(&self) -> impl Iterator<Item = (u64, Option<u8>, f64)> {
        let readings = self.readings.iter();
        readings.filter_map(|&(seed, class, value)| Some((seed, class, value?)))
    }

    /// The mean over the replicates, classes averaged within each first: over
    /// those classes that every replicate has a value of, which come with it.
    /// None without any.
    #[must_use]
    pub fn estimate(&self, replicates: usize) -> Option<(Estimate, Vec<u8>)> {
        let mut by_class = ByClass::new();
        for (seed, class, value) in self.values() {
            by_class.entry(class).or_default().insert(seed, value);
        }
        by_class.retain(|_, seeds| seeds.len() == replicates);
        let mut sums: BTreeMap<u64, f64> = BTreeMap::new();
        for (seed, value) in by_class.values().flatten() {
            *sums.entry(*seed).or_default() += value;
        }
        let classes = by_class.len() as f64;
        let means: Vec<f64> = sums.into_values().map(|sum| sum / classes).collect();
        let estimate = mean_interval(&means).ok()?;
        Some((estimate, by_class.into_keys().flatten().collect()))
    }
}

/// A row of `summary.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryRow {
    /// The experiment.
    pub experiment: String,
    /// Empty for a column of the accuracy log.
    pub inversion: String,
    /// The keys of the inversion that are swept.
    pub parameter: String,
    /// Their values.
    pub setting: String,
    /// The metric, or the column of the accuracy log.
    pub metric: String,
    /// What it counts.
    pub unit: String,
    /// The classes that went into the mean, with spaces between: those that
    /// every replicate has a value of.
    pub classes: String,
    /// Replicates.
    pub n: usize,
    /// Over the replicates, classes averaged within each first.
    pub mean: Option<f64>,
    /// Lower end of its 95 % interval by Student's t; none for one replicate.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// The means of everything.
#[must_use]
pub fn summary(results: &Results) -> Vec<SummaryRow> {
    let replicates = results.replicates.len();
    let row = |series: &Series<'_>| {
        let (estimate, classes) = series.estimate(replicates).unzip();
        let classes = classes.unwrap_or_default();
        let classes: Vec<String> = classes.iter().map(u8::to_string).collect();
        let Reading {
            inversion,
            parameter,
            setting,
            metric,
            unit,
            ..
        } = series.about.clone();
        SummaryRow {
            experiment: results.name.clone(),
            inversion,
            parameter,
            setting,
            metric,
            unit,
            classes: classes.join(" "),
            n: replicates,
            mean: estimate.map(|estimate| estimate.mean),
            low: estimate.and_then(|estimate| estimate.low),
            high: estimate.and_then(|estimate| estimate.high),
        }
    };
    series(results).iter().map(row).collect()
}

/// A row of `differences.csv`: how far one method is above another, in pairs of
/// the same seed and class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DifferenceRow {
    /// The experiment.
    pub experiment: String,
    /// The inversion compared with.
    pub a: String,
    /// The inversion compared.
    pub b: String,
    /// What was measured.
    pub metric: String,
    /// What it counts.
    pub unit: String,
    /// Pairs: seeds times classes.
    pub n: usize,
    /// How many seeds they are of: of one, they are the classes of one training.
    pub seeds: usize,
    /// Of b minus a.
    pub difference: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Of the paired t test, two-sided.
    pub p: Option<f64>,
}

/// Every two inversions without a sweep, metric by metric.
#[must_use]
pub fn method_differences(results: &Results) -> Vec<DifferenceRow> {
    let all = series(results);
    let unswept = |series: &&Series<'_>| {
        !series.about.inversion.is_empty() && series.about.setting.is_empty()
    };
    let all: Vec<&Series<'_>> = all.iter().filter(unswept).collect();
    let mut names: Vec<&str> = all
        .iter()
        .map(|series| series.about.inversion.as_str())
        .collect();
    names.dedup();
    let mut rows = Vec::new();
    for (index, a) in names.iter().enumerate() {
        for b in &names[index + 1..] {
            for one in all.iter().filter(|series| series.about.inversion == *a) {
                let mut of_b = all.iter().filter(|series| series.about.inversion == *b);
                let same = of_b.find(|other| other.about.metric == one.about.metric);
                rows.extend(same.map(|other| row(results, one, other)));
            }
        }
    }
    rows
}

fn row(results: &Results, a: &Series<'_>, b: &Series<'_>) -> DifferenceRow {
    let paired = pairs(a, b);
    let of = |pick: fn(&Paired) -> f64| -> Vec<(u64, f64)> {
        (0..).zip(paired.iter().map(pick)).collect()
    };
    let found = difference(&of(|pair| pair.a), &of(|pair| pair.b)).ok();
    DifferenceRow {
        experiment: results.name.clone(),
        a: a.about.inversion.clone(),
        b: b.about.inversion.clone(),
        metric: a.about.metric.clone(),
        unit: a.about.unit.clone(),
        n: paired.len(),
        seeds: count_seeds(&paired),
        difference: found.map(|found| found.mean),
        low: found.and_then(|found| found.low),
        high: found.and_then(|found| found.high),
        p: found.and_then(|found| found.p),
    }
}

/// Two values with the same seed and class.
pub struct Paired {
    /// Of the replicate.
    pub seed: u64,
    /// Of the first series.
    pub a: f64,
    /// Of the second.
    pub b: f64,
}

/// The values of two series with the same seed and class.
#[must_use]
pub fn pairs(a: &Series<'_>, b: &Series<'_>) -> Vec<Paired> {
    let others = b
        .values()
        .map(|(seed, class, value)| ((seed, class), value));
    let others: HashMap<(u64, Option<u8>), f64> = others.collect();
    let pair = |(seed, class, a): (u64, Option<u8>, f64)| {
        let b = *others.get(&(seed, class))?;
        Some(Paired { seed, a, b })
    };
    a.values().filter_map(pair).collect()
}

/// How many different seeds pairs are of.
#[must_use]
pub fn count_seeds(pairs: &[Paired]) -> usize {
    let seeds: BTreeSet<u64> = pairs.iter().map(|pair| pair.seed).collect();
    seeds.len()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{in_memory, reading};
    use super::*;

    /// Two seeds with two classes each: means (2, 4), so 3 +- t s / sqrt 2 with
    /// t(0.975, 1) = 12.7062 and s = sqrt 2.
    #[test]
    fn classes_are_averaged_within_a_seed_first() {
        let values = |seed: u64| {
            let x = seed as f64 * 2.0;
            vec![reading("e", "m", 0, 1.0 + x), reading("e", "m", 1, 3.0 + x)]
        };
        let results = in_memory(&[(0, values(0)), (1, values(1))]);
        let rows = summary(&results);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].n, rows[0].mean), (2, Some(3.0)));
        assert!(
            (rows[0].high.unwrap() - 3.0 - 12.7062).abs() < 1e-4,
            "{rows:?}"
        );
    }

    #[test]
    fn a_class_that_a_replicate_lacks_is_left_out_of_all() {
        let whole = vec![reading("e", "m", 0, 1.0), reading("e", "m", 1, 9.0)];
        let results = in_memory(&[(0, whole), (1, vec![reading("e", "m", 0, 3.0)])]);
        let rows = summary(&results);
        assert_eq!((rows[0].mean, rows[0].classes.as_str()), (Some(2.0), "0"));
    }

    /// Differences 1, 2, 3: mean 2, s = 1, t = 2 sqrt 3, two degrees of freedom.
    #[test]
    fn methods_are_compared_in_pairs_of_seed_and_class() {
        let mut values = Vec::new();
        for (class, (a, b)) in [(5.0, 6.0), (1.0, 3.0), (2.0, 5.0)].into_iter().enumerate() {
            values.push(reading("a", "m", class as u8, a));
            values.push(reading("b", "m", class as u8, b));
        }
        values.sort_by(|a, b| a.inversion.cmp(&b.inversion));
        let rows = method_differences(&in_memory(&[(0, values)]));
        assert_eq!((rows.len(), rows[0].n), (1, 3));
        assert_eq!((rows[0].a.as_str(), rows[0].difference), ("a", Some(2.0)));
        // p = 1 - 2 / sqrt(2 + t^2) * t / 2 ... for 2 degrees: 1 - t / sqrt(t^2 + 2).
        let t = 2.0 * 3f64.sqrt();
        let p = 1.0 - t / (t * t + 2.0).sqrt();
        assert!((rows[0].p.unwrap() - p).abs() < 1e-9, "{rows:?}");
    }
}
