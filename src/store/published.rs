//! Published results: files are read only if they have the SHA-256 in their manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::result_file::{MANIFEST, TIMINGS};
use crate::digest::{sha256, sha256_of};
use crate::escape;
use crate::io;

/// Maximum size of a table that is read: a sparse file must not fill the memory.
const MAX_TABLE_BYTES: u64 = 1 << 30;

/// Files that no manifest lists: itself, and the durations of its stages.
const UNLISTED: [&str; 2] = [MANIFEST, TIMINGS];

/// Results folder with its manifest.
#[derive(Debug, Clone, Copy)]
pub struct Published<'a> {
    folder: &'a Path,
    /// SHA-256 of every file, by path.
    outputs: &'a BTreeMap<String, String>,
}

/// Published file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {fault}; {}", escape::path(path), fault.remedy())]
pub struct PublishedError {
    path: PathBuf,
    fault: FileFault,
}

/// Fault of a published file.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The manifest lists it, but it does not exist.
    #[error("missing, although `{MANIFEST}` lists it")]
    Missing,
    /// It has another SHA-256.
    #[error(
        "modified after it was published; expected SHA-256 {expected} as in `{MANIFEST}`, got {found}"
    )]
    Modified {
        /// Digest in the manifest.
        expected: String,
        /// Digest of the file.
        found: String,
    },
    /// It is not a plain file.
    #[error("expected a plain file, got {0}")]
    NotPlain(&'static str),
    /// It exists, but the manifest does not list it.
    #[error("unexpected, as `{MANIFEST}` does not list it")]
    Unlisted,
    /// It is larger than any table of a run.
    #[error("expected a table of at most {MAX_TABLE_BYTES} bytes, got {0} bytes")]
    TooLarge(u64),
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
}

impl FileFault {
    /// Returns the remedy.
    fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "check its permissions and those of its folder",
            Self::Missing
            | Self::Modified { .. }
            | Self::NotPlain(_)
            | Self::Unlisted
            | Self::TooLarge(_) => "run the spec again",
        }
    }
}

impl<'a> Published<'a> {
    /// Returns the files of this folder, as its manifest lists them.
    pub fn new(folder: &'a Path, outputs: &'a BTreeMap<String, String>) -> Self {
        Self { folder, outputs }
    }

    /// Reads a table; none if the manifest does not list it and it does not exist.
    ///
    /// # Errors
    /// If the file is not the one that the manifest lists.
    pub fn table(&self, name: &str) -> Result<Option<Vec<u8>>, PublishedError> {
        self.checked_table(name).map_err(|fault| PublishedError {
            path: self.folder.join(name),
            fault,
        })
    }

    /// Reads a table that every run writes.
    ///
    /// # Errors
    /// If there is none, or the file is not the one that the manifest lists.
    pub fn required_table(&self, name: &str) -> Result<Vec<u8>, PublishedError> {
        self.table(name)?.ok_or_else(|| PublishedError {
            path: self.folder.join(name),
            fault: FileFault::Missing,
        })
    }

    fn checked_table(&self, name: &str) -> Result<Option<Vec<u8>>, FileFault> {
        let size = plain_size(&self.folder.join(name))?;
        match (self.outputs.get(name), size) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(FileFault::Unlisted),
            (Some(_), None) => Err(FileFault::Missing),
            (Some(_), Some(bytes)) if bytes > MAX_TABLE_BYTES => Err(FileFault::TooLarge(bytes)),
            (Some(expected), Some(_)) => {
                let bytes = fs::read(self.folder.join(name)).map_err(FileFault::Unreadable)?;
                check_digest(expected, sha256([&bytes[..]]))?;
                Ok(Some(bytes))
            }
        }
    }

    /// Lists files that differ from the manifest, or that are missing, by path.
    pub fn check(&self) -> Vec<(String, FileFault)> {
        let fault = |(name, expected): (&String, &String)| {
            let fault = self.check_file(name, expected).err()?;
            Some((name.clone(), fault))
        };
        self.outputs.iter().filter_map(fault).collect()
    }

    fn check_file(&self, name: &str, expected: &str) -> Result<(), FileFault> {
        let path = self.folder.join(name);
        plain_size(&path)?.ok_or(FileFault::Missing)?;
        let file = fs::File::open(&path).map_err(FileFault::Unreadable)?;
        let found = sha256_of(file).map_err(FileFault::Unreadable)?;
        check_digest(expected, found)
    }

    /// Lists the paths of unexpected files and folders. Hidden ones belong to killed runs, or
    /// to other programs.
    ///
    /// # Errors
    /// If the folder, or one within it, cannot be listed.
    pub fn unexpected(&self) -> Result<Vec<String>, io::IoError> {
        let mut found = Vec::new();
        self.collect_unexpected("", &self.folders(), &mut found)?;
        Ok(found)
    }

    /// Collects unexpected files of a folder; `prefix` is its path, with a `/` at the end.
    fn collect_unexpected(
        &self,
        prefix: &str,
        folders: &BTreeSet<String>,
        found: &mut Vec<String>,
    ) -> Result<(), io::IoError> {
        for entry in io::entries(&self.folder.join(prefix))? {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = format!("{prefix}{name}");
            // A link to a folder does not count as one, so that no ring is followed.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_top = prefix.is_empty();
            if name.starts_with('.') || is_top && !is_folder && UNLISTED.contains(&&*name) {
                continue;
            }
            if is_folder && folders.contains(&path) {
                self.collect_unexpected(&format!("{path}/"), folders, found)?;
            } else if !self.outputs.contains_key(&path) {
                found.push(path);
            }
        }
        Ok(())
    }

    /// Returns the folders of listed files, by path.
    fn folders(&self) -> BTreeSet<String> {
        let above = |name: &String| {
            let ends = name.match_indices('/').map(|(end, _)| end);
            ends.map(|end| name[..end].to_owned()).collect::<Vec<_>>()
        };
        self.outputs.keys().flat_map(above).collect()
    }
}

/// Returns the size of a plain file; none if nothing exists at this path.
fn plain_size(path: &Path) -> Result<Option<u64>, FileFault> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileFault::Unreadable(error)),
        Ok(found) if found.is_file() => Ok(Some(found.len())),
        Ok(found) => Err(FileFault::NotPlain(described(found.file_type()))),
    }
}

/// Names the type of a file that is not plain, with its article.
fn described(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else {
        "a pipe, socket or device"
    }
}

fn check_digest(expected: &str, found: String) -> Result<(), FileFault> {
    if found == expected {
        Ok(())
    } else {
        let expected = expected.to_owned();
        Err(FileFault::Modified { expected, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with `a.csv` and `figures/b.png`, and its digests.
    fn folder() -> (tempfile::TempDir, BTreeMap<String, String>) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("figures")).unwrap();
        let files = [("a.csv", &b"x\n1\n"[..]), ("figures/b.png", b"picture")];
        let put = |(name, bytes): (&str, &[u8])| {
            fs::write(folder.path().join(name), bytes).unwrap();
            (name.to_owned(), sha256([bytes]))
        };
        let outputs = files.into_iter().map(put).collect();
        (folder, outputs)
    }

    fn fault(folder: &Path, outputs: &BTreeMap<String, String>) -> String {
        let error = Published::new(folder, outputs).table("a.csv").unwrap_err();
        error.to_string().replace(folder.to_str().unwrap(), "...")
    }

    #[test]
    fn a_table_as_listed_is_read() {
        let (folder, outputs) = folder();
        let published = Published::new(folder.path(), &outputs);
        assert_eq!(published.table("a.csv").unwrap().unwrap(), b"x\n1\n");
        assert!(published.table("none.csv").unwrap().is_none());
        assert!(published.check().is_empty());
        for name in ["manifest.json", "timings.csv", ".a.csv.swp"] {
            fs::write(folder.path().join(name), "anything").unwrap();
        }
        assert!(published.unexpected().unwrap().is_empty());
    }

    #[test]
    fn every_fault_is_named() {
        let (folder, outputs) = folder();
        let path = folder.path().join("a.csv");
        let mut texts = Vec::new();
        fs::write(&path, "x\n2\n").unwrap();
        texts.push(fault(folder.path(), &outputs));
        fs::File::create(&path)
            .unwrap()
            .set_len(MAX_TABLE_BYTES + 1)
            .unwrap();
        texts.push(fault(folder.path(), &outputs));
        fs::remove_file(&path).unwrap();
        texts.push(fault(folder.path(), &outputs));
        fs::create_dir(&path).unwrap();
        texts.push(fault(folder.path(), &outputs));
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "x\n1\n").unwrap();
        texts.push(fault(folder.path(), &BTreeMap::new()));
        insta::assert_snapshot!(texts.join("\n"), @r"
    `.../a.csv`: modified after it was published; expected SHA-256 daff832f802000e645771a60983c76c963f6ee602a6230e45237bd360e91cc1a as in `manifest.json`, got f44a920765178a372d1908907696f312b659cdb69834ed1de16492877d187955; run the spec again
    `.../a.csv`: expected a table of at most 1073741824 bytes, got 1073741825 bytes; run the spec again
    `.../a.csv`: missing, although `manifest.json` lists it; run the spec again
    `.../a.csv`: expected a plain file, got a folder; run the spec again
    `.../a.csv`: unexpected, as `manifest.json` does not list it; run the spec again
    ");
    }

    #[test]
    fn what_does_not_belong_is_listed_by_path() {
        let (folder, outputs) = folder();
        for name in ["note.txt", "figures/c.png", "figures/timings.csv"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir(folder.path().join("more")).unwrap();
        let published = Published::new(folder.path(), &outputs);
        let expected = ["figures/c.png", "figures/timings.csv", "more", "note.txt"];
        assert_eq!(published.unexpected().unwrap(), expected);
    }
}
