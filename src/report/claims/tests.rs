use super::super::fixture::{in_memory, reading};
use super::super::ledger::quantity;
use super::super::load::{DataUsed, PairReading, Reading, Replicate};
use super::*;
use crate::config::Classes;

mod simulated;

/// Every form, with intervals inside, outside, across and touching.
#[test]
fn rulings_by_hand() {
    let near = Holds::Near {
        value: 1.0,
        within: Within::Distance(0.5),
    };
    let factor = Holds::Near {
        value: 1.0,
        within: Within::Factor(2.0),
    };
    let straddles = || Ruling::Undecided(Doubt::Straddles);
    for (holds, low, high, expected) in [
        (near, 0.5, 1.5, Ruling::Confirmed),
        (near, 0.9, 1.0, Ruling::Confirmed),
        (near, 1.4, 1.6, straddles()),
        (near, 0.0, 2.0, straddles()),
        (near, 1.5, 1.6, straddles()),
        (near, 1.6, 1.7, Ruling::Refuted),
        (near, -1.0, 0.4, Ruling::Refuted),
        (factor, 0.5, 2.0, Ruling::Confirmed),
        (factor, 0.4, 0.6, straddles()),
        (factor, 2.1, 3.0, Ruling::Refuted),
        (Holds::AtLeast(1.0), 1.0, 2.0, Ruling::Confirmed),
        (Holds::AtLeast(1.0), 0.9, 2.0, straddles()),
        (Holds::AtLeast(1.0), 0.5, 1.0, straddles()),
        (Holds::AtLeast(1.0), 0.5, 0.9, Ruling::Refuted),
        (Holds::AtMost(1.0), 0.5, 1.0, Ruling::Confirmed),
        (Holds::AtMost(1.0), 0.5, 1.1, straddles()),
        (Holds::AtMost(1.0), 1.1, 1.2, Ruling::Refuted),
        (Holds::Above(0.0), 0.1, 0.2, Ruling::Confirmed),
        (Holds::Above(0.0), 0.0, 0.2, straddles()),
        (Holds::Above(0.0), -0.1, 0.0, Ruling::Refuted),
        (Holds::Above(0.0), 0.0, 0.0, Ruling::Refuted),
        (Holds::Below(0.0), -0.2, -0.1, Ruling::Confirmed),
        (Holds::Below(0.0), -0.2, 0.0, straddles()),
        (Holds::Below(0.0), 0.0, 0.1, Ruling::Refuted),
        (Holds::Below(-0.5), -0.9, -0.4, straddles()),
    ] {
        let got = rule(holds, (low, high));
        assert_eq!(got, expected, "{holds:?} {low} {high}");
    }
}

/// Fewer than three replicates decide nothing, however the claim is spelt; their mean is
/// as claimed or not.
#[test]
fn a_mean_without_an_interval_decides_nothing() {
    let near = |within| Holds::Near { value: 1.0, within };
    for (holds, mean, point) in [
        (near(Within::Distance(0.5)), 1.5, Point::AsClaimed),
        (near(Within::Distance(0.5)), 1.6, Point::Contrary),
        (near(Within::Factor(2.0)), 2.0, Point::AsClaimed),
        (near(Within::Factor(2.0)), 2.1, Point::Contrary),
        (Holds::AtLeast(1.0), 1.0, Point::AsClaimed),
        (Holds::AtMost(1.0), 1.1, Point::Contrary),
        (Holds::Above(1.0), 1.0, Point::Contrary),
        (Holds::Below(1.0), 0.9, Point::AsClaimed),
    ] {
        for replicates in [1, 2] {
            let (low, high, n) = (None, None, replicates);
            let got = decide(holds, &Estimate { mean, low, high, n }, replicates);
            let expected = Doubt::TooFew {
                replicates,
                mean: point,
            };
            assert_eq!(got, Ruling::Undecided(expected), "{holds:?} {mean}");
        }
    }
    let few = |replicates, mean| Ruling::Undecided(Doubt::TooFew { replicates, mean }).why();
    assert_eq!(
        few(1, Point::AsClaimed),
        "1 replicate (3 needed); as claimed"
    );
    assert_eq!(few(2, Point::Contrary), "2 replicates (3 needed); contrary");
}

fn term(subtracted: bool, experiment: usize, inversion: &str) -> Term {
    Term {
        subtracted,
        experiment,
        inversion: inversion.to_owned(),
        setting: String::new(),
        with: String::new(),
        epoch: None,
    }
}

fn claim(terms: Vec<Term>, classes: Classes, holds: Holds) -> Claim {
    Claim {
        says: "so".to_owned(),
        source: None,
        metrics: vec!["m".to_owned()],
        terms,
        classes,
        holds,
    }
}

/// What one claim comes to, all metrics `m`.
fn judged(claim: &Claim, members: &[&Results]) -> Tested {
    let member = |results| Member {
        label: "x".to_owned(),
        results: Ok(results),
    };
    let members: Vec<Member<'_>> = members.iter().copied().map(member).collect();
    judge_claims("s", std::slice::from_ref(claim), &members)[0].tests[0].clone()
}

/// Values of two classes of `e` and `f` for each seed.
fn results(seeds: &[(u64, [f64; 2], [f64; 2])]) -> Results {
    let replicate = |&(seed, e, f): &(u64, [f64; 2], [f64; 2])| {
        let of = |name: &str, values: [f64; 2]| {
            [0, 1].map(|class| reading(name, "m", class, values[usize::from(class)]))
        };
        (seed, [of("e", e), of("f", f)].concat())
    };
    in_memory(&seeds.iter().map(replicate).collect::<Vec<_>>())
}

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
        let claim = claim(vec![term(false, 0, "e")], classes, Holds::AtLeast(-20.0));
        let tested = judged(&claim, &[&results]);
        let estimate = tested.observed.unwrap();
        assert_eq!((estimate.mean, estimate.n), (mean, 3));
        assert!((estimate.high.unwrap() - mean - 4.968_27).abs() < 1e-4);
        assert_eq!(tested.ruling, Ruling::Confirmed);
    }
}

/// A column of the log at the epoch that is asked for, at the last one, and their
/// difference; one that the log does not have is missing.
#[test]
fn numbers_of_epochs_are_those_of_the_log() {
    let log = b"epoch,train_loss\n1,0.5\n2,0.25\n";
    let replicate = Replicate::new(7, log, Vec::new(), Vec::new()).unwrap();
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
            ..claim(terms, Classes::Mean, Holds::Below(0.0))
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
    let missing = tested(vec![at(Some(3), false)]).ruling;
    assert_eq!(missing, Ruling::Undecided(Doubt::NoEpoch(3)));
    assert_eq!(missing.why(), "training had no epoch 3");
}

/// e - f is 1, 2, 3 in three seeds: mean 2, s = 1, half an interval of t(0.975, 2)
/// / sqrt 3 = 4.30265 / 1.73205 = 2.48414. e alone spreads far wider.
#[test]
fn differences_are_paired_by_seed() {
    let of = |seed: u64, e: f64, f: f64| (seed, [e; 2], [f; 2]);
    let results = results(&[of(0, 11.0, 10.0), of(1, 102.0, 100.0), of(2, -7.0, -10.0)]);
    let terms = vec![term(false, 0, "e"), term(true, 0, "f")];
    let tested = judged(&claim(terms, Classes::Mean, Holds::Above(0.0)), &[&results]);
    let estimate = tested.observed.unwrap();
    assert!((estimate.mean - 2.0).abs() < 1e-12);
    assert!(
        (estimate.high.unwrap() - 4.48414).abs() < 1e-4,
        "{estimate:?}"
    );
    assert_eq!(tested.ruling, Ruling::Undecided(Doubt::Straddles));
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
    let claim = claim(terms, Classes::Mean, Holds::Above(0.0));
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
    let claim = claim(terms, Classes::Mean, Holds::Above(0.0));
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
    let ruling = judged(&claim, &[&a, &single]).ruling;
    let (replicates, mean) = (1, Point::AsClaimed);
    assert_eq!(
        ruling,
        Ruling::Undecided(Doubt::TooFew { replicates, mean })
    );
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
        let tested = judged(&claim(terms, classes, Holds::Above(0.0)), &[&results]);
        assert_eq!(tested.observed.unwrap().mean, mean);
    }
}

/// Of three classes: the others may lack a number, those that are named may not.
#[test]
fn some_classes_are_averaged_without_the_others() {
    let replicate = |seed, values: [f64; 3]| {
        let of = |(class, value)| reading("e", "m", class, value);
        (seed, (2..).zip(values).map(of).collect())
    };
    let results = in_memory(&[
        replicate(0, [f64::NAN, 1.0, 2.0]),
        replicate(1, [9.0, 3.0, 4.0]),
    ]);
    let tested = |labels: &[u8]| {
        let classes = Classes::Of(labels.to_vec());
        let claim = claim(vec![term(false, 0, "e")], classes, Holds::AtLeast(0.0));
        judged(&claim, &[&results])
    };
    let some = tested(&[4, 3]);
    assert_eq!(some.observed.unwrap().mean, 2.5);
    assert_eq!(some.replicates, [(0, 1.5), (1, 3.5)]);
    assert_eq!(some.classes, "mean of 4, 3");
    assert_eq!(quantity(&some), "m of x e (mean of 4, 3)");
    for labels in [&[2, 3][..], &[3, 7]] {
        assert_eq!(tested(labels).ruling, Ruling::Undecided(Doubt::NoValue));
    }
}

#[test]
fn equal_numbers_are_not_above_each_other_by_rounding() {
    let third = 1.0 / 3.0;
    let rounded = [third, third + 1e-16];
    let results = results(&[0, 1, 2].map(|seed| (seed, [third; 2], rounded)));
    let terms = vec![term(false, 0, "f"), term(true, 0, "e")];
    let tested = judged(&claim(terms, Classes::Mean, Holds::Above(0.0)), &[&results]);
    assert_eq!(tested.ruling, Ruling::Refuted, "{tested:?}");
}

#[test]
fn a_difference_of_one_replicate_is_one() {
    let results = results(&[(3, [2.0; 2], [0.5; 2])]);
    let terms = vec![term(false, 0, "e"), term(true, 0, "f")];
    let tested = judged(&claim(terms, Classes::Mean, Holds::Above(0.0)), &[&results]);
    let estimate = tested.observed.unwrap();
    assert_eq!((estimate.mean, estimate.n, estimate.low), (1.5, 1, None));
    let (replicates, mean) = (1, Point::AsClaimed);
    let few = Doubt::TooFew { replicates, mean };
    assert_eq!(tested.ruling, Ruling::Undecided(few));
}

#[test]
fn what_cannot_be_known_is_undecided() {
    let good = results(&[0, 1, 2].map(|seed| (seed, [1.0; 2], [0.0; 2])));
    let terms = || vec![term(false, 0, "e")];
    let least = claim(terms(), Classes::Mean, Holds::AtLeast(0.0));
    assert_eq!(judged(&least, &[&good]).ruling, Ruling::Confirmed);

    let mut stood_in = good.clone();
    stood_in.data = Some(DataUsed {
        source: "strokes".to_owned(),
        stand_in_for: Some("mnist".to_owned()),
        sha256: String::new(),
    });
    let tested = judged(&least, &[&stood_in]);
    assert_eq!(
        tested.ruling,
        Ruling::Undecided(Doubt::StandIn("strokes".to_owned()))
    );
    assert!(tested.observed.is_some(), "what was observed is shown");

    for value in [None, Some(f64::NAN), Some(f64::INFINITY)] {
        let mut lacking = good.clone();
        lacking.replicates[1].values[0] = Reading {
            value,
            ..lacking.replicates[1].values[0].clone()
        };
        let ruling = judged(&least, &[&lacking]).ruling;
        assert_eq!(ruling, Ruling::Undecided(Doubt::NoValue), "{value:?}");
    }
    let other = claim(
        vec![term(false, 0, "g")],
        Classes::Mean,
        Holds::AtLeast(0.0),
    );
    assert_eq!(
        judged(&other, &[&good]).ruling,
        Ruling::Undecided(Doubt::NotMeasured("m".to_owned()))
    );

    let nobody = Member {
        label: String::new(),
        results: Err("x was not run".to_owned()),
    };
    let judged = &judge_claims("s", &[least], &[nobody])[0];
    assert_eq!(
        (judged.verdict.word(), judged.why.as_str()),
        ("undecided", "x was not run")
    );
}

#[test]
fn metrics_of_one_claim_have_to_agree() {
    let value = |metric, value| reading("e", metric, 0, value);
    let both = |m: f64, n: f64| vec![value("m", m), value("n", n)];
    let verdict = |m: &[f64], n: &[f64]| {
        let each = (0..).zip(m.iter().zip(n));
        let each = each.map(|(seed, (m, n))| (seed, both(*m, *n)));
        let results = in_memory(&each.collect::<Vec<_>>());
        let mut claim = claim(
            vec![term(false, 0, "e")],
            Classes::Mean,
            Holds::AtLeast(0.5),
        );
        claim.metrics.push("n".to_owned());
        let member = Member {
            label: String::new(),
            results: Ok(&results),
        };
        judge_claims("s", &[claim], &[member]).remove(0).verdict
    };
    let (yes, no, maybe) = (&[1.0; 3], &[0.0; 3], &[0.0, 1.0, 0.5]);
    assert_eq!(verdict(yes, yes), Ruling::Confirmed);
    assert_eq!(verdict(no, no), Ruling::Refuted);
    assert_eq!(verdict(yes, no), Ruling::Undecided(Doubt::Disagree));
    assert_eq!(verdict(yes, maybe), Ruling::Undecided(Doubt::Disagree));
    assert_eq!(verdict(maybe, maybe), Ruling::Undecided(Doubt::Straddles));
    let missing = &[f64::NAN, 1.0, 1.0];
    assert_eq!(verdict(yes, missing), Ruling::Undecided(Doubt::NoValue));
    for (n, mean) in [(1.0, Point::AsClaimed), (0.0, Point::Mixed)] {
        let few = Doubt::TooFew {
            replicates: 2,
            mean,
        };
        assert_eq!(verdict(&[1.0; 2], &[n; 2]), Ruling::Undecided(few));
    }
}

/// Of 0.9, 1 and 1 Student's interval reaches to 1.11, but no probability does.
#[test]
fn intervals_end_where_the_metric_does() {
    let metric = "target_probability";
    let of = |value: f64| {
        let both = [("e", value), ("f", 0.0)];
        Vec::from(both.map(|(name, value)| reading(name, metric, 0, value)))
    };
    let results = in_memory(&[(0, of(0.9)), (1, of(1.0)), (2, of(1.0))]);
    let tested = |terms, holds| {
        let claim = Claim {
            metrics: vec![metric.to_owned()],
            ..claim(terms, Classes::Mean, holds)
        };
        judged(&claim, &[&results])
    };
    let most = tested(vec![term(false, 0, "e")], Holds::AtMost(1.0));
    assert_eq!(most.observed.unwrap().high, Some(1.0));
    assert_eq!(most.ruling, Ruling::Confirmed);
    let apart = vec![term(false, 0, "f"), term(true, 0, "e")];
    let apart = tested(apart, Holds::AtLeast(-1.0));
    assert_eq!(apart.observed.unwrap().low, Some(-1.0));
    assert_eq!(apart.ruling, Ruling::Confirmed);
}

#[test]
fn an_index_has_no_mean() {
    let network = |seed, index| {
        let reading = Reading::of_network("heaviest_input", Some(index), "pixels");
        (seed, vec![reading])
    };
    let results = in_memory(&[network(0, 9.0), network(1, 9.0), network(2, 3.0)]);
    let holds = Holds::Near {
        value: 9.0,
        within: Within::Distance(0.0),
    };
    let claim = Claim {
        metrics: vec!["heaviest_input".to_owned()],
        ..claim(vec![term(false, 0, "")], Classes::Mean, holds)
    };
    let tested = judged(&claim, &[&results]);
    assert_eq!(tested.observed, None);
    assert_eq!(tested.replicates, [(0, 9.0), (1, 9.0), (2, 3.0)]);
    assert_eq!(
        tested.ruling.why(),
        "an index has no mean; 9 in 2 of 3 seeds"
    );
}

#[test]
fn pairs_of_inverses_have_numbers_in_any_order() {
    let mut results = results(&[(0, [1.0; 2], [0.0; 2]), (1, [1.0; 2], [0.0; 2])]);
    for replicate in &mut results.replicates {
        replicate.pairs = vec![PairReading {
            a: "e".to_owned(),
            b: "f".to_owned(),
            class: 0,
            overlap: 0.25,
            correlation: Some(-0.5),
        }];
    }
    for (metric, expected) in [("overlap", 0.25), ("correlation", -0.5)] {
        let with = Term {
            with: "e".to_owned(),
            ..term(false, 0, "f")
        };
        let mut claim = claim(vec![with], Classes::Mean, Holds::AtLeast(0.0));
        claim.metrics = vec![metric.to_owned()];
        assert_eq!(judged(&claim, &[&results]).observed.unwrap().mean, expected);
    }
}
