//! Numbers of claims by hand: differences, classes, epochs and pairs.
use crate::data::Label;

use super::super::ledger::quantity;
use super::*;
use crate::report::{PairReading, ReplicateNumbers};

/// Means 2, 4 and 6: 4 +- t s / sqrt 3, t(0.975, 2) = 4.30265, s = 2. Lowest 1, 3 and 5,
/// highest 3, 5 and 7.
#[test]
fn numbers_are_means_over_replicates_of_classes_taken_together() {
    let of = |seed: u64, low: f64| (seed, [low, low + 2.0], [0.0; 2]);
    let results = results(&[of(0, 1.0), of(1, 3.0), of(2, 5.0)]);
    for (classes, mean) in [
        (Classes::Mean, 4.0),
        (Classes::Lowest, 3.0),
        (Classes::Highest, 5.0),
    ] {
        let claim = claim(
            vec![term(false, 0, "e")],
            classes,
            Criterion::AtLeast(-20.0),
        );
        let tested = judged(&claim, &[&results]);
        let estimate = tested.observed.unwrap();
        assert_eq!((estimate.mean, estimate.n), (mean, 3));
        assert!((estimate.high.unwrap() - mean - 4.968_27).abs() < 1e-4);
        assert_eq!(tested.verdict, Verdict::Confirmed);
    }
}

/// A column of the log at the epoch that is asked for, at the last one, and their
/// difference; one that the log does not have is missing.
#[test]
fn numbers_of_epochs_are_those_of_the_log() {
    let log = b"epoch,train_loss\n1,0.5\n2,0.25\n";
    let replicate = ReplicateNumbers::new(7, log, Vec::new(), Vec::new()).unwrap();
    let results = Results {
        replicates: vec![replicate],
        ..in_memory(&[])
    };
    let at = |epoch, subtracted| Term {
        epoch,
        ..term(subtracted, 0, "")
    };
    let tested = |terms: Vec<Term>| {
        let claim = Claim {
            metrics: vec!["train_loss".to_owned()],
            ..claim(terms, Classes::Mean, Criterion::Below(0.0))
        };
        judged(&claim, &[&results])
    };
    for (terms, mean) in [
        (vec![at(Some(1), false)], 0.5),
        (vec![at(None, false)], 0.25),
        (vec![at(None, false), at(Some(1), true)], -0.25),
    ] {
        assert_eq!(tested(terms).observed.unwrap().mean, mean);
    }
    assert_eq!(tested(vec![at(Some(1), false)]).of, "x epoch 1");
    let missing = tested(vec![at(Some(3), false)]).verdict;
    assert_eq!(missing, Verdict::Undecided(UndecidedReason::NoEpoch(3)));
    assert_eq!(missing.why(), "training had no epoch 3");
}

/// e - f is 1, 2, 3 in three seeds: mean 2, s = 1, half an interval of t(0.975, 2)
/// / sqrt 3 = 4.30265 / 1.73205 = 2.48414. e alone spreads far wider.
#[test]
fn differences_are_paired_by_seed() {
    let of = |seed: u64, e: f64, f: f64| (seed, [e; 2], [f; 2]);
    let results = results(&[of(0, 11.0, 10.0), of(1, 102.0, 100.0), of(2, -7.0, -10.0)]);
    let terms = vec![term(false, 0, "e"), term(true, 0, "f")];
    let tested = judged(
        &claim(terms, Classes::Mean, Criterion::Above(0.0)),
        &[&results],
    );
    let estimate = tested.observed.unwrap();
    assert!((estimate.mean - 2.0).abs() < 1e-12);
    assert!(
        (estimate.high.unwrap() - 4.48414).abs() < 1e-4,
        "{estimate:?}"
    );
    assert_eq!(tested.verdict.word(), "undecided");
    assert_eq!(tested.replicates, [(0, 1.0), (1, 2.0), (2, 3.0)]);
    assert_eq!(tested.of, "x e − x f");
}

/// Welch: variances 1 and 4 of three each: error sqrt(5 / 3), freedom (5 / 3)^2 /
/// (1 / 18 + 16 / 18) = 50 / 17, and the difference 10 - 4 = 6.
#[test]
fn experiments_of_different_seeds_are_unrelated() {
    let of = |(seed, value): (u64, f64)| (seed, [value; 2], [0.0; 2]);
    let a = results(&[(0, 9.0), (1, 11.0), (2, 10.0)].map(of));
    let b = results(&[(5, 2.0), (6, 6.0), (7, 4.0)].map(of));
    let terms = vec![term(false, 0, "e"), term(true, 1, "e")];
    let claim = claim(terms, Classes::Mean, Criterion::Above(0.0));
    let tested = judged(&claim, &[&a, &b]);
    let estimate = tested.observed.unwrap();
    assert_eq!((estimate.mean, estimate.n), (6.0, 6));
    // The 0.975 quantile of Student's t with 50 / 17 degrees of freedom, integrated
    // numerically, times sqrt(5 / 3).
    let half = estimate.high.unwrap() - 6.0;
    assert!(
        (half / (5f64 / 3.0).sqrt() - 3.218_758_614_5).abs() < 1e-6,
        "{half}"
    );
    assert!(tested.replicates.is_empty());
}

/// (e - f) of one above (e - f) of the other: 4 - 1 and 5 - 1, so 3 and 4.
#[test]
fn differences_of_differences() {
    let a = results(&[(0, [9.0; 2], [5.0; 2]), (1, [9.0; 2], [4.0; 2])]);
    let b = results(&[(0, [2.0; 2], [1.0; 2]), (1, [3.0; 2], [2.0; 2])]);
    let terms = vec![
        term(false, 0, "e"),
        term(true, 0, "f"),
        term(true, 1, "e"),
        term(false, 1, "f"),
    ];
    let claim = claim(terms, Classes::Mean, Criterion::Above(0.0));
    let tested = judged(&claim, &[&a, &b]);
    assert_eq!(tested.observed.unwrap().mean, 3.5);
    assert_eq!(tested.replicates, [(0, 3.0), (1, 4.0)]);
    // Unrelated seeds, but each difference is paired within its experiment.
    let other = results(&[(0, [2.0; 2], [1.0; 2]), (2, [3.0; 2], [2.0; 2])]);
    let tested = judged(&claim, &[&a, &other]);
    assert_eq!(tested.observed.unwrap().mean, 3.5);
    assert_eq!(
        (tested.observed.unwrap().n, tested.replicates.len()),
        (4, 0)
    );
    let single = results(&[(5, [2.0; 2], [1.0; 2])]);
    let verdict = judged(&claim, &[&a, &single]).verdict;
    let (trainings, point) = (1, PointEstimate::AsClaimed);
    assert_eq!(verdict, Verdict::Point { trainings, point });
}

/// e - f is 1 of class 0 and -2 of class 1, though e's lowest is above f's.
#[test]
fn the_lowest_of_the_classes_is_that_of_the_differences() {
    let results = results(&[(0, [5.0, 1.0], [4.0, 3.0]), (1, [5.0, 1.0], [4.0, 3.0])]);
    for (classes, mean) in [
        (Classes::Lowest, -2.0),
        (Classes::Highest, 1.0),
        (Classes::Mean, -0.5),
    ] {
        let terms = vec![term(false, 0, "e"), term(true, 0, "f")];
        let tested = judged(&claim(terms, classes, Criterion::Above(0.0)), &[&results]);
        assert_eq!(tested.observed.unwrap().mean, mean);
    }
}

/// A claim about named classes needs a number for each of them, and for no other class.
#[test]
fn some_classes_are_averaged_without_the_others() {
    let replicate = |seed, values: [f64; 3]| {
        let of = |(class, value)| measurement("e", "m", class, value);
        (seed, (2..).zip(values).map(of).collect())
    };
    let results = in_memory(&[
        replicate(0, [f64::NAN, 1.0, 2.0]),
        replicate(1, [9.0, 3.0, 4.0]),
    ]);
    let tested = |labels: &[u8]| {
        let classes = Classes::Of(labels.iter().copied().map(Label::Number).collect());
        let claim = claim(vec![term(false, 0, "e")], classes, Criterion::AtLeast(0.0));
        judged(&claim, &[&results])
    };
    let some = tested(&[4, 3]);
    assert_eq!(some.observed.unwrap().mean, 2.5);
    assert_eq!(some.replicates, [(0, 1.5), (1, 3.5)]);
    assert_eq!(some.classes, "mean of 4, 3");
    assert_eq!(quantity(&some), "m of x e (mean of 4, 3)");
    for labels in [&[2, 3][..], &[3, 7]] {
        assert_eq!(
            tested(labels).verdict,
            Verdict::Undecided(UndecidedReason::NoValue)
        );
    }
}

#[test]
fn equal_numbers_are_not_above_each_other_by_rounding() {
    let third = 1.0 / 3.0;
    let rounded = [third, third + 1e-16];
    let results = results(&[0, 1, 2].map(|seed| (seed, [third; 2], rounded)));
    let terms = vec![term(false, 0, "f"), term(true, 0, "e")];
    let tested = judged(
        &claim(terms, Classes::Mean, Criterion::Above(0.0)),
        &[&results],
    );
    assert_eq!(tested.verdict, Verdict::Refuted, "{tested:?}");
}

#[test]
fn a_difference_of_one_replicate_is_one() {
    let results = results(&[(3, [2.0; 2], [0.5; 2])]);
    let terms = vec![term(false, 0, "e"), term(true, 0, "f")];
    let tested = judged(
        &claim(terms, Classes::Mean, Criterion::Above(0.0)),
        &[&results],
    );
    let estimate = tested.observed.unwrap();
    assert_eq!((estimate.mean, estimate.n, estimate.low), (1.5, 1, None));
    let (trainings, point) = (1, PointEstimate::AsClaimed);
    assert_eq!(tested.verdict, Verdict::Point { trainings, point });
}

#[test]
fn pairs_of_inverses_have_numbers_in_any_order() {
    let mut results = results(&[(0, [1.0; 2], [0.0; 2]), (1, [1.0; 2], [0.0; 2])]);
    for replicate in &mut results.replicates {
        replicate.pairs = vec![PairReading {
            a: "e".to_owned(),
            b: "f".to_owned(),
            class: Label::Number(0),
            overlap: 0.25,
            correlation: Some(-0.5),
        }];
    }
    for (metric, expected) in [("overlap", 0.25), ("correlation", -0.5)] {
        let with = Term {
            with: "e".to_owned(),
            ..term(false, 0, "f")
        };
        let mut claim = claim(vec![with], Classes::Mean, Criterion::AtLeast(0.0));
        claim.metrics = vec![metric.to_owned()];
        assert_eq!(judged(&claim, &[&results]).observed.unwrap().mean, expected);
    }
}
