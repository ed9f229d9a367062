//! Errors of results that cannot be read.

use std::path::PathBuf;

use crate::escape;
use crate::io::IoError;
use crate::store::{ManifestError, PublishedError};

/// Results that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// No replicate, or no folder at all.
    #[error(
        "there are no results (folders called `seed-0` and so on) in `{}`; run the spec first, or name the folder its results went to",
        escape::path(.0)
    )]
    Empty(PathBuf),
    /// A replicate where the experiment was wanted.
    #[error("`{}` is a single replicate; name the folder it is in", escape::path(.0))]
    OneReplicate(PathBuf),
    /// The folder cannot be looked into.
    #[error(transparent)]
    Folder(#[from] IoError),
    /// A table that is not the one that was published.
    #[error(transparent)]
    Published(#[from] PublishedError),
    /// No manifest, or one that no run wrote.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A replicate under the name of another one.
    #[error(
        "`{}` says that its seed is {found}, not that of its folder; the folder was renamed or copied: put it back or remove it",
        escape::path(path)
    )]
    Seed {
        /// The manifest.
        path: PathBuf,
        /// The seed in it.
        found: u64,
    },
    /// A table that no run wrote.
    #[error(
        "`{}` is not a table as a run writes it; run the spec again",
        escape::path(path)
    )]
    Table {
        /// The table.
        path: PathBuf,
        /// Fault of the table.
        source: csv::Error,
    },
    /// An accuracy log without rows.
    #[error("`{}` has no epoch in it; run the spec again", escape::path(.0))]
    NoEpoch(PathBuf),
    /// Replicates of different experiments.
    #[error(
        "`{}` and `{}` are not of the same experiment, as they differ in {what}; run the spec again with all its seeds, or remove the outdated folders",
        escape::path(first),
        escape::path(second)
    )]
    Mixed {
        /// A manifest.
        first: PathBuf,
        /// One that differs from it.
        second: PathBuf,
        /// A key of the spec, or the data.
        what: String,
    },
}
