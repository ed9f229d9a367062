//! The store: what stages gave, kept under the hash of all that can change it.
//!
//! `ROOT/STAGE/KEY/` holds the outputs of a stage and, written last, a record
//! of their SHA-256. `ROOT/making/` holds what exists only while something is
//! made: locks and checkpoints. `ROOT/running/` tells which processes use what.
//! Nothing found here is believed: every output is held against its record,
//! every record and checkpoint against its own seal.

mod claim;
mod entry;
mod gc;
mod key;
mod lock;
mod manifest;
mod published;
mod seal;
mod usage;

use std::path::PathBuf;

pub use claim::{Claim, Owners};
pub use entry::{Absence, Entry, Found, Making, Outputs, Record, StoreError};
pub use gc::{Cleaned, Garbage};
pub use key::Key;
pub use lock::{Lock, LockError, Locking, stamp};
pub use manifest::{
    LeftOut, MANIFEST, Manifest, ManifestError, StageEntry, StudyManifest, place, recorded, seed_of,
};
pub use published::{Fault, Published, PublishedError};
pub use usage::Usage;

/// A store in a folder, which need not exist yet.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store in this folder. Nothing is read or made yet.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The entry of this stage under this key, be it there or not.
    #[must_use]
    pub fn entry(&self, stage: &'static str, key: &Key) -> Entry {
        Entry::new(&self.root, stage, key)
    }
}
