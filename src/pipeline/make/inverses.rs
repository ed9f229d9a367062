//! Inverses, how they were found and what was measured on them, as files.

use faer::Mat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{RunError, array, outputs, read_matrices};
use crate::arrays::to_safetensors;
use crate::config::Metric;
use crate::invert::{Inverted, Solution};
use crate::metrics::Measured;
use crate::store::Outputs;
use crate::table::{from_csv, to_csv};

const INVERSE: &str = "inverse.safetensors";
const SOLUTIONS: &str = "solutions.csv";
const METRICS: &str = "metrics.csv";

/// One row of the table of how inverses were found.
#[derive(Serialize, Deserialize)]
struct SolutionRow {
    setting: usize,
    converged: bool,
    steps: usize,
    objective: f64,
    component: Option<usize>,
}

/// What came out of each setting.
pub fn inverse(settings: &[Inverted]) -> Result<Outputs, RunError> {
    let images: Vec<&Mat<f64>> = settings.iter().map(|inverted| &inverted.images).collect();
    let bytes = to_safetensors(&[array("inverse", &images)], &json!({}))?;
    let mut rows = Vec::new();
    for (setting, inverted) in settings.iter().enumerate() {
        let solutions = inverted.solutions.iter();
        rows.extend(solutions.map(|solution| SolutionRow {
            setting,
            converged: solution.converged,
            steps: solution.steps,
            objective: solution.objective,
            component: solution.component,
        }));
    }
    let mut files = outputs([(INVERSE, bytes)]);
    if !rows.is_empty() {
        files.insert(SOLUTIONS.to_owned(), to_csv(&rows)?);
    }
    Ok(files)
}

pub fn read_inverse(outputs: &Outputs) -> Option<Vec<Inverted>> {
    let images = read_matrices(outputs.get(INVERSE)?)?;
    let rows: Vec<SolutionRow> = match outputs.get(SOLUTIONS) {
        Some(table) => from_csv(table).ok()?,
        None => Vec::new(),
    };
    let mut settings: Vec<Inverted> = images
        .into_iter()
        .map(|images| Inverted {
            images,
            solutions: Vec::new(),
        })
        .collect();
    for row in rows {
        settings.get_mut(row.setting)?.solutions.push(Solution {
            converged: row.converged,
            steps: row.steps,
            objective: row.objective,
            component: row.component,
        });
    }
    Some(settings)
}

/// One row of the measure stage's table.
#[derive(Serialize, Deserialize)]
struct MeasuredRow {
    setting: usize,
    class: usize,
    metric: String,
    value: Option<f64>,
}

/// The numbers of each setting.
pub fn measures(settings: &[Vec<Measured>]) -> Result<Outputs, RunError> {
    let mut rows = Vec::new();
    for (setting, measured) in settings.iter().enumerate() {
        rows.extend(measured.iter().map(|measured| MeasuredRow {
            setting,
            class: measured.class,
            metric: measured.metric.name().to_owned(),
            value: measured.value,
        }));
    }
    Ok(outputs([(METRICS, to_csv(&rows)?)]))
}

pub fn read_measures(outputs: &Outputs) -> Option<Vec<Vec<Measured>>> {
    let rows: Vec<MeasuredRow> = from_csv(outputs.get(METRICS)?).ok()?;
    let mut settings: Vec<Vec<Measured>> = Vec::new();
    for row in rows {
        if row.setting >= settings.len() {
            settings.push(Vec::new());
        }
        settings.get_mut(row.setting)?.push(Measured {
            class: row.class,
            metric: Metric::named(&row.metric)?,
            value: row.value,
        });
    }
    Some(settings)
}
