//! What a run would do, and why, without doing any of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use super::context::Context;
use super::error::{RunError, chain};
use super::experiment::Experiment;
use super::publish::differing;
use super::replicate::{Run, Samples};
use super::source::Source;
use super::stage::{Stage, StageKind, Stages};
use crate::report::{SpecDifference, differences, shown};
use crate::store::{Absence, Key, Manifest, Record, StageEntry, place};

/// What would become of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The store has it.
    Done,
    /// It would be made.
    Run,
    /// Another replicate in the same plan would have made it.
    Shared,
}

/// A stage of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// Of which experiment.
    pub experiment: String,
    /// Of which replicate.
    pub seed: u64,
    /// `data`, `train`, `invert`, `measure`, `figure`, and last `results`: the
    /// folder that shows them all.
    pub stage: &'static str,
    /// Of which inversion or figure; empty for the others.
    pub name: String,
    /// Its key in the store; results have none.
    pub key: Option<Key>,
    /// Done or not.
    pub state: State,
    /// Why it would be made.
    pub reasons: Vec<String>,
}

/// Every stage of these experiments in the order of a run. Files that are not
/// there yet are taken to be had by then.
///
/// # Errors
/// If what the store has does not fit into results.
pub fn plan(experiments: &[Experiment], context: &Context) -> Result<Vec<Planned>, RunError> {
    let mut plan = Plan {
        context,
        to_make: BTreeSet::new(),
        planned: Vec::new(),
    };
    for experiment in experiments {
        let source = match plan.source(experiment) {
            Ok(source) => source,
            Err(error) => {
                plan.planned.extend(failing(experiment, &error));
                continue;
            }
        };
        for &seed in &experiment.spec.seeds {
            plan.replicate(experiment, &source, seed)?;
        }
    }
    Ok(plan.planned)
}

/// What is planned of an experiment without data: it would fail.
fn failing(experiment: &Experiment, error: &RunError) -> Vec<Planned> {
    let planned = |&seed: &u64| Planned {
        experiment: experiment.name.clone(),
        seed,
        stage: StageKind::Data.name(),
        name: String::new(),
        key: None,
        state: State::Run,
        reasons: vec![format!("would fail: {}", chain(error))],
    };
    experiment.spec.seeds.iter().map(planned).collect()
}

struct Plan<'a> {
    context: &'a Context,
    /// What the replicates so far would have made.
    to_make: BTreeSet<Key>,
    planned: Vec<Planned>,
}

impl Plan<'_> {
    /// Where files are missing, a download may fail: if it did before, others
    /// are taken to stand in again.
    fn source(&self, experiment: &Experiment) -> Result<Source, RunError> {
        let asked = Source::asked(experiment, self.context)?;
        let device = self.context.device_kind;
        let has_data = |source: &Source| {
            let data = Stages::of(experiment, 0, source, device).data;
            self.context
                .store
                .entry(data.kind.name(), &data.key)
                .record()
                .is_ok()
        };
        if asked.absent && experiment.spec.data.stand_in.is_some() && !has_data(&asked) {
            let stand_in = Source::stand_in(experiment, "it did before".to_owned());
            if has_data(&stand_in) {
                return Ok(stand_in);
            }
        }
        Ok(asked)
    }

    fn replicate(
        &mut self,
        experiment: &Experiment,
        source: &Source,
        seed: u64,
    ) -> Result<(), RunError> {
        let stages = Stages::of(experiment, seed, source, self.context.device_kind);
        let folder = place(&self.context.out.join(&experiment.name), seed);
        let before = Manifest::read(&folder).map(|manifest| manifest.stages);
        let before = before.unwrap_or_default();
        let mut digests = BTreeMap::new();
        let add = |planned: &mut Vec<Planned>, (stage, name), key, (state, reasons)| {
            planned.push(Planned {
                experiment: experiment.name.clone(),
                seed,
                stage,
                name,
                key,
                state,
                reasons,
            });
            state == State::Done
        };
        let mut all_done = true;
        for stage in stages.all() {
            let outcome = self.stage(stage, &mut digests, |absence| {
                self.reasons(stage, absence, &before, source, &stages)
            });
            if outcome.0 == State::Run {
                self.to_make.insert(stage.key.clone());
            }
            let (kind, key) = (stage.kind.name(), Some(stage.key.clone()));
            all_done &= add(&mut self.planned, (kind, stage.name.clone()), key, outcome);
        }
        let outcome = self.results(experiment, source, seed, (&folder, all_done))?;
        add(&mut self.planned, ("results", String::new()), None, outcome);
        Ok(())
    }

    fn stage(
        &self,
        stage: &Stage,
        digests: &mut BTreeMap<Key, String>,
        reasons: impl FnOnce(&Absence) -> Vec<String>,
    ) -> (State, Vec<String>) {
        let entry = self.context.store.entry(stage.kind.name(), &stage.key);
        match entry.find(digests) {
            Ok(found) => {
                digests.insert(stage.key.clone(), found.record.digest());
                (State::Done, Vec::new())
            }
            Err(_) if self.to_make.contains(&stage.key) => (State::Shared, Vec::new()),
            Err(absence) => (State::Run, reasons(&absence)),
        }
    }

    /// Whether the results folder shows what the store has.
    fn results(
        &self,
        experiment: &Experiment,
        source: &Source,
        seed: u64,
        (folder, all_done): (&Path, bool),
    ) -> Result<(State, Vec<String>), RunError> {
        if !all_done {
            return Ok((State::Run, vec!["they show the stages above".to_owned()]));
        }
        let run = Run {
            experiment,
            context: self.context,
            source,
            seed,
            samples: &Samples::new(),
            tell: &|_| {},
        };
        let products = run
            .replicate()?
            .products(experiment, self.context.device_kind.name())?;
        let reason = |path: &&str| {
            let path = folder.join(path);
            let what = if path.exists() {
                "is not up to date"
            } else {
                "is missing"
            };
            format!("`{}` {what}", path.display())
        };
        let reasons: Vec<String> = differing(folder, &products).iter().map(reason).collect();
        let state = if reasons.is_empty() {
            State::Done
        } else {
            State::Run
        };
        Ok((state, reasons))
    }

    fn reasons(
        &self,
        stage: &Stage,
        absence: &Absence,
        before: &[StageEntry],
        source: &Source,
        stages: &Stages,
    ) -> Vec<String> {
        match absence {
            Absence::Damaged { path, fault } => vec![format!("`{}` is {fault}", path.display())],
            Absence::Outdated(input) => vec![format!("its input {} changed", label(input, stages))],
            Absence::New => match before.iter().find(|entry| is(entry, stage)) {
                None if source.absent && stage.inputs.is_empty() => {
                    vec!["new: the files are not there yet and would be downloaded".to_owned()]
                }
                None => vec!["new".to_owned()],
                Some(before) if before.key == stage.key => {
                    vec!["its output is not in the store".to_owned()]
                }
                Some(before) => self.changes(stage, before, stages),
            },
        }
    }

    /// What changed since the results that are there now.
    fn changes(&self, stage: &Stage, before: &StageEntry, stages: &Stages) -> Vec<String> {
        let entry = self.context.store.entry(stage.kind.name(), &before.key);
        let (Ok(Record { material, .. }), Some(now)) = (entry.record(), stage.material.as_object())
        else {
            return vec!["changed; the store no longer has what it was".to_owned()];
        };
        let old = material.as_object().cloned().unwrap_or_else(Map::new);
        let mut reasons = Vec::new();
        for SpecDifference { key, a, b } in differences(&old, now) {
            if key == "inputs" {
                reasons.extend(input_changes(a.as_ref(), stage, stages));
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

/// The inputs that are other ones than before.
fn input_changes(before: Option<&Value>, stage: &Stage, stages: &Stages) -> Vec<String> {
    let before: Vec<&str> = before
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let is_new = |key: &&Key| !before.contains(&key.as_str());
    let changed = stage.inputs.iter().filter(is_new);
    changed
        .map(|key| format!("its input {} changed", label(key, stages)))
        .collect()
}

/// True if a manifest means this stage.
fn is(entry: &StageEntry, stage: &Stage) -> bool {
    entry.stage == stage.kind.name() && entry.name == stage.name
}

fn label(key: &Key, stages: &Stages) -> String {
    let stage = stages.all().find(|stage| stage.key == *key);
    stage.map_or_else(|| key.to_string(), Stage::label)
}
