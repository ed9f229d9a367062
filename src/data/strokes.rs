//! Synthetic handwritten digits, so that everything runs without a network.
//!
//! A digit is one of several common forms. The points of its strokes are moved a little and
//! joined by a smooth curve; the whole is slanted, rotated, stretched and bent, and drawn
//! with a pen of random width. As in MNIST, ink is 255 on 0, the digit fills a box of about
//! 20 pixels, and its centre of mass is within half a pixel of the centre of the 28x28
//! frame.
//!
//! Only `+ - * /` and the square root are used, which IEEE 754 rounds exactly: the bytes are
//! the same on every machine.

mod forms;

use super::samples::{ImageSize, Samples, SourceData, SourceRows};
use crate::config::{Data, PerClass};
use crate::rng::{Stream, stream};

/// Split of the data set. The two splits share no digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Split {
    Train,
    Test,
}

/// Default number of training digits per class.
const TRAIN_PER_CLASS: usize = 6000;
/// Maximum number of training digits per class: that of the largest class of MNIST, so that
/// strokes can replace any selection of MNIST.
const MAX_PER_CLASS: usize = 6742;
/// Number of test digits per class.
const TEST_PER_CLASS: usize = 1000;
/// Maximum number of test digits of each class where all ten are drawn.
const TEST_OF_ALL: usize = 200;

/// Width and height of an image, in pixels.
const SIDE: usize = 28;
/// Larger side of the box around the ink, in pixels, as in MNIST.
const BOX: f64 = 20.0;
/// Middle of the frame, in pixels.
const MIDDLE: f64 = SIDE as f64 / 2.0;
/// Curve points from one control point to the next.
const STEPS: u32 = 5;

/// Point on the page: x to the right, y downwards.
type Xy = [f64; 2];

/// Random style of one digit.
struct Hand {
    /// Image of a unit step to the right: stretched and rotated.
    across: Xy,
    /// Image of a unit step down: slanted and rotated.
    down: Xy,
    /// Coefficients of `u*u`, `u*v`, `v*v` that bend x and y.
    bend: [Xy; 3],
    /// Amplitude of the tremor of points, in units of half the height.
    tremor: f64,
    /// Half the line width at its start, middle and end, in pixels.
    radius: [f64; 3],
    /// Width of the soft edge of the line, in pixels.
    edge: f64,
    /// Size of the box around the digit, in pixels.
    size: f64,
    /// Offset of the centre of mass from the centre of the frame, in pixels.
    shift: Xy,
}

/// Draws a number of mean 0 and variance 1, between -3 and 3.
fn bell(stream: &mut Stream) -> f64 {
    (0..3).map(|_| stream.uniform_in(-1.0, 1.0)).sum()
}

impl Hand {
    fn draw(stream: &mut Stream) -> Self {
        let slant = 0.18 + 0.24 * bell(stream);
        // Rotates by 2 atan(half) without a sine; also scales by 1 + half², which `fit` undoes.
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

    /// Maps a point of the form, with u and v mostly between -1 and 1.
    fn place(&self, [u, v]: Xy) -> Xy {
        let [uu, uv, vv] = self.bend;
        let bent = |axis: usize| uu[axis] * u * u + uv[axis] * u * v + vv[axis] * v * v;
        let (u, v) = (u + bent(0), v + bent(1));
        [0, 1].map(|axis| self.across[axis] * u + self.down[axis] * v)
    }
}

/// Draws the digits of a data set: training digits as [`training_digits`] says, and test
/// digits.
pub fn source(data: &Data) -> SourceData {
    let digits = data.classes.iter().filter_map(|label| label.number());
    let classes: Vec<u8> = digits.collect();
    let test = vec![TEST_PER_CLASS; classes.len()];
    let rows = |samples| SourceRows::synthetic(ImageSize::DIGITS, samples);
    SourceData {
        train: rows(samples(Split::Train, &classes, &training_digits(data))),
        test: Some(rows(samples(Split::Test, &classes, &test))),
    }
}

/// Draws the training digits of all ten classes, as many of each as a data set has of its
/// largest class, and up to as many test digits.
pub fn all_digits(data: &Data) -> SourceData {
    let digits = largest_class(data);
    let classes: Vec<u8> = (0..10).collect();
    let rows = |split, digits| {
        SourceRows::synthetic(ImageSize::DIGITS, samples(split, &classes, &[digits; 10]))
    };
    SourceData {
        train: rows(Split::Train, digits),
        test: Some(rows(Split::Test, digits.min(TEST_OF_ALL))),
    }
}

/// Returns the number of training digits of the largest class.
#[must_use]
pub fn largest_class(data: &Data) -> usize {
    training_digits(data).into_iter().max().unwrap_or_default()
}

/// Returns the number of training digits of each class: as many as `per_class` says. Where
/// replicates draw their own rows, the usual number is the least, as in a file of digits.
fn training_digits(data: &Data) -> Vec<usize> {
    let least = data.resample.map_or(0, |_| TRAIN_PER_CLASS);
    match &data.per_class {
        PerClass::All => vec![TRAIN_PER_CLASS; data.classes.len()],
        PerClass::Counts(counts) => {
            let digits = counts.iter().map(|&n| n.clamp(least, MAX_PER_CLASS));
            digits.collect()
        }
    }
}

/// Returns the number of training digits of each class that replicates draw from, if it is
/// above the usual one.
#[must_use]
pub fn beyond_usual(data: &Data) -> Option<Vec<usize>> {
    let digits = data.resample.map(|_| training_digits(data))?;
    let is_beyond = digits.iter().any(|&digits| digits > TRAIN_PER_CLASS);
    is_beyond.then_some(digits)
}

/// Draws one digit: 28x28 bytes, row-major, a pure function of its arguments.
///
/// `class` is 0 to 9; of a larger one, the last decimal digit is drawn.
fn draw(split: Split, class: u8, index: usize) -> [u8; SIDE * SIDE] {
    let name = match split {
        Split::Train => "train",
        Split::Test => "test",
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

/// Draws the first `counts[k]` digits of `classes[k]`. Classes alternate: number 0 of each
/// class, then number 1, and so on.
fn samples(split: Split, classes: &[u8], counts: &[usize]) -> Samples {
    let mut samples = Samples::empty(SIDE * SIDE);
    for index in 0..counts.iter().copied().max().unwrap_or(0) {
        for (&class, &count) in classes.iter().zip(counts) {
            if index < count {
                samples.push(&draw(split, class, index), class);
            }
        }
    }
    samples
}

/// Moves the points of a stroke a little, the ends a little more, and both points of a
/// corner together. Returns them in units of half the height.
fn wobble(points: &[(u8, u8)], stream: &mut Stream) -> Vec<Xy> {
    let mut moved: Vec<Xy> = Vec::with_capacity(points.len());
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

/// Catmull-Rom spline through the points: a cubic between every two, whose derivative at a
/// point is parallel to the line between its neighbours.
fn smooth(points: &[Xy]) -> Vec<Xy> {
    let (first, last) = (points.first(), points.last());
    let mut curve: Vec<Xy> = first.into_iter().copied().collect();
    let padded: Vec<&Xy> = first.into_iter().chain(points).chain(last).collect();
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

/// Euclidean distance of two points.
fn distance(from: &Xy, to: &Xy) -> f64 {
    let (x, y) = (to[0] - from[0], to[1] - from[1]);
    (x * x + y * y).sqrt()
}

/// Scales the strokes to the size of the hand, and centres their bounding box in the frame.
fn fit(strokes: &mut [Vec<Xy>], hand: &Hand) {
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

/// Moves the strokes so that their centre of mass has the offset of the hand, as far as the
/// ink keeps off the border of the frame.
fn centre(strokes: &mut [Vec<Xy>], hand: &Hand) {
    let (mut mass, mut moment) = (0.0, [0.0; 2]);
    for (i, &shade) in ink(strokes, hand).iter().enumerate() {
        let shade = f64::from(shade);
        mass += shade;
        moment[0] += shade * ((i % SIDE) as f64 + 0.5);
        moment[1] += shade * ((i / SIDE) as f64 + 0.5);
    }
    // The centre of a border pixel is half a pixel inside the frame; the ink fades out half
    // an edge outside the box.
    let room = MIDDLE - 0.5 - f64::midpoint(hand.size, hand.edge);
    let wish = [0, 1].map(|axis| MIDDLE + hand.shift[axis] - moment[axis] / mass);
    let by = wish.map(|by| by.clamp(-room, room));
    for point in strokes.iter_mut().flatten() {
        *point = [point[0] + by[0], point[1] + by[1]];
    }
}

/// Paints every pixel by its distance from the nearest line.
fn ink(strokes: &[Vec<Xy>], hand: &Hand) -> [u8; SIDE * SIDE] {
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

/// Paints a line segment with round ends. Each pixel keeps its maximum.
fn line(page: &mut [u8; SIDE * SIDE], [from, to]: [Xy; 2], radius: f64, edge: f64) {
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
mod tests;
