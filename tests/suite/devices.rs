//! Devices: listed, chosen, and reported if unavailable.

use crate::project::{Project, SMALL};

const SPEC: &str = "experiments/small.toml";

fn on(device: &str) -> String {
    format!("device = \"{device}\"\n{SMALL}")
}

/// Spec without judges, whose training takes long in software.
#[cfg(feature = "wgpu")]
fn quick() -> String {
    on("wgpu")
}

#[test]
fn what_can_be_computed_on_is_listed() {
    let message = Project::new().succeed(&["devices"]).out;
    let line = |name: &str| {
        let mut lines = message.lines().filter(|line| line.starts_with(name));
        lines
            .next()
            .unwrap_or_else(|| panic!("no {name}: {message}"))
    };
    assert!(line("flex").contains("the CPU"));
    for (name, built_in) in [
        ("ndarray", cfg!(feature = "ndarray")),
        ("wgpu", cfg!(feature = "wgpu")),
    ] {
        let build = format!("cargo build --release --features {name}");
        assert_eq!(line(name).contains(&build), !built_in, "{message}");
    }
    if cfg!(feature = "wgpu") {
        // The name of whatever is here, and in brackets what it is.
        let (_, named) = line("wgpu").split_at("wgpu".len());
        assert!(named.contains(" ("), "{message}");
        assert!(!named.contains("cannot be used"), "{message}");
    }
}

#[test]
fn an_unknown_device_is_a_fault_with_its_place() {
    let project = Project::new().with(SPEC, on("gpu"));
    let message = project.fail(2, &["run", SPEC]);
    let fault = "small.toml:1:10: `device` must be `flex`, `ndarray` or `wgpu`, got \"gpu\"";
    assert!(message.contains(fault), "{message}");
    let message = project.fail(2, &["run", SPEC, "--device", "gpu"]);
    assert!(
        message.contains("possible values: flex, ndarray, wgpu"),
        "{message}"
    );
}

#[test]
fn a_device_that_is_not_built_in_says_how_to_build_it() {
    if cfg!(feature = "wgpu") {
        return;
    }
    let project = Project::new().with(SPEC, on("wgpu"));
    let build = "cargo build --release --features wgpu";
    for command in ["run", "plan", "verify"] {
        let message = project.fail(5, &[command, SPEC]);
        assert!(
            message.contains("`small`: the device `wgpu` of the spec cannot be used here"),
            "{message}"
        );
        assert!(message.contains(build), "{message}");
    }
    assert!(
        project
            .fail(5, &["run", SPEC, "--device", "wgpu"])
            .contains(build)
    );
    // The command line wins, and a spec can be checked anywhere.
    project.succeed(&["check", SPEC]);
    project.succeed(&["run", SPEC, "--device", "flex"]);
}

/// Asks for the eighth GPU of the machine.
#[cfg(feature = "wgpu")]
#[test]
fn an_adapter_that_is_not_there_is_no_panic() {
    let project = Project::new().with(SPEC, on("wgpu"));
    let project = project.variable("CUBECL_WGPU_DEFAULT_DEVICE", "DiscreteGpu(7)");
    let message = project.fail(5, &["run", SPEC]);
    for part in [
        "No Discrete GPU device found",
        "mesa-vulkan-drivers",
        "--device flex",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
    let listed = project.succeed(&["devices"]);
    assert!(listed.out.contains("cannot be used"), "{}", listed.out);
}

/// Another device rounds differently, and never replaces bytes of the same name.
#[cfg(feature = "ndarray")]
#[test]
fn results_record_their_device_and_verify_takes_another_with_tolerances() {
    let project = Project::new().with(SPEC, SMALL);
    project.succeed(&["run", SPEC]);
    let ran = project.succeed(&["verify", "--quiet", "--device", "ndarray"]);
    assert!(
        ran.out.contains("within tolerances: published from "),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("on the device flex"), "{}", ran.out);
    project.succeed(&["run", SPEC, "--device", "ndarray"]);
    let manifest = project.json("results/small/seed-0/manifest.json");
    assert_eq!(manifest["device"], "ndarray");
    let ran = project.succeed(&["verify", "--quiet", "--device", "ndarray"]);
    assert!(ran.out.contains("byte for byte"), "{}", ran.out);
}

/// The same adapter reproduces the bytes.
#[cfg(feature = "wgpu")]
#[test]
fn results_of_a_gpu_record_its_name() {
    let project = Project::new().with(SPEC, quick());
    project.succeed(&["run", SPEC]);
    let manifest = project.json("results/small/seed-0/manifest.json");
    assert_eq!(manifest["device"], "wgpu");
    let name = manifest["adapters"][0]["name"].as_str().unwrap();
    let listed = project.succeed(&["devices"]).out;
    assert!(listed.contains(name), "{listed}");
    let ran = project.succeed(&["verify", "--quiet"]);
    assert!(ran.out.contains("byte for byte"), "{}", ran.out);
    let ran = project.succeed(&["verify", "--quiet", "--device", "flex"]);
    let message = format!("on the device wgpu, {name}");
    assert!(ran.out.contains(&message), "{}", ran.out);
}
