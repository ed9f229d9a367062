//! Claims about numbers that evaluators read, by hand.

use super::super::evidence::IntervalOf;
use super::*;

/// Readings of `e` and `f` by two networks, which are a sample of their kind: e - f is
/// (0, 3), (1, 2) and (2, 7), MS 6, 13.5 and 2.
fn read() -> Results {
    let e = [[1.0, 4.0], [4.0, 5.0], [7.0, 12.0]];
    let f = [[1.0, 1.0], [3.0, 3.0], [5.0, 5.0]];
    let of = |name: &str, row: [f64; 2]| {
        let names = ["conv-0", "conv-1"].map(str::to_owned);
        Measurement {
            readings: names.into_iter().zip(row).collect(),
            ..measurement(name, "m", 0, f64::midpoint(row[0], row[1]))
        }
    };
    let tables = (0..).zip(e.into_iter().zip(f));
    let replicates = tables.map(|(seed, (e, f))| (seed, vec![of("e", e), of("f", f)]));
    in_memory(&replicates.collect::<Vec<_>>())
}

fn apart(criterion: Criterion) -> Claim {
    claim(
        vec![term(false, 0, "e"), term(true, 0, "f")],
        Classes::Mean,
        criterion,
    )
}

fn near(tested: &MetricResult, low: f64, high: f64) {
    let observed = tested.observed.unwrap();
    let off = (observed.low.unwrap() - low).abs() + (observed.high.unwrap() - high).abs();
    assert!(off < 1e-6, "{observed:?}: {low} {high}");
}

/// Student's interval of (1.5, 1.5, 4.5), 2.5 ± 4.303, would confirm -5; that of trainings
/// and evaluators is 2.5 ± t(1.514) sqrt(17.5 / 6).
#[test]
fn intervals_and_verdicts_contain_the_evaluators() {
    let results = read();
    let tested = judged(&apart(Criterion::AtLeast(-5.0)), &[&results]);
    near(&tested, -7.641_393_472_9, 12.641_393_472_9);
    assert_eq!(tested.verdict.word(), "undecided");
    let p = tested.evidence.unwrap().p(0).unwrap().supporting;
    assert!((p - 0.038_760).abs() < 1e-5, "{p}");
    let tested = judged(&apart(Criterion::AtLeast(-8.0)), &[&results]);
    assert_eq!(tested.verdict, Verdict::Confirmed);
}

/// Experiments pair by seed and by evaluator, as inversions of one experiment do.
#[test]
fn experiments_pair_by_evaluator() {
    let results = read();
    let claim = claim(
        vec![term(false, 0, "e"), term(true, 1, "f")],
        Classes::Mean,
        Criterion::AtLeast(-5.0),
    );
    let tested = judged(&claim, &[&results, &results]);
    near(&tested, -7.641_393_472_9, 12.641_393_472_9);
}

/// One further training adds 3, the variance between trainings, to 17.5 / 6.
#[test]
fn a_further_training_adds_the_variance_between_trainings() {
    let about = About::Method;
    let of_method = Claim {
        about,
        ..apart(Criterion::AtLeast(-5.0))
    };
    let statement = Statement::Published(Printed::parse("12").unwrap());
    let published = Claim {
        statement,
        ..apart(Criterion::AtLeast(-5.0))
    };
    for claim in [of_method, published] {
        let tested = judged(&claim, &[&read()]);
        assert_eq!(tested.interval, Some(IntervalOf::Training));
        near(&tested, -5.814_335_615_4, 10.814_335_615_4);
    }
}

/// Trainings that agree are not certain where evaluators differ: E is 1 with one degree of
/// freedom, for which t is 12.706.
#[test]
fn trainings_that_agree_keep_the_variance_of_evaluators() {
    let mut results = read();
    for replicate in &mut results.replicates {
        for value in &mut replicate.values {
            value.value = Some(2.0);
            value.readings = [("conv-0", 1.0), ("conv-1", 3.0)]
                .map(|(name, reading)| (name.to_owned(), reading))
                .into();
        }
    }
    let one = claim(
        vec![term(false, 0, "e")],
        Classes::Mean,
        Criterion::AtLeast(0.0),
    );
    near(
        &judged(&one, &[&results]),
        2.0 - 12.706_204_736,
        2.0 + 12.706_204_736,
    );
}
