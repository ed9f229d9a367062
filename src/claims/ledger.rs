//! The ledger as text for the terminal.

use std::collections::BTreeMap;

use super::correction;
use super::evidence::IntervalOf;
use super::judge::{ClaimResult, MetricResult};
use super::verdict::{Verdict, VerdictName};
use crate::escape;
use crate::grouped::grouped;
use crate::metrics::statistics::Estimate;
use crate::report::digits;
use crate::report::layout::{NONE, wrap};

/// Columns before a sentence, which hold the verdict.
const MARGIN: usize = 14;

/// Counts the claims by verdict: `3 claims: 1 confirmed, 1 refuted, 1 undecided`.
pub fn counts(ledger: &[ClaimResult]) -> String {
    counts_of(&ledger.iter().collect::<Vec<_>>())
}

/// Counts the claims of every source by verdict, one line each, and of all.
pub fn by_source(ledger: &[ClaimResult]) -> String {
    let line = |(name, claims): (String, Vec<&ClaimResult>)| {
        wrap(&escape::line(&format!("{name}: {}", counts_of(&claims))), 2).join("\n")
    };
    let mut lines: Vec<String> = sources(ledger).into_iter().map(line).collect();
    lines.push(counts(ledger));
    lines.join("\n")
}

/// Groups the claims by the name of their source.
pub fn sources(ledger: &[ClaimResult]) -> Vec<(String, Vec<&ClaimResult>)> {
    let groups = correction::by_source(ledger).into_iter();
    let claims = |places: Vec<usize>| places.into_iter().map(|at| &ledger[at]).collect();
    groups
        .map(|(name, places)| (name, claims(places)))
        .collect()
}

/// Counts these claims by verdict.
pub fn counts_of(claims: &[&ClaimResult]) -> String {
    let mut counts: BTreeMap<VerdictName, usize> = BTreeMap::new();
    for claim in claims {
        *counts.entry(claim.verdict.name()).or_default() += 1;
    }
    let counts = counts
        .iter()
        .map(|(name, count)| format!("{count} {}", name.word));
    let counts: Vec<String> = counts.collect();
    let noun = if claims.len() == 1 { "claim" } else { "claims" };
    format!("{} {noun}: {}", claims.len(), counts.join(", "))
}

/// Note about intervals and p values.
pub const NOTE: &str = "Intervals: 95 %, uncorrected, of the mean over n trainings unless another \
    quantity is named. p: one-sided, by Holm's method for all claims of the source; verdicts \
    at 0.025.";

/// Prints a few lines per claim and the counts; nothing without claims. With `explain`,
/// prints also the number of every seed. `paint` colours a verdict.
pub fn text(
    ledger: &[ClaimResult],
    explain: bool,
    paint: &dyn Fn(&Verdict, &str) -> String,
) -> String {
    if ledger.is_empty() {
        return String::new();
    }
    let mut lines = Vec::new();
    for claim in ledger {
        lines.extend(sentence(claim, paint));
        lines.extend(origin(claim));
        for test in &claim.tests {
            lines.extend(wrap(&escape::line(&quantity(test)), MARGIN));
            let outcome = outcome(claim, test);
            lines.extend(wrap(&escape::line(&outcome), MARGIN + 2));
            if explain && !test.replicates.is_empty() {
                lines.extend(wrap(&seeds(test), MARGIN + 2));
            }
        }
        lines.push(String::new());
    }
    lines.push(counts(ledger));
    lines.extend(wrap(NOTE, 0));
    lines.extend(
        varying(ledger)
            .iter()
            .flat_map(|line| wrap(&escape::line(line), 0)),
    );
    lines.join("\n")
}

/// Describes what varies between the trainings, once for all studies with the same answer.
pub fn varying(ledger: &[ClaimResult]) -> Vec<String> {
    let known = ledger.iter().filter(|claim| !claim.varies.is_empty());
    let groups = grouped(known.map(|claim| (claim.varies.as_str(), claim.study.as_str())));
    let line = |(varies, mut studies): (&str, Vec<&str>)| {
        // Claims of a study follow each other.
        studies.dedup();
        format!("Trainings vary by {varies}: {}.", studies.join(", "))
    };
    groups.into_iter().map(line).collect()
}

/// Lines of the sentence, the verdict before the first.
fn sentence(claim: &ClaimResult, paint: &dyn Fn(&Verdict, &str) -> String) -> Vec<String> {
    let mut lines = wrap(&escape::line(&claim.says), MARGIN);
    if let Some(first) = lines.first_mut() {
        let verdict = claim.verdict.word().to_uppercase();
        // Colour takes no columns.
        let gap = " ".repeat(MARGIN.saturating_sub(verdict.len()));
        let verdict = paint(&claim.verdict, &verdict);
        *first = format!("{verdict}{gap}{}", first.trim_start());
    }
    lines
}

/// Lines of the study, the source, the reading, the threshold and the reason.
fn origin(claim: &ClaimResult) -> Vec<String> {
    let mut parts = vec![claim.study.as_str()];
    parts.extend(claim.source.as_deref());
    let mut lines = wrap(&escape::line(&parts.join(": ")), MARGIN);
    let notes = [
        reading(claim),
        threshold(claim),
        reason(claim),
        poor_judges(claim),
    ];
    for note in notes.into_iter().filter(|note| !note.is_empty()) {
        lines.extend(wrap(&escape::line(&note), MARGIN));
    }
    lines
}

/// Names the reading of a claim, and whether the verdict depends on it.
pub fn reading(claim: &ClaimResult) -> String {
    match claim.reading {
        None => String::new(),
        Some(reading) if claim.depends_on_reading => {
            format!(
                "reading: {}; the verdict depends on the reading",
                reading.name()
            )
        }
        Some(reading) => format!("reading: {}", reading.name()),
    }
}

/// Describes poor judges that read a metric of a claim.
pub fn poor_judges(claim: &ClaimResult) -> String {
    match claim.poor_judges.as_str() {
        "" => String::new(),
        poor => format!("poor judges: {poor}"),
    }
}

/// Names the origin of a claim's numbers.
pub fn threshold(claim: &ClaimResult) -> String {
    match claim.threshold.as_str() {
        "" => String::new(),
        origin => format!("threshold: {origin}"),
    }
}

/// Prints the verdict's reason and the p value.
pub fn reason(claim: &ClaimResult) -> String {
    let why = match &claim.verdict {
        Verdict::Undecided(_) => format!("undecided: {}", claim.why),
        Verdict::Confirmed
        | Verdict::Refuted
        | Verdict::Consistent
        | Verdict::Inconsistent
        | Verdict::NotRefuted { .. }
        | Verdict::Point { .. } => claim.why.clone(),
    };
    let p = p_text(claim);
    let parts = [why, p].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<String>>().join("; ")
}

/// Prints the corrected p value, and the raw one where they differ.
fn p_text(claim: &ClaimResult) -> String {
    let (Some(p), Some(corrected)) = (claim.p, claim.corrected_p) else {
        return String::new();
    };
    let raw = format!("p {}", p_digits(p));
    match claim.family {
        1 => raw,
        of => format!(
            "p {} corrected for {of} claims, {raw} raw",
            p_digits(corrected)
        ),
    }
}

fn p_digits(p: f64) -> String {
    if p < 1e-4 {
        "< 0.0001".to_owned()
    } else {
        format!("= {}", digits(p))
    }
}

fn outcome(claim: &ClaimResult, test: &MetricResult) -> String {
    let own = if claim.tests.len() > 1 {
        format!(": {}", test.verdict.word())
    } else {
        String::new()
    };
    format!("{}, claimed {}{own}", observed(claim, test), test.claimed)
}

fn seeds(test: &MetricResult) -> String {
    let text = |(seed, value): &(u64, f64)| format!("seed {seed}: {}", digits(*value));
    let seeds: Vec<String> = test.replicates.iter().map(text).collect();
    seeds.join(", ")
}

/// Names the metric, the inversions and the reduction of classes.
pub fn quantity(test: &MetricResult) -> String {
    let classes = match test.classes.as_str() {
        "" | "mean" => String::new(),
        classes @ ("lowest" | "highest") => format!(" ({classes} of the classes)"),
        some => format!(" ({some})"),
    };
    let of = match test.of.as_str() {
        "" => String::new(),
        of => format!(" of {of}"),
    };
    format!("{}{of}{classes}", test.metric)
}

/// Prints the observed number with its interval, the number of trainings, and whether seeds
/// were added after a look.
pub fn observed(claim: &ClaimResult, test: &MetricResult) -> String {
    let Some(Estimate { mean, low, high, n }) = test.observed else {
        return NONE.to_owned();
    };
    let of = match test.interval {
        Some(IntervalOf::Training) => "a further training ",
        Some(IntervalOf::Range) => "trainings from ",
        Some(IntervalOf::Share) => "share ",
        Some(IntervalOf::Mean) | None => "",
    };
    let mean = digits(mean);
    let n = match claim.extended.as_str() {
        "" => format!("n={n}"),
        extended => format!("n={n}, {extended}"),
    };
    match (low.map(digits), high.map(digits)) {
        (Some(low), Some(high)) => format!("{mean} ({of}{low} to {high}, {n})"),
        (Some(low), None) => format!("{mean} ({of}{low} to not reached, {n})"),
        (None, _) => format!("{mean} ({n})"),
    }
}
