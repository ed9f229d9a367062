//! The ledger as Markdown: `claims.md`, and a part of the page of a comparison.

use std::fmt::Write;

use super::judge::{ClaimResult, MetricResult};
use super::ledger::{counts, observed, quantity};
use crate::escape::markdown as plain;
use crate::metrics::statistics::MIN_REPLICATES;

/// Writes the page of a ledger.
#[must_use]
pub fn page(ledger: &[ClaimResult]) -> String {
    format!("# What became of the claims\n\n{}", markdown(ledger))
}

/// Writes the table of a ledger and a note about its intervals.
#[must_use]
pub fn markdown(ledger: &[ClaimResult]) -> String {
    let mut text = String::from("| claim | source | observed | claimed | verdict |\n");
    text.push_str("|---|---|---|---|---|\n");
    for claim in ledger {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", cells(claim).join(" | "));
    }
    let _ = writeln!(
        text,
        "\n{}. In brackets the 95 % interval of the mean over n replicates, by Student's t, ended \
         where the metric does. A claim is confirmed where it holds on all of the interval, \
         refuted where on none of it. Fewer than {MIN_REPLICATES} replicates decide nothing.",
        counts(ledger)
    );
    text
}

fn cells(claim: &ClaimResult) -> [String; 5] {
    let each = |of: &dyn Fn(&MetricResult) -> String| {
        let lines = claim.tests.iter().map(|test| plain(&of(test)));
        lines.collect::<Vec<String>>().join("<br>")
    };
    let verdict = match claim.why.as_str() {
        "" => format!("**{}**", claim.verdict.word()),
        why => format!("**{}**: {}", claim.verdict.word(), plain(why)),
    };
    let source = match &claim.source {
        Some(source) => format!("{source} ({})", claim.study),
        None => claim.study.clone(),
    };
    [
        plain(&claim.says),
        plain(&source),
        each(&|test| format!("{}: {}", quantity(test), observed(test))),
        each(&|test| test.claimed.clone()),
        verdict,
    ]
}
