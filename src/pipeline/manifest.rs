//! The manifest: what a folder of results is, and how it came to be.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use super::experiment::Experiment;
use super::replicate::Product;
use crate::data::Dataset;
use crate::digest::sha256;
use crate::spec::Spec;

/// The content of `manifest.json`.
#[derive(Debug, Serialize)]
pub struct Manifest<'a> {
    /// Which experiment, by the path of its results.
    experiment: &'a str,
    seed: u64,
    /// The spec as it was run: defaults filled in, overrides applied.
    spec: &'a Spec,
    data: Data<'a>,
    device: &'static str,
    program: Program,
    host: Host,
    /// SHA-256 of every result, by path.
    outputs: BTreeMap<&'a str, String>,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    source: &'static str,
    /// The source asked for, if this one stands in for it.
    stand_in_for: Option<&'static str>,
    classes: &'a [u8],
    training_rows: usize,
    test_rows: Option<usize>,
    /// SHA-256 over pixels and labels of both parts.
    sha256: &'a str,
}

#[derive(Debug, Serialize)]
struct Program {
    version: &'static str,
    /// Of the checkout the spec lies in; missing outside of one.
    git_revision: Option<String>,
    /// True if tracked files there differ from that revision.
    git_dirty: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Host {
    name: String,
    system: &'static str,
    architecture: &'static str,
    cpus: Option<usize>,
}

impl<'a> Manifest<'a> {
    /// Describes a finished replicate.
    #[must_use]
    pub fn new(
        experiment: &'a Experiment,
        seed: u64,
        dataset: &'a Dataset,
        digest: &'a str,
        device: &'static str,
        products: &'a [Product],
    ) -> Self {
        Self {
            experiment: &experiment.name,
            seed,
            spec: &experiment.spec,
            data: Data {
                source: dataset.name,
                stand_in_for: dataset.stand_in_for.as_ref().map(|asked| asked.source),
                classes: &dataset.classes,
                training_rows: dataset.train.len(),
                test_rows: dataset.test.as_ref().map(crate::data::Samples::len),
                sha256: digest,
            },
            device,
            program: Program {
                version: env!("CARGO_PKG_VERSION"),
                git_revision: git(&experiment.folder, &["rev-parse", "HEAD"]),
                git_dirty: git(
                    &experiment.folder,
                    &["status", "--porcelain", "--untracked-files=no"],
                )
                .map(|changes| !changes.is_empty()),
            },
            host: Host {
                name: gethostname::gethostname().to_string_lossy().into_owned(),
                system: std::env::consts::OS,
                architecture: std::env::consts::ARCH,
                cpus: std::thread::available_parallelism().ok().map(Into::into),
            },
            outputs: products
                .iter()
                .map(|product| (product.path.as_str(), sha256([&product.bytes[..]])))
                .collect(),
        }
    }
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
