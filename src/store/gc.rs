//! Garbage collection.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Store;
use super::entry::StoreError;
use super::key::StageKey;
use super::lock::Lock;
use crate::io::{self, IoError, at};

/// Entry or checkpoint that is not referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Garbage {
    /// Path in the store.
    pub path: PathBuf,
    /// Size of all its files.
    pub bytes: u64,
}

/// Result of a cleaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Removed files, or those that would be removed.
    pub garbage: Vec<Garbage>,
    /// Number of entries that are not referred to, but that a running process uses.
    pub in_use: usize,
}

impl Store {
    /// Removes entries and checkpoints whose key is not in `keep` and that no running process
    /// uses. With `dry_run` it only lists them.
    ///
    /// # Errors
    /// If the store cannot be read or written to.
    pub fn clean(&self, keep: &BTreeSet<StageKey>, dry_run: bool) -> Result<Cleaned, StoreError> {
        let mut cleaned = Cleaned::default();
        if !io::is_dir(&self.root)? {
            return Ok(cleaned);
        }
        // A dry run takes no lock.
        let _gate = if dry_run {
            None
        } else {
            Some(self.open_running()?)
        };
        let used = self.used()?;
        let mut locks = Vec::new();
        for (key, path) in self.keyed()? {
            let is_lock = path.extension().is_some_and(|ending| ending == "lock");
            if keep.contains(&key) {
                if is_lock {
                    locks.push(path);
                }
                continue;
            }
            if used.contains(&key) {
                cleaned.in_use += 1;
            } else if is_lock {
                locks.push(path);
            } else {
                let bytes = size(&path)?;
                cleaned.garbage.push(Garbage { path, bytes });
            }
        }
        // Nothing is removed if anything could not be read.
        if !dry_run {
            for lock in &locks {
                // A lock that can be taken is stale, and is removed when dropped.
                drop(Lock::attempt(lock)?);
            }
            for garbage in &cleaned.garbage {
                io::remove(&garbage.path)?;
            }
        }
        Ok(cleaned)
    }

    /// Lists the paths in the store that belong to a key, with the key: entries, and their
    /// locks and checkpoints.
    fn keyed(&self) -> Result<Vec<(StageKey, PathBuf)>, IoError> {
        let mut found = Vec::new();
        let folders = io::entries(&self.root)?;
        for folder in folders.iter().filter(|entry| entry.path().is_dir()) {
            for entry in io::entries(&folder.path())? {
                let name = entry.file_name().to_string_lossy().into_owned();
                let name = name.trim_end_matches(".lock");
                let key = name.rsplit('-').next().and_then(StageKey::from_name);
                found.extend(key.map(|key| (key, entry.path())));
            }
        }
        Ok(found)
    }
}

/// Returns the size of a file, or of all files in a folder.
fn size(path: &Path) -> Result<u64, IoError> {
    let found = path.symlink_metadata().map_err(at("look at", path))?;
    if !found.is_dir() {
        return Ok(found.len());
    }
    let entries = io::entries(path)?;
    entries.iter().map(|entry| size(&entry.path())).sum()
}
