//! Log of a replicate or a study: every run adds its lines, whether it succeeds or fails.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use super::machine::command;
use super::shared::lock;
use crate::escape;
use crate::io::{self, IoError, at};
use crate::store::stamp;

/// Open logs, for [`log_interruption`].
static OPEN: Mutex<Vec<Weak<File>>> = Mutex::new(Vec::new());

/// Adds a line to every open log; a signal is about to end the program.
pub fn log_interruption(text: &str) {
    let open = lock(&OPEN);
    for file in open.iter().filter_map(Weak::upgrade) {
        // The program ends in any case.
        let _ = write_line(&file, text);
    }
}

/// Adds a line with the time and, since others may write too, the process. Further lines
/// of the text are indented, so that none looks like another entry.
fn write_line(mut file: &File, text: &str) -> std::io::Result<()> {
    // One write per line, so that lines of two processes do not mix.
    let text = indented(&escape::lines(text));
    let line = format!("{} [{}] {text}\n", stamp(), std::process::id());
    file.write_all(line.as_bytes())
}

/// Log file.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: Arc<File>,
    /// Error of the first line that could not be written.
    fault: RefCell<Option<IoError>>,
}

impl Log {
    /// Opens `parent/name.log` and adds the command.
    ///
    /// # Errors
    /// If it cannot be opened or written.
    pub fn open(parent: &Path, name: &str) -> Result<Self, IoError> {
        let path = parent.join(format!("{name}.log"));
        io::create_dir_all(parent)?;
        let log = Self {
            file: Arc::new(io::append(&path)?),
            path,
            fault: RefCell::default(),
        };
        let mut open = lock(&OPEN);
        open.retain(|file| file.strong_count() > 0);
        open.push(Arc::downgrade(&log.file));
        drop(open);
        let (version, command) = (env!("CARGO_PKG_VERSION"), command().join(" "));
        let command = escape::line(&command);
        log.line(&format!("backquery {version}: {command}"));
        log.check()?;
        Ok(log)
    }

    /// Adds a line, as [`write_line`] does.
    pub fn line(&self, text: &str) {
        if let Err(error) = write_line(&self.file, text) {
            let fault = at("write", &self.path)(error);
            self.fault.borrow_mut().get_or_insert(fault);
        }
    }

    /// Checks that all lines were written.
    ///
    /// # Errors
    /// With the error of the first that was not.
    pub fn check(&self) -> Result<(), IoError> {
        self.fault.borrow_mut().take().map_or(Ok(()), Err)
    }
}

/// Returns the text with at least two spaces before each line but the first.
fn indented(text: &str) -> String {
    let indented = |line: &str| {
        if line.starts_with("  ") {
            line.to_owned()
        } else {
            format!("  {line}")
        }
    };
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let rest: Vec<String> = lines.map(indented).collect();
    [&[first], &rest[..]].concat().join("\n")
}
