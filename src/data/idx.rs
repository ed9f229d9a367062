//! The IDX format, in which MNIST and its relatives (Fashion-MNIST, EMNIST)
//! come: four bytes of magic, one big-endian u32 a dimension, then the bytes.
//!
//! The header alone tells how long the content is, so it is read first and
//! everything else is held against it: no header and no gzip bomb makes us
//! allocate more than it honestly announces, and no announcement beyond
//! [`LIMIT`] is believed.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::error::DataError;
use super::samples::{ImageSize, Samples};
use crate::io::read;

/// Magic of unsigned bytes in three dimensions: image, row, column.
const IMAGES: u32 = 0x0000_0803;
/// Magic of unsigned bytes in one dimension.
const LABELS: u32 = 0x0000_0801;
/// Bytes a file may announce: about twice the largest EMNIST file.
const LIMIT: usize = 1 << 30;

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
    /// The content is shorter or longer than the header says.
    #[error("header announces {expected} bytes in all, {found} there")]
    Length {
        /// Bytes of header and content, as announced.
        expected: usize,
        /// Bytes of the file.
        found: usize,
    },
    /// The gzip stream does not end where the header says the content ends.
    #[error("unpacks beyond the {expected} bytes its header announces")]
    Beyond {
        /// Bytes of header and content, as announced.
        expected: usize,
    },
    /// The gzip stream is cut or fails its checksum.
    #[error("gzip content is cut or corrupt")]
    Gzip(#[source] io::Error),
}

/// The images of an unpacked IDX file: their size, and all pixels in file order.
///
/// # Errors
/// If the bytes are not exactly one image file.
pub fn images(bytes: Vec<u8>) -> Result<(ImageSize, Vec<u8>), IdxError> {
    let header = Header::parse(&bytes, &[IMAGES], "0x00000803 (images)")?;
    let size = ImageSize {
        width: header.dimensions[2],
        height: header.dimensions[1],
    };
    Ok((size, header.without(bytes)?))
}

/// The labels of an unpacked IDX file.
///
/// # Errors
/// If the bytes are not exactly one label file.
pub fn labels(bytes: Vec<u8>) -> Result<Vec<u8>, IdxError> {
    Header::parse(&bytes, &[LABELS], "0x00000801 (labels)")?.without(bytes)
}

/// The unpacked content of an IDX file, which may be gzipped.
///
/// # Errors
/// If it cannot be read, or with those of [`unpack`].
pub fn load(path: &Path) -> Result<Vec<u8>, DataError> {
    let bytes = read(path)?;
    let unpacked = match unpack(&bytes).map_err(|e| DataError::idx(path, e))? {
        Cow::Owned(unpacked) => Some(unpacked),
        Cow::Borrowed(_) => None,
    };
    Ok(unpacked.unwrap_or(bytes))
}

/// An IDX file of images or labels that may be gzipped, unpacked; plain bytes
/// come back as they are.
///
/// # Errors
/// If a gzip stream is corrupt, or the content is not as long as its header announces.
pub fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, IdxError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        Header::of_any(bytes)?.check(bytes)?;
        return Ok(Cow::Borrowed(bytes));
    }
    let mut gzip = MultiGzDecoder::new(bytes);
    let mut unpacked = Vec::new();
    up_to(&mut gzip, Header::MOST, &mut unpacked)?;
    let expected = Header::of_any(&unpacked)?.announced;
    // One byte more than announced shows that there is more.
    let rest = (expected + 1).saturating_sub(unpacked.len());
    unpacked.reserve_exact(rest);
    up_to(&mut gzip, rest, &mut unpacked)?;
    match unpacked.len() {
        found if found > expected => Err(IdxError::Beyond { expected }),
        found if found < expected => Err(IdxError::Length { expected, found }),
        _ => Ok(Cow::Owned(unpacked)),
    }
}

/// Appends what `gzip` yields, `most` bytes at most.
fn up_to(gzip: &mut impl Read, most: usize, unpacked: &mut Vec<u8>) -> Result<(), IdxError> {
    let mut piece = gzip.take(most as u64);
    piece.read_to_end(unpacked).map_err(IdxError::Gzip)?;
    Ok(())
}

/// The samples of two unpacked files and the size of their images; the paths are for
/// the errors.
///
/// # Errors
/// If one of them is not IDX, or they do not hold one label an image.
pub fn samples(
    (image_path, image_bytes): (&Path, Vec<u8>),
    (label_path, label_bytes): (&Path, Vec<u8>),
) -> Result<(ImageSize, Samples), DataError> {
    let (size, pixels) = images(image_bytes).map_err(|e| DataError::idx(image_path, e))?;
    let labels = labels(label_bytes).map_err(|e| DataError::idx(label_path, e))?;
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
        pixels,
        labels,
    };
    Ok((size, samples))
}

/// What the first bytes of a file announce.
struct Header {
    /// Of the content, outermost first; none is 0.
    dimensions: Vec<usize>,
    /// Bytes of the header.
    bytes: usize,
    /// Bytes of header and content.
    announced: usize,
}

impl Header {
    /// Bytes of the longest header: magic and three dimensions.
    const MOST: usize = 16;

    /// Of images or labels.
    fn of_any(bytes: &[u8]) -> Result<Self, IdxError> {
        let expected = "0x00000803 (images) or 0x00000801 (labels)";
        Self::parse(bytes, &[IMAGES, LABELS], expected)
    }

    fn parse(bytes: &[u8], magics: &[u32], expected: &'static str) -> Result<Self, IdxError> {
        let found = word(bytes, 0).ok_or(IdxError::Header {
            expected: 4,
            found: bytes.len(),
        })?;
        if !magics.contains(&found) {
            return Err(IdxError::Magic { found, expected });
        }
        // The last byte of a magic is the number of dimensions.
        let length = 4 + 4 * (found & 0xff) as usize;
        let dimensions: Option<Vec<usize>> = (4..length)
            .step_by(4)
            .map(|at| word(bytes, at).map(|n| n as usize))
            .collect();
        let dimensions = dimensions.ok_or(IdxError::Header {
            expected: length,
            found: bytes.len(),
        })?;
        Self::announce(dimensions, length)
    }

    fn announce(dimensions: Vec<usize>, bytes: usize) -> Result<Self, IdxError> {
        let content = dimensions
            .iter()
            .try_fold(1, |product: usize, &n| product.checked_mul(n));
        match content.and_then(|content| content.checked_add(bytes)) {
            _ if dimensions.contains(&0) => Err(IdxError::Empty {
                dimensions: times(&dimensions),
            }),
            Some(announced) if announced <= LIMIT => Ok(Self {
                dimensions,
                bytes,
                announced,
            }),
            _ => Err(IdxError::Huge {
                dimensions: times(&dimensions),
            }),
        }
    }

    /// Whether the bytes are as many as announced.
    fn check(&self, bytes: &[u8]) -> Result<(), IdxError> {
        if bytes.len() == self.announced {
            return Ok(());
        }
        Err(IdxError::Length {
            expected: self.announced,
            found: bytes.len(),
        })
    }

    /// What follows the header, in the same memory: it may be much.
    fn without(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, IdxError> {
        self.check(&bytes)?;
        bytes.drain(..self.bytes);
        Ok(bytes)
    }
}

/// The big-endian number at this offset.
fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}

/// Such as `60000 x 28 x 28`.
fn times(dimensions: &[usize]) -> String {
    let numbers: Vec<String> = dimensions.iter().map(ToString::to_string).collect();
    numbers.join(" x ")
}

#[cfg(test)]
mod tests;
