//! Measured texts, broken into lines.

use super::FigureError;
use super::canvas::{Area, At, unit};
use super::font;
use crate::escape;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, TextStyle, register_font};
use std::sync::LazyLock;

/// Font family of the SVG: Noto Sans if a machine has it.
const FAMILY: &str = "Noto Sans, sans-serif";
/// Divisor by which plotters gets the em of its SVG from the size of a font.
const SIZE_PER_EM: f64 = 1.24;
/// Height from the lowest to the highest letter of Noto Sans, in em: plotters measures with
/// this height as size.
const HEIGHT_PER_EM: f64 = 1.362;
/// Distance from the top of a text to its baseline in the SVG of plotters, in em.
const TOP_TO_BASELINE: f64 = 0.76;
/// Factor on the length of words: other machines may show the SVG in a wider font.
const SLACK: f64 = 1.07;
/// Separator of the parts of a text, where it is broken first.
pub const DOT: &str = " \u{b7} ";

/// Registration of both faces with plotters; true if it succeeded.
static REGISTERED: LazyLock<bool> = LazyLock::new(|| {
    register_font(FAMILY, FontStyle::Normal, &font::REGULAR).is_ok()
        && register_font(FAMILY, FontStyle::Bold, &font::BOLD).is_ok()
});

/// Type of a text: size of its em square in pixels, face and colour.
#[derive(Clone, Copy)]
pub struct Type(pub f64, pub FontStyle, pub RGBColor);

impl Type {
    /// Style for plotters, in units.
    pub fn style(self) -> TextStyle<'static> {
        self.font(SIZE_PER_EM).color(&self.2)
    }

    fn font(self, per_em: f64) -> FontDesc<'static> {
        LazyLock::force(&REGISTERED);
        let size = f64::from(unit(self.0)) * per_em;
        FontDesc::new(FontFamily::Name(FAMILY), size, self.1)
    }

    /// Distance between baselines, in pixels.
    pub fn leading(self) -> f64 {
        (self.0 * 1.34).round()
    }

    /// Height of capitals, in pixels (0.714 em in Noto Sans).
    pub fn capital(self) -> f64 {
        self.0 * 0.714
    }

    /// Length of a text, in pixels.
    pub fn width(self, text: &str) -> Result<f64, FigureError> {
        let size = self.font(HEIGHT_PER_EM).box_size(text);
        let (width, _) = size.map_err(|_| FigureError::Font)?;
        Ok(f64::from(width) / f64::from(unit(1.0)))
    }

    /// Breaks a text into lines of at most `width` pixels: at spaces, and inside a word only
    /// if it is longer than a line.
    fn wrap(self, text: &str, width: f64) -> Result<Vec<String>, FigureError> {
        let fits = |line: &str| Ok::<_, FigureError>(self.width(line)? * SLACK <= width);
        let (mut lines, mut line) = (Vec::new(), String::new());
        for word in text.split_whitespace().map(escape::line) {
            if !line.is_empty() && fits(&format!("{line} {word}"))? {
                line.push(' ');
            } else if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if line.chars().nth(1).is_some() && !fits(&line)? {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, c.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        Ok(lines)
    }
}

/// Lines of text below each other; lengths are in pixels.
pub struct Block {
    lines: Vec<String>,
    letters: Type,
    /// Length of the longest line, with some slack for other fonts.
    pub width: f64,
    /// Height of all lines; 0 without lines.
    pub height: f64,
}

impl Block {
    /// Breaks a text to a width.
    pub fn new(text: &str, letters: Type, width: f64) -> Result<Self, FigureError> {
        Self::of(letters.wrap(text, width)?, letters)
    }

    /// Breaks a text of parts with middle dots between to a width: at dots if possible, which
    /// are left out there.
    pub fn parts(text: &str, letters: Type, width: f64) -> Result<Self, FigureError> {
        let mut lines: Vec<String> = Vec::new();
        for part in text.split(DOT) {
            let joined = lines.last().map(|line| format!("{line}{DOT}{part}"));
            let joined = joined.map(|line| letters.wrap(&line, width)).transpose()?;
            match joined.as_deref() {
                Some([line]) => {
                    lines.pop();
                    lines.push(line.clone());
                }
                _ => lines.extend(letters.wrap(part, width)?),
            }
        }
        Self::of(lines, letters)
    }

    /// Breaks each of several texts to a width.
    pub fn each<T: AsRef<str>>(
        texts: impl IntoIterator<Item = T>,
        letters: Type,
        width: f64,
    ) -> Result<Vec<Self>, FigureError> {
        let texts = texts.into_iter();
        texts
            .map(|text| Self::new(text.as_ref(), letters, width))
            .collect()
    }

    fn of(lines: Vec<String>, letters: Type) -> Result<Self, FigureError> {
        Ok(Self {
            width: longest(lines.iter().map(|line| letters.width(line)))? * SLACK,
            height: lines.len() as f64 * letters.leading(),
            lines,
            letters,
        })
    }

    /// Writes the lines from the top down, with their left end, middle or right end at `x`.
    pub fn paint(&self, area: &Area<'_>, At(x, y): At, side: HPos) -> Result<(), FigureError> {
        let style = self.letters.style().pos(Pos::new(side, VPos::Top));
        // Capitals in the middle of their line.
        let baseline = f64::midpoint(self.letters.leading(), self.letters.capital());
        let mut top = y + baseline - TOP_TO_BASELINE * self.letters.0;
        for line in &self.lines {
            area.draw_text(line, &style, (unit(x), unit(top)))?;
            top += self.letters.leading();
        }
        Ok(())
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
pub fn greatest(lengths: impl Iterator<Item = f64>) -> f64 {
    lengths.fold(0.0, f64::max)
}

/// Greatest of some measured lengths; 0 without any.
pub fn longest(
    mut lengths: impl Iterator<Item = Result<f64, FigureError>>,
) -> Result<f64, FigureError> {
    lengths.try_fold(0.0, |most, length| Ok(length?.max(most)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::style::BLACK;
    use proptest::prelude::*;

    fn letters(em: f64) -> Type {
        Type(em, FontStyle::Normal, BLACK)
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken_and_nothing_is_lost() {
        let lines = letters(20.0)
            .wrap("a wwwwwwwwwwwwwwwwwwww b", 100.0)
            .unwrap();
        assert!(lines.len() > 3, "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), "awwwwwwwwwwwwwwwwwwwwb");
    }

    #[test]
    fn parts_are_broken_at_dots_or_where_they_must() {
        let lines = |width| {
            let text = "p 1.00 \u{b7} conv 0.62 \u{b7} k-NN 0.20";
            Block::parts(text, letters(24.0), width).unwrap().lines
        };
        assert_eq!(lines(500.0), ["p 1.00 \u{b7} conv 0.62 \u{b7} k-NN 0.20"]);
        assert_eq!(lines(224.0), ["p 1.00 \u{b7} conv 0.62", "k-NN 0.20"]);
        assert_eq!(lines(125.0), ["p 1.00", "conv 0.62", "k-NN 0.20"]);
        assert_eq!(lines(90.0), ["p 1.00", "conv", "0.62", "k-NN", "0.20"]);
        assert!(
            Block::parts(" ", letters(24.0), 90.0)
                .unwrap()
                .lines
                .is_empty()
        );
    }

    #[test]
    fn an_empty_text_has_no_lines() {
        assert!(letters(20.0).wrap(" ", 500.0).unwrap().is_empty());
    }

    #[test]
    fn an_em_is_the_size_of_the_em_square() {
        // Noto Sans: a zero is 1171 of 2048 units wide.
        let width = letters(100.0).width("0").unwrap();
        assert!((width - 57.178).abs() < 0.2, "{width}");
    }

    proptest! {
        #[test]
        fn wrapped_lines_fit(text in "[a-zA-Z_,.<&>\u{e9}\u{1} ]{0,200}", width in 60.0..900.0) {
            for line in letters(30.0).wrap(&text, width).unwrap() {
                prop_assert!(letters(30.0).width(&line).unwrap() <= width, "{line}");
                prop_assert!(!line.chars().any(char::is_control));
            }
        }
    }
}
