//! Devices to compute on.

use std::path::Path;

use super::args::MachineArgs;
use super::error::Failure;
use super::output::say;
use crate::data::Loader;
use crate::model::{Adapter, DeviceError, DeviceKind, adapters, listen, open};
use crate::pipeline::{Context, Study};

/// Returns a context with results in the folder `out`, after opening every device that
/// these studies need, so that a missing one is reported before anything is run.
///
/// # Errors
/// If a device cannot be used.
pub fn context(studies: &[Study], out: &Path, machine: &MachineArgs) -> Result<Context, Failure> {
    let forced = machine.device.map(DeviceKind::from);
    let loader = Loader::new(machine.data.data_dir.as_deref());
    let context = Context::new(out.to_owned(), loader, forced);
    if let Some(kind) = forced {
        open(kind)?;
    }
    let members = studies.iter().flat_map(|study| &study.members);
    let mut uses_driver = false;
    for experiment in members {
        let kind = context.device_of(experiment);
        open(kind)
            .map_err(|error| Failure::DeviceOf(experiment.name.clone(), kind.name(), error))?;
        uses_driver |= kind == DeviceKind::Wgpu;
    }
    if uses_driver {
        listen();
    }
    Ok(context)
}

/// Runs `backquery devices`.
pub fn list() {
    let lines = DeviceKind::ALL.map(|kind| {
        let description = match (open(kind), kind) {
            (Ok(_), DeviceKind::Flex) => "the CPU, through burn-flex; the default".to_owned(),
            (Ok(_), DeviceKind::Ndarray) => "the CPU, through burn-ndarray".to_owned(),
            (Ok(_), DeviceKind::Wgpu) => on_adapters(&adapters().unwrap_or_default()),
            (Err(DeviceError::NotBuiltIn(name)), _) => format!(
                "not in this build: `cargo build --release --features {name}`, \
                 or `--features all-devices`"
            ),
            (Err(error), _) => error.to_string().replace('\n', "\n         "),
        };
        format!("{:<8} {description}", kind.name())
    });
    say(&lines.join("\n"));
}

/// Lists the adapter in use and the others, with the variable that selects one.
fn on_adapters(all: &[Adapter]) -> String {
    let Some((used, others)) = all.split_first() else {
        return "a GPU, through WebGPU".to_owned();
    };
    let line = |text: String| format!("\n         {text}");
    let others = others
        .iter()
        .map(|other| line(format!("also available: {other}")));
    let mut text: String = [used.to_string()].into_iter().chain(others).collect();
    if all.len() > 1 {
        text += &line(
            "to select one, set CUBECL_WGPU_DEFAULT_DEVICE to `DiscreteGpu(0)`, `IntegratedGpu(0)`, \
             `Cpu`, ..."
                .to_owned(),
        );
    }
    text
}
