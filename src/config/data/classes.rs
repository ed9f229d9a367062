//! `data.classes`: labels to keep, found in files of the user's own where the spec names none.

use super::DataSource;
use crate::config::form::{self, list, number_label};
use crate::config::reader::Reader;
use crate::data::{Label, MAX_LABELS};

/// Lists the labels of a data set of the user's own, or returns why they are unknown.
pub type FindLabels<'a> = &'a dyn Fn(&DataSource) -> Result<Vec<Label>, String>;

/// Number of labels of digits; files of the user's may have others.
const DIGITS: usize = 10;
/// Number of labels of numbers: even and odd.
const PARITIES: usize = 2;

/// Reads the labels to keep: all that there are, unless the spec names some.
pub fn read(
    table: &Reader<'_>,
    source: Option<&DataSource>,
    find: FindLabels<'_>,
) -> Option<Vec<Label>> {
    let labels = match source {
        Some(DataSource::Parity { .. }) => PARITIES,
        Some(DataSource::Idx(_) | DataSource::Csv(_) | DataSource::Images(_)) => MAX_LABELS,
        Some(DataSource::Mnist | DataSource::Strokes) | None => DIGITS,
    };
    let text = format!(
        "a list of at least two different labels from 0 to {}",
        labels - 1
    );
    let classes = if source.is_some_and(DataSource::has_words) {
        form::labels(format!("{text}, or of words"), 2..=MAX_LABELS)
    } else {
        list(text, 2.., number_label(labels)).distinct()
    };
    let classes = table.key(
        "classes",
        classes,
        "Labels to keep, in the order of the outputs: numbers, or words of `csv` and `images` \
         [default: all labels of the training rows, ascending]",
    );
    let classes = classes.optional();
    if table.has("classes") {
        return classes;
    }
    match source {
        Some(source) if source.has_own_files() => found_classes(table, source, find),
        Some(_) | None => Some((0..labels as u8).map(Label::Number).collect()),
    }
}

/// Finds the labels of files of the user's. A source without a path has a fault of its own.
fn found_classes(
    table: &Reader<'_>,
    source: &DataSource,
    find: FindLabels<'_>,
) -> Option<Vec<Label>> {
    if source.path()?.as_os_str().is_empty() {
        return None;
    }
    match find(source) {
        Ok(labels) if labels.len() < 2 => {
            let message = format!(
                "is missing, and the training rows have no two labels to tell apart; got \
                 {labels:?}; add rows of another class"
            );
            table.fault("classes", &message);
            None
        }
        Ok(labels) => Some(labels),
        Err(reason) => {
            let message =
                format!("has to be read for the labels, as the spec lists no `classes`: {reason}");
            table.fault(source.path_key(), &message);
            None
        }
    }
}
