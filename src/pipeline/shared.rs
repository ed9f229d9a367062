//! Data sets and stages in use, so that no two jobs of a process load or compute the same
//! thing at the same time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::data::Dataset;
use crate::store::StageKey;

/// Data sets and stages in use by the jobs of one command.
#[derive(Debug, Default)]
pub struct Shared {
    datasets: Mutex<BTreeMap<String, Slot<Weak<Dataset>>>>,
    /// Data set that was requested last: the next job often needs it as well.
    last: Mutex<Option<Arc<Dataset>>>,
    stages: Mutex<BTreeMap<StageKey, Slot<()>>>,
}

/// Value that one job at a time uses.
type Slot<T> = Arc<Mutex<T>>;

impl Shared {
    /// Returns the samples of this name, loaded by the first job that requests them. They
    /// are dropped once no job uses them and others were requested since: together, those
    /// of a long command take hundreds of megabytes.
    ///
    /// # Errors
    /// If they cannot be loaded; the next request tries again.
    pub fn dataset<E>(
        &self,
        name: &str,
        load: impl FnOnce() -> Result<Dataset, E>,
    ) -> Result<Arc<Dataset>, E> {
        let slot = Arc::clone(lock(&self.datasets).entry(name.to_owned()).or_default());
        let mut slot = lock(&slot);
        let dataset = if let Some(dataset) = slot.upgrade() {
            dataset
        } else {
            // Frees memory before others are loaded.
            *lock(&self.last) = None;
            let dataset = Arc::new(load()?);
            *slot = Arc::downgrade(&dataset);
            dataset
        };
        *lock(&self.last) = Some(Arc::clone(&dataset));
        Ok(dataset)
    }

    /// Runs `compute` while no other job computes the same stage. The locks of the store do
    /// that for processes, with a message; between jobs of one process none is wanted.
    pub fn alone<T>(&self, stage: &StageKey, compute: impl FnOnce() -> T) -> T {
        let slot = Arc::clone(lock(&self.stages).entry(stage.clone()).or_default());
        let _alone = lock(&slot);
        compute()
    }
}

/// Locks a mutex. A job that panicked leaves nothing half done behind those of the program.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PixelRange;
    use crate::data::{ImageSize, Label, Samples};

    fn dataset() -> Dataset {
        Dataset {
            name: "made up",
            stand_in_for: None,
            classes: vec![Label::Number(0)],
            range: PixelRange {
                low: 0.0,
                high: 1.0,
            },
            size: ImageSize::DIGITS,
            train: Samples::empty(784),
            test: None,
            reading: None,
        }
    }

    #[test]
    fn samples_stay_while_somebody_holds_them_or_asked_for_them_last() {
        let (shared, loads) = (Shared::default(), Mutex::new(Vec::new()));
        let ask = |name: &'static str| {
            let load = || {
                lock(&loads).push(name);
                Ok::<_, ()>(dataset())
            };
            shared.dataset(name, load).unwrap()
        };
        let held = ask("a");
        drop(ask("b"));
        drop(ask("b"));
        assert!(Arc::ptr_eq(&held, &ask("a")));
        assert_eq!(*lock(&loads), ["a", "b"]);
        drop((ask("b"), ask("c"), held, ask("a")));
        assert_eq!(*lock(&loads), ["a", "b", "b", "c"]);
        drop((ask("b"), ask("a")));
        assert_eq!(*lock(&loads), ["a", "b", "b", "c", "b", "a"]);
    }

    #[test]
    fn who_asks_after_a_failure_tries_again() {
        let shared = Shared::default();
        assert_eq!(shared.dataset("a", || Err("no")).unwrap_err(), "no");
        assert!(shared.dataset("a", || Ok::<_, ()>(dataset())).is_ok());
    }
}
