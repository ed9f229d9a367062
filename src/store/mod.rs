//! Store: results of stages, named by the hash of everything that can change them.
//!
//! `ROOT/STAGE/KEY/` has the outputs of a stage and, written last, a record with their
//! SHA-256. `ROOT/making/` has the locks and checkpoints of running computations, and
//! `ROOT/running/` lists the entries that each process uses. Nothing is trusted: every
//! output is checked against its record, every record and checkpoint against its own
//! checksum.

mod claim;
mod entry;
mod envelope;
mod gc;
mod key;
mod lock;
mod manifest;
mod published;
mod result_file;
mod usage;

use std::path::PathBuf;

pub use claim::{FolderClaim, Owners};
pub use entry::{CacheMiss, Entry, Outputs, Record, StageLock, StoreError, StoredEntry};
pub use gc::{Cleaned, Garbage};
pub use key::StageKey;
pub use lock::{Lock, LockError, Locking, stamp};
pub use manifest::{
    LeftOut, Manifest, ManifestError, StageEntry, StudyManifest, place, recorded, seed_of,
};
pub use published::{FileFault, Published, PublishedError};
pub use result_file::{
    ACCURACY, AGREEMENT, CLAIMS, CLAIMS_PAGE, DIFFERENCES, EVALUATORS, INVERSES, JUDGES, LAYERS,
    LIMITS, MANIFEST, METRICS, NETWORK, OVERLAPS, PAIRS, READINGS, RELIABILITY, RESULT_FILES, ROWS,
    ResultFile, ResultPlace, SOLUTIONS, SUMMARIES, SUMMARY, TIMINGS, WEIGHTS,
};
pub use usage::Usage;

/// Store in a folder, which need not exist yet.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Returns the store in this folder, without reading or writing anything.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Returns the entry of this stage under this key, whether it exists or not.
    pub fn entry(&self, stage: &'static str, key: &StageKey) -> Entry {
        Entry::new(&self.root, stage, key)
    }
}
