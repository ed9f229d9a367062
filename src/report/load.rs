//! The results of an experiment, read back from its folder.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::ResultsError;
use super::spec::spec_differences;
use crate::io;
use crate::store::{MANIFEST, Manifest, Published, place, seed_of};
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
    /// How alike the inverses of two inversions are; empty unless asked for.
    pub pairs: Vec<PairReading>,
}

/// Which tables of a replicate to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tables {
    /// All numbers of the network and of each inverse.
    Numbers,
    /// Also how alike two inverses are, which only claims need.
    NumbersAndPairs,
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

/// Parameter of readings that are of a layer.
pub const LAYER: &str = "layer";

impl From<LayerRow> for Reading {
    /// The layer stands where swept values do, so that each has a mean of its own.
    fn from(row: LayerRow) -> Self {
        Self {
            parameter: LAYER.to_owned(),
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

impl DataUsed {
    /// The data set of a manifest, if it describes one.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Option<Self> {
        serde_json::from_value(Value::Object(manifest.data.clone())).ok()
    }
}

impl Results {
    /// Reads `folder/seed-N/` for every N there is. Folders of other names, such
    /// as those of runs that were killed, are passed over.
    ///
    /// # Errors
    /// If there is no replicate, a table of one is not the one that its manifest
    /// lists, or they are not all of the same spec and data.
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

    /// The seeds of the replicates, rising.
    pub fn seeds(&self) -> impl Iterator<Item = u64> {
        self.replicates.iter().map(|replicate| replicate.seed)
    }
}

/// The seeds whose results stand in a folder, rising.
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

/// The seeds whose results stand in a folder, rising; none if it does not exist.
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
/// If there is none, or it is that of another seed.
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

/// Reads the numbers of the replicate in this folder, which has this manifest.
///
/// # Errors
/// If a table is not the one that the manifest lists, or not one as a run writes it.
pub fn replicate(
    folder: &Path,
    manifest: &Manifest,
    tables: Tables,
) -> Result<Replicate, ResultsError> {
    let published = Published::new(folder, &manifest.outputs);
    let bytes = published.required_table(ACCURACY)?;
    let path = folder.join(ACCURACY);
    let epochs = epochs(&bytes).map_err(in_table(&path))?;
    let mut values = last(&epochs).ok_or(ResultsError::NoEpoch(path))?;
    let rows = Rows { folder, published };
    values.extend(rows.of("network.csv")?);
    let layers: Vec<LayerRow> = rows.of("layers.csv")?;
    values.extend(layers.into_iter().map(Reading::from));
    let metrics = if inverts(manifest) {
        table(&published.required_table(METRICS)?).map_err(in_table(&folder.join(METRICS)))?
    } else {
        rows.of(METRICS)?
    };
    values.extend(metrics);
    let pairs = match tables {
        Tables::Numbers => Vec::new(),
        Tables::NumbersAndPairs => rows.of("overlaps.csv")?,
    };
    Ok(Replicate {
        seed: manifest.seed,
        values,
        epochs,
        pairs,
    })
}

/// The accuracy log, which every run writes.
const ACCURACY: &str = "accuracy.csv";

/// The numbers of inverses, which every run with an inversion writes.
const METRICS: &str = "metrics.csv";

/// True if the spec of a manifest inverts anything.
fn inverts(manifest: &Manifest) -> bool {
    let inversions = manifest.spec.get("invert").and_then(Value::as_array);
    inversions.is_some_and(|inversions| !inversions.is_empty())
}

/// The tables of a replicate that not every run writes.
struct Rows<'a> {
    folder: &'a Path,
    published: Published<'a>,
}

impl Rows<'_> {
    /// The rows of a table; none if the manifest lists no such table.
    fn of<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, ResultsError> {
        let bytes = self.published.table(name)?;
        let rows = bytes.map_or(Ok(Vec::new()), |bytes| table(&bytes));
        rows.map_err(in_table(&self.folder.join(name)))
    }
}

fn in_table(path: &Path) -> impl FnOnce(csv::Error) -> ResultsError {
    let path = path.to_owned();
    |source| ResultsError::Table { path, source }
}

fn table<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(bytes).deserialize().collect()
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
