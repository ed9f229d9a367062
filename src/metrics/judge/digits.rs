//! Digits as evaluators learn and are tested on them: rows of the data file, and means of
//! several rows of a class, degraded as pictures of digits can be.

use super::look::Look;
use super::textures::Textures;
use crate::data::{ImageSize, Samples};
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

    /// Draws a row of any class, each class being as likely as another.
    pub fn row(&self, stream: &mut Stream) -> (Vec<f32>, u8) {
        let class = stream.below(self.classes.len() as u64) as usize;
        (self.row_of(class, stream), self.classes[class].0)
    }

    fn row_of(&self, class: usize, stream: &mut Stream) -> Vec<f32> {
        let rows = &self.classes[class].1;
        let row = rows[stream.below(rows.len() as u64) as usize];
        self.seen(row)
    }

    /// Draws a picture that shows a class, degraded, and its class.
    pub fn digit(&self, stream: &mut Stream) -> (Vec<f32>, u8) {
        let class = stream.below(self.classes.len() as u64) as usize;
        let mut picture = self.row_of(class, stream);
        if stream.uniform() < MEANS {
            let others = 1 + stream.below(MAX_ROWS - 1);
            for _ in 0..others {
                for (sum, level) in picture.iter_mut().zip(self.row_of(class, stream)) {
                    *sum += level;
                }
            }
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
        let before = picture.to_vec();
        for (i, level) in picture.iter_mut().enumerate() {
            let (x, y) = (from(i % width, right, width), from(i / width, down, height));
            *level = before[y * width + x];
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
    let mut sorted = picture.to_vec();
    sorted.sort_by(f32::total_cmp);
    let place = (dark * sorted.len() as f64) as usize;
    let bound = sorted[place.min(sorted.len() - 1)];
    for level in picture {
        *level = f32::from(*level >= bound);
    }
}

/// Averages every pixel with its neighbours: weights of 1, 2 and 1 across and down.
pub fn blur(picture: &mut [f32], size: ImageSize) {
    let ImageSize { width, height } = size;
    let smooth = |before: &[f32], step: usize, place: &dyn Fn(usize) -> usize, side: usize| {
        let one = |i: usize| {
            let back = if place(i) == 0 { i } else { i - step };
            let on = if place(i) + 1 == side { i } else { i + step };
            (before[back] + 2.0 * before[i] + before[on]) / 4.0
        };
        (0..before.len()).map(one).collect::<Vec<f32>>()
    };
    let across = smooth(picture, 1, &|i| i % width, width);
    let both = smooth(&across, width, &|i| i / width, height);
    picture.copy_from_slice(&both);
}

/// Fades a texture towards the edges, as the weights of a network fade where no training
/// image has ink: a Gaussian of drawn width around a drawn place near the middle.
pub fn vignette(texture: &mut [f32], size: ImageSize, stream: &mut Stream) {
    let (width, height) = (size.width as f64, size.height as f64);
    let x = width * stream.uniform_in(0.4, 0.6);
    let y = height * stream.uniform_in(0.4, 0.6);
    let spread = stream.uniform_in(0.15, 0.4);
    for (i, level) in texture.iter_mut().enumerate() {
        let across = ((i % size.width) as f64 - x) / (spread * width);
        let down = ((i / size.width) as f64 - y) / (spread * height);
        *level *= (-(across * across + down * down) / 2.0).exp() as f32;
    }
}
