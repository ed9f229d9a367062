//! A line of progress that fits the terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters of the longest bar.
const MAX_BAR: usize = 24;
/// Characters of the shortest bar.
const MIN_BAR: usize = 8;

/// Formats a job, a progress bar and details, the most important first, as one line of at
/// most `width` columns. Whole parts are left out until it fits, so that no number is cut:
/// first the bar, then details from the last, then words of the job from the first.
pub fn fit(job: &str, fraction: Option<f64>, details: &[String], width: usize) -> String {
    let line = |bar: &str, count: usize| format!("  {job}: {bar}{}", details[..count].join(", "));
    let all = line("", details.len());
    let room = width.saturating_sub(all.width() + "[] ".len());
    if let Some(fraction) = fraction.filter(|_| room >= MIN_BAR) {
        return line(&bar(fraction, room.min(MAX_BAR)), details.len());
    }
    let mut shorter = (1..=details.len()).rev().map(|count| line("", count));
    shorter
        .find(|line| line.width() <= width)
        .unwrap_or_else(|| squeeze(job, details.first().map_or("", String::as_str), width))
}

/// Formats the end of the job with one detail, or only the detail.
fn squeeze(job: &str, detail: &str, width: usize) -> String {
    let starts = job.char_indices().filter(|&(index, _)| {
        let is_boundary = |before: char| matches!(before, ' ' | '/');
        job[..index].ends_with(is_boundary)
    });
    let mut lines = starts.map(|(index, _)| format!("{}: {detail}", &job[index..]));
    let line = lines.find(|line| line.width() <= width);
    line.unwrap_or_else(|| shorten(detail, width))
}

/// Cuts a text to this width, between words if a number would be cut.
fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let mut kept = text;
    for (index, next) in text.char_indices() {
        let needed = next.width().unwrap_or(0);
        if needed > room {
            kept = &text[..index];
            if next.is_ascii_digit() || matches!(next, '.' | '/') {
                kept = kept.trim_end_matches(|c: char| c.is_ascii_digit() || ".,/".contains(c));
            }
            break;
        }
        room -= needed;
    }
    let mark = if width == 0 { "" } else { "…" };
    format!("{}{mark}", kept.trim_end())
}

fn bar(fraction: f64, length: usize) -> String {
    let full = ((fraction.clamp(0.0, 1.0) * length as f64) as usize).min(length);
    format!("[{}{}] ", "█".repeat(full), "░".repeat(length - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn training(width: usize) -> String {
        let details = ["epoch 123/200", "accuracy 0.9428", "eta 12s"].map(str::to_owned);
        fit("paper/slp, seed 10", Some(0.5), &details, width)
    }

    #[test]
    fn a_line_loses_whole_parts_until_it_fits() {
        let bar = "[████████████░░░░░░░░░░░░]";
        let all = "epoch 123/200, accuracy 0.9428, eta 12s";
        assert_eq!(training(200), format!("  paper/slp, seed 10: {bar} {all}"));
        let bar = "[████████░░░░░░░░]";
        assert_eq!(training(80), format!("  paper/slp, seed 10: {bar} {all}"));
        assert_eq!(training(70), format!("  paper/slp, seed 10: {all}"));
        assert_eq!(
            training(60),
            "  paper/slp, seed 10: epoch 123/200, accuracy 0.9428"
        );
        assert_eq!(training(40), "  paper/slp, seed 10: epoch 123/200");
        assert_eq!(training(23), "seed 10: epoch 123/200");
        assert_eq!(training(20), "10: epoch 123/200");
        assert_eq!(training(13), "epoch 123/200");
        assert_eq!(training(12), "epoch…");
        for width in 0..120 {
            assert!(training(width).width() <= width, "{width}");
        }
    }

    #[test]
    fn wide_letters_count_for_two_columns() {
        let details = ["反転する".to_owned()];
        assert_eq!(fit("数字", None, &details, 16), "  数字: 反転する");
        assert_eq!(fit("数字", None, &details, 15), "反転する");
        assert_eq!(fit("数字", None, &details, 7), "反転す…");
        assert_eq!(fit("数字", None, &details, 6), "反転…");
    }
}
