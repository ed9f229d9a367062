//! One entry: the outputs of a stage, with the record that vouches for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::key::Key;
use super::lock::{Lock, LockError, Locking};
use super::seal::{seal, unseal};
use crate::digest::sha256;
use crate::io::{self, IoError};

/// The file that is written last.
const RECORD: &str = "record";

/// What is wrong with a file that is as it was written, and yet of no use.
const UNFIT: &str = "of no use to this version on this machine";

/// The content of each file of an entry, by name.
pub type Outputs = BTreeMap<String, Vec<u8>>;

/// What vouches for an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// All that decides what the outputs are; the key is its hash.
    pub material: Value,
    /// What it was made from: the digest of each input, by key.
    pub inputs: BTreeMap<Key, String>,
    /// SHA-256 of each output, by name.
    pub outputs: BTreeMap<String, String>,
    /// By what program, on what machine.
    pub made_by: Value,
    /// When it was done.
    pub made_at: String,
    /// How long it took.
    pub seconds: f64,
}

impl Record {
    /// One digest of all outputs, by which consumers know what they consumed.
    #[must_use]
    pub fn digest(&self) -> String {
        let pieces = self.outputs.iter();
        sha256(pieces.flat_map(|(name, digest)| [name.as_bytes(), b"\0", digest.as_bytes()]))
    }
}

/// An entry that is there and whole.
#[derive(Debug, Clone)]
pub struct Found {
    /// What vouches for it.
    pub record: Record,
    /// What it holds.
    pub outputs: Outputs,
}

/// Why an entry is no hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// Nothing was ever finished here.
    New,
    /// Something is wrong with this file: gone, altered, or none of ours.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// It was made from another state of this input.
    Outdated(Key),
}

/// An entry that cannot be had or made.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process is making it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store cannot be written to.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A record does not fit into JSON.
    #[error("a record of the store cannot be written")]
    Record(#[from] serde_json::Error),
}

/// The place of an entry.
#[derive(Debug, Clone)]
pub struct Entry {
    key: Key,
    folder: PathBuf,
    /// What exists only while it is made: the checkpoint. The lock lies beside it.
    making: PathBuf,
}

impl Entry {
    pub(super) fn new(root: &Path, stage: &str, key: &Key) -> Self {
        Self {
            key: key.clone(),
            folder: root.join(stage).join(key.as_str()),
            making: root.join("making").join(format!("{stage}-{key}")),
        }
    }

    /// The record, if it is there and whole.
    ///
    /// # Errors
    /// If it is not.
    pub fn record(&self) -> Result<Record, Absence> {
        let path = self.folder.join(RECORD);
        let damaged = |fault| {
            Err(Absence::Damaged {
                path: path.clone(),
                fault,
            })
        };
        let sealed = match io::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.is_not_found() && self.is_empty() => return Err(Absence::New),
            Err(error) if error.is_not_found() => return damaged("missing"),
            Err(_) => return damaged("not readable"),
        };
        match unseal(&sealed).map(serde_json::from_slice::<Record>) {
            Some(Ok(record)) if Key::of(&record.material) == self.key => Ok(record),
            Some(Ok(_)) => damaged("that of another entry"),
            _ => damaged("altered"),
        }
    }

    /// True if nothing is there, or an empty folder.
    fn is_empty(&self) -> bool {
        match self.folder.symlink_metadata() {
            Err(_) => true,
            Ok(_) => {
                std::fs::read_dir(&self.folder).is_ok_and(|mut inside| inside.next().is_none())
            }
        }
    }

    /// The outputs, each held against the record, and the record against the
    /// inputs as they are now. An input that is not among `inputs` is taken to
    /// be what it was.
    ///
    /// # Errors
    /// If anything is missing, altered, outdated, or none of ours.
    pub fn find(&self, inputs: &BTreeMap<Key, String>) -> Result<Found, Absence> {
        let record = self.record()?;
        let mut outputs = Outputs::new();
        for (name, digest) in &record.outputs {
            let path = self.folder.join(name);
            let fault = match io::read(&path) {
                Ok(bytes) if sha256([&bytes[..]]) == *digest => {
                    outputs.insert(name.clone(), bytes);
                    continue;
                }
                Ok(_) => "altered",
                Err(error) if error.is_not_found() => "missing",
                Err(_) => "not readable",
            };
            return Err(Absence::Damaged { path, fault });
        }
        if let Some(path) = self.alien(&record) {
            let fault = "none of the store's";
            return Err(Absence::Damaged { path, fault });
        }
        let changed =
            |(key, digest): &(&Key, &String)| inputs.get(key).is_some_and(|now| now != *digest);
        match record.inputs.iter().find(changed) {
            Some((key, _)) => Err(Absence::Outdated(key.clone())),
            None => Ok(Found { record, outputs }),
        }
    }

    /// What to say of an entry that is whole but holds something unexpected.
    #[must_use]
    pub fn unfit(&self) -> Absence {
        Absence::Damaged {
            path: self.folder.join(RECORD),
            fault: UNFIT,
        }
    }

    /// A file that no record knows; hidden ones, which systems leave, aside.
    fn alien(&self, record: &Record) -> Option<PathBuf> {
        let ours = |name: &str| {
            name == RECORD || name.starts_with('.') || record.outputs.contains_key(name)
        };
        let entries = io::entries(&self.folder).unwrap_or_default();
        let alien = entries
            .iter()
            .find(|e| !ours(&e.file_name().to_string_lossy()));
        alien.map(std::fs::DirEntry::path)
    }

    /// Becomes the one who makes this entry.
    ///
    /// # Errors
    /// If another process is and waiting is not wanted, or the store cannot be
    /// written to.
    pub fn make(&self, locking: &Locking<'_>) -> Result<Making, StoreError> {
        io::create_parent(&self.making)?;
        Ok(Making {
            entry: self.clone(),
            _lock: Lock::acquire(&self.lock_path(), locking)?,
        })
    }

    /// Removes what a process left that was killed after it had recorded the
    /// entry and before it had tidied up.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn tidy(&self) -> Result<(), IoError> {
        let lock = self.lock_path();
        if (self.making.exists() || lock.exists())
            && let Some(_lock) = Lock::attempt(&lock)?
        {
            io::remove(&self.making)?;
        }
        Ok(())
    }

    fn lock_path(&self) -> PathBuf {
        self.making.with_extension("lock")
    }
}

/// The right to make an entry; nobody else has it at the same time.
#[derive(Debug)]
pub struct Making {
    entry: Entry,
    _lock: Lock,
}

impl Making {
    /// The file in which an unfinished stage keeps how far it got.
    fn checkpoint_path(&self) -> PathBuf {
        self.entry.making.join("checkpoint")
    }

    /// How far the last attempt got; nothing if there is no checkpoint.
    ///
    /// # Errors
    /// If there is one that is damaged.
    pub fn checkpoint(&self) -> Result<Option<Vec<u8>>, Absence> {
        let (path, key) = (self.checkpoint_path(), self.entry.key.as_str().as_bytes());
        let fault = match io::read(&path) {
            Ok(sealed) => match unseal(&sealed).and_then(|bytes| bytes.split_at_checked(key.len()))
            {
                Some((of, bytes)) if of == key => return Ok(Some(bytes.to_owned())),
                Some(_) => "that of another entry",
                None => "altered",
            },
            Err(error) if error.is_not_found() => return Ok(None),
            Err(_) => "not readable",
        };
        Err(Absence::Damaged { path, fault })
    }

    /// What to say of a checkpoint that is whole but of something else.
    #[must_use]
    pub fn unfit(&self) -> Absence {
        Absence::Damaged {
            path: self.checkpoint_path(),
            fault: UNFIT,
        }
    }

    /// Keeps how far the stage got.
    ///
    /// # Errors
    /// If it cannot be written; the checkpoint before is then untouched.
    pub fn save_checkpoint(&self, bytes: &[u8]) -> Result<(), IoError> {
        let path = self.checkpoint_path();
        // What is not what it should be would stay in the way.
        if !self.entry.making.is_dir() || path.is_dir() {
            io::remove(&self.entry.making)?;
            io::create_dir_all(&self.entry.making)?;
        }
        let key = self.entry.key.as_str().as_bytes();
        io::write_atomic(&path, &seal(&[key, bytes].concat()))
    }

    /// Writes the outputs and, last, the record. What was there is removed.
    ///
    /// # Errors
    /// If something cannot be written; there is then no entry.
    pub fn finish(self, record: Record, outputs: Outputs) -> Result<Found, StoreError> {
        let folder = &self.entry.folder;
        io::remove(folder)?;
        io::create_dir_all(folder)?;
        for (name, bytes) in &outputs {
            io::write_atomic(&folder.join(name), bytes)?;
        }
        let json = serde_json::to_vec_pretty(&record)?;
        io::write_atomic(&folder.join(RECORD), &seal(&json))?;
        // Before the checkpoint goes, the entry must be there to stay.
        io::sync_dir(folder)?;
        folder.parent().map_or(Ok(()), io::sync_dir)?;
        io::remove(&self.entry.making)?;
        Ok(Found { record, outputs })
    }
}

#[cfg(test)]
mod tests;
