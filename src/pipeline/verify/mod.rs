//! Verification: runs published replicates again, and compares results, summaries and
//! ledgers with those of the reruns.

mod diff;
mod files;
mod ledgers;
mod origin;
mod replicate;
mod summary;

use std::path::Path;

use super::context::Context;
use super::error::{RunError, chain};
use super::event::Emit;
use super::experiment::{Experiment, Study};
use crate::report::published_seeds;
use crate::store::place;
use diff::Difference;
use replicate::Rerun;

pub use ledgers::Ledgers;

/// Part of published results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Folder of this seed.
    Replicate(u64),
    /// Summary of a study, with its page.
    Summary,
    /// Ledger of a folder.
    Ledger,
    /// Files and folders beside the replicates.
    Beside,
}

/// Result of the verification of a part of published results.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Verified part.
    pub part: Part,
    /// Strictness of the comparison, with the reason.
    pub how: String,
    /// Number of files compared.
    pub compared: usize,
    /// Files that no tolerance applies to.
    pub skipped: Vec<String>,
    /// Files that are listed in the manifest, but not published.
    pub left_out: Vec<String>,
    /// Differences, at most one per file.
    pub differences: Vec<Difference>,
}

impl Verified {
    /// Returns a part that was not compared, with the reason and the differences.
    fn not_compared(part: Part, how: &str, differences: Vec<Difference>) -> Self {
        Self {
            part,
            how: how.to_owned(),
            compared: 0,
            skipped: Vec::new(),
            left_out: Vec::new(),
            differences,
        }
    }
}

/// Results of a study, to be verified.
#[derive(Clone, Copy)]
pub struct Verification<'a> {
    /// Path of the spec.
    pub spec: &'a Path,
    /// Study, as its spec is now.
    pub study: &'a Study,
    /// Folder of all published results.
    pub published: &'a Path,
    /// Context of the reruns, with a folder of its own, which should be empty.
    pub context: &'a Context,
}

impl Verification<'_> {
    /// Runs the published replicates of an experiment of the study again and compares:
    /// byte for byte if they were computed on such a machine and device, else within
    /// tolerances. Empty if nothing is published.
    ///
    /// # Errors
    /// If results cannot be listed, a run fails, or its results cannot be read.
    pub fn experiment(
        &self,
        experiment: &Experiment,
        on_event: Emit<'_>,
    ) -> Result<Vec<Verified>, RunError> {
        let folder = self.published.join(&experiment.name);
        let seeds = published_seeds(&folder)?;
        let mut verified = Vec::new();
        for &seed in &seeds {
            let rerun = Rerun {
                of: self,
                experiment,
                seed,
                published: place(&folder, seed),
                again: place(&self.context.out.join(&experiment.name), seed),
            };
            verified.push(rerun.verify(on_event)?);
        }
        if seeds.is_empty() {
            return Ok(verified);
        }
        // A comparison may have seeds that the compared experiments do not publish.
        if self.study.compare.is_none() {
            let missing = experiment.spec.seeds.iter();
            let missing = missing.filter(|seed| !seeds.contains(seed));
            verified.extend(unpublished(&missing.copied().collect::<Vec<_>>()));
        }
        verified.extend(beside(files::beside_replicates(&folder)?));
        Ok(verified)
    }

    /// Returns the experiment as it was run with these overrides; fails with the reason that
    /// it cannot be.
    fn as_run(&self, experiment: &Experiment, overrides: &[String]) -> Result<Experiment, String> {
        if overrides.is_empty() {
            return Ok(experiment.clone());
        }
        let sets = format!("`--set {}`", overrides.join(" --set "));
        let study = Study::load(self.spec, overrides).map_err(|error| {
            format!(
                "was published with {sets}, which the spec refuses: {}",
                chain(&error)
            )
        })?;
        let mut members = study.members.into_iter();
        let found = members.find(|member| member.name == experiment.name);
        found.ok_or_else(|| format!("was published with {sets}, which leaves no such experiment"))
    }
}

/// Names the seeds of a spec that are not published, which is no difference: those that are
/// can be verified alone.
fn unpublished(seeds: &[u64]) -> Option<Verified> {
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let how = format!(
        "seeds of the spec that are not published: {}",
        seeds.join(" ")
    );
    (!seeds.is_empty()).then(|| Verified::not_compared(Part::Beside, &how, Vec::new()))
}

/// Returns the result for unexpected files, if there are any.
fn beside(differences: Vec<Difference>) -> Option<Verified> {
    let is_clean = differences.is_empty();
    let how = "what is beside the results";
    (!is_clean).then(|| Verified::not_compared(Part::Beside, how, differences))
}

fn difference(file: &str, what: String) -> Difference {
    let file = file.to_owned();
    Difference { file, what }
}
