//! Stage `train`: trains the network, from the last checkpoint if there is one.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use serde_json::json;

use super::data::SummarizedData;
use super::files::outputs;
use crate::arrays::{from_safetensors, to_safetensors};
use crate::config::Spec;
use crate::data::{Dataset, DrawnCounts, DrawnRow, Resample};
use crate::invert::originals;
use crate::model::{Device, DeviceKind, Model, adapter, from_arrays, to_arrays};
use crate::pipeline::error::RunError;
use crate::pipeline::event::Event;
use crate::pipeline::machine::machine;
use crate::pipeline::runner::{Computation, Work};
use crate::pipeline::stage::{Libraries, Stage, StageDeclaration, StageKind};
use crate::store::{ACCURACY, CacheMiss, LAYERS, Outputs, ROWS, WEIGHTS};
use crate::table::{from_csv, to_csv};
use crate::train::{Checkpoint, LayerRow, Setup, Trained, Training, check, layer_rows, relabelled};

pub static DECLARATION: StageDeclaration = StageDeclaration {
    name: "train",
    version: 6,
    libraries: Libraries::new(&["burn", "rand_chacha"]),
    uses_device: true,
};

/// Returns the stage for this seed.
pub fn stage(spec: &Spec, seed: u64, device: DeviceKind, data: &Stage) -> Stage {
    let mut part = json!({
        "model": spec.model.trained(),
        "train": spec.train,
        "seed": seed,
        "device": device.name(),
    });
    if let Some(resample) = spec.data.resample {
        part["data"] = json!({ "resample": resample, "per_class": spec.data.per_class });
    }
    Stage::new(StageKind::Train, "", &part, &[data])
}

/// Number of companions of a network.
const COMPANIONS: usize = 3;

/// Seed of the first companion, beyond those that replicates usually have.
const FIRST_COMPANION: u64 = 1000;

/// Returns the stages of the companions with their seeds, if any metric needs them:
/// networks of the same spec that all replicates share. None is the network itself.
pub fn companions(spec: &Spec, seed: u64, device: DeviceKind, data: &Stage) -> Vec<(u64, Stage)> {
    let needs_companions = spec.metrics.iter().any(|metric| metric.needs_companions());
    if !needs_companions || spec.inversions.is_empty() {
        return Vec::new();
    }
    let others = (FIRST_COMPANION..).filter(|other| *other != seed);
    let companion = |other| {
        let name = format!("companion {other}");
        let network = stage(spec, other, device, data);
        (other, Stage { name, ..network })
    };
    others.take(COMPANIONS).map(companion).collect()
}

/// Trained network, with its files as results show them.
#[derive(Debug, Clone)]
pub struct TrainedFiles {
    pub trained: Trained,
    pub weights: Vec<u8>,
    pub history: Vec<u8>,
    pub layers: Vec<u8>,
    /// Rows that the replicate trains on, if it draws its own.
    pub drawn: Option<DrawnFile>,
}

/// Rows that a replicate trains on.
#[derive(Debug, Clone)]
pub struct DrawnFile {
    pub table: Vec<u8>,
    pub counts: DrawnCounts,
}

/// Work of the stage.
pub struct TrainWork<'a> {
    pub data: &'a SummarizedData<'a>,
    pub seed: u64,
    pub device: &'a Device,
}

impl Work<TrainedFiles> for TrainWork<'_> {
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError> {
        let experiment = self.data.dataset.experiment;
        let data = experiment.describe_training(&self.data.summary.description);
        let model = experiment.spec.model.trained();
        self.files(&model, &data, |setup| {
            if experiment.spec.task.reconstructs() {
                // A class without a test image is better reported before training.
                originals(&*self.data.samples()?, self.seed).map_err(RunError::Original)?;
            }
            train(setup, computation)
        })
    }

    fn decode(&self, outputs: &Outputs) -> Option<TrainedFiles> {
        let (weights, history) = (outputs.get(WEIGHTS)?, outputs.get(ACCURACY)?);
        let layers = outputs.get(LAYERS)?;
        let (arrays, _) = from_safetensors(weights).ok()?;
        let parameters = from_arrays(&arrays)?;
        let history_rows = from_csv(history).ok()?;
        from_csv::<LayerRow>(layers).ok()?;
        let sizes: Vec<usize> = parameters.iter().map(|layer| layer.outputs).collect();
        let (_, hidden) = sizes.split_last()?;
        let spec = &self.data.dataset.experiment.spec;
        let fits = hidden == spec.model.hidden;
        let drawn = match spec.data.resample {
            Some(_) => Some(self.drawn_file(outputs.get(ROWS)?)?),
            None => None,
        };
        let trained = Trained {
            parameters,
            history: history_rows,
        };
        (fits && !trained.history.is_empty()).then(|| TrainedFiles {
            trained,
            weights: weights.clone(),
            history: history.clone(),
            layers: layers.clone(),
            drawn,
        })
    }
}

impl TrainWork<'_> {
    /// Draws the rows that the replicate trains on; none if it trains on all.
    fn drawn(&self, samples: &Dataset) -> Result<Option<Vec<DrawnRow>>, RunError> {
        let data = &self.data.dataset.experiment.spec.data;
        let draw = |resample: Resample| resample.draw(samples, &data.per_class, self.seed);
        Ok(data.resample.map(draw).transpose()?)
    }

    /// Packs what is known of a network: how it is trained on the rows of the replicate, or
    /// what becomes of it then. `data` describes its data.
    pub fn files(
        &self,
        model: &Model,
        data: &str,
        network: impl FnOnce(Setup<'_>) -> Result<Trained, RunError>,
    ) -> Result<Outputs, RunError> {
        let spec = &self.data.dataset.experiment.spec;
        let samples = self.data.samples()?;
        let drawn = self.drawn(&samples)?;
        // A row has one label, however often it is drawn.
        let mut dataset = relabelled(&samples, spec.train.labels, self.seed);
        if let Some(drawn) = &drawn {
            dataset = Cow::Owned(dataset.with_rows(drawn));
        }
        let times = drawn.iter().flatten().map(|row| row.times);
        let times: Vec<usize> = times.collect();
        let setup = Setup {
            model,
            train: &spec.train,
            dataset: &dataset,
            times: drawn.is_some().then_some(&times),
            seed: self.seed,
            device: self.device,
        };
        let mut files = packed(&setup, data, &network(setup)?)?;
        if let Some(drawn) = &drawn {
            files.insert(ROWS.to_owned(), to_csv(drawn)?);
        }
        Ok(files)
    }

    fn drawn_file(&self, table: &[u8]) -> Option<DrawnFile> {
        let rows: Vec<DrawnRow> = from_csv(table).ok()?;
        let of = self.data.summary.description.training_rows;
        Some(DrawnFile {
            table: table.to_vec(),
            counts: DrawnCounts::new(&rows, of),
        })
    }
}

/// Packs a network with its accuracy log and the metrics of its layers.
fn packed(setup: &Setup<'_>, data: &str, trained: &Trained) -> Result<Outputs, RunError> {
    // Everything needed to use the weights without the spec.
    let about = json!({
        "model": setup.model,
        "classes": setup.dataset.classes,
        "range": setup.dataset.range,
        "data": data,
        "seed": setup.seed,
    });
    let layers = layer_rows(setup, &trained.parameters)?;
    let arrays = to_arrays(&trained.parameters);
    Ok(outputs([
        (WEIGHTS, to_safetensors(&arrays, &about)?),
        (ACCURACY, to_csv(&trained.history)?),
        (LAYERS, to_csv(&layers)?),
    ]))
}

/// Trains all epochs, and saves a checkpoint from time to time.
fn train(setup: Setup<'_>, computation: &Computation<'_>) -> Result<Trained, RunError> {
    check(&setup)?;
    let mut training = resume(setup, computation).unwrap_or_else(|| Training::start(setup));
    let (interval, epochs) = (checkpoint_interval()?, setup.train.epochs);
    let mut saved = Instant::now();
    while let Some(row) = training.epoch()? {
        (computation.emit)(Event::Epoch {
            stage: computation.stage,
            row,
            of: epochs,
        });
        if row.epoch < epochs && saved.elapsed() >= interval {
            let bytes = checkpoint(&mut training, setup.device)?;
            computation.lock.save_checkpoint(&bytes)?;
            saved = Instant::now();
        }
    }
    Ok(training.finish()?)
}

/// Packs a checkpoint behind a line that names the machine: resumed on another one, the
/// training would end in bytes that no machine gives.
fn checkpoint(training: &mut Training<'_>, device: &Device) -> Result<Vec<u8>, RunError> {
    let mut bytes = machine_line(device).into_bytes();
    bytes.extend(training.checkpoint()?.to_bytes()?);
    Ok(bytes)
}

fn unpacked(bytes: &[u8], device: &Device) -> Option<Checkpoint> {
    let line = machine_line(device).into_bytes();
    Checkpoint::from_bytes(bytes.strip_prefix(&line[..])?).ok()
}

/// Machine and adapter, which decide the last bits of a training, as a line.
fn machine_line(device: &Device) -> String {
    match adapter(device) {
        Some(adapter) => format!("{}, {}\n", machine(), json!(adapter)),
        None => format!("{}\n", machine()),
    }
}

/// Resumes from the last checkpoint; none without one that fits.
fn resume<'a>(setup: Setup<'a>, computation: &Computation<'_>) -> Option<Training<'a>> {
    let lock = computation.lock;
    let training = match lock.checkpoint() {
        Ok(None) => return None,
        Ok(Some(bytes)) => unpacked(&bytes, setup.device)
            .and_then(|checkpoint| Training::resume(setup, &checkpoint))
            .ok_or_else(|| lock.incompatible()),
        Err(miss) => Err(miss),
    };
    match training {
        Ok(training) => {
            (computation.emit)(Event::Resumed {
                stage: computation.stage,
                epochs: training.history().len(),
            });
            Some(training)
        }
        Err(CacheMiss::Damaged { path, fault }) => {
            let path = &path;
            (computation.emit)(Event::Damaged { path, fault });
            None
        }
        Err(CacheMiss::New | CacheMiss::Outdated(_)) => None,
    }
}

/// Time from one checkpoint to the next.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(5);

/// Environment variable that sets another time, in seconds.
const CHECKPOINT_VARIABLE: &str = "BACKQUERY_CHECKPOINT_SECONDS";

fn checkpoint_interval() -> Result<Duration, RunError> {
    let Ok(set) = std::env::var(CHECKPOINT_VARIABLE) else {
        return Ok(CHECKPOINT_INTERVAL);
    };
    let seconds = set.parse().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or(RunError::Variable(CHECKPOINT_VARIABLE, set))
}
