//! The claims of studies: judged by what a run found, or by finished results.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::RunError;
use super::experiment::{Experiment, Study};
use super::manifest;
use crate::io;
use crate::report::{
    Judged, Member, Results, ResultsError, judge_claims, ledger, spec_differences,
};

/// What the results of a study's members say of its claims; the members' results
/// are in their order, with the reason where there are none.
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
pub fn unjudged(study: &Study, why: &str) -> Vec<Judged> {
    let results: Vec<_> = study.members.iter().map(|_| Err(why.to_owned())).collect();
    judge(study, &results)
}

/// What finished results in the folder `out` say of the claims of these studies;
/// nothing is run. Experiments without results, or with those of another spec,
/// leave claims undecided.
///
/// # Errors
/// If results cannot be read.
pub fn finished(studies: &[Study], out: &Path) -> Result<Vec<Judged>, RunError> {
    let mut loaded: BTreeMap<&str, Result<Results, String>> = BTreeMap::new();
    let mut judged = Vec::new();
    for study in studies.iter().filter(|study| !study.claims.is_empty()) {
        for (index, member) in study.members.iter().enumerate() {
            let terms = study.claims.iter().flat_map(|claim| &claim.terms);
            let is_needed = terms.into_iter().any(|term| term.experiment == index);
            if is_needed && !loaded.contains_key(member.name.as_str()) {
                loaded.insert(&member.name, load(member, out)?);
            }
        }
        let results = study.members.iter().map(|member| {
            let results = loaded.get(member.name.as_str());
            let not_needed = || Err("not loaded".to_owned());
            results.map_or_else(not_needed, |results| {
                results.as_ref().map_err(String::clone)
            })
        });
        judged.extend(judge(study, &results.collect::<Vec<_>>()));
    }
    Ok(judged)
}

/// The results of an experiment, or why there are none that could be used.
fn load(member: &Experiment, out: &Path) -> Result<Result<Results, String>, RunError> {
    let name = &member.name;
    let results = match Results::load(name, &out.join(name)) {
        Err(ResultsError::Empty(_)) => return Ok(Err(format!("{name} was not run"))),
        results => results?,
    };
    let differences = spec_differences(&results.spec, &manifest::spec(member, 0)?);
    Ok(match differences.first() {
        None => Ok(results),
        Some(first) => Err(format!(
            "the results of {name} are of another spec (`{}` differs): run it again",
            first.key
        )),
    })
}

/// Writes the ledger of a whole run, `claims.csv` and `claims.md`, and gives the
/// path of the page.
///
/// # Errors
/// If something is in the way.
pub fn publish(judged: &[Judged], out: &Path) -> Result<PathBuf, RunError> {
    let page = format!(
        "# What became of the claims\n\n{}",
        ledger::markdown(judged)
    );
    let path = out.join("claims.md");
    io::write_atomic(&out.join("claims.csv"), &ledger::csv(judged)?)?;
    io::write_atomic(&path, page.as_bytes())?;
    Ok(path)
}
