//! The device `wgpu`, opened once per process: for burn, opening it again is an error.

use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use burn::tensor::wgpu::wgpu::{AdapterInfo, DeviceType};
use burn::tensor::wgpu::{WgpuInitError, WgpuSetup};
use burn::tensor::{Device, DeviceKind};

use super::{Adapter, DeviceError};

/// The device with its setup, or the reason why there is none.
type Opened = Result<(Device, WgpuSetup), String>;

/// Opens the device on the first call. `Device::wgpu` would panic at its first use instead.
fn opened() -> Result<&'static (Device, WgpuSetup), DeviceError> {
    static OPENED: OnceLock<Opened> = OnceLock::new();
    let opened = OPENED.get_or_init(|| {
        let options = Device::wgpu_options().device_kind(DeviceKind::DefaultDevice);
        options.init_with_setup().map_err(|error| reason(&error))
    });
    let reason = |reason: &String| DeviceError::NoAdapter(reason.clone());
    opened.as_ref().map_err(reason)
}

/// Shortens an error to one line, without the dump of adapters that were not requested.
fn reason(error: &WgpuInitError) -> String {
    match error {
        WgpuInitError::AdapterUnavailable { message, .. } => {
            let reason = message.split(", adapters [").next();
            reason.unwrap_or(message).to_owned()
        }
        other => other.to_string(),
    }
}

pub fn open() -> Result<Device, DeviceError> {
    Ok(opened()?.0.clone())
}

/// Returns the adapter in use, followed by others of the same driver interface.
pub fn adapters() -> Result<Vec<Adapter>, DeviceError> {
    let (
        _,
        WgpuSetup {
            instance,
            adapter,
            backend,
            ..
        },
    ) = opened()?;
    let own = adapter.get_info();
    let all = ready(instance.enumerate_adapters((*backend).into())).unwrap_or_default();
    let all = all.into_iter().map(|adapter| adapter.get_info());
    let is_own = |info: &AdapterInfo| {
        let identity = |info: &AdapterInfo| (info.name.clone(), info.device_pci_bus_id.clone());
        identity(info) == identity(&own)
    };
    let others: Vec<Adapter> = all
        .filter(|info| !is_own(info))
        .map(|i| described(&i))
        .collect();
    Ok([described(&own)].into_iter().chain(others).collect())
}

/// Returns the maximum size of one shader binding, which holds a tensor.
pub fn max_tensor_bytes() -> Option<u64> {
    let (_, setup) = opened().ok()?;
    let limits = setup.device.limits();
    Some(
        limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size),
    )
}

/// Polls a future once: outside of browsers it is ready.
fn ready<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

fn described(info: &AdapterInfo) -> Adapter {
    let kind = match info.device_type {
        DeviceType::DiscreteGpu => "discrete GPU",
        DeviceType::IntegratedGpu => "integrated GPU",
        DeviceType::VirtualGpu => "virtual GPU",
        DeviceType::Cpu => "software",
        DeviceType::Other => "unknown",
    };
    Adapter {
        name: info.name.clone(),
        kind: kind.to_owned(),
        api: format!("{:?}", info.backend),
        driver: format!("{} {}", info.driver, info.driver_info)
            .trim()
            .to_owned(),
    }
}
