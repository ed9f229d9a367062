//! Digits as evaluators learn and are tested on them: rows of the data file, and means of
//! several rows of a class, degraded as pictures of digits can be.

use super::look::Look;
use super::textures::Textures;
use crate::data::{ImageSize, Samples};
use crate::kernels::prefetch_rows;
use crate::rng::Stream;

/// Fraction of pictures that are means of several rows of a class.
const MEANS: f64 = 0.3;
/// Maximum number of rows of such a mean.
const MAX_ROWS: u64 = 20;

/// Rows of a data file that pictures are made of.
#[derive(Debug)]
pub struct DigitRows<'a> {
    samples: &'a Samples,
    /// Numbers of the rows of each class; only classes that have rows.
    classes: Vec<(u8, Vec<usize>)>,
    look: Look,
    textures: &'a Textures,
}

/// Row of a data file with its weight in a sum.
#[derive(Debug, Clone, Copy)]
pub struct WeightedRow {
    /// Number of the row.
    pub row: usize,
    pub weight: f32,
}

impl<'a> DigitRows<'a> {
    /// These rows, which may repeat; none if there is none.
    pub fn new(
        samples: &'a Samples,
        rows: &[usize],
        size: ImageSize,
        textures: &'a Textures,
    ) -> Option<Self> {
        let mut classes: Vec<(u8, Vec<usize>)> = Vec::new();
        for &row in rows {
            let label = samples.labels[row];
            match classes.iter_mut().find(|(class, _)| *class == label) {
                Some((_, rows)) => rows.push(row),
                None => classes.push((label, vec![row])),
            }
        }
        (!classes.is_empty()).then(|| Self {
            samples,
            classes,
            look: Look::new(size),
            textures,
        })
    }

    /// Returns the size at which pictures are seen.
    pub fn size(&self) -> ImageSize {
        self.look.seen()
    }

    /// Returns a row as it is seen.
    pub fn seen(&self, row: usize) -> Vec<f32> {
        self.look.at(self.samples.row(row))
    }

    /// Returns the number of classes that have rows.
    pub fn classes(&self) -> usize {
        self.classes.len()
    }

    pub fn textures(&self) -> &Textures {
        self.textures
    }

    /// Draws the number of a row of any class, each class being as likely as another.
    pub fn draw(&self, stream: &mut Stream) -> usize {
        let class = stream.below(self.classes.len() as u64) as usize;
        self.draw_of(class, stream)
    }

    fn draw_of(&self, class: usize, stream: &mut Stream) -> usize {
        let rows = &self.classes[class].1;
        rows[stream.below(rows.len() as u64) as usize]
    }

    /// Draws a row of any class, as it is seen.
    pub fn row(&self, stream: &mut Stream) -> Vec<f32> {
        self.seen(self.draw(stream))
    }

    /// Adds rows as they are seen, times their weights, to levels.
    pub fn add(&self, drawn: &[WeightedRow], levels: &mut [f32]) {
        let rows: Vec<usize> = drawn.iter().map(|drawn| drawn.row).collect();
        prefetch_rows(&self.samples.pixels, self.samples.features, &rows);
        for WeightedRow { row, weight } in drawn {
            self.look.add(self.samples.row(*row), *weight, levels);
        }
    }

    /// Draws a picture that shows a class, degraded, and its class.
    pub fn digit(&self, stream: &mut Stream) -> (Vec<f32>, u8) {
        let class = stream.below(self.classes.len() as u64) as usize;
        let mut picture = self.seen(self.draw_of(class, stream));
        if stream.uniform() < MEANS {
            let others = 1 + stream.below(MAX_ROWS - 1);
            let other = |_| WeightedRow {
                row: self.draw_of(class, stream),
                weight: 1.0,
            };
            let others: Vec<WeightedRow> = (0..others).map(other).collect();
            self.add(&others, &mut picture);
            stretch(&mut picture);
        }
        self.shift(&mut picture, stream);
        self.degrade(&mut picture, stream);
        (picture, self.classes[class].0)
    }

    /// Shifts a picture by up to a fourteenth of its size, and repeats its edges.
    fn shift(&self, picture: &mut [f32], stream: &mut Stream) {
        let ImageSize { width, height } = self.size();
        let mut offset = |side: usize| {
            let most = (side / 14) as i64;
            stream.below(2 * most as u64 + 1) as i64 - most
        };
        let (right, down) = (offset(width), offset(height));
        let from = |place: usize, offset: i64, side: usize| {
            (place as i64 - offset).clamp(0, side as i64 - 1) as usize
        };
        let columns: Vec<usize> = (0..width).map(|x| from(x, right, width)).collect();
        let before = picture.to_vec();
        for (y, row) in picture.chunks_exact_mut(width).enumerate() {
            let before = &before[from(y, down, height) * width..][..width];
            for (level, &x) in row.iter_mut().zip(&columns) {
                *level = before[x];
            }
        }
    }

    /// Degrades a picture, with a class or without one: noise, blur, two levels only,
    /// missing pixels, a negative; each sometimes. Levels stay from 0 to 1.
    pub fn degrade(&self, picture: &mut [f32], stream: &mut Stream) {
        let size = self.size();
        if stream.uniform() < 0.2 {
            blur(picture, size);
        }
        if stream.uniform() < 0.5 {
            let amount = stream.uniform_in(0.0, 0.4) as f32;
            let spectrum = stream.below(Textures::COUNT as u64) as usize;
            let mut noise = self.textures.window(spectrum, size, stream);
            if stream.uniform() < 0.3 {
                vignette(&mut noise, size, stream);
            }
            for (level, noise) in picture.iter_mut().zip(noise) {
                *level += amount * noise;
            }
        }
        if stream.uniform() < 0.15 {
            let dark = stream.uniform_in(0.5, 0.9);
            threshold(picture, dark);
        }
        if stream.uniform() < 0.1 {
            let missing = stream.uniform_in(0.0, 0.5);
            let background = picture.iter().copied().fold(f32::INFINITY, f32::min);
            for level in picture.iter_mut() {
                if stream.uniform() < missing {
                    *level = background;
                }
            }
        }
        if stream.uniform() < 0.25 {
            for level in picture.iter_mut() {
                *level = 1.0 - *level;
            }
        }
        for level in picture {
            *level = level.clamp(0.0, 1.0);
        }
    }
}

/// Scales levels to run from 0 to 1; those of one level stay.
pub fn stretch(picture: &mut [f32]) {
    let low = picture.iter().copied().fold(f32::INFINITY, f32::min);
    let high = picture.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if high > low {
        for level in picture {
            *level = (*level - low) / (high - low);
        }
    }
}

/// Makes a fraction of the pixels, the darkest, black and the others white.
pub fn threshold(picture: &mut [f32], dark: f64) {
    let mut levels = picture.to_vec();
    let place = (dark * levels.len() as f64) as usize;
    let place = place.min(levels.len() - 1);
    let (_, &mut bound, _) = levels.select_nth_unstable_by(place, f32::total_cmp);
    for level in picture {
        *level = f32::from(*level >= bound);
    }
}

/// Averages every pixel with its neighbours: weights of 1, 2 and 1 across and down.
pub fn blur(picture: &mut [f32], size: ImageSize) {
    let ImageSize { width, height } = size;
    let smooth = |back: f32, level: f32, on: f32| (back + 2.0 * level + on) / 4.0;
    let last = width - 1;
    let mut across = vec![0.0; picture.len()];
    let rows = across.chunks_exact_mut(width);
    for (into, row) in rows.zip(picture.chunks_exact(width)) {
        into[0] = smooth(row[0], row[0], row[last.min(1)]);
        for (level, near) in into[1..].iter_mut().zip(row.windows(3)) {
            *level = smooth(near[0], near[1], near[2]);
        }
        into[last] = smooth(row[last.saturating_sub(1)], row[last], row[last]);
    }
    let row = |y: usize| across[y * width..][..width].iter();
    for (y, into) in picture.chunks_exact_mut(width).enumerate() {
        let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
        let near = row(above).zip(row(y)).zip(row(below));
        for (level, ((back, own), on)) in into.iter_mut().zip(near) {
            *level = smooth(*back, *own, *on);
        }
    }
}

/// Fades a texture towards the edges, as the weights of a network fade where no training
/// image has ink: a Gaussian of drawn width around a drawn place near the middle.
pub fn vignette(texture: &mut [f32], size: ImageSize, stream: &mut Stream) {
    let (width, height) = (size.width as f64, size.height as f64);
    let x = width * stream.uniform_in(0.4, 0.6);
    let y = height * stream.uniform_in(0.4, 0.6);
    let spread = stream.uniform_in(0.15, 0.4);
    let square = |place: usize, middle: f64, side: f64| {
        let away = (place as f64 - middle) / (spread * side);
        away * away
    };
    let across: Vec<f64> = (0..size.width).map(|at| square(at, x, width)).collect();
    for (at, row) in texture.chunks_exact_mut(size.width).enumerate() {
        let down = square(at, y, height);
        for (level, across) in row.iter_mut().zip(&across) {
            *level *= (-(across + down) / 2.0).exp() as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;

    /// Weighted mean of a pixel and its neighbours, the pixel itself where it has none.
    fn smoothed(picture: &[f32], size: ImageSize) -> Vec<f32> {
        let ImageSize { width, height } = size;
        let across = |x: usize, y: usize| {
            let at = |x: usize| picture[y * width + x.min(width - 1)];
            (at(x.saturating_sub(1)) + 2.0 * at(x) + at(x + 1)) / 4.0
        };
        let both = |i: usize| {
            let (x, y) = (i % width, i / width);
            let at = |y: usize| across(x, y.min(height - 1));
            (at(y.saturating_sub(1)) + 2.0 * at(y) + at(y + 1)) / 4.0
        };
        (0..picture.len()).map(both).collect()
    }

    #[test]
    fn blur_is_the_mean_over_neighbours_whatever_the_size() {
        let mut line = [0.0, 4.0, 0.0, 0.0];
        let size = ImageSize {
            width: 4,
            height: 1,
        };
        blur(&mut line, size);
        assert_eq!(line, [1.0, 2.0, 1.0, 0.0]);
        let mut stream = stream(0, "blur");
        for (width, height) in [(1, 1), (1, 5), (2, 2), (7, 3), (28, 28)] {
            let size = ImageSize { width, height };
            let mut picture: Vec<f32> = (0..size.pixels())
                .map(|_| stream.uniform() as f32)
                .collect();
            let expected = smoothed(&picture, size);
            blur(&mut picture, size);
            assert_eq!(picture, expected, "{width} x {height}");
        }
    }

    /// Two of five pixels are below the third lowest.
    #[test]
    fn a_fraction_of_the_pixels_becomes_black() {
        let mut picture = [0.5, 0.1, 0.9, 0.2, 0.9];
        threshold(&mut picture, 0.4);
        assert_eq!(picture, [1.0, 0.0, 1.0, 0.0, 1.0]);
        let mut even = [0.25; 3];
        threshold(&mut even, 0.9);
        assert_eq!(even, [1.0; 3]);
    }
}
