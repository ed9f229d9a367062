//! By what, and on what, results were made.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::digest::sha256;
use crate::escape;
use crate::model::{Device, adapter};

/// The exact versions of all libraries in this build.
const LOCKFILE: &str = include_str!("../../Cargo.lock");

/// The digest of the names and versions of these libraries in this build and
/// of all that they use: another version may round otherwise.
///
/// Libraries that this program does not use itself are not found.
#[must_use]
pub fn libraries(names: &[&str]) -> String {
    let packages = packages();
    let own = |package: &&Package<'_>| package.name == env!("CARGO_PKG_NAME");
    let dependencies = packages.iter().find(own).map(|own| &own.dependencies[..]);
    let named = |found: &&&str| names.contains(&found.split(' ').next().unwrap_or_default());
    let mut open: Vec<&str> = dependencies
        .unwrap_or_default()
        .iter()
        .filter(named)
        .copied()
        .collect();
    let mut closure = BTreeSet::new();
    while let Some(dependency) = open.pop() {
        // `name` if the build has one version of it, else `name version`.
        let (name, version) = dependency.split_once(' ').unwrap_or((dependency, ""));
        let is = |package: &&Package<'_>| {
            package.name == name && (version.is_empty() || package.version == version)
        };
        for package in packages.iter().filter(is) {
            if closure.insert(format!("{} {}\n", package.name, package.version)) {
                open.extend(&package.dependencies);
            }
        }
    }
    sha256(closure.iter().map(String::as_bytes))
}

/// One entry of the lock file.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    dependencies: Vec<&'a str>,
}

fn packages() -> Vec<Package<'static>> {
    let package = |text: &'static str| {
        let field = |key: &str| {
            let (_, rest) = text.split_once(&format!("\n{key} = \""))?;
            rest.split('"').next()
        };
        let list = text
            .split_once("\ndependencies = [")
            .map_or("", |(_, list)| list);
        let list = list.split(']').next().unwrap_or_default();
        Some(Package {
            name: field("name")?,
            version: field("version")?,
            dependencies: list.split('"').skip(1).step_by(2).collect(),
        })
    };
    LOCKFILE.split("[[package]]").filter_map(package).collect()
}

/// The program, the machine, the git checkout that `folder` lies in, and what it was
/// computed on if that was not the processor.
pub fn made_by(folder: &Path, device: Option<&Device>) -> Value {
    let mut by = json!({
        "program": {
            "version": env!("CARGO_PKG_VERSION"),
            "cargo_lock_sha256": sha256([LOCKFILE.as_bytes()]),
            "features": features(),
            "command": command(),
        },
        "checkout": checkout(folder),
        "machine": machine(),
        "host": gethostname::gethostname().to_string_lossy(),
        "threads": std::thread::available_parallelism().ok().map(usize::from),
    });
    if let Some(adapter) = device.and_then(adapter) {
        by["adapter"] = json!(adapter);
    }
    by
}

/// The command line of this process, without passwords of addresses; what is no text is
/// shown as far as it is.
pub fn command() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| escape::argument(&word.to_string_lossy()))
        .collect()
}

/// What decides the last bits of a result that the processor reckons: two machines of
/// which this is equal should give the same bytes.
#[must_use]
pub fn machine() -> Value {
    json!({
        "system": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "cpu": cpu_model(),
        "simd": simd(),
    })
}

fn features() -> Vec<&'static str> {
    let all = [
        ("ndarray", cfg!(feature = "ndarray")),
        ("wgpu", cfg!(feature = "wgpu")),
    ];
    let enabled = all.into_iter().filter(|(_, enabled)| *enabled);
    enabled.map(|(name, _)| name).collect()
}

/// As the system calls it, where it has a file that tells.
fn cpu_model() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The widest vector instructions, which matrix products are chosen by.
#[cfg(target_arch = "x86_64")]
fn simd() -> &'static str {
    if is_x86_feature_detected!("avx512f") {
        "avx512f"
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        "avx2+fma"
    } else {
        "sse2"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn simd() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "neon"
    } else {
        "unknown"
    }
}

/// The revision, and whether files differ from it or are not tracked.
fn checkout(folder: &Path) -> Value {
    // Without the locks that would make a commit of the user's fail.
    let changes = git(folder, &["--no-optional-locks", "status", "--porcelain"]);
    json!({
        "revision": git(folder, &["rev-parse", "HEAD"]),
        "dirty": changes.map(|changes| !changes.is_empty()),
    })
}

/// What git prints in this folder, if there is a git and a checkout.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_those_of_the_lock_file() {
        let packages = packages();
        let burn = packages
            .iter()
            .find(|package| package.name == "burn")
            .unwrap();
        assert!(burn.version.starts_with("0.22."), "{}", burn.version);
        assert!(burn.dependencies.contains(&"burn-core"));
        let own = packages
            .iter()
            .find(|package| package.name == "backquery")
            .unwrap();
        assert!(own.dependencies.len() > 20);
        assert_eq!(packages.len(), LOCKFILE.matches("[[package]]").count());
    }

    #[test]
    fn libraries_differ_and_unknown_ones_are_empty() {
        let empty = sha256([]);
        let of = |name| libraries(&[name]);
        assert_eq!(of("no-such-library"), empty);
        // Not a dependency of this program, only of its dependencies.
        assert_eq!(of("gemm"), empty);
        assert_ne!(of("burn"), empty);
        assert_ne!(of("burn"), of("faer"));
        assert_ne!(of("burn"), libraries(&["burn", "rand_chacha"]));
    }
}
