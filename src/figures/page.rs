//! Pages of a figure: title and caption above its parts, a note below, broken where a page
//! would be too high.

use super::png::{encode, rasterise};
use super::sheet::{Anchor, At, Colour, INK, PER_INCH, QUIET, Role, Sheet, millimetres, points};
use super::svg::Drawn;
use super::text::{Block, Letters};
use super::{Drawing, FigureError, FigurePage, Texts, pdf::pdf};
use crate::config::FigureLook;

/// Greatest height of a page, in millimetres.
const MAX_HEIGHT: f64 = 230.0;
/// Margin around a framed figure, and around a bare one.
const MARGINS: [f64; 2] = [24.0, 6.0];
/// Space between two parts of a figure.
const BETWEEN: f64 = 26.0;
/// Space between title and caption, between these and the figure, and above the note.
const GAPS: [f64; 3] = [6.0, 22.0, 20.0];
/// Smallest printed text, in points.
const MIN_FONT: f64 = 6.6;

/// Parts of a figure from top to bottom. A part stays on one page.
pub struct Parts {
    /// Repeated at the top of each page, such as a legend; may be empty.
    pub head: Sheet,
    pub rows: Vec<Sheet>,
}

/// Appearance of a figure: its look with its texts.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// Look.
    pub look: FigureLook,
    /// Texts.
    pub texts: Texts<'a>,
}

impl Style<'_> {
    fn letters(self, scale: f64, bold: bool, colour: Colour) -> Letters {
        let size = (self.look.font * scale).max(MIN_FONT);
        let em = points(size);
        Letters { em, bold, colour }
    }

    fn title(self) -> Letters {
        self.letters(1.125, true, INK)
    }

    /// Letters of names and captions.
    pub fn text(self) -> Letters {
        self.letters(1.0, false, INK)
    }

    /// Letters of heads of columns and panels.
    pub fn bold(self) -> Letters {
        self.letters(1.0, true, INK)
    }

    /// Letters of numbers at axes.
    pub fn small(self) -> Letters {
        self.letters(0.875, false, INK)
    }

    /// Letters of remarks.
    pub fn quiet(self) -> Letters {
        self.letters(0.875, false, QUIET)
    }

    fn margin(self) -> f64 {
        MARGINS[usize::from(!self.look.frame)]
    }

    /// Width of a figure without margins.
    pub fn width(self) -> f64 {
        millimetres(self.look.width.millimetres()).floor() - 2.0 * self.margin()
    }

    /// Height of a page without margins and texts.
    pub fn height(self) -> f64 {
        // A page number may need a line more.
        let (head, note) = (self.head(" (99 of 99)"), self.note());
        millimetres(MAX_HEIGHT) - 2.0 * self.margin() - head.height - note.height
    }

    /// Draws title and caption; the title ends with a page number, if there is one.
    fn head(self, number: &str) -> Sheet {
        let width = self.width();
        let mut sheet = Sheet::new(width, 0.0);
        if !self.look.frame {
            return sheet;
        }
        let title = Block::new(
            &format!("{}{number}", self.texts.title),
            self.title(),
            width,
        );
        let caption = Block::new(self.texts.caption, self.text(), width);
        let below = title.height + GAPS[0];
        title.paint(&mut sheet, At(0.0, 0.0), Anchor::Start, Role::Text);
        caption.paint(&mut sheet, At(0.0, below), Anchor::Start, Role::Text);
        sheet.height = below + caption.height + GAPS[1];
        sheet
    }

    fn note(self) -> Sheet {
        let mut sheet = Sheet::new(self.width(), 0.0);
        if self.look.frame {
            let note = Block::new(self.texts.note, self.quiet(), sheet.width);
            note.paint(&mut sheet, At(0.0, GAPS[2]), Anchor::Start, Role::Text);
            sheet.height = GAPS[2] + note.height;
        }
        sheet
    }

    /// Draws one part on one page, however high the texts around it are.
    ///
    /// # Errors
    /// If a file cannot be encoded.
    pub fn draw_alone(self, part: Sheet) -> Result<Drawing, FigureError> {
        let page = self.page("", Sheet::default(), vec![part])?;
        Ok(Drawing { pages: vec![page] })
    }

    /// Draws a figure on as many pages as it needs.
    ///
    /// # Errors
    /// If a part is higher than a page, or a file cannot be encoded.
    pub fn draw(self, parts: Parts) -> Result<Drawing, FigureError> {
        let pages = broken(parts.rows, self.height() - above(&parts.head))?;
        let count = pages.len();
        let pages = pages.into_iter().enumerate().map(|(nth, rows)| {
            let number = match count {
                1 => String::new(),
                _ => format!(" ({} of {count})", nth + 1),
            };
            self.page(&number, parts.head.clone(), rows)
        });
        Ok(Drawing {
            pages: pages.collect::<Result<_, _>>()?,
        })
    }

    fn page(self, number: &str, head: Sheet, rows: Vec<Sheet>) -> Result<FigurePage, FigureError> {
        let margin = self.margin();
        let mut page = Sheet::new(self.width() + 2.0 * margin, 0.0);
        let mut y = margin;
        let mut put = |sheet: Sheet, gap: f64| {
            // Whole dots keep the pixels of images sharp.
            let height = (sheet.height + gap).ceil();
            page.place(At(margin, y), sheet);
            y += height;
        };
        put(self.head(number), 0.0);
        let gap = above(&head) - head.height;
        put(head, gap);
        let last = rows.len().saturating_sub(1);
        for (nth, row) in rows.into_iter().enumerate() {
            put(row, if nth == last { 0.0 } else { BETWEEN });
        }
        put(self.note(), 0.0);
        page.height = (y + margin).ceil();
        files(&page, self.texts)
    }
}

/// Height of a head with the space below it.
fn above(head: &Sheet) -> f64 {
    if head.height > 0.0 {
        head.height + BETWEEN / 2.0
    } else {
        0.0
    }
}

/// Distributes parts over pages of a height.
fn broken(rows: Vec<Sheet>, height: f64) -> Result<Vec<Vec<Sheet>>, FigureError> {
    let mut pages: Vec<Vec<Sheet>> = Vec::new();
    let mut free = 0.0;
    for row in rows {
        let needed = (row.height + BETWEEN).ceil();
        // The space below the last part is not needed.
        if needed - BETWEEN > height {
            return Err(FigureError::TooLarge(row.width as u32, row.height as u32));
        }
        match pages.last_mut() {
            Some(page) if needed - BETWEEN <= free => page.push(row),
            _ => {
                free = height;
                pages.push(vec![row]);
            }
        }
        free -= needed;
    }
    if pages.is_empty() {
        return Err(FigureError::Empty);
    }
    Ok(pages)
}

/// Writes a page in all formats.
fn files(page: &Sheet, texts: Texts<'_>) -> Result<FigurePage, FigureError> {
    let size = [page.width, page.height];
    let pixels = size.map(|side| side as u32);
    // For the PNG the size is whole pixels, so that images stay sharp.
    let drawn = Drawn::new(page, texts)?;
    let svg = drawn.svg(pixels.map(|side| side.to_string()));
    let png = encode(&rasterise(&svg, pixels)?, Some(texts))?;
    let printed = size.map(|side| format!("{:.2}mm", side / PER_INCH * 25.4));
    Ok(FigurePage {
        png,
        svg: drawn.svg(printed).into_bytes(),
        pdf: pdf(page, texts)?,
    })
}
