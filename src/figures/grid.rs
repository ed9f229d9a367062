//! Images in rows and columns: one row an inversion, one column a class.

use super::canvas::{self, BORDER, Canvas, INK};
use super::text::{Block, Type};
use super::{Drawing, FigureError};
use plotters::style::FontStyle;
use plotters::style::text_anchor::HPos;

pub use super::levels::{Scale, levels};

/// What a grid shows.
#[derive(Debug, Clone)]
pub struct Grid<'a> {
    /// In bold above the grid.
    pub title: &'a str,
    /// Below the title, of any length; may be empty.
    pub caption: &'a str,
    /// In small type below the grid: where the data is from.
    pub note: &'a str,
    /// The names of the classes, over the columns.
    pub columns: Vec<String>,
    /// From top to bottom.
    pub rows: Vec<GridRow>,
}

/// One row of a grid.
#[derive(Debug, Clone)]
pub struct GridRow {
    /// Left of the images, of any length.
    pub label: String,
    /// One a column.
    pub images: Vec<Image>,
}

/// A grey image, row by row from the upper left corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Brightness, 0 black to 255 white.
    pub levels: Vec<u8>,
}

/// The longest side of an image on the page, in pixels: 8 for each of 28.
const SIDE: usize = 224;
/// Between two images.
const GAP: f64 = 20.0;
/// A row label is broken beyond this width.
const LABEL: f64 = 290.0;
/// Between a row label and the first image.
const LABEL_GAP: f64 = 24.0;
/// Between the names of the classes and the first row.
const BELOW_HEADS: f64 = 10.0;
/// Captions and notes get at least this width, also over a single image.
const LEAST_WIDTH: f64 = 900.0;

/// The letters of the names of the classes.
const HEAD: Type = Type(36.0, FontStyle::Bold, INK);
/// The letters of row labels.
const LABELS: Type = Type(34.0, FontStyle::Normal, INK);

/// Draws a grid. Every image pixel is a square of the same whole number of pixels
/// in the PNG, 8 for images of 28 x 28.
///
/// # Errors
/// If the grid has no row or no column, a row does not have one image for each
/// column, an image does not have `width * height` levels or none, or the page
/// would be too large.
pub fn draw(grid: &Grid<'_>) -> Result<Drawing, FigureError> {
    check(grid)?;
    let cells = Cells::new(grid)?;
    let texts = [grid.title, grid.caption, grid.note];
    canvas::draw(texts, cells.size(), |canvas| cells.paint(canvas))
}

fn check(grid: &Grid<'_>) -> Result<(), FigureError> {
    if grid.columns.is_empty() || grid.rows.is_empty() {
        return Err(FigureError::Empty);
    }
    for row in &grid.rows {
        if row.images.len() != grid.columns.len() {
            return Err(FigureError::Ragged {
                row: row.label.clone(),
                images: row.images.len(),
                columns: grid.columns.len(),
            });
        }
        for (column, image) in row.images.iter().enumerate() {
            let levels = image.levels.len();
            if levels == 0 || image.width.checked_mul(image.height) != Some(levels) {
                let row = row.label.clone();
                return Err(FigureError::Levels { row, column });
            }
        }
    }
    Ok(())
}

/// A grid with its texts broken and its lengths, in pixels, known.
struct Cells<'a> {
    grid: &'a Grid<'a>,
    heads: Vec<Block>,
    labels: Vec<Block>,
    /// Pixels of the page for one of an image.
    factor: usize,
    /// The width and height that every image has room in.
    cell: (f64, f64),
    /// The height that every row has, also for the tallest label.
    row: f64,
    /// From the left border of the labels to the first image.
    indent: f64,
    /// From the top of the names of the classes to the first row.
    top: f64,
}

impl<'a> Cells<'a> {
    fn new(grid: &'a Grid<'a>) -> Result<Self, FigureError> {
        let images = || grid.rows.iter().flat_map(|row| &row.images);
        let width = images().map(|image| image.width).max().unwrap_or(1);
        let height = images().map(|image| image.height).max().unwrap_or(1);
        let factor = (SIDE / width.max(height)).max(1);
        let cell = ((width * factor) as f64, (height * factor) as f64);
        let heads = grid.columns.iter();
        let heads = heads.map(|name| Block::new(name, HEAD, cell.0));
        let heads = heads.collect::<Result<Vec<_>, _>>()?;
        let labels = grid.rows.iter();
        let labels = labels.map(|row| Block::new(&row.label, LABELS, LABEL));
        let labels = labels.collect::<Result<Vec<_>, _>>()?;
        let widest = labels.iter().map(|label| label.width).fold(0.0, f64::max);
        let tallest = |texts: &[Block]| texts.iter().map(|text| text.height).fold(0.0, f64::max);
        Ok(Self {
            grid,
            factor,
            cell,
            row: cell.1.max(tallest(&labels)),
            indent: (widest + LABEL_GAP).round(),
            top: tallest(&heads) + BELOW_HEADS,
            heads,
            labels,
        })
    }

    /// The width and height of the grid with its labels.
    fn size(&self) -> (f64, f64) {
        let (right, bottom) = self.corner(self.heads.len(), self.labels.len());
        let (width, height) = (right - GAP + BORDER, bottom - GAP + BORDER);
        (width.max(LEAST_WIDTH), height)
    }

    /// The left border of a column of images, and the upper border of a row.
    fn corner(&self, column: usize, row: usize) -> (f64, f64) {
        let x = self.indent + column as f64 * (self.cell.0 + GAP);
        (x, self.top + row as f64 * (self.row + GAP))
    }

    fn paint(&self, canvas: &mut Canvas<'_>) -> Result<(), FigureError> {
        for (column, name) in self.heads.iter().enumerate() {
            let (left, top) = self.corner(column, 0);
            let (x, y) = (left + self.cell.0 / 2.0, top - BELOW_HEADS - name.height);
            name.paint(&canvas.area, (x, y), HPos::Center)?;
        }
        for (row, (label, content)) in self.labels.iter().zip(&self.grid.rows).enumerate() {
            let (_, top) = self.corner(0, row);
            let y = top + (self.row - label.height) / 2.0;
            label.paint(&canvas.area, (0.0, y), HPos::Left)?;
            let y = top + ((self.row - self.cell.1) / 2.0).round();
            for (column, image) in content.images.iter().enumerate() {
                let (x, _) = self.corner(column, row);
                canvas.image((x, y), image, self.factor)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::*;

    const IMAGE: (&str, &str) = ("http://www.w3.org/2000/svg", "image");

    /// Images of a side, each with levels of its own.
    fn grid(rows: usize, columns: usize, side: usize) -> Grid<'static> {
        let image = |nth: usize| Image {
            width: side,
            height: side,
            levels: (0..side * side).map(|i| (i * nth % 256) as u8).collect(),
        };
        let row = |row: usize| GridRow {
            label: "analytical with bias".to_owned(),
            images: (0..columns).map(|i| image(1 + i + row * columns)).collect(),
        };
        Grid {
            title: "Inversions",
            caption: "a <&> b \"c\" 'd' \u{1}",
            note: "synthetic digits, seed 0",
            columns: (0..columns).map(|i| i.to_string()).collect(),
            rows: (0..rows).map(row).collect(),
        }
    }

    /// Whether each level of an image fills its square of the page, frame included.
    fn stands_at(page: &(usize, Vec<u8>), (x, y): (usize, usize), image: &Image, factor: usize) {
        let grey = |x: usize, y: usize| &page.1[(y * page.0 + x) * 3..][..3];
        for down in 0..image.height * factor {
            for right in 0..image.width * factor {
                let level = image.levels[down / factor * image.width + right / factor];
                assert_eq!(grey(x + right, y + down), [level; 3], "{right} {down}");
            }
            assert_eq!(grey(x - 1, y + down), [140; 3]);
            assert_eq!(grey(x + image.width * factor, y + down), [140; 3]);
        }
    }

    /// The places of the images on the page, from the SVG.
    fn corners(drawing: &Drawing) -> Vec<(usize, usize)> {
        let svg = std::str::from_utf8(&drawing.svg).unwrap();
        let tree = roxmltree::Document::parse(svg).unwrap();
        let images = tree.descendants().filter(|n| n.has_tag_name(IMAGE));
        let pixels = |n: roxmltree::Node<'_, '_>, name| {
            let units: usize = n.attribute(name).unwrap().parse().unwrap();
            assert_eq!(units % 8, 0);
            units / 8
        };
        images.map(|n| (pixels(n, "x"), pixels(n, "y"))).collect()
    }

    #[test]
    fn every_level_is_a_square_of_whole_pixels() {
        for (side, factor) in [(28, 8), (1, 224), (300, 1)] {
            let grid = grid(2, 3, side);
            let drawing = draw(&grid).unwrap();
            let (width, _, rgb) = decode(&drawing.png);
            let page = (width, rgb);
            let images = grid.rows.iter().flat_map(|row| &row.images);
            let corners = corners(&drawing);
            assert_eq!(corners.len(), 6);
            for (corner, image) in corners.into_iter().zip(images) {
                stands_at(&page, corner, image, factor);
            }
        }
    }

    #[test]
    fn columns_and_rows_add_their_images_to_the_page() {
        let size = |rows, columns| {
            let (width, height, _) = decode(&draw(&grid(rows, columns, 28)).unwrap().png);
            (width, height)
        };
        let (five, six, twelve) = (size(1, 5), size(1, 6), size(12, 10));
        assert_eq!((six.0 - five.0, six.1), (244, five.1));
        assert_eq!((twelve.0 - six.0, twelve.1 - six.1), (4 * 244, 11 * 244));
    }

    #[test]
    fn the_same_grid_gives_the_same_bytes() {
        assert_eq!(
            draw(&grid(2, 5, 28)).unwrap(),
            draw(&grid(2, 5, 28)).unwrap()
        );
    }

    #[test]
    fn the_svg_is_xml_with_its_texts_escaped() {
        let text = String::from_utf8(draw(&grid(1, 1, 28)).unwrap().svg).unwrap();
        assert!(text.contains("a &lt;&amp;&gt; b"));
        let tree = roxmltree::Document::parse(&text).unwrap();
        let mut texts = tree.descendants().filter_map(|n| n.text());
        assert!(texts.any(|t| t.trim() == "a <&> b \"c\" 'd' \u{fffd}"));
    }

    #[test]
    fn a_grid_that_does_not_fit_is_refused_by_name() {
        let fault = |change: fn(&mut Grid<'_>)| {
            let mut grid = grid(2, 2, 28);
            change(&mut grid);
            draw(&grid).unwrap_err().to_string()
        };
        for empty in [fault(|g| g.rows.clear()), fault(|g| g.columns.clear())] {
            assert_eq!(empty, "a figure has nothing to show");
        }
        let row = "row `analytical with bias`";
        assert_eq!(
            fault(|g| g.rows[1].images.truncate(1)),
            format!("{row} has 1 images, must be 2, one per column")
        );
        for levels in [
            fault(|g| g.rows[1].images[1].levels.truncate(9)),
            fault(|g| g.rows[1].images[1].levels.clear()),
            fault(|g| g.rows[1].images[1].width = usize::MAX),
        ] {
            let expected = format!("image 1 of {row} must have width x height levels, not 0");
            assert_eq!(levels, expected);
        }
    }
}
