//! `[data]`: which samples, of which classes, on which scale.

mod files;

use serde::{Deserialize, Serialize};

use super::all_different;
use super::reader::Reader;
use super::size::ImageSize;
use super::tree::{Node, Value};
pub use files::{CsvFiles, IdxFolder, MAX_ACROSS};

/// The section `[data]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Data {
    /// Where samples come from.
    #[serde(flatten)]
    pub source: DataSource,
    /// Take strokes, and say so everywhere, if the source cannot be had.
    pub stand_in: Option<StandIn>,
    /// The labels to keep, in the order of the network's outputs.
    pub classes: Vec<u8>,
    /// How many training rows of each class, the first ones of the file.
    pub per_class: PerClass,
    /// Values of black and white as networks see them.
    pub range: PixelRange,
}

/// Where samples come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum DataSource {
    /// The handwritten digits of LeCun, Cortes and Burges.
    Mnist,
    /// Digits drawn by this program.
    Strokes,
    /// The numbers of so many bits, even and odd, as images of one row (Tashfeen 2020,
    /// section 7.1).
    Parity {
        /// Pixels an image.
        bits: usize,
        /// The numbers from 0 on that are trained on; all above are tested on.
        train_rows: usize,
    },
    /// A folder of IDX files, with images of any size.
    Idx(IdxFolder),
    /// Files with a label and the pixels of an image in each row.
    Csv(CsvFiles),
}

impl Data {
    /// Returns the number of training rows, if the spec alone tells.
    #[must_use]
    pub fn training_rows(&self) -> Option<usize> {
        match (&self.per_class, &self.source) {
            (PerClass::Counts(counts), _) => Some(counts.iter().sum()),
            (PerClass::All, DataSource::Parity { train_rows, .. }) => Some(*train_rows),
            (
                PerClass::All,
                DataSource::Mnist | DataSource::Strokes | DataSource::Idx(_) | DataSource::Csv(_),
            ) => None,
        }
    }
}

impl DataSource {
    /// The name a spec gives it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::Strokes => "strokes",
            Self::Parity { .. } => "parity",
            Self::Idx(_) => "idx",
            Self::Csv(_) => "csv",
        }
    }

    /// Returns the size of its images, if the spec alone tells.
    #[must_use]
    pub fn size(&self) -> Option<ImageSize> {
        match self {
            Self::Mnist | Self::Strokes => Some(ImageSize::DIGITS),
            Self::Parity { bits, .. } => Some(ImageSize {
                width: *bits,
                height: 1,
            }),
            Self::Csv(files) => files.size(),
            Self::Idx(_) => None,
        }
    }

    /// Returns whether it has test rows, if the spec alone tells.
    #[must_use]
    pub fn has_tests(&self) -> Option<bool> {
        match self {
            Self::Mnist | Self::Strokes | Self::Parity { .. } => Some(true),
            Self::Csv(files) => Some(files.test_file.is_some()),
            Self::Idx(_) => None,
        }
    }

    /// Whether the spec names files: nobody else knows their labels and levels.
    fn has_own_files(&self) -> bool {
        match self {
            Self::Mnist | Self::Strokes | Self::Parity { .. } => false,
            Self::Idx(_) | Self::Csv(_) => true,
        }
    }
}

/// The one data set that can stand in for others: it needs no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StandIn {
    /// Digits drawn by this program.
    Strokes,
}

/// How many training rows of each class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PerClass {
    /// Every row there is.
    All,
    /// One count a class, in the order of `classes`.
    Counts(Vec<usize>),
}

/// The interval onto which a pixel's 0 to 255 is mapped linearly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PixelRange {
    /// What 0 becomes.
    pub low: f64,
    /// What 255 becomes.
    pub high: f64,
}

impl PixelRange {
    /// The value of a pixel of this level (0 to 255, fractions allowed).
    #[must_use]
    pub fn value(self, level: f64) -> f64 {
        self.low + level / 255.0 * (self.high - self.low)
    }

    /// The level nearest to a value; beyond the range black or white. A range of one
    /// value is middle grey: neither dark nor light is truer.
    #[must_use]
    pub fn level(self, value: f64) -> u8 {
        if self.low >= self.high {
            return 128;
        }
        // By halves, as a range of inverses may be wider than the largest number.
        let halves = |a: f64, b: f64| a / 2.0 - b / 2.0;
        let level = halves(value, self.low) / halves(self.high, self.low) * 255.0;
        level.round().clamp(0.0, 255.0) as u8
    }
}

/// Digits have ten classes; files of the user's may have others.
const DIGITS: u64 = 10;
/// Numbers are even or odd.
const PARITIES: u64 = 2;

pub fn read(table: Reader<'_>) -> Option<Data> {
    let source = read_source(&table);
    let stand_in = table.choice("stand_in", &[("strokes", StandIn::Strokes)]);
    if let (Some(_), Some(source)) = (stand_in, &source)
        && *source != DataSource::Mnist
    {
        let message = format!(
            "is for `mnist`, which is downloaded, not for `{}`",
            source.name()
        );
        table.fault("stand_in", &message);
    }
    if table.has("levels")
        && let Some(source) = source.as_ref().filter(|source| !source.has_own_files())
    {
        table.known("levels");
        let message = format!(
            "is for files of your own, `idx` and `csv`: white is 255 in `{}`",
            source.name()
        );
        table.fault("levels", &message);
    }
    let classes = read_classes(&table, source.as_ref());
    let per_class = read_per_class(&table, classes.as_deref());
    let range = table.get(
        "range",
        "two numbers from -1e6 to 1e6, the lower one first",
        range,
    );
    table.finish();
    Some(Data {
        source: source?,
        stand_in,
        classes: classes?,
        per_class: per_class.unwrap_or(PerClass::All),
        range: range.unwrap_or(PixelRange {
            low: 0.0,
            high: 1.0,
        }),
    })
}

/// A path that is missing is a fault, and then empty: which labels there may be, and
/// what may stand in, depend on the kind of source alone.
fn read_source(table: &Reader<'_>) -> Option<DataSource> {
    #[derive(Clone, Copy)]
    enum Kind {
        Mnist,
        Strokes,
        Parity,
        Idx,
        Csv,
    }
    let kinds = [
        ("mnist", Kind::Mnist),
        ("strokes", Kind::Strokes),
        ("parity", Kind::Parity),
        ("idx", Kind::Idx),
        ("csv", Kind::Csv),
    ];
    Some(match table.require_choice("source", &kinds)? {
        Kind::Mnist => DataSource::Mnist,
        Kind::Strokes => DataSource::Strokes,
        Kind::Parity => read_parity(table),
        Kind::Idx => DataSource::Idx(IdxFolder::read(table)),
        Kind::Csv => DataSource::Csv(CsvFiles::read(table)),
    })
}

/// As many numbers are trained on as in the source, 700 of 1024, unless the spec says
/// how many. Both parts have both classes.
fn read_parity(table: &Reader<'_>) -> DataSource {
    let bits = table.get("bits", "a number of bits from 2 to 16", |v| {
        v.positive().filter(|bits| (2..=16).contains(bits))
    });
    let numbers: usize = 1 << bits.unwrap_or(10);
    let most = numbers - 2;
    let must_be = format!("a number of rows from 2 to {most}, two less than there are");
    let train_rows = table.get("train_rows", &must_be, |v| {
        v.positive().filter(|rows| (2..=most).contains(rows))
    });
    DataSource::Parity {
        bits: bits.unwrap_or(10),
        train_rows: train_rows.unwrap_or(numbers * 700 / 1024),
    }
}

/// All there are, ten digits or two parities, unless the spec names some; nobody but
/// the spec knows which labels files of the user's have.
fn read_classes(table: &Reader<'_>, source: Option<&DataSource>) -> Option<Vec<u8>> {
    let own = source.is_some_and(DataSource::has_own_files);
    let labels = match source {
        _ if own => 256,
        Some(DataSource::Parity { .. }) => PARITIES,
        _ => DIGITS,
    };
    let highest = labels - 1;
    let must_be = format!("a list of at least two different labels from 0 to {highest}");
    let classes = |node: &Node| {
        let label = |v: &Node| {
            let label = v.count().filter(|&label| label < labels)?;
            u8::try_from(label).ok()
        };
        let classes = node.list(label)?;
        (classes.len() >= 2 && all_different(&classes)).then_some(classes)
    };
    if own || table.has("classes") {
        table.require("classes", &must_be, classes)
    } else {
        table.get("classes", &must_be, classes);
        Some((0..labels as u8).collect())
    }
}

/// Without valid classes there is no length to hold a list against.
fn read_per_class(table: &Reader<'_>, classes: Option<&[u8]>) -> Option<PerClass> {
    let count = classes.map(<[u8]>::len);
    let each = count.map_or_else(String::new, |count| format!("{count} "));
    let must_be = format!(
        "a whole number of at least 1, or a list of {each}such numbers, one for each class"
    );
    table.get("per_class", &must_be, |node| {
        let counts = match &node.value {
            Value::Array(_) => node.list(Node::positive)?,
            _ => vec![node.positive()?; count.unwrap_or(1)],
        };
        let fits = count.is_none_or(|count| count == counts.len());
        fits.then_some(PerClass::Counts(counts))
    })
}

fn range(node: &Node) -> Option<PixelRange> {
    let ends = node.list(|v| v.number_where(|x| x.abs() <= 1e6))?;
    match ends[..] {
        // Single precision, in which networks see them, must tell the two apart.
        [low, high] if (low as f32) < high as f32 && ((high - low) as f32).is_normal() => {
            Some(PixelRange { low, high })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn levels_and_values_are_each_others_inverse(low in -1e3..1e3f64, span in 1e-3..1e3f64) {
            let range = PixelRange { low, high: low + span };
            for level in 0..=255 {
                proptest::prop_assert_eq!(range.level(range.value(f64::from(level))), level);
            }
            proptest::prop_assert_eq!(range.level(low - span), 0);
            proptest::prop_assert_eq!(range.level(low + 2.0 * span), 255);
        }
    }
}
