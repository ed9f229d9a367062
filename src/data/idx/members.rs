//! The content of a gzip file as `gunzip` gives it: several members one after the other,
//! and zeros behind the last one, with which tapes and archives pad files.

use std::error::Error;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// Bytes behind a gzip stream that are neither zeros nor another one.
#[derive(Debug, thiserror::Error)]
#[error("bytes behind the gzip stream are neither zeros nor another gzip stream")]
pub struct Garbage;

/// Unpacks a gzip file.
pub struct Members<R> {
    /// The member being read; none at the end.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    /// Begins with the first member.
    pub fn of(file: R) -> Self {
        Self {
            member: Some(GzDecoder::new(file)),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if place.is_empty() {
            return Ok(0);
        }
        while let Some(mut member) = self.member.take() {
            let read = member.read(place)?;
            if read > 0 {
                self.member = Some(member);
                return Ok(read);
            }
            self.member = next(member.into_inner())?;
        }
        Ok(0)
    }
}

/// Whether an error is [`Garbage`].
pub fn is_garbage(error: &io::Error) -> bool {
    let cause = error.get_ref();
    cause.is_some_and(<dyn Error + Send + Sync>::is::<Garbage>)
}

/// The member that follows; none at the end of the file.
fn next<R: BufRead>(mut file: R) -> io::Result<Option<GzDecoder<R>>> {
    match file.fill_buf()?.first() {
        None => Ok(None),
        Some(0) => {
            skip_zeros(&mut file)?;
            Ok(None)
        }
        // The magic of a gzip stream begins so; the decoder checks the rest.
        Some(0x1f) => Ok(Some(GzDecoder::new(file))),
        Some(_) => Err(io::Error::other(Garbage)),
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
            return Err(io::Error::other(Garbage));
        }
        file.consume(read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// The content, and whether it ends in [`Garbage`].
    fn unpacked(file: &[u8]) -> Result<Vec<u8>, bool> {
        // In small pieces, so that what follows a member is not in the buffer yet.
        let mut content = Vec::new();
        let file = io::BufReader::with_capacity(3, file);
        let read = Members::of(file).read_to_end(&mut content);
        read.map(|_| content).map_err(|error| is_garbage(&error))
    }

    #[test]
    fn members_and_zeros_are_read_and_all_else_is_named() {
        let two = [gzip(b"ab"), gzip(b""), gzip(b"c")].concat();
        assert_eq!(unpacked(&two).unwrap(), b"abc");
        let padded = |by: &[u8]| unpacked(&[&two, by].concat());
        assert_eq!(padded(&[0; 512]).unwrap(), b"abc");
        assert_eq!(padded(b"\0").unwrap(), b"abc");
        assert_eq!(padded(b"x"), Err(true));
        assert_eq!(padded(b"\0\0\0\0\0\0x"), Err(true));
        assert_eq!(padded(&[&[0; 9][..], &gzip(b"d")].concat()), Err(true));
        // Another member that is cut.
        assert_eq!(padded(b"\x1f\x8b"), Err(false));
        assert_eq!(unpacked(&two[..two.len() - 1]), Err(false));
    }
}
