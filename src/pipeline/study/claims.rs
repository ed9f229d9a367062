//! Claims of studies: judged by the results of a run or by finished results, and the
//! published ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::extended::Extension;
use super::manifest::summarized;
use super::published::{PublishedMember, Wanted, list};
use crate::claims::{Claim, ClaimResult, ExperimentResults, correct, judge_claims, page, table};
use crate::config::{NumberColumn, OF_PAIRS};
use crate::io::{self, IoError};
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::{Experiment, Study};
use crate::report::{Results, ResultsError, Tables};
use crate::store::{CLAIMS, CLAIMS_PAGE, Outputs, SUMMARY, StudyManifest};

/// Judges the claims of a study by the results of its members, in their order; a member
/// without results has the reason. `extensions` are those of the members.
pub fn judge(
    study: &Study,
    results: &[Result<&Results, String>],
    extensions: &[Extension],
) -> Vec<ClaimResult> {
    let label = |member: &Experiment| match study.members.len() {
        1 => String::new(),
        _ => member.label(),
    };
    let members = study.members.iter().zip(results).enumerate();
    let experiments: Vec<ExperimentResults<'_>> = members
        .map(|(index, (member, results))| ExperimentResults {
            label: label(member),
            varies: member.spec.varies(None),
            extended: extensions
                .get(index)
                .map(Extension::text)
                .unwrap_or_default(),
            poor_judges: results
                .as_ref()
                .ok()
                .and_then(|results| results.poor_judges())
                .unwrap_or_default(),
            results: results.clone(),
        })
        .collect();
    judge_claims(&study.name, &study.claims, &experiments)
}

/// Leaves all claims of a study undecided, for this reason.
pub fn unjudged(study: &Study, why: &str) -> Vec<ClaimResult> {
    let results: Vec<_> = study.members.iter().map(|_| Err(why.to_owned())).collect();
    judge(study, &results, &[])
}

/// Judges the claims of these studies by finished results in the folder `out`, without
/// running anything. Claims about an experiment without results, or with those of another
/// spec, stay undecided. Judges only these seeds, all of which must exist, or all seeds if
/// none are given.
///
/// # Errors
/// If results cannot be read, or differ from what was published.
pub fn finished(
    studies: &[Study],
    out: &Path,
    seeds: &[u64],
) -> Result<Vec<ClaimResult>, RunError> {
    let mut loaded = Loaded {
        out,
        results: BTreeMap::new(),
    };
    let mut judged = Vec::new();
    for study in studies.iter().filter(|study| !study.claims.is_empty()) {
        let folder = out.join(&study.name).join(SUMMARY);
        let summary = if io::exists(&folder)? {
            Some(StudyManifest::read(&folder)?)
        } else {
            None
        };
        let mut results = Vec::new();
        for (index, member) in study.members.iter().enumerate() {
            let mut terms = study.claims.iter().flat_map(|claim| &claim.terms);
            if !terms.any(|term| term.experiment == index) {
                results.push(Rc::new(Err("not loaded".to_owned())));
                continue;
            }
            let found = loaded.get(study, member, summary.as_ref())?;
            results.push(match seeds {
                [] => found,
                _ => Rc::new((*found).clone().and_then(|results| only(results, seeds))),
            });
        }
        let results = results.iter().map(|found| found.as_ref().as_ref());
        let results = results.map(|found| found.map_err(String::clone));
        // A part of the seeds is another sample than that of the summary.
        let summary = summary.as_ref().filter(|_| seeds.is_empty());
        let extension = |member: &Experiment| {
            let recorded = summary.map(|summary| Extension::recorded(summary, &member.name));
            recorded.unwrap_or_default()
        };
        let extensions: Vec<Extension> = study.members.iter().map(extension).collect();
        judged.extend(judge(study, &results.collect::<Vec<_>>(), &extensions));
    }
    correct(&mut judged);
    Ok(judged)
}

/// Largest number of missing seeds in a reason.
const MAX_LISTED: usize = 5;

/// Keeps the replicates of these seeds.
fn only(mut results: Results, seeds: &[u64]) -> Result<Results, String> {
    let existing: BTreeSet<u64> = results.seeds().collect();
    let missing = seeds.iter().filter(|seed| !existing.contains(seed));
    let missing: Vec<String> = missing.map(u64::to_string).collect();
    if missing.is_empty() {
        results.replicates.retain(|one| seeds.contains(&one.seed));
        return Ok(results);
    }
    let listed = missing[..missing.len().min(MAX_LISTED)].join(", ");
    let more = match missing.len().saturating_sub(MAX_LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let seeds = if missing.len() == 1 { "seed" } else { "seeds" };
    Err(format!(
        "{} was not run with {seeds} {listed}{more}",
        results.name
    ))
}

/// Results of experiments, each read once, or the reason why there are none.
struct Loaded<'a> {
    out: &'a Path,
    results: BTreeMap<LoadedKey, Rc<Result<Results, String>>>,
}

/// Part of the published results of an experiment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct LoadedKey {
    experiment: String,
    tables: Tables,
    /// Seeds of a comparison.
    seeds: Option<Vec<u64>>,
    /// Seeds that determine data and device.
    like: Vec<u64>,
}

impl Loaded<'_> {
    /// Loads the replicates that the summary of a study covers.
    fn get(
        &mut self,
        study: &Study,
        member: &Experiment,
        summary: Option<&StudyManifest>,
    ) -> Result<Rc<Result<Results, String>>, RunError> {
        let key = LoadedKey {
            experiment: member.name.clone(),
            tables: tables(&study.claims),
            seeds: study.seeds.clone(),
            like: summary.map_or_else(
                || member.spec.seeds.clone(),
                |summary| summarized(summary, &member.name),
            ),
        };
        if let Some(known) = self.results.get(&key) {
            return Ok(Rc::clone(known));
        }
        let wanted = Wanted {
            tables: key.tables,
            seeds: key.seeds.as_deref(),
            like: &key.like,
            except: &[],
        };
        let published = PublishedMember::load(member, self.out, wanted)?;
        let name = &member.name;
        let found = match (&published.replicates[..], &published.left_out[..]) {
            ([], []) => Err(format!("{name} was not run")),
            ([], others) => Err(format!(
                "the results of {name} are of another spec, {}: run it again",
                list(others, name)
            )),
            _ => Ok(published.results(member)?),
        };
        let found = Rc::new(found);
        self.results.insert(key, Rc::clone(&found));
        Ok(found)
    }
}

/// Returns the tables that claims need.
pub fn tables(claims: &[Claim]) -> Tables {
    let mut metrics = claims.iter().flat_map(|claim| &claim.metrics);
    if metrics.any(|metric| NumberColumn::any(&OF_PAIRS, metric)) {
        Tables::NumbersAndPairs
    } else {
        Tables::Numbers
    }
}

/// Files of a ledger.
pub const FILES: [&str; 2] = [CLAIMS, CLAIMS_PAGE];

/// Files that earlier versions wrote beside a ledger.
const RETIRED: [&str; 2] = ["claims.svg", "claims.png"];

/// Largest table of a ledger to read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Returns true if a folder has a ledger, or one of its files.
///
/// # Errors
/// If the folder cannot be searched.
pub fn has_ledger(folder: &Path) -> Result<bool, IoError> {
    for name in FILES {
        if io::exists(&folder.join(name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads the names of the studies of the ledger in this folder, in its order.
///
/// # Errors
/// If the table cannot be read, or is not one that a run writes.
pub fn studies_of_ledger(folder: &Path) -> Result<Vec<String>, RunError> {
    let path = folder.join(CLAIMS);
    let bytes = io::read_at_most(&path, MAX_BYTES)?;
    let studies = table::studies(&bytes);
    Ok(studies.map_err(|source| ResultsError::Table { path, source })?)
}

/// Computes the files of the ledger of these claims.
///
/// # Errors
/// If a claim cannot be encoded as CSV.
pub fn files(judged: &[ClaimResult]) -> Result<Outputs, csv::Error> {
    Ok(Outputs::from([
        (CLAIMS.to_owned(), table::csv(judged)?),
        (CLAIMS_PAGE.to_owned(), page::page(judged).into_bytes()),
    ]))
}

/// Writes the ledger of a whole run into a folder, and returns the path of its page.
/// Without claims, there is no page, and the ledger of earlier claims is removed.
///
/// # Errors
/// If a file cannot be written or removed.
pub fn publish(judged: &[ClaimResult], folder: &Path) -> Result<Option<PathBuf>, RunError> {
    let files = if judged.is_empty() {
        Outputs::new()
    } else {
        files(judged)?
    };
    for name in FILES.iter().chain(&RETIRED) {
        let path = folder.join(name);
        if !files.contains_key(*name) && path.is_file() {
            io::remove(&path)?;
        }
    }
    for (name, bytes) in &files {
        let path = folder.join(name);
        if !io::read(&path).is_ok_and(|published| published == *bytes) {
            io::write_atomic(&path, bytes)?;
        }
    }
    Ok((!judged.is_empty()).then(|| folder.join(CLAIMS_PAGE)))
}
