//! Content of one file: an experiment, a sweep of experiments that differ in some keys, or
//! a comparison of the experiments of other files.
//!
//! A file with a `base` says only what it changes in another one: tables are
//! laid over each other key by key, lists as a whole.

use std::error::Error;
use std::path::{Component, Path, PathBuf};

use super::compare::Compare;
use super::fault::{Faults, SpecError};
use super::figure::StudyFigure;
use super::files::{FileAccess, Files};
use super::project::Project;
use super::set;
use super::tree::Place;
use super::{LoadError, Spec};
use crate::claims::Claim;
use crate::data::labels;
use crate::io;

/// Content of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct StudySpec {
    /// Title in one line.
    pub title: String,
    /// The experiments, at least one.
    pub members: Vec<Member>,
    /// Comparison, if the experiments are those of other files.
    pub compare: Option<Compare>,
    /// Seeds that a comparison is limited to, if its file lists any.
    pub seeds: Option<Vec<u64>>,
    /// Figures of all replicates and members.
    pub figures: Vec<StudyFigure>,
    /// `[[claim]]`, in the order of the file: those of this file alone, not of
    /// one that it is laid over.
    pub claims: Vec<Claim>,
}

/// One experiment of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The swept keys with its values, as tables show them; in a comparison its
    /// name under the key `experiment`; nothing if it is alone.
    pub at: Vec<(String, String)>,
    /// The file it is the experiment of.
    pub path: PathBuf,
    /// Spec of the experiment.
    pub spec: Spec,
}

impl Member {
    /// Difference from the others: `slp`, `train.epochs=50`.
    pub fn label(&self) -> String {
        label(&self.at)
    }

    /// Label without characters that the name of a folder should not have.
    pub fn folder(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.=,+[]{}".contains(c);
        let label = self.label();
        let name: String = label
            .chars()
            .map(|c| if plain(c) { c } else { '_' })
            .collect();
        // A dot in front hides a folder.
        match name.strip_prefix('.') {
            Some(rest) => format!("_{rest}"),
            None => name,
        }
    }
}

impl StudySpec {
    /// Reads a spec file with `key=value` overrides laid over it.
    ///
    /// # Errors
    /// If the file cannot be read, or with all its faults if it has any.
    pub fn load(path: &Path, sets: &[String]) -> Result<Self, LoadError> {
        let project = Project::of(path);
        let bytes = project.read(path)?;
        let access = FileAccess {
            open: &|path| project.read(path),
            labels: &|source, folder| labels(source, folder).map_err(|error| in_one_line(&error)),
        };
        Ok(Self::read(path, bytes, sets, access)?)
    }

    /// Reads the text of a spec; `file` is the name that faults carry. Files
    /// that it names are not read.
    ///
    /// # Errors
    /// With all faults of the text and the overrides.
    pub fn parse(file: &str, text: &str, sets: &[String]) -> Result<Self, SpecError> {
        let nowhere = |path: &Path| {
            let error = std::io::ErrorKind::NotFound;
            Err(io::at("read", path)(error.into()))
        };
        let access = FileAccess {
            open: &nowhere,
            labels: &|_, _| Err("files are not read".to_owned()),
        };
        Self::read(Path::new(file), text.into(), sets, access)
    }

    fn read(
        path: &Path,
        bytes: Vec<u8>,
        sets: &[String],
        access: FileAccess<'_>,
    ) -> Result<Self, SpecError> {
        let faults = Faults::default();
        for (index, option) in sets.iter().enumerate() {
            if set::key_of(option).split('.').next() == Some("claim") {
                let message = "claims are what the source says: change them in the spec";
                faults.add(Place::Set(index), message);
            }
        }
        let files = Files::new(access, &faults, sets);
        let study = files
            .parse(path, bytes)
            .and_then(|tree| files.study(path, tree));
        let files = files.read();
        match study {
            Some(study) if faults.is_empty() => Ok(study),
            _ => Err(faults.into_error(&files, sets)),
        }
    }
}

/// Formats an error with its causes, in one line.
fn in_one_line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace("\n  ", "; ")
}

/// `a/b/../c` is `a/c`; what leads out of the beginning stays.
pub fn without_steps_back(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let is_folder = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if is_folder => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
}

/// Label of an experiment: the keys and values in which it differs from others; names of
/// specs go without a key.
pub fn label(at: &[(String, String)]) -> String {
    let one = |(key, value): &(String, String)| match key.as_str() {
        "base" | "experiment" => value.clone(),
        _ => format!("{key}={value}"),
    };
    at.iter().map(one).collect::<Vec<_>>().join(",")
}
