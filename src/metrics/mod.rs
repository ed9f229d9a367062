//! Quality: the numbers measured on an inverse. What they are called and which
//! way is better is told by [`Metric`].

mod areas;
mod gap;
pub mod judge;
mod likeness;
pub mod statistics;
mod way_back;

use faer::Mat;
use serde::Serialize;

use crate::config::{Measurable, Metric, Norm, PixelRange};
use crate::data::ImageSize;
use crate::invert::PreimageTarget;
use crate::model::Network;
use crate::norms;
use crate::pace::Pace;

use gap::Optima;
use judge::{Judges, Seen};
pub use likeness::{Likeness, Reference};
use way_back::WayBack;

/// One row of the tidy table of metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricRow {
    /// The experiment, by the path of its results.
    pub spec: String,
    /// The seed.
    pub replicate: u64,
    /// The name of the inversion.
    pub inversion: String,
    /// The keys of the inversion that are swept; empty without a sweep.
    pub parameter: String,
    /// Their values.
    pub setting: String,
    /// The data set's label of the class.
    pub class: u8,
    /// The name of the metric.
    pub metric: &'static str,
    /// Missing where the metric is not defined.
    pub value: Option<f64>,
    /// What the value counts.
    pub unit: &'static str,
}

/// The numbers of one inverse.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Position among the network's outputs.
    pub class: usize,
    /// What was measured.
    pub metric: Metric,
    /// Missing where the metric is not defined.
    pub value: Option<f64>,
}

/// What inverses of one network are measured by.
pub struct Measures<'a> {
    /// The network that tells classes apart.
    pub network: &'a Network,
    /// What they are inverses of: the network, or the first layers of it.
    pub inverted: &'a Network,
    /// The images to be reconstructed, if that is the task: classes x inputs.
    pub originals: Option<&'a Mat<f64>>,
    /// What they are held against.
    pub reference: &'a Reference,
    /// What is measured.
    pub metrics: &'a [Metric],
    /// For each class the one whose images the network was told were of it, as
    /// positions among the outputs.
    pub told: &'a [usize],
    /// Who looks at them; needed if any metric [needs them](Metric::needs_judges).
    pub judges: Option<&'a Judges<'a>>,
    /// Told how far measuring is.
    pub pace: Pace<'a>,
}

/// The inverses of one setting and what was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Inverses<'a> {
    /// Classes x inputs, the inverse of class n in row n.
    pub images: &'a Mat<f64>,
    /// `outputs` logits for each class.
    pub targets: &'a [Vec<f64>],
    /// What was asked of each hidden layer, from the first on; nothing where that is
    /// not known, or not [measured](Metric::needs_way_back).
    pub asked: &'a [PreimageTarget],
}

impl Measures<'_> {
    /// Measures every image of every setting.
    ///
    /// # Errors
    /// If the device that a judge computes on fails.
    pub fn of(&self, settings: &[Inverses<'_>]) -> Result<Vec<Vec<Measured>>, String> {
        let images: Vec<&Mat<f64>> = settings.iter().map(|setting| setting.images).collect();
        let seen = match self.judges {
            Some(judges) => judges.see(&images, self.reference.range)?,
            None => vec![Vec::new(); settings.len()],
        };
        let optima = Optima::of(self.inverted, self.reference.range);
        let both = settings.iter().zip(&seen);
        Ok(both
            .enumerate()
            .map(|(done, (setting, seen))| {
                self.pace.at(done, settings.len());
                self.of_setting(*setting, seen, &optima)
            })
            .collect())
    }

    fn of_setting(
        &self,
        setting: Inverses<'_>,
        seen: &[Seen],
        optima: &Optima<'_>,
    ) -> Vec<Measured> {
        let Inverses {
            images,
            targets,
            asked,
        } = setting;
        let range = self.reference.range;
        let clipped = Mat::from_fn(images.nrows(), images.ncols(), |n, i| {
            images[(n, i)].clamp(range.low, range.high)
        });
        let both = |network: &Network| [images, &clipped].map(|x| network.logits(x.as_ref()));
        let [logits, clipped_logits] = both(self.network);
        let [given, clipped_given] = both(self.inverted);
        let row =
            |matrix: &Mat<f64>, n: usize| -> Vec<f64> { matrix.row(n).iter().copied().collect() };
        let way_back = WayBack::of(self.inverted, images, asked);
        let measurable = self.measurable(images.ncols());
        let mut measured = Vec::new();
        for (class, target) in targets.iter().enumerate() {
            let image = Image {
                network: self.network,
                class,
                told: self.told[class],
                target,
                pixels: row(images, class),
                logits: row(&logits, class),
                clipped_logits: row(&clipped_logits, class),
                given: row(&given, class),
                clipped_given: row(&clipped_given, class),
                original: self.originals.map(|images| row(images, class)),
                seen: seen.get(class),
                optima,
                way_back: &way_back,
                measurable: &measurable,
            };
            measured.extend(self.metrics.iter().map(|&metric| {
                self.pace.tick();
                Measured {
                    class,
                    metric,
                    value: image.value(metric, self.reference),
                }
            }));
        }
        measured
    }
}

impl Measures<'_> {
    /// What decides which metrics images of this many pixels have.
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

/// One inverse, with what the network and the judges say of it.
struct Image<'a> {
    network: &'a Network,
    class: usize,
    told: usize,
    target: &'a [f64],
    pixels: Vec<f64>,
    logits: Vec<f64>,
    clipped_logits: Vec<f64>,
    /// What is to be the target: the logits, unless only the first layers are inverted.
    given: Vec<f64>,
    clipped_given: Vec<f64>,
    original: Option<Vec<f64>>,
    seen: Option<&'a Seen>,
    optima: &'a Optima<'a>,
    way_back: &'a WayBack<'a>,
    measurable: &'a Measurable,
}

impl Image<'_> {
    fn value(&self, metric: Metric, reference: &Reference) -> Option<f64> {
        let Self { class, pixels, .. } = self;
        if metric.undefined(self.measurable).is_some() {
            return None;
        }
        let output = self.network.output;
        let misses = self.given.iter().zip(self.target).map(|(z, t)| t - z);
        match metric {
            Metric::TargetProbability => output.class_probability(&self.logits, *class),
            Metric::TargetProbabilityClipped => {
                output.class_probability(&self.clipped_logits, *class)
            }
            Metric::OutputError => output.class_error(&self.logits, *class),
            Metric::L1Distance => Some(misses.map(f64::abs).sum()),
            Metric::L2Distance => Some(norms::l2(&misses.collect::<Vec<_>>())),
            Metric::L1Gap => (self.optima).gap(Norm::L1, self.target, &self.clipped_given),
            Metric::L2Gap => (self.optima).gap(Norm::L2, self.target, &self.clipped_given),
            Metric::OutOfRange => Some(out_of_range(pixels, reference.range)),
            Metric::LargestMagnitude => {
                Some(pixels.iter().fold(0.0, |most: f64, x| most.max(x.abs())))
            }
            Metric::ClassMeanCorrelation => reference.correlation(pixels, *class),
            Metric::ClassMeanMargin => reference.margin(pixels, *class),
            Metric::TotalVariation => likeness::total_variation(pixels, reference.width),
            Metric::Roughness => likeness::roughness(pixels, reference.width),
            Metric::EmpiricalOverlap => Some(reference.empirical_overlap(pixels, *class)),
            Metric::ReconstructionError => relative_error(pixels, self.original.as_deref()?),
            Metric::RingContrast => areas::ring_contrast(pixels, reference.width),
            Metric::GreySensitivity => {
                areas::grey_sensitivity(self.network, pixels, reference.range, *class)
            }
            Metric::RoundTripFirst => self.way_back.first(*class),
            Metric::RoundTripLast => self.way_back.last(*class),
            Metric::AskedOutOfRange => self.way_back.out_of_range(*class),
            _ => self.judged(metric, self.seen?),
        }
    }

    /// What the judges say.
    fn judged(&self, metric: Metric, seen: &Seen) -> Option<f64> {
        let Seen { clipped, drawn } = seen;
        let own = |said: &[f64]| said.get(self.class).copied();
        let told = |said: &[f64]| said.get(self.told).copied();
        let any = |said: &[f64]| said.iter().copied().reduce(f64::max);
        match metric {
            Metric::NearestDistance => Some(clipped.nearest),
            Metric::LegibilityConv => own(&clipped.conv),
            Metric::LegibilityKnn => own(&clipped.knn),
            Metric::LegibilityConvDrawn => own(&drawn.conv),
            Metric::LegibilityKnnDrawn => own(&drawn.knn),
            Metric::LegibilityAnyConv => any(&clipped.conv),
            Metric::LegibilityAnyKnn => any(&clipped.knn),
            Metric::LegibilityAnyConvDrawn => any(&drawn.conv),
            Metric::LegibilityAnyKnnDrawn => any(&drawn.knn),
            Metric::LegibilityToldConv => told(&clipped.conv),
            Metric::LegibilityToldKnn => told(&clipped.knn),
            _ => None,
        }
    }
}

/// `|x' - x| / |x|`; none if x is zero.
fn relative_error(image: &[f64], original: &[f64]) -> Option<f64> {
    let both = image.iter().zip(original);
    let misses: Vec<f64> = both.map(|(a, b)| a - b).collect();
    norms::ratio(&misses, original)
}

/// Rounding at the ends of the range is no departure from it.
fn out_of_range(pixels: &[f64], range: PixelRange) -> f64 {
    let slack = 1e-9 * (range.high - range.low);
    let outside = |x: &&f64| **x < range.low - slack || **x > range.high + slack;
    pixels.iter().filter(outside).count() as f64 / pixels.len() as f64
}

#[cfg(test)]
mod tests;
