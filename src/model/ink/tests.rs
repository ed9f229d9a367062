use super::*;
use crate::model::Loop;
use proptest::prelude::*;

/// A level is a hundredth above black.
fn rows(pixels: &[u8], features: usize, rows: &[usize], base: f32) -> InkRows {
    let ink = Arc::new(Ink::of(pixels, features, 1.0).unwrap());
    let values = std::array::from_fn(|level| level as f32 / 100.0);
    InkRows::new(&ink, rows, base, &Arc::new(values))
}

#[test]
fn products_by_hand() {
    let pixels = [0, 100, 0, 50, 0, 200, 0, 0, 0];
    // (1.5, 1, 3), (1, 1, 1), (1, 2, 1)
    let x = rows(&pixels, 3, &[1, 2, 0], 1.0);
    assert_eq!((x.len(), x.features()), (3, 3));
    let w = [1.0, 10.0, 2.0, 20.0, 4.0, 40.0];
    assert_eq!(x.times(&w, 2), [15.5, 155.0, 7.0, 70.0, 9.0, 90.0]);
    let d = [2.0, 0.0, 4.0, -1.0, 8.0, 1.0];
    let expected = [15.0, 0.0, 22.0, 1.0, 18.0, 0.0];
    assert_eq!(x.transposed_times(&d, 2, 0), expected);
}

#[test]
fn no_rows_give_no_products() {
    let none = rows(&[1, 2, 3], 3, &[], 1.0);
    assert!(none.is_empty() && none.times(&[0.0; 3], 1).is_empty());
    assert_eq!(none.transposed_times(&[], 1, 0), [0.0; 3]);
}

#[test]
fn too_much_ink_is_none() {
    let pixels = [0, 4, 0, 0];
    assert!(Ink::of(&pixels, 2, 0.25).is_some());
    assert!(Ink::of(&pixels, 2, 0.24).is_none());
    assert!(Ink::of(&[], 2, 0.0).is_some());
    assert!(Ink::of(&[], 65_536, 1.0).is_none());
}

proptest! {
    /// Any number of columns, so that all ways of taking vectors of them occur, and of
    /// places, so that sums of some are made before those of others.
    #[test]
    fn products_are_those_of_all_numbers(
        units in 1usize..80,
        features in 1usize..300,
        count in 1usize..6,
        base in prop_oneof![Just(0.0), -1.0..1.0f32],
        pixels in proptest::collection::vec(prop_oneof![Just(0u8), 0..=255u8], 300 * 6),
        numbers in proptest::collection::vec(-1.0..1.0f32, 80 * 300 + 80 * 6),
    ) {
        let order: Vec<usize> = (0..count).rev().collect();
        let x = rows(&pixels[..count * features], features, &order, base);
        let (w, rest) = numbers.split_at(features * units);
        let d = &rest[..count * units];
        let dense = |row: usize, place: usize| {
            let level = pixels[(count - 1 - row) * features + place];
            f64::from(base) + f64::from(level) / 100.0
        };
        let (z, g) = (x.times(w, units), x.transposed_times(d, units, 0));
        prop_assert_eq!((z.len(), g.len()), (count * units, features * units));
        // At most 600 terms that sum up to at most 600 * 3.6, each rounded twice; in
        // fact rounding goes up as often as down.
        let most = 600f64.sqrt() * 2.0 * 2160.0 * f64::from(f32::EPSILON) / 2.0;
        for (k, z) in z.into_iter().enumerate() {
            let (row, unit) = (k / units, k % units);
            let terms = (0..features).map(|p| dense(row, p) * f64::from(w[p * units + unit]));
            prop_assert!((f64::from(z) - terms.sum::<f64>()).abs() < most);
        }
        for (k, g) in g.into_iter().enumerate() {
            let (place, unit) = (k / units, k % units);
            let terms = (0..count).map(|r| dense(r, place) * f64::from(d[r * units + unit]));
            prop_assert!((f64::from(g) - terms.sum::<f64>()).abs() < most);
        }
    }

    /// The widest vectors and none at all give the same bits.
    #[test]
    fn bits_do_not_depend_on_the_processor(
        units in 1usize..40,
        pixels in proptest::collection::vec(0..=255u8, 7 * 5),
        numbers in proptest::collection::vec(-1.0..1.0f32, 40 * 7),
    ) {
        let x = rows(&pixels, 7, &[4, 0, 3], -1.0);
        let (w, d) = (&numbers[..7 * units], &numbers[..3 * units]);
        prop_assert_eq!(
            x.times(w, units),
            Columns::of(Times::new(&x, w, units)).run()
        );
        prop_assert_eq!(
            x.transposed_times(d, units, 0),
            Columns::of(TransposedTimes::new(&x, d, units)).run()
        );
    }
}
