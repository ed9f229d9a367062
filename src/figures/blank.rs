//! A page in place of a figure that has nothing to show.

use super::sheet::{Anchor, At, Role, Sheet};
use super::text::Block;
use super::{Drawing, FigureError, Style};

/// Draws the page with the reason why there is nothing to show.
///
/// # Errors
/// If a file cannot be encoded.
pub fn draw(style: Style<'_>, reason: &str) -> Result<Drawing, FigureError> {
    let text = format!("Nothing to show: {reason}");
    let reason = Block::new(&text, style.text(), style.width());
    let mut sheet = Sheet::new(style.width(), reason.height);
    reason.paint(&mut sheet, At(0.0, 0.0), Anchor::Start, Role::Text);
    style.draw_alone(sheet)
}

#[cfg(test)]
mod tests {
    use super::super::tests::style;
    use super::*;

    #[test]
    fn the_page_says_why_it_is_empty() {
        let drawing = draw(style(), "a < b & c").unwrap();
        let svg = String::from_utf8(drawing.pages[0].svg.clone()).unwrap();
        for text in ["Inversions", "synthetic, seed 0", "a &lt; b &amp; c"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }
}
