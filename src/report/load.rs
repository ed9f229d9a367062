//! The results of an experiment, read back from its folder.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::ResultsError;
use super::spec::spec_differences;
use crate::io::{self, IoError};
use crate::store::{MANIFEST, Manifest, place, seed_of};
use crate::train::LayerRow;

/// All replicates of an experiment.
#[derive(Debug, Clone)]
pub struct Results {
    /// What the user calls it.
    pub name: String,
    /// The spec that all replicates were run with, as in their manifests.
    pub spec: Map<String, Value>,
    /// The data set that all replicates were trained on, if their manifests tell.
    pub data: Option<DataUsed>,
    /// The kind of device that all were computed on.
    pub device: String,
    /// By seed, at least one.
    pub replicates: Vec<Replicate>,
}

/// A data set as it was used, which may be a stand-in for that of the spec.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DataUsed {
    /// Its name.
    pub source: String,
    /// The one that it stands in for, if it does.
    #[serde(default)]
    pub stand_in_for: Option<String>,
    /// Of pixels and labels.
    pub sha256: String,
}

/// The numbers of one seed.
#[derive(Debug, Clone)]
pub struct Replicate {
    /// The seed.
    pub seed: u64,
    /// Those of the last epoch and of the network, then those of the inverses.
    pub values: Vec<Reading>,
    /// Those of every epoch.
    pub epochs: Vec<(usize, Vec<Reading>)>,
    /// How alike the inverses of two inversions are.
    pub pairs: Vec<PairReading>,
}

/// How alike two inverses of one class are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PairReading {
    /// An inversion.
    pub a: String,
    /// Another one.
    pub b: String,
    /// The label of the class.
    pub class: u8,
    /// Intersection over union of the 254 highest pixels.
    pub overlap: f64,
    /// Pearson's, over the pixels; missing for an image of one value.
    pub correlation: Option<f64>,
}

impl PairReading {
    /// True for these two inversions, in any order.
    #[must_use]
    pub fn is_of(&self, one: &str, other: &str) -> bool {
        (self.a == one && self.b == other) || (self.a == other && self.b == one)
    }

    /// The number of this name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<f64> {
        match name {
            "overlap" => Some(self.overlap),
            _ => self.correlation,
        }
    }
}

/// One number of one replicate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Reading {
    /// The inversion; empty for what is told of the network.
    #[serde(default)]
    pub inversion: String,
    /// The keys of the inversion that are swept; empty without a sweep.
    #[serde(default)]
    pub parameter: String,
    /// Their values.
    #[serde(default)]
    pub setting: String,
    /// The name of the metric or column.
    pub metric: String,
    /// The label of the class; none for what is told of the network.
    #[serde(default)]
    pub class: Option<u8>,
    /// Missing where the metric is not defined.
    pub value: Option<f64>,
    /// What it counts; empty for a loss.
    pub unit: String,
}

impl Reading {
    /// What is told of the network: of no inversion and no class.
    #[must_use]
    pub fn of_network(metric: &str, value: Option<f64>, unit: &str) -> Self {
        Self {
            inversion: String::new(),
            parameter: String::new(),
            setting: String::new(),
            metric: metric.to_owned(),
            class: None,
            value,
            unit: unit.to_owned(),
        }
    }
}

impl From<LayerRow> for Reading {
    /// The layer stands where swept values do, so that each has a mean of its own.
    fn from(row: LayerRow) -> Self {
        Self {
            parameter: "layer".to_owned(),
            setting: row.layer.to_string(),
            ..Self::of_network(&row.metric, row.value, &row.unit)
        }
    }
}

impl Replicate {
    /// From the accuracy log and the readings of network and inverses.
    ///
    /// # Errors
    /// If the log is no table of numbers.
    pub fn new(
        seed: u64,
        log: &[u8],
        readings: Vec<Reading>,
        pairs: Vec<PairReading>,
    ) -> Result<Self, csv::Error> {
        let epochs = epochs(log)?;
        let mut values = last(&epochs).unwrap_or_default();
        values.extend(readings);
        Ok(Self {
            seed,
            values,
            epochs,
            pairs,
        })
    }
}

/// True if the spec of a manifest inverts anything.
fn inverts(manifest: &Manifest) -> bool {
    let inversions = manifest.spec.get("invert").and_then(Value::as_array);
    inversions.is_some_and(|inversions| !inversions.is_empty())
}

impl DataUsed {
    fn of(manifest: &Manifest) -> Option<Self> {
        serde_json::from_value(Value::Object(manifest.data.clone())).ok()
    }
}

impl Results {
    /// Reads `folder/seed-N/` for every N there is. Folders of other names, such
    /// as those of runs that were killed, are passed over.
    ///
    /// # Errors
    /// If there is no replicate, one is incomplete or was changed by hand, or
    /// they are not all of the same spec and data.
    pub fn load(name: &str, folder: &Path) -> Result<Self, ResultsError> {
        let seeds = seeds(folder)?;
        let mut replicates = Vec::new();
        let mut first: Option<(PathBuf, Manifest)> = None;
        for seed in seeds {
            let folder = place(folder, seed);
            let (path, manifest) = manifest(&folder, seed)?;
            replicates.push(replicate(&folder, &manifest)?);
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

    /// The seeds of the replicates, rising.
    pub fn seeds(&self) -> impl Iterator<Item = u64> {
        self.replicates.iter().map(|replicate| replicate.seed)
    }
}

/// The seeds whose results stand in a folder, rising.
///
/// # Errors
/// If there is no folder, or it cannot be listed.
pub fn seeds(folder: &Path) -> Result<Vec<u64>, ResultsError> {
    let entries = match io::entries(folder) {
        Err(error) if error.is_not_found() => return Err(nothing(folder)),
        entries => entries?,
    };
    let names = entries.iter().map(std::fs::DirEntry::file_name);
    let mut seeds: Vec<u64> = names.filter_map(|name| seed_of(name.to_str()?)).collect();
    seeds.sort_unstable();
    Ok(seeds)
}

fn nothing(folder: &Path) -> ResultsError {
    if folder.join(MANIFEST).exists() {
        ResultsError::OneReplicate(folder.to_owned())
    } else {
        ResultsError::Empty(folder.to_owned())
    }
}

fn manifest(folder: &Path, seed: u64) -> Result<(PathBuf, Manifest), ResultsError> {
    let path = folder.join(MANIFEST);
    let manifest = Manifest::read(folder)?;
    if manifest.seed == seed {
        Ok((path, manifest))
    } else {
        let found = manifest.seed;
        Err(ResultsError::Seed { path, found })
    }
}

fn incomplete(folder: &Path) -> impl FnOnce(IoError) -> ResultsError {
    let folder = folder.to_owned();
    |source| ResultsError::Replicate { folder, source }
}

/// Replicates of different experiments must never be taken for one sample.
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

fn replicate(folder: &Path, manifest: &Manifest) -> Result<Replicate, ResultsError> {
    let path = folder.join("accuracy.csv");
    let bytes = io::read(&path).map_err(incomplete(folder))?;
    let epochs = epochs(&bytes).map_err(in_table(&path))?;
    let mut values = last(&epochs).ok_or(ResultsError::NoEpoch(path))?;
    values.extend(optional(folder, "network.csv")?);
    let layers: Vec<LayerRow> = optional(folder, "layers.csv")?;
    values.extend(layers.into_iter().map(Reading::from));
    let path = folder.join("metrics.csv");
    match io::read(&path) {
        Ok(bytes) => values.extend(table(&bytes).map_err(in_table(&path))?),
        // A run without inversions writes no table of metrics.
        Err(error) if error.is_not_found() && !inverts(manifest) => {}
        Err(error) => return Err(incomplete(folder)(error)),
    }
    Ok(Replicate {
        seed: manifest.seed,
        values,
        epochs,
        pairs: optional(folder, "overlaps.csv")?,
    })
}

fn in_table(path: &Path) -> impl FnOnce(csv::Error) -> ResultsError {
    let path = path.to_owned();
    |source| ResultsError::Table { path, source }
}

fn table<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(bytes).deserialize().collect()
}

/// The rows of a table that not everything that is published has.
fn optional<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>, ResultsError> {
    let path = folder.join(name);
    match io::read(&path) {
        Ok(bytes) => table(&bytes).map_err(in_table(&path)),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(incomplete(folder)(error)),
    }
}

/// Every row of an accuracy log: its number and all columns but that.
fn epochs(bytes: &[u8]) -> Result<Vec<(usize, Vec<Reading>)>, csv::Error> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers()?.clone();
    let column = |(name, value): (&str, Option<f64>)| Reading::of_network(name, value, unit(name));
    let readings = |row: Vec<Option<f64>>| {
        let (numbers, others): (Vec<_>, Vec<_>) = header
            .iter()
            .zip(row)
            .partition(|(name, _)| *name == "epoch");
        let number = numbers.first().and_then(|(_, number)| *number);
        let readings = others.into_iter().map(column).collect();
        (number.unwrap_or_default() as usize, readings)
    };
    let rows = reader.deserialize();
    rows.map(|row| Ok(readings(row?))).collect()
}

/// The readings of the last epoch, if there is any.
fn last(epochs: &[(usize, Vec<Reading>)]) -> Option<Vec<Reading>> {
    epochs.last().map(|(_, readings)| readings.clone())
}

/// The accuracy log has no column of units, and that of a loss depends on its kind.
fn unit(column: &str) -> &'static str {
    if column.ends_with("accuracy") {
        "share"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests;
