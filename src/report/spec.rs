//! Differences between two specs.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};

/// Parts of a spec that change no number. Seeds distinguish replicates, not experiments.
const IGNORED: [&str; 7] = [
    "title", "source", "seeds", METRICS, "figure", "limit", "verify",
];

/// Section that lists the metrics.
const METRICS: &str = "metrics";

/// A key with its value in two specs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpecDifference {
    /// Dotted key, as for `--set`: `train.epochs`, `invert.empirical.pixels`.
    pub key: String,
    /// Value in the first spec; none without the key.
    pub a: Option<Value>,
    /// Value in the second spec.
    pub b: Option<Value>,
}

/// Returns the keys whose values differ, section by section, those only in b last. Ignores
/// keys that change no number.
pub fn spec_differences(a: &Map<String, Value>, b: &Map<String, Value>) -> Vec<SpecDifference> {
    differences_in(a, b, |section| !IGNORED.contains(&section))
}

/// Returns the differences without the keys of inversions that only one spec has, except
/// their method.
pub(super) fn of_shared_inversions(all: &[SpecDifference]) -> Vec<&SpecDifference> {
    let is_single = |difference: &&SpecDifference| {
        let is_one_sided = difference.a.is_none() || difference.b.is_none();
        is_one_sided && of_inversion(difference).is_some_and(|(_, key)| key == METHOD)
    };
    let single = all.iter().filter(is_single).filter_map(of_inversion);
    let single: HashSet<&str> = single.map(|(name, _)| name).collect();
    let is_shared = |difference: &&SpecDifference| {
        of_inversion(difference).is_none_or(|(name, key)| key == METHOD || !single.contains(name))
    };
    all.iter().filter(is_shared).collect()
}

/// Key that every inversion has.
const METHOD: &str = "method";

/// Name of the inversion that a key belongs to, and the rest of the key.
fn of_inversion(difference: &SpecDifference) -> Option<(&str, &str)> {
    difference.key.strip_prefix("invert.")?.split_once('.')
}

/// Returns the differences that change numbers or the set of metrics. Replicates without
/// any form one sample.
pub fn sample_differences(a: &Map<String, Value>, b: &Map<String, Value>) -> Vec<SpecDifference> {
    differences_in(a, b, |section| {
        section == METRICS || !IGNORED.contains(&section)
    })
}

/// Returns the differences that change a replicate: all but seeds and tolerances.
pub fn run_differences(a: &Map<String, Value>, b: &Map<String, Value>) -> Vec<SpecDifference> {
    differences_in(a, b, |section| !["seeds", "verify"].contains(&section))
}

/// Returns the differences in sections that count.
fn differences_in(
    a: &Map<String, Value>,
    b: &Map<String, Value>,
    counts: impl Fn(&str) -> bool,
) -> Vec<SpecDifference> {
    let mut found = differences(a, b);
    found.retain(|difference| counts(section(&difference.key)));
    found
}

/// Returns the keys whose values differ in two trees, section by section.
pub fn differences(a: &Map<String, Value>, b: &Map<String, Value>) -> Vec<SpecDifference> {
    let sections: Vec<&String> = a.keys().chain(b.keys()).collect();
    let (a, b) = (flat(a), flat(b));
    let only_b = b.keys().filter(|key| !a.contains_key(*key));
    let difference = |key: &String| SpecDifference {
        key: key.clone(),
        a: a.get(key).cloned(),
        b: b.get(key).cloned(),
    };
    let all = a.keys().chain(only_b).map(difference);
    let mut differences: Vec<_> = all.filter(|found| found.a != found.b).collect();
    differences.sort_by_key(|found| {
        sections
            .iter()
            .position(|name| *name == section(&found.key))
    });
    differences
}

/// Formats a value as JSON; `none` without one.
pub fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".to_owned(), Value::to_string)
}

/// Part of a dotted key before the first dot.
fn section(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

/// Lists dotted keys with their values, without tables and missing options.
pub fn flat(tree: &Map<String, Value>) -> Map<String, Value> {
    let mut leaves = Map::new();
    for (key, value) in tree {
        add(&mut leaves, key.clone(), value);
    }
    leaves
}

fn add(leaves: &mut Map<String, Value>, key: String, value: &Value) {
    match value {
        // An option that was not set, like a key that is not there.
        Value::Null => {}
        Value::Object(table) if !table.is_empty() => {
            for (name, value) in table {
                add(leaves, format!("{key}.{name}"), value);
            }
        }
        Value::Array(items) if !items.is_empty() && items.iter().all(|i| name(i).is_some()) => {
            for item in items {
                add_named(leaves, &key, item);
            }
        }
        other => {
            leaves.insert(key, other.clone());
        }
    }
}

/// Adds an entry of an array of tables under its name instead of its number.
fn add_named(leaves: &mut Map<String, Value>, key: &str, item: &Value) {
    let (Some(name), Some(table)) = (name(item), item.as_object()) else {
        return;
    };
    for (field, value) in table.iter().filter(|(field, _)| *field != "name") {
        add(leaves, format!("{key}.{name}.{field}"), value);
    }
}

fn name(item: &Value) -> Option<&str> {
    item.get("name")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn differences(a: &Value, b: &Value) -> Vec<(String, Option<Value>, Option<Value>)> {
        let found = spec_differences(a.as_object().unwrap(), b.as_object().unwrap());
        found.into_iter().map(|d| (d.key, d.a, d.b)).collect()
    }

    #[test]
    fn values_are_compared_by_dotted_key() {
        let a = json!({"model": {"hidden": [], "output": "softmax"}, "train": {"epochs": 3}});
        let b = json!({"model": {"hidden": [100], "output": "softmax"}, "train": {"l2": 0.5}});
        let expected = [
            (
                "model.hidden".to_owned(),
                Some(json!([])),
                Some(json!([100])),
            ),
            ("train.epochs".to_owned(), Some(json!(3)), None),
            ("train.l2".to_owned(), None, Some(json!(0.5))),
        ];
        assert_eq!(differences(&a, &b), expected);
        assert_eq!(differences(&a, &a), []);
    }

    #[test]
    fn keys_of_a_section_stand_together() {
        let a = json!({"model": {"output": 1}, "train": {"epochs": 3}});
        let b = json!({"model": {"slope": 2}, "train": {"epochs": 4}, "extra": 1});
        let keys: Vec<_> = differences(&a, &b).into_iter().map(|d| d.0).collect();
        assert_eq!(
            keys,
            ["model.output", "model.slope", "train.epochs", "extra"]
        );
    }

    #[test]
    fn inversions_are_known_by_name_whatever_their_order() {
        let a = json!({"invert": [{"name": "x", "pixels": 1}, {"name": "y", "pixels": 2}]});
        let b = json!({"invert": [{"name": "y", "pixels": 3}, {"name": "x", "pixels": 1}]});
        let expected = [("invert.y.pixels".to_owned(), Some(json!(2)), Some(json!(3)))];
        assert_eq!(differences(&a, &b), expected);
    }

    #[test]
    fn an_inversion_of_one_spec_is_one_difference() {
        let filter = json!({"kind": "low"});
        let a = json!({"model": {"hidden": []}, "invert": [
            {"name": "x", "method": "layered", "filter": filter},
            {"name": "y", "method": "empirical", "pixels": 2},
        ]});
        let b = json!({"model": {"hidden": [3]}, "invert": [
            {"name": "x", "method": "layered"},
            {"name": "z", "method": "layered", "bias": "ignore"},
        ]});
        let all = spec_differences(a.as_object().unwrap(), b.as_object().unwrap());
        assert_eq!(all.len(), 6);
        let shown = of_shared_inversions(&all).into_iter().map(|d| &*d.key);
        let expected = [
            "model.hidden",
            "invert.x.filter.kind",
            "invert.y.method",
            "invert.z.method",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_option_that_is_null_is_like_none() {
        let a = json!({"invert": [{"name": "x", "bias": 1, "filter": null}]});
        let b = json!({"invert": [{"name": "x", "bias": 1, "filter": {"kind": "low"}}]});
        let expected = [("invert.x.filter.kind".to_owned(), None, Some(json!("low")))];
        assert_eq!(differences(&a, &b), expected);
    }

    #[test]
    fn what_changes_no_number_is_passed_over() {
        let a = json!({"title": "a", "source": "x", "seeds": [0], "figure": [{"name": "f"}]});
        let b = json!({"title": "b", "source": null, "seeds": [1], "figure": []});
        assert_eq!(differences(&a, &b), []);
        let a = json!({"data": {"source": "mnist"}});
        let b = json!({"data": {"source": "strokes"}});
        assert_eq!(differences(&a, &b)[0].0, "data.source");
    }
}
