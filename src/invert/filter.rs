//! Filters of inverse matrices and of images (Lai 2021, section 2.2.4, appendix 6.1.7 and
//! the suggestion in section 4).

use std::borrow::Cow;
use std::cell::OnceCell;

use faer::{Mat, unzip, zip};
use serde::Serialize;

use super::top::highest;
use crate::config::PixelRange;

/// Filter of the inverse matrix of each layer, or of the images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Filter {
    /// Keeps the p lowest and the p highest percent, zeroes the rest; p up to 50.
    TopAndBottom(Cut),
    /// Clamps to the p-th and the (100 - p)-th percentile; p up to 50.
    Middle(Cut),
    /// Zeroes values up to the p-th percentile.
    HighPass(Cut),
    /// Zeroes values above the p-th percentile.
    LowPass(Cut),
    /// Keeps the highest pixels of each image and sets the others to the low end of the
    /// pixel range, as the empirical method does (Lai 2021, section 4).
    TopPixels {
        /// Number of pixels to keep.
        pixels: usize,
    },
}

impl Filter {
    /// Returns the cut of a filter by percentiles.
    pub fn cut(self) -> Option<Cut> {
        match self {
            Self::TopAndBottom(cut)
            | Self::Middle(cut)
            | Self::HighPass(cut)
            | Self::LowPass(cut) => Some(cut),
            Self::TopPixels { .. } => None,
        }
    }

    /// Returns true if the inverse of each layer's matrix is filtered, not the images.
    pub fn is_of_matrices(self) -> bool {
        self.cut().is_some_and(|cut| cut.on == Filtered::Matrix)
    }
}

/// Cut of a filter at a percentile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cut {
    /// Percentile p, from 0 to 100.
    pub percentile: f64,
    /// Definition of the percentile.
    pub rule: Percentile,
    /// Values to filter.
    pub on: Filtered,
}

/// Definition of the p-th percentile of n sorted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Percentile {
    /// Entry at position `max(int(p n / 100) - 1, 0)`, as in the author's code.
    Entry,
    /// Interpolation around position p (n - 1) / 100, as in NumPy.
    Interpolated,
}

/// Values that a filter is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filtered {
    /// Inverse of each layer's weights, all entries together.
    Matrix,
    /// Images, each by its own percentiles.
    Result,
}

/// Inverse matrix of a layer, which may be filtered more than once.
#[derive(Debug, Clone)]
pub struct InverseMatrix {
    matrix: Mat<f64>,
    /// All entries in order; sorting takes longest.
    sorted: OnceCell<Vec<f64>>,
}

impl InverseMatrix {
    pub fn new(matrix: Mat<f64>) -> Self {
        Self {
            matrix,
            sorted: OnceCell::new(),
        }
    }

    /// Returns the matrix filtered, if the filter is one of matrices.
    pub fn filtered(&self, filter: Option<Filter>) -> Cow<'_, Mat<f64>> {
        let Some(filter) = filter.filter(|filter| filter.is_of_matrices()) else {
            return Cow::Borrowed(&self.matrix);
        };
        let entries = self.matrix.col_iter().flat_map(|c| c.iter().copied());
        let sorted = self.sorted.get_or_init(|| sorted(entries));
        let filter = pass(filter, sorted);
        Cow::Owned(zip!(&self.matrix).map(|unzip!(entry)| filter(*entry)))
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Returns images filtered, each row by its own values, if the filter is one of images.
pub fn images(filter: Filter, mut images: Mat<f64>, range: PixelRange) -> Mat<f64> {
    if filter.is_of_matrices() {
        return images;
    }
    for n in 0..images.nrows() {
        let values: Vec<f64> = images.row(n).iter().copied().collect();
        let filtered = if let Filter::TopPixels { pixels } = filter {
            top_pixels(&values, pixels, range)
        } else {
            let filter = pass(filter, &sorted(values.iter().copied()));
            values.iter().map(|&value| filter(value)).collect()
        };
        for (i, value) in filtered.into_iter().enumerate() {
            images[(n, i)] = value;
        }
    }
    images
}

/// Returns the map from a value to the filtered one. "Above" a cutoff excludes it, "below"
/// includes it.
fn pass(filter: Filter, sorted: &[f64]) -> impl Fn(f64) -> f64 + use<> {
    let cutoffs = filter
        .cut()
        .map(|cut| [cut.percentile, 100.0 - cut.percentile].map(|p| cutoff(sorted, cut.rule, p)));
    let [low, high] = cutoffs.unwrap_or_default();
    move |value| match filter {
        // At 50% the two cutoffs meet and each entry is on one side of them.
        Filter::TopAndBottom(_) => passed(value, value > high || value <= low),
        Filter::Middle(_) => value.max(low).min(high),
        Filter::HighPass(_) => passed(value, value > low),
        Filter::LowPass(_) => passed(value, value <= low),
        Filter::TopPixels { .. } => value,
    }
}

fn passed(value: f64, passes: bool) -> f64 {
    if passes { value } else { 0.0 }
}

/// Returns the highest pixels as they are, ties to the lowest index, and all others at the
/// low end of the range.
fn top_pixels(values: &[f64], pixels: usize, range: PixelRange) -> Vec<f64> {
    let mut kept = vec![range.low; values.len()];
    for place in highest(values).into_iter().take(pixels) {
        kept[place] = values[place];
    }
    kept
}

/// Returns the value at a percentile; 0 without values.
fn cutoff(sorted: &[f64], rule: Percentile, percentile: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    match rule {
        Percentile::Entry => {
            // Truncated like Python's `int`, rounding errors of the product included.
            let position = (percentile / 100.0 * sorted.len() as f64) as usize;
            sorted[position.saturating_sub(1).min(last)]
        }
        Percentile::Interpolated => {
            let position = percentile / 100.0 * last as f64;
            let below = (position as usize).min(last);
            let above = (below + 1).min(last);
            sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RANGE: PixelRange = PixelRange::SYMMETRIC;

    fn cut(percentile: f64) -> Cut {
        Cut {
            percentile,
            rule: Percentile::Entry,
            on: Filtered::Matrix,
        }
    }

    fn row(values: &[f64]) -> Mat<f64> {
        Mat::from_fn(1, values.len(), |_, j| values[j])
    }

    fn matrix(filter: Filter, matrix: &Mat<f64>) -> Mat<f64> {
        let inverse = InverseMatrix::new(matrix.clone());
        inverse.filtered(Some(filter)).into_owned()
    }

    fn filtered(filter: Filter, entries: &[f64]) -> Vec<f64> {
        let matrix = matrix(filter, &row(entries));
        assert_eq!(
            images(filter, row(entries), RANGE),
            row(entries),
            "only the matrix"
        );
        matrix.row(0).iter().copied().collect()
    }

    #[test]
    fn ten_entries_by_hand() {
        let entries = [5.0, -3.0, 1.0, 4.0, -5.0, 2.0, -1.0, 3.0, -2.0, -4.0];
        // Sorted: -5 -4 -3 -2 -1 1 2 3 4 5. 20%: position 1, -4. 80%: position 7, 3.
        let top_and_bottom = filtered(Filter::TopAndBottom(cut(20.0)), &entries);
        assert_eq!(
            top_and_bottom,
            [5.0, 0.0, 0.0, 4.0, -5.0, 0.0, 0.0, 0.0, 0.0, -4.0]
        );
        let middle = filtered(Filter::Middle(cut(20.0)), &entries);
        assert_eq!(
            middle,
            [3.0, -3.0, 1.0, 3.0, -4.0, 2.0, -1.0, 3.0, -2.0, -4.0]
        );
        let high = filtered(Filter::HighPass(cut(80.0)), &entries);
        assert_eq!(high, [5.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let low = filtered(Filter::LowPass(cut(20.0)), &entries);
        assert_eq!(low, [0.0, 0.0, 0.0, 0.0, -5.0, 0.0, 0.0, 0.0, 0.0, -4.0]);
        // 0%: position max(-1, 0) = 0, so one entry is "below", as in the code.
        let low = filtered(Filter::LowPass(cut(0.0)), &entries);
        assert_eq!(low.iter().filter(|&&e| e != 0.0).count(), 1);
    }

    /// NumPy: `np.percentile([1, 2, 4, 8], [0, 30, 50, 100])` is 1, 1.9, 3, 8.
    #[test]
    fn interpolated_percentiles_are_those_of_numpy() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        for (percentile, expected) in [(0.0, 1.0), (30.0, 1.9), (50.0, 3.0), (100.0, 8.0)] {
            let found = cutoff(&sorted, Percentile::Interpolated, percentile);
            assert!((found - expected).abs() < 1e-12, "{percentile}: {found}");
        }
        assert_eq!(cutoff(&[], Percentile::Interpolated, 50.0), 0.0);
        assert_eq!(cutoff(&[7.0], Percentile::Interpolated, 50.0), 7.0);
    }

    #[test]
    fn each_image_is_filtered_by_its_own_values() {
        let pixels = faer::mat![[1.0, 2.0, 3.0, 4.0], [40.0, 30.0, 20.0, 10.0]];
        let high = Filter::HighPass(Cut {
            on: Filtered::Result,
            ..cut(50.0)
        });
        assert_eq!(matrix(high, &pixels), pixels, "only the result");
        let expected = faer::mat![[0.0, 0.0, 3.0, 4.0], [40.0, 30.0, 0.0, 0.0]];
        assert_eq!(images(high, pixels, RANGE), expected);
    }

    #[test]
    fn the_top_pixels_are_kept_and_the_others_are_dark() {
        let pixels = faer::mat![[0.5, 9.0, 0.5, -3.0], [-5.0, -4.0, -6.0, -7.0]];
        let top = |pixels| Filter::TopPixels { pixels };
        assert_eq!(matrix(top(2), &pixels), pixels, "only the result");
        let expected = faer::mat![[0.5, 9.0, -1.0, -1.0], [-5.0, -4.0, -1.0, -1.0]];
        assert_eq!(images(top(2), pixels.clone(), RANGE), expected);
        assert_eq!(images(top(4), pixels.clone(), RANGE), pixels);
        assert_eq!(images(top(999), pixels.clone(), RANGE), pixels);
    }

    proptest! {
        #[test]
        fn high_and_low_pass_share_out_the_entries(
            entries in proptest::collection::vec(-9.0..9.0f64, 1..80),
            percentile in 0.0..=100.0f64,
        ) {
            let high = filtered(Filter::HighPass(cut(percentile)), &entries);
            let low = filtered(Filter::LowPass(cut(percentile)), &entries);
            for ((high, low), entry) in high.iter().zip(&low).zip(&entries) {
                prop_assert_eq!(high + low, *entry);
            }
        }

        #[test]
        fn middle_keeps_the_order_and_narrows_the_range(
            entries in proptest::collection::vec(-9.0..9.0f64, 2..80),
            percentile in 0.0..=50.0f64,
        ) {
            let middle = filtered(Filter::Middle(cut(percentile)), &entries);
            for (a, fa) in entries.iter().zip(&middle) {
                for (b, fb) in entries.iter().zip(&middle) {
                    prop_assert!(a > b || fa <= fb);
                }
                prop_assert!((-9.0..9.0).contains(fa));
            }
        }
    }
}
