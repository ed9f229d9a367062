//! All replicates of some studies, several at a time, and what each study says of its
//! own together, once the last of them is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::context::Context;
use super::error::RunError;
use super::event::Event;
use super::experiment::{Experiment, Study};
use super::ledger;
use super::overview::{self, Overview};
use super::products::{Replicate, Summary};
use super::run::Replicates;
use super::shared::lock;
use crate::report::Judged;

/// What a batch works at: a replicate, or without a seed a whole study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job<'a> {
    /// The name of the experiment, or of the study.
    pub name: &'a str,
    /// Of the replicate.
    pub seed: Option<u64>,
}

/// How a batch goes on after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// With the next one.
    GoOn,
    /// Without the other replicates of the same experiment.
    SkipExperiment,
    /// Not at all; what is running comes to its end.
    Stop,
}

/// How a job ended; a study, and what is only set beside others, give no summary.
pub type Outcome = Result<Option<Summary>, RunError>;

/// Who watches a batch. Both are called by several threads at once.
pub struct Watch<'a> {
    /// Told what happens.
    pub on_event: &'a (dyn Fn(Job<'_>, Event<'_>) + Sync),
    /// Told how a job ended.
    pub on_end: &'a (dyn Fn(Job<'_>, Outcome) -> Next + Sync),
}

/// All that some studies need.
pub struct Batch<'a> {
    studies: &'a [Study],
    context: &'a Context,
    /// Those of each experiment, and whose it is.
    experiments: Vec<Replicates<'a>>,
    tasks: Vec<Task<'a>>,
    /// For each study its members' positions with their tasks.
    members: Vec<Vec<(usize, usize)>>,
}

/// One replicate.
struct Task<'a> {
    /// Position among the experiments of the batch.
    of: usize,
    experiment: &'a Experiment,
    seed: u64,
    /// The study it is run for, if its results are put nowhere.
    only_for: Option<&'a str>,
}

impl<'a> Batch<'a> {
    /// Nothing has run yet.
    #[must_use]
    pub fn of(studies: &'a [Study], context: &'a Context) -> Self {
        let mut batch = Self {
            studies,
            context,
            experiments: Vec::new(),
            tasks: Vec::new(),
            members: vec![Vec::new(); studies.len()],
        };
        // First those with results of their own: comparisons then find them.
        for compares in [false, true] {
            for (index, study) in studies.iter().enumerate() {
                if study.compare.is_some() == compares {
                    batch.add(index, study);
                }
            }
        }
        batch
    }

    fn add(&mut self, index: usize, study: &'a Study) {
        let only_for = study.compare.is_some().then_some(study.name.as_str());
        for (member, experiment) in study.members.iter().enumerate() {
            let of = self.experiments.len();
            self.experiments
                .push(Replicates::of(experiment, self.context));
            for &seed in &experiment.spec.seeds {
                let same =
                    |task: &Task<'_>| task.seed == seed && is_same(task.experiment, experiment);
                let known = self
                    .tasks
                    .iter()
                    .position(same)
                    .filter(|_| only_for.is_some());
                let task = known.unwrap_or_else(|| {
                    self.tasks.push(Task {
                        of,
                        experiment,
                        seed,
                        only_for,
                    });
                    self.tasks.len() - 1
                });
                self.members[index].push((member, task));
            }
        }
    }

    /// Runs everything, `jobs` replicates at a time, and gives what became of the
    /// claims of the studies, in their order.
    #[must_use]
    pub fn run(&self, jobs: usize, watch: &Watch<'_>) -> Vec<Judged> {
        let groups = self.groups();
        let run = Running::of(self, watch);
        thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, groups.len().max(1)) {
                scope.spawn(|| run.work(&groups));
            }
        });
        let judged = run.parts.iter().map(|part| lock(&part.judged).take());
        judged.flatten().flatten().collect()
    }

    /// Tasks that share a training follow each other, so that no job waits for
    /// another one's.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (index, task) in self.tasks.iter().enumerate() {
            let spec = &task.experiment.spec;
            let training = (&spec.data, &spec.model, &spec.train, task.seed);
            // What does not fit into JSON fails by itself, with its own error.
            let training = serde_json::to_string(&training).unwrap_or_default();
            let place = *places.entry(training).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(index);
        }
        groups
    }
}

/// True if the results of one are those of the other.
fn is_same(a: &Experiment, b: &Experiment) -> bool {
    let spec = |of: &Experiment| {
        let mut spec = of.spec.clone();
        // Which other replicates there are.
        spec.seeds.clear();
        spec
    };
    a.name == b.name && a.overrides == b.overrides && spec(a) == spec(b)
}

fn job_of(study: &Study) -> Job<'_> {
    Job {
        name: &study.name,
        seed: None,
    }
}

/// A batch while it runs.
struct Running<'a> {
    batch: &'a Batch<'a>,
    watch: &'a Watch<'a>,
    /// The group that nobody has begun yet.
    next: AtomicUsize,
    stopped: AtomicBool,
    /// Experiments whose other replicates would fail as well.
    skipped: Mutex<BTreeSet<usize>>,
    /// What came of each task, for as long as a study needs it: pictures are large.
    done: Vec<Mutex<Option<Arc<Replicate>>>>,
    /// Studies that wait for each task, as often as they have it.
    users: Vec<Vec<usize>>,
    /// What goes on at each study.
    parts: Vec<Part>,
}

/// A study while it runs.
struct Part {
    /// Its summary cannot be put where it should be.
    blocked: bool,
    /// Members whose tasks have not ended.
    left: AtomicUsize,
    /// What became of its claims.
    judged: Mutex<Option<Vec<Judged>>>,
}

impl<'a> Running<'a> {
    fn of(batch: &'a Batch<'a>, watch: &'a Watch<'a>) -> Self {
        let mut users = vec![Vec::new(); batch.tasks.len()];
        for (study, members) in batch.members.iter().enumerate() {
            for &(_, task) in members {
                users[task].push(study);
            }
        }
        let mut run = Self {
            batch,
            watch,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            skipped: Mutex::default(),
            done: batch.tasks.iter().map(|_| Mutex::new(None)).collect(),
            users,
            parts: Vec::new(),
        };
        // Summaries that cannot be written are better told now than after hours of
        // training.
        for (study, members) in batch.studies.iter().zip(&batch.members) {
            run.parts.push(Part {
                blocked: run.is_blocked(study),
                left: AtomicUsize::new(members.len()),
                judged: Mutex::new(None),
            });
        }
        run
    }

    fn work(&self, groups: &[Vec<usize>]) {
        while let Some(group) = groups.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            for &index in group {
                let task = &self.batch.tasks[index];
                let skipped = lock(&self.skipped).contains(&task.of);
                if !skipped && !self.stopped.load(Ordering::Relaxed) {
                    self.task(task, index);
                }
                for &study in &self.users[index] {
                    if self.parts[study].left.fetch_sub(1, Ordering::AcqRel) == 1 {
                        self.conclude(study);
                    }
                }
            }
        }
    }

    /// What is left to do once all replicates of a study have ended.
    fn conclude(&self, index: usize) {
        let (study, members) = (&self.batch.studies[index], &self.batch.members[index]);
        let blocked = self.parts[index].blocked;
        let replicate = |&(member, task): &(usize, usize)| {
            let replicate = lock(&self.done[task]).clone();
            Some((member, replicate?))
        };
        let replicates: Option<Vec<_>> = members.iter().map(replicate).collect();
        let all = replicates.filter(|_| !blocked);
        // Of a single replicate its own failure tells all.
        if all.is_none() && !blocked && members.len() > 1 {
            (self.watch.on_event)(job_of(study), Event::NoSummary);
        }
        let judged = all.and_then(|replicates| {
            let lent: Vec<_> = replicates
                .iter()
                .map(|(member, one)| (*member, &**one))
                .collect();
            self.study(study, &lent)
        });
        let judged = judged.unwrap_or_else(|| ledger::unjudged(study, "the run failed"));
        *lock(&self.parts[index].judged) = Some(judged);
        for &(_, task) in members {
            let waits = |&study: &usize| lock(&self.parts[study].judged).is_none();
            if !self.users[task].iter().any(waits) {
                *lock(&self.done[task]) = None;
            }
        }
    }

    fn task(&self, task: &Task<'_>, index: usize) {
        let Task {
            experiment, seed, ..
        } = *task;
        let job = Job {
            name: &experiment.name,
            seed: Some(seed),
        };
        let on_event = |event: Event<'_>| (self.watch.on_event)(job, event);
        let replicates = &self.batch.experiments[task.of];
        let result = match task.only_for {
            None => replicates.run(seed, &on_event),
            Some(study) => replicates.run_for(study, seed, &on_event),
        };
        let summary = result.map(|replicate| {
            let summary = replicate.summary(experiment);
            *lock(&self.done[index]) = Some(Arc::new(replicate));
            // Of what is only set beside others the study tells.
            Some(summary).filter(|_| task.only_for.is_none())
        });
        self.end(job, summary, Some(task.of));
    }

    /// Tells if the summary of a study cannot be put where it should be.
    fn is_blocked(&self, study: &Study) -> bool {
        let job = job_of(study);
        let on_event = |event: Event<'_>| (self.watch.on_event)(job, event);
        match overview::check_place(study, self.batch.context, &on_event) {
            Ok(()) => false,
            Err(error) => {
                self.end(job, Err(error), None);
                true
            }
        }
    }

    /// What a study says, and what became of its claims.
    fn study(&self, study: &Study, replicates: &[(usize, &Replicate)]) -> Option<Vec<Judged>> {
        let job = job_of(study);
        let on_event = |event: Event<'_>| (self.watch.on_event)(job, event);
        let overview = Overview {
            study,
            context: self.batch.context,
            replicates,
        };
        match overview.run(&on_event) {
            Ok(judged) => {
                self.end(job, Ok(None), None);
                Some(judged)
            }
            Err(error) => {
                self.end(job, Err(error), None);
                None
            }
        }
    }

    fn end(&self, job: Job<'_>, result: Outcome, of: Option<usize>) {
        match (self.watch.on_end)(job, result) {
            Next::GoOn => {}
            Next::SkipExperiment => lock(&self.skipped).extend(of),
            Next::Stop => self.stopped.store(true, Ordering::Relaxed),
        }
    }
}
