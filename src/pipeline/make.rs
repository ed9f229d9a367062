//! What each stage makes, as the files the store keeps, and how they are
//! understood again. Made or found, what the next stage sees went through these
//! files, so that it cannot tell the difference.

use std::time::{Duration, Instant};

use faer::Mat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::RunError;
use super::event::Event;
use super::machine::machine;
use crate::arrays::{Array, ArraysError, Values, from_safetensors, to_safetensors};
use crate::data::Description;
use crate::figures::Drawing;
use crate::metrics::{Measured, Metric};
use crate::model::{from_arrays, to_arrays};
use crate::spec::Model;
use crate::store::{Absence, Making, Outputs};
use crate::table::{from_csv, to_csv};
use crate::train::{Checkpoint, Setup, Trained, Training};

const DESCRIPTION: &str = "data.json";
const WEIGHTS: &str = "weights.safetensors";
const HISTORY: &str = "accuracy.csv";
const INVERSE: &str = "inverse.safetensors";
const METRICS: &str = "metrics.csv";
const PNG: &str = "figure.png";
const SVG: &str = "figure.svg";

/// How long a training may go on before it keeps how far it got.
const CHECKPOINT: Duration = Duration::from_secs(5);

/// The environment variable that sets another time, in seconds.
const CHECKPOINT_VARIABLE: &str = "BACKQUERY_CHECKPOINT_SECONDS";

fn outputs<const N: usize>(files: [(&str, Vec<u8>); N]) -> Outputs {
    files.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

pub fn description(description: &Description) -> Result<Outputs, RunError> {
    Ok(outputs([(DESCRIPTION, serde_json::to_vec(description)?)]))
}

pub fn read_description(outputs: &Outputs) -> Option<Description> {
    serde_json::from_slice(outputs.get(DESCRIPTION)?).ok()
}

/// What training gives, with the files as results show them.
#[derive(Debug, Clone)]
pub struct TrainedFiles {
    pub trained: Trained,
    pub weights: Vec<u8>,
    pub history: Vec<u8>,
}

/// Trains, from the last checkpoint if there is one.
pub fn train(
    setup: Setup<'_>,
    data: &Description,
    making: &Making,
    tell: &dyn Fn(Event<'_>),
) -> Result<Outputs, RunError> {
    let mut training = resume(setup, making, tell).unwrap_or_else(|| Training::start(setup));
    let (every, of) = (checkpoint_interval()?, setup.train.epochs);
    let mut saved = Instant::now();
    while let Some(row) = training.epoch()? {
        tell(Event::Epoch { row, of });
        if row.epoch < of && saved.elapsed() >= every {
            making.save_checkpoint(&checkpoint(&training)?)?;
            saved = Instant::now();
        }
    }
    let trained = training.finish()?;
    // All that is needed to use the weights without the spec.
    let about = json!({
        "model": setup.model,
        "classes": data.classes,
        "range": data.range,
        "data": data.describe(),
        "seed": setup.seed,
    });
    Ok(outputs([
        (
            WEIGHTS,
            to_safetensors(&to_arrays(&trained.parameters), &about)?,
        ),
        (HISTORY, to_csv(&trained.history)?),
    ]))
}

/// A checkpoint behind a line that tells the machine: on another one the
/// training would end in bytes that no machine gives.
fn checkpoint(training: &Training<'_>) -> Result<Vec<u8>, RunError> {
    let mut bytes = format!("{}\n", machine()).into_bytes();
    bytes.extend(training.checkpoint()?.to_bytes()?);
    Ok(bytes)
}

fn read_checkpoint(bytes: &[u8]) -> Option<Checkpoint> {
    let line = format!("{}\n", machine()).into_bytes();
    Checkpoint::from_bytes(bytes.strip_prefix(&line[..])?).ok()
}

fn resume<'a>(setup: Setup<'a>, making: &Making, tell: &dyn Fn(Event<'_>)) -> Option<Training<'a>> {
    let training = match making.checkpoint() {
        Ok(None) => return None,
        Ok(Some(bytes)) => read_checkpoint(&bytes)
            .and_then(|checkpoint| Training::resume(setup, &checkpoint))
            .ok_or_else(|| making.unfit()),
        Err(absence) => Err(absence),
    };
    match training {
        Ok(training) => {
            tell(Event::Resumed(training.history().len()));
            Some(training)
        }
        Err(absence) => {
            if let Absence::Damaged { path, fault } = &absence {
                tell(Event::Damaged { path, fault });
            }
            None
        }
    }
}

fn checkpoint_interval() -> Result<Duration, RunError> {
    let Ok(set) = std::env::var(CHECKPOINT_VARIABLE) else {
        return Ok(CHECKPOINT);
    };
    let seconds = set.parse().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or(RunError::Variable(CHECKPOINT_VARIABLE, set))
}

pub fn read_trained(model: &Model, outputs: &Outputs) -> Option<TrainedFiles> {
    let (weights, history) = (outputs.get(WEIGHTS)?, outputs.get(HISTORY)?);
    let (arrays, _) = from_safetensors(weights).ok()?;
    let trained = Trained {
        parameters: from_arrays(&arrays)?,
        history: from_csv(history).ok()?,
    };
    let sizes: Vec<usize> = trained
        .parameters
        .iter()
        .map(|layer| layer.outputs)
        .collect();
    let fits = sizes
        .split_last()
        .is_some_and(|(_, hidden)| hidden == model.hidden);
    (fits && !trained.history.is_empty()).then(|| TrainedFiles {
        trained,
        weights: weights.clone(),
        history: history.clone(),
    })
}

/// One array for the images of an inversion: classes x inputs.
pub fn array(name: &str, images: &Mat<f64>) -> Array {
    let rows = images.row_iter();
    Array {
        name: name.to_owned(),
        shape: vec![images.nrows(), images.ncols()],
        values: Values::F64(rows.flat_map(|row| row.iter().copied()).collect()),
    }
}

pub fn inverse(images: &Mat<f64>) -> Result<Outputs, ArraysError> {
    let bytes = to_safetensors(&[array("inverse", images)], &json!({}))?;
    Ok(outputs([(INVERSE, bytes)]))
}

pub fn read_inverse(outputs: &Outputs) -> Option<Mat<f64>> {
    let (arrays, _) = from_safetensors(outputs.get(INVERSE)?).ok()?;
    match &arrays[..] {
        [
            Array {
                shape,
                values: Values::F64(values),
                ..
            },
        ] => match shape[..] {
            [rows, columns] => Some(Mat::from_fn(rows, columns, |i, j| values[i * columns + j])),
            _ => None,
        },
        _ => None,
    }
}

/// One row of the measure stage's table.
#[derive(Serialize, Deserialize)]
struct MeasuredRow {
    class: usize,
    metric: String,
    value: Option<f64>,
}

pub fn measures(measured: &[Measured]) -> Result<Outputs, RunError> {
    let row = |measured: &Measured| MeasuredRow {
        class: measured.class,
        metric: measured.metric.name().to_owned(),
        value: measured.value,
    };
    let rows: Vec<MeasuredRow> = measured.iter().map(row).collect();
    Ok(outputs([(METRICS, to_csv(&rows)?)]))
}

pub fn read_measures(outputs: &Outputs) -> Option<Vec<Measured>> {
    let rows: Vec<MeasuredRow> = from_csv(outputs.get(METRICS)?).ok()?;
    let measured = |row: MeasuredRow| {
        Some(Measured {
            class: row.class,
            metric: Metric::ALL
                .into_iter()
                .find(|metric| metric.name() == row.metric)?,
            value: row.value,
        })
    };
    rows.into_iter().map(measured).collect()
}

pub fn drawing(drawing: Drawing) -> Outputs {
    outputs([(PNG, drawing.png), (SVG, drawing.svg)])
}

pub fn read_drawing(outputs: &Outputs) -> Option<Drawing> {
    Some(Drawing {
        png: outputs.get(PNG)?.clone(),
        svg: outputs.get(SVG)?.clone(),
    })
}
