//! Where tensors live. Every device is opened here, once and explicitly:
//! burn's default device changes with the cargo features it was built with.

use burn::tensor::Device;

/// A kind of device, chosen at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// The CPU, through burn-flex. Always there.
    Flex,
    /// The CPU, through burn-ndarray; needs the cargo feature `ndarray`.
    Ndarray,
    /// A GPU, through WebGPU; needs the cargo feature `wgpu`.
    Wgpu,
}

impl DeviceKind {
    /// All kinds, built in or not.
    pub const ALL: [Self; 3] = [Self::Flex, Self::Ndarray, Self::Wgpu];

    /// The name the command line gives it.
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
    is(Device::flex()) || ndarray().is_ok_and(is)
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
    #[error("the device `{device}` cannot be used: {reason}; `--device flex` always works")]
    Unavailable {
        /// Its name.
        device: &'static str,
        /// What it said.
        reason: String,
    },
}

/// Opens a device, without automatic differentiation.
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

#[cfg(feature = "ndarray")]
#[expect(
    deprecated,
    reason = "kept for comparison with flex, which replaces it"
)]
fn ndarray() -> Result<Device, DeviceError> {
    Ok(Device::ndarray())
}

#[cfg(not(feature = "ndarray"))]
fn ndarray() -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuiltIn("ndarray"))
}

/// Asks for the adapter first: `Device::wgpu` would only panic at its first use.
#[cfg(feature = "wgpu")]
fn wgpu() -> Result<Device, DeviceError> {
    use burn::tensor::DeviceKind as Adapter;
    let options = Device::wgpu_options().device_kind(Adapter::DefaultDevice);
    options.init().map_err(|error| DeviceError::Unavailable {
        device: "wgpu",
        reason: error.to_string(),
    })
}

#[cfg(not(feature = "wgpu"))]
fn wgpu() -> Result<Device, DeviceError> {
    Err(DeviceError::NotBuiltIn("wgpu"))
}
