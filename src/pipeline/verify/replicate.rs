//! Published replicates against their reruns.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::diff::{Difference, Strictness, compare};
use super::files::{self, FolderCheck};
use super::origin::{described, is_of_this_machine};
use super::{Part, Verification, Verified, difference};
use crate::data::PROVENANCE;
use crate::pipeline::error::{RunError, chain};
use crate::pipeline::event::Emit;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::publish::manifest::spec;
use crate::pipeline::run::ExperimentRunner;
use crate::report::{SpecDifference, differences, run_differences, shown};
use crate::store::{
    ACCURACY, EVALUATORS, JUDGES, LAYERS, MANIFEST, METRICS, Manifest, NETWORK, Published,
};

/// Tables that must be published if a run writes them, as comparisons and claims need them.
/// All other files in a manifest may be left out.
const TABLES: [&str; 6] = [ACCURACY, EVALUATORS, JUDGES, LAYERS, METRICS, NETWORK];

/// Published replicate, and the place of its rerun.
pub struct Rerun<'a> {
    pub of: &'a Verification<'a>,
    pub experiment: &'a Experiment,
    pub seed: u64,
    pub published: PathBuf,
    pub again: PathBuf,
}

impl Rerun<'_> {
    /// Runs the replicate again and compares, unless the results could not be the same.
    ///
    /// # Errors
    /// If the run fails, or its results cannot be read.
    pub fn verify(&self, on_event: Emit<'_>) -> Result<Verified, RunError> {
        let before = match Manifest::read(&self.published) {
            Ok(before) => before,
            Err(error) => return Ok(self.not_run(vec![difference(MANIFEST, chain(&error))])),
        };
        let published = Published::new(&self.published, &before.outputs);
        let mut files = files::check(published, |name| !TABLES.contains(&name))?;
        let now = match self.run(&before, on_event)? {
            Ok(now) => now,
            Err(differences) => {
                files.differences.extend(differences);
                return Ok(self.not_run(files.differences));
            }
        };
        self.compare(&before, &now, files)
    }

    fn not_run(&self, differences: Vec<Difference>) -> Verified {
        let how = "not run: it would not be the same";
        Verified::not_compared(Part::Replicate(self.seed), how, differences)
    }

    /// Runs the replicate as it was run before and returns the manifest, or the reasons that
    /// it cannot be.
    fn run(
        &self,
        before: &Manifest,
        on_event: Emit<'_>,
    ) -> Result<Result<Manifest, Vec<Difference>>, RunError> {
        let experiment = match self.of.as_run(self.experiment, &before.overrides) {
            Ok(experiment) => experiment,
            Err(what) => return Ok(Err(vec![difference(MANIFEST, what)])),
        };
        let changed = changed_since(before, &experiment, self.seed)?;
        if !changed.is_empty() {
            return Ok(Err(changed));
        }
        ExperimentRunner::new(&experiment, self.of.context).run(self.seed, on_event)?;
        let now = Manifest::read(&self.again)?;
        let used = differences(&samples(&before.data), &samples(&now.data));
        let used = changes("data.", used);
        Ok(if used.is_empty() { Ok(now) } else { Err(used) })
    }

    /// Compares the published results with the rerun, each with its manifest.
    fn compare(
        &self,
        before: &Manifest,
        now: &Manifest,
        files: FolderCheck,
    ) -> Result<Verified, RunError> {
        let same_machine = is_of_this_machine(before, now);
        // Tolerances of the spec as it is now: published overrides must not loosen them.
        let tolerance = |name: &str| self.experiment.spec.tolerance(name);
        let strictness = if same_machine {
            Strictness::Bytes
        } else {
            Strictness::Within(&tolerance)
        };
        let comparison = compare(&self.published, &self.again, &strictness)?;
        let mut differences = files.differences;
        let is_expected = |found: &Difference| !files.unexpected.contains(&found.file);
        let found = comparison.differences.into_iter();
        differences.extend(found.filter(is_expected));
        if same_machine {
            differences.extend(unseen(&files.left_out, before, now));
        }
        if comparison.compared.is_empty() {
            let what = "is all there is: nothing was published to compare with".to_owned();
            differences.push(difference(MANIFEST, what));
        }
        Ok(Verified {
            part: Part::Replicate(before.seed),
            how: if same_machine {
                "byte for byte: the same kind of machine".to_owned()
            } else {
                format!("within tolerances: published from {}", described(before))
            },
            compared: comparison.compared.len(),
            skipped: comparison.skipped,
            left_out: files.left_out,
            differences,
        })
    }
}

/// Lists the settings that changed since a replicate was published, except other seeds and
/// tolerances, which do not affect it.
pub fn changed_since(
    before: &Manifest,
    experiment: &Experiment,
    seed: u64,
) -> Result<Vec<Difference>, serde_json::Error> {
    if (&before.experiment, before.seed) != (&experiment.name, seed) {
        let what = format!("is that of {}, seed {}", before.experiment, before.seed);
        return Ok(vec![difference(MANIFEST, what)]);
    }
    let found = run_differences(&before.spec, &spec(experiment, seed)?);
    Ok(changes("", found))
}

/// Returns the samples that a manifest describes, without their provenance: the same samples
/// may be in files of other names.
fn samples(data: &Map<String, Value>) -> Map<String, Value> {
    let mut samples = data.clone();
    samples.retain(|key, _| !PROVENANCE.contains(&key.as_str()));
    samples
}

/// Describes differences; `prefix` is that of their keys.
fn changes(prefix: &str, found: Vec<SpecDifference>) -> Vec<Difference> {
    let text = |SpecDifference { key, a, b }: SpecDifference| {
        let (a, b) = (shown(a.as_ref()), shown(b.as_ref()));
        let what = format!("`{prefix}{key}` was {a} when this was published and is {b} now");
        difference(MANIFEST, what)
    };
    found.into_iter().map(text).collect()
}

/// Compares the digests of files that are not published themselves, except pictures, which
/// are compared by pixels.
fn unseen(left_out: &[String], before: &Manifest, now: &Manifest) -> Vec<Difference> {
    let differs = |file: &&String| {
        let is_picture = Path::new(file)
            .extension()
            .is_some_and(|ending| ending == "png");
        !is_picture && now.outputs.get(*file) != before.outputs.get(*file)
    };
    let what = "has another digest than in its manifest; the file is not published";
    let files = left_out.iter().filter(differs);
    files
        .map(|file| difference(file, what.to_owned()))
        .collect()
}
