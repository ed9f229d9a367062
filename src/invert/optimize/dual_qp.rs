//! The dual of a quadratic programme with few conditions.

use faer::prelude::Solve;
use faer::{Mat, Side};

use crate::pace::Pace;

/// The multipliers l that minimise `1/2 l G l^T - r l^T`, those behind the first
/// `equations` being at least 0, by the active sets of Lawson and Hanson (1974):
/// conditions are taken in one at a time, the most violated first, and dropped again
/// if their multiplier would turn negative.
///
/// G is symmetric and positive definite, or nearly so. None if no end is found, as
/// when the conditions contradict each other.
#[must_use]
pub fn multipliers(g: &Mat<f64>, r: &[f64], equations: usize, pace: Pace<'_>) -> Option<Vec<f64>> {
    let n = r.len();
    let size = r.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let slack = 1e-12 * size.max(f64::MIN_POSITIVE);
    let mut l = vec![0.0; n];
    let mut active: Vec<usize> = (0..equations).collect();
    settle(g, r, &mut l, (&mut active, equations))?;
    // Every active set is left for good; far fewer than all are ever seen.
    for _ in 0..100 * (n + 1) {
        pace.tick();
        let lacking = |i: usize| r[i] - (0..n).map(|j| g[(i, j)] * l[j]).sum::<f64>();
        let worst = (0..n)
            .filter(|i| !active.contains(i))
            .map(|i| (lacking(i), i))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match worst {
            Some((lack, i)) if lack > slack => active.push(i),
            _ => return Some(l),
        }
        settle(g, r, &mut l, (&mut active, equations))?;
    }
    None
}

/// Moves the multipliers to where the active conditions hold exactly, dropping those
/// that would turn negative on the way.
fn settle(
    g: &Mat<f64>,
    r: &[f64],
    l: &mut [f64],
    (active, equations): (&mut Vec<usize>, usize),
) -> Option<()> {
    while !active.is_empty() {
        let there = solve(g, r, active)?;
        let towards = active.iter().zip(&there);
        // How far the way is open.
        let open = towards
            .filter(|(i, new)| **i >= equations && **new <= 0.0)
            .map(|(&i, &new)| l[i] / (l[i] - new))
            .fold(1.0, f64::min);
        let open = if open.is_finite() { open.max(0.0) } else { 0.0 };
        let mut blocked = false;
        for (&i, &new) in active.iter().zip(&there) {
            let stops = i >= equations && new <= 0.0;
            l[i] += open * (new - l[i]);
            blocked |= stops;
            if stops && (open == 0.0 || l[i] <= f64::EPSILON * new.abs()) {
                l[i] = 0.0;
            }
        }
        if !blocked {
            return Some(());
        }
        active.retain(|&i| i < equations || l[i] > 0.0);
    }
    Some(())
}

/// G of the active conditions, solved.
fn solve(g: &Mat<f64>, r: &[f64], active: &[usize]) -> Option<Vec<f64>> {
    let n = active.len();
    let part = Mat::from_fn(n, n, |i, j| g[(active[i], active[j])]);
    let right = Mat::from_fn(n, 1, |i, _| r[active[i]]);
    let factors = part.llt(Side::Lower).ok()?;
    let solved = factors.solve(&right);
    let solved: Vec<f64> = (0..n).map(|i| solved[(i, 0)]).collect();
    solved.iter().all(|l| l.is_finite()).then_some(solved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;
    use proptest::prelude::*;

    /// l = (1, 0): the second condition holds once the first does.
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
    fn conditions_that_contradict_each_other_have_none() {
        let g = faer::mat![[1.0, -1.0], [-1.0, 1.0]];
        assert_eq!(multipliers(&g, &[1.0, 1.0], 0, Pace::SILENT), None);
        assert_eq!(multipliers(&g, &[1.0, 1.0], 2, Pace::SILENT), None);
    }

    proptest! {
        /// The conditions of Karush, Kuhn and Tucker: multipliers are at least 0, so
        /// is what holds beyond the conditions, and never both are above.
        #[test]
        fn the_optimality_conditions_hold(seed in 0u64..500, n in 1usize..12, equal in 0usize..4) {
            let mut draws = stream(seed, "programme");
            let a = Mat::from_fn(n, n + 3, |_, _| draws.normal());
            let g = &a * a.transpose();
            let r: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
            let l = multipliers(&g, &r, equal.min(n), Pace::SILENT).unwrap();
            for i in 0..n {
                let beyond: f64 = (0..n).map(|j| g[(i, j)] * l[j]).sum::<f64>() - r[i];
                if i < equal {
                    prop_assert!(beyond.abs() < 1e-8, "{l:?} {beyond}");
                    continue;
                }
                prop_assert!(l[i] >= 0.0 && beyond >= -1e-9, "{l:?} {beyond}");
                prop_assert!(l[i] * beyond < 1e-8, "{l:?} {beyond}");
            }
        }
    }
}
