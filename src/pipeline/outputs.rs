//! The results folder of a replicate, which shows either what a run before
//! left there or all that this run gives, never a mixture.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::RunError;
use super::products::Product;
use crate::io::{self, IoError, at};

/// The log of the run. It is locked as long as the run goes on.
const LOG: &str = "run.log";

/// A folder that is being filled beside the one it will replace.
#[derive(Debug)]
pub struct Staging {
    /// Where it will stand: `parent/name`.
    place: PathBuf,
    /// Where it is filled: `parent/.name.partial`.
    folder: PathBuf,
    /// Where the old one is while the two change places: `parent/.name.old`.
    old: PathBuf,
    log: File,
    finished: bool,
}

/// A run that failed leaves nothing behind. If even that fails, the next run
/// clears the folder.
impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished {
            let _ = io::remove(&self.folder);
            // Only if nothing else is in it.
            let _ = self.folder.parent().map(std::fs::remove_dir);
        }
    }
}

impl Staging {
    /// Starts filling what will be `parent/name`. What a run that was killed
    /// left is thrown away, or put back if it was killed while the folders
    /// changed places.
    ///
    /// # Errors
    /// If the folder cannot be made or written to (better now than after hours
    /// of training), something else is in its place, or another run is filling it.
    pub fn begin(parent: &Path, name: &str) -> Result<Self, RunError> {
        let folder = parent.join(format!(".{name}.partial"));
        io::create_dir_all(&folder)?;
        let path = folder.join(LOG);
        let log = io::open_or_create(&path)?;
        let place = parent.join(name);
        match log.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(RunError::Busy(place)),
            Err(TryLockError::Error(error)) => return Err(at("lock", &path)(error).into()),
        }
        let staging = Self {
            old: parent.join(format!(".{name}.old")),
            place,
            folder,
            log,
            finished: false,
        };
        staging.clear()?;
        Ok(staging)
    }

    fn clear(&self) -> Result<(), RunError> {
        for entry in io::entries(&self.folder)? {
            if entry.file_name() != LOG {
                io::remove(&entry.path())?;
            }
        }
        let path = self.folder.join(LOG);
        self.log.set_len(0).map_err(at("write", &path))?;
        if self.old.exists() && !self.place.exists() {
            io::rename(&self.old, &self.place)?;
        }
        if self.place.symlink_metadata().is_ok() && !self.place.is_dir() {
            return Err(RunError::InTheWay(self.place.clone()));
        }
        Ok(())
    }

    /// Adds a line to `run.log`, which is there from the start.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn log(&mut self, line: &str) -> Result<(), IoError> {
        let path = self.folder.join(LOG);
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
    /// If a folder cannot be moved or removed; what was there then is there again.
    pub fn finish(mut self) -> Result<PathBuf, IoError> {
        io::remove(&self.old)?;
        if self.place.exists() {
            io::rename(&self.place, &self.old)?;
        }
        if let Err(error) = io::rename(&self.folder, &self.place) {
            if self.old.exists() {
                io::rename(&self.old, &self.place)?;
            }
            return Err(error);
        }
        self.finished = true;
        io::remove(&self.old)?;
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
        let staging = Staging::begin(&parent.path().join("slp"), "seed-0").unwrap();
        staging.write(&product("half")).unwrap();
        drop(staging);
        assert_eq!(names(parent.path()), Vec::<String>::new());
    }

    #[test]
    fn what_a_killed_run_left_is_thrown_away() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join(".seed-0.partial/figures");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("half.png"), "x").unwrap();
        fs::write(parent.path().join(".seed-0.partial/run.log"), "old line").unwrap();
        let staging = Staging::begin(parent.path(), "seed-0").unwrap();
        let place = staging.finish().unwrap();
        assert_eq!(names(&place), ["run.log"]);
        assert_eq!(fs::read(place.join("run.log")).unwrap(), b"");
    }

    #[test]
    fn results_that_were_being_replaced_come_back() {
        let parent = tempfile::tempdir().unwrap();
        let old = parent.path().join(".seed-0.old");
        fs::create_dir_all(&old).unwrap();
        fs::write(old.join("metrics.csv"), "x").unwrap();
        drop(Staging::begin(parent.path(), "seed-0").unwrap());
        assert_eq!(names(&parent.path().join("seed-0")), ["metrics.csv"]);
        assert_eq!(names(parent.path()), ["seed-0"]);
    }

    #[test]
    fn two_runs_do_not_fill_the_same_folder() {
        let parent = tempfile::tempdir().unwrap();
        let mut first = Staging::begin(parent.path(), "seed-0").unwrap();
        first.log("a line").unwrap();
        let error = Staging::begin(parent.path(), "seed-0").unwrap_err();
        assert!(
            error.to_string().starts_with("another run is writing"),
            "{error}"
        );
        drop(Staging::begin(parent.path(), "seed-1").unwrap());
        let place = first.finish().unwrap();
        assert_eq!(fs::read(place.join("run.log")).unwrap(), b"a line\n");
    }

    #[test]
    fn something_else_in_the_place_is_told_at_once() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("seed-0"), "a file").unwrap();
        let error = Staging::begin(parent.path(), "seed-0").unwrap_err();
        assert!(
            error.to_string().ends_with("is in the way of the results"),
            "{error}"
        );
        assert_eq!(names(parent.path()), ["seed-0"]);
    }
}
