//! e^x by arithmetic alone, which vectorises; the system's library computes one number at
//! a time, and its last bits differ between systems.
//!
//! x = k ln 2 + r with whole k and small r; e^r is a polynomial, 2^k an exponent.

use std::f64::consts::LOG2_E;

/// Returns e^x for x up to 0, within one unit in the last place. An x below -708 counts as
/// -708.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // 1.5 * 2^52: adding it rounds to a whole number, held in the lowest bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    // ln 2 as its leading bits, whose product with k is exact, and the rest.
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    // Factorials from 12! down to 2!.
    const FACTORIALS: [f64; 11] = [
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5_040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
    ];
    // Not `max`, which would turn NaN into a number.
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * LOG2_E + SHIFT;
    let k = shifted - SHIFT;
    let r = (x - k * LN_2[0]) - k * LN_2[1];
    let series = FACTORIALS
        .iter()
        .fold(1.0 / 6_227_020_800.0, |sum, factorial| {
            sum * r + 1.0 / factorial
        });
    let power = series * r * r + r + 1.0;
    power * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// Returns e^x in single precision, within one unit in the last place. An x below -87
/// counts as -87; the result is infinite from 88.4 on.
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    // 1.5 * 2^23, as above.
    const SHIFT: f32 = 12_582_912.0;
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    // Factorials from 6! down to 2!.
    const FACTORIALS: [f32; 5] = [720.0, 120.0, 24.0, 6.0, 2.0];
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.8 { 88.8 } else { x };
    let shifted = x * LOG2_E as f32 + SHIFT;
    let k = shifted - SHIFT;
    let r = (x - k * LN_2[0]) - k * LN_2[1];
    let series = FACTORIALS
        .iter()
        .fold(1.0 / 5_040.0, |sum, factorial| sum * r + 1.0 / factorial);
    let power = series * r * r + r + 1.0;
    power * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_of_the_range() {
        assert_eq!((exp(0.0), exp(-0.0)), (1.0, 1.0));
        assert_eq!(exp(-1e300), exp(-708.0));
        assert_eq!(exp(f64::NEG_INFINITY), exp(-708.0));
        assert!(exp(-708.0) < 1e-307 && exp(f64::NAN).is_nan());
        assert_eq!((exp_f32(0.0), exp_f32(-0.0)), (1.0, 1.0));
        assert_eq!(exp_f32(f32::NEG_INFINITY), exp_f32(-87.0));
        assert!(exp_f32(-87.0) < 1e-37 && exp_f32(f32::NAN).is_nan());
        assert!(exp_f32(88.3).is_finite());
        assert_eq!([88.4, 1e30, f32::INFINITY].map(exp_f32), [f32::INFINITY; 3]);
    }

    proptest! {
        #[test]
        fn double_precision_agrees_with_the_system(x in prop_oneof![-1.0..0.0f64, -708.0..0.0f64]) {
            let units = exp(x).to_bits().abs_diff(x.exp().to_bits());
            prop_assert!(units <= 1, "{x}: {units}");
        }

        #[test]
        fn single_precision_agrees_with_the_system(x in prop_oneof![-1.0..1.0f32, -87.0..88.3f32]) {
            let exact = f64::from(x).exp() as f32;
            let units = exp_f32(x).to_bits().abs_diff(exact.to_bits());
            prop_assert!(units <= 1, "{x}: {units}");
        }
    }
}
