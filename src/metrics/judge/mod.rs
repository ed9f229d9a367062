//! Judges: evaluators that had no part in any inversion classify its images.
//!
//! There are two, a small convolutional network and a k-NN classifier, so that neither
//! decides alone. They see grey levels, as people do, and are the same for all networks
//! trained on the same samples.

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
use picture::{Grey, clipped, drawn};

/// Both evaluators of one data set, on a device.
pub struct Judges<'a> {
    conv: Conv,
    neighbours: Neighbours<'a>,
    size: ImageSize,
    device: &'a Device,
    pace: Pace<'a>,
}

/// Predictions of both evaluators for one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Probability of each class by the convolutional network.
    pub conv: Vec<f64>,
    /// Fraction of each class among the nearest neighbours.
    pub knn: Vec<f64>,
    /// Root mean square difference per pixel from the nearest training image, as
    /// a fraction of the range from black to white.
    pub nearest: f64,
}

/// Predictions for one image in both renderings.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// Predictions for the image clipped into the range of real images.
    pub clipped: Prediction,
    /// Predictions for the image as a grid draws it, on the scale of its row.
    pub drawn: Prediction,
}

/// Trains the convolutional network. `on_epoch` gets the number of finished epochs and
/// that of all.
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
    /// Evaluators of a data set with the parameters that [`train`] returned for it; none
    /// if the parameters do not fit.
    pub fn new(parameters: &[Array], dataset: &'a Dataset, device: &'a Device) -> Option<Self> {
        Some(Self {
            conv: Conv::new(parameters, dataset, device)?,
            neighbours: Neighbours::new(&dataset.train, dataset.classes.len()),
            size: dataset.size,
            device,
            pace: Pace::SILENT,
        })
    }

    /// Reports progress, as many pictures or training images take long.
    pub fn at(self, pace: Pace<'a>) -> Self {
        Self { pace, ..self }
    }

    /// Returns the predictions for pictures of the size of the training images.
    ///
    /// # Errors
    /// If the device fails.
    pub fn predict(&self, pictures: &[&Grey]) -> Result<Vec<Prediction>, String> {
        let conv = self.conv.probabilities(pictures, self.size, self.device)?;
        let votes = self.neighbours.votes(pictures, self.pace);
        let all = conv.into_iter().zip(votes).zip(pictures);
        let predictions = all.map(|((conv, votes), picture)| Prediction {
            conv,
            knn: votes.fractions,
            nearest: (votes.nearest / picture.len() as f64).sqrt() / 255.0,
        });
        Ok(predictions.collect())
    }

    /// Returns the predictions for the inverses of each setting. All are predicted
    /// together, so that the training images are searched only once.
    ///
    /// # Shapes
    /// - settings: each classes x inputs
    ///
    /// # Errors
    /// If the device fails.
    pub fn predict_inverses(
        &self,
        settings: &[&Mat<f64>],
        range: PixelRange,
    ) -> Result<Vec<Vec<Predictions>>, String> {
        let mut pictures: Vec<Vec<u8>> = Vec::new();
        for images in settings {
            let rows: Vec<Vec<f64>> = images
                .row_iter()
                .map(|row| row.iter().copied().collect())
                .collect();
            let drawn = drawn(&rows);
            for (row, drawn) in rows.iter().zip(drawn) {
                pictures.extend([clipped(row, range), drawn]);
            }
        }
        let pictures: Vec<&Grey> = pictures.iter().map(Vec::as_slice).collect();
        let mut predictions = self.predict(&pictures)?.into_iter();
        let mut next = || {
            let (clipped, drawn) = (predictions.next()?, predictions.next()?);
            Some(Predictions { clipped, drawn })
        };
        let of = |images: &&Mat<f64>| (0..images.nrows()).map_while(|_| next()).collect();
        Ok(settings.iter().map(of).collect())
    }
}

#[cfg(test)]
mod tests;
