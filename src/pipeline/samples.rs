//! Samples of an experiment, loaded when a stage first needs them.

use std::cell::OnceCell;
use std::sync::Arc;

use super::context::Context;
use super::error::RunError;
use super::event::{Emit, Event};
use super::experiment::Experiment;
use super::source::Source;
use crate::config::Data;
use crate::data::{DataError, Dataset, Loader, Received, drawn_digits};

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
        let Experiment { spec, folder, .. } = self.experiment;
        // Replicates that draw different rows share the samples that they draw from.
        let shared = || Data {
            per_class: spec.data.dataset_rows(),
            resample: None,
            ..spec.data.clone()
        };
        self.once(
            &self.dataset,
            || serde_json::to_string(&(shared(), &self.source.identity)),
            |loader, on_bytes| loader.load(&spec.data, folder, on_bytes),
        )
    }

    /// Loads all rows of all classes of the data file, or of the fallback that replaces it.
    ///
    /// # Errors
    /// As [`LazyDataset::load`], or if a file was exchanged meanwhile.
    pub fn load_file(&self) -> Result<Arc<Dataset>, RunError> {
        let Experiment { spec, folder, .. } = self.experiment;
        let drawn = || self.source.is_drawn(spec).then(|| drawn_digits(&spec.data));
        let identity = &self.source.identity;
        let is_known = self.file.get().is_some();
        let file = self.once(
            &self.file,
            || serde_json::to_string(&("all rows", spec.data.range, drawn(), identity)),
            |loader, on_bytes| loader.load_file(&spec.data, folder, on_bytes),
        )?;
        if !is_known {
            self.check_unchanged()?;
        }
        Ok(file)
    }

    /// Returns what a cell has, or loads it: once for all jobs under this name. An
    /// unexpected fallback is an error.
    fn once(
        &self,
        cell: &OnceCell<Arc<Dataset>>,
        name: impl FnOnce() -> Result<String, serde_json::Error>,
        load: impl FnOnce(&Loader, &dyn Fn(Received<'_>)) -> Result<Dataset, DataError>,
    ) -> Result<Arc<Dataset>, RunError> {
        if let Some(known) = cell.get() {
            return Ok(Arc::clone(known));
        }
        let context = self.context;
        let dataset = context.shared.dataset(&name()?, || {
            let on_bytes = |received: Received<'_>| (self.emit)(Event::Received(received));
            load(&context.loader, &on_bytes)
        })?;
        match (&dataset.stand_in_for, &self.source.fallback) {
            (Some(asked), None) => Err(RunError::Fallback(asked.reason.clone())),
            (Some(_), Some(_)) | (None, _) => Ok(Arc::clone(cell.get_or_init(|| dataset))),
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
