//! The IDX format, in which MNIST and its relatives (Fashion-MNIST, EMNIST)
//! come: four bytes of magic, one big-endian u32 a dimension, then the bytes.
//!
//! The header alone tells how long the content is, so it is read first and
//! everything else is held against it: no header and no gzip bomb makes us
//! allocate more than it honestly announces, and no announcement beyond
//! [`LIMIT`] is believed.

mod header;

use std::io::{self, BufRead, BufReader, Read};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use flate2::bufread::MultiGzDecoder;

use super::error::DataError;
use super::samples::{ImageSize, Samples};
use crate::digest::sha256;
use crate::io::{at, open};
use header::{Header, LIMIT};

/// Bytes that are digested while the next ones are read.
const PIECE: usize = 1 << 18;

/// What is wrong with the bytes of an IDX file. The path is the caller's to add.
#[derive(Debug, thiserror::Error)]
pub enum IdxError {
    /// The first four bytes are those of another format.
    #[error("starts with {found:#010x}, must start with {expected}")]
    Magic {
        /// The first four bytes, big-endian.
        found: u32,
        /// The magic or magics that are possible here, for people.
        expected: &'static str,
    },
    /// The bytes end within the header.
    #[error("header is cut: {expected} bytes expected, {found} there")]
    Header {
        /// Bytes of the header.
        expected: usize,
        /// Bytes of the file.
        found: usize,
    },
    /// A dimension is 0.
    #[error("header announces {dimensions}: nothing is in there")]
    Empty {
        /// Such as `60000 x 0 x 28`.
        dimensions: String,
    },
    /// The dimensions multiply to more than the limit, or than a number holds.
    #[error("header announces {dimensions} bytes, more than the {LIMIT} that are read at most")]
    Huge {
        /// Such as `60000 x 28 x 28`.
        dimensions: String,
    },
    /// The content is shorter than the header says.
    #[error("header announces {expected} bytes in all, {found} there")]
    Length {
        /// Bytes of header and content, as announced.
        expected: usize,
        /// Bytes of the file.
        found: usize,
    },
    /// The content does not end where the header says.
    #[error("goes on beyond the {expected} bytes its header announces")]
    Beyond {
        /// Bytes of header and content, as announced.
        expected: usize,
    },
    /// The gzip stream is cut or fails its checksum.
    #[error("gzip content is cut or corrupt")]
    Gzip(#[source] io::Error),
    /// The bytes cannot be read.
    #[error("cannot be read to its end")]
    Read(#[source] io::Error),
}

/// What is in an IDX file.
#[derive(Debug)]
pub struct Content {
    header: Header,
    /// Behind the header, in file order.
    bytes: Vec<u8>,
    /// SHA-256 of the unpacked file, header and all, in lower-case hexadecimal.
    pub sha256: String,
}

impl Content {
    /// That of a file, which may be gzipped.
    ///
    /// # Errors
    /// If it cannot be read, or with those of [`Content::of`].
    pub fn load(path: &Path) -> Result<Self, DataError> {
        let file = BufReader::new(open(path)?);
        Self::of(file).map_err(|error| match error {
            IdxError::Read(error) => at("read", path)(error).into(),
            error => DataError::idx(path, error),
        })
    }

    /// That of the bytes of a file of images or labels, which may be gzipped.
    ///
    /// # Errors
    /// If they cannot be read, a gzip stream is corrupt, or they are not as many as their
    /// header announces.
    pub fn of(mut file: impl BufRead) -> Result<Self, IdxError> {
        let first = file.fill_buf().map_err(IdxError::Read)?;
        if first.starts_with(&[0x1f, 0x8b]) {
            Self::unpacked(MultiGzDecoder::new(file), IdxError::Gzip)
        } else {
            Self::unpacked(file, IdxError::Read)
        }
    }

    fn unpacked(
        mut file: impl Read,
        fault: impl Fn(io::Error) -> IdxError,
    ) -> Result<Self, IdxError> {
        let mut next = |place: &mut [u8]| fill(place, &mut file).map_err(&fault);
        let header = Header::read(&mut next)?;
        let mut bytes = vec![0; header.announced - header.bytes.len()];
        let sha256 = digested(&header, &mut bytes, &mut next)?;
        if next(&mut [0])? > 0 {
            let expected = header.announced;
            return Err(IdxError::Beyond { expected });
        }
        Ok(Self {
            header,
            bytes,
            sha256,
        })
    }

    /// The size of images, and the pixels of all of them.
    ///
    /// # Errors
    /// If there are none in it.
    pub fn images(self) -> Result<(ImageSize, Vec<u8>), IdxError> {
        let [_, height, width] = self.header.of_images()?;
        Ok((ImageSize { width, height }, self.bytes))
    }

    /// Labels.
    ///
    /// # Errors
    /// If there are none in it.
    pub fn labels(self) -> Result<Vec<u8>, IdxError> {
        self.header.of_labels()?;
        Ok(self.bytes)
    }
}

/// SHA-256 of a header and the content behind it, taken while more of that is read.
fn digested(
    header: &Header,
    content: &mut [u8],
    mut next: impl FnMut(&mut [u8]) -> Result<usize, IdxError>,
) -> Result<String, IdxError> {
    thread::scope(|scope| {
        let (read, pieces) = channel::<&[u8]>();
        let digest = scope.spawn(|| sha256(pieces));
        let mut found = header.bytes.len();
        // If nobody listens any more, that is told in the end.
        let _ = read.send(&header.bytes);
        for piece in content.chunks_mut(PIECE) {
            let filled = next(piece)?;
            found += filled;
            if filled < piece.len() {
                let expected = header.announced;
                return Err(IdxError::Length { expected, found });
            }
            let _ = read.send(piece);
        }
        drop(read);
        Ok(digest.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Fills a place as far as there is something; how far that is.
fn fill(place: &mut [u8], file: &mut impl Read) -> io::Result<usize> {
    let mut filled = 0;
    while filled < place.len() {
        match file.read(&mut place[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The samples of two files and the size of their images; the paths are for the errors.
///
/// # Errors
/// If they are not images and labels, or do not hold one label an image.
pub fn samples(
    (image_path, images): (&Path, Content),
    (label_path, labels): (&Path, Content),
) -> Result<(ImageSize, Samples), DataError> {
    let (size, pixels) = images.images().map_err(|e| DataError::idx(image_path, e))?;
    let labels = labels.labels().map_err(|e| DataError::idx(label_path, e))?;
    let features = size.pixels();
    if pixels.len() / features != labels.len() {
        return Err(DataError::Counts {
            images: image_path.to_owned(),
            image_count: pixels.len() / features,
            labels: label_path.to_owned(),
            label_count: labels.len(),
        });
    }
    let samples = Samples {
        features,
        pixels: Arc::new(pixels),
        labels,
    };
    Ok((size, samples))
}

#[cfg(test)]
mod tests;
