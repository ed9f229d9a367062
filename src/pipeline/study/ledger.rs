//! The claims of studies: judged by what a run found, or by finished results.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::published::{PublishedMember, Wanted, list};
use crate::config::{Claim, Column, OF_PAIRS};
use crate::io::{self, IoError};
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::{Experiment, Study};
use crate::pipeline::publish::files::Products;
use crate::pipeline::publish::manifest;
use crate::pipeline::run::SUMMARY;
use crate::report::{Judged, Member, Results, ResultsError, Tables, judge_claims, ledger};
use crate::store::StudyManifest;

/// What the results of a study's members say of its claims; the members' results
/// are in their order, with the reason where there are none.
#[must_use]
pub fn judge(study: &Study, results: &[Result<&Results, String>]) -> Vec<Judged> {
    let label = |member: &Experiment| match study.members.len() {
        1 => String::new(),
        _ => member.label(),
    };
    let members = study.members.iter().zip(results);
    let members: Vec<Member<'_>> = members
        .map(|(member, results)| Member {
            label: label(member),
            results: results.clone(),
        })
        .collect();
    judge_claims(&study.name, &study.claims, &members)
}

/// The claims of a study that came to nothing.
#[must_use]
pub fn unjudged(study: &Study, why: &str) -> Vec<Judged> {
    let results: Vec<_> = study.members.iter().map(|_| Err(why.to_owned())).collect();
    judge(study, &results)
}

/// What finished results in the folder `out` say of the claims of these studies;
/// nothing is run. Experiments without results, or with those of another spec,
/// leave claims undecided. With `seeds` only those are judged, and have to be there.
///
/// # Errors
/// If results cannot be read, or are not those that were published.
pub fn finished(studies: &[Study], out: &Path, seeds: &[u64]) -> Result<Vec<Judged>, RunError> {
    let mut loaded = Loaded {
        out,
        known: BTreeMap::new(),
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
            let terms = study.claims.iter().flat_map(|claim| &claim.terms);
            let is_needed = terms.into_iter().any(|term| term.experiment == index);
            results.push(if is_needed {
                let found = loaded.get(study, member, summary.as_ref())?;
                match seeds {
                    [] => found,
                    _ => Rc::new((*found).clone().and_then(|results| only(results, seeds))),
                }
            } else {
                Rc::new(Err("not loaded".to_owned()))
            });
        }
        let results = results.iter().map(|found| found.as_ref().as_ref());
        let results = results.map(|found| found.map_err(String::clone));
        judged.extend(judge(study, &results.collect::<Vec<_>>()));
    }
    Ok(judged)
}

/// Most missing seeds that a reason lists.
const MAX_LISTED: usize = 5;

/// The replicates of these seeds, or of all if there are none.
fn only(mut results: Results, seeds: &[u64]) -> Result<Results, String> {
    let there: BTreeSet<u64> = results.seeds().collect();
    let missing = seeds.iter().filter(|seed| !there.contains(seed));
    let missing: Vec<String> = missing.map(u64::to_string).collect();
    if missing.is_empty() {
        let is_wanted = |seed| seeds.is_empty() || seeds.contains(&seed);
        results.replicates.retain(|one| is_wanted(one.seed));
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

/// Results of experiments, each read once, or the reason that there are none.
struct Loaded<'a> {
    out: &'a Path,
    known: BTreeMap<Which, Rc<Result<Results, String>>>,
}

/// Name of an experiment, tables, seeds of a comparison, and seeds that determine data
/// and device.
type Which = (String, Tables, Option<Vec<u64>>, Vec<u64>);

impl Loaded<'_> {
    /// Loads the replicates that the summary of a study covers.
    fn get(
        &mut self,
        study: &Study,
        member: &Experiment,
        summary: Option<&StudyManifest>,
    ) -> Result<Rc<Result<Results, String>>, RunError> {
        let like = summary.map(|summary| manifest::summarized(summary, &member.name));
        let like = like.unwrap_or_else(|| member.spec.seeds.clone());
        let tables = tables(&study.claims);
        let which = (member.name.clone(), tables, study.seeds.clone(), like);
        if let Some(known) = self.known.get(&which) {
            return Ok(Rc::clone(known));
        }
        let wanted = Wanted {
            tables,
            seeds: study.seeds.as_deref(),
            like: &which.3,
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
        self.known.insert(which, Rc::clone(&found));
        Ok(found)
    }
}

/// The tables that claims need.
#[must_use]
pub fn tables(claims: &[Claim]) -> Tables {
    let mut metrics = claims.iter().flat_map(|claim| &claim.metrics);
    if metrics.any(|metric| Column::any(&OF_PAIRS, metric)) {
        Tables::NumbersAndPairs
    } else {
        Tables::Numbers
    }
}

/// True if a folder has a ledger, or some files of one.
///
/// # Errors
/// If the folder cannot be searched.
pub fn is_in(folder: &Path) -> Result<bool, IoError> {
    for name in FILES {
        if io::exists(&folder.join(name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The names of the studies of the ledger in this folder, in its order.
///
/// # Errors
/// If it cannot be read, or is not what a run writes.
pub fn listed(folder: &Path) -> Result<Vec<String>, RunError> {
    let path = folder.join(TABLE);
    let table = io::read_at_most(&path, MAX_BYTES)?;
    let studies = ledger::studies(&table);
    Ok(studies.map_err(|source| ResultsError::Table { path, source })?)
}

/// The largest table of a ledger that is read.
const MAX_BYTES: u64 = 64 << 20;

/// The table of a ledger.
pub const TABLE: &str = "claims.csv";

/// Page of a ledger.
const PAGE: &str = "claims.md";

/// Files of a ledger.
pub const FILES: [&str; 2] = [TABLE, PAGE];

/// Files that earlier versions wrote beside a ledger.
const RETIRED: [&str; 2] = ["claims.svg", "claims.png"];

/// Computes the files of the ledger of these claims.
///
/// # Errors
/// If a claim does not fit into CSV.
pub fn products(judged: &[Judged]) -> Result<Products, csv::Error> {
    let page = format!(
        "# What became of the claims\n\n{}",
        ledger::markdown(judged)
    );
    Ok(Products::from([
        (TABLE.to_owned(), ledger::csv(judged)?),
        (PAGE.to_owned(), page.into_bytes()),
    ]))
}

/// Writes the ledger of a whole run into a folder, and returns the path of its page.
/// Without claims, there is no page, and the ledger of earlier claims is removed.
///
/// # Errors
/// If a file cannot be written or removed.
pub fn publish(judged: &[Judged], folder: &Path) -> Result<Option<PathBuf>, RunError> {
    let products = if judged.is_empty() {
        Products::new()
    } else {
        products(judged)?
    };
    for name in FILES.iter().chain(&RETIRED) {
        let path = folder.join(name);
        if !products.contains_key(*name) && path.is_file() {
            io::remove(&path)?;
        }
    }
    for (name, bytes) in &products {
        let path = folder.join(name);
        if !io::read(&path).is_ok_and(|published| published == *bytes) {
            io::write_atomic(&path, bytes)?;
        }
    }
    Ok((!judged.is_empty()).then(|| folder.join(PAGE)))
}
