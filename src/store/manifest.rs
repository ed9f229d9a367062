//! Manifests: what a folder of results contains, and how it was computed.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::key::StageKey;
use super::result_file::MANIFEST;
use crate::escape;
use crate::io::{self, IoError};

/// Returns the folder of a replicate, in the folder of its experiment.
#[must_use]
pub fn place(experiment: &Path, seed: u64) -> PathBuf {
    experiment.join(format!("seed-{seed}"))
}

/// Parses the name of the folder of a replicate: `seed-1`, but not `seed-01`.
#[must_use]
pub fn seed_of(name: &str) -> Option<u64> {
    let seed = name.strip_prefix("seed-")?.parse().ok()?;
    (name == format!("seed-{seed}")).then_some(seed)
}

/// Maximum size of a manifest that is read.
const MAX_BYTES: u64 = 64 << 20;

/// Content of `manifest.json` of a replicate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Experiment, by the path of its results.
    pub experiment: String,
    /// Path of its spec within the project, which identifies results; none in older
    /// manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_path: Option<String>,
    /// Seed of the replicate.
    pub seed: u64,
    /// Spec as it was run: defaults filled in, overrides applied, with no seed but this one.
    pub spec: Map<String, Value>,
    /// Overrides of the command line.
    pub overrides: Vec<String>,
    /// Samples: source, fallback or not, classes, rows, SHA-256.
    pub data: Map<String, Value>,
    /// Numbers of rows that it trained on, if it drew its own from the data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Value>,
    /// Kind of device.
    pub device: String,
    /// Adapters of the device, usually one; none for the processor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adapters: Vec<Value>,
    /// Device and precision of linear algebra; empty in older manifests.
    #[serde(default)]
    pub linear_algebra: String,
    /// Stages, in the order in which they were computed.
    pub stages: Vec<StageEntry>,
    /// Programs, machines and commands that computed the stages.
    pub made_by: Vec<Value>,
    /// SHA-256 of every result, by path.
    pub outputs: BTreeMap<String, String>,
}

/// Content of `manifest.json` of the summary of a study.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StudyManifest {
    /// Study, by the path of its results.
    pub study: String,
    /// Path of its spec within the project, as in [`Manifest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_path: Option<String>,
    /// Experiments, each with its seeds, networks and data.
    pub members: Vec<Value>,
    /// Published replicates of these experiments that the summary does not cover.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// SHA-256 of the page beside the folder, if there is one.
    pub page: Option<String>,
    /// Stages of its figures.
    pub stages: Vec<StageEntry>,
    /// Programs, machines and commands that computed them.
    pub made_by: Vec<Value>,
    /// SHA-256 of every other file, by path.
    pub outputs: BTreeMap<String, String>,
}

/// Published replicate that a summary does not cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Name of its experiment.
    pub experiment: String,
    /// Seed of the replicate.
    pub seed: u64,
    /// Reason to leave it out.
    pub reason: String,
}

/// Stage in a manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageEntry {
    /// Name of its kind.
    pub stage: String,
    /// Name of its inversion, prior, companion or figure; empty for the others.
    pub name: String,
    /// Key in the store.
    pub key: StageKey,
    /// Position of its program in `made_by`.
    pub made_by: usize,
}

/// Failure to read a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is missing, or cannot be read.
    #[error(
        "the replicate in `{}` cannot be read as a whole; run its spec again",
        escape::path(folder)
    )]
    Io {
        /// Folder of the manifest.
        folder: PathBuf,
        /// Cause.
        source: IoError,
    },
    /// It is not the manifest of a run.
    #[error(
        "`{}` is not the manifest of a run; run the spec again",
        escape::path(path)
    )]
    Content {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        source: serde_json::Error,
    },
}

impl Manifest {
    /// Reads the manifest of the results in this folder.
    ///
    /// # Errors
    /// If there is none, or no run wrote it.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        read(folder, |manifest: &Self| &manifest.outputs)
    }

    /// Returns the text of the file.
    ///
    /// # Errors
    /// If it does not fit into JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        bytes(self)
    }
}

impl StudyManifest {
    /// Reads the manifest of the summary in this folder.
    ///
    /// # Errors
    /// If there is none, or no run wrote it.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        read(folder, |manifest: &Self| &manifest.outputs)
    }

    /// Returns the text of the file.
    ///
    /// # Errors
    /// If it does not fit into JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        bytes(self)
    }
}

/// Reads the SHA-256 of every result in the manifest of a folder, by path.
///
/// # Errors
/// If there is no manifest, or no run wrote it.
pub fn recorded(folder: &Path) -> Result<BTreeMap<String, String>, ManifestError> {
    #[derive(Deserialize)]
    struct Recorded {
        outputs: BTreeMap<String, String>,
    }
    Ok(read(folder, |recorded: &Recorded| &recorded.outputs)?.outputs)
}

fn read<T: DeserializeOwned>(
    folder: &Path,
    outputs: impl Fn(&T) -> &BTreeMap<String, String>,
) -> Result<T, ManifestError> {
    let path = folder.join(MANIFEST);
    let bytes = io::read_at_most(&path, MAX_BYTES).map_err(|source| ManifestError::Io {
        folder: folder.to_owned(),
        source,
    })?;
    let manifest = serde_json::from_slice(&bytes);
    let manifest = manifest.and_then(|manifest| {
        check_outputs(outputs(&manifest))?;
        Ok(manifest)
    });
    manifest.map_err(|source| ManifestError::Content { path, source })
}

/// Checks that files are within the folder and digests are digests, as other programs may
/// have written them.
fn check_outputs(outputs: &BTreeMap<String, String>) -> Result<(), serde_json::Error> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    for (name, digest) in outputs {
        let fault = if !is_within(name) {
            "path within the folder"
        } else if digest.len() != 64 || !digest.bytes().all(is_digit) {
            "SHA-256 as 64 hexadecimal digits"
        } else {
            continue;
        };
        let text = format!("output {name:?}: expected a {fault}");
        return Err(serde_json::Error::custom(text));
    }
    Ok(())
}

/// True for a relative path without steps back, that can be printed.
fn is_within(name: &str) -> bool {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    let mut parts = Path::new(name).components();
    !name.is_empty() && !name.contains(char::is_control) && parts.all(is_plain)
}

fn bytes(manifest: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = serde_json::to_vec_pretty(manifest)?;
    json.push(b'\n');
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_files_within_the_folder_with_digests() {
        let digest = "0".repeat(64);
        let check = |name: &str, digest: &str| {
            check_outputs(&BTreeMap::from([(name.to_owned(), digest.to_owned())]))
        };
        for name in ["a.csv", "figures/a.png", "..a"] {
            assert!(check(name, &digest).is_ok(), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../a.csv",
            "figures/../../a",
            ".",
            "a\nb",
        ] {
            assert!(check(name, &digest).is_err(), "{name}");
        }
        for digest in ["", "x", &"0".repeat(63), &"G".repeat(64)] {
            assert!(check("a.csv", digest).is_err(), "{digest}");
        }
    }

    #[test]
    fn a_manifest_without_end_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join(MANIFEST)).unwrap();
        file.set_len(MAX_BYTES + 1).unwrap();
        let error = recorded(folder.path()).unwrap_err();
        assert!(matches!(error, ManifestError::Io { .. }), "{error}");
    }
}
