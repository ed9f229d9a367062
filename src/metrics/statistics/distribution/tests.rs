//! By hand, and by simulation of what the intervals promise.

use super::*;
use crate::metrics::statistics::tests::{seeded, trainings};
use crate::metrics::statistics::{MIN_REPLICATES, ONE_SIDED, ObservedMean};
use crate::rng::{Stream, stream};
use proptest::prelude::*;

fn distribution(mean: f64, error: f64, degrees: f64, bounds: Bounds) -> MeanDistribution {
    MeanDistribution {
        mean,
        trainings: StandardError {
            size: error,
            degrees,
        },
        evaluators: None,
        bounds,
    }
}

/// Distribution of the mean of at least three values.
fn observed(values: &[f64], bounds: Bounds) -> MeanDistribution {
    let observed = ObservedMean::of(&trainings(&seeded(values)), bounds).unwrap();
    observed.distribution.unwrap()
}

fn near(got: (f64, f64), low: f64, high: f64) {
    let off = (got.0 - low).abs().max((got.1 - high).abs());
    assert!(off < 1e-9, "{got:?} is not {low} to {high}");
}

/// 0.4, 0.5 and 0.6: t s / sqrt 3 = 0.248414 is 0.993656 on the logit's scale, whose slope
/// at 0.5 is 4. From 0 on: t times 0.5 is 0.694111 on the scale of logarithms at 2.
#[test]
fn intervals_by_hand() {
    let observed = observed(&[0.4, 0.5, 0.6], Bounds::FRACTION);
    let interval = observed.interval().unwrap();
    near(interval, 0.270_190_734_794_4, 0.729_809_265_205_6);
    let from_zero = distribution(2.0, 0.5, 4.0, Bounds::FROM_ZERO);
    near(
        from_zero.interval().unwrap(),
        0.999_036_368_850_9,
        4.003_858_242_519,
    );
    let to_zero = Bounds::new(f64::NEG_INFINITY, 0.0);
    let to_zero = distribution(-2.0, 0.5, 4.0, to_zero);
    near(
        to_zero.interval().unwrap(),
        -4.003_858_242_519,
        -0.999_036_368_850_9,
    );
    let free = distribution(2.0, 0.5, 4.0, Bounds::NONE);
    near(
        free.interval().unwrap(),
        2.0 - 1.388_222_552_6,
        2.0 + 1.388_222_552_6,
    );
    // At the bound itself, the scale has no place: the interval ends there.
    let at_bound = distribution(1.0, 0.01, 4.0, Bounds::FRACTION);
    near(at_bound.interval().unwrap(), 1.0 - 0.027_764_451_052, 1.0);
}

/// A mean as far from `x` as the interval reaches has a p of 0.025; twice the t is as good
/// on either side.
#[test]
fn p_values_by_hand() {
    let known = distribution(2.0, 0.5, 4.0, Bounds::NONE);
    let p = known.p_above(2.0 - 1.388_222_552_6).unwrap();
    assert!((p - 0.025).abs() < 1e-9, "{p}");
    assert_eq!(known.p_above(2.0), Ok(0.5));
    let (above, below) = (known.p_above(1.0).unwrap(), known.p_below(1.0).unwrap());
    assert!((above + below - 1.0).abs() < 1e-12);
    // scipy.stats.t.sf(2, 4)
    assert!((above - 0.058_058_261_758_4).abs() < 1e-9, "{above}");
    // A mean of shares is at most 1, and at least 0.
    let share = distribution(0.9, 0.2, 4.0, Bounds::FRACTION);
    assert_eq!(share.p_below(1.0), Ok(f64::MIN_POSITIVE));
    assert_eq!(share.p_above(1.0), Ok(1.0));
    assert_eq!(share.p_above(0.0), Ok(f64::MIN_POSITIVE));
    let certain = distribution(1.0, 0.0, 4.0, Bounds::FRACTION);
    assert_eq!(certain.p_above(0.5), Ok(f64::MIN_POSITIVE));
    assert_eq!(certain.p_below(0.5), Ok(1.0));
}

/// Five values with s = 1: one more is within t s sqrt(1 + 1/5), and ten would have an error
/// of 1 / sqrt 10 with 9 degrees of freedom.
#[test]
fn other_numbers_of_values() {
    let five = distribution(0.0, 1.0 / 5f64.sqrt(), 4.0, Bounds::NONE);
    assert!((five.of_one_more(5).error().size - 1.2f64.sqrt()).abs() < 1e-12);
    let ten = five.with_more(5, 5).error();
    assert!((ten.size - 1.0 / 10f64.sqrt()).abs() < 1e-12);
    assert!((ten.degrees - 9.0).abs() < 1e-12);
    assert_eq!(five.with_more(5, 0), five);
}

/// Distributions that the documentation names, with their means.
fn simulated(name: &str) -> (fn(&mut Stream) -> f64, f64, Bounds) {
    match name {
        "uniform" => (Stream::uniform, 0.5, Bounds::FRACTION),
        "Beta(20, 1)" => (|s| s.uniform().powf(0.05), 20.0 / 21.0, Bounds::FRACTION),
        "exponential" => (|s| -(1.0 - s.uniform()).ln(), 1.0, Bounds::FROM_ZERO),
        "lognormal(1)" => (|s| s.normal().exp(), 0.5f64.exp(), Bounds::FROM_ZERO),
        other => panic!("unknown distribution {other}"),
    }
}

/// Shares of 10,000 samples whose interval covers the true mean, and whose mean differs from
/// it significantly.
fn coverage(name: &str, n: usize) -> f64 {
    const TRIALS: usize = 10_000;
    let (draw, truth, bounds) = simulated(name);
    let mut random = stream(n as u64, &format!("coverage/{name}"));
    let covers = |_: &usize| {
        let values: Vec<f64> = (0..n).map(|_| draw(&mut random)).collect();
        let known = observed(&values, bounds);
        let (low, high) = known.interval().unwrap();
        let is_covered = low <= truth && truth <= high;
        let smaller = known
            .p_above(truth)
            .unwrap()
            .min(known.p_below(truth).unwrap());
        assert_eq!(is_covered, smaller >= ONE_SIDED - 1e-9, "{values:?}");
        is_covered
    };
    (0..TRIALS).filter(covers).count() as f64 / TRIALS as f64
}

/// The table of the documentation is what comes out, and keeps what it promises.
#[test]
fn intervals_cover_as_documented() {
    let sizes = [3, 5, 10, 20];
    let row = |name: &str| {
        let shares = sizes.map(|n| coverage(name, n));
        let is_promised = name != "lognormal(1)";
        let keeps = shares[1..].iter().all(|share| *share >= 0.92);
        assert!(!is_promised || keeps, "{name}: {shares:?}");
        let cells = shares.map(|share| format!("{:.1} %", 100.0 * share));
        format!("| {name} | {} |", cells.join(" | "))
    };
    let table = ["uniform", "Beta(20, 1)", "exponential", "lognormal(1)"].map(row);
    let page = include_str!("../../../../docs/statistics.md");
    assert!(page.contains(&table.join("\n")), "{}", table.join("\n"));
}

proptest! {
    /// An interval contains its mean, stays between the bounds, and ends where p is 0.025.
    #[test]
    fn interval_and_p_agree(
        values in proptest::collection::vec(0.0..1.0f64, MIN_REPLICATES..9),
        bounds in prop_oneof![
            Just(Bounds::FRACTION),
            Just(Bounds::FROM_ZERO),
            Just(Bounds::new(f64::NEG_INFINITY, 1.0)),
            Just(Bounds::NONE),
        ],
    ) {
        let known = observed(&values, bounds);
        prop_assume!(known.error().size > 1e-6);
        let (low, high) = known.interval().unwrap();
        prop_assert!(bounds.low <= low && low <= known.mean);
        prop_assert!(known.mean <= high && high <= bounds.high);
        if bounds.low + 1e-9 < low && high < bounds.high - 1e-9 {
            prop_assert!((known.p_above(low).unwrap() - ONE_SIDED).abs() < 1e-6);
            prop_assert!((known.p_below(high).unwrap() - ONE_SIDED).abs() < 1e-6);
        }
    }
}
