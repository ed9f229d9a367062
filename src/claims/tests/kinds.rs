//! Kinds of claims, readings and the correction for several, by hand.

use super::super::evidence::IntervalOf;
use super::*;
use crate::report::{Measurement, summary};

fn of_network(metric: &str, values: &[Option<f64>]) -> Results {
    let replicate = |(seed, value): (u64, &Option<f64>)| {
        (seed, vec![Measurement::of_network(metric, *value, "x")])
    };
    in_memory(&(0..).zip(values).map(replicate).collect::<Vec<_>>())
}

fn about_network(metric: &str, statement: Statement) -> Claim {
    Claim {
        metrics: vec![metric.to_owned()],
        statement,
        ..claim(
            vec![term(false, 0, "")],
            Classes::Mean,
            Criterion::AtLeast(0.0),
        )
    }
}

fn result(claim: &Claim, results: &Results) -> ClaimResult {
    judge_claims("s", std::slice::from_ref(claim), &[member(results)]).remove(0)
}

/// The lower end of n of n is the n-th root of 0.025; with 0 of 5 the upper end is
/// 1 - 0.025^(1/5) = 0.52, with 0 of 6 it is 0.459.
#[test]
fn a_share_is_refuted_or_not_and_never_confirmed() {
    let least = 0.5;
    let criterion = Criterion::AtLeast(1.0);
    let statement = Statement::Share { criterion, least };
    let claim = about_network("largest_bias", statement);
    let of = |yes: usize, no: usize| {
        let values = [vec![Some(2.0); yes], vec![Some(0.0); no]].concat();
        let got = result(&claim, &of_network("largest_bias", &values));
        (got.verdict.word(), got.why)
    };
    let told = |text: &str| ("not refuted", text.to_owned());
    assert_eq!(of(10, 0), told("10 of 10 trainings (at least 0.69)"));
    assert_eq!(of(3, 2), told("3 of 5 trainings (at least 0.15)"));
    assert_eq!(of(0, 5).0, "not refuted");
    assert_eq!(of(0, 6), ("refuted", String::new()));
    assert_eq!(of(2, 0), ("as claimed", "2 trainings".to_owned()));
    assert_eq!(of(0, 1), ("contrary", "1 training".to_owned()));
}

/// 1 to 5: mean 3, s = sqrt 2.5, one further training within 3 +- 2.776445 sqrt(2.5 * 1.2)
/// = 3 +- 4.809. Without bounds, so that the scale is linear.
#[test]
fn a_published_number_is_one_that_a_further_training_could_give() {
    let values = [1.0, 2.0, 3.0, 4.0, 5.0].map(Some);
    let verdict = |printed: &str| {
        let printed = Statement::Published(Printed::parse(printed).unwrap());
        result(&about_network("m", printed), &of_network("m", &values))
    };
    let inside = verdict("7.8");
    assert_eq!(inside.verdict, Verdict::Consistent);
    let observed = inside.tests[0].observed.unwrap();
    assert!(
        (observed.high.unwrap() - 7.808_943).abs() < 1e-5,
        "{observed:?}"
    );
    assert_eq!(inside.tests[0].interval, Some(IntervalOf::Training));
    // Half of the last digit counts: 8 could be 7.5.
    assert_eq!(verdict("8").verdict, Verdict::Consistent);
    assert_eq!(verdict("7.9").verdict, Verdict::Inconsistent);
    assert_eq!(verdict("-2.0").verdict, Verdict::Inconsistent);
    let few = of_network("m", &values[..2]);
    let printed = Statement::Published(Printed::parse("9").unwrap());
    let few = result(&about_network("m", printed), &few);
    assert_eq!(few.why, "cannot tell: a range of trainings needs 3");
    assert_eq!(few.tests[0].observed.unwrap().mean, 1.5);
}

#[test]
fn an_interval_of_half_of_what_is_possible_says_nothing() {
    let values = [0.2, 0.9, 0.5].map(Some);
    let printed = Statement::Published(Printed::parse("0.5").unwrap());
    let claim = about_network("test_accuracy", printed);
    let got = result(&claim, &of_network("test_accuracy", &values));
    assert_eq!(got.verdict.word(), "undecided");
    assert!(got.why.starts_with("cannot tell: "), "{}", got.why);
}

/// Epochs 40 to 60 in ten trainings, one of which never gets there.
#[test]
fn epochs_are_judged_by_their_order() {
    let mut values: Vec<Option<f64>> = (0..9).map(|i| Some(40.0 + f64::from(i))).collect();
    values.push(None);
    let results = of_network("first_perfect_epoch", &values);
    let verdict = |printed: &str| {
        let printed = Statement::Published(Printed::parse(printed).unwrap());
        result(&about_network("first_perfect_epoch", printed), &results)
    };
    let observed = verdict("45").tests[0].observed.unwrap();
    assert_eq!(
        (observed.mean, observed.low, observed.high),
        (44.5, Some(40.0), None)
    );
    assert_eq!(verdict("45").verdict, Verdict::Consistent);
    // The one that does not get there is later than any.
    assert_eq!(verdict("90").verdict, Verdict::Consistent);
    let early = verdict("30");
    assert_eq!(
        early.why,
        "cannot tell: outside the range of 10 trainings; 39 are needed to be sure"
    );
    assert!((early.p.unwrap() - 1.0 / 11.0).abs() < 1e-12);
    // As a mean, a missing epoch is missing.
    let mean = Statement::Mean(Criterion::AtMost(90.0));
    let mean = result(&about_network("first_perfect_epoch", mean), &results);
    assert_eq!(mean.verdict, Verdict::Undecided(UndecidedReason::NoValue));
    let criterion = Criterion::AtMost(90.0);
    let share = Statement::Share {
        criterion,
        least: 0.5,
    };
    let share = result(&about_network("first_perfect_epoch", share), &results);
    assert_eq!(share.why, "9 of 10 trainings (at least 0.55)");
}

/// An index has a share, and nothing else.
#[test]
fn most_trainings_have_the_same_index() {
    let criterion = Criterion::Near {
        value: 9.0,
        within: Within::Distance(0.0),
    };
    let statement = Statement::Share {
        criterion,
        least: 0.5,
    };
    let claim = about_network("heaviest_input", statement);
    let values = [9.0, 9.0, 9.0, 3.0].map(Some);
    let got = result(&claim, &of_network("heaviest_input", &values));
    assert_eq!(got.why, "3 of 4 trainings (at least 0.19)");
}

/// A statement on a method has the interval of one further training: t s sqrt(1 + 1/n).
#[test]
fn a_statement_on_the_method_is_wider_than_one_on_these_rows() {
    let results = with_interval(1.0, 3.0);
    let on_rows = claim(
        vec![term(false, 0, "e")],
        Classes::Mean,
        Criterion::AtLeast(0.5),
    );
    assert_eq!(judged(&on_rows, &[&results]).verdict, Verdict::Confirmed);
    let about = About::Method;
    let on_method = Claim { about, ..on_rows };
    let tested = judged(&on_method, &[&results]);
    let half = tested.observed.unwrap().high.unwrap() - 2.0;
    assert!(
        (half - 2.0).abs() < 1e-5,
        "sqrt(1 + 1/3) / sqrt(1/3) = 2: {half}"
    );
    assert_eq!(tested.verdict.word(), "undecided");
}

/// Numbers that agree have the standard deviation of their resolution: shares of pixels are
/// told apart by 0.002.
#[test]
fn agreement_is_no_certainty() {
    let same = |value: f64| {
        let values =
            [0, 1, 2, 3].map(|seed| (seed, vec![measurement("e", "out_of_range", 0, value)]));
        in_memory(&values)
    };
    let at_least = |bound: f64| Claim {
        metrics: vec!["out_of_range".to_owned()],
        ..claim(
            vec![term(false, 0, "e")],
            Classes::Mean,
            Criterion::AtLeast(bound),
        )
    };
    let observed = judged(&at_least(0.4), &[&same(0.5)]).observed.unwrap();
    // 3.182446 * 0.002 / 2, on a scale that is nearly linear here.
    assert!(
        (observed.high.unwrap() - 0.503_182).abs() < 1e-5,
        "{observed:?}"
    );
    let verdict = |bound: f64| judged(&at_least(bound), &[&same(0.5)]).verdict.word();
    assert_eq!(
        [0.49, 0.499, 0.501, 0.51].map(verdict),
        ["confirmed", "undecided", "undecided", "refuted"]
    );
    assert_eq!(verdict(0.5), "confirmed", "the edge itself, exactly");
    // Near a bound, where a logit's scale would stretch the resolution to everything.
    let near_zero = judged(&at_least(0.01), &[&same(1e-8)]);
    let high = near_zero.observed.unwrap().high.unwrap();
    assert!((high - 0.003_182).abs() < 1e-5, "{high}");
    assert_eq!(near_zero.observed.unwrap().low, Some(0.0));
    assert_eq!(near_zero.verdict, Verdict::Refuted);
}

/// A table of means has the interval that the verdict goes by, whether trainings differ, agree,
/// or agree at a bound.
#[test]
fn summaries_have_the_intervals_of_the_ledger() {
    for values in [[0.5; 3], [0.0; 3], [1e-8; 3], [0.2, 0.3, 0.7]] {
        let values = (0..).zip(values);
        let of_seed = |(seed, value)| (seed, vec![measurement("e", "out_of_range", 0, value)]);
        let results = in_memory(&values.map(of_seed).collect::<Vec<_>>());
        let claim = Claim {
            metrics: vec!["out_of_range".to_owned()],
            ..claim(
                vec![term(false, 0, "e")],
                Classes::Mean,
                Criterion::AtLeast(0.4),
            )
        };
        let observed = judged(&claim, &[&results]).observed.unwrap();
        let rows = summary(&results);
        assert_eq!((rows[0].low, rows[0].high), (observed.low, observed.high));
        assert!(rows[0].low < rows[0].high, "{rows:?}");
    }
}

/// Mean 1 +- 1.1 of three trainings: with the same spread a fourth decides.
#[test]
fn an_open_claim_says_how_many_trainings_would_decide_it() {
    let open = |low: f64| {
        let claim = claim(
            vec![term(false, 0, "e")],
            Classes::Mean,
            Criterion::Above(0.0),
        );
        result(&claim, &with_interval(low, 2.0 - low)).verdict
    };
    let expected = |more| {
        let trainings = 3;
        Verdict::Undecided(UndecidedReason::Open { trainings, more })
    };
    assert_eq!(open(-0.1), expected(Some(1)));
    assert_eq!(
        open(-0.1).why(),
        "open after 3 trainings; about 1 more would decide it"
    );
    assert_eq!(open(-10.0), expected(None));
    assert!(
        open(-10.0)
            .why()
            .starts_with("too close: open after 3 trainings")
    );
}

/// One of four claims of a source is just significant alone. Holm's method multiplies the
/// smallest p by four; claims without a test do not count, nor do those of other sources.
#[test]
fn a_claim_pays_for_the_others_of_its_source() {
    let claims = |sources: [&str; 4]| {
        let claim = |source: &str| Claim {
            source: Some(source.to_owned()),
            ..claim(
                vec![term(false, 0, "e")],
                Classes::Mean,
                Criterion::AtLeast(0.0),
            )
        };
        sources.map(claim)
    };
    let results = with_interval(0.01, 2.0);
    let judge = |sources| judge_claims("s", &claims(sources), &[member(&results)]);
    let alone = judge(["A 2001, 1", "B 2002, 1", "C 2003, 1", "D"]);
    assert!(
        alone
            .iter()
            .all(|one| one.verdict == Verdict::Confirmed && one.family == 1)
    );
    let together = judge(["A 2001, 1", "A 2001, section 2", "A 2001", "A 2001: 4"]);
    for one in &together {
        assert_eq!((one.verdict.word(), one.family), ("undecided", 4));
        assert!((one.corrected_p.unwrap() - 4.0 * one.p.unwrap()).abs() < 1e-12);
    }
    let ruling = &together[0].tests[0].verdict;
    assert_eq!(*ruling, Verdict::Confirmed, "its own, uncorrected");
}

#[test]
fn a_sentence_with_two_verdicts_depends_on_the_reading() {
    let reading = |reading, bound| Claim {
        reading: Some(reading),
        ..claim(
            vec![term(false, 0, "e")],
            Classes::Mean,
            Criterion::AtLeast(bound),
        )
    };
    let results = with_interval(1.0, 2.0);
    let judge = |bound: f64| {
        let claims = [
            reading(SourcePart::Text, 0.0),
            reading(SourcePart::Code, bound),
        ];
        judge_claims("s", &claims, &[member(&results)])
    };
    assert!(judge(0.1).iter().all(|one| !one.depends_on_reading));
    let apart = judge(3.0);
    assert!(apart.iter().all(|one| one.depends_on_reading));
    assert_eq!(apart[1].verdict, Verdict::Refuted);
    assert!(
        ledger::text(&apart, false, &|_, text| text.to_owned())
            .contains("reading: code; the verdict depends on the reading")
    );
}
