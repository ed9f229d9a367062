//! Tables of a replicate that not every run writes.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::Measurement;
use crate::config::Metric;
use crate::metrics::judge;
use crate::report::error::ResultsError;
use crate::store::{JUDGES, Published};
use crate::table::from_csv;

/// Tables of a replicate that not every run writes.
pub struct OptionalTables<'a> {
    pub folder: &'a Path,
    pub published: Published<'a>,
}

impl OptionalTables<'_> {
    /// Reads the rows of a table; none if the manifest does not list it.
    pub fn of<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, ResultsError> {
        let bytes = self.published.table(name)?;
        let rows = bytes.map_or(Ok(Vec::new()), |bytes| from_csv(&bytes));
        rows.map_err(in_table(&self.folder.join(name)))
    }

    /// Describes the evaluators that read any of these values, if they are poor. A table with
    /// the columns of an earlier version describes other evaluators.
    pub fn poor_judges(&self, values: &[Measurement]) -> Result<Option<String>, ResultsError> {
        let bytes = self.published.table(JUDGES)?.unwrap_or_default();
        let controls = from_csv(&bytes).unwrap_or_default();
        let poor = judge::poor_judges(&controls);
        let is_read = |value: &Measurement| Metric::is_read_by_judges(&value.metric);
        Ok(poor.filter(|_| values.iter().any(is_read)))
    }
}

/// Returns the error of a table that cannot be decoded.
pub fn in_table(path: &Path) -> impl FnOnce(csv::Error) -> ResultsError {
    let path = path.to_owned();
    |source| ResultsError::Table { path, source }
}
