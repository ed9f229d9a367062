//! Norms of values of any magnitude. Squares of numbers above 1e154 overflow and squares of
//! numbers below 1e-162 vanish, so extreme values are first multiplied by a power of two,
//! which is exact. Ordinary values, and the bits of their norms, stay as they are.

use std::borrow::Cow;

/// Magnitudes whose squares, and quotients of these, neither overflow nor vanish:
/// 2^-200 to 2^200.
const ORDINARY: std::ops::RangeInclusive<f64> =
    6.223_015_277_861_142e-61..=1.606_938_044_258_990_3e60;
/// 2^600: the smallest number times it is above 2^-500.
const SCALE_UP: f64 = 4.149_515_568_880_993e180;
/// 2^-600: the largest number times it is below 2^500.
const SCALE_DOWN: f64 = 2.409_919_865_102_884e-181;

/// Returns the power of two to multiply values by before taking squares or differences; 1
/// for ordinary values.
fn factor(values: &[f64]) -> f64 {
    let largest = values
        .iter()
        .fold(0.0, |largest: f64, x| largest.max(x.abs()));
    match largest {
        0.0 => 1.0,
        _ if ORDINARY.contains(&largest) => 1.0,
        _ if largest > 1.0 => SCALE_DOWN,
        _ => SCALE_UP,
    }
}

/// Returns the values, scaled by a power of two if they are extreme, for measures that do
/// not depend on the scale.
pub fn rescaled(values: &[f64]) -> Cow<'_, [f64]> {
    match factor(values) {
        1.0 => Cow::Borrowed(values),
        factor => values.iter().map(|x| x * factor).collect(),
    }
}

/// Returns `||x||_2`.
pub fn l2(values: &[f64]) -> f64 {
    let factor = factor(values);
    squares(values, factor).sqrt() / factor
}

/// Returns `||a||_2 / ||b||_2`; none if b is zero.
pub fn ratio(a: &[f64], b: &[f64]) -> Option<f64> {
    let factors = (factor(a), factor(b));
    let (over, under) = (squares(a, factors.0), squares(b, factors.1));
    let ratio = match factors {
        (1.0, 1.0) => (over / under).sqrt(),
        _ => (over.sqrt() / factors.0) / (under.sqrt() / factors.1),
    };
    (under > 0.0).then_some(ratio)
}

fn squares(values: &[f64], factor: f64) -> f64 {
    let scaled = values.iter().map(|x| x * factor);
    scaled.map(|x| x * x).sum()
}

/// Returns the mean, also of values whose sum overflows; NaN without values.
pub fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let sum: f64 = values.iter().sum();
    if sum.is_finite() {
        return sum / n;
    }
    values.iter().map(|value| value / n).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn constants_are_powers_of_two() {
        let powers = [*ORDINARY.start(), *ORDINARY.end(), SCALE_UP, SCALE_DOWN];
        assert_eq!(powers, [-200, 200, 600, -600].map(|k| 2f64.powi(k)));
    }

    #[test]
    fn norms_by_hand() {
        assert_eq!(l2(&[3.0, -4.0]), 5.0);
        let huge = 2f64.powi(700);
        assert_eq!(l2(&[3.0 * huge, -4.0 * huge]), 5.0 * huge);
        assert_eq!(l2(&[f64::MAX, 0.0]), f64::MAX);
        assert_eq!(l2(&[5e-324, 0.0]), 5e-324);
        assert_eq!((l2(&[]), l2(&[0.0])), (0.0, 0.0));
        assert_eq!(l2(&[1.0, f64::NEG_INFINITY]), f64::INFINITY);
        assert!(l2(&[1.0, f64::NAN]).is_nan());
        // A residual far larger than the reference.
        assert_eq!(
            ratio(&[3.0 * huge, 4.0 * huge], &[1.0, 0.0]),
            Some(5.0 * huge)
        );
        assert_eq!(ratio(&[3.0 / huge, 4.0 / huge], &[1.0 / huge]), Some(5.0));
        assert_eq!(ratio(&[1.0], &[0.0]), None);
        assert_eq!(mean(&[f64::MAX, f64::MAX]), f64::MAX);
        assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
    }

    proptest! {
        /// A power of two changes no digit of a norm, however huge or tiny.
        #[test]
        fn norms_scale_with_their_values(
            values in prop::collection::vec(prop_oneof![1e-3..1e3f64, -1e3..-1e-3f64], 1..9),
            k in -900..900i32,
        ) {
            let scale = 2f64.powi(k);
            let times = |factor: f64| values.iter().map(|x| x * factor).collect::<Vec<_>>();
            let plain = values.iter().map(|x| x * x).sum::<f64>().sqrt();
            prop_assert_eq!(l2(&values), plain);
            prop_assert_eq!(l2(&times(scale)), plain * scale);
            let doubled = ratio(&times(2.0 * scale), &times(scale)).unwrap();
            prop_assert!((doubled - 2.0).abs() < 1e-15);
            let tame = rescaled(&times(scale)).iter().map(|x| x / plain).collect::<Vec<_>>();
            prop_assert!(tame.iter().all(|x| x.is_normal()));
        }
    }
}
