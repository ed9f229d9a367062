//! Getting what a stage gives: from the store, or by making it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use super::context::Context;
use super::error::RunError;
use super::event::Event;
use super::machine::made_by;
use super::stage::Stage;
use crate::digest::sha256;
use crate::model::{Device, guarded};
use crate::store::{Absence, Entry, Found, Key, Making, Outputs, Record, stamp};

/// Where the stages of one replicate are got.
pub struct Workbench<'a> {
    context: &'a Context,
    /// The folder of the spec.
    folder: &'a Path,
    tell: &'a dyn Fn(Event<'_>),
    /// False if a stage that is not in the store is an error.
    may_make: bool,
    /// What stages compute on that use a device.
    device: Option<Device>,
    /// The program, the machine and the checkout of the folder; with the device, and
    /// without it.
    made_by: [OnceCell<Value>; 2],
    /// What each stage got so far gave, by its key.
    digests: BTreeMap<Key, String>,
    /// What vouches for each stage got so far, in their order.
    records: Vec<(Stage, Record)>,
    made: usize,
}

impl<'a> Workbench<'a> {
    pub fn new(context: &'a Context, folder: &'a Path, tell: &'a dyn Fn(Event<'_>)) -> Self {
        Self {
            context,
            folder,
            tell,
            may_make: context.may_write,
            device: None,
            made_by: [const { OnceCell::new() }; 2],
            digests: BTreeMap::new(),
            records: Vec::new(),
            made: 0,
        }
    }

    /// Makes stages that need a device on this one.
    #[must_use]
    pub fn on(self, device: &Device) -> Self {
        let device = Some(device.clone());
        Self { device, ..self }
    }

    /// Restricts it to stages that are in the store.
    #[must_use]
    pub fn only_looking(self) -> Self {
        let may_make = false;
        Self { may_make, ..self }
    }

    /// Adds digests of stages that were read elsewhere.
    pub fn know(&mut self, digests: impl IntoIterator<Item = (Key, String)>) {
        self.digests.extend(digests);
    }

    /// What vouches for all stages, and how many of them had to be made.
    pub fn finish(self) -> (Vec<(Stage, Record)>, usize) {
        (self.records, self.made)
    }

    /// What a stage gives, as `decode` understands its outputs; `make` makes
    /// them if the store does not have them. The inputs must have been got before.
    ///
    /// # Errors
    /// If it cannot be made, the store cannot be written to, or another process
    /// makes it and waiting is not wanted.
    pub fn get<T>(
        &mut self,
        stage: &Stage,
        decode: impl Fn(&Outputs) -> Option<T>,
        make: impl FnOnce(&Making) -> Result<Outputs, RunError>,
    ) -> Result<T, RunError> {
        let entry = self.context.store.entry(stage.kind.name(), &stage.key);
        let (record, value) = match self.look(&entry, &decode) {
            Ok(hit) => {
                if self.may_make {
                    entry.tidy()?;
                } else if self.context.may_write {
                    // Where nothing may be written there is nothing to tidy.
                    let _ = entry.tidy();
                }
                hit
            }
            Err(_) if !self.may_make => return Err(RunError::NotMade(stage.label())),
            Err(_) => {
                let shared = &self.context.shared;
                shared.alone(&stage.key, || self.make(stage, &entry, decode, make))?
            }
        };
        self.digests.insert(stage.key.clone(), record.digest());
        self.records.push((stage.clone(), record));
        Ok(value)
    }

    fn look<T>(
        &self,
        entry: &Entry,
        decode: impl Fn(&Outputs) -> Option<T>,
    ) -> Result<(Record, T), Absence> {
        let found = entry.find(&self.digests)?;
        match decode(&found.outputs) {
            Some(value) => Ok((found.record, value)),
            None => Err(entry.unfit()),
        }
    }

    fn make<T>(
        &mut self,
        stage: &Stage,
        entry: &Entry,
        decode: impl Fn(&Outputs) -> Option<T>,
        make: impl FnOnce(&Making) -> Result<Outputs, RunError>,
    ) -> Result<(Record, T), RunError> {
        let tell = self.tell;
        let on_wait = |path: &Path, holder: &str| {
            tell(Event::Waiting { path, holder });
        };
        let making = entry.make(&self.context.locking(&on_wait))?;
        // Another process may have made it while this one waited.
        match self.look(entry, &decode) {
            Ok(hit) => return Ok(hit),
            Err(Absence::Damaged { path, fault }) => tell(Event::Damaged { path: &path, fault }),
            Err(Absence::New | Absence::Outdated(_)) => {}
        }
        tell(Event::Making(stage));
        // As it is now, not as somebody leaves it while a network is trained.
        let device = self.device.as_ref().filter(|_| stage.kind.uses_device());
        let made_by = self.made_by[usize::from(device.is_none())]
            .get_or_init(|| made_by(self.folder, device))
            .clone();
        let since = Instant::now();
        let outputs = match device {
            Some(device) => guarded(device, || make(&making)).map_err(RunError::Device)??,
            None => make(&making)?,
        };
        let digests = outputs
            .iter()
            .map(|(name, bytes)| (name.clone(), sha256([&bytes[..]])));
        let input = |key: &Key| Some((key.clone(), self.digests.get(key)?.clone()));
        let record = Record {
            material: stage.material.clone(),
            inputs: stage.inputs.iter().filter_map(input).collect(),
            outputs: digests.collect(),
            made_by,
            made_at: stamp(),
            seconds: since.elapsed().as_secs_f64(),
        };
        let Found { record, outputs } = making.finish(record, outputs)?;
        self.made += 1;
        tell(Event::Made(stage));
        let value = decode(&outputs).ok_or_else(|| RunError::Unreadable(stage.label()))?;
        Ok((record, value))
    }
}
