//! The ledger as text for the terminal.

use super::judge::{ClaimResult, MetricResult};
use super::verdict::Verdict;
use crate::escape;
use crate::metrics::statistics::Estimate;
use crate::report::digits;
use crate::report::layout::{NONE, wrap};

/// Columns before a sentence, which hold the verdict.
const MARGIN: usize = 11;

/// Counts the claims that are confirmed, refuted and undecided.
#[must_use]
pub fn counts(ledger: &[ClaimResult]) -> String {
    let count = |word: &str| {
        let words = ledger.iter().map(|claim| claim.verdict.word());
        words.filter(|other| *other == word).count()
    };
    let counts =
        ["confirmed", "refuted", "undecided"].map(|word| format!("{} {word}", count(word)));
    let claims = if ledger.len() == 1 { "claim" } else { "claims" };
    format!("{} {claims}: {}", ledger.len(), counts.join(", "))
}

/// Prints a few lines per claim and the counts; nothing without claims. With `explain`,
/// prints also the number of every seed. `paint` colours a verdict.
#[must_use]
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
            let outcome = outcome(test, claim.tests.len() > 1);
            lines.extend(wrap(&escape::line(&outcome), MARGIN + 2));
            if explain && !test.replicates.is_empty() {
                lines.extend(wrap(&seeds(test), MARGIN + 2));
            }
        }
        lines.push(String::new());
    }
    lines.push(counts(ledger));
    lines.push("Intervals: 95 % of the mean over replicates, by Student's t.".to_owned());
    lines.join("\n")
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

/// Lines of the study, the source and the reason of an undecided claim.
fn origin(claim: &ClaimResult) -> Vec<String> {
    let mut parts = vec![claim.study.as_str()];
    parts.extend(claim.source.as_deref());
    let mut lines = wrap(&escape::line(&parts.join(": ")), MARGIN);
    if !claim.why.is_empty() {
        let why = format!("undecided: {}", escape::line(&claim.why));
        lines.extend(wrap(&why, MARGIN));
    }
    lines
}

fn outcome(test: &MetricResult, is_one_of_several: bool) -> String {
    let own = if is_one_of_several {
        format!(": {}", test.verdict.word())
    } else {
        String::new()
    };
    format!("{}, claimed {}{own}", observed(test), test.claimed)
}

fn seeds(test: &MetricResult) -> String {
    let text = |(seed, value): &(u64, f64)| format!("seed {seed}: {}", digits(*value));
    let seeds: Vec<String> = test.replicates.iter().map(text).collect();
    seeds.join(", ")
}

/// Names the metric, the inversions and the reduction of classes.
#[must_use]
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

/// Prints the mean with its interval and the number of replicates.
#[must_use]
pub fn observed(test: &MetricResult) -> String {
    match test.observed {
        None => NONE.to_owned(),
        Some(Estimate { mean, low, high, n }) => match low.zip(high) {
            Some((low, high)) => {
                let [mean, low, high] = [mean, low, high].map(digits);
                format!("{mean} ({low} to {high}, n={n})")
            }
            None => format!("{} (n={n})", digits(mean)),
        },
    }
}
