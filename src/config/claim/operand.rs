//! Numbers that a claim adds and subtracts, by experiment, inversion, setting, layer or
//! epoch.

use std::ops::Bound;

use crate::claims::Term;
use crate::config::form::{ValueForm, one_of_named, reference, whole};
use crate::config::names::one_of_names;
use crate::config::reader::Reader;
use crate::config::schema::Schema;
use crate::config::study::Member;
use crate::config::tree::Value;

/// One number, by the keys that name it; texts are empty without their key.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// Key that reports its faults.
    pub key: &'static str,
    /// Position of the experiment in the study.
    pub experiment: usize,
    pub inversion: String,
    pub setting: String,
    pub with: String,
    pub epoch: Option<usize>,
    pub layer: Option<usize>,
}

impl Operand {
    /// Reads the number that the claim itself names.
    pub fn of_claim(table: &Reader<'_>, members: &[Member]) -> Option<Self> {
        let nothing = Self {
            key: "of",
            experiment: 0,
            inversion: String::new(),
            setting: String::new(),
            with: String::new(),
            epoch: None,
            layer: None,
        };
        if members.len() > 1 && !table.has("in") {
            let labels: Vec<String> = members.iter().map(Member::label).collect();
            let all = one_of_names(labels.iter().map(String::as_str));
            table.fault("in", &format!("is missing; it must be {all}"));
            return None;
        }
        nothing.overridden(table, members)
    }

    /// Reads another number than that of the claim: the name of an inversion, or a table of
    /// the keys that differ.
    pub fn other(&self, table: &Reader<'_>, key: &'static str, members: &[Member]) -> Option<Self> {
        let own = Self {
            key,
            ..self.clone()
        };
        let node = table.node(key)?;
        let operand = match &node.value {
            Value::String(name) => Self {
                inversion: name.clone(),
                setting: String::new(),
                ..own.clone()
            },
            Value::Table(_) => {
                let inner = table.table(key)?;
                if key != "minus" || inner.has("by") {
                    inner.known("by");
                }
                if key == "minus" && inner.has("by") {
                    inner.fault("by", "has no meaning here");
                }
                let operand = own.overridden(&inner, members);
                inner.finish();
                operand?
            }
            value => {
                let message = format!(
                    "must be the name of an inversion, or what differs, such as \
                     `{{ in = \"mlp\" }}`, got {} (numbers go to `at_least` and `at_most`)",
                    value.show()
                );
                table.fault(key, &message);
                return None;
            }
        };
        if operand.is_same_number(&own) {
            table.fault(key, "names the same number that the claim is about");
            return None;
        }
        Some(operand)
    }

    /// Returns true for equal operands, and for one pair in either order.
    fn is_same_number(&self, other: &Self) -> bool {
        let turned = Self {
            inversion: self.with.clone(),
            with: self.inversion.clone(),
            ..self.clone()
        };
        self == other || (!self.with.is_empty() && turned == *other)
    }

    /// Replaces the keys that the table has.
    fn overridden(&self, table: &Reader<'_>, members: &[Member]) -> Option<Self> {
        let name = |key, about| {
            let name = reference("the name of an inversion");
            table.key(key, name, about).optional()
        };
        let number = |key, text, about| table.key(key, whole("", 0..).text(text), about).optional();
        let inversion = name("of", "Inversion");
        let with = name(
            "with",
            "Other inversion of a pair, for `overlap` and `correlation`",
        );
        let setting = table
            .key(
                "setting",
                setting(),
                "Value of the swept key of the inversion",
            )
            .optional();
        let epoch = number(
            "epoch",
            "the number of an epoch",
            "Epoch, from 1, for columns of `accuracy.csv`. One that training does not reach \
                 leaves the claim undecided [default: the last]",
        );
        let layer = number(
            "layer",
            "the number of a layer, from 0",
            "Layer, from 0, for \
             metrics of `layers.csv`",
        );
        let experiment = self.experiment(table, members)?;
        Some(Self {
            key: self.key,
            experiment,
            // A setting belongs to its inversion.
            setting: match (&inversion, setting) {
                (_, Some(setting)) => setting,
                (Some(_), None) => String::new(),
                (None, None) => self.setting.clone(),
            },
            inversion: inversion.unwrap_or_else(|| self.inversion.clone()),
            with: with.unwrap_or_else(|| self.with.clone()),
            epoch: epoch.or(self.epoch),
            layer: layer.or(self.layer),
        })
    }

    fn experiment(&self, table: &Reader<'_>, members: &[Member]) -> Option<usize> {
        let labels = one_of_named(members.iter().map(Member::label).zip(0..));
        let key = table.key("in", labels, "Experiment of a sweep or comparison");
        if !table.has("in") {
            key.optional();
            return Some(self.experiment);
        }
        if members.len() == 1 {
            table.known("in");
            table.fault(
                "in",
                "has no meaning: the spec is of one experiment; `[compare]` sets several side \
                 by side",
            );
            return None;
        }
        key.optional()
    }

    /// Moves a subtracted number to the experiment of the bound, if it is one of the claim's
    /// own experiment.
    pub fn moved(&self, own: &Self, bound: &Self) -> Self {
        let experiment = if self.experiment == own.experiment {
            bound.experiment
        } else {
            self.experiment
        };
        Self {
            experiment,
            ..self.clone()
        }
    }

    /// Makes the term of a claim.
    pub fn into_term(self, subtracted: bool) -> Term {
        // No number has both a layer and a setting.
        let setting = self.layer.map_or(self.setting, |layer| layer.to_string());
        Term {
            subtracted,
            experiment: self.experiment,
            inversion: self.inversion,
            setting,
            with: self.with,
            epoch: self.epoch,
        }
    }
}

/// A swept value as tables show it.
fn setting() -> ValueForm<String> {
    let number = Schema::Number(Bound::Unbounded, Bound::Unbounded);
    let schema = Schema::Any(vec![Schema::Reference, number, Schema::Flag]);
    ValueForm::new("a swept value", schema, |node| match &node.value {
        Value::Table(_) | Value::Array(_) => None,
        Value::Float(number) if !number.is_finite() => None,
        value => Some(value.label()),
    })
}
