//! What each stage makes, as the files the store keeps, and how they are
//! understood again. Made or found, what the next stage sees went through these
//! files, so that it cannot tell the difference.

mod inverses;

use std::time::{Duration, Instant};

use faer::Mat;
use serde_json::json;

use super::error::RunError;
use super::event::Event;
use super::machine::machine;
use crate::arrays::{Array, Values, from_safetensors, to_safetensors};
use crate::config::{Model, PriorOf};
use crate::data::{Dataset, Description};
use crate::figures::Drawing;
use crate::invert::{Mixture, Moments, Prior};
use crate::metrics::judge::{self, ControlRow, Judges};
use crate::model::{Device, adapter, from_arrays, to_arrays};
use crate::pace::Pace;
use crate::store::{Absence, Making, Outputs};
use crate::table::{from_csv, to_csv};
use crate::train::{Checkpoint, LayerRow, Setup, Trained, Training, check, layer_rows};
pub use inverses::{inverse, measures, read_inverse, read_measures};

const DESCRIPTION: &str = "data.json";
const MEANS: &str = "means.safetensors";
const WEIGHTS: &str = "weights.safetensors";
const HISTORY: &str = "accuracy.csv";
const LAYERS: &str = "layers.csv";
const JUDGE: &str = "judge.safetensors";
const CONTROLS: &str = "judges.csv";
const PRIOR: &str = "prior.safetensors";
const PNG: &str = "figure.png";
const SVG: &str = "figure.svg";

/// How long a training may go on before it keeps how far it got.
const CHECKPOINT: Duration = Duration::from_secs(5);

/// The environment variable that sets another time, in seconds.
const CHECKPOINT_VARIABLE: &str = "BACKQUERY_CHECKPOINT_SECONDS";

fn outputs<const N: usize>(files: [(&str, Vec<u8>); N]) -> Outputs {
    files.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

/// What is known of the samples once they are away.
#[derive(Debug, Clone)]
pub struct Known {
    pub description: Description,
    /// The mean training image of each class: classes x inputs.
    pub means: Mat<f64>,
}

pub fn known(dataset: &Dataset) -> Result<Outputs, RunError> {
    let means = dataset.class_means();
    let means = Mat::from_fn(means.len(), dataset.train.features, |n, i| means[n][i]);
    let means = to_safetensors(&[array("means", &[&means])], &json!({}))?;
    let description = serde_json::to_vec(&dataset.description())?;
    Ok(outputs([(DESCRIPTION, description), (MEANS, means)]))
}

pub fn read_known(outputs: &Outputs) -> Option<Known> {
    let means = read_matrices(outputs.get(MEANS)?)?;
    Some(Known {
        description: serde_json::from_slice(outputs.get(DESCRIPTION)?).ok()?,
        means: means.into_iter().next()?,
    })
}

/// What training gives, with the files as results show them.
#[derive(Debug, Clone)]
pub struct TrainedFiles {
    pub trained: Trained,
    pub weights: Vec<u8>,
    pub history: Vec<u8>,
    pub layers: Vec<u8>,
}

/// Trains on what is called `data`, from the last checkpoint if there is one.
pub fn train(
    setup: Setup<'_>,
    data: &str,
    making: &Making,
    tell: &dyn Fn(Event<'_>),
) -> Result<Outputs, RunError> {
    check(&setup)?;
    let mut training = resume(setup, making, tell).unwrap_or_else(|| Training::start(setup));
    let (every, of) = (checkpoint_interval()?, setup.train.epochs);
    let mut saved = Instant::now();
    while let Some(row) = training.epoch()? {
        tell(Event::Epoch { row, of });
        if row.epoch < of && saved.elapsed() >= every {
            making.save_checkpoint(&checkpoint(&mut training, setup.device)?)?;
            saved = Instant::now();
        }
    }
    let trained = training.finish()?;
    // All that is needed to use the weights without the spec.
    let about = json!({
        "model": setup.model,
        "classes": setup.dataset.classes,
        "range": setup.dataset.range,
        "data": data,
        "seed": setup.seed,
    });
    Ok(outputs([
        (
            WEIGHTS,
            to_safetensors(&to_arrays(&trained.parameters), &about)?,
        ),
        (HISTORY, to_csv(&trained.history)?),
        (LAYERS, to_csv(&layer_rows(&setup, &trained.parameters)?)?),
    ]))
}

/// A checkpoint behind a line that tells the machine: on another one the
/// training would end in bytes that no machine gives.
fn checkpoint(training: &mut Training<'_>, device: &Device) -> Result<Vec<u8>, RunError> {
    let mut bytes = maker(device).into_bytes();
    bytes.extend(training.checkpoint()?.to_bytes()?);
    Ok(bytes)
}

/// What decides the last bits of a training, as a line.
fn maker(device: &Device) -> String {
    match adapter(device) {
        Some(adapter) => format!("{}, {}\n", machine(), json!(adapter)),
        None => format!("{}\n", machine()),
    }
}

fn read_checkpoint(bytes: &[u8], device: &Device) -> Option<Checkpoint> {
    let line = maker(device).into_bytes();
    Checkpoint::from_bytes(bytes.strip_prefix(&line[..])?).ok()
}

fn resume<'a>(setup: Setup<'a>, making: &Making, tell: &dyn Fn(Event<'_>)) -> Option<Training<'a>> {
    let training = match making.checkpoint() {
        Ok(None) => return None,
        Ok(Some(bytes)) => read_checkpoint(&bytes, setup.device)
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
    let layers = outputs.get(LAYERS)?;
    let (arrays, _) = from_safetensors(weights).ok()?;
    let trained = Trained {
        parameters: from_arrays(&arrays)?,
        history: from_csv(history).ok()?,
    };
    from_csv::<LayerRow>(layers).ok()?;
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
        layers: layers.clone(),
    })
}

/// Who judges inverses of networks trained on the same samples.
#[derive(Debug, Clone)]
pub struct JudgeFiles {
    /// Of the judge that is trained.
    pub parameters: Vec<Array>,
    /// What the judges say where the answer is known, or where there is none.
    pub controls: Vec<ControlRow>,
    /// The same as a file.
    pub table: Vec<u8>,
}

/// Trains and tries the judges.
pub fn judge(
    dataset: &Dataset,
    device: &Device,
    tell: &dyn Fn(Event<'_>),
    pace: Pace<'_>,
) -> Result<Outputs, RunError> {
    let on_epoch = |epoch, of| tell(Event::JudgeEpoch { epoch, of });
    let parameters = judge::train(dataset, device, &on_epoch).map_err(RunError::Judge)?;
    let judges = Judges::new(&parameters, dataset, device);
    let judges = judges.ok_or_else(|| RunError::Unreadable("judge".to_owned()))?;
    let controls = judge::controls(&judges.at(pace), dataset).map_err(RunError::Judge)?;
    let about = json!({ "classes": dataset.classes, "data": dataset.description().describe() });
    Ok(outputs([
        (JUDGE, to_safetensors(&parameters, &about)?),
        (CONTROLS, to_csv(&controls)?),
    ]))
}

pub fn read_judge(outputs: &Outputs) -> Option<JudgeFiles> {
    let table = outputs.get(CONTROLS)?.clone();
    Some(JudgeFiles {
        parameters: from_safetensors(outputs.get(JUDGE)?).ok()?.0,
        controls: from_csv(&table).ok()?,
        table,
    })
}

/// Finds what is known of the samples without their labels.
pub fn prior(dataset: &Dataset, of: PriorOf, pace: Pace<'_>) -> Result<Outputs, RunError> {
    let arrays = match Prior::of(&dataset.train, dataset.range, of, pace)? {
        Prior::Gaussian(Moments { mean, covariance }) => {
            vec![array("mean", &[&mean]), array("covariance", &[&covariance])]
        }
        Prior::Mixture(mixture) => vec![
            array("weights", &[&mixture.weights]),
            array("means", &[&mixture.means]),
            array("basis", &[&mixture.basis]),
            array("within", &mixture.within.iter().collect::<Vec<_>>()),
            array("beside", &[&mixture.beside]),
        ],
    };
    Ok(outputs([(PRIOR, to_safetensors(&arrays, &json!({}))?)]))
}

pub fn read_prior(outputs: &Outputs) -> Option<Prior> {
    let (arrays, _) = from_safetensors(outputs.get(PRIOR)?).ok()?;
    let several = |name: &str| matrices(arrays.iter().find(|array| array.name == name)?);
    let named = |name: &str| several(name)?.into_iter().next();
    if let Some(mean) = named("mean") {
        return Some(Prior::Gaussian(Moments {
            mean,
            covariance: named("covariance")?,
        }));
    }
    Some(Prior::Mixture(Mixture {
        weights: named("weights")?,
        means: named("means")?,
        basis: named("basis")?,
        within: several("within")?,
        beside: named("beside")?,
    }))
}

/// One array for matrices of one size: rows x columns, or of several matrices x
/// rows x columns.
pub fn array(name: &str, matrices: &[&Mat<f64>]) -> Array {
    let (rows, columns) = matrices.first().map_or((0, 0), |m| (m.nrows(), m.ncols()));
    let all_rows = matrices.iter().flat_map(|matrix| matrix.row_iter());
    Array {
        name: name.to_owned(),
        shape: match matrices.len() {
            1 => vec![rows, columns],
            count => vec![count, rows, columns],
        },
        values: Values::F64(all_rows.flat_map(|row| row.iter().copied()).collect()),
    }
}

/// The matrices in the one array of a file.
fn read_matrices(file: &[u8]) -> Option<Vec<Mat<f64>>> {
    let (arrays, _) = from_safetensors(file).ok()?;
    let [array] = &arrays[..] else {
        return None;
    };
    matrices(array)
}

/// Reads the matrices of the array with this name from the bytes of a file.
pub fn named_matrices(file: &[u8], name: &str) -> Option<Vec<Mat<f64>>> {
    let (arrays, _) = from_safetensors(file).ok()?;
    matrices(arrays.iter().find(|array| array.name == name)?)
}

fn matrices(array: &Array) -> Option<Vec<Mat<f64>>> {
    let Values::F64(values) = &array.values else {
        return None;
    };
    let [count, rows, columns] = match array.shape[..] {
        [rows, columns] => [1, rows, columns],
        [count, rows, columns] => [count, rows, columns],
        _ => return None,
    };
    let value = |m: usize, i: usize, j: usize| values[(m * rows + i) * columns + j];
    let matrix = |m| Mat::from_fn(rows, columns, |i, j| value(m, i, j));
    Some((0..count).map(matrix).collect())
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
