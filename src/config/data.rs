//! `[data]`: samples, their classes and the range of their pixels.

mod classes;
mod files;
mod range;
mod resample;

use std::ops::Bound;
use std::path::Path;

use serde::Serialize;

use super::form::{list, number, one_of, sentence, whole};
use super::reader::Reader;
use super::size::ImageSize;
use crate::data::{Label, Resample};
pub use classes::FindLabels;
pub use files::{CsvFiles, IdxFolder, ImageFolders, MAX_ACROSS};
pub use range::PixelRange;
use range::range;

/// The section `[data]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Data {
    /// Data set.
    #[serde(flatten)]
    pub source: DataSource,
    /// Fallback if the data set is unavailable, reported in every output.
    pub stand_in: Option<StandIn>,
    /// Labels to keep, in the order of the network's outputs.
    pub classes: Vec<Label>,
    /// Number of training rows per class: the first ones of the file, or with `resample`
    /// those that each replicate draws.
    pub per_class: PerClass,
    /// Fraction of the rows of each class that is set aside to test on, of files without test
    /// rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_fraction: Option<f64>,
    /// Draw of each replicate's own training rows, if they are not the same for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resample: Option<Resample>,
    /// Values of black and white as networks see them.
    pub range: PixelRange,
    /// Names of the classes in figures, in the order of `classes`; empty for their labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// Data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum DataSource {
    /// The handwritten digits of LeCun, Cortes and Burges.
    Mnist,
    /// Digits drawn by this program.
    Strokes,
    /// Even and odd numbers as images of one row of bits (Tashfeen 2020, section 7.1).
    Parity {
        /// Pixels per image.
        bits: usize,
        /// Numbers from 0 on to train on; all higher ones are test rows.
        train_rows: usize,
    },
    /// A folder of IDX files, with images of any size.
    Idx(IdxFolder),
    /// Files with a label and the pixels of an image in each row.
    Csv(CsvFiles),
    /// A folder of PNG files per class.
    Images(ImageFolders),
}

impl Data {
    /// Name of the class at a position among the outputs, with this label.
    #[must_use]
    pub fn class_name(&self, position: usize, label: Label) -> String {
        let name = self.names.get(position).cloned();
        name.unwrap_or_else(|| label.to_string())
    }

    /// True with test rows and false without, if the spec determines it.
    #[must_use]
    pub fn has_tests(&self) -> Option<bool> {
        match self.test_fraction {
            Some(_) => Some(true),
            None => self.source.has_tests(),
        }
    }

    /// Number of training rows of the data set, if the spec determines it.
    #[must_use]
    pub fn training_rows(&self) -> Option<usize> {
        match (&self.dataset_rows(), &self.source) {
            (PerClass::Counts(counts), _) => Some(resample::sum(counts.iter().copied())),
            (PerClass::All, DataSource::Parity { train_rows, .. }) => Some(*train_rows),
            (
                PerClass::All,
                DataSource::Mnist
                | DataSource::Strokes
                | DataSource::Idx(_)
                | DataSource::Csv(_)
                | DataSource::Images(_),
            ) => None,
        }
    }
}

impl DataSource {
    /// Name in specs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::Strokes => "strokes",
            Self::Parity { .. } => "parity",
            Self::Idx(_) => "idx",
            Self::Csv(_) => "csv",
            Self::Images(_) => "images",
        }
    }

    /// Size of the images, if the spec determines it.
    #[must_use]
    pub fn size(&self) -> Option<ImageSize> {
        match self {
            Self::Mnist | Self::Strokes => Some(ImageSize::DIGITS),
            Self::Parity { bits, .. } => Some(ImageSize {
                width: *bits,
                height: 1,
            }),
            Self::Csv(files) => files.size(),
            Self::Idx(_) | Self::Images(_) => None,
        }
    }

    /// True with test rows and false without, if the spec determines it.
    #[must_use]
    pub fn has_tests(&self) -> Option<bool> {
        match self {
            Self::Mnist | Self::Strokes | Self::Parity { .. } => Some(true),
            Self::Csv(files) => Some(files.test_file.is_some()),
            Self::Images(folders) => Some(folders.test_folder.is_some()),
            Self::Idx(_) => None,
        }
    }

    /// True if labels can be words.
    fn has_words(&self) -> bool {
        match self {
            Self::Mnist | Self::Strokes | Self::Parity { .. } | Self::Idx(_) => false,
            Self::Csv(_) | Self::Images(_) => true,
        }
    }

    /// Key of the path of the training rows.
    fn path_key(&self) -> &'static str {
        match self {
            Self::Mnist | Self::Strokes | Self::Parity { .. } => "source",
            Self::Csv(_) => "file",
            Self::Idx(_) | Self::Images(_) => "folder",
        }
    }

    /// Path of the training rows, if the spec names it.
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Mnist | Self::Strokes | Self::Parity { .. } => None,
            Self::Csv(files) => Some(&files.file),
            Self::Idx(folder) => Some(&folder.folder),
            Self::Images(folders) => Some(&folders.folder),
        }
    }

    /// True if the spec names files, whose labels and levels it has to give.
    fn has_own_files(&self) -> bool {
        match self {
            Self::Mnist | Self::Strokes | Self::Parity { .. } => false,
            Self::Idx(_) | Self::Csv(_) | Self::Images(_) => true,
        }
    }
}

/// Fallback data set; it needs no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StandIn {
    /// Digits drawn by this program.
    Strokes,
}

/// Number of training rows per class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PerClass {
    /// All rows.
    All,
    /// One count per class, in the order of `classes`.
    Counts(Vec<usize>),
}

/// Largest number of bits of a number.
const MAX_BITS: usize = 16;

/// Reads `[data]`.
pub fn read(table: Reader<'_>, labels: FindLabels<'_>) -> Option<Data> {
    let source = read_source(&table);
    let strokes = one_of([("strokes", StandIn::Strokes)]);
    let stand_in = table
        .key(
            "stand_in",
            strokes,
            "Fallback data set if MNIST is unavailable, which every \
             output names",
        )
        .optional();
    check_source(&table, source.as_ref(), stand_in);
    let classes = classes::read(&table, source.as_ref(), labels);
    let per_class = read_per_class(&table, classes.as_deref()).unwrap_or(PerClass::All);
    let test_fraction = read_test_fraction(&table, source.as_ref());
    let resample = resample::read(&table);
    if let (Some(source), Some(resample)) = (&source, resample) {
        resample::check(&table, source, resample, &per_class);
    }
    let range = table.key(
        "range",
        range(),
        "Values of black and white [default: [0.0, 1.0]]",
    );
    let range = range.optional().unwrap_or(PixelRange {
        low: 0.0,
        high: 1.0,
    });
    let names = read_names(&table, classes.as_deref());
    table.finish();
    Some(Data {
        source: source?,
        stand_in,
        classes: classes?,
        per_class,
        test_fraction,
        resample,
        range,
        names,
    })
}

/// Only MNIST has a fallback, and only files of the user's have levels of their own.
fn check_source(table: &Reader<'_>, source: Option<&DataSource>, stand_in: Option<StandIn>) {
    let Some(source) = source else {
        return;
    };
    let name = source.name();
    if stand_in.is_some() && *source != DataSource::Mnist {
        let message = format!("is for `mnist`, which is downloaded, not for `{name}`");
        table.fault("stand_in", &message);
    }
    if table.has("levels") && !source.has_own_files() {
        table.known("levels");
        let message = format!(
            "is for files of your own, `idx`, `csv` and `images`: white is 255 in `{name}`"
        );
        table.fault("levels", &message);
    }
}

/// Reads the fraction of rows to test on, which is for files without test rows.
fn read_test_fraction(table: &Reader<'_>, source: Option<&DataSource>) -> Option<f64> {
    let text = "a number above 0 and below 1";
    let fraction = number(text, (Bound::Excluded(0.0), Bound::Excluded(1.0)));
    let about = "Fraction of the rows of each class that is set aside to test on, of files \
         without test rows; the same rows for all seeds";
    let fraction = table.key("test_fraction", fraction, about).optional();
    let source = source.filter(|_| table.has("test_fraction"))?;
    if !source.has_own_files() {
        let name = source.name();
        let message = format!("is for files of your own: `{name}` has test rows; remove it");
        table.fault("test_fraction", &message);
    } else if source.has_tests() == Some(true) {
        let message = "is for files without test rows, and the spec names some; remove one of them";
        table.fault("test_fraction", message);
    }
    fraction
}

type ReadSource = fn(&Reader<'_>) -> DataSource;

/// Reads where samples come from. A path that is missing is a fault, and then empty: which
/// labels there may be, and which fallback, depend on the kind of source alone.
fn read_source(table: &Reader<'_>) -> Option<DataSource> {
    let sources: [(_, ReadSource); 6] = [
        ("mnist", |_| DataSource::Mnist),
        ("strokes", |_| DataSource::Strokes),
        ("parity", read_parity),
        ("idx", |table| DataSource::Idx(IdxFolder::read(table))),
        ("csv", |table| DataSource::Csv(CsvFiles::read(table))),
        ("images", |table| {
            DataSource::Images(ImageFolders::read(table))
        }),
    ];
    let read = table
        .key("source", one_of(sources), "Data set")
        .required()?;
    Some(read(table))
}

/// Reads how many numbers there are, and how many of them are trained on: 700 of 1024
/// unless the spec sets it, as in the source. Both parts have both classes.
fn read_parity(table: &Reader<'_>) -> DataSource {
    let bits = whole("a number of bits", 2..=MAX_BITS);
    let bits = table
        .key("bits", bits, "Number of pixels, one for each bit")
        .or(10);
    let numbers: usize = 1 << bits;
    let most = numbers - 2;
    let text = format!("a number of rows from 2 to {most}, two less than there are");
    let rows = whole("", 2..=(1 << MAX_BITS) - 2).where_known(text, move |&rows| rows <= most);
    let about = "Number of training rows, the numbers from 0 on; all above are tested on \
         [default: 700 of 1024]";
    let train_rows = table.key("train_rows", rows, about).optional();
    DataSource::Parity {
        bits,
        train_rows: train_rows.unwrap_or(numbers * 700 / 1024),
    }
}

/// Reads the number of rows of each class; of a list the length is unchecked without
/// valid classes.
fn read_per_class(table: &Reader<'_>, classes: Option<&[Label]>) -> Option<PerClass> {
    let count = classes.map(<[Label]>::len);
    let each = count.map_or_else(String::new, |count| format!("{count} "));
    let text = format!(
        "a whole number of at least 1, or a list of {each}such numbers, one for each class"
    );
    let one = whole("", 1..).map(move |rows| vec![rows; count.unwrap_or(1)]);
    let counts = one.or_else(list("", 1.., whole("", 1..)));
    let counts = counts.where_known(text, move |counts| count.is_none_or(|n| n == counts.len()));
    let about = "Number of training rows of each class, the first ones unless drawn by \
                 `resample` [default: all]";
    table
        .key("per_class", counts.map(PerClass::Counts), about)
        .optional()
}

/// Reads the names of the classes in figures; their number is unchecked without valid
/// classes.
fn read_names(table: &Reader<'_>, classes: Option<&[Label]>) -> Vec<String> {
    let count = classes.map(<[Label]>::len);
    let each = count.map_or_else(String::new, |count| format!("{count} "));
    let text = format!("a list of {each}names, one for each class");
    let names = list("", 1.., sentence());
    let names = names.where_known(text, move |names| count.is_none_or(|n| n == names.len()));
    let about = "Names of the classes in figures [default: their labels]";
    let names = table.key("names", names, about).optional();
    names.unwrap_or_default()
}
