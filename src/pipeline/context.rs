//! What all experiments of one command share.

use std::path::{Path, PathBuf};

use super::experiment::Experiment;
use super::shared::Shared;
use crate::config::DeviceKind;
use crate::data::Loader;
use crate::store::{Locking, Store};

/// The folder of the store within the results.
const STORE: &str = ".store";

/// What all experiments of one command share.
#[derive(Debug)]
pub struct Context {
    /// Where results go: `OUT/NAME/seed-N`.
    pub out: PathBuf,
    /// What stages gave before.
    pub store: Store,
    /// Finds and fetches data.
    pub loader: Loader,
    /// What to compute on, whatever specs say.
    pub device: Option<DeviceKind>,
    /// Wait for other processes that hold a lock, or fail at once.
    pub wait: bool,
    /// Between the jobs of the command.
    pub(super) shared: Shared,
    /// Use the fallback data set that a spec names where the one it asks for is
    /// unavailable, or fail.
    pub may_fall_back: bool,
    /// False for commands that only tell what others would do.
    pub may_write: bool,
}

impl Context {
    /// Results and store in the folder `out`.
    #[must_use]
    pub fn new(out: PathBuf, loader: Loader, device: Option<DeviceKind>) -> Self {
        Self {
            store: Store::new(out.join(STORE)),
            out,
            loader,
            device,
            wait: true,
            shared: Shared::default(),
            may_fall_back: true,
            may_write: true,
        }
    }

    /// What to compute an experiment on.
    #[must_use]
    pub fn device_of(&self, experiment: &Experiment) -> DeviceKind {
        self.device.or(experiment.spec.device).unwrap_or_default()
    }

    /// How to deal with locks that others hold.
    pub(super) fn locking<'a>(&self, on_wait: &'a dyn Fn(&Path, &str)) -> Locking<'a> {
        Locking {
            wait: self.wait,
            on_wait,
        }
    }
}
