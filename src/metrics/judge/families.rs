//! Pictures without a class, from which evaluators learn to say "none": synthetic families,
//! fixed here. Some are never trained on; evaluators are tested on them. No inverse of any
//! network is among them.

use super::digits::{DigitRows, WeightedRow, blur, stretch, threshold, vignette};
use super::textures::Textures;
use crate::data::ImageSize;
use crate::rng::Stream;

/// Kind of pictures that show no class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Noise of any spectrum, all over the picture or in its middle.
    Noise,
    /// Noise in black and white.
    Thresholded,
    /// Digits with their pixels in random order.
    ShuffledPixels,
    /// Digits cut into patches in random order.
    ShuffledPatches,
    /// Sums of many digits of several classes.
    Superposition,
    /// Sums of many digits with random signs.
    SignedSuperposition,
    /// One level, slopes, rings and waves.
    Gradient,
    /// Ellipses of any size and level. Held out.
    Blots,
    /// Single pixels. Held out.
    Scattered,
    /// Digits whose rows slipped sideways, each by itself. Held out.
    SlippedRows,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 10] = [
        Self::Noise,
        Self::Thresholded,
        Self::ShuffledPixels,
        Self::ShuffledPatches,
        Self::Superposition,
        Self::SignedSuperposition,
        Self::Gradient,
        Self::Blots,
        Self::Scattered,
        Self::SlippedRows,
    ];

    /// Returns the name in `judges.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Thresholded => "thresholded noise",
            Self::ShuffledPixels => "shuffled pixels",
            Self::ShuffledPatches => "shuffled patches",
            Self::Superposition => "superposition",
            Self::SignedSuperposition => "signed superposition",
            Self::Gradient => "gradient",
            Self::Blots => "blots",
            Self::Scattered => "scattered pixels",
            Self::SlippedRows => "slipped rows",
        }
    }

    /// Returns true for families that no evaluator is trained on.
    pub fn is_held_out(self) -> bool {
        match self {
            Self::Blots | Self::Scattered | Self::SlippedRows => true,
            Self::Noise
            | Self::Thresholded
            | Self::ShuffledPixels
            | Self::ShuffledPatches
            | Self::Superposition
            | Self::SignedSuperposition
            | Self::Gradient => false,
        }
    }

    /// Returns the families that evaluators are trained on.
    pub fn trained() -> Vec<Self> {
        let all = Self::ALL.into_iter();
        all.filter(|family| !family.is_held_out()).collect()
    }

    /// Draws a picture, as it is: levels from 0 to 1.
    pub fn draw(self, rows: &DigitRows<'_>, stream: &mut Stream) -> Vec<f32> {
        let size = rows.size();
        match self {
            Self::Noise => noise(rows, stream),
            Self::Thresholded => thresholded(rows, stream),
            Self::ShuffledPixels => {
                let mut picture = rows.row(stream);
                stream.shuffle(&mut picture);
                picture
            }
            Self::ShuffledPatches => shuffled_patches(&rows.row(stream), size, stream),
            Self::Superposition => superposition(rows, false, stream),
            Self::SignedSuperposition => superposition(rows, true, stream),
            Self::Gradient => gradient(size, stream),
            Self::Blots => blots(size, stream),
            Self::Scattered => scattered(size, stream),
            Self::SlippedRows => slipped_rows(&rows.row(stream), size, stream),
        }
    }
}

/// Noise around a middle level, faded towards the edges in half of the pictures.
fn texture(rows: &DigitRows<'_>, stream: &mut Stream) -> Vec<f32> {
    let spectrum = stream.below(Textures::COUNT as u64) as usize;
    let mut picture = rows.textures().window(spectrum, rows.size(), stream);
    if stream.uniform() < 0.5 {
        vignette(&mut picture, rows.size(), stream);
    }
    picture
}

fn noise(rows: &DigitRows<'_>, stream: &mut Stream) -> Vec<f32> {
    let contrast = stream.uniform_in(0.05, 0.5) as f32;
    let level = |x: f32| (0.5 + contrast * x).clamp(0.0, 1.0);
    texture(rows, stream).into_iter().map(level).collect()
}

fn thresholded(rows: &DigitRows<'_>, stream: &mut Stream) -> Vec<f32> {
    let mut picture = texture(rows, stream);
    let dark = stream.uniform_in(0.2, 0.9);
    threshold(&mut picture, dark);
    if stream.uniform() < 0.3 {
        blur(&mut picture, rows.size());
    }
    picture
}

/// Cuts a picture into two to four parts across and down, and moves every part to another
/// place.
fn shuffled_patches(picture: &[f32], size: ImageSize, stream: &mut Stream) -> Vec<f32> {
    let parts = 2 + stream.below(3) as usize;
    let (across, down) = (parts.min(size.width), parts.min(size.height));
    let count = across * down;
    let mut order: Vec<usize> = (0..count).collect();
    stream.shuffle(&mut order);
    let mut from = vec![0; count];
    for (i, &patch) in order.iter().enumerate() {
        // A single cycle moves every patch.
        from[patch] = order[(i + 1) % count];
    }
    let (wide, high) = (size.width / across, size.height / down);
    let pixel = |i: usize| {
        let (x, y) = (i % size.width, i / size.width);
        let (column, row) = (x / wide, y / high);
        if column >= across || row >= down {
            return picture[i];
        }
        let patch = from[row * across + column];
        let (x, y) = (
            patch % across * wide + x % wide,
            patch / across * high + y % high,
        );
        picture[y * size.width + x]
    };
    (0..size.pixels()).map(pixel).collect()
}

/// Sum of 6 to 40 rows of any classes with random weights.
fn superposition(rows: &DigitRows<'_>, signed: bool, stream: &mut Stream) -> Vec<f32> {
    // Rows of a single class add up to that class, unless signs differ.
    let low = if signed || rows.classes() == 1 {
        -1.0
    } else {
        0.3
    };
    let count = 6 + stream.below(35);
    let weighted = |_| WeightedRow {
        row: rows.draw(stream),
        weight: stream.uniform_in(low, 1.0) as f32,
    };
    let weighted: Vec<WeightedRow> = (0..count).map(weighted).collect();
    let mut picture = vec![0.0; rows.size().pixels()];
    rows.add(&weighted, &mut picture);
    stretch(&mut picture);
    picture
}

/// One level, or a slope, rings or waves in any direction.
fn gradient(size: ImageSize, stream: &mut Stream) -> Vec<f32> {
    let kind = stream.below(4);
    let level = stream.uniform() as f32;
    let angle = stream.uniform_in(0.0, std::f64::consts::TAU);
    let waves = stream.uniform_in(0.5, 6.0);
    let phase = stream.uniform_in(0.0, std::f64::consts::TAU);
    let middle = (stream.uniform(), stream.uniform());
    let (sin, cos) = angle.sin_cos();
    let along = |x: f64, y: f64| x * cos + y * sin;
    let wave = |at: f64| (0.5 + 0.5 * (std::f64::consts::TAU * waves * at + phase).sin()) as f32;
    let pixel = |i: usize| {
        let x = (i % size.width) as f64 / size.width as f64;
        let y = (i / size.width) as f64 / size.height as f64;
        match kind {
            0 => level,
            1 => (0.5 + along(x, y) / 2.0).clamp(0.0, 1.0) as f32,
            2 => wave((x - middle.0).hypot(y - middle.1)),
            _ => wave(along(x, y)),
        }
    };
    (0..size.pixels()).map(pixel).collect()
}

/// One to twelve ellipses on an even ground, each of its own level.
fn blots(size: ImageSize, stream: &mut Stream) -> Vec<f32> {
    let mut picture = vec![stream.uniform() as f32; size.pixels()];
    for _ in 0..=stream.below(12) {
        let level = stream.uniform() as f32;
        let (x, y) = (stream.uniform(), stream.uniform());
        let wide = stream.uniform_in(0.03, 0.3);
        let high = stream.uniform_in(0.03, 0.3);
        for (i, pixel) in picture.iter_mut().enumerate() {
            let across = ((i % size.width) as f64 / size.width as f64 - x) / wide;
            let down = ((i / size.width) as f64 / size.height as f64 - y) / high;
            if across * across + down * down < 1.0 {
                *pixel = level;
            }
        }
    }
    picture
}

/// Black with white pixels, from one in twenty to every second, all over or in the middle.
fn scattered(size: ImageSize, stream: &mut Stream) -> Vec<f32> {
    let mut density = vec![stream.uniform_in(0.05, 0.5) as f32; size.pixels()];
    if stream.uniform() < 0.5 {
        vignette(&mut density, size, stream);
    }
    let white = |density: f32| f32::from(stream.uniform() < f64::from(density));
    density.into_iter().map(white).collect()
}

/// Rolls every row of a picture by a drawn number of pixels.
fn slipped_rows(picture: &[f32], size: ImageSize, stream: &mut Stream) -> Vec<f32> {
    let mut slipped = picture.to_vec();
    for row in slipped.chunks_mut(size.width) {
        row.rotate_right(stream.below(size.width as u64) as usize);
    }
    slipped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Samples;
    use crate::rng::stream;

    fn samples(size: ImageSize) -> Samples {
        let mut samples = Samples::empty(size.pixels());
        for row in 0..6 {
            let level = |i: usize| (i * (row + 3) * 7 % 256) as u8;
            let pixels: Vec<u8> = (0..size.pixels()).map(level).collect();
            samples.push(&pixels, (row % 3) as u8);
        }
        samples
    }

    #[test]
    fn pictures_have_levels_from_0_to_1_whatever_their_size() {
        let textures = Textures::new(&mut stream(0, "textures"));
        for (width, height) in [(28, 28), (1, 1), (2, 9), (40, 3)] {
            let size = ImageSize { width, height };
            let samples = samples(size);
            let rows = DigitRows::new(&samples, &[0, 1, 2, 2], size, &textures).unwrap();
            let mut stream = stream(0, "pictures");
            let in_range = |picture: &[f32]| {
                assert_eq!(picture.len(), rows.size().pixels());
                assert!(picture.iter().all(|level| (0.0..=1.0).contains(level)));
            };
            for _ in 0..30 {
                for family in Family::ALL {
                    let mut picture = family.draw(&rows, &mut stream);
                    in_range(&picture);
                    rows.degrade(&mut picture, &mut stream);
                    in_range(&picture);
                }
                let (picture, class) = rows.digit(&mut stream);
                in_range(&picture);
                assert!(class < 3);
            }
        }
    }

    /// Patches of 2 x 2 pixels in a picture of 4 x 4: none keeps its place.
    #[test]
    fn every_patch_moves() {
        let size = ImageSize {
            width: 4,
            height: 4,
        };
        let picture: Vec<f32> = (0..16).map(|i| i as f32).collect();
        for seed in 0..50 {
            let shuffled = shuffled_patches(&picture, size, &mut stream(seed, "patches"));
            let mut sorted = shuffled.clone();
            sorted.sort_by(f32::total_cmp);
            assert_eq!(sorted, picture, "the same pixels");
            let corners = [0, 2, 8, 10];
            assert!(corners.iter().all(|&i| shuffled[i] != picture[i]));
        }
    }

    #[test]
    fn rows_slip_by_themselves() {
        let size = ImageSize {
            width: 3,
            height: 2,
        };
        let slipped = slipped_rows(
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            size,
            &mut stream(3, "slip"),
        );
        let sorted = |row: &[f32]| {
            let mut row = row.to_vec();
            row.sort_by(f32::total_cmp);
            row
        };
        assert_eq!(sorted(&slipped[..3]), [1.0, 2.0, 3.0]);
        assert_eq!(sorted(&slipped[3..]), [4.0, 5.0, 6.0]);
    }
}
