//! Filters of an inverse matrix: Lai 2021, section 2.2.4 and appendix 6.1.7.

use faer::Mat;

use crate::model::map;
use crate::spec::{Filter, FilterKind};

/// The filtered matrix. Cutoffs are entries of this matrix: the p-th
/// percentile is the sorted entry at position `max(int(p size / 100) - 1, 0)`,
/// as the author's code picks it. "Above" a cutoff does not contain it, "below"
/// does.
pub fn apply(filter: Filter, matrix: &Mat<f64>) -> Mat<f64> {
    let sorted = sorted_entries(matrix);
    let low = cutoff(&sorted, filter.percentile);
    let high = cutoff(&sorted, 100.0 - filter.percentile);
    map(matrix, |entry| match filter.kind {
        // The code adds what is above the upper and what is below the lower
        // cutoff; at 50% the two meet and each entry is in one of them.
        FilterKind::TopAndBottom if entry > high || entry <= low => entry,
        FilterKind::HighPass if entry > low => entry,
        FilterKind::LowPass if entry <= low => entry,
        FilterKind::Middle => entry.max(low).min(high),
        _ => 0.0,
    })
}

fn sorted_entries(matrix: &Mat<f64>) -> Vec<f64> {
    let columns = matrix.col_iter();
    let mut entries: Vec<f64> = columns.flat_map(|column| column.iter().copied()).collect();
    entries.sort_by(f64::total_cmp);
    entries
}

/// 0 for a matrix without entries, which has nothing to filter.
fn cutoff(sorted: &[f64], percentile: f64) -> f64 {
    // Truncated like Python's `int`, rounding errors of the product included.
    let position = (percentile / 100.0 * sorted.len() as f64) as usize;
    sorted
        .get(position.saturating_sub(1))
        .copied()
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filtered(kind: FilterKind, percentile: f64, entries: &[f64]) -> Vec<f64> {
        let matrix = Mat::from_fn(1, entries.len(), |_, j| entries[j]);
        let matrix = apply(Filter { kind, percentile }, &matrix);
        (0..entries.len()).map(|j| matrix[(0, j)]).collect()
    }

    #[test]
    fn ten_entries_by_hand() {
        let entries = [5.0, -3.0, 1.0, 4.0, -5.0, 2.0, -1.0, 3.0, -2.0, -4.0];
        // Sorted: -5 -4 -3 -2 -1 1 2 3 4 5. 20%: position 1, -4. 80%: position 7, 3.
        let top_and_bottom = filtered(FilterKind::TopAndBottom, 20.0, &entries);
        assert_eq!(
            top_and_bottom,
            [5.0, 0.0, 0.0, 4.0, -5.0, 0.0, 0.0, 0.0, 0.0, -4.0]
        );
        let middle = filtered(FilterKind::Middle, 20.0, &entries);
        assert_eq!(
            middle,
            [3.0, -3.0, 1.0, 3.0, -4.0, 2.0, -1.0, 3.0, -2.0, -4.0]
        );
        let high = filtered(FilterKind::HighPass, 80.0, &entries);
        assert_eq!(high, [5.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let low = filtered(FilterKind::LowPass, 20.0, &entries);
        assert_eq!(low, [0.0, 0.0, 0.0, 0.0, -5.0, 0.0, 0.0, 0.0, 0.0, -4.0]);
        // 0%: position max(-1, 0) = 0, so one entry is "below", as in the code.
        let low = filtered(FilterKind::LowPass, 0.0, &entries);
        assert_eq!(low.iter().filter(|&&e| e != 0.0).count(), 1);
    }

    proptest! {
        #[test]
        fn high_and_low_pass_share_out_the_entries(
            entries in proptest::collection::vec(-9.0..9.0f64, 1..80),
            percentile in 0.0..=100.0f64,
        ) {
            let high = filtered(FilterKind::HighPass, percentile, &entries);
            let low = filtered(FilterKind::LowPass, percentile, &entries);
            for ((high, low), entry) in high.iter().zip(&low).zip(&entries) {
                prop_assert_eq!(high + low, *entry);
            }
        }

        #[test]
        fn middle_keeps_the_order_and_narrows_the_range(
            entries in proptest::collection::vec(-9.0..9.0f64, 2..80),
            percentile in 0.0..=50.0f64,
        ) {
            let middle = filtered(FilterKind::Middle, percentile, &entries);
            for (a, fa) in entries.iter().zip(&middle) {
                for (b, fb) in entries.iter().zip(&middle) {
                    prop_assert!(a > b || fa <= fb);
                }
                prop_assert!((-9.0..9.0).contains(fa));
            }
        }
    }
}
