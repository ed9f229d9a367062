//! From the `[data]` of a spec to a data set: finds, fetches, reads, selects.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::csv_file;
use super::dataset::{Dataset, StandInFor, select};
use super::error::DataError;
use super::fetch::{Limits, Received, fetch};
use super::idx_folder::IdxFiles;
use super::mnist::{self, FILES, MIRRORS};
use super::parity;
use super::places::{Place, download_folder, find, places};
use super::samples::{ImageSize, Samples};
use super::strokes::{self, MOST_PER_CLASS, Part, TEST_PER_CLASS, TRAIN_PER_CLASS};
use crate::digest::sha256;
use crate::io::read;
use crate::spec::{Data, DataSource, PerClass, StandIn};

/// The environment variable that names other mirrors, separated by commas.
const MIRRORS_VARIABLE: &str = "BACKQUERY_MIRRORS";

/// All samples of a source.
#[derive(Debug)]
struct Parts {
    size: ImageSize,
    train: Samples,
    test: Option<Samples>,
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
            DataSource::Csv { file, test_file } => {
                let files = [Some(file), test_file.as_ref()].into_iter().flatten();
                let digest = |file: &PathBuf| sha256_of(&base.join(file));
                let digests: Result<_, DataError> = files.map(digest).collect();
                Ok(Fingerprint::Files(digests?))
            }
            DataSource::Idx(folder) => {
                let files = IdxFiles::find(folder, base)?;
                let digests: Result<_, DataError> = files.paths().map(sha256_of).collect();
                Ok(Fingerprint::Files(digests?))
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
        let select = |part, samples, per_class| {
            let selected = select(samples, &data.classes, per_class);
            selected.map_err(|source| DataError::Select { name, part, source })
        };
        let test = parts.test.as_ref();
        Ok(Dataset {
            name,
            stand_in_for,
            classes: data.classes.clone(),
            range: data.range,
            size: parts.size,
            train: select("training", &parts.train, &data.per_class)?,
            test: test
                .map(|test| select("test", test, &PerClass::All))
                .transpose()?,
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
                train: parity::samples(bits, 0..train_rows),
                test: Some(parity::samples(bits, train_rows..1 << bits)),
            })),
            DataSource::Csv { file, test_file } => {
                let load = |file: &PathBuf| csv(&base.join(file));
                Ok(Arc::new(Parts {
                    size: ImageSize::DIGITS,
                    train: load(file)?,
                    test: test_file.as_ref().map(load).transpose()?,
                }))
            }
            DataSource::Idx(folder) => {
                let files = IdxFiles::find(folder, base)?;
                let (size, train, test) = files.load(folder.transpose)?;
                Ok(Arc::new(Parts { size, train, test }))
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
            size: ImageSize::DIGITS,
            train,
            test: Some(test),
        }))
    }
}

fn sha256_of(path: &Path) -> Result<String, DataError> {
    Ok(sha256([&read(path)?[..]]))
}

fn csv(path: &Path) -> Result<Samples, DataError> {
    let samples = csv_file::load(path)?;
    if samples.features != ImageSize::DIGITS.pixels() {
        return Err(DataError::Pixels {
            path: path.to_owned(),
            found: samples.features,
        });
    }
    Ok(samples)
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
        train: strokes::samples(Part::Train, classes, &train),
        test: Some(strokes::samples(Part::Test, classes, &test)),
    }
}
