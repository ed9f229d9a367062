//! File operations. Every error names its path, and no reader ever sees a half-written
//! file.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::escape;

/// Failed file operation, with the path and the cause.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", escape::path(path))]
pub struct IoError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl IoError {
    /// True if the path does not exist.
    pub fn is_not_found(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

/// Adds the action and the path to an [`io::Error`].
pub fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IoError {
    let path = path.to_owned();
    move |source| IoError {
        action,
        path,
        source,
    }
}

/// Reads the whole content of a plain file, and of nothing that may never end.
///
/// # Errors
/// If it is no plain file, or cannot be opened or read.
pub fn read(path: &Path) -> Result<Vec<u8>, IoError> {
    read_at_most(path, u64::MAX)
}

/// Reads the whole content of a plain file of at most `limit` bytes.
///
/// # Errors
/// If it is no plain file, is larger, or cannot be opened or read.
pub fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, IoError> {
    let read = || {
        let file = open_plain(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        // Files below `/proc` are longer than their metadata says.
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        let size = size.max(bytes.len() as u64);
        if size > limit {
            let message = format!("it has {size} bytes, and the limit is {limit}");
            return Err(io::Error::other(message));
        }
        Ok(bytes)
    };
    read().map_err(at("read", path))
}

/// Checks that a path leads to a plain file, without opening it.
///
/// # Errors
/// If it does not.
pub fn check_plain(path: &Path) -> Result<(), IoError> {
    let plain = fs::metadata(path).and_then(|found| must_be_plain(&found));
    plain.map_err(at("read", path))
}

/// Opens a plain file, never a pipe or a device. The path is checked before opening, as
/// opening a device can have effects, and again afterwards, as the file may have changed.
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

/// Opens a plain file for streaming.
///
/// # Errors
/// If it is no plain file, or cannot be opened.
pub fn open(path: &Path) -> Result<File, IoError> {
    open_plain(path).map_err(at("open", path))
}

/// Opens a plain file for reading and writing, and creates it if necessary. Links are not
/// followed, as their targets may belong to others.
///
/// # Errors
/// If it is no plain file, or can neither be opened nor created.
pub fn open_or_create(path: &Path) -> Result<File, IoError> {
    if let Ok(metadata) = fs::symlink_metadata(path) {
        must_be_plain(&metadata).map_err(at("open", path))?;
    }
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(at("create", path))
}

/// Writes a file that does not exist yet.
///
/// # Errors
/// If something exists at the path, or the file cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    let file = File::options().write(true).create_new(true).open(path);
    let mut file = file.map_err(at("create", path))?;
    file.write_all(bytes).map_err(at("write", path))
}

/// Opens a plain file for appending, and creates it if necessary.
///
/// # Errors
/// If it is no plain file, or can neither be opened nor created.
pub fn append(path: &Path) -> Result<File, IoError> {
    let plain = match fs::metadata(path) {
        Ok(metadata) => must_be_plain(&metadata),
        Err(_) => Ok(()),
    };
    let mut options = File::options();
    let file = plain.and_then(|()| options.append(true).create(true).open(path));
    file.map_err(at("open", path))
}

/// True if a folder exists at this path.
///
/// # Errors
/// If a folder above cannot be searched.
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
/// If a folder above cannot be searched.
pub fn exists(path: &Path) -> Result<bool, IoError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(at("look at", path)(error)),
    }
}

/// True if the error means that nothing exists at the path.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Returns the entries of a folder, sorted by name.
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

/// Keeps all threads from creating folders, so that a removed folder stays removed.
pub fn end() {
    ENDING.store(true, Ordering::SeqCst);
}

/// Stops this thread for good if a signal is about to end the program: it could only report
/// that its files are gone.
pub fn stop_if_ending() {
    while ENDING.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// Creates a folder and its parents, unless they exist.
///
/// # Errors
/// If a folder cannot be created.
pub fn create_dir_all(path: &Path) -> Result<(), IoError> {
    stop_if_ending();
    fs::create_dir_all(path).map_err(at("create the folder", path))
}

/// Creates the folder of a file, and its parents.
///
/// # Errors
/// If a folder cannot be created.
pub fn create_parent(path: &Path) -> Result<(), IoError> {
    path.parent().map_or(Ok(()), create_dir_all)
}

/// Makes the names in a folder survive a loss of power, where the system can sync folders.
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

/// Removes a file, or a folder with its content, if it exists.
///
/// # Errors
/// If something cannot be removed.
pub fn remove(path: &Path) -> Result<(), IoError> {
    let removed = match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(at("remove", path))
}

/// Renames a file or folder within a file system.
///
/// # Errors
/// If the rename fails.
pub fn rename(from: &Path, to: &Path) -> Result<(), IoError> {
    fs::rename(from, to).map_err(at("move into place", to))
}

/// Exchanges the names of two folders atomically.
///
/// # Errors
/// If one does not exist, or the file system does not support it.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn exchange(one: &Path, other: &Path) -> Result<(), IoError> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let exchanged = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
    exchanged.map_err(|error| at("exchange", one)(error.into()))
}

/// Fails, as this system cannot exchange names atomically.
///
/// # Errors
/// Always.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn exchange(one: &Path, _: &Path) -> Result<(), IoError> {
    Err(at("exchange", one)(io::ErrorKind::Unsupported.into()))
}

/// Writes a file atomically: a temporary file beside it is filled, synced and renamed.
///
/// # Errors
/// If the folder does not exist, or writing, syncing or renaming fails; the old
/// content is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    replace(path, |file| file.write_all(bytes)).map_err(at("write", path))
}

/// Replaces a file atomically by one that `fill` writes.
fn replace(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
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
    let entries = entries(folder).unwrap_or_default();
    for entry in entries.iter().filter(|entry| is_unfinished(entry)) {
        let file = File::options().write(true).open(entry.path());
        // A running process keeps its file locked.
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
