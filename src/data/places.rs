//! Folders that are searched for the MNIST files, and the folder of downloads.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::mnist::FILES;
use crate::escape;

/// Environment variable that names the folder of the files.
pub const VARIABLE: &str = "BACKQUERY_DATA";

/// Folder of a checkout that may hold the files; git ignores it.
const WORKING: &str = "data/mnist";

/// Folder that may hold the files, itself or in a subfolder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFolder {
    /// The folder.
    pub path: PathBuf,
    /// Setting that names it.
    pub origin: FolderOrigin,
}

/// Reason why a folder is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderOrigin {
    /// Named on the command line.
    Option,
    /// Named by [`VARIABLE`].
    Variable,
    /// Within the folder in which the program was started.
    WorkingFolder,
    /// Default folder of downloads.
    Cache,
}

impl fmt::Display for FolderOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Option => "--data-dir",
            Self::Variable => VARIABLE,
            Self::WorkingFolder => "the working folder",
            Self::Cache => "the cache",
        })
    }
}

/// Folders to search for the files, in this order: `--data-dir`, the folder in
/// [`VARIABLE`], `data/mnist`, the user's cache.
pub fn search_folders(data_dir: Option<&Path>) -> Vec<SearchFolder> {
    search_folders_in(data_dir, |name| env::var_os(name))
}

/// Folders to search with the environment variables of the caller.
fn search_folders_in(
    data_dir: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Vec<SearchFolder> {
    let set = |name| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let folders = [
        (data_dir.map(Path::to_owned), FolderOrigin::Option),
        (set(VARIABLE), FolderOrigin::Variable),
        (Some(PathBuf::from(WORKING)), FolderOrigin::WorkingFolder),
        (cache(set), FolderOrigin::Cache),
    ];
    folders
        .into_iter()
        .filter_map(|(path, origin)| path.map(|path| SearchFolder { path, origin }))
        .collect()
}

/// Folder of this program's downloads, by the convention of the system.
fn cache(set: impl Fn(&'static str) -> Option<PathBuf>) -> Option<PathBuf> {
    let caches = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library/Caches"))
    } else {
        // The XDG base directory specification ignores relative paths.
        set("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
    };
    Some(caches?.join("backquery").join("mnist"))
}

/// Subfolders that may hold the files; the last one is that of `torchvision`.
const SUBFOLDERS: [&str; 3] = ["", "mnist", "MNIST/raw"];

/// Returns the first folder that holds all four files, gzipped or not.
///
/// # Errors
/// If there is none, with the missing files of each folder.
pub fn find(folders: &[SearchFolder]) -> Result<PathBuf, NotFound> {
    folders
        .iter()
        .flat_map(with_subfolders)
        .find(|folder| missing(folder).is_empty())
        .ok_or_else(|| NotFound(folders.iter().map(Searched::of).collect()))
}

/// Returns the folder for downloads: the one that the user names, else the cache.
pub fn download_folder(folders: &[SearchFolder]) -> &Path {
    folders
        .iter()
        .find(|folder| folder.origin != FolderOrigin::WorkingFolder)
        .map_or(Path::new(WORKING), |folder| &folder.path)
}

fn with_subfolders(folder: &SearchFolder) -> [PathBuf; 3] {
    SUBFOLDERS.map(|subfolder| match subfolder {
        "" => folder.path.clone(),
        _ => folder.path.join(subfolder),
    })
}

/// Names of the files that a folder does not hold.
fn missing(folder: &Path) -> Vec<&'static str> {
    FILES
        .iter()
        .filter(|file| file.within(folder).is_none())
        .map(|file| file.name)
        .collect()
}

/// Error if no folder holds all four files.
#[derive(Debug)]
pub struct NotFound(Vec<Searched>);

/// Searched folder, or the subfolder of it that misses the fewest files.
#[derive(Debug)]
struct Searched {
    folder: PathBuf,
    origin: FolderOrigin,
    missing: Vec<&'static str>,
}

impl Searched {
    fn of(folder: &SearchFolder) -> Self {
        let [mut best, others @ ..] = with_subfolders(folder).map(|folder_or_below| Self {
            missing: missing(&folder_or_below),
            folder: folder_or_below,
            origin: folder.origin,
        });
        for other in others {
            if other.missing.len() < best.missing.len() {
                best = other;
            }
        }
        best
    }
}

impl std::error::Error for NotFound {}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "MNIST: files not found; put the four files into one of these folders, name another \
             folder with `--data-dir`, or set `stand_in = \"strokes\"` in the spec"
        )?;
        for Searched {
            folder,
            origin,
            missing,
        } in &self.0
        {
            write!(f, "\n  `{}` ({origin}): ", escape::path(folder))?;
            match missing.len() {
                _ if !folder.is_dir() => write!(f, "does not exist")?,
                4 => write!(f, "has none of them")?,
                _ => write!(f, "`{}` missing", missing.join("`, `"))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn named(path: PathBuf) -> SearchFolder {
        let origin = FolderOrigin::Variable;
        SearchFolder { path, origin }
    }

    /// Puts empty files of these names into a folder.
    fn fill(folder: &Path, names: &[&str]) {
        fs::create_dir_all(folder).unwrap();
        for name in names {
            fs::write(folder.join(name), "").unwrap();
        }
    }

    #[test]
    fn what_the_user_names_comes_first() {
        let variables = |name: &str| match name {
            VARIABLE => Some("/variable".into()),
            "HOME" | "LOCALAPPDATA" => Some("/home/me".into()),
            _ => None,
        };
        let all = search_folders_in(Some(Path::new("option")), variables);
        let message: Vec<String> = all.iter().map(|p| p.origin.to_string()).collect();
        assert_eq!(
            message,
            ["--data-dir", VARIABLE, "the working folder", "the cache"]
        );
        let paths: Vec<&Path> = all.iter().map(|p| &*p.path).collect();
        assert_eq!(
            paths[..3],
            ["option", "/variable", "data/mnist"].map(Path::new)
        );
        assert!(paths[3].starts_with("/home/me") && paths[3].ends_with("backquery/mnist"));
    }

    #[test]
    fn downloads_go_where_the_user_says_else_to_the_cache() {
        let folder = |option: Option<&str>, set: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = set.iter().find(|(n, _)| *n == name);
                found.map(|(_, value)| value.into())
            };
            let folders = search_folders_in(option.map(Path::new), variable);
            download_folder(&folders).display().to_string()
        };
        assert_eq!(
            folder(Some("option"), &[(VARIABLE, "/v"), ("HOME", "/h")]),
            "option"
        );
        assert_eq!(folder(None, &[(VARIABLE, "/v"), ("HOME", "/h")]), "/v");
        assert_eq!(folder(None, &[(VARIABLE, ""), ("HOME", "")]), WORKING);
    }

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn a_relative_cache_folder_is_ignored() {
        let cache_with = |xdg: &str| {
            cache(|name| match name {
                "XDG_CACHE_HOME" => Some(PathBuf::from(xdg)),
                "HOME" => Some(PathBuf::from("/h")),
                _ => None,
            })
        };
        assert_eq!(cache_with("/x"), Some(PathBuf::from("/x/backquery/mnist")));
        assert_eq!(
            cache_with("x"),
            Some(PathBuf::from("/h/.cache/backquery/mnist"))
        );
    }

    #[test]
    fn the_first_folder_with_all_four_files_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let [partial, whole] = ["partial", "whole"].map(|name| folder.path().join(name));
        fill(&partial, &[FILES[0].name]);
        let packed = FILES.map(|file| file.packed_name());
        let [a, b, c, _] = packed.each_ref().map(String::as_str);
        fill(&whole.join("mnist"), &[a, b, c, FILES[3].name]);
        let found = find(&[named(partial.clone()), named(whole.clone())]).unwrap();
        assert_eq!(found, whole.join("mnist"));
        assert_eq!(find(&[named(found.clone())]).unwrap(), found);
        let torchvision = folder.path().join("torchvision");
        fill(&torchvision.join("MNIST/raw"), &FILES.map(|file| file.name));
        let found = find(&[named(torchvision.clone())]).unwrap();
        assert_eq!(found, torchvision.join("MNIST/raw"));
    }

    #[test]
    fn the_error_lists_the_missing_files_of_each_folder() {
        let folder = tempfile::tempdir().unwrap();
        let [partial, empty, none] = ["partial", "empty", "none"].map(|n| folder.path().join(n));
        fill(&partial.join("mnist"), &[FILES[0].name, FILES[3].name]);
        fill(&empty, &[]);
        let error = find(&[named(partial), named(empty), named(none)]).unwrap_err();
        let message = error.to_string();
        let message = message.replace(&folder.path().display().to_string(), "FOLDER");
        insta::assert_snapshot!(message, @r#"
        MNIST: files not found; put the four files into one of these folders, name another folder with `--data-dir`, or set `stand_in = "strokes"` in the spec
          `FOLDER/partial/mnist` (BACKQUERY_DATA): `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` missing
          `FOLDER/empty` (BACKQUERY_DATA): has none of them
          `FOLDER/none` (BACKQUERY_DATA): does not exist
        "#);
    }
}
