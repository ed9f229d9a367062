//! How far a swept number can go while a metric holds.

use std::collections::BTreeMap;

use serde::Serialize;

use super::load::Results;
use super::summary::series;
use crate::config::{Limit, SweepEnd};

/// A row of `limits.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitRow {
    /// The experiment.
    pub experiment: String,
    /// The seed.
    pub replicate: u64,
    /// The inversion whose settings are walked.
    pub inversion: String,
    /// The label of the class.
    pub class: Option<u8>,
    /// What has to hold.
    pub holds: String,
    /// The swept key.
    pub parameter: String,
    /// The last setting of the walk at which it holds; none if not at the first.
    pub limit: Option<f64>,
    /// The metric there.
    pub value: Option<f64>,
    /// The setting at which it does not hold; none if it always does.
    pub fails_at: Option<f64>,
    /// The metric there.
    pub value_there: Option<f64>,
}

/// The limit of every class and replicate.
#[must_use]
pub fn limit_rows(results: &Results, limits: &[Limit]) -> Vec<LimitRow> {
    limits
        .iter()
        .flat_map(|limit| rows(results, limit))
        .collect()
}

/// A seed and a class.
type Of = (u64, Option<u8>);

/// Settings with the metric there, where it is defined.
type Walk = Vec<(f64, Option<f64>)>;

fn rows(results: &Results, limit: &Limit) -> Vec<LimitRow> {
    let all = series(results);
    let metric = limit.metric.name();
    let walked = all.iter().filter(|series| {
        series.about.inversion == limit.inversion && series.about.metric == metric
    });
    // A setting without a value is one at which the metric does not hold.
    let mut settings: Vec<f64> = Vec::new();
    let mut walks: BTreeMap<Of, Walk> = BTreeMap::new();
    let mut parameter = String::new();
    for series in walked {
        let Ok(setting) = series.about.setting.parse::<f64>() else {
            continue;
        };
        parameter.clone_from(&series.about.parameter);
        settings.push(setting);
        for &(seed, class, value) in &series.readings {
            let value = value.filter(|value| value.is_finite());
            walks
                .entry((seed, class))
                .or_default()
                .push((setting, value));
        }
    }
    settings.sort_by(f64::total_cmp);
    if limit.seek == SweepEnd::Lowest {
        settings.reverse();
    }
    let row = |((replicate, class), values): (&Of, &Walk)| {
        let at = |setting: f64| values.iter().find(|(s, _)| *s == setting)?.1;
        let fails = settings.iter().position(|&s| !limit.bound.holds(at(s)));
        let last = fails.unwrap_or(settings.len()).checked_sub(1);
        let last = last.map(|place| settings[place]);
        let next = fails.map(|place| settings[place]);
        LimitRow {
            experiment: results.name.clone(),
            replicate: *replicate,
            inversion: limit.inversion.clone(),
            class: *class,
            holds: format!("{metric} {}", limit.bound.text()),
            parameter: parameter.clone(),
            limit: last,
            value: last.and_then(at),
            fails_at: next,
            value_there: next.and_then(at),
        }
    };
    walks.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{in_memory, reading};
    use super::super::load::Reading;
    use super::*;
    use crate::config::{Bound, Metric};

    fn swept(setting: &str, value: f64) -> Reading {
        Reading {
            parameter: "p".to_owned(),
            setting: setting.to_owned(),
            ..reading("f", "output_error", 3, value)
        }
    }

    /// 50 and 10 hold, 5 does not, 1 would again: the walk ends at 10.
    #[test]
    fn the_walk_ends_where_the_metric_first_fails() {
        let values = vec![
            swept("1", 0.0),
            swept("5", 0.1),
            swept("50", 0.0),
            swept("10", 0.004),
        ];
        let results = in_memory(&[(7, values)]);
        let mut limit = Limit {
            inversion: "f".to_owned(),
            metric: Metric::OutputError,
            bound: Bound::AtMost(0.005),
            seek: SweepEnd::Lowest,
        };
        let rows = limit_rows(&results, std::slice::from_ref(&limit));
        assert_eq!(
            (rows.len(), rows[0].replicate, rows[0].class),
            (1, 7, Some(3))
        );
        assert_eq!((rows[0].limit, rows[0].value), (Some(10.0), Some(0.004)));
        assert_eq!(
            (rows[0].fails_at, rows[0].value_there),
            (Some(5.0), Some(0.1))
        );
        limit.seek = SweepEnd::Highest;
        let rows = limit_rows(&results, std::slice::from_ref(&limit));
        assert_eq!((rows[0].limit, rows[0].fails_at), (Some(1.0), Some(5.0)));
        let undefined = Reading {
            value: None,
            ..swept("1", 0.0)
        };
        let missing = limit_rows(
            &in_memory(&[(7, vec![undefined])]),
            std::slice::from_ref(&limit),
        );
        assert_eq!((missing[0].limit, missing[0].fails_at), (None, Some(1.0)));
        limit.bound = Bound::AtMost(1.0);
        let rows = limit_rows(&results, std::slice::from_ref(&limit));
        assert_eq!((rows[0].limit, rows[0].fails_at), (Some(50.0), None));
        limit.bound = Bound::AtMost(-1.0);
        let rows = limit_rows(&results, &[limit]);
        assert_eq!((rows[0].limit, rows[0].fails_at), (None, Some(1.0)));
    }
}
