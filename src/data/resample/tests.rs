use super::*;
use crate::data::Label;
use crate::data::fixture::numbered;
use proptest::prelude::*;

fn dataset(labels: &[u8]) -> Dataset {
    numbered(&[7, 3, 5], labels)
}

/// Five rows of class 7, four of 3 and three of 5.
const LABELS: [u8; 12] = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 0];

const HALF: Resample = Resample::Subsample { fraction: 0.5 };
const WHOLE: Resample = Resample::Subsample { fraction: 1.0 };

fn counts(per_class: [usize; 3]) -> PerClass {
    PerClass::Counts(per_class.to_vec())
}

fn draw(resample: Resample, per_class: &PerClass, seed: u64) -> Vec<DrawnRow> {
    resample.draw(&dataset(&LABELS), per_class, seed).unwrap()
}

/// Rows drawn of each class, with repeats.
fn of_classes(drawn: &[DrawnRow]) -> [usize; 3] {
    let of = |class| drawn.iter().filter(move |row| row.class == class);
    [7, 3, 5]
        .map(Label::Number)
        .map(|class| of(class).map(|row| row.times).sum())
}

#[test]
fn each_class_has_as_many_rows_as_asked_for() {
    let cases = [
        // As many as there are.
        (Resample::Bootstrap, PerClass::All, [5, 4, 3]),
        (WHOLE, PerClass::All, [5, 4, 3]),
        // Halves, rounded: 2.5, 2 and 1.5.
        (HALF, PerClass::All, [3, 2, 2]),
        (Resample::Bootstrap, counts([2, 9, 1]), [2, 9, 1]),
        (WHOLE, counts([2, 4, 1]), [2, 4, 1]),
        // One at least, and more are asked for than there are.
        (
            Resample::Subsample { fraction: 0.1 },
            counts([1, 4, 30]),
            [1, 1, 3],
        ),
    ];
    for (resample, per_class, expected) in cases {
        let drawn = draw(resample, &per_class, 3);
        assert_eq!(of_classes(&drawn), expected, "{resample:?} {per_class:?}");
    }
}

#[test]
fn rows_without_replacement_are_drawn_once_and_all_of_them_are_the_data_set() {
    for seed in 0..20 {
        let half = draw(HALF, &PerClass::All, seed);
        assert!(half.iter().all(|row| row.times == 1), "{half:?}");
        let all = draw(WHOLE, &PerClass::All, seed);
        assert!(all.iter().map(|row| row.row).eq(0..12));
    }
}

#[test]
fn seeds_draw_rows_of_their_own() {
    for resample in [Resample::Bootstrap, HALF] {
        let by = |seed| draw(resample, &PerClass::All, seed);
        assert_eq!(by(1), by(1));
        assert!((2..12).any(|seed| by(seed) != by(1)), "{resample:?}");
    }
}

/// A change of these rows changes every result. They were computed with another
/// implementation of `ChaCha8`, from the descriptions in `rng` and `Resample::draw`.
#[test]
fn the_rows_of_a_seed_never_change() {
    let rows = |resample| {
        let drawn = draw(resample, &counts([5, 4, 2]), 1);
        let row = |row: &DrawnRow| format!("{}:{}x{}", row.class, row.row, row.times);
        drawn.iter().map(row).collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(rows(Resample::Bootstrap), @"7:0x1 3:1x2 5:2x1 5:5x1 7:6x2 3:7x2 7:9x1 7:11x1");
    insta::assert_snapshot!(rows(HALF), @"3:1x1 5:2x1 7:3x1 3:4x1 7:6x1 7:9x1");
}

#[test]
fn more_rows_than_there_are_need_replacement() {
    let fault = |resample: Resample, per_class| {
        let drawn = resample.draw(&dataset(&LABELS), &per_class, 0);
        drawn.map_err(|error| error.to_string())
    };
    let message = "class 5: `data.resample` cannot draw 4 rows without replacement; expected at \
                   most 3, which the data set has; lower `data.per_class` or \
                   `data.resample.fraction`, or set `data.resample = \"bootstrap\"`";
    assert_eq!(fault(WHOLE, counts([5, 4, 4])), Err(message.to_owned()));
    assert_eq!(fault(HALF, counts([10, 8, 7])), Err(message.to_owned()));
    assert!(fault(HALF, counts([10, 8, 6])).is_ok());
    assert!(fault(Resample::Bootstrap, counts([5, 4, 4])).is_ok());
}

#[test]
fn distinct_rows_are_counted_once_and_test_rows_stay() {
    let drawn: Vec<DrawnRow> = [(1, 3, 3), (2, 5, 1), (9, 7, 2)]
        .map(|(row, class, times)| DrawnRow {
            row,
            class: Label::Number(class),
            times,
        })
        .to_vec();
    let whole = dataset(&LABELS);
    let own = whole.with_rows(&drawn);
    assert_eq!(
        (&*own.train.pixels, &*own.train.labels),
        (&vec![1, 2, 9], &[1, 2, 0][..])
    );
    assert_eq!(own.test, whole.test);
    let counts = DrawnCounts::new(&drawn, whole.train.len());
    assert_eq!(
        counts.describe(),
        "training rows: 6 drawn of 12, 3 distinct"
    );
}

/// Each row of a class of four is drawn 1, 2, ... times equally often: over 2000 seeds a row
/// is drawn 2000 times by four draws with replacement, with a standard deviation of 39, and
/// 1000 times by two without, with one of 22.
#[test]
fn no_row_is_favoured() {
    for (resample, expected, tolerance) in [(Resample::Bootstrap, 2000, 195), (HALF, 1000, 112)] {
        let mut times = [0usize; 12];
        for seed in 0..2000 {
            for row in draw(resample, &PerClass::All, seed) {
                times[row.row] += row.times;
            }
        }
        for row in [1, 4, 7, 10] {
            assert!(times[row].abs_diff(expected) <= tolerance, "{times:?}");
        }
    }
}

proptest! {
    /// Whatever the other classes are, and in whatever order, a class has the same rows.
    #[test]
    fn a_class_is_drawn_by_itself(
        labels in prop::collection::vec(0u8..3, 1..80),
        rows in 1usize..9,
        others in 1usize..9,
        seed in 0u64..1000,
    ) {
        prop_assume!((0..3).all(|class| labels.contains(&class)));
        let own = |drawn: Vec<DrawnRow>| -> Vec<(usize, usize)> {
            let own = drawn.into_iter().filter(|row| row.class == Label::Number(7));
            own.map(|row| (row.row, row.times)).collect()
        };
        let whole = dataset(&labels);
        // The classes 5 and 7 change places, 3 becomes 9.
        let mut moved = dataset(&labels.iter().map(|label| 2 - label).collect::<Vec<_>>());
        moved.classes = [5, 9, 7].map(Label::Number).into();
        for resample in [Resample::Bootstrap, HALF] {
            let a = resample.draw(&whole, &counts([rows, 1, 1]), seed);
            let b = resample.draw(&moved, &counts([others, 1, rows]), seed);
            if let (Ok(a), Ok(b)) = (a, b) {
                prop_assert_eq!(own(a), own(b));
            }
        }
    }

    /// Rows are of their class, ascending, and a larger draw contains a smaller one.
    #[test]
    fn draws_are_rows_of_their_class_and_nested(
        labels in prop::collection::vec(0u8..3, 1..80),
        fewer in 1usize..20,
        more in 0usize..20,
        seed in 0u64..1000,
    ) {
        prop_assume!((0..3).all(|class| labels.contains(&class)));
        let whole = dataset(&labels);
        for resample in [Resample::Bootstrap, WHOLE] {
            let by = |rows: usize| resample.draw(&whole, &counts([rows; 3]), seed);
            let (Ok(few), Ok(many)) = (by(fewer), by(fewer + more)) else {
                continue;
            };
            prop_assert_eq!(of_classes(&few), [fewer; 3]);
            prop_assert!(few.windows(2).all(|pair| pair[0].row < pair[1].row));
            for row in &few {
                prop_assert_eq!(whole.classes[usize::from(labels[row.row])], row.class);
                let larger = many.iter().find(|one| one.row == row.row);
                prop_assert!(larger.is_some_and(|one| one.times >= row.times));
            }
        }
    }
}
