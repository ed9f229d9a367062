//! Cells: the values of a table or of arrays, each with its place.

use super::{Tolerance, Versions, both, quoted, short};

/// Value in a file.
pub struct Cell {
    /// Place in the file, for a person to read.
    pub place: String,
    pub value: String,
    /// Name of the tolerance of a number; none for keys and names.
    pub tolerance: Option<String>,
}

/// Compares the cells of both versions in their order; fails with the first that differs.
/// With tolerances, numbers may differ by that of their name. Without, the bytes must be the
/// same as well.
pub fn compare(
    versions: Versions<'_>,
    mut published: impl Iterator<Item = Cell>,
    mut rerun: impl Iterator<Item = Cell>,
    tolerance: Option<&dyn Fn(&str) -> Tolerance>,
) -> Result<(), String> {
    let pairs = std::iter::from_fn(|| match (published.next(), rerun.next()) {
        (None, None) => None,
        pair => Some(pair),
    });
    let mut differing = pairs.filter_map(|(ours, theirs)| difference(ours, theirs, tolerance));
    match (differing.next(), differing.count()) {
        (None, _) if tolerance.is_some() || versions.are_same_bytes() => Ok(()),
        (None, _) => Err("the bytes differ, although no value does".to_owned()),
        (Some(first), 0) => Err(first),
        (Some(first), 1) => Err(format!("{first}; 1 more value differs")),
        (Some(first), count) => Err(format!("{first}; {count} more values differ")),
    }
}

/// Describes how two cells differ; none if they do not.
fn difference(
    published: Option<Cell>,
    rerun: Option<Cell>,
    tolerance: Option<&dyn Fn(&str) -> Tolerance>,
) -> Option<String> {
    let (ours, theirs) = match (published, rerun) {
        (Some(ours), Some(theirs)) if ours.place == theirs.place => (ours, theirs),
        (Some(ours), _) => return Some(format!("{}: only published", ours.place)),
        (None, rerun) => return rerun.map(|one| format!("{}: only in the rerun", one.place)),
    };
    let numbers = || {
        let tolerance = tolerance?(ours.tolerance.as_deref()?);
        let (ours, theirs): (f64, f64) = (ours.value.parse().ok()?, theirs.value.parse().ok()?);
        Some((tolerance, ours, theirs))
    };
    let more = match numbers() {
        None if ours.value == theirs.value => return None,
        None => String::new(),
        Some((tolerance, ours, theirs)) if tolerance.covers(ours, theirs) => return None,
        Some((tolerance, ours, theirs)) if ours.is_finite() && theirs.is_finite() => {
            let allowed = tolerance.allowed(ours, theirs);
            format!(", more than {} apart", short(allowed))
        }
        Some(_) => ", which no tolerance covers".to_owned(),
    };
    let values = both(quoted(&ours.value), quoted(&theirs.value));
    Some(format!("{}: {values}{more}", ours.place))
}
