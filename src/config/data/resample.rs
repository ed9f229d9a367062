//! `data.resample`: the rows that each replicate trains on.

use std::ops::Bound;

use super::{Data, DataSource, PerClass};
use crate::config::form::{number, one_of};
use crate::config::reader::Reader;
use crate::config::schema::Schema;
use crate::data::Resample;

/// Highest number of rows that a replicate draws: an epoch keeps their order in memory.
const MAX_DRAWN_ROWS: usize = 10_000_000;

impl Data {
    /// Rows of each class in the data set: with `resample` all of the file, as each
    /// replicate draws its own.
    pub fn dataset_rows(&self) -> PerClass {
        match self.resample {
            Some(_) => PerClass::All,
            None => self.per_class.clone(),
        }
    }

    /// Number of rows that an epoch passes over, if the spec determines it.
    pub fn epoch_rows(&self) -> Option<usize> {
        match (self.resample, &self.per_class) {
            (Some(resample), PerClass::Counts(counts)) => {
                Some(sum(counts.iter().map(|&rows| resample.rows(rows))))
            }
            (Some(_), PerClass::All) => None,
            (None, _) => self.training_rows(),
        }
    }

    /// True if replicates train on different rows. A subsample of every row is all rows.
    pub fn draws_rows(&self) -> bool {
        match self.resample {
            None => false,
            Some(Resample::Bootstrap) => true,
            Some(Resample::Subsample { fraction }) => {
                fraction < 1.0 || self.per_class != PerClass::All
            }
        }
    }
}

/// Hint at a value that is no word.
const TABLE: &str = "or `{ kind = \"subsample\", fraction = 0.5 }`";

/// Sum that ends at the largest number.
pub fn sum(rows: impl Iterator<Item = usize>) -> usize {
    rows.fold(0, usize::saturating_add)
}

/// Reads `resample = "bootstrap"`, or `resample = { kind = "subsample", fraction = 0.5 }`. A
/// faulty value counts as a draw, so that nothing else finds fault with there being none.
pub fn read(table: &Reader<'_>) -> Option<Resample> {
    let resample = read_valid(table);
    let is_faulty = table.has("resample") && resample.is_none();
    resample.or(is_faulty.then_some(Resample::Bootstrap))
}

fn read_valid(table: &Reader<'_>) -> Option<Resample> {
    let kinds = || one_of(Resample::ALL.map(|resample| (resample.name(), resample)));
    let Some(own) = table.own_table("resample") else {
        let about = "Draw of each replicate's own training rows from all rows of its classes \
             in the training file: `bootstrap` draws `per_class` of each class with \
             replacement, at most 10,000,000 in all, `{ kind = \"subsample\", fraction = 0.5 \
             }` that fraction of them (rounded, at least 1) without. Test rows stay. Not for \
             `parity`. An untrained network draws none";
        let resample = table
            .key("resample", kinds().or(Schema::Table).hint(TABLE), about)
            .optional()?;
        let is_complete = matches!(resample, Resample::Bootstrap);
        if !is_complete {
            table.fault(
                "resample",
                "needs a fraction: `{ kind = \"subsample\", fraction = 0.5 }`",
            );
        }
        return is_complete.then_some(resample);
    };
    let about = "Rows with replacement, or a part of them without";
    let mut resample = own.key("kind", kinds(), about).required();
    if let Some(Resample::Subsample { fraction }) = &mut resample {
        let range = (Bound::Excluded(0.0), Bound::Included(1.0));
        let form = number("a number above 0, up to 1", range);
        let about = "Fraction of the rows of each class";
        *fraction = own.key("fraction", form, about).required()?;
    }
    own.finish();
    resample
}

/// Checks that there are rows to draw from, and not too many to draw.
pub fn check(table: &Reader<'_>, source: &DataSource, resample: Resample, per_class: &PerClass) {
    match source {
        DataSource::Parity { .. } => {
            let message = "is for samples, not for `parity`, whose training rows are the numbers \
                           from 0 on: remove it";
            table.fault("resample", message);
        }
        DataSource::Mnist
        | DataSource::Strokes
        | DataSource::Idx(_)
        | DataSource::Csv(_)
        | DataSource::Images(_) => {}
    }
    if let PerClass::Counts(counts) = per_class {
        let drawn = sum(counts.iter().map(|&rows| resample.rows(rows)));
        if drawn > MAX_DRAWN_ROWS {
            let message = format!(
                "makes each replicate draw {drawn} rows, more than {MAX_DRAWN_ROWS}: lower it"
            );
            table.fault("per_class", &message);
        }
    }
}
