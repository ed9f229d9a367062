//! Folders of IDX files, as the authors of Fashion-MNIST, KMNIST and EMNIST publish them:
//! training images and labels and, in most cases, test images and labels.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::candidates::{candidates, name_within, names, only};
use super::error::DataError;
use super::idx::{IdxContent, IdxFile, source_rows};
use super::label::Label;
use super::levels::LevelScale;
use super::samples::{Samples, SourceData, SourceRows};
use crate::config::{IdxFolder, MAX_ACROSS};
use crate::escape;

/// Start of the names of training files, after the prefix of the spec.
const TRAIN: &str = "train";
/// Start of the names of test files: MNIST's and EMNIST's.
const TEST: [&str; 2] = ["t10k", "test"];

const IMAGES: &str = "images";
const LABELS: &str = "labels";

/// Files of a data set.
#[derive(Debug)]
pub struct IdxFiles {
    train: FilePair,
    test: Option<FilePair>,
}

/// Files of the training or test rows.
#[derive(Debug)]
struct FilePair {
    images: PathBuf,
    labels: PathBuf,
}

impl IdxFiles {
    /// Finds the files in a folder of a spec; `base` is the folder of the spec.
    ///
    /// # Errors
    /// If training files are missing, images have no labels or labels no images, or several
    /// files could be meant and differ.
    pub fn find(asked: &IdxFolder, base: &Path) -> Result<Self, DataError> {
        let folder = base.join(&asked.folder);
        let pair = |name: &str| FilePair::find(&folder, &format!("{}{name}", asked.prefix));
        let Some(train) = pair(TRAIN)? else {
            return Err(MissingFiles::of_training(folder, &asked.prefix).into());
        };
        let [official, other] = TEST.map(pair);
        let test = match (official?, other?) {
            (Some(official), Some(other)) => Some(official.or_same(other)?),
            (official, other) => official.or(other),
        };
        Ok(Self { train, test })
    }

    /// Paths of training images and labels, and of test images and labels.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        [Some(&self.train), self.test.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|pair| [&*pair.images, &*pair.labels])
    }

    /// Names of the files within their folder.
    pub fn names(&self, asked: &IdxFolder, base: &Path) -> Vec<String> {
        let folder = base.join(&asked.folder);
        self.paths()
            .map(|path| name_within(&folder, path))
            .collect()
    }

    /// Checks that there are no test rows, which others would replace.
    ///
    /// # Errors
    /// If there are.
    pub fn check_no_tests(&self) -> Result<(), DataError> {
        match &self.test {
            Some(pair) => Err(DataError::HasTests(pair.images.clone())),
            None => Ok(()),
        }
    }

    /// Labels of the training rows.
    ///
    /// # Errors
    /// If the file cannot be read or has no labels.
    pub fn labels(&self) -> Result<BTreeSet<Label>, DataError> {
        let path = &self.train.labels;
        let labels = IdxContent::load(path)?.labels();
        let labels = labels.map_err(|error| DataError::idx(path, error))?;
        Ok(labels.into_iter().map(Label::Number).collect())
    }

    /// Loads the images and labels.
    ///
    /// # Errors
    /// If a file cannot be read or is no valid IDX file, the numbers of images and labels
    /// differ, images are too large or differ in size, or a level is above white.
    pub fn load(&self, asked: &IdxFolder) -> Result<SourceData, DataError> {
        let scale = LevelScale::of(asked.levels);
        let orient = |rows| {
            if asked.transpose {
                transposed(rows)
            } else {
                rows
            }
        };
        let train = self.train.load(scale)?;
        let mut test = None;
        if let Some(pair) = &self.test {
            let rows = pair.load(scale)?;
            if rows.size != train.size {
                return Err(DataError::Sizes {
                    train: self.train.images.clone(),
                    train_size: train.size,
                    test: pair.images.clone(),
                    test_size: rows.size,
                });
            }
            test = Some(orient(rows));
        }
        Ok(SourceData {
            train: orient(train),
            test,
        })
    }
}

impl FilePair {
    /// Finds the files whose names start with `stem`; `None` if there is neither.
    fn find(folder: &Path, stem: &str) -> Result<Option<Self>, DataError> {
        let find = |content| only(candidates(folder, &file_name(stem, content)));
        match (find(IMAGES)?, find(LABELS)?) {
            (Some(images), Some(labels)) => Ok(Some(Self { images, labels })),
            (None, None) => Ok(None),
            (Some(found), None) => Err(MissingFiles::beside(&found, folder, stem, LABELS).into()),
            (None, Some(found)) => Err(MissingFiles::beside(&found, folder, stem, IMAGES).into()),
        }
    }

    /// Returns this pair, if another one has the same content.
    fn or_same(self, other: Self) -> Result<Self, DataError> {
        only(vec![self.images.clone(), other.images])?;
        only(vec![self.labels.clone(), other.labels])?;
        Ok(self)
    }

    fn load(&self, scale: LevelScale) -> Result<SourceRows, DataError> {
        let (images, labels) = (IdxFile::load(&self.images)?, IdxFile::load(&self.labels)?);
        let rows = source_rows(images, labels, scale)?;
        let size = rows.size;
        if size.width.max(size.height) > MAX_ACROSS {
            let path = self.images.clone();
            return Err(DataError::TooLarge { path, size });
        }
        Ok(rows)
    }
}

/// Name of a file as its authors write it.
fn file_name(stem: &str, content: &str) -> String {
    let dimensions = if content == IMAGES { 3 } else { 1 };
    format!("{stem}-{content}-idx{dimensions}-ubyte")
}

/// Exchanges rows and columns of images.
fn transposed(rows: SourceRows) -> SourceRows {
    let size = rows.size;
    let mut pixels = Vec::with_capacity(rows.samples.pixels.len());
    for image in rows.samples.pixels.chunks(size.pixels()) {
        for column in 0..size.width {
            pixels.extend(image.iter().skip(column).step_by(size.width));
        }
    }
    SourceRows {
        size: size.transposed(),
        samples: Samples {
            pixels: Arc::new(pixels),
            ..rows.samples
        },
        ..rows
    }
}

/// Error of a folder without some of its files.
#[derive(Debug)]
pub struct MissingFiles {
    folder: PathBuf,
    /// Description of each file, and its possible names.
    missing: Vec<(String, [String; 4])>,
    /// Files that exist instead, one hint per line.
    hints: Vec<String>,
}

impl MissingFiles {
    /// Error of a folder without training files.
    fn of_training(folder: PathBuf, prefix: &str) -> Self {
        let stem = format!("{prefix}{TRAIN}");
        let missing = [IMAGES, LABELS].map(|content| {
            let names = names(&file_name(&stem, content));
            (format!("training {content}"), names)
        });
        let similar = similar(&folder, &stem).into_iter();
        Self {
            missing: missing.into(),
            hints: similar.chain(other_prefixes(&folder, prefix)).collect(),
            folder,
        }
    }

    /// Error of images without labels, or labels without images.
    fn beside(found: &Path, folder: &Path, stem: &str, content: &str) -> Self {
        let found = Path::new(found.file_name().unwrap_or_default());
        let description = format!("{content} of `{}`", escape::path(found));
        let hint = similar(folder, &format!("{stem}-{content}"));
        Self {
            folder: folder.to_owned(),
            missing: vec![(description, names(&file_name(stem, content)))],
            hints: hint.into_iter().collect(),
        }
    }
}

/// Hint at training images with another prefix.
fn other_prefixes(folder: &Path, prefix: &str) -> Option<String> {
    let ends = names(&file_name(TRAIN, IMAGES));
    let prefix_of = |file: String| {
        let lower = file.to_ascii_lowercase();
        let found = ends.iter().find_map(|end| lower.strip_suffix(end.as_str()));
        found.map(|prefix| file[..prefix.len()].to_owned())
    };
    let mut prefixes: BTreeSet<String> = files(folder).filter_map(prefix_of).collect();
    prefixes.remove(prefix);
    let prefixes: Vec<String> = prefixes.into_iter().collect();
    let listed = prefixes.join("\"` or `\"");
    let listed = escape::line(&listed);
    (!prefixes.is_empty())
        .then(|| format!("files have another prefix: set `data.prefix` to `\"{listed}\"`"))
}

/// Maximum number of files that an error lists.
const MAX_SIMILAR: usize = 8;

/// Hint at files whose names only start as expected.
fn similar(folder: &Path, stem: &str) -> Option<String> {
    let stem = stem.to_ascii_lowercase();
    let is_similar = |name: &String| name.to_ascii_lowercase().starts_with(&stem);
    let mut names: Vec<String> = files(folder).filter(is_similar).collect();
    names.sort();
    names.truncate(MAX_SIMILAR);
    let listed = names.join("`, `");
    let listed = escape::line(&listed);
    (!names.is_empty()).then(|| format!("similar names: `{listed}`"))
}

fn files(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

impl std::error::Error for MissingFiles {}

impl fmt::Display for MissingFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = escape::path(&self.folder);
        match fs::read_dir(&self.folder) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return write!(
                    f,
                    "`{folder}`: folder not found; `data.folder` is relative to the spec"
                );
            }
            Err(error) => return write!(f, "`{folder}`: cannot be read as a folder: {error}"),
        }
        write!(f, "`{folder}`: files of the data set not found")?;
        for (description, names) in &self.missing {
            let names = names.join("`, `");
            write!(f, "\n  {description}: expected one of `{names}`")?;
        }
        for hint in &self.hints {
            write!(f, "\n  {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
