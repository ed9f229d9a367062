//! What a replicate gives, and the files that show it.

use std::collections::BTreeMap;

use faer::Mat;
use serde::Serialize;
use serde_json::json;

use super::error::RunError;
use super::experiment::Experiment;
use super::make::{TrainedFiles, array};
use super::manifest::manifest;
use super::stage::Stage;
use crate::arrays::{Array, to_safetensors};
use crate::data::Description;
use crate::figures::Drawing;
use crate::metrics::{Measured, MetricRow};
use crate::store::{MANIFEST, Record};
use crate::table::to_csv;
use crate::train::EpochRow;

/// All that one replicate gives.
#[derive(Debug)]
pub struct Replicate {
    pub seed: u64,
    pub data: Description,
    pub trained: TrainedFiles,
    pub inverses: Vec<Inverse>,
    /// Those of each inverse, in the same order.
    pub measures: Vec<Vec<Measured>>,
    /// With the names of the figures.
    pub drawings: Vec<(String, Drawing)>,
    /// What vouches for each stage.
    pub records: Vec<(Stage, Record)>,
    /// How many stages were not in the store.
    pub made: usize,
}

/// The images of one inversion.
#[derive(Debug)]
pub struct Inverse {
    pub name: String,
    /// Classes x inputs.
    pub images: Mat<f64>,
}

/// The files of a results folder, by their path within it.
pub type Products = BTreeMap<String, Vec<u8>>;

/// The numbers that people look at first.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Which replicate.
    pub seed: u64,
    /// The data set, a stand-in named as such.
    pub data: String,
    /// One row an epoch, at least one.
    pub history: Vec<EpochRow>,
    /// Every metric of every inversion and class.
    pub metrics: Vec<MetricRow>,
}

/// How long a stage took when it was made.
#[derive(Serialize)]
struct Timing<'a> {
    stage: &'a str,
    name: &'a str,
    seconds: f64,
    made_at: &'a str,
}

impl Replicate {
    /// Every file of the results folder. They follow from the store alone, so
    /// that a folder can be held against them.
    ///
    /// # Errors
    /// If something does not fit into its format.
    pub fn products(&self, experiment: &Experiment, device: &str) -> Result<Products, RunError> {
        let mut products = Products::from([
            ("accuracy.csv".to_owned(), self.trained.history.clone()),
            (
                "weights.safetensors".to_owned(),
                self.trained.weights.clone(),
            ),
        ]);
        if !self.inverses.is_empty() {
            let metrics = to_csv(&self.metric_rows(experiment))?;
            products.insert("metrics.csv".to_owned(), metrics);
            products.insert("inverses.safetensors".to_owned(), self.arrays()?);
        }
        for (name, drawing) in &self.drawings {
            products.insert(format!("figures/{name}.png"), drawing.png.clone());
            products.insert(format!("figures/{name}.svg"), drawing.svg.clone());
        }
        let manifest = manifest(experiment, self, device, &products)?;
        products.insert(MANIFEST.to_owned(), manifest.to_bytes()?);
        products.insert("timings.csv".to_owned(), self.timings()?);
        Ok(products)
    }

    /// What is printed of it.
    #[must_use]
    pub fn summary(&self, experiment: &Experiment) -> Summary {
        Summary {
            seed: self.seed,
            data: self.data.describe(),
            history: self.trained.trained.history.clone(),
            metrics: self.metric_rows(experiment),
        }
    }

    fn metric_rows(&self, experiment: &Experiment) -> Vec<MetricRow> {
        let mut rows = Vec::new();
        for (inverse, measures) in self.inverses.iter().zip(&self.measures) {
            rows.extend(measures.iter().map(|measured| MetricRow {
                spec: experiment.name.clone(),
                replicate: self.seed,
                inversion: inverse.name.clone(),
                class: self.data.classes[measured.class],
                metric: measured.metric.name(),
                value: measured.value,
                unit: measured.metric.unit(),
            }));
        }
        rows
    }

    /// One array an inversion, called like it: classes x inputs, f64, on the
    /// scale of the pixel range; with all that is needed to use them.
    fn arrays(&self) -> Result<Vec<u8>, RunError> {
        let inverses = self.inverses.iter();
        let arrays: Vec<Array> = inverses.map(|i| array(&i.name, &i.images)).collect();
        let about = json!({
            "classes": self.data.classes,
            "range": self.data.range,
            "data": self.data.describe(),
            "seed": self.seed,
        });
        Ok(to_safetensors(&arrays, &about)?)
    }

    fn timings(&self) -> Result<Vec<u8>, RunError> {
        let mut rows = Vec::new();
        for (stage, record) in &self.records {
            rows.push(Timing {
                stage: stage.kind.name(),
                name: &stage.name,
                seconds: record.seconds,
                made_at: &record.made_at,
            });
        }
        Ok(to_csv(&rows)?)
    }
}
