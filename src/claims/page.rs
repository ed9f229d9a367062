//! The ledger as Markdown: `claims.md`, and a part of the page of a comparison.

use std::fmt::Write;

use super::judge::{ClaimResult, MetricResult};
use super::ledger::{
    NOTE, counts, observed, poor_judges, quantity, reading, reason, threshold, varying,
};
use crate::escape::markdown as plain;
use crate::metrics::statistics::MIN_REPLICATES;

/// Writes the page of a ledger.
pub fn page(ledger: &[ClaimResult]) -> String {
    format!("# What became of the claims\n\n{}", markdown(ledger))
}

/// Writes the table of a ledger and a note about its intervals.
pub fn markdown(ledger: &[ClaimResult]) -> String {
    let mut text = String::from("| claim | source | observed | claimed | verdict |\n");
    text.push_str("|---|---|---|---|---|\n");
    for claim in ledger {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", cells(claim).join(" | "));
    }
    let _ = writeln!(
        text,
        "\n{}. {NOTE} A claim is confirmed if that it is false is ruled out, refuted if that it \
         is true is. Fewer than {MIN_REPLICATES} trainings decide nothing.",
        counts(ledger)
    );
    for line in varying(ledger) {
        let _ = writeln!(text, "\n{}", plain(&line));
    }
    text
}

fn cells(claim: &ClaimResult) -> [String; 5] {
    let each = |of: &dyn Fn(&MetricResult) -> String| {
        let lines = claim.tests.iter().map(|test| plain(&of(test)));
        lines.collect::<Vec<String>>().join("<br>")
    };
    let verdict = format!("**{}**", claim.verdict.word());
    let notes = [reason(claim), reading(claim), poor_judges(claim)];
    let notes = notes.iter().filter(|note| !note.is_empty());
    let verdict = notes.fold(verdict, |text, note| text + "<br>" + &plain(note));
    let mut claimed = each(&|test| test.claimed.clone());
    if !claim.threshold.is_empty() {
        claimed = format!("{claimed}<br>{}", plain(&threshold(claim)));
    }
    let source = match &claim.source {
        Some(source) => format!("{source} ({})", claim.study),
        None => claim.study.clone(),
    };
    [
        plain(&claim.says),
        plain(&source),
        each(&|test| format!("{}: {}", quantity(test), observed(claim, test))),
        claimed,
        verdict,
    ]
}
