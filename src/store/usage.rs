//! Usage: entries that running processes use, which are not removed.

use std::collections::BTreeSet;
use std::fs::{DirEntry, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::Store;
use super::entry::StoreError;
use super::key::StageKey;
use super::lock::{Lock, Locking};
use crate::io::{self, at};

/// Lock of every process that adds a usage or removes entries, while it does.
const GATE: &str = "gate.lock";

/// Kinds of files of running processes, which hold locks on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProcessFile {
    /// Store entries that a process uses.
    Usage,
    /// Results folders that a process writes to.
    Claims,
}

impl ProcessFile {
    const ALL: [Self; 2] = [Self::Usage, Self::Claims];

    /// Prefix of their names.
    fn prefix(self) -> &'static str {
        match self {
            Self::Usage => "process-",
            Self::Claims => "claims-",
        }
    }
}

/// Entries that this process uses, until it is dropped.
#[derive(Debug)]
pub struct Usage {
    store: Store,
    path: PathBuf,
    file: File,
}

impl Store {
    /// Starts a usage without entries.
    ///
    /// # Errors
    /// If the store cannot be written to.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let _gate = self.open_running()?;
        let (file, path) = self.of_this_process(ProcessFile::Usage)?;
        let store = self.clone();
        Ok(Usage { store, path, file })
    }

    /// Creates the folder for files of processes and removes those of dead ones; returns
    /// the gate, which keeps others from changing it.
    pub(super) fn open_running(&self) -> Result<Lock, StoreError> {
        io::create_dir_all(&self.running())?;
        let gate = self.gate()?;
        self.forget_dead()?;
        Ok(gate)
    }

    /// Creates and locks a file of this process.
    pub(super) fn of_this_process(&self, kind: ProcessFile) -> Result<(File, PathBuf), StoreError> {
        let folder = self.running();
        // A name that no other process has, not even one of the same number on another host.
        let file = tempfile::Builder::new()
            .prefix(kind.prefix())
            .tempfile_in(&folder);
        let (file, path) = file
            .and_then(|file| Ok(file.keep()?))
            .map_err(at("create a file in", &folder))?;
        file.lock().map_err(at("lock", &path))?;
        Ok((file, path))
    }

    /// Removes files of killed processes, if the store is writable.
    pub fn tidy(&self) {
        let is_left = |path: &PathBuf| !is_held(path);
        let files = ProcessFile::ALL.map(|kind| self.files(kind).unwrap_or_default());
        if files.iter().flatten().any(is_left) || self.root.join(GATE).exists() {
            let _ = self.gate().and_then(|_gate| self.forget_dead());
        }
    }

    fn running(&self) -> PathBuf {
        self.root.join("running")
    }

    pub(super) fn gate(&self) -> Result<Lock, StoreError> {
        let path = self.root.join(GATE);
        io::create_dir_all(&self.root)?;
        Ok(Lock::acquire(&path, &Locking::WAIT)?)
    }

    /// Returns the keys that running processes use.
    pub(super) fn used(&self) -> Result<BTreeSet<StageKey>, StoreError> {
        let mut keys = BTreeSet::new();
        for path in self.files(ProcessFile::Usage)? {
            match io::read_to_string(&path) {
                Ok(text) if is_held(&path) => {
                    keys.extend(text.lines().filter_map(StageKey::from_name));
                }
                Ok(_) => {}
                // Its process ended in the meantime.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(keys)
    }

    /// Removes the files of killed processes.
    fn forget_dead(&self) -> Result<(), StoreError> {
        let files = ProcessFile::ALL.map(|kind| self.files(kind));
        for path in files.into_iter().collect::<Result<Vec<_>, _>>()?.concat() {
            let file = match io::open(&path) {
                Err(error) if error.is_not_found() => continue,
                file => file?,
            };
            // The lock of a running process cannot be taken.
            if file.try_lock().is_ok() {
                io::remove(&path)?;
            }
        }
        Ok(())
    }

    /// Lists the files of processes, and no other files of the folder.
    pub(super) fn files(&self, kind: ProcessFile) -> Result<Vec<PathBuf>, StoreError> {
        let is_of_kind = |entry: &DirEntry| {
            let plain = entry.file_type().is_ok_and(|kind| kind.is_file());
            plain
                && entry
                    .file_name()
                    .to_string_lossy()
                    .starts_with(kind.prefix())
        };
        let entries = match io::entries(&self.running()) {
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            entries => entries?,
        };
        Ok(entries
            .iter()
            .filter(|entry| is_of_kind(entry))
            .map(DirEntry::path)
            .collect())
    }
}

/// True if the process of this file is running: it holds a lock.
pub(super) fn is_held(path: &Path) -> bool {
    let file = io::open(path);
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

impl Usage {
    /// Keeps these entries from being removed until this is dropped.
    ///
    /// # Errors
    /// If the store cannot be written to.
    pub fn add<'a>(
        &mut self,
        keys: impl IntoIterator<Item = &'a StageKey>,
    ) -> Result<(), StoreError> {
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
