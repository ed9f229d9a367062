use super::*;
use crate::metrics::statistics::Estimate;
use crate::report::fixture::{in_memory, measurement};
use crate::report::{Classes, DataUsed, Measurement, Results};

mod numbers;
mod simulated;

/// Every form, with intervals inside, outside, across and touching.
#[test]
fn verdicts_by_hand() {
    let near = Criterion::Near {
        value: 1.0,
        within: Within::Distance(0.5),
    };
    let factor = Criterion::Near {
        value: 1.0,
        within: Within::Factor(2.0),
    };
    let straddles = || Verdict::Undecided(UndecidedReason::Straddles);
    for (criterion, low, high, expected) in [
        (near, 0.5, 1.5, Verdict::Confirmed),
        (near, 0.9, 1.0, Verdict::Confirmed),
        (near, 1.4, 1.6, straddles()),
        (near, 0.0, 2.0, straddles()),
        (near, 1.5, 1.6, straddles()),
        (near, 1.6, 1.7, Verdict::Refuted),
        (near, -1.0, 0.4, Verdict::Refuted),
        (factor, 0.5, 2.0, Verdict::Confirmed),
        (factor, 0.4, 0.6, straddles()),
        (factor, 2.1, 3.0, Verdict::Refuted),
        (Criterion::AtLeast(1.0), 1.0, 2.0, Verdict::Confirmed),
        (Criterion::AtLeast(1.0), 0.9, 2.0, straddles()),
        (Criterion::AtLeast(1.0), 0.5, 1.0, straddles()),
        (Criterion::AtLeast(1.0), 0.5, 0.9, Verdict::Refuted),
        (Criterion::AtMost(1.0), 0.5, 1.0, Verdict::Confirmed),
        (Criterion::AtMost(1.0), 0.5, 1.1, straddles()),
        (Criterion::AtMost(1.0), 1.1, 1.2, Verdict::Refuted),
        (Criterion::Above(0.0), 0.1, 0.2, Verdict::Confirmed),
        (Criterion::Above(0.0), 0.0, 0.2, straddles()),
        (Criterion::Above(0.0), -0.1, 0.0, Verdict::Refuted),
        (Criterion::Above(0.0), 0.0, 0.0, Verdict::Refuted),
        (Criterion::Below(0.0), -0.2, -0.1, Verdict::Confirmed),
        (Criterion::Below(0.0), -0.2, 0.0, straddles()),
        (Criterion::Below(0.0), 0.0, 0.1, Verdict::Refuted),
        (Criterion::Below(-0.5), -0.9, -0.4, straddles()),
    ] {
        let got = criterion.decide_interval(low, high);
        assert_eq!(got, expected, "{criterion:?} {low} {high}");
    }
}

/// Fewer than three replicates decide nothing, however the claim is spelt; their mean is
/// as claimed or not.
#[test]
fn a_mean_without_an_interval_decides_nothing() {
    let near = |within| Criterion::Near { value: 1.0, within };
    for (criterion, mean, point) in [
        (near(Within::Distance(0.5)), 1.5, PointEstimate::AsClaimed),
        (near(Within::Distance(0.5)), 1.6, PointEstimate::Contrary),
        (near(Within::Factor(2.0)), 2.0, PointEstimate::AsClaimed),
        (near(Within::Factor(2.0)), 2.1, PointEstimate::Contrary),
        (Criterion::AtLeast(1.0), 1.0, PointEstimate::AsClaimed),
        (Criterion::AtMost(1.0), 1.1, PointEstimate::Contrary),
        (Criterion::Above(1.0), 1.0, PointEstimate::Contrary),
        (Criterion::Below(1.0), 0.9, PointEstimate::AsClaimed),
    ] {
        for replicates in [1, 2] {
            let (low, high, n) = (None, None, replicates);
            let got = criterion.decide(&Estimate { mean, low, high, n }, replicates);
            let expected = UndecidedReason::TooFew {
                replicates,
                mean: point,
            };
            assert_eq!(got, Verdict::Undecided(expected), "{criterion:?} {mean}");
        }
    }
    let few =
        |replicates, mean| Verdict::Undecided(UndecidedReason::TooFew { replicates, mean }).why();
    assert_eq!(
        few(1, PointEstimate::AsClaimed),
        "1 replicate (3 needed); as claimed"
    );
    assert_eq!(
        few(2, PointEstimate::Contrary),
        "2 replicates (3 needed); contrary"
    );
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

fn claim(terms: Vec<Term>, classes: Classes, criterion: Criterion) -> Claim {
    Claim {
        says: "so".to_owned(),
        source: None,
        metrics: vec!["m".to_owned()],
        terms,
        classes,
        criterion,
    }
}

/// Result of the metric `m` of a claim.
fn judged(claim: &Claim, members: &[&Results]) -> MetricResult {
    let member = |results| ExperimentResults {
        label: "x".to_owned(),
        results: Ok(results),
    };
    let members: Vec<ExperimentResults<'_>> = members.iter().copied().map(member).collect();
    judge_claims("s", std::slice::from_ref(claim), &members)[0].tests[0].clone()
}

/// Values of two classes of `e` and `f` for each seed.
fn results(seeds: &[(u64, [f64; 2], [f64; 2])]) -> Results {
    let replicate = |&(seed, e, f): &(u64, [f64; 2], [f64; 2])| {
        let of = |name: &str, values: [f64; 2]| {
            [0, 1].map(|class| measurement(name, "m", class, values[usize::from(class)]))
        };
        (seed, [of("e", e), of("f", f)].concat())
    };
    in_memory(&seeds.iter().map(replicate).collect::<Vec<_>>())
}

#[test]
fn what_cannot_be_known_is_undecided() {
    let good = results(&[0, 1, 2].map(|seed| (seed, [1.0; 2], [0.0; 2])));
    let terms = || vec![term(false, 0, "e")];
    let least = claim(terms(), Classes::Mean, Criterion::AtLeast(0.0));
    assert_eq!(judged(&least, &[&good]).verdict, Verdict::Confirmed);

    let mut stood_in = good.clone();
    stood_in.data = Some(DataUsed {
        source: "strokes".to_owned(),
        stand_in_for: Some("mnist".to_owned()),
        sha256: String::new(),
    });
    let tested = judged(&least, &[&stood_in]);
    assert_eq!(
        tested.verdict,
        Verdict::Undecided(UndecidedReason::StandIn("strokes".to_owned()))
    );
    assert!(tested.observed.is_some(), "what was observed is shown");

    for value in [None, Some(f64::NAN), Some(f64::INFINITY)] {
        let mut incomplete = good.clone();
        incomplete.replicates[1].values[0] = Measurement {
            value,
            ..incomplete.replicates[1].values[0].clone()
        };
        let verdict = judged(&least, &[&incomplete]).verdict;
        assert_eq!(
            verdict,
            Verdict::Undecided(UndecidedReason::NoValue),
            "{value:?}"
        );
    }
    let other = claim(
        vec![term(false, 0, "g")],
        Classes::Mean,
        Criterion::AtLeast(0.0),
    );
    assert_eq!(
        judged(&other, &[&good]).verdict,
        Verdict::Undecided(UndecidedReason::NotMeasured("m".to_owned()))
    );

    let not_run = ExperimentResults {
        label: String::new(),
        results: Err("x was not run".to_owned()),
    };
    let judged = &judge_claims("s", &[least], &[not_run])[0];
    assert_eq!(
        (judged.verdict.word(), judged.why.as_str()),
        ("undecided", "x was not run")
    );
}

#[test]
fn metrics_of_one_claim_have_to_agree() {
    let value = |metric, value| measurement("e", metric, 0, value);
    let both = |m: f64, n: f64| vec![value("m", m), value("n", n)];
    let verdict = |m: &[f64], n: &[f64]| {
        let each = (0..).zip(m.iter().zip(n));
        let each = each.map(|(seed, (m, n))| (seed, both(*m, *n)));
        let results = in_memory(&each.collect::<Vec<_>>());
        let mut claim = claim(
            vec![term(false, 0, "e")],
            Classes::Mean,
            Criterion::AtLeast(0.5),
        );
        claim.metrics.push("n".to_owned());
        let member = ExperimentResults {
            label: String::new(),
            results: Ok(&results),
        };
        judge_claims("s", &[claim], &[member]).remove(0).verdict
    };
    let (yes, no, maybe) = (&[1.0; 3], &[0.0; 3], &[0.0, 1.0, 0.5]);
    assert_eq!(verdict(yes, yes), Verdict::Confirmed);
    assert_eq!(verdict(no, no), Verdict::Refuted);
    assert_eq!(
        verdict(yes, no),
        Verdict::Undecided(UndecidedReason::Disagree)
    );
    assert_eq!(
        verdict(yes, maybe),
        Verdict::Undecided(UndecidedReason::Disagree)
    );
    assert_eq!(
        verdict(maybe, maybe),
        Verdict::Undecided(UndecidedReason::Straddles)
    );
    let missing = &[f64::NAN, 1.0, 1.0];
    assert_eq!(
        verdict(yes, missing),
        Verdict::Undecided(UndecidedReason::NoValue)
    );
    for (n, mean) in [(1.0, PointEstimate::AsClaimed), (0.0, PointEstimate::Mixed)] {
        let few = UndecidedReason::TooFew {
            replicates: 2,
            mean,
        };
        assert_eq!(verdict(&[1.0; 2], &[n; 2]), Verdict::Undecided(few));
    }
}

/// Student's interval for 0.9, 1 and 1 ends at 1.11; a probability ends at 1.
#[test]
fn intervals_end_where_the_metric_does() {
    let metric = "target_probability";
    let of = |value: f64| {
        let both = [("e", value), ("f", 0.0)];
        Vec::from(both.map(|(name, value)| measurement(name, metric, 0, value)))
    };
    let results = in_memory(&[(0, of(0.9)), (1, of(1.0)), (2, of(1.0))]);
    let tested = |terms, criterion| {
        let claim = Claim {
            metrics: vec![metric.to_owned()],
            ..claim(terms, Classes::Mean, criterion)
        };
        judged(&claim, &[&results])
    };
    let most = tested(vec![term(false, 0, "e")], Criterion::AtMost(1.0));
    assert_eq!(most.observed.unwrap().high, Some(1.0));
    assert_eq!(most.verdict, Verdict::Confirmed);
    let apart = vec![term(false, 0, "f"), term(true, 0, "e")];
    let apart = tested(apart, Criterion::AtLeast(-1.0));
    assert_eq!(apart.observed.unwrap().low, Some(-1.0));
    assert_eq!(apart.verdict, Verdict::Confirmed);
}

#[test]
fn an_index_has_no_mean() {
    let network = |seed, index| {
        let measurement = Measurement::of_network("heaviest_input", Some(index), "pixels");
        (seed, vec![measurement])
    };
    let results = in_memory(&[network(0, 9.0), network(1, 9.0), network(2, 3.0)]);
    let criterion = Criterion::Near {
        value: 9.0,
        within: Within::Distance(0.0),
    };
    let claim = Claim {
        metrics: vec!["heaviest_input".to_owned()],
        ..claim(vec![term(false, 0, "")], Classes::Mean, criterion)
    };
    let tested = judged(&claim, &[&results]);
    assert_eq!(tested.observed, None);
    assert_eq!(tested.replicates, [(0, 9.0), (1, 9.0), (2, 3.0)]);
    assert_eq!(
        tested.verdict.why(),
        "an index has no mean; 9 in 2 of 3 seeds"
    );
}
