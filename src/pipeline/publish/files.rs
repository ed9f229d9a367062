//! Output files of a replicate.

use std::collections::BTreeMap;

use faer::Mat;
use serde::Serialize;
use serde_json::{Value, json};

use super::manifest::manifest;
use crate::arrays::{Array, to_safetensors};
use crate::data::Label;
use crate::metrics::judge::{ControlRow, evaluator_name};
use crate::metrics::{ComparedImage, Measured, MetricRow};
use crate::pipeline::context::Context;
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::replicate::{Inverse, Replicate};
use crate::pipeline::stages::files::{array, outputs};
use crate::pipeline::stages::train::TrainedFiles;
use crate::report::EvaluatorRow;
use crate::store::{
    ACCURACY, AGREEMENT, EVALUATORS, INVERSES, LAYERS, MANIFEST, METRICS, NETWORK, OVERLAPS,
    Outputs, READINGS, ROWS, SOLUTIONS, TIMINGS, WEIGHTS,
};
use crate::table::to_csv;
use crate::train::EpochRow;

/// Numbers of a replicate that are printed.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Seed of the replicate.
    pub seed: u64,
    /// Description of the data set, and of what makes the network a control.
    pub data: String,
    /// Accuracy log: one row per epoch, or one of the untrained network.
    pub history: Vec<EpochRow>,
    /// One row per inversion, setting, class and metric.
    pub metrics: Vec<MetricRow>,
    /// Predictions of the judges for pictures of a known class, or of none.
    pub controls: Vec<ControlRow>,
}

/// Row of `overlaps.csv`: similarity of two inverses.
#[derive(Debug, Clone, Serialize)]
pub struct OverlapRow {
    pub spec: String,
    pub replicate: u64,
    pub a: String,
    pub b: String,
    pub class: Label,
    /// Intersection over union of their highest pixels.
    pub overlap: f64,
    /// Pearson's correlation of the pixels; none for a constant image.
    pub correlation: Option<f64>,
}

/// Row of `solutions.csv`: search for one inverse.
#[derive(Serialize)]
struct SolutionRow<'a> {
    spec: &'a str,
    replicate: u64,
    inversion: &'a str,
    parameter: String,
    setting: &'a str,
    class: Label,
    converged: bool,
    steps: usize,
    objective: f64,
    component: Option<usize>,
}

/// Row of `timings.csv`: duration of a stage when it was computed.
#[derive(Serialize)]
struct Timing<'a> {
    stage: &'a str,
    name: &'a str,
    seconds: f64,
    made_at: &'a str,
}

impl Replicate {
    /// Returns every file of the results folder. They depend on the store alone, so that a
    /// folder can be compared with them.
    ///
    /// # Errors
    /// If something does not fit into its format.
    pub fn files(&self, experiment: &Experiment, context: &Context) -> Result<Outputs, RunError> {
        let TrainedFiles {
            weights,
            history,
            layers,
            drawn,
            ..
        } = &self.trained;
        let mut files = outputs([
            (ACCURACY, history.clone()),
            (LAYERS, layers.clone()),
            (WEIGHTS, weights.clone()),
            (NETWORK, to_csv(&self.network)?),
        ]);
        if let Some(drawn) = drawn {
            files.insert(ROWS.to_owned(), drawn.table.clone());
        }
        if let Some(judge) = &self.judge {
            files.extend(judge.tables.clone());
        }
        if !self.inverses.is_empty() {
            let metrics = to_csv(&self.metric_rows(experiment))?;
            files.insert(METRICS.to_owned(), metrics);
            let evaluators = self.evaluator_rows(experiment);
            if !evaluators.is_empty() {
                files.insert(EVALUATORS.to_owned(), to_csv(&evaluators)?);
            }
            files.insert(INVERSES.to_owned(), self.arrays(experiment)?);
            let solutions = self.solution_rows(experiment);
            if !solutions.is_empty() {
                files.insert(SOLUTIONS.to_owned(), to_csv(&solutions)?);
            }
            if let Some(readings) = self.readings(&experiment.spec.inversions)? {
                files.insert(READINGS.to_owned(), readings);
                files.insert(AGREEMENT.to_owned(), to_csv(&self.agreement())?);
            }
            let overlaps = self.overlaps(experiment);
            if !overlaps.is_empty() {
                files.insert(OVERLAPS.to_owned(), to_csv(&overlaps)?);
            }
        }
        for (name, drawing) in &self.drawings {
            let pages = drawing.files(name).into_iter();
            files.extend(pages.map(|(name, bytes)| (format!("figures/{name}"), bytes)));
        }
        let manifest = manifest(experiment, self, context, &files)?;
        files.insert(MANIFEST.to_owned(), manifest.to_bytes()?);
        files.insert(TIMINGS.to_owned(), self.timings()?);
        Ok(files)
    }

    /// Returns the numbers that are printed.
    pub fn summary(&self, experiment: &Experiment) -> Summary {
        Summary {
            seed: self.seed,
            data: experiment.describe(&self.data),
            history: self.trained.trained.history.clone(),
            metrics: self.metric_rows(experiment),
            controls: match &self.judge {
                Some(judge) => judge.controls.clone(),
                None => Vec::new(),
            },
        }
    }

    /// Returns one row per inversion, setting, class and metric.
    pub fn metric_rows(&self, experiment: &Experiment) -> Vec<MetricRow> {
        let rows = self.measured(experiment).into_iter();
        rows.map(|(row, _)| row).collect()
    }

    /// Returns one row per evaluator of each metric that several evaluators read.
    fn evaluator_rows(&self, experiment: &Experiment) -> Vec<EvaluatorRow> {
        let mut rows = Vec::new();
        for (row, measured) in self.measured(experiment) {
            let evaluators = measured.metric.evaluators();
            if evaluators.len() < 2 {
                continue;
            }
            let of_evaluator = |(place, evaluator): (usize, usize)| EvaluatorRow {
                spec: row.spec.clone(),
                replicate: row.replicate,
                inversion: row.inversion.clone(),
                parameter: row.parameter.clone(),
                setting: row.setting.clone(),
                class: row.class,
                metric: row.metric.to_owned(),
                evaluator: evaluator_name(evaluator),
                value: measured.by.get(place).copied(),
            };
            rows.extend(evaluators.enumerate().map(of_evaluator));
        }
        rows
    }

    /// Returns the row of each value of a metric, with the value by evaluator.
    fn measured(&self, experiment: &Experiment) -> Vec<(MetricRow, &Measured)> {
        let mut rows = Vec::new();
        for (inversion, inverse) in experiment.spec.inversions.iter().zip(&self.inverses) {
            let parameter = inversion.parameter();
            for (setting, measures) in inversion.settings.iter().zip(&inverse.measures) {
                let row = |measured: &Measured| MetricRow {
                    spec: experiment.name.clone(),
                    replicate: self.seed,
                    inversion: inverse.name.clone(),
                    parameter: parameter.clone(),
                    setting: setting.value.clone(),
                    class: self.data.classes[measured.class],
                    metric: measured.metric.name(),
                    value: measured.value,
                    unit: measured.metric.unit(),
                };
                rows.extend(measures.values.iter().map(|one| (row(one), one)));
            }
        }
        rows
    }

    /// Returns one row per search: of every inversion that searches, setting and class.
    fn solution_rows<'a>(&'a self, experiment: &'a Experiment) -> Vec<SolutionRow<'a>> {
        let mut rows = Vec::new();
        for (inversion, inverse) in experiment.spec.inversions.iter().zip(&self.inverses) {
            for (setting, solutions) in inversion.settings.iter().zip(&inverse.solutions) {
                let classes = self.data.classes.iter().zip(solutions);
                rows.extend(classes.map(|(&class, solution)| SolutionRow {
                    spec: &experiment.name,
                    replicate: self.seed,
                    inversion: &inverse.name,
                    parameter: inversion.parameter(),
                    setting: &setting.value,
                    class,
                    converged: solution.converged,
                    steps: solution.steps,
                    objective: solution.objective,
                    component: solution.component,
                }));
            }
        }
        rows
    }

    /// Compares the inverses of every two inversions without a sweep: one row per pair and
    /// class for which both found one.
    pub fn overlaps(&self, experiment: &Experiment) -> Vec<OverlapRow> {
        let all = experiment.spec.inversions.iter().zip(&self.inverses);
        let unswept = all.filter(|(inversion, _)| inversion.sweep.is_empty());
        let unswept: Vec<(&str, Vec<ComparedImage>)> = unswept
            .map(|(_, inverse)| {
                let rows = inverse.images.iter().flat_map(Mat::row_iter);
                let compared =
                    |row: faer::RowRef<'_, f64>| ComparedImage::new(row.iter().copied().collect());
                (inverse.name.as_str(), rows.map(compared).collect())
            })
            .collect();
        let mut rows = Vec::new();
        for (index, (a, of_a)) in unswept.iter().enumerate() {
            for (b, of_b) in &unswept[index + 1..] {
                let classes = self.data.classes.iter().zip(of_a.iter().zip(of_b));
                let is_found = |image: &ComparedImage| !image.is_missing();
                let classes = classes.filter(|(_, (one, other))| is_found(one) && is_found(other));
                rows.extend(classes.map(|(&class, (one, other))| OverlapRow {
                    spec: experiment.name.clone(),
                    replicate: self.seed,
                    a: (*a).to_owned(),
                    b: (*b).to_owned(),
                    class,
                    overlap: one.overlap(other),
                    correlation: one.correlation(other),
                }));
            }
        }
        rows
    }

    /// Packs the inverses, one array per inversion: classes x inputs, or settings x classes
    /// x inputs if it is swept, in f64 and on the scale of the pixel range. The description
    /// has everything needed to use them.
    fn arrays(&self, experiment: &Experiment) -> Result<Vec<u8>, RunError> {
        let pack = |inverse: &Inverse| {
            let settings: Vec<&Mat<f64>> = inverse.images.iter().collect();
            array(&inverse.name, &settings)
        };
        let arrays: Vec<Array> = self.inverses.iter().map(pack).collect();
        let inversions = experiment.spec.inversions.iter();
        let settings: BTreeMap<&str, Value> = inversions
            .filter(|inversion| !inversion.sweep.is_empty())
            .map(|inversion| {
                let settings = inversion.settings.iter();
                let values: Vec<&str> = settings.map(|one| one.value.as_str()).collect();
                let about = json!({ "parameter": inversion.parameter(), "values": values });
                (inversion.name.as_str(), about)
            })
            .collect();
        let mut about = json!({
            "classes": self.data.classes,
            "range": self.data.range,
            "data": experiment.describe(&self.data),
            "seed": self.seed,
        });
        if !settings.is_empty() {
            about["settings"] = json!(settings);
        }
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
