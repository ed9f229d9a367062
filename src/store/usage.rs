//! Which entries running processes use, so that nobody removes them.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::Store;
use super::entry::StoreError;
use super::key::Key;
use super::lock::{Lock, Locking, stamp};
use crate::io::{self, at};

/// Whoever adds a usage or removes entries holds this for the moment it takes.
const GATE: &str = "gate.lock";

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
        self.used()?;
        let name = format!("{}-{}", std::process::id(), stamp().replace(':', ""));
        let path = folder.join(name);
        let file = io::open_or_create(&path)?;
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
        let locking = Locking {
            wait: true,
            on_wait: &|_, _| {},
        };
        Ok(Lock::acquire(&path, &locking)?)
    }

    /// The keys that living processes use; what dead ones left is removed.
    pub(super) fn used(&self) -> Result<BTreeSet<Key>, StoreError> {
        let mut keys = BTreeSet::new();
        for entry in io::entries(&self.running())? {
            let path = entry.path();
            if is_dead(&path).unwrap_or(false) {
                io::remove(&path)?;
            } else {
                let text = io::read_to_string(&path).unwrap_or_default();
                keys.extend(text.lines().filter_map(Key::from_name));
            }
        }
        Ok(keys)
    }
}

/// True if the process that made this file is gone, and its lock with it.
fn is_dead(path: &Path) -> std::io::Result<bool> {
    match File::open(path)?.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
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
