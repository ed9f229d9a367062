//! `device`: what to compute on.

use serde::Serialize;

use super::form::one_of;
use super::reader::Reader;

/// A kind of device, chosen at run time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// The CPU, through burn-flex. Always there.
    #[default]
    Flex,
    /// The CPU, through burn-ndarray; needs the cargo feature `ndarray`.
    Ndarray,
    /// A GPU, through WebGPU; needs the cargo feature `wgpu`.
    Wgpu,
}

impl DeviceKind {
    /// All kinds, built in or not.
    pub const ALL: [Self; 3] = [Self::Flex, Self::Ndarray, Self::Wgpu];

    /// The name that specs and the command line give it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
        }
    }
}

/// Reads `device`.
pub fn read(root: &Reader<'_>) -> Option<DeviceKind> {
    let kinds = one_of(DeviceKind::ALL.map(|kind| (kind.name(), kind)));
    root.key(
        "device",
        kinds,
        "Device to compute on, unless `--device` sets another",
    )
    .optional()
}
