//! Errors of finding and reading data sets.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::csv_file::CsvError;
use super::dataset::SelectError;
use super::fetch::FetchError;
use super::idx::IdxError;
use super::idx_folder::MissingFiles;
use super::image_folder::ImagesError;
use super::mnist::Unofficial;
use super::places::NotFound;
use super::samples::ImageSize;
use super::set_aside::SingleRow;
use crate::config::MAX_ACROSS;
use crate::escape;
use crate::io::IoError;

/// Failure to get a data set.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// File that cannot be opened or read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// File that is no valid IDX file.
    #[error("cannot use `{}` as an IDX file", escape::path(path))]
    Idx {
        /// The file.
        path: PathBuf,
        /// Fault of its content.
        source: IdxError,
    },
    /// Images and labels of different numbers.
    #[error(
        "`{}`: expected one label per image of `{}`; got {label_count} labels for {image_count} \
         images",
        escape::path(labels),
        escape::path(images)
    )]
    Counts {
        /// Image file.
        images: PathBuf,
        /// Number of images.
        image_count: usize,
        /// Label file.
        labels: PathBuf,
        /// Number of labels.
        label_count: usize,
    },
    /// File that is no valid CSV file of labels and pixels.
    #[error(
        "cannot use `{}` as a CSV file of labels and pixels",
        escape::path(path)
    )]
    Csv {
        /// The file.
        path: PathBuf,
        /// Fault of its content.
        source: CsvError,
    },
    /// Valid file under an MNIST name that is not MNIST.
    #[error(transparent)]
    Unofficial(#[from] Unofficial),
    /// MNIST files that do not exist and cannot be downloaded.
    #[error("{searched}")]
    NotFound {
        /// Folders that were searched.
        searched: NotFound,
        /// Failure of the download.
        source: FetchError,
    },
    /// Broken MNIST files that cannot be downloaded.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Failure of an earlier attempt in the same process.
    #[error(transparent)]
    Before(Arc<DataError>),
    /// Folder without some of its IDX files.
    #[error(transparent)]
    Missing(#[from] MissingFiles),
    /// Training and test images of different sizes.
    #[error(
        "`{}`: expected images of {train_size} pixels, as in `{}`; got {test_size}",
        escape::path(test),
        escape::path(train)
    )]
    Sizes {
        /// Training images.
        train: PathBuf,
        /// Size of the training images.
        train_size: ImageSize,
        /// Test images.
        test: PathBuf,
        /// Size of the test images.
        test_size: ImageSize,
    },
    /// Images that are too large for networks of dense layers.
    #[error(
        "`{}`: images are too large; expected at most {MAX_ACROSS} x {MAX_ACROSS} pixels, got \
         {size}",
        escape::path(path)
    )]
    TooLarge {
        /// Image file.
        path: PathBuf,
        /// Size of the images.
        size: ImageSize,
    },
    /// Two different files that could both be meant.
    #[error(
        "`{}` and `{}` could both be meant, and their contents differ; remove one of them",
        escape::path(.0),
        escape::path(.1)
    )]
    Ambiguous(PathBuf, PathBuf),
    /// Folder of images that cannot be used.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// Fraction of test rows for files that have some.
    #[error(
        "`{}`: has test rows, so `data.test_fraction` must not be set; remove it, or the file",
        escape::path(.0)
    )]
    HasTests(PathBuf),
    /// Class of a single row.
    #[error(transparent)]
    SingleRow(#[from] SingleRow),
    /// Class without enough rows.
    #[error("`{name}`: not enough training rows")]
    Select {
        /// Name of the source.
        name: &'static str,
        /// Class and rows.
        source: Box<SelectError>,
    },
}

impl DataError {
    /// Reason why a source is unavailable, so that a fallback may replace it; `None` for
    /// broken files, which need attention.
    pub(super) fn unavailable(&self) -> Option<String> {
        match self {
            Self::Before(error) => error.unavailable(),
            Self::NotFound {
                source: source @ (FetchError::Mirrors { .. } | FetchError::Io(_)),
                ..
            } => Some(source.to_string()),
            Self::NotFound {
                source: FetchError::Unofficial(_),
                ..
            }
            | Self::Io(_)
            | Self::Idx { .. }
            | Self::Counts { .. }
            | Self::Csv { .. }
            | Self::Unofficial(_)
            | Self::Fetch(_)
            | Self::Missing(_)
            | Self::Sizes { .. }
            | Self::TooLarge { .. }
            | Self::Images(_)
            | Self::HasTests(_)
            | Self::SingleRow(_)
            | Self::Ambiguous(..)
            | Self::Select { .. } => None,
        }
    }

    /// Adds the file to an IDX fault.
    pub(super) fn idx(path: &Path, source: IdxError) -> Self {
        let path = path.to_owned();
        Self::Idx { path, source }
    }

    /// Adds the file to a CSV fault.
    pub(super) fn csv(path: &Path, source: CsvError) -> Self {
        let path = path.to_owned();
        Self::Csv { path, source }
    }
}
