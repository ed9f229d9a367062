//! The IDX format, in which MNIST and its relatives (Fashion-MNIST, EMNIST)
//! come: four bytes of magic, one big-endian u32 a dimension, then the bytes.
//!
//! The header alone tells how long the content is, so it is read first and
//! everything else is held against it: no header and no gzip bomb makes us
//! allocate more than it honestly announces, and no announcement beyond
//! [`LIMIT`] is believed.

mod header;
mod kind;
mod members;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use super::error::DataError;
use super::levels::{Levels, Scale, rescale};
use super::samples::{ImageSize, Samples};
use crate::digest::sha256;
use crate::io::{at, open};
use header::{Header, LIMIT};
use kind::Kind;
use members::{Garbage, Members, is_garbage};

/// Bytes of a gzip file, whose content may not be compressible, with some padding.
const MAX_PACKED: u64 = 2 * LIMIT as u64;

/// Bytes that are digested while the next ones are read.
const PIECE: usize = 1 << 18;

/// What is wrong with the bytes of an IDX file. The path is the caller's to add.
#[derive(Debug, thiserror::Error)]
pub enum IdxError {
    /// The first four bytes are those of another format.
    #[error(
        "is no IDX file: starts with {found:#010x}, expected 0x00000803 (images) or 0x00000801 \
         (labels)"
    )]
    Alien {
        /// The first four bytes, big-endian.
        found: u32,
    },
    /// It holds values of another type, or in other dimensions.
    #[error("holds {found}; expected {expected}; {}", found.remedy())]
    Kind {
        /// What it holds.
        found: Kind,
        /// What is possible here, for people.
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
    /// A pixel is above white.
    #[error(
        "image {image}, row {row}, column {column}, each counted from 0: expected a level from \
         0 to {white} (`data.levels`), found {found}"
    )]
    Level {
        /// Number of the image.
        image: usize,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// The level there.
        found: u8,
        /// The level that is white.
        white: f64,
    },
    /// The gzip stream is followed by something else.
    #[error("{Garbage}; remove them")]
    Garbage,
    /// The gzip stream is longer than any content that is read.
    #[error("has {0} bytes; at most {MAX_PACKED} are read of a gzip file")]
    Packed(u64),
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
    /// Reads a file, which may be gzipped.
    ///
    /// # Errors
    /// If it cannot be read, or with those of [`Content::of`].
    pub fn load(path: &Path) -> Result<Self, DataError> {
        // Before memory is taken for it.
        check(path)?;
        Self::of(BufReader::new(open(path)?)).map_err(|error| fault(path, error))
    }

    /// Reads the bytes of a file of images or labels, which may be gzipped.
    ///
    /// # Errors
    /// If they cannot be read, a gzip stream is corrupt, or they are not as many as their
    /// header announces.
    pub fn of(file: impl BufRead) -> Result<Self, IdxError> {
        let mut source = Source::of(file)?;
        let header = Header::read(|place| source.fill(place))?;
        let mut bytes = vec![0; header.announced - header.bytes.len()];
        let sha256 = digested(&header, &mut bytes, |place| source.fill(place))?;
        if source.fill(&mut [0])? > 0 {
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

/// The unpacked bytes of a file.
enum Source<R> {
    Plain(R),
    Packed(Members<R>),
}

impl<R: BufRead> Source<R> {
    fn of(mut file: R) -> Result<Self, IdxError> {
        let first = file.fill_buf().map_err(IdxError::Read)?;
        Ok(if first.starts_with(&[0x1f, 0x8b]) {
            Self::Packed(Members::of(file))
        } else {
            Self::Plain(file)
        })
    }

    /// Fills a place as far as there are bytes; returns how many there were.
    fn fill(&mut self, place: &mut [u8]) -> Result<usize, IdxError> {
        match self {
            Self::Plain(file) => fill(place, file).map_err(IdxError::Read),
            Self::Packed(members) => fill(place, members).map_err(|error| {
                if is_garbage(&error) {
                    IdxError::Garbage
                } else {
                    IdxError::Gzip(error)
                }
            }),
        }
    }
}

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

/// Checks the header of a file, and its length where that can be known, without reading
/// the rest.
///
/// # Errors
/// If there is no header that can be believed, or the file is longer or shorter than it.
pub fn check(path: &Path) -> Result<(), DataError> {
    check_file(open(path)?).map_err(|error| fault(path, error))
}

fn check_file(file: File) -> Result<(), IdxError> {
    let length = file.metadata().map_err(IdxError::Read)?.len();
    let mut source = Source::of(BufReader::new(file))?;
    let header = Header::read(|place| source.fill(place))?;
    let expected = header.announced;
    match source {
        Source::Packed(_) if length > MAX_PACKED => Err(IdxError::Packed(length)),
        Source::Plain(_) if length > expected as u64 => Err(IdxError::Beyond { expected }),
        Source::Plain(_) if length < expected as u64 => Err(IdxError::Length {
            expected,
            found: length as usize,
        }),
        Source::Packed(_) | Source::Plain(_) => Ok(()),
    }
}

fn fault(path: &Path, error: IdxError) -> DataError {
    match error {
        IdxError::Read(error) => at("read", path)(error).into(),
        error => DataError::idx(path, error),
    }
}

/// Samples of two files, as they are understood.
#[derive(Debug, PartialEq)]
pub struct Images {
    /// Pixels across and down.
    pub size: ImageSize,
    /// Images and labels.
    pub samples: Samples,
    /// Levels as the file has them.
    pub levels: Levels,
}

/// Puts images and labels together; the paths are for the errors.
///
/// # Errors
/// If they are not images and labels, do not hold one label per image, or have levels that
/// are not on the scale.
pub fn samples(
    (image_path, images): (&Path, Content),
    (label_path, labels): (&Path, Content),
    scale: Scale,
) -> Result<Images, DataError> {
    let (size, mut pixels) = images.images().map_err(|e| DataError::idx(image_path, e))?;
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
    let levels = rescale(&mut pixels, scale).map_err(|(index, found)| {
        let (image, pixel) = (index / features, index % features);
        DataError::idx(
            image_path,
            IdxError::Level {
                image,
                row: pixel / size.width,
                column: pixel % size.width,
                found,
                white: scale.white,
            },
        )
    })?;
    let samples = Samples {
        features,
        pixels: Arc::new(pixels),
        labels,
    };
    Ok(Images {
        size,
        samples,
        levels,
    })
}

#[cfg(test)]
mod tests;
