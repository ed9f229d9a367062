//! Judges: evaluators that had no part in any inversion read its images.
//!
//! Five convolutional networks and a k-NN classifier give each picture a probability of
//! every class of the data file and of "none". They see grey levels, as
//! people do, and are the same for all networks trained on the same data file.

mod agreement;
mod calibration;
mod controls;
mod conv;
mod digits;
mod families;
mod look;
mod nearest;
mod picture;
mod reliability;
mod similar;
mod textures;
mod training;

use std::panic::resume_unwind;

use faer::Mat;

pub use agreement::{AgreementRow, agreement};
pub use controls::{ControlRow, TEST, TOGETHER, controls, poor_judges, poor_judges_note};
pub use reliability::ReliabilityRow;

use crate::arrays::{Array, Values};
use crate::data::{Dataset, Label};
use crate::invert::is_missing;
use crate::model::Device;
use crate::pace::Pace;
use calibration::{Scored, SimilarityCalibration, Temperature};
use conv::{Conv, Windows};
use digits::DigitRows;
use look::Look;
use nearest::nearest;
use picture::{Grey, clipped, drawn};
use similar::Similar;
use textures::Textures;

/// Number of convolutional evaluators.
pub const CONVS: usize = 5;

/// Number of all evaluators: the convolutional ones, then k-NN.
pub const EVALUATORS: usize = CONVS + 1;

/// Returns the name of an evaluator.
#[must_use]
pub fn evaluator_name(evaluator: usize) -> String {
    if evaluator < CONVS {
        format!("conv-{evaluator}")
    } else {
        "knn".to_owned()
    }
}

/// Probabilities for one picture by one evaluator.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureReading {
    /// Probability of each class of the network, in the order of its outputs.
    pub classes: Vec<f64>,
    /// Probability of the other classes of the data file together.
    pub another: f64,
    /// Probability that the picture shows none.
    pub none: f64,
}

/// Probabilities for one picture by each evaluator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readings(pub Vec<PictureReading>);

/// Readings of one image in both views; empty for an inverse that is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewedReadings {
    /// Of the image clipped into the range of real images.
    pub clipped: Readings,
    /// Of the image as a grid draws it, on the scale of its row.
    pub drawn: Readings,
    /// Root mean square difference per pixel of the clipped image from the nearest training
    /// image of the network, as a fraction of the range from black to white.
    pub nearest: f64,
}

/// Evaluators of a data file, on a device.
#[derive(Debug)]
pub struct Judges {
    convs: Vec<(Conv, Temperature)>,
    similar: Similar,
    knn: SimilarityCalibration,
    windows: Windows,
    look: Look,
    device: Device,
    /// Labels of the data file, in the order of the evaluators' outputs.
    classes: Vec<Label>,
}

/// Trains the evaluators on a data file with all of its classes. `on_trained` gets the
/// number of trained evaluators.
///
/// # Errors
/// If the device fails.
pub fn train(
    file: &Dataset,
    device: &Device,
    on_trained: &dyn Fn(usize),
) -> Result<Vec<Array>, String> {
    let searched = similar::searched(file);
    let (convs, knn) = std::thread::scope(|scope| {
        let knn = scope.spawn(|| calibrated(file, &searched));
        let convs = training::train_all(file, device, on_trained)?;
        let knn = knn.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok::<_, String>((convs, knn))
    })?;
    on_trained(EVALUATORS);
    let (mut arrays, mut temperatures) = (Vec::new(), Vec::new());
    for (number, (conv, temperature)) in convs.into_iter().enumerate() {
        arrays.extend(conv.arrays(number)?);
        temperatures.push(temperature.0);
    }
    temperatures.push(knn.temperature.0);
    arrays.push(array(TEMPERATURES, temperatures));
    arrays.push(array(SIMILARITY, knn.weights.to_vec()));
    let rows = searched.into_iter().map(|row| row as f64);
    arrays.push(array(SEARCHED, rows.collect()));
    Ok(arrays)
}

/// Names of the numbers of calibration among the parameters, and of the numbers of the rows
/// that k-NN searches.
const TEMPERATURES: &str = "temperatures";
const SIMILARITY: &str = "knn.any";
const SEARCHED: &str = "knn.rows";

fn array(name: &str, values: Vec<f64>) -> Array {
    Array {
        name: name.to_owned(),
        shape: vec![values.len()],
        values: Values::F64(values),
    }
}

/// Calibrates k-NN on rows that it does not search.
fn calibrated(file: &Dataset, searched: &[usize]) -> Result<SimilarityCalibration, String> {
    let stream = |name: &str| crate::rng::stream(CONVS as u64, &format!("judge/{name}"));
    let textures = Textures::new(&mut stream("textures"));
    let held_out = similar::held_out(file, searched);
    let no_rows = || "evaluators: the data file has no training rows".to_owned();
    let rows = DigitRows::new(&file.train, &held_out, file.size, &textures).ok_or_else(no_rows)?;
    let similar = Similar::new(file, searched).ok_or_else(no_rows)?;
    let classes = file.classes.len();
    let mut stream = stream("calibration");
    let (seen, truths) = training::calibration(&rows, &file.train, classes, &mut stream);
    let scores = similar.similarities(&seen, Pace::SILENT);
    let scored = scores.into_iter().zip(truths);
    let scored = scored.map(|(scores, truth)| Scored { scores, truth });
    Ok(SimilarityCalibration::fitted(scored.collect()))
}

impl Judges {
    /// Evaluators of a data file with the parameters that [`train`] returned for it; none
    /// if the parameters do not fit.
    pub fn new(parameters: &[Array], file: &Dataset, device: &Device) -> Option<Self> {
        let look = Look::new(file.size);
        let windows = Windows::new(look.seen());
        let numbers = |name: &str| {
            let array = parameters.iter().find(|array| array.name == name)?;
            match &array.values {
                Values::F64(values) => Some(&values[..]),
                Values::F32(_) => None,
            }
        };
        let temperatures: [f64; EVALUATORS] = numbers(TEMPERATURES)?.try_into().ok()?;
        let weights: [f64; 3] = numbers(SIMILARITY)?.try_into().ok()?;
        let searched: Vec<usize> = numbers(SEARCHED)?.iter().map(|&row| row as usize).collect();
        let outputs = file.classes.len() + 1;
        let conv = |number: usize| {
            let conv = Conv::new(parameters, number, &windows, outputs, device)?;
            Some((conv, Temperature(temperatures[number])))
        };
        Some(Self {
            convs: (0..CONVS).map(conv).collect::<Option<_>>()?,
            similar: Similar::new(file, &searched)?,
            knn: SimilarityCalibration {
                temperature: Temperature(temperatures[CONVS]),
                weights,
            },
            windows,
            look,
            device: device.clone(),
            classes: file.classes.clone(),
        })
    }

    /// Returns the probabilities of each class of the data file and of "none", by each
    /// evaluator, for each picture as it is seen.
    ///
    /// # Shapes
    /// - `[evaluators][pictures][classes + 1]`
    ///
    /// # Errors
    /// If the device fails.
    fn probabilities(
        &self,
        seen: &[Vec<f32>],
        pace: Pace<'_>,
    ) -> Result<Vec<Vec<Vec<f64>>>, String> {
        let mut all = Vec::with_capacity(EVALUATORS);
        for (conv, temperature) in &self.convs {
            let scores = conv.all_logits(seen, &self.windows, &self.device)?;
            let probabilities = scores.iter().map(|z| temperature.probabilities(z));
            all.push(probabilities.collect());
            pace.tick();
        }
        let scores = self.similar.similarities(seen, pace);
        let probabilities = scores.iter().map(|scores| self.knn.probabilities(scores));
        all.push(probabilities.collect());
        Ok(all)
    }

    /// Reads pictures of the size of the training images.
    ///
    /// # Errors
    /// If the device fails.
    pub fn read(
        &self,
        pictures: &[&Grey],
        classes: &[Label],
        pace: Pace<'_>,
    ) -> Result<Vec<Readings>, String> {
        let seen: Vec<Vec<f32>> = pictures
            .iter()
            .map(|picture| self.look.at(picture))
            .collect();
        let all = self.probabilities(&seen, pace)?;
        let reading = |probabilities: &Vec<f64>| self.reading(probabilities, classes);
        let of = |picture: usize| Readings(all.iter().map(|of| reading(&of[picture])).collect());
        Ok((0..pictures.len()).map(of).collect())
    }

    /// Sums probabilities of the classes of the data file to those of a network.
    fn reading(&self, probabilities: &[f64], classes: &[Label]) -> PictureReading {
        let of = |label: &Label| {
            let place = self.classes.iter().position(|class| class == label);
            place.map_or(0.0, |place| probabilities[place])
        };
        let own: Vec<f64> = classes.iter().map(of).collect();
        let others = self.classes.iter().filter(|label| !classes.contains(label));
        PictureReading {
            classes: own,
            another: others.map(of).sum(),
            none: probabilities[self.classes.len()],
        }
    }

    /// Reads the inverses of each setting, all together, so that training images are
    /// searched only once. Those of an inverse that is missing are empty.
    ///
    /// # Shapes
    /// - settings: each classes x inputs
    ///
    /// # Errors
    /// If the device fails.
    pub fn read_inverses(
        &self,
        settings: &[&Mat<f64>],
        of: &Dataset,
        pace: Pace<'_>,
    ) -> Result<Vec<Vec<ViewedReadings>>, String> {
        let (mut in_range, mut as_drawn) = (Vec::new(), Vec::new());
        for images in settings {
            let rows: Vec<Vec<f64>> = images
                .row_iter()
                .map(|row| row.iter().copied().collect())
                .collect();
            in_range.extend(rows.iter().map(|row| clipped(row, of.range)));
            as_drawn.extend(drawn(&rows));
        }
        let clipped = self.read(&lent(&in_range), &of.classes, pace)?;
        let drawn = self.read(&lent(&as_drawn), &of.classes, pace)?;
        let nearest = nearest(&of.train, &lent(&in_range), pace);
        let rows = settings.iter().flat_map(|images| images.row_iter());
        let missing: Vec<bool> = rows.map(|row| is_missing(row.iter())).collect();
        let viewed = clipped.into_iter().zip(drawn).zip(nearest).zip(missing);
        let mut all = viewed.map(|(((clipped, drawn), nearest), is_missing)| {
            if is_missing {
                return ViewedReadings::default();
            }
            ViewedReadings {
                clipped,
                drawn,
                nearest,
            }
        });
        let of_setting = |images: &&Mat<f64>| all.by_ref().take(images.nrows()).collect();
        Ok(settings.iter().map(of_setting).collect())
    }
}

/// Lends pictures.
fn lent(pictures: &[Vec<u8>]) -> Vec<&Grey> {
    pictures.iter().map(Vec::as_slice).collect()
}

impl Readings {
    /// Weights of the evaluators in a combined reading: half for k-NN, half for the
    /// convolutional ones together.
    pub const WEIGHTS: [f64; EVALUATORS] = {
        let mut weights = [0.5 / CONVS as f64; EVALUATORS];
        weights[CONVS] = 0.5;
        weights
    };

    /// Returns the reading by all evaluators together.
    #[must_use]
    pub fn combined(&self) -> PictureReading {
        let weighted = |value: &dyn Fn(&PictureReading) -> f64| -> f64 {
            let pairs = self.0.iter().zip(Self::WEIGHTS);
            pairs.map(|(reading, weight)| weight * value(reading)).sum()
        };
        let classes = self.0.first().map_or(0, |reading| reading.classes.len());
        PictureReading {
            classes: (0..classes)
                .map(|class| weighted(&|reading| reading.classes[class]))
                .collect(),
            another: weighted(&|reading| reading.another),
            none: weighted(&|reading| reading.none),
        }
    }
}

#[cfg(test)]
mod tests;
