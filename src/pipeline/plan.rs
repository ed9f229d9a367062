//! What a run would do, and why, without doing any of it.

mod reasons;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::batch::Job;
use super::context::Context;
use super::error::{RunError, chain};
use super::experiment::{Experiment, Study};
use super::publish::files::Products;
use super::publish::folder::differing;
use super::replicate::Run;
use super::run::SUMMARY;
use super::source::Source;
use super::stage::{Shown, Stage, StageKind, Stages, study_figure};
use super::study::report::{self, Overview, page_of};
use crate::escape;
use crate::io;
use crate::store::{Absence, Key, MANIFEST, Manifest, StudyManifest, place};
use reasons::{Reasons, is};

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
    /// Of which experiment, or of which study.
    pub experiment: String,
    /// Of which replicate; none if it is of all of a study.
    pub seed: Option<u64>,
    /// `data`, `train`, `invert`, `measure`, `figure`, and last `results` or
    /// `summary`: the folder that shows them all.
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

/// Every stage of these studies in the order of a run; `on_job` is told of each replicate.
/// Files that are not there yet are taken to be had by then.
///
/// # Errors
/// If what the store has does not fit into results.
pub fn plan(
    studies: &[Study],
    context: &Context,
    on_job: &dyn Fn(Job<'_>),
) -> Result<Vec<Planned>, RunError> {
    let mut plan = Plan {
        context,
        on_job,
        to_make: BTreeSet::new(),
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

/// What is planned of an experiment without data: it would fail.
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

struct Plan<'a> {
    context: &'a Context,
    on_job: &'a dyn Fn(Job<'_>),
    /// What the replicates so far would have made.
    to_make: BTreeSet<Key>,
    /// Planned replicates, by experiment and seed.
    foreseen: BTreeMap<(String, u64), Foreseen>,
    /// Experiments without data.
    failing: BTreeSet<String>,
    planned: Vec<Planned>,
}

/// A replicate in a plan.
struct Foreseen {
    stages: Stages,
    /// True if its published tables are those that a run would give.
    is_same: bool,
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
                (self.on_job)(Job {
                    name: &experiment.name,
                    seed: Some(seed),
                });
                let foreseen = self.replicate(experiment, &source, seed)?;
                self.foreseen
                    .insert((experiment.name.clone(), seed), foreseen);
            }
        }
        // Of replicates that fail a study says nothing.
        let fails = |member: &Experiment| self.failing.contains(&member.name);
        if study.members.iter().any(fails) {
            return Ok(());
        }
        self.summary(study)
    }

    /// Planned replicates of a study, with the position of their member.
    fn own<'a>(&'a self, study: &'a Study) -> impl Iterator<Item = (usize, u64, &'a Foreseen)> {
        let is_wanted = |seed: u64| {
            study
                .seeds
                .as_ref()
                .is_none_or(|seeds| seeds.contains(&seed))
        };
        let members = study.members.iter().enumerate();
        members.flat_map(move |(index, member)| {
            let all = self.foreseen.iter();
            let own = all.filter(move |((name, seed), _)| *name == member.name && is_wanted(*seed));
            own.map(move |((_, seed), foreseen)| (index, *seed, foreseen))
        })
    }

    /// The figures of a whole study, and its summary.
    fn summary(&mut self, study: &Study) -> Result<(), RunError> {
        let folder = self.context.out.join(&study.name).join(SUMMARY);
        let before = StudyManifest::read(&folder).map(|manifest| manifest.stages);
        let before = before.unwrap_or_default();
        // A damaged replicate may be one that the run replaces.
        let published = Overview::load(study, self.context).ok().flatten();
        let is_same = |(_, _, foreseen): (usize, u64, &Foreseen)| foreseen.is_same;
        let shown = published.filter(|_| self.own(study).all(is_same));
        let (figures, mut digests) = match &shown {
            Some(overview) => (overview.stages(), overview.digests()?),
            None => (self.figures(study), BTreeMap::new()),
        };
        let mut all_done = true;
        for stage in &figures {
            let outcome = self.stage(stage, &mut digests, |absence| match absence {
                Absence::Damaged { path, fault } => {
                    vec![format!("`{}` is {fault}", escape::path(path))]
                }
                _ if before.iter().any(|entry| is(entry, stage)) => {
                    vec!["what it shows changed".to_owned()]
                }
                _ => vec!["new".to_owned()],
            });
            all_done &= outcome.0 == State::Done;
            self.to_make.insert(stage.key.clone());
            let kind = stage.kind.name();
            self.add(
                (&study.name, None),
                (kind, &stage.name),
                Some(&stage.key),
                outcome,
            );
        }
        let outcome = match shown.filter(|_| all_done) {
            Some(overview) => self.summary_folder(&overview, &folder)?,
            None => (
                State::Run,
                vec!["it shows the replicates and figures above".to_owned()],
            ),
        };
        self.add((&study.name, None), (SUMMARY, ""), None, outcome);
        Ok(())
    }

    /// Figures of a study once all planned replicates are published.
    fn figures(&self, study: &Study) -> Vec<Stage> {
        let (mut others, mut left_out) = (Vec::new(), Vec::new());
        for (index, member) in study.members.iter().enumerate() {
            let is_planned = |seed| self.foreseen.contains_key(&(member.name.clone(), seed));
            let published = report::published(study, member, self.context);
            let Ok(published) = published else {
                continue;
            };
            let own = published.replicates.into_iter();
            others.extend(
                own.filter(|one| !is_planned(one.seed()))
                    .map(|one| (index, one)),
            );
            let own = published.left_out.into_iter();
            left_out.extend(own.filter(|one| !is_planned(one.seed)));
        }
        let planned = self.own(study);
        let planned = planned.map(|(index, seed, one)| Shown::of(index, seed, &one.stages));
        let others = others.iter();
        let others = others.map(|(index, one)| Shown::published(*index, &one.manifest));
        let mut shown: Vec<Shown<'_>> = planned.chain(others).collect();
        shown.sort_by_key(|one| (one.member, one.seed));
        let figures = study.figures.iter();
        figures
            .map(|figure| study_figure(study, figure, &shown, &left_out))
            .collect()
    }

    /// Whether the summary of a study shows what the store has.
    fn summary_folder(
        &self,
        overview: &Overview<'_>,
        folder: &Path,
    ) -> Result<(State, Vec<String>), RunError> {
        let written = overview.look()?;
        let mut outcome = shown_in(folder, &written.products);
        let path = page_of(overview.study, self.context);
        if let Some(page) = &written.page
            && io::read(&path).map_or(true, |there| there != *page)
        {
            outcome.0 = State::Run;
            outcome
                .1
                .push(format!("`{}` is not up to date", escape::path(&path)));
        }
        Ok(outcome)
    }

    fn add(
        &mut self,
        (experiment, seed): (&str, Option<u64>),
        (stage, name): (&'static str, &str),
        key: Option<&Key>,
        (state, reasons): (State, Vec<String>),
    ) {
        self.planned.push(Planned {
            experiment: experiment.to_owned(),
            seed,
            stage,
            name: name.to_owned(),
            key: key.cloned(),
            state,
            reasons,
        });
    }

    /// Where files are missing, a download may fail: if it did before, others
    /// are taken to stand in again.
    fn source(&self, experiment: &Experiment) -> Result<Source, RunError> {
        let asked = Source::asked(experiment, self.context)?;
        let device = self.context.device_of(experiment);
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

    /// Plans the stages of a replicate, and its results.
    fn replicate(
        &mut self,
        experiment: &Experiment,
        source: &Source,
        seed: u64,
    ) -> Result<Foreseen, RunError> {
        let stages = Stages::of(experiment, seed, source, self.context.device_of(experiment));
        let of = (experiment.name.as_str(), Some(seed));
        let folder = place(&self.context.out.join(&experiment.name), seed);
        let before = Manifest::read(&folder).map(|manifest| manifest.stages);
        let before = before.unwrap_or_default();
        let reasons = Reasons {
            context: self.context,
            before: &before,
            source,
            stages: &stages,
        };
        let mut digests = BTreeMap::new();
        let mut all_done = true;
        for stage in stages.all() {
            let outcome = self.stage(stage, &mut digests, |absence| reasons.of(stage, absence));
            if outcome.0 == State::Run {
                self.to_make.insert(stage.key.clone());
            }
            all_done &= outcome.0 == State::Done;
            let kind = stage.kind.name();
            self.add(of, (kind, &stage.name), Some(&stage.key), outcome);
        }
        let run = Run {
            experiment,
            context: self.context,
            source,
            seed,
            stages: stages.clone(),
            dataset: OnceCell::new(),
            only_looks: true,
            tell: &|_| {},
        };
        let mut is_same = false;
        let outcome = if all_done {
            let products = run.replicate()?.products(experiment, self.context)?;
            let manifest = io::read(&folder.join(MANIFEST)).ok();
            is_same = manifest.as_ref() == products.get(MANIFEST);
            shown_in(&folder, &products)
        } else {
            (State::Run, vec!["they show the stages above".to_owned()])
        };
        self.add(of, ("results", ""), None, outcome);
        Ok(Foreseen { stages, is_same })
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
}

/// Whether a folder shows these products.
fn shown_in(folder: &Path, products: &Products) -> (State, Vec<String>) {
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
    (state, reasons)
}
