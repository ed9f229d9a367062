//! Removing what nobody needs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Store;
use super::entry::StoreError;
use super::key::Key;
use super::lock::Lock;
use crate::io::{self, IoError, at};

/// Something that nobody needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Garbage {
    /// Where it lies.
    pub path: PathBuf,
    /// How large it is, all files together.
    pub bytes: u64,
}

/// What a store holds that nobody needs, and how much a process still uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// What was removed, or would be.
    pub garbage: Vec<Garbage>,
    /// Entries that nobody refers to but a running process uses.
    pub in_use: usize,
}

impl Store {
    /// Removes entries, and checkpoints of entries, whose key is not in `keep`
    /// and that no running process uses. With `dry_run` it only tells.
    ///
    /// # Errors
    /// If the store cannot be read or written to.
    pub fn clean(&self, keep: &BTreeSet<Key>, dry_run: bool) -> Result<Cleaned, StoreError> {
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
        // Only now, as nothing goes while something cannot be read.
        if !dry_run {
            for lock in &locks {
                // Nobody's, if it can be had; it goes when it is let go.
                drop(Lock::attempt(lock)?);
            }
            for garbage in &cleaned.garbage {
                io::remove(&garbage.path)?;
            }
        }
        Ok(cleaned)
    }

    /// Every path in the store that belongs to a key, with the key: entries,
    /// and what exists only while they are made.
    fn keyed(&self) -> Result<Vec<(Key, PathBuf)>, IoError> {
        let mut found = Vec::new();
        let folders = io::entries(&self.root)?;
        for folder in folders.iter().filter(|entry| entry.path().is_dir()) {
            for entry in io::entries(&folder.path())? {
                let name = entry.file_name().to_string_lossy().into_owned();
                let name = name.trim_end_matches(".lock");
                let key = name.rsplit('-').next().and_then(Key::from_name);
                found.extend(key.map(|key| (key, entry.path())));
            }
        }
        Ok(found)
    }
}

/// The bytes of a file, or of all files in a folder.
fn size(path: &Path) -> Result<u64, IoError> {
    let found = path.symlink_metadata().map_err(at("look at", path))?;
    if !found.is_dir() {
        return Ok(found.len());
    }
    let entries = io::entries(path)?;
    entries.iter().map(|entry| size(&entry.path())).sum()
}
