use super::*;
use crate::claims::{Criterion, Statement, Within};
use crate::config::StudySpec;
use crate::data::Label;

mod kinds;

const SPEC: &str = include_str!("../../../tests/suite/small.toml");

/// The claims of the small spec with these lines in a claim.
fn claims(lines: &str) -> Result<Vec<Claim>, String> {
    let text = format!("{SPEC}\n[[claim]]\nsays = \"so\"\n{lines}\n");
    let study = StudySpec::parse("small.toml", &text, &[]);
    study
        .map(|study| study.claims)
        .map_err(|error| error.to_string())
}

fn term(subtracted: bool, inversion: &str) -> Term {
    Term {
        subtracted,
        experiment: 0,
        inversion: inversion.to_owned(),
        setting: String::new(),
        with: String::new(),
        epoch: None,
    }
}

#[test]
fn every_form_of_claim_is_read() {
    let one = |lines: &str| claims(lines).unwrap().remove(0);
    let near = one("metric = \"train_accuracy\"\nnear = 0.9\nwithin = 0.01");
    assert_eq!(
        near,
        Claim {
            says: "so".to_owned(),
            source: None,
            metrics: vec!["train_accuracy".to_owned()],
            terms: vec![term(false, "")],
            classes: Classes::Mean,
            statement: Statement::Mean(Criterion::Near {
                value: 0.9,
                within: Within::Distance(0.01)
            }),
            reading: None,
            about: About::Rows,
            threshold: None,
        }
    );
    let factor = "metric = \"train_loss\"\nepoch = 1\nnear = 0.5\nwithin = { factor = 2 }";
    let factor = one(factor);
    let within = Within::Factor(2.0);
    assert_eq!(
        factor.statement,
        Statement::Mean(Criterion::Near { value: 0.5, within })
    );
    assert_eq!(factor.statement.text(), "0.5 × or ÷ 2");
    assert_eq!(factor.terms[0].epoch, Some(1));
    let falls = one("metric = \"train_loss\"\nbelow = { epoch = 1 }");
    let epochs: Vec<Option<usize>> = falls.terms.iter().map(|term| term.epoch).collect();
    assert_eq!(epochs, [None, Some(1)]);
    let least =
        one("metric = \"l1_distance\"\nof = \"empirical\"\nat_least = 3\nclasses = \"lowest\"");
    assert_eq!(least.statement, Statement::Mean(Criterion::AtLeast(3.0)));
    assert_eq!(least.classes, Classes::Lowest);
    let some = one("metric = \"l1_distance\"\nof = \"empirical\"\nat_least = 3\nclasses = [2, 0]");
    assert_eq!(some.classes, Classes::Of([2, 0].map(Label::Number).into()));
    let both = one(
        "metric = [\"legibility_conv\", \"legibility_knn\"]\nof = \"empirical\"\nat_most = 0.5",
    );
    assert_eq!(both.metrics, ["legibility_conv", "legibility_knn"]);
    assert_eq!(both.statement, Statement::Mean(Criterion::AtMost(0.5)));
    let above = one("metric = \"l1_distance\"\nof = \"empirical\"\nabove = \"analytical\"");
    assert_eq!(
        above.terms,
        [term(false, "empirical"), term(true, "analytical")]
    );
    assert_eq!(above.statement, Statement::Mean(Criterion::Above(0.0)));
    let by = "below = { of = \"analytical\", by = 0.5 }";
    let below = one(&format!(
        "metric = \"l1_distance\"\nof = \"empirical\"\n{by}"
    ));
    assert_eq!(below.statement, Statement::Mean(Criterion::Below(-0.5)));
    let below = one("metric = \"l1_distance\"\nof = \"empirical\"\nbelow = \"analytical\"");
    assert_eq!(below.statement.text(), "below 0");
    let minus =
        one("metric = \"l1_distance\"\nof = \"empirical\"\nminus = \"analytical\"\nat_least = 1");
    assert_eq!(minus.terms, above.terms);
    let pair =
        one("metric = \"overlap\"\nof = \"empirical\"\nwith = \"analytical\"\nat_most = 0.2");
    assert_eq!(pair.terms[0].with, "analytical");
}

const GOOD: &str = "metric = \"l1_distance\"\nof = \"empirical\"\nat_most = 1";

/// Holds that these lines have one fault, which says so.
fn has_fault(lines: &str, expected: &str) {
    let shown = claims(lines).expect_err(lines);
    assert!(shown.contains(expected), "{expected}\n{shown}");
    assert!(shown.starts_with("small.toml has 1 fault\n"), "{shown}");
}

#[test]
fn epochs_and_factors_that_make_no_sense_are_faults() {
    let good = GOOD;
    for (lines, expected) in [
        (
            good.replace("at_most = 1", "near = 1\nwithin = \"2\""),
            "`claim.0.within` must be a number of at least 0, or `{ factor = 2.0 }`, got \"2\"",
        ),
        (
            good.replace("at_most = 1", "near = 1\nwithin = { factor = 0.5 }"),
            "`claim.0.within.factor` must be a number of at least 1, got 0.5",
        ),
        (
            good.replace(
                "at_most = 1",
                "near = 1\nwithin = { times = 2, factor = 2 }",
            ),
            "unknown key `claim.0.within.times`",
        ),
        (
            good.replace("at_most = 1", "near = -1\nwithin = { factor = 2 }"),
            "`claim.0.near` must be above 0, as `within` is a factor",
        ),
        (
            format!("{good}\nepoch = 1"),
            "`claim.0.epoch` has no meaning for `l1_distance`",
        ),
        (
            "metric = [\"train_loss\", \"largest_bias\"]\nat_most = 1\nepoch = 1".to_owned(),
            "`claim.0.epoch` has no meaning for `largest_bias`: it is no column of `accuracy.csv`",
        ),
        (
            "metric = \"train_loss\"\nat_most = 1\nepoch = 0".to_owned(),
            "`claim.0.epoch` is epoch 0, but epochs are counted from 1",
        ),
        (
            "metric = \"train_loss\"\nbelow = { epoch = 0 }".to_owned(),
            "`claim.0.below` is epoch 0, but epochs are counted from 1",
        ),
        (
            "metric = \"train_loss\"\nat_most = 1\nepoch = -1".to_owned(),
            "`claim.0.epoch` must be the number of an epoch, got -1",
        ),
        (
            "metric = \"train_loss\"\nepoch = 1\nbelow = { epoch = 1 }".to_owned(),
            "names the same number that the claim is about",
        ),
    ] {
        has_fault(&lines, expected);
    }
}

#[test]
fn faults_are_told_with_the_nearest_name() {
    let faults = |lines: &str| claims(lines).expect_err(lines);
    let good = GOOD;
    assert!(claims(good).is_ok());
    for (lines, expected) in [
        (
            good.replace("l1_distance", "l1_distanse"),
            "did you mean `l1_distance`?",
        ),
        (
            good.replace("\"empirical\"", "\"empirisal\""),
            "did you mean `empirical`?",
        ),
        (
            good.replace("at_most = 1", "above = \"analitical\""),
            "`claim.0.above` names \"analitical\", but the inversions there are `empirical` or `analytical`; did you mean `analytical`?",
        ),
        (good.replace("at_most = 1", ""), "must have one of `near`"),
        (format!("{good}\nat_least = 0"), "and has 2"),
        (
            good.replace("at_most = 1", "near = 1"),
            "`claim.0.within` and `near` need each other",
        ),
        (
            good.replace("at_most = 1", "above = \"empirical\""),
            "names the same number that the claim is about",
        ),
        (
            good.replace("of = \"empirical\"\n", ""),
            "`claim.0.of` is missing: `l1_distance` is one of inverses",
        ),
        (
            good.replace("l1_distance", "train_loss"),
            "`claim.0.of` has no meaning for `train_loss`",
        ),
        (
            good.replace("l1_distance", "overlap"),
            "`claim.0.with` is missing",
        ),
        (
            format!("{good}\nsetting = 3"),
            "`claim.0.setting` has no meaning: `empirical` is not swept",
        ),
        (
            format!("{good}\nin = \"slp\""),
            "`claim.0.in` has no meaning: the spec is of one experiment",
        ),
        (
            good.replace("\"l1_distance\"", "[\"l1_distance\", \"train_loss\"]"),
            "must name numbers of one kind",
        ),
        (
            good.replace("at_most = 1", "above = 3"),
            "(numbers go to `at_least` and `at_most`)",
        ),
        (
            "metric = \"train_loss\"\nat_most = 1\nclasses = \"lowest\"".to_owned(),
            "`claim.0.classes` has no meaning for `train_loss`",
        ),
        (
            good.replace("l1_distance", "overlap") + "\nwith = \"empirical\"",
            "`claim.0.with` is \"empirical\", as `of` is",
        ),
        (
            format!("{good}\nclasses = \"highst\""),
            "such as `[3, 4]`, got \"highst\"; did you mean `highest`?",
        ),
    ] {
        has_fault(&lines, expected);
    }
    // All of them at once.
    let shown = faults("metric = \"l1_distanse\"\nof = \"empirisal\"\nwhat = 1\nat_most = 1");
    for expected in [
        "3 faults",
        "`l1_distance`?",
        "`empirical`?",
        "unknown key `claim.0.what`",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    let shown = faults(&good.replace("at_most", "atmost"));
    assert!(shown.contains("did you mean `at_most`?"), "{shown}");
}

#[test]
fn classes_that_are_named_are_there() {
    let good = "metric = \"l1_distance\"\nof = \"empirical\"\nat_most = 1";
    for (lines, expected) in [
        (
            format!("{good}\nclasses = [7, 1, 9]"),
            "`claim.0.classes` names [7, 9], but `data.classes` is [0, 1, 2]",
        ),
        (
            good.replace("at_most = 1", "above = \"analytical\"\nclasses = [3]"),
            "names [3], but `data.classes` is [0, 1, 2]",
        ),
        (
            format!("{good}\nclasses = [1, 1]"),
            "or a list of different labels, such as `[3, 4]`, got [1, 1]",
        ),
        (
            format!("{good}\nclasses = []"),
            "or a list of different labels, such as `[3, 4]`, got []",
        ),
        (
            format!("{good}\nclasses = 3"),
            "or a list of different labels, such as `[3, 4]`, got 3",
        ),
    ] {
        let shown = claims(&lines).expect_err(&lines);
        assert!(shown.contains(expected), "{expected}\n{shown}");
        assert!(shown.starts_with("small.toml has 1 fault\n"), "{shown}");
    }
}

#[test]
fn a_claim_names_what_is_measured_and_which_setting() {
    let less = format!("metrics = [\"l1_distance\"]\n{SPEC}\n[[claim]]\nsays = \"so\"\n");
    let parse = |text: &str| StudySpec::parse("small.toml", text, &[]);
    let claim = "of = \"empirical\"\nat_most = 1\n";
    let measured = parse(&format!("{less}metric = \"l1_distance\"\n{claim}"));
    assert_eq!(measured.unwrap().claims.len(), 1);
    let other = parse(&format!("{less}metric = \"l2_distance\"\n{claim}"));
    let shown = other.unwrap_err().to_string();
    assert!(shown.contains("which is not measured"), "{shown}");

    let swept = format!(
        "{SPEC}\n[sweep]\ninvert.empirical.pixels = [10, 20]\n[[claim]]\nsays = \"so\"\n\
         metric = \"l1_distance\"\n{claim}"
    );
    let shown = parse(&swept).unwrap_err().to_string();
    assert!(
        shown.contains("which is swept: `setting` is missing"),
        "{shown}"
    );
    let study = parse(&format!("{swept}setting = 20\n")).unwrap();
    assert_eq!(study.claims[0].terms[0].setting, "20");
    let pair = swept.replace("l1_distance", "overlap");
    let pair = parse(&format!("{pair}setting = 20\nwith = \"analytical\"\n"));
    let shown = pair.unwrap_err().to_string();
    assert!(shown.contains("there are no pairs of it"), "{shown}");
    let shown = parse(&format!("{swept}setting = 21\n"))
        .unwrap_err()
        .to_string();
    assert!(shown.contains("`empirical` has `10` or `20`"), "{shown}");
}

/// Two experiments of a sweep: the difference of one above that of the other.
#[test]
fn claims_about_several_experiments_say_which() {
    let text = |claim: &str| {
        format!(
            "{SPEC}\n[sweep]\ntrain.epochs = [1, 2]\n[[claim]]\nsays = \"so\"\n\
             metric = \"l1_distance\"\nof = \"empirical\"\n{claim}\n"
        )
    };
    let parse = |claim: &str| StudySpec::parse("small.toml", &text(claim), &[]);
    let study = parse(
        "in = \"train.epochs=1\"\nminus = \"analytical\"\nabove = { in = \"train.epochs=2\" }",
    );
    let terms = study.unwrap().claims.remove(0).terms;
    let told: Vec<_> = terms
        .iter()
        .map(|term| (term.subtracted, term.experiment, term.inversion.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (false, 0, "empirical"),
            (true, 0, "analytical"),
            (true, 1, "empirical"),
            (false, 1, "analytical"),
        ]
    );
    for (claim, expected) in [
        (
            "at_most = 1",
            "`claim.0.in` is missing; it must be `train.epochs=1`",
        ),
        (
            "in = \"train.epochs=3\"\nat_most = 1",
            "did you mean `train.epochs=1`?",
        ),
        (
            "in = \"train.epochs=1\"\nabove = { in = \"train.epoch=2\" }",
            "did you mean `train.epochs=2`?",
        ),
    ] {
        let shown = parse(claim).unwrap_err().to_string();
        assert!(shown.contains(expected), "{expected}\n{shown}");
        assert!(shown.starts_with("small.toml has 1 fault\n"), "{shown}");
    }
}

#[test]
fn a_claim_sets_two_experiments_against_each_other_not_three() {
    let text = format!(
        "{SPEC}\n[sweep]\ntrain.epochs = [1, 2, 3]\n[[claim]]\nsays = \"so\"\n\
         metric = \"l1_distance\"\nof = \"empirical\"\nin = \"train.epochs=1\"\n\
         minus = {{ in = \"train.epochs=2\" }}\nabove = {{ in = \"train.epochs=3\" }}\n"
    );
    let shown = StudySpec::parse("small.toml", &text, &[]).unwrap_err();
    let expected = "`claim.0` sets more than two experiments against each other";
    assert!(shown.to_string().contains(expected), "{shown}");
}

#[test]
fn the_command_line_does_not_change_what_a_source_says() {
    let sets = ["claim.at_most=3".to_owned()];
    let shown = StudySpec::parse("small.toml", SPEC, &sets).unwrap_err();
    assert!(
        shown
            .to_string()
            .contains("claims are what the source says")
    );
}
