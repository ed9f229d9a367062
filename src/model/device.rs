//! Devices: which this build and this machine have, and how to get one.
//!
//! burn's default device is never asked for: what it is depends on the features of the
//! build, and that of wgpu fails in another thread.

mod adapter;
mod guard;
#[cfg(feature = "wgpu")]
mod wgpu;

use burn::tensor::{Device, Tensor};
use serde::Serialize;

pub use adapter::Adapter;
pub use guard::{guarded, listen};

/// Kind of device, chosen at run time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// CPU, through burn-flex; always available.
    #[default]
    Flex,
    /// CPU, through burn-ndarray; needs the cargo feature `ndarray`.
    Ndarray,
    /// GPU, through WebGPU; needs the cargo feature `wgpu`.
    Wgpu,
}

impl DeviceKind {
    /// All kinds, built in or not.
    pub const ALL: [Self; 3] = [Self::Flex, Self::Ndarray, Self::Wgpu];

    /// Returns the name in specs and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
        }
    }
}

/// True if tensors on this device lie in the memory of this program, so that
/// their numbers can be had without a copy across and without waiting.
#[must_use]
pub fn is_host(device: &Device) -> bool {
    let is = |host: Device| *device == host || *device == host.autodiff();
    is_flex(device) || ndarray().is_ok_and(is)
}

/// Whether a device is flex, for which operations can be written that are one node of
/// burn's autodiff.
#[must_use]
pub fn is_flex(device: &Device) -> bool {
    *device == Device::flex() || *device == Device::flex().autodiff()
}

/// A device that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// Left out of this build.
    #[error(
        "this build has no device `{0}`; build one that has: \
         `cargo build --release --features {0}`"
    )]
    NotBuiltIn(&'static str),
    /// Built in, but the machine has none.
    #[error(
        "the device `wgpu` cannot be used: {0}\n\
         It needs the Vulkan driver of a GPU (on Debian and Ubuntu that and the package \
         `libvulkan1`), or, for software in place of a GPU, `mesa-vulkan-drivers`. \
         `backquery devices` tells what is found; `--device flex` always works"
    )]
    NoAdapter(String),
}

/// Opens a device, without automatic differentiation. The same kind is always the same
/// device.
///
/// # Errors
/// If this build or this machine does not have it.
pub fn open(kind: DeviceKind) -> Result<Device, DeviceError> {
    match kind {
        DeviceKind::Flex => Ok(Device::flex()),
        DeviceKind::Ndarray => ndarray(),
        DeviceKind::Wgpu => wgpu(),
    }
}

/// What a device that [`open`] gave computes on, if that is not the processor.
#[must_use]
pub fn adapter(device: &Device) -> Option<Adapter> {
    let all = if is_host(device) {
        return None;
    } else {
        adapters().ok()?
    };
    all.into_iter().next()
}

/// All that the device `wgpu` could compute on, the one first that it does.
///
/// # Errors
/// As [`open`].
#[cfg(feature = "wgpu")]
pub fn adapters() -> Result<Vec<Adapter>, DeviceError> {
    wgpu::adapters()
}

/// The sum of all elements, `[1]`, in the same order every time: on a GPU burn would add
/// as the groups of a shader happen to finish.
#[must_use]
pub fn total(tensor: Tensor<2>) -> Tensor<1> {
    if is_host(&tensor.device()) {
        tensor.sum()
    } else {
        tensor.sum_dim(1).sum_dim(0).reshape([1])
    }
}

/// Returns the maximum bytes of one tensor, if the driver has a limit.
#[must_use]
pub fn max_tensor_bytes(device: &Device) -> Option<u64> {
    if is_host(device) { None } else { most_bytes() }
}

#[cfg(feature = "ndarray")]
#[expect(
    deprecated,
    reason = "kept for comparison with flex, which replaces it"
)]
#[expect(clippy::unnecessary_wraps, reason = "other builds have none")]
fn ndarray() -> Result<Device, DeviceError> {
    Ok(Device::ndarray())
}

#[cfg(not(feature = "ndarray"))]
fn ndarray() -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuiltIn("ndarray"))
}

#[cfg(feature = "wgpu")]
fn wgpu() -> Result<Device, DeviceError> {
    wgpu::open()
}

#[cfg(not(feature = "wgpu"))]
fn wgpu() -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuiltIn("wgpu"))
}

/// All that the device `wgpu` could compute on, the one first that it does.
///
/// # Errors
/// As [`open`].
#[cfg(not(feature = "wgpu"))]
pub fn adapters() -> Result<Vec<Adapter>, DeviceError> {
    Err(DeviceError::NotBuiltIn("wgpu"))
}

#[cfg(feature = "wgpu")]
fn most_bytes() -> Option<u64> {
    wgpu::most_bytes()
}

#[cfg(not(feature = "wgpu"))]
fn most_bytes() -> Option<u64> {
    None
}
