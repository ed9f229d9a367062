//! The results folder of a replicate, which shows either what a run before
//! left there or all that this run gives, never a mixture.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::replicate::Product;
use crate::io::{self, IoError, at};

/// A folder that is being filled beside the one it will replace.
#[derive(Debug)]
pub struct Staging {
    place: PathBuf,
    folder: PathBuf,
    log: File,
    finished: bool,
}

/// A run that failed leaves nothing behind. If even that fails, the next run
/// clears the folder.
impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished {
            let _ = io::remove_dir_all(&self.folder);
        }
    }
}

impl Staging {
    /// Starts filling what will be `parent/name`, in `parent/.name.partial`.
    /// What a run that was killed left there is thrown away.
    ///
    /// # Errors
    /// If the folder cannot be made or written to: better now than after hours
    /// of training.
    pub fn begin(parent: &Path, name: &str) -> Result<Self, IoError> {
        let folder = parent.join(format!(".{name}.partial"));
        io::remove_dir_all(&folder)?;
        io::create_dir_all(&folder)?;
        let log = folder.join("run.log");
        Ok(Self {
            place: parent.join(name),
            log: File::create(&log).map_err(at("create", &log))?,
            folder,
            finished: false,
        })
    }

    /// Adds a line to `run.log`, which is there from the start.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn log(&mut self, line: &str) -> Result<(), IoError> {
        let path = self.folder.join("run.log");
        writeln!(self.log, "{line}").map_err(at("write", &path))
    }

    /// Writes a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, product: &Product) -> Result<(), IoError> {
        let path = self.folder.join(&product.path);
        if let Some(folder) = path.parent() {
            io::create_dir_all(folder)?;
        }
        io::write_atomic(&path, &product.bytes)
    }

    /// Puts the folder in its place, and away what was there.
    ///
    /// # Errors
    /// If a folder cannot be moved or removed.
    pub fn finish(mut self) -> Result<PathBuf, IoError> {
        let old = self.folder.with_extension("old");
        io::remove_dir_all(&old)?;
        if self.place.exists() {
            io::rename(&self.place, &old)?;
        }
        io::rename(&self.folder, &self.place)?;
        self.finished = true;
        io::remove_dir_all(&old)?;
        Ok(self.place.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    fn product(path: &str) -> Product {
        Product {
            path: path.to_owned(),
            bytes: b"x".to_vec(),
        }
    }

    #[test]
    fn a_finished_run_replaces_the_one_before_as_a_whole() {
        let parent = tempfile::tempdir().unwrap();
        let staging = Staging::begin(parent.path(), "seed-0").unwrap();
        staging.write(&product("figures/old.png")).unwrap();
        staging.finish().unwrap();

        let mut staging = Staging::begin(parent.path(), "seed-0").unwrap();
        staging.log("a line").unwrap();
        staging.write(&product("figures/new.png")).unwrap();
        // Until the end the results are those of the run before.
        assert_eq!(names(&parent.path().join("seed-0/figures")), ["old.png"]);
        let place = staging.finish().unwrap();
        assert_eq!(names(parent.path()), ["seed-0"]);
        assert_eq!(names(&place), ["figures", "run.log"]);
        assert_eq!(names(&place.join("figures")), ["new.png"]);
    }

    #[test]
    fn a_failed_run_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let staging = Staging::begin(parent.path(), "seed-0").unwrap();
        staging.write(&product("half")).unwrap();
        drop(staging);
        assert_eq!(names(parent.path()), Vec::<String>::new());
    }

    #[test]
    fn what_a_killed_run_left_is_thrown_away() {
        let parent = tempfile::tempdir().unwrap();
        let staging = Staging::begin(parent.path(), "seed-0").unwrap();
        staging.write(&product("half")).unwrap();
        std::mem::forget(staging);
        let staging = Staging::begin(parent.path(), "seed-0").unwrap();
        assert_eq!(names(&staging.finish().unwrap()), ["run.log"]);
    }
}
