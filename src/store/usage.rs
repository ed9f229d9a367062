//! Which entries running processes use, so that nobody removes them.

use std::collections::BTreeSet;
use std::fs::{DirEntry, File};
use std::io::Write;
use std::path::PathBuf;

use super::Store;
use super::entry::StoreError;
use super::key::Key;
use super::lock::{Lock, Locking};
use crate::io::{self, at};

/// Whoever adds a usage or removes entries holds this for the moment it takes.
const GATE: &str = "gate.lock";

/// What the files of processes are called.
const PREFIX: &str = "process-";

/// The entries that this process uses, until it is dropped.
#[derive(Debug)]
pub struct Usage {
    store: Store,
    path: PathBuf,
    file: File,
}

impl Store {
    /// Begins to use entries: none so far.
    ///
    /// # Errors
    /// If the store cannot be written to.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let folder = self.running();
        io::create_dir_all(&folder)?;
        let _gate = self.gate()?;
        self.forget_dead()?;
        // A name that no other process has, be it one of the same number elsewhere.
        let file = tempfile::Builder::new().prefix(PREFIX).tempfile_in(&folder);
        let (file, path) = file
            .and_then(|file| Ok(file.keep()?))
            .map_err(at("create a file in", &folder))?;
        file.lock().map_err(at("lock", &path))?;
        let store = self.clone();
        Ok(Usage { store, path, file })
    }

    fn running(&self) -> PathBuf {
        self.root.join("running")
    }

    pub(super) fn gate(&self) -> Result<Lock, StoreError> {
        let path = self.root.join(GATE);
        io::create_dir_all(&self.root)?;
        Ok(Lock::acquire(&path, &Locking::WAIT)?)
    }

    /// The keys that living processes use.
    pub(super) fn used(&self) -> Result<BTreeSet<Key>, StoreError> {
        self.forget_dead()?;
        let mut keys = BTreeSet::new();
        for path in self.usages()? {
            match io::read_to_string(&path) {
                Ok(text) => keys.extend(text.lines().filter_map(Key::from_name)),
                // Its process ended in the meantime.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(keys)
    }

    /// Removes what processes left that were killed.
    fn forget_dead(&self) -> Result<(), StoreError> {
        for path in self.usages()? {
            let file = match io::open(&path) {
                Err(error) if error.is_not_found() => continue,
                file => file?,
            };
            // The lock of a living process cannot be had.
            if file.try_lock().is_ok() {
                io::remove(&path)?;
            }
        }
        Ok(())
    }

    /// The files of processes, and nothing else that somebody may have put here.
    fn usages(&self) -> Result<Vec<PathBuf>, StoreError> {
        let ours = |entry: &DirEntry| {
            let plain = entry.file_type().is_ok_and(|kind| kind.is_file());
            plain && entry.file_name().to_string_lossy().starts_with(PREFIX)
        };
        let entries = io::entries(&self.running())?;
        Ok(entries
            .iter()
            .filter(|entry| ours(entry))
            .map(DirEntry::path)
            .collect())
    }
}

impl Usage {
    /// Keeps these entries from being removed as long as this lives.
    ///
    /// # Errors
    /// If the store cannot be written to.
    pub fn add<'a>(&mut self, keys: impl IntoIterator<Item = &'a Key>) -> Result<(), StoreError> {
        let lines: Vec<&str> = keys
            .into_iter()
            .flat_map(|key| [key.as_str(), "\n"])
            .collect();
        let _gate = self.store.gate()?;
        let written = self.file.write_all(lines.concat().as_bytes());
        written.map_err(at("write", &self.path))?;
        Ok(())
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
