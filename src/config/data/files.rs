//! Files of the user's own: what they are and how their pixels are to be understood.

use std::ops::Bound;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::config::ImageSize;
use crate::config::form::{flag, number, path, text, whole};
use crate::config::reader::Reader;

/// Highest number of pixels across or down an image. Networks of dense layers and their
/// inversions need more memory for larger ones than there is.
pub const MAX_ACROSS: usize = 300;

/// Highest level: above every integer type that images come in, and 255 times it does not
/// overflow.
const MAX_LEVELS: f64 = 1e12;

/// Files as the authors of Fashion-MNIST, KMNIST and EMNIST ship them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdxFolder {
    /// Folder of the files; relative to the folder of the spec.
    pub folder: PathBuf,
    /// Beginning of their names, before `train-images-idx3-ubyte`; may be empty.
    pub prefix: String,
    /// Transposes images, as EMNIST needs.
    pub transpose: bool,
    /// Level that is white, if the spec sets it.
    #[serde(serialize_with = "resolved_levels")]
    pub levels: Option<f64>,
}

/// Files with a label and the pixels of an image in each row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CsvFiles {
    /// Rows to train on; relative to the folder of the spec.
    pub file: PathBuf,
    /// Rows to test on, if there are any.
    pub test_file: Option<PathBuf>,
    /// Pixels across; without it images are square.
    pub width: Option<usize>,
    /// Pixels down; given if and only if `width` is.
    pub height: Option<usize>,
    /// Level that is white, if the spec sets it.
    #[serde(serialize_with = "resolved_levels")]
    pub levels: Option<f64>,
}

/// A folder of PNG files per class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageFolders {
    /// Folder with a folder per class to train on; relative to the folder of the spec.
    pub folder: PathBuf,
    /// Folder with a folder per class to test on, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_folder: Option<PathBuf>,
    /// Level that is white, if the spec sets it.
    #[serde(serialize_with = "resolved_levels")]
    pub levels: Option<f64>,
}

impl ImageFolders {
    pub(super) fn read(table: &Reader<'_>) -> Self {
        let form = || path("the path of a folder with a folder of PNG files per class");
        let about = "Folder with a folder of PNG files per class, relative to the spec";
        Self {
            folder: table
                .key("folder", form(), about)
                .required()
                .unwrap_or_default(),
            test_folder: table
                .key("test_folder", form(), "Such a folder to test on")
                .optional(),
            levels: read_levels(table),
        }
    }
}

impl IdxFolder {
    pub(super) fn read(table: &Reader<'_>) -> Self {
        let folder = path("the path of a folder of IDX files");
        let folder = table.key(
            "folder",
            folder,
            "Folder of IDX files, relative to the spec",
        );
        let starts = text("the text that the names of the files start with");
        Self {
            folder: folder.required().unwrap_or_default(),
            prefix: table
                .key("prefix", starts, "Beginning of the file names")
                .or(String::new()),
            transpose: table
                .key(
                    "transpose",
                    flag(),
                    "Whether images are stored on their side, as in \
                     EMNIST",
                )
                .or(false),
            levels: read_levels(table),
        }
    }
}

impl CsvFiles {
    /// Size of the images, if it is given.
    #[must_use]
    pub fn size(&self) -> Option<ImageSize> {
        let (width, height) = self.width.zip(self.height)?;
        Some(ImageSize { width, height })
    }

    pub(super) fn read(table: &Reader<'_>) -> Self {
        let csv = || path("the path of a CSV file");
        let side = || whole("a number of pixels", 1..=MAX_ACROSS);
        let file = table
            .key("file", csv(), "Rows to train on, relative to the spec")
            .required();
        let files = Self {
            file: file.unwrap_or_default(),
            test_file: table.key("test_file", csv(), "Rows to test on").optional(),
            width: table
                .key(
                    "width",
                    side(),
                    "Pixels across, of images that are no square",
                )
                .optional(),
            height: table
                .key(
                    "height",
                    side(),
                    "Pixels down, of images that are no square",
                )
                .optional(),
            levels: read_levels(table),
        };
        for (key, other) in [("width", "height"), ("height", "width")] {
            if table.has(key) && !table.has(other) {
                let message = format!("needs `{}` beside it", table.dotted(other));
                table.fault(key, &message);
            }
        }
        files
    }
}

fn read_levels(table: &Reader<'_>) -> Option<f64> {
    let text = format!("the level that is white, a number above 0 and up to {MAX_LEVELS:e}");
    let levels = number(text, (Bound::Excluded(0.0), Bound::Included(MAX_LEVELS)));
    table
        .key("levels", levels, "Level that is white [default: 255]")
        .optional()
}

/// Writes the level that is white, also if the spec does not set it.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
fn resolved_levels<S: Serializer>(levels: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match levels {
        Some(levels) => serializer.serialize_f64(*levels),
        None => serializer.serialize_u8(u8::MAX),
    }
}
