//! The judge of nearest neighbours: what the ten most similar training images
//! are, each with one vote.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use super::picture::Picture;
use crate::data::Samples;
use crate::pace::Pace;

/// How many neighbours vote, all with the same weight.
pub const NEIGHBOURS: usize = 10;

/// Training images at a time, and pictures; bounds memory.
const BLOCK: usize = 512;
const PIECE: usize = 512;

/// Pixels at a time: so many products of centred levels, of at most 128 times 128
/// each, add up to at most 2^24, up to which single precision holds whole numbers.
const PIXELS: usize = 1024;

/// Training images to be searched.
pub struct Neighbours<'a> {
    train: &'a Samples,
    classes: usize,
}

/// What the neighbours of one picture say.
#[derive(Debug, Clone, PartialEq)]
pub struct Votes {
    /// The share of each class among them.
    pub shares: Vec<f64>,
    /// Squared Euclidean distance to the nearest, in levels.
    pub nearest: f64,
}

/// A squared distance and the row it is to; of equal distances the lower row
/// counts as nearer.
type Neighbour = (f64, usize);

impl<'a> Neighbours<'a> {
    /// Of these training images, which must be at least one.
    #[must_use]
    pub fn of(train: &'a Samples, classes: usize) -> Self {
        Self { train, classes }
    }

    /// What the neighbours of each picture say. With fewer training images than
    /// [`NEIGHBOURS`] all of them vote.
    ///
    /// Levels, their products and the sums of these are whole numbers that are held
    /// exactly, so the votes are the same on every machine.
    #[must_use]
    pub fn votes(&self, pictures: &[&Picture], pace: Pace<'_>) -> Vec<Votes> {
        let Samples {
            pixels, features, ..
        } = self.train;
        let pieces = pictures.chunks(PIECE);
        let pieces: Vec<Columns> = pieces
            .map(|piece| Columns::of(&piece.concat(), *features))
            .collect();
        let mut found: Vec<Vec<Neighbour>> = vec![Vec::new(); pictures.len()];
        let rows = self.train.len();
        for start in (0..rows).step_by(BLOCK) {
            let end = rows.min(start + BLOCK);
            pace.at(start, rows);
            let block = Columns::of(&pixels[start * features..end * features], *features);
            for (piece, found) in pieces.iter().zip(found.chunks_mut(PIECE)) {
                search(piece, (&block, start), found);
                pace.tick();
            }
        }
        found.iter().map(|found| self.count(found)).collect()
    }

    fn count(&self, found: &[Neighbour]) -> Votes {
        let mut shares = vec![0.0; self.classes];
        for (_, row) in found {
            shares[usize::from(self.train.labels[*row])] += 1.0;
        }
        for share in &mut shares {
            *share /= found.len() as f64;
        }
        let nearest = found.first().map_or(f64::NAN, |(distance, _)| *distance);
        Votes { shares, nearest }
    }
}

/// Pictures as columns, with levels from -128 to 127: that leaves distances as they
/// are and keeps products small.
struct Columns {
    levels: Vec<f32>,
    pixels: usize,
    /// The sum of the squares of each.
    squares: Vec<f64>,
}

impl Columns {
    /// Of pictures one after the other.
    fn of(pictures: &[u8], pixels: usize) -> Self {
        let centred = |&level: &u8| f32::from(level) - 128.0;
        let square = |picture: &[u8]| {
            let square = |&level: &u8| u32::from(level.abs_diff(128)).pow(2);
            let parts = picture.chunks(PIXELS);
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

/// Brings what is found up to date with a block of training images.
fn search(pictures: &Columns, (block, start): (&Columns, usize), found: &mut [Vec<Neighbour>]) {
    let products = products(block, pictures);
    for (picture, found) in found.iter_mut().enumerate() {
        let own = pictures.squares[picture];
        let mut bound = bound(found);
        let all = products.col_as_slice(picture).iter().zip(&block.squares);
        for (row, (product, square)) in all.enumerate() {
            let distance = own + square - 2.0 * product;
            // Rows come in rising order, so that an equal distance is a later row.
            if distance < bound {
                insert(found, (distance, start + row));
                bound = self::bound(found);
            }
        }
    }
}

/// Below which distance another one is among the nearest.
fn bound(found: &[Neighbour]) -> f64 {
    found
        .get(NEIGHBOURS - 1)
        .map_or(f64::INFINITY, |last| last.0)
}

/// Of each image with each picture: images x pictures.
fn products(images: &Columns, pictures: &Columns) -> Mat<f64> {
    let (images, pictures) = (images.matrix(), pictures.matrix());
    let mut sums = Mat::zeros(images.ncols(), pictures.ncols());
    let mut part = Mat::<f32>::zeros(images.ncols(), pictures.ncols());
    for start in (0..images.nrows()).step_by(PIXELS) {
        let pixels = PIXELS.min(images.nrows() - start);
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

/// Puts a neighbour into its place among the nearest.
fn insert(found: &mut Vec<Neighbour>, new: Neighbour) {
    found.truncate(NEIGHBOURS - 1);
    let place = found.partition_point(|one| one.0 <= new.0);
    found.insert(place, new);
}
