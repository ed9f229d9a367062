use super::super::tests::{decode, numbers, style, svg};
use super::*;
use crate::config::{FigureLook, PrintedWidth};

/// Images of a side, each with levels of its own.
fn grid(rows: usize, columns: usize, side: usize) -> Grid<'static> {
    let image = |nth: usize| GridImage {
        width: side,
        height: side,
        levels: (0..side * side).map(|i| (i * nth % 256) as u8).collect(),
        beyond: Vec::new(),
    };
    let row = |row: usize| GridRow {
        label: "analytical with bias".to_owned(),
        remark: String::new(),
        images: (0..columns).map(|i| image(1 + i + row * columns)).collect(),
        under: Vec::new(),
        scale: ShownScale::None,
    };
    Grid {
        style: style(),
        columns: (0..columns).map(|i| i.to_string()).collect(),
        rows: (0..rows).map(row).collect(),
    }
}

/// Places and widths of the images of a page.
fn places(drawing: &Drawing) -> Vec<[f64; 3]> {
    numbers(svg(drawing), "image", ["x", "y", "width"])
}

/// Every level is a square of the same whole number of pixels, with a frame around all.
#[test]
fn every_level_is_a_square_of_whole_pixels() {
    for (side, factor) in [(28, 10), (1, 280), (300, 1)] {
        let grid = grid(2, 3, side);
        let drawing = draw(&grid).unwrap();
        let page = decode(&drawing.pages[0].png);
        let images = grid.rows.iter().flat_map(|row| &row.images);
        let places = places(&drawing);
        assert_eq!(places.len(), 6);
        for ([x, y, width], image) in places.into_iter().zip(images) {
            assert_eq!([x, y, width].map(f64::fract), [0.0; 3]);
            assert_eq!(width as usize, side * factor);
            let (x, y) = (x as usize, y as usize);
            for (nth, level) in image.levels.iter().enumerate() {
                let (right, down) = (nth % side * factor, nth / side * factor);
                for corner in [0, factor - 1] {
                    let colour = page.colour(x + right + corner, y + down + corner);
                    assert_eq!(colour, [*level; 3], "{right} {down}");
                }
            }
            assert_eq!(page.colour(x - 1, y + side * factor / 2), [140; 3]);
        }
    }
}

#[test]
fn columns_without_room_are_in_bands_with_their_heads() {
    let drawing = draw(&grid(2, 26, 28)).unwrap();
    let places = places(&drawing);
    let lefts: std::collections::BTreeSet<u64> = places.iter().map(|at| at[0] as u64).collect();
    assert!(lefts.len() < 26 && lefts.len() >= 9, "{}", lefts.len());
    assert_eq!(places.len(), 52);
    // Each row of each band names its columns.
    assert_eq!(svg(&drawing).matches(">25</text>").count(), 2);
}

/// A page is at most 230 mm high, 2,716 dots; each has the heads.
#[test]
fn rows_beyond_a_page_are_on_the_next_one() {
    let drawing = draw(&grid(12, 5, 28)).unwrap();
    assert!(drawing.pages.len() > 1);
    let mut images = 0;
    for (nth, page) in drawing.pages.iter().enumerate() {
        assert!(decode(&page.png).height <= 2717);
        let svg = std::str::from_utf8(&page.svg).unwrap();
        assert!(svg.contains(&format!(
            "Inversions ({} of {})",
            nth + 1,
            drawing.pages.len()
        )));
        assert!(svg.contains(">4</text>"));
        images += svg.matches("<image ").count();
    }
    assert_eq!(images, 60);
}

#[test]
fn a_row_in_a_column_has_smaller_images() {
    let mut grid = grid(1, 5, 28);
    let wide = places(&draw(&grid).unwrap())[0][2];
    grid.style.look = FigureLook {
        width: PrintedWidth::Column,
        ..FigureLook::default()
    };
    let narrow = places(&draw(&grid).unwrap())[0][2];
    assert!(narrow < wide && narrow % 28.0 == 0.0, "{narrow} {wide}");
}

#[test]
fn scale_bars_name_black_and_white() {
    let mut grid = grid(2, 2, 28);
    let ends = ScaleEnds {
        black: -22236.0,
        white: 0.5,
    };
    grid.rows[0].scale = ShownScale::Row(ends);
    grid.rows[1].scale = ShownScale::Each(vec![Some(ends), None]);
    let drawing = draw(&grid).unwrap();
    let svg = svg(&drawing);
    assert_eq!(svg.matches("\u{2212}22,236").count(), 2);
    // Four images, a bar at the end of the first row and one below an image.
    let places = places(&drawing);
    assert_eq!(places.len(), 6);
    let page = decode(&drawing.pages[0].png);
    let bar = places.iter().find(|at| at[2] < 20.0).unwrap();
    let [x, y] = [bar[0] as usize + 9, bar[1] as usize];
    let (top, foot) = (page.colour(x, y + 2)[0], page.colour(x, y + 277)[0]);
    assert!(top > 240 && foot < 15, "{top} {foot}");
}

/// Half of the grey remains below the colour.
#[test]
fn pixels_beyond_the_range_of_the_data_are_coloured() {
    let image = GridImage {
        width: 3,
        height: 1,
        levels: vec![0, 100, 255],
        beyond: vec![Beyond::Below, Beyond::Within, Beyond::Above],
    };
    let expected = [[0, 45, 80], [100; 3], [234, 174, 127]].concat();
    assert_eq!(image.pixels().data, expected);
}

#[test]
fn texts_are_in_the_middle_under_their_images() {
    let mut grid = grid(1, 2, 28);
    grid.rows[0].label = "words ".repeat(40);
    grid.rows[0].under = vec!["left".to_owned(), "right one".to_owned()];
    let drawing = draw(&grid).unwrap();
    let tree = roxmltree::Document::parse(svg(&drawing)).unwrap();
    for (text, [x, y, width]) in ["left", "right one"].into_iter().zip(places(&drawing)) {
        let node = tree
            .descendants()
            .find(|n| n.is_element() && n.text() == Some(text));
        let node = node.unwrap();
        let place = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
        assert_eq!(node.attribute("text-anchor"), Some("middle"));
        assert_eq!(place("x"), x + width / 2.0);
        assert!((y + width..y + width + 60.0).contains(&place("y")));
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

/// Numbers of the scale of a low image do not touch.
#[test]
fn a_low_image_has_room_for_both_ends_of_its_scale() {
    let mut grid = grid(1, 2, 28);
    for image in &mut grid.rows[0].images {
        (image.width, image.height) = (784, 1);
    }
    grid.rows[0].scale = ShownScale::Row(ScaleEnds {
        black: -3.0,
        white: 7.0,
    });
    let drawing = draw(&grid).unwrap();
    let tree = roxmltree::Document::parse(svg(&drawing)).unwrap();
    let y = |text: &str| -> f64 {
        let node = tree
            .descendants()
            .find(|n| n.is_element() && n.text() == Some(text));
        node.unwrap().attribute("y").unwrap().parse().unwrap()
    };
    assert!(y("\u{2212}3") - y("7") > 30.0);
}
