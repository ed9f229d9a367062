//! What a device computes on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A GPU, or what stands in for one, as its driver tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// Such as `NVIDIA H100 80GB HBM3`.
    pub name: String,
    /// `discrete GPU`, `integrated GPU`, `virtual GPU`, `software` or `unknown`.
    pub kind: String,
    /// Through which it is reached: `Vulkan`, `Metal`, `Dx12` or `Gl`.
    pub api: String,
    /// The driver and its version.
    pub driver: String,
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            kind,
            api,
            driver,
        } = self;
        write!(f, "{name} ({kind}, {api}, {driver})")
    }
}
