//! Judges: do others than the network see the class in its inverse?
//!
//! Two that had no part in any inversion, since one judge is no judge: a small
//! convolutional network, and the ten nearest training images. They see what
//! people see, grey levels, and are the same for all networks trained on the
//! same samples.

mod controls;
mod conv;
mod neighbours;
mod picture;

use faer::Mat;

pub use controls::{ControlRow, controls};

use crate::arrays::Array;
use crate::config::PixelRange;
use crate::data::{Dataset, ImageSize};
use crate::model::Device;
use crate::pace::Pace;
use conv::Conv;
use neighbours::Neighbours;
use picture::{Picture, clipped, drawn};

/// Both judges of one data set, on a device.
pub struct Judges<'a> {
    conv: Conv,
    neighbours: Neighbours<'a>,
    size: ImageSize,
    device: &'a Device,
    pace: Pace<'a>,
}

/// What both judges say of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// The convolutional judge's probability of each class.
    pub conv: Vec<f64>,
    /// The share of each class among the nearest neighbours.
    pub knn: Vec<f64>,
    /// Root mean square difference per pixel from the nearest training image, as
    /// a share of the range from black to white.
    pub nearest: f64,
}

/// What both judges say of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Clipped into the range of real images.
    pub clipped: Opinion,
    /// As a grid draws it, on the scale of its row.
    pub drawn: Opinion,
}

/// Trains the judge that has to be trained; `on_epoch` is told how many epochs of
/// how many are over.
///
/// # Errors
/// If the device fails.
pub fn train(
    dataset: &Dataset,
    device: &Device,
    on_epoch: &dyn Fn(usize, usize),
) -> Result<Vec<Array>, String> {
    Conv::train(dataset, device, on_epoch)
}

impl<'a> Judges<'a> {
    /// Those of this data set, with what [`train`] gave for it; none if it gave
    /// something else.
    #[must_use]
    pub fn new(parameters: &[Array], dataset: &'a Dataset, device: &'a Device) -> Option<Self> {
        Some(Self {
            conv: Conv::new(parameters, dataset, device)?,
            neighbours: Neighbours::of(&dataset.train, dataset.classes.len()),
            size: dataset.size,
            device,
            pace: Pace::SILENT,
        })
    }

    /// Reports how far they are, which takes long of many pictures or training images.
    #[must_use]
    pub fn at(self, pace: Pace<'a>) -> Self {
        Self { pace, ..self }
    }

    /// What they say of each picture, which must be as large as the training images.
    ///
    /// # Errors
    /// If the device fails.
    pub fn opinions(&self, pictures: &[&Picture]) -> Result<Vec<Opinion>, String> {
        let conv = self.conv.probabilities(pictures, self.size, self.device)?;
        let votes = self.neighbours.votes(pictures, self.pace);
        let both = conv.into_iter().zip(votes).zip(pictures);
        let opinion =
            |((conv, votes), picture): ((Vec<f64>, neighbours::Votes), &&Picture)| Opinion {
                conv,
                knn: votes.shares,
                nearest: (votes.nearest / picture.len() as f64).sqrt() / 255.0,
            };
        Ok(both.map(opinion).collect())
    }

    /// What they say of the inverses of each setting, all looked at together as
    /// the training images have to be gone through only once then.
    ///
    /// # Shapes
    /// - settings: each classes x inputs
    ///
    /// # Errors
    /// If the device fails.
    pub fn see(&self, settings: &[&Mat<f64>], range: PixelRange) -> Result<Vec<Vec<Seen>>, String> {
        let mut pictures: Vec<Vec<u8>> = Vec::new();
        for images in settings {
            let rows = images.row_iter();
            let rows: Vec<Vec<f64>> = rows.map(|row| row.iter().copied().collect()).collect();
            let drawn = drawn(&rows);
            for (row, drawn) in rows.iter().zip(drawn) {
                pictures.extend([clipped(row, range), drawn]);
            }
        }
        let pictures: Vec<&Picture> = pictures.iter().map(Vec::as_slice).collect();
        let mut opinions = self.opinions(&pictures)?.into_iter();
        let mut next = || {
            let (clipped, drawn) = (opinions.next()?, opinions.next()?);
            Some(Seen { clipped, drawn })
        };
        let of = |images: &&Mat<f64>| (0..images.nrows()).map_while(|_| next()).collect();
        Ok(settings.iter().map(of).collect())
    }
}

#[cfg(test)]
mod tests;
