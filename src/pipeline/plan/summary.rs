//! Plan of the summary of a study.

use std::path::Path;

use super::reasons::is;
use super::{Foreseen, Job, Plan, PlannedState, StageState, planned, shown_in};
use crate::escape;
use crate::io;
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::Study;
use crate::pipeline::runner::Runner;
use crate::pipeline::stage::Stage;
use crate::pipeline::study::graph::{ShownReplicate, figure_stage};
use crate::pipeline::study::report::{self, StudyReport, page_of};
use crate::store::{CacheMiss, SUMMARY, StudyManifest};

/// Planned replicate of a study.
struct OwnReplicate<'a> {
    /// Position of its experiment in the study.
    member: usize,
    seed: u64,
    foreseen: &'a Foreseen,
}

impl Plan<'_> {
    /// Plans the figures of a whole study, and its summary.
    pub(super) fn summary(&mut self, study: &Study) -> Result<(), RunError> {
        let job = Job {
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
            all_done &= outcome.state == StageState::Done;
            self.to_compute.insert(stage.key.clone());
            self.add_stage(job, stage, outcome);
        }
        let outcome = match shown.filter(|_| all_done) {
            Some(report) => self.summary_folder(&report, &folder)?,
            None => PlannedState::run("it shows the replicates and figures above"),
        };
        self.planned.push(planned(job, SUMMARY, outcome));
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
    fn summary_folder(
        &self,
        report: &StudyReport<'_>,
        folder: &Path,
    ) -> Result<PlannedState, RunError> {
        let written = report.look_up()?;
        let mut outcome = shown_in(folder, &written.files);
        let path = page_of(report.study, self.context);
        if let Some(page) = &written.page
            && io::read(&path).map_or(true, |there| there != *page)
        {
            let reason = format!("`{}` is not up to date", escape::path(&path));
            outcome.state = StageState::Run;
            outcome.reasons.push(reason);
        }
        Ok(outcome)
    }
}
