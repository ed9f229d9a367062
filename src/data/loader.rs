//! From the `[data]` of a spec to a data set: finds, fetches, reads, selects.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::candidates::name_within;
use super::csv_file::{self, Format, Table};
use super::dataset::{Dataset, StandInFor, check_classes, select};
use super::error::DataError;
use super::fetch::{Limits, Received, fetch};
use super::idx::{self, Images};
use super::idx_folder::{IdxFiles, IdxParts};
use super::levels::Levels;
use super::mnist::{self, FILES, MIRRORS};
use super::parity;
use super::places::{Place, download_folder, find, places};
use super::reading::{self, Reading};
use super::samples::{ImageSize, Samples};
use super::strokes::{self, MOST_PER_CLASS, TEST_PER_CLASS, TRAIN_PER_CLASS};
use crate::config::{CsvFiles, Data, DataSource, PerClass, StandIn};
use crate::digest::sha256_of;
use crate::io::{at, open};

/// The environment variable that names other mirrors, separated by commas.
const MIRRORS_VARIABLE: &str = "BACKQUERY_MIRRORS";

/// All samples of a source.
#[derive(Debug)]
struct Parts {
    size: ImageSize,
    train: Part,
    test: Option<Part>,
}

/// Samples to train or to test on.
#[derive(Debug)]
struct Part {
    samples: Samples,
    /// How they were read; nothing for samples that this program makes.
    read: Option<(Levels, Vec<String>)>,
}

impl Part {
    fn made(samples: Samples) -> Self {
        let read = None;
        Self { samples, read }
    }
}

impl From<Images> for Part {
    fn from(images: Images) -> Self {
        Self {
            samples: images.samples,
            read: Some((images.levels, Vec::new())),
        }
    }
}

impl From<Table> for Part {
    fn from(table: Table) -> Self {
        let notes = table.notes().to_vec();
        Self {
            samples: table.samples,
            read: Some((table.levels, notes)),
        }
    }
}

/// What is known of a source before any of it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fingerprint {
    /// The spec says it all: made by this program, or MNIST, of which only the
    /// official files are ever loaded.
    Named,
    /// MNIST as well, but its files are nowhere and would be downloaded.
    Absent,
    /// SHA-256 of each file.
    Files(Vec<String>),
}

/// Loads data sets, MNIST at most once: several specs share its files, and a
/// download that failed is not tried again for each of them.
#[derive(Debug)]
pub struct Loader {
    places: Vec<Place>,
    mirrors: Vec<String>,
    limits: Limits,
    mnist: OnceLock<Result<Arc<Parts>, Arc<DataError>>>,
}

impl Loader {
    /// Looks for files in `data_dir`, if given, and then in the usual places.
    #[must_use]
    pub fn new(data_dir: Option<&Path>) -> Self {
        let named = std::env::var(MIRRORS_VARIABLE).unwrap_or_default();
        let named = named
            .split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty());
        let mut mirrors: Vec<String> = named.map(str::to_owned).collect();
        if mirrors.is_empty() {
            mirrors = MIRRORS.map(str::to_owned).to_vec();
        }
        Self {
            places: places(data_dir),
            mirrors,
            limits: Limits::default(),
            mnist: OnceLock::new(),
        }
    }

    /// Where files are looked for, in this order.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The folder with all MNIST files, if there is one.
    #[must_use]
    pub fn mnist_folder(&self) -> Option<PathBuf> {
        find(&self.places).ok()
    }

    /// Sees to it that MNIST is there and whole; returns its folder. Files that
    /// are missing or broken are downloaded.
    ///
    /// # Errors
    /// If they cannot be downloaded, or the folder for downloads holds another
    /// data set.
    pub fn fetch_mnist(&self, on_bytes: &dyn Fn(Received<'_>)) -> Result<PathBuf, DataError> {
        let searched = match find(&self.places) {
            Ok(folder) if mnist::load(&folder).is_ok() => return Ok(folder),
            Ok(_) => None,
            Err(searched) => Some(searched),
        };
        let folder = download_folder(&self.places);
        let fetched = fetch(&FILES, &self.mirrors, folder, &self.limits, on_bytes);
        match (fetched, searched) {
            (Ok(()), _) => Ok(folder.to_owned()),
            (Err(source), Some(searched)) => Err(DataError::NotFound { searched, source }),
            (Err(source), None) => Err(source.into()),
        }
    }

    /// What is known of the source of a spec that lies in the folder `base`.
    ///
    /// # Errors
    /// If a file is missing or unreadable.
    pub fn fingerprint(&self, data: &Data, base: &Path) -> Result<Fingerprint, DataError> {
        match &data.source {
            DataSource::Strokes | DataSource::Parity { .. } => Ok(Fingerprint::Named),
            DataSource::Mnist if self.mnist_folder().is_some() => Ok(Fingerprint::Named),
            DataSource::Mnist => Ok(Fingerprint::Absent),
            DataSource::Csv(files) => {
                let format = format(files, data);
                let paths = [Some(&files.file), files.test_file.as_ref()]
                    .into_iter()
                    .flatten();
                let digest = |path: &PathBuf| csv_file::digest(&base.join(path), format);
                let digests: Result<_, DataError> = paths.map(digest).collect();
                Ok(Fingerprint::Files(digests?))
            }
            DataSource::Idx(folder) => {
                let files = IdxFiles::find(folder, base)?;
                let digest = |path: &Path| {
                    idx::check(path)?;
                    Ok(sha256_of(open(path)?).map_err(at("read", path))?)
                };
                let digests: Result<_, DataError> = files.paths().map(digest).collect();
                Ok(Fingerprint::Files(digests?))
            }
        }
    }

    /// The names of the files, in their folder, that [`Loader::load`] reads; none of
    /// samples that this program makes, or of files that are not there.
    #[must_use]
    pub fn files(&self, data: &Data, base: &Path) -> Vec<String> {
        match &data.source {
            DataSource::Strokes | DataSource::Parity { .. } => Vec::new(),
            DataSource::Mnist => {
                let folder = self.mnist_folder();
                folder
                    .map(|folder| mnist::names(&folder))
                    .unwrap_or_default()
            }
            DataSource::Csv(files) => {
                let paths = [Some(&files.file), files.test_file.as_ref()]
                    .into_iter()
                    .flatten();
                let name = |path: &PathBuf| {
                    let parent = path.parent().unwrap_or(Path::new(""));
                    name_within(parent, path)
                };
                paths.map(name).collect()
            }
            DataSource::Idx(folder) => {
                let files = IdxFiles::find(folder, base);
                let names = files.map(|files| files.names(folder, base));
                names.unwrap_or_default()
            }
        }
    }

    /// The data set of a spec that lies in the folder `base`.
    ///
    /// # Errors
    /// If the source cannot be had and nothing may stand in for it, a file is
    /// broken, or there are not enough rows of a class.
    pub fn load(
        &self,
        data: &Data,
        base: &Path,
        on_bytes: &dyn Fn(Received<'_>),
    ) -> Result<Dataset, DataError> {
        let mut name = data.source.name();
        let mut stand_in_for = None;
        let parts = self.source(data, base, on_bytes);
        let absence = parts.as_ref().err().and_then(DataError::absence);
        let parts = match (absence, data.stand_in) {
            (Some(reason), Some(StandIn::Strokes)) => {
                stand_in_for = Some(StandInFor {
                    source: name,
                    reason,
                });
                name = DataSource::Strokes.name();
                Arc::new(strokes(data))
            }
            _ => parts?,
        };
        let classes = &data.classes;
        let train = select(&parts.train.samples, classes, &data.per_class);
        check_classes(&train.kept, classes, &data.per_class)
            .map_err(|source| DataError::Select { name, source })?;
        let test = parts.test.as_ref();
        let test = test.map(|test| (test, select(&test.samples, classes, &PerClass::All)));
        let reading = part_reading(&parts.train, train.kept).map(|training| Reading {
            training,
            test: test
                .as_ref()
                .and_then(|(part, test)| part_reading(part, test.kept.clone())),
        });
        Ok(Dataset {
            name,
            stand_in_for,
            classes: classes.clone(),
            range: data.range,
            size: parts.size,
            train: train.samples,
            // Of no row nothing can be measured.
            test: test
                .map(|(_, test)| test.samples)
                .filter(|test| !test.is_empty()),
            reading,
        })
    }

    fn source(
        &self,
        data: &Data,
        base: &Path,
        on_bytes: &dyn Fn(Received<'_>),
    ) -> Result<Arc<Parts>, DataError> {
        match &data.source {
            DataSource::Strokes => Ok(Arc::new(strokes(data))),
            &DataSource::Parity { bits, train_rows } => Ok(Arc::new(Parts {
                size: ImageSize {
                    width: bits,
                    height: 1,
                },
                train: Part::made(parity::samples(bits, 0..train_rows)),
                test: Some(Part::made(parity::samples(bits, train_rows..1 << bits))),
            })),
            DataSource::Csv(files) => csv(files, data, base).map(Arc::new),
            DataSource::Idx(folder) => {
                let files = IdxFiles::find(folder, base)?;
                let IdxParts { train, test } = files.load(folder)?;
                Ok(Arc::new(Parts {
                    size: train.size,
                    train: train.into(),
                    test: test.map(Part::from),
                }))
            }
            DataSource::Mnist => {
                let load = || self.mnist(on_bytes).map_err(Arc::new);
                self.mnist
                    .get_or_init(load)
                    .clone()
                    .map_err(DataError::Before)
            }
        }
    }

    fn mnist(&self, on_bytes: &dyn Fn(Received<'_>)) -> Result<Arc<Parts>, DataError> {
        let folder = match self.mnist_folder() {
            Some(folder) => folder,
            None => self.fetch_mnist(on_bytes)?,
        };
        let (train, test) = mnist::load(&folder)?;
        Ok(Arc::new(Parts {
            size: train.size,
            train: train.into(),
            test: Some(test.into()),
        }))
    }
}

fn format<'a>(files: &'a CsvFiles, data: &'a Data) -> Format<'a> {
    Format {
        files,
        classes: &data.classes,
    }
}

fn csv(files: &CsvFiles, data: &Data, base: &Path) -> Result<Parts, DataError> {
    let format = format(files, data);
    let train = csv_file::load(&base.join(&files.file), format)?;
    let test = files.test_file.as_ref();
    let test = test.map(|file| csv_file::load_like(&base.join(file), format, &train));
    Ok(Parts {
        size: train.size,
        test: test.transpose()?.map(Part::from),
        train: train.into(),
    })
}

/// The account of a part of which so many rows were kept.
fn part_reading(part: &Part, kept: reading::Kept) -> Option<reading::Part> {
    let (levels, notes) = part.read.as_ref()?;
    Some(reading::Part {
        rows: part.samples.len(),
        kept,
        levels: *levels,
        notes: notes.clone(),
    })
}

/// As many strokes as are asked for, since each costs time to draw.
fn strokes(data: &Data) -> Parts {
    let classes = &data.classes;
    let train = match &data.per_class {
        PerClass::All => vec![TRAIN_PER_CLASS; classes.len()],
        PerClass::Counts(counts) => counts.iter().map(|&n| n.min(MOST_PER_CLASS)).collect(),
    };
    let test = vec![TEST_PER_CLASS; classes.len()];
    Parts {
        size: ImageSize::DIGITS,
        train: Part::made(strokes::samples(strokes::Part::Train, classes, &train)),
        test: Some(Part::made(strokes::samples(
            strokes::Part::Test,
            classes,
            &test,
        ))),
    }
}
