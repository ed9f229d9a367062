use super::super::tests::{decode, numbers, style, svg};
use super::*;
use proptest::prelude::*;

fn weights(values: Vec<Vec<f64>>) -> Weights<'static> {
    let names = |noun, count: usize| Names {
        noun,
        all: (0..count).map(|n| n.to_string()).collect(),
    };
    Weights {
        style: style(),
        rows: names("unit", values.len()),
        columns: names("input", values.first().map_or(0, Vec::len)),
        values,
    }
}

/// The colours at the middle of every weight.
fn shown(values: Vec<Vec<f64>>) -> Vec<Vec<[u8; 3]>> {
    let shape = [values[0].len(), values.len()];
    let drawing = draw(&weights(values)).unwrap();
    let page = decode(&drawing.pages[0].png);
    let map = numbers(svg(&drawing), "image", ["x", "y", "width", "height"])[0];
    let at = |row: usize, column: usize| {
        let x = map[0] + (column as f64 + 0.5) / shape[0] as f64 * map[2];
        let y = map[1] + (row as f64 + 0.5) / shape[1] as f64 * map[3];
        page.colour(x as usize, y as usize)
    };
    let row = |row| (0..shape[0]).map(|column| at(row, column)).collect();
    (0..shape[1]).map(row).collect()
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
fn a_layer_of_zeros_is_white() {
    assert_eq!(shown(vec![vec![0.0]]), [[[255; 3]]]);
}

#[test]
fn weights_that_make_no_map_are_refused() {
    let fault = |weights: &Weights<'_>| draw(weights).unwrap_err().to_string();
    assert_eq!(fault(&weights(vec![])), "it has no values");
    let mut ragged = weights(vec![vec![1.0, 2.0]; 2]);
    ragged.values[1].pop();
    assert_eq!(fault(&ragged), "a map of weights must have 2 x 2 of them");
    let wrong = weights(vec![vec![f64::NAN]]);
    assert_eq!(fault(&wrong), "a weight is NaN, weights must be finite");
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
