//! Which samples an experiment gets, known before they are loaded.

use serde_json::{Value, json};

use super::context::Context;
use super::error::RunError;
use super::experiment::Experiment;
use crate::config::{CsvFiles, DataSource, IdxFolder};
use crate::data::Fingerprint;

/// What stands for the samples in the key of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Equal if and only if the samples are.
    pub identity: Value,
    /// Why other samples stand in for those asked for, if they do.
    pub stand_in: Option<String>,
    /// True for files that are not there yet and would be downloaded.
    pub absent: bool,
    /// The names of the files that are read, in their folder.
    pub files: Vec<String>,
}

/// The version of how columns of CSV files are understood: samples that were read from
/// them before are others.
const CSV_READER: u32 = 2;

impl Source {
    /// What the spec asks for. MNIST is known by its name: whoever loads it
    /// takes no other files than the official ones.
    ///
    /// # Errors
    /// If a file is missing or unreadable.
    pub fn asked(experiment: &Experiment, context: &Context) -> Result<Self, RunError> {
        let data = &experiment.spec.data;
        let fingerprint = context.loader.fingerprint(data, &experiment.folder)?;
        let name = data.source.name();
        Ok(Self {
            identity: match &fingerprint {
                Fingerprint::Named | Fingerprint::Absent => match &data.source {
                    DataSource::Parity { bits, train_rows } => {
                        json!({ name: { "bits": bits, "train_rows": train_rows } })
                    }
                    _ => json!(name),
                },
                Fingerprint::Files(digests) => match &data.source {
                    DataSource::Idx(IdxFolder {
                        transpose, levels, ..
                    }) => {
                        let identity = json!({ name: digests, "transpose": transpose });
                        with_levels(identity, *levels)
                    }
                    DataSource::Csv(CsvFiles {
                        width,
                        height,
                        levels,
                        ..
                    }) => {
                        let mut identity = json!({ name: digests, "reader": CSV_READER });
                        if let (Some(width), Some(height)) = (width, height) {
                            identity["size"] = json!([width, height]);
                        }
                        with_levels(identity, *levels)
                    }
                    _ => json!({ name: digests }),
                },
            },
            stand_in: None,
            absent: fingerprint == Fingerprint::Absent,
            files: context.loader.files(data, &experiment.folder),
        })
    }

    /// What stands in for it, for this reason.
    #[must_use]
    pub fn stand_in(experiment: &Experiment, reason: String) -> Self {
        let asked = experiment.spec.data.source.name();
        Self {
            identity: json!({ "stand_in": DataSource::Strokes.name(), "for": asked }),
            stand_in: Some(reason),
            absent: false,
            files: Vec::new(),
        }
    }
}

/// Adds the level that is white, where it is not that of bytes.
fn with_levels(mut identity: Value, levels: Option<f64>) -> Value {
    if let Some(levels) = levels.filter(|&levels| levels != 255.0) {
        identity["levels"] = json!(levels);
    }
    identity
}
