//! k-means clustering of rows (Lloyd 1982).

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use crate::pace::Pace;
use crate::rng::{Stream, stream};

/// Number of random starts; the clustering with the least inertia is kept.
const STARTS: usize = 3;
/// Maximum number of rounds per start.
const MAX_ROUNDS: usize = 100;
/// Maximum number of rows at a time, which bounds memory.
const MAX_ROWS: usize = 4096;

/// Returns the group of each row, from 0: the one with the nearest mean, by squared
/// distance, ties to the first.
///
/// Starts are drawn with probabilities proportional to the squared distance from those
/// drawn before (k-means++, Arthur and Vassilvitskii 2007), from the streams `kmeans/0`,
/// `kmeans/1`, ... of the seed 0, so that groups do not depend on the replicate.
///
/// # Shapes
/// - rows: rows x columns, at least as many rows as groups
pub fn groups(rows: &Mat<f64>, groups: usize, pace: Pace<'_>) -> Vec<usize> {
    let run = |start: usize| {
        let mut draws = stream(0, &format!("kmeans/{start}"));
        pace.at(start, STARTS);
        iterate(rows, starts(rows, groups, &mut draws), pace)
    };
    let best = (0..STARTS).map(run).reduce(|best, next| {
        if next.inertia < best.inertia {
            next
        } else {
            best
        }
    });
    best.map(|best| best.group).unwrap_or_default()
}

/// Assignment of rows to groups.
struct Grouped {
    group: Vec<usize>,
    /// Sum of squared distances from the means.
    inertia: f64,
}

fn starts(rows: &Mat<f64>, groups: usize, draws: &mut Stream) -> Mat<f64> {
    let n = rows.nrows();
    let mut chosen: Vec<usize> = Vec::new();
    let mut nearest = vec![f64::INFINITY; n];
    while chosen.len() < groups {
        let sum: f64 = nearest.iter().sum();
        let next = if chosen.is_empty() || sum <= 0.0 {
            (draws.uniform() * n as f64) as usize
        } else {
            let mut rest = draws.uniform() * sum;
            let past = nearest.iter().position(|distance| {
                rest -= distance;
                rest < 0.0
            });
            past.unwrap_or(n - 1)
        };
        for (row, nearest) in nearest.iter_mut().enumerate() {
            *nearest = nearest.min(squared_distance(rows, row, next));
        }
        chosen.push(next);
    }
    Mat::from_fn(groups, rows.ncols(), |k, j| rows[(chosen[k], j)])
}

fn squared_distance(rows: &Mat<f64>, a: usize, b: usize) -> f64 {
    let difference = |j: usize| rows[(a, j)] - rows[(b, j)];
    (0..rows.ncols()).map(|j| difference(j).powi(2)).sum()
}

/// Assigns rows to the nearest mean and moves means to their rows, in turn, until no row
/// changes its group.
fn iterate(rows: &Mat<f64>, mut means: Mat<f64>, pace: Pace<'_>) -> Grouped {
    let mut grouped = nearest(rows, &means);
    for _ in 0..MAX_ROUNDS {
        pace.step();
        means = middles(rows, &grouped.group, &means);
        let next = nearest(rows, &means);
        let is_same = next.group == grouped.group;
        grouped = next;
        if is_same {
            break;
        }
    }
    grouped
}

/// Returns the means of the groups; that of a group without rows stays.
fn middles(rows: &Mat<f64>, group: &[usize], before: &Mat<f64>) -> Mat<f64> {
    let mut sums: Mat<f64> = Mat::zeros(before.nrows(), before.ncols());
    let mut counts = vec![0usize; before.nrows()];
    for &k in group {
        counts[k] += 1;
    }
    for j in 0..rows.ncols() {
        for (row, &k) in group.iter().enumerate() {
            sums[(k, j)] += rows[(row, j)];
        }
    }
    Mat::from_fn(sums.nrows(), sums.ncols(), |k, j| match counts[k] {
        0 => before[(k, j)],
        count => sums[(k, j)] / count as f64,
    })
}

fn nearest(rows: &Mat<f64>, means: &Mat<f64>) -> Grouped {
    let groups = means.nrows();
    let squares = |m: &Mat<f64>, i: usize| m.row(i).iter().map(|x| x * x).sum::<f64>();
    let of_means: Vec<f64> = (0..groups).map(|k| squares(means, k)).collect();
    let mut grouped = Grouped {
        group: Vec::with_capacity(rows.nrows()),
        inertia: 0.0,
    };
    for start in (0..rows.nrows()).step_by(MAX_ROWS) {
        let count = MAX_ROWS.min(rows.nrows() - start);
        let block = rows.subrows(start, count);
        let mut products: Mat<f64> = Mat::zeros(groups, count);
        let transposed = block.transpose();
        matmul(
            products.as_mut(),
            Accum::Replace,
            means,
            transposed,
            1.0,
            Par::Seq,
        );
        for n in 0..count {
            let distance = |k: usize| of_means[k] - 2.0 * products[(k, n)];
            let best = (1..groups).fold(0, |best, k| {
                if distance(k) < distance(best) {
                    k
                } else {
                    best
                }
            });
            let own: f64 = block.row(n).iter().map(|x| x * x).sum();
            grouped.inertia += (distance(best) + own).max(0.0);
            grouped.group.push(best);
        }
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_heaps_are_found() {
        let middles = [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]];
        let mut draws = stream(3, "heaps");
        let rows = Mat::from_fn(60, 2, |n, j| middles[n % 3][j] + draws.normal());
        let group = groups(&rows, 3, Pace::SILENT);
        for n in 0..60 {
            assert_eq!(group[n], group[n % 3], "{n}");
        }
        let mut heaps = vec![group[0], group[1], group[2]];
        heaps.sort_unstable();
        assert_eq!(heaps, [0, 1, 2]);
    }

    #[test]
    fn equal_rows_are_one_group() {
        let rows = Mat::from_fn(5, 2, |_, _| 1.5);
        assert_eq!(groups(&rows, 3, Pace::SILENT), [0; 5]);
    }

    proptest! {
        /// At the end every row is nearest to the mean of its own group.
        #[test]
        fn every_row_is_in_the_group_that_is_nearest(seed in 0u64..200, k in 1usize..6) {
            let mut draws = stream(seed, "rows");
            let rows = Mat::from_fn(40, 3, |_, _| draws.normal());
            let group = groups(&rows, k, Pace::SILENT);
            let middles = middles(&rows, &group, &Mat::from_fn(k, 3, |_, _| 1e9));
            for n in 0..40 {
                let to = |k: usize| (0..3).map(|j| (rows[(n, j)] - middles[(k, j)]).powi(2)).sum::<f64>();
                let least = (0..k).map(to).fold(f64::INFINITY, f64::min);
                prop_assert!(to(group[n]) <= least + 1e-9);
            }
        }
    }
}
