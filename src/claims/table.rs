//! The ledger as CSV: `claims.csv`.

use std::io;

use serde::{Deserialize, Serialize};

use super::evidence::IntervalOf;
use super::form::SourcePart;
use super::judge::{ClaimResult, MetricResult};
use super::verdict::Verdict;
use crate::table::to_csv;

/// Row of `claims.csv`: one metric of one claim.
#[derive(Serialize)]
struct ClaimRow<'a> {
    study: &'a str,
    says: &'a str,
    source: Option<&'a str>,
    verdict: &'a Verdict,
    why: &'a str,
    metric: &'a str,
    of: &'a str,
    classes: &'a str,
    claimed: &'a str,
    observed: Option<f64>,
    /// Ends of the 95 % interval; none for fewer than 3 replicates.
    low: Option<f64>,
    high: Option<f64>,
    n: Option<usize>,
    /// Seeds, separated by spaces.
    seeds: String,
    /// Verdict of this metric alone.
    ruling: &'a Verdict,
    /// Part of the source that the claim follows.
    reading: &'static str,
    /// True if readings of the sentence have different verdicts.
    depends_on_reading: bool,
    /// Kind of the statement.
    kind: &'static str,
    /// Generality of the sentence.
    about: &'static str,
    /// Origin of the numbers of the statement.
    threshold: &'a str,
    /// Description of what varies between the trainings.
    varies: &'a str,
    /// Quantity of the interval.
    interval: Option<IntervalOf>,
    /// One-sided p value of the claim, raw and corrected.
    p: Option<f64>,
    corrected_p: Option<f64>,
    /// Number of claims that it is corrected for.
    family: usize,
    /// `decided` or `undecided`, which fewer than 3 replicates are as well.
    state: &'static str,
    /// Description of seeds added after a look: a column only if any were.
    #[serde(skip_serializing_if = "Option::is_none")]
    extended: Option<&'a str>,
    /// Description of poor judges: a column only if any read a metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    poor_judges: Option<&'a str>,
}

/// Columns that a table has only if a claim fills them.
#[derive(Clone, Copy)]
struct OptionalColumns {
    extended: bool,
    poor_judges: bool,
}

impl<'a> ClaimRow<'a> {
    fn new(claim: &'a ClaimResult, test: &'a MetricResult, shown: OptionalColumns) -> Self {
        let seeds = test.replicates.iter().map(|(seed, _)| seed.to_string());
        Self {
            study: &claim.study,
            says: &claim.says,
            source: claim.source.as_deref(),
            verdict: &claim.verdict,
            why: &claim.why,
            metric: &test.metric,
            of: &test.of,
            classes: &test.classes,
            claimed: &test.claimed,
            observed: test.observed.map(|estimate| estimate.mean),
            low: test.observed.and_then(|estimate| estimate.low),
            high: test.observed.and_then(|estimate| estimate.high),
            n: test.observed.map(|estimate| estimate.n),
            seeds: seeds.collect::<Vec<_>>().join(" "),
            ruling: &test.verdict,
            reading: claim.reading.map_or("", SourcePart::name),
            depends_on_reading: claim.depends_on_reading,
            kind: claim.kind,
            about: claim.about,
            threshold: &claim.threshold,
            varies: &claim.varies,
            interval: test.interval,
            p: claim.p,
            corrected_p: claim.corrected_p,
            family: claim.family,
            state: if claim.verdict.is_decided() {
                "decided"
            } else {
                "undecided"
            },
            extended: shown.extended.then_some(&*claim.extended),
            poor_judges: shown.poor_judges.then_some(&*claim.poor_judges),
        }
    }
}

/// Writes one row per metric of each claim.
///
/// # Errors
/// If a row cannot be encoded, which text and numbers always can.
pub fn csv(ledger: &[ClaimResult]) -> Result<Vec<u8>, csv::Error> {
    let shown = OptionalColumns {
        extended: ledger.iter().any(|claim| !claim.extended.is_empty()),
        poor_judges: ledger.iter().any(|claim| !claim.poor_judges.is_empty()),
    };
    let rows = ledger.iter().flat_map(|claim| {
        let tests = claim.tests.iter();
        tests.map(move |test| ClaimRow::new(claim, test, shown))
    });
    to_csv(&rows.collect::<Vec<_>>())
}

/// Reads the names of the studies in the table of a ledger, in its order.
///
/// # Errors
/// If the text is not the table of a ledger.
pub fn studies(table: &[u8]) -> Result<Vec<String>, csv::Error> {
    #[derive(Deserialize)]
    struct StudyOfRow {
        study: String,
    }
    let mut reader = csv::Reader::from_reader(table);
    // A table without rows does not show a missing column.
    if !reader.headers()?.iter().any(|name| name == "study") {
        let missing = io::Error::new(io::ErrorKind::InvalidData, "it has no column `study`");
        return Err(missing.into());
    }
    let mut studies: Vec<String> = Vec::new();
    for row in reader.into_deserialize() {
        let StudyOfRow { study } = row?;
        if !studies.contains(&study) {
            studies.push(study);
        }
    }
    Ok(studies)
}
