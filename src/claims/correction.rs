//! Correction of verdicts for the number of claims that are judged together.

use super::evidence::PValues;
use super::judge::ClaimResult;
use super::verdict::Verdict;
use crate::metrics::statistics::holm;

/// Decides every claim of a ledger by its p value, corrected by Holm's method for all claims
/// of its source in the ledger, and marks sentences whose readings differ. Each reading
/// counts as a claim; one without a test does not.
pub fn correct(ledger: &mut [ClaimResult]) {
    let sources: Vec<String> = ledger.iter().map(ClaimResult::source_name).collect();
    let raw: Vec<Option<PValues>> = ledger.iter().map(|claim| claim.p_values(0)).collect();
    let mut done: Vec<&String> = Vec::new();
    for source in &sources {
        if done.contains(&source) {
            continue;
        }
        done.push(source);
        let of_source = (0..ledger.len()).filter(|&at| sources[at] == *source);
        let tested: Vec<(usize, PValues)> = of_source
            .clone()
            .filter_map(|at| Some((at, raw[at]?)))
            .collect();
        let smaller: Vec<f64> = tested.iter().map(|(_, p)| p.smaller()).collect();
        for at in of_source {
            ledger[at].family = tested.len();
        }
        for ((at, p), corrected) in tested.into_iter().zip(holm(&smaller)) {
            ledger[at].p = Some(p.smaller());
            ledger[at].corrected_p = Some(corrected);
        }
    }
    for (claim, raw) in ledger.iter_mut().zip(raw) {
        let corrected = raw.zip(claim.corrected_p).map(|(raw, p)| raw.raised_to(p));
        claim.verdict = claim.decided(corrected);
        claim.why = claim.verdict.why();
    }
    mark_readings(ledger);
}

/// Marks the claims whose sentence has another verdict in another reading.
fn mark_readings(ledger: &mut [ClaimResult]) {
    let verdicts: Vec<(String, Option<String>, Verdict)> = ledger
        .iter()
        .filter(|claim| claim.reading.is_some())
        .map(|claim| {
            (
                claim.says.clone(),
                claim.source.clone(),
                claim.verdict.clone(),
            )
        })
        .collect();
    for claim in ledger.iter_mut().filter(|claim| claim.reading.is_some()) {
        let mut same = verdicts
            .iter()
            .filter(|(says, source, _)| *says == claim.says && *source == claim.source);
        claim.depends_on_reading = same.any(|(_, _, other)| other.word() != claim.verdict.word());
    }
}

impl ClaimResult {
    /// Returns the name of the source without the place in it: up to its year, or up to the
    /// first comma where there is no year. A claim without a source counts with its study.
    pub(super) fn source_name(&self) -> String {
        let Some(source) = &self.source else {
            return self.study.clone();
        };
        let is_year = |word: &str| {
            let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
            digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let mut name = String::new();
        for word in source.split_whitespace() {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(word.trim_end_matches([',', ':', ';']));
            if is_year(word) {
                return name;
            }
        }
        source.split(',').next().unwrap_or(source).to_owned()
    }
}
