//! Plan: which stages a run would compute, and why, without computing any.

mod reasons;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::context::Context;
use super::error::{RunError, chain};
use super::experiment::{Experiment, Study};
use super::graph::Graph;
use super::publish::files::Products;
use super::publish::folder::differing;
use super::replicate::Walk;
use super::run::SUMMARY;
use super::runner::Runner;
use super::scheduler::Job;
use super::source::Source;
use super::stage::{Stage, StageKind};
use super::stages::data;
use super::study::graph::{ShownReplicate, figure_stage};
use super::study::report::{self, StudyReport, page_of};
use crate::escape;
use crate::io;
use crate::store::{CacheMiss, Key, MANIFEST, Manifest, StudyManifest, place};
use reasons::{Reasons, is};

/// State of a stage in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
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
    /// `data`, `train`, `invert`, `measure`, `figure`, and last `results` or
    /// `summary`: the folder that shows them all.
    pub stage: &'static str,
    /// Name of its inversion or figure; empty for the others.
    pub name: String,
    /// Its key in the store; none for folders.
    pub key: Option<Key>,
    /// Done or not.
    pub state: State,
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
    to_compute: BTreeSet<Key>,
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
struct Outcome {
    state: State,
    reasons: Vec<String>,
}

impl Outcome {
    fn run(reason: &str) -> Self {
        Self {
            state: State::Run,
            reasons: vec![reason.to_owned()],
        }
    }
}

/// Experiment and seed, or study, that planned stages belong to.
#[derive(Clone, Copy)]
struct Owner<'a> {
    name: &'a str,
    seed: Option<u64>,
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
        let walk = Walk::new(experiment, self.context, source, seed, &|_| {});
        let owner = Owner {
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
            if outcome.state == State::Run {
                self.to_compute.insert(stage.key.clone());
            }
            all_done &= outcome.state == State::Done;
            self.add_stage(owner, stage, outcome);
        }
        let mut is_same = false;
        let outcome = if all_done {
            let replicate = walk.replicate(walk.runner().store_only())?;
            let products = replicate.products(experiment, self.context)?;
            let manifest = io::read(&folder.join(MANIFEST)).ok();
            is_same = manifest.as_ref() == products.get(MANIFEST);
            shown_in(&folder, &products)
        } else {
            Outcome::run("they show the stages above")
        };
        self.add_folder(owner, "results", outcome);
        let graph = walk.graph;
        Ok(Foreseen { graph, is_same })
    }

    /// Plans the figures of a whole study, and its summary.
    fn summary(&mut self, study: &Study) -> Result<(), RunError> {
        let owner = Owner {
            name: &study.name,
            seed: None,
        };
        let folder = self.context.out.join(&study.name).join(SUMMARY);
        let before = StudyManifest::read(&folder).map(|manifest| manifest.stages);
        let before = before.unwrap_or_default();
        // A damaged replicate may be one that the run replaces.
        let published = StudyReport::load(study, self.context).ok().flatten();
        let shown = published.filter(|_| self.own(study).all(|one| one.foreseen.is_same));
        let mut runner = Runner::new(self.context, Path::new(""), &|_| {});
        let stages = match &shown {
            Some(report) => {
                runner.add_digests(report.digests()?);
                report.stages()
            }
            None => self.figure_stages(study),
        };
        let mut all_done = true;
        for stage in &stages {
            let outcome = self.stage(stage, &mut runner, |miss| match miss {
                CacheMiss::Damaged { path, fault } => {
                    vec![format!("`{}` is {fault}", escape::path(path))]
                }
                CacheMiss::New | CacheMiss::Outdated(_)
                    if before.iter().any(|entry| is(entry, stage)) =>
                {
                    vec!["what it shows changed".to_owned()]
                }
                CacheMiss::New | CacheMiss::Outdated(_) => vec!["new".to_owned()],
            });
            all_done &= outcome.state == State::Done;
            self.to_compute.insert(stage.key.clone());
            self.add_stage(owner, stage, outcome);
        }
        let outcome = match shown.filter(|_| all_done) {
            Some(report) => self.summary_folder(&report, &folder)?,
            None => Outcome::run("it shows the replicates and figures above"),
        };
        self.add_folder(owner, SUMMARY, outcome);
        Ok(())
    }

    /// Iterates over the planned replicates of a study.
    fn own<'a>(&'a self, study: &'a Study) -> impl Iterator<Item = OwnReplicate<'a>> {
        let seeds = study.seeds.as_ref();
        let is_wanted = move |seed: u64| seeds.is_none_or(|seeds| seeds.contains(&seed));
        let members = study.members.iter().enumerate();
        members.flat_map(move |(member, experiment)| {
            let all = self.foreseen.iter();
            let own =
                all.filter(move |((name, seed), _)| *name == experiment.name && is_wanted(*seed));
            own.map(move |((_, seed), foreseen)| OwnReplicate {
                member,
                seed: *seed,
                foreseen,
            })
        })
    }

    /// Returns the stages of the figures of a study once all planned replicates are
    /// published.
    fn figure_stages(&self, study: &Study) -> Vec<Stage> {
        let (mut others, mut left_out) = (Vec::new(), Vec::new());
        for (index, member) in study.members.iter().enumerate() {
            let is_planned = |seed| self.foreseen.contains_key(&(member.name.clone(), seed));
            let Ok(published) = report::published(study, member, self.context) else {
                continue;
            };
            let own = published.replicates.into_iter();
            let unplanned = own.filter(|one| !is_planned(one.seed()));
            others.extend(unplanned.map(|one| (index, one)));
            let own = published.left_out.into_iter();
            left_out.extend(own.filter(|one| !is_planned(one.seed)));
        }
        let planned = self
            .own(study)
            .map(|one| ShownReplicate::planned(one.member, one.seed, &one.foreseen.graph));
        let others = others
            .iter()
            .map(|(member, one)| ShownReplicate::published(*member, &one.manifest));
        let mut shown: Vec<ShownReplicate<'_>> = planned.chain(others).collect();
        shown.sort_by_key(|one| (one.member, one.seed));
        let figures = study.figures.iter();
        figures
            .map(|figure| figure_stage(study, figure, &shown, &left_out))
            .collect()
    }

    /// Checks that the summary of a study shows the content of the store.
    fn summary_folder(&self, report: &StudyReport<'_>, folder: &Path) -> Result<Outcome, RunError> {
        let written = report.look_up()?;
        let mut outcome = shown_in(folder, &written.products);
        let path = page_of(report.study, self.context);
        if let Some(page) = &written.page
            && io::read(&path).map_or(true, |there| there != *page)
        {
            let reason = format!("`{}` is not up to date", escape::path(&path));
            outcome.state = State::Run;
            outcome.reasons.push(reason);
        }
        Ok(outcome)
    }

    fn stage(
        &self,
        stage: &Stage,
        runner: &mut Runner<'_>,
        reasons: impl FnOnce(&CacheMiss) -> Vec<String>,
    ) -> Outcome {
        let (state, reasons) = match runner.find(stage) {
            Ok(()) => (State::Done, Vec::new()),
            Err(_) if self.to_compute.contains(&stage.key) => (State::Shared, Vec::new()),
            Err(miss) => (State::Run, reasons(&miss)),
        };
        Outcome { state, reasons }
    }

    fn add_stage(&mut self, owner: Owner<'_>, stage: &Stage, outcome: Outcome) {
        self.planned.push(Planned {
            experiment: owner.name.to_owned(),
            seed: owner.seed,
            stage: stage.kind.name(),
            name: stage.name.clone(),
            key: Some(stage.key.clone()),
            state: outcome.state,
            reasons: outcome.reasons,
        });
    }

    fn add_folder(&mut self, owner: Owner<'_>, folder: &'static str, outcome: Outcome) {
        self.planned.push(Planned {
            experiment: owner.name.to_owned(),
            seed: owner.seed,
            stage: folder,
            name: String::new(),
            key: None,
            state: outcome.state,
            reasons: outcome.reasons,
        });
    }
}

/// Planned replicate of a study.
struct OwnReplicate<'a> {
    /// Position of its experiment in the study.
    member: usize,
    seed: u64,
    foreseen: &'a Foreseen,
}

/// Plans an experiment without data: it would fail.
fn failing(experiment: &Experiment, error: &RunError) -> Vec<Planned> {
    let planned = |&seed: &u64| Planned {
        experiment: experiment.name.clone(),
        seed: Some(seed),
        stage: StageKind::Data.name(),
        name: String::new(),
        key: None,
        state: State::Run,
        reasons: vec![format!("would fail: {}", chain(error))],
    };
    experiment.spec.seeds.iter().map(planned).collect()
}

/// Checks that a folder shows these products.
fn shown_in(folder: &Path, products: &Products) -> Outcome {
    let reason = |path: &&str| {
        let path = folder.join(path);
        let what = if path.exists() {
            "is not up to date"
        } else {
            "is missing"
        };
        format!("`{}` {what}", escape::path(&path))
    };
    let reasons: Vec<String> = differing(folder, products).iter().map(reason).collect();
    let state = if reasons.is_empty() {
        State::Done
    } else {
        State::Run
    };
    Outcome { state, reasons }
}
