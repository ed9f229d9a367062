//! Inversion: inputs that a network should answer with its target.
//!
//! One file a method. Every method takes the network as plain f64 matrices and
//! gives one row of pixels a class, in the scale of the data set.

mod bounded;
mod components;
mod conditions;
mod decoder;
mod domain;
mod empirical;
mod exemplar;
mod filter;
mod gaussian;
mod gradient;
mod ideal;
mod inside;
mod kmeans;
mod layered;
mod likeliest;
mod long;
mod mixture;
mod moments;
mod originals;
mod pieces;
mod prior;
mod programme;
mod rows;
mod top;

use std::cell::OnceCell;
use std::sync::Arc;

use faer::Mat;

use crate::config::{
    Filter, LayerInverse, Layered, Likeliest, Margin, Method, PixelRange, PriorOf, Setting,
    default_lit,
};
use crate::data::Dataset;
use crate::model::{Device, Network};
use crate::pace::Pace;
use bounded::Bounded;
pub use bounded::least_distance;
pub use components::Components;
use conditions::{Conditions, median_margin};
use decoder::Decoder;
pub use empirical::invert as light;
use gradient::Gradient;
pub use layered::Asked;
use layered::{Layers, WayBack};
use likeliest::Found;
pub use mixture::Mixture;
pub use moments::Moments;
pub use originals::originals;
pub use prior::{Prior, PriorError};
pub use top::highest;

/// An inversion that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvertError {
    /// A layer's weights have no singular value decomposition.
    #[error("the weights of layer {0} have no pseudo-inverse: they are not finite")]
    NoPseudoInverse(usize),
    /// The way back asks an activation for a value that no input gives.
    #[error(
        "the inverse asks `{activation}` behind layer {layer} for the value {value}, \
         which no input gives"
    )]
    NotInRange {
        /// Its name.
        activation: &'static str,
        /// The layer before it, from 0.
        layer: usize,
        /// What was asked for.
        value: String,
    },
    /// The target is out of reach, or was not found.
    #[error(
        "no input was found at which the network gives class {0} (counted from 0) what is asked \
         for; a smaller `margin`, or another target, may be met"
    )]
    NoInput(usize),
    /// Nothing is known of the training data.
    #[error("the method needs to know the training data")]
    NoPrior,
    /// Pixels beyond what a number can be.
    #[error("pixels of the inverse are not finite: the way back multiplies them beyond all bounds")]
    NotFinite,
    /// More pixels to light than there are.
    #[error(
        "cannot light {asked} pixels of images that have {there}; set `pixels`, {there} at most"
    )]
    TooManyPixels {
        /// Pixels to light.
        asked: usize,
        /// Pixels of an image.
        there: usize,
    },
    /// The device that searches would not give its numbers back.
    #[error("the device failed: {0}")]
    Device(String),
    /// A data set of which nothing is left to be reconstructed.
    #[error(
        "there are no test images, of which `task = \"reconstruct\"` needs one of each class: \
         take data that has some"
    )]
    NoTestImages,
    /// The same of one class.
    #[error("there is no test image of class {0}, and `task = \"reconstruct\"` needs one of each")]
    NoTestImage(u8),
    /// A rank beyond the last training image.
    #[error("`rank` asks for image {asked} of {there}")]
    TooFewImages {
        /// Asked for.
        asked: usize,
        /// Training images there are.
        there: usize,
    },
}

/// One input a class, and how they were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Inverted {
    /// Classes x inputs.
    pub images: Mat<f64>,
    /// One a class of methods that search; nothing of those that just reckon.
    pub solutions: Vec<Solution>,
}

/// How a method found the inverse of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solution {
    /// False if it ended although there may be something better nearby.
    pub converged: bool,
    /// Steps taken.
    pub steps: usize,
    /// What the method makes small.
    pub objective: f64,
    /// Which component of a mixture makes it likeliest, from 0.
    pub component: Option<usize>,
}

/// Inverts one network, by as many methods as asked for; what several of them
/// need is reckoned once.
pub struct Inverter<'a> {
    network: &'a Network,
    range: PixelRange,
    search: Search<'a>,
    layers: Layers<'a>,
    known: OnceCell<Knowledge>,
}

/// What methods need that search from random images, or learn.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Pixels across an image.
    pub width: usize,
    /// Of the random streams.
    pub seed: u64,
    /// Without automatic differentiation.
    pub device: &'a Device,
}

/// What is known of the training data.
pub struct Knowledge {
    dataset: Arc<Dataset>,
    /// What the inversions ask for.
    priors: Vec<(PriorOf, Arc<Prior>)>,
    /// The network's own [`median_margin`].
    median_margin: OnceCell<f64>,
    /// Of the input of each layer.
    moments: OnceCell<Vec<Moments>>,
}

impl Knowledge {
    /// Of these samples, with the priors that inversions ask for.
    #[must_use]
    pub fn new(dataset: Arc<Dataset>, priors: Vec<(PriorOf, Arc<Prior>)>) -> Self {
        Self {
            dataset,
            priors,
            median_margin: OnceCell::new(),
            moments: OnceCell::new(),
        }
    }

    fn prior(&self, of: PriorOf) -> Result<&Prior, InvertError> {
        let mut priors = self.priors.iter();
        let found = priors.find(|(known, _)| *known == of);
        found.map(|(_, prior)| &**prior).ok_or(InvertError::NoPrior)
    }
}

impl<'a> Inverter<'a> {
    /// Of this network, for images on this scale.
    #[must_use]
    pub fn new(network: &'a Network, range: PixelRange, search: Search<'a>) -> Self {
        Self {
            network,
            range,
            search,
            layers: Layers::of(network, range),
            known: OnceCell::new(),
        }
    }

    /// Lets it know the training data; what it knows already stays.
    ///
    /// # Errors
    /// With those of finding out, which is done once.
    pub fn know<E>(&self, find: impl FnOnce() -> Result<Knowledge, E>) -> Result<(), E> {
        if self.known.get().is_none() {
            let _ = self.known.set(find()?);
        }
        Ok(())
    }

    /// One input a class.
    ///
    /// # Shapes
    /// - targets: `outputs` rows of logits z', one a class
    /// - inverse: classes x inputs
    ///
    /// # Errors
    /// If the method has no answer for this network and target.
    pub fn invert(
        &self,
        setting: &Setting,
        targets: &[Vec<f64>],
        pace: Pace<'_>,
    ) -> Result<Inverted, InvertError> {
        let mut inverted = self.unfiltered(setting, targets, pace)?;
        if let Some(filter) = setting.filter {
            inverted.images = filter::images(filter, inverted.images, self.range);
        }
        if inverted.images.is_all_finite() {
            Ok(inverted)
        } else {
            Err(InvertError::NotFinite)
        }
    }

    /// What a setting asks of each hidden layer on its way back, from the first layer
    /// on; nothing of methods that do not go layer by layer.
    ///
    /// # Errors
    /// Those of [`Inverter::invert`].
    pub fn asked(
        &self,
        setting: &Setting,
        targets: &[Vec<f64>],
    ) -> Result<Vec<Asked>, InvertError> {
        let Method::Layered(way) = setting.method else {
            return Ok(Vec::new());
        };
        Ok(self.way_back(way, setting.filter, targets)?.asked)
    }

    fn way_back(
        &self,
        way: Layered,
        filter: Option<Filter>,
        targets: &[Vec<f64>],
    ) -> Result<WayBack, InvertError> {
        let moments = match way.layer {
            LayerInverse::Gaussian(_) => self.moments()?,
            _ => &[],
        };
        self.layers.invert(way, filter, targets, moments)
    }

    /// Before images are filtered; the matrices of layers are.
    fn unfiltered(
        &self,
        setting: &Setting,
        targets: &[Vec<f64>],
        pace: Pace<'_>,
    ) -> Result<Inverted, InvertError> {
        let reckoned = |images| Inverted {
            images,
            solutions: Vec::new(),
        };
        let (network, range) = (self.network, self.range);
        match setting.method {
            Method::Empirical { score, pixels } => {
                let pixels = pixels.unwrap_or_else(|| default_lit(network.inputs()));
                light(network, score, pixels, targets, range).map(reckoned)
            }
            Method::Layered(way) => {
                let way_back = self.way_back(way, setting.filter, targets)?;
                Ok(reckoned(way_back.images))
            }
            Method::Gaussian(likeliest) | Method::Mixture(likeliest) => {
                self.likeliest(likeliest, targets, pace)
            }
            Method::Decoder(learnt) => Decoder {
                network,
                samples: &self.known()?.dataset.train,
                range,
                search: self.search,
                learnt,
                pace,
            }
            .invert(targets)
            .map(reckoned),
            Method::Exemplar { rank } => {
                let samples = &self.known()?.dataset.train;
                exemplar::invert(network, samples, range, rank).map(reckoned)
            }
            Method::ClassMean => {
                let means = self.known()?.dataset.class_means();
                let pixel = |n: usize, i: usize| means[n][i];
                Ok(reckoned(Mat::from_fn(means.len(), network.inputs(), pixel)))
            }
            Method::Original => originals(&self.known()?.dataset, self.search.seed).map(reckoned),
            Method::Bounded { norm } => Ok(Bounded {
                network,
                range,
                norm,
                pace,
            }
            .invert(targets)),
            Method::Gradient(descent) => Gradient {
                network,
                range,
                search: self.search,
                descent,
                pace,
            }
            .invert(targets),
        }
    }

    fn known(&self) -> Result<&Knowledge, InvertError> {
        self.known.get().ok_or(InvertError::NoPrior)
    }

    fn likeliest(
        &self,
        likeliest: Likeliest,
        targets: &[Vec<f64>],
        pace: Pace<'_>,
    ) -> Result<Inverted, InvertError> {
        let (network, known) = (self.network, self.known()?);
        let median = || {
            *known
                .median_margin
                .get_or_init(|| median_margin(network, &known.dataset.train, self.range))
        };
        let margin = likeliest.margin.map(|margin| match margin {
            Margin::Logits(margin) => margin,
            Margin::Medians(medians) => medians * median(),
        });
        let classes = targets.iter().enumerate();
        let conditions: Vec<Conditions> = classes
            .map(|(class, target)| match margin {
                Some(margin) => Conditions::margin(network.output, (class, targets.len()), margin),
                None => Conditions::logits(target),
            })
            .collect();
        let prior = known.prior(likeliest.prior)?;
        let range = likeliest.in_range.then_some(self.range);
        let normals = prior.normals(likeliest.shrinkage);
        let mut inverted = gaussian::invert(network, normals, &conditions, range, pace)?;
        if likeliest.prior_only {
            for (class, solution) in inverted.solutions.iter().enumerate() {
                let mean = prior.mean(solution.component.unwrap_or(0));
                inverted.images.row_mut(class).copy_from(mean);
            }
        }
        Ok(inverted)
    }

    /// Of the input of each layer, pixels first.
    fn moments(&self) -> Result<&[Moments], InvertError> {
        let known = self.known()?;
        let Prior::Gaussian(pixels) = known.prior(PriorOf::default())? else {
            return Err(InvertError::NoPrior);
        };
        Ok(known.moments.get_or_init(|| {
            let samples = &known.dataset.train;
            let hidden = Moments::of_hidden(self.network, samples, self.range);
            std::iter::once(pixels.clone()).chain(hidden).collect()
        }))
    }
}

impl Solution {
    fn of(found: &Found) -> Self {
        Self {
            converged: found.converged,
            steps: found.steps,
            objective: found.energy,
            component: None,
        }
    }
}

#[cfg(test)]
mod tests;
