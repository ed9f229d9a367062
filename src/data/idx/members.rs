//! Content of gzip files, as `gunzip` gives it: several members one after the other, and
//! zeros after the last one, with which tapes and archives pad files.

use std::error::Error;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// Bytes after a gzip stream that are neither zeros nor another one.
#[derive(Debug, thiserror::Error)]
#[error("unexpected bytes after the gzip stream")]
pub struct TrailingBytes;

/// Unpacks a gzip file.
pub struct Members<R> {
    /// Member being read; `None` at the end.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    /// Unpacks a file from its first member on.
    pub fn of(file: R) -> Self {
        Self {
            member: Some(GzDecoder::new(file)),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(mut member) = self.member.take() {
            let read = member.read(buffer)?;
            if read > 0 {
                self.member = Some(member);
                return Ok(read);
            }
            self.member = next(member.into_inner())?;
        }
        Ok(0)
    }
}

/// True if an error is [`TrailingBytes`].
pub fn is_trailing(error: &io::Error) -> bool {
    let cause = error.get_ref();
    cause.is_some_and(<dyn Error + Send + Sync>::is::<TrailingBytes>)
}

/// Next member, or `None` at the end of the file.
fn next<R: BufRead>(mut file: R) -> io::Result<Option<GzDecoder<R>>> {
    match file.fill_buf()?.first() {
        None => Ok(None),
        Some(0) => {
            skip_zeros(&mut file)?;
            Ok(None)
        }
        // First byte of a gzip stream; the decoder checks the others.
        Some(0x1f) => Ok(Some(GzDecoder::new(file))),
        Some(_) => Err(io::Error::other(TrailingBytes)),
    }
}

fn skip_zeros(file: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = file.fill_buf()?;
        let read = bytes.len();
        if read == 0 {
            return Ok(());
        }
        if bytes.iter().any(|&byte| byte != 0) {
            return Err(io::Error::other(TrailingBytes));
        }
        file.consume(read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::files::gzip;

    /// Content of a file; an error is true for [`TrailingBytes`].
    fn unpacked(file: &[u8]) -> Result<Vec<u8>, bool> {
        // A small buffer, so that it does not hold the next member yet.
        let mut content = Vec::new();
        let file = io::BufReader::with_capacity(3, file);
        let read = Members::of(file).read_to_end(&mut content);
        read.map(|_| content).map_err(|error| is_trailing(&error))
    }

    #[test]
    fn members_and_zeros_are_read_and_other_bytes_are_errors() {
        let two = [gzip(b"ab"), gzip(b""), gzip(b"c")].concat();
        assert_eq!(unpacked(&two).unwrap(), b"abc");
        let padded = |by: &[u8]| unpacked(&[&two, by].concat());
        assert_eq!(padded(&[0; 512]).unwrap(), b"abc");
        assert_eq!(padded(b"\0").unwrap(), b"abc");
        assert_eq!(padded(b"x"), Err(true));
        assert_eq!(padded(b"\0\0\0\0\0\0x"), Err(true));
        assert_eq!(padded(&[&[0; 9][..], &gzip(b"d")].concat()), Err(true));
        // Another member, incomplete.
        assert_eq!(padded(b"\x1f\x8b"), Err(false));
        assert_eq!(unpacked(&two[..two.len() - 1]), Err(false));
    }
}
