//! A spec with its place: the path it was read from decides where its results go.

use std::path::{Component, Path, PathBuf};

use crate::spec::{LoadError, Spec};

/// The folder whose layout `results/` mirrors.
const ROOT: &str = "experiments";

/// A spec that was read and checked.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its results go to this folder below the results folder: the path below
    /// `experiments` without the ending, such as `paper/slp`.
    pub name: String,
    /// The folder of the spec, to which paths in it are relative.
    pub folder: PathBuf,
    /// What it says.
    pub spec: Spec,
    /// What the command line changed in it, but for the seeds: each replicate
    /// names its own.
    pub overrides: Vec<String>,
}

impl Experiment {
    /// The name of the experiment with this spec: however the path is typed,
    /// the results are in the same folder.
    #[must_use]
    pub fn name_of(path: &Path) -> String {
        name(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    /// Reads a spec file, with `key=value` overrides.
    ///
    /// # Errors
    /// If it cannot be read, or with all its faults.
    pub fn load(path: &Path, sets: &[String]) -> Result<Self, LoadError> {
        Ok(Self {
            name: Self::name_of(path),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            spec: Spec::load(path, sets)?,
            overrides: sets
                .iter()
                .filter(|set| !set.starts_with("seeds="))
                .cloned()
                .collect(),
        })
    }
}

/// The part of the path below the last folder called `experiments`, or the
/// file's name if there is none.
fn name(path: &Path) -> String {
    let stem = path.with_extension("");
    let parts: Vec<_> = stem
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        })
        .collect();
    let folders = parts.len().saturating_sub(1);
    let below = parts[..folders].iter().rposition(|part| part == ROOT);
    parts[below.map_or(folders, |root| root + 1)..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_mirror_the_experiments() {
        let name = |path| name(Path::new(path));
        assert_eq!(name("experiments/paper/slp.toml"), "paper/slp");
        assert_eq!(name("/a/experiments/b/experiments/c.toml"), "c");
        assert_eq!(name("../mine/slp.v2.toml"), "slp.v2");
        assert_eq!(name("slp.toml"), "slp");
        assert_eq!(name("experiments"), "experiments");
    }
}
