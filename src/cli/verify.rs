//! `backquery verify`: comparison of published results with reruns.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::args::VerifyArgs;
use super::devices;
use super::error::Failure;
use super::output::say;
use super::progress::Progress;
use super::temporary::Temporary;
use super::{names, specs, text};
use crate::escape;
use crate::pipeline::{
    Context, Event, Experiment, Job, Ledgers, RunError, Study, Verification, Verified,
};
use crate::report::published_seeds;

/// Runs `backquery verify`.
///
/// # Errors
/// If anything differs, results cannot be read, a run fails, or there is nothing to
/// verify.
pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let studies = specs::load_all(&specs, &[])?;
    check_readable(&studies, &args.results)?;
    let folder = RerunFolder::of(args)?;
    let context = devices::context(&studies, folder.path(), &args.machine)?;
    let mut verifying = Verifying {
        args,
        context: &context,
        seen: BTreeSet::new(),
        all: 0,
        differing: Vec::new(),
    };
    // Comparisons come last, as they share experiments with the other studies.
    for compares in [false, true] {
        let studies = specs.iter().zip(&studies);
        for (path, study) in studies.filter(|(_, study)| study.compare.is_some() == compares) {
            verifying.study(path, study)?;
        }
    }
    verifying.ledgers(&specs, &studies)?;
    verifying.end()
}

/// Checks that all results can be listed, before hours of reruns.
fn check_readable(studies: &[Study], results: &Path) -> Result<(), Failure> {
    for experiment in studies.iter().flat_map(|study| &study.members) {
        published_seeds(&results.join(&experiment.name))?;
    }
    Ok(())
}

/// Folder of the reruns.
enum RerunFolder {
    /// Temporary folder, without results of earlier runs.
    Temporary(Temporary),
    /// Folder of `--in`, which is kept.
    Kept(PathBuf),
}

impl RerunFolder {
    fn of(args: &VerifyArgs) -> Result<Self, Failure> {
        let real = |path: &Path| fs::canonicalize(path).ok();
        match &args.within {
            None => Temporary::new()
                .map(Self::Temporary)
                .map_err(Failure::Temporary),
            // Results always agree with themselves.
            Some(folder) if real(folder).is_some() && real(folder) == real(&args.results) => {
                Err(Failure::SameFolder(folder.clone()))
            }
            Some(folder) => Ok(Self::Kept(folder.clone())),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }
}

/// Verification in progress.
struct Verifying<'a> {
    args: &'a VerifyArgs,
    context: &'a Context,
    /// Names of verified experiments.
    seen: BTreeSet<String>,
    /// Number of verified parts of the results.
    all: usize,
    /// Names of the parts that differ.
    differing: Vec<String>,
}

impl<'a> Verifying<'a> {
    fn study(&mut self, spec: &'a Path, study: &'a Study) -> Result<(), Failure> {
        let verification = self.verification(spec, study);
        for experiment in &study.members {
            if !self.seen.insert(experiment.name.clone()) {
                continue;
            }
            let verified = self.with_progress(&experiment.name, |on_event| {
                verification.experiment(experiment, on_event)
            })?;
            if verified.is_empty() && study.compare.is_none() {
                let is_named = specs::is_named(&self.args.specs, spec);
                skip(experiment, is_named, &self.args.results)?;
            }
            self.add(&experiment.name, &verified);
        }
        let summary = self.with_progress(&study.name, |on_event| verification.summary(on_event))?;
        self.add(&study.name, summary.as_slice());
        Ok(())
    }

    fn verification(&self, spec: &'a Path, study: &'a Study) -> Verification<'a> {
        Verification {
            spec,
            study,
            published: &self.args.results,
            context: self.context,
        }
    }

    /// Runs something and shows its progress under this name.
    fn with_progress<T>(
        &self,
        name: &str,
        run: impl FnOnce(&dyn Fn(Event<'_>)) -> Result<T, RunError>,
    ) -> Result<T, Failure> {
        let progress = Progress::new(self.args.quiet);
        let job = Job { name, seed: None };
        let result = run(&|event| progress.report(job, event));
        progress.clear();
        result.map_err(|error| Failure::Run(name.to_owned(), error))
    }

    fn ledgers(&mut self, specs: &'a [PathBuf], studies: &'a [Study]) -> Result<(), Failure> {
        let studies: Vec<Study> = specs
            .iter()
            .zip(studies)
            .map(|(spec, study)| self.verification(spec, study).study_as_run())
            .collect();
        let complete: Vec<PathBuf> = self
            .args
            .specs
            .iter()
            .map(|typed| names::resolve(typed))
            .filter(|path| path.is_dir())
            .map(|folder| specs::results_of(&folder))
            .collect();
        let ledgers = Ledgers {
            studies: &studies,
            published: &self.args.results,
            has_all_below: &|place| complete.iter().any(|folder| place.starts_with(folder)),
        };
        let verified = ledgers
            .verify()
            .map_err(|error| Failure::Run("the ledger of claims".to_owned(), error))?;
        for (name, verified) in verified {
            self.add(&name, &[verified]);
        }
        Ok(())
    }

    fn add(&mut self, name: &str, verified: &[Verified]) {
        for one in verified {
            self.all += 1;
            say(&text::verified(name, one));
            if !one.differences.is_empty() {
                self.differing.push(text::part_in_list(name, one.part));
            }
        }
    }

    fn end(self) -> Result<(), Failure> {
        match (self.all, self.differing.is_empty()) {
            (0, _) => Err(Failure::Unpublished(self.args.results.clone())),
            (_, true) => Ok(()),
            (all, false) => Err(Failure::Differs {
                all,
                differing: self.differing,
            }),
        }
    }
}

/// Reports that an experiment of a folder has no published results.
///
/// # Errors
/// If the experiment itself was named.
fn skip(experiment: &Experiment, is_named: bool, results: &Path) -> Result<(), Failure> {
    let folder = results.join(&experiment.name);
    if is_named {
        return Err(Failure::Unpublished(folder));
    }
    let (name, folder) = (escape::line(&experiment.name), escape::path(&folder));
    say(&format!("{name}: skipped, `{folder}` has no results"));
    Ok(())
}
