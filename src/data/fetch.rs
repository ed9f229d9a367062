//! Downloads the MNIST files.
//!
//! Mirrors vanish, cut connections, hang, and answer with a page of apology
//! under status 200. So each file is tried on every mirror, several times over;
//! no wait is endless and no answer is stored unless its unpacked content has
//! the official digest. What stands in the folder under a final name is
//! therefore always whole and always right.

use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use ureq::{Agent, Timeout};

use super::idx::{Content, IdxError};
use super::mnist::{File, Unofficial};
use crate::escape;
use crate::io::{IoError, at, create_dir_all, write_atomic};

/// How long and how often to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rounds over all mirrors, for each file.
    pub attempts: u32,
    /// Before the second round; before the third it is twice as long, and so on.
    pub pause: Duration,
    /// Until a name is resolved, and again until a connection stands.
    pub connect: Duration,
    /// Without a single byte from the mirror.
    pub stall: Duration,
    /// For one file from one mirror.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 3,
            pause: Duration::from_secs(1),
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(20),
            // The largest file has 10 MB: this asks for 0.7 Mbit/s.
            whole: Duration::from_mins(2),
        }
    }
}

/// How far the download of one file from one mirror is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// The name without `.gz`.
    pub file: &'a str,
    /// Bytes received, as sent (gzipped).
    pub bytes: u64,
    /// Bytes to come in all, if the mirror tells.
    pub of: Option<u64>,
    /// The mirror, without passwords; after a failure another begins from 0.
    pub mirror: &'a str,
}

/// Files that could not be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The folder cannot be made or written to.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The folder holds another data set under the same names.
    #[error(transparent)]
    Unofficial(#[from] Unofficial),
    /// No mirror delivered.
    #[error("cannot download `{file}`:{}", listed(faults))]
    Mirrors {
        /// The name with `.gz`.
        file: String,
        /// Each mirror, without passwords, and how it failed last.
        faults: Vec<(String, Fault)>,
    },
}

/// How a mirror failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It answered, but with an error.
    #[error("answers with status {0}")]
    Status(u16),
    /// It took too long.
    #[error("{0} {1:?}")]
    Slow(&'static str, Duration),
    /// The connection ended amid the file.
    #[error("breaks off after {received} bytes: {source}")]
    Cut {
        /// Bytes received.
        received: usize,
        /// Why.
        source: io::Error,
    },
    /// It has no scheme that is known, or no host.
    #[error("is no address; expected one such as `https://host/folder`")]
    Address,
    /// It cannot be asked at all.
    #[error("{0}")]
    Connection(ureq::Error),
    /// It sends more than the file can have.
    #[error("sends more than {0} bytes")]
    Long(usize),
    /// What it sends is not an IDX file.
    #[error("sends something else: {0}")]
    Content(#[from] IdxError),
    /// What it sends is another IDX file.
    #[error("sends another file, with sha256 {0}")]
    Digest(String),
}

/// One line a mirror.
fn listed(faults: &[(String, Fault)]) -> String {
    let lines = faults
        .iter()
        .map(|(mirror, fault)| format!("\n  {mirror}: {fault}"));
    lines.collect()
}

/// Sees to it that `folder` holds all `files`: those that are missing or broken
/// are downloaded as `NAME.gz` from the first of `mirrors` that delivers.
/// `on_bytes` is called before a mirror is asked, with 0 bytes, and after every
/// piece received.
///
/// # Errors
/// If the folder cannot be written to (found out before any download), a file
/// there belongs to another data set (it is left alone), or no mirror delivers
/// a file. Files that were fetched until then stay.
pub fn fetch(
    files: &[File],
    mirrors: &[String],
    folder: &Path,
    limits: &Limits,
    on_bytes: &dyn Fn(Received<'_>),
) -> Result<(), FetchError> {
    let mut missing = Vec::new();
    for file in files {
        if !is_there(file, folder)? {
            missing.push(file);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let was_there = folder.exists();
    create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map_err(at("write into", folder))?;
    let source = Source {
        agent: agent(limits),
        mirrors,
        limits,
        on_bytes,
    };
    let fetched = missing
        .into_iter()
        .try_for_each(|file| source.fetch(file, folder));
    if fetched.is_err() && !was_there {
        // Fails if some files did arrive, and then should.
        let _ = std::fs::remove_dir(folder);
    }
    fetched
}

/// True if the folder holds the official file, false if it holds none or a
/// broken one. A sound file of another content may be dear to someone (Fashion-MNIST
/// has these names too), so it is an error and not overwritten.
fn is_there(file: &File, folder: &Path) -> Result<bool, Unofficial> {
    let Some(path) = file.within(folder) else {
        return Ok(false);
    };
    let Ok(content) = Content::load(&path) else {
        return Ok(false);
    };
    file.check(&path, &content.sha256)?;
    Ok(true)
}

fn agent(limits: &Limits) -> Agent {
    Agent::config_builder()
        .timeout_resolve(Some(limits.connect))
        .timeout_connect(Some(limits.connect))
        .timeout_per_read(Some(limits.stall))
        .timeout_global(Some(limits.whole))
        .build()
        .into()
}

/// Where files come from.
struct Source<'a> {
    agent: Agent,
    mirrors: &'a [String],
    limits: &'a Limits,
    on_bytes: &'a dyn Fn(Received<'_>),
}

impl Source<'_> {
    /// Tries mirror after mirror, round after round, until the file is stored.
    fn fetch(&self, file: &File, folder: &Path) -> Result<(), FetchError> {
        let mut faults = Vec::new();
        for round in 0..self.limits.attempts {
            thread::sleep(self.limits.pause * round);
            faults.clear();
            for mirror in self.mirrors {
                match self.download(file, mirror) {
                    Ok(packed) => {
                        return Ok(write_atomic(&folder.join(file.packed_name()), &packed)?);
                    }
                    Err(fault) => faults.push((escape::address(mirror), fault)),
                }
            }
        }
        Err(FetchError::Mirrors {
            file: file.packed_name(),
            faults,
        })
    }

    /// The file as one mirror sends it, with its content checked.
    fn download(&self, file: &File, mirror: &str) -> Result<Vec<u8>, Fault> {
        (self.on_bytes)(Received {
            file: file.name,
            bytes: 0,
            of: None,
            mirror: &escape::address(mirror),
        });
        let packed = self.receive(file, mirror)?;
        let digest = Content::of(&*packed)?.sha256;
        if digest != file.sha256 {
            return Err(Fault::Digest(digest));
        }
        Ok(packed)
    }

    /// Whatever the mirror sends under the file's name.
    fn receive(&self, file: &File, mirror: &str) -> Result<Vec<u8>, Fault> {
        let url = format!("{}/{}", mirror.trim_end_matches('/'), file.packed_name());
        let response = self.agent.get(&url).call();
        let mut response = response.map_err(|e| self.fault(e, 0))?;
        let of = response.body().content_length();
        // What gzip adds to content that it cannot compress is far less than a hundredth.
        let shown = escape::address(mirror);
        let most = file.bytes + file.bytes / 100 + 1024;
        let mut body = response.body_mut().as_reader();
        let mut packed = Vec::new();
        let mut piece = vec![0; 1 << 16];
        loop {
            let read = body.read(&mut piece);
            match read.map_err(|e| self.fault(e.into(), packed.len()))? {
                0 => return Ok(packed),
                n => packed.extend_from_slice(&piece[..n]),
            }
            if packed.len() > most {
                return Err(Fault::Long(most));
            }
            (self.on_bytes)(Received {
                file: file.name,
                bytes: packed.len() as u64,
                of,
                mirror: &shown,
            });
        }
    }

    fn fault(&self, error: ureq::Error, received: usize) -> Fault {
        match error {
            ureq::Error::StatusCode(code) => Fault::Status(code),
            ureq::Error::Timeout(Timeout::PerRead) => {
                Fault::Slow("sends nothing for", self.limits.stall)
            }
            ureq::Error::Timeout(Timeout::Global) => {
                Fault::Slow("is not done after", self.limits.whole)
            }
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                Fault::Slow("gives no connection within", self.limits.connect)
            }
            ureq::Error::Io(source) if received > 0 => Fault::Cut { received, source },
            // Its text has the address, and so the password, in it.
            ureq::Error::BadUri(_) => Fault::Address,
            other => Fault::Connection(other),
        }
    }
}

#[cfg(test)]
mod tests;
