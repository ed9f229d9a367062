//! Which column of a CSV file is what.

use std::io::Read;

use csv::ByteRecord;

use super::error::{CsvError, Named};
use super::numbered;
use super::rows::{Rows, shown};
use super::values::number;

/// Names of a column of labels, in small letters.
const LABELS: [&str; 5] = ["label", "class", "target", "y", "digit"];

/// Names of a column that counts rows or identifies them, in small letters; pandas writes
/// its index without a name, and reads that as `Unnamed: 0`.
const INDICES: [&str; 4] = ["", "id", "index", "row"];
const UNNAMED: &str = "unnamed:";

/// So many numbers in a row that count up are names: no image starts like that.
const MIN_COUNT_UP: usize = 10;

/// Which column is what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The line of the first row.
    pub line: u64,
    /// Columns in all.
    pub count: usize,
    /// Whether a header says so.
    pub has_header: bool,
    /// The column of labels, from 0.
    pub label: usize,
    /// The columns of pixels, from 0, in the order in which they make an image.
    pub pixels: Vec<usize>,
    /// The names of those, where they are no numbers that say the order.
    names: Option<Vec<String>>,
    /// Columns that were left out or put in order, for people.
    pub notes: Vec<String>,
}

impl Columns {
    /// Finds out by the first row, and leaves `rows` at the first one of numbers.
    ///
    /// # Errors
    /// If there is no row of numbers, or which column is what is not certain.
    pub fn first(rows: &mut Rows<impl Read>, like: Option<&Self>) -> Result<Self, CsvError> {
        if !rows.advance()? {
            return Err(CsvError::NoRows("the file is empty"));
        }
        let line = rows.line();
        check_separators(&rows.row, line)?;
        let columns = if is_header(&rows.row) {
            let columns = Self::of_header(&rows.row, line)?;
            if !rows.advance()? {
                return Err(CsvError::NoRows("there is only a header"));
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

    /// The label, and then the pixels of an image.
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
        let is_pixel = |&index: &usize| index != label && !is_index(&names[index]);
        let pixels: Vec<usize> = (0..names.len()).filter(is_pixel).collect();
        if pixels.is_empty() {
            let columns = "no column of pixels";
            return Err(CsvError::NoPixels { line, columns });
        }
        let left_out = (0..names.len()).filter(|&index| is_index(&names[index]));
        let left_out = left_out.map(|index| Named(index, &names[index]));
        let mut notes: Vec<String> = left_out
            .map(|column| format!("{column} is left out: it counts or identifies rows"))
            .collect();
        let order = numbered::order(&names, &pixels).map_err(CsvError::Order)?;
        let by_name = order.is_none();
        let pixels = match order {
            Some(order) if order != pixels => {
                notes.push(
                    "pixel columns are put in the order of the numbers in their names".to_owned(),
                );
                order
            }
            _ => pixels,
        };
        let named = pixels.iter().map(|&index| names[index].clone());
        let named = by_name.then(|| named.collect());
        Ok(Self {
            line,
            count: names.len(),
            has_header: true,
            label,
            names: named,
            pixels,
            notes,
        })
    }

    /// These columns in the order of those of another file.
    fn like(self, train: &Self) -> Result<Self, CsvError> {
        if self.pixels.len() != train.pixels.len() {
            let (own, other) = (self.pixels.len(), train.pixels.len());
            let what = format!("there are {own} of pixels here and {other} there");
            return Err(CsvError::Unlike(what));
        }
        if self.has_header != train.has_header {
            return if self.is_plain() && train.is_plain() {
                Ok(self)
            } else {
                let what = "only one of the two has a header; put one above both".to_owned();
                Err(CsvError::Unlike(what))
            };
        }
        let (Some(own), Some(other)) = (&self.names, &train.names) else {
            return match (&self.names, &train.names) {
                (None, None) => Ok(self),
                _ => Err(CsvError::Unlike("the pixels have other names".to_owned())),
            };
        };
        if own == other {
            return Ok(self);
        }
        let place = |name: &String| {
            let place = own.iter().position(|own| own == name);
            let missing = || CsvError::Unlike(format!("there is no column `{}`", shown(name)));
            place.map(|place| self.pixels[place]).ok_or_else(missing)
        };
        let pixels: Vec<usize> = other.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Self {
            pixels,
            names: train.names.clone(),
            ..self
        })
    }

    /// Whether the columns are those of a file without a header.
    fn is_plain(&self) -> bool {
        self.label == 0 && self.pixels.iter().copied().eq(1..self.count)
    }
}

/// A name as it is compared.
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

/// The column of labels.
fn label_of(names: &[String], line: u64) -> Result<usize, CsvError> {
    const SHOWN: usize = 3;
    let mut labels = (0..names.len()).filter(|&index| is_label(&names[index]));
    match (labels.next(), labels.next()) {
        (Some(label), None) => Ok(label),
        (Some(first), Some(second)) => Err(CsvError::TwoLabels {
            first: Named(first, &names[first]).to_string(),
            second: Named(second, &names[second]).to_string(),
        }),
        (None, _) => {
            let first = names
                .iter()
                .take(SHOWN)
                .map(|name| format!("`{}`", shown(name)));
            let mut first: Vec<String> = first.collect();
            if names.len() > SHOWN {
                first.push("...".to_owned());
            }
            let names = first.join(", ");
            Err(CsvError::NoLabel { line, names })
        }
    }
}

/// Whether a row is one of names: one of them is known, most of them are no numbers, or
/// its numbers count up from 0 or 1.
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
    let mut expected = (0..).map(|index| from + f64::from(index));
    numbers.len() >= MIN_COUNT_UP
        && (from == 0.0 || from == 1.0)
        && numbers
            .iter()
            .all(|number| expected.next() == Some(*number))
}

/// Checks that the first row is text whose columns are set apart by commas.
fn check_separators(row: &ByteRecord, line: u64) -> Result<(), CsvError> {
    let bytes = row.as_slice();
    if std::str::from_utf8(bytes).is_err() || bytes.contains(&0) {
        return Err(CsvError::NotText { line });
    }
    // The last cell keeps the one of a line that ends in both.
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
