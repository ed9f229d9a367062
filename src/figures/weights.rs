//! Weights of a layer as a map of colours: one row per unit, one column per input.

use super::axis::{APART, NUMBER};
use super::canvas::{self, At, BORDER, Canvas};
use super::chart::{NAME, TICK};
use super::text::{Block, widest};
use super::ticks::{labels, linear_ticks};
use super::{Drawing, FigureError, Texts};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// Content of a map of weights.
#[derive(Debug, Clone)]
pub struct Weights<'a> {
    /// Texts above and below the figure.
    pub texts: Texts<'a>,
    /// Noun for rows, such as `unit`, and the name of each.
    pub rows: (&'a str, Vec<String>),
    /// Noun for columns, such as `input`, and the name of each.
    pub columns: (&'a str, Vec<String>),
    /// Weights by row and column.
    pub values: Vec<Vec<f64>>,
}

/// Longest side of a weight on the page.
const MAX_SIDE: usize = 110;
/// Width and height that the map does not exceed unless weights would be below one pixel.
const MAP: [usize; 2] = [1500, 900];
/// Least width of the page.
const MIN_WIDTH: f64 = 900.0;
/// Width and least height of the colour bar.
const BAR: [usize; 2] = [40, 220];
/// Space between the map and the colour bar.
const GAP: f64 = 60.0;
/// Largest number of ticks at the colour bar.
const MAX_TICKS: usize = 7;

/// Colours of the lowest and of the highest weight; 0 is white. Both differ for the
/// colour-blind, too.
const ENDS: [RGBColor; 2] = [RGBColor(0, 90, 160), RGBColor(213, 94, 0)];

/// Draws a map of weights. The colours end at plus and minus the largest absolute weight.
///
/// # Errors
/// If there are no weights, a row does not have one for each column, one is not
/// finite, or the page would be too large.
pub fn draw(weights: &Weights<'_>) -> Result<Drawing, FigureError> {
    check(weights)?;
    let map = Map::new(weights)?;
    canvas::draw(weights.texts, map.size(), |canvas| map.paint(canvas))
}

fn check(weights: &Weights<'_>) -> Result<(), FigureError> {
    let columns = weights.columns.1.len();
    if columns == 0 || weights.rows.1.is_empty() {
        return Err(FigureError::Empty);
    }
    let shape = (weights.rows.1.len(), columns);
    let ragged = weights.values.iter().find(|row| row.len() != columns);
    if weights.values.len() != shape.0 || ragged.is_some() {
        return Err(FigureError::Weights { shape });
    }
    let mut values = weights.values.iter().flatten();
    let wrong = values.find(|value| !value.is_finite());
    wrong.map_or(Ok(()), |&value| Err(FigureError::Weight(value)))
}

/// Returns the colour of a fraction from -1 to 1 of the largest weight.
fn colour(fraction: f64) -> [u8; 3] {
    let RGBColor(red, green, blue) = ENDS[usize::from(fraction > 0.0)];
    let part = |full: u8| 255.0 - fraction.abs().min(1.0) * (255.0 - f64::from(full));
    [red, green, blue].map(|full| part(full).round() as u8)
}

/// Map with its texts and its lengths in pixels.
struct Map<'a> {
    weights: &'a Weights<'a>,
    /// Largest absolute weight, or 1 if all are 0.
    most: f64,
    /// Width and height of a weight.
    cell: [usize; 2],
    names: [Vec<Block>; 2],
    /// Nouns for rows and columns.
    heads: [Block; 2],
    /// Values at the colour bar and their texts.
    numbers: Vec<(f64, Block)>,
}

impl<'a> Map<'a> {
    fn new(weights: &'a Weights<'a>) -> Result<Self, FigureError> {
        let all = weights.values.iter().flatten();
        let largest = all.fold(0.0, |most: f64, value| most.max(value.abs()));
        let most = if largest > 0.0 { largest } else { 1.0 };
        let names = |names: &[String]| Block::each(names, NUMBER, MIN_WIDTH);
        let ticks = linear_ticks(&(-most..most), MAX_TICKS);
        let texts = names(&labels(&ticks, false))?;
        let side = |most: usize, count: usize| (most / count).clamp(1, MAX_SIDE);
        Ok(Self {
            weights,
            most,
            cell: [
                side(MAP[0], weights.columns.1.len()),
                side(MAP[1], weights.rows.1.len()),
            ],
            names: [names(&weights.rows.1)?, names(&weights.columns.1)?],
            heads: [
                Block::new(weights.rows.0, NAME, MIN_WIDTH)?,
                Block::new(weights.columns.0, NAME, MIN_WIDTH)?,
            ],
            numbers: ticks.into_iter().zip(texts).collect(),
        })
    }

    /// Width and height of the map alone.
    fn map(&self) -> [usize; 2] {
        let [rows, columns] = &self.names;
        [columns.len() * self.cell[0], rows.len() * self.cell[1]]
    }

    /// Upper left corner of the map: right of the names of rows, below their noun.
    fn corner(&self) -> At {
        let left = widest(&self.names[0]).max(self.heads[0].width) + TICK;
        At(left.ceil(), self.heads[0].height)
    }

    /// Upper left corner of the colour bar.
    fn bar(&self) -> At {
        let At(left, top) = self.corner();
        At(left + self.map()[0] as f64 + GAP, top)
    }

    fn bar_height(&self) -> usize {
        self.map()[1].max(BAR[1])
    }

    fn size(&self) -> (f64, f64) {
        let numbers = self.numbers.iter().map(|(_, text)| text);
        let right = self.bar().0 + BAR[0] as f64 + TICK + widest(numbers);
        let below = TICK + NUMBER.leading() + self.heads[1].height;
        let foot = self.corner().1 + (self.map()[1] as f64 + below).max(self.bar_height() as f64);
        (right.max(MIN_WIDTH), foot + NUMBER.leading() / 2.0)
    }

    fn paint(&self, canvas: &mut Canvas<'_>) -> Result<(), FigureError> {
        self.paint_names(canvas)?;
        let [width, height] = self.map();
        let weight = |x: usize, y: usize| {
            let value = self.weights.values[y / self.cell[1]][x / self.cell[0]];
            colour(value / self.most)
        };
        canvas.colours(self.corner(), [width, height], weight)?;
        let height = self.bar_height();
        let fraction = |y: usize| 1.0 - 2.0 * (y as f64 + 0.5) / height as f64;
        canvas.colours(self.bar(), [BAR[0], height], |_, y| colour(fraction(y)))?;
        let At(left, top) = self.bar();
        for (value, text) in &self.numbers {
            let below = (1.0 - value / self.most) / 2.0 * height as f64;
            let at = At(left + BAR[0] as f64 + TICK, top + below - text.height / 2.0);
            text.paint(&canvas.area, at, HPos::Left)?;
        }
        Ok(())
    }

    /// Writes as many names of rows and columns as have room.
    fn paint_names(&self, canvas: &Canvas<'_>) -> Result<(), FigureError> {
        let (At(left, top), [width, height]) = (self.corner(), self.map());
        let area = &canvas.area;
        let [rows, columns] = &self.names;
        let every = |room: f64, cell: usize| (room / cell as f64).ceil().max(1.0) as usize;
        for (row, name) in rows
            .iter()
            .enumerate()
            .step_by(every(NUMBER.leading(), self.cell[1]))
        {
            let middle = (row as f64 + 0.5) * self.cell[1] as f64;
            let at = At(left - TICK - BORDER, top + middle - name.height / 2.0);
            name.paint(area, at, HPos::Right)?;
        }
        let below = top + height as f64 + TICK;
        let step = every(widest(columns) + APART, self.cell[0]);
        for (column, name) in columns.iter().enumerate().step_by(step) {
            let middle = left + (column as f64 + 0.5) * self.cell[0] as f64;
            name.paint(area, At(middle, below), HPos::Center)?;
        }
        let [row, column] = &self.heads;
        row.paint(area, At(0.0, -TICK), HPos::Left)?;
        let middle = left + width as f64 / 2.0;
        column.paint(area, At(middle, below + NUMBER.leading()), HPos::Center)
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::decode;
    use super::*;
    use proptest::prelude::*;

    fn weights(values: Vec<Vec<f64>>) -> Weights<'static> {
        let names = |count: usize| (0..count).map(|n| n.to_string()).collect();
        Weights {
            texts: Texts {
                title: "Weights",
                caption: "",
                note: "synthetic, seed 0",
            },
            rows: ("unit", names(values.len())),
            columns: ("input", names(values.first().map_or(0, Vec::len))),
            values,
        }
    }

    /// The colours at the middle of every weight.
    fn shown(values: Vec<Vec<f64>>) -> Vec<Vec<[u8; 3]>> {
        let weights = weights(values);
        let drawing = draw(&weights).unwrap();
        let (width, _, rgb) = decode(&drawing.png);
        let map = Map::new(&weights).unwrap();
        let svg = String::from_utf8(drawing.svg).unwrap();
        let tree = roxmltree::Document::parse(&svg).unwrap();
        let image = tree.descendants().find(|n| n.tag_name().name() == "image");
        let place = |name| {
            image
                .unwrap()
                .attribute(name)
                .unwrap()
                .parse::<usize>()
                .unwrap()
                / 8
        };
        let (left, top) = (place("x"), place("y"));
        let at = |row: usize, column: usize| {
            let x = left + column * map.cell[0] + map.cell[0] / 2;
            let y = top + row * map.cell[1] + map.cell[1] / 2;
            let pixel = &rgb[(y * width + x) * 3..][..3];
            [pixel[0], pixel[1], pixel[2]]
        };
        let [rows, columns] = &map.names;
        let row = |row| (0..columns.len()).map(|column| at(row, column)).collect();
        (0..rows.len()).map(row).collect()
    }

    /// White at 0, and half way to either end at half of the largest.
    #[test]
    fn colours_by_hand() {
        let colours = shown(vec![vec![0.0, -4.0, 2.0], vec![4.0, -2.0, -0.0]]);
        let (low, high, white) = ([0, 90, 160], [213, 94, 0], [255; 3]);
        let (below, above) = ([128, 173, 208], [234, 175, 128]);
        assert_eq!(colours, [[white, low, above], [high, below, white]]);
    }

    #[test]
    fn a_layer_of_zeros_is_white_and_one_of_many_inputs_has_a_pixel_each() {
        assert_eq!(shown(vec![vec![0.0]]), [[[255; 3]]]);
        let wide: Vec<f64> = (0..3000).map(|n| f64::from(n % 2)).collect();
        let colours = shown(vec![wide; 2]);
        assert_eq!(colours[1][998..1000], [[255; 3], [213, 94, 0]]);
    }

    #[test]
    fn weights_that_make_no_map_are_refused() {
        let told = |weights: &Weights<'_>| draw(weights).unwrap_err().to_string();
        assert_eq!(told(&weights(vec![])), "it has no values");
        let mut ragged = weights(vec![vec![1.0, 2.0]; 2]);
        ragged.values[1].pop();
        assert_eq!(told(&ragged), "a map of weights must have 2 x 2 of them");
        let wrong = weights(vec![vec![f64::NAN]]);
        assert_eq!(told(&wrong), "a weight is NaN, weights must be finite");
    }

    proptest! {
        /// The sign is the colour and the size its strength, whatever the unit.
        #[test]
        fn colours_follow_sign_and_size(a in -1.0..1.0f64, b in -1.0..1.0f64) {
            let ([red, _, blue], [other, _, _]) = (colour(a), colour(b));
            prop_assert_eq!(red > blue, a > 0.0 && red != blue);
            prop_assert!(a > 0.0 || b > 0.0 || (a - b) * (f64::from(red) - f64::from(other)) >= 0.0);
            prop_assert_eq!(colour(0.0), [255; 3]);
        }
    }
}
