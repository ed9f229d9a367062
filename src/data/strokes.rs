//! Digits that the program draws itself, so that everything runs with no network.
//!
//! A digit is written the way a hand does it: one of several usual forms of the
//! digit is picked, the points that a pen passes through are moved a little and
//! joined by a smooth curve, the whole is slanted, turned, stretched and bent,
//! and a pen of some width and pressure inks it. As in MNIST, the ink is 255 on
//! 0, the digit fills a box of about 20 pixels and its centre of mass lies at
//! the centre of the 28x28 frame, give or take half a pixel.
//!
//! Only `+ - * /` and the square root are used, which IEEE 754 rounds in one way
//! only: the bytes are the same on every machine.

mod forms;

use super::samples::Samples;
use crate::rng::{Stream, stream};

/// Which half of the data set: the two never share a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// For training.
    Train,
    /// For testing.
    Test,
}

/// Digits of each class that the training part is meant to hold.
pub const TRAIN_PER_CLASS: usize = 6000;
/// The most that a spec can ask for: as many as the largest class of MNIST has,
/// so that the strokes can stand in for whatever MNIST was asked for.
pub const MOST_PER_CLASS: usize = 6742;
/// Digits of each class that the test part is meant to hold.
pub const TEST_PER_CLASS: usize = 1000;

/// Pixels a side.
const SIDE: usize = 28;
/// The larger side of the box around the ink, in pixels, as in MNIST.
const BOX: f64 = 20.0;
/// The middle of the frame.
const MIDDLE: f64 = SIDE as f64 / 2.0;
/// Curve points from one control point to the next.
const STEPS: u32 = 5;

/// A place on the page: x to the right, y downwards.
type Point = [f64; 2];

/// What distinguishes one hand, at one digit, from the next.
struct Hand {
    /// Where a step to the right leads: stretched and turned.
    across: Point,
    /// Where a step down leads: slanted and turned.
    down: Point,
    /// How much each of `u*u`, `u*v`, `v*v` bends x and y.
    bend: [Point; 3],
    /// How far the points of the curve tremble, in units of half the height.
    tremor: f64,
    /// Half the width of the line at its beginning, middle and end, in pixels.
    radius: [f64; 3],
    /// Pixels over which the edge of the line fades.
    edge: f64,
    /// Size of the box that the digit fills, in pixels.
    size: f64,
    /// Where the centre of mass lies, from the centre of the frame, in pixels.
    shift: Point,
}

/// A number around 0 with variance 1, within -3 and 3.
fn bell(stream: &mut Stream) -> f64 {
    (0..3).map(|_| stream.uniform_in(-1.0, 1.0)).sum()
}

impl Hand {
    fn draw(stream: &mut Stream) -> Self {
        let slant = 0.18 + 0.24 * bell(stream);
        // Turns by 2 atan(half) without a sine; also stretches by 1 + half², which `fit` undoes.
        let half = 0.05 * bell(stream);
        let (cos, sin) = (1.0 - half * half, 2.0 * half);
        let width = 1.08 + 0.16 * bell(stream);
        let radius = 0.8 + 1.1 * stream.uniform();
        Self {
            across: [width * cos, width * sin],
            down: [-slant * cos - sin, cos - slant * sin],
            bend: [(); 3].map(|()| [0.06 * bell(stream), 0.06 * bell(stream)]),
            tremor: stream.uniform_in(0.0, 0.03),
            radius: [(); 3].map(|()| radius * (1.0 + 0.1 * bell(stream))),
            edge: stream.uniform_in(0.9, 1.6),
            size: stream.uniform_in(BOX - 1.0, BOX),
            shift: [stream.uniform_in(-0.5, 0.5), stream.uniform_in(-0.5, 0.5)],
        }
    }

    /// Where a point of the form, with u and v mostly within -1 and 1, comes to lie.
    fn place(&self, [u, v]: Point) -> Point {
        let [uu, uv, vv] = self.bend;
        let bent = |axis: usize| uu[axis] * u * u + uv[axis] * u * v + vv[axis] * v * v;
        let (u, v) = (u + bent(0), v + bent(1));
        [0, 1].map(|axis| self.across[axis] * u + self.down[axis] * v)
    }
}

/// One digit: 28x28 bytes, row-major, a pure function of its arguments.
///
/// `class` is 0 to 9; of a larger one, the last decimal digit is drawn.
#[must_use]
pub fn draw(part: Part, class: u8, index: usize) -> [u8; SIDE * SIDE] {
    let name = match part {
        Part::Train => "train",
        Part::Test => "test",
    };
    let mut stream = stream(0, &format!("strokes/{name}/{class}/{index}"));
    let form = forms::pick(class, &mut stream);
    let hand = Hand::draw(&mut stream);
    let mut strokes = Vec::with_capacity(form.len());
    for points in form {
        let mut curve = smooth(&wobble(points, &mut stream));
        for point in &mut curve {
            let [x, y] = hand.place(*point);
            let mut tremor = || hand.tremor * bell(&mut stream);
            *point = [x + tremor(), y + tremor()];
        }
        strokes.push(curve);
    }
    fit(&mut strokes, &hand);
    centre(&mut strokes, &hand);
    ink(&strokes, &hand)
}

/// The first `counts[k]` digits of `classes[k]`, in the order in which the classes
/// take turns: number 0 of each class, then number 1, and so on.
#[must_use]
pub fn samples(part: Part, classes: &[u8], counts: &[usize]) -> Samples {
    let mut samples = Samples::empty(SIDE * SIDE);
    for index in 0..counts.iter().copied().max().unwrap_or(0) {
        for (&class, &count) in classes.iter().zip(counts) {
            if index < count {
                samples.push(&draw(part, class, index), class);
            }
        }
    }
    samples
}

/// The points of a stroke in units of half the height, each moved a little, the ends a
/// little more; the two of a corner move together.
fn wobble(points: &[(u8, u8)], stream: &mut Stream) -> Vec<Point> {
    let mut moved: Vec<Point> = Vec::with_capacity(points.len());
    for (i, &(x, y)) in points.iter().enumerate() {
        let end = i == 0 || i + 1 == points.len();
        let by = if end { 0.08 } else { 0.06 };
        match moved.last() {
            Some(&corner) if points[i - 1] == (x, y) => moved.push(corner),
            _ => moved.push([
                f64::from(x) / 50.0 - 0.6 + by * bell(stream),
                f64::from(y) / 50.0 - 1.0 + by * bell(stream),
            ]),
        }
    }
    moved
}

/// The curve of Catmull and Rom through the points: between two of them a cubic, whose
/// slope at either is that of the line from the point before to the point after.
fn smooth(points: &[Point]) -> Vec<Point> {
    let (first, last) = (points.first(), points.last());
    let mut curve: Vec<Point> = first.into_iter().copied().collect();
    let padded: Vec<&Point> = first.into_iter().chain(points).chain(last).collect();
    for [before, from, to, after] in padded.array_windows() {
        let corner = distance(from, to) <= 0.0;
        if corner {
            continue;
        }
        for step in 1..=STEPS {
            let t = f64::from(step) / f64::from(STEPS);
            curve.push([0, 1].map(|axis| {
                let way = to[axis] - from[axis];
                let leave = (to[axis] - before[axis]) / 2.0;
                let arrive = (after[axis] - from[axis]) / 2.0;
                let (square, cube) = (3.0 * way - 2.0 * leave - arrive, leave + arrive - 2.0 * way);
                from[axis] + t * (leave + t * (square + t * cube))
            }));
        }
    }
    curve
}

/// The length of the straight line between two points.
fn distance(from: &Point, to: &Point) -> f64 {
    let (x, y) = (to[0] - from[0], to[1] - from[1]);
    (x * x + y * y).sqrt()
}

/// Scales the strokes to the size of the hand and puts the box around them in the middle
/// of the frame.
fn fit(strokes: &mut [Vec<Point>], hand: &Hand) {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in strokes.iter().flatten() {
        low = [0, 1].map(|axis| low[axis].min(point[axis]));
        high = [0, 1].map(|axis| high[axis].max(point[axis]));
    }
    let thickest = hand.radius.iter().copied().fold(0.0, f64::max);
    let scale = (hand.size - 2.0 * thickest) / (high[0] - low[0]).max(high[1] - low[1]);
    for point in strokes.iter_mut().flatten() {
        *point = [0, 1]
            .map(|axis| MIDDLE + scale * (point[axis] - f64::midpoint(low[axis], high[axis])));
    }
}

/// Moves the strokes so that the centre of mass of their ink lies where the hand wants it,
/// or as near to it as keeps the ink off the border of the frame.
fn centre(strokes: &mut [Vec<Point>], hand: &Hand) {
    let (mut mass, mut moment) = (0.0, [0.0; 2]);
    for (i, &shade) in ink(strokes, hand).iter().enumerate() {
        let shade = f64::from(shade);
        mass += shade;
        moment[0] += shade * ((i % SIDE) as f64 + 0.5);
        moment[1] += shade * ((i / SIDE) as f64 + 0.5);
    }
    // The centre of a border pixel is half a pixel from the end of the frame; the ink fades
    // out half an edge beyond the box.
    let room = MIDDLE - 0.5 - f64::midpoint(hand.size, hand.edge);
    let wish = [0, 1].map(|axis| MIDDLE + hand.shift[axis] - moment[axis] / mass);
    let by = wish.map(|by| by.clamp(-room, room));
    for point in strokes.iter_mut().flatten() {
        *point = [point[0] + by[0], point[1] + by[1]];
    }
}

/// Paints every pixel by its distance from the nearest line.
fn ink(strokes: &[Vec<Point>], hand: &Hand) -> [u8; SIDE * SIDE] {
    let mut page = [0; SIDE * SIDE];
    let [first, middle, last] = hand.radius;
    for stroke in strokes {
        for (i, &ends) in stroke.array_windows().enumerate() {
            let along = 2.0 * i as f64 / stroke.len() as f64;
            let radius = match along {
                ..1.0 => first + along * (middle - first),
                _ => middle + (along - 1.0) * (last - middle),
            };
            line(&mut page, ends, radius, hand.edge);
        }
    }
    page
}

/// Paints one piece of line, round at both ends; where it meets other ink, the brighter
/// stays.
fn line(page: &mut [u8; SIDE * SIDE], [from, to]: [Point; 2], radius: f64, edge: f64) {
    let reach = radius + edge / 2.0;
    let range = |axis: usize| {
        let low = (from[axis].min(to[axis]) - reach).max(0.0) as usize;
        let high = (from[axis].max(to[axis]) + reach).max(0.0) as usize;
        low..(high + 1).min(SIDE)
    };
    let way = [to[0] - from[0], to[1] - from[1]];
    let square = (way[0] * way[0] + way[1] * way[1]).max(f64::MIN_POSITIVE);
    for y in range(1) {
        for x in range(0) {
            let middle = [x as f64 + 0.5, y as f64 + 0.5];
            let along = (middle[0] - from[0]) * way[0] + (middle[1] - from[1]) * way[1];
            let part = (along / square).clamp(0.0, 1.0);
            let nearest = [from[0] + part * way[0], from[1] + part * way[1]];
            let shade = ((reach - distance(&middle, &nearest)) / edge).clamp(0.0, 1.0);
            let pixel = &mut page[y * SIDE + x];
            *pixel = (*pixel).max((255.0 * shade) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    const CLASSES: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    #[test]
    fn a_digit_does_not_depend_on_the_others_asked_for() {
        let alone = draw(Part::Train, 3, 5);
        assert_eq!(alone, draw(Part::Train, 3, 5));
        let many = samples(Part::Train, &[8, 3], &[2, 6]);
        assert_eq!(many.row(7), alone);
    }

    #[test]
    fn classes_take_turns_until_each_has_its_count() {
        let drawn = samples(Part::Test, &[4, 0, 7], &[1, 3, 2]);
        assert_eq!(drawn.features, 784);
        assert_eq!(drawn.labels, [4, 0, 7, 0, 7, 0]);
        assert_eq!(drawn.row(4), draw(Part::Test, 7, 1));
        assert!(samples(Part::Test, &[], &[]).is_empty());
    }

    #[test]
    fn the_two_parts_share_no_digit() {
        let rows = |part| samples(part, &CLASSES, &[20; 10]).pixels;
        let (train, test) = (rows(Part::Train), rows(Part::Test));
        let seen: Vec<_> = train.chunks(784).collect();
        assert!(test.chunks(784).all(|row| !seen.contains(&row)));
    }

    #[test]
    fn every_digit_has_ink_keeps_off_the_border_and_is_centred() {
        let drawn = samples(Part::Train, &CLASSES, &[100; 10]);
        for i in 0..drawn.len() {
            let (mut mass, mut moment) = (0.0, [0.0; 2]);
            for (at, &shade) in drawn.row(i).iter().enumerate() {
                let (x, y) = (at % SIDE, at / SIDE);
                let border = [x, y].iter().any(|&axis| axis == 0 || axis == SIDE - 1);
                assert!(!border || shade == 0, "digit {i} at {x}, {y}");
                mass += f64::from(shade);
                moment[0] += f64::from(shade) * (x as f64 + 0.5);
                moment[1] += f64::from(shade) * (y as f64 + 0.5);
            }
            let inked = drawn.row(i).iter().filter(|&&shade| shade > 128).count();
            assert!((20..=350).contains(&inked), "digit {i}: {inked}");
            let off = moment.map(|moment| (moment / mass - MIDDLE).abs());
            assert!(off[0] < 1.25 && off[1] < 1.25, "digit {i}: {off:?}");
        }
    }

    /// These bytes are part of the promise: a change of them changes every result.
    #[test]
    fn the_digits_never_change() {
        let mut hash = Sha256::new();
        for part in [Part::Train, Part::Test] {
            hash.update(&**samples(part, &CLASSES, &[3; 10]).pixels);
        }
        let hex = |hex: String, byte: &u8| hex + &format!("{byte:02x}");
        let hash = hash.finalize().iter().fold(String::new(), hex);
        insta::assert_snapshot!(hash, @"14a179f384eadfda085076fc3773d075bf2996c0d4e2e8f3fc3a16b000d41d4c");
    }

    #[test]
    fn a_line_is_full_within_its_radius_and_fades_over_its_edge() {
        let mut page = [0; SIDE * SIDE];
        line(&mut page, [[5.5, 10.5], [9.5, 10.5]], 1.0, 1.0);
        // From the middle of the line upwards, then past its end: 1.5 - distance, times 255.
        let shades = [(7, 10), (7, 9), (7, 8), (10, 10), (10, 9), (11, 10)];
        let shades = shades.map(|(x, y): (usize, usize)| page[y * SIDE + x]);
        assert_eq!(shades, [255, 127, 0, 127, 21, 0]);
    }

    proptest! {
        #[test]
        fn a_curve_passes_through_every_point(
            points in prop::collection::vec(prop::array::uniform2(-1.0..1.0), 2..9)
        ) {
            let curve = smooth(&points);
            prop_assert_eq!(curve.len(), 1 + (points.len() - 1) * STEPS as usize);
            for (point, passed) in points.iter().zip(curve.iter().step_by(STEPS as usize)) {
                let off = [0, 1].map(|axis: usize| (point[axis] - passed[axis]).abs());
                prop_assert!(off[0] < 1e-12 && off[1] < 1e-12, "{:?}", off);
            }
        }
    }
}
