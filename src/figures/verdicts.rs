//! Verdicts on the claims of a source, one line each.

use super::legend::SAMPLE;
use super::marks::{PointForm, SeriesStyle, point};
use super::page::Parts;
use super::sheet::{Anchor, At, Role, Sheet};
use super::text::{Block, greatest};
use super::{Drawing, FigureError, Style};

/// Content of the figure.
#[derive(Debug, Clone)]
pub struct Verdicts<'a> {
    /// Look and texts.
    pub style: Style<'a>,
    /// Claims from top to bottom.
    pub lines: Vec<VerdictLine>,
}

/// One claim.
#[derive(Debug, Clone)]
pub struct VerdictLine {
    /// Sentence of the source.
    pub says: String,
    /// Verdict in a word or two.
    pub word: &'static str,
    /// Direction of the verdict.
    pub sense: Sense,
    /// Number of trainings and the like; may be empty.
    pub remark: String,
}

/// Direction of a verdict, which gives it its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// For the claim.
    For,
    /// Not against the claim.
    NotAgainst,
    /// Against the claim.
    Against,
    /// Neither.
    Open,
}

impl Sense {
    fn mark(self) -> SeriesStyle {
        let (colour, form) = match self {
            Self::For => ([0, 90, 160], PointForm::Disc),
            Self::NotAgainst => ([86, 180, 233], PointForm::Square),
            Self::Against => ([213, 94, 0], PointForm::Diamond),
            Self::Open => ([140, 140, 140], PointForm::Ring),
        };
        SeriesStyle {
            colour,
            dash: None,
            form,
        }
    }
}

/// Radius of a mark.
const MARK: f64 = 10.0;

/// Draws the verdicts; a sentence that is too long for its line is cut.
///
/// # Errors
/// If there is no claim.
pub fn draw(verdicts: &Verdicts<'_>) -> Result<Drawing, FigureError> {
    let style = verdicts.style;
    let letters = style.small();
    let words = greatest(verdicts.lines.iter().map(|line| letters.width(line.word)));
    let remarks = verdicts
        .lines
        .iter()
        .map(|line| letters.width(&line.remark));
    let remarks = greatest(remarks);
    let left = SAMPLE / 2.0 + words + 24.0;
    let room = style.width() - left - remarks - 24.0;
    let row = |line: &VerdictLine| {
        let mut sheet = Sheet::new(style.width(), letters.leading());
        let middle = letters.leading() / 2.0;
        point(&mut sheet, At(MARK * 1.4, middle), MARK, line.sense.mark());
        let mut write = |text: &str, x: f64, anchor: Anchor| {
            let text = Block::new(text, letters, f64::INFINITY);
            text.paint(&mut sheet, At(x, 0.0), anchor, Role::Text);
        };
        write(line.word, SAMPLE / 2.0, Anchor::Start);
        write(
            &cut(&line.says, |text| letters.width(text) <= room),
            left,
            Anchor::Start,
        );
        write(&line.remark, style.width(), Anchor::End);
        sheet
    };
    // All lines of a page are one part, which has no space within.
    let height = letters.leading();
    let fitting = (style.height() / height).floor().max(1.0) as usize;
    let page = |lines: &[VerdictLine]| {
        let mut sheet = Sheet::new(style.width(), height * lines.len() as f64);
        for (nth, line) in lines.iter().enumerate() {
            sheet.place(At(0.0, nth as f64 * height), row(line));
        }
        sheet
    };
    let rows = verdicts.lines.chunks(fitting).map(page).collect();
    style.draw(Parts {
        head: Sheet::default(),
        rows,
    })
}

/// Cuts a text at a word so that it fits, with an ellipsis for the rest.
fn cut(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.to_owned();
    }
    let mut short = String::new();
    for word in text.split_whitespace() {
        let longer = format!("{short}{word} ");
        if !fits(&format!("{}\u{2026}", longer.trim_end())) {
            break;
        }
        short = longer;
    }
    format!("{}\u{2026}", short.trim_end())
}

#[cfg(test)]
mod tests;
