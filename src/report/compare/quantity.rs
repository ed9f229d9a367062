//! Numbers that two experiments have, and the selection of those to compare.

use std::collections::HashSet;

use super::{NotCompared, NotComparedReason};
use crate::config::choices;
use crate::escape;
use crate::report::load::{Measurement, ReplicateNumbers, Results};
use crate::report::per_replicate::OfReplicate;

/// Names of the numbers to compare. Empty lists select all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Metrics and columns of the accuracy log.
    pub metrics: Vec<String>,
    /// Inversions, with all their settings. Numbers of the network belong to none.
    pub inversions: Vec<String>,
}

/// Name of a selection that selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`--{kind} {}`: {which} has this {kind}; expected {}",
    escape::line(name),
    choices(name, known.iter().map(String::as_str))
)]
pub struct NotMeasured {
    /// Kind of the name: `metric` or `inversion`.
    pub kind: &'static str,
    /// Name as typed.
    pub name: String,
    /// Subject of the message: what was searched for the name.
    pub which: &'static str,
    /// Names that there are.
    pub known: Vec<String>,
}

impl Selection {
    /// Returns the numbers that are selected.
    ///
    /// # Errors
    /// If a name selects none of them.
    pub(super) fn of<'a>(
        &self,
        mut all: Vec<Quantity<'a>>,
    ) -> Result<Vec<Quantity<'a>>, NotMeasured> {
        let inversions = all.iter().map(|quantity| quantity.inversion);
        let inversions = inversions.filter(|name| !name.is_empty());
        check(
            "inversion",
            &self.inversions,
            inversions,
            "neither experiment",
        )?;
        all.retain(|quantity| is_among(quantity.inversion, &self.inversions));
        let which = if self.inversions.is_empty() {
            "neither experiment"
        } else {
            "no selected inversion"
        };
        let metrics = all.iter().map(|quantity| quantity.metric);
        check("metric", &self.metrics, metrics, which)?;
        all.retain(|quantity| is_among(quantity.metric, &self.metrics));
        Ok(all)
    }
}

fn is_among(name: &str, selected: &[String]) -> bool {
    selected.is_empty() || selected.iter().any(|one| one == name)
}

/// Checks that every selected name is known.
fn check<'a>(
    kind: &'static str,
    selected: &[String],
    known: impl Iterator<Item = &'a str>,
    which: &'static str,
) -> Result<(), NotMeasured> {
    let mut seen = HashSet::new();
    let known: Vec<&str> = known.filter(|name| seen.insert(*name)).collect();
    match selected.iter().find(|name| !seen.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(NotMeasured {
            kind,
            name: name.clone(),
            which,
            known: known.into_iter().map(str::to_owned).collect(),
        }),
    }
}

/// Metric of a setting of an inversion, or column of the accuracy log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Quantity<'a> {
    pub inversion: &'a str,
    parameter: &'a str,
    setting: &'a str,
    pub metric: &'a str,
    pub unit: &'a str,
}

impl<'a> Quantity<'a> {
    fn of(measurement: &'a Measurement) -> Self {
        Self {
            inversion: &measurement.inversion,
            parameter: &measurement.parameter,
            setting: &measurement.setting,
            metric: &measurement.metric,
            unit: &measurement.unit,
        }
    }

    /// Inversion and setting for tables.
    pub fn inversion(&self) -> String {
        match self.setting {
            "" => self.inversion.to_owned(),
            setting => format!("{} {}={setting}", self.inversion, self.parameter),
        }
    }

    /// Values of the quantity in every replicate.
    pub fn of_replicates(&self, results: &Results) -> Vec<OfReplicate> {
        let one = |replicate: &ReplicateNumbers| {
            let measurements = replicate.values.iter();
            let of_it = measurements.filter(|measurement| Quantity::of(measurement) == *self);
            OfReplicate {
                seed: replicate.seed,
                values: of_it
                    .filter_map(|r| Some((r.class, r.evaluated()?)))
                    .collect(),
            }
        };
        results.replicates.iter().map(one).collect()
    }

    pub fn left_out(&self, reason: NotComparedReason) -> NotCompared {
        NotCompared {
            inversion: self.inversion(),
            metric: self.metric.to_owned(),
            unit: self.unit.to_owned(),
            reason,
        }
    }
}

/// Lists all quantities with a value in any replicate, in the order of the files.
pub(super) fn quantities<'a>(a: &'a Results, b: &'a Results) -> Vec<Quantity<'a>> {
    let replicates = a.replicates.iter().chain(&b.replicates);
    let measurements = replicates.flat_map(|replicate| &replicate.values);
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    for measurement in measurements.filter(|measurement| measurement.value.is_some()) {
        let quantity = Quantity::of(measurement);
        if known.insert(quantity) {
            found.push(quantity);
        }
    }
    // Columns of the accuracy log of B come after the inversions of A so far.
    found.sort_by_key(|quantity| !quantity.inversion.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::super::compare_selected;
    use super::*;
    use crate::report::fixture::{in_memory, measurement};

    fn selected(metrics: &[&str], inversions: &[&str]) -> Result<Vec<(String, String)>, String> {
        let swept = Measurement {
            parameter: "pixels".to_owned(),
            setting: "5".to_owned(),
            ..measurement("swept", "l1", 0, 1.0)
        };
        let values = vec![
            Measurement::of_network("test_accuracy", Some(0.5), "share"),
            measurement("plain", "l1", 0, 1.0),
            measurement("plain", "roughness", 0, 1.0),
            swept,
        ];
        let a = in_memory(&[(0, values.clone())]);
        let b = in_memory(&[(0, values[..2].to_vec())]);
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let selection = Selection {
            metrics: owned(metrics),
            inversions: owned(inversions),
        };
        let comparison = compare_selected(&a, &b, &selection).map_err(|error| error.to_string())?;
        let rows = comparison
            .rows
            .into_iter()
            .map(|row| (row.inversion, row.metric));
        let left_out = comparison.left_out.into_iter();
        Ok(rows
            .chain(left_out.map(|left| (left.inversion, left.metric)))
            .collect())
    }

    fn owned(names: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(one, other): &(&str, &str)| ((*one).to_owned(), (*other).to_owned());
        names.iter().map(owned).collect()
    }

    #[test]
    fn rows_and_left_out_numbers_are_selected_by_name() {
        let swept = ("swept pixels=5", "l1");
        let all = [
            ("", "test_accuracy"),
            ("plain", "l1"),
            ("plain", "roughness"),
            swept,
        ];
        assert_eq!(selected(&[], &[]), Ok(owned(&all)));
        assert_eq!(selected(&["l1"], &[]), Ok(owned(&[("plain", "l1"), swept])));
        assert_eq!(selected(&[], &["swept"]), Ok(owned(&[swept])));
        assert_eq!(
            selected(&["roughness", "l1"], &["plain"]),
            Ok(owned(&[("plain", "l1"), ("plain", "roughness")]))
        );
    }

    #[test]
    fn unknown_names_are_refused_with_those_that_there_are() {
        for (metrics, inversions, message) in [
            (
                &["l1", "roughnes"][..],
                &[][..],
                "`--metric roughnes`: neither experiment has this metric; expected \
                 `test_accuracy`, `l1` or `roughness`; did you mean `roughness`?",
            ),
            (
                &[],
                &["network"],
                "`--inversion network`: neither experiment has this inversion; expected `plain` \
                 or `swept`",
            ),
            (
                &["test_accuracy"],
                &["swept"],
                "`--metric test_accuracy`: no selected inversion has this metric; expected `l1`",
            ),
            (
                &[""],
                &["plain"],
                "`--metric `: no selected inversion has this metric; expected `l1` or `roughness`",
            ),
        ] {
            assert_eq!(selected(metrics, inversions), Err(message.to_owned()));
        }
    }
}
