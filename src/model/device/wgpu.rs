//! The device `wgpu`: opened once a process, since burn takes a second time for an error.

use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use burn::tensor::wgpu::wgpu::{AdapterInfo, DeviceType};
use burn::tensor::wgpu::{WgpuInitError, WgpuSetup};
use burn::tensor::{Device, DeviceKind};

use super::{Adapter, DeviceError};

/// The device with what it was made of, or why there is none.
type Opened = Result<(Device, WgpuSetup), String>;

/// Asks for an adapter: `Device::wgpu` would only panic at its first use.
fn opened() -> Result<&'static (Device, WgpuSetup), DeviceError> {
    static OPENED: OnceLock<Opened> = OnceLock::new();
    let opened = OPENED.get_or_init(|| {
        let options = Device::wgpu_options().device_kind(DeviceKind::DefaultDevice);
        options.init_with_setup().map_err(|error| reason(&error))
    });
    let reason = |reason: &String| DeviceError::NoAdapter(reason.clone());
    opened.as_ref().map_err(reason)
}

/// In a line; of adapters that were not asked for it would dump all there is to know.
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

/// The adapter in use, and after it others that the same driver interface has.
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
    let all = at_once(instance.enumerate_adapters((*backend).into())).unwrap_or_default();
    let all = all.into_iter().map(|adapter| adapter.get_info());
    let is_own = |info: &AdapterInfo| {
        let identity = |info: &AdapterInfo| (info.name.clone(), info.device_pci_bus_id.clone());
        identity(info) == identity(&own)
    };
    let others: Vec<Adapter> = all.filter(|info| !is_own(info)).map(|i| told(&i)).collect();
    Ok([told(&own)].into_iter().chain(others).collect())
}

/// Of one binding of a shader, which is what a tensor is.
pub fn most_bytes() -> Option<u64> {
    let (_, setup) = opened().ok()?;
    let limits = setup.device.limits();
    Some(
        limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size),
    )
}

/// Outside of browsers nothing has to be waited for.
fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

fn told(info: &AdapterInfo) -> Adapter {
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
