//! The temporary folder of a verification. It is removed at the end, also after a signal, or
//! by the next verification if the process was killed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
#[cfg(unix)]
use std::{thread, time::Duration};

use tempfile::TempDir;

use crate::pipeline::lock;

/// Prefix of the names of these folders.
const PREFIX: &str = "backquery-verify-";

/// File that the owner of a folder keeps locked.
const LOCK: &str = ".running";

/// Number of attempts to remove a folder in which other threads still write.
#[cfg(unix)]
const MAX_ATTEMPTS: usize = 100;

/// Time in which any other thread has created its folder.
#[cfg(unix)]
const MOMENT: Duration = Duration::from_millis(10);

/// Folder to remove if a signal ends the program.
static FOLDER: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Folder that is removed when this is dropped.
pub struct Temporary {
    folder: TempDir,
    /// Released after the folder is gone.
    _lock: File,
}

impl Temporary {
    /// Creates the folder, and removes those of killed processes.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn new() -> io::Result<Self> {
        // Held to the end, so that a signal waits until the folder is known.
        let mut known = lock(&FOLDER);
        sweep(&std::env::temp_dir());
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        *known = Some(folder.path().to_owned());
        // Locked before it has its name, so that it never looks stale.
        let unnamed = folder.path().join(".starting");
        let held = File::create(&unnamed)?;
        held.lock()?;
        fs::rename(&unnamed, folder.path().join(LOCK))?;
        Ok(Self {
            folder,
            _lock: held,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folder of this process before a signal ends the program, and again if
/// another thread still writes into it.
#[cfg(unix)]
pub fn remove() {
    let folder = lock(&FOLDER);
    let Some(folder) = &*folder else {
        return;
    };
    // Lets other threads finish creating folders.
    thread::sleep(MOMENT);
    for _ in 0..MAX_ATTEMPTS {
        let _ = fs::remove_dir_all(folder);
        if !folder.exists() {
            return;
        }
    }
}

/// Removes the folders of killed processes, whose locks are free. Inaccessible folders
/// belong to other users.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && is_folder && is_stale(&entry.path().join(LOCK)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_stale(lock: &Path) -> bool {
    let is_plain = fs::symlink_metadata(lock).is_ok_and(|found| found.is_file());
    is_plain && File::open(lock).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_killed_processes_are_swept_and_no_others() {
        let parent = tempfile::tempdir().unwrap();
        let folder = |name: &str, file: &str| {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(file), "x").unwrap();
            folder
        };
        let stale = folder("backquery-verify-a", LOCK);
        let held = folder("backquery-verify-b", LOCK);
        let other = folder("other", LOCK);
        let strange = folder("backquery-verify-c", "notes");
        let lock = File::open(held.join(LOCK)).unwrap();
        lock.lock().unwrap();
        sweep(parent.path());
        assert!(!stale.exists());
        assert!(held.exists() && other.exists() && strange.exists());
    }
}
