//! Description of a GPU or a software renderer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A GPU, or software in place of one, as its driver describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// Name, such as `NVIDIA H100 80GB HBM3`.
    pub name: String,
    /// Kind: `discrete GPU`, `integrated GPU`, `virtual GPU`, `software` or `unknown`.
    pub kind: String,
    /// Graphics API: `Vulkan`, `Metal`, `Dx12` or `Gl`.
    pub api: String,
    /// Driver and its version.
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
