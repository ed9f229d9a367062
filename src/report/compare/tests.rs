//! Comparisons of small results, made by hand.
use crate::data::Label;

use super::*;
use crate::report::fixture::results_of;
use serde_json::json;

fn l1(value: &str) -> String {
    format!("1,0,empirical,0,l1_distance,{value},logits\n")
}

/// Results with one accuracy a seed and these rows of metrics.
fn load(name: &str, columns: &str, replicates: &[(u64, &str, String)]) -> Results {
    let folder = results_of(&json!({}), columns, replicates);
    Results::load(name, folder.path(), crate::report::Tables::Numbers).unwrap()
}

fn shown(comparison: &ExperimentComparison) -> Vec<(&str, &str, f64, String)> {
    let mut shown = Vec::new();
    for row in &comparison.rows {
        let verdict = row.verdict.text().into_owned();
        shown.push((&*row.inversion, &*row.metric, row.difference.mean, verdict));
    }
    shown
}

#[test]
fn replicates_are_paired_by_seed_and_judged() {
    let a = [
        (0, "1,2,5,1", l1("1")),
        (1, "2,4,5,1", l1("2")),
        (2, "4,6,5,1", l1("4")),
    ];
    let b = [
        (0, "2,1.1,5,2", l1("2")),
        (1, "3.1,3,5,2", l1("0")),
        (2, "5,5,5,2", l1("6")),
    ];
    let a = load("a", "up_loss,down_loss,same_accuracy,other", &a);
    let b = load("b", "up_loss,down_loss,same_accuracy,other", &b);
    let comparison = compare(&a, &b);
    let got = shown(&comparison);
    assert_eq!(got[0].0, "");
    let verdicts: Vec<_> = got.iter().map(|row| (row.1, row.3.as_str())).collect();
    assert_eq!(
        verdicts,
        [
            ("up_loss", "higher"),
            ("down_loss", "lower"),
            ("same_accuracy", "no difference seen"),
            ("other", "undecided: no spread"),
            ("l1_distance", "no difference seen"),
        ]
    );
    assert_eq!(comparison.rows[2].difference.p, Some(1.0));
    assert_eq!(comparison.rows[4].unit, "logits");
    assert_eq!(
        (comparison.rows[4].a.n, &comparison.a.seeds[..]),
        (3, &[0, 1, 2][..])
    );
}

#[test]
fn one_replicate_or_two_decide_nothing() {
    let a = load("a", "loss", &[(0, "1", l1("1"))]);
    let b = load("b", "loss", &[(0, "2", l1("3")), (1, "3", l1("3"))]);
    for (of, fewest, by) in [
        (&a, "1 replicate", [1.5, 2.0]),
        (&b, "2 replicates", [0.0; 2]),
    ] {
        let undecided = || format!("undecided: {fewest} (3 needed)");
        assert_eq!(
            shown(&compare(of, &b)),
            [
                ("", "loss", by[0], undecided()),
                ("empirical", "l1_distance", by[1], undecided())
            ]
        );
    }
}

#[test]
fn an_index_is_not_compared() {
    let of = |name: &str, indices: [&'static str; 3]| {
        let replicates = (0..)
            .zip(indices)
            .map(|(seed, index)| (seed, index, String::new()));
        load(name, "heaviest_input", &replicates.collect::<Vec<_>>())
    };
    let comparison = compare(&of("a", ["9"; 3]), &of("b", ["3", "9", "3"]));
    assert_eq!(comparison.rows, []);
    assert_eq!(
        comparison.left_out[0].reason.text(),
        "not compared: an index has no mean (A: 9 in 3 of 3 seeds; B: 3 in 2 of 3 seeds)"
    );
}

#[test]
fn only_classes_that_all_have_are_counted() {
    let rows = |classes: &[(u8, &str)]| -> String {
        let row = |(class, value): &(u8, &str)| format!("1,0,e,{class},l1,{value},logits\n");
        classes.iter().map(row).collect()
    };
    let a = load(
        "a",
        "loss",
        &[(0, "1", rows(&[(0, "1"), (1, "3"), (2, "100")]))],
    );
    let b = load(
        "b",
        "loss",
        &[(0, "1", rows(&[(0, "2"), (1, "4"), (2, ""), (3, "50")]))],
    );
    let row = &compare(&a, &b).rows[1];
    assert_eq!((row.a.mean, row.b.mean), (2.0, 3.0));
    assert_eq!(
        (&row.classes[..], &row.classes_left_out[..]),
        (
            &[0, 1].map(Label::Number)[..],
            &[2, 3].map(Label::Number)[..]
        )
    );
}

#[test]
fn what_cannot_be_compared_is_listed() {
    let rows = |inversion: &str, class: u8| {
        format!(
            "1,0,{inversion},0,l2,1,logits\n1,0,both,{class},l1,1,logits\n\
             1,0,both,0,out,,share\n1,0,both,0,inf,inf,share\n"
        )
    };
    let a = load("a", "x_loss,none,nan", &[(0, "1,,NaN", rows("mine", 0))]);
    let b = load("b", "y_loss,none,nan", &[(0, "1,,1", rows("yours", 1))]);
    let comparison = compare(&a, &b);
    assert_eq!(shown(&comparison), []);
    let left_out: Vec<_> = comparison
        .left_out
        .iter()
        .map(|l| (l.inversion.as_str(), l.metric.as_str(), l.reason.clone()))
        .collect();
    assert_eq!(
        left_out,
        [
            ("", "x_loss", NotComparedReason::OnlyInA),
            ("", "nan", NotComparedReason::NotFinite),
            ("", "y_loss", NotComparedReason::OnlyInB),
            ("mine", "l2", NotComparedReason::OnlyInA),
            ("both", "l1", NotComparedReason::NothingInCommon),
            ("both", "inf", NotComparedReason::NotFinite),
            ("yours", "l2", NotComparedReason::OnlyInB),
        ]
    );
}

#[test]
fn other_data_under_the_same_spec_are_told() {
    let with = |spec: serde_json::Value, source: &str, sha256: &str| {
        let mut results = load("a", "loss", &[(0, "1", l1("1"))]);
        results.spec = spec.as_object().cloned().unwrap();
        let (source, sha256) = (source.to_owned(), sha256.to_owned());
        results.data = Some(super::super::DataUsed {
            source,
            stand_in_for: None,
            sha256,
        });
        results
    };
    let told = |a: &Results, b: &Results| compare(a, b).data_difference;
    let digits = with(json!({"data": {"source": "mnist"}}), "mnist", "1");
    let stand_in = with(json!({"data": {"source": "mnist"}}), "strokes", "2");
    let strokes = with(json!({"data": {"source": "strokes"}}), "strokes", "2");
    let changed = with(json!({"data": {"source": "strokes"}}), "strokes", "3");
    assert_eq!(
        told(&digits, &stand_in).unwrap(),
        "A was trained on mnist, B on strokes, whatever their specs ask for."
    );
    assert!(
        told(&strokes, &changed)
            .unwrap()
            .contains("different pixels")
    );
    assert_eq!(told(&digits, &strokes), None);
    assert_eq!(told(&digits, &digits), None);
}
