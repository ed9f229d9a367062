//! Tables as Markdown.

use std::fmt::Write;

use super::compare::{ComparisonRow, ExperimentComparison, Finding, Side};
use super::layout::NONE;
use super::notes::Notes;
use super::pairs::PairRow;
use super::render::{digits, is_symmetric, place, reads_symmetric};
use crate::escape::markdown;
use crate::metrics::statistics::MIN_REPLICATES;

/// Writes a comparison of two experiments: a table of all rows with notes.
pub fn comparison(comparison: &ExperimentComparison) -> String {
    sides(comparison) + &table(comparison, &comparison.rows)
}

impl ExperimentComparison {
    /// Writes a table with notes. Shows the rows that are decided, or `all`.
    pub fn markdown(&self, all: bool) -> String {
        let text = match self.rows.len() {
            0 => sides(self),
            _ => format!("{}\n{}\n", sides(self), markdown(&self.headline())),
        };
        (text + &table(self, self.shown(all))).trim_end().to_owned()
    }
}

fn sides(comparison: &ExperimentComparison) -> String {
    let side = |letter: &str, side: &Side| format!("- {letter}: {}\n", seeds(side));
    side("A", &comparison.a) + &side("B", &comparison.b)
}

/// Writes rows as a table, with notes on them. A corrected p has a column of its own.
fn table(comparison: &ExperimentComparison, rows: &[ComparisonRow]) -> String {
    let is_corrected = comparison.tests.is_some();
    let only_corrected = |text: &'static str| if is_corrected { text } else { "" };
    let n = |side: &Side| match comparison.tests {
        None => String::new(),
        Some(_) => format!(" (n = {})", side.seeds.len()),
    };
    let mut text = format!(
        "\n| inversion | metric | A{} | B{} | B − A | p |{} B is |\n|---|---|---:|---:|---:|---:|{}---|\n",
        n(&comparison.a),
        n(&comparison.b),
        only_corrected(" Holm |"),
        only_corrected("---:|"),
    );
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", compared(row, is_corrected).join(" | "));
    }
    text.push('\n');
    let notes = Notes {
        comparison,
        rows,
        sides: true,
        escape: markdown,
    };
    for note in comparison.hidden(rows).into_iter().chain(notes.texts()) {
        let _ = writeln!(text, "{note}\n");
    }
    text
}

fn seeds(side: &Side) -> String {
    let seeds: Vec<String> = side.seeds.iter().map(u64::to_string).collect();
    format!("{}, seeds {}", markdown(&side.name), seeds.join(" "))
}

fn compared(row: &ComparisonRow, is_corrected: bool) -> Vec<String> {
    let difference = &row.difference;
    let is_even = if is_corrected {
        reads_symmetric
    } else {
        is_symmetric
    };
    let mut cells = vec![
        markdown(place(row)),
        markdown(&row.metric),
        with_ends(row.a.mean, row.a.low.zip(row.a.high), is_even),
        with_ends(row.b.mean, row.b.low.zip(row.b.high), is_even),
        with_ends(
            difference.mean,
            difference.low.zip(difference.high),
            is_even,
        ),
        p(difference.p),
    ];
    if is_corrected {
        cells.push(p(row.p_holm));
    }
    cells.push(match row.verdict {
        // Below the table, once.
        Finding::TooFew(_) if is_corrected => NONE.to_owned(),
        verdict => verdict.text().into_owned(),
    });
    cells
}

/// Writes pairs of settings: one row per pair and metric.
pub fn pairs(rows: &[PairRow]) -> String {
    let mut text = String::from("| | A | B | metric | A | B | B − A | p |\n");
    text.push_str("|---|---|---|---|---:|---:|---:|---:|\n");
    let mut before = None;
    for row in rows {
        let pair = (&row.says, &row.a, &row.b);
        let cells = pair_cells(row, before != Some(pair));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        before = Some(pair);
    }
    text.push_str(&pair_notes(rows));
    text
}

/// Cells of one metric of a pair; the texts are shown once for all metrics.
fn pair_cells(row: &PairRow, is_new: bool) -> [String; 8] {
    let once = |text: &str| {
        if is_new {
            markdown(text)
        } else {
            String::new()
        }
    };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let difference = row
        .difference
        .map(|mean| with_ends(mean, row.low.zip(row.high), is_symmetric));
    [
        once(&row.says),
        once(&row.a),
        once(&row.b),
        markdown(row.metric),
        or_none(row.a_mean.map(digits)),
        or_none(row.b_mean.map(digits)),
        or_none(difference),
        p(row.p),
    ]
}

fn pair_notes(rows: &[PairRow]) -> String {
    let mut text = String::new();
    let n: Vec<usize> = rows.iter().map(|row| row.n).collect();
    if let (Some(fewest), Some(most)) = (n.iter().min(), n.iter().max()) {
        let count = if fewest == most {
            most.to_string()
        } else {
            format!("{fewest} to {most}")
        };
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\nMeans over {count} seeds, classes averaged within each; ±: half the 95 % interval \
             of the mean difference, p: paired t test over the seeds.\n"
        );
    }
    if n.iter().any(|n| *n < MIN_REPLICATES) {
        let _ = write!(
            text,
            "\nIntervals and p need at least {MIN_REPLICATES} seeds: add `--seed 0,1,2,3,4`.\n"
        );
    }
    text
}

/// Formats a mean with half of its interval, or with both ends unless the halves are even.
fn with_ends(mean: f64, ends: Option<(f64, f64)>, is_even: fn(f64, f64, f64) -> bool) -> String {
    match ends {
        Some((low, high)) if is_even(mean, low, high) => {
            format!("{} ± {}", digits(mean), digits(high - mean))
        }
        Some((low, high)) => {
            format!("{} ({} to {})", digits(mean), digits(low), digits(high))
        }
        None => digits(mean),
    }
}

/// Formats a p value with three decimals.
pub(super) fn p(p: Option<f64>) -> String {
    match p {
        None => NONE.to_owned(),
        Some(p) if p < 1e-3 => "< 0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare::compare;
    use super::super::fixture::{in_memory, measurement};
    use super::*;

    #[test]
    fn every_row_has_as_many_cells_as_the_head() {
        let values = |x: f64| vec![measurement("e|f", "m", 0, x)];
        let a = in_memory(&[(0, values(1.0)), (1, values(2.0)), (2, values(3.0))]);
        let b = in_memory(&[(0, values(2.0)), (1, values(3.5)), (2, values(4.0))]);
        let compared = compare(&a, &b);
        let page = comparison(&compared);
        let corrected = compared.corrected().markdown(false);
        for (text, expected) in [(&page, 8), (&corrected, 9)] {
            let cells = |line: &str| line.replace("\\|", "").matches('|').count();
            let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
            assert!(
                table.len() == 3 && table.iter().all(|line| cells(line) == expected),
                "{text}"
            );
            assert!(text.contains("| 2.0000 ± 2.4841 | 3.1667 ± "), "{text}");
        }
        assert!(corrected.contains("| A (n = 3) | B (n = 3) | B − A | p | Holm |"));
    }

    #[test]
    fn missing_seeds_are_no_word_on_each_row() {
        let a = in_memory(&[(0, vec![measurement("e", "m", 0, 1.0)])]);
        let compared = compare(&a, &a);
        assert!(comparison(&compared).contains("undecided: 1 replicate"));
        let corrected = compared.corrected().markdown(false);
        assert!(
            corrected.contains("| e | m | 1.0000 | 1.0000 | 0 | – | – | – |"),
            "{corrected}"
        );
    }

    #[test]
    fn what_a_pair_is_stands_in_its_first_row_only() {
        let row = |metric, difference| PairRow {
            says: "bias".to_owned(),
            a: "left out".to_owned(),
            b: "subtracted".to_owned(),
            metric,
            unit: "",
            n: 2,
            seeds: "0 1".to_owned(),
            a_mean: Some(1.0),
            b_mean: None,
            difference,
            low: Some(0.0),
            high: Some(1.0),
            p: Some(1e-9),
        };
        let text = pairs(&[row("m", Some(0.5)), row("n", None)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[2],
            "| bias | left out | subtracted | m | 1.0000 | – | 0.5000 ± 0.5000 | < 0.001 |"
        );
        assert_eq!(lines[3], "|  |  |  | n | 1.0000 | – | – | < 0.001 |");
        assert!(text.contains("Means over 2 seeds, classes"), "{text}");
        assert!(text.contains("need at least 3 seeds"), "{text}");
    }
}
