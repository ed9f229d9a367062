//! Dual QP: a convex quadratic programme in its multipliers, by an active-set method.

use faer::prelude::Solve;
use faer::{Mat, Side};

use crate::pace::Pace;

/// Returns the multipliers l that minimise `1/2 l G l^T - r l^T`, where those after the
/// first `equations` are at least 0; none if no minimum is found, as for constraints that
/// contradict each other.
///
/// The method is that of Lawson and Hanson (1974): constraints join the active set one at
/// a time, the most violated first, and leave it if their multiplier would turn negative.
///
/// # Shapes
/// - g: G, constraints x constraints, symmetric and positive (semi-)definite
/// - r: one number per constraint
pub fn multipliers(g: &Mat<f64>, r: &[f64], equations: usize, pace: Pace<'_>) -> Option<Vec<f64>> {
    let n = r.len();
    let largest = r.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let tolerance = 1e-12 * largest.max(f64::MIN_POSITIVE);
    let mut l = vec![0.0; n];
    let mut active: Vec<usize> = (0..equations).collect();
    move_to_minimum(g, r, &mut l, &mut active, equations)?;
    // No active set comes twice, and far fewer than all ever come.
    for _ in 0..100 * (n + 1) {
        pace.tick();
        let violation = |i: usize| r[i] - (0..n).map(|j| g[(i, j)] * l[j]).sum::<f64>();
        let worst = (0..n)
            .filter(|i| !active.contains(i))
            .map(|i| (violation(i), i))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match worst {
            Some((violation, i)) if violation > tolerance => active.push(i),
            Some(_) | None => return Some(l),
        }
        move_to_minimum(g, r, &mut l, &mut active, equations)?;
    }
    None
}

/// Moves the multipliers to the minimum over the active set, dropping constraints whose
/// multipliers would turn negative on the way.
fn move_to_minimum(
    g: &Mat<f64>,
    r: &[f64],
    l: &mut [f64],
    active: &mut Vec<usize>,
    equations: usize,
) -> Option<()> {
    while !active.is_empty() {
        let minimum = solve(g, r, active)?;
        // Fraction of the way on which no multiplier turns negative.
        let open = active
            .iter()
            .zip(&minimum)
            .filter(|(i, new)| **i >= equations && **new <= 0.0)
            .map(|(&i, &new)| l[i] / (l[i] - new))
            .fold(1.0, f64::min);
        let open = if open.is_finite() { open.max(0.0) } else { 0.0 };
        let mut is_blocked = false;
        for (&i, &new) in active.iter().zip(&minimum) {
            let blocks = i >= equations && new <= 0.0;
            l[i] += open * (new - l[i]);
            is_blocked |= blocks;
            if blocks && (open == 0.0 || l[i] <= f64::EPSILON * new.abs()) {
                l[i] = 0.0;
            }
        }
        if !is_blocked {
            return Some(());
        }
        active.retain(|&i| i < equations || l[i] > 0.0);
    }
    Some(())
}

/// Solves `G l = r` for the active constraints.
fn solve(g: &Mat<f64>, r: &[f64], active: &[usize]) -> Option<Vec<f64>> {
    let n = active.len();
    let part = Mat::from_fn(n, n, |i, j| g[(active[i], active[j])]);
    let right = Mat::from_fn(n, 1, |i, _| r[active[i]]);
    let factors = part.llt(Side::Lower).ok()?;
    let solved = factors.solve(&right);
    let l: Vec<f64> = (0..n).map(|i| solved[(i, 0)]).collect();
    l.iter().all(|l| l.is_finite()).then_some(l)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;
    use proptest::prelude::*;

    /// l = (1, 0): the second constraint holds once the first does.
    #[test]
    fn multipliers_by_hand() {
        let g = faer::mat![[2.0, 1.0], [1.0, 2.0]];
        for (r, expected) in [
            ([2.0, 0.5], [1.0, 0.0]),
            ([-1.0, -2.0], [0.0, 0.0]),
            ([3.0, 3.0], [1.0, 1.0]),
        ] {
            let l = multipliers(&g, &r, 0, Pace::SILENT).unwrap();
            let near = l.iter().zip(expected).all(|(l, e)| (l - e).abs() < 1e-12);
            assert!(near, "{l:?}");
        }
        // 2 l + m = 2 and l + 2 m = 1/2.
        let l = multipliers(&g, &[2.0, 0.5], 2, Pace::SILENT).unwrap();
        assert!((l[0] - 7.0 / 6.0).abs() < 1e-12 && (l[1] + 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn constraints_that_contradict_each_other_have_none() {
        let g = faer::mat![[1.0, -1.0], [-1.0, 1.0]];
        assert_eq!(multipliers(&g, &[1.0, 1.0], 0, Pace::SILENT), None);
        assert_eq!(multipliers(&g, &[1.0, 1.0], 2, Pace::SILENT), None);
    }

    proptest! {
        /// Conditions of Karush, Kuhn and Tucker: multipliers and slacks are at least 0,
        /// and never both above.
        #[test]
        fn the_optimality_conditions_hold(seed in 0u64..500, n in 1usize..12, equal in 0usize..4) {
            let mut draws = stream(seed, "programme");
            let a = Mat::from_fn(n, n + 3, |_, _| draws.normal());
            let g = &a * a.transpose();
            let r: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
            let l = multipliers(&g, &r, equal.min(n), Pace::SILENT).unwrap();
            for i in 0..n {
                let slack: f64 = (0..n).map(|j| g[(i, j)] * l[j]).sum::<f64>() - r[i];
                if i < equal {
                    prop_assert!(slack.abs() < 1e-8, "{l:?} {slack}");
                    continue;
                }
                prop_assert!(l[i] >= 0.0 && slack >= -1e-9, "{l:?} {slack}");
                prop_assert!(l[i] * slack < 1e-8, "{l:?} {slack}");
            }
        }
    }
}
