//! Numbers by hand, and laws that hold whatever the classes.
use crate::data::Label;

use super::*;
use crate::config::Bounds;
use proptest::prelude::*;

/// A replicate with these values of the classes 0, 1, ...
fn of(seed: u64, values: &[Option<f64>]) -> OfReplicate {
    let classes = (0..).zip(values);
    let values =
        classes.filter_map(|(class, value)| Some((Some(Label::Number(class)), (*value)?.into())));
    let values = values.collect();
    OfReplicate { seed, values }
}

/// Numbers that no evaluators read.
fn trainings(numbers: &[(u64, f64)]) -> Vec<TrainingNumber> {
    let all = numbers.iter();
    all.map(|(seed, value)| TrainingNumber::new(*seed, *value))
        .collect()
}

fn labels(classes: &BTreeSet<Class>) -> Vec<u8> {
    classes
        .iter()
        .flatten()
        .filter_map(|label| label.number())
        .collect()
}

/// Class 2 is missing in one replicate: of (1, 3) and (5, 9) the means are 2 and 7, the
/// lowest 1 and 5, the highest 3 and 9.
#[test]
fn numbers_by_hand() {
    let a = [
        of(4, &[Some(1.0), Some(3.0), Some(100.0)]),
        of(7, &[Some(5.0), Some(9.0), None]),
    ];
    for (by, expected) in [
        (Classes::Mean, [2.0, 7.0]),
        (Classes::Lowest, [1.0, 5.0]),
        (Classes::Highest, [3.0, 9.0]),
        (Classes::Of([1, 2].map(Label::Number).into()), [3.0, 9.0]),
    ] {
        let found = numbers([&a], &by).unwrap();
        let [first, second] = expected;
        assert_eq!(
            found.sides,
            [trainings(&[(4, first), (7, second)])],
            "{by:?}"
        );
        assert_eq!(labels(&found.left_out), [2]);
    }
    // A class that the other side lacks counts on neither.
    let b = [of(4, &[Some(2.0)])];
    let found = numbers([&a, &b], &Classes::Mean).unwrap();
    let [one, other] = [&[(4, 1.0), (7, 5.0)][..], &[(4, 2.0)]].map(trainings);
    assert_eq!(found.sides, [one, other]);
    assert_eq!(
        (labels(&found.classes), labels(&found.left_out)),
        (vec![0], vec![1, 2])
    );
}

#[test]
fn without_numbers_there_is_a_reason() {
    let no = |sides: &[OfReplicate]| numbers([sides], &Classes::Mean).unwrap_err();
    let nothing = [of(0, &[Some(1.0), None]), of(1, &[None, Some(1.0)])];
    assert_eq!(no(&nothing), NoNumber::NothingInCommon);
    assert_eq!(no(&[]), NoNumber::NothingInCommon);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for by in [Classes::Mean, Classes::Lowest, Classes::Highest] {
            let one = [of(0, &[Some(1.0), Some(value)])];
            assert_eq!(numbers([&one], &by), Err(NoNumber::NotFinite), "{by:?}");
        }
    }
    let huge = numbers([&[of(0, &[Some(1e308), Some(1e308)])]], &Classes::Mean);
    assert_eq!(huge.unwrap().sides[0], trainings(&[(0, 1e308)]));
}

#[test]
fn indices_agree_or_not() {
    let all = |indices: &[f64]| agreement(&seeded(indices));
    assert_eq!(all(&[9.0; 4]), "9 in 4 of 4 seeds");
    assert_eq!(all(&[9.0, 3.0, 9.0]), "9 in 2 of 3 seeds");
    assert_eq!(all(&[9.0, 3.0]), "3 in 1 of 2 seeds");
    assert_eq!(all(&[]), "no seeds");
}

fn seeded(values: &[f64]) -> Vec<TrainingNumber> {
    trainings(&(0..).zip(values.iter().copied()).collect::<Vec<_>>())
}

/// Readings are averaged over classes evaluator by evaluator; the lowest class is that of the
/// value, and an evaluator that did not read a class counts in no mean.
#[test]
fn readings_are_reduced_with_their_values() {
    let class = |value: f64, readings: &[(&str, f64)]| EvaluatedValue {
        value,
        readings: readings
            .iter()
            .map(|(name, reading)| ((*name).to_owned(), *reading))
            .collect(),
    };
    let replicate = OfReplicate {
        seed: 3,
        values: BTreeMap::from([
            (
                Some(Label::Number(0)),
                class(4.0, &[("conv-0", 1.0), ("conv-1", 7.0)]),
            ),
            (
                Some(Label::Number(1)),
                class(6.0, &[("conv-0", 3.0), ("conv-2", 9.0)]),
            ),
        ]),
    };
    for (by, value, readings) in [
        (Classes::Mean, 5.0, &[("conv-0", 2.0)][..]),
        (
            Classes::Of(vec![Label::Number(1)]),
            6.0,
            &[("conv-0", 3.0), ("conv-2", 9.0)],
        ),
        (Classes::Lowest, 4.0, &[("conv-0", 1.0), ("conv-1", 7.0)]),
        (Classes::Highest, 6.0, &[("conv-0", 3.0), ("conv-2", 9.0)]),
    ] {
        let found = numbers([std::slice::from_ref(&replicate)], &by).unwrap();
        let EvaluatedValue { value, readings } = class(value, readings);
        let expected = TrainingNumber {
            seed: 3,
            value,
            readings,
        };
        assert_eq!(found.sides, [vec![expected]], "{by:?}");
    }
}

/// Replicates of two quantities with the same classes.
fn two() -> impl Strategy<Value = [Vec<OfReplicate>; 2]> {
    (3..7usize, 1..6usize).prop_flat_map(|(seeds, classes)| {
        let values = proptest::collection::vec(-10.0..10.0f64, classes);
        let side = proptest::collection::vec(values, seeds);
        [side.clone(), side].prop_map(|sides| sides.map(replicates))
    })
}

fn replicates(values: Vec<Vec<f64>>) -> Vec<OfReplicate> {
    let some = |values: Vec<f64>| values.into_iter().map(Some).collect::<Vec<_>>();
    let each = (0..).zip(values);
    each.map(|(seed, values)| of(seed, &some(values))).collect()
}

/// The same with other classes for each class.
fn relabelled(side: &[OfReplicate], labels: impl Fn(u8) -> Vec<u8>) -> Vec<OfReplicate> {
    let one = |replicate: &OfReplicate| {
        let values = replicate.values.iter().flat_map(|(class, value)| {
            let labels = labels(class.and_then(Label::number).unwrap_or_default());
            labels
                .into_iter()
                .map(|label| (Some(Label::Number(label)), value.clone()))
        });
        OfReplicate {
            seed: replicate.seed,
            values: values.collect(),
        }
    };
    side.iter().map(one).collect()
}

fn compared(sides: &[Vec<OfReplicate>; 2]) -> MeanDifference {
    let [a, b] = sides;
    let [a, b] = numbers([a, b], &Classes::Mean).unwrap().sides;
    difference(&a, &b, Bounds::NONE.into()).unwrap()
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    a.zip(b)
        .is_some_and(|(a, b)| (a - b).abs() <= 1e-9 * (1.0 + a.abs()))
}

proptest! {
    /// More classes of the same networks say no more about other networks.
    #[test]
    fn duplicated_classes_change_neither_n_nor_p(sides in two()) {
        let twice = [0, 1].map(|nth| relabelled(&sides[nth], |class| vec![class, class + 100]));
        let (once, twice) = (compared(&sides), compared(&twice));
        prop_assert_eq!((once.n, once.test), (sides[0].len(), twice.test));
        prop_assert_eq!(once.n, twice.n);
        prop_assert!(close(once.p, twice.p), "{:?} {:?}", once.p, twice.p);
        prop_assert!(close(once.low, twice.low) && close(once.high, twice.high));
    }

    /// Which class is which does not matter.
    #[test]
    fn permuted_classes_change_nothing(sides in two()) {
        let permuted = [0, 1].map(|nth| relabelled(&sides[nth], |class| vec![200 - class]));
        let (one, other) = (compared(&sides), compared(&permuted));
        prop_assert_eq!(one.n, other.n);
        prop_assert!(close(Some(one.mean), Some(other.mean)));
        prop_assert!(close(one.p, other.p));
    }

    /// Wherever the values lie, intervals of means and of differences stay between the
    /// bounds of those.
    #[test]
    fn intervals_stay_within_the_bounds(
        values in proptest::collection::vec(0.0..=1.0f64, 3..9),
        others in proptest::collection::vec(0.0..=1.0f64, 3..9),
    ) {
        let (a, b) = (seeded(&values), seeded(&others));
        let found = estimate(&a, Bounds::FRACTION.into()).unwrap();
        prop_assert!(found.low.unwrap() >= 0.0 && found.high.unwrap() <= 1.0);
        let apart = difference(&a, &b, Bounds::FRACTION.into()).unwrap();
        prop_assert!(apart.low.unwrap() >= -1.0 && apart.high.unwrap() <= 1.0);
        let bounds = Bounds::CORRELATION;
        prop_assert_eq!(apart, statistics::difference(&a, &b, bounds).unwrap());
    }
}
