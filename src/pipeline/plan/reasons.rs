//! Reasons to compute a stage.

use serde_json::{Map, Value};

use crate::escape;
use crate::pipeline::context::Context;
use crate::pipeline::graph::Graph;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;
use crate::report::{SpecDifference, differences, shown};
use crate::store::{CacheMiss, Record, StageEntry, StageKey};

/// Source of the reasons for the stages of one replicate.
pub struct Reasons<'a> {
    pub context: &'a Context,
    /// Stages of the results that are published now.
    pub before: &'a [StageEntry],
    pub source: &'a Source,
    pub graph: &'a Graph,
}

impl Reasons<'_> {
    /// Returns the reasons to compute a stage that misses the store in this way.
    pub fn of(&self, stage: &Stage, miss: &CacheMiss) -> Vec<String> {
        let Self { source, graph, .. } = *self;
        match miss {
            CacheMiss::Damaged { path, fault } => {
                vec![format!("`{}` is {fault}", escape::path(path))]
            }
            CacheMiss::Outdated(input) => {
                vec![format!("its input {} changed", label(input, graph))]
            }
            CacheMiss::New => match self.before.iter().find(|entry| is(entry, stage)) {
                None if source.absent && stage.inputs.is_empty() => {
                    vec!["new: the files are not there yet and would be downloaded".to_owned()]
                }
                None => vec!["new".to_owned()],
                Some(before) if before.key == stage.key => {
                    vec!["its output is not in the store".to_owned()]
                }
                Some(before) => self.changes(stage, before),
            },
        }
    }

    /// Lists what changed since the results that are published now.
    fn changes(&self, stage: &Stage, before: &StageEntry) -> Vec<String> {
        let entry = self.context.store.entry(stage.kind.name(), &before.key);
        let (Ok(Record { material, .. }), Some(now)) = (entry.record(), stage.material.as_object())
        else {
            return vec!["changed; the store no longer has what it was".to_owned()];
        };
        let old = material.as_object().cloned().unwrap_or_else(Map::new);
        let mut reasons = Vec::new();
        for SpecDifference { key, a, b } in differences(&old, now) {
            if key == "inputs" {
                reasons.extend(input_changes(a.as_ref(), stage, self.graph));
            } else {
                reasons.push(change(stage, &key, a.as_ref(), b.as_ref()));
            }
        }
        reasons
    }
}

fn change(stage: &Stage, key: &str, a: Option<&Value>, b: Option<&Value>) -> String {
    let (from, to) = (shown(a), shown(b));
    let kind = stage.kind.name();
    match key.split_once('.') {
        None if key == "version" => format!("the code changed, version {from} -> {to}"),
        None if key == "libraries" => "the libraries of this build changed".to_owned(),
        Some(("spec", key)) => {
            // `invert.pixels` is that of one of many inversions.
            let named = key.strip_prefix(kind).filter(|_| !stage.name.is_empty());
            let name = &stage.name;
            let key = named.map_or_else(|| key.to_owned(), |rest| format!("{kind}.{name}{rest}"));
            format!("`{key}` changed {from} -> {to}")
        }
        _ => format!("{key} changed {from} -> {to}"),
    }
}

/// Lists the inputs that were not inputs before.
fn input_changes(before: Option<&Value>, stage: &Stage, graph: &Graph) -> Vec<String> {
    let before: Vec<&str> = before
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let is_new = |key: &&StageKey| !before.contains(&key.as_str());
    let changed = stage.inputs.iter().filter(is_new);
    changed
        .map(|key| format!("its input {} changed", label(key, graph)))
        .collect()
}

/// True if an entry of a manifest is of this stage.
pub fn is(entry: &StageEntry, stage: &Stage) -> bool {
    entry.stage == stage.kind.name() && entry.name == stage.name
}

fn label(key: &StageKey, graph: &Graph) -> String {
    let stage = graph.stages().find(|stage| stage.key == *key);
    stage.map_or_else(|| key.to_string(), Stage::label)
}
