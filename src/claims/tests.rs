use super::*;
use crate::report::fixture::{in_memory, measurement};
use crate::report::{Classes, DataUsed, Measurement, Results};

mod evaluators;
mod kinds;
mod numbers;
mod simulated;

/// Three trainings whose 95 % interval of the mean has these ends: the half interval of
/// m - d, m and m + d is t(0.975, 2) / sqrt 3 = 2.48414 times d.
fn with_interval(low: f64, high: f64) -> Results {
    let (middle, reach) = (f64::midpoint(low, high), (high - low) / 2.0 / 2.484_137_7);
    let value = |seed: u64| middle + (seed as f64 - 1.0) * reach;
    results(&[0, 1, 2].map(|seed| (seed, [value(seed); 2], [0.0; 2])))
}

/// Every form, with intervals inside, outside and across; three equal numbers are at the
/// edge itself.
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
    for (criterion, low, high, expected) in [
        (near, 0.51, 1.49, "confirmed"),
        (near, 0.9, 1.0, "confirmed"),
        (near, 1.4, 1.6, "undecided"),
        (near, 0.0, 2.0, "undecided"),
        (near, 1.6, 1.7, "refuted"),
        (near, -1.0, 0.4, "refuted"),
        (near, 1.5, 1.5, "confirmed"),
        (factor, 0.51, 1.99, "confirmed"),
        (factor, 0.4, 0.6, "undecided"),
        (factor, 2.1, 3.0, "refuted"),
        (Criterion::AtLeast(1.0), 1.01, 2.0, "confirmed"),
        (Criterion::AtLeast(1.0), 0.9, 2.0, "undecided"),
        (Criterion::AtLeast(1.0), 0.5, 0.9, "refuted"),
        (Criterion::AtLeast(1.0), 1.0, 1.0, "confirmed"),
        (Criterion::AtMost(1.0), 0.5, 0.99, "confirmed"),
        (Criterion::AtMost(1.0), 0.5, 1.1, "undecided"),
        (Criterion::AtMost(1.0), 1.1, 1.2, "refuted"),
        (Criterion::Above(0.0), 0.1, 0.2, "confirmed"),
        (Criterion::Above(0.0), -0.1, 0.2, "undecided"),
        (Criterion::Above(0.0), -0.2, -0.1, "refuted"),
        (Criterion::Above(0.0), 0.0, 0.0, "refuted"),
        (Criterion::Below(0.0), -0.2, -0.1, "confirmed"),
        (Criterion::Below(0.0), 0.0, 0.0, "refuted"),
        (Criterion::Below(-0.5), -0.9, -0.4, "undecided"),
    ] {
        let claim = claim(vec![term(false, 0, "e")], Classes::Mean, criterion);
        let tested = judged(&claim, &[&with_interval(low, high)]);
        let ends = tested
            .observed
            .and_then(|one| one.low.zip(one.high))
            .unwrap();
        assert!(
            (ends.0 - low).abs() + (ends.1 - high).abs() < 1e-5,
            "{ends:?}"
        );
        assert_eq!(
            tested.verdict.word(),
            expected,
            "{criterion:?} {low} {high}"
        );
    }
}

/// Fewer than three trainings decide nothing, however the claim is spelt; their mean is as
/// claimed or not.
#[test]
fn a_mean_without_an_interval_decides_nothing() {
    let near = |within| Criterion::Near { value: 1.0, within };
    for (criterion, mean, expected) in [
        (near(Within::Distance(0.5)), 1.5, "as claimed"),
        (near(Within::Distance(0.5)), 1.6, "contrary"),
        (near(Within::Factor(2.0)), 2.0, "as claimed"),
        (near(Within::Factor(2.0)), 2.1, "contrary"),
        (Criterion::AtLeast(1.0), 1.0, "as claimed"),
        (Criterion::AtMost(1.0), 1.1, "contrary"),
        (Criterion::Above(1.0), 1.0, "contrary"),
        (Criterion::Below(1.0), 0.9, "as claimed"),
    ] {
        for (seeds, why) in [(1, "1 training"), (2, "2 trainings")] {
            let seeds: Vec<_> = (0..seeds).map(|seed| (seed, [mean; 2], [0.0; 2])).collect();
            let claim = claim(vec![term(false, 0, "e")], Classes::Mean, criterion);
            let got = judge_claims("s", &[claim], &[member(&results(&seeds))]).remove(0);
            assert_eq!((got.verdict.word(), got.why.as_str()), (expected, why));
            assert_eq!((got.p, got.corrected_p, got.family), (None, None, 0));
        }
    }
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
        statement: Statement::Mean(criterion),
        reading: None,
        about: About::Rows,
        threshold: None,
    }
}

fn member(results: &Results) -> ExperimentResults<'_> {
    ExperimentResults {
        label: "x".to_owned(),
        varies: "initial weights".to_owned(),
        extended: String::new(),
        poor_judges: String::new(),
        results: Ok(results),
    }
}

/// Result of the metric `m` of a claim.
fn judged(claim: &Claim, members: &[&Results]) -> MetricResult {
    let members: Vec<ExperimentResults<'_>> = members.iter().map(|one| member(one)).collect();
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
        varies: String::new(),
        extended: String::new(),
        poor_judges: String::new(),
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
        judge_claims("s", &[claim], &[member(&results)])
            .remove(0)
            .verdict
    };
    let (yes, no, maybe) = (&[1.0; 3], &[0.0; 3], &[0.0, 1.0, 0.5]);
    assert_eq!(verdict(yes, yes), Verdict::Confirmed);
    assert_eq!(verdict(no, no), Verdict::Refuted);
    assert_eq!(
        verdict(yes, no),
        Verdict::Undecided(UndecidedReason::Disagree)
    );
    // 0, 1 and 0.5 have their mean at the edge, which no number of them leaves.
    let open = || {
        let (trainings, more) = (3, None);
        Verdict::Undecided(UndecidedReason::Open { trainings, more })
    };
    assert_eq!(verdict(yes, maybe), open());
    assert_eq!(verdict(maybe, maybe), open());
    let missing = &[f64::NAN, 1.0, 1.0];
    assert_eq!(
        verdict(yes, missing),
        Verdict::Undecided(UndecidedReason::NoValue)
    );
    for (n, point) in [(1.0, PointEstimate::AsClaimed), (0.0, PointEstimate::Mixed)] {
        let trainings = 2;
        let few = Verdict::Point { point, trainings };
        assert_eq!(verdict(&[1.0; 2], &[n; 2]), few);
    }
}

/// Student's interval for 0.9, 1 and 1 ends at 1.11; a probability stays below 1.
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
    let high = most.observed.unwrap().high.unwrap();
    assert!((0.99..1.0).contains(&high), "{high}");
    assert_eq!(most.verdict, Verdict::Confirmed);
    let apart = vec![term(false, 0, "f"), term(true, 0, "e")];
    let apart = tested(apart, Criterion::AtLeast(-1.0));
    let low = apart.observed.unwrap().low.unwrap();
    assert!((-1.0..-0.99).contains(&low), "{low}");
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
