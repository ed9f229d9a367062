//! Correction of verdicts for the number of claims that are judged together.

use super::evidence::PValues;
use super::judge::ClaimResult;
use crate::grouped::grouped;
use crate::metrics::statistics::holm;

/// Decides every claim of a ledger by its p value, corrected by Holm's method for all claims
/// of its source in the ledger, and marks sentences whose readings differ. Each reading
/// counts as a claim; one without a test does not.
pub fn correct(ledger: &mut [ClaimResult]) {
    let raw: Vec<Option<PValues>> = ledger.iter().map(|claim| claim.p_values(0)).collect();
    for (_, places) in by_source(ledger) {
        let tested = places
            .iter()
            .filter_map(|&at| Some((at, raw[at]?.smaller())));
        let (tested, smaller): (Vec<usize>, Vec<f64>) = tested.unzip();
        for at in places {
            ledger[at].family = tested.len();
        }
        for ((at, p), corrected) in tested.into_iter().zip(&smaller).zip(holm(&smaller)) {
            ledger[at].p = Some(*p);
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

/// Groups the positions of the claims of a ledger by the name of their source.
pub(super) fn by_source(ledger: &[ClaimResult]) -> Vec<(String, Vec<usize>)> {
    let places = ledger.iter().zip(0..);
    grouped(places.map(|(claim, at)| (claim.source_name(), at)))
}

/// Marks the claims whose sentence has another verdict in another reading.
fn mark_readings(ledger: &mut [ClaimResult]) {
    let read = ledger
        .iter()
        .zip(0..)
        .filter(|(claim, _)| claim.reading.is_some());
    let sentence = |claim: &ClaimResult| (claim.says.clone(), claim.source.clone());
    for (_, places) in grouped(read.map(|(claim, at)| (sentence(claim), at))) {
        let words: Vec<&str> = places.iter().map(|&at| ledger[at].verdict.word()).collect();
        let depends = words.iter().any(|word| *word != words[0]);
        for at in places {
            ledger[at].depends_on_reading = depends;
        }
    }
}

impl ClaimResult {
    /// Returns the name of the source without the place in it: up to its year, or up to the
    /// first comma where there is no year. A claim without a source counts with its study.
    fn source_name(&self) -> String {
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
