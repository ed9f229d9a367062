//! What is inverted: a trained network, and what is known of the data set.

use std::cell::OnceCell;
use std::sync::Arc;

use faer::Mat;

use super::error::RunError;
use super::make::{JudgeFiles, Known};
use crate::config::{PixelRange, PriorOf, Setting, Spec, Task};
use crate::data::Dataset;
use crate::invert::{InvertError, Knowledge, Prior, originals};
use crate::metrics::Reference;
use crate::model::Network;

/// A trained network and what its inverses are measured by.
pub struct Subject<'a> {
    pub spec: &'a Spec,
    pub seed: u64,
    pub network: &'a Network,
    /// What inversions go back through: the network, or the first layers of it.
    pub inverted: Network,
    pub priors: &'a [(PriorOf, Arc<Prior>)],
    pub known: &'a Known,
    pub judge: Option<&'a JudgeFiles>,
    found: OnceCell<Reference>,
    originals: OnceCell<Mat<f64>>,
}

impl<'a> Subject<'a> {
    pub fn new(
        (spec, seed): (&'a Spec, u64),
        network: &'a Network,
        known: &'a Known,
        judge: Option<&'a JudgeFiles>,
        priors: &'a [(PriorOf, Arc<Prior>)],
    ) -> Self {
        Self {
            spec,
            seed,
            network,
            inverted: match spec.task {
                Task::Target => network.clone(),
                Task::Reconstruct { layers } => network.up_to(layers),
            },
            priors,
            known,
            judge,
            found: OnceCell::new(),
            originals: OnceCell::new(),
        }
    }

    /// What the inverses are held against, found out when the first is measured.
    pub fn reference(&self, range: PixelRange) -> Result<&Reference, InvertError> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let width = self.known.description.size.width;
        let reference = Reference::new(self.network, &self.known.means, range, width)?;
        Ok(self.found.get_or_init(|| reference))
    }

    /// What inversions have to know of the training data.
    pub fn knowledge(&self, dataset: Arc<Dataset>) -> Knowledge {
        Knowledge::new(dataset, self.priors.to_vec())
    }

    /// The images to be reconstructed, if that is the task.
    pub fn originals(
        &self,
        samples: impl FnOnce() -> Result<Arc<Dataset>, RunError>,
    ) -> Result<Option<&Mat<f64>>, RunError> {
        if !self.spec.task.reconstructs() {
            return Ok(None);
        }
        if let Some(known) = self.originals.get() {
            return Ok(Some(known));
        }
        let images = originals(&*samples()?, self.seed).map_err(RunError::Original)?;
        Ok(Some(self.originals.get_or_init(|| images)))
    }

    /// The logits that a setting asks for, a row for each class: those of the images to
    /// be reconstructed, if there are any.
    pub fn targets(&self, setting: &Setting, originals: Option<&Mat<f64>>) -> Vec<Vec<f64>> {
        if let Some(images) = originals {
            let logits = self.inverted.logits(images.as_ref());
            return logits
                .row_iter()
                .map(|z| z.iter().copied().collect())
                .collect();
        }
        let network = self.network;
        let target = setting.target.or(self.spec.target);
        let targets = target.map(|target| target.logits(network.output, network.outputs()));
        targets.unwrap_or_default()
    }
}
