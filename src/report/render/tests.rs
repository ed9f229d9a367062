//! The text, CSV and JSON as users get them.
use crate::data::Label;

use super::super::{Results, compare};
use super::*;
use crate::report::fixture::results_of;
use serde_json::json;

/// Two metrics of two inversions for two classes, around `level`.
fn metrics(level: f64) -> String {
    let one = |inversion: &str, class: u8, level: f64| {
        let start = format!("1,0,{inversion},{class}");
        let distance = 100.0 * level + f64::from(class);
        format!(
            "{start},target_probability_clipped,{level},probability\n\
             {start},l1_distance,{distance},logits\n"
        )
    };
    let both = |inversion, level| one(inversion, 0, level) + &one(inversion, 1, level);
    both("empirical", level) + &both("analytical", level * 1e-5)
}

fn load(name: &str, spec: &Value, replicates: &[(u64, &str, String)]) -> Results {
    let folder = results_of(spec, "train_loss,test_accuracy,constant", replicates);
    Results::load(name, folder.path(), crate::report::Tables::Numbers).unwrap()
}

fn slp() -> Results {
    let spec = json!({"model": {"hidden": []}, "train": {"loss": "bce", "epochs": 200}});
    let replicates = [
        (0, "0.5,0.91,1", metrics(0.51)),
        (1, "0.55,0.92,1", metrics(0.52)),
        (2, "0.48,0.93,1", metrics(0.54)),
    ];
    load("paper/slp", &spec, &replicates)
}

fn mlp(seeds: &[u64]) -> Results {
    let spec = json!({
        "model": {"hidden": [800, 300]},
        "train": {"loss": "bce", "epochs": 100, "l2": 1e-4}
    });
    let rows = [
        ("0.0004,0.95,2", 0.71),
        ("0.0005,0.93,2", 0.69),
        ("0.0002,0.91,2", 0.7),
    ];
    let of = |(&seed, &(row, level)): (&u64, &(&'static str, f64))| (seed, row, metrics(level));
    let replicates: Vec<_> = seeds.iter().zip(&rows).map(of).collect();
    load("paper/mlp", &spec, &replicates)
}

#[test]
fn the_text_shows_specs_numbers_and_caveats() {
    let text = compare(&slp(), &mlp(&[0, 1, 2])).corrected().text(false);
    assert!(
        text.lines().all(|line| line.chars().count() <= MAX_LINE),
        "{text}"
    );
    insta::assert_snapshot!(text, @r"
    A  paper/slp: seeds 0, 1, 2
    B  paper/mlp: seeds 0, 1, 2

    The specs differ in  A    B
      model.hidden       []   [800, 300]
      train.epochs       200  100
      train.l2           –    0.0001

    5 of 6 tests find a difference (corrected p < 0.05):
                                            A (n=3)  B (n=3)     B - A                        p    Holm
    training    train_loss                   0.5100  3.67e-4   -0.5096 ±0.0892           0.0017  0.0099
    empirical   target_probability_clipped   0.5233   0.7000   +0.1767 [0.1245, 0.2278]  0.0048  0.0230
    empirical   l1_distance                 52.8333  70.5000  +17.6667 ±5.1711           0.0046  0.0230
    analytical  target_probability_clipped  5.23e-6  7.00e-6  +1.77e-6 ±5.2e-7           0.0046  0.0230
    analytical  l1_distance                  0.5005   0.5007  +1.77e-4 ±5.2e-5           0.0046  0.0230
    2 more rows are hidden: add `--all`.

    Units: probability (target_probability_clipped); logits (l1_distance).
    ±: half the 95 % interval of the mean over replicates, not corrected. [a, b]: both ends, where the
      halves differ.
    p: paired t test over the seeds, the same in A and B. Holm: p corrected for the number of tests, 6
      (Holm 1979); below 0.05, B is higher or lower.
    ");
}

#[test]
fn one_replicate_is_shown_without_intervals() {
    let one = compare(&mlp(&[0]), &mlp(&[0])).corrected();
    insta::assert_snapshot!(one.text(false), @r"
    A  paper/mlp: seed 0
    B  paper/mlp: seed 0

    The specs do not differ in anything that changes numbers.

    No test is possible. Means over the seeds:
                                            A (n=1)  B (n=1)  B - A
    training    train_loss                  4.00e-4  4.00e-4      0
    training    test_accuracy                0.9500   0.9500      0
    training    constant                     2.0000   2.0000      0
    empirical   target_probability_clipped   0.7100   0.7100      0
    empirical   l1_distance                 71.5000  71.5000      0
    analytical  target_probability_clipped  7.10e-6  7.10e-6      0
    analytical  l1_distance                  0.5007   0.5007      0

    Units: share (test_accuracy); probability (target_probability_clipped); logits (l1_distance).
    ");
}

#[test]
fn different_seeds_are_tested_by_welch_and_what_is_missing_is_named() {
    let mut b = mlp(&[3, 4, 5]);
    for replicate in &mut b.replicates {
        replicate
            .values
            .retain(|value| value.inversion != "analytical");
        for value in &mut replicate.values {
            value.class = value
                .class
                .and_then(Label::number)
                .map(|class| Label::Number(class + 1));
        }
    }
    let counts: Vec<u32> = (4000..4020).collect();
    b.spec
        .insert("data".to_owned(), json!({"per_class": {"counts": counts}}));
    insta::assert_snapshot!(compare(&slp(), &b).corrected().text(true), @r"
    A  paper/slp: seeds 0, 1, 2
    B  paper/mlp: seeds 3, 4, 5

    The specs differ in
      model.hidden
        A  []
        B  [800, 300]
      train.epochs
        A  200
        B  100
      train.l2
        A  –
        B  0.0001
      data.per_class.counts
        A  –
        B  [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008, 4009, 4010, 4011, 4012, 4013, 4014,
          4015, 4016, 4017, 4018, 4019]

    3 of 4 tests find a difference (corrected p < 0.05):
                                           A (n=3)  B (n=3)     B - A                        p    Holm
    empirical  target_probability_clipped   0.5233   0.7000   +0.1767 [0.1453, 0.2077]  2.1e-4  8.6e-4
    empirical  l1_distance                 53.3333  70.0000  +16.6667 ±3.1209           2.4e-4  8.6e-4
    training   train_loss                   0.5100  3.67e-4   -0.5096 ±0.0896           0.0017  0.0033

    no difference found:
    training   test_accuracy                0.9200   0.9300   +0.0100 ±0.0415           0.4961  0.4961
    training   constant                     1.0000   2.0000   +1.0000 ±0                     –       –

    Only in A: every metric of analytical
    Means are over the classes that every replicate has: 1. Left out: 0, 2.
    Units: probability (target_probability_clipped); logits (l1_distance); share (test_accuracy).
    ±: half the 95 % interval of the mean over replicates, not corrected. [a, b]: both ends, where the
      halves differ.
    p: Welch's t test, as A and B have different seeds. Holm: p corrected for the number of tests, 4
      (Holm 1979); below 0.05, B is higher or lower.
    –: the difference does not vary between replicates, so no test can weigh it.
    ");
}

#[test]
fn the_csv_has_a_line_for_every_number() {
    let (mut a, mut b) = (slp(), mlp(&[0, 1, 2]));
    let csv = compare(&a, &b).csv().unwrap();
    let text = String::from_utf8(csv).unwrap();
    assert_eq!(text.lines().count(), 1 + 7);
    assert!(
        text.lines()
            .nth(3)
            .unwrap()
            .ends_with(",paired,,undecided: no spread"),
        "{text}"
    );
    // Without intervals, whose last digits may depend on the machine.
    a.replicates.truncate(1);
    b.replicates.truncate(1);
    b.replicates[0].values.truncate(5);
    let csv = compare(&a, &b).csv().unwrap();
    insta::assert_snapshot!(String::from_utf8(csv).unwrap(), @r"
    a,b,inversion,metric,unit,classes,a_mean,a_low,a_high,a_n,b_mean,b_low,b_high,b_n,difference,difference_low,difference_high,test,p,verdict
    paper/slp,paper/mlp,,train_loss,,,0.5,,,1,0.0004,,,1,-0.4996,,,,,undecided: 1 replicate (3 needed)
    paper/slp,paper/mlp,,test_accuracy,share,,0.91,,,1,0.95,,,1,0.039999999999999925,,,,,undecided: 1 replicate (3 needed)
    paper/slp,paper/mlp,,constant,,,1.0,,,1,2.0,,,1,1.0,,,,,undecided: 1 replicate (3 needed)
    paper/slp,paper/mlp,empirical,target_probability_clipped,probability,0,0.51,,,1,0.71,,,1,0.19999999999999996,,,,,undecided: 1 replicate (3 needed)
    paper/slp,paper/mlp,empirical,l1_distance,logits,0,51.0,,,1,71.0,,,1,20.0,,,,,undecided: 1 replicate (3 needed)
    paper/slp,paper/mlp,analytical,target_probability_clipped,probability,,,,,,,,,,,,,,,only in A
    paper/slp,paper/mlp,analytical,l1_distance,logits,,,,,,,,,,,,,,,only in A
    ");
}

#[test]
fn a_corrected_csv_has_the_column_of_holm_last() {
    let (a, mut b) = (slp(), mlp(&[0, 1, 2]));
    for replicate in &mut b.replicates {
        replicate.values.truncate(5);
    }
    let csv = compare(&a, &b).corrected().csv().unwrap();
    let text = String::from_utf8(csv).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 7);
    assert!(lines[0].ends_with(",p,verdict,p_holm"), "{text}");
    assert!(
        lines[1].starts_with("paper/slp,paper/mlp,,train_loss,"),
        "{text}"
    );
    assert!(lines[1].contains(",lower,0.00"), "{text}");
    assert!(lines[4].contains(",test_accuracy,") && lines[4].contains(",no difference seen,0.62"));
    assert!(lines[5].ends_with(",undecided: no spread,"), "{text}");
    assert!(lines[6].ends_with(",only in A,"), "{text}");
}

#[test]
fn the_json_has_everything() {
    let (mut a, mut b) = (slp(), mlp(&[0, 1, 2]));
    for replicate in a.replicates.iter_mut().chain(&mut b.replicates) {
        replicate.values.truncate(1);
    }
    b.replicates[0].values[0].metric = "other_loss".to_owned();
    b.replicates.truncate(1);
    a.replicates.truncate(1);
    insta::assert_snapshot!(compare(&a, &b).corrected().json().unwrap(), @r#"
    {
      "confidence": 0.95,
      "a": {
        "name": "paper/slp",
        "seeds": [
          0
        ]
      },
      "b": {
        "name": "paper/mlp",
        "seeds": [
          0
        ]
      },
      "spec_differences": [
        {
          "key": "model.hidden",
          "a": [],
          "b": [
            800,
            300
          ]
        },
        {
          "key": "train.epochs",
          "a": 200,
          "b": 100
        },
        {
          "key": "train.l2",
          "a": null,
          "b": 0.0001
        }
      ],
      "data_difference": null,
      "device_difference": null,
      "tests": 0,
      "rows": [],
      "left_out": [
        {
          "inversion": "",
          "metric": "train_loss",
          "unit": "",
          "reason": "only in A"
        },
        {
          "inversion": "",
          "metric": "other_loss",
          "unit": "",
          "reason": "only in B"
        }
      ]
    }
    "#);
    let (a, b) = (slp(), mlp(&[0, 1, 2]));
    let json = compare(&a, &b).corrected().json().unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["tests"], 6);
    let first = &json["rows"][0];
    assert_eq!(first["difference"]["test"], "paired");
    let [raw, corrected] = [&first["difference"]["p"], &first["p_holm"]].map(Value::as_f64);
    assert_eq!(raw.map(|raw| raw * 6.0), corrected);
    assert_eq!(json["rows"].as_array().unwrap().len(), 7);
}

/// Accuracies differ by 1, 1 and 0.8: 0.9333, and on the logit's scale 3.37 ± 4.38. Those
/// of B agree to the resolution of 0.001: 4.3027 * 0.001 / sqrt 3 = 0.0025 below 1.
#[test]
fn an_interval_whose_halves_differ_shows_both_ends() {
    let of = |rows: [&'static str; 3]| {
        let replicates = (0..)
            .zip(rows)
            .map(|(seed, row)| (seed, row, String::new()));
        load("x", &json!({}), &replicates.collect::<Vec<_>>())
    };
    let ends = compare(&of(["1,0,2", "1,0,2", "1,0.2,2"]), &of(["1,1,2"; 3])).corrected();
    let text = ends.text(false);
    let line = text.lines().find(|line| line.contains("test_accuracy"));
    assert!(
        line.unwrap().contains(" +0.9333 [-0.4944, 0.9992] "),
        "{text}"
    );
    assert!(text.contains(" [a, b]: both ends"), "{text}");
    let page = ends.markdown(false);
    let cells = "| 0.0667 (7.10e-4 to 0.8777) | 1.0000 (0.9975 to 1.0000) | 0.9333 (-0.4944 to 0.9992) | 0.083 |";
    assert!(page.contains(cells), "{page}");
    assert!(page.contains(" (a to b): both ends"), "{page}");
}

#[test]
fn numbers_are_short_and_never_mistaken_for_zero() {
    let shown = [0.0, 0.5, 1.0, 12_345.678, 1e-9, -1_234_567.0].map(digits);
    assert_eq!(
        shown,
        ["0", "0.5000", "1.0000", "12345.7", "1.00e-9", "-1.23e6"]
    );
}
