//! IDX files under all the names that the world gives them.
//!
//! The authors write `train-images-idx3-ubyte.gz`. 7-Zip, `WinZip` and Finder unpack that to
//! `train-images.idx3-ubyte`, and Kaggle's archive has each file in a folder of its name.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::DataError;
use super::idx::Content;

/// Files in a folder that go by a name such as `train-images-idx3-ubyte`, the likeliest
/// first: gzipped (it is what a download leaves) or not, with a dot before `idx`, in
/// capitals, or in a folder of such a name. None if the folder cannot be read.
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

/// The names of a file, the likeliest first.
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

/// How far a name is from the likeliest one.
type Rank = usize;

/// The rank of names in other letters, and that of files in folders.
const OTHER_CASE: Rank = 10;
const NESTED: Rank = 100;

/// Whatever stands in a folder under one of the names.
fn within(folder: &Path, names: &[String; 4]) -> Vec<(Rank, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ranked = entries.filter_map(|entry| {
        let name = entry.file_name();
        let name = name.to_str()?;
        let rank = names.iter().position(|known| known == name);
        let other = || {
            let rank = names
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))?;
            Some(OTHER_CASE + rank)
        };
        Some((rank.or_else(other)?, entry.path()))
    });
    ranked.collect()
}

/// The first of several files, if all of them have the same content once unpacked.
///
/// # Errors
/// If two differ, or one of several is no sound IDX file.
pub fn only(candidates: Vec<PathBuf>) -> Result<Option<PathBuf>, DataError> {
    let mut candidates = candidates.into_iter();
    let Some(first) = candidates.next() else {
        return Ok(None);
    };
    let mut digest = None;
    for other in candidates {
        let own = match digest.take() {
            Some(digest) => digest,
            None => Content::load(&first)?.sha256,
        };
        if Content::load(&other)?.sha256 != own {
            return Err(DataError::Ambiguous(first, other));
        }
        digest = Some(own);
    }
    Ok(Some(first))
}

/// The name of a file within a folder, as logs and manifests have it: no path of the
/// machine.
pub fn name_within(folder: &Path, path: &Path) -> String {
    let name = path.strip_prefix(folder).unwrap_or(path);
    name.display().to_string()
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
