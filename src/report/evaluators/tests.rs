//! Tables by hand, and their way into summaries, differences, pairs and comparisons.
use crate::data::Label;

use super::*;
use crate::config::{Compare, InversionPair, Metric, PairEnd};
use crate::report::fixture::{in_memory, measurement};
use crate::report::{Results, compare, method_differences, pair_rows, summary};

/// Row of the class 0.
fn row(inversion: &str, metric: &str, evaluator: &str, value: Option<f64>) -> EvaluatorRow {
    EvaluatorRow {
        spec: "x".to_owned(),
        replicate: 0,
        inversion: inversion.to_owned(),
        parameter: String::new(),
        setting: String::new(),
        class: Label::Number(0),
        metric: metric.to_owned(),
        evaluator: evaluator.to_owned(),
        value,
    }
}

fn readings(of: &Measurement) -> Vec<(&str, f64)> {
    let all = of.readings.iter();
    all.map(|(name, reading)| (&**name, *reading)).collect()
}

/// Two kinds have half of the weight each, one has all; kinds without a sample, values
/// that are not defined and numbers of other inverses give none.
#[test]
fn readings_have_the_weight_of_their_kind() {
    let mut all = ["both", "conv", "knn", "other"].map(|name| measurement("e", name, 0, 1.0));
    let rows = [
        row("e", "both", "conv-0", Some(0.5)),
        row("e", "both", "conv-1", Some(1.0)),
        row("e", "both", "conv-2", None),
        row("e", "both", "conv-3", Some(f64::NAN)),
        row("e", "both", "knn", Some(0.25)),
        row("e", "conv", "conv-0", Some(0.5)),
        row("e", "conv", "conv-1", Some(1.0)),
        row("e", "knn", "knn", Some(0.25)),
        row("f", "other", "conv-0", Some(0.5)),
        EvaluatorRow {
            class: Label::Number(1),
            ..row("e", "other", "conv-0", Some(0.5))
        },
        EvaluatorRow {
            setting: "5".to_owned(),
            ..row("e", "other", "conv-0", Some(0.5))
        },
        EvaluatorRow {
            parameter: "pixels".to_owned(),
            ..row("e", "other", "conv-0", Some(0.5))
        },
    ];
    add_readings(&mut all, &rows);
    let [both, conv, knn, other] = &all;
    assert_eq!(readings(both), [("conv-0", 0.25), ("conv-1", 0.5)]);
    assert_eq!(readings(conv), [("conv-0", 0.5), ("conv-1", 1.0)]);
    assert_eq!((readings(knn), readings(other)), (vec![], vec![]));
}

/// Results of a metric of two inversions, as two networks read the class 0 of each; the
/// class 1 is as far above for both as the class 0 of its number is below.
fn results(metric: &str, a: &[[f64; 2]; 3], b: &[[f64; 2]; 3]) -> Results {
    let replicate = |(seed, tables): (u64, [&[f64; 2]; 2])| {
        let (mut values, mut rows) = (Vec::new(), Vec::new());
        for (inversion, read) in ["a", "b"].iter().zip(tables) {
            for (class, apart) in [(0, -1.0), (1, 1.0)] {
                let value = f64::midpoint(read[0], read[1]) + apart;
                values.push(measurement(inversion, metric, class, value));
                for (name, reading) in ["conv-0", "conv-1"].iter().zip(read) {
                    rows.push(EvaluatorRow {
                        class: Label::Number(class),
                        ..row(inversion, metric, name, Some(reading + apart))
                    });
                }
            }
        }
        add_readings(&mut values, &rows);
        (seed, values)
    };
    let seeds = (0..)
        .zip(a.iter().zip(b))
        .map(|(seed, (a, b))| (seed, [a, b]));
    in_memory(&seeds.map(replicate).collect::<Vec<_>>())
}

const A: [[f64; 2]; 3] = [[1.0, 1.0], [3.0, 3.0], [5.0, 5.0]];
const B: [[f64; 2]; 3] = [[1.0, 4.0], [4.0, 5.0], [7.0, 12.0]];

fn near(got: Option<f64>, expected: f64) {
    let got = got.unwrap();
    assert!((got - expected).abs() < 1e-6, "{got} is not {expected}");
}

/// Of b, MS 26, 13.5 and 2: 5.5 ± t(2.693) sqrt(6.25). Of a, which nobody reads apart, 3 ± t(2)
/// sqrt(4 / 3).
#[test]
fn summaries_contain_the_evaluators() {
    let rows = summary(&results("m", &A, &B));
    assert_eq!((rows[1].mean, rows[1].n), (Some(5.5), 3));
    near(rows[1].low, -2.995_328_119_8);
    near(rows[1].high, 13.995_328_119_8);
    near(rows[0].high, 3.0 + 4.302_652_729_7 * (4.0f64 / 3.0).sqrt());
}

/// b - a has MS 6, 13.5 and 2: 2.5 ± t(1.514) sqrt(17.5 / 6), everywhere alike.
#[test]
fn differences_pairs_and_comparisons_contain_the_evaluators() {
    let metric = Metric::L2Distance;
    let both = results(metric.name(), &A, &B);
    let [low, high, p] = [-7.641_393_472_9, 12.641_393_472_9, 0.316_649_794_2];
    let rows = method_differences(&both);
    assert_eq!((rows[0].difference, rows[0].n), (Some(2.5), 3));
    near(rows[0].low, low);
    near(rows[0].high, high);
    near(rows[0].p, p);

    let end = |inversion: &str| PairEnd {
        experiment: 0,
        inversion: inversion.to_owned(),
        is: String::new(),
    };
    let wanted = Compare {
        metrics: vec![metric],
        pairs: vec![InversionPair {
            says: "which".to_owned(),
            a: end("a"),
            b: end("b"),
        }],
    };
    let rows = pair_rows(&wanted, &[both]);
    near(rows[0].low, low);
    near(rows[0].p, p);

    let [a, b] = [A, B].map(|table| results("m", &table, &A));
    let found = &compare(&a, &b).rows[0].difference;
    near(found.low, low);
    near(found.p, p);
}
