//! Columns of CSV files: labels, pixels, and others.

use std::io::Read;

use csv::ByteRecord;

use super::cell::{any_label, number};
use super::error::{CsvError, Expected, Named};
use super::label_column::LabelColumn;
use super::numbered;
use super::rows::{CsvRows, shown};

/// Names of a column of labels, in lower case.
const LABELS: [&str; 5] = ["label", "class", "target", "y", "digit"];

/// Names of a column that counts or identifies rows, in lower case. pandas writes its index
/// without a name, and reads that as `Unnamed: 0`.
const INDICES: [&str; 4] = ["", "id", "index", "row"];
const UNNAMED: &str = "unnamed:";

/// Minimum length of a row of ascending numbers that is a header: no image starts like that.
const MIN_COUNT_UP: usize = 10;

/// Maximum number of names that an error lists.
const MAX_SHOWN: usize = 3;

/// Columns of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Line of the first row.
    pub line: u64,
    /// Number of columns.
    pub count: usize,
    /// True if the first row is a header.
    pub has_header: bool,
    /// Column of labels, from 0.
    pub label: usize,
    /// Columns of pixels, from 0, in the order of the pixels of an image.
    pub pixels: Vec<usize>,
    /// Names of the pixel columns, unless they carry numbers that determine the order.
    names: Option<Vec<String>>,
    /// Notes on columns that were left out or reordered.
    pub notes: Vec<String>,
}

impl Columns {
    /// Determines the columns from the first row, and advances to the first row of numbers;
    /// `like` are the columns of the training file.
    ///
    /// # Errors
    /// If there is no row of numbers, or the columns are ambiguous.
    pub fn first(rows: &mut CsvRows<impl Read>, like: Option<&Self>) -> Result<Self, CsvError> {
        if !rows.advance()? {
            return Err(CsvError::NoRows("empty file"));
        }
        let line = rows.line();
        check_separators(&rows.row, line)?;
        let columns = if is_header(&rows.row) {
            let columns = Self::of_header(&rows.row, line)?;
            if !rows.advance()? {
                return Err(CsvError::NoRows("only a header"));
            }
            columns
        } else {
            Self::without_header(rows.row.len(), line)
        };
        match like {
            None => Ok(columns),
            Some(train) => columns.like(train),
        }
    }

    /// Columns of a file without a header: the label, then the pixels.
    fn without_header(count: usize, line: u64) -> Self {
        Self {
            line,
            count,
            has_header: false,
            label: 0,
            pixels: (1..count).collect(),
            names: None,
            notes: Vec::new(),
        }
    }

    fn of_header(row: &ByteRecord, line: u64) -> Result<Self, CsvError> {
        let names: Vec<String> = row.iter().map(name).collect();
        let label = label_of(&names, line)?;
        let (mut pixels, mut notes) = (Vec::new(), Vec::new());
        for (index, name) in names.iter().enumerate() {
            if is_index(name) {
                let column = Named(index, name);
                notes.push(format!(
                    "{column} is left out: it counts or identifies rows"
                ));
            } else if index != label {
                pixels.push(index);
            }
        }
        if pixels.is_empty() {
            let columns = "no pixel columns";
            return Err(CsvError::NoPixels { line, columns });
        }
        let order = numbered::order(&names, &pixels).map_err(CsvError::Order)?;
        let is_numbered = order.is_some();
        if let Some(order) = order.filter(|order| *order != pixels) {
            pixels = order;
            notes.push(
                "pixel columns are put in the order of the numbers in their names".to_owned(),
            );
        }
        let pixel_names = || pixels.iter().map(|&index| names[index].clone()).collect();
        Ok(Self {
            line,
            count: names.len(),
            has_header: true,
            label,
            names: (!is_numbered).then(pixel_names),
            pixels,
            notes,
        })
    }

    /// Adds the label of the current row to those before it, and returns its byte.
    ///
    /// # Errors
    /// If the cell has none, or one that does not fit the others.
    pub fn label_in<R: Read>(
        &self,
        rows: &CsvRows<R>,
        labels: &mut LabelColumn,
    ) -> Result<u8, CsvError> {
        let cell = rows.row.get(self.label).unwrap_or_default();
        let added = labels.add(any_label(cell), || rows.line());
        added.map_err(|fault| {
            let has_header = self.has_header;
            rows.fault(self.label, Expected::Label { has_header, fault })
        })
    }

    /// Puts these columns in the order of those of the training file.
    fn like(self, train: &Self) -> Result<Self, CsvError> {
        let unlike = |what: &str| CsvError::Unlike(what.to_owned());
        if self.pixels.len() != train.pixels.len() {
            let (expected, found) = (train.pixels.len(), self.pixels.len());
            let what = format!("expected {expected} pixel columns, got {found}");
            return Err(CsvError::Unlike(what));
        }
        if self.has_header != train.has_header {
            return if self.is_plain() && train.is_plain() {
                Ok(self)
            } else {
                Err(unlike("only one of them has a header; add one to both"))
            };
        }
        match (&self.names, &train.names) {
            (None, None) => Ok(self),
            (Some(own), Some(other)) => {
                let pixels = self.pixels_named(own, other)?;
                Ok(Self {
                    pixels,
                    names: train.names.clone(),
                    ..self
                })
            }
            (None, Some(_)) | (Some(_), None) => Err(unlike("the pixels have other names")),
        }
    }

    /// Pixel columns in the order of the names `wanted`; `own` are the names of this file.
    fn pixels_named(&self, own: &[String], wanted: &[String]) -> Result<Vec<usize>, CsvError> {
        if own == wanted {
            return Ok(self.pixels.clone());
        }
        wanted
            .iter()
            .map(|name| {
                let missing = || CsvError::Unlike(format!("no column `{}`", shown(name)));
                let index = own.iter().position(|own| own == name).ok_or_else(missing)?;
                Ok(self.pixels[index])
            })
            .collect()
    }

    /// True if the columns are in the order of a file without a header.
    fn is_plain(&self) -> bool {
        self.label == 0 && self.pixels.iter().copied().eq(1..self.count)
    }
}

/// Name of a column, trimmed.
fn name(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

fn is_label(name: &str) -> bool {
    LABELS.contains(&name.to_lowercase().as_str())
}

fn is_index(name: &str) -> bool {
    let name = name.to_lowercase();
    INDICES.contains(&name.as_str()) || name.starts_with(UNNAMED)
}

/// Column of labels.
fn label_of(names: &[String], line: u64) -> Result<usize, CsvError> {
    let mut labels = (0..names.len()).filter(|&index| is_label(&names[index]));
    match (labels.next(), labels.next()) {
        (Some(label), None) => Ok(label),
        (Some(first), Some(second)) => Err(CsvError::TwoLabels {
            first: Named(first, &names[first]).to_string(),
            second: Named(second, &names[second]).to_string(),
        }),
        (None, _) => {
            let mut first: Vec<String> = names
                .iter()
                .take(MAX_SHOWN)
                .map(|name| format!("`{}`", shown(name)))
                .collect();
            if names.len() > MAX_SHOWN {
                first.push("...".to_owned());
            }
            let names = first.join(", ");
            Err(CsvError::NoLabel { line, names })
        }
    }
}

/// True for a row of names: one of them is known, most are no numbers, or its numbers count
/// up from 0 or 1.
fn is_header(row: &ByteRecord) -> bool {
    let cells = || row.iter().filter(|cell| !cell.trim_ascii().is_empty());
    let is_known = |cell: &[u8]| {
        let name = name(cell);
        is_label(&name) || is_index(&name)
    };
    let numbers: Vec<f64> = cells().filter_map(number).collect();
    let texts = cells().count() - numbers.len();
    cells().any(is_known) || texts > numbers.len() || counts_up(&numbers)
}

fn counts_up(numbers: &[f64]) -> bool {
    let from = numbers.first().copied().unwrap_or_default();
    let expected = (0..).map(|index| from + f64::from(index));
    numbers.len() >= MIN_COUNT_UP
        && (from == 0.0 || from == 1.0)
        && numbers.iter().copied().eq(expected.take(numbers.len()))
}

/// Checks that the first row is text, with columns separated by commas.
fn check_separators(row: &ByteRecord, line: u64) -> Result<(), CsvError> {
    let bytes = row.as_slice();
    if std::str::from_utf8(bytes).is_err() || bytes.contains(&0) {
        return Err(CsvError::NotText { line });
    }
    // The last cell of a line that ends in both keeps the carriage return.
    if bytes.trim_ascii_end().contains(&b'\r') {
        return Err(CsvError::LineEnds);
    }
    let others = [(b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars (`|`)")];
    if let Some((_, found)) = others.into_iter().find(|(byte, _)| bytes.contains(byte)) {
        return Err(CsvError::Separator { line, found });
    }
    if row.len() > 1 {
        return Ok(());
    }
    if bytes.trim_ascii().contains(&b' ') {
        let found = "spaces";
        return Err(CsvError::Separator { line, found });
    }
    let columns = "1 column";
    Err(CsvError::NoPixels { line, columns })
}
