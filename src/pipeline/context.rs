//! Context: settings and services that all experiments of one command share.

use std::path::{Path, PathBuf};

use super::experiment::Experiment;
use super::shared::Shared;
use crate::data::Loader;
use crate::model::DeviceKind;
use crate::store::{Locking, Store};

/// Folder of the store within the results.
const STORE: &str = ".store";

/// Settings and services that all experiments of one command share.
#[derive(Debug)]
pub struct Context {
    /// Folder of all results, which are in `OUT/NAME/seed-N`.
    pub out: PathBuf,
    /// Store of finished stages.
    pub store: Store,
    /// Loader of data sets.
    pub loader: Loader,
    /// Device to compute on instead of that of a spec.
    pub device: Option<DeviceKind>,
    /// True to wait for other processes that hold a lock, false to fail at once.
    pub wait: bool,
    /// Data sets and stages in use by the jobs of the command.
    pub(super) shared: Shared,
    /// True to use the fallback data set if the one that a spec asks for is unavailable,
    /// false to fail.
    pub may_fall_back: bool,
    /// False for commands that only report what others would do.
    pub may_write: bool,
}

impl Context {
    /// Returns a context with results and store in the folder `out`.
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

    /// Returns the device to compute an experiment on.
    pub fn device_of(&self, experiment: &Experiment) -> DeviceKind {
        self.device.or(experiment.spec.device).unwrap_or_default()
    }

    /// Returns whether to wait for locks, with a callback before waiting.
    pub(super) fn locking<'a>(&self, on_wait: &'a dyn Fn(&Path, &str)) -> Locking<'a> {
        Locking {
            wait: self.wait,
            on_wait,
        }
    }
}
