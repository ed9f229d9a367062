//! Grids of images: one row per inversion, one column per class.

mod cells;

use super::canvas;
use super::{Drawing, FigureError, Texts, check_parts};
use cells::Cells;

pub use super::levels::{GreyScale, levels};

/// Content of a grid.
#[derive(Debug, Clone)]
pub struct Grid<'a> {
    /// Texts above and below the figure.
    pub texts: Texts<'a>,
    /// Names of the classes, above the columns.
    pub columns: Vec<String>,
    /// Rows from top to bottom.
    pub rows: Vec<GridRow>,
}

/// One row of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridRow {
    /// Label left of the images.
    pub label: String,
    /// One image per column.
    pub images: Vec<GridImage>,
    /// Measured values in small type under the images: one text per column, or none. A text
    /// is broken to the width of an image, preferably at a middle dot.
    pub under: Vec<String>,
}

/// A grey image, row by row from the upper left corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridImage {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Brightness, 0 black to 255 white.
    pub levels: Vec<u8>,
}

/// Draws a grid. Every image pixel is a square of the same whole number of pixels
/// in the PNG, 8 for images of 28 x 28, or fewer if the page would else be too large.
/// More than twelve columns are split into bands below each other.
///
/// # Errors
/// If the grid has no row or no column, a row does not have one image for each
/// column or texts for some of them only, an image does not have `width * height`
/// levels or none, or the page would be too large.
pub fn draw(grid: &Grid<'_>) -> Result<Drawing, FigureError> {
    check(grid)?;
    let mut factor = cells::largest_factor(grid);
    loop {
        let cells = Cells::new(grid, factor)?;
        match canvas::draw(grid.texts, cells.size(), |canvas| cells.paint(canvas)) {
            Err(FigureError::TooLarge(..)) if factor > 1 => factor -= 1,
            drawing => return drawing,
        }
    }
}

fn check(grid: &Grid<'_>) -> Result<(), FigureError> {
    if grid.columns.is_empty() || grid.rows.is_empty() {
        return Err(FigureError::Empty);
    }
    let columns = grid.columns.len();
    grid.rows.iter().try_for_each(|row| row.check(columns))
}

impl GridRow {
    fn check(&self, columns: usize) -> Result<(), FigureError> {
        let check = |count, parts, unit| {
            check_parts(
                format_args!("row `{}`", self.label),
                count,
                parts,
                columns,
                unit,
            )
        };
        check(self.images.len(), "images", "column")?;
        if !self.under.is_empty() {
            let (parts, unit) = ("texts under its images", "column, or none");
            check(self.under.len(), parts, unit)?;
        }
        let wrong = self.images.iter().position(|image| !image.is_full());
        wrong.map_or(Ok(()), |column| {
            let row = self.label.clone();
            Err(FigureError::Levels { row, column })
        })
    }
}

impl GridImage {
    /// Returns true if there are pixels, and one level per pixel.
    fn is_full(&self) -> bool {
        let levels = self.levels.len();
        levels > 0 && self.width.checked_mul(self.height) == Some(levels)
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::{BORDER, decode};
    use super::cells::{ABOVE_TEXT, UNDER};
    use super::*;
    use std::collections::BTreeSet;

    const IMAGE: (&str, &str) = ("http://www.w3.org/2000/svg", "image");

    /// Images of a side, each with levels of its own.
    fn grid(rows: usize, columns: usize, side: usize) -> Grid<'static> {
        let image = |nth: usize| GridImage {
            width: side,
            height: side,
            levels: (0..side * side).map(|i| (i * nth % 256) as u8).collect(),
        };
        let row = |row: usize| GridRow {
            label: "analytical with bias".to_owned(),
            images: (0..columns).map(|i| image(1 + i + row * columns)).collect(),
            under: Vec::new(),
        };
        Grid {
            texts: Texts {
                title: "Inversions",
                caption: "a <&> b \"c\" 'd' \u{1}",
                note: "synthetic digits, seed 0",
            },
            columns: (0..columns).map(|i| i.to_string()).collect(),
            rows: (0..rows).map(row).collect(),
        }
    }

    /// Whether each level of an image fills its square of the page, frame included.
    fn stands_at(
        page: &(usize, Vec<u8>),
        (x, y): (usize, usize),
        image: &GridImage,
        factor: usize,
    ) {
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

    /// 26 columns are three bands of nine, nine and eight, each with its heads and
    /// labels.
    #[test]
    fn many_columns_stand_in_bands() {
        let drawing = draw(&grid(2, 26, 28)).unwrap();
        let corners = corners(&drawing);
        let (first, second) = corners.split_at(26);
        let across = |row: &[(usize, usize)]| -> BTreeSet<usize> {
            row.iter().map(|corner| corner.0).collect()
        };
        let down = |row: &[(usize, usize)]| -> BTreeSet<usize> {
            row.iter().map(|corner| corner.1).collect()
        };
        assert_eq!((across(first).len(), down(first).len()), (9, 3));
        assert_eq!((first[9].0, first[25].0), (first[0].0, first[7].0));
        for (upper, lower) in down(first).into_iter().zip(down(second)) {
            assert_eq!(lower - upper, 244);
        }
        let svg = std::str::from_utf8(&drawing.svg).unwrap();
        assert_eq!(svg.matches("analytical").count(), 2 * 3);
    }

    #[test]
    fn images_of_a_page_that_would_be_too_large_are_smaller() {
        let size = |rows| {
            let drawing = draw(&grid(rows, 47, 28)).unwrap();
            let (width, height, _) = decode(&drawing.png);
            assert!(width * height <= 40_000_000);
            assert_eq!(corners(&drawing).len(), 47 * rows);
            width
        };
        assert!(size(20) < size(3));
    }

    #[test]
    fn texts_under_a_row_move_what_is_below_and_nothing_else() {
        let mut grid = grid(3, 2, 28);
        let without = draw(&grid).unwrap();
        grid.rows[1].under = vec![String::new(); 2];
        assert_eq!(draw(&grid).unwrap(), without);
        grid.rows[1].under[1] = "p 1.00 \u{b7} conv 0.62 \u{b7} k-NN 0.20".to_owned();
        let with = draw(&grid).unwrap();
        assert_eq!(with, draw(&grid).unwrap());
        let height = |drawing: &Drawing| decode(&drawing.png).1;
        // Two lines.
        let more = (BORDER + ABOVE_TEXT + 2.0 * UNDER.leading()) as usize;
        assert_eq!(height(&with), height(&without) + more);
        let moved = corners(&without).into_iter().enumerate();
        let moved = moved.map(|(nth, (x, y))| (x, if nth < 4 { y } else { y + more }));
        assert_eq!(corners(&with), moved.collect::<Vec<_>>());
    }

    #[test]
    fn a_text_is_in_the_middle_under_its_image() {
        let mut grid = grid(1, 2, 28);
        // With a label higher than an image.
        grid.rows[0].label = "words ".repeat(40);
        grid.rows[0].under = vec!["left".to_owned(), "right one".to_owned()];
        let drawing = draw(&grid).unwrap();
        let svg = std::str::from_utf8(&drawing.svg).unwrap();
        let tree = roxmltree::Document::parse(svg).unwrap();
        for (text, (x, y)) in ["left", "right one"].into_iter().zip(corners(&drawing)) {
            let mut nodes = tree.descendants();
            let node = nodes.find(|n| n.is_element() && n.text().map(str::trim) == Some(text));
            let node = node.unwrap();
            let place = |name| node.attribute(name).unwrap().parse::<usize>().unwrap() / 8;
            assert_eq!(node.attribute("text-anchor"), Some("middle"));
            assert_eq!(place("x"), x + 112);
            assert!((y + 224..y + 264).contains(&place("y")));
        }
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
        assert!(texts.any(|t| t.trim() == "a <&> b \"c\" 'd' \\u{1}"));
    }

    #[test]
    fn a_grid_that_does_not_fit_is_refused_by_name() {
        let fault = |change: fn(&mut Grid<'_>)| {
            let mut grid = grid(2, 2, 28);
            change(&mut grid);
            draw(&grid).unwrap_err().to_string()
        };
        for empty in [fault(|g| g.rows.clear()), fault(|g| g.columns.clear())] {
            assert_eq!(empty, "it has no values");
        }
        let row = "row `analytical with bias`";
        assert_eq!(
            fault(|g| g.rows[1].images.truncate(1)),
            format!("{row} has 1 images, must be 2, one per column")
        );
        assert_eq!(
            fault(|g| g.rows[1].under.push("p 1.00".to_owned())),
            format!("{row} has 1 texts under its images, must be 2, one per column, or none")
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
