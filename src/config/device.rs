//! `device`: what to compute on.

use serde::Serialize;

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

pub fn read(root: &Reader<'_>) -> Option<DeviceKind> {
    root.choice("device", &DeviceKind::ALL.map(|kind| (kind.name(), kind)))
}
