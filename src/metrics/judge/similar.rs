//! k-NN evaluator: the nearest training images of each class by correlation, with a
//! threshold below which a picture is similar to none.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use super::digits::blur;
use super::look::{Look, standardise};
use crate::data::{Dataset, ImageSize};
use crate::pace::Pace;
use crate::rng::stream;

/// Number of nearest images of a class whose mean correlation counts.
const NEIGHBOURS: usize = 3;
/// Maximum number of training images per class, and of pixels of all of them, which bounds
/// time and memory.
const MAX_PER_CLASS: usize = 1500;
const MAX_PIXELS: usize = 16_000_000;
/// Maximum fraction of a class that is searched: the others are held out.
const SEARCHED: f64 = 0.8;
/// Maximum number of pictures at a time, which bounds memory.
const MAX_PICTURES: usize = 256;

/// Training images to search, in the order of their classes.
#[derive(Debug)]
pub struct Similar {
    /// Pixels x images, each of norm 1.
    images: Vec<f32>,
    pixels: usize,
    /// Number of images of each class.
    counts: Vec<usize>,
    size: ImageSize,
}

/// Draws the rows that are searched, class by class.
pub fn searched(file: &Dataset) -> Vec<usize> {
    let pixels = Look::new(file.size).seen().pixels();
    let classes = file.classes.len();
    let most = MAX_PER_CLASS.min(MAX_PIXELS / pixels.max(1) / classes.max(1));
    let of_class = |class| {
        let mut rows = file.train.of_class(class);
        stream(0, &format!("judge/searched/{class}")).shuffle(&mut rows);
        rows.truncate(most.min((SEARCHED * rows.len() as f64) as usize).max(1));
        rows
    };
    (0..classes).flat_map(of_class).collect()
}

/// Returns the rows of a data file that are not searched; all, if all are.
pub fn held_out(file: &Dataset, searched: &[usize]) -> Vec<usize> {
    let mut is_searched = vec![false; file.train.len()];
    for &row in searched {
        is_searched[row] = true;
    }
    let all = 0..file.train.len();
    if searched.len() == all.len() {
        return all.collect();
    }
    all.filter(|&row| !is_searched[row]).collect()
}

impl Similar {
    /// Evaluator by these training images of a data file; none if there is no such row.
    pub fn new(file: &Dataset, searched: &[usize]) -> Option<Self> {
        let look = Look::new(file.size);
        let size = look.seen();
        let mut counts = vec![0; file.classes.len()];
        let mut images = Vec::with_capacity(searched.len() * size.pixels());
        for (class, count) in counts.iter_mut().enumerate() {
            for &row in searched {
                if usize::from(*file.train.labels.get(row)?) == class {
                    *count += 1;
                    images.extend(direction(look.at(file.train.row(row)), size));
                }
            }
        }
        Some(Self {
            images,
            pixels: size.pixels(),
            counts,
            size,
        })
    }

    /// Returns the similarity of each picture to each class: the mean of the highest
    /// correlations with images of the class. A negative is as similar as a positive.
    pub fn similarities(&self, pictures: &[Vec<f32>], pace: Pace<'_>) -> Vec<Vec<f64>> {
        let mut all = Vec::with_capacity(pictures.len());
        for piece in pictures.chunks(MAX_PICTURES) {
            let columns: Vec<f32> = piece
                .iter()
                .flat_map(|picture| direction(picture.clone(), self.size))
                .collect();
            let columns = MatRef::from_column_major_slice(&columns, self.pixels, piece.len());
            let mut of_piece = vec![Vec::with_capacity(self.counts.len()); piece.len()];
            let mut start = 0;
            for &count in &self.counts {
                let images = &self.images[start * self.pixels..][..count * self.pixels];
                let images = MatRef::from_column_major_slice(images, self.pixels, count);
                let mut products = Mat::<f32>::zeros(count, piece.len());
                let transposed = images.transpose();
                matmul(
                    products.as_mut(),
                    Accum::Replace,
                    transposed,
                    columns,
                    1.0,
                    Par::Seq,
                );
                for (picture, similarities) in of_piece.iter_mut().enumerate() {
                    similarities.push(mean_of_highest(products.col_as_slice(picture)));
                }
                start += count;
                pace.tick();
            }
            all.extend(of_piece);
        }
        all
    }
}

/// Mean of the highest magnitudes.
fn mean_of_highest(products: &[f32]) -> f64 {
    let mut highest = [0.0f32; NEIGHBOURS];
    for product in products {
        let mut product = product.abs();
        for place in &mut highest {
            if product > *place {
                std::mem::swap(place, &mut product);
            }
        }
    }
    let count = products.len().clamp(1, NEIGHBOURS);
    highest.iter().copied().map(f64::from).sum::<f64>() / count as f64
}

/// Returns a picture, slightly blurred, with a mean of 0 and a norm of 1, so that a product
/// of two is their correlation. A blank picture is 0.
fn direction(mut picture: Vec<f32>, size: ImageSize) -> Vec<f32> {
    blur(&mut picture, size);
    standardise(&mut picture);
    let scale = 1.0 / (picture.len() as f32).sqrt();
    for level in &mut picture {
        *level *= scale;
    }
    picture
}
