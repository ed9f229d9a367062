//! By hand, by laws that hold whatever the readings, and by simulation.

use super::*;
use crate::config::Bounds;
use crate::metrics::statistics::{MeanDistribution, ObservedMean, Test, difference};
use crate::rng::{Stream, stream};
use proptest::prelude::*;

/// Trainings with these readings by drawn evaluators, whose mean has this weight, and by
/// one evaluator that is not drawn.
fn read(weight: f64, rows: &[Vec<f64>], fixed: &[f64]) -> Vec<TrainingNumber> {
    let each = (0..).zip(rows.iter().zip(fixed));
    each.map(|(seed, (row, other))| TrainingNumber {
        readings: (0..)
            .zip(row)
            .map(|(j, y): (usize, _)| (format!("conv-{j}"), weight * y))
            .collect(),
        ..TrainingNumber::new(seed, weight * mean(row) + (1.0 - weight) * other)
    })
    .collect()
}

/// Trainings that drawn evaluators alone read.
fn drawn(rows: &[Vec<f64>]) -> Vec<TrainingNumber> {
    read(1.0, rows, &vec![0.0; rows.len()])
}

fn observed(trainings: &[TrainingNumber]) -> MeanDistribution {
    let observed = ObservedMean::of(trainings, Bounds::NONE).unwrap();
    observed.distribution.unwrap()
}

fn near(got: StandardError, variance: f64, degrees: f64) {
    let off = (got.size.powi(2) - variance).abs() + (got.degrees - degrees).abs();
    assert!(off < 1e-9, "{got:?}: {variance} {degrees}");
}

/// 3 trainings x 2 evaluators: means of rows 2.5, 4.5, 6.5 and of columns 3, 6; residuals 0,
/// 0, 1, -1, -1, 1. MS 8, 13.5 and 2, so that V = 19.5 / 6 with
/// 19.5² / (8² / 2 + 13.5² / 1 + 2² / 2) degrees of freedom.
#[test]
fn a_table_by_hand() {
    let rows = [vec![1.0, 4.0], vec![4.0, 5.0], vec![4.0, 9.0]];
    let known = observed(&drawn(&rows));
    assert!((known.mean - 4.5).abs() < 1e-12);
    near(known.error(), 3.25, 380.25 / 216.25);
    // One more training: 8 / 6 becomes 4 * 8 / 6, and the rest, 11.5 / 6, stays.
    let degrees = 43.5f64.powi(2) / (32f64.powi(2) / 2.0 + 13.5f64.powi(2) + 2.0);
    near(known.of_one_more(3).error(), 43.5 / 6.0, degrees);
    // Three more: T² and R² are halved, with 5 degrees of freedom, and 11.5 / 6 stays.
    let later = known.with_more(3, 3);
    near(later.trainings, 8.0 / 12.0, 5.0);
    let degrees = 23f64.powi(2) / (25f64.powi(2) + 2f64.powi(2) / 5.0);
    near(later.evaluators.unwrap().added(), 23.0 / 12.0, degrees);
}

/// Half of the number is by an evaluator that is not drawn: z = 2.5, 3.5 and 7.5, so that
/// T² = 7 / 3; E² and R² are a quarter of those of the table above.
#[test]
fn weights_by_hand() {
    let rows = [vec![1.0, 4.0], vec![4.0, 5.0], vec![4.0, 9.0]];
    let known = observed(&read(0.5, &rows, &[2.5, 2.5, 8.5]));
    let (t, e, r) = (7.0 / 3.0, 13.5 / 24.0, 2.0 / 24.0);
    let v: f64 = t + e - r;
    assert!((known.mean - 4.5).abs() < 1e-12);
    near(
        known.error(),
        v,
        v * v / (t * t / 2.0 + e * e + r * r / 2.0),
    );
}

/// Evaluators that differ less than residuals do add nothing (MS 8, 1.5 and 2); trainings
/// that agree leave the variance of the evaluators (MS 0, 13.5 and 6).
#[test]
fn variances_are_never_below_those_of_one_way() {
    let even = observed(&drawn(&[vec![1.0, 2.0], vec![4.0, 3.0], vec![4.0, 7.0]]));
    assert_eq!(even.evaluators, None);
    near(even.error(), 8.0 / 6.0, 2.0);
    let same = observed(&drawn(&[vec![0.0, 5.0], vec![2.0, 3.0], vec![1.0, 4.0]]));
    near(same.error(), 13.5 / 6.0, 1.0);
}

/// b - a is (0, 3), (1, 2) and (2, 7) in pairs: rows 1.5, 1.5, 4.5 and columns 1, 4. MS 6,
/// 13.5 and 2. Unpaired, T² and R² are sums, and evaluators still pair.
#[test]
fn evaluators_pair_in_differences() {
    let a = drawn(&[vec![1.0, 1.0], vec![3.0, 3.0], vec![5.0, 5.0]]);
    let b = drawn(&[vec![1.0, 4.0], vec![4.0, 5.0], vec![7.0, 12.0]]);
    let apart = |b: &[TrainingNumber]| {
        let (observed, test) = ObservedMean::of_difference(&a, b, Bounds::NONE).unwrap();
        (observed.distribution.unwrap(), test)
    };
    let (paired, test) = apart(&b);
    assert_eq!((paired.mean, test), (2.5, Some(Test::Paired)));
    let degrees = 17.5f64.powi(2) / (36.0 / 2.0 + 13.5f64.powi(2) + 4.0 / 2.0);
    near(paired.error(), 17.5 / 6.0, degrees);
    let later = b.iter().map(|one| TrainingNumber {
        seed: one.seed + 100,
        ..one.clone()
    });
    let (unpaired, test) = apart(&later.collect::<Vec<_>>());
    assert_eq!((unpaired.mean, test), (2.5, Some(Test::Welch)));
    // Rows of a have s² = 4 and of b 13: 2.5, 4.5, 9.5. No reading of a has a residual.
    near(
        unpaired.trainings,
        (4.0 + 13.0) / 3.0,
        289.0 / (16.0 / 2.0 + 169.0 / 2.0),
    );
    let degrees = 11.5f64.powi(2) / (13.5f64.powi(2) + 4.0 / 2.0);
    near(unpaired.evaluators.unwrap().added(), 11.5 / 6.0, degrees);
    // Without evaluators in common, trainings alone count.
    let others = b.iter().map(|one| TrainingNumber::new(one.seed, one.value));
    let (alone, _) = apart(&others.collect::<Vec<_>>());
    assert_eq!(alone.evaluators, None);
}

#[test]
fn few_evaluators_or_trainings_add_nothing() {
    let one = observed(&drawn(&[vec![1.0], vec![2.0], vec![4.0]]));
    assert_eq!(one.evaluators, None);
    let two = drawn(&[vec![1.0, 2.0], vec![4.0, 3.0]]);
    let few = ObservedMean::of(&two, Bounds::NONE).unwrap();
    assert_eq!((few.mean, few.distribution), (2.5, None));
    // An evaluator that did not read every training counts in none.
    let mut some = drawn(&[
        vec![1.0, 9.0, 2.0],
        vec![2.0, 9.0, 4.0],
        vec![4.0, 9.0, 3.0],
    ]);
    some[1].readings.remove("conv-1");
    let without = drawn(&[vec![1.0, 2.0], vec![2.0, 4.0], vec![4.0, 3.0]]);
    assert_eq!(observed(&some).evaluators, observed(&without).evaluators);
}

/// Agreement of all trainings is no certainty if evaluators differ.
#[test]
fn evaluators_that_differ_give_a_p() {
    let a = drawn(&vec![vec![0.0, 0.0]; 3]);
    let b = drawn(&vec![vec![1.0, 3.0]; 3]);
    // t = 2 with one degree of freedom: p is 1 - 2 atan(2) / pi.
    let p = difference(&a, &b, Bounds::NONE).unwrap().p.unwrap();
    assert!(
        (p - (1.0 - 2.0 * 2f64.atan() / std::f64::consts::PI)).abs() < 1e-9,
        "{p}"
    );
}

/// Training effects, evaluator effects and residuals.
fn tables() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (3..7usize, 2..6usize).prop_flat_map(|(t, e)| {
        let values = |n: usize| proptest::collection::vec(-1.0..1.0f64, n);
        let sizes = [0.0..5.0f64, 0.0..5.0];
        (values(t), values(e), values(t * e), sizes).prop_map(move |(a, b, rest, [of_a, of_b])| {
            let row = |i: usize| {
                (0..e)
                    .map(|j| of_a * a[i] + of_b * b[j] + rest[i * e + j])
                    .collect()
            };
            (0..t).map(row).collect()
        })
    })
}

fn same(one: StandardError, other: StandardError) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-7 * a.abs().max(b.abs());
    near(one.size, other.size) && near(one.degrees, other.degrees)
}

proptest! {
    /// The formula of the textbook, wherever it is above both of one way.
    #[test]
    fn equal_weights_have_the_variance_of_the_textbook(rows in tables()) {
        let (t, e) = (rows.len() as f64, rows[0].len() as f64);
        let [training, evaluator, residual] = mean_squares(&rows);
        let got = observed(&drawn(&rows)).error();
        let variance = (training + evaluator - residual).max(training).max(evaluator) / (t * e);
        prop_assert!((got.size.powi(2) - variance).abs() <= 1e-9 * variance);
        if residual < training.min(evaluator) {
            let terms = [(training, t - 1.0), (evaluator, e - 1.0), (residual, (t - 1.0) * (e - 1.0))];
            let squares: f64 = terms.iter().map(|(ms, degrees)| ms * ms / degrees).sum();
            let degrees = (training + evaluator - residual).powi(2) / squares;
            prop_assert!((got.degrees - degrees).abs() <= 1e-6 * degrees);
        }
    }

    /// Neither the order of trainings nor that of evaluators matters.
    #[test]
    fn permuted_tables_have_the_same_variance(rows in tables()) {
        let got = observed(&drawn(&rows)).error();
        let mut reversed: Vec<Vec<f64>> = rows.iter().rev().cloned().collect();
        prop_assert!(same(got, observed(&drawn(&reversed)).error()));
        for row in &mut reversed {
            row.rotate_left(1);
        }
        prop_assert!(same(got, observed(&drawn(&reversed)).error()));
    }

    /// Evaluators that agree leave Student's interval; trainings that agree, that of
    /// evaluators, to which an effect of any evaluator not drawn adds nothing.
    #[test]
    fn without_one_effect_the_other_one_stays(
        a in proptest::collection::vec(-9.0..9.0f64, 3..9),
        weight in 0.1..1.0f64,
    ) {
        let agreeing: Vec<Vec<f64>> = a.iter().map(|x| vec![*x; 4]).collect();
        let known = observed(&read(weight, &agreeing, &a));
        prop_assert_eq!(known.evaluators, None);
        let student = Sample::of(&a, 9.0).unwrap().error();
        prop_assert!(same(known.error(), student));
        let known = observed(&read(weight, &vec![a.clone(); 4], &[7.0; 4]));
        prop_assert!(same(known.error(), student.times(weight)));
    }

    /// Units do not matter, however tiny or huge.
    #[test]
    fn variances_scale_with_the_readings(rows in tables(), scale in prop_oneof![Just(1e-200), Just(1e200)]) {
        let got = observed(&drawn(&rows)).error();
        let scaled: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| row.iter().map(|y| y * scale).collect())
            .collect();
        prop_assert!(same(got.times(scale), observed(&drawn(&scaled)).error()));
    }
}

/// Mean squares of trainings, evaluators and residuals, by sums of squares.
fn mean_squares(rows: &[Vec<f64>]) -> [f64; 3] {
    let (t, e) = (rows.len() as f64, rows[0].len() as f64);
    let all: Vec<f64> = rows.concat();
    let square = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
    let columns: Vec<f64> = (0..rows[0].len())
        .map(|j| rows.iter().map(|row| row[j]).sum::<f64>() / t)
        .collect();
    let means: Vec<f64> = rows.iter().map(|row| mean(row)).collect();
    let correction = t * e * mean(&all).powi(2);
    let training = e * square(&means) - correction;
    let evaluator = t * square(&columns) - correction;
    let residual = square(&all) - correction - training - evaluator;
    [
        training / (t - 1.0),
        evaluator / (e - 1.0),
        residual.max(0.0) / ((t - 1.0) * (e - 1.0)),
    ]
}

/// Standard deviation of the trainings' effects in simulated readings.
const OF_TRAININGS: f64 = 0.05;

/// Fraction of 10,000 samples of t trainings whose interval covers the true number, 0.5 on
/// a scale from -1 to 1, read by five drawn evaluators and one that is not. `ratio` is that
/// of the standard deviations of evaluators and trainings; residuals have half of the
/// latter.
fn coverage(t: usize, ratio: f64) -> f64 {
    const TRIALS: usize = 10_000;
    let mut random = stream(t as u64, &format!("coverage/two_way/{ratio}"));
    let covers = |_: &usize| {
        let known = simulated(t, ratio, &mut random);
        let p = known.p_above(0.5).unwrap().min(known.p_below(0.5).unwrap());
        p >= crate::metrics::statistics::ONE_SIDED
    };
    (0..TRIALS).filter(covers).count() as f64 / TRIALS as f64
}

fn simulated(t: usize, ratio: f64, random: &mut Stream) -> MeanDistribution {
    let mut draw = |size: f64| size * OF_TRAININGS * random.normal();
    let evaluators: Vec<f64> = (0..5).map(|_| draw(ratio)).collect();
    let (mut rows, mut fixed) = (Vec::new(), Vec::new());
    for _ in 0..t {
        let training = 0.5 + draw(1.0);
        rows.push(
            evaluators
                .iter()
                .map(|x| training + x + draw(0.5))
                .collect(),
        );
        fixed.push(training + draw(0.5));
    }
    let observed = ObservedMean::of(&read(0.5, &rows, &fixed), Bounds::CORRELATION).unwrap();
    observed.distribution.unwrap()
}

/// The table of the documentation is what comes out, and keeps what it promises.
#[test]
fn intervals_cover_as_documented() {
    let row = |ratio: f64| {
        let fractions = [3, 5, 10].map(|t| coverage(t, ratio));
        assert!(
            fractions.iter().all(|x| *x >= 0.93),
            "{ratio}: {fractions:?}"
        );
        let cells = fractions.map(|x| format!("{:.1} %", 100.0 * x));
        format!("| {ratio} | {} |", cells.join(" | "))
    };
    let table = [0.0, 0.5, 1.0, 2.0, 4.0].map(row);
    let page = include_str!("../../../../docs/statistics.md");
    assert!(page.contains(&table.join("\n")), "{}", table.join("\n"));
}
