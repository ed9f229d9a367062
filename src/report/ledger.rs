//! The ledger: every claim with its verdict, for the terminal, as CSV and as
//! Markdown.

use std::fmt::Write;
use std::io;

use serde::{Deserialize, Serialize};

use super::claims::{Judged, Ruling, Tested};
use super::layout::wrap;
use super::render::digits;
use crate::escape::{self, markdown as plain};
use crate::metrics::statistics::{Estimate, MIN_REPLICATES};
use crate::table::to_csv;

/// What stands where there is no value.
const NONE: &str = "–";

/// How many claims are confirmed, refuted and undecided.
#[must_use]
pub fn counts(ledger: &[Judged]) -> String {
    let count = |word: &str| {
        ledger
            .iter()
            .filter(|judged| judged.verdict.word() == word)
            .count()
    };
    let counts =
        ["confirmed", "refuted", "undecided"].map(|word| format!("{} {word}", count(word)));
    let claims = if ledger.len() == 1 { "claim" } else { "claims" };
    format!("{} {claims}: {}", ledger.len(), counts.join(", "))
}

/// For people: a few lines per claim, and the count at the end; nothing without claims.
/// With `explain` also the number of every seed. `paint` puts colour on a verdict.
#[must_use]
pub fn text(ledger: &[Judged], explain: bool, paint: &dyn Fn(&Ruling, &str) -> String) -> String {
    if ledger.is_empty() {
        return String::new();
    }
    let mut lines = Vec::new();
    for judged in ledger {
        let mut says = wrap(&escape::line(&judged.says), MARGIN);
        // The verdict stands before the sentence.
        if let Some(first) = says.first_mut() {
            let verdict = judged.verdict.word().to_uppercase();
            // Colour takes no room.
            let gap = " ".repeat(MARGIN.saturating_sub(verdict.len()));
            let verdict = paint(&judged.verdict, &verdict);
            *first = format!("{verdict}{gap}{}", first.trim_start());
        }
        lines.extend(says);
        let place = [Some(judged.study.as_str()), judged.source.as_deref()];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        lines.extend(wrap(&escape::line(&place.join(": ")), MARGIN));
        if !judged.why.is_empty() {
            let why = format!("undecided: {}", escape::line(&judged.why));
            lines.extend(wrap(&why, MARGIN));
        }
        for test in &judged.tests {
            lines.extend(wrap(&escape::line(&quantity(test)), MARGIN));
            lines.extend(wrap(
                &escape::line(&outcome(test, judged.tests.len() > 1)),
                MARGIN + 2,
            ));
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

/// Room for the verdict.
const MARGIN: usize = 11;

fn outcome(test: &Tested, is_one_of_several: bool) -> String {
    let own = if is_one_of_several {
        format!(": {}", test.ruling.word())
    } else {
        String::new()
    };
    format!("{}, claimed {}{own}", observed(test), test.claimed)
}

/// What was measured, of what.
#[must_use]
pub fn quantity(test: &Tested) -> String {
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

/// The mean with its interval and the number of replicates.
#[must_use]
pub fn observed(test: &Tested) -> String {
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

fn seeds(test: &Tested) -> String {
    let one = |(seed, value): &(u64, f64)| format!("seed {seed}: {}", digits(*value));
    let shown: Vec<String> = test.replicates.iter().map(one).collect();
    shown.join(", ")
}

/// A row of `claims.csv`: one metric of one claim.
#[derive(Serialize)]
struct CsvRow<'a> {
    study: &'a str,
    says: &'a str,
    source: Option<&'a str>,
    verdict: &'a Ruling,
    why: &'a str,
    metric: &'a str,
    of: &'a str,
    classes: &'a str,
    claimed: &'a str,
    observed: Option<f64>,
    /// The ends of its 95 % interval; none for fewer than 3 replicates.
    low: Option<f64>,
    high: Option<f64>,
    n: Option<usize>,
    /// With spaces between.
    seeds: String,
    /// What this metric says by itself.
    ruling: &'a Ruling,
}

/// For programs: a row for each metric of each claim.
///
/// # Errors
/// None that can be foreseen: every field is text, a number or nothing.
pub fn csv(ledger: &[Judged]) -> Result<Vec<u8>, csv::Error> {
    let mut rows = Vec::new();
    for judged in ledger {
        rows.extend(judged.tests.iter().map(|test| CsvRow {
            study: &judged.study,
            says: &judged.says,
            source: judged.source.as_deref(),
            verdict: &judged.verdict,
            why: &judged.why,
            metric: &test.metric,
            of: &test.of,
            classes: &test.classes,
            claimed: &test.claimed,
            observed: test.observed.map(|estimate| estimate.mean),
            low: test.observed.and_then(|estimate| estimate.low),
            high: test.observed.and_then(|estimate| estimate.high),
            n: test.observed.map(|estimate| estimate.n),
            seeds: list(test),
            ruling: &test.ruling,
        }));
    }
    to_csv(&rows)
}

/// The studies in the table of a ledger, in its order.
///
/// # Errors
/// If it is no such table.
pub fn studies(table: &[u8]) -> Result<Vec<String>, csv::Error> {
    #[derive(Deserialize)]
    struct Row {
        study: String,
    }
    let mut reader = csv::Reader::from_reader(table);
    // Without rows nothing else would miss the column.
    if !reader.headers()?.iter().any(|name| name == "study") {
        let missing = io::Error::new(io::ErrorKind::InvalidData, "it has no column `study`");
        return Err(missing.into());
    }
    let mut studies: Vec<String> = Vec::new();
    for row in reader.into_deserialize() {
        let Row { study } = row?;
        if !studies.contains(&study) {
            studies.push(study);
        }
    }
    Ok(studies)
}

fn list(test: &Tested) -> String {
    let seeds = test.replicates.iter().map(|(seed, _)| seed.to_string());
    seeds.collect::<Vec<_>>().join(" ")
}

/// As a table of a page.
#[must_use]
pub fn markdown(ledger: &[Judged]) -> String {
    let mut text = String::from("| claim | source | observed | claimed | verdict |\n");
    text.push_str("|---|---|---|---|---|\n");
    for judged in ledger {
        let each = |of: &dyn Fn(&Tested) -> String| {
            let lines = judged.tests.iter().map(|test| plain(&of(test)));
            let lines: Vec<String> = lines.collect();
            lines.join("<br>")
        };
        let verdict = match judged.why.as_str() {
            "" => format!("**{}**", judged.verdict.word()),
            why => format!("**{}**: {}", judged.verdict.word(), plain(why)),
        };
        let source = match &judged.source {
            Some(source) => format!("{source} ({})", judged.study),
            None => judged.study.clone(),
        };
        let cells = [
            plain(&judged.says),
            plain(&source),
            each(&|test| format!("{}: {}", quantity(test), observed(test))),
            each(&|test| test.claimed.clone()),
            verdict,
        ];
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
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
