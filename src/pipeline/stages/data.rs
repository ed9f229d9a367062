//! Stage `data`: loads or draws the samples and describes them.
//!
//! The store keeps the description and the class means; the samples themselves are loaded
//! again when a later stage is computed.

use std::sync::Arc;

use faer::Mat;
use serde_json::json;

use super::files::{array, only_matrices, outputs};
use crate::arrays::to_safetensors;
use crate::config::Spec;
use crate::data::{Dataset, Description};
use crate::pipeline::error::RunError;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::samples::LazyDataset;
use crate::pipeline::source::Source;
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::Outputs;

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "data",
    version: 2,
    libraries: Libraries::new(&[]),
    uses_device: false,
};

/// Returns the stage for these samples; it has no inputs.
pub fn stage(spec: &Spec, source: &Source) -> Stage {
    let data = &spec.data;
    let part = json!({ "data": {
        "source": source.identity,
        "classes": data.classes,
        "per_class": data.dataset_rows(),
        "range": data.range,
    } });
    Stage::new(StageKind::Data, "", &part, &[])
}

/// Summary of a data set, kept without its samples.
#[derive(Debug, Clone)]
pub struct DatasetSummary {
    pub description: Description,
    /// Mean training image of each class: classes x inputs.
    pub means: Mat<f64>,
}

/// Summary of a data set, with its samples at hand.
pub struct SummarizedData<'a> {
    pub summary: DatasetSummary,
    pub dataset: &'a LazyDataset<'a>,
}

impl SummarizedData<'_> {
    /// Loads the samples, which must be those of the summary.
    ///
    /// # Errors
    /// If they cannot be loaded, or are others by now.
    pub fn samples(&self) -> Result<Arc<Dataset>, RunError> {
        let dataset = self.dataset.load()?;
        let found = dataset.description();
        if found.is_of_same_samples(&self.summary.description) {
            Ok(dataset)
        } else {
            Err(RunError::Exchanged)
        }
    }
}

/// Work of the stage.
pub struct DataWork<'a> {
    pub dataset: &'a LazyDataset<'a>,
}

impl Work<DatasetSummary> for DataWork<'_> {
    fn compute(&self, _: &Computation<'_>) -> Result<Outputs, RunError> {
        let dataset = self.dataset.load()?;
        self.dataset.check_unchanged()?;
        let data = &self.dataset.experiment.spec.data;
        if let Some(resample) = data.resample {
            resample.check(&dataset, &data.per_class)?;
        }
        let means = dataset.class_means();
        let means = Mat::from_fn(means.len(), dataset.train.features, |n, i| means[n][i]);
        Ok(outputs([
            (DESCRIPTION, serde_json::to_vec(&dataset.description())?),
            (
                MEANS,
                to_safetensors(&[array("means", &[&means])], &json!({}))?,
            ),
        ]))
    }

    fn decode(&self, outputs: &Outputs) -> Option<DatasetSummary> {
        let means = only_matrices(outputs.get(MEANS)?)?;
        Some(DatasetSummary {
            description: serde_json::from_slice(outputs.get(DESCRIPTION)?).ok()?,
            means: means.into_iter().next()?,
        })
    }
}

const DESCRIPTION: &str = "data.json";
const MEANS: &str = "means.safetensors";
