//! Entry: the outputs of a stage, with a record of their digests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::envelope::{enclose, opened};
use super::key::StageKey;
use super::lock::{Lock, LockError, Locking};
use crate::digest::sha256;
use crate::io::{self, IoError};

/// File that is written last.
const RECORD: &str = "record";

/// Fault of a file that is undamaged, but that this program cannot use.
const INCOMPATIBLE: &str = "incompatible with this version or machine";

/// Content of each file of an entry or of a results folder, by path within it.
pub type Outputs = BTreeMap<String, Vec<u8>>;

/// Record of an entry: where its outputs come from, and their digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Everything that decides the outputs; the key is its hash.
    pub material: Value,
    /// Digest of each input, by key.
    pub inputs: BTreeMap<StageKey, String>,
    /// SHA-256 of each output, by name.
    pub outputs: BTreeMap<String, String>,
    /// Program and machine that computed it.
    pub made_by: Value,
    /// Time of the end of the computation.
    pub made_at: String,
    /// Duration of the computation.
    pub seconds: f64,
}

impl Record {
    /// Returns one digest of all outputs, which stages that use them record.
    pub fn digest(&self) -> String {
        let pieces = self.outputs.iter();
        sha256(pieces.flat_map(|(name, digest)| [name.as_bytes(), b"\0", digest.as_bytes()]))
    }
}

/// Entry without any fault.
#[derive(Debug, Clone)]
pub struct StoredEntry {
    /// Record of the entry.
    pub record: Record,
    /// Content of the files.
    pub outputs: Outputs,
}

/// Reason that an entry cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheMiss {
    /// No computation has finished here.
    New,
    /// A file is missing, modified or unexpected.
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// Fault, to follow the word `is`.
        fault: &'static str,
    },
    /// An input has changed since.
    Outdated(StageKey),
}

/// Failure to read or write the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process computes the entry.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store cannot be written to.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A record does not fit into JSON.
    #[error("a record of the store cannot be written")]
    Record(#[from] serde_json::Error),
}

/// Place of an entry, which need not exist.
#[derive(Debug, Clone)]
pub struct Entry {
    key: StageKey,
    folder: PathBuf,
    /// Folder of the checkpoint, which exists only during the computation. The lock is
    /// beside it.
    unfinished: PathBuf,
}

impl Entry {
    pub(super) fn new(root: &Path, stage: &str, key: &StageKey) -> Self {
        Self {
            key: key.clone(),
            folder: root.join(stage).join(key.as_str()),
            unfinished: root.join("making").join(format!("{stage}-{key}")),
        }
    }

    /// Reads the record.
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub fn record(&self) -> Result<Record, CacheMiss> {
        let path = self.folder.join(RECORD);
        let damaged = |fault| {
            Err(CacheMiss::Damaged {
                path: path.clone(),
                fault,
            })
        };
        let envelope = match io::read(&path) {
            Ok(envelope) => envelope,
            Err(error) if error.is_not_found() && self.is_empty() => return Err(CacheMiss::New),
            Err(error) if error.is_not_found() => return damaged("missing"),
            Err(_) => return damaged("not readable"),
        };
        match opened(&envelope).map(serde_json::from_slice::<Record>) {
            Some(Ok(record)) if StageKey::of(&record.material) == self.key => Ok(record),
            Some(Ok(_)) => damaged("that of another entry"),
            Some(Err(_)) | None => damaged("modified"),
        }
    }

    /// True if there is no folder, or an empty one.
    fn is_empty(&self) -> bool {
        match self.folder.symlink_metadata() {
            Err(_) => true,
            Ok(_) => {
                std::fs::read_dir(&self.folder).is_ok_and(|mut inside| inside.next().is_none())
            }
        }
    }

    /// Reads the outputs, and checks each against the record, and the record against the
    /// digests of the inputs as they are now. An input that is not in `inputs` counts as
    /// unchanged.
    ///
    /// # Errors
    /// If anything is missing, modified, unexpected or outdated.
    pub fn find(&self, inputs: &BTreeMap<StageKey, String>) -> Result<StoredEntry, CacheMiss> {
        let record = self.record()?;
        let mut outputs = Outputs::new();
        for (name, digest) in &record.outputs {
            let path = self.folder.join(name);
            let fault = match io::read(&path) {
                Ok(bytes) if sha256([&bytes[..]]) == *digest => {
                    outputs.insert(name.clone(), bytes);
                    continue;
                }
                Ok(_) => "modified",
                Err(error) if error.is_not_found() => "missing",
                Err(_) => "not readable",
            };
            return Err(CacheMiss::Damaged { path, fault });
        }
        if let Some(path) = self.unexpected(&record) {
            let fault = "unexpected";
            return Err(CacheMiss::Damaged { path, fault });
        }
        let changed = |(key, digest): &(&StageKey, &String)| {
            inputs.get(key).is_some_and(|now| now != *digest)
        };
        match record.inputs.iter().find(changed) {
            Some((key, _)) => Err(CacheMiss::Outdated(key.clone())),
            None => Ok(StoredEntry { record, outputs }),
        }
    }

    /// Describes an undamaged entry that this program cannot decode.
    pub fn incompatible(&self) -> CacheMiss {
        CacheMiss::Damaged {
            path: self.folder.join(RECORD),
            fault: INCOMPATIBLE,
        }
    }

    /// Finds a file that the record does not list, except hidden ones, which systems leave.
    fn unexpected(&self, record: &Record) -> Option<PathBuf> {
        let is_listed = |name: &str| {
            name == RECORD || name.starts_with('.') || record.outputs.contains_key(name)
        };
        let entries = io::entries(&self.folder).unwrap_or_default();
        let mut entries = entries.iter();
        let found = entries.find(|entry| !is_listed(&entry.file_name().to_string_lossy()));
        found.map(std::fs::DirEntry::path)
    }

    /// Locks the entry, to compute it.
    ///
    /// # Errors
    /// If another process computes it and waiting is not wanted, or the store cannot be
    /// written to.
    pub fn lock(&self, locking: &Locking<'_>) -> Result<StageLock, StoreError> {
        io::create_parent(&self.unfinished)?;
        Ok(StageLock {
            entry: self.clone(),
            _lock: Lock::acquire(&self.lock_path(), locking)?,
        })
    }

    /// Removes the leftovers of a process that was killed after it had written the record
    /// and before it had tidied up.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn tidy(&self) -> Result<(), IoError> {
        let lock = self.lock_path();
        if (self.unfinished.exists() || lock.exists())
            && let Some(_lock) = Lock::attempt(&lock)?
        {
            io::remove(&self.unfinished)?;
        }
        Ok(())
    }

    fn lock_path(&self) -> PathBuf {
        self.unfinished.with_extension("lock")
    }
}

/// Exclusive right to compute an entry.
#[derive(Debug)]
pub struct StageLock {
    entry: Entry,
    _lock: Lock,
}

impl StageLock {
    /// Returns the path of the state of an unfinished computation.
    fn checkpoint_path(&self) -> PathBuf {
        self.entry.unfinished.join("checkpoint")
    }

    /// Reads the checkpoint of an earlier attempt; none if there is none.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn checkpoint(&self) -> Result<Option<Vec<u8>>, CacheMiss> {
        let (path, key) = (self.checkpoint_path(), self.entry.key.as_str().as_bytes());
        let fault = match io::read(&path) {
            Ok(envelope) => {
                match opened(&envelope).and_then(|bytes| bytes.split_at_checked(key.len())) {
                    Some((of, bytes)) if of == key => return Ok(Some(bytes.to_owned())),
                    Some(_) => "that of another entry",
                    None => "modified",
                }
            }
            Err(error) if error.is_not_found() => return Ok(None),
            Err(_) => "not readable",
        };
        Err(CacheMiss::Damaged { path, fault })
    }

    /// Describes an undamaged checkpoint that this program cannot resume.
    pub fn incompatible(&self) -> CacheMiss {
        CacheMiss::Damaged {
            path: self.checkpoint_path(),
            fault: INCOMPATIBLE,
        }
    }

    /// Saves a checkpoint.
    ///
    /// # Errors
    /// If it cannot be written; the one before is then untouched.
    pub fn save_checkpoint(&self, bytes: &[u8]) -> Result<(), IoError> {
        let path = self.checkpoint_path();
        // A file in place of the folder, or the reverse, would block it.
        if !self.entry.unfinished.is_dir() || path.is_dir() {
            io::remove(&self.entry.unfinished)?;
            io::create_dir_all(&self.entry.unfinished)?;
        }
        let key = self.entry.key.as_str().as_bytes();
        io::write_atomic(&path, &enclose(&[key, bytes].concat()))
    }

    /// Writes the outputs and, last, the record, in place of those before.
    ///
    /// # Errors
    /// If something cannot be written; there is then no entry.
    pub fn finish(self, record: Record, outputs: Outputs) -> Result<StoredEntry, StoreError> {
        let folder = &self.entry.folder;
        io::remove(folder)?;
        io::create_dir_all(folder)?;
        for (name, bytes) in &outputs {
            io::write_atomic(&folder.join(name), bytes)?;
        }
        let json = serde_json::to_vec_pretty(&record)?;
        io::write_atomic(&folder.join(RECORD), &enclose(&json))?;
        // The entry must be on disk before the checkpoint goes.
        io::sync_dir(folder)?;
        folder.parent().map_or(Ok(()), io::sync_dir)?;
        io::remove(&self.entry.unfinished)?;
        Ok(StoredEntry { record, outputs })
    }
}

#[cfg(test)]
mod tests;
