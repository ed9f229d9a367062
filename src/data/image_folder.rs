//! Folders of PNG files, a folder per class.
//!
//! Rows are sorted by class and file name, so that they do not depend on the file system.

mod error;
mod grey;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::candidates::name_within;
use super::error::DataError;
use super::label::{Label, MAX_LABELS};
use super::levels::{LevelScale, Levels, WHITE};
use super::samples::{ImageSize, Samples, SourceData, SourceRows};
use crate::config::ImageFolders;
use crate::digest::sha256;
use crate::io::{at, entries, read_at_most};
pub use error::ImagesError;
use grey::decode;

/// Maximum number of images of a folder.
const MAX_FILES: usize = 1_000_000;

/// Maximum number of pixels of a folder, as of an IDX file.
const MAX_PIXELS: usize = 1 << 30;

/// Maximum size of a file in bytes: the largest image without compression, and metadata.
const MAX_BYTES: u64 = 1 << 22;

/// Folders of the training and the test images of a spec.
#[derive(Debug)]
pub struct FoundImages {
    train: ImageFolder,
    test: Option<ImageFolder>,
}

/// Folder with a folder per class.
#[derive(Debug)]
struct ImageFolder {
    root: PathBuf,
    /// Classes in ascending order.
    classes: Vec<ClassFolder>,
}

/// Folder of a class.
#[derive(Debug)]
struct ClassFolder {
    label: Label,
    path: PathBuf,
    /// Files, sorted by name.
    files: Vec<PathBuf>,
}

impl FoundImages {
    /// Finds the files of a spec in the folder `base`.
    ///
    /// # Errors
    /// If a folder cannot be read, or has anything but folders of PNG files for classes.
    pub fn find(folders: &ImageFolders, base: &Path) -> Result<Self, DataError> {
        let find = |folder: &PathBuf| ImageFolder::find(base.join(folder));
        let found = Self {
            train: find(&folders.folder)?,
            test: folders.test_folder.as_ref().map(find).transpose()?,
        };
        let test = found.test.iter().flat_map(|test| &test.classes);
        let classes = found.train.classes.iter().chain(test);
        check_alike(&classes.collect::<Vec<_>>())?;
        Ok(found)
    }

    /// Labels of the training images, in ascending order.
    pub fn labels(&self) -> impl Iterator<Item = Label> {
        self.train.classes.iter().map(|class| class.label)
    }

    /// Digests of the training and the test images.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn digests(&self) -> Result<Vec<String>, DataError> {
        self.parts().map(ImageFolder::digest).collect()
    }

    /// Names of the folders of all classes.
    pub fn names(&self) -> Vec<String> {
        self.parts().flat_map(ImageFolder::names).collect()
    }

    fn parts(&self) -> impl Iterator<Item = &ImageFolder> {
        [Some(&self.train), self.test.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Loads the images, of which this level is white.
    ///
    /// # Errors
    /// If a file is no grey PNG file, or has another size than the first one.
    pub fn load(&self, levels: Option<f64>) -> Result<SourceData, DataError> {
        let train = self.train.load(levels)?;
        let mut test = None;
        if let Some(folder) = &self.test {
            let rows = folder.load(levels)?;
            if rows.size != train.size {
                return Err(DataError::Sizes {
                    train: self.train.root.clone(),
                    train_size: train.size,
                    test: folder.root.clone(),
                    test_size: rows.size,
                });
            }
            test = Some(rows);
        }
        Ok(SourceData { train, test })
    }
}

impl ImageFolder {
    fn find(root: PathBuf) -> Result<Self, DataError> {
        let real = root.canonicalize().map_err(at("read", &root))?;
        let mut classes = Vec::new();
        for path in visible(&root, &real)? {
            if path.is_dir() {
                classes.push(ClassFolder::find(path, &real)?);
            } else if is_png(&path) {
                return Err(ImagesError::Loose(path).into());
            }
        }
        classes.sort_by_key(|class| class.label);
        if classes.is_empty() {
            return Err(ImagesError::NoClass(root).into());
        }
        if classes.len() > MAX_LABELS {
            return Err(ImagesError::ManyClasses(root).into());
        }
        if let Some([one, other]) = classes.array_windows().find(|[a, b]| a.label == b.label) {
            return Err(ImagesError::Alike(one.path.clone(), other.path.clone()).into());
        }
        if classes.iter().map(|class| class.files.len()).sum::<usize>() > MAX_FILES {
            return Err(ImagesError::ManyFiles {
                path: root,
                limit: MAX_FILES,
            }
            .into());
        }
        Ok(Self { root, classes })
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let root = self.root.parent().unwrap_or(Path::new(""));
        let name = |class: &ClassFolder| format!("{}/", name_within(root, &class.path));
        self.classes.iter().map(name)
    }

    /// SHA-256 of the labels and the contents of all files, in the order of the rows.
    fn digest(&self) -> Result<String, DataError> {
        let mut lines = Vec::new();
        for class in &self.classes {
            lines.push(format!("{:?}\n", class.label));
            for path in &class.files {
                let bytes = read_at_most(path, MAX_BYTES)?;
                lines.push(format!("{}\n", sha256([&bytes[..]])));
            }
        }
        Ok(sha256(lines.iter().map(String::as_bytes)))
    }

    fn load(&self, levels: Option<f64>) -> Result<SourceRows, DataError> {
        // Files of 16 bits have fractions of a level.
        let scale = LevelScale {
            white: levels.unwrap_or(WHITE),
            fractions: true,
        };
        let mut rows = ImageRows {
            scale,
            first: None,
            pixels: Vec::new(),
            levels: Levels::none(scale),
            from_colour: 0,
            from_opaque: 0,
        };
        let mut labels = Vec::new();
        for (position, class) in self.classes.iter().enumerate() {
            let byte = class.label.number().unwrap_or(position as u8);
            for path in &class.files {
                rows.add(path)?;
                labels.push(byte);
            }
        }
        let labels_of_classes = self.classes.iter().map(|class| class.label);
        let words = labels_of_classes.filter(|label| label.is_word()).collect();
        let notes = rows.notes(labels.len());
        let Some((_, size)) = rows.first else {
            return Err(ImagesError::NoClass(self.root.clone()).into());
        };
        Ok(SourceRows {
            size,
            samples: Samples {
                features: size.pixels(),
                pixels: Arc::new(rows.pixels),
                labels,
            },
            words,
            levels: Some(rows.levels),
            notes,
        })
    }
}

/// Images of a folder that were read.
struct ImageRows<'a> {
    scale: LevelScale,
    /// First file, and its size.
    first: Option<(&'a Path, ImageSize)>,
    pixels: Vec<u8>,
    levels: Levels,
    /// Number of files with colours that are grey.
    from_colour: usize,
    /// Number of files with an opaque alpha channel.
    from_opaque: usize,
}

impl<'a> ImageRows<'a> {
    fn add(&mut self, path: &'a Path) -> Result<(), DataError> {
        let fault = |fault| ImagesError::Png {
            path: path.to_owned(),
            fault,
        };
        let image = decode(&read_at_most(path, MAX_BYTES)?).map_err(fault)?;
        let (first, size) = *self.first.get_or_insert((path, image.size));
        if image.size != size {
            return Err(ImagesError::Sizes {
                first: first.to_owned(),
                first_size: size,
                other: path.to_owned(),
                other_size: image.size,
            }
            .into());
        }
        if self.pixels.len() + size.pixels() > MAX_PIXELS {
            return Err(ImagesError::ManyPixels {
                path: path.to_owned(),
                limit: MAX_PIXELS,
            }
            .into());
        }
        self.from_colour += usize::from(image.from_colour);
        self.from_opaque += usize::from(image.from_opaque);
        for (index, &level) in image.levels.iter().enumerate() {
            let byte = self.scale.byte(level).map_err(|_| ImagesError::Level {
                path: path.to_owned(),
                row: index / size.width,
                column: index % size.width,
                found: level,
                white: self.scale.white,
            })?;
            self.levels.add(level, self.scale, byte);
            self.pixels.push(byte);
        }
        Ok(())
    }

    /// Notes on files that were not grey alone.
    fn notes(&self, files: usize) -> Vec<String> {
        let kinds = [
            (
                self.from_colour,
                "have colours or a palette, and all are grey",
            ),
            (self.from_opaque, "have an alpha channel, and all is opaque"),
        ];
        let kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
        let note = |(count, kind)| format!("{count} of {files} files {kind}: read as grey");
        kinds.map(note).collect()
    }
}

impl ClassFolder {
    fn find(path: PathBuf, root: &Path) -> Result<Self, DataError> {
        let name = path.file_name().and_then(|name| name.to_str());
        let label = Label::parse(name.unwrap_or_default());
        let label = label.map_err(|error| ImagesError::Label {
            path: path.clone(),
            error,
        })?;
        let files = visible(&path, root)?;
        for file in &files {
            if file.is_dir() {
                return Err(ImagesError::Nested(file.clone()).into());
            }
            if !is_png(file) {
                return Err(ImagesError::Other(file.clone()).into());
            }
        }
        if files.is_empty() {
            return Err(ImagesError::Empty(path).into());
        }
        Ok(Self { label, path, files })
    }
}

/// Names of files that systems add to folders, in lower case.
const SYSTEM_FILES: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// Paths in a folder, sorted by name, without hidden ones. None may be a link that leads out
/// of the folder `root` of all classes.
fn visible(folder: &Path, root: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = Vec::new();
    for entry in entries(folder)? {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if name.starts_with('.') || SYSTEM_FILES.contains(&name.as_str()) {
            continue;
        }
        let path = entry.path();
        let real = path.canonicalize().map_err(at("read", &path))?;
        if !real.starts_with(root) {
            return Err(ImagesError::Link(path).into());
        }
        paths.push(path);
        if paths.len() > MAX_FILES {
            return Err(ImagesError::ManyFiles {
                path: folder.to_owned(),
                limit: MAX_FILES,
            }
            .into());
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_png(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
}

/// Checks that classes are all numbers or all words, and that no words differ by upper and
/// lower case alone.
fn check_alike(classes: &[&ClassFolder]) -> Result<(), ImagesError> {
    let paths = |one: &ClassFolder, other: &ClassFolder| (one.path.clone(), other.path.clone());
    let mut known: BTreeMap<String, &ClassFolder> = BTreeMap::new();
    for &class in classes {
        let first = classes[0];
        if first.label.is_word() != class.label.is_word() {
            let (one, other) = paths(first, class);
            return Err(ImagesError::Mixed(one, other));
        }
        let other = *known
            .entry(class.label.to_string().to_lowercase())
            .or_insert(class);
        if other.label != class.label {
            let (one, other) = paths(other, class);
            return Err(ImagesError::Alike(one, other));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
