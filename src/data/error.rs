//! What can go wrong between a path and the samples in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::csv_file::CsvError;
use super::dataset::SelectError;
use super::fetch::FetchError;
use super::idx::IdxError;
use super::idx_folder::Missing;
use super::mnist::Unofficial;
use super::places::NotFound;
use super::samples::ImageSize;
use crate::config::MAX_ACROSS;
use crate::escape;
use crate::io::IoError;

/// A data set that could not be had, with the path at fault.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file cannot be opened or read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A file is not sound IDX.
    #[error("cannot use `{}` as an IDX file", escape::path(path))]
    Idx {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: IdxError,
    },
    /// Images and labels are not of the same data set.
    #[error(
        "`{}` holds {image_count} images, but `{}` holds {label_count} labels",
        escape::path(images),
        escape::path(labels)
    )]
    Counts {
        /// The image file.
        images: PathBuf,
        /// Its images.
        image_count: usize,
        /// The label file.
        labels: PathBuf,
        /// Its labels.
        label_count: usize,
    },
    /// A file is not sound CSV of a label and pixels a row.
    #[error(
        "cannot use `{}` as a CSV file of labels and pixels",
        escape::path(path)
    )]
    Csv {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CsvError,
    },
    /// A sound file under an MNIST name that is not MNIST.
    #[error(transparent)]
    Unofficial(#[from] Unofficial),
    /// MNIST is nowhere, and cannot be downloaded.
    #[error("{searched}")]
    NotFound {
        /// Where it was looked for.
        searched: NotFound,
        /// Why it cannot be downloaded.
        source: FetchError,
    },
    /// MNIST is broken, and cannot be downloaded.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A source that was tried before in the same process.
    #[error(transparent)]
    Before(Arc<DataError>),
    /// A folder of IDX files lacks some.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// Images to train and to test on differ in size.
    #[error(
        "`{}` holds images of {train_size} pixels, but `{}` images of {test_size}: \
         both must have one size",
        escape::path(train),
        escape::path(test)
    )]
    Sizes {
        /// The images to train on.
        train: PathBuf,
        /// Their size.
        train_size: ImageSize,
        /// The images to test on.
        test: PathBuf,
        /// Their size.
        test_size: ImageSize,
    },
    /// Images larger than networks of dense layers can look at.
    #[error(
        "`{}` holds images of {size} pixels; at most {MAX_ACROSS} x {MAX_ACROSS} can be taken",
        escape::path(path)
    )]
    TooLarge {
        /// The image file.
        path: PathBuf,
        /// Their size.
        size: ImageSize,
    },
    /// Two files that could both be meant.
    #[error(
        "`{}` and `{}` could both be meant, and their contents differ; remove one of them",
        escape::path(.0),
        escape::path(.1)
    )]
    Ambiguous(PathBuf, PathBuf),
    /// Not enough rows of a class.
    #[error("the training rows of `{name}` are not enough")]
    Select {
        /// The source.
        name: &'static str,
        /// What it lacks.
        source: SelectError,
    },
}

impl DataError {
    /// Why the source is simply not there, so that another may stand in for it;
    /// nothing for files that are there and broken, which is something that
    /// somebody should hear of.
    pub(super) fn absence(&self) -> Option<String> {
        match self {
            Self::Before(error) => error.absence(),
            Self::NotFound {
                source: source @ (FetchError::Mirrors { .. } | FetchError::Io(_)),
                ..
            } => Some(source.to_string()),
            _ => None,
        }
    }

    /// An IDX fault with the file it was found in.
    pub(super) fn idx(path: &Path, source: IdxError) -> Self {
        let path = path.to_owned();
        Self::Idx { path, source }
    }

    /// A CSV fault with the file it was found in.
    pub(super) fn csv(path: &Path, source: CsvError) -> Self {
        let path = path.to_owned();
        Self::Csv { path, source }
    }
}
