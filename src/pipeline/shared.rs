//! What the jobs of one command share, so that nothing is loaded or made twice
//! at the same time by one process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data::Dataset;
use crate::store::Key;

/// What the jobs of one command share.
#[derive(Debug, Default)]
pub struct Shared {
    datasets: Mutex<BTreeMap<String, Slot<Option<Arc<Dataset>>>>>,
    stages: Mutex<BTreeMap<Key, Slot<()>>>,
}

/// Something that one job at a time looks at.
type Slot<T> = Arc<Mutex<T>>;

impl Shared {
    /// The samples of this name, loaded by the first who asks.
    ///
    /// # Errors
    /// If they cannot be loaded; who asks next tries again.
    pub fn dataset<E>(
        &self,
        name: &str,
        load: impl FnOnce() -> Result<Dataset, E>,
    ) -> Result<Arc<Dataset>, E> {
        let slot = Arc::clone(lock(&self.datasets).entry(name.to_owned()).or_default());
        let mut slot = lock(&slot);
        if let Some(dataset) = &*slot {
            return Ok(Arc::clone(dataset));
        }
        let dataset = Arc::new(load()?);
        *slot = Some(Arc::clone(&dataset));
        Ok(dataset)
    }

    /// Runs `make` while no other job makes the same stage. The store's locks
    /// keep processes apart; jobs of one process should not tell each other, or
    /// the user, that they wait for it.
    pub fn alone<T>(&self, stage: &Key, make: impl FnOnce() -> T) -> T {
        let slot = Arc::clone(lock(&self.stages).entry(stage.clone()).or_default());
        let _alone = lock(&slot);
        make()
    }
}

/// A job that panicked leaves nothing half done behind these locks.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
