//! Verdicts on the claims of each source as a figure.

use crate::claims::{ClaimResult, Verdict, ledger};
use crate::config::FigureLook;
use crate::figures::verdicts::{self, Sense, VerdictLine, Verdicts};
use crate::figures::{Drawing, FigureError, Style, Texts};

/// Draws the verdicts on each source, and returns the drawings with the names of their files:
/// `verdicts-lai-2021`.
///
/// # Errors
/// If a drawing cannot be encoded.
pub fn drawn_verdicts(judged: &[ClaimResult]) -> Result<Vec<(String, Drawing)>, FigureError> {
    let mut drawn: Vec<(String, Drawing)> = Vec::new();
    for (source, claims) in ledger::sources(judged) {
        let counts = ledger::counts_of(&claims);
        let style = Style {
            look: FigureLook::default(),
            texts: Texts {
                title: &source,
                caption: &counts,
                note: "n: trainings that decide. Intervals and thresholds: `backquery claims`.",
            },
        };
        let lines = claims.iter().map(|claim| verdict_line(claim)).collect();
        let drawing = verdicts::draw(&Verdicts { style, lines })?;
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        let mut name = format!("verdicts-{}", source.chars().map(plain).collect::<String>());
        // Sources that differ in other letters only have files of their own.
        while drawn.iter().any(|(other, _)| *other == name) {
            name.push('x');
        }
        drawn.push((name, drawing));
    }
    Ok(drawn)
}

fn verdict_line(claim: &ClaimResult) -> VerdictLine {
    let trainings = claim
        .tests
        .iter()
        .filter_map(|test| test.observed.map(|it| it.n));
    let n = trainings
        .min()
        .map_or_else(String::new, |n| format!("n = {n}"));
    VerdictLine {
        says: claim.says.clone(),
        word: claim.verdict.word(),
        sense: match &claim.verdict {
            Verdict::Confirmed => Sense::For,
            Verdict::Consistent | Verdict::NotRefuted { .. } => Sense::NotAgainst,
            Verdict::Refuted | Verdict::Inconsistent => Sense::Against,
            Verdict::Point { .. } | Verdict::Undecided(_) => Sense::Open,
        },
        remark: match claim.reading {
            Some(reading) => format!("{}; {n}", reading.name()),
            None => n,
        },
    }
}
