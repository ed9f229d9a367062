//! Nearest training image of a picture, by exact distances.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use super::picture::Grey;
use crate::data::Samples;
use crate::pace::Pace;

/// Maximum number of training images, and of pictures, at a time, which bounds memory.
const MAX_ROWS: usize = 512;
const MAX_PICTURES: usize = 512;

/// Maximum number of pixels at a time. This many products of centred levels, each at most
/// 128 times 128, sum to at most 2^24, up to which single precision holds integers.
const MAX_PIXELS: usize = 1024;

/// Returns for each picture the root mean square difference per pixel from the nearest of
/// at least one training image, as a fraction of the range from black to white.
///
/// Levels, their products and the sums of these are integers that are held exactly, so
/// that distances are the same on every machine.
pub fn nearest(train: &Samples, pictures: &[&Grey], pace: Pace<'_>) -> Vec<f64> {
    let mean = |square: f64| (square / train.features as f64).sqrt() / 255.0;
    squares(train, pictures, pace)
        .into_iter()
        .map(mean)
        .collect()
}

/// Returns for each picture the squared distance from the nearest image, in levels.
fn squares(train: &Samples, pictures: &[&Grey], pace: Pace<'_>) -> Vec<f64> {
    let Samples {
        pixels, features, ..
    } = train;
    let pieces: Vec<LevelColumns> = pictures
        .chunks(MAX_PICTURES)
        .map(|piece| LevelColumns::new(&piece.concat(), *features))
        .collect();
    let mut found = vec![f64::INFINITY; pictures.len()];
    let rows = train.len();
    for start in (0..rows).step_by(MAX_ROWS) {
        let end = rows.min(start + MAX_ROWS);
        pace.at(start, rows);
        let block = LevelColumns::new(&pixels[start * features..end * features], *features);
        for (piece, found) in pieces.iter().zip(found.chunks_mut(MAX_PICTURES)) {
            search(piece, &block, found);
            pace.tick();
        }
    }
    found
}

/// Pictures as columns, with levels from -128 to 127: distances stay and products are
/// small.
struct LevelColumns {
    levels: Vec<f32>,
    pixels: usize,
    /// Sum of squares of each column.
    squares: Vec<f64>,
}

impl LevelColumns {
    /// Columns of concatenated pictures.
    fn new(pictures: &[u8], pixels: usize) -> Self {
        let centred = |&level: &u8| f32::from(level) - 128.0;
        let square = |picture: &[u8]| {
            let square = |&level: &u8| u32::from(level.abs_diff(128)).pow(2);
            let parts = picture.chunks(MAX_PIXELS);
            parts
                .map(|part| f64::from(part.iter().map(square).sum::<u32>()))
                .sum()
        };
        Self {
            levels: pictures.iter().map(centred).collect(),
            pixels,
            squares: pictures.chunks(pixels).map(square).collect(),
        }
    }

    fn matrix(&self) -> MatRef<'_, f32> {
        MatRef::from_column_major_slice(&self.levels, self.pixels, self.squares.len())
    }
}

/// Lowers distances to those of a block of training images.
fn search(pictures: &LevelColumns, block: &LevelColumns, found: &mut [f64]) {
    let products = products(block, pictures);
    for (picture, found) in found.iter_mut().enumerate() {
        let own = pictures.squares[picture];
        let all = products.col_as_slice(picture).iter().zip(&block.squares);
        for (product, square) in all {
            *found = found.min(own + square - 2.0 * product);
        }
    }
}

/// Returns the products of each image with each picture: images x pictures.
fn products(images: &LevelColumns, pictures: &LevelColumns) -> Mat<f64> {
    let (images, pictures) = (images.matrix(), pictures.matrix());
    let mut sums = Mat::zeros(images.ncols(), pictures.ncols());
    let mut part = Mat::<f32>::zeros(images.ncols(), pictures.ncols());
    for start in (0..images.nrows()).step_by(MAX_PIXELS) {
        let pixels = MAX_PIXELS.min(images.nrows() - start);
        let images = images.subrows(start, pixels).transpose();
        let pictures = pictures.subrows(start, pixels);
        matmul(
            part.as_mut(),
            Accum::Replace,
            images,
            pictures,
            1.0,
            Par::Seq,
        );
        faer::zip!(&mut sums, &part).for_each(|faer::unzip!(sum, part)| *sum += f64::from(*part));
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::stream;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn rows(pictures: &[Vec<u8>]) -> Samples {
        Samples {
            features: pictures[0].len(),
            labels: vec![0; pictures.len()],
            pixels: Arc::new(pictures.concat()),
        }
    }

    /// Two pixels: (10, 0) is itself an image, (0, 3) is at 3 levels from (0, 0).
    #[test]
    fn distances_by_hand() {
        let train = rows(&[vec![0, 0], vec![10, 0], vec![100, 0]]);
        let pictures: [&Grey; 2] = [&[10, 0], &[0, 3]];
        assert_eq!(squares(&train, &pictures, Pace::SILENT), [0.0, 9.0]);
        let found = nearest(&train, &pictures, Pace::SILENT);
        assert_eq!(found, [0.0, 4.5f64.sqrt() / 255.0]);
    }

    /// A last pixel of 3 is one level from 2 and two from 1, next to a million black
    /// ones whose squares add up to 1.6e10.
    #[test]
    fn a_million_pixels_leave_distances_exact() {
        let image = |last| [vec![0; 1_000_000], vec![last]].concat();
        let white = vec![255; 1_000_001];
        let train = rows(&[image(1), image(2), white.clone()]);
        let squares_of = |picture: &Grey| squares(&train, &[picture], Pace::SILENT);
        assert_eq!([squares_of(&image(3)), squares_of(&white)], [[1.0], [0.0]]);
        let all_white = rows(&[white]);
        let found = squares(&all_white, &[&image(0)], Pace::SILENT);
        assert_eq!(found, [1_000_001.0 * 255.0 * 255.0]);
    }

    proptest! {
        /// The search in blocks finds the least of all distances, of one picture and of
        /// many.
        #[test]
        fn the_nearest_is_found(
            seed in 0u64..1000,
            count in 1usize..1200,
            pixels in prop_oneof![1usize..5, 1020usize..1030, Just(2500usize)],
            grain in 1u8..=255,
        ) {
            let mut stream = stream(seed, "nearest");
            let mut picture = || -> Vec<u8> {
                let level = |_| (stream.uniform() * 256.0 / f64::from(grain)) as u8;
                (0..pixels).map(level).collect()
            };
            let images: Vec<Vec<u8>> = (0..count).map(|_| picture()).collect();
            let picture = picture();
            let distance = |image: &Vec<u8>| -> i64 {
                let pairs = image.iter().zip(&picture);
                pairs.map(|(&a, &b)| (i64::from(a) - i64::from(b)).pow(2)).sum()
            };
            let least = images.iter().map(distance).min().unwrap() as f64;
            let many: Vec<&Grey> = vec![&picture; 600];
            prop_assert_eq!(squares(&rows(&images), &many[..1], Pace::SILENT), [least]);
            prop_assert_eq!(squares(&rows(&images), &many, Pace::SILENT), vec![least; 600]);
        }
    }
}
