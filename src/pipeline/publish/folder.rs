//! Results folder of a replicate or a study. It has the files of one run, never a mixture of
//! two.

use std::path::{Path, PathBuf};

use crate::digest::sha256;
use crate::io::{self, IoError};
use crate::pipeline::context::Context;
use crate::pipeline::error::RunError;
use crate::pipeline::event::{Emit, Event};
use crate::store::{Lock, Locking, MANIFEST, Outputs, SUMMARY, recorded, seed_of};

/// Results folder, locked by this process.
#[derive(Debug)]
pub struct ResultsFolder {
    /// Path: `parent/seed-N` or `parent/summary`.
    place: PathBuf,
    /// Path of the new folder while it is filled.
    partial: PathBuf,
    /// Path of the old folder while it is replaced.
    old: PathBuf,
    _lock: Lock,
}

/// Lists the paths of the files that are missing in a folder, or differ.
pub fn differing<'a>(place: &Path, files: &'a Outputs) -> Vec<&'a str> {
    let differs = |(path, bytes): &(&String, &Vec<u8>)| {
        io::read(&place.join(path)).map_or(true, |there| there != **bytes)
    };
    let differing = files.iter().filter(differs);
    differing.map(|(path, _)| path.as_str()).collect()
}

/// Removes leftovers of killed runs from a folder and all folders below it.
pub fn tidy_below(folder: &Path) {
    io::remove_unfinished(folder);
    for entry in io::entries(folder).unwrap_or_default() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let hidden = name
            .strip_prefix('.')
            .and_then(|name| name.rsplit_once('.'));
        match hidden {
            Some((place, "partial" | "old" | "lock")) if is_place(place) => {
                ResultsFolder::tidy(&folder.join(place));
            }
            // A link may lead out of the results.
            _ if entry.file_type().is_ok_and(|kind| kind.is_dir()) => tidy_below(&entry.path()),
            _ => {}
        }
    }
}

/// True for the names of folders that hold results.
fn is_place(name: &str) -> bool {
    name == SUMMARY || seed_of(name).is_some()
}

/// Returns the hidden paths beside a place: of the new results, of the old ones while they
/// are replaced, and of the lock.
fn beside(place: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let hidden = |ending| place.with_file_name(format!(".{name}.{ending}"));
    (hidden("partial"), hidden("old"), hidden("lock"))
}

impl ResultsFolder {
    /// Locks the results in this place, and removes leftovers of killed runs.
    ///
    /// # Errors
    /// If another process writes them and waiting is not wanted, the folder cannot be
    /// written to, or something else is in its place.
    pub fn open(place: &Path, context: &Context, emit: Emit<'_>) -> Result<Self, RunError> {
        let on_wait = |path: &Path, holder: &str| emit(Event::Waiting { path, holder });
        Self::locked(place, &context.locking(&on_wait))
    }

    fn locked(place: &Path, locking: &Locking<'_>) -> Result<Self, RunError> {
        io::create_parent(place)?;
        let (partial, old, lock) = beside(place);
        let results = Self {
            _lock: Lock::acquire(&lock, locking)?,
            place: place.to_owned(),
            partial,
            old,
        };
        results.settle()?;
        Ok(results)
    }

    /// Removes leftovers of a killed run beside this place, if no other process writes there
    /// and the folder is writable.
    pub fn tidy(place: &Path) {
        let (partial, old, lock) = beside(place);
        let is_left = |path: &PathBuf| path.symlink_metadata().is_ok();
        if [&partial, &old, &lock].into_iter().any(is_left)
            && let Ok(Some(lock)) = Lock::attempt(&lock)
        {
            let place = place.to_owned();
            // The next run that writes reports what cannot be removed.
            let _ = Self {
                place,
                partial,
                old,
                _lock: lock,
            }
            .settle();
        }
    }

    /// Removes leftovers of a killed run, or restores the old results if it was killed
    /// while it replaced them.
    fn settle(&self) -> Result<(), RunError> {
        io::remove(&self.partial)?;
        let place = &self.place;
        if self.old.exists() && !place.exists() {
            io::rename(&self.old, place)?;
        }
        if place.symlink_metadata().is_ok() && !place.is_dir() {
            return Err(RunError::InTheWay(place.clone()));
        }
        Ok(io::remove(&self.old)?)
    }

    /// Puts results in place, unless they are there already.
    ///
    /// # Errors
    /// If something cannot be written or moved; the old folder is then unchanged.
    pub fn publish(
        &self,
        files: &Outputs,
        nothing_computed: bool,
        emit: Emit<'_>,
    ) -> Result<(), RunError> {
        let differing = differing(&self.place, files);
        if differing.is_empty() {
            emit(Event::UpToDate(&self.place));
            return Ok(());
        }
        self.report_damage(&differing, nothing_computed, emit);
        self.replace(files)?;
        emit(Event::Finished(&self.place));
        Ok(())
    }

    /// Warns of results that are not as the run that wrote them left them.
    fn report_damage(&self, differing: &[&str], nothing_computed: bool, emit: Emit<'_>) {
        let damaged = |name: &str, fault| {
            let path = self.place.join(name);
            emit(Event::Damaged { path: &path, fault });
        };
        if !self.place.exists() {
            return;
        }
        let Ok(recorded) = recorded(&self.place) else {
            return damaged(MANIFEST, "not the manifest of a run");
        };
        for name in differing.iter().filter(|name| **name != MANIFEST) {
            match (io::read(&self.place.join(name)), recorded.get(*name)) {
                (Err(_), Some(_)) => damaged(name, "missing or not readable"),
                (Ok(bytes), Some(digest)) if sha256([&bytes[..]]) != *digest => {
                    damaged(name, "modified");
                }
                // Times are in no manifest; they change if a stage is computed.
                (_, None) if nothing_computed && !differing.contains(&MANIFEST) => {
                    damaged(name, "modified");
                }
                (Ok(_), Some(_)) | (_, None) => {}
            }
        }
    }

    /// Replaces the folder by one with these files.
    fn replace(&self, files: &Outputs) -> Result<(), IoError> {
        let filled = self.fill(files).and_then(|()| self.swap());
        if filled.is_err() {
            // Frees space for others; if even that fails, the next run does it.
            let _ = io::remove(&self.partial);
        }
        filled
    }

    fn fill(&self, files: &Outputs) -> Result<(), IoError> {
        io::create_dir_all(&self.partial)?;
        for (path, bytes) in files {
            let path = self.partial.join(path);
            io::create_parent(&path)?;
            io::write_atomic(&path, bytes)?;
        }
        Ok(())
    }

    fn swap(&self) -> Result<(), IoError> {
        if io::exchange(&self.partial, &self.place).is_ok() {
            self.place.parent().map_or(Ok(()), io::sync_dir)?;
            return io::remove(&self.partial);
        }
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

    fn files(paths: &[&str]) -> Outputs {
        let product = |path: &&str| ((*path).to_owned(), b"x".to_vec());
        paths.iter().map(product).collect()
    }

    #[test]
    fn new_results_replace_the_old_ones_as_a_whole() {
        let parent = tempfile::tempdir().unwrap();
        let results = ResultsFolder::locked(&parent.path().join("seed-0"), &Locking::WAIT).unwrap();
        let (old, new) = (
            files(&["figures/old.png"]),
            files(&["figures/new.png", "a"]),
        );
        assert_eq!(differing(&results.place, &old), ["figures/old.png"]);
        results.replace(&old).unwrap();
        assert!(differing(&results.place, &old).is_empty());
        results.replace(&new).unwrap();
        drop(results);
        assert_eq!(names(parent.path()), ["seed-0"]);
        assert_eq!(names(&parent.path().join("seed-0")), ["a", "figures"]);
        assert_eq!(names(&parent.path().join("seed-0/figures")), ["new.png"]);
    }

    #[test]
    fn results_that_cannot_be_written_leave_the_old_ones() {
        let parent = tempfile::tempdir().unwrap();
        let results = ResultsFolder::locked(&parent.path().join("seed-0"), &Locking::WAIT).unwrap();
        results.replace(&files(&["a"])).unwrap();
        // A file cannot be a folder as well.
        let error = results.replace(&files(&["b", "b/c"])).unwrap_err();
        assert!(error.to_string().contains("partial/b`"), "{error}");
        drop(results);
        assert_eq!(names(parent.path()), ["seed-0"]);
        assert_eq!(names(&parent.path().join("seed-0")), ["a"]);
    }

    #[test]
    fn leftovers_of_a_killed_run_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join(".seed-0.partial/figures");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("half.png"), "x").unwrap();
        fs::write(parent.path().join(".seed-0.lock"), "process 1").unwrap();
        drop(ResultsFolder::locked(&parent.path().join("seed-0"), &Locking::WAIT).unwrap());
        assert_eq!(names(parent.path()), Vec::<String>::new());
    }

    #[test]
    fn results_that_were_being_replaced_come_back() {
        let parent = tempfile::tempdir().unwrap();
        let old = parent.path().join(".seed-0.old");
        fs::create_dir_all(&old).unwrap();
        fs::write(old.join("metrics.csv"), "x").unwrap();
        drop(ResultsFolder::locked(&parent.path().join("seed-0"), &Locking::WAIT).unwrap());
        assert_eq!(names(&parent.path().join("seed-0")), ["metrics.csv"]);
        assert_eq!(names(parent.path()), ["seed-0"]);
    }

    #[test]
    fn leftovers_of_killed_runs_are_tidied_up() {
        let out = tempfile::tempdir().unwrap();
        let parent = out.path().join("paper/slp");
        for folder in [
            "seed-0",
            ".seed-0.partial",
            ".seed-1.old",
            ".summary.partial",
            "notes",
        ] {
            fs::create_dir_all(parent.join(folder)).unwrap();
        }
        for file in [
            ".seed-0.lock",
            ".seed-2.lock",
            ".writing-a",
            "notes/.writing-b",
        ] {
            fs::write(parent.join(file), "x").unwrap();
        }
        let held = ResultsFolder::locked(&parent.join("seed-7"), &Locking::WAIT).unwrap();
        tidy_below(out.path());
        assert_eq!(
            names(&parent),
            [".seed-7.lock", "notes", "seed-0", "seed-1"]
        );
        assert!(names(&parent.join("notes")).is_empty());
        drop(held);
    }

    #[test]
    fn a_file_in_the_place_is_an_error() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("seed-0"), "a file").unwrap();
        let error =
            ResultsFolder::locked(&parent.path().join("seed-0"), &Locking::WAIT).unwrap_err();
        assert!(
            error.to_string().ends_with("is in the way of the results"),
            "{error}"
        );
        assert_eq!(names(parent.path()), ["seed-0"]);
    }
}
