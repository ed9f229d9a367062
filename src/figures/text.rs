//! Measured texts, broken into lines.

use super::font;
use super::sheet::{Anchor, At, Colour, Item, Role, Sheet, TextLine};
use crate::escape;

/// Factor on the length of words: other machines may show an SVG in a wider font.
const SLACK: f64 = 1.05;
/// Separator of the parts of a text, where it is broken first.
pub const DOT: &str = " \u{b7} ";

/// Letters of a text: size of the em square in dots, face and colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letters {
    pub em: f64,
    pub bold: bool,
    pub colour: Colour,
}

impl Letters {
    /// Distance between baselines.
    pub fn leading(self) -> f64 {
        (self.em * 1.3).round()
    }

    /// Height of capitals (0.714 em in Noto Sans).
    pub fn capital(self) -> f64 {
        self.em * 0.714
    }

    /// Length of a text.
    pub fn width(self, text: &str) -> f64 {
        let advances = text.chars().map(|c| font::advance(self.bold, c));
        advances.sum::<f64>() * self.em
    }

    /// Breaks a text into lines of at most `width` dots: at spaces, and inside a word only
    /// if it is longer than a line.
    fn wrap(self, text: &str, width: f64) -> Vec<String> {
        let fits = |line: &str| self.width(line) * SLACK <= width;
        let (mut lines, mut line) = (Vec::new(), String::new());
        // No-break spaces stay in their words.
        let words = text
            .split([' ', '\n', '\t', '\r'])
            .filter(|word| !word.is_empty());
        for word in words.map(escape::line) {
            if !line.is_empty() && fits(&format!("{line} {word}")) {
                line.push(' ');
            } else if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if line.chars().nth(1).is_some() && !fits(&line) {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, c.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

/// Lines of text below each other.
#[derive(Debug, Clone)]
pub struct Block {
    lines: Vec<String>,
    letters: Letters,
    /// Length of the longest line, with some slack for other fonts.
    pub width: f64,
    /// Height of all lines; 0 without lines.
    pub height: f64,
}

impl Block {
    /// Breaks a text to a width.
    pub fn new(text: &str, letters: Letters, width: f64) -> Self {
        Self::of(letters.wrap(text, width), letters)
    }

    /// Breaks a text of parts with middle dots between to a width: at dots if possible, which
    /// are left out there.
    pub fn parts(text: &str, letters: Letters, width: f64) -> Self {
        let mut lines: Vec<String> = Vec::new();
        for part in text.split(DOT) {
            let joined = lines.last().map(|line| format!("{line}{DOT}{part}"));
            let joined = joined.map(|line| letters.wrap(&line, width));
            match joined.as_deref() {
                Some([line]) => {
                    lines.pop();
                    lines.push(line.clone());
                }
                _ => lines.extend(letters.wrap(part, width)),
            }
        }
        Self::of(lines, letters)
    }

    /// Breaks each of several texts to a width.
    pub fn each<T: AsRef<str>>(
        texts: impl IntoIterator<Item = T>,
        letters: Letters,
        width: f64,
    ) -> Vec<Self> {
        let texts = texts.into_iter();
        texts
            .map(|text| Self::new(text.as_ref(), letters, width))
            .collect()
    }

    fn of(lines: Vec<String>, letters: Letters) -> Self {
        Self {
            width: greatest(lines.iter().map(|line| letters.width(line))) * SLACK,
            height: lines.len() as f64 * letters.leading(),
            lines,
            letters,
        }
    }

    /// Writes the lines from the top down, with this part of each at the position.
    pub fn paint(&self, sheet: &mut Sheet, at: At, anchor: Anchor, role: Role) {
        // Capitals in the middle of their line.
        let baseline = f64::midpoint(self.letters.leading(), self.letters.capital());
        for (nth, line) in self.lines.iter().enumerate() {
            sheet.items.push(Item::Text(TextLine {
                at: at.by(0.0, baseline + nth as f64 * self.letters.leading()),
                anchor,
                letters: self.letters,
                role,
                text: line.clone(),
            }));
        }
    }
}

/// Height of the tallest text.
pub fn tallest<'a>(texts: impl IntoIterator<Item = &'a Block>) -> f64 {
    greatest(texts.into_iter().map(|text| text.height))
}

/// Length of the longest text.
pub fn widest<'a>(texts: impl IntoIterator<Item = &'a Block>) -> f64 {
    greatest(texts.into_iter().map(|text| text.width))
}

/// Greatest of some lengths; 0 without any.
pub fn greatest(lengths: impl IntoIterator<Item = f64>) -> f64 {
    lengths.into_iter().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::sheet::INK;
    use super::*;
    use proptest::prelude::*;

    fn letters(em: f64) -> Letters {
        Letters {
            em,
            bold: false,
            colour: INK,
        }
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken_and_nothing_is_lost() {
        let lines = letters(20.0).wrap("a wwwwwwwwwwwwwwwwwwww b", 100.0);
        assert!(lines.len() > 3, "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), "awwwwwwwwwwwwwwwwwwwwb");
    }

    #[test]
    fn parts_are_broken_at_dots_or_where_they_must() {
        let lines = |width| {
            let text = "p 1.00 \u{b7} conv 0.62 \u{b7} k-NN 0.20";
            Block::parts(text, letters(24.0), width).lines
        };
        assert_eq!(lines(500.0), ["p 1.00 \u{b7} conv 0.62 \u{b7} k-NN 0.20"]);
        assert_eq!(lines(224.0), ["p 1.00 \u{b7} conv 0.62", "k-NN 0.20"]);
        assert_eq!(lines(125.0), ["p 1.00", "conv 0.62", "k-NN 0.20"]);
        assert_eq!(lines(90.0), ["p 1.00", "conv", "0.62", "k-NN", "0.20"]);
        assert!(Block::parts(" ", letters(24.0), 90.0).lines.is_empty());
    }

    #[test]
    fn an_empty_text_has_no_lines() {
        assert!(letters(20.0).wrap(" ", 500.0).is_empty());
    }

    #[test]
    fn an_em_is_the_size_of_the_em_square() {
        // Noto Sans: a zero is 1171 of 2048 units wide.
        let width = letters(100.0).width("0");
        assert!((width - 57.178).abs() < 0.01, "{width}");
    }

    proptest! {
        #[test]
        fn wrapped_lines_fit(text in "[a-zA-Z_,.<&>\u{e9}\u{1} ]{0,200}", width in 60.0..900.0) {
            for line in letters(30.0).wrap(&text, width) {
                prop_assert!(letters(30.0).width(&line) <= width, "{line}");
                prop_assert!(!line.chars().any(char::is_control));
            }
        }
    }
}
