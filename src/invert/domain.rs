//! Domains: projection of values into the range of an activation before it is inverted,
//! and finally of pixels into the pixel range.
//!
//! Rashid rescales the values of each layer, pixels included, to 0.01..0.99, the inside of
//! the range of the logistic function. The forum thread asks what would justify clipping
//! them instead. Here every activation has such an inside: a hundredth of the range away
//! from each of two ends, 0.01 away from a single end, everything without an end.

use faer::{Mat, RowRef};
use serde::Serialize;

use crate::config::PixelRange;
use crate::model::{Activation, map};

/// Treatment of values that are out of range: of hidden units beyond the range of their
/// activation, before it is inverted, and finally of pixels beyond the pixel range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// Values stay, if the activation has an inverse for them.
    None,
    /// Values are clipped to the nearest end of the range.
    Clip,
    /// All values of the layer are rescaled into the range, in proportion.
    Rescale,
}

impl Domain {
    /// Takes a reference, as serde requires.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// Distance from the ends of the range of an activation, as a fraction of the range if it
/// has two ends.
const MARGIN: f64 = 0.01;

/// Interval to project into; an end may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    /// Inside of the range of f.
    pub fn of_activation(f: Activation) -> Self {
        let (low, high) = f.range();
        let margin = match high - low {
            width if width.is_finite() => MARGIN * width,
            _ => MARGIN,
        };
        Self {
            low: low + margin,
            high: high - margin,
        }
    }

    /// Pixel range, ends included.
    pub fn of_pixels(PixelRange { low, high }: PixelRange) -> Self {
        Self { low, high }
    }

    /// Returns the map that rescales a row of values: the lowest to the lower end, the
    /// highest to the upper one. With a single end values are shifted together, by as
    /// little as needed. Without an end they stay. A row of one value goes to the middle.
    fn rescale(self, row: RowRef<'_, f64>) -> impl Fn(f64) -> f64 + use<> {
        let lowest = row.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let Self { low, high } = self;
        let width = high - low;
        let moved = (low - lowest).max(0.0) + (high - highest).min(0.0);
        move |value| {
            if !width.is_finite() {
                value + moved
            } else if highest > lowest {
                low + width * ((value - lowest) / (highest - lowest))
            } else {
                low + width / 2.0
            }
        }
    }
}

/// Projects each row of values into an interval.
pub fn project(domain: Domain, mut values: Mat<f64>, into: Interval) -> Mat<f64> {
    match domain {
        Domain::None => values,
        Domain::Clip => map(&values, |value| value.clamp(into.low, into.high)),
        Domain::Rescale => {
            for row in values.row_iter_mut() {
                let rescaled = into.rescale(row.as_ref());
                row.iter_mut().for_each(|value| *value = rescaled(*value));
            }
            values
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inside(f: Activation) -> Interval {
        Interval::of_activation(f)
    }

    fn projected(domain: Domain, values: &[f64], into: Interval) -> Vec<f64> {
        let values = Mat::from_fn(1, values.len(), |_, k| values[k]);
        project(domain, values, into)
            .row(0)
            .iter()
            .copied()
            .collect()
    }

    #[test]
    fn the_books_rescaling_by_hand() {
        let near = |found: Vec<f64>, expected: [f64; 3]| {
            let all = found.iter().zip(expected);
            assert!(all.clone().all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        };
        let values = [-3.0, 1.0, 5.0];
        let rescaled = |f| projected(Domain::Rescale, &values, inside(f));
        near(rescaled(Activation::Sigmoid), [0.01, 0.5, 0.99]);
        near(rescaled(Activation::Tanh), [-0.98, 0.0, 0.98]);
        near(rescaled(Activation::Softplus), [0.01, 4.01, 8.01]);
        near(rescaled(Activation::Elu), [-0.99, 3.01, 7.01]);
        near(rescaled(Activation::Identity), values);
        let clipped = |f| projected(Domain::Clip, &values, inside(f));
        near(clipped(Activation::Sigmoid), [0.01, 0.99, 0.99]);
        near(clipped(Activation::Tanh), [-0.98, 0.98, 0.98]);
        near(clipped(Activation::Relu), [0.01, 1.0, 5.0]);
        near(clipped(Activation::LeakyRelu { slope: 0.1 }), values);
        let pixels = Interval::of_pixels(PixelRange {
            low: -1.0,
            high: 1.0,
        });
        near(
            projected(Domain::Rescale, &values, pixels),
            [-1.0, 0.0, 1.0],
        );
        near(projected(Domain::None, &values, pixels), values);
        // Nothing has to move, and nothing has proportions.
        near(
            projected(Domain::Rescale, &[0.5, 1.0, 2.0], inside(Activation::Elu)),
            [0.5, 1.0, 2.0],
        );
        near(
            projected(Domain::Rescale, &[7.0; 3], inside(Activation::Sigmoid)),
            [0.5; 3],
        );
    }

    /// NumPy, the lines of the book: `x -= x.min(); x /= x.max(); x *= 0.98; x += 0.01`.
    #[test]
    fn the_lines_of_the_book() {
        let values = [0.3, -1.7, 2.25, 0.0, -0.4];
        let numpy = [
            0.506_202_531_645_569_6,
            0.01,
            0.99,
            0.431_772_151_898_734_2,
            0.332_531_645_569_620_2,
        ];
        let found = projected(Domain::Rescale, &values, inside(Activation::Sigmoid));
        for (a, b) in found.iter().zip(numpy) {
            assert!((a - b).abs() < 1e-15, "{found:?}");
        }
    }

    proptest! {
        /// Projected values have an inverse, keep their order, and stay if projected again.
        #[test]
        fn projected_values_have_an_inverse(values in prop::collection::vec(-1e6..1e6f64, 2..20)) {
            for f in Activation::ALL {
                for domain in [Domain::Clip, Domain::Rescale] {
                    let found = projected(domain, &values, inside(f));
                    prop_assert!(found.iter().all(|&y| f.inverse(y).is_some()), "{f:?} {found:?}");
                    for (a, x) in found.iter().zip(&values) {
                        for (b, y) in found.iter().zip(&values) {
                            prop_assert!(x > y || a <= b, "{f:?} {domain:?}");
                        }
                    }
                    let twice = projected(domain, &found, inside(f));
                    for (a, b) in found.iter().zip(twice) {
                        prop_assert!((a - b).abs() < 1e-9, "{f:?}: done once it is done");
                    }
                }
            }
        }
    }
}
