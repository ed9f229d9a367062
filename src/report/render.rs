//! Comparison as text, as CSV and as JSON.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::compare::{ComparisonRow, ExperimentComparison, NotCompared, Side};
use super::layout::{Alignment, MAX_LINE, NONE, columns, wrap};
use super::notes::Notes;
use super::spec::of_shared_inversions;
use crate::data::Label;
use crate::escape;
use crate::metrics::statistics::{CONFIDENCE, SIGNIFICANT, Test, rounding};
use crate::table::to_csv;

impl ExperimentComparison {
    /// Formats the differences between the specs, one line per metric, and notes. Shows the
    /// rows that are decided, or `all`. Lines have about 100 columns, unless names are long.
    pub fn text(&self, all: bool) -> String {
        let mut lines = [side("A", &self.a), side("B", &self.b)].concat();
        lines.push(String::new());
        lines.extend(self.specs());
        if !self.rows.is_empty() {
            lines.extend([String::new(), self.headline()]);
            lines.extend(self.table(all));
            lines.extend(self.hidden(self.shown(all)));
        }
        lines.push(String::new());
        let notes = Notes {
            comparison: self,
            rows: self.shown(all),
            sides: false,
            escape: plain,
        };
        lines.extend(notes.texts().iter().flat_map(|note| wrap(note, 0)));
        lines.join("\n").trim_end().to_owned()
    }

    /// Reports how many tests find a difference.
    pub(super) fn headline(&self) -> String {
        match (self.decided(), self.tests) {
            (_, None | Some(0)) => "No test is possible. Means over the seeds:".to_owned(),
            (0, Some(tests)) => format!(
                "0 of {tests} tests find a difference (corrected p < {SIGNIFICANT}). \
                 Smallest p first:"
            ),
            (decided, Some(tests)) => format!(
                "{decided} of {tests} tests find a difference (corrected p < {SIGNIFICANT}):"
            ),
        }
    }

    /// Reports how many rows are hidden if these are shown.
    pub(super) fn hidden(&self, shown: &[ComparisonRow]) -> Option<String> {
        match self.rows.len() - shown.len() {
            0 => None,
            1 => Some("1 more row is hidden: add `--all`.".to_owned()),
            hidden => Some(format!("{hidden} more rows are hidden: add `--all`.")),
        }
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
        for difference in of_shared_inversions(&self.spec_differences) {
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

    fn table(&self, all: bool) -> Vec<String> {
        let n = |letter: &str, side: &Side| format!("{letter} (n={})", side.seeds.len());
        let tested = |title: &str| match self.tests {
            None | Some(0) => String::new(),
            Some(_) => title.to_owned(),
        };
        let shown = self.shown(all);
        let mut rows = vec![vec![
            String::new(),
            String::new(),
            n("A", &self.a),
            n("B", &self.b),
            "B - A".to_owned(),
            String::new(),
            tested("p"),
            tested("Holm"),
        ]];
        rows.extend(shown.iter().map(|row| cells(row, &tested(NONE))));
        let mut lines = columns(&rows, &COLUMNS);
        let decided = self.decided();
        if (1..shown.len()).contains(&decided) {
            let heading = ["", "no difference found:"].map(str::to_owned);
            let undecided = lines.split_off(1 + decided);
            lines.extend(heading.into_iter().chain(undecided));
        }
        lines
    }

    /// Writes one row per metric. Of one that cannot be compared, `verdict` holds the reason.
    /// `a` and `b` are the names of the experiments, `classes` the labels of the averaged
    /// classes, `low` and `high` the ends of 95 % intervals. `p_holm` is a column if p is
    /// corrected.
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
pub(super) fn plain(text: &str) -> String {
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

/// Inversion, metric, both means, their difference with its half interval, both p.
const COLUMNS: [Alignment; 8] = [
    Alignment::LEFT,
    Alignment::LEFT,
    Alignment::RIGHT,
    Alignment::RIGHT,
    Alignment::RIGHT,
    Alignment::HALF,
    Alignment::RIGHT,
    Alignment::RIGHT,
];

/// Cells of a row; `untested` stands for a missing p.
fn cells(row: &ComparisonRow, untested: &str) -> Vec<String> {
    let apart = &row.difference;
    let sign = if apart.mean > 0.0 { "+" } else { "" };
    let p = |p: Option<f64>| match p {
        None => untested.to_owned(),
        Some(p) if p < 1e-3 => format!("{p:.1e}"),
        Some(p) => format!("{p:.4}"),
    };
    let place = match row.inversion.trim() {
        "" => "training",
        inversion => inversion,
    };
    vec![
        plain(place),
        plain(&row.metric),
        digits(row.a.mean),
        digits(row.b.mean),
        format!("{sign}{}", digits(apart.mean)),
        reach(apart.mean, apart.low.zip(apart.high)),
        p(apart.p),
        p(row.p_holm),
    ]
}

/// Returns the inversion of a row, with its setting; of a number of the network, its layer.
pub(super) fn place(row: &ComparisonRow) -> &str {
    match row.inversion.trim() {
        "" => "after training",
        inversion => inversion,
    }
}

/// Formats the half interval, `±0.2`, or both ends if the halves differ.
fn reach(mean: f64, ends: Option<(f64, f64)>) -> String {
    match ends {
        None => String::new(),
        Some((low, high)) if reads_symmetric(mean, low, high) => {
            format!("±{}", half(high - mean))
        }
        Some((low, high)) => format!("[{}, {}]", digits(low), digits(high)),
    }
}

/// Returns true if both halves of an interval have the same digits.
pub(super) fn reads_symmetric(mean: f64, low: f64, high: f64) -> bool {
    is_symmetric(mean, low, high) || digits(high - mean) == digits(mean - low)
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
    #[serde(skip_serializing_if = "Option::is_none")]
    p_holm: Option<PHolm>,
}

/// Cell of a corrected p, empty without a test.
#[derive(Serialize)]
struct PHolm(Option<f64>);

impl<'a> CsvRow<'a> {
    fn compared(comparison: &'a ExperimentComparison, row: &'a ComparisonRow) -> Self {
        let ComparisonRow {
            a, b, difference, ..
        } = row;
        let classes: Vec<String> = row.classes.iter().map(Label::to_string).collect();
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
            p_holm: comparison.tests.map(|_| PHolm(row.p_holm)),
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
            p_holm: comparison.tests.map(|_| PHolm(None)),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests;
