//! Summaries of all replicates of an experiment: means with intervals, and differences
//! between methods.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::load::{Measurement, Results};
use super::per_replicate::{Classes, Numbers, OfReplicate, difference, estimate, numbers};
use crate::config::NumberScale;
use crate::data::Label;
use crate::metrics::statistics::TrainingNumber;

/// One metric of one setting of an experiment, in every replicate.
pub struct MetricSeries<'a> {
    /// First measurement; its class and value are one of many.
    pub about: &'a Measurement,
    /// Measurements with their seeds, in the order of the replicates.
    pub measurements: Vec<(u64, &'a Measurement)>,
}

/// Groups all measurements by metric and setting, in the order of the tables.
pub fn series(results: &Results) -> Vec<MetricSeries<'_>> {
    let mut places = HashMap::new();
    let mut all: Vec<MetricSeries<'_>> = Vec::new();
    for replicate in &results.replicates {
        for measurement in &replicate.values {
            let name = (
                &measurement.inversion,
                &measurement.setting,
                &measurement.metric,
            );
            let place = *places.entry(name).or_insert_with(|| {
                all.push(MetricSeries {
                    about: measurement,
                    measurements: Vec::new(),
                });
                all.len() - 1
            });
            all[place].measurements.push((replicate.seed, measurement));
        }
    }
    all
}

impl MetricSeries<'_> {
    /// Returns the values of every replicate of the experiment, also of one without any.
    pub fn of_replicates(&self, results: &Results) -> Vec<OfReplicate> {
        let seeds = results.seeds().map(|seed| (seed, BTreeMap::new()));
        let mut by_seed: BTreeMap<u64, BTreeMap<_, _>> = seeds.collect();
        for (seed, measurement) in &self.measurements {
            let values = by_seed.entry(*seed).or_default();
            let value = measurement.evaluated();
            values.extend(value.map(|value| (measurement.class, value)));
        }
        let all = by_seed.into_iter();
        all.map(|(seed, values)| OfReplicate { seed, values })
            .collect()
    }

    /// Scale of the numbers; none for an index, which has no mean.
    pub fn scale(&self) -> Option<NumberScale> {
        NumberScale::of(&self.about.metric)
    }
}

/// Row of `summary.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryRow {
    /// The experiment.
    pub experiment: String,
    /// Empty for a column of the accuracy log.
    pub inversion: String,
    /// Swept keys of the inversion.
    pub parameter: String,
    /// Values of the swept keys.
    pub setting: String,
    /// The metric, or the column of the accuracy log.
    pub metric: String,
    /// Unit of the metric.
    pub unit: String,
    /// Averaged classes, separated by spaces: those with a value in every replicate.
    pub classes: String,
    /// Number of replicates.
    pub n: usize,
    /// Mean over the replicates, classes averaged within each first; none for an index, or
    /// if a value is missing or not finite.
    pub mean: Option<f64>,
    /// Lower end of its 95 % interval by Student's t; none for fewer than 3 replicates.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Numbers of the trainings, for figures; empty without a mean.
    #[serde(skip)]
    pub trainings: Vec<TrainingNumber>,
}

/// Largest number of trainings whose single values figures show.
const MAX_DOTS: usize = 20;

impl SummaryRow {
    /// Values of single trainings, unless there are too many to be told apart in a figure.
    pub fn dots(&self) -> Vec<f64> {
        if self.trainings.len() > MAX_DOTS || self.trainings.len() < 2 {
            return Vec::new();
        }
        self.trainings.iter().map(|one| one.value).collect()
    }
}

/// Returns the mean of every metric and setting.
pub fn summary(results: &Results) -> Vec<SummaryRow> {
    let row = |series: &MetricSeries<'_>| {
        let found = numbers([&series.of_replicates(results)], &Classes::Mean).ok();
        let scale = series.scale();
        let mean = found.as_ref().zip(scale).and_then(|(found, scale)| {
            let [numbers] = &found.sides;
            estimate(numbers, scale).ok()
        });
        // A missing mean has no classes.
        let found = mean.and(found);
        let classes = found.as_ref().map(labels);
        let trainings = found.map(|found| {
            let [numbers] = found.sides;
            numbers
        });
        let Measurement {
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
            classes: classes.unwrap_or_default(),
            n: results.replicates.len(),
            mean: mean.map(|estimate| estimate.mean),
            low: mean.and_then(|estimate| estimate.low),
            high: mean.and_then(|estimate| estimate.high),
            trainings: trainings.unwrap_or_default(),
        }
    };
    series(results).iter().map(row).collect()
}

fn labels(of: &Numbers<1>) -> String {
    let labels = of.classes.iter().flatten().map(Label::to_string);
    labels.collect::<Vec<_>>().join(" ")
}

/// Formats seeds for tables, separated by spaces.
pub(super) fn seeds(numbers: &[TrainingNumber]) -> String {
    let seeds = numbers.iter().map(|one| one.seed.to_string());
    seeds.collect::<Vec<_>>().join(" ")
}

/// Row of `differences.csv`: mean difference between two methods, in pairs of the same
/// seed. Classes are averaged within each replicate first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DifferenceRow {
    /// The experiment.
    pub experiment: String,
    /// Inversion compared with.
    pub a: String,
    /// Compared inversion.
    pub b: String,
    /// Name of the metric.
    pub metric: String,
    /// Unit of the metric.
    pub unit: String,
    /// Number of pairs: replicates with numbers of both.
    pub n: usize,
    /// Seeds of the pairs, separated by spaces.
    pub seeds: String,
    /// Mean of b minus a.
    pub difference: Option<f64>,
    /// Lower end of its 95 % interval; none for fewer than 3 pairs.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Two-sided p of the paired t test.
    pub p: Option<f64>,
}

/// Compares every two inversions without a sweep, metric by metric.
pub fn method_differences(results: &Results) -> Vec<DifferenceRow> {
    let unswept = |series: &&MetricSeries<'_>| {
        !series.about.inversion.is_empty() && series.about.setting.is_empty()
    };
    let all: Vec<MethodMetric<'_>> = series(results)
        .iter()
        .filter(unswept)
        .map(|series| MethodMetric::of(series, results))
        .collect();
    let mut names: Vec<&str> = all.iter().map(|one| one.about.inversion.as_str()).collect();
    names.dedup();
    let mut rows = Vec::new();
    for (index, a) in names.iter().enumerate() {
        for b in &names[index + 1..] {
            for one in all.iter().filter(|one| one.about.inversion == *a) {
                let mut of_b = all.iter().filter(|other| other.about.inversion == *b);
                let same = of_b.find(|other| other.about.metric == one.about.metric);
                rows.extend(same.map(|other| row(results, one, other)));
            }
        }
    }
    rows
}

/// One metric of an inversion without a sweep.
struct MethodMetric<'a> {
    about: &'a Measurement,
    scale: Option<NumberScale>,
    replicates: Vec<OfReplicate>,
}

impl<'a> MethodMetric<'a> {
    fn of(series: &MetricSeries<'a>, results: &Results) -> Self {
        Self {
            about: series.about,
            scale: series.scale(),
            replicates: series.of_replicates(results),
        }
    }
}

fn row(results: &Results, a: &MethodMetric<'_>, b: &MethodMetric<'_>) -> DifferenceRow {
    let numbers = numbers([&a.replicates, &b.replicates], &Classes::Mean);
    let [of_a, of_b] = numbers.map(|numbers| numbers.sides).unwrap_or_default();
    let found = a
        .scale
        .and_then(|scale| difference(&of_a, &of_b, scale).ok());
    DifferenceRow {
        experiment: results.name.clone(),
        a: a.about.inversion.clone(),
        b: b.about.inversion.clone(),
        metric: a.about.metric.clone(),
        unit: a.about.unit.clone(),
        n: of_a.len(),
        seeds: seeds(&of_a),
        difference: found.map(|found| found.mean),
        low: found.and_then(|found| found.low),
        high: found.and_then(|found| found.high),
        p: found.and_then(|found| found.p),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{in_memory, measurement};
    use super::*;

    /// Three seeds with two classes each: means (2, 4, 6), so 4 +- t s / sqrt 3 with
    /// t(0.975, 2) = 4.30265 and s = 2.
    #[test]
    fn classes_are_averaged_within_a_seed_first() {
        let values = |seed: u64| {
            let x = seed as f64 * 2.0;
            vec![
                measurement("e", "m", 0, 1.0 + x),
                measurement("e", "m", 1, 3.0 + x),
            ]
        };
        let results = in_memory(&[(0, values(0)), (1, values(1)), (2, values(2))]);
        let rows = summary(&results);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].n, rows[0].mean), (3, Some(4.0)));
        assert!(
            (rows[0].high.unwrap() - 4.0 - 4.968_27).abs() < 1e-4,
            "{rows:?}"
        );
        let two = summary(&in_memory(&[(0, values(0)), (1, values(1))]));
        assert_eq!((two[0].n, two[0].mean, two[0].low), (2, Some(3.0), None));
    }

    #[test]
    fn a_class_that_a_replicate_lacks_is_left_out_of_all() {
        let whole = vec![measurement("e", "m", 0, 1.0), measurement("e", "m", 1, 9.0)];
        let results = in_memory(&[(0, whole), (1, vec![measurement("e", "m", 0, 3.0)])]);
        let rows = summary(&results);
        assert_eq!((rows[0].mean, rows[0].classes.as_str()), (Some(2.0), "0"));
    }

    #[test]
    fn an_index_and_what_is_not_finite_have_no_mean() {
        let network = |seed: u64, index: f64| {
            let index = Measurement::of_network("heaviest_input", Some(index), "pixels");
            (
                seed,
                vec![
                    index,
                    measurement("e", "m", 0, 1.0),
                    measurement("e", "m", 1, 1.0 / seed as f64),
                ],
            )
        };
        let rows = summary(&in_memory(&[
            network(0, 9.0),
            network(1, 9.0),
            network(2, 3.0),
        ]));
        for row in rows {
            assert_eq!((row.n, row.mean, row.low, row.high), (3, None, None, None));
            assert_eq!(row.classes, "", "{row:?}");
        }
    }

    /// Of 0.9, 1 and 1 Student's interval reaches to 1.11. On the logit's scale it is
    /// 3.3673 +- 4.3027 * 0.0333 / (0.9667 * 0.0333).
    #[test]
    fn intervals_end_where_the_metric_does() {
        let values = |value: f64| {
            let other = measurement("f", "target_probability", 0, 0.0);
            vec![measurement("e", "target_probability", 0, value), other]
        };
        let results = in_memory(&[(0, values(0.9)), (1, values(1.0)), (2, values(1.0))]);
        let rows = summary(&results);
        assert!((rows[0].high.unwrap() - 0.999_597).abs() < 1e-5, "{rows:?}");
        assert!((rows[0].low.unwrap() - 0.252_807).abs() < 1e-4, "{rows:?}");
        let apart = method_differences(&results);
        assert!((-1.0..-0.99).contains(&apart[0].low.unwrap()), "{apart:?}");
    }

    /// Classes averaged first, the differences are 1, 2 and 3: mean 2, s = 1, so t is
    /// 2 sqrt 3 with two degrees of freedom, of which p is 1 - t / sqrt(t^2 + 2).
    #[test]
    fn methods_are_compared_in_pairs_of_replicates() {
        let replicate = |seed: u64| {
            let by = seed as f64 + 1.0;
            let of_a = [5.0, 1.0, 2.0].map(|value| value * by);
            let mut values = Vec::new();
            for (class, (a, apart)) in (0..).zip(of_a.into_iter().zip([-9.0, 9.0, 0.0])) {
                values.push(measurement("a", "m", class, a));
                values.push(measurement("b", "m", class, a + by + apart));
            }
            values.sort_by(|a, b| a.inversion.cmp(&b.inversion));
            (seed, values)
        };
        let rows = method_differences(&in_memory(&[replicate(0), replicate(1), replicate(2)]));
        assert_eq!(
            (rows.len(), rows[0].n, rows[0].seeds.as_str()),
            (1, 3, "0 1 2")
        );
        assert_eq!(rows[0].a, "a");
        assert!((rows[0].difference.unwrap() - 2.0).abs() < 1e-12);
        let t = 2.0 * 3f64.sqrt();
        let p = 1.0 - t / (t * t + 2.0).sqrt();
        assert!((rows[0].p.unwrap() - p).abs() < 1e-9, "{rows:?}");
        // The classes of one network, or of two, say nothing of others.
        for few in [&[replicate(0)][..], &[replicate(0), replicate(1)]] {
            let rows = method_differences(&in_memory(few));
            assert_eq!(rows[0].n, few.len());
            assert!(rows[0].difference.is_some());
            assert_eq!((rows[0].low, rows[0].high, rows[0].p), (None, None, None));
        }
    }
}
