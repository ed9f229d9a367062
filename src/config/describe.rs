//! Description of every key that a spec may have, for references and JSON schemas.
//!
//! Keys are declared by the calls that read them. Which keys are read depends on the spec:
//! `steps` belongs to `method = "gradient"`. So the description is found by reading specs,
//! from the empty one on: each is filled with the keys that it must have, and varied by
//! every choice and every table that it may have.

mod json;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use serde::Serialize;
use serde_json::Value as Json;

use super::fault::{Faults, dotted};
use super::files::{FileAccess, Files};
use super::schema::Schema;
use super::set::put;
use super::tree::{self, Node, Place, Value};
use crate::data::Label;
pub use json::json_schema;

/// Declaration of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyDeclaration {
    /// Dotted key of its table, with `NAME` for the items of lists.
    pub table: String,
    /// Name in its table.
    pub key: &'static str,
    /// Values that it takes.
    pub schema: Schema,
    /// Presence in a spec.
    pub presence: Presence,
    /// Purpose, in one line.
    pub about: &'static str,
    /// Choices in its table that it depends on, as alternatives: none if it may always be
    /// there, and one without a choice if that depends on something else.
    pub when: Vec<Choices>,
}

/// Presence of a key in a spec.
#[derive(Debug, Clone, PartialEq)]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be missing, and then has no value.
    Optional,
    /// It may be missing, and then has this value.
    Default(Json),
}

impl Presence {
    /// Default, as the resolved spec shows it.
    pub fn of_default(value: &impl Serialize) -> Self {
        // Values of a spec have no keys that are not text.
        serde_json::to_value(value).map_or(Self::Optional, Self::Default)
    }
}

/// Words chosen, by the names of keys of one table.
pub type Choices = BTreeMap<String, String>;

/// Name of an item of a list in dotted keys.
pub const ITEM: &str = "NAME";

/// Beginning of a default in words, at the end of a purpose.
const DEFAULT: &str = " [default: ";

/// A spec, as dotted keys with their values in TOML.
pub type Settings = Vec<(String, String)>;

/// A spec that was read, and the positions of the keys that it may have.
struct SampleSpec {
    /// Settings that make it a variant.
    own: Settings,
    /// All settings.
    settings: Settings,
    keys: BTreeSet<usize>,
}

#[derive(Default)]
struct Explorer {
    keys: Vec<KeyDeclaration>,
    specs: Vec<SampleSpec>,
    /// Text of a spec of an experiment, to be compared.
    experiment: String,
}

/// Describes every key, in the order in which specs are read.
pub fn keys() -> Vec<KeyDeclaration> {
    explore().into_iter().map(|(key, _)| key).collect()
}

/// Describes every key, each with the settings of a spec that may have it.
pub fn explore() -> Vec<(KeyDeclaration, Settings)> {
    let mut explorer = Explorer::default();
    // An experiment, and a comparison of experiments.
    let comparison = vec![("compare".to_owned(), "{}".to_owned())];
    let mut specs = VecDeque::from([Settings::new(), comparison]);
    while let Some(settings) = specs.pop_front() {
        specs.extend(explorer.visit(&settings));
    }
    explorer.finish()
}

impl Explorer {
    /// Reads a spec, and returns variants of it for every key that is new.
    fn visit(&mut self, own: &Settings) -> Vec<Settings> {
        let (settings, declarations) = self.fill(own.clone());
        if self.experiment.is_empty() {
            self.experiment = text(&settings);
        }
        let mut keys = BTreeSet::new();
        let mut variants = Vec::new();
        for declaration in declarations {
            let known = self.keys.iter().position(|key| *key == declaration);
            keys.insert(known.unwrap_or_else(|| {
                variants.extend(declaration.variants(own));
                self.keys.push(declaration);
                self.keys.len() - 1
            }));
        }
        self.specs.push(SampleSpec {
            own: own.clone(),
            settings,
            keys,
        });
        variants
    }

    /// Adds the keys that a spec must have, with the first value that each takes.
    fn fill(&self, mut settings: Settings) -> (Settings, Vec<KeyDeclaration>) {
        loop {
            let declarations = declarations(tree(&settings), &self.experiment);
            let missing = declarations
                .iter()
                .filter(|d| d.presence == Presence::Required);
            let missing: Settings = missing
                .map(|d| (d.path(), d.schema.sample()))
                .filter(|(path, _)| !settings.iter().any(|(known, _)| is_within(known, path)))
                .collect();
            if missing.is_empty() {
                return (settings, declarations);
            }
            settings.extend(missing);
        }
    }

    /// Adds to every key the choices that it depends on, and a spec that may have it.
    fn finish(self) -> Vec<(KeyDeclaration, Settings)> {
        let describe = |(index, key): (usize, &KeyDeclaration)| {
            let has = |spec: &SampleSpec| spec.keys.contains(&index) || spec.has_other(key);
            let reads = |spec: &&SampleSpec| {
                let mut keys = spec.keys.iter();
                keys.any(|&other| self.keys[other].table == key.table)
            };
            let choices = |spec: &SampleSpec| {
                let mut choices = self.choices(spec, &key.table);
                choices.remove(key.key);
                (choices, has(spec))
            };
            let specs = self.specs.iter().filter(reads).map(choices);
            let when = when(&specs.collect::<Vec<_>>());
            let mut specs = self.specs.iter();
            let spec = specs.find(|spec| spec.keys.contains(&index));
            let settings = spec.map_or_else(Settings::new, |spec| spec.settings.clone());
            let declaration = KeyDeclaration {
                when,
                ..key.clone()
            };
            (declaration, settings)
        };
        self.keys.iter().enumerate().map(describe).collect()
    }

    /// Words that a spec chooses in a table, and tables in it that make it a variant.
    fn choices(&self, spec: &SampleSpec, table: &str) -> Choices {
        let keys = spec.keys.iter().map(|&index| &self.keys[index]);
        let own = keys.filter(|key| key.table == table);
        let chosen = own.filter_map(|key| {
            let is_table = key.schema == Schema::Table;
            let settings = if is_table { &spec.own } else { &spec.settings };
            let path = key.path();
            let (_, value) = settings.iter().find(|(set, _)| *set == path)?;
            let word = value.trim_matches('"');
            let is_choice = is_table || key.schema.words().contains(&word);
            is_choice.then(|| (key.key.to_owned(), word.to_owned()))
        });
        chosen.collect()
    }
}

impl KeyDeclaration {
    /// Dotted key.
    pub fn path(&self) -> String {
        dotted(&self.table, self.key)
    }

    /// Purpose, without the default at its end.
    pub fn purpose(&self) -> &'static str {
        self.about
            .split_once(DEFAULT)
            .map_or(self.about, |(purpose, _)| purpose)
    }

    /// Default in words; none if the key must be there, or has none.
    pub fn default(&self) -> Option<String> {
        let in_words = self.about.split_once(DEFAULT);
        match (&self.presence, in_words) {
            (_, Some((_, text))) => Some(text.strip_suffix(']').unwrap_or(text).to_owned()),
            (Presence::Default(json), None) => Some(json.to_string()),
            (Presence::Required | Presence::Optional, None) => None,
        }
    }

    /// Variants of a spec: one for each choice that the key gives, and each table.
    fn variants(&self, spec: &Settings) -> Vec<Settings> {
        let alternatives = self.schema.alternatives();
        let values = alternatives.iter().flat_map(|schema| match schema {
            Schema::Word(words) => words.iter().map(|word| format!("{word:?}")).collect(),
            Schema::Table | Schema::Tables => vec![schema.sample()],
            Schema::List(_) if alternatives.len() > 1 => vec![schema.sample()],
            Schema::List(_)
            | Schema::Flag
            | Schema::Text
            | Schema::Reference
            | Schema::Name(_)
            | Schema::Whole(..)
            | Schema::Number(..)
            | Schema::Any(_) => Vec::new(),
        });
        let path = self.path();
        let others = spec.iter().filter(|(key, _)| *key != path).cloned();
        let others: Settings = others.collect();
        let variant = |value| [&others[..], &[(path.clone(), value)]].concat();
        values.map(variant).collect()
    }
}

/// Returns the choices that decide whether a key may be there: each is the only difference
/// between a spec that may have it and one that may not.
fn when(specs: &[(Choices, bool)]) -> Vec<Choices> {
    let all = |has: bool| {
        specs
            .iter()
            .filter(move |spec| spec.1 == has)
            .map(|spec| &spec.0)
    };
    let (with, without) = (|| all(true), || all(false));
    let pairs = with().flat_map(|a| without().map(move |b| (a, b)));
    let deciding: BTreeSet<&String> = pairs.filter_map(|(a, b)| only_difference(a, b)).collect();
    let decided = |choices: &Choices| -> Choices {
        let own = choices.iter().filter(|(key, _)| deciding.contains(key));
        own.map(|(key, word)| (key.clone(), word.clone())).collect()
    };
    if without().next().is_none() {
        return Vec::new();
    }
    let alternatives: BTreeSet<Choices> = with().map(decided).collect();
    alternatives.into_iter().collect()
}

/// Returns the key of the one choice in which two specs differ; none if they differ in
/// several.
fn only_difference<'a>(a: &'a Choices, b: &'a Choices) -> Option<&'a String> {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let mut differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    differing.next().filter(|_| differing.next().is_none())
}

impl SampleSpec {
    /// True if it sets a key that takes several kinds of values, and may have read another.
    fn has_other(&self, key: &KeyDeclaration) -> bool {
        let path = key.path();
        let is_any = matches!(key.schema, Schema::Any(_));
        is_any && self.settings.iter().any(|(set, _)| *set == path)
    }
}

/// True for a key and the keys of the table at it.
fn is_within(key: &str, path: &str) -> bool {
    let rest = key.strip_prefix(path);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Tree of a spec.
fn tree(settings: &Settings) -> Node {
    let mut root = Node::new(Value::Table(Vec::new()), Place::Set(0));
    for (index, (path, value)) in settings.iter().enumerate() {
        let place = Place::Set(index);
        let path = path.replace(ITEM, "0");
        let keys: Vec<&str> = path.split('.').collect();
        if let Ok(value) = tree::parse_value(value, place) {
            // Settings are of keys that were asked for, so that there is a place for each.
            let _ = put(&mut root, &keys, value);
        }
    }
    root
}

/// Text of a spec without lists of tables. Dotted keys make the tables.
fn text(settings: &Settings) -> String {
    let own = settings.iter().filter(|(_, value)| value != "{}");
    let lines: Vec<String> = own.map(|(key, value)| format!("{key} = {value}")).collect();
    lines.join("\n")
}

/// Reads a spec, which may compare experiments of this text.
fn read(spec: Node, experiment: &str, faults: &Faults) {
    let open = |_: &Path| Ok(experiment.as_bytes().to_vec());
    let access = FileAccess {
        open: &open,
        labels: &|_, _| Ok([0, 1].map(Label::Number).into()),
    };
    Files::new(access, faults, &[]).study(Path::new("spec.toml"), spec);
}

/// Declarations of all keys that a spec may have.
fn declarations(spec: Node, experiment: &str) -> Vec<KeyDeclaration> {
    let faults = Faults::with_declarations();
    read(spec, experiment, &faults);
    faults.into_declarations()
}

#[cfg(test)]
mod tests;
