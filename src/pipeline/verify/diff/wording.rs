//! Pieces of sentences about differences.

use crate::escape;

/// Longer texts are cut when they are quoted.
const LONGEST_QUOTE: usize = 60;

/// A number with three digits: enough to tell how large a difference is.
pub fn short(value: f64) -> String {
    let rounded = format!("{value:.2e}").parse().unwrap_or(value);
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-4..1e6).contains(&size) => rounded.to_string(),
        size if size.is_finite() => format!("{rounded:e}"),
        _ => value.to_string(),
    }
}

/// How far beyond a tolerance: `excess` times as far as `allowed`.
pub fn beyond(excess: f64, allowed: f64) -> String {
    if allowed.max(0.0) == 0.0 {
        return "where no difference is allowed".to_owned();
    }
    let allowed = short(allowed);
    match excess {
        // One digit behind the point would read as if it were not beyond.
        _ if excess < 1.05 => format!("just beyond the tolerance of {allowed}"),
        _ if excess < 1000.0 => format!("{excess:.1} times the tolerance of {allowed}"),
        _ => format!("{excess:.0e} times the tolerance of {allowed}"),
    }
}

/// A text in backquotes, on one line and not too long.
pub fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let mut start: String = text.chars().take(LONGEST_QUOTE).collect();
    if start.len() < text.len() {
        start.push_str("...");
    }
    format!("`{}`", escape::line(&start))
}

/// Both versions of something.
pub fn both(published: impl std::fmt::Display, again: impl std::fmt::Display) -> String {
    format!("published {published}, rerun {again}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_never_mistaken_for_zero() {
        let values = [
            0.0,
            3.0,
            0.123_456,
            1.234e-9,
            255.0,
            1e7,
            f64::NAN,
            f64::INFINITY,
        ];
        let shown = values.map(short);
        assert_eq!(
            shown,
            ["0", "3", "0.123", "1.23e-9", "255", "1e7", "NaN", "inf"]
        );
    }

    #[test]
    fn what_is_beyond_never_reads_as_if_it_were_not() {
        let shown = [1.000_001, 3.21, 12_345.0].map(|excess| beyond(excess, 0.01));
        assert_eq!(shown[0], "just beyond the tolerance of 0.01");
        assert_eq!(shown[1], "3.2 times the tolerance of 0.01");
        assert_eq!(shown[2], "1e4 times the tolerance of 0.01");
        assert_eq!(beyond(f64::INFINITY, 0.0), "where no difference is allowed");
    }

    #[test]
    fn quotes_are_on_one_line_and_not_too_long() {
        assert_eq!(quoted("a\n\u{0}\"b\""), "`a\\n\\u{0}\"b\"`");
        assert_eq!(quoted(""), "nothing");
        assert_eq!(quoted(&"é".repeat(100)), format!("`{}...`", "é".repeat(60)));
    }
}
