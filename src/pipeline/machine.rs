//! Machine and program that results are computed by.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::libraries::LOCKFILE;
use crate::digest::sha256;
use crate::escape;
use crate::model::{Device, adapter};

/// Describes the program, the machine, the git checkout of `folder`, and the device if it
/// is not the processor.
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

/// Returns the command line of this process, without passwords of addresses. Bytes that are
/// not UTF-8 are replaced.
pub fn command() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| escape::argument(&word.to_string_lossy()))
        .collect()
}

/// Describes what decides the last bits of a result computed on the processor: two machines
/// with equal descriptions should give the same bytes.
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

/// Returns the name of the processor, on systems that have it in a file.
fn cpu_model() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Returns the widest vector instructions, by which kernels are chosen.
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

/// Describes the revision, and whether files differ from it or are untracked.
fn checkout(folder: &Path) -> Value {
    // Locks would make a commit of the user fail.
    let changes = git(folder, &["--no-optional-locks", "status", "--porcelain"]);
    json!({
        "revision": git(folder, &["rev-parse", "HEAD"]),
        "dirty": changes.map(|changes| !changes.is_empty()),
    })
}

/// Runs git in this folder; returns its output if it succeeds.
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
