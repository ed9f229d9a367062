//! The IDX format of MNIST and its relatives (Fashion-MNIST, EMNIST): four bytes of magic,
//! one big-endian u32 per dimension, then the values.
//!
//! The header determines the length of the content, so it is read first, and everything
//! else is checked against it: neither a forged header nor a gzip bomb makes the program
//! allocate more than [`LIMIT`].

mod header;
mod kind;
mod members;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use super::error::DataError;
use super::levels::{LevelScale, rescale};
use super::samples::{ImageSize, Samples, SourceRows};
use crate::digest::sha256;
use crate::io::{at, open};
use header::{Header, LIMIT};
use kind::IdxKind;
use members::{Members, TrailingBytes, is_trailing};

/// Maximum number of bytes of a gzip file: incompressible content, and padding.
const MAX_PACKED: u64 = 2 * LIMIT as u64;

/// Bytes that are digested while the next ones are read.
const PIECE: usize = 1 << 18;

/// Fault of the bytes of an IDX file. The caller adds the path.
#[derive(Debug, thiserror::Error)]
pub enum IdxError {
    /// File of another format.
    #[error(
        "no IDX file; expected it to start with 0x00000803 (images) or 0x00000801 (labels), got \
         {found:#010x}"
    )]
    NotIdx {
        /// First four bytes, big-endian.
        found: u32,
    },
    /// Values of another type, or in other dimensions.
    #[error("expected {expected}, got {found}; {}", found.remedy())]
    Kind {
        /// Kind of the file.
        found: IdxKind,
        /// Description of the kinds that are possible here.
        expected: &'static str,
    },
    /// File that ends within its header.
    #[error("incomplete header; expected {expected} bytes, got {found}")]
    Header {
        /// Bytes of the header.
        expected: usize,
        /// Bytes of the file.
        found: usize,
    },
    /// Dimension of 0.
    #[error("no values: the header says {shape}")]
    Empty {
        /// Dimensions, such as `60000 x 0 x 28`.
        shape: String,
    },
    /// Dimensions whose product exceeds the limit.
    #[error("too large; expected at most {LIMIT} bytes, but the header says {shape}")]
    Huge {
        /// Dimensions, such as `60000 x 28 x 28`.
        shape: String,
    },
    /// Content that is shorter than the header says.
    #[error("incomplete; expected {expected} bytes by its header, got {found}")]
    Length {
        /// Bytes of header and content.
        expected: usize,
        /// Bytes of the file.
        found: usize,
    },
    /// Content that is longer than the header says.
    #[error("goes on beyond the {expected} bytes its header announces")]
    Beyond {
        /// Bytes of header and content.
        expected: usize,
    },
    /// Pixel above white.
    #[error(
        "image {image}, row {row}, column {column} (counted from 0): expected a level from 0 to \
         {white} (`data.levels`), got {found}"
    )]
    Level {
        /// Index of the image.
        image: usize,
        /// Row of the pixel.
        row: usize,
        /// Column of the pixel.
        column: usize,
        /// Level of the pixel.
        found: u8,
        /// Level of white.
        white: f64,
    },
    /// Other bytes after the gzip stream.
    #[error("{TrailingBytes}; remove them")]
    Trailing,
    /// Gzip file that is longer than any valid one.
    #[error("too long; expected at most {MAX_PACKED} bytes of gzip, got {0}")]
    Packed(u64),
    /// Gzip stream that is incomplete or fails its checksum.
    #[error("gzip content is incomplete or corrupt")]
    Gzip(#[source] io::Error),
    /// File that cannot be read.
    #[error("cannot be read to its end")]
    Read(#[source] io::Error),
}

/// Content of an IDX file.
#[derive(Debug)]
pub struct IdxContent {
    header: Header,
    /// Values after the header, in file order.
    bytes: Vec<u8>,
    /// SHA-256 of the unpacked file with its header, in lower-case hexadecimal.
    pub sha256: String,
}

impl IdxContent {
    /// Reads a file, gzipped or not.
    ///
    /// # Errors
    /// If it cannot be read, or is no valid IDX file.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        // Before memory is allocated for it.
        check(path)?;
        Self::of(BufReader::new(open(path)?)).map_err(|error| fault(path, error))
    }

    /// Reads the bytes of a file of images or labels, gzipped or not.
    ///
    /// # Errors
    /// If they cannot be read, a gzip stream is corrupt, or their number differs from that
    /// of the header.
    pub fn of(file: impl BufRead) -> Result<Self, IdxError> {
        let mut source = Unpacked::of(file)?;
        let header = Header::read(&mut source)?;
        let mut bytes = vec![0; header.announced - header.bytes.len()];
        let sha256 = read_and_digest(&header, &mut bytes, &mut source)?;
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

    /// Size of the images, and the pixels of all of them.
    ///
    /// # Errors
    /// If the file has no images.
    pub fn images(self) -> Result<(ImageSize, Vec<u8>), IdxError> {
        let [_, height, width] = self.header.of_images()?;
        Ok((ImageSize { width, height }, self.bytes))
    }

    /// Labels.
    ///
    /// # Errors
    /// If the file has no labels.
    pub fn labels(self) -> Result<Vec<u8>, IdxError> {
        self.header.of_labels()?;
        Ok(self.bytes)
    }
}

/// Reads the content after a header; meanwhile another thread computes the SHA-256 of both.
fn read_and_digest(
    header: &Header,
    content: &mut [u8],
    source: &mut Unpacked<impl BufRead>,
) -> Result<String, IdxError> {
    thread::scope(|scope| {
        let (read, pieces) = channel::<&[u8]>();
        let digest = scope.spawn(|| sha256(pieces));
        let mut found = header.bytes.len();
        // Sending fails only if the other thread panicked, which `join` reports.
        let _ = read.send(&header.bytes);
        for piece in content.chunks_mut(PIECE) {
            let filled = source.fill(piece)?;
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

/// Unpacked bytes of a file.
enum Unpacked<R> {
    Plain(R),
    Gzip(Members<R>),
}

impl<R: BufRead> Unpacked<R> {
    fn of(mut file: R) -> Result<Self, IdxError> {
        let first = file.fill_buf().map_err(IdxError::Read)?;
        Ok(if first.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip(Members::of(file))
        } else {
            Self::Plain(file)
        })
    }

    /// Fills a buffer, or less of it at the end of the file; returns the number of bytes.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, IdxError> {
        match self {
            Self::Plain(file) => fill(buffer, file).map_err(IdxError::Read),
            Self::Gzip(members) => fill(buffer, members).map_err(|error| {
                if is_trailing(&error) {
                    IdxError::Trailing
                } else {
                    IdxError::Gzip(error)
                }
            }),
        }
    }
}

fn fill(buffer: &mut [u8], file: &mut impl Read) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Checks the header of a file, and the file's length where it is known without reading it.
///
/// # Errors
/// If the header is not plausible, or the file is longer or shorter than it says.
pub fn check(path: &Path) -> Result<(), DataError> {
    check_file(open(path)?).map_err(|error| fault(path, error))
}

fn check_file(file: File) -> Result<(), IdxError> {
    let length = file.metadata().map_err(IdxError::Read)?.len();
    let mut source = Unpacked::of(BufReader::new(file))?;
    let expected = Header::read(&mut source)?.announced;
    match source {
        Unpacked::Gzip(_) if length > MAX_PACKED => Err(IdxError::Packed(length)),
        Unpacked::Plain(_) if length > expected as u64 => Err(IdxError::Beyond { expected }),
        Unpacked::Plain(_) if length < expected as u64 => Err(IdxError::Length {
            expected,
            found: length as usize,
        }),
        Unpacked::Gzip(_) | Unpacked::Plain(_) => Ok(()),
    }
}

fn fault(path: &Path, error: IdxError) -> DataError {
    match error {
        IdxError::Read(error) => at("read", path)(error).into(),
        error => DataError::idx(path, error),
    }
}

/// IDX file with its path.
#[derive(Debug)]
pub struct IdxFile {
    /// Path, for errors.
    pub path: PathBuf,
    /// Content of the file.
    pub content: IdxContent,
}

impl IdxFile {
    /// Reads a file, gzipped or not.
    ///
    /// # Errors
    /// If it cannot be read, or is no valid IDX file.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        Ok(Self {
            path: path.to_owned(),
            content: IdxContent::load(path)?,
        })
    }
}

/// Joins images and labels.
///
/// # Errors
/// If the files are not of images and labels, their numbers differ, or a level is above
/// white.
pub fn source_rows(
    images: IdxFile,
    labels: IdxFile,
    scale: LevelScale,
) -> Result<SourceRows, DataError> {
    let image_fault = |error| DataError::idx(&images.path, error);
    let (size, mut pixels) = images.content.images().map_err(image_fault)?;
    let label_fault = |error| DataError::idx(&labels.path, error);
    let label_values = labels.content.labels().map_err(label_fault)?;
    let features = size.pixels();
    let image_count = pixels.len() / features;
    if image_count != label_values.len() {
        return Err(DataError::Counts {
            images: images.path,
            image_count,
            labels: labels.path,
            label_count: label_values.len(),
        });
    }
    let levels = rescale(&mut pixels, scale).map_err(|(index, found)| {
        let (image, pixel) = (index / features, index % features);
        image_fault(IdxError::Level {
            image,
            row: pixel / size.width,
            column: pixel % size.width,
            found,
            white: scale.white,
        })
    })?;
    let samples = Samples {
        features,
        pixels: Arc::new(pixels),
        labels: label_values,
    };
    Ok(SourceRows {
        size,
        samples,
        words: Vec::new(),
        levels: Some(levels),
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
