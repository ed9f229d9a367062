//! k-NN classifier: the ten nearest training images have one vote each.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use super::picture::Grey;
use crate::data::Samples;
use crate::pace::Pace;

/// Number of neighbours that vote, all with the same weight.
pub const NEIGHBOURS: usize = 10;

/// Maximum number of training images, and of pictures, at a time, which bounds memory.
const MAX_ROWS: usize = 512;
const MAX_PICTURES: usize = 512;

/// Maximum number of pixels at a time. This many products of centred levels, each at most
/// 128 times 128, sum to at most 2^24, up to which single precision holds integers.
const MAX_PIXELS: usize = 1024;

/// Training images to search.
pub struct Neighbours<'a> {
    train: &'a Samples,
    classes: usize,
}

/// Votes of the neighbours of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Votes {
    /// Fraction of each class among them.
    pub fractions: Vec<f64>,
    /// Squared Euclidean distance to the nearest, in levels.
    pub nearest: f64,
}

/// Training image near a picture. Of equal distances the lower row is nearer.
#[derive(Debug, Clone, Copy)]
struct Neighbour {
    /// Squared distance, in levels.
    distance: f64,
    row: usize,
}

impl<'a> Neighbours<'a> {
    /// Classifier by training images, which must be at least one.
    pub fn new(train: &'a Samples, classes: usize) -> Self {
        Self { train, classes }
    }

    /// Returns the votes for each picture. With fewer training images than
    /// [`NEIGHBOURS`] all of them vote.
    ///
    /// Levels, their products and the sums of these are integers that are held exactly,
    /// so the votes are the same on every machine.
    pub fn votes(&self, pictures: &[&Grey], pace: Pace<'_>) -> Vec<Votes> {
        let Samples {
            pixels, features, ..
        } = self.train;
        let pieces: Vec<LevelColumns> = pictures
            .chunks(MAX_PICTURES)
            .map(|piece| LevelColumns::new(&piece.concat(), *features))
            .collect();
        let mut found: Vec<Vec<Neighbour>> = vec![Vec::new(); pictures.len()];
        let rows = self.train.len();
        for start in (0..rows).step_by(MAX_ROWS) {
            let end = rows.min(start + MAX_ROWS);
            pace.at(start, rows);
            let block = LevelColumns::new(&pixels[start * features..end * features], *features);
            for (piece, found) in pieces.iter().zip(found.chunks_mut(MAX_PICTURES)) {
                search(piece, &block, start, found);
                pace.tick();
            }
        }
        found.iter().map(|found| self.count(found)).collect()
    }

    fn count(&self, found: &[Neighbour]) -> Votes {
        let mut fractions = vec![0.0; self.classes];
        for neighbour in found {
            fractions[usize::from(self.train.labels[neighbour.row])] += 1.0;
        }
        for fraction in &mut fractions {
            *fraction /= found.len() as f64;
        }
        let nearest = found.first().map_or(f64::NAN, |nearest| nearest.distance);
        Votes { fractions, nearest }
    }
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

/// Updates the nearest neighbours with a block of training images that begins at row
/// `start`.
fn search(
    pictures: &LevelColumns,
    block: &LevelColumns,
    start: usize,
    found: &mut [Vec<Neighbour>],
) {
    let products = products(block, pictures);
    for (picture, found) in found.iter_mut().enumerate() {
        let own = pictures.squares[picture];
        let mut bound = bound(found);
        let all = products.col_as_slice(picture).iter().zip(&block.squares);
        for (row, (product, square)) in all.enumerate() {
            let distance = own + square - 2.0 * product;
            // Rows come in rising order, so that an equal distance is a later row.
            if distance < bound {
                let row = start + row;
                insert(found, Neighbour { distance, row });
                bound = self::bound(found);
            }
        }
    }
}

/// Returns the distance below which another image is among the nearest.
fn bound(found: &[Neighbour]) -> f64 {
    found
        .get(NEIGHBOURS - 1)
        .map_or(f64::INFINITY, |last| last.distance)
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

/// Inserts a neighbour into its place among the nearest.
fn insert(found: &mut Vec<Neighbour>, new: Neighbour) {
    found.truncate(NEIGHBOURS - 1);
    let place = found.partition_point(|one| one.distance <= new.distance);
    found.insert(place, new);
}
