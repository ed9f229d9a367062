//! IDX files under all names in use.
//!
//! The authors write `train-images-idx3-ubyte.gz`. 7-Zip, `WinZip` and Finder unpack that to
//! `train-images.idx3-ubyte`, and Kaggle's archive has each file in a folder of its name.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::DataError;
use super::idx::IdxContent;
use crate::escape;

/// Files in a folder under any form of a name such as `train-images-idx3-ubyte`, best match
/// first: gzipped (as downloaded) or not, with a dot before `idx`, in capitals, or in a
/// folder of such a name. None if the folder cannot be read.
pub fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    let names = names(name);
    let mut found = Vec::new();
    for (rank, path) in within(folder, &names) {
        if path.is_file() {
            found.push((rank, path));
        } else if path.is_dir() {
            let files = within(&path, &names);
            let files = files.into_iter().filter(|(_, path)| path.is_file());
            found.extend(files.map(|(inner, path)| (NESTED + rank + inner, path)));
        }
    }
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// Forms of a file name, best match first.
pub fn names(name: &str) -> [String; 4] {
    let dotted = match name.rsplit_once("-idx") {
        Some((stem, ending)) => format!("{stem}.idx{ending}"),
        None => name.to_owned(),
    };
    [
        format!("{name}.gz"),
        name.to_owned(),
        format!("{dotted}.gz"),
        dotted,
    ]
}

/// Distance of a name from the best match.
type Rank = usize;

/// Rank added for other upper or lower case.
const OTHER_CASE: Rank = 10;
/// Rank added for a file in a folder.
const NESTED: Rank = 100;

/// Entries of a folder under one of the names, with their ranks.
fn within(folder: &Path, names: &[String; 4]) -> Vec<(Rank, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ranked = entries.filter_map(|entry| {
        let found = entry.file_name();
        let found = found.to_str()?;
        let exact = names.iter().position(|name| name == found);
        let other_case = || {
            let rank = names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(found));
            rank.map(|rank| OTHER_CASE + rank)
        };
        Some((exact.or_else(other_case)?, entry.path()))
    });
    ranked.collect()
}

/// Returns the first of several files, if all have the same content once unpacked.
///
/// # Errors
/// If two differ, or one of several is no valid IDX file.
pub fn only(candidates: Vec<PathBuf>) -> Result<Option<PathBuf>, DataError> {
    let mut candidates = candidates.into_iter();
    let Some(first) = candidates.next() else {
        return Ok(None);
    };
    let mut digest = None;
    for other in candidates {
        let own = match digest.take() {
            Some(digest) => digest,
            None => IdxContent::load(&first)?.sha256,
        };
        if IdxContent::load(&other)?.sha256 != own {
            return Err(DataError::Ambiguous(first, other));
        }
        digest = Some(own);
    }
    Ok(Some(first))
}

/// Name of a file within a folder, for logs and manifests, without the path of the folder.
pub fn name_within(folder: &Path, path: &Path) -> String {
    escape::path(path.strip_prefix(folder).unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_the_authors_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let unlikeliest_first = [
            "x-images-idx3-ubyte/x-images.idx3-ubyte",
            "X-IMAGES-IDX3-UBYTE.GZ",
            "x-images.idx3-ubyte",
            "x-images.idx3-ubyte.gz",
            "x-images-idx3-ubyte.gz",
        ];
        fs::create_dir(folder.path().join("x-images-idx3-ubyte")).unwrap();
        for name in ["x-images-idx1-ubyte", "xx-images-idx3-ubyte"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        for (index, name) in unlikeliest_first.iter().enumerate() {
            fs::write(folder.path().join(name), "").unwrap();
            let found = candidates(folder.path(), "x-images-idx3-ubyte");
            assert_eq!(found.len(), index + 1);
            assert_eq!(name_within(folder.path(), &found[0]), *name);
        }
        assert!(candidates(&folder.path().join("none"), "x").is_empty());
    }
}
