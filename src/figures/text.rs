//! Texts, measured and broken into lines.

use super::FigureError;
use super::canvas::{Area, unit};
use super::font;
use crate::escape;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, TextStyle, register_font};
use std::sync::LazyLock;

/// What the SVG asks for: Noto Sans where a machine has it.
const FAMILY: &str = "Noto Sans, sans-serif";
/// plotters divides the size of a font by this to get the em of its SVG.
const SIZE_PER_EM: f64 = 1.24;
/// To measure, plotters takes the size for the height from the lowest to the highest
/// letter, which for Noto Sans is this many em.
const HEIGHT_PER_EM: f64 = 1.362;
/// From the top of a text to its baseline, in em, in plotters' SVG.
const TOP_TO_BASELINE: f64 = 0.76;
/// Other machines may show the SVG in a wider font than ours, so lines are broken
/// as if their words were this much longer.
const SLACK: f64 = 1.07;
/// Between the parts of a text, which are rather kept whole.
pub const DOT: &str = " \u{b7} ";

/// Whether plotters has both faces.
static REGISTERED: LazyLock<bool> = LazyLock::new(|| {
    register_font(FAMILY, FontStyle::Normal, &font::REGULAR).is_ok()
        && register_font(FAMILY, FontStyle::Bold, &font::BOLD).is_ok()
});

/// How a text looks: the size of its em square in pixels, its face and its colour.
#[derive(Clone, Copy)]
pub struct Type(pub f64, pub FontStyle, pub RGBColor);

impl Type {
    /// The letters as plotters has them, in units.
    pub fn style(self) -> TextStyle<'static> {
        self.font(SIZE_PER_EM).color(&self.2)
    }

    fn font(self, per_em: f64) -> FontDesc<'static> {
        LazyLock::force(&REGISTERED);
        let size = f64::from(unit(self.0)) * per_em;
        FontDesc::new(FontFamily::Name(FAMILY), size, self.1)
    }

    /// From one baseline to the next, in pixels.
    pub fn leading(self) -> f64 {
        (self.0 * 1.34).round()
    }

    /// From the baseline up to the top of capitals, in pixels (0.714 em in Noto Sans).
    pub fn capital(self) -> f64 {
        self.0 * 0.714
    }

    /// The length of a text, in pixels.
    pub fn width(self, text: &str) -> Result<f64, FigureError> {
        let size = self.font(HEIGHT_PER_EM).box_size(text);
        let (width, _) = size.map_err(|_| FigureError::Font)?;
        Ok(f64::from(width) / f64::from(unit(1.0)))
    }

    /// Breaks a text into lines of at most `width` pixels: at spaces, and inside a
    /// word only where it is longer than a line.
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

/// Some lines of text below each other; lengths are in pixels.
pub struct Block {
    lines: Vec<String>,
    letters: Type,
    /// The length of the longest line, with some more for other fonts.
    pub width: f64,
    /// From the top of the first line to the foot of the last; 0 without lines.
    pub height: f64,
}

impl Block {
    /// A text, broken to a width.
    pub fn new(text: &str, letters: Type, width: f64) -> Result<Self, FigureError> {
        Self::of(letters.wrap(text, width)?, letters)
    }

    /// A text of parts with middle dots between, broken to a width: if it can, at dots,
    /// which are left out there.
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

    fn of(lines: Vec<String>, letters: Type) -> Result<Self, FigureError> {
        let mut widths = lines.iter().map(|line| letters.width(line));
        let widest = widths.try_fold(0.0, |most, width| Ok::<_, FigureError>(width?.max(most)))?;
        Ok(Self {
            width: widest * SLACK,
            height: lines.len() as f64 * letters.leading(),
            lines,
            letters,
        })
    }

    /// Writes the lines from `y` on down, with their left end, middle or right end at `x`.
    pub fn paint(
        &self,
        area: &Area<'_>,
        (x, y): (f64, f64),
        side: HPos,
    ) -> Result<(), FigureError> {
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

/// The height of the tallest of some texts.
pub fn tallest<'a>(texts: impl IntoIterator<Item = &'a Block>) -> f64 {
    let heights = texts.into_iter().map(|text| text.height);
    heights.fold(0.0, f64::max)
}

/// The length of the longest of some texts.
pub fn widest<'a>(texts: impl IntoIterator<Item = &'a Block>) -> f64 {
    let widths = texts.into_iter().map(|text| text.width);
    widths.fold(0.0, f64::max)
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
