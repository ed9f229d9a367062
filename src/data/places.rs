//! Where the MNIST files may lie, and where downloads of them go.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::mnist::FILES;
use crate::escape;

/// The environment variable that names the folder of the files.
pub const VARIABLE: &str = "BACKQUERY_DATA";

/// The folder of a checkout that may hold the files; git ignores it.
const WORKING: &str = "data/mnist";

/// A folder that may hold the files, itself or in a folder within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub path: PathBuf,
    /// Who named it.
    pub origin: Origin,
}

/// Why a folder is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user named it on the command line.
    Option,
    /// The user named it in [`VARIABLE`].
    Variable,
    /// It lies in the folder the program was started in.
    WorkingFolder,
    /// It is where downloads go when nobody names a folder.
    Cache,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Option => "--data-dir",
            Self::Variable => VARIABLE,
            Self::WorkingFolder => "the working folder",
            Self::Cache => "the cache",
        })
    }
}

/// Where the files are looked for, in this order: `--data-dir`, the folder in
/// [`VARIABLE`], `data/mnist`, the user's cache folder.
#[must_use]
pub fn places(data_dir: Option<&Path>) -> Vec<Place> {
    places_given(data_dir, |name| env::var_os(name))
}

/// [`places`] in an environment of the caller's.
fn places_given(
    data_dir: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Vec<Place> {
    let set = |name| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let candidates = [
        (data_dir.map(Path::to_owned), Origin::Option),
        (set(VARIABLE), Origin::Variable),
        (Some(PathBuf::from(WORKING)), Origin::WorkingFolder),
        (cache(set), Origin::Cache),
    ];
    candidates
        .into_iter()
        .filter_map(|(path, origin)| path.map(|path| Place { path, origin }))
        .collect()
}

/// The folder of this program's downloads, by the custom of the system.
fn cache(set: impl Fn(&'static str) -> Option<PathBuf>) -> Option<PathBuf> {
    let caches = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library/Caches"))
    } else {
        // The XDG base directory specification: a relative path is to be ignored.
        set("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| set("HOME").map(|home| home.join(".cache")))
    };
    Some(caches?.join("backquery").join("mnist"))
}

/// Where the files may lie below such a folder: here, in a folder of their own, and as
/// `torchvision` leaves them.
const WITHIN: [&str; 3] = ["", "mnist", "MNIST/raw"];

/// The first folder that holds all four files, gzipped or not.
///
/// # Errors
/// If there is none; the error tells what each place lacks.
pub fn find(places: &[Place]) -> Result<PathBuf, NotFound> {
    places
        .iter()
        .flat_map(|place| WITHIN.map(|folder| below(place, folder)))
        .find(|folder| lacking(folder).is_empty())
        .ok_or_else(|| NotFound(places.iter().map(Searched::of).collect()))
}

/// Where a download goes: the folder the user named, else the cache.
#[must_use]
pub fn download_folder(places: &[Place]) -> &Path {
    places
        .iter()
        .find(|place| place.origin != Origin::WorkingFolder)
        .map_or(Path::new(WORKING), |place| &place.path)
}

fn below(place: &Place, folder: &str) -> PathBuf {
    match folder {
        "" => place.path.clone(),
        _ => place.path.join(folder),
    }
}

/// The names of the files this folder lacks.
fn lacking(folder: &Path) -> Vec<&'static str> {
    FILES
        .iter()
        .filter(|file| file.within(folder).is_none())
        .map(|file| file.name)
        .collect()
}

/// No place holds all four files.
#[derive(Debug)]
pub struct NotFound(Vec<Searched>);

/// A place, and the files it lacks where it lacks fewest.
#[derive(Debug)]
struct Searched {
    folder: PathBuf,
    origin: Origin,
    lacks: Vec<&'static str>,
}

impl Searched {
    fn of(place: &Place) -> Self {
        let mut best = (place.path.clone(), lacking(&place.path));
        for folder in WITHIN.map(|folder| below(place, folder)) {
            let lacks = lacking(&folder);
            if lacks.len() < best.1.len() {
                best = (folder, lacks);
            }
        }
        let (folder, lacks) = best;
        Self {
            folder,
            origin: place.origin,
            lacks,
        }
    }
}

impl std::error::Error for NotFound {}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "MNIST is not here: put its four files into one of these folders, name another with \
             `--data-dir`, or write `stand_in = \"strokes\"` in the spec"
        )?;
        for Searched {
            folder,
            origin,
            lacks,
        } in &self.0
        {
            write!(f, "\n  `{}` ({origin}) ", escape::path(folder))?;
            match lacks.len() {
                _ if !folder.is_dir() => write!(f, "does not exist")?,
                4 => write!(f, "holds none of them")?,
                _ => write!(f, "lacks `{}`", lacks.join("`, `"))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn place(path: PathBuf) -> Place {
        let origin = Origin::Variable;
        Place { path, origin }
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
        let all = places_given(Some(Path::new("option")), variables);
        let told: Vec<String> = all.iter().map(|p| p.origin.to_string()).collect();
        assert_eq!(
            told,
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
            let places = places_given(option.map(Path::new), variable);
            download_folder(&places).display().to_string()
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
        let found = find(&[place(partial.clone()), place(whole.clone())]).unwrap();
        assert_eq!(found, whole.join("mnist"));
        assert_eq!(find(&[place(found.clone())]).unwrap(), found);
        let torchvision = folder.path().join("torchvision");
        fill(&torchvision.join("MNIST/raw"), &FILES.map(|file| file.name));
        let found = find(&[place(torchvision.clone())]).unwrap();
        assert_eq!(found, torchvision.join("MNIST/raw"));
    }

    #[test]
    fn the_error_tells_what_each_place_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let [partial, empty, none] = ["partial", "empty", "none"].map(|n| folder.path().join(n));
        fill(&partial.join("mnist"), &[FILES[0].name, FILES[3].name]);
        fill(&empty, &[]);
        let error = find(&[place(partial), place(empty), place(none)]).unwrap_err();
        let told = error.to_string();
        let told = told.replace(&folder.path().display().to_string(), "FOLDER");
        insta::assert_snapshot!(told, @r#"
        MNIST is not here: put its four files into one of these folders, name another with `--data-dir`, or write `stand_in = "strokes"` in the spec
          `FOLDER/partial/mnist` (BACKQUERY_DATA) lacks `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
          `FOLDER/empty` (BACKQUERY_DATA) holds none of them
          `FOLDER/none` (BACKQUERY_DATA) does not exist
        "#);
    }
}
