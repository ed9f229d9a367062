//! A folder of IDX files, as the authors of Fashion-MNIST, KMNIST and EMNIST ship
//! them: images and labels to train on and, mostly, some to test on.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::DataError;
use super::idx::{self, Content};
use super::samples::{ImageSize, Samples};
use crate::escape;
use crate::spec::IdxFolder;

/// What the names of both files start with, behind the prefix of the spec.
const TRAIN: &str = "train";
/// The same of the rows to test on: MNIST's name, and EMNIST's.
const TEST: [&str; 2] = ["t10k", "test"];

const IMAGES: &str = "images";
const LABELS: &str = "labels";

/// Pixels across or down an image: for more, what networks of dense layers and their
/// inversions need does not fit into memory.
pub const MOST_ACROSS: usize = 300;

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

impl IdxFiles {
    /// The files in a folder that is named by a spec in the folder `base`.
    ///
    /// # Errors
    /// If there are none to train on, or images without labels or the other way
    /// round.
    pub fn find(asked: &IdxFolder, base: &Path) -> Result<Self, Missing> {
        let folder = base.join(&asked.folder);
        let part = |name: &str| Pair::find(&folder, &format!("{}{name}", asked.prefix));
        let Some(train) = part(TRAIN)? else {
            return Err(Missing::all(folder, &asked.prefix));
        };
        for name in TEST {
            if let Some(test) = part(name)? {
                let test = Some(test);
                return Ok(Self { train, test });
            }
        }
        Ok(Self { train, test: None })
    }

    /// Images and labels to train on, and those to test on if there are any.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let pairs = [Some(&self.train), self.test.as_ref()];
        let pairs = pairs.into_iter().flatten();
        pairs.flat_map(|pair| [&*pair.images, &*pair.labels])
    }

    /// The size of the images, and the samples to train and to test on.
    ///
    /// # Errors
    /// If a file cannot be read or is not IDX, images and labels are not of one
    /// number, or the images are too large or not all of one size.
    pub fn load(
        &self,
        transpose: bool,
    ) -> Result<(ImageSize, Samples, Option<Samples>), DataError> {
        let (size, train) = self.train.load()?;
        let mut test = None;
        if let Some(pair) = &self.test {
            let (test_size, samples) = pair.load()?;
            if test_size != size {
                return Err(DataError::Sizes {
                    train: self.train.images.clone(),
                    train_size: size,
                    test: pair.images.clone(),
                    test_size,
                });
            }
            test = Some(samples);
        }
        if !transpose {
            return Ok((size, train, test));
        }
        let test = test.map(|test| transposed(test, size));
        Ok((size.transposed(), transposed(train, size), test))
    }
}

impl Pair {
    /// The files whose names start with `stem`; none if there is neither.
    fn find(folder: &Path, stem: &str) -> Result<Option<Self>, Missing> {
        let find = |content| {
            let names = names(stem, content).into_iter();
            let mut paths = names.map(|name| folder.join(name));
            paths.find(|path| path.is_file())
        };
        match (find(IMAGES), find(LABELS)) {
            (Some(images), Some(labels)) => Ok(Some(Self { images, labels })),
            (None, None) => Ok(None),
            (Some(there), None) => Err(Missing::other(folder, &there, stem, LABELS)),
            (None, Some(there)) => Err(Missing::other(folder, &there, stem, IMAGES)),
        }
    }

    fn load(&self) -> Result<(ImageSize, Samples), DataError> {
        let (images, labels) = (Content::load(&self.images)?, Content::load(&self.labels)?);
        let (size, samples) = idx::samples((&self.images, images), (&self.labels, labels))?;
        if size.width.max(size.height) > MOST_ACROSS {
            let path = self.images.clone();
            return Err(DataError::TooLarge { path, size });
        }
        Ok((size, samples))
    }
}

/// What a file may be called: as its authors do, or as some programs that unpack it;
/// each gzipped (looked for first, as with MNIST) or not.
fn names(stem: &str, content: &str) -> [String; 4] {
    let end = end(content);
    [
        format!("{stem}-{content}-{end}.gz"),
        format!("{stem}-{content}-{end}"),
        format!("{stem}-{content}.{end}.gz"),
        format!("{stem}-{content}.{end}"),
    ]
}

fn end(content: &str) -> &'static str {
    if content == IMAGES {
        "idx3-ubyte"
    } else {
        "idx1-ubyte"
    }
}

/// Images with rows for columns.
fn transposed(samples: Samples, size: ImageSize) -> Samples {
    let mut pixels = Vec::with_capacity(samples.pixels.len());
    for image in samples.pixels.chunks(size.pixels()) {
        for column in 0..size.width {
            pixels.extend(image.iter().skip(column).step_by(size.width));
        }
    }
    Samples {
        pixels: Arc::new(pixels),
        ..samples
    }
}

/// Files that a folder should hold and does not.
#[derive(Debug)]
pub struct Missing {
    folder: PathBuf,
    /// What each is, and the names by which it was looked for.
    lacking: Vec<(String, [String; 4])>,
    /// What could be set instead of the prefix.
    prefixes: BTreeSet<String>,
}

impl Missing {
    /// Both files to train on.
    fn all(folder: PathBuf, prefix: &str) -> Self {
        let stem = format!("{prefix}{TRAIN}");
        let lacks = |content| {
            let what = format!("{content} to train on");
            (what, names(&stem, content))
        };
        Self {
            lacking: vec![lacks(IMAGES), lacks(LABELS)],
            prefixes: prefixes(&folder),
            folder,
        }
    }

    /// What belongs to a file that is there.
    fn other(folder: &Path, there: &Path, stem: &str, content: &str) -> Self {
        let there = Path::new(there.file_name().unwrap_or_default());
        let there = escape::path(there);
        let what = format!("{content} that belong to `{there}`");
        Self {
            folder: folder.to_owned(),
            lacking: vec![(what, names(stem, content))],
            prefixes: BTreeSet::new(),
        }
    }
}

/// What stands before the name of images to train on, wherever a folder has some.
fn prefixes(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let ends = names(TRAIN, IMAGES);
    let prefix = |file: String| {
        let mut found = ends
            .iter()
            .filter_map(|end| file.strip_suffix(end.as_str()));
        found.next().map(str::to_owned)
    };
    files.filter_map(prefix).collect()
}

impl std::error::Error for Missing {}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = escape::path(&self.folder);
        if !self.folder.is_dir() {
            return write!(
                f,
                "there is no folder `{folder}`: `data.folder` is relative to the spec"
            );
        }
        write!(f, "`{folder}` lacks files of the data set")?;
        for (what, names) in &self.lacking {
            let names = names.join("`, `");
            write!(f, "\n  {what}; looked for `{names}`")?;
        }
        let prefixes: Vec<&str> = self.prefixes.iter().map(String::as_str).collect();
        if prefixes.is_empty() {
            return Ok(());
        }
        let prefixes = prefixes.join("\"` or `\"");
        write!(
            f,
            "\n  there are files of other names: set `data.prefix` to `\"{prefixes}\"`"
        )
    }
}

#[cfg(test)]
mod tests;
