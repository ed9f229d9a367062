//! Loading of data sets: finds or downloads files, reads them, and selects rows.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::candidates::name_within;
use super::csv_file;
use super::dataset::{Dataset, StandInFor, check_classes, select};
use super::error::DataError;
use super::fetch::{Limits, Received, fetch};
use super::idx;
use super::idx_folder::IdxFiles;
use super::image_folder::FoundImages;
use super::label::Label;
use super::mnist::{self, FILES, MIRRORS};
use super::places::{SearchFolder, download_folder, find, search_folders};
use super::reading::{KeptRows, Reading, SplitReading};
use super::samples::{SourceData, SourceRows};
use super::set_aside::set_aside;
use super::{parity, strokes};
use crate::config::{CsvFiles, Data, DataSource, IdxFolder, PerClass, StandIn};
use crate::digest::sha256_of;
use crate::io::{at, open};

/// Environment variable that names other mirrors, separated by commas.
const MIRRORS_VARIABLE: &str = "BACKQUERY_MIRRORS";

/// Identity of a source, known before it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fingerprint {
    /// Source that the spec determines: synthetic, or MNIST, which only has official files.
    Named,
    /// MNIST, whose files would have to be downloaded.
    Absent,
    /// SHA-256 of each file.
    Files(Vec<String>),
}

/// Loads data sets, and MNIST at most once: several specs share its files, and a failed
/// download is not repeated for each of them.
#[derive(Debug)]
pub struct Loader {
    folders: Vec<SearchFolder>,
    mirrors: Vec<String>,
    limits: Limits,
    mnist: OnceLock<Result<Arc<SourceData>, Arc<DataError>>>,
}

impl Loader {
    /// Loader that searches `data_dir` first, if given, and then the default folders.
    pub fn new(data_dir: Option<&Path>) -> Self {
        let named = std::env::var(MIRRORS_VARIABLE).unwrap_or_default();
        let mut mirrors: Vec<String> = named
            .split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty())
            .map(str::to_owned)
            .collect();
        if mirrors.is_empty() {
            mirrors = MIRRORS.map(str::to_owned).to_vec();
        }
        Self {
            folders: search_folders(data_dir),
            mirrors,
            limits: Limits::default(),
            mnist: OnceLock::new(),
        }
    }

    /// Folders that are searched for MNIST, in this order.
    pub fn search_folders(&self) -> &[SearchFolder] {
        &self.folders
    }

    /// Folder with all MNIST files, if there is one.
    pub fn mnist_folder(&self) -> Option<PathBuf> {
        find(&self.folders).ok()
    }

    /// Returns the folder of MNIST, after downloading missing or broken files.
    ///
    /// # Errors
    /// If they cannot be downloaded, or the folder for downloads holds another data set.
    pub fn fetch_mnist(&self, on_bytes: &dyn Fn(Received<'_>)) -> Result<PathBuf, DataError> {
        let searched = match find(&self.folders) {
            Ok(folder) if mnist::load(&folder).is_ok() => return Ok(folder),
            Ok(_) => None,
            Err(searched) => Some(searched),
        };
        let folder = download_folder(&self.folders);
        let fetched = fetch(&FILES, &self.mirrors, folder, &self.limits, on_bytes);
        match (fetched, searched) {
            (Ok(()), _) => Ok(folder.to_owned()),
            (Err(source), Some(searched)) => Err(DataError::NotFound { searched, source }),
            (Err(source), None) => Err(source.into()),
        }
    }

    /// Returns the identity of the source of a spec in the folder `base`.
    ///
    /// # Errors
    /// If a file is missing or unreadable.
    pub fn fingerprint(&self, data: &Data, base: &Path) -> Result<Fingerprint, DataError> {
        let digests: Result<Vec<String>, DataError> = match &data.source {
            DataSource::Strokes | DataSource::Parity { .. } => return Ok(Fingerprint::Named),
            DataSource::Mnist if self.mnist_folder().is_some() => return Ok(Fingerprint::Named),
            DataSource::Mnist => return Ok(Fingerprint::Absent),
            DataSource::Csv(files) => csv_paths(files)
                .map(|path| csv_file::digest(&base.join(path), files))
                .collect(),
            DataSource::Idx(folder) => idx_files(folder, data, base)?
                .paths()
                .map(|path| {
                    idx::check(path)?;
                    Ok(sha256_of(open(path)?).map_err(at("read", path))?)
                })
                .collect(),
            DataSource::Images(folders) => FoundImages::find(folders, base)?.digests(),
        };
        Ok(Fingerprint::Files(digests?))
    }

    /// Names, in their folder, of the files that [`Loader::load`] reads; empty for synthetic
    /// samples and missing files.
    pub fn files(&self, data: &Data, base: &Path) -> Vec<String> {
        match &data.source {
            DataSource::Strokes | DataSource::Parity { .. } => Vec::new(),
            DataSource::Mnist => self
                .mnist_folder()
                .map(|folder| mnist::names(&folder))
                .unwrap_or_default(),
            DataSource::Csv(files) => csv_paths(files)
                .map(|path| name_within(path.parent().unwrap_or(Path::new("")), path))
                .collect(),
            DataSource::Idx(folder) => IdxFiles::find(folder, base)
                .map(|files| files.names(folder, base))
                .unwrap_or_default(),
            DataSource::Images(folders) => FoundImages::find(folders, base)
                .map(|found| found.names())
                .unwrap_or_default(),
        }
    }

    /// Loads the data set of a spec in the folder `base`.
    ///
    /// # Errors
    /// If the source is unavailable and the spec names no fallback, a file is broken, or
    /// there are not enough rows of a class.
    pub fn load(
        &self,
        data: &Data,
        base: &Path,
        on_bytes: &dyn Fn(Received<'_>),
    ) -> Result<Dataset, DataError> {
        self.rows(data, base, LoadedRows::Selected, on_bytes)
    }

    /// Loads all rows of all classes of the data file of a spec in the folder `base`, or of
    /// its fallback.
    ///
    /// # Errors
    /// If the source is unavailable and the spec names no fallback, or a file is broken.
    pub fn load_file(
        &self,
        data: &Data,
        base: &Path,
        on_bytes: &dyn Fn(Received<'_>),
    ) -> Result<Dataset, DataError> {
        self.rows(data, base, LoadedRows::All, on_bytes)
    }

    fn rows(
        &self,
        data: &Data,
        base: &Path,
        rows: LoadedRows,
        on_bytes: &dyn Fn(Received<'_>),
    ) -> Result<Dataset, DataError> {
        let name = data.source.name();
        let loaded = self.source(data, base, rows, on_bytes);
        let unavailable = loaded.as_ref().err().and_then(DataError::unavailable);
        if let (Some(reason), Some(StandIn::Strokes)) = (unavailable, data.stand_in) {
            let source = rows.strokes(data);
            let name = DataSource::Strokes.name();
            let stand_in_for = Some(StandInFor {
                source: data.source.name(),
                reason,
            });
            return Ok(Dataset {
                stand_in_for,
                ..dataset(name, &source, &rows.selected(data, &source))?
            });
        }
        let source = loaded?;
        dataset(name, &source, &rows.selected(data, &source))
    }

    fn source(
        &self,
        data: &Data,
        base: &Path,
        rows: LoadedRows,
        on_bytes: &dyn Fn(Received<'_>),
    ) -> Result<Arc<SourceData>, DataError> {
        Ok(Arc::new(match &data.source {
            DataSource::Strokes => rows.strokes(data),
            DataSource::Parity { bits, train_rows } => parity::source(*bits, *train_rows),
            DataSource::Images(folders) => split(
                FoundImages::find(folders, base)?.load(folders.levels)?,
                data,
            )?,
            DataSource::Csv(files) => split(csv_file::load(files, &data.classes, base)?, data)?,
            DataSource::Idx(folder) => split(idx_files(folder, data, base)?.load(folder)?, data)?,
            DataSource::Mnist => {
                let load = || self.mnist(on_bytes).map(Arc::new).map_err(Arc::new);
                let loaded = self.mnist.get_or_init(load).clone();
                return loaded.map_err(DataError::Before);
            }
        }))
    }

    fn mnist(&self, on_bytes: &dyn Fn(Received<'_>)) -> Result<SourceData, DataError> {
        let folder = match self.mnist_folder() {
            Some(folder) => folder,
            None => self.fetch_mnist(on_bytes)?,
        };
        mnist::load(&folder)
    }
}

/// Rows of a source that are loaded.
#[derive(Debug, Clone, Copy)]
enum LoadedRows {
    /// Rows that the spec selects.
    Selected,
    /// All rows of all classes.
    All,
}

impl LoadedRows {
    /// Returns settings that select these rows of a source.
    fn selected<'a>(self, data: &'a Data, source: &SourceData) -> Cow<'a, Data> {
        match self {
            Self::Selected => Cow::Borrowed(data),
            Self::All => Cow::Owned(Data {
                classes: source.train.labels().into_iter().collect(),
                per_class: PerClass::All,
                resample: None,
                ..data.clone()
            }),
        }
    }

    /// Draws these rows of strokes.
    fn strokes(self, data: &Data) -> SourceData {
        match self {
            Self::Selected => strokes::source(data),
            Self::All => strokes::all_digits(data),
        }
    }
}

/// Finds the files of a folder, which has no test rows if the spec asks for a fraction.
fn idx_files(folder: &IdxFolder, data: &Data, base: &Path) -> Result<IdxFiles, DataError> {
    let files = IdxFiles::find(folder, base)?;
    if data.test_fraction.is_some() {
        files.check_no_tests()?;
    }
    Ok(files)
}

/// Sets test rows aside if the spec asks for it.
fn split(source: SourceData, data: &Data) -> Result<SourceData, DataError> {
    match data.test_fraction {
        Some(fraction) => Ok(set_aside(&source.train, fraction, &data.classes)?),
        None => Ok(source),
    }
}

/// Lists the labels of the training rows of files of the user's, in ascending order; none of
/// other sources, whose labels are known. Paths are relative to the folder `base`.
///
/// # Errors
/// If a file cannot be read, or it is uncertain where its labels are.
pub fn labels(source: &DataSource, base: &Path) -> Result<Vec<Label>, DataError> {
    let labels = match source {
        DataSource::Mnist | DataSource::Strokes | DataSource::Parity { .. } => {
            return Ok(Vec::new());
        }
        DataSource::Csv(files) => csv_file::labels(files, base)?,
        DataSource::Idx(folder) => IdxFiles::find(folder, base)?.labels()?,
        DataSource::Images(folders) => FoundImages::find(folders, base)?.labels().collect(),
    };
    Ok(labels.into_iter().collect())
}

/// Training file and, if there is one, test file.
fn csv_paths(files: &CsvFiles) -> impl Iterator<Item = &PathBuf> {
    [Some(&files.file), files.test_file.as_ref()]
        .into_iter()
        .flatten()
}

/// Selects the rows of a data set.
fn dataset(name: &'static str, source: &SourceData, data: &Data) -> Result<Dataset, DataError> {
    let (classes, per_class) = (&data.classes, &data.dataset_rows());
    let train = select(&source.train, classes, per_class);
    check_classes(&train.kept, classes, per_class).map_err(|source| DataError::Select {
        name,
        source: Box::new(source),
    })?;
    let (mut test_samples, mut test_reading) = (None, None);
    if let Some(rows) = &source.test {
        let test = select(rows, classes, &PerClass::All);
        test_reading = reading(rows, test.kept);
        test_samples = Some(test.samples).filter(|samples| !samples.is_empty());
    }
    Ok(Dataset {
        name,
        stand_in_for: None,
        classes: classes.clone(),
        range: data.range,
        size: source.train.size,
        train: train.samples,
        test: test_samples,
        reading: reading(&source.train, train.kept).map(|training| Reading {
            training,
            test: test_reading,
        }),
    })
}

/// Account of rows that were read from a file; `None` for synthetic samples.
fn reading(rows: &SourceRows, kept: KeptRows) -> Option<SplitReading> {
    Some(SplitReading {
        rows: rows.samples.len(),
        kept,
        levels: rows.levels?,
        notes: rows.notes.clone(),
    })
}
