//! Images in rows and columns: one row an inversion, one column a class.

use super::canvas::{self, Canvas, INK, unit};
use super::text::{Block, Type};
use super::{Drawing, FigureError};
use plotters::element::Rectangle;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontStyle};

pub use super::levels::levels;

/// What a grid shows.
#[derive(Debug, Clone)]
pub struct Grid<'a> {
    /// In bold above the grid.
    pub title: &'a str,
    /// Below the title, of any length; may be empty.
    pub caption: &'a str,
    /// In small type below the grid: where the data is from; may be empty.
    pub note: &'a str,
    /// The names of the classes, over the columns.
    pub columns: Vec<String>,
    /// From top to bottom.
    pub rows: Vec<GridRow>,
}

/// One row of a grid.
#[derive(Debug, Clone)]
pub struct GridRow {
    /// Left of the images, of any length; may be empty.
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
/// The frame around an image.
const FRAME: f64 = 2.0;
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
    if grid.columns.is_empty() {
        return Err(FigureError::Empty("column"));
    }
    if grid.rows.is_empty() {
        return Err(FigureError::Empty("row"));
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
            check_image(&row.label, column, image)?;
        }
    }
    Ok(())
}

fn check_image(row: &str, column: usize, image: &Image) -> Result<(), FigureError> {
    let (width, height, levels) = (image.width, image.height, image.levels.len());
    if levels == 0 || width.checked_mul(height) != Some(levels) {
        return Err(FigureError::Levels {
            row: row.to_owned(),
            column,
            width,
            height,
            levels,
        });
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
    /// From the left border of the labels to the first image.
    indent: f64,
    /// From the top of the names of the classes to the first row of images.
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
        let labels = grid.rows.iter().map(|row| label(&row.label));
        let labels = labels.collect::<Result<Vec<_>, _>>()?;
        let tallest = heads.iter().map(|head| head.height).fold(0.0, f64::max);
        let widest = labels.iter().map(|label| label.width).fold(0.0, f64::max);
        Ok(Self {
            grid,
            heads,
            labels,
            factor,
            cell,
            indent: if widest > 0.0 {
                (widest + LABEL_GAP).round()
            } else {
                FRAME
            },
            top: tallest + BELOW_HEADS,
        })
    }

    /// The width and height of the grid with its labels.
    fn size(&self) -> (f64, f64) {
        let width = self.column(self.heads.len()) - GAP + FRAME;
        let rows = self.labels.iter().map(|label| self.row_height(label) + GAP);
        let height = self.top + rows.sum::<f64>() - GAP + FRAME;
        (width.max(LEAST_WIDTH), height)
    }

    /// The left border of a column of images.
    fn column(&self, column: usize) -> f64 {
        self.indent + column as f64 * (self.cell.0 + GAP)
    }

    /// A label of many lines may be taller than its images.
    fn row_height(&self, label: &Block) -> f64 {
        self.cell.1.max(label.height)
    }

    fn paint(&self, canvas: &mut Canvas<'_>) -> Result<(), FigureError> {
        for (column, name) in self.heads.iter().enumerate() {
            let x = self.column(column) + self.cell.0 / 2.0;
            let y = self.top - BELOW_HEADS - name.height;
            name.paint(&canvas.area, (x, y), HPos::Center)?;
        }
        let mut top = self.top;
        for (label, row) in self.labels.iter().zip(&self.grid.rows) {
            let height = self.row_height(label);
            let y = top + (height - label.height) / 2.0;
            label.paint(&canvas.area, (0.0, y), HPos::Left)?;
            let y = top + ((height - self.cell.1) / 2.0).round();
            for (column, image) in row.images.iter().enumerate() {
                framed(canvas, (self.column(column), y), image, self.factor)?;
            }
            top += height + GAP;
        }
        Ok(())
    }
}

/// A row label, its parts below each other if they do not fit into one line.
fn label(text: &str) -> Result<Block, FigureError> {
    let label = Block::new(text, LABELS, LABEL)?;
    if label.height > LABELS.leading() {
        return Block::new(&text.replace(", ", ",\n"), LABELS, LABEL);
    }
    Ok(label)
}

/// Places an image with a frame around it, so that black and white borders both
/// show on white paper.
fn framed(
    canvas: &mut Canvas<'_>,
    (left, top): (f64, f64),
    image: &Image,
    factor: usize,
) -> Result<(), FigureError> {
    let right = left + (image.width * factor) as f64;
    let bottom = top + (image.height * factor) as f64;
    let corners = [
        (unit(left - FRAME), unit(top - FRAME)),
        (unit(right + FRAME), unit(bottom + FRAME)),
    ];
    canvas
        .area
        .draw(&Rectangle::new(corners, canvas::FRAME.filled()))?;
    canvas.image((left, top), image, factor)
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::*;

    const IMAGE: (&str, &str) = ("http://www.w3.org/2000/svg", "image");

    /// A ring on black, of a brightness of its own.
    fn digit(width: usize, height: usize, bright: usize) -> Image {
        let level = |i: usize| {
            let (x, y) = ((i % width) as f64, (i / width) as f64);
            let (dx, dy) = (x - width as f64 / 2.0, y - height as f64 / 2.0);
            let off = (dx.hypot(dy) - width as f64 / 3.0).abs();
            ((bright as f64) / (1.0 + off * off)) as u8
        };
        Image {
            width,
            height,
            levels: (0..width * height).map(level).collect(),
        }
    }

    fn grid(rows: usize, columns: usize, caption: &str) -> Grid<'_> {
        let row = |row: usize| GridRow {
            label: "empirical, signed_sum, 255 pixels".to_owned(),
            images: (0..columns)
                .map(|i| digit(28, 28, 255 - i * 20 - row))
                .collect(),
        };
        Grid {
            title: "Inversions",
            caption,
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
    fn every_level_is_a_square_of_eight_pixels() {
        let grid = grid(2, 3, "");
        let drawing = draw(&grid).unwrap();
        let (width, _, rgb) = decode(&drawing.png);
        let page = (width, rgb);
        let images = grid.rows.iter().flat_map(|row| &row.images);
        let corners = corners(&drawing);
        assert_eq!(corners.len(), 6);
        for (corner, image) in corners.into_iter().zip(images) {
            stands_at(&page, corner, image, 8);
        }
    }

    #[test]
    fn columns_and_rows_add_their_images_to_the_page() {
        let size = |rows, columns| {
            let (width, height, _) = decode(&draw(&grid(rows, columns, "")).unwrap().png);
            (width, height)
        };
        let (five, six, twelve) = (size(1, 5), size(1, 6), size(12, 10));
        assert_eq!((six.0 - five.0, six.1), (244, five.1));
        assert_eq!((twelve.0 - six.0, twelve.1 - six.1), (4 * 244, 11 * 244));
    }

    #[test]
    fn small_images_are_enlarged_more_and_large_ones_are_not_cut() {
        for side in [1, 14, 300] {
            let mut grid = grid(1, 1, "");
            grid.rows[0].images[0] = digit(side, side, 255);
            let drawing = draw(&grid).unwrap();
            let (width, _, rgb) = decode(&drawing.png);
            let factor = (224 / side).max(1);
            let corner = corners(&drawing)[0];
            stands_at(&(width, rgb), corner, &grid.rows[0].images[0], factor);
        }
    }

    #[test]
    fn the_same_grid_gives_the_same_bytes() {
        assert_eq!(
            draw(&grid(2, 5, "a")).unwrap(),
            draw(&grid(2, 5, "a")).unwrap()
        );
    }

    #[test]
    fn the_svg_is_xml_with_its_texts_and_images() {
        let svg = draw(&grid(2, 5, "a <&> b \"c\" 'd' \u{1}")).unwrap().svg;
        let text = String::from_utf8(svg).unwrap();
        assert!(text.contains("a &lt;&amp;&gt; b"));
        let tree = roxmltree::Document::parse(&text).unwrap();
        let count = |name| tree.descendants().filter(|n| n.has_tag_name(name)).count();
        assert_eq!(count(IMAGE), 10);
        let mut texts = tree.descendants().filter_map(|n| n.text());
        assert!(texts.any(|t| t.trim() == "a <&> b \"c\" 'd' \u{fffd}"));
    }

    #[test]
    fn a_grid_that_does_not_fit_is_refused_by_name() {
        let fault = |change: fn(&mut Grid<'_>)| {
            let mut grid = grid(2, 2, "");
            change(&mut grid);
            draw(&grid).unwrap_err().to_string()
        };
        assert_eq!(fault(|g| g.rows.clear()), "a figure needs at least one row");
        assert_eq!(
            fault(|g| g.columns.clear()),
            "a figure needs at least one column"
        );
        let row = "row `empirical, signed_sum, 255 pixels`";
        assert_eq!(
            fault(|g| g.rows[1].images.truncate(1)),
            format!("{row} has 1 images, must be 2, one per column")
        );
        assert_eq!(
            fault(|g| g.rows[1].images[1].levels.truncate(9)),
            format!("image 1 of {row} has 9 levels, must be 28 x 28 and not 0")
        );
        assert!(fault(|g| g.rows[0].images[0].levels.clear()).contains("has 0 levels"));
        assert!(fault(|g| g.rows[0].images[0].width = usize::MAX).contains("has 784 levels"));
    }
}
