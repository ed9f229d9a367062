//! A comparison as text, as CSV and as JSON.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::compare::{ComparisonRow, ExperimentComparison, NotCompared, Side};
use super::layout::{Alignment, MAX_LINE, NONE, columns, wrap};
use super::notes;
use crate::escape;
use crate::metrics::statistics::{CONFIDENCE, Estimate, Test, rounding};
use crate::table::to_csv;

impl ExperimentComparison {
    /// Formats the differences between the specs, one line per metric, and notes. Lines have
    /// about 100 columns, unless names are long.
    pub fn text(&self) -> String {
        let mut lines = vec![
            side("A", &self.a).join("\n"),
            side("B", &self.b).join("\n"),
            String::new(),
        ];
        lines.extend(self.specs());
        if !self.rows.is_empty() {
            lines.push(String::new());
            lines.extend(self.table());
        }
        lines.push(String::new());
        lines.extend(notes::of(self, plain).iter().flat_map(|note| wrap(note, 0)));
        lines.join("\n").trim_end().to_owned()
    }

    fn specs(&self) -> Vec<String> {
        if self.spec_differences.is_empty() {
            return vec!["The specs do not differ in anything that changes numbers.".to_owned()];
        }
        let mut rows = vec![
            ["The specs differ in", "A", "B"]
                .map(str::to_owned)
                .to_vec(),
        ];
        for difference in &self.spec_differences {
            let key = format!("  {}", escape::line(&difference.key));
            rows.push(vec![
                key,
                value(difference.a.as_ref()),
                value(difference.b.as_ref()),
            ]);
        }
        let lines = columns(&rows, &[Alignment::LEFT; 3]);
        if lines.iter().all(|line| line.chars().count() <= MAX_LINE) {
            return lines;
        }
        // Long lists, in full below each other: their difference may be at the end.
        let stacked = rows[1..].iter().flat_map(|row| {
            let of = |name: &str, value: &str| wrap(&format!("{name}  {value}"), 4);
            [vec![row[0].clone()], of("A", &row[1]), of("B", &row[2])].concat()
        });
        [rows[0][0].clone()].into_iter().chain(stacked).collect()
    }

    fn table(&self) -> Vec<String> {
        let titles = ["", "A", "", "B", "", "B - A", "", "p", "verdict"];
        let mut rows = vec![titles.map(str::to_owned).to_vec()];
        rows.extend(self.rows.iter().map(cells));
        let mut lines = columns(&rows, &COLUMNS).into_iter();
        let mut table: Vec<String> = lines.by_ref().take(1).collect();
        let mut section = None;
        for (row, line) in self.rows.iter().zip(lines) {
            if section != Some(&row.inversion) {
                let last_epoch = row.inversion.is_empty();
                let title = if last_epoch {
                    "after the last epoch"
                } else {
                    &row.inversion
                };
                table.push(plain(title));
                section = Some(&row.inversion);
            }
            table.push(line);
        }
        table
    }

    /// Writes one row per metric. Of one that cannot be compared, `verdict` holds the reason.
    /// `a` and `b` are the names of the experiments, `classes` the labels of the averaged
    /// classes, `low` and `high` the ends of 95 % intervals.
    ///
    /// # Errors
    /// None that can be foreseen: every field is text, a number or nothing.
    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let rows = self.rows.iter().map(|row| CsvRow::compared(self, row));
        let left_out = self
            .left_out
            .iter()
            .map(|left| CsvRow::left_out(self, left));
        to_csv(&rows.chain(left_out).collect::<Vec<_>>())
    }

    /// Writes one object with everything. `low` and `high` are the ends of intervals
    /// of the given confidence.
    ///
    /// # Errors
    /// None that can be foreseen: all keys are text and all numbers finite.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct ComparisonDocument<'a> {
            confidence: f64,
            #[serde(flatten)]
            comparison: &'a ExperimentComparison,
        }
        serde_json::to_string_pretty(&ComparisonDocument {
            confidence: CONFIDENCE,
            comparison: self,
        })
    }
}

/// Puts a text from a file on one line.
fn plain(text: &str) -> String {
    escape::line(text).into_owned()
}

fn side(letter: &str, side: &Side) -> Vec<String> {
    let seeds: Vec<String> = side.seeds.iter().map(u64::to_string).collect();
    let word = if seeds.len() == 1 { "seed" } else { "seeds" };
    wrap(
        &format!(
            "{letter}  {}: {word} {}",
            plain(&side.name),
            seeds.join(", ")
        ),
        0,
    )
}

/// Formats a value as in a spec; text without quotes.
fn value(value: Option<&Value>) -> String {
    match value {
        None => NONE.to_owned(),
        Some(Value::String(text)) => plain(text),
        // A line may break at the space after each comma.
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(Value::to_string).collect();
            plain(&format!("[{}]", items.join(", ")))
        }
        Some(other) => plain(&other.to_string()),
    }
}

/// Metric, each number with its half interval, p, and the verdict.
const COLUMNS: [Alignment; 9] = [
    Alignment::LEFT,
    Alignment::RIGHT,
    Alignment::HALF,
    Alignment::RIGHT,
    Alignment::HALF,
    Alignment::RIGHT,
    Alignment::HALF,
    Alignment::RIGHT,
    Alignment::LEFT,
];

fn cells(row: &ComparisonRow) -> Vec<String> {
    let estimate = |of: &Estimate| [digits(of.mean), reach(of.mean, of.low.zip(of.high))];
    let apart = &row.difference;
    let sign = if apart.mean > 0.0 { "+" } else { "" };
    let mut cells = vec![format!("  {}", plain(&row.metric))];
    cells.extend(estimate(&row.a));
    cells.extend(estimate(&row.b));
    cells.push(format!("{sign}{}", digits(apart.mean)));
    cells.push(reach(apart.mean, apart.low.zip(apart.high)));
    cells.push(match apart.p {
        None => NONE.to_owned(),
        Some(p) if p < 1e-3 => "<0.001".to_owned(),
        Some(p) => format!("{p:.4}"),
    });
    cells.push(row.verdict.short().into_owned());
    cells
}

/// Formats the half interval, `±0.2`. If the shorter side ends at a bound of the metric,
/// formats the end of the longer one: `≥0.7`.
fn reach(mean: f64, ends: Option<(f64, f64)>) -> String {
    match ends {
        None => String::new(),
        Some((low, high)) if is_symmetric(mean, low, high) => {
            format!("±{}", half(high - mean))
        }
        Some((low, high)) if mean - low < high - mean => format!("≤{}", digits(high)),
        Some((low, _)) => format!("≥{}", digits(low)),
    }
}

/// Returns true unless an interval ends at a bound: those of Student's t are symmetric, up
/// to rounding.
pub(super) fn is_symmetric(mean: f64, low: f64, high: f64) -> bool {
    let size = low.abs().max(high.abs());
    ((high - mean) - (mean - low)).abs() <= rounding(size)
}

fn half(half: f64) -> String {
    match half {
        _ if half > 0.0 && !(1e-3..1e6).contains(&half) => format!("{half:.1e}"),
        _ => digits(half),
    }
}

/// Formats a number with at most four decimals, in at most eight characters and a sign. Very
/// small and very large numbers have an exponent.
pub fn digits(value: f64) -> String {
    let size = value.abs();
    match size {
        0.0 => "0".to_owned(),
        _ if !(1e-3..1e6).contains(&size) => format!("{value:.2e}"),
        _ if size < 100.0 => format!("{value:.4}"),
        _ => format!("{value:.1}"),
    }
}

/// Row of the CSV.
#[derive(Default, Serialize)]
struct CsvRow<'a> {
    a: &'a str,
    b: &'a str,
    inversion: &'a str,
    metric: &'a str,
    unit: &'a str,
    /// Labels, separated by spaces.
    classes: String,
    a_mean: Option<f64>,
    a_low: Option<f64>,
    a_high: Option<f64>,
    a_n: Option<usize>,
    b_mean: Option<f64>,
    b_low: Option<f64>,
    b_high: Option<f64>,
    b_n: Option<usize>,
    difference: Option<f64>,
    difference_low: Option<f64>,
    difference_high: Option<f64>,
    test: Option<Test>,
    p: Option<f64>,
    verdict: Cow<'static, str>,
}

impl<'a> CsvRow<'a> {
    fn compared(comparison: &'a ExperimentComparison, row: &'a ComparisonRow) -> Self {
        let ComparisonRow {
            a, b, difference, ..
        } = row;
        let classes: Vec<String> = row.classes.iter().map(u8::to_string).collect();
        Self {
            a: &comparison.a.name,
            b: &comparison.b.name,
            inversion: &row.inversion,
            metric: &row.metric,
            unit: &row.unit,
            classes: classes.join(" "),
            a_mean: Some(a.mean),
            a_low: a.low,
            a_high: a.high,
            a_n: Some(a.n),
            b_mean: Some(b.mean),
            b_low: b.low,
            b_high: b.high,
            b_n: Some(b.n),
            difference: Some(difference.mean),
            difference_low: difference.low,
            difference_high: difference.high,
            test: difference.test,
            p: difference.p,
            verdict: row.verdict.text(),
        }
    }

    fn left_out(comparison: &'a ExperimentComparison, left: &'a NotCompared) -> Self {
        Self {
            a: &comparison.a.name,
            b: &comparison.b.name,
            inversion: &left.inversion,
            metric: &left.metric,
            unit: &left.unit,
            verdict: left.reason.text(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests;
