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
use super::samples::Samples;

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

/// The images of an unpacked IDX file: pixels an image, and all pixels in file order.
///
/// # Errors
/// If the bytes are not exactly one image file.
pub fn images(bytes: &[u8]) -> Result<(usize, Vec<u8>), IdxError> {
    let header = Header::parse(bytes, &[IMAGES], "0x00000803 (images)")?;
    let content = header.content(bytes)?;
    Ok((header.dimensions[1..].iter().product(), content.to_vec()))
}

/// The labels of an unpacked IDX file.
///
/// # Errors
/// If the bytes are not exactly one label file.
pub fn labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    let header = Header::parse(bytes, &[LABELS], "0x00000801 (labels)")?;
    Ok(header.content(bytes)?.to_vec())
}

/// An IDX file of images or labels that may be gzipped, unpacked; plain bytes
/// come back as they are.
///
/// # Errors
/// If a gzip stream is corrupt, or the content is not as long as its header announces.
pub fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, IdxError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        Header::of_any(bytes)?.content(bytes)?;
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

/// The samples of two unpacked files; the paths are for the errors.
///
/// # Errors
/// If one of them is not IDX, or they do not hold one label an image.
pub fn samples(
    (image_path, image_bytes): (&Path, &[u8]),
    (label_path, label_bytes): (&Path, &[u8]),
) -> Result<Samples, DataError> {
    let (features, pixels) = images(image_bytes).map_err(|e| DataError::idx(image_path, e))?;
    let labels = labels(label_bytes).map_err(|e| DataError::idx(label_path, e))?;
    if pixels.len() / features != labels.len() {
        return Err(DataError::Counts {
            images: image_path.to_owned(),
            image_count: pixels.len() / features,
            labels: label_path.to_owned(),
            label_count: labels.len(),
        });
    }
    Ok(Samples {
        features,
        pixels,
        labels,
    })
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

    /// What follows the header, if it is as long as announced.
    fn content<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], IdxError> {
        if bytes.len() == self.announced {
            return Ok(&bytes[self.bytes..]);
        }
        Err(IdxError::Length {
            expected: self.announced,
            found: bytes.len(),
        })
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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    /// Two images of 1 x 3 pixels.
    const TWO: &[u8] = b"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03abcdef";

    fn file(dimensions: &[u32], content: &[u8]) -> Vec<u8> {
        let sizes: Vec<u8> = dimensions.iter().flat_map(|n| n.to_be_bytes()).collect();
        [&[0, 0, 8, dimensions.len() as u8], &*sizes, content].concat()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn fault(bytes: &[u8]) -> String {
        images(bytes).unwrap_err().to_string()
    }

    #[test]
    fn images_and_labels_come_out_in_file_order() {
        assert_eq!(images(TWO).unwrap(), (3, b"abcdef".to_vec()));
        assert_eq!(labels(&file(&[2], &[7, 255])).unwrap(), [7, 255]);
    }

    #[test]
    fn every_fault_says_what_was_expected_and_what_is_there() {
        let cases = [
            fault(b""),
            fault(b"\0\0\x08"),
            fault(&file(&[2], &[7, 9])),
            fault(b"<html>"),
            fault(&TWO[..9]),
            fault(&TWO[..20]),
            fault(&[TWO, b"g"].concat()),
            fault(&file(&[2, 0, 3], b"")),
            fault(&file(&[0, u32::MAX, u32::MAX], b"")),
            fault(&file(&[u32::MAX; 3], b"abc")),
            fault(&file(&[60_000, 280, 280], b"abc")),
            labels(TWO).unwrap_err().to_string(),
        ];
        insta::assert_snapshot!(cases.join("\n"), @r"
        header is cut: 4 bytes expected, 0 there
        header is cut: 4 bytes expected, 3 there
        starts with 0x00000801, must start with 0x00000803 (images)
        starts with 0x3c68746d, must start with 0x00000803 (images)
        header is cut: 16 bytes expected, 9 there
        header announces 22 bytes in all, 20 there
        header announces 22 bytes in all, 23 there
        header announces 2 x 0 x 3: nothing is in there
        header announces 0 x 4294967295 x 4294967295: nothing is in there
        header announces 4294967295 x 4294967295 x 4294967295 bytes, more than the 1073741824 that are read at most
        header announces 60000 x 280 x 280 bytes, more than the 1073741824 that are read at most
        starts with 0x00000803, must start with 0x00000801 (labels)
        ");
    }

    #[test]
    fn unpacked_content_must_be_what_its_header_announces() {
        let fault = |bytes: &[u8]| unpack(bytes).unwrap_err().to_string();
        let bomb = [TWO, &vec![0; 1 << 20]].concat();
        let mut flipped = gzip(TWO);
        let checksum = flipped.len() - 5;
        flipped[checksum] ^= 1;
        let cases = [
            fault(&gzip(&bomb)),
            fault(&gzip(&TWO[..20])),
            fault(&gzip(b"<html>")),
            fault(&gzip(b"\0\0")),
            fault(&gzip(TWO)[..20]),
            fault(&flipped),
            fault(&[gzip(TWO), b"more".to_vec()].concat()),
            fault(&TWO[..20]),
            fault(b"<html>"),
        ];
        insta::assert_snapshot!(cases.join("\n"), @r"
        unpacks beyond the 22 bytes its header announces
        header announces 22 bytes in all, 20 there
        starts with 0x3c68746d, must start with 0x00000803 (images) or 0x00000801 (labels)
        header is cut: 4 bytes expected, 2 there
        gzip content is cut or corrupt
        gzip content is cut or corrupt
        gzip content is cut or corrupt
        header announces 22 bytes in all, 20 there
        starts with 0x3c68746d, must start with 0x00000803 (images) or 0x00000801 (labels)
        ");
    }

    #[test]
    fn files_that_do_not_belong_together_are_told_by_their_counts() {
        let both = |labels: &[u8]| {
            let labels = file(&[labels.len() as u32], labels);
            samples((Path::new("i"), TWO), (Path::new("l"), &labels))
        };
        assert_eq!(both(&[4, 5]).unwrap().labels, [4, 5]);
        let told = both(&[4, 5, 6]).unwrap_err().to_string();
        assert_eq!(told, "`i` holds 2 images, but `l` holds 3 labels");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in 1u32..9, columns in 1u32..9, content: Vec<u8>) {
            let size = (rows * columns) as usize;
            let n = content.len() / size;
            prop_assume!(n > 0);
            let written = file(&[n as u32, rows, columns], &content[..n * size]);
            let packed = gzip(&written);
            let unpacked = unpack(&packed).unwrap();
            prop_assert_eq!(&*unpacked, &*written);
            prop_assert_eq!(images(&unpacked).unwrap(), (size, content[..n * size].to_vec()));
        }

        #[test]
        fn a_cut_file_is_an_error(cut in 0..TWO.len(), packed_cut in 2usize..60) {
            prop_assert!(images(&TWO[..cut]).is_err());
            let packed = gzip(TWO);
            prop_assert!(unpack(&packed[..packed_cut.min(packed.len() - 1)]).is_err());
        }

        #[test]
        fn a_flipped_header_bit_is_an_error(at in 0usize..16, bit in 0u32..8) {
            let mut bytes = TWO.to_vec();
            bytes[at] ^= 1 << bit;
            prop_assert!(images(&bytes).is_err());
            prop_assert!(unpack(&gzip(&bytes)).is_err());
        }

        #[test]
        fn a_flipped_byte_of_the_gzip_is_an_error_or_harmless(at in 0usize..40, by in 1u8..) {
            let mut packed = gzip(TWO);
            let at = at % packed.len();
            packed[at] ^= by;
            // Some fields of its header (time, system) mean nothing for the content.
            if at >= 2 && let Ok(unpacked) = unpack(&packed) {
                prop_assert_eq!(&*unpacked, TWO);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = (images(&bytes), labels(&bytes), unpack(&bytes), unpack(&gzip(&bytes)));
        }
    }
}
