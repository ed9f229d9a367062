//! A folder of IDX files, as the authors of Fashion-MNIST, KMNIST and EMNIST ship
//! them: images and labels to train on and, mostly, some to test on.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::candidates::{candidates, name_within, names, only};
use super::error::DataError;
use super::idx::{self, Content, Images};
use super::levels::Scale;
use super::samples::Samples;
use crate::config::{IdxFolder, MAX_ACROSS};
use crate::escape;

/// What the names of both files start with, behind the prefix of the spec.
const TRAIN: &str = "train";
/// The same of the rows to test on: MNIST's name, and EMNIST's.
const TEST: [&str; 2] = ["t10k", "test"];

const IMAGES: &str = "images";
const LABELS: &str = "labels";

/// The files of a data set.
#[derive(Debug)]
pub struct IdxFiles {
    train: Pair,
    test: Option<Pair>,
}

/// The files of one part.
#[derive(Debug)]
struct Pair {
    images: PathBuf,
    labels: PathBuf,
}

/// Images to train on and, if there are any, to test on; all of one size.
#[derive(Debug)]
pub struct IdxParts {
    pub train: Images,
    pub test: Option<Images>,
}

impl IdxFiles {
    /// The files in a folder that is named by a spec in the folder `base`.
    ///
    /// # Errors
    /// If there are none to train on, images without labels or the other way round, or
    /// several that could be meant and differ.
    pub fn find(asked: &IdxFolder, base: &Path) -> Result<Self, DataError> {
        let folder = base.join(&asked.folder);
        let part = |name: &str| Pair::find(&folder, &format!("{}{name}", asked.prefix));
        let Some(train) = part(TRAIN)? else {
            return Err(Missing::all(folder, &asked.prefix).into());
        };
        let [official, other] = TEST.map(part);
        let test = match (official?, other?) {
            (Some(official), Some(other)) => Some(official.or_same(other)?),
            (official, other) => official.or(other),
        };
        Ok(Self { train, test })
    }

    /// Images and labels to train on, and those to test on if there are any.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let pairs = [Some(&self.train), self.test.as_ref()];
        let pairs = pairs.into_iter().flatten();
        pairs.flat_map(|pair| [&*pair.images, &*pair.labels])
    }

    /// The names of these files within their folder.
    pub fn names(&self, asked: &IdxFolder, base: &Path) -> Vec<String> {
        let folder = base.join(&asked.folder);
        self.paths()
            .map(|path| name_within(&folder, path))
            .collect()
    }

    /// The images to train and to test on.
    ///
    /// # Errors
    /// If a file cannot be read or is not IDX, images and labels are not of one
    /// number, the images are too large or not all of one size, or levels are not on the
    /// scale.
    pub fn load(&self, asked: &IdxFolder) -> Result<IdxParts, DataError> {
        let scale = Scale::of(asked.levels);
        let train = self.train.load(scale)?;
        let mut test = None;
        if let Some(pair) = &self.test {
            let images = pair.load(scale)?;
            if images.size != train.size {
                return Err(DataError::Sizes {
                    train: self.train.images.clone(),
                    train_size: train.size,
                    test: pair.images.clone(),
                    test_size: images.size,
                });
            }
            test = Some(images);
        }
        if !asked.transpose {
            return Ok(IdxParts { train, test });
        }
        Ok(IdxParts {
            train: transposed(train),
            test: test.map(transposed),
        })
    }
}

impl Pair {
    /// The files whose names start with `stem`; none if there is neither.
    fn find(folder: &Path, stem: &str) -> Result<Option<Self>, DataError> {
        let find = |content| only(candidates(folder, &file_name(stem, content)));
        match (find(IMAGES)?, find(LABELS)?) {
            (Some(images), Some(labels)) => Ok(Some(Self { images, labels })),
            (None, None) => Ok(None),
            (Some(there), None) => Err(Missing::other(folder, &there, stem, LABELS).into()),
            (None, Some(there)) => Err(Missing::other(folder, &there, stem, IMAGES).into()),
        }
    }

    /// This pair, if another one has the same content.
    fn or_same(self, other: Self) -> Result<Self, DataError> {
        only(vec![self.images.clone(), other.images])?;
        only(vec![self.labels.clone(), other.labels])?;
        Ok(self)
    }

    fn load(&self, scale: Scale) -> Result<Images, DataError> {
        let (images, labels) = (Content::load(&self.images)?, Content::load(&self.labels)?);
        let images = idx::samples((&self.images, images), (&self.labels, labels), scale)?;
        let size = images.size;
        if size.width.max(size.height) > MAX_ACROSS {
            let path = self.images.clone();
            return Err(DataError::TooLarge { path, size });
        }
        Ok(images)
    }
}

/// The name of a file as its authors write it.
fn file_name(stem: &str, content: &str) -> String {
    let dimensions = if content == IMAGES { 3 } else { 1 };
    format!("{stem}-{content}-idx{dimensions}-ubyte")
}

/// Images with rows for columns.
fn transposed(images: Images) -> Images {
    let Images {
        size,
        samples,
        levels,
    } = images;
    let mut pixels = Vec::with_capacity(samples.pixels.len());
    for image in samples.pixels.chunks(size.pixels()) {
        for column in 0..size.width {
            pixels.extend(image.iter().skip(column).step_by(size.width));
        }
    }
    Images {
        size: size.transposed(),
        samples: Samples {
            pixels: Arc::new(pixels),
            ..samples
        },
        levels,
    }
}

/// Files that a folder should hold and does not.
#[derive(Debug)]
pub struct Missing {
    folder: PathBuf,
    /// What each is, and the names by which it was looked for.
    lacking: Vec<(String, [String; 4])>,
    /// What there is instead, a line each.
    hints: Vec<String>,
}

impl Missing {
    /// Both files to train on.
    fn all(folder: PathBuf, prefix: &str) -> Self {
        let stem = format!("{prefix}{TRAIN}");
        let lacks = |content| {
            let what = format!("{content} to train on");
            (what, names(&file_name(&stem, content)))
        };
        let mut hints: Vec<String> = similar(&folder, &stem).into_iter().collect();
        hints.extend(other_prefixes(&folder, prefix));
        Self {
            lacking: vec![lacks(IMAGES), lacks(LABELS)],
            hints,
            folder,
        }
    }

    /// What belongs to a file that is there.
    fn other(folder: &Path, there: &Path, stem: &str, content: &str) -> Self {
        let there = Path::new(there.file_name().unwrap_or_default());
        let there = escape::path(there);
        let what = format!("{content} that belong to `{there}`");
        let hint = similar(folder, &format!("{stem}-{content}"));
        Self {
            folder: folder.to_owned(),
            lacking: vec![(what, names(&file_name(stem, content)))],
            hints: hint.into_iter().collect(),
        }
    }
}

/// The hint at images to train on whose names start with another prefix.
fn other_prefixes(folder: &Path, prefix: &str) -> Option<String> {
    let ends = names(&file_name(TRAIN, IMAGES));
    let prefix_of = |file: String| {
        let lower = file.to_ascii_lowercase();
        let mut found = ends
            .iter()
            .filter_map(|end| lower.strip_suffix(end.as_str()));
        found.next().map(|prefix| file[..prefix.len()].to_owned())
    };
    let mut prefixes: BTreeSet<String> = files(folder).filter_map(prefix_of).collect();
    prefixes.remove(prefix);
    let prefixes: Vec<String> = prefixes.into_iter().collect();
    let listed = prefixes.join("\"` or `\"");
    let listed = escape::line(&listed);
    (!prefixes.is_empty())
        .then(|| format!("there are files of other names: set `data.prefix` to `\"{listed}\"`"))
}

/// The most files that an error lists.
const MAX_SIMILAR: usize = 8;

/// The hint at files whose names only start as they should.
fn similar(folder: &Path, stem: &str) -> Option<String> {
    let stem = stem.to_ascii_lowercase();
    let is_similar = |name: &String| name.to_ascii_lowercase().starts_with(&stem);
    let mut names: Vec<String> = files(folder).filter(is_similar).collect();
    names.sort();
    names.truncate(MAX_SIMILAR);
    let listed = names.join("`, `");
    let listed = escape::line(&listed);
    (!names.is_empty()).then(|| format!("there is `{listed}`, which is none of these"))
}

fn files(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

impl std::error::Error for Missing {}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = escape::path(&self.folder);
        match fs::read_dir(&self.folder) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return write!(
                    f,
                    "there is no folder `{folder}`: `data.folder` is relative to the spec"
                );
            }
            Err(error) => return write!(f, "`{folder}` cannot be read as a folder: {error}"),
        }
        write!(f, "`{folder}` lacks files of the data set")?;
        for (what, names) in &self.lacking {
            let names = names.join("`, `");
            write!(f, "\n  {what}; looked for `{names}`")?;
        }
        for hint in &self.hints {
            write!(f, "\n  {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
