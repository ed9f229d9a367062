//! Published replicates, from which summaries, claims and study figures are computed.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use faer::{Mat, RowRef};
use serde_json::{Map, Value};

use crate::config::{Inversion, Metric, Spec};
use crate::data::Description;
use crate::digest::sha256;
use crate::grouped::grouped;
use crate::io;
use crate::metrics::{Measured, MeasuredSetting};
use crate::pipeline::error::RunError;
use crate::pipeline::experiment::Experiment;
use crate::pipeline::publish::manifest;
use crate::pipeline::publish::readings::{ReadingsBySetting, drawn_readings};
use crate::pipeline::replicate::Inverse;
use crate::pipeline::stage::StageKind;
use crate::pipeline::stages::files::named_matrices;
use crate::report::{
    self, DataUsed, Measurement, ResultsError, Tables, published_seeds, sample_differences, shown,
};
use crate::store::{INVERSES, LAYERS, LeftOut, Manifest, READINGS, StageKey, place};

/// Attempts to read a replicate that another process may be replacing, and the time between.
const ATTEMPTS: usize = 3;
const PAUSE: Duration = Duration::from_millis(30);

/// Replicate, read back from its folder of results.
#[derive(Debug)]
pub struct PublishedReplicate {
    pub manifest: Manifest,
    /// Data set it was trained on.
    pub data: Description,
    /// Numbers from its tables.
    pub numbers: report::ReplicateNumbers,
    folder: PathBuf,
}

/// Published replicates of an experiment that form one sample: same spec but for the
/// seeds, same data, same kind of device.
#[derive(Debug)]
pub struct PublishedMember {
    /// Replicates of the sample, by seed.
    pub replicates: Vec<PublishedReplicate>,
    /// Other replicates in the folder, by seed.
    pub left_out: Vec<LeftOut>,
}

/// Selection of published replicates.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Tables to read.
    pub tables: Tables,
    /// Seeds of the sample; all if none.
    pub seeds: Option<&'a [u64]>,
    /// Seeds in order of preference: the first that is published determines data and device,
    /// or else the lowest seed does.
    pub like: &'a [u64],
    /// Seeds that are not read.
    pub except: &'a [u64],
}

impl PublishedMember {
    /// Reads the replicates of an experiment from the results folder `out`.
    ///
    /// # Errors
    /// If a manifest, or a table of a replicate of this spec, cannot be read or is not
    /// as it was published.
    pub fn load(experiment: &Experiment, out: &Path, wanted: Wanted<'_>) -> Result<Self, RunError> {
        let folder = out.join(&experiment.name);
        let seeds = published_seeds(&folder)?;
        let spec = manifest::spec(experiment, 0)?;
        let leave_out = |seed, reason| LeftOut {
            experiment: experiment.name.clone(),
            seed,
            reason,
        };
        let (mut replicates, mut left_out) = (Vec::new(), Vec::new());
        for seed in seeds
            .into_iter()
            .filter(|seed| !wanted.except.contains(seed))
        {
            let folder = place(&folder, seed);
            let read = || {
                let (_, manifest) = report::manifest(&folder, seed)?;
                if let Some(reason) = difference(&manifest, &spec, wanted.seeds) {
                    return Ok(Err(leave_out(seed, reason)));
                }
                let numbers = report::replicate(&folder, &manifest, wanted.tables)?;
                Ok(Ok((manifest, numbers)))
            };
            match steadily(read)? {
                Ok((manifest, numbers)) => replicates.push(PublishedReplicate {
                    data: serde_json::from_value(Value::Object(manifest.data.clone()))?,
                    manifest,
                    numbers,
                    folder,
                }),
                Err(other) => left_out.push(other),
            }
        }
        let others = keep_alike(&mut replicates, wanted.like).into_iter();
        left_out.extend(others.map(|(seed, reason)| leave_out(seed, reason)));
        left_out.sort_by_key(|one: &LeftOut| one.seed);
        Ok(Self {
            replicates,
            left_out,
        })
    }

    /// Describes what varies between the replicates; none for fewer than two.
    pub fn varies(&self, experiment: &Experiment) -> Option<String> {
        let [first, _, ..] = &self.replicates[..] else {
            return None;
        };
        Some(experiment.spec.varies(Some(first.epoch_rows())))
    }

    /// Returns the results for comparisons and claims.
    ///
    /// # Errors
    /// If the spec does not fit into JSON.
    pub fn results(&self, experiment: &Experiment) -> Result<report::Results, RunError> {
        let first = self.replicates.first().map(|first| &first.manifest);
        let numbers = self.replicates.iter().map(|one| one.numbers.clone());
        Ok(report::Results {
            name: experiment.name.clone(),
            spec: manifest::spec(experiment, 0)?,
            data: first.and_then(DataUsed::of),
            device: first.map(|first| first.device.clone()).unwrap_or_default(),
            replicates: numbers.collect(),
        })
    }
}

/// Retries a read that fails, after a moment.
fn steadily<T>(read: impl Fn() -> Result<T, ResultsError>) -> Result<T, ResultsError> {
    for _ in 1..ATTEMPTS {
        if let Ok(value) = read() {
            return Ok(value);
        }
        thread::sleep(PAUSE);
    }
    read()
}

/// Returns the reason to leave out a replicate with this manifest; none if it belongs to the
/// sample.
fn difference(
    manifest: &Manifest,
    spec: &Map<String, Value>,
    seeds: Option<&[u64]>,
) -> Option<String> {
    if seeds.is_some_and(|seeds| !seeds.contains(&manifest.seed)) {
        return Some("not a seed of the comparison".to_owned());
    }
    let differences = sample_differences(&manifest.spec, spec);
    let first = differences.first()?;
    let (was, is) = (brief(first.a.as_ref()), brief(first.b.as_ref()));
    Some(format!("`{}` is {was}, not {is}", first.key))
}

/// Formats a value as JSON, shortened if it is long.
pub fn brief(value: Option<&Value>) -> String {
    let text = shown(value);
    match text.char_indices().nth(MAX_LETTERS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Maximum length of a value in a warning.
const MAX_LETTERS: usize = 40;

/// Keeps replicates with the same data and device; returns the seeds of the others with
/// the reasons.
fn keep_alike(all: &mut Vec<PublishedReplicate>, like: &[u64]) -> Vec<(u64, String)> {
    let of_seed = |seed: &u64| all.iter().find(|one| one.seed() == *seed);
    let first = like.iter().find_map(of_seed).or(all.first());
    let Some((data, device)) = first.map(|one| (one.data.clone(), one.manifest.device.clone()))
    else {
        return Vec::new();
    };
    let mut others = Vec::new();
    all.retain(|one| {
        let reason = if one.data != data {
            "trained on other data".to_owned()
        } else if one.manifest.device != device {
            format!("computed on {}, not {device}", one.manifest.device)
        } else {
            return true;
        };
        others.push((one.seed(), reason));
        false
    });
    others
}

impl PublishedReplicate {
    /// Returns its seed.
    pub fn seed(&self) -> u64 {
        self.manifest.seed
    }

    /// Returns the number of rows that an epoch of its training passed over.
    pub fn epoch_rows(&self) -> usize {
        let drawn = self
            .manifest
            .rows
            .as_ref()
            .and_then(|rows| rows["drawn"].as_u64());
        drawn.map_or(self.data.training_rows, |drawn| drawn as usize)
    }

    /// Returns the key of its only stage of a kind.
    pub fn key(&self, kind: StageKind) -> Option<&StageKey> {
        let mut stages = self.manifest.stages.iter();
        Some(&stages.find(|entry| entry.stage == kind.name())?.key)
    }

    /// Returns the digests of the published inputs of study figures, by stage, without the
    /// inverses.
    pub fn digests(&self) -> Vec<(StageKey, String)> {
        let stages = self.manifest.stages.iter();
        // The metrics of layers are those of the network that is inverted.
        let network = match self.key(StageKind::Randomise) {
            Some(_) => StageKind::Randomise,
            None => StageKind::Train,
        };
        let digest = |kind: &str, name: &str| {
            if kind == StageKind::Data.name() {
                Some(self.data.sha256.clone())
            } else if kind == network.name() && name.is_empty() {
                self.manifest.outputs.get(LAYERS).cloned()
            } else if kind == StageKind::Measure.name() {
                Some(self.digest_of_measures(name))
            } else {
                None
            }
        };
        stages
            .filter_map(|entry| Some((entry.key.clone(), digest(&entry.stage, &entry.name)?)))
            .collect()
    }

    fn digest_of_measures(&self, inversion: &str) -> String {
        let readings = self.numbers.values.iter();
        let readings = readings.filter(|reading| reading.inversion == inversion);
        let line = |reading: &Measurement| {
            let Measurement {
                setting,
                metric,
                class,
                value,
                readings,
                ..
            } = reading;
            let mut line = format!("{setting},{metric},{class:?},{value:?}");
            // Numbers without evaluators keep the digests of versions without these.
            for (name, reading) in readings {
                // Writing to a string cannot fail.
                let _ = write!(line, ",{name},{reading:?}");
            }
            line + "\n"
        };
        let lines: Vec<String> = readings.map(line).collect();
        sha256(lines.iter().map(String::as_bytes))
    }

    /// Reads the inverses with these names, and the numbers measured on them.
    ///
    /// # Errors
    /// If the file of inverses is not the one that the manifest lists.
    pub fn inverses(
        &self,
        spec: &Spec,
        names: &[&str],
        with_readings: bool,
    ) -> Result<Vec<Inverse>, RunError> {
        let path = self.folder.join(INVERSES);
        let file = self.listed_file(INVERSES)?;
        let table = match self.manifest.outputs.get(READINGS) {
            Some(_) if with_readings => {
                drawn_readings(&self.listed_file(READINGS)?, &self.data.classes)
            }
            Some(_) | None => ReadingsBySetting::new(),
        };
        let shown = spec.inversions.iter();
        let shown = shown.filter(|inversion| names.contains(&inversion.name.as_str()));
        let inverse = |inversion: &Inversion| {
            let images = named_matrices(&file, &inversion.name);
            let images = images.filter(|images| images.len() == inversion.settings.len());
            Ok(Inverse {
                name: inversion.name.clone(),
                images: images.ok_or_else(|| RunError::Modified(path.clone()))?,
                solutions: Vec::new(),
                measures: self.measures(inversion, &table),
            })
        };
        shown.map(inverse).collect()
    }

    /// Reads a published file that has the digest of the manifest.
    fn listed_file(&self, name: &str) -> Result<Vec<u8>, RunError> {
        let path = self.folder.join(name);
        let file = io::read(&path)?;
        if self.manifest.outputs.get(name) != Some(&sha256([&file[..]])) {
            return Err(RunError::Modified(path));
        }
        Ok(file)
    }

    /// Returns the numbers measured on an inversion, per setting, with its readings, if there
    /// are any.
    fn measures(&self, inversion: &Inversion, table: &ReadingsBySetting) -> Vec<MeasuredSetting> {
        let own = self.numbers.values.iter();
        let own = own.filter(|reading| reading.inversion == inversion.name);
        let measured = |reading: &Measurement| {
            let class = reading.class?;
            Some(Measured {
                class: self.data.classes.iter().position(|known| *known == class)?,
                metric: Metric::named(&reading.metric)?,
                value: reading.value,
                by: Vec::new(),
            })
        };
        let of_setting = |value: &str| {
            let readings = own.clone().filter(|reading| reading.setting == value);
            let name = [inversion.name.as_str(), value].map(str::to_owned);
            MeasuredSetting {
                values: readings.filter_map(measured).collect(),
                readings: table.get(&name).cloned().unwrap_or_default(),
            }
        };
        let settings = inversion.settings.iter();
        settings.map(|setting| of_setting(&setting.value)).collect()
    }
}

/// Returns the digest of the inverses of one inversion.
pub fn digest_of(inverse: &Inverse) -> String {
    let rows = inverse.images.iter().flat_map(Mat::row_iter);
    let bytes = |row: RowRef<'_, f64>| -> Vec<u8> {
        row.iter().flat_map(|level| level.to_le_bytes()).collect()
    };
    let rows: Vec<Vec<u8>> = rows.map(bytes).collect();
    sha256(rows.iter().map(Vec::as_slice))
}

/// Lists replicates left out, with the reasons: `seeds 1 2 (...)`.
pub fn list(left_out: &[LeftOut], study: &str) -> String {
    let key = |one: &LeftOut| (one.experiment.clone(), one.reason.clone());
    let groups = grouped(left_out.iter().map(|one| (key(one), one.seed.to_string())));
    let group = |((experiment, reason), seeds): &((String, String), Vec<String>)| {
        let of = if experiment == study {
            String::new()
        } else {
            format!("{experiment} ")
        };
        let word = if seeds.len() == 1 { "seed" } else { "seeds" };
        format!("{of}{word} {} ({reason})", seeds.join(" "))
    };
    groups.iter().map(group).collect::<Vec<_>>().join(", ")
}
