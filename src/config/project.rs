//! The project that a spec belongs to: the folder below which specs may name each other.

use std::io::Error;
use std::path::{Path, PathBuf};

use super::bounds::MAX_BYTES;
use super::study::without_steps_back;
use crate::escape;
use crate::io::{self, IoError};

/// The folder of specs whose layout results mirror.
const EXPERIMENTS: &str = "experiments";

/// A folder with specs.
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The project of a spec: the last folder called `experiments` that it is in, else
    /// its own folder.
    pub fn of(spec: &Path) -> Self {
        let absolute = std::path::absolute(spec).unwrap_or_else(|_| spec.to_owned());
        let path = without_steps_back(&absolute);
        let folder = path.parent().unwrap_or(Path::new(""));
        let named = folder
            .ancestors()
            .find(|folder| folder.file_name().is_some_and(|name| name == EXPERIMENTS));
        Self {
            root: named.unwrap_or(folder).to_owned(),
        }
    }

    /// Reads a spec of the project. A stranger's spec may name any file of the machine, so
    /// only plain files below the project's folder are opened.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, IoError> {
        io::check_plain(path)?;
        let fault = |message| Err(io::at("read", path)(Error::other(message)));
        if !path.to_string_lossy().chars().all(escape::is_text) {
            return fault("a name must be one line of text".to_owned());
        }
        let real = |path: &Path| path.canonicalize().map_err(io::at("read", path));
        if !real(path)?.starts_with(real(&self.root)?) {
            let root = self.root.display();
            return fault(format!("it is outside the folder of the project, `{root}`"));
        }
        io::read_at_most(path, MAX_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_the_last_folder_of_experiments() {
        let root = |path| Project::of(Path::new(path)).root;
        assert_eq!(
            root("/a/experiments/paper/slp.toml"),
            Path::new("/a/experiments")
        );
        assert_eq!(
            root("/a/experiments/b/experiments/c.toml"),
            Path::new("/a/experiments/b/experiments")
        );
        assert_eq!(root("/a/b/experiments"), Path::new("/a/b"));
        assert_eq!(root("/a/experiments/../b/c.toml"), Path::new("/a/b"));
    }
}
