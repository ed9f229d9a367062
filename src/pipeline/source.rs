//! Source: identity of the samples of an experiment, known before they are loaded.

use serde_json::{Value, json};

use super::context::Context;
use super::error::RunError;
use super::experiment::Experiment;
use crate::config::{CsvFiles, Data, DataSource, IdxFolder, Spec};
use crate::data::{Fingerprint, digits_beyond_usual};

/// Identity of samples in the key of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Equal if and only if the samples are.
    pub identity: Value,
    /// Reason to use the fallback data set, if it is used.
    pub fallback: Option<String>,
    /// True for files that do not exist yet and would be downloaded.
    pub absent: bool,
    /// Names of the files that are read, in their folder.
    pub files: Vec<String>,
}

/// Version of the reading of CSV columns: earlier versions read other samples.
const CSV_READER: u32 = 2;

impl Source {
    /// Returns the source that the spec asks for. MNIST is identified by its name: only the
    /// official files are ever loaded.
    ///
    /// # Errors
    /// If a file is missing or unreadable.
    pub fn requested(experiment: &Experiment, context: &Context) -> Result<Self, RunError> {
        let data = &experiment.spec.data;
        let fingerprint = context.loader.fingerprint(data, &experiment.folder)?;
        Ok(Self {
            identity: match &fingerprint {
                Fingerprint::Named | Fingerprint::Absent => by_name(data),
                Fingerprint::Files(digests) => by_content(data, &json!(digests)),
            },
            fallback: None,
            absent: fingerprint == Fingerprint::Absent,
            files: context.loader.files(data, &experiment.folder),
        })
    }

    /// Returns true for digits that are drawn, as many as the spec needs.
    pub fn is_drawn(&self, spec: &Spec) -> bool {
        self.fallback.is_some() || spec.data.source == DataSource::Strokes
    }

    /// Returns the fallback data set, which is used for this reason.
    pub fn fallback(experiment: &Experiment, reason: String) -> Self {
        let data = &experiment.spec.data;
        let requested = data.source.name();
        let mut identity = json!({ "stand_in": DataSource::Strokes.name(), "for": requested });
        if let Some(digits) = digits_beyond_usual(data) {
            identity["digits"] = json!(digits);
        }
        Self {
            identity,
            fallback: Some(reason),
            absent: false,
            files: Vec::new(),
        }
    }
}

/// Identity of samples that do not depend on files, or on official files only.
fn by_name(data: &Data) -> Value {
    let name = data.source.name();
    match &data.source {
        DataSource::Parity { bits, train_rows } => {
            json!({ name: { "bits": bits, "train_rows": train_rows } })
        }
        DataSource::Strokes => match digits_beyond_usual(data) {
            Some(digits) => json!({ name: digits }),
            None => json!(name),
        },
        DataSource::Mnist | DataSource::Idx(_) | DataSource::Csv(_) | DataSource::Images(_) => {
            json!(name)
        }
    }
}

/// Identity of samples in files with these digests, read with the settings of the spec.
fn by_content(data: &Data, digests: &Value) -> Value {
    let mut identity = of_files(&data.source, digests);
    if let Some(fraction) = data.test_fraction {
        identity["test_fraction"] = json!(fraction);
    }
    identity
}

fn of_files(source: &DataSource, digests: &Value) -> Value {
    let name = source.name();
    match source {
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
        DataSource::Images(folders) => with_levels(json!({ name: digests }), folders.levels),
        DataSource::Mnist | DataSource::Strokes | DataSource::Parity { .. } => {
            json!({ name: digests })
        }
    }
}

/// Adds the level of white, unless it is that of bytes.
fn with_levels(mut identity: Value, levels: Option<f64>) -> Value {
    if let Some(levels) = levels.filter(|&levels| levels != 255.0) {
        identity["levels"] = json!(levels);
    }
    identity
}
