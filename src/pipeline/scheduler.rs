//! Scheduler: runs the replicates of some studies, several at a time, and summarizes each
//! study once its last replicate has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;

use super::context::Context;
use super::error::RunError;
use super::event::Event;
use super::experiment::{Experiment, Study};
use super::panics::caught;
use super::publish::files::Summary;
use super::publish::ownership;
use super::run::ExperimentRunner;
use super::shared::lock;
use super::study::claims;
use super::study::report;
use crate::claims::{ClaimResult, correct};
use crate::store::FolderClaim;

/// Job of a scheduler: a replicate, or without a seed the summary of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job<'a> {
    /// Name of the experiment or study.
    pub name: &'a str,
    /// Seed of the replicate.
    pub seed: Option<u64>,
}

/// Continuation after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Run the next one.
    GoOn,
    /// Skip the other replicates of the same experiment.
    SkipExperiment,
    /// Start no other job; those that run come to their end.
    Stop,
}

/// Result of a job; a study has no [`Summary`].
pub type Outcome = Result<Option<Summary>, RunError>;

/// Callbacks of a scheduler, called by several threads at once.
pub struct Watch<'a> {
    /// Receives events.
    pub on_event: &'a (dyn Fn(Job<'_>, Event<'_>) + Sync),
    /// Receives the result of each job.
    pub on_end: &'a (dyn Fn(Job<'_>, Outcome) -> Next + Sync),
}

/// Scheduler of the replicates of some studies. Every experiment of a comparison must belong
/// to another study, which publishes it: see [`super::with_compared`].
pub struct Scheduler<'a> {
    studies: &'a [Study],
    context: &'a Context,
    /// Runners, one per experiment.
    experiments: Vec<ExperimentRunner<'a>>,
    tasks: Vec<ReplicateTask<'a>>,
    /// Tasks that each study depends on.
    needs: Vec<Vec<usize>>,
}

/// Replicate to run.
struct ReplicateTask<'a> {
    /// Position of its experiment among those of the scheduler.
    of: usize,
    experiment: &'a Experiment,
    seed: u64,
}

impl<'a> Scheduler<'a> {
    /// Returns a scheduler that has run nothing yet.
    pub fn new(studies: &'a [Study], context: &'a Context) -> Self {
        let mut scheduler = Self {
            studies,
            context,
            experiments: Vec::new(),
            tasks: Vec::new(),
            needs: Vec::new(),
        };
        for experiment in studies.iter().flat_map(Study::own) {
            let of = scheduler.experiments.len();
            let runner = ExperimentRunner::new(experiment, context);
            scheduler.experiments.push(runner);
            let seeds = experiment.spec.seeds.iter();
            scheduler.tasks.extend(seeds.map(|&seed| ReplicateTask {
                of,
                experiment,
                seed,
            }));
        }
        let needs = studies.iter().map(|study| scheduler.needs_of(study));
        scheduler.needs = needs.collect();
        scheduler
    }

    /// Returns the positions of the tasks that a study depends on.
    fn needs_of(&self, study: &Study) -> Vec<usize> {
        let names: BTreeSet<&str> = study.members.iter().map(|m| m.name.as_str()).collect();
        let is_needed = |task: &ReplicateTask<'_>| {
            let is_wanted = |seeds: &Vec<u64>| seeds.contains(&task.seed);
            names.contains(task.experiment.name.as_str())
                && study.seeds.as_ref().is_none_or(is_wanted)
        };
        let tasks = self.tasks.iter().enumerate();
        let needed = tasks.filter(|(_, task)| is_needed(task));
        needed.map(|(index, _)| index).collect()
    }

    /// Runs everything, `jobs` replicates at a time, and returns the judged claims of the
    /// studies that were asked for, in their order.
    pub fn run(&self, jobs: usize, watch: &Watch<'_>) -> Vec<ClaimResult> {
        let groups = self.groups();
        let run = Running::new(self, watch);
        self.context.store.tidy();
        thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, groups.len().max(1)) {
                scope.spawn(|| run.work(&groups));
            }
        });
        let studies = self.studies.iter().zip(&run.studies);
        let asked_for = studies.filter(|(study, _)| study.asked_for);
        let judged = asked_for.map(|(_, progress)| lock(&progress.judged).take());
        let mut ledger: Vec<ClaimResult> = judged.flatten().flatten().collect();
        correct(&mut ledger);
        ledger
    }

    /// Groups tasks that share a training, so that no job waits for another one's.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (index, task) in self.tasks.iter().enumerate() {
            let spec = &task.experiment.spec;
            let training = (&spec.data, spec.model.trained(), &spec.train, task.seed);
            // A spec that does not fit into JSON fails later, with an error of its own.
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

fn job_of(study: &Study) -> Job<'_> {
    Job {
        name: &study.name,
        seed: None,
    }
}

/// State of a scheduler while it runs.
struct Running<'a> {
    scheduler: &'a Scheduler<'a>,
    watch: &'a Watch<'a>,
    /// First group that no thread has started.
    next: AtomicUsize,
    stopped: AtomicBool,
    /// Claim of the results folders, once something is written; none if it failed.
    claim: OnceLock<Option<FolderClaim>>,
    /// Experiments whose other replicates would fail as well.
    skipped: Mutex<BTreeSet<usize>>,
    /// Outcome of each task that has ended.
    ended: Vec<OnceLock<Ended>>,
    /// Studies that depend on each task.
    users: Vec<Vec<usize>>,
    /// Progress of each study.
    studies: Vec<StudyProgress>,
}

/// Outcome of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Published before, and still up to date.
    UpToDate,
    /// Published now.
    Published,
    Failed,
}

/// Progress of a study.
struct StudyProgress {
    /// True if its summary cannot be written; known once one of its tasks runs.
    blocked: OnceLock<bool>,
    /// Tasks that have not ended.
    left: AtomicUsize,
    /// Judged claims.
    judged: Mutex<Option<Vec<ClaimResult>>>,
}

impl<'a> Running<'a> {
    fn new(scheduler: &'a Scheduler<'a>, watch: &'a Watch<'a>) -> Self {
        let mut users = vec![Vec::new(); scheduler.tasks.len()];
        for (study, tasks) in scheduler.needs.iter().enumerate() {
            for &task in tasks {
                users[task].push(study);
            }
        }
        let progress = |tasks: &Vec<usize>| StudyProgress {
            blocked: OnceLock::new(),
            left: AtomicUsize::new(tasks.len()),
            judged: Mutex::new(None),
        };
        Self {
            scheduler,
            watch,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            claim: OnceLock::new(),
            skipped: Mutex::default(),
            ended: scheduler.tasks.iter().map(|_| OnceLock::new()).collect(),
            users,
            studies: scheduler.needs.iter().map(progress).collect(),
        }
    }

    fn work(&self, groups: &[Vec<usize>]) {
        while let Some(group) = groups.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            for &index in group {
                let task = &self.scheduler.tasks[index];
                let skipped = lock(&self.skipped).contains(&task.of);
                if !skipped && !self.is_stopped() {
                    self.task(task, index);
                }
                for &study in &self.users[index] {
                    if self.studies[study].left.fetch_sub(1, Ordering::AcqRel) == 1 {
                        self.conclude(study);
                    }
                }
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn task(&self, task: &ReplicateTask<'_>, index: usize) {
        let ReplicateTask {
            experiment, seed, ..
        } = *task;
        let job = Job {
            name: &experiment.name,
            seed: Some(seed),
        };
        let on_event = |event: Event<'_>| (self.watch.on_event)(job, event);
        let replicates = &self.scheduler.experiments[task.of];
        // A panic here repeats in the run, which logs it.
        let found = caught(|| Ok(replicates.up_to_date(seed, &on_event)));
        let (result, ended) = if let Some(replicate) = found.ok().flatten() {
            (Ok(replicate), Ended::UpToDate)
        } else {
            // Report a summary that cannot be written now, not after hours of training.
            for &study in &self.users[index] {
                self.check_place(study, job);
            }
            if self.is_stopped() {
                return;
            }
            (replicates.run(seed, &on_event), Ended::Published)
        };
        let ended = if result.is_ok() { ended } else { Ended::Failed };
        // Each task ends once.
        let _ = self.ended[index].set(ended);
        let summary = result.map(|replicate| Some(replicate.summary(experiment)));
        self.end(job, summary, Some(task.of));
    }

    /// Claims the results folders of all studies, once. If that fails everything stops.
    fn has_claim(&self, job: Job<'_>) -> bool {
        let claim = || match ownership::claim(self.scheduler.studies, self.scheduler.context) {
            Ok(claim) => Some(claim),
            Err(error) => {
                self.end(job, Err(error), None);
                self.stopped.store(true, Ordering::Relaxed);
                None
            }
        };
        self.claim.get_or_init(claim).is_some()
    }

    /// Checks, once, that the summary of a study can be written.
    fn check_place(&self, index: usize, job: Job<'_>) {
        if !self.has_claim(job) {
            return;
        }
        let study = &self.scheduler.studies[index];
        self.studies[index].blocked.get_or_init(|| {
            let job = job_of(study);
            let on_event = |event: Event<'_>| (self.watch.on_event)(job, event);
            let free = report::check_place(study, self.scheduler.context, &on_event);
            let error = free.err();
            let is_blocked = error.is_some();
            if let Some(error) = error {
                self.end(job, Err(error), None);
            }
            is_blocked
        });
    }

    /// Updates the summary of a study whose tasks have all ended. It covers all published
    /// replicates, whoever ran them.
    fn conclude(&self, index: usize) {
        let (study, tasks) = (&self.scheduler.studies[index], &self.scheduler.needs[index]);
        let ended = tasks.iter().map(|&task| self.ended[task].get().copied());
        let ended: Vec<Option<Ended>> = ended.collect();
        let is_there = |one: &Option<Ended>| !matches!(one, None | Some(Ended::Failed));
        // The obstacle is reported already.
        let is_refused = matches!(self.claim.get(), Some(None));
        let is_blocked = is_refused || self.studies[index].blocked.get() == Some(&true);
        let judged = if is_blocked {
            None
        } else if ended.iter().any(is_there) {
            let is_same = |one: &Option<Ended>| *one == Some(Ended::UpToDate);
            self.study(study, ended.iter().all(is_same))
        } else {
            // A single replicate has reported its failure itself.
            if tasks.len() > 1 {
                (self.watch.on_event)(job_of(study), Event::NoSummary);
            }
            None
        };
        let judged = judged.unwrap_or_else(|| claims::unjudged(study, "the run failed"));
        *lock(&self.studies[index].judged) = Some(judged);
    }

    /// Summarizes a study and judges its claims.
    fn study(&self, study: &Study, is_same: bool) -> Option<Vec<ClaimResult>> {
        let (job, context) = (job_of(study), self.scheduler.context);
        let on_event = |event: Event<'_>| (self.watch.on_event)(job, event);
        let look = || is_same.then(|| report::up_to_date(study, context, &on_event));
        let found = caught(|| Ok(look().flatten()));
        if let Some(judged) = found.ok().flatten() {
            self.end(job, Ok(None), None);
            return Some(judged);
        }
        if !self.has_claim(job) {
            return None;
        }
        match report::refresh(study, context, &on_event) {
            Ok(judged) => {
                self.end(job, Ok(None), None);
                judged
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
