//! `backquery verify`: published results against reruns.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::args::Verify;
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

/// `backquery verify`.
///
/// # Errors
/// If anything differs, results cannot be read, a run fails, or there is nothing to
/// verify.
pub fn verify(args: &Verify) -> Result<(), Failure> {
    let specs = specs::expand(&args.specs)?;
    let studies = specs::load_all(&specs, &[])?;
    check_readable(&studies, &args.results)?;
    let place = Place::of(args)?;
    let context = devices::context(&studies, place.path(), &args.machine)?;
    let mut verifying = Verifying {
        args,
        context: &context,
        known: BTreeSet::new(),
        all: 0,
        differing: Vec::new(),
    };
    // First those with results of their own: comparisons have the same experiments.
    for compares in [false, true] {
        let studies = specs.iter().zip(&studies);
        for (path, study) in studies.filter(|(_, study)| study.compare.is_some() == compares) {
            verifying.study(path, study)?;
        }
    }
    verifying.ledgers(&specs, &studies)?;
    verifying.end()
}

/// Results that cannot be listed are reported now, not after hours of reruns.
fn check_readable(studies: &[Study], results: &Path) -> Result<(), Failure> {
    for experiment in studies.iter().flat_map(|study| &study.members) {
        published_seeds(&results.join(&experiment.name))?;
    }
    Ok(())
}

/// The folder in which results are made again.
enum Place {
    /// One of its own, so that nothing is taken from any store.
    Temporary(Temporary),
    /// One that the user names, which is kept.
    Kept(PathBuf),
}

impl Place {
    fn of(args: &Verify) -> Result<Self, Failure> {
        let real = |path: &Path| fs::canonicalize(path).ok();
        match &args.within {
            None => Ok(Self::Temporary(
                Temporary::new().map_err(Failure::Temporary)?,
            )),
            // Compared with themselves, results would always be right.
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

/// What was found so far.
struct Verifying<'a> {
    args: &'a Verify,
    context: &'a Context,
    /// The experiments that were verified, by name.
    known: BTreeSet<String>,
    /// How many parts of the results were verified.
    all: usize,
    /// The names of those that differ.
    differing: Vec<String>,
}

impl<'a> Verifying<'a> {
    fn study(&mut self, spec: &'a Path, study: &'a Study) -> Result<(), Failure> {
        let verification = self.verification(spec, study);
        for experiment in &study.members {
            if !self.known.insert(experiment.name.clone()) {
                continue;
            }
            let run = |tell: &dyn Fn(Event<'_>)| verification.experiment(experiment, tell);
            let verified = self.telling(&experiment.name, run)?;
            if verified.is_empty() && study.compare.is_none() {
                skip(
                    experiment,
                    specs::is_named(&self.args.specs, spec),
                    &self.args.results,
                )?;
            }
            self.add(&experiment.name, &verified);
        }
        let summary = self.telling(&study.name, |tell| verification.summary(tell))?;
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

    /// Runs something with its progress shown under this name.
    fn telling<T>(
        &self,
        name: &str,
        run: impl FnOnce(&dyn Fn(Event<'_>)) -> Result<T, RunError>,
    ) -> Result<T, Failure> {
        let progress = Progress::new(self.args.quiet);
        let job = Job { name, seed: None };
        let result = run(&|event| progress.tell(job, event));
        progress.clear();
        result.map_err(|error| Failure::Run(name.to_owned(), error))
    }

    fn ledgers(&mut self, specs: &'a [PathBuf], studies: &'a [Study]) -> Result<(), Failure> {
        let studies = specs.iter().zip(studies);
        let studies: Vec<Study> = studies
            .map(|(spec, study)| self.verification(spec, study).study_as_run())
            .collect();
        let typed = self.args.specs.iter().map(|typed| names::resolve(typed));
        let folders = typed.filter(|path| path.is_dir());
        let below: Vec<PathBuf> = folders.map(|folder| specs::results_of(&folder)).collect();
        let ledgers = Ledgers {
            studies: &studies,
            published: &self.args.results,
            has_all_below: &|place| below.iter().any(|folder| place.starts_with(folder)),
        };
        let ledgers = ledgers.verify();
        let ledgers =
            ledgers.map_err(|error| Failure::Run("the ledger of claims".to_owned(), error))?;
        for (name, verified) in ledgers {
            self.add(&name, &[verified]);
        }
        Ok(())
    }

    fn add(&mut self, name: &str, verified: &[Verified]) {
        for one in verified {
            self.all += 1;
            say(&text::verified(name, one));
            if !one.differences.is_empty() {
                self.differing
                    .push(text::part_without_comma(name, one.part));
            }
        }
    }

    fn end(self) -> Result<(), Failure> {
        match (self.all, self.differing.is_empty()) {
            (0, _) => Err(Failure::Unpublished(self.args.results.clone())),
            (_, true) => Ok(()),
            (all, false) => Err(Failure::Differs {
                all,
                differing: self.differing.join(", "),
            }),
        }
    }
}

/// An experiment without published results: a fault if it was asked for by
/// name, and worth a line if it is one of a folder.
fn skip(experiment: &Experiment, named: bool, results: &Path) -> Result<(), Failure> {
    let folder = results.join(&experiment.name);
    if named {
        return Err(Failure::Unpublished(folder));
    }
    say(&format!(
        "{}: skipped, `{}` has no results",
        escape::line(&experiment.name),
        escape::path(&folder)
    ));
    Ok(())
}
