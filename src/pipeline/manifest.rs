//! The manifest: what a folder of results is, and how it came to be.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use super::experiment::Experiment;
use super::products::Product;
use crate::data::{Dataset, Samples};
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
    /// What the command line changed in it.
    overrides: &'a [String],
    data: Data<'a>,
    device: &'static str,
    program_version: &'static str,
    checkout: Checkout,
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

/// The git checkout that the spec lies in, if it lies in one.
#[derive(Debug, Serialize)]
struct Checkout {
    revision: Option<String>,
    /// True if files differ from that revision or are not tracked.
    dirty: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Host {
    name: String,
    system: &'static str,
    architecture: &'static str,
    cpus: Option<usize>,
}

impl<'a> Manifest<'a> {
    /// Describes a finished replicate. `digest` is that of the data set.
    #[must_use]
    pub fn new(
        experiment: &'a Experiment,
        seed: u64,
        (dataset, digest): (&'a Dataset, &'a str),
        device: &'static str,
        products: &'a [Product],
    ) -> Self {
        let hash = |product: &'a Product| (product.path.as_str(), sha256([&product.bytes[..]]));
        Self {
            experiment: &experiment.name,
            seed,
            spec: &experiment.spec,
            overrides: &experiment.overrides,
            data: Data::of(dataset, digest),
            device,
            program_version: env!("CARGO_PKG_VERSION"),
            checkout: Checkout::of(&experiment.folder),
            host: Host::this(),
            outputs: products.iter().map(hash).collect(),
        }
    }
}

impl<'a> Data<'a> {
    fn of(dataset: &'a Dataset, sha256: &'a str) -> Self {
        Self {
            source: dataset.name,
            stand_in_for: dataset.stand_in_for.as_ref().map(|asked| asked.source),
            classes: &dataset.classes,
            training_rows: dataset.train.len(),
            test_rows: dataset.test.as_ref().map(Samples::len),
            sha256,
        }
    }
}

impl Checkout {
    fn of(folder: &Path) -> Self {
        // Without the locks that would make a commit of the user's fail.
        let changes = git(folder, &["--no-optional-locks", "status", "--porcelain"]);
        Self {
            revision: git(folder, &["rev-parse", "HEAD"]),
            dirty: changes.map(|changes| !changes.is_empty()),
        }
    }
}

impl Host {
    fn this() -> Self {
        Self {
            name: gethostname::gethostname().to_string_lossy().into_owned(),
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            cpus: std::thread::available_parallelism().ok().map(Into::into),
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
