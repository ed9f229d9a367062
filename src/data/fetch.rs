//! Downloads of the MNIST files.
//!
//! Mirrors vanish, cut connections, hang, and answer with an error page under status 200.
//! So each file is tried on every mirror, several times; every wait has a limit, and an
//! answer is stored only if its unpacked content has the official digest. A file under its
//! final name is therefore always complete and correct.

use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use ureq::{Agent, Timeout};

use super::idx::{IdxContent, IdxError};
use super::mnist::{OfficialFile, Unofficial};
use crate::escape;
use crate::io::{IoError, at, create_dir_all, write_atomic};

/// Limits of attempts and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rounds over all mirrors, for each file.
    pub attempts: u32,
    /// Pause before the second round; before the third it is twice as long, and so on.
    pub pause: Duration,
    /// Time to resolve a name, and again to connect.
    pub connect: Duration,
    /// Time without a byte from the mirror.
    pub stall: Duration,
    /// Time for one file from one mirror.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 3,
            pause: Duration::from_secs(1),
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(20),
            // The largest file has 10 MB: this needs 0.7 Mbit/s.
            whole: Duration::from_mins(2),
        }
    }
}

/// Progress of downloading one file from one mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// Name of the file without `.gz`.
    pub file: &'a str,
    /// Bytes received, gzipped.
    pub bytes: u64,
    /// Bytes of the whole file, if the mirror reports them.
    pub of: Option<u64>,
    /// The mirror, without passwords; after a failure the next one starts from 0.
    pub mirror: &'a str,
}

/// Failure to download files.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Folder that cannot be created or written to.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Folder that holds another data set under the same names.
    #[error(transparent)]
    Unofficial(#[from] Unofficial),
    /// File that no mirror delivered.
    #[error("cannot download `{file}`:{}", listed(faults))]
    Mirrors {
        /// Name of the file with `.gz`.
        file: String,
        /// Each mirror, without passwords, with its last failure.
        faults: Vec<(String, MirrorFault)>,
    },
}

/// Failure of a mirror.
#[derive(Debug, thiserror::Error)]
pub enum MirrorFault {
    /// Answer with an error status.
    #[error("status {0}")]
    Status(u16),
    /// Time limit that was exceeded.
    #[error("{0} {1:?}")]
    Slow(&'static str, Duration),
    /// Connection that was lost within the file.
    #[error("connection lost after {received} bytes: {source}")]
    Cut {
        /// Bytes received.
        received: usize,
        /// Cause.
        source: io::Error,
    },
    /// Address with an unknown scheme, or without a host.
    #[error("invalid address; expected one such as `https://host/folder`")]
    Address,
    /// Mirror that cannot be reached.
    #[error("{0}")]
    Connection(ureq::Error),
    /// Answer that is longer than the file can be.
    #[error("answer too long; expected at most {0} bytes")]
    Long(usize),
    /// Answer that is no IDX file.
    #[error("unusable answer: {0}")]
    Content(#[from] IdxError),
    /// Answer that is another IDX file.
    #[error("another file, with sha256 {0}")]
    Digest(String),
}

/// Lists faults, one mirror per line.
fn listed(faults: &[(String, MirrorFault)]) -> String {
    let lines = faults
        .iter()
        .map(|(mirror, fault)| format!("\n  {mirror}: {fault}"));
    lines.collect()
}

/// Downloads those of `files` that are missing or broken in `folder`, as `NAME.gz`, each
/// from the first of `mirrors` that delivers it. `on_bytes` is called with 0 bytes before a
/// mirror is asked, and after every piece received.
///
/// # Errors
/// If the folder cannot be written to (checked before any download), a file there belongs
/// to another data set (it is kept), or no mirror delivers a file. Files that were fetched
/// before are kept.
pub fn fetch(
    files: &[OfficialFile],
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
    let existed = folder.exists();
    create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map_err(at("write into", folder))?;
    let downloader = Downloader {
        agent: agent(limits),
        mirrors,
        limits,
        on_bytes,
    };
    let fetched = missing
        .into_iter()
        .try_for_each(|file| downloader.fetch(file, folder));
    if fetched.is_err() && !existed {
        // Fails, as it should, if some files did arrive.
        let _ = std::fs::remove_dir(folder);
    }
    fetched
}

/// True if the folder holds the official file, false if it holds none or a broken one.
///
/// # Errors
/// If it holds a valid file of another content, which must not be overwritten:
/// Fashion-MNIST has the same names.
fn is_there(file: &OfficialFile, folder: &Path) -> Result<bool, Unofficial> {
    let Some(path) = file.within(folder) else {
        return Ok(false);
    };
    let Ok(content) = IdxContent::load(&path) else {
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

/// Downloads files from several mirrors.
struct Downloader<'a> {
    agent: Agent,
    mirrors: &'a [String],
    limits: &'a Limits,
    on_bytes: &'a dyn Fn(Received<'_>),
}

impl Downloader<'_> {
    /// Tries mirror after mirror, round after round, until the file is stored.
    fn fetch(&self, file: &OfficialFile, folder: &Path) -> Result<(), FetchError> {
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

    /// Downloads a file from one mirror, and checks its content.
    fn download(&self, file: &OfficialFile, mirror: &str) -> Result<Vec<u8>, MirrorFault> {
        let packed = self.receive(file, mirror)?;
        let digest = IdxContent::of(&*packed)?.sha256;
        if digest != file.sha256 {
            return Err(MirrorFault::Digest(digest));
        }
        Ok(packed)
    }

    /// Receives an answer for a file's name, whatever its content.
    fn receive(&self, file: &OfficialFile, mirror: &str) -> Result<Vec<u8>, MirrorFault> {
        let url = format!("{}/{}", mirror.trim_end_matches('/'), file.packed_name());
        let mirror = escape::address(mirror);
        let report = |bytes: usize, of: Option<u64>| {
            (self.on_bytes)(Received {
                file: file.name,
                bytes: bytes as u64,
                of,
                mirror: &mirror,
            });
        };
        report(0, None);
        let response = self.agent.get(&url).call();
        let mut response = response.map_err(|e| self.fault(e, 0))?;
        let of = response.body().content_length();
        // gzip adds far less than a hundredth to incompressible content.
        let limit = file.bytes + file.bytes / 100 + 1024;
        let mut body = response.body_mut().as_reader();
        let mut packed = Vec::new();
        let mut piece = vec![0; 1 << 16];
        loop {
            let read = body.read(&mut piece);
            match read.map_err(|e| self.fault(e.into(), packed.len()))? {
                0 => return Ok(packed),
                n => packed.extend_from_slice(&piece[..n]),
            }
            if packed.len() > limit {
                return Err(MirrorFault::Long(limit));
            }
            report(packed.len(), of);
        }
    }

    fn fault(&self, error: ureq::Error, received: usize) -> MirrorFault {
        match error {
            ureq::Error::StatusCode(code) => MirrorFault::Status(code),
            ureq::Error::Timeout(Timeout::PerRead) => {
                MirrorFault::Slow("no data for", self.limits.stall)
            }
            ureq::Error::Timeout(Timeout::Global) => {
                MirrorFault::Slow("not complete after", self.limits.whole)
            }
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                MirrorFault::Slow("no connection within", self.limits.connect)
            }
            ureq::Error::Io(source) if received > 0 => MirrorFault::Cut { received, source },
            // Its text contains the address, and so the password.
            ureq::Error::BadUri(_) => MirrorFault::Address,
            other => MirrorFault::Connection(other),
        }
    }
}

#[cfg(test)]
mod tests;
