//! The results folder of a replicate or a study, which shows either what a run before
//! left there or all that this run gives, never a mixture.

use std::path::{Path, PathBuf};

use super::error::RunError;
use super::products::Products;
use crate::io::{self, IoError};
use crate::store::{Lock, Locking};

/// A results folder, held by this process.
#[derive(Debug)]
pub struct Results {
    /// Where it stands: `parent/seed-N` or `parent/summary`.
    place: PathBuf,
    /// Where a new one is filled.
    partial: PathBuf,
    /// Where the old one is while the two change places.
    old: PathBuf,
    _lock: Lock,
}

/// The paths of those products that the folder lacks or shows otherwise.
#[must_use]
pub fn differing<'a>(place: &Path, products: &'a Products) -> Vec<&'a str> {
    let differs = |(path, bytes): &(&String, &Vec<u8>)| {
        io::read(&place.join(path)).map_or(true, |there| there != **bytes)
    };
    let differing = products.iter().filter(differs);
    differing.map(|(path, _)| path.as_str()).collect()
}

impl Results {
    /// Becomes the one who writes the results in this place. What a run
    /// that was killed left is thrown away, or put back if it was killed while
    /// the folders changed places.
    ///
    /// # Errors
    /// If another process writes them and waiting is not wanted, the folder
    /// cannot be made or written to, or something else is in its place.
    pub fn open(place: &Path, locking: &Locking<'_>) -> Result<Self, RunError> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let parent = place.parent().unwrap_or(Path::new(""));
        io::create_dir_all(parent)?;
        let hidden = |ending| parent.join(format!(".{name}.{ending}"));
        let results = Self {
            _lock: Lock::acquire(&hidden("lock"), locking)?,
            place: place.to_owned(),
            partial: hidden("partial"),
            old: hidden("old"),
        };
        io::remove(&results.partial)?;
        let place = &results.place;
        if results.old.exists() && !place.exists() {
            io::rename(&results.old, place)?;
        }
        if place.symlink_metadata().is_ok() && !place.is_dir() {
            return Err(RunError::InTheWay(place.clone()));
        }
        io::remove(&results.old)?;
        Ok(results)
    }

    /// The folder.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Puts these files in the place of what is there, all at once.
    ///
    /// # Errors
    /// If something cannot be written or moved; what was there then is still there.
    pub fn replace(&self, products: &Products) -> Result<(), IoError> {
        let filled = self.fill(products).and_then(|()| self.swap());
        if filled.is_err() {
            // Room for others; if even that fails the next run does it.
            let _ = io::remove(&self.partial);
        }
        filled
    }

    fn fill(&self, products: &Products) -> Result<(), IoError> {
        io::create_dir_all(&self.partial)?;
        for (path, bytes) in products {
            let path = self.partial.join(path);
            io::create_parent(&path)?;
            io::write_atomic(&path, bytes)?;
        }
        Ok(())
    }

    fn swap(&self) -> Result<(), IoError> {
        if self.place.exists() {
            io::rename(&self.place, &self.old)?;
        }
        if let Err(error) = io::rename(&self.partial, &self.place) {
            if self.old.exists() {
                io::rename(&self.old, &self.place)?;
            }
            return Err(error);
        }
        self.place.parent().map_or(Ok(()), io::sync_dir)?;
        io::remove(&self.old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
        io::entries(folder).unwrap().iter().map(name).collect()
    }

    fn products(paths: &[&str]) -> Products {
        let product = |path: &&str| ((*path).to_owned(), b"x".to_vec());
        paths.iter().map(product).collect()
    }

    #[test]
    fn new_results_replace_the_old_ones_as_a_whole() {
        let parent = tempfile::tempdir().unwrap();
        let results = Results::open(&parent.path().join("seed-0"), &Locking::WAIT).unwrap();
        let (old, new) = (
            products(&["figures/old.png"]),
            products(&["figures/new.png", "a"]),
        );
        assert_eq!(differing(results.place(), &old), ["figures/old.png"]);
        results.replace(&old).unwrap();
        assert!(differing(results.place(), &old).is_empty());
        results.replace(&new).unwrap();
        drop(results);
        assert_eq!(names(parent.path()), ["seed-0"]);
        assert_eq!(names(&parent.path().join("seed-0")), ["a", "figures"]);
        assert_eq!(names(&parent.path().join("seed-0/figures")), ["new.png"]);
    }

    #[test]
    fn results_that_cannot_be_written_leave_the_old_ones() {
        let parent = tempfile::tempdir().unwrap();
        let results = Results::open(&parent.path().join("seed-0"), &Locking::WAIT).unwrap();
        results.replace(&products(&["a"])).unwrap();
        // A file cannot be a folder as well.
        let error = results.replace(&products(&["b", "b/c"])).unwrap_err();
        assert!(error.to_string().contains("partial/b`"), "{error}");
        drop(results);
        assert_eq!(names(parent.path()), ["seed-0"]);
        assert_eq!(names(&parent.path().join("seed-0")), ["a"]);
    }

    #[test]
    fn what_a_killed_run_left_is_thrown_away() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join(".seed-0.partial/figures");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("half.png"), "x").unwrap();
        fs::write(parent.path().join(".seed-0.lock"), "process 1").unwrap();
        drop(Results::open(&parent.path().join("seed-0"), &Locking::WAIT).unwrap());
        assert_eq!(names(parent.path()), Vec::<String>::new());
    }

    #[test]
    fn results_that_were_being_replaced_come_back() {
        let parent = tempfile::tempdir().unwrap();
        let old = parent.path().join(".seed-0.old");
        fs::create_dir_all(&old).unwrap();
        fs::write(old.join("metrics.csv"), "x").unwrap();
        drop(Results::open(&parent.path().join("seed-0"), &Locking::WAIT).unwrap());
        assert_eq!(names(&parent.path().join("seed-0")), ["metrics.csv"]);
        assert_eq!(names(parent.path()), ["seed-0"]);
    }

    #[test]
    fn something_else_in_the_place_is_told() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("seed-0"), "a file").unwrap();
        let error = Results::open(&parent.path().join("seed-0"), &Locking::WAIT).unwrap_err();
        assert!(
            error.to_string().ends_with("is in the way of the results"),
            "{error}"
        );
        assert_eq!(names(parent.path()), ["seed-0"]);
    }
}
