//! Files: every error names its path, and no reader ever meets a half-written
//! file.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::escape;

/// A file operation that failed: what was tried, on which path, and why.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", escape::path(path))]
pub struct IoError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl IoError {
    /// True if the path does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

/// Puts the action and the path into an [`io::Error`].
pub fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IoError {
    let path = path.to_owned();
    move |source| IoError {
        action,
        path,
        source,
    }
}

/// Reads the whole content of a plain file. Of a pipe there may never be an end.
///
/// # Errors
/// If the file is none, or cannot be opened or read.
pub fn read(path: &Path) -> Result<Vec<u8>, IoError> {
    read_at_most(path, u64::MAX)
}

/// Reads the whole content of a plain file that must not be larger than this.
///
/// # Errors
/// If the file is none or has more bytes, or cannot be opened or read.
pub fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, IoError> {
    let read = || {
        let file = open_plain(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        // Files below `/proc` have more than their size says.
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        let size = size.max(bytes.len() as u64);
        if size > most {
            let message = format!("it has {size} bytes, and the limit is {most}");
            return Err(io::Error::other(message));
        }
        Ok(bytes)
    };
    read().map_err(at("read", path))
}

/// Checks that a path leads to a plain file, without opening it.
///
/// # Errors
/// If there is none, or something else.
pub fn check_plain(path: &Path) -> Result<(), IoError> {
    let plain = fs::metadata(path).and_then(|found| must_be_plain(&found));
    plain.map_err(at("read", path))
}

/// Opens a plain file, and nothing that waits for a writer or has no end. What has
/// the name is looked at before it is opened, as opening a device can set it off, and
/// once more when it is open, as it may have been exchanged.
fn open_plain(path: &Path) -> io::Result<File> {
    must_be_plain(&fs::metadata(path)?)?;
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    must_be_plain(&file.metadata()?)?;
    Ok(file)
}

fn must_be_plain(metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(io::Error::from(io::ErrorKind::IsADirectory))
    } else {
        Err(io::Error::other("it is not a plain file"))
    }
}

/// Reads the whole content of a text file.
///
/// # Errors
/// If the file is no plain file, cannot be opened or read, or is not UTF-8.
pub fn read_to_string(path: &Path) -> Result<String, IoError> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let text = String::from_utf8(read(path)?);
    text.map_err(|error| at("read", path)(invalid(error)))
}

/// Opens a plain file for reading, for content that is streamed.
///
/// # Errors
/// If the file is none, or cannot be opened.
pub fn open(path: &Path) -> Result<File, IoError> {
    open_plain(path).map_err(at("open", path))
}

/// Opens a plain file for reading and writing, made if it is not there. What a
/// link leads to is somebody else's.
///
/// # Errors
/// If there is something else, or it can neither be opened nor made.
pub fn open_or_create(path: &Path) -> Result<File, IoError> {
    if let Ok(metadata) = fs::symlink_metadata(path) {
        must_be_plain(&metadata).map_err(at("open", path))?;
    }
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(at("create", path))
}

/// Opens a plain file for writing at its end, made if it is not there.
///
/// # Errors
/// If there is something else, or it can neither be opened nor made.
pub fn append(path: &Path) -> Result<File, IoError> {
    let plain = match fs::metadata(path) {
        Ok(metadata) => must_be_plain(&metadata),
        Err(_) => Ok(()),
    };
    let mut options = File::options();
    let file = plain.and_then(|()| options.append(true).create(true).open(path));
    file.map_err(at("open", path))
}

/// True if a folder exists at this path; false if nothing does, or something else.
///
/// # Errors
/// If that cannot be known, as a folder above cannot be searched.
pub fn is_dir(path: &Path) -> Result<bool, IoError> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(at("look at", path)(error)),
    }
}

/// True if anything exists at this path.
///
/// # Errors
/// If that cannot be known, as a folder above cannot be searched.
pub fn exists(path: &Path) -> Result<bool, IoError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(at("look at", path)(error)),
    }
}

/// True if nothing exists at a path, or something on the way is not a folder.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What stands in a folder, by name.
///
/// # Errors
/// If the folder cannot be read.
pub fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>, IoError> {
    let read = fs::read_dir(folder).and_then(Iterator::collect);
    let mut entries: Vec<fs::DirEntry> = read.map_err(at("read the folder", folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

/// True once a signal is about to end the program.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Keeps all threads from creating folders, so that what is removed now stays removed.
pub fn end() {
    ENDING.store(true, Ordering::SeqCst);
}

/// Stops this thread for good if a signal is about to end the program: all it could still
/// report is that its files are gone.
pub fn stop_if_ending() {
    while ENDING.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// Creates a folder and all above it; one that exists is fine.
///
/// # Errors
/// If a folder cannot be created.
pub fn create_dir_all(path: &Path) -> Result<(), IoError> {
    stop_if_ending();
    fs::create_dir_all(path).map_err(at("create the folder", path))
}

/// Creates the folder that a file will lie in, and all above it.
///
/// # Errors
/// If a folder cannot be created.
pub fn create_parent(path: &Path) -> Result<(), IoError> {
    path.parent().map_or(Ok(()), create_dir_all)
}

/// Sees to it that the names in a folder survive a loss of power, where the
/// system lets folders be synced.
///
/// # Errors
/// If the folder cannot be opened or synced.
pub fn sync_dir(folder: &Path) -> Result<(), IoError> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(at("sync the folder", folder))
}

/// Removes a file, or a folder with all it holds; one that does not exist is fine.
///
/// # Errors
/// If something in it cannot be removed.
pub fn remove(path: &Path) -> Result<(), IoError> {
    let removed = match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(at("remove", path))
}

/// Gives a file or folder another name on the same file system.
///
/// # Errors
/// If the rename fails.
pub fn rename(from: &Path, to: &Path) -> Result<(), IoError> {
    fs::rename(from, to).map_err(at("move into place", to))
}

/// Exchanges the names of two folders in one step: each name exists at every moment.
///
/// # Errors
/// If one does not exist, or the system or the file system cannot do so.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn exchange(one: &Path, other: &Path) -> Result<(), IoError> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let exchanged = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
    exchanged.map_err(|error| at("exchange", one)(error.into()))
}

/// Fails: this system cannot exchange names in one step.
///
/// # Errors
/// Always.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn exchange(one: &Path, _: &Path) -> Result<(), IoError> {
    Err(at("exchange", one)(io::ErrorKind::Unsupported.into()))
}

/// Writes a file so that its name shows either the old content or the whole new
/// one: a temporary file beside it is filled, synced and renamed.
///
/// # Errors
/// If the folder does not exist, or writing, syncing or renaming fails; the old
/// content is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    replace(path, |file| file.write_all(bytes)).map_err(at("write", path))
}

/// [`write_atomic`] for content that comes in pieces.
fn replace(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    remove_unfinished(folder);
    let mut file = temporary(folder)?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Prefix of the names of files that are being written.
const UNFINISHED: &str = ".writing-";

/// Creates a temporary file, locked until it is closed.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // Temporary files are private by default; results are for everyone the umask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(UNFINISHED);
    loop {
        let file = builder.tempfile_in(folder)?;
        match file.as_file().try_lock() {
            Ok(()) if file.path().exists() => return Ok(file),
            // Another process removed it before it was locked.
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            // A file system without locks.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Removes temporary files of killed processes from a folder, if it is writable.
pub fn remove_unfinished(folder: &Path) {
    let is_unfinished = |entry: &fs::DirEntry| {
        let plain = entry.file_type().is_ok_and(|kind| kind.is_file());
        plain && entry.file_name().to_string_lossy().starts_with(UNFINISHED)
    };
    for entry in entries(folder)
        .unwrap_or_default()
        .iter()
        .filter(|e| is_unfinished(e))
    {
        let file = File::options().write(true).open(entry.path());
        // The lock of a living process cannot be had.
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
