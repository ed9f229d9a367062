//! Numbers at an axis and their texts.

use std::ops::Range;

/// Returns at most `most` multiples of 1, 2 or 5 times a power of ten in a range.
pub fn linear_ticks(range: &Range<f64>, most: usize) -> Vec<f64> {
    let least = (range.end - range.start) / most as f64;
    let power = 10f64.powf(least.log10().floor());
    let multiples = |step: f64| {
        let (first, last) = ((range.start / step).ceil(), (range.end / step).floor());
        (first as i64..=last as i64).map(move |n| tidy(n as f64 * step))
    };
    let steps = [1.0, 2.0, 5.0].map(|mantissa| mantissa * power);
    let fits = |step: &f64| multiples(*step).count() <= most;
    multiples(steps.into_iter().find(fits).unwrap_or(10.0 * power)).collect()
}

/// Returns 1, 2 and 5 times the powers of ten in a range of logarithms. If those are more
/// than `most`, returns powers only: every one, every second and so on.
pub fn log_ticks(range: &Range<f64>, most: usize) -> Vec<f64> {
    let multiples = |mantissas: &[f64], every: usize| -> Vec<f64> {
        let powers = range.start.floor() as i32..=range.end.floor() as i32;
        powers
            .filter(|power| power % every as i32 == 0)
            .flat_map(|power| mantissas.iter().map(move |m| tidy(m * 10f64.powi(power))))
            .filter(|tick| range.contains(&tick.log10()))
            .collect()
    };
    let ticks = multiples(&[1.0, 2.0, 5.0], 1);
    if ticks.len() <= most {
        return ticks;
    }
    match multiples(&[1.0], 1).len() {
        // A single number does not say that an axis is logarithmic.
        0 | 1 => multiples(&[1.0, 3.0], 1),
        powers => multiples(&[1.0], powers.div_ceil(most)),
    }
}

/// Drops the last digits, which hold rounding errors.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// Formats the numbers: on a linear axis with as many decimals as the finest needs. If any
/// is far from 1, all have an exponent. It is not raised: the font has no raised minus.
pub fn labels(ticks: &[f64], log: bool) -> Vec<String> {
    let plain = |v: &f64| *v == 0.0 || (1e-4..1e5).contains(&v.abs());
    let places = |v: &f64| {
        let text = v.to_string();
        text.split_once('.').map_or(0, |(_, after)| after.len())
    };
    let finest = ticks.iter().map(places).max().unwrap_or(0);
    let all_plain = ticks.iter().all(plain);
    let label = |v: &f64| match (all_plain, log) {
        (false, _) if *v != 0.0 => format!("{v:e}"),
        (true, false) => format!("{v:.finest$}"),
        _ => v.to_string(),
    };
    let texts = ticks.iter().map(label);
    texts.map(|text| text.replace('-', "\u{2212}")).collect()
}

/// Formats a number to three digits, with commas between thousands: `−22,236`, `0.83`.
pub fn brief(value: f64) -> String {
    let size = value.abs();
    let text = if size >= 1e6 || (size > 0.0 && size < 1e-3) {
        format!("{value:.1e}")
    } else if size >= 1000.0 {
        let digits = format!("{:.0}", size.round());
        let (thousands, rest) = digits.split_at(digits.len() - 3);
        let sign = if value < 0.0 { "-" } else { "" };
        format!("{sign}{thousands},{rest}")
    } else {
        let places = if size >= 100.0 {
            0
        } else if size >= 10.0 {
            1
        } else {
            2
        };
        let text = format!("{value:.places$}");
        match text.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|b| b == b'0') => whole.to_owned(),
            _ => text,
        }
    };
    let text = if text == "-0" { "0".to_owned() } else { text };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brief_numbers_by_hand() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-1.0, "\u{2212}1"),
            (0.834, "0.83"),
            (12.34, "12.3"),
            (-22236.4, "\u{2212}22,236"),
            (1234.0, "1,234"),
            (4.2e7, "4.2e7"),
            (0.000_51, "5.1e\u{2212}4"),
        ] {
            assert_eq!(brief(value), text);
        }
    }

    #[test]
    fn a_log_axis_with_little_room_has_more_than_one_number() {
        // From 0.4 to 12.6.
        let ticks = |most| log_ticks(&(-0.4..1.1), most);
        assert_eq!(ticks(5), [0.5, 1.0, 2.0, 5.0, 10.0]);
        assert_eq!(ticks(4), [1.0, 10.0]);
        assert_eq!(log_ticks(&(-0.4..0.95), 3), [1.0, 3.0]);
    }
}
