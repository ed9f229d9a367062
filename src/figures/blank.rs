//! A page in place of a figure that has nothing to show.

use super::canvas::{self, At, QUIET};
use super::text::{Block, Type};
use super::{Drawing, FigureError, Texts};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;

/// Text in place of a figure.
#[derive(Debug, Clone)]
pub struct Blank<'a> {
    /// Texts above and below the figure.
    pub texts: Texts<'a>,
    /// Reason why there is nothing to show.
    pub reason: &'a str,
}

/// The width of the page without its margins.
const WIDTH: f64 = 1200.0;

/// The letters of the reason.
const REASON: Type = Type(36.0, FontStyle::Normal, QUIET);

/// Draws the page.
///
/// # Errors
/// If it would be too large.
pub fn draw(blank: &Blank<'_>) -> Result<Drawing, FigureError> {
    let reason = Block::new(&format!("Nothing to show: {}", blank.reason), REASON, WIDTH)?;
    canvas::draw(blank.texts, (WIDTH, reason.height), |canvas| {
        reason.paint(&canvas.area, At(0.0, 0.0), HPos::Left)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_why_it_is_empty() {
        let drawing = draw(&Blank {
            texts: Texts {
                title: "Inversions",
                caption: "",
                note: "synthetic, seed 0",
            },
            reason: "a < b & c",
        });
        let svg = String::from_utf8(drawing.unwrap().svg).unwrap();
        for text in ["Inversions", "synthetic, seed 0", "a &lt; b &amp; c"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }
}
