//! Plan: which stages a run would compute, and why, without computing any.

mod reasons;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::context::Context;
use super::error::{RunError, chain};
use super::experiment::{Experiment, Study};
use super::graph::Graph;
use super::publish::folder::differing;
use super::replicate::ReplicateWalk;
use super::runner::Runner;
use super::scheduler::Job;
use super::source::Source;
use super::stage::{Stage, StageKind};
use super::stages::data;
use crate::escape;
use crate::io;
use crate::store::{CacheMiss, MANIFEST, Manifest, Outputs, StageKey, place};
use reasons::Reasons;

/// State of a stage in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// The store has it.
    Done,
    /// It would be computed.
    Run,
    /// Another replicate in the same plan would have computed it.
    Shared,
}

/// Stage of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// Name of its experiment or study.
    pub experiment: String,
    /// Seed of its replicate; none if it belongs to a whole study.
    pub seed: Option<u64>,
    /// `data`, `train`, `judge`, `prior`, `invert`, `measure`, `figure`, and last `results`
    /// or `summary`: the folder that shows them all.
    pub stage: &'static str,
    /// Name of its inversion, prior, companion or figure; empty for the others.
    pub name: String,
    /// Key in the store; none for folders.
    pub key: Option<StageKey>,
    /// Done or not.
    pub state: StageState,
    /// Reasons to compute it.
    pub reasons: Vec<String>,
}

/// Lists every stage of these studies in the order of a run; `on_job` is called for each
/// replicate. Files that would be downloaded count as available.
///
/// # Errors
/// If the content of the store does not fit into results.
pub fn plan(
    studies: &[Study],
    context: &Context,
    on_job: &dyn Fn(Job<'_>),
) -> Result<Vec<Planned>, RunError> {
    let mut plan = Plan {
        context,
        on_job,
        to_compute: BTreeSet::new(),
        foreseen: BTreeMap::new(),
        failing: BTreeSet::new(),
        planned: Vec::new(),
    };
    for compares in [false, true] {
        for study in studies.iter().filter(|s| s.compare.is_some() == compares) {
            plan.study(study)?;
        }
    }
    Ok(plan.planned)
}

struct Plan<'a> {
    context: &'a Context,
    on_job: &'a dyn Fn(Job<'_>),
    /// Stages that the replicates so far would have computed.
    to_compute: BTreeSet<StageKey>,
    /// Planned replicates, by experiment and seed.
    foreseen: BTreeMap<(String, u64), Foreseen>,
    /// Experiments without data.
    failing: BTreeSet<String>,
    planned: Vec<Planned>,
}

/// Replicate in a plan.
struct Foreseen {
    graph: Graph,
    /// True if its published tables are those that a run would give.
    is_same: bool,
}

/// State of a stage or folder, with the reasons to compute it.
struct PlannedState {
    state: StageState,
    reasons: Vec<String>,
}

impl PlannedState {
    fn run(reason: &str) -> Self {
        Self {
            state: StageState::Run,
            reasons: vec![reason.to_owned()],
        }
    }
}

/// Returns the planned folder called `stage` of this job; stages add a name and a key.
fn planned(job: Job<'_>, stage: &'static str, outcome: PlannedState) -> Planned {
    Planned {
        experiment: job.name.to_owned(),
        seed: job.seed,
        stage,
        name: String::new(),
        key: None,
        state: outcome.state,
        reasons: outcome.reasons,
    }
}

impl Plan<'_> {
    fn study(&mut self, study: &Study) -> Result<(), RunError> {
        for experiment in study.own() {
            let source = match self.source(experiment) {
                Ok(source) => source,
                Err(error) => {
                    self.planned.extend(failing(experiment, &error));
                    self.failing.insert(experiment.name.clone());
                    continue;
                }
            };
            for &seed in &experiment.spec.seeds {
                let name = &experiment.name;
                (self.on_job)(Job {
                    name,
                    seed: Some(seed),
                });
                let foreseen = self.replicate(experiment, &source, seed)?;
                self.foreseen.insert((name.clone(), seed), foreseen);
            }
        }
        // A study has no summary of replicates that fail.
        let fails = |member: &Experiment| self.failing.contains(&member.name);
        if study.members.iter().any(fails) {
            return Ok(());
        }
        self.summary(study)
    }

    /// Returns the source that a run would use. Where files are missing, a download may
    /// fail: if it did before, the fallback is assumed again.
    fn source(&self, experiment: &Experiment) -> Result<Source, RunError> {
        let requested = Source::requested(experiment, self.context)?;
        let has_data = |source: &Source| {
            let stage = data::stage(&experiment.spec, source);
            let entry = self.context.store.entry(stage.kind.name(), &stage.key);
            entry.record().is_ok()
        };
        if requested.absent && experiment.spec.data.stand_in.is_some() && !has_data(&requested) {
            let fallback = Source::fallback(experiment, "it did before".to_owned());
            if has_data(&fallback) {
                return Ok(fallback);
            }
        }
        Ok(requested)
    }

    /// Plans the stages of a replicate, and its results.
    fn replicate(
        &mut self,
        experiment: &Experiment,
        source: &Source,
        seed: u64,
    ) -> Result<Foreseen, RunError> {
        let walk = ReplicateWalk::new(experiment, self.context, source, seed, &|_| {});
        let job = Job {
            name: &experiment.name,
            seed: Some(seed),
        };
        let folder = place(&self.context.out.join(&experiment.name), seed);
        let before = Manifest::read(&folder).map(|manifest| manifest.stages);
        let reasons = Reasons {
            context: self.context,
            before: &before.unwrap_or_default(),
            source,
            graph: &walk.graph,
        };
        let mut runner = walk.runner();
        let mut all_done = true;
        for stage in walk.graph.stages() {
            let outcome = self.stage(stage, &mut runner, |miss| reasons.of(stage, miss));
            if outcome.state == StageState::Run {
                self.to_compute.insert(stage.key.clone());
            }
            all_done &= outcome.state == StageState::Done;
            self.add_stage(job, stage, outcome);
        }
        let mut is_same = false;
        let outcome = if all_done {
            let replicate = walk.replicate(walk.runner().store_only())?;
            let files = replicate.files(experiment, self.context)?;
            let manifest = io::read(&folder.join(MANIFEST)).ok();
            is_same = manifest.as_ref() == files.get(MANIFEST);
            shown_in(&folder, &files)
        } else {
            PlannedState::run("they show the stages above")
        };
        self.planned.push(planned(job, "results", outcome));
        let graph = walk.graph;
        Ok(Foreseen { graph, is_same })
    }

    fn stage(
        &self,
        stage: &Stage,
        runner: &mut Runner<'_>,
        reasons: impl FnOnce(&CacheMiss) -> Vec<String>,
    ) -> PlannedState {
        let (state, reasons) = match runner.find(stage) {
            Ok(()) => (StageState::Done, Vec::new()),
            Err(_) if self.to_compute.contains(&stage.key) => (StageState::Shared, Vec::new()),
            Err(miss) => (StageState::Run, reasons(&miss)),
        };
        PlannedState { state, reasons }
    }

    fn add_stage(&mut self, job: Job<'_>, stage: &Stage, outcome: PlannedState) {
        self.planned.push(Planned {
            name: stage.name.clone(),
            key: Some(stage.key.clone()),
            ..planned(job, stage.kind.name(), outcome)
        });
    }
}

/// Plans an experiment without data: it would fail.
fn failing(experiment: &Experiment, error: &RunError) -> Vec<Planned> {
    let reason = format!("would fail: {}", chain(error));
    let stage = |&seed: &u64| {
        let job = Job {
            name: &experiment.name,
            seed: Some(seed),
        };
        planned(job, StageKind::Data.name(), PlannedState::run(&reason))
    };
    experiment.spec.seeds.iter().map(stage).collect()
}

/// Checks that a folder shows these files.
fn shown_in(folder: &Path, files: &Outputs) -> PlannedState {
    let reason = |path: &&str| {
        let path = folder.join(path);
        let what = if path.exists() {
            "is not up to date"
        } else {
            "is missing"
        };
        format!("`{}` {what}", escape::path(&path))
    };
    let reasons: Vec<String> = differing(folder, files).iter().map(reason).collect();
    let state = if reasons.is_empty() {
        StageState::Done
    } else {
        StageState::Run
    };
    PlannedState { state, reasons }
}
