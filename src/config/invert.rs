//! `[[invert]]`: the methods that look for inputs.

mod filter;
mod likeliest;
mod method;

use serde::{Serialize, Serializer};

use super::names::{one_of_names, suggestion};
use super::reader::{NAME, Reader, name};
use super::set::put;
use super::sweep::{SweepAxis, combinations};
use super::target::{self, Target};
use super::tree::Node;
use crate::invert::{Filter, Method, PriorOf, Score, default_lit};

/// One entry of `[[invert]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Inversion {
    /// What figures and tables call it; unique in a spec.
    pub name: String,
    /// The keys of it that `[sweep]` gives several values; mostly none.
    pub sweep: Vec<String>,
    /// One, or one for each combination of values of the sweep.
    pub settings: Vec<Setting>,
}

/// An inversion with all its numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// The values of the swept keys, as tables show them; empty without a sweep.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What the outputs should be, if not what `[target]` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// How it is done.
    #[serde(flatten)]
    pub method: Method,
    /// What is kept of the inverse of each layer, or of the images in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

impl Inversion {
    /// The value of each setting, if it is swept over one key of numbers.
    #[must_use]
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let number = |setting: &Setting| setting.value.parse().ok();
        let is_one = self.sweep.len() == 1;
        let numbers = is_one.then(|| self.settings.iter().map(number).collect());
        numbers.flatten()
    }

    /// Lights as many pixels of images of this many as are lit by default, where the spec
    /// does not tell.
    pub(super) fn light_for(&mut self, of: usize) {
        for setting in &mut self.settings {
            if let Method::Empirical { pixels, .. } = &mut setting.method {
                pixels.get_or_insert(default_lit(of));
            }
        }
    }

    /// What its settings have to know of the training data beforehand, each once.
    #[must_use]
    pub fn priors(&self) -> Vec<PriorOf> {
        let mut priors: Vec<PriorOf> = Vec::new();
        for prior in self.settings.iter().filter_map(|s| s.method.prior()) {
            if !priors.contains(&prior) {
                priors.push(prior);
            }
        }
        priors
    }

    /// The keys that are swept, as tables show them.
    #[must_use]
    pub fn parameter(&self) -> String {
        self.sweep.join(", ")
    }
}

/// As it was written: without a sweep nothing tells of settings.
impl Serialize for Inversion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Shape<'a> {
            One {
                name: &'a str,
                #[serde(flatten)]
                setting: &'a Setting,
            },
            Swept {
                name: &'a str,
                sweep: &'a [String],
                settings: &'a [Setting],
            },
        }
        let (name, sweep) = (self.name.as_str(), &self.sweep[..]);
        let shape = match &self.settings[..] {
            [setting] if sweep.is_empty() => Shape::One { name, setting },
            settings => Shape::Swept {
                name,
                sweep,
                settings,
            },
        };
        shape.serialize(serializer)
    }
}

pub fn read(root: &Reader<'_>, axes: &[SweepAxis]) -> Vec<Inversion> {
    let mut inversions: Vec<Inversion> = Vec::new();
    for (path, node) in root.items("invert") {
        let own = |axis: &&SweepAxis| axis.inversion() == node.name();
        let axes: Vec<&SweepAxis> = axes.iter().filter(own).collect();
        let mut inversion = Inversion {
            // Empty if it is none; no figure then is faulted for it.
            name: node.get("name").and_then(name).unwrap_or_default(),
            sweep: axes.iter().map(|axis| axis.key()).collect(),
            settings: Vec::new(),
        };
        for (index, combination) in combinations(&axes).iter().enumerate() {
            let varied = vary(root, node, combination);
            let Some(table) = root.child(&varied, &path) else {
                continue;
            };
            if index == 0 {
                check_name(&table, &inversions);
            }
            let values = combination.iter().map(|(_, value)| value.value.label());
            inversion.settings.push(Setting {
                value: values.collect::<Vec<_>>().join(", "),
                ..read_setting(table)
            });
        }
        // An entry with a fault keeps its name, so that figures that draw it
        // are not faulted too.
        inversions.push(inversion);
    }
    check_axes(root, axes, &inversions);
    inversions
}

/// The table with one combination of the values of its sweep.
fn vary(root: &Reader<'_>, table: &Node, combination: &[(&SweepAxis, &Node)]) -> Node {
    let mut varied = table.clone();
    for (axis, value) in combination {
        let keys: Vec<&str> = axis.own_keys().iter().map(String::as_str).collect();
        if let Err(message) = put(&mut varied, &keys, (*value).clone()) {
            root.fault_at(axis.place, &message);
        }
    }
    varied
}

fn check_name(table: &Reader<'_>, before: &[Inversion]) {
    let name = table.require("name", NAME, name);
    if let Some(name) = &name
        && before.iter().any(|other| other.name == *name)
    {
        table.fault("name", &format!("is {name:?} a second time"));
    }
}

fn check_axes(root: &Reader<'_>, axes: &[SweepAxis], inversions: &[Inversion]) {
    let names = || inversions.iter().map(|inversion| inversion.name.as_str());
    for axis in axes {
        let Some(name) = axis.inversion() else {
            continue;
        };
        if names().all(|known| known != name) {
            let message = format!(
                "`sweep.invert.{name}` names no inversion of this spec, which are {}{}",
                one_of_names(names()),
                suggestion(name, names())
            );
            root.fault_at(axis.place, &message);
        }
    }
}

fn read_setting(table: Reader<'_>) -> Setting {
    table.known("name");
    let target = table.table("target").and_then(target::read);
    let method = method::read(&table);
    let filter = table.table("filter").and_then(filter::read);
    check_filter(&table, method, filter);
    // Which keys there may be is the method's to say.
    if method.is_some() {
        table.finish();
    }
    Setting {
        value: String::new(),
        target,
        method: method.unwrap_or(Method::Empirical {
            score: Score::L1,
            pixels: Some(1),
        }),
        filter,
    }
}

/// Only one method has inverses of matrices.
fn check_filter(table: &Reader<'_>, method: Option<Method>, filter: Option<Filter>) {
    let Some(method) = method else {
        return;
    };
    if !method.has_matrices() && filter.is_some_and(Filter::is_of_matrices) {
        table.fault(
            "filter",
            "is for the inverse of a layer's matrix, and this method has none: \
             filter the images in the end, with `on = \"result\"` or `kind = \"top_pixels\"`",
        );
    }
}

#[cfg(test)]
mod tests;
