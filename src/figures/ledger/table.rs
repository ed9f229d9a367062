//! Where each claim stands, with its measures and its verdict.

use super::{LedgerRow, LedgerTest, gauge, seal};
use crate::figures::FigureError;
use crate::figures::canvas::{Area, FRAME, INK, QUIET, unit};
use crate::figures::chart::RULE;
use crate::figures::legend::{self, Legend};
use crate::figures::marks::stroke;
use crate::figures::text::{Block, DOT, Type, tallest, widest};
use plotters::style::text_anchor::HPos;
use plotters::style::{FontStyle, RGBColor};

/// Texts are broken beyond these widths: the claim, the quantity, what is claimed of it
/// and what was observed, and the reason of the verdict.
const WIDTHS: [f64; 5] = [670.0, 380.0, 210.0, 340.0, 240.0];
/// Between two columns.
const GAP: f64 = 34.0;
/// Captions and notes get at least this width.
const LEAST_WIDTH: f64 = 1200.0;
/// Above and below what is between two lines.
const PAD: f64 = 15.0;
/// Between two tests.
const BETWEEN: f64 = 8.0;
/// Above small type.
const ABOVE: f64 = 3.0;
/// The width of a line between rows.
const THIN: f64 = 2.0;
/// The width of the lines below the heads and the last row.
const THICK: f64 = 3.0;

/// The names of the columns; the scales are explained above them.
const HEADS: [&str; 6] = ["claim", "quantity", "claimed", "observed", "", "verdict"];
/// The letters of these.
const HEAD: Type = Type(28.0, FontStyle::Bold, INK);
/// The letters of claims.
const SAYS: Type = Type(28.0, FontStyle::Normal, INK);
/// The letters of tests.
const TEST: Type = Type(26.0, FontStyle::Normal, INK);
/// The letters of sources and reasons.
const SMALL: Type = Type(23.0, FontStyle::Normal, QUIET);

/// Rows with their texts broken; lengths are in pixels.
pub struct Table<'a> {
    legend: Legend,
    heads: Vec<Block>,
    rows: Vec<Row<'a>>,
    /// The left border of each column.
    columns: [f64; 6],
    width: f64,
}

/// One claim.
struct Row<'a> {
    content: &'a LedgerRow,
    says: Block,
    source: Block,
    tests: Vec<Test<'a>>,
    reason: Block,
}

/// One test.
struct Test<'a> {
    content: &'a LedgerTest,
    /// The quantity, what is claimed of it and what was observed.
    texts: [Block; 3],
}

impl<'a> Table<'a> {
    pub fn new(rows: &'a [LedgerRow]) -> Result<Self, FigureError> {
        let rows = rows.iter().map(Row::new);
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let heads = HEADS.map(|head| Block::new(head, HEAD, f64::INFINITY));
        let heads = heads.into_iter().collect::<Result<Vec<_>, _>>()?;
        let (columns, width) = columns(&rows, &heads);
        let names = ["where the claim is true", "mean with its interval"];
        Ok(Self {
            legend: Legend::new(names.into_iter(), legend::LINE, width)?,
            heads,
            rows,
            columns,
            width,
        })
    }

    /// The width and height of all rows with what is above.
    pub fn size(&self) -> (f64, f64) {
        let rows = self.rows.iter().map(Row::height);
        (self.width, self.top() + rows.sum::<f64>() + THICK)
    }

    /// The top of the first row.
    fn top(&self) -> f64 {
        self.legend.height + tallest(&self.heads) + PAD
    }

    pub fn paint(&self, area: &Area<'_>) -> Result<(), FigureError> {
        self.paint_legend(area)?;
        for (head, x) in self.heads.iter().zip(self.columns) {
            head.paint(area, (x, self.legend.height), HPos::Left)?;
        }
        let mut y = self.top();
        self.rule(area, y, (FRAME, THICK))?;
        for (nth, row) in self.rows.iter().enumerate() {
            if nth > 0 {
                self.rule(area, y, (RULE, THIN))?;
            }
            row.paint(area, self.columns, y + PAD)?;
            y += row.height();
        }
        self.rule(area, y, (FRAME, THICK))
    }

    /// Draws a line across all columns.
    fn rule(
        &self,
        area: &Area<'_>,
        y: f64,
        (colour, width): (RGBColor, f64),
    ) -> Result<(), FigureError> {
        let line = [0.0, self.width].map(|x| (unit(x), unit(y)));
        stroke(area, line.to_vec(), width, (colour, None))
    }

    fn paint_legend(&self, area: &Area<'_>) -> Result<(), FigureError> {
        let samples = [false, true];
        self.legend
            .paint(area, (0.0, 0.0), samples, |(x, y), is_mean| {
                let end = x + legend::LINE - 16.0;
                if !is_mean {
                    return gauge::shade(area, (x, end), y);
                }
                gauge::whisker(area, [(x, true), (end, true)], y)?;
                gauge::dot(area, (f64::midpoint(x, end), y))
            })
    }
}

/// The left border of each column, and the width of all.
fn columns(rows: &[Row<'_>], heads: &[Block]) -> ([f64; 6], f64) {
    let text = |nth: usize| {
        let tests = rows.iter().flat_map(|row| &row.tests);
        widest(tests.map(|test| &test.texts[nth]))
    };
    let says = rows.iter().flat_map(|row| [&row.says, &row.source]);
    let reasons = widest(rows.iter().map(|row| &row.reason));
    let widths = [
        widest(says),
        text(0),
        text(1),
        text(2),
        gauge::WIDTH,
        reasons.max(seal::SIZE.0),
    ];
    let (mut columns, mut x) = ([0.0; 6], 0.0);
    for ((column, width), head) in columns.iter_mut().zip(widths).zip(heads) {
        *column = x;
        x += width.max(head.width).ceil() + GAP;
    }
    (columns, (x - GAP).max(LEAST_WIDTH))
}

impl<'a> Row<'a> {
    fn new(content: &'a LedgerRow) -> Result<Self, FigureError> {
        let source = [content.source.trim(), content.at.trim()];
        let source: Vec<_> = source.into_iter().filter(|text| !text.is_empty()).collect();
        let tests = content.tests.iter().map(Test::new);
        Ok(Self {
            says: Block::new(&content.says, SAYS, WIDTHS[0])?,
            source: Block::parts(&source.join(DOT), SMALL, WIDTHS[0])?,
            tests: tests.collect::<Result<_, _>>()?,
            reason: Block::new(&content.reason, SMALL, WIDTHS[4])?,
            content,
        })
    }

    /// With the space above and below.
    fn height(&self) -> f64 {
        let tests = self.tests.iter().map(|test| test.height() + BETWEEN);
        let parts = [
            self.says.height + ABOVE + self.source.height,
            tests.sum::<f64>() - BETWEEN,
            below_seal() + self.reason.height,
        ];
        parts.into_iter().fold(0.0, f64::max) + 2.0 * PAD
    }

    /// Draws all from `y` on down; the first lines of all columns are beside each other.
    fn paint(&self, area: &Area<'_>, columns: [f64; 6], y: f64) -> Result<(), FigureError> {
        let [left, .., right] = columns;
        self.says.paint(area, (left, y), HPos::Left)?;
        let below = y + self.says.height + ABOVE;
        self.source.paint(area, (left, below), HPos::Left)?;
        let middle = y + SAYS.leading() / 2.0;
        seal::paint(area, self.content.verdict, (right, middle))?;
        let below = y + below_seal();
        self.reason.paint(area, (right, below), HPos::Left)?;
        let mut y = y;
        for test in &self.tests {
            test.paint(area, columns, y)?;
            y += test.height() + BETWEEN;
        }
        Ok(())
    }
}

/// From the top of a row to what is below its seal, which is beside the first line.
fn below_seal() -> f64 {
    f64::midpoint(SAYS.leading(), seal::SIZE.1) + ABOVE
}

impl<'a> Test<'a> {
    fn new(content: &'a LedgerTest) -> Result<Self, FigureError> {
        let text = |text: &str, nth: usize| Block::new(text, TEST, WIDTHS[nth]);
        Ok(Self {
            texts: [
                text(&content.quantity, 1)?,
                text(&content.claimed, 2)?,
                text(&content.observed, 3)?,
            ],
            content,
        })
    }

    fn height(&self) -> f64 {
        SAYS.leading().max(tallest(&self.texts))
    }

    fn paint(&self, area: &Area<'_>, columns: [f64; 6], y: f64) -> Result<(), FigureError> {
        let middle = y + SAYS.leading() / 2.0;
        for (text, x) in self.texts.iter().zip(&columns[1..]) {
            text.paint(area, (*x, middle - TEST.leading() / 2.0), HPos::Left)?;
        }
        gauge::paint(area, self.content, (columns[4], middle))
    }
}
