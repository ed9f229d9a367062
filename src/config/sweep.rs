//! `[sweep]`: keys that take several values, in every combination.
//!
//! Keys of `invert.NAME` make several settings of that one inversion; all other
//! keys make several experiments. Inversions do not depend on each other, so
//! that the values of one are not multiplied with those of another.

mod range;

use std::collections::{BTreeMap, BTreeSet};

use range::EXAMPLE;

use super::fault::Faults;
use super::names::names_in_row;
use super::tree::{Node, Place, Value};

/// A key with the values it takes, one after the other.
#[derive(Debug, Clone)]
pub struct SweepAxis {
    /// The dotted key, in its parts.
    pub keys: Vec<String>,
    /// At least one.
    pub values: Vec<Node>,
    /// Place of the values.
    pub place: Place,
}

impl SweepAxis {
    /// The dotted key; that of an inversion without the inversion.
    pub fn key(&self) -> String {
        self.own_keys().join(".")
    }

    /// The name of the inversion whose key it is.
    pub fn inversion(&self) -> Option<&str> {
        match &self.keys[..] {
            [first, name, _, ..] if first == INVERT => Some(name),
            _ => None,
        }
    }

    /// True if no two values are the same.
    fn is_distinct(&self) -> bool {
        let labels = self.values.iter().map(|value| value.value.label());
        labels.collect::<BTreeSet<_>>().len() == self.values.len()
    }

    /// The parts of the key within what it belongs to.
    pub fn own_keys(&self) -> &[String] {
        let skipped = if self.inversion().is_some() { 2 } else { 0 };
        &self.keys[skipped..]
    }
}

/// Section of inversions.
pub const INVERT: &str = "invert";

/// Sections that can be swept: all that decide numbers. Seeds make replicates.
pub const SECTIONS: [&str; 6] = ["base", "data", "model", "train", "target", INVERT];

/// The number of values of a key, and of experiments of a sweep.
const MAX_VALUES: usize = 10_000;

/// The number of settings of one inversion.
const MAX_SETTINGS: usize = 1000;

/// The number of settings of all inversions together: each has images of all classes.
const MAX_ALL_SETTINGS: usize = 5000;

/// Takes `[sweep]` out of a spec: its axes in the order of the keys.
pub fn take(spec: &mut Node, faults: &Faults) -> Vec<SweepAxis> {
    let mut axes = Vec::new();
    if let Some(node) = spec.take("sweep") {
        collect(&node, &mut Vec::new(), &mut axes, faults);
        axes.retain(|axis| check(axis, faults));
        if !check_sizes(&axes, faults) {
            axes.clear();
        }
    }
    axes
}

/// Experiments multiply each other, and so do the settings of one inversion. False if
/// there are too many.
fn check_sizes(axes: &[SweepAxis], faults: &Faults) -> bool {
    let mut sizes: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for axis in axes {
        let size = sizes.entry(axis.inversion()).or_insert(1);
        *size = size.saturating_mul(axis.values.len());
    }
    let last = |of: Option<&str>| axes.iter().rfind(|axis| axis.inversion() == of);
    let mut fits = true;
    let mut fault = |of: Option<&str>, message: String| {
        fits = false;
        if let Some(axis) = last(of) {
            faults.add(axis.place, message);
        }
    };
    for (&inversion, &size) in &sizes {
        let (whose, most) = match inversion {
            None => ("`sweep` makes".to_owned(), MAX_VALUES),
            Some(name) => (format!("`sweep.invert.{name}` makes"), MAX_SETTINGS),
        };
        if size > most {
            fault(
                inversion,
                format!("{whose} {size} combinations; at most {most} are allowed"),
            );
        }
    }
    let settings = sizes.iter().filter(|(inversion, _)| inversion.is_some());
    let settings = settings.fold(0usize, |sum, (_, size)| sum.saturating_add(*size));
    if settings > MAX_ALL_SETTINGS {
        let message = format!(
            "`sweep.invert` makes {settings} settings; at most {MAX_ALL_SETTINGS} are allowed"
        );
        fault(axes.iter().rev().find_map(SweepAxis::inversion), message);
    }
    fits
}

/// Dotted keys may be written as such, quoted or as tables in tables.
fn collect(node: &Node, keys: &mut Vec<String>, axes: &mut Vec<SweepAxis>, faults: &Faults) {
    let key = [&["sweep".to_owned()], &keys[..]].concat().join(".");
    let values = match &node.value {
        Value::Array(items) if !items.is_empty() && !keys.is_empty() => Ok(items.clone()),
        Value::Table(_) if range::is_range(node) && !keys.is_empty() => range::values(node, &key),
        Value::Table(entries) if keys.is_empty() || !entries.is_empty() => {
            for entry in entries {
                let depth = keys.len();
                keys.extend(entry.key.split('.').map(|key| key.trim().to_owned()));
                collect(&entry.node, keys, axes, faults);
                keys.truncate(depth);
            }
            return;
        }
        other => {
            let message = format!(
                "`{key}` must be a list of values, at least one, or {EXAMPLE}, got {}",
                other.show()
            );
            Err((node.place, message))
        }
    };
    match values {
        Ok(values) => axes.push(SweepAxis {
            keys: keys.clone(),
            values,
            place: node.place,
        }),
        Err((place, message)) => faults.add(place, message),
    }
}

fn check(axis: &SweepAxis, faults: &Faults) -> bool {
    let (key, first) = (axis.keys.join("."), axis.keys[0].as_str());
    if axis.keys.len() == 1 && !SECTIONS.contains(&first) && first != "seeds" {
        faults.unknown_key(axis.place, "sweep", first, &SECTIONS);
        return false;
    }
    let message = if !SECTIONS.contains(&first) {
        let sections = names_in_row(SECTIONS);
        format!("`sweep.{key}` cannot be swept, only keys of {sections}; replicates are `seeds`")
    } else if first == INVERT && (axis.inversion().is_none() || axis.key() == "name") {
        format!("`sweep.{key}` must be `sweep.invert.NAME.KEY`, and that key not `name`")
    } else if axis.inversion().is_some() && !axis.is_distinct() {
        // Equal experiments are reported with their names.
        format!("`sweep.{key}` has a value twice")
    } else if axis.values.len() > MAX_VALUES {
        format!("`sweep.{key}` has more than {MAX_VALUES} values")
    } else {
        return true;
    };
    faults.add(axis.place, message);
    false
}

/// Every combination of one value of each axis, the last axis varying fastest;
/// the one empty combination of no axes.
pub fn combinations<'a>(axes: &[&'a SweepAxis]) -> Vec<Vec<(&'a SweepAxis, &'a Node)>> {
    let mut all = vec![Vec::new()];
    for axis in axes {
        let longer = |so_far: Vec<(&'a SweepAxis, &'a Node)>| {
            axis.values.iter().map(move |value| {
                let mut combination = so_far.clone();
                combination.push((*axis, value));
                combination
            })
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    fn axes(text: &str) -> (Vec<(String, Vec<String>)>, bool) {
        let faults = Faults::default();
        let axes = take(&mut parse(text, 0).unwrap(), &faults);
        let values = |axis: &SweepAxis| axis.values.iter().map(|v| v.value.label()).collect();
        let shown = axes.iter().map(|axis| (axis.keys.join("."), values(axis)));
        (shown.collect(), faults.is_empty())
    }

    #[test]
    fn keys_are_dotted_quoted_or_nested() {
        let forms = [
            "[sweep]\ntrain.epochs = [1, 2]",
            "[sweep]\n\"train.epochs\" = [1, 2]",
            "[sweep.train]\nepochs = [1, 2]",
        ];
        for form in forms {
            let expected = vec![("train.epochs".to_owned(), vec!["1".into(), "2".into()])];
            assert_eq!(axes(form), (expected, true), "{form}");
        }
    }

    #[test]
    fn a_range_has_both_ends_and_round_numbers() {
        let (axes, fine) = axes("sweep.train.l2 = { from = 0.0, to = 0.5, step = 0.1 }");
        assert_eq!(axes[0].1, ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert!(fine);
        let text = "sweep.train.epochs = { from = 50, to = 200, step = 50 }";
        let values = take(&mut parse(text, 0).unwrap(), &Faults::default())
            .remove(0)
            .values;
        let counts: Option<Vec<u64>> = values.iter().map(Node::count).collect();
        assert_eq!(
            counts,
            Some(vec![50, 100, 150, 200]),
            "whole numbers stay whole"
        );
    }

    #[test]
    fn what_cannot_be_swept_is_a_fault() {
        for wrong in [
            "sweep.seeds = [1]",
            "sweep.train.epochs = 3",
            "sweep.train.epochs = []",
            "sweep.invert = [1]",
            "sweep.invert.e = [1]",
            "sweep = [1]",
            "sweep.train.epochs = {}",
            "sweep.invert.e.pixels = [1, 1]",
            "sweep.invert.e.name = [\"a\", \"b\"]",
            "sweep.train.l2 = { from = 1.0, to = 0.0, step = 0.1 }",
        ] {
            assert_eq!(axes(wrong), (vec![], false), "{wrong}");
        }
    }

    #[test]
    fn a_sweep_of_more_than_anybody_looks_at_is_a_fault() {
        let long = "{ from = 1, to = 9999, step = 1 }";
        let text = format!("sweep.train.epochs = {long}\nsweep.train.batch_size = {long}");
        assert!(!axes(&text).1);
        let settings = |count| {
            let values = format!("{{ from = 1, to = {count}, step = 1 }}");
            let key = |name| format!("sweep.invert.{name}.pixels = {values}\n");
            key("a") + &key("b") + &key("c") + &key("d") + &key("e") + &key("f")
        };
        assert!(
            axes(&settings(833)).1,
            "inversions do not multiply each other"
        );
        assert!(!axes(&settings(834)).1, "5004 settings");
        assert!(!axes("sweep.invert.a.pixels = { from = 1, to = 1001, step = 1 }").1);
    }

    #[test]
    fn every_combination_comes_once() {
        let node = |n| Node::new(Value::Integer(n), Place::Set(0));
        let axis = |values: &[i64]| SweepAxis {
            keys: vec!["train".to_owned()],
            values: values.iter().map(|&n| node(n)).collect(),
            place: Place::Set(0),
        };
        let (a, b) = (axis(&[1, 2]), axis(&[3, 4, 5]));
        let label = |c: Vec<(&SweepAxis, &Node)>| c.iter().map(|(_, v)| v.value.label()).collect();
        let all: Vec<String> = combinations(&[&a, &b]).into_iter().map(label).collect();
        assert_eq!(all, ["13", "14", "15", "23", "24", "25"]);
        assert_eq!(combinations(&[]).len(), 1);
    }
}
