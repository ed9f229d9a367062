//! Limits: the last swept setting at which a metric satisfies a bound.

use std::collections::BTreeMap;

use serde::Serialize;

use super::load::Results;
use super::summary::series;
use crate::config::{Limit, SweepEnd};
use crate::data::Label;

/// Row of `limits.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitRow {
    /// The experiment.
    pub experiment: String,
    /// The seed.
    pub replicate: u64,
    /// Swept inversion.
    pub inversion: String,
    /// The label of the class.
    pub class: Option<Label>,
    /// Metric with its bound.
    pub holds: String,
    /// The swept key.
    pub parameter: String,
    /// Last setting at which it holds; none if it fails at the first.
    pub limit: Option<f64>,
    /// Metric at the limit.
    pub value: Option<f64>,
    /// First setting at which it fails; none if it always holds.
    pub fails_at: Option<f64>,
    /// Metric at that setting.
    pub value_there: Option<f64>,
}

/// Returns the limit of every class and replicate.
pub fn limit_rows(results: &Results, limits: &[Limit]) -> Vec<LimitRow> {
    limits
        .iter()
        .flat_map(|limit| rows(results, limit))
        .collect()
}

/// Seed and class.
type SeedAndClass = (u64, Option<Label>);

/// Values of a metric along a sweep.
struct SettingWalk {
    /// Swept key.
    parameter: String,
    /// Settings in the order of the walk.
    settings: Vec<f64>,
    /// Settings with finite values of the metric; none if it is undefined.
    values: BTreeMap<SeedAndClass, Vec<(f64, Option<f64>)>>,
}

impl SettingWalk {
    fn new(results: &Results, limit: &Limit) -> Self {
        let mut walk = Self {
            parameter: String::new(),
            settings: Vec::new(),
            values: BTreeMap::new(),
        };
        let all = series(results);
        let of_limit = all.iter().filter(|series| {
            series.about.inversion == limit.inversion && series.about.metric == limit.metric.name()
        });
        for series in of_limit {
            let Ok(setting) = series.about.setting.parse::<f64>() else {
                continue;
            };
            walk.parameter.clone_from(&series.about.parameter);
            walk.settings.push(setting);
            for (seed, measurement) in &series.measurements {
                let value = measurement.value.filter(|value| value.is_finite());
                let values = walk.values.entry((*seed, measurement.class)).or_default();
                values.push((setting, value));
            }
        }
        walk.settings.sort_by(f64::total_cmp);
        if limit.seek == SweepEnd::Lowest {
            walk.settings.reverse();
        }
        walk
    }
}

fn rows(results: &Results, limit: &Limit) -> Vec<LimitRow> {
    let SettingWalk {
        parameter,
        settings,
        values,
    } = SettingWalk::new(results, limit);
    let row = |((replicate, class), values): (&SeedAndClass, &Vec<(f64, Option<f64>)>)| {
        // The metric does not hold at a setting without a value.
        let at = |setting: f64| values.iter().find(|(s, _)| *s == setting)?.1;
        let fails = settings.iter().position(|&s| !limit.bound.holds(at(s)));
        let last = fails
            .unwrap_or(settings.len())
            .checked_sub(1)
            .map(|place| settings[place]);
        let next = fails.map(|place| settings[place]);
        LimitRow {
            experiment: results.name.clone(),
            replicate: *replicate,
            inversion: limit.inversion.clone(),
            class: *class,
            holds: format!("{} {}", limit.metric.name(), limit.bound.text()),
            parameter: parameter.clone(),
            limit: last,
            value: last.and_then(at),
            fails_at: next,
            value_there: next.and_then(at),
        }
    };
    values.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{in_memory, measurement};
    use super::super::load::Measurement;
    use super::*;
    use crate::config::{Bound, Metric};

    fn swept(setting: &str, value: f64) -> Measurement {
        Measurement {
            parameter: "p".to_owned(),
            setting: setting.to_owned(),
            ..measurement("f", "output_error", 3, value)
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
            (1, 7, Some(Label::Number(3)))
        );
        assert_eq!((rows[0].limit, rows[0].value), (Some(10.0), Some(0.004)));
        assert_eq!(
            (rows[0].fails_at, rows[0].value_there),
            (Some(5.0), Some(0.1))
        );
        limit.seek = SweepEnd::Highest;
        let rows = limit_rows(&results, std::slice::from_ref(&limit));
        assert_eq!((rows[0].limit, rows[0].fails_at), (Some(1.0), Some(5.0)));
        let undefined = Measurement {
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
