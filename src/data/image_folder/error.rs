//! Faults of folders of images.

use std::path::PathBuf;

use super::grey::PngFault;
use crate::data::label::{LabelError, MAX_LABELS};
use crate::data::samples::ImageSize;
use crate::escape;

/// Fault of a folder of images.
#[derive(Debug, thiserror::Error)]
pub enum ImagesError {
    /// Folder without folders.
    #[error("`{}`: no folders; expected one per class, with its PNG files", escape::path(.0))]
    NoClass(PathBuf),
    /// Image beside the folders of classes.
    #[error("`{}`: expected images in a folder per class; move it into that of its class", escape::path(.0))]
    Loose(PathBuf),
    /// Folder whose name is no label.
    #[error(
        "`{}`: the name of a class must be a whole number from 0 to 255 or a word: {error}; rename the folder",
        escape::path(path)
    )]
    Label {
        /// Folder.
        path: PathBuf,
        /// Fault of its name.
        error: LabelError,
    },
    /// Numbers and words.
    #[error(
        "`{}` and `{}`: expected numbers for the names of all classes, or words; rename one of them",
        escape::path(.0), escape::path(.1)
    )]
    Mixed(PathBuf, PathBuf),
    /// Two folders of the same class, or nearly so.
    #[error(
        "`{}` and `{}`: the names of classes differ at most by upper and lower case, or zeros; \
         rename or join them",
        escape::path(.0), escape::path(.1)
    )]
    Alike(PathBuf, PathBuf),
    /// Class without images.
    #[error("`{}`: no PNG files; add some, or remove the folder", escape::path(.0))]
    Empty(PathBuf),
    /// Folder within that of a class.
    #[error("`{}`: a folder within that of a class; move its files one folder up", escape::path(.0))]
    Nested(PathBuf),
    /// File that is not called a PNG file.
    #[error("`{}`: expected PNG files only; convert it (`magick FILE FILE.png`), or remove it", escape::path(.0))]
    Other(PathBuf),
    /// Link that leads out of the folder.
    #[error("`{}`: a link out of the folder; copy what it leads to", escape::path(.0))]
    Link(PathBuf),
    /// More classes than the limit.
    #[error("`{}`: more than {MAX_LABELS} folders; expected one per class", escape::path(.0))]
    ManyClasses(PathBuf),
    /// More files than the limit.
    #[error("`{}`: more than {limit} files; remove some", escape::path(path))]
    ManyFiles {
        /// Folder.
        path: PathBuf,
        /// Maximum number.
        limit: usize,
    },
    /// More pixels than the limit.
    #[error(
        "`{}`: more than {limit} pixels up to this file; remove some",
        escape::path(path)
    )]
    ManyPixels {
        /// File.
        path: PathBuf,
        /// Maximum number.
        limit: usize,
    },
    /// File that is no grey image.
    #[error("`{}`: {fault}", escape::path(path))]
    Png {
        /// File.
        path: PathBuf,
        /// Fault of its content.
        fault: PngFault,
    },
    /// Images of several sizes.
    #[error(
        "`{}`: expected images of {first_size} pixels, as in `{}`; got {other_size}; scale or crop \
         them to one size",
        escape::path(other),
        escape::path(first)
    )]
    Sizes {
        /// First image.
        first: PathBuf,
        /// Its size.
        first_size: ImageSize,
        /// Image of another size.
        other: PathBuf,
        /// Its size.
        other_size: ImageSize,
    },
    /// Pixel above white.
    #[error(
        "`{}`: row {row}, column {column} (counted from 0): expected a level from 0 to {white} \
         (`data.levels`), got {found}",
        escape::path(path)
    )]
    Level {
        /// Image.
        path: PathBuf,
        /// Row of the pixel.
        row: usize,
        /// Column of the pixel.
        column: usize,
        /// Its level.
        found: f64,
        /// Level of white.
        white: f64,
    },
}
