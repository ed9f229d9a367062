//! Correction of a comparison for the number of its tests.

use std::cmp::Ordering;

use super::{ComparisonRow, ExperimentComparison, Finding};
use crate::metrics::statistics::holm;

/// Maximum number of rows shown if none is decided.
const MAX_UNDECIDED: usize = 10;

impl ExperimentComparison {
    /// Corrects p for the number of tests by Holm's method, decides by it, and sorts rows:
    /// decided ones by corrected p, then those with a test by p, then the others. Ties keep
    /// the order of the table.
    pub fn corrected(mut self) -> Self {
        let raw: Vec<f64> = self
            .rows
            .iter()
            .filter_map(|row| row.difference.p)
            .collect();
        let mut corrected = holm(&raw).into_iter();
        for row in &mut self.rows {
            row.p_holm = row.difference.p.and_then(|_| corrected.next());
            row.verdict = Finding::of(&row.difference, row.p_holm, row.a.n.min(row.b.n));
        }
        self.tests = Some(raw.len());
        self.rows.sort_by(by_decision);
        self
    }

    /// Returns the number of decided rows.
    pub fn decided(&self) -> usize {
        self.rows.iter().filter(|row| row.is_decided()).count()
    }

    /// Returns the rows to show: all, or only those decided. If none is, the first few.
    pub fn shown(&self, all: bool) -> &[ComparisonRow] {
        let count = match self.decided() {
            _ if all => self.rows.len(),
            0 => self.rows.len().min(MAX_UNDECIDED),
            decided => decided,
        };
        &self.rows[..count]
    }
}

impl ComparisonRow {
    /// Returns true if the test finds a difference.
    pub fn is_decided(&self) -> bool {
        matches!(self.verdict, Finding::Higher | Finding::Lower)
    }
}

/// Orders rows: decided, tested, others.
fn by_decision(one: &ComparisonRow, other: &ComparisonRow) -> Ordering {
    let rank = |row: &ComparisonRow| match (row.is_decided(), row.p_holm, row.difference.p) {
        (true, Some(p), _) => (0, p),
        (_, _, Some(p)) => (1, p),
        _ => (2, 1.0),
    };
    let (one, other) = (rank(one), rank(other));
    one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use super::*;
    use crate::report::fixture::{in_memory, measurement};
    use crate::report::load::Results;

    /// Seeds 0 to 2 with this value of each metric, plus `noise` of the seed.
    fn results(metrics: &[(&str, f64, [f64; 3])]) -> Results {
        let one = |seed: usize| {
            let value = |(metric, mean, noise): &(&str, f64, [f64; 3])| {
                measurement("e", metric, 0, mean + noise[seed])
            };
            (seed as u64, metrics.iter().map(value).collect())
        };
        in_memory(&[one(0), one(1), one(2)])
    }

    const NONE: [f64; 3] = [0.0; 3];
    const LITTLE: [f64; 3] = [-0.1, 0.0, 0.1];
    const MUCH: [f64; 3] = [-1.0, 0.0, 1.0];

    fn compared() -> ExperimentComparison {
        let names = ["unsure", "fixed", "clear", "weak", "clear again"];
        let a = results(&names.map(|name| (name, 0.0, NONE)));
        let b = results(&[
            ("unsure", 1.0, MUCH),
            ("fixed", 1.0, NONE),
            ("clear", 1.0, LITTLE),
            ("weak", -0.3, LITTLE),
            ("clear again", -1.0, LITTLE),
        ]);
        compare(&a, &b)
    }

    /// With two degrees of freedom p is 1 - t / sqrt(t^2 + 2): t = sqrt 3 times 10, 3 and 1.
    #[test]
    fn verdicts_go_by_corrected_p_and_come_first() {
        let p = |t: f64| 1.0 - t / (t * t + 2.0).sqrt();
        let [clear, weak, unsure] = [10.0, 3.0, 1.0].map(|t| p(t * 3f64.sqrt()));
        let rows = compared().corrected().rows;
        let found: Vec<_> = rows.iter().map(|row| (&*row.metric, row.verdict)).collect();
        assert_eq!(
            found,
            [
                ("clear", Finding::Higher),
                ("clear again", Finding::Lower),
                ("weak", Finding::NoneSeen),
                ("unsure", Finding::NoneSeen),
                ("fixed", Finding::NoSpread),
            ]
        );
        let expected = [4.0 * clear, 4.0 * clear, 2.0 * weak, unsure].map(Some);
        for (row, expected) in rows.iter().zip(expected.into_iter().chain([None])) {
            let (got, expected) = (row.p_holm.unwrap_or(-1.0), expected.unwrap_or(-1.0));
            assert!((got - expected).abs() < 1e-9, "{row:?}: {expected}");
        }
        assert!(weak < 0.05 && unsure > 0.05, "{weak} {unsure}");
    }

    #[test]
    fn decided_rows_are_shown_or_all_or_the_first() {
        let comparison = compared().corrected();
        assert_eq!((comparison.tests, comparison.decided()), (Some(4), 2));
        assert_eq!(comparison.shown(false).len(), 2);
        assert_eq!(comparison.shown(true).len(), 5);
        let names: Vec<String> = (0..30).map(|index| format!("m{index}")).collect();
        let values: Vec<_> = names.iter().map(|name| (&**name, 1.0, MUCH)).collect();
        let same = compare(&results(&values), &results(&values)).corrected();
        assert_eq!((same.tests, same.decided()), (Some(30), 0));
        assert_eq!(same.shown(false).len(), MAX_UNDECIDED);
        assert_eq!(
            same.hidden(same.shown(false)).unwrap(),
            "20 more rows are hidden: add `--all`."
        );
    }
}
