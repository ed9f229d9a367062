//! Measurement of the inverses of one network.

use faer::Mat;
use serde::Serialize;

use super::judge::{Judges, ViewedReadings};
use super::metric::{LeastDistances, Measurable, Metric, Reference, RoundTrip};
use crate::config::{Norm, PixelRange};
use crate::data::{Dataset, ImageSize, Label};
use crate::invert::{PreimageTarget, is_missing};
use crate::model::{Network, map};
use crate::norms::mean;
use crate::pace::Pace;

/// Row of the tidy table of metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricRow {
    /// Experiment, by the path of its results.
    pub spec: String,
    /// Seed.
    pub replicate: u64,
    /// Name of the inversion.
    pub inversion: String,
    /// Swept keys of the inversion; empty without a sweep.
    pub parameter: String,
    /// Values of the swept keys.
    pub setting: String,
    /// Label of the class in the data set.
    pub class: Label,
    /// Name of the metric.
    pub metric: &'static str,
    /// Value; none where the metric is undefined or missing.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: &'static str,
}

/// Value of one metric for one inverse.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Position of the class among the network's outputs.
    pub class: usize,
    /// Metric.
    pub metric: Metric,
    /// Value; none where the metric is undefined or missing.
    pub value: Option<f64>,
    /// Values by each [evaluator](Metric::evaluators); empty for other metrics.
    pub by: Vec<f64>,
}

/// Measurements of the inverses of one setting.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredSetting {
    /// Metrics of each inverse.
    pub values: Vec<Measured>,
    /// Readings of each inverse, in the order of the classes; empty without evaluators.
    pub readings: Vec<ViewedReadings>,
}

/// Inputs of measurements that all inverses of a network share.
pub struct Measures<'a> {
    /// Classifier.
    pub network: &'a Network,
    /// Inverted network: the classifier, or its first layers.
    pub inverted: &'a Network,
    /// Images to reconstruct, if that is the task: classes x inputs.
    pub originals: Option<&'a Mat<f64>>,
    /// Reference images of the classes.
    pub reference: &'a Reference,
    /// Metrics to measure.
    pub metrics: &'a [Metric],
    /// True class of the images with the training label of each class, as positions
    /// among the outputs.
    pub relabelled: &'a [usize],
    /// Evaluators, and the data set of the network; needed if any metric
    /// [needs them](Metric::needs_judges).
    pub judges: Option<(&'a Judges, &'a Dataset)>,
    /// Networks of the same spec and of other seeds; needed if any metric
    /// [needs them](Metric::needs_companions).
    pub companions: &'a [Network],
    /// Progress.
    pub pace: Pace<'a>,
}

/// Inverses of one setting with their targets.
#[derive(Debug, Clone, Copy)]
pub struct Inverses<'a> {
    /// Classes x inputs, the inverse of class n in row n.
    pub images: &'a Mat<f64>,
    /// `outputs` logits per class.
    pub targets: &'a [Vec<f64>],
    /// Values that the backward pass asks of each hidden layer, from the first on; empty
    /// if there is none, or none [is needed](Metric::needs_backward_pass).
    pub asked: &'a [PreimageTarget],
}

impl Measures<'_> {
    /// Measures every image of every setting.
    ///
    /// # Errors
    /// If the device of an evaluator fails.
    pub fn of(&self, settings: &[Inverses<'_>]) -> Result<Vec<MeasuredSetting>, String> {
        let images: Vec<&Mat<f64>> = settings.iter().map(|setting| setting.images).collect();
        let readings = match self.judges {
            Some((judges, dataset)) => judges.read_inverses(&images, dataset, self.pace)?,
            None => vec![Vec::new(); settings.len()],
        };
        let optima = LeastDistances::new(self.inverted, self.reference.range);
        let mut measured = Vec::new();
        for (done, (setting, readings)) in settings.iter().zip(readings).enumerate() {
            self.pace.at(done, settings.len());
            let values = self.of_setting(*setting, &readings, &optima);
            measured.push(MeasuredSetting { values, readings });
        }
        Ok(measured)
    }

    fn of_setting(
        &self,
        setting: Inverses<'_>,
        readings: &[ViewedReadings],
        optima: &LeastDistances<'_>,
    ) -> Vec<Measured> {
        let images = setting.images;
        let clipped = clipped(images, self.reference.range);
        let logits = |network: &Network, x: &Mat<f64>| rows(&network.logits(x.as_ref()));
        let pixels = rows(images);
        let (all, all_clipped) = (logits(self.network, images), logits(self.network, &clipped));
        let (given, given_clipped) = (
            logits(self.inverted, images),
            logits(self.inverted, &clipped),
        );
        let companions: Vec<Vec<Vec<f64>>> = self
            .companions
            .iter()
            .map(|companion| logits(companion, images))
            .collect();
        let originals = self.originals.map(rows);
        let round_trip = RoundTrip::new(self.inverted, images, setting.asked);
        let measurable = self.measurable(images.ncols());
        let mut measured = Vec::new();
        for (class, target) in setting.targets.iter().enumerate() {
            let is_missing = is_missing(pixels[class].iter());
            let image = Image {
                network: self.network,
                reference: self.reference,
                class,
                relabelled: self.relabelled[class],
                target,
                pixels: &pixels[class],
                logits: &all[class],
                clipped_logits: &all_clipped[class],
                given: &given[class],
                clipped_given: &given_clipped[class],
                original: originals.as_ref().map(|originals| &originals[class][..]),
                readings,
                companion_logits: companions.iter().map(|logits| &logits[class][..]).collect(),
                optima,
                round_trip: &round_trip,
                measurable: &measurable,
            };
            measured.extend(self.metrics.iter().map(|&metric| {
                self.pace.tick();
                let value = (!is_missing).then(|| metric.of(&image)).flatten();
                Measured {
                    class,
                    metric,
                    value,
                    by: metric.by_evaluator(&image),
                }
            }));
        }
        measured
    }

    /// Returns the facts that decide which metrics images of this many pixels have.
    fn measurable(&self, pixels: usize) -> Measurable {
        let width = self.reference.width;
        Measurable {
            output: self.network.output,
            has_hidden: self.inverted.layers.len() > 1,
            reconstructs: self.originals.is_some(),
            size: Some(ImageSize {
                width,
                height: pixels / width,
            }),
        }
    }
}

fn clipped(images: &Mat<f64>, range: PixelRange) -> Mat<f64> {
    map(images, |x| x.clamp(range.low, range.high))
}

fn rows(matrix: &Mat<f64>) -> Vec<Vec<f64>> {
    let rows = matrix.row_iter();
    rows.map(|row| row.iter().copied().collect()).collect()
}

/// One inverse with the outputs of the networks and evaluators.
pub struct Image<'a> {
    pub network: &'a Network,
    pub reference: &'a Reference,
    pub class: usize,
    /// True class of the images with the training label `class`.
    pub relabelled: usize,
    /// z'.
    pub target: &'a [f64],
    pub pixels: &'a [f64],
    /// Logits of the classifier.
    pub logits: &'a [f64],
    /// Logits of the classifier for the image clipped into range.
    pub clipped_logits: &'a [f64],
    /// Outputs of the inverted network: the logits, unless only its first layers are
    /// inverted.
    pub given: &'a [f64],
    pub clipped_given: &'a [f64],
    pub original: Option<&'a [f64]>,
    /// Readings of the images of all classes of the setting, if evaluators are needed.
    pub readings: &'a [ViewedReadings],
    /// Logits of each companion.
    pub companion_logits: Vec<&'a [f64]>,
    pub optima: &'a LeastDistances<'a>,
    pub round_trip: &'a RoundTrip<'a>,
    pub measurable: &'a Measurable,
}

impl Image<'_> {
    /// Returns the probability of the class by logits.
    pub fn probability(&self, logits: &[f64]) -> Option<f64> {
        self.network.output.class_probability(logits, self.class)
    }

    /// Returns the mean probability of the class by the companions.
    pub fn transfer(&self) -> Option<f64> {
        let companions = self.companion_logits.iter();
        let probabilities: Option<Vec<f64>> =
            companions.map(|logits| self.probability(logits)).collect();
        let probabilities = probabilities.filter(|all| !all.is_empty())?;
        Some(mean(&probabilities))
    }

    /// Returns z' - z.
    pub fn residual(&self, z: &[f64]) -> Vec<f64> {
        let pairs = z.iter().zip(self.target);
        pairs.map(|(z, t)| t - z).collect()
    }

    /// Returns how much farther from the target the clipped image is than the optimum.
    pub fn optimality_gap(&self, norm: Norm) -> Option<f64> {
        self.optima.gap(norm, self.target, self.clipped_given)
    }
}
