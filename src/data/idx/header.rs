//! What the first bytes of an IDX file announce.

use super::IdxError;
use super::kind::{IMAGES, Kind, LABELS};

/// Bytes a file may announce: about twice the largest EMNIST file.
pub const LIMIT: usize = 1 << 30;

/// That of images or labels.
#[derive(Debug)]
pub struct Header {
    /// As they are in the file.
    pub bytes: Vec<u8>,
    /// Bytes of header and content.
    pub announced: usize,
    kind: Kind,
    /// Of the content, outermost first; none is 0.
    dimensions: Vec<usize>,
}

impl Header {
    /// By what fills a place with the next bytes as far as there are any, and tells how many
    /// there were.
    ///
    /// # Errors
    /// If it fails, or there is no header that can be believed.
    pub fn read(
        mut next: impl FnMut(&mut [u8]) -> Result<usize, IdxError>,
    ) -> Result<Self, IdxError> {
        let mut four = [0; 4];
        let found = next(&mut four)?;
        complete(&four, found)?;
        let kind = Kind::of(four).ok_or(IdxError::Alien {
            found: u32::from_be_bytes(four),
        })?;
        if kind != LABELS {
            must_be(
                kind,
                IMAGES,
                "images (unsigned bytes in 3 dimensions) or labels (in 1)",
            )?;
        }
        let mut bytes = four.to_vec();
        bytes.resize(4 + 4 * usize::from(kind.dimensions), 0);
        let found = found + next(&mut bytes[4..])?;
        complete(&bytes, found)?;
        let (numbers, _) = bytes[4..].as_chunks();
        let dimensions = numbers
            .iter()
            .map(|four| u32::from_be_bytes(*four) as usize);
        Self::announce(kind, dimensions.collect(), bytes)
    }

    fn announce(kind: Kind, dimensions: Vec<usize>, bytes: Vec<u8>) -> Result<Self, IdxError> {
        let content = dimensions
            .iter()
            .try_fold(1, |product: usize, &n| product.checked_mul(n));
        match content.and_then(|content| content.checked_add(bytes.len())) {
            _ if dimensions.contains(&0) => Err(IdxError::Empty {
                dimensions: times(&dimensions),
            }),
            Some(announced) if announced <= LIMIT => Ok(Self {
                bytes,
                announced,
                kind,
                dimensions,
            }),
            _ => Err(IdxError::Huge {
                dimensions: times(&dimensions),
            }),
        }
    }

    /// Images, rows and columns.
    ///
    /// # Errors
    /// If it announces labels.
    pub fn of_images(&self) -> Result<[usize; 3], IdxError> {
        must_be(self.kind, IMAGES, "images (unsigned bytes in 3 dimensions)")?;
        Ok(std::array::from_fn(|place| self.dimensions[place]))
    }

    /// Whether it is that of labels.
    ///
    /// # Errors
    /// If it announces images.
    pub fn of_labels(&self) -> Result<(), IdxError> {
        must_be(self.kind, LABELS, "labels (unsigned bytes in 1 dimension)")
    }
}

/// Whether so many bytes fill a place.
fn complete(bytes: &[u8], found: usize) -> Result<(), IdxError> {
    if found == bytes.len() {
        return Ok(());
    }
    Err(IdxError::Header {
        expected: bytes.len(),
        found,
    })
}

fn must_be(found: Kind, needed: Kind, expected: &'static str) -> Result<(), IdxError> {
    if found == needed {
        return Ok(());
    }
    Err(IdxError::Kind { found, expected })
}

/// Such as `60000 x 28 x 28`.
fn times(dimensions: &[usize]) -> String {
    let numbers: Vec<String> = dimensions.iter().map(ToString::to_string).collect();
    numbers.join(" x ")
}
