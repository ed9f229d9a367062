//! Samples of an experiment, loaded when a stage first needs them.

use std::cell::OnceCell;
use std::sync::Arc;

use super::context::Context;
use super::error::RunError;
use super::event::{Emit, Event};
use super::experiment::Experiment;
use super::source::Source;
use crate::config::Data;
use crate::data::{Dataset, Received, drawn_digits};

/// Samples of an experiment. None are loaded if the store has every stage.
pub struct LazyDataset<'a> {
    pub experiment: &'a Experiment,
    context: &'a Context,
    source: &'a Source,
    emit: Emit<'a>,
    dataset: OnceCell<Arc<Dataset>>,
    file: OnceCell<Arc<Dataset>>,
}

impl<'a> LazyDataset<'a> {
    pub fn new(
        experiment: &'a Experiment,
        context: &'a Context,
        source: &'a Source,
        emit: Emit<'a>,
    ) -> Self {
        Self {
            experiment,
            context,
            source,
            emit,
            dataset: OnceCell::new(),
            file: OnceCell::new(),
        }
    }

    /// Loads the samples, which must be those that the stages were named after.
    ///
    /// # Errors
    /// If they cannot be loaded, or with [`RunError::Fallback`] if only the fallback data
    /// set is available.
    pub fn load(&self) -> Result<Arc<Dataset>, RunError> {
        if let Some(dataset) = self.dataset.get() {
            return Ok(Arc::clone(dataset));
        }
        let Experiment { spec, folder, .. } = self.experiment;
        // Replicates that draw different rows share the samples that they draw from.
        let shared = Data {
            per_class: spec.data.dataset_rows(),
            resample: None,
            ..spec.data.clone()
        };
        let name = serde_json::to_string(&(shared, &self.source.identity))?;
        let dataset = self.context.shared.dataset(&name, || {
            let on_bytes = |received: Received<'_>| (self.emit)(Event::Received(received));
            self.context.loader.load(&spec.data, folder, &on_bytes)
        })?;
        self.checked(dataset)
            .map(|dataset| Arc::clone(self.dataset.get_or_init(|| dataset)))
    }

    /// Loads all rows of all classes of the data file, or of the fallback that replaces it.
    ///
    /// # Errors
    /// As [`LazyDataset::load`].
    pub fn load_file(&self) -> Result<Arc<Dataset>, RunError> {
        if let Some(file) = self.file.get() {
            return Ok(Arc::clone(file));
        }
        let Experiment { spec, folder, .. } = self.experiment;
        let drawn = self.source.is_drawn(spec).then(|| drawn_digits(&spec.data));
        let identity = &self.source.identity;
        let name = serde_json::to_string(&("all rows", spec.data.range, drawn, identity))?;
        let file = self.context.shared.dataset(&name, || {
            let on_bytes = |received: Received<'_>| (self.emit)(Event::Received(received));
            self.context.loader.load_file(&spec.data, folder, &on_bytes)
        })?;
        self.checked(file)
            .map(|file| Arc::clone(self.file.get_or_init(|| file)))
    }

    /// Returns samples unless they are an unexpected fallback.
    fn checked(&self, dataset: Arc<Dataset>) -> Result<Arc<Dataset>, RunError> {
        match (&dataset.stand_in_for, &self.source.fallback) {
            (Some(asked), None) => Err(RunError::Fallback(asked.reason.clone())),
            (Some(_), Some(_)) | (None, _) => Ok(dataset),
        }
    }

    /// Checks that no file was exchanged while the samples were loaded.
    ///
    /// # Errors
    /// If one was, or is unreadable now.
    pub fn check_unchanged(&self) -> Result<(), RunError> {
        let now = Source::requested(self.experiment, self.context)?;
        if self.source.fallback.is_none() && now.identity != self.source.identity {
            return Err(RunError::Exchanged);
        }
        Ok(())
    }

    /// Returns the names of the files that the samples are read from. Files of the same
    /// content may have had other names when the stage was computed.
    pub fn files(&self) -> Vec<String> {
        if self.source.absent {
            let Experiment { spec, folder, .. } = self.experiment;
            self.context.loader.files(&spec.data, folder)
        } else {
            self.source.files.clone()
        }
    }
}
