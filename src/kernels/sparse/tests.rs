use super::*;
use crate::kernels::simd::Kernel;
use proptest::prelude::*;

/// An intensity level adds a hundredth to the background.
fn rows(pixels: &[u8], features: usize, rows: &[usize], background: f32) -> SparseRows {
    let pixels = Arc::new(SparsePixels::new(pixels, features, 1.0).unwrap());
    let increments = std::array::from_fn(|level| level as f32 / 100.0);
    SparseRows::new(&pixels, rows, background, &Arc::new(increments))
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
fn dense_pixels_are_refused() {
    let pixels = [0, 4, 0, 0];
    assert!(SparsePixels::new(&pixels, 2, 0.25).is_some());
    assert!(SparsePixels::new(&pixels, 2, 0.24).is_none());
    assert!(SparsePixels::new(&[], 2, 0.0).is_some());
    assert!(SparsePixels::new(&[], 65_536, 1.0).is_none());
}

proptest! {
    /// Numbers of columns that need every kind of block, and of features that need several
    /// rounds of cached sums.
    #[test]
    fn products_are_those_of_dense_rows(
        units in 1usize..80,
        features in 1usize..300,
        count in 1usize..6,
        background in prop_oneof![Just(0.0), -1.0..1.0f32],
        pixels in proptest::collection::vec(prop_oneof![Just(0u8), 0..=255u8], 300 * 6),
        numbers in proptest::collection::vec(-1.0..1.0f32, 80 * 300 + 80 * 6),
    ) {
        let order: Vec<usize> = (0..count).rev().collect();
        let x = rows(&pixels[..count * features], features, &order, background);
        let (w, rest) = numbers.split_at(features * units);
        let d = &rest[..count * units];
        let dense = |row: usize, feature: usize| {
            let level = pixels[(count - 1 - row) * features + feature];
            f64::from(background) + f64::from(level) / 100.0
        };
        let (z, g) = (x.times(w, units), x.transposed_times(d, units, 0));
        prop_assert_eq!((z.len(), g.len()), (count * units, features * units));
        // At most 600 terms with a sum of at most 600 * 3.6, each rounded twice, up as
        // often as down.
        let bound = 600f64.sqrt() * 2.0 * 2160.0 * f64::from(f32::EPSILON) / 2.0;
        for (k, z) in z.into_iter().enumerate() {
            let (row, unit) = (k / units, k % units);
            let terms = (0..features).map(|p| dense(row, p) * f64::from(w[p * units + unit]));
            prop_assert!((f64::from(z) - terms.sum::<f64>()).abs() < bound);
        }
        for (k, g) in g.into_iter().enumerate() {
            let (feature, unit) = (k / units, k % units);
            let terms = (0..count).map(|r| dense(r, feature) * f64::from(d[r * units + unit]));
            prop_assert!((f64::from(g) - terms.sum::<f64>()).abs() < bound);
        }
    }

    /// Dispatched to the widest vectors or not, the bits are the same.
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
            ColumnBlocks::new(Times::new(&x, w, units)).run()
        );
        prop_assert_eq!(
            x.transposed_times(d, units, 0),
            ColumnBlocks::new(TransposedTimes::new(&x, d, units)).run()
        );
    }
}
