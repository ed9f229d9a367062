//! The text, CSV and JSON as users get them.

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
    let text = compare(&slp(), &mlp(&[0, 1, 2])).text();
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

                                        A                B              B - A               p  verdict
    after the last epoch
      train_loss                   0.5100 ±0.0896  3.67e-4 ≤7.46e-4   -0.5096 ±0.0892  0.0017  lower
      test_accuracy                0.9200 ±0.0248   0.9300 ±0.0497    +0.0100 ±0.0745  0.6220  none seen
      constant                     1.0000 ±0        2.0000 ±0         +1.0000 ±0            –  no spread
    empirical
      target_probability_clipped   0.5233 ±0.0379   0.7000 ±0.0248    +0.1767 ±0.0517  0.0046  higher
      l1_distance                 52.8333 ±3.7946  70.5000 ±2.4841   +17.6667 ±5.1711  0.0046  higher
    analytical
      target_probability_clipped  5.23e-6 ±3.8e-7  7.00e-6 ±2.5e-7   +1.77e-6 ±5.2e-7  0.0046  higher
      l1_distance                  0.5005 ±3.8e-5   0.5007 ±2.5e-5   +1.77e-4 ±5.2e-5  0.0046  higher

    Units: share (test_accuracy); probability (target_probability_clipped); logits (l1_distance).
    ±: half the 95 % interval of the mean over replicates, by Student's t. ≥ or ≤: its other end, where
      one is the highest or lowest value that there can be.
    p: paired t test over the seeds, the same in A and B. Below 0.05, B is higher or lower.
    No spread: the difference does not vary between replicates, so no test can weigh it.
    6 comparisons were tested. If nothing differed at all, one in twenty (here 0.3) would still pass for
      significant by chance.
    ");
}

#[test]
fn one_replicate_is_shown_without_intervals() {
    insta::assert_snapshot!(compare(&mlp(&[0]), &mlp(&[0])).text(), @r"
    A  paper/mlp: seed 0
    B  paper/mlp: seed 0

    The specs do not differ in anything that changes numbers.

                                        A        B  B - A  p  verdict
    after the last epoch
      train_loss                  4.00e-4  4.00e-4      0  –  1 replicate (3 needed)
      test_accuracy                0.9500   0.9500      0  –  1 replicate (3 needed)
      constant                     2.0000   2.0000      0  –  1 replicate (3 needed)
    empirical
      target_probability_clipped   0.7100   0.7100      0  –  1 replicate (3 needed)
      l1_distance                 71.5000  71.5000      0  –  1 replicate (3 needed)
    analytical
      target_probability_clipped  7.10e-6  7.10e-6      0  –  1 replicate (3 needed)
      l1_distance                  0.5007   0.5007      0  –  1 replicate (3 needed)

    Units: share (test_accuracy); probability (target_probability_clipped); logits (l1_distance).
    No test: it needs at least 3 seeds per side; add `--seed 0,1,2,3,4` to both runs.
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
            value.class = value.class.map(|class| class + 1);
        }
    }
    let counts: Vec<u32> = (4000..4020).collect();
    b.spec
        .insert("data".to_owned(), json!({"per_class": {"counts": counts}}));
    insta::assert_snapshot!(compare(&slp(), &b).text(), @r"
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

                                        A                B              B - A               p  verdict
    after the last epoch
      train_loss                   0.5100 ±0.0896  3.67e-4 ≤7.46e-4   -0.5096 ±0.0896  0.0017  lower
      test_accuracy                0.9200 ±0.0248   0.9300 ±0.0497    +0.0100 ±0.0416  0.4961  none seen
      constant                     1.0000 ±0        2.0000 ±0         +1.0000 ±0            –  no spread
    empirical
      target_probability_clipped   0.5233 ±0.0379   0.7000 ±0.0248    +0.1767 ±0.0312  <0.001  higher
      l1_distance                 53.3333 ±3.7946  70.0000 ±2.4841   +16.6667 ±3.1209  <0.001  higher

    Only in A: target_probability_clipped, l1_distance (of analytical)
    Means are over the classes that every replicate has: 1. Left out: 0, 2.
    Units: share (test_accuracy); probability (target_probability_clipped); logits (l1_distance).
    ±: half the 95 % interval of the mean over replicates, by Student's t. ≥ or ≤: its other end, where
      one is the highest or lowest value that there can be.
    p: Welch's t test, as A and B have different seeds. Below 0.05, B is higher or lower.
    No spread: the difference does not vary between replicates, so no test can weigh it.
    4 comparisons were tested. If nothing differed at all, one in twenty (here 0.2) would still pass for
      significant by chance.
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
fn the_json_has_everything() {
    let (mut a, mut b) = (slp(), mlp(&[0, 1, 2]));
    for replicate in a.replicates.iter_mut().chain(&mut b.replicates) {
        replicate.values.truncate(1);
    }
    b.replicates[0].values[0].metric = "other_loss".to_owned();
    b.replicates.truncate(1);
    a.replicates.truncate(1);
    insta::assert_snapshot!(compare(&a, &b).json().unwrap(), @r#"
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
    let json: Value = serde_json::from_str(&compare(&a, &b).json().unwrap()).unwrap();
    assert_eq!(json["rows"][0]["difference"]["test"], "paired");
    assert_eq!(json["rows"].as_array().unwrap().len(), 7);
}

/// Accuracies of 0.9, 1 and 1: 0.9667 and 0.1434 to both sides, which is beyond 1.
#[test]
fn an_interval_that_ends_at_a_bound_shows_its_other_end() {
    let of = |rows: [&'static str; 3]| {
        let replicates = (0..)
            .zip(rows)
            .map(|(seed, row)| (seed, row, String::new()));
        load("x", &json!({}), &replicates.collect::<Vec<_>>())
    };
    let text = compare(&of(["1,0.9,2"; 3]), &of(["1,0.9,2", "1,1,2", "1,1,2"])).text();
    let line = text.lines().find(|line| line.contains("test_accuracy"));
    assert!(line.unwrap().contains(" 0.9667 ≥0.8232 "), "{text}");
    assert!(line.unwrap().contains(" +0.0667 ±0.1434 "), "{text}");
    assert!(text.contains("≥ or ≤: its other end"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= MAX_LINE),
        "{text}"
    );
}

#[test]
fn numbers_are_short_and_never_mistaken_for_zero() {
    let shown = [0.0, 0.5, 1.0, 12_345.678, 1e-9, -1_234_567.0].map(digits);
    assert_eq!(
        shown,
        ["0", "0.5000", "1.0000", "12345.7", "1.00e-9", "-1.23e6"]
    );
}
