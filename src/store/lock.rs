//! Locks that end with their holder: advisory locks of the kernel on files.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::escape;
use crate::io::{self, IoError, at};

/// Time to wait for a lock without a message.
const SILENT_WAIT: Duration = Duration::from_millis(500);

/// Behaviour for a lock that another process holds.
pub struct Locking<'a> {
    /// True to wait for it, false to fail at once.
    pub wait: bool,
    /// Receives, before waiting, the path of the lock and its holder.
    pub on_wait: &'a dyn Fn(&Path, &str),
}

impl Locking<'_> {
    /// Waits, without a message, for locks that are held for a moment.
    pub const WAIT: Locking<'static> = Locking {
        wait: true,
        on_wait: &|_, _| {},
    };
}

/// Failure to take a lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it, and waiting is not wanted.
    #[error(
        "`{}` is locked by {holder}; without `--no-wait` this would wait for it",
        escape::path(path)
    )]
    Held {
        /// Path of the lock.
        path: PathBuf,
        /// Process, host and time.
        holder: String,
    },
    /// The file cannot be created, written or locked.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// Lock, held until it is dropped. Its file exists while it is held, and after its holder
/// was killed.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, waiting or not.
    ///
    /// # Errors
    /// If another process holds it and waiting is not wanted, or the file
    /// cannot be used.
    pub fn acquire(path: &Path, locking: &Locking<'_>) -> Result<Self, LockError> {
        loop {
            if let Some(lock) = Self::attempt(path)? {
                return Ok(lock);
            }
            if !locking.wait {
                let (path, holder) = (path.to_owned(), holder(path));
                return Err(LockError::Held { path, holder });
            }
            if let Some(lock) = Self::attempt_for(SILENT_WAIT, path)? {
                return Ok(lock);
            }
            (locking.on_wait)(path, &holder(path));
            let file = io::open_or_create(path)?;
            file.lock().map_err(at("lock", path))?;
            if let Some(lock) = Self::signed(file, path)? {
                return Ok(lock);
            }
        }
    }

    /// Takes the lock if it becomes free within this time.
    fn attempt_for(time: Duration, path: &Path) -> Result<Option<Self>, IoError> {
        let since = Instant::now();
        while since.elapsed() < time {
            thread::sleep(time / 50);
            if let Some(lock) = Self::attempt(path)? {
                return Ok(Some(lock));
            }
        }
        Ok(None)
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub fn attempt(path: &Path) -> Result<Option<Self>, IoError> {
        loop {
            let file = io::open_or_create(path)?;
            match file.try_lock() {
                Ok(()) => {
                    if let Some(lock) = Self::signed(file, path)? {
                        return Ok(Some(lock));
                    }
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(at("lock", path)(error)),
            }
        }
    }

    /// Writes the holder into the locked file, for those who wait; none if the last holder has
    /// removed that file.
    fn signed(file: File, path: &Path) -> Result<Option<Self>, IoError> {
        if !is_at(&file, path) {
            return Ok(None);
        }
        let lock = Self {
            file,
            path: path.to_owned(),
        };
        lock.sign().map_err(at("write", path))?;
        Ok(Some(lock))
    }

    fn sign(&self) -> std::io::Result<()> {
        let host = gethostname::gethostname();
        let (pid, since) = (std::process::id(), stamp());
        self.file.set_len(0)?;
        // In one write, so that no reader sees half of it.
        let text = format!(
            "process {pid} on {} since {since}\n",
            host.to_string_lossy()
        );
        (&self.file).write_all(text.as_bytes())
    }
}

/// Removes the file while the lock is held, so that no other lock is removed.
impl Drop for Lock {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// End of the year 9999, in seconds.
const LAST_SECOND: u64 = 253_402_300_799;

/// Returns the time as logs and locks print it: `2026-03-01T12:00:00Z`.
pub fn stamp() -> String {
    stamp_of(SystemTime::now())
}

/// Formats a time, or the nearest one that RFC 3339 has: a clock may be far off, but years
/// have four digits, and `humantime` starts in 1970.
fn stamp_of(time: SystemTime) -> String {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let since = Duration::from_secs(since.as_secs().min(LAST_SECOND));
    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string()
}

fn holder(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    match text.trim() {
        "" => "another process".to_owned(),
        text => escape::line(text).into_owned(),
    }
}

/// True if the path still leads to this very file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same =
        |a: std::fs::Metadata, b: std::fs::Metadata| a.dev() == b.dev() && a.ino() == b.ino();
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(there)) => same(open, there),
        _ => false,
    }
}

/// True if the path exists: other systems do not remove open files.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const FAIL: Locking<'_> = Locking {
        wait: false,
        on_wait: &|_, _| {},
    };

    #[test]
    fn a_clock_that_is_far_off_has_a_stamp() {
        let after = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(stamp_of(before), "1970-01-01T00:00:00Z");
        assert_eq!(stamp_of(after(1_772_366_400)), "2026-03-01T12:00:00Z");
        assert_eq!(stamp_of(after(LAST_SECOND)), "9999-12-31T23:59:59Z");
        assert_eq!(stamp_of(after(400_000_000_000)), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn a_held_lock_names_its_holder_and_a_free_one_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = Lock::acquire(&path, &FAIL).unwrap();
        let error = Lock::acquire(&path, &FAIL).unwrap_err().to_string();
        let pid = format!("is locked by process {} on ", std::process::id());
        assert!(
            error.contains(&pid) && error.contains(" since 20"),
            "{error}"
        );
        drop(lock);
        assert!(!path.exists());
        drop(Lock::acquire(&path, &FAIL).unwrap());
    }

    #[test]
    fn stale_locks_are_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        for left in [
            "",
            "process 1 on elsewhere since 1970-01-01T00:00:00Z",
            "\u{0}",
        ] {
            std::fs::write(&path, left).unwrap();
            drop(Lock::acquire(&path, &FAIL).unwrap());
            assert!(!path.exists());
        }
    }

    #[test]
    fn many_threads_hold_it_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = || {
            for _ in 0..50 {
                let lock = Lock::acquire(&path, &Locking::WAIT).unwrap();
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(lock);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(work);
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert!(!path.exists());
    }
}
