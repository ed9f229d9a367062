//! Results of an experiment, read from its folder.

mod optional;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::ResultsError;
use super::evaluators::{EvaluatorRow, add_readings};
use super::per_replicate::EvaluatedValue;
use super::spec::spec_differences;
use crate::config::OF_EPOCHS;
use crate::data::Label;
use crate::io;
use crate::store::{
    ACCURACY, EVALUATORS, LAYERS, MANIFEST, METRICS, Manifest, NETWORK, OVERLAPS, Published, place,
    seed_of,
};
use crate::table::from_csv;
use crate::train::LayerRow;
use optional::{OptionalTables, in_table};

/// All replicates of an experiment.
#[derive(Debug, Clone)]
pub struct Results {
    /// Name given by the user.
    pub name: String,
    /// Spec of all replicates, as in their manifests.
    pub spec: Map<String, Value>,
    /// Data set of all replicates, if their manifests describe it.
    pub data: Option<DataUsed>,
    /// Kind of device of all replicates.
    pub device: String,
    /// Replicates by seed, at least one.
    pub replicates: Vec<ReplicateNumbers>,
}

/// Data set that was used: that of the spec, or its fallback.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DataUsed {
    /// Name of the data set.
    pub source: String,
    /// Data set of the spec, if this is the fallback.
    #[serde(default)]
    pub stand_in_for: Option<String>,
    /// Digest of pixels and labels.
    pub sha256: String,
}

/// Measurements of one seed.
#[derive(Debug, Clone)]
pub struct ReplicateNumbers {
    /// Seed of the replicate.
    pub seed: u64,
    /// Measurements of the last epoch and of the network, then of the inverses.
    pub values: Vec<Measurement>,
    /// Measurements of every epoch.
    pub epochs: Vec<(usize, Vec<Measurement>)>,
    /// Similarity of the inverses of two inversions; empty unless asked for.
    pub pairs: Vec<PairReading>,
    /// Description of the evaluators that read its inverses, if they are poor.
    pub poor_judges: Option<String>,
}

/// Tables of a replicate to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tables {
    /// All numbers of the network and of each inverse.
    Numbers,
    /// Also the similarity of two inverses, which only claims need.
    NumbersAndPairs,
}

/// Similarity of two inverses of one class.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PairReading {
    /// One inversion.
    pub a: String,
    /// Other inversion.
    pub b: String,
    /// The label of the class.
    pub class: Label,
    /// Intersection over union of the 254 highest pixels.
    pub overlap: f64,
    /// Pearson correlation of the pixels; missing for a constant image.
    pub correlation: Option<f64>,
}

impl PairReading {
    /// Returns true for these two inversions, in any order.
    pub fn is_of(&self, one: &str, other: &str) -> bool {
        (self.a == one && self.b == other) || (self.a == other && self.b == one)
    }

    /// Returns the number of this name.
    pub fn value(&self, name: &str) -> Option<f64> {
        match name {
            "overlap" => Some(self.overlap),
            _ => self.correlation,
        }
    }
}

/// One measured number of one replicate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Measurement {
    /// Inversion; empty for numbers of the network.
    #[serde(default)]
    pub inversion: String,
    /// Swept keys of the inversion; empty without a sweep.
    #[serde(default)]
    pub parameter: String,
    /// Values of the swept keys.
    #[serde(default)]
    pub setting: String,
    /// Name of the metric or column.
    pub metric: String,
    /// Label of the class; none for numbers of the network.
    #[serde(default)]
    pub class: Option<Label>,
    /// Value; missing if the metric is not defined.
    pub value: Option<f64>,
    /// Unit of the value; empty for a loss.
    pub unit: String,
    /// Readings by evaluators drawn at random, by name, times the weight of their mean in
    /// the value. Empty for a value without evaluators.
    #[serde(skip)]
    pub readings: BTreeMap<String, f64>,
}

impl Measurement {
    /// Returns the value with the readings that it is a mean of, if it is defined.
    pub fn evaluated(&self) -> Option<EvaluatedValue> {
        Some(EvaluatedValue {
            value: self.value?,
            readings: self.readings.clone(),
        })
    }

    /// Returns a measurement of the network, without inversion or class.
    pub fn of_network(metric: &str, value: Option<f64>, unit: &str) -> Self {
        Self {
            inversion: String::new(),
            parameter: String::new(),
            setting: String::new(),
            metric: metric.to_owned(),
            class: None,
            value,
            unit: unit.to_owned(),
            readings: BTreeMap::new(),
        }
    }
}

/// Parameter of measurements of a layer.
pub const LAYER: &str = "layer";

impl From<LayerRow> for Measurement {
    /// Puts the layer in place of swept values, so that each layer has its own mean.
    fn from(row: LayerRow) -> Self {
        Self {
            parameter: LAYER.to_owned(),
            setting: row.layer.to_string(),
            ..Self::of_network(&row.metric, row.value, &row.unit)
        }
    }
}

impl ReplicateNumbers {
    /// Combines the accuracy log with the measurements of network and inverses.
    ///
    /// # Errors
    /// If the log is not a table of numbers.
    pub fn new(
        seed: u64,
        log: &[u8],
        measurements: Vec<Measurement>,
        pairs: Vec<PairReading>,
    ) -> Result<Self, csv::Error> {
        let epochs = epochs(log)?;
        let mut values = last(&epochs).unwrap_or_default();
        values.extend(measurements);
        Ok(Self {
            seed,
            values,
            epochs,
            pairs,
            poor_judges: None,
        })
    }
}

impl DataUsed {
    /// Returns the data set of a manifest, if it describes one.
    pub fn of(manifest: &Manifest) -> Option<Self> {
        serde_json::from_value(Value::Object(manifest.data.clone())).ok()
    }
}

impl Results {
    /// Reads `folder/seed-N/` for every N. Ignores folders with other names, such as those of
    /// killed runs.
    ///
    /// # Errors
    /// If there is no replicate, a table differs from its manifest, or replicates differ in
    /// spec or data.
    pub fn load(name: &str, folder: &Path, tables: Tables) -> Result<Self, ResultsError> {
        let seeds = seeds(folder)?;
        let mut replicates = Vec::new();
        let mut first: Option<(PathBuf, Manifest)> = None;
        for seed in seeds {
            let folder = place(folder, seed);
            let (path, manifest) = manifest(&folder, seed)?;
            replicates.push(replicate(&folder, &manifest, tables)?);
            match &first {
                Some(first) => same(first, (&path, &manifest))?,
                None => first = Some((path, manifest)),
            }
        }
        let Some((_, manifest)) = first else {
            return Err(nothing(folder));
        };
        Ok(Self {
            name: name.to_owned(),
            data: DataUsed::of(&manifest),
            spec: manifest.spec,
            device: manifest.device,
            replicates,
        })
    }

    /// Seeds of the replicates, ascending.
    pub fn seeds(&self) -> impl Iterator<Item = u64> {
        self.replicates.iter().map(|replicate| replicate.seed)
    }

    /// Describes the evaluators that read the inverses, if they are poor. Replicates have the
    /// same ones, unless they were published at different times.
    pub fn poor_judges(&self) -> Option<String> {
        let all = self.replicates.iter();
        let different: BTreeSet<&str> = all.filter_map(|one| one.poor_judges.as_deref()).collect();
        let different: Vec<&str> = different.into_iter().collect();
        (!different.is_empty()).then(|| different.join("; "))
    }
}

/// Lists the seeds with results in a folder, ascending.
///
/// # Errors
/// If there is no folder, or it cannot be listed.
fn seeds(folder: &Path) -> Result<Vec<u64>, ResultsError> {
    let entries = match io::entries(folder) {
        Err(error) if error.is_not_found() => return Err(nothing(folder)),
        entries => entries?,
    };
    let names = entries.iter().map(std::fs::DirEntry::file_name);
    let mut seeds: Vec<u64> = names.filter_map(|name| seed_of(name.to_str()?)).collect();
    seeds.sort_unstable();
    Ok(seeds)
}

/// Lists the seeds with results in a folder, ascending; none if it does not exist.
///
/// # Errors
/// If it cannot be listed.
pub fn published_seeds(folder: &Path) -> Result<Vec<u64>, ResultsError> {
    if io::exists(folder)? {
        seeds(folder)
    } else {
        Ok(Vec::new())
    }
}

fn nothing(folder: &Path) -> ResultsError {
    if folder.join(MANIFEST).exists() {
        ResultsError::OneReplicate(folder.to_owned())
    } else {
        ResultsError::Empty(folder.to_owned())
    }
}

/// Reads the manifest of the replicate in this folder; returns its path as well.
///
/// # Errors
/// If there is none, or it has another seed.
pub fn manifest(folder: &Path, seed: u64) -> Result<(PathBuf, Manifest), ResultsError> {
    let path = folder.join(MANIFEST);
    let manifest = Manifest::read(folder)?;
    if manifest.seed == seed {
        Ok((path, manifest))
    } else {
        let found = manifest.seed;
        Err(ResultsError::Seed { path, found })
    }
}

/// Checks that two replicates are of one sample.
fn same(first: &(PathBuf, Manifest), second: (&Path, &Manifest)) -> Result<(), ResultsError> {
    let (a, b) = (&first.1, second.1);
    let what = match spec_differences(&a.spec, &b.spec).first() {
        Some(difference) => format!("`{}`", difference.key),
        None if DataUsed::of(a) != DataUsed::of(b) => "the data they were trained on".to_owned(),
        None if a.device != b.device => "the device they were computed on".to_owned(),
        None => return Ok(()),
    };
    let (first, second) = (first.0.clone(), second.0.to_owned());
    Err(ResultsError::Mixed {
        first,
        second,
        what,
    })
}

/// Reads the numbers of the replicate in this folder, which has this manifest.
///
/// # Errors
/// If a table differs from the manifest, or is not one that a run writes.
pub fn replicate(
    folder: &Path,
    manifest: &Manifest,
    tables: Tables,
) -> Result<ReplicateNumbers, ResultsError> {
    let published = Published::new(folder, &manifest.outputs);
    let bytes = published.required_table(ACCURACY)?;
    let path = folder.join(ACCURACY);
    let epochs = epochs(&bytes).map_err(in_table(&path))?;
    let mut values = last(&epochs).ok_or(ResultsError::NoEpoch(path))?;
    let rows = OptionalTables { folder, published };
    values.extend(rows.of(NETWORK)?);
    let layers: Vec<LayerRow> = rows.of(LAYERS)?;
    values.extend(layers.into_iter().map(Measurement::from));
    let metrics = if inverts(manifest) {
        from_csv(&published.required_table(METRICS)?).map_err(in_table(&folder.join(METRICS)))?
    } else {
        rows.of(METRICS)?
    };
    values.extend(metrics);
    let readings: Vec<EvaluatorRow> = rows.of(EVALUATORS)?;
    add_readings(&mut values, &readings);
    let poor_judges = rows.poor_judges(&values)?;
    let pairs = match tables {
        Tables::Numbers => Vec::new(),
        Tables::NumbersAndPairs => rows.of(OVERLAPS)?,
    };
    Ok(ReplicateNumbers {
        seed: manifest.seed,
        values,
        epochs,
        pairs,
        poor_judges,
    })
}

/// Returns true if the spec of a manifest has an inversion.
fn inverts(manifest: &Manifest) -> bool {
    let inversions = manifest.spec.get("invert").and_then(Value::as_array);
    inversions.is_some_and(|inversions| !inversions.is_empty())
}

/// Reads every row of an accuracy log: its epoch and all other columns.
fn epochs(bytes: &[u8]) -> Result<Vec<(usize, Vec<Measurement>)>, csv::Error> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers()?.clone();
    let column =
        |(name, value): (&str, Option<f64>)| Measurement::of_network(name, value, unit(name));
    let measurements = |row: Vec<Option<f64>>| {
        let (numbers, others): (Vec<_>, Vec<_>) = header
            .iter()
            .zip(row)
            .partition(|(name, _)| *name == "epoch");
        let number = numbers.first().and_then(|(_, number)| *number);
        let measurements = others.into_iter().map(column).collect();
        (number.unwrap_or_default() as usize, measurements)
    };
    let rows = reader.deserialize();
    rows.map(|row| Ok(measurements(row?))).collect()
}

/// Measurements of the last epoch, if there is one.
fn last(epochs: &[(usize, Vec<Measurement>)]) -> Option<Vec<Measurement>> {
    epochs.last().map(|(_, measurements)| measurements.clone())
}

/// Unit of a column of the accuracy log, which has no units.
fn unit(name: &str) -> &'static str {
    let mut columns = OF_EPOCHS.iter();
    columns
        .find(|column| column.name == name)
        .map_or("", |column| column.unit)
}

#[cfg(test)]
mod tests;
