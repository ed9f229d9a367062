//! Devices that this build and this machine have.
//!
//! burn's default device is never used: it depends on the features of the build, and that
//! of wgpu fails in another thread.

mod adapter;
mod guard;
#[cfg(feature = "wgpu")]
mod wgpu;

use burn::tensor::{Device, Tensor};
use serde::Serialize;

pub use adapter::Adapter;
pub use guard::{guarded, listen, panic_message};

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
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
            Self::Wgpu => "wgpu",
        }
    }
}

/// Returns true if the device computes in host memory, so that numbers are read without
/// transfer and without waiting.
pub fn is_host(device: &Device) -> bool {
    let is = |host: Device| *device == host || *device == host.autodiff();
    is_flex(device) || ndarray().is_ok_and(is)
}

/// Returns true for flex, the device of [`kernels`](crate::kernels).
pub fn is_flex(device: &Device) -> bool {
    *device == Device::flex() || *device == Device::flex().autodiff()
}

/// A device that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The build does not include it.
    #[error(
        "this build has no device `{0}`; build one that has: \
         `cargo build --release --features {0}`"
    )]
    NotBuiltIn(&'static str),
    /// The build includes it, but the machine has none.
    #[error(
        "the device `wgpu` cannot be used: {0}\n\
         It needs the Vulkan driver of a GPU (on Debian and Ubuntu that and the package \
         `libvulkan1`), or, for software in place of a GPU, `mesa-vulkan-drivers`. \
         `backquery devices` lists what is found; `--device flex` always works"
    )]
    NoAdapter(String),
}

/// Opens a device, without automatic differentiation. Each kind always opens the same
/// device.
///
/// # Errors
/// If this build or this machine does not have it.
///
/// # Examples
/// ```
/// use backquery::model::{DeviceKind, is_host, open};
///
/// let device = open(DeviceKind::Flex)?;
/// assert!(is_host(&device));
/// # Ok::<(), backquery::model::DeviceError>(())
/// ```
pub fn open(kind: DeviceKind) -> Result<Device, DeviceError> {
    match kind {
        DeviceKind::Flex => Ok(Device::flex()),
        DeviceKind::Ndarray => ndarray(),
        DeviceKind::Wgpu => wgpu(),
    }
}

/// Returns the adapter of a device that [`open`] returned, unless it is the CPU.
pub fn adapter(device: &Device) -> Option<Adapter> {
    let all = if is_host(device) {
        return None;
    } else {
        adapters().ok()?
    };
    all.into_iter().next()
}

/// Returns all adapters that `wgpu` could use, the one in use first.
///
/// # Errors
/// If `wgpu` cannot be opened.
#[cfg(feature = "wgpu")]
pub fn adapters() -> Result<Vec<Adapter>, DeviceError> {
    wgpu::adapters()
}

/// Returns the sum of all elements, `[1]`, in a fixed order: on a GPU burn would add in the
/// order in which the workgroups of a shader finish.
///
/// # Examples
/// ```
/// use backquery::model::{Device, numbers, total};
/// use burn::tensor::Tensor;
///
/// let tensor = Tensor::<2>::from_data([[1.0, 2.0], [3.0, 4.0]], &Device::flex());
/// assert_eq!(numbers(total(tensor)), Ok(vec![10.0]));
/// ```
pub fn total(tensor: Tensor<2>) -> Tensor<1> {
    if is_host(&tensor.device()) {
        tensor.sum()
    } else {
        tensor.sum_dim(1).sum_dim(0).reshape([1])
    }
}

/// Returns the maximum bytes of one tensor, if the driver has a limit.
pub fn max_tensor_bytes(device: &Device) -> Option<u64> {
    if is_host(device) {
        None
    } else {
        wgpu_max_bytes()
    }
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

/// Returns all adapters that `wgpu` could use, the one in use first.
///
/// # Errors
/// If `wgpu` cannot be opened.
#[cfg(not(feature = "wgpu"))]
pub fn adapters() -> Result<Vec<Adapter>, DeviceError> {
    Err(DeviceError::NotBuiltIn("wgpu"))
}

#[cfg(feature = "wgpu")]
fn wgpu_max_bytes() -> Option<u64> {
    wgpu::max_tensor_bytes()
}

#[cfg(not(feature = "wgpu"))]
fn wgpu_max_bytes() -> Option<u64> {
    None
}
