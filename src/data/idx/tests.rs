use super::*;
use crate::data::files::gzip;
use proptest::prelude::*;

/// Two images of 1 x 3 pixels.
const TWO: &[u8] = b"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03abcdef";

fn file(dimensions: &[u32], content: &[u8]) -> Vec<u8> {
    let sizes: Vec<u8> = dimensions.iter().flat_map(|n| n.to_be_bytes()).collect();
    [&[0, 0, 8, dimensions.len() as u8], &*sizes, content].concat()
}

fn images(bytes: &[u8]) -> Result<(ImageSize, Vec<u8>), IdxError> {
    IdxContent::of(bytes)?.images()
}

fn labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    IdxContent::of(bytes)?.labels()
}

fn fault(bytes: &[u8]) -> String {
    images(bytes).unwrap_err().to_string()
}

#[test]
fn images_and_labels_come_out_in_file_order() {
    let size = ImageSize {
        width: 3,
        height: 1,
    };
    assert_eq!(images(TWO).unwrap(), (size, b"abcdef".to_vec()));
    assert_eq!(labels(&file(&[2], &[7, 255])).unwrap(), [7, 255]);
}

/// Joins images and labels of files `i` and `l`.
fn joined(images: &[u8], labels: &[u8], scale: LevelScale) -> Result<SourceRows, DataError> {
    let file = |name: &str, bytes: &[u8]| IdxFile {
        path: name.into(),
        content: IdxContent::of(bytes).unwrap(),
    };
    source_rows(file("i", images), file("l", labels), scale)
}

/// A file of two values of another type, or in other dimensions.
fn of_kind(code: u8, dimensions: u8) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, dimensions];
    bytes.extend([0, 0, 0, 1].repeat(usize::from(dimensions)));
    bytes.extend([0; 16]);
    bytes
}

#[test]
fn every_fault_says_what_was_expected_and_what_is_there() {
    let cases = [
        fault(b""),
        fault(b"\0\0\x08"),
        fault(&file(&[2], &[7, 9])),
        fault(b"<html>"),
        fault(&of_kind(0x0c, 1)),
        fault(&of_kind(0x0c, 2)),
        fault(&of_kind(0x0d, 3)),
        fault(&of_kind(0x0e, 3)),
        fault(&of_kind(0x0b, 3)),
        fault(&of_kind(0x09, 3)),
        fault(&of_kind(0x08, 2)),
        fault(&of_kind(0x08, 4)),
        fault(&of_kind(0x08, 0)),
        fault(&of_kind(0x07, 3)),
        fault(&TWO[..9]),
        fault(&TWO[..20]),
        fault(&[TWO, b"g"].concat()),
        fault(&file(&[2, 0, 3], b"")),
        fault(&file(&[0, u32::MAX, u32::MAX], b"")),
        fault(&file(&[u32::MAX; 3], b"abc")),
        fault(&file(&[60_000, 280, 280], b"abc")),
        labels(TWO).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r#"
    incomplete header; expected 4 bytes, got 0
    incomplete header; expected 4 bytes, got 3
    expected images (unsigned bytes in 3 dimensions), got unsigned bytes (uint8) in 1 dimension; the files of images and labels may be swapped
    no IDX file; expected it to start with 0x00000803 (images) or 0x00000801 (labels), got 0x3c68746d
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got 32-bit integers (int32) in 1 dimension; convert values of 0 to 255 to uint8, in NumPy with `.astype("uint8")`, with images as number x rows x columns and one label per image
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got 32-bit integers (int32) in 2 dimensions; convert values of 0 to 255 to uint8, in NumPy with `.astype("uint8")`, with images as number x rows x columns and one label per image
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got 32-bit floats (float32) in 3 dimensions; scale the values to 0 to 255 and convert them to uint8, or write a CSV file and set `data.levels`
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got 64-bit floats (float64) in 3 dimensions; scale the values to 0 to 255 and convert them to uint8, or write a CSV file and set `data.levels`
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got 16-bit integers (int16) in 3 dimensions; convert values of 0 to 255 to uint8, in NumPy with `.astype("uint8")`, with images as number x rows x columns and one label per image
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got signed bytes (int8) in 3 dimensions; convert values of 0 to 255 to uint8, in NumPy with `.astype("uint8")`, with images as number x rows x columns and one label per image
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got unsigned bytes (uint8) in 2 dimensions; reshape images to number x rows x columns, labels to one per image
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got unsigned bytes (uint8) in 4 dimensions; convert colours to grey levels first
    expected images (unsigned bytes in 3 dimensions) or labels (in 1), got unsigned bytes (uint8) in 0 dimensions; reshape images to number x rows x columns, labels to one per image
    no IDX file; expected it to start with 0x00000803 (images) or 0x00000801 (labels), got 0x00000703
    incomplete header; expected 16 bytes, got 9
    incomplete; expected 22 bytes by its header, got 20
    goes on beyond the 22 bytes its header announces
    no values: the header says 2 x 0 x 3
    no values: the header says 0 x 4294967295 x 4294967295
    too large; expected at most 1073741824 bytes, but the header says 4294967295 x 4294967295 x 4294967295
    too large; expected at most 1073741824 bytes, but the header says 60000 x 280 x 280
    expected labels (unsigned bytes in 1 dimension), got unsigned bytes (uint8) in 3 dimensions; the files of images and labels may be swapped
    "#);
}

#[test]
fn unpacked_content_must_be_what_its_header_announces() {
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
        fault(&[gzip(TWO), vec![0; 99], b"more".to_vec()].concat()),
        fault(&[gzip(TWO), gzip(b"g")].concat()),
        fault(&TWO[..20]),
        fault(b"<html>"),
    ];
    insta::assert_snapshot!(cases.join("\n"), @"
    goes on beyond the 22 bytes its header announces
    incomplete; expected 22 bytes by its header, got 20
    no IDX file; expected it to start with 0x00000803 (images) or 0x00000801 (labels), got 0x3c68746d
    incomplete header; expected 4 bytes, got 2
    gzip content is incomplete or corrupt
    gzip content is incomplete or corrupt
    unexpected bytes after the gzip stream; remove them
    unexpected bytes after the gzip stream; remove them
    goes on beyond the 22 bytes its header announces
    incomplete; expected 22 bytes by its header, got 20
    no IDX file; expected it to start with 0x00000803 (images) or 0x00000801 (labels), got 0x3c68746d
    ");
}

#[test]
fn members_and_padding_of_a_gzip_file_are_read() {
    let padded = [gzip(TWO), vec![0; 512]].concat();
    let members = [gzip(&TWO[..10]), gzip(&TWO[10..])].concat();
    for file in [padded, members] {
        assert_eq!(images(&file).unwrap().1, b"abcdef");
    }
}

#[test]
fn a_pixel_above_white_is_reported_with_its_position() {
    let scale = LevelScale::of(Some(100.0));
    let fault = joined(TWO, &file(&[2], &[0, 1]), scale);
    let cause = std::error::Error::source(&fault.unwrap_err())
        .unwrap()
        .to_string();
    assert_eq!(
        cause,
        "image 1, row 0, column 1 (counted from 0): expected a level from 0 to 100 \
         (`data.levels`), got 101"
    );
}

/// A file that is longer than its header says is not read.
#[test]
fn the_length_of_a_file_is_checked_against_its_header_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images");
    std::fs::write(&path, TWO).unwrap();
    check(&path).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    let cause = |error: DataError| std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        cause(check(&path).unwrap_err()),
        "goes on beyond the 22 bytes its header announces"
    );
    assert!(IdxContent::load(&path).is_err());
    file.set_len(20).unwrap();
    assert_eq!(
        cause(check(&path).unwrap_err()),
        "incomplete; expected 22 bytes by its header, got 20"
    );
    std::fs::write(&path, gzip(TWO)).unwrap();
    check(&path).unwrap();
}

#[test]
fn images_and_labels_of_different_numbers_are_an_error() {
    let both = |labels: &[u8]| {
        let labels = file(&[labels.len() as u32], labels);
        joined(TWO, &labels, LevelScale::of(None))
    };
    assert_eq!(both(&[4, 5]).unwrap().samples.labels, [4, 5]);
    let error = both(&[4, 5, 6]).unwrap_err().to_string();
    assert_eq!(
        error,
        "`l`: expected one label per image of `i`; got 3 labels for 2 images"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in 1u32..9, columns in 1u32..9, content: Vec<u8>) {
        let size = (rows * columns) as usize;
        let n = content.len() / size;
        prop_assume!(n > 0);
        let written = file(&[n as u32, rows, columns], &content[..n * size]);
        let packed = gzip(&written);
        let unpacked = IdxContent::of(&*packed).unwrap();
        prop_assert_eq!(&unpacked.sha256, &sha256([&*written]));
        let read = unpacked.images().unwrap();
        let shape = ImageSize { width: columns as usize, height: rows as usize };
        prop_assert_eq!(read, (shape, content[..n * size].to_vec()));
    }

    #[test]
    fn a_cut_file_is_an_error(cut in 0..TWO.len(), packed_cut in 2usize..60) {
        prop_assert!(images(&TWO[..cut]).is_err());
        let packed = gzip(TWO);
        prop_assert!(images(&packed[..packed_cut.min(packed.len() - 1)]).is_err());
    }

    #[test]
    fn a_flipped_header_bit_is_an_error(at in 0usize..16, bit in 0u32..8) {
        let mut bytes = TWO.to_vec();
        bytes[at] ^= 1 << bit;
        prop_assert!(images(&bytes).is_err());
        prop_assert!(images(&gzip(&bytes)).is_err());
    }

    #[test]
    fn a_flipped_byte_of_the_gzip_is_an_error_or_harmless(at in 0usize..40, by in 1u8..) {
        let mut packed = gzip(TWO);
        let at = at % packed.len();
        packed[at] ^= by;
        // Some fields of its header (time, system) mean nothing for the content.
        if at >= 2 && let Ok((_, pixels)) = images(&packed) {
            prop_assert_eq!(pixels, b"abcdef");
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = (images(&bytes), labels(&bytes), images(&gzip(&bytes)));
    }
}

/// More than is read at a time.
#[test]
fn pieces_are_put_together() {
    let content: Vec<u8> = (0..2 * PIECE + 5).map(|n| (n % 251) as u8).collect();
    let bytes = file(&[content.len() as u32], &content);
    for bytes in [&bytes, &gzip(&bytes)] {
        let read = IdxContent::of(&**bytes).unwrap();
        assert_eq!(
            read.sha256,
            sha256([&*file(&[content.len() as u32], &content)])
        );
        assert!(read.labels().unwrap() == content);
    }
    let cut = labels(&bytes[..PIECE + 10]).unwrap_err().to_string();
    let (all, found) = (bytes.len(), PIECE + 10);
    assert_eq!(
        cut,
        format!("incomplete; expected {all} bytes by its header, got {found}")
    );
}
