//! Correction of p values for the number of tests.

/// Returns p values corrected for their number by Holm's step-down method (Holm 1979, "A
/// simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6, 65-70), in the order of `p`.
///
/// The smallest of m values is multiplied by m, the next by m - 1, and so on; none falls
/// below its predecessor or exceeds 1. Rejecting every hypothesis whose corrected p is below
/// a level bounds the probability of any false rejection by that level, however the tests
/// depend on each other. Values are fractions from 0 to 1.
///
/// # Examples
/// ```
/// use backquery::metrics::statistics::holm;
///
/// assert_eq!(holm(&[0.5, 0.125, 0.25]), [0.5, 0.375, 0.5]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut ascending: Vec<usize> = (0..p.len()).collect();
    ascending.sort_by(|&one, &other| p[one].total_cmp(&p[other]));
    let mut corrected = vec![0.0; p.len()];
    let mut highest = 0.0_f64;
    for (rank, index) in ascending.into_iter().enumerate() {
        let not_smaller = (p.len() - rank) as f64;
        highest = highest.max((not_smaller * p[index]).min(1.0));
        corrected[index] = highest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 4 x 0.01, 3 x 0.02, 2 x 0.02 (raised to its predecessor) and 1 x 0.5; then 4 x 0.005,
    /// 3 x 0.01, 2 x 0.03 and 1 x 0.04 (raised).
    #[test]
    fn values_by_hand() {
        for (p, expected) in [
            ([0.02, 0.5, 0.01, 0.02], [0.06, 0.5, 0.04, 0.06]),
            ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ] {
            let corrected = holm(&p);
            let mut pairs = corrected.iter().zip(expected);
            assert!(
                pairs.all(|(got, expected)| (got - expected).abs() < 1e-15),
                "{corrected:?}"
            );
        }
        assert_eq!(holm(&[]), [0.0; 0]);
        assert_eq!(holm(&[0.03]), [0.03], "one test needs no correction");
        assert_eq!(holm(&[0.9, 0.6, 0.7]), [1.0; 3]);
        assert_eq!(holm(&[1.0, 0.0]), [1.0, 0.0]);
    }

    /// Any p values; some are tiny, many are equal.
    fn values() -> impl Strategy<Value = Vec<f64>> {
        let value = prop_oneof![0.0..=1.0, (0.0..=12.0).prop_map(|x: f64| 10f64.powf(-x))];
        let value = prop_oneof![2 => value, 1 => Just(0.25), 1 => Just(1.0)];
        proptest::collection::vec(value, 0..40)
    }

    proptest! {
        #[test]
        fn corrected_values_are_ordered_and_bounded(p in values()) {
            let corrected = holm(&p);
            prop_assert_eq!(corrected.len(), p.len());
            let tests = p.len() as f64;
            for (raw, corrected) in p.iter().zip(&corrected) {
                prop_assert!(raw <= corrected && *corrected <= 1.0, "{raw} {corrected}");
                prop_assert!(*corrected <= tests * raw, "above Bonferroni: {raw} {corrected}");
            }
            for (one, a) in p.iter().zip(&corrected) {
                for (other, b) in p.iter().zip(&corrected) {
                    prop_assert!(one > other || a <= b, "not monotone: {p:?}");
                }
            }
        }

        #[test]
        fn the_order_of_the_tests_is_irrelevant(p in values(), by in 0..40usize) {
            let mut corrected = holm(&p);
            let mut reversed = holm(&p.iter().rev().copied().collect::<Vec<_>>());
            reversed.reverse();
            prop_assert_eq!(&reversed, &corrected);
            let by = by.min(p.len());
            let mut rotated = p;
            rotated.rotate_left(by);
            corrected.rotate_left(by);
            prop_assert_eq!(holm(&rotated), corrected);
        }
    }
}
