//! Files of the user's own: what they are and how their pixels are to be understood.

use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::config::ImageSize;
use crate::config::reader::Reader;
use crate::config::tree::Node;

/// Pixels across or down an image: for more, what networks of dense layers and their
/// inversions need does not fit into memory.
pub const MAX_ACROSS: usize = 300;

/// Far above every integer type that images come in, and far below what 255 times it
/// would overflow.
const MAX_LEVELS: f64 = 1e12;

/// Files as the authors of Fashion-MNIST, KMNIST and EMNIST ship them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdxFolder {
    /// Folder of the files; relative to the folder of the spec.
    pub folder: PathBuf,
    /// Beginning of their names, before `train-images-idx3-ubyte`; may be empty.
    pub prefix: String,
    /// Whether rows are columns, as in EMNIST.
    pub transpose: bool,
    /// The level that is white, if the spec says so.
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
    /// The level that is white, if the spec says so.
    #[serde(serialize_with = "resolved_levels")]
    pub levels: Option<f64>,
}

impl IdxFolder {
    pub(super) fn read(table: &Reader<'_>) -> Self {
        let folder = table.require("folder", "the path of a folder of IDX files", path);
        let starts = "the text that the names of the files start with";
        let prefix = table.get("prefix", starts, |v| v.text().map(str::to_owned));
        let transpose = table.get("transpose", "true or false", Node::flag);
        Self {
            folder: folder.unwrap_or_default(),
            prefix: prefix.unwrap_or_default(),
            transpose: transpose.unwrap_or(false),
            levels: read_levels(table),
        }
    }
}

impl CsvFiles {
    /// Returns the size of the images, if it is given.
    #[must_use]
    pub fn size(&self) -> Option<ImageSize> {
        let (width, height) = self.width.zip(self.height)?;
        Some(ImageSize { width, height })
    }

    pub(super) fn read(table: &Reader<'_>) -> Self {
        let file = table.require("file", "the path of a CSV file", path);
        let test_file = table.get("test_file", "the path of a CSV file", path);
        let width = read_side(table, "width");
        let height = read_side(table, "height");
        for (key, other) in [("width", "height"), ("height", "width")] {
            if table.has(key) && !table.has(other) {
                let message = format!("needs `{}` beside it", table.dotted(other));
                table.fault(key, &message);
            }
        }
        Self {
            file: file.unwrap_or_default(),
            test_file,
            width,
            height,
            levels: read_levels(table),
        }
    }
}

fn read_side(table: &Reader<'_>, key: &'static str) -> Option<usize> {
    let must_be = format!("a number of pixels from 1 to {MAX_ACROSS}");
    table.get(key, &must_be, |v| {
        v.positive().filter(|side| *side <= MAX_ACROSS)
    })
}

fn read_levels(table: &Reader<'_>) -> Option<f64> {
    let must_be = format!("the level that is white, a number above 0 and up to {MAX_LEVELS:e}");
    table.get("levels", &must_be, |v| {
        v.number_where(|level| level > 0.0 && level <= MAX_LEVELS)
    })
}

fn path(node: &Node) -> Option<PathBuf> {
    let text = node.text().filter(|text| !text.is_empty());
    text.map(PathBuf::from)
}

/// Writes the level that is white, whether the spec says so or not.
#[expect(clippy::ref_option, reason = "serde asks for this signature")]
fn resolved_levels<S: Serializer>(levels: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match levels {
        Some(levels) => serializer.serialize_f64(*levels),
        None => serializer.serialize_u8(u8::MAX),
    }
}
