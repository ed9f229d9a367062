//! The judge of nearest neighbours: what the ten most similar training images
//! are, each with one vote.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use super::picture::Picture;
use crate::data::Samples;

/// How many neighbours vote, all with the same weight.
pub const NEIGHBOURS: usize = 10;

/// Rows at a time; bounds memory.
const BLOCK: usize = 1024;
const PIECE: usize = 512;

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
    /// Levels and their products are whole numbers that double precision holds
    /// exactly, so the votes are the same on every machine.
    #[must_use]
    pub fn votes(&self, pictures: &[&Picture]) -> Vec<Votes> {
        let mut found: Vec<Vec<Neighbour>> = vec![Vec::new(); pictures.len()];
        let rows = self.train.len();
        for start in (0..rows).step_by(BLOCK) {
            let block: Vec<&Picture> = (start..rows.min(start + BLOCK))
                .map(|row| self.train.row(row))
                .collect();
            let block = (matrix(&block), squares(&block));
            for (piece, found) in pictures.chunks(PIECE).zip(found.chunks_mut(PIECE)) {
                search(piece, (&block.0, &block.1, start), found);
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

/// Brings what is found up to date with a block of training images.
fn search(
    pictures: &[&Picture],
    (block, squares_of_block, start): (&Mat<f64>, &[f64], usize),
    found: &mut [Vec<Neighbour>],
) {
    let own = squares(pictures);
    let mut products = Mat::zeros(block.ncols(), pictures.len());
    let pictures = matrix(pictures);
    let transposed = block.transpose();
    matmul(
        products.as_mut(),
        Accum::Replace,
        transposed,
        &pictures,
        1.0,
        Par::Seq,
    );
    for (picture, found) in found.iter_mut().enumerate() {
        let products = products.col(picture);
        let all = products.iter().zip(squares_of_block).enumerate();
        for (row, (product, square)) in all {
            let distance = own[picture] + square - 2.0 * product;
            insert(found, (distance, start + row));
        }
    }
}

/// Puts a neighbour into its place among the nearest.
fn insert(found: &mut Vec<Neighbour>, new: Neighbour) {
    if found.len() == NEIGHBOURS {
        // Rows come in rising order, so that an equal distance is a later row.
        if found[NEIGHBOURS - 1].0 <= new.0 {
            return;
        }
        found.pop();
    }
    let place = found.partition_point(|one| one.0 <= new.0);
    found.insert(place, new);
}

/// Pictures as columns.
fn matrix(pictures: &[&Picture]) -> Mat<f64> {
    let pixels = pictures.first().map_or(0, |picture| picture.len());
    Mat::from_fn(pixels, pictures.len(), |i, n| f64::from(pictures[n][i]))
}

fn squares(pictures: &[&Picture]) -> Vec<f64> {
    let square = |picture: &&Picture| {
        let squares = picture.iter().map(|&level| u64::from(level).pow(2));
        squares.sum::<u64>() as f64
    };
    pictures.iter().map(square).collect()
}
