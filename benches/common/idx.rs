//! Samples as IDX files, which the program loads without unpacking anything.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use backquery::data::{ImageSize, Samples};

/// Writes images and labels, such as `train-images-idx3-ubyte`, of this many rows, which
/// come in pieces.
pub fn write_files(
    folder: &Path,
    part: &str,
    (rows, size): (usize, ImageSize),
    pieces: impl IntoIterator<Item = Samples>,
) {
    let start = |name: &str, magic: [u8; 4], dimensions: &[usize]| {
        let mut file = File::create(folder.join(format!("{part}-{name}-ubyte"))).unwrap();
        file.write_all(&magic).unwrap();
        for &length in dimensions {
            let length = u32::try_from(length).unwrap();
            file.write_all(&length.to_be_bytes()).unwrap();
        }
        file
    };
    let mut images = start(
        "images-idx3",
        [0, 0, 8, 3],
        &[rows, size.height, size.width],
    );
    let mut labels = start("labels-idx1", [0, 0, 8, 1], &[rows]);
    for piece in pieces {
        images.write_all(&piece.pixels).unwrap();
        labels.write_all(&piece.labels).unwrap();
    }
}
