//! Inversion of one network by any number of methods.

use std::cell::OnceCell;
use std::sync::Arc;

use faer::Mat;

use super::InvertError;
use super::filter::{self, Filter};
use super::method::{BackwardPass, LayerInverses, Layered, Method, PreimageTarget, median_margin};
use super::prior::{Prior, PriorOf, SampleMoments};
use crate::config::{PixelRange, Setting};
use crate::data::{Dataset, Samples};
use crate::model::{Device, Network};
use crate::pace::Pace;

/// Inverses of one setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Inverted {
    /// One inverse per class: classes x inputs. Pixels of a missing one are not numbers.
    pub images: Mat<f64>,
    /// One solution per class from methods that search; empty for closed forms.
    pub solutions: Vec<Solution>,
}

/// Outcome of the search for the inverse of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solution {
    /// False if the search stopped before it converged.
    pub converged: bool,
    /// Number of steps.
    pub steps: usize,
    /// Value of the objective that the method minimises.
    pub objective: f64,
    /// Mixture component with the highest posterior density, from 0.
    pub component: Option<usize>,
}

impl Inverted {
    /// Inverses of a method that does not search.
    pub(super) fn computed(images: Mat<f64>) -> Self {
        Self {
            images,
            solutions: Vec::new(),
        }
    }

    /// Returns true if the method found no image for a class.
    pub fn is_missing(&self, class: usize) -> bool {
        is_missing(self.images.row(class).iter())
    }
}

/// Returns true for the pixels of a missing inverse: none of them is a number.
pub fn is_missing<'a>(mut pixels: impl Iterator<Item = &'a f64>) -> bool {
    pixels.all(|x| x.is_nan())
}

/// Inverts one network by any number of settings. Decompositions and fits that several
/// settings share are computed once.
///
/// # Examples
/// ```
/// use backquery::config::{PixelRange, Setting};
/// use backquery::invert::{Inverter, Method, Norm, Search};
/// use backquery::model::{Activation, Device, Layer, Network, Output};
/// use backquery::pace::Pace;
///
/// // z = 2 x, so that z = 1 at x = 1/2.
/// let network = Network {
///     layers: vec![Layer { weight: faer::mat![[2.0]], bias: None }],
///     activation: Activation::Identity,
///     output: Output::Linear,
/// };
/// let range = PixelRange { low: 0.0, high: 1.0 };
/// let device = Device::flex();
/// let search = Search { width: 1, seed: 0, device: &device };
/// let setting = Setting {
///     value: String::new(),
///     target: None,
///     method: Method::Bounded { norm: Norm::L2 },
///     filter: None,
/// };
/// let inverter = Inverter::new(&network, range, search);
/// let inverted = inverter.invert(&setting, &[vec![1.0]], Pace::SILENT).unwrap();
/// assert!((inverted.images[(0, 0)] - 0.5).abs() < 1e-9);
/// ```
pub struct Inverter<'a> {
    pub(super) network: &'a Network,
    pub(super) range: PixelRange,
    pub(super) search: Search<'a>,
    layers: LayerInverses<'a>,
    training: OnceCell<Knowledge>,
}

/// Inputs of methods that start from random images or train.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Width of an image in pixels.
    pub width: usize,
    /// Seed of the random streams.
    pub seed: u64,
    /// Device, without automatic differentiation.
    pub device: &'a Device,
}

/// Training data with the priors fitted to it.
pub struct Knowledge {
    dataset: Arc<Dataset>,
    priors: Vec<(PriorOf, Arc<Prior>)>,
    median_margin: OnceCell<f64>,
    /// Moments of the input of each layer.
    moments: OnceCell<Vec<SampleMoments>>,
}

impl Knowledge {
    /// Training data with the priors that settings need.
    pub fn new(dataset: Arc<Dataset>, priors: Vec<(PriorOf, Arc<Prior>)>) -> Self {
        Self {
            dataset,
            priors,
            median_margin: OnceCell::new(),
            moments: OnceCell::new(),
        }
    }

    pub(super) fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    pub(super) fn samples(&self) -> &Samples {
        &self.dataset.train
    }

    pub(super) fn prior(&self, of: PriorOf) -> Result<&Prior, InvertError> {
        let mut priors = self.priors.iter();
        let found = priors.find(|(known, _)| *known == of);
        found.map(|(_, prior)| &**prior).ok_or(InvertError::NoPrior)
    }

    /// Returns the [`median_margin`] of the inverted network.
    pub(super) fn median_margin(&self, network: &Network, range: PixelRange) -> f64 {
        let compute = || median_margin(network, self.samples(), range);
        *self.median_margin.get_or_init(compute)
    }

    /// Returns the moments of the input of each layer, pixels first.
    fn moments(
        &self,
        network: &Network,
        range: PixelRange,
    ) -> Result<&[SampleMoments], InvertError> {
        let Prior::Gaussian(pixels) = self.prior(PriorOf::default())? else {
            return Err(InvertError::NoPrior);
        };
        Ok(self.moments.get_or_init(|| {
            let hidden = SampleMoments::of_hidden(network, self.samples(), range);
            std::iter::once(pixels.clone()).chain(hidden).collect()
        }))
    }
}

impl<'a> Inverter<'a> {
    /// Inverter of a network for images in this range.
    pub fn new(network: &'a Network, range: PixelRange, search: Search<'a>) -> Self {
        Self {
            network,
            range,
            search,
            layers: LayerInverses::new(network, range),
            training: OnceCell::new(),
        }
    }

    /// Provides the training data, unless it was provided before.
    ///
    /// # Errors
    /// If `find` fails.
    pub fn know<E>(&self, find: impl FnOnce() -> Result<Knowledge, E>) -> Result<(), E> {
        if self.training.get().is_none() {
            let _ = self.training.set(find()?);
        }
        Ok(())
    }

    /// Returns one input per class.
    ///
    /// # Shapes
    /// - targets: one row of `outputs` logits z' per class
    /// - images: classes x inputs
    ///
    /// # Errors
    /// If the method finds no input for this network and target; see
    /// [`Method::may_find_none`].
    pub fn invert(
        &self,
        setting: &Setting,
        targets: &[Vec<f64>],
        pace: Pace<'_>,
    ) -> Result<Inverted, InvertError> {
        let mut inverted = self.run(setting, targets, pace)?;
        let classes = 0..inverted.images.nrows();
        let missing = |class: &usize| setting.method.may_find_none() && inverted.is_missing(*class);
        let missing: Vec<usize> = classes.clone().filter(missing).collect();
        if let Some(filter) = setting.filter {
            inverted.images = filter::images(filter, inverted.images, self.range);
        }
        for &class in &missing {
            inverted.images.row_mut(class).fill(f64::NAN);
        }
        let is_finite = |class: usize| inverted.images.row(class).is_all_finite();
        if classes
            .into_iter()
            .all(|class| missing.contains(&class) || is_finite(class))
        {
            Ok(inverted)
        } else {
            Err(InvertError::NotFinite)
        }
    }

    /// Returns the values that the backward pass of a setting asks of each hidden layer,
    /// from the first layer on; empty for methods that are not layered.
    ///
    /// # Errors
    /// If the backward pass fails, as in [`Inverter::invert`].
    pub fn asked(
        &self,
        setting: &Setting,
        targets: &[Vec<f64>],
    ) -> Result<Vec<PreimageTarget>, InvertError> {
        let Method::Layered(layered) = setting.method else {
            return Ok(Vec::new());
        };
        Ok(self.backward_pass(layered, setting.filter, targets)?.asked)
    }

    pub(super) fn backward_pass(
        &self,
        layered: Layered,
        filter: Option<Filter>,
        targets: &[Vec<f64>],
    ) -> Result<BackwardPass, InvertError> {
        let moments = if layered.is_gaussian() {
            self.training()?.moments(self.network, self.range)?
        } else {
            &[]
        };
        self.layers.invert(layered, filter, targets, moments)
    }

    pub(super) fn training(&self) -> Result<&Knowledge, InvertError> {
        self.training.get().ok_or(InvertError::NoPrior)
    }
}
