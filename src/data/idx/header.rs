//! Headers of IDX files.

use std::io::BufRead;

use super::kind::{IMAGES, IdxKind, LABELS};
use super::{IdxError, Unpacked};

/// Maximum number of bytes of a file, about twice the largest EMNIST file.
pub const LIMIT: usize = 1 << 30;

/// Header of images or labels.
#[derive(Debug)]
pub struct Header {
    /// The header itself.
    pub bytes: Vec<u8>,
    /// Number of bytes of header and content.
    pub announced: usize,
    kind: IdxKind,
    /// Dimensions of the content, outermost first; none is 0.
    dimensions: Vec<usize>,
}

impl Header {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// If reading fails, or the header is not a plausible one of images or labels.
    pub fn read(source: &mut Unpacked<impl BufRead>) -> Result<Self, IdxError> {
        let mut magic = [0; 4];
        let found = source.fill(&mut magic)?;
        check_complete(&magic, found)?;
        let kind = IdxKind::of(magic).ok_or(IdxError::NotIdx {
            found: u32::from_be_bytes(magic),
        })?;
        if kind != LABELS {
            let expected = "images (unsigned bytes in 3 dimensions) or labels (in 1)";
            check_kind(kind, IMAGES, expected)?;
        }
        let mut bytes = magic.to_vec();
        bytes.resize(4 + 4 * usize::from(kind.dimensions), 0);
        let found = found + source.fill(&mut bytes[4..])?;
        check_complete(&bytes, found)?;
        let (numbers, _) = bytes[4..].as_chunks();
        let dimensions: Vec<usize> = numbers
            .iter()
            .map(|number| u32::from_be_bytes(*number) as usize)
            .collect();
        Ok(Self {
            announced: announced(&dimensions, bytes.len())?,
            bytes,
            kind,
            dimensions,
        })
    }

    /// Numbers of images, rows and columns.
    ///
    /// # Errors
    /// If it is the header of labels.
    pub fn of_images(&self) -> Result<[usize; 3], IdxError> {
        check_kind(self.kind, IMAGES, "images (unsigned bytes in 3 dimensions)")?;
        Ok(std::array::from_fn(|index| self.dimensions[index]))
    }

    /// Checks that it is the header of labels.
    ///
    /// # Errors
    /// If it is the header of images.
    pub fn of_labels(&self) -> Result<(), IdxError> {
        check_kind(self.kind, LABELS, "labels (unsigned bytes in 1 dimension)")
    }
}

/// Number of bytes of a header and its content.
fn announced(dimensions: &[usize], header: usize) -> Result<usize, IdxError> {
    let shape = || {
        let numbers: Vec<String> = dimensions.iter().map(ToString::to_string).collect();
        numbers.join(" x ")
    };
    if dimensions.contains(&0) {
        return Err(IdxError::Empty { shape: shape() });
    }
    dimensions
        .iter()
        .try_fold(1, |product: usize, &size| product.checked_mul(size))
        .and_then(|content| content.checked_add(header))
        .filter(|announced| *announced <= LIMIT)
        .ok_or_else(|| IdxError::Huge { shape: shape() })
}

fn check_complete(header: &[u8], found: usize) -> Result<(), IdxError> {
    if found == header.len() {
        return Ok(());
    }
    Err(IdxError::Header {
        expected: header.len(),
        found,
    })
}

fn check_kind(found: IdxKind, needed: IdxKind, expected: &'static str) -> Result<(), IdxError> {
    if found == needed {
        return Ok(());
    }
    Err(IdxError::Kind { found, expected })
}
