//! Kinds of claims, and the origin of their numbers.

use super::*;
use crate::claims::{Printed, Threshold};

#[test]
fn a_claim_about_the_method_needs_other_rows() {
    let method = format!("{GOOD}\nabout = \"method\"");
    has_fault(
        &method,
        "`claim.0.about` is \"method\", but all trainings have the same rows",
    );
    let share = format!("{GOOD}\nkind = \"share\"\nabout = \"method\"");
    let shown = claims(&share).unwrap_err();
    let expected = "`claim.0.about` has no meaning unless the claim is about a mean";
    assert!(shown.contains(expected), "{shown}");
    let spec = SPEC.replace("per_class = 20", "per_class = 20\nresample = \"bootstrap\"");
    let text = format!("{spec}\n[[claim]]\nsays = \"so\"\n{method}\n");
    let study = StudySpec::parse("small.toml", &text, &[]).unwrap();
    assert_eq!(study.claims[0].about, About::Method);
}

/// A faulty draw of rows is one fault, not also a claim without a draw.
#[test]
fn a_faulty_draw_is_the_only_fault() {
    for faulty in [
        "\"bootstrp\"",
        "{ kind = \"subsample\", fraction = 2 }",
        "7",
    ] {
        let draw = format!("per_class = 20\nresample = {faulty}");
        let spec = SPEC.replace("per_class = 20", &draw);
        let text = format!("{spec}\n[[claim]]\nsays = \"so\"\n{GOOD}\nabout = \"method\"\n");
        let shown = StudySpec::parse("small.toml", &text, &[])
            .unwrap_err()
            .to_string();
        assert!(shown.contains("data.resample"), "{shown}");
        assert!(!shown.contains("claim"), "{shown}");
    }
}

/// An index may be near a value in a share of trainings, but has no order.
#[test]
fn claims_about_an_index_ask_how_many_trainings_have_one() {
    let which = "metric = \"heaviest_input\"\nkind = \"share\"\nnear = 9\nwithin = 0";
    assert!(claims(which).is_ok());
    for lines in [
        which.replace("kind = \"share\"\n", ""),
        "metric = \"heaviest_input\"\nkind = \"share\"\nat_least = 9".to_owned(),
        "metric = \"heaviest_input\"\nkind = \"published\"\nprinted = \"9\"".to_owned(),
        "metric = [\"largest_bias\", \"heaviest_input\"]\nat_most = 9".to_owned(),
    ] {
        has_fault(
            &lines,
            "`claim.0.metric` names \"heaviest_input\", an index, which has no mean",
        );
    }
}

#[test]
fn every_kind_of_statement_is_read() {
    let one = |lines: &str| claims(lines).unwrap().remove(0);
    let share = one(&format!("{GOOD}\nkind = \"share\""));
    let criterion = Criterion::AtMost(1.0);
    assert_eq!(
        share.statement,
        Statement::Share {
            criterion,
            least: 0.5
        }
    );
    let share = one(&format!(
        "{GOOD}\nkind = \"share\"\nshare = 0.9\nabout = \"rows\""
    ));
    assert_eq!(
        share.statement,
        Statement::Share {
            criterion,
            least: 0.9
        }
    );
    assert_eq!(share.about, About::Rows);
    let published = "metric = \"train_accuracy\"\nkind = \"published\"\nprinted = \"0.9400\"";
    let printed = Printed {
        value: 0.94,
        half_digit: 0.00005,
    };
    assert_eq!(one(published).statement, Statement::Published(printed));
    let code = one(&format!(
        "{GOOD}\nreading = \"code\"\nthreshold = \"source\""
    ));
    assert_eq!(code.reading, Some(SourcePart::Code));
    assert_eq!(code.threshold, Some(Threshold::Source));
    let ours = one(&format!(
        "{GOOD}\nsource = \"x\"\nthreshold = {{ ours = \"half\" }}"
    ));
    assert_eq!(ours.threshold, Some(Threshold::Ours("half".to_owned())));
    let other = "source = \"x\"\nmetric = \"l1_distance\"\nof = \"empirical\"\n\
                 above = \"analytical\"";
    assert_eq!(one(other).threshold, None, "no number, no origin");
}

#[test]
fn a_number_of_a_sentence_has_an_origin_and_a_kind_its_keys() {
    let published = "metric = \"train_accuracy\"\nkind = \"published\"";
    for (lines, expected) in [
        (
            format!("{GOOD}\nsource = \"x\""),
            "`claim.0.threshold` is missing: where is the number of the claim from?",
        ),
        (
            format!("{GOOD}\nthreshold = \"ours\""),
            "`claim.0.threshold` must be `source`, got \"ours\" (or `{ ours = \"why\" }`)",
        ),
        (
            format!("{GOOD}\nthreshold = {{ ours = \" \" }}"),
            "`claim.0.threshold.ours` must be a line of text",
        ),
        (
            format!("{GOOD}\nthreshold = {{ ours = \"half\", why = 1 }}"),
            "unknown key `claim.0.threshold.why`",
        ),
        (
            GOOD.replace(
                "at_most = 1",
                "above = \"analytical\"\nthreshold = \"source\"",
            ),
            "`claim.0.threshold` has no meaning: the claim has no number of its own",
        ),
        (
            format!("{GOOD}\nreading = \"codes\""),
            "`claim.0.reading` must be `text` or `code`, got \"codes\"; did you mean `code`?",
        ),
        (
            format!("{GOOD}\nkind = \"shares\""),
            "`claim.0.kind` must be `mean`, `share` or `published`",
        ),
        (
            "metric = [\"largest_bias\", \"train_loss\"]\nkind = \"share\"\nat_most = 1".to_owned(),
            "`claim.0.metric` must be a single one unless the claim is about a mean",
        ),
        (
            format!("{GOOD}\nshare = 0.5"),
            "`claim.0.share` has no meaning without `kind = \"share\"`",
        ),
        (
            format!("{GOOD}\nkind = \"share\"\nshare = 0"),
            "`claim.0.share` must be above 0",
        ),
        (
            format!("{GOOD}\nkind = \"share\"\nshare = 1.1"),
            "`claim.0.share` must be a share above 0, at most 1, got 1.1",
        ),
        (
            format!("{GOOD}\nprinted = \"1\""),
            "`claim.0.printed` has no meaning without `kind = \"published\"`",
        ),
        (
            published.to_owned(),
            "`claim.0.printed` is missing: the number that the source prints",
        ),
        (
            format!("{published}\nprinted = \"about 90\""),
            "`claim.0.printed` must be a number such as `\"0.9428\"`, got \"about 90\"",
        ),
        (
            format!("{published}\nprinted = 0.94"),
            "`claim.0.printed` must be a number in quotation marks",
        ),
        (
            format!("{published}\nprinted = \"1\"\nat_least = 1"),
            "`claim.0.at_least` has no meaning with `kind = \"published\"`",
        ),
        (
            format!("{GOOD}\nabout = \"the method\""),
            "`claim.0.about` must be `rows` or `method`",
        ),
    ] {
        has_fault(&lines, expected);
    }
}
