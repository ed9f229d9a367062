//! `[[invert]]`: methods that find inputs.

mod filter;
mod method;
mod prior;

use serde::{Serialize, Serializer};

use super::form::name;
use super::names::choices;
use super::reader::Reader;
use super::schema::Schema;
use super::set::put;
use super::sweep::{SweepAxis, combinations};
use super::target;
use super::tree::{Node, is_name};
use crate::invert::{Filter, Method, PriorOf, Score, default_lit};
use crate::model::Target;
pub use method::methods;

/// One entry of `[[invert]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Inversion {
    /// Name in figures and tables; unique in a spec.
    pub name: String,
    /// Keys to which `[sweep]` gives several values; mostly none.
    pub sweep: Vec<String>,
    /// One setting, or one per combination of the values of the sweep.
    pub settings: Vec<Setting>,
}

/// Inversion with one value of each key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// Values of the swept keys, as tables show them; empty without a sweep.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Target in place of `[target]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Method with its numbers.
    #[serde(flatten)]
    pub method: Method,
    /// Filter of the inverse of each layer, or of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

impl Inversion {
    /// Value of each setting, if the inversion is swept over one key of numbers.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let number = |setting: &Setting| setting.value.parse().ok();
        let is_one = self.sweep.len() == 1;
        let numbers = is_one.then(|| self.settings.iter().map(number).collect());
        numbers.flatten()
    }

    /// Sets the number of lit pixels of images of this size, unless the spec sets it.
    pub(super) fn light_for(&mut self, of: usize) {
        for setting in &mut self.settings {
            if let Method::Empirical { pixels, .. } = &mut setting.method {
                pixels.get_or_insert(default_lit(of));
            }
        }
    }

    /// Priors that the settings need of the training data, each once.
    pub fn priors(&self) -> Vec<PriorOf> {
        let mut priors: Vec<PriorOf> = Vec::new();
        for prior in self.settings.iter().filter_map(|s| s.method.prior()) {
            if !priors.contains(&prior) {
                priors.push(prior);
            }
        }
        priors
    }

    /// Swept keys, as tables show them.
    pub fn parameter(&self) -> String {
        self.sweep.join(", ")
    }
}

/// Entry as in the spec: without a sweep, the one setting beside the name.
impl Serialize for Inversion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum InversionEntry<'a> {
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
        let written = match &self.settings[..] {
            [setting] if sweep.is_empty() => InversionEntry::One { name, setting },
            settings => InversionEntry::Swept {
                name,
                sweep,
                settings,
            },
        };
        written.serialize(serializer)
    }
}

/// Reads `[[invert]]`. An entry with a fault keeps its name, so that figures that draw it
/// are not reported too.
pub fn read(root: &Reader<'_>, axes: &[SweepAxis]) -> Vec<Inversion> {
    root.declare(
        "invert",
        Schema::Tables,
        "Method that finds an input for each class",
    );
    let mut inversions: Vec<Inversion> = Vec::new();
    for (path, node) in root.items("invert") {
        let own = |axis: &&SweepAxis| axis.inversion() == node.name();
        let axes: Vec<&SweepAxis> = axes.iter().filter(own).collect();
        let mut inversion = Inversion {
            // Empty if it is not a name.
            name: node
                .name()
                .filter(|text| is_name(text))
                .unwrap_or_default()
                .to_owned(),
            sweep: axes.iter().map(|axis| axis.key()).collect(),
            settings: Vec::new(),
        };
        for combination in combinations(&axes) {
            let varied = vary(root, node, &combination);
            let Some(table) = root.child(&varied, &path) else {
                continue;
            };
            let name = table
                .key("name", name(), "Name in figures and tables")
                .required();
            if name.is_some_and(|name| inversions.iter().any(|other| other.name == name)) {
                let message = format!("is {:?} a second time", inversion.name);
                table.fault("name", &message);
            }
            let values = combination.iter().map(|(_, value)| value.value.label());
            inversion.settings.push(Setting {
                value: values.collect::<Vec<_>>().join(", "),
                ..read_setting(table)
            });
        }
        inversions.push(inversion);
    }
    check_axes(root, axes, &inversions);
    inversions
}

/// Table of an inversion with one combination of the values of its sweep.
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

fn check_axes(root: &Reader<'_>, axes: &[SweepAxis], inversions: &[Inversion]) {
    let names = || inversions.iter().map(|inversion| inversion.name.as_str());
    for axis in axes {
        let Some(name) = axis.inversion() else {
            continue;
        };
        if names().all(|known| known != name) {
            let all = choices(name, names());
            let message =
                format!("`sweep.invert.{name}` names no inversion of this spec, which are {all}");
            root.fault_at(axis.place, &message);
        }
    }
}

fn read_setting(table: Reader<'_>) -> Setting {
    let target = table.section(
        "target",
        "Outputs to ask for, in place of `[target]` [default: \
         `[target]`]",
    );
    let target = target.and_then(target::read);
    let method = method::read(&table);
    let filter = table
        .section(
            "filter",
            "Filter of the inverse: `{ kind = \"middle\", percentile = 20.0 }`",
        )
        .and_then(filter::read);
    check_filter(&table, method, filter);
    // The method decides which keys are known.
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

/// Checks that only the method with inverses of matrices has a filter of them.
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
