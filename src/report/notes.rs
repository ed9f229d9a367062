//! Notes on a comparison, below its table.

use std::collections::{BTreeSet, HashMap};

use super::compare::{
    ComparisonRow, ExperimentComparison, Finding, NotCompared, NotComparedReason,
};
use super::layout::NONE;
use super::render::{is_symmetric, reads_symmetric};
use crate::config::Metric;
use crate::data::Label;
use crate::grouped::grouped;
use crate::metrics::judge::poor_judges_note;
use crate::metrics::statistics::{MIN_REPLICATES, SIGNIFICANT, Test};

/// Notes on the rows that a table shows.
pub struct Notes<'a> {
    /// Comparison.
    pub comparison: &'a ExperimentComparison,
    /// Rows of the table.
    pub rows: &'a [ComparisonRow],
    /// True if the table shows the intervals of A and B as well.
    pub sides: bool,
    /// Escape of names from files.
    pub escape: fn(&str) -> String,
}

impl Notes<'_> {
    /// Returns one text per note, each to start on a new line.
    pub fn texts(&self) -> Vec<String> {
        let (comparison, rows) = (self.comparison, self.rows);
        let mut notes: Vec<String> = [&comparison.data_difference, &comparison.device_difference]
            .into_iter()
            .flatten()
            .map(|note| (self.escape)(note))
            .collect();
        notes.extend(losses(comparison, rows));
        notes.extend(poor_judges(comparison, rows).map(|note| (self.escape)(&note)));
        notes.extend(left_out(comparison, self.escape));
        notes.extend(classes(rows, self.escape));
        if !rows.is_empty() {
            notes.extend(units(rows, self.escape));
            notes.extend(self.intervals());
            notes.extend(test(comparison, rows));
            notes.extend(self.no_spread());
            notes.extend(chance(comparison));
        }
        notes
    }

    /// Explains the intervals of the table.
    fn intervals(&self) -> Option<String> {
        let mut ends = self.rows.iter().flat_map(|row| {
            let ComparisonRow {
                a, b, difference, ..
            } = row;
            let sides = [(a.mean, a.low, a.high), (b.mean, b.low, b.high)];
            let shown = if self.sides { &sides[..] } else { &[] };
            let apart = (difference.mean, difference.low, difference.high);
            let all: Vec<_> = shown.iter().copied().chain([apart]).collect();
            all.into_iter()
                .filter_map(|(mean, low, high)| Some((mean, low?, high?)))
        });
        let any = ends.clone().next().is_some();
        let is_corrected = self.comparison.tests.is_some();
        let is_even = if is_corrected {
            reads_symmetric
        } else {
            is_symmetric
        };
        let others = match ends.any(|(mean, low, high)| !is_even(mean, low, high)) {
            false => "",
            true if !self.sides => " [a, b]: both ends, where the halves differ.",
            true if is_corrected => " (a to b): both ends, where the halves differ.",
            true => {
                " ≥ or ≤: its other end, where one is the highest or lowest value that there can be."
            }
        };
        let how = if is_corrected {
            "not corrected"
        } else {
            "by Student's t"
        };
        any.then(|| {
            format!("±: half the 95 % interval of the mean over replicates, {how}.{others}")
        })
    }

    fn no_spread(&self) -> Option<String> {
        let mut verdicts = self.rows.iter().map(|row| row.verdict);
        let label = if self.sides { "No spread" } else { NONE };
        verdicts.any(|verdict| verdict == Finding::NoSpread).then(|| {
            format!(
                "{label}: the difference does not vary between replicates, so no test can weigh it."
            )
        })
    }
}

/// Warns of losses on different scales.
fn losses(comparison: &ExperimentComparison, rows: &[ComparisonRow]) -> Option<String> {
    let mut keys = comparison.spec_differences.iter().map(|d| &d.key);
    let other = keys.any(|key| key.starts_with("train.loss"));
    let shown = rows.iter().any(|row| row.metric.ends_with("loss"));
    (other && shown)
        .then(|| "A and B minimise different losses: their losses are not on one scale.".to_owned())
}

/// Warns of poor judges, if they read any of the rows.
fn poor_judges(comparison: &ExperimentComparison, rows: &[ComparisonRow]) -> Option<String> {
    let mut metrics = rows.iter().map(|row| row.metric.as_str());
    if !metrics.any(Metric::is_read_by_judges) {
        return None;
    }
    let [a, b] = [&comparison.a, &comparison.b].map(|side| side.poor_judges.as_deref());
    let poor = match (a, b) {
        (Some(a), Some(b)) if a == b => a.to_owned(),
        (Some(a), Some(b)) => format!("of A, {a}; of B, {b}"),
        (Some(a), None) => format!("of A, {a}"),
        (None, Some(b)) => format!("of B, {b}"),
        (None, None) => return None,
    };
    poor_judges_note(Some(&poor))
}

/// Metrics of inversions that cannot be compared for one reason.
struct LeftOutGroup<'a> {
    reason: &'a NotComparedReason,
    /// Inversions with their settings; an empty one is the network.
    inversions: Vec<&'a str>,
    /// Metrics; empty for every metric.
    metrics: Vec<&'a str>,
}

impl<'a> LeftOutGroup<'a> {
    /// Group of metrics of one inversion; none without any.
    fn of(group: &[&'a NotCompared]) -> Option<Self> {
        let first = group.first()?;
        Some(Self {
            reason: &first.reason,
            inversions: vec![&first.inversion],
            metrics: group.iter().map(|left| &*left.metric).collect(),
        })
    }

    fn note(&self, escape: fn(&str) -> String) -> String {
        let list = |names: &[&str]| {
            let names = names.iter().map(|name| escape(name.trim()));
            names.collect::<Vec<_>>().join(", ")
        };
        let inversions = list(&self.inversions);
        let left_out = match (&self.metrics[..], &*inversions) {
            ([], _) => format!("every metric of {inversions}"),
            (metrics, "") => list(metrics),
            (metrics, _) => format!("{} (of {inversions})", list(metrics)),
        };
        format!("{}: {left_out}", capital(&self.reason.text()))
    }
}

/// Returns one note per reason and inversion; those of a corrected comparison are merged.
fn left_out(comparison: &ExperimentComparison, escape: fn(&str) -> String) -> Vec<String> {
    fn key(left: &NotCompared) -> (&NotComparedReason, &str) {
        (&left.reason, &left.inversion)
    }
    let mut all: Vec<&NotCompared> = comparison.left_out.iter().collect();
    all.sort_by_key(|&left| key(left));
    let groups = all.chunk_by(|one, next| key(one) == key(next));
    let mut groups: Vec<LeftOutGroup<'_>> = groups.filter_map(LeftOutGroup::of).collect();
    if comparison.tests.is_some() {
        groups = merged(groups, &comparison.rows);
    }
    groups.iter().map(|group| group.note(escape)).collect()
}

/// Merges groups of the same metrics. An inversion without rows and with one reason is left
/// out with every metric.
fn merged<'a>(groups: Vec<LeftOutGroup<'a>>, rows: &[ComparisonRow]) -> Vec<LeftOutGroup<'a>> {
    let mut reasons: HashMap<&str, usize> = HashMap::new();
    for group in &groups {
        for &inversion in &group.inversions {
            *reasons.entry(inversion).or_default() += 1;
        }
    }
    let is_whole = |inversion: &str| {
        let has_rows = rows.iter().any(|row| row.inversion == inversion);
        !inversion.is_empty() && !has_rows && reasons.get(inversion) == Some(&1)
    };
    let mut found: Vec<LeftOutGroup<'a>> = Vec::new();
    for mut group in groups {
        if group.inversions.iter().all(|inversion| is_whole(inversion)) {
            group.metrics.clear();
        }
        let is_same = |other: &&mut LeftOutGroup<'_>| {
            other.reason == group.reason && other.metrics == group.metrics
        };
        match found.iter_mut().find(is_same) {
            Some(other) => other.inversions.append(&mut group.inversions),
            None => found.push(group),
        }
    }
    found
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Lists the averaged classes, if some are left out.
fn classes(rows: &[ComparisonRow], escape: fn(&str) -> String) -> Vec<String> {
    let mut notes = Vec::new();
    for row in rows.iter().filter(|row| !row.classes_left_out.is_empty()) {
        let note = format!(
            "Means are over the classes that every replicate has: {}. Left out: {}.",
            list(&row.classes, escape),
            list(&row.classes_left_out, escape)
        );
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn list(classes: &[Label], escape: fn(&str) -> String) -> String {
    let labels = classes.iter().map(|label| escape(&label.to_string()));
    labels.collect::<Vec<_>>().join(", ")
}

/// Lists the units of the metrics.
fn units(rows: &[ComparisonRow], escape: fn(&str) -> String) -> Option<String> {
    let with_unit = rows.iter().filter(|row| !row.unit.is_empty());
    let mut units = grouped(with_unit.map(|row| (row.unit.as_str(), row.metric.as_str())));
    for (_, metrics) in &mut units {
        // Each once, as often as inversions have it.
        let mut seen = BTreeSet::new();
        metrics.retain(|metric| seen.insert(*metric));
    }
    let unit =
        |(unit, metrics): &(&str, Vec<&str>)| escape(&format!("{unit} ({})", metrics.join(", ")));
    let units: Vec<String> = units.iter().map(unit).collect();
    (!units.is_empty()).then(|| format!("Units: {}.", units.join("; ")))
}

/// Names the test. All rows have all replicates, so that one test is used for all.
fn test(comparison: &ExperimentComparison, rows: &[ComparisonRow]) -> Option<String> {
    let used = rows.first().and_then(|row| row.difference.test);
    let name = match (used, comparison.tests) {
        // Advice is given where the commands are known, and without spread there is no p.
        (None, Some(_)) | (Some(_), Some(0)) => return None,
        (Some(Test::Paired), _) => "paired t test over the seeds, the same in A and B",
        (Some(Test::Welch), _) => "Welch's t test, as A and B have different seeds",
        (None, None) => {
            return Some(format!(
                "No test: it needs at least {MIN_REPLICATES} seeds per side; \
                 add `--seed 0,1,2,3,4` to both runs."
            ));
        }
    };
    Some(match comparison.tests {
        None => format!("p: {name}. Below {SIGNIFICANT}, B is higher or lower."),
        Some(tests) => format!(
            "p: {name}. Holm: p corrected for the number of tests, {tests} (Holm 1979); below \
             {SIGNIFICANT}, B is higher or lower."
        ),
    })
}

/// Estimates how many tests without correction are significant by chance.
fn chance(comparison: &ExperimentComparison) -> Option<String> {
    // A difference that does not vary is not significant by chance.
    let varies = |row: &&ComparisonRow| {
        row.difference.p.is_some() && row.difference.low < row.difference.high
    };
    let made = comparison.rows.iter().filter(varies).count();
    let were = if made == 1 {
        "comparison was"
    } else {
        "comparisons were"
    };
    (made > 0 && comparison.tests.is_none()).then(|| {
        format!(
            "{made} {were} tested. If nothing differed at all, one in twenty (here {:.1}) would \
             still pass for significant by chance.",
            made as f64 * SIGNIFICANT
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::compare::compare;
    use super::super::fixture::{in_memory, measurement};
    use super::*;

    /// Judges of one side, of both alike or of each are named, and only beside rows that they
    /// read.
    #[test]
    fn poor_judges_are_named_by_side() {
        let side = |metric: &str, poor: Option<&str>| {
            let mut side = in_memory(&[(0, vec![measurement("x", metric, 0, 0.5)])]);
            side.replicates[0].poor_judges = poor.map(str::to_owned);
            side
        };
        let note = |metric: &str, a: Option<&str>, b: Option<&str>| {
            let comparison = compare(&side(metric, a), &side(metric, b));
            poor_judges(&comparison, &comparison.rows)
        };
        let read = |a, b| note("legibility", a, b);
        let text = |poor: &str| Some(format!("Poor judges of legibility: {poor}."));
        assert_eq!(read(None, None), None);
        assert_eq!(read(Some("so"), Some("so")), text("so"));
        assert_eq!(read(Some("so"), None), text("of A, so"));
        assert_eq!(read(None, Some("so")), text("of B, so"));
        assert_eq!(
            read(Some("so"), Some("not so")),
            text("of A, so; of B, not so")
        );
        assert_eq!(note("l1_distance", Some("so"), Some("so")), None);
    }

    #[test]
    fn metrics_left_out_are_merged_if_p_is_corrected() {
        let of = |names: &[(&str, &str)]| {
            let values = names
                .iter()
                .map(|(inversion, metric)| measurement(inversion, metric, 0, 1.0));
            in_memory(&[(0, values.collect())])
        };
        let both = [("x", "l1"), ("y", "l1")];
        let only = [
            ("x", "gap"),
            ("y", "gap"),
            ("y", "other"),
            ("v", "l1"),
            ("w", "gap"),
        ];
        let comparison = compare(&of(&[&both[..], &only].concat()), &of(&both));
        let each = [
            "Only in A: l1 (of v)",
            "Only in A: gap (of w)",
            "Only in A: gap (of x)",
            "Only in A: gap, other (of y)",
        ];
        assert_eq!(left_out(&comparison, str::to_owned), each);
        let merged = [
            "Only in A: every metric of v, w",
            "Only in A: gap (of x)",
            "Only in A: gap, other (of y)",
        ];
        assert_eq!(left_out(&comparison.corrected(), str::to_owned), merged);
    }
}
