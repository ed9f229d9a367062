//! Runner: gets the result of each stage, from the store or by computing it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use super::context::Context;
use super::error::RunError;
use super::event::{Emit, Event};
use super::machine::made_by;
use super::stage::Stage;
use crate::digest::sha256;
use crate::model::{Device, guarded};
use crate::pace::{Pace, Reporter};
use crate::store::{CacheMiss, Entry, Outputs, Record, StageKey, StageLock, StoredEntry, stamp};

/// Work of a stage: how to compute its files, and how to read them.
///
/// The next stage only ever sees a decoded value, so that a computed result is
/// the same as a stored one.
///
/// `T` is the result as other stages use it.
pub trait Work<T> {
    /// Computes the files that the store keeps.
    ///
    /// # Errors
    /// If that fails, or the inputs cannot be loaded.
    fn compute(&self, computation: &Computation<'_>) -> Result<Outputs, RunError>;

    /// Reads the files; none if they are not what this version writes.
    fn decode(&self, outputs: &Outputs) -> Option<T>;
}

/// Computation of a stage, as its work sees it.
pub struct Computation<'a> {
    pub stage: &'a Stage,
    /// Lock of its entry in the store, which keeps checkpoints.
    pub lock: &'a StageLock,
    pub emit: Emit<'a>,
}

impl Computation<'_> {
    /// Runs something that reports its progress.
    pub fn paced<T>(&self, run: impl FnOnce(Pace<'_>) -> T) -> T {
        let stage = self.stage;
        let report = |reached| (self.emit)(Event::Progress { stage, reached });
        run(Reporter::new(&report).pace())
    }
}

/// Runner of the stages of one replicate or study.
pub struct Runner<'a> {
    context: &'a Context,
    /// Folder of the spec.
    folder: &'a Path,
    emit: Emit<'a>,
    /// False if a stage that is not in the store is an error.
    may_compute: bool,
    /// Device for the stages that use one.
    device: Option<Device>,
    /// Program, machine and checkout of the folder, with the device.
    made_on_device: OnceCell<Value>,
    /// Program, machine and checkout of the folder.
    made_on_processor: OnceCell<Value>,
    /// Digest of the result of each stage so far, by key.
    digests: BTreeMap<StageKey, String>,
    /// Record of each stage so far, in their order.
    records: Vec<(Stage, Record)>,
    computed: usize,
}

impl<'a> Runner<'a> {
    pub fn new(context: &'a Context, folder: &'a Path, emit: Emit<'a>) -> Self {
        Self {
            context,
            folder,
            emit,
            may_compute: context.may_write,
            device: None,
            made_on_device: OnceCell::new(),
            made_on_processor: OnceCell::new(),
            digests: BTreeMap::new(),
            records: Vec::new(),
            computed: 0,
        }
    }

    /// Computes stages that need a device on this one.
    #[must_use]
    pub fn on(self, device: &Device) -> Self {
        let device = Some(device.clone());
        Self { device, ..self }
    }

    /// Restricts it to the store: a stage that would be computed is an error.
    #[must_use]
    pub fn store_only(self) -> Self {
        let may_compute = false;
        Self {
            may_compute,
            ..self
        }
    }

    /// Adds digests of results that were read elsewhere.
    pub fn add_digests(&mut self, digests: impl IntoIterator<Item = (StageKey, String)>) {
        self.digests.extend(digests);
    }

    /// Returns the records of all stages, and how many of them were computed.
    pub fn finish(self) -> (Vec<(Stage, Record)>, usize) {
        (self.records, self.computed)
    }

    /// Finds a stage in the store, without decoding or computing anything. Its inputs must
    /// have been found before.
    ///
    /// # Errors
    /// With the reason if it would be computed.
    pub fn find(&mut self, stage: &Stage) -> Result<(), CacheMiss> {
        let found = self.entry(stage).find(&self.digests)?;
        let digest = found.record.digest();
        self.digests.insert(stage.key.clone(), digest);
        Ok(())
    }

    /// Returns the result of a stage from the store, or computes it. Its inputs must have
    /// been got before.
    ///
    /// # Errors
    /// If it cannot be computed, the store cannot be written to, or another process
    /// computes it and waiting is not wanted.
    pub fn get<T>(&mut self, stage: &Stage, work: &impl Work<T>) -> Result<T, RunError> {
        let entry = self.entry(stage);
        let (record, value) = match self.stored(&entry, work) {
            Ok(hit) => {
                if self.may_compute {
                    entry.tidy()?;
                } else if self.context.may_write {
                    // A store that cannot be written to needs no tidying.
                    let _ = entry.tidy();
                }
                hit
            }
            Err(_) if !self.may_compute => return Err(RunError::NotComputed(stage.label())),
            Err(_) => {
                let shared = &self.context.shared;
                shared.alone(&stage.key, || self.compute(stage, &entry, work))?
            }
        };
        self.digests.insert(stage.key.clone(), record.digest());
        self.records.push((stage.clone(), record));
        Ok(value)
    }

    fn entry(&self, stage: &Stage) -> Entry {
        self.context.store.entry(stage.kind.name(), &stage.key)
    }

    fn stored<T>(&self, entry: &Entry, work: &impl Work<T>) -> Result<(Record, T), CacheMiss> {
        let StoredEntry { record, outputs } = entry.find(&self.digests)?;
        match work.decode(&outputs) {
            Some(value) => Ok((record, value)),
            None => Err(entry.incompatible()),
        }
    }

    fn compute<T>(
        &mut self,
        stage: &Stage,
        entry: &Entry,
        work: &impl Work<T>,
    ) -> Result<(Record, T), RunError> {
        let emit = self.emit;
        let on_wait = |path: &Path, holder: &str| emit(Event::Waiting { path, holder });
        let lock = entry.lock(&self.context.locking(&on_wait))?;
        // Another process may have computed it while this one waited.
        match self.stored(entry, work) {
            Ok(hit) => return Ok(hit),
            Err(CacheMiss::Damaged { path, fault }) => emit(Event::Damaged { path: &path, fault }),
            Err(CacheMiss::New | CacheMiss::Outdated(_)) => {}
        }
        emit(Event::Computing(stage));
        let device = self.device.as_ref();
        let device = device.filter(|_| stage.kind.declaration().uses_device);
        // As it is now, not as somebody leaves it during a training.
        let made_by = self.made_by(device);
        let since = Instant::now();
        let computation = Computation {
            stage,
            lock: &lock,
            emit,
        };
        let outputs = match device {
            Some(device) => {
                guarded(device, || work.compute(&computation)).map_err(RunError::Device)??
            }
            None => work.compute(&computation)?,
        };
        let seconds = since.elapsed().as_secs_f64();
        let record = self.record(stage, &outputs, made_by, seconds);
        let StoredEntry { record, outputs } = lock.finish(record, outputs)?;
        self.computed += 1;
        emit(Event::Computed(stage));
        let value = work.decode(&outputs);
        let value = value.ok_or_else(|| RunError::Unreadable(stage.label()))?;
        Ok((record, value))
    }

    fn made_by(&self, device: Option<&Device>) -> Value {
        let known = match device {
            Some(_) => &self.made_on_device,
            None => &self.made_on_processor,
        };
        known.get_or_init(|| made_by(self.folder, device)).clone()
    }

    fn record(&self, stage: &Stage, outputs: &Outputs, made_by: Value, seconds: f64) -> Record {
        let digest = |(name, bytes): (&String, &Vec<u8>)| (name.clone(), sha256([&bytes[..]]));
        let input = |key: &StageKey| Some((key.clone(), self.digests.get(key)?.clone()));
        Record {
            material: stage.material.clone(),
            inputs: stage.inputs.iter().filter_map(input).collect(),
            outputs: outputs.iter().map(digest).collect(),
            made_by,
            made_at: stamp(),
            seconds,
        }
    }
}
